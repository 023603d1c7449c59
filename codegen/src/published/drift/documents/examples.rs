//! The pages of examples: a request to an endpoint, and its response.

use placewise_model::{Coverage, Example, Model, Report};
use serde_json::Value;

use super::endpoints::HEADINGS;
use super::search::Search;
use crate::finding::{Place, codes};
use crate::published::drift::account::Account;
use crate::published::drift::amendment::{Amendment, Edit};
use crate::published::drift::sample_diff::{Change, diff};
use crate::published::read::Json;

pub(super) fn compare(
    search: &mut Search<'_>,
    account: &mut Account<'_>,
    model: &Model,
    report: &Report,
    example: &Example,
    sure: bool,
) {
    let root = ["examples", example.name.as_str()];
    for (side, payload) in [("request", &example.request), ("response", &example.response)] {
        if payload.is_some() {
            account.expect(&[root[0], root[1], side]);
        }
    }
    let key = model.request_keys(report.format).first().map(|(_, key)| key.value.clone()).unwrap_or_default();
    let is_request = |json: &Json| json.get(&key).is_some();
    if sure && search.document.complete {
        amend(search, account, report, example, &is_request);
    }
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
    search.account(&[], HEADINGS, None, account);
}

/// Takes over the payloads of a page that is not cut. They are changed together with the coverage that they give the example.
fn amend(search: &Search<'_>, account: &mut Account<'_>, report: &Report, example: &Example, is_request: &dyn Fn(&Json) -> bool) {
    let Some(at) = report.examples.iter().position(|other| other.name == example.name).map(|at| at.to_string()) else { return };
    let file = account.spec(&["examples"]).file;
    let mut amendment = Amendment::default();
    let mut known = [example.request.is_some(), example.response.is_some()];
    for (side, (name, payload)) in [("request", &example.request), ("response", &example.response)].into_iter().enumerate() {
        if let [json] = search.samples(side == 1, is_request)[..] {
            known[side] = true;
            if payload.as_ref().is_none_or(|value| differs(json, value)) {
                amendment = amendment.and(file, &["examples", &at, name], Edit::Payload(json.clone()));
            }
        }
    }
    let coverage = if known == [true, true] { Coverage::Whole } else { Coverage::Partial };
    if known != [false, false] && example.coverage != coverage && example.coverage != Coverage::Whole {
        amendment = amendment.and(file, &["examples", &at, "coverage"], Edit::value(coverage.word()));
    }
    account.amend_all(amendment);
}

/// An example that the spec lacks. Once it has an entry, its payloads are compared as those of any other.
pub(super) fn new(search: &Search<'_>, account: &mut Account<'_>, report: &Report) {
    let title = &search.document.title;
    let name = title.value.split_once(" - ").map_or("", |(_, name)| name.trim());
    let message = format!("the page shows the example `{name}` of `{}`, the spec does not", report.name);
    account.added(&["examples"], name, message, &title.place, &[]);
    let entry = serde_json::json!({ "name": name, "coverage": "name-only" });
    account.amend(&["examples", &report.examples.len().to_string()], Edit::append(entry));
}

fn differs(json: &Json, value: &Value) -> bool {
    let mut changes = Vec::new();
    diff(json, value, &mut Vec::new(), &mut Vec::new(), &mut changes);
    !changes.is_empty()
}

fn sample(json: &Json, value: &Value, path: &[&str; 3], place: &Place, account: &mut Account<'_>) {
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
