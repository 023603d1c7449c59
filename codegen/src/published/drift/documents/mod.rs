//! Compares pages that are no report's, and the navigation before every page, with the spec. This is where a page finds its part of the
//! spec: by its title.
//!
//! Such pages have no fixed layout. A fact of the spec is found by its name (the first cell of a row, a heading, a key of a sample) or by
//! a number with its words. What a row says in words is recorded, so that its digest tells of a change, but not compared.

mod address;
mod beside;
mod endpoints;
mod examples;
mod filters;
mod formats;
mod left;
mod navigation;
mod openapi;
mod platform;
mod search;
mod titles;

use placewise_model::{Endpoint, Example, Model, Report};

use super::account::{Account, Drift};
use super::compare::drift;
use crate::finding::{FileId, Finding, codes};
use crate::published::read::{Document, FactFinding, Kind, Page, PublishedPage, ReadPage};
use crate::resolve::UncheckedModel;
use crate::source::{Doc, Spec};
use search::Search;

/// Compares a page of any kind, and the navigation before it, with the spec. `source` is the page's address, if it was fetched.
pub fn compare(read: &ReadPage, source: Option<&str>, model: &Model, spec: &Spec) -> Drift {
    let mut drift = compare_page(read, source, model, spec);
    drift.extend(navigation::compare(&read.navigation, model, spec));
    drift
}

/// Compares a page without the navigation before it.
fn compare_page(read: &ReadPage, source: Option<&str>, model: &Model, spec: &Spec) -> Drift {
    match &read.page {
        Some(Page::Report(page)) => report(read, page, source, model, spec),
        Some(Page::Document(document)) => {
            let mut drift = compare_document(document, read.kind, source, model, spec);
            drift.findings.extend(read.findings.iter().cloned());
            drift
        }
        None => Drift { findings: read.findings.clone(), ..Drift::default() },
    }
}

/// Compares a page with the one file of the spec that `file` is: the page itself, if it is about that file, and the endpoints that the
/// navigation lists. `None` if the page states nothing of that file.
pub fn compare_with_file(read: &ReadPage, source: Option<&str>, model: &Model, spec: &Spec, file: FileId) -> Option<Drift> {
    let page = compare_page(read, source, model, spec);
    let about = page.about == Some(file);
    let mut drift = if about { page } else { Drift { about: page.about, ..Drift::default() } };
    if spec.endpoints.as_ref().is_some_and(|doc| doc.file == file) && !read.navigation.entries.is_empty() {
        let mut navigation = navigation::compare(&read.navigation, model, spec);
        navigation.findings.retain(|one| one.fact.starts_with("navigation/endpoints/"));
        navigation.unreached.clear();
        drift.extend(navigation);
    } else if !about {
        return None;
    }
    drift.amendments.retain(|amendment| amendment.is_of(file));
    Some(drift)
}

/// Compares with the report that names the address as its source, or else the one with the page's name.
fn report(read: &ReadPage, page: &PublishedPage, source: Option<&str>, model: &Model, spec: &Spec) -> Drift {
    let (name, place) = (page.name.value.as_str(), &page.name.place);
    let docs = || spec.reports.iter().map(|(_, doc)| doc);
    let fetched = docs().find(|doc| source.is_some() && doc.value.source.as_deref() == source);
    let doc = fetched.or_else(|| docs().find(|doc| doc.value.report == name));
    let (Some(report), Some(doc)) = (doc.and_then(|doc| model.report(&doc.value.report)), doc) else {
        let finding = Finding::new(codes::DRIFT_REPORT_MISSING, format!("the spec has no report `{name}`"))
            .at(place.clone())
            .help("create it with `cargo codegen import` and this page");
        let finding = FactFinding { fact: crate::published::read::fact_id(&["reports", name]), finding };
        return Drift { findings: vec![finding], ..Drift::default() };
    };
    let platform = UncheckedModel {
        filter: Some(model.filter.clone()),
        records: Some(model.records.clone()),
        timeseries: Some(model.timeseries.clone()),
        statistics: Some(model.statistics.clone()),
        ..UncheckedModel::default()
    };
    Drift { about: Some(doc.file), ..drift(read, report, &platform, &|path| doc.at(path)) }
}

