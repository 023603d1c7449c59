//! The pages of endpoints: address, cost, and the keys of request and response.

use placewise_model::{Carries, Coverage, Endpoint, Format, Model, Provenance};
use serde_json::Value;

use super::address::{self, known_path, stated};
use super::filters;
use super::openapi::{self, Known, METHODS};
use super::search::{Search, keys};
use crate::finding::{Finding, codes};
use crate::published::drift::account::Account;
use crate::published::drift::amendment::Edit;
use crate::published::read::{Document, DocumentLine, FactFinding, Json, LineForm, Member};

/// The words of the headings of such pages, and of pages of examples.
pub(super) const HEADINGS: &str = "api application authorization authorizations body code context example examples header headers it json openapi parameter parameters params path permit query request response responses run specification try";

pub(super) fn compare(search: &mut Search<'_>, account: &mut Account<'_>, model: &Model, endpoint: &Endpoint) {
    let name = endpoint.name.as_str();
    if endpoint.provenance != Provenance::Assumed {
        account.expect(&[name, "method"]);
    }
    let facts =
        [("path", known_path(endpoint).is_some()), ("permit", endpoint.permit.is_some()), ("cost", endpoint.cost.is_some())];
    for (fact, _) in facts.into_iter().filter(|(_, known)| *known) {
        account.expect(&[name, fact]);
    }
    for (side, fields) in [("request", &endpoint.request), ("response", &endpoint.response)] {
        fields
            .iter()
            .filter(|field| field.provenance == Provenance::Documented)
            .for_each(|field| account.expect(&[name, side, &field.name]));
    }
    let (request, response) = (request_keys(model, endpoint), response_keys(model, endpoint));
    // Other keys of a query belong to its format.
    let own_keys = formats(model, endpoint).next().is_none();
    let fragment = search.openapi();
    let tree = fragment.as_ref().and_then(openapi::parsed);
    let mut address = address::printed(search);
    if let (Some(fragment), Some(tree)) = (&fragment, &tree) {
        address.extend(address::of_openapi(fragment, tree));
    }
    if endpoint.coverage == Coverage::NameOnly {
        account.amend(&[name, "coverage"], Edit::value("partial"));
    }
    if !address.method.is_empty() && !address.path.is_empty() {
        account.documents(&[name], endpoint.provenance);
    }
    address::compare(&address, account, model, endpoint, None);
    // A filter is a tree, whose keys its own page tells.
    let filter = filters::node_keys(&model.filter).into_iter().map(|(key, _)| key).filter(|_| !own_keys);
    address::labels(search, model, endpoint, &filter.collect::<Vec<_>>());
    cost(search, account, endpoint);
    let is_request = |json: &Json| {
        let of = |known: &Known<'_>| known.iter().filter(|(key, _)| json.get(key).is_some()).count();
        of(&request) > of(&response)
    };
    for (response_side, known, side) in [(false, &request, "request"), (true, &response, "response")] {
        for json in search.samples(response_side, is_request) {
            keys(json, known, &[name, side], search.document, account);
            let new = |member: &&Member| known.iter().all(|(key, _)| *key != member.key);
            for member in json.members().iter().filter(new).filter(|_| own_keys) {
                let entry = serde_json::json!({ "type": type_of(&member.value), "provenance": "example" });
                account.amend(&[name, side, &member.key], Edit::append(entry));
            }
        }
    }
    match (fragment, tree) {
        (Some(fragment), Some(tree)) => openapi::compare(&fragment, &tree, account, endpoint, [&request, &response], own_keys),
        (Some(fragment), None) => {
            let finding =
                Finding::new(codes::PAGE_UNREAD, "cannot read this OpenAPI fragment: it is not YAML").at(fragment.place);
            account.read(FactFinding { fact: account.id(&[name]), finding: finding.help("compare it with the spec by hand") });
        }
        (None, _) => {}
    }
    for (known, _) in [(&request, "request"), (&response, "response")] {
        for (key, path) in known {
            while let Some(row) = search.row(key) {
                account.states(path, *key, &row.name);
            }
        }
    }
    // Formats hold the other keys, so this only tells.
    let carried = [&endpoint.carries.report, &endpoint.carries.field].into_iter().flatten();
    let of_formats = formats(model, endpoint).flat_map(|format| model.request_keys(format)).map(|(_, key)| key);
    for key in of_formats.chain(carried) {
        let path = [name, "request", key.value.as_str()];
        if let (Some(id), Some(place)) = (&key.assumption, account.stated_at(&path)) {
            let message = format!("the page states `{}`, which the spec assumes (`{id}`)", key.value);
            account.differs(codes::DRIFT_SETTLED, message, &place, &path, "the key");
        }
    }
    let all: Vec<&str> = request.iter().chain(&response).map(|(key, _)| *key).collect();
    search.account(&all, HEADINGS, None, account);
}

