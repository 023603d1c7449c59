//! The pages of the platform: rate limiting, error statuses, validation of parameters, headers.

use placewise_model::{Header, Model, Provenance, RateLimit, Tristate};

use super::search::{Row, Search, keys};
use super::titles::glued_cells;
use crate::finding::{Place, codes};
use crate::published::drift::account::Account;
use crate::published::read::{Json, LineForm, Node};

pub(super) fn rate_limit(search: &mut Search<'_>, account: &mut Account<'_>, model: &Model) {
    let limit = &model.api.rate_limit;
    let status = limit.status.to_string();
    let names = headers_of(limit);
    for (key, name) in names {
        account.expect(&["rate_limit", key]);
        account.named(&["rate_limit", key], name, None);
    }
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
    kinds(search, account, limit);
    search.all_samples().into_iter().for_each(|json| search.unread_sample(json, account));
    let headings = "bucket buckets header headers limit limiting limits many rate requests token too";
    search.account(&headers_of(limit).map(|(_, name)| name), headings, None, account);
}

/// The kinds of buckets, each an owner and a type. The spec's description names them.
fn kinds(search: &mut Search<'_>, account: &mut Account<'_>, limit: &RateLimit) {
    let described = limit.description.as_deref().unwrap_or_default();
    let described = described.split_whitespace().collect::<Vec<_>>().join(" ");
    for (index, line) in search.left() {
        let cells = match &line.form {
            LineForm::Cells(cells) => cells.clone(),
            LineForm::Prose | LineForm::Other => glued_cells(&line.text),
            _ => continue,
        };
        let [owner, of, ..] = &cells[..] else { continue };
        let kind = format!("{} {}", owner.value, of.value);
        if super::search::word_in(&described, &kind).is_some() {
            account.states(&["rate_limit", "kinds", &kind], kind.as_str(), &line.text.place);
            search.take(index);
        }
    }
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
    for (error, status) in api.errors.iter().zip(&statuses) {
        if let Some(row) = search.row(status) {
            account.states(&["errors", status], status.as_str(), &row.name);
            account.documents(&["errors", status], error.provenance);
            account.states(&["errors", status, "words"], row.text(), &row.line.text.place);
        }
    }
    let headings = "body code codes error errors http status";
    search.account(&statuses.iter().map(String::as_str).collect::<Vec<_>>(), headings, None, account);
}

