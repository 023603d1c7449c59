//! The pages of examples: a request to an endpoint, and its response.

use placewise_model::{Example, Model, Report};

use super::search::Search;
use crate::finding::{Place, codes};
use crate::published::drift::account::Account;
use crate::published::drift::sample_diff::{Change, diff};
use crate::published::read::{Json, LineForm};

pub(super) fn compare(search: &mut Search<'_>, account: &mut Account<'_>, model: &Model, report: &Report, example: &Example) {
    let root = ["examples", example.name.as_str()];
    for (side, payload) in [("request", &example.request), ("response", &example.response)] {
        if payload.is_some() {
            account.expect(&[root[0], root[1], side]);
        }
    }
    let key = model.request_keys(report.format).first().map(|(_, key)| key.value.clone()).unwrap_or_default();
    let is_request = |json: &Json| json.get(&key).is_some();
    for (response, side, payload) in [(false, "request", &example.request), (true, "response", &example.response)] {
        for json in search.samples(response, is_request) {
            let path = [root[0], root[1], side];
            let place = Place { file: search.document.title.place.file, span: json.span.clone() };
            match payload {
                Some(value) => sample(json, value, &path, &place, account),
                None => {
                    let message = format!("the page has the {side} of the example `{}`, the spec does not", example.name);
                    account.states(&path, json.to_value().to_string(), &place);
                    account.differs(
                        codes::DRIFT_SETTLED,
                        message,
                        &Place { span: place.span.start..place.span.start + 1, ..place },
                        &path,
                        "`examples`",
                    );
                }
            }
        }
    }
    // Address and labels of the endpoint; its own page is compared with them.
    for (index, line) in search.left() {
        let text = line.text.value.as_str();
        let lower = text.to_ascii_lowercase();
        let label = ["api permit", "api context", "authorization", "header params", "body", "request", "response", "http"];
        let of_endpoint = text.contains("://")
            || text.contains(':') && !text.contains(' ')
            || matches!(text, "GET" | "POST" | "Customer" | "UserToken");
        if line.form == LineForm::Other && (of_endpoint || label.iter().any(|label| lower.starts_with(label))) {
            search.take(index);
        }
    }
    search.account(&[], account);
}

fn sample(json: &Json, value: &serde_json::Value, path: &[&str; 3], place: &Place, account: &mut Account<'_>) {
    let (mut equal, mut changes) = (Vec::new(), Vec::new());
    diff(json, value, &mut Vec::new(), &mut equal, &mut changes);
    account.states(path, json.to_value().to_string(), place);
    for (steps, change, span) in changes {
        let at = Place { file: place.file, span };
        let name = steps.join(".");
        let full: Vec<&str> = path.iter().copied().chain(steps.iter().map(String::as_str)).collect();
        let (code, message) = match change {
            Change::Added => {
                (codes::DRIFT_ADDED, format!("the page's {} of `{}` has `{name}`, the spec's does not", path[2], path[1]))
            }
            Change::Gone => (codes::DRIFT_MISSING, format!("the page's {} of `{}` lacks `{name}`", path[2], path[1])),
            Change::Value { page, spec } => (
                codes::DRIFT_VALUE,
                format!("`{name}` in the {} of `{}` is {page} on the page, {spec} in the spec", path[2], path[1]),
            ),
        };
        account.differs(code, message, &at, &full, "`examples`");
    }
}