/// What a document is about.
#[derive(Clone, Copy)]
enum Subject<'m> {
    Filters,
    Records,
    Timeseries,
    Statistics,
    Endpoint(&'m Endpoint),
    /// An endpoint that the spec lacks.
    NewEndpoint,
    /// An example, and whether name or address tell which one of the report it is.
    Example(&'m Report, &'m Example, bool),
    /// An example that the spec lacks.
    NewExample(&'m Report),
    RateLimit,
    Errors,
    Validation,
    Headers,
}

/// The subject of a title, or of the kind that the user named.
fn subject<'m>(document: &Document, kind: Option<Kind>, source: Option<&str>, model: &'m Model) -> Option<Subject<'m>> {
    let title = document.title.value.as_str();
    let lower = title.trim().to_lowercase();
    let endpoint =
        model.endpoints.iter().find(|endpoint| endpoint.title.as_deref().is_some_and(|title| title.to_lowercase() == lower));
    let example = || {
        let (name, shown) = title.split_once(" - ")?;
        let report = model.report(name.trim())?;
        let own_page = |example: &&Example| example.source.is_some() && example.source != report.source;
        let fetched = report.examples.iter().find(|example| own_page(example) && example.source.as_deref() == source);
        let named = fetched.or_else(|| report.examples.iter().find(|example| example.name == shown.trim()));
        let known = named.or_else(|| report.examples.iter().find(own_page));
        Some(known.map_or(Subject::NewExample(report), |example| Subject::Example(report, example, named.is_some())))
    };
    match kind {
        Some(Kind::Filters) => return Some(Subject::Filters),
        Some(Kind::Records) => return Some(Subject::Records),
        Some(Kind::Timeseries) => return Some(Subject::Timeseries),
        Some(Kind::Statistics) => return Some(Subject::Statistics),
        Some(Kind::Endpoint) => return Some(endpoint.map_or(Subject::NewEndpoint, Subject::Endpoint)),
        Some(Kind::Example) => return example(),
        Some(Kind::RateLimit) => return Some(Subject::RateLimit),
        Some(Kind::Errors) => return Some(Subject::Errors),
        Some(Kind::Validation) => return Some(Subject::Validation),
        Some(Kind::Headers) => return Some(Subject::Headers),
        Some(Kind::Report) | None => {}
    }
    if let Some(endpoint) = endpoint {
        return Some(Subject::Endpoint(endpoint));
    }
    match lower.as_str() {
        "records" => return Some(Subject::Records),
        "timeseries" => return Some(Subject::Timeseries),
        "statistics" => return Some(Subject::Statistics),
        _ => {}
    }
    let new = || endpoints::is_endpoint(document).then_some(Subject::NewEndpoint);
    example().or_else(|| platform_page(&lower)).or_else(new)
}

/// The platform's page with a title in lower case.
fn platform_page(lower: &str) -> Option<Subject<'static>> {
    let has = |word: &str| lower.contains(word);
    match () {
        () if has("filter") => Some(Subject::Filters),
        () if has("rate limit") => Some(Subject::RateLimit),
        () if has("validation") => Some(Subject::Validation),
        () if has("error") => Some(Subject::Errors),
        () if has("headers") => Some(Subject::Headers),
        () => None,
    }
}

/// Whether the spec knows of a page of the platform with that title. An introduction and the site's own folders state nothing of their own.
fn is_platform_page(title: &str) -> bool {
    let lower = title.trim().to_lowercase();
    platform_page(&lower).is_some()
        || ["introduction", "data formats", "reports", "examples", "records", "timeseries", "statistics"]
            .contains(&lower.as_str())
}

fn compare_document(document: &Document, kind: Option<Kind>, source: Option<&str>, model: &Model, spec: &Spec) -> Drift {
    let Some(subject) = subject(document, kind, source, model) else {
        let message =
            format!("the spec has nothing of a page with the title `{}`, so nothing was compared", document.title.value);
        let finding = Finding::new(codes::PAGE_UNKNOWN, message).at(document.title.place.clone());
        let finding = finding.help("say what the page is with `--kind KIND`");
        return Drift { findings: vec![FactFinding { fact: "page".into(), finding }], ..Drift::default() };
    };
    let whole = pass(document, subject, model, spec, true);
    // The last line of a cut text may be incomplete; but the text may also lack nothing but its footer.
    if document.complete || whole.findings.is_empty() { whole } else { pass(document, subject, model, spec, false) }
}