/// The keys of error bodies in samples, or printed in quotes.
fn body(search: &mut Search<'_>, account: &mut Account<'_>, model: &Model) {
    let body = &model.api.error_body;
    let known = [(body.message.as_str(), vec!["error_body", "message"]), (body.details.as_str(), vec!["error_body", "details"])];
    known.iter().for_each(|(key, path)| account.named(path, key, None));
    for json in search.all_samples() {
        if json.get(&body.message).is_some() || json.get(&body.details).is_some() || json.members().len() == 1 {
            keys(json, &known, &["error_body"], search.document, account);
        } else {
            search.unread_sample(json, account);
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
    let leaf = [("symbol", &body_keys.symbol), ("options", &body_keys.options)];
    let leaf: Vec<(&str, Vec<&str>)> = leaf.into_iter().map(|(name, key)| (key.as_str(), path(name).to_vec())).collect();
    leaf.iter().for_each(|(key, path)| account.named(path, key, None));
    for json in search.all_samples() {
        if let Some(stated) = json.get(&body_keys.message) {
            message(stated, &body_keys.invalid_parameters, search, account);
        }
        json.get(&body_keys.details).into_iter().for_each(|details| leaves(details, &leaf, search, account));
    }
    for (key, path) in &leaf {
        if let Some(row) = search.row(key) {
            account.states(path, *key, &row.name);
        }
    }
    for (name, symbol) in &body_keys.symbols {
        let path = ["error_body", "symbols", name.as_str()];
        if symbol.provenance == Provenance::Documented {
            account.expect(&path);
            symbol.options.iter().take(1).for_each(|_| account.expect(&[path[0], path[1], path[2], "options"]));
        }
        let Some(row) = search.row(name) else { continue };
        account.states(&path, name.as_str(), &row.name);
        account.states(&[path[0], path[1], path[2], "words"], row.text(), &row.line.text.place);
        let text = row.text();
        if symbol.options.iter().all(|option| super::search::word_in(&text, option).is_some()) {
            account.documents(&path, symbol.provenance);
        }
        if !symbol.options.is_empty() {
            account.states(&[path[0], path[1], path[2], "options"], "", &row.line.text.place);
        }
        for option in symbol.options.iter().filter(|_| symbol.provenance == Provenance::Documented) {
            let full = [path[0], path[1], path[2], "options", option.as_str()];
            account.expect(&full);
            if super::search::word_in(&text, option).is_some() {
                account.states(&full, option.as_str(), &row.line.text.place);
            }
        }
    }
    let rows = ["error_body", "symbols"];
    let headings = "body error errors example key keys known options parameter parameters params response";
    search.account(&body_keys.symbols.keys().map(String::as_str).collect::<Vec<_>>(), headings, Some(&rows), account);
}

/// The message of a sample for invalid parameters.
fn message(stated: &Json, known: &str, search: &Search<'_>, account: &mut Account<'_>) {
    let Node::String(text) = &stated.node else { return };
    let place = Place { file: search.document.title.place.file, span: stated.span.clone() };
    let path = ["error_body", "invalid_parameters"];
    if text == known {
        account.states(&path, known, &place);
    } else {
        let message = format!("the message for invalid parameters is `{text}` in the page's sample, `{known}` in the spec");
        account.states_other(codes::DRIFT_VALUE, message, text, &place, &path);
    }
}

/// The leaves of a tree that mirrors a request: lists of errors, each an object.
fn leaves(tree: &Json, known: &[(&str, Vec<&str>)], search: &Search<'_>, account: &mut Account<'_>) {
    tree.elements().iter().for_each(|error| keys(error, known, &["error_body"], search.document, account));
    tree.members().iter().for_each(|member| leaves(&member.value, known, search, account));
}

pub(super) fn headers(search: &mut Search<'_>, account: &mut Account<'_>, model: &Model) {
    let headers = model.api.headers.all();
    // What the spec has from this page, the page must state.
    let page = model.api.headers.content_type.source.as_deref();
    for (key, header) in &headers {
        let of_page = page.is_some() && header.source.as_deref() == page;
        let path = |fact| ["headers", *key, fact];
        let documented = header.provenance == Provenance::Documented;
        if documented || of_page {
            account.expect(&["headers", key]);
        }
        let stated = [
            ("required", documented && header.required == Tristate::Yes),
            ("example", of_page && header.example.is_some()),
            ("value", documented && header.value.is_some()),
        ];
        stated.iter().filter(|(_, expected)| *expected).for_each(|(fact, _)| account.expect(&path(fact)));
        account.named(&["headers", key], &header.name, Some("name"));
        while let Some(row) = search.row(&header.name) {
            account.states(&["headers", key], header.name.as_str(), &row.name);
            // A heading does not tell a value.
            if header.value.is_none() {
                account.documents(&["headers", key], header.provenance);
            }
            of_header(&row, header, key, account);
        }
    }
    search.all_samples().into_iter().for_each(|json| search.unread_sample(json, account));
    search.account(&headers.iter().map(|(_, header)| header.name.as_str()).collect::<Vec<_>>(), "", None, account);
}

/// What a row says of a header: whether it is required, an example, and its only value.
fn of_header(row: &Row<'_>, header: &Header, key: &str, account: &mut Account<'_>) {
    let text = row.text();
    let lower = text.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    let required = match () {
        () if has(&["optional", "not required"]) => Some("no"),
        () if has(&["required", "mandatory"]) => Some("yes"),
        () => None,
    };
    let word = |at: usize| {
        text[at..].trim_start_matches([' ', ':', '`', '"', '“', ',']).split([' ', '`', '"', '”', ',', ';', '|']).next()
    };
    // Other words for it stand in any sentence.
    let marked = ["e.g.", "example:"].iter().find_map(|mark| word(lower.find(mark)? + mark.len()));
    let marked = marked.map(|word| word.trim_end_matches(['.', ')'])).filter(|word| !word.is_empty());
    let example = header.example.as_deref().filter(|example| super::search::word_in(&text, example).is_some()).or(marked);
    let value = header.value.as_deref().filter(|value| value.contains('/'));
    // Another media type stands in its place.
    let media =
        |word: &&str| word.split_once('/').is_some_and(|(kind, of)| ["application", "text"].contains(&kind) && !of.is_empty());
    let words = || text.split([' ', '`', '"', ',', ';', '|', '(', ')']).map(|word| word.trim_end_matches('.'));
    let stated = value.and_then(|value| words().find(|word| *word == value).or_else(|| words().find(media)));
    let known = Some(header.required.word()).filter(|_| header.required != Tristate::Unknown);
    for (fact, stated, spec) in
        [("required", required, known), ("example", example, header.example.as_deref()), ("value", stated, value)]
    {
        let (Some(stated), path) = (stated, ["headers", key, fact]) else { continue };
        let place = &row.line.text.place;
        match spec {
            Some(spec) if spec == stated => account.states(&path, stated, place),
            Some(spec) => {
                let message = format!("`{fact}` of `{}` is `{stated}` on the page, `{spec}` in the spec", header.name);
                account.states_other(codes::DRIFT_VALUE, message, stated, place, &path);
            }
            None => {
                let message = format!("the page states `{fact}` of `{}`, `{stated}`; the spec does not know it", header.name);
                account.states_other(codes::DRIFT_SETTLED, message, stated, place, &path);
            }
        }
    }
}