/// The endpoint's own keys; of an endpoint that takes queries, those of its format too.
pub(super) fn request_keys<'m>(model: &'m Model, endpoint: &'m Endpoint) -> Known<'m> {
    let name = endpoint.name.as_str();
    let mut known: Known<'m> =
        endpoint.request.iter().map(|field| (field.name.as_str(), vec![name, "request", field.name.as_str()])).collect();
    for format in formats(model, endpoint) {
        known.extend(
            model
                .request_keys(format)
                .into_iter()
                .map(|(_, key)| (key.value.as_str(), vec![name, "request", key.value.as_str()])),
        );
    }
    let Carries { report, field, .. } = &endpoint.carries;
    known
        .extend([report, field].into_iter().flatten().map(|key| (key.value.as_str(), vec![name, "request", key.value.as_str()])));
    known
}

fn response_keys<'m>(model: &'m Model, endpoint: &'m Endpoint) -> Known<'m> {
    let name = endpoint.name.as_str();
    let mut known: Vec<&str> = endpoint.response.iter().map(|field| field.name.as_str()).collect();
    for format in formats(model, endpoint).filter(|format| model.endpoint_of(*format) == name) {
        match format {
            Format::Records => {
                let keys = &model.records.response;
                known.extend([keys.rows.as_str(), &keys.pagination, &keys.result_type]);
            }
            Format::Timeseries => {
                let keys = &model.timeseries.response;
                known.extend([
                    keys.interval.as_str(),
                    &keys.zone,
                    &keys.buckets,
                    &keys.series,
                    &keys.data_points,
                    &keys.result_type,
                ]);
            }
            Format::Statistics => {}
        }
    }
    known.into_iter().map(|key| (key, vec![name, "response", key])).collect()
}

fn formats<'m>(model: &'m Model, endpoint: &'m Endpoint) -> impl Iterator<Item = Format> + 'm {
    let served = [Format::Records, Format::Timeseries, Format::Statistics].into_iter();
    served.filter(|format| model.endpoint_of(*format) == endpoint.name || endpoint.carries.query_format == Some(*format))
}

/// Whether a page that the spec does not know documents an endpoint: it has an OpenAPI fragment, or prints a method on a line of its own.
pub(super) fn is_endpoint(document: &Document) -> bool {
    let method = |line: &DocumentLine| line.form == LineForm::Other && METHODS.contains(&line.text.value.as_str());
    document.openapi.is_some() || document.lines.iter().any(method)
}

/// An endpoint that the spec lacks. Once it has the address, the rest is compared as of any other.
pub(super) fn new(search: &mut Search<'_>, account: &mut Account<'_>) {
    let title = search.document.title.clone();
    let printed = address::printed(search);
    let fragment = search.openapi();
    let mut address =
        fragment.and_then(|fragment| Some(address::of_openapi(&fragment, &openapi::parsed(&fragment)?))).unwrap_or_default();
    address.extend(printed);
    let message = format!("the page documents the endpoint `{}`, the spec does not", title.value);
    let name = plain_name(&title.value);
    account.added(&[], &name, message, &title.place, &[]);
    if let (Some((method, _)), Some((path, _))) = (address.method.first(), address.path.first()) {
        let entry = serde_json::json!({ "title": title.value, "method": method, "path": path, "coverage": "partial" });
        account.amend(&[&name], Edit::append(entry));
    }
    account.skip(&[]);
}

/// A title as the name of an entry: `Query (records)` as `query_records`.
pub(super) fn plain_name(title: &str) -> String {
    let words = title.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("_")
}

fn cost(search: &mut Search<'_>, account: &mut Account<'_>, endpoint: &Endpoint) {
    let path = [endpoint.name.as_str(), "cost"];
    let numbers = search.numbers(&["token"]);
    let Some((number, place, _)) = numbers.first() else { return };
    stated(&[(number.to_string(), place.clone())], endpoint.cost.map(|cost| cost.to_string()).as_deref(), &path, "cost", account);
}

/// The type of a value in a sample, in the words of the spec.
fn type_of(json: &Json) -> String {
    match json.to_value() {
        Value::Bool(_) => "boolean".into(),
        Value::Number(number) if number.is_f64() => "number".into(),
        Value::Number(_) => "integer".into(),
        Value::String(_) => "string".into(),
        Value::Array(_) if !json.elements().is_empty() => {
            let mut types: Vec<String> = json.elements().iter().map(type_of).collect();
            types.dedup();
            if let [of] = &types[..] { format!("array[{of}]") } else { "json".into() }
        }
        _ => "json".into(),
    }
}