fn pass(document: &Document, subject: Subject<'_>, model: &Model, spec: &Spec, with_last: bool) -> Drift {
    let (doc, root, below): (&Option<Doc>, &str, &[&str]) = match subject {
        Subject::Filters => (&spec.filters, "filters", &[]),
        Subject::Records | Subject::Timeseries | Subject::Statistics => (&spec.formats, "formats", &[]),
        Subject::Endpoint(_) | Subject::NewEndpoint => (&spec.endpoints, "endpoints", &["endpoints"]),
        Subject::Example(report, ..) | Subject::NewExample(report) => {
            let doc = spec.reports.iter().find(|(_, doc)| doc.value.report == report.name).map(|(_, doc)| doc);
            let place_of = |path: &[&str]| doc.map_or(document.end.clone(), |doc| doc.at(path));
            let mut search = Search::new(document, with_last);
            let address = example_address(&mut search, subject, model, spec);
            let mut drift = run(&mut search, subject, model, Account::new(&["reports", &report.name], &place_of));
            drift.extend(address);
            return Drift { about: doc.map(|doc| doc.file), ..drift };
        }
        Subject::RateLimit | Subject::Errors | Subject::Validation | Subject::Headers => (&spec.api, "api", &[]),
    };
    let place_of = |path: &[&str]| doc.as_ref().map_or(document.end.clone(), |doc| doc.at(&[below, path].concat()));
    let mut search = Search::new(document, with_last);
    let drift = run(&mut search, subject, model, Account::new(&[root], &place_of).within(below));
    Drift { about: doc.as_ref().map(|doc| doc.file), ..drift }
}

/// Compares the address on the page of an example with the endpoint of its format.
fn example_address(search: &mut Search<'_>, subject: Subject<'_>, model: &Model, spec: &Spec) -> Drift {
    let Subject::Example(report, example, _) = subject else { return Drift::default() };
    let name = model.endpoint_of(report.format);
    let Some(endpoint) = model.endpoints.iter().find(|endpoint| endpoint.name == name) else { return Drift::default() };
    let title = &search.document.title.place;
    let place_of = |path: &[&str]| spec.endpoints.as_ref().map_or(title.clone(), |doc| doc.at(&[&["endpoints"], path].concat()));
    let mut account = Account::new(&["endpoints"], &place_of).within(&["endpoints"]);
    let printed = address::printed(search);
    address::compare(&printed, &mut account, model, endpoint, example.source.as_deref());
    let mut keys: Vec<&str> = endpoints::request_keys(model, endpoint).into_iter().map(|(key, _)| key).collect();
    keys.extend(filters::node_keys(&model.filter).into_iter().map(|(key, _)| key));
    address::labels(search, model, endpoint, &keys);
    account.finish(None, false, title)
}

fn run(search: &mut Search<'_>, subject: Subject<'_>, model: &Model, mut account: Account<'_>) -> Drift {
    let document = search.document;
    match subject {
        Subject::Filters => filters::compare(search, &mut account, &model.filter),
        Subject::Records => formats::records(search, &mut account, model),
        Subject::Timeseries => formats::timeseries(search, &mut account, model),
        Subject::Statistics => formats::statistics(search, &mut account, model),
        Subject::Endpoint(endpoint) => endpoints::compare(search, &mut account, model, endpoint),
        Subject::NewEndpoint => endpoints::new(search, &mut account),
        Subject::Example(report, example, sure) => examples::compare(search, &mut account, model, report, example, sure),
        Subject::NewExample(report) => examples::new(search, &mut account, report),
        Subject::RateLimit => platform::rate_limit(search, &mut account, model),
        Subject::Errors => platform::errors(search, &mut account, model),
        Subject::Validation => platform::validation(search, &mut account, model),
        Subject::Headers => platform::headers(search, &mut account, model),
    }
    if document.complete {
        account.lacks_unmet(&document.title.place);
    }
    account.finish(
        (!document.complete).then_some(&document.end),
        search.lines.len() < document.lines.len(),
        &document.title.place,
    )
}
