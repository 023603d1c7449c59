//! The pages of the platform: rate limiting, error statuses, validation of parameters, headers.

use placewise_model::{Model, Provenance, RateLimit};

use super::search::{Search, keys};
use crate::finding::Place;
use crate::published::drift::account::Account;

pub(super) fn rate_limit(search: &mut Search<'_>, account: &mut Account<'_>, model: &Model) {
    let limit = &model.api.rate_limit;
    let status = limit.status.to_string();
    let names = headers_of(limit);
    names.iter().for_each(|(key, _)| account.expect(&["rate_limit", key]));
    account.expect(&["rate_limit", "status"]);
    for (key, name) in names {
        while let Some(row) = search.row(name) {
            account.states(&["rate_limit", key], name, &row.name);
        }
        if let Some(place) = search.word(name) {
            account.states(&["rate_limit", key], name, &place);
        }
    }
    if let Some(place) = search.word(&status) {
        account.states(&["rate_limit", "status"], status.as_str(), &place);
    }
    for (key, setting, words) in [
        ("capacity", &limit.capacity, &["capacity", "bucket", "hold", "full"][..]),
        ("refill", &limit.refill, &["second", "refill"][..]),
    ] {
        if setting.assumption.is_none() {
            account.expect(&["rate_limit", key]);
        }
        let numbers = search.numbers(&["token"]).into_iter().filter(|(_, _, clause)| {
            let lower = clause.to_ascii_lowercase();
            words.iter().any(|word| lower.contains(word)) && (key == "refill") == lower.contains("second")
        });
        search.limit(numbers.collect(), u64::from(setting.value), setting.assumption.as_deref(), &["rate_limit", key], account);
    }
    search.account(&headers_of(limit).map(|(_, name)| name), account);
}

fn headers_of(limit: &RateLimit) -> [(&'static str, &str); 4] {
    [("retry_after", &limit.retry_after), ("bucket", &limit.bucket), ("remaining", &limit.remaining), ("cost", &limit.cost)]
}

pub(super) fn errors(search: &mut Search<'_>, account: &mut Account<'_>, model: &Model) {
    let api = &model.api;
    let statuses: Vec<String> = api.errors.iter().map(|error| error.status.to_string()).collect();
    for (error, status) in api.errors.iter().zip(&statuses) {
        // The page on rate limits states that one.
        if error.provenance == Provenance::Documented && error.status != api.rate_limit.status {
            account.expect(&["errors", status]);
        }
    }
    account.expect(&["error_body", "message"]);
    body(search, account, model);
    for status in &statuses {
        if let Some(row) = search.row(status) {
            account.states(&["errors", status], status.as_str(), &row.name);
            account.states(&["errors", status, "words"], row.text(), &row.line.text.place);
        }
    }
    search.account(&statuses.iter().map(String::as_str).collect::<Vec<_>>(), account);
}

/// The keys of error bodies in samples, or printed in quotes.
fn body(search: &mut Search<'_>, account: &mut Account<'_>, model: &Model) {
    let body = &model.api.error_body;
    let known = [(body.message.as_str(), vec!["error_body", "message"]), (body.details.as_str(), vec!["error_body", "details"])];
    for json in search.all_samples() {
        if json.get(&body.message).is_some() || json.get(&body.details).is_some() || json.members().len() == 1 {
            keys(json, &known, &["error_body"], search.document, account);
        }
    }
    for (key, path) in &known {
        let quoted = format!("\"{key}\"");
        if let Some(place) = search.text(&quoted) {
            account.states(path, *key, &Place { span: place.span.start + 1..place.span.end.saturating_sub(1), ..place });
        }
    }
}

pub(super) fn validation(search: &mut Search<'_>, account: &mut Account<'_>, model: &Model) {
    let body_keys = &model.api.error_body;
    let path = |name: &'static str| ["error_body", name];
    for name in ["message", "details", "symbol", "options", "invalid_parameters"] {
        account.expect(&path(name));
    }
    body(search, account, model);
    for (name, key) in [("symbol", &body_keys.symbol), ("options", &body_keys.options)] {
        if let Some(place) = search.text(&format!("\"{key}\"")) {
            account.states(&path(name), key.as_str(), &place);
        } else if let Some(row) = search.row(key) {
            account.states(&path(name), key.as_str(), &row.name);
        }
    }
    if let Some(place) = search.text(&body_keys.invalid_parameters) {
        account.states(&path("invalid_parameters"), body_keys.invalid_parameters.as_str(), &place);
    }
    for (name, symbol) in &body_keys.symbols {
        let path = ["error_body", "symbols", name.as_str()];
        if symbol.provenance == Provenance::Documented {
            account.expect(&path);
        }
        let Some(row) = search.row(name) else { continue };
        account.states(&path, name.as_str(), &row.name);
        account.states(&[path[0], path[1], path[2], "words"], row.text(), &row.line.text.place);
        let text = row.text();
        for option in symbol.options.iter().filter(|_| symbol.provenance == Provenance::Documented) {
            let full = [path[0], path[1], path[2], "options", option.as_str()];
            account.expect(&full);
            if super::search::word_in(&text, option).is_some() {
                account.states(&full, option.as_str(), &row.line.text.place);
            }
        }
    }
    search.account(&body_keys.symbols.keys().map(String::as_str).collect::<Vec<_>>(), account);
}

pub(super) fn headers(search: &mut Search<'_>, account: &mut Account<'_>, model: &Model) {
    let headers = model.api.headers.all();
    for (key, header) in &headers {
        if header.provenance == Provenance::Documented {
            account.expect(&["headers", key]);
        }
        while let Some(row) = search.row(&header.name) {
            account.states(&["headers", key], header.name.as_str(), &row.name);
        }
        if let Some(place) = search.word(&header.name) {
            account.states(&["headers", key], header.name.as_str(), &place);
        }
    }
    search.account(&headers.iter().map(|(_, header)| header.name.as_str()).collect::<Vec<_>>(), account);
}
