//! Doc comments of generated items.

use placewise_model::{Adds, Coverage, Endpoint, Field, Filterability, Format, Provenance, Report};

use crate::emit::markdown;

/// The docs of a report's module.
pub(super) fn module(report: &Report) -> Vec<String> {
    let mut docs = vec![format!("Report {} ({}).", markdown::code(&report.name), report.format.word())];
    if let Some(description) = &report.description {
        docs.extend(markdown::paragraphs(description).iter().map(|paragraph| markdown::markdown(paragraph)));
    }
    let coverage = coverage(report);
    docs.push(match &report.source {
        Some(source) => format!("{coverage}: <{source}>"),
        None => format!("{coverage}; no documentation page was seen."),
    });
    if report.permit.is_none() && report.cost.is_none() {
        docs.push("Its permit and its cost are unknown.".into());
    }
    if let Some(lag) = &report.data_lag {
        docs.push(with_provenance(format!("Data lag: {}.", markdown::markdown(&lag.to_string())), lag.provenance));
    }
    docs.extend(report.adds.as_ref().map(Adds::sentence));
    docs.extend(filterability(report).map(Into::into));
    if !report.unnamed.is_empty() {
        docs.push("Fields with unknown names; rows keep them as unknown keys:".into());
        docs.push(list(report.unnamed.iter().map(|field| {
            let description = field.description.as_deref().map_or_else(|| "not described".into(), markdown::markdown);
            with_provenance(format!("{}: {description}", markdown::code(&field.printed)), field.provenance)
        })));
    }
    if !report.quirks.is_empty() {
        docs.push("Quirks: the page contradicts itself, or a capture of it lost something:".into());
        docs.push(list(report.quirks.iter().map(|quirk| {
            let at: Vec<String> = quirk.at.iter().map(|at| markdown::code(at)).collect();
            format!("{}: {}", at.join(", "), markdown::markdown(&quirk.description))
        })));
    }
    docs
}

/// One sentence for all fields whose filterability is not documented.
fn filterability(report: &Report) -> Option<&'static str> {
    let any = |of: &Filterability| report.fields.iter().any(|field| field.filterable == *of);
    if any(&Filterability::Unknown) {
        Some("Filterability is not documented unless a field says so; the server decides.")
    } else if any(&Filterability::UnknownStrict) {
        Some("Filterability is not documented unless a field says so; other fields are not filterable here.")
    } else {
        None
    }
}

fn list(items: impl Iterator<Item = String>) -> String {
    items.map(|item| format!("- {item}")).collect::<Vec<_>>().join("\n")
}

fn coverage(report: &Report) -> &'static str {
    match (report.coverage, report.format) {
        (Coverage::Whole, _) => {
            "Based on the complete documentation page, except for details that captures omit, such as column icons"
        }
        (Coverage::Partial, Format::Records) => "Partly documented; rows keep unknown keys in `other`",
        (Coverage::Partial, Format::Timeseries) => "Partly documented; labels keep unknown keys in `other`",
        (Coverage::Partial, Format::Statistics) => "Partly documented; the response format is undocumented",
        (Coverage::NameOnly, Format::Records) => "Only the name is known; rows are JSON objects",
        (Coverage::NameOnly, Format::Timeseries) => "Only the name is known; labels are JSON objects",
        (Coverage::NameOnly, Format::Statistics) => "Only the name is known; the response is JSON",
    }
}

/// The docs of an endpoint's marker.
pub(super) fn endpoint(endpoint: &Endpoint) -> Vec<String> {
    let title = endpoint.title.as_deref().map_or_else(|| markdown::code(&endpoint.name), markdown::markdown);
    let mut docs = match endpoint.description.as_deref().map(markdown::paragraphs).as_deref() {
        Some([first, rest @ ..]) => {
            let mut docs = vec![format!("{title}: {}", markdown::markdown(first))];
            docs.extend(rest.iter().map(|paragraph| markdown::markdown(paragraph)));
            docs
        }
        _ => vec![format!("{title}.")],
    };
    if let Some(last) = docs.last_mut() {
        *last = with_provenance(std::mem::take(last), endpoint.provenance);
    }
    docs.push(path(endpoint));
    let mut facts = vec![match endpoint.coverage {
        Coverage::Whole => "Based on the complete documentation page.".to_owned(),
        Coverage::Partial => "Partly documented.".into(),
        Coverage::NameOnly => "Only the name is known; its request and response are JSON.".into(),
    }];
    if let Some(permit) = &endpoint.permit {
        facts.push(format!("Permit: {}.", markdown::code(permit)));
    }
    if let Some(cost) = endpoint.cost {
        facts.push(format!("Cost: {cost} {}.", if cost == 1 { "token" } else { "tokens" }));
    }
    if let Some(source) = &endpoint.source {
        facts.push(format!("Source: <{source}>"));
    }
    docs.push(facts.join(" "));
    docs
}

fn path(endpoint: &Endpoint) -> String {
    let assume = |id: &str| format!("`.assume({id:?}, \"/…\")` when building the client");
    match (&endpoint.path.value, &endpoint.path.assumption) {
        (Some(path), None) => format!("{} {}", endpoint.method, markdown::code(path)),
        (Some(path), Some(id)) => {
            format!("{} {} (assumed; override it with {}).", endpoint.method, markdown::code(path), assume(id))
        }
        (None, Some(id)) => format!("{}; the path is unknown, set it with {}.", endpoint.method, assume(id)),
        (None, None) => format!("{}; the path is unknown.", endpoint.method),
    }
}

/// The docs of a field: description and provenance.
pub(super) fn field(field: &Field) -> Vec<String> {
    let mut docs: Vec<String> = match &field.description {
        Some(description) => markdown::paragraphs(description).iter().map(|paragraph| markdown::markdown(paragraph)).collect(),
        None => vec!["Not described.".into()],
    };
    if let Some(last) = docs.last_mut() {
        *last = with_provenance(std::mem::take(last), field.provenance);
        if field.deprecated {
            last.push_str(" Deprecated.");
        }
        if field.optional {
            last.push_str(" Examples omit it.");
        }
        if let Some(adds) = &field.adds {
            last.push_str(&format!(" {}", adds.sentence()));
        }
    }
    docs
}

/// A text with its provenance, unless it is documented.
pub(super) fn with_provenance(mut text: String, provenance: Provenance) -> String {
    match provenance {
        Provenance::Documented => {}
        Provenance::Example => text.push_str(" (Seen only in an example.)"),
        Provenance::Inferred => text.push_str(" (Inferred, not documented.)"),
        Provenance::Assumed => text.push_str(" (Assumed.)"),
        Provenance::Unknown => text.push_str(" (Not documented.)"),
    }
    text
}
