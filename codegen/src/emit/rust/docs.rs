//! Doc comments of generated items: what a thing means, how well it is known, and what a user should know before relying on it. In: parts of
//! the model; out: paragraphs of Markdown.

use placewise_model::{Coverage, Endpoint, Field, Format, Provenance, Report};

use crate::emit::text;

/// What the module of a report says.
pub(super) fn module(report: &Report) -> Vec<String> {
    let mut docs = vec![format!("Report {} ({}).", text::code(&report.name), report.format.word())];
    if let Some(description) = &report.description {
        docs.extend(text::paragraphs(description).iter().map(|paragraph| text::markdown(paragraph)));
    }
    let coverage = coverage(report);
    docs.push(match &report.source {
        Some(source) => format!("{coverage}: <{source}>"),
        None => format!("{coverage}; no page of it was seen."),
    });
    if report.permit.is_none() && report.cost.is_none() {
        docs.push("Its permit and its cost are not known.".into());
    }
    if let Some(lag) = &report.data_lag {
        docs.push(format!("Its data lag behind by {}.", text::markdown(lag)));
    }
    if !report.unnamed.is_empty() {
        docs.push("Fields that exist and whose names are not known; rows that have them keep them as unmodelled keys:".into());
        docs.push(list(report.unnamed.iter().map(|field| {
            let description = field.description.as_deref().map_or_else(|| "not described".into(), text::markdown);
            with_standing(format!("{}: {description}", text::code(&field.printed)), field.provenance)
        })));
    }
    if !report.quirks.is_empty() {
        docs.push("What to know of the page, where it contradicts itself or where captures of it lose something:".into());
        docs.push(list(report.quirks.iter().map(|quirk| {
            let at: Vec<String> = quirk.at.iter().map(|at| text::code(at)).collect();
            format!("{}: {}", at.join(", "), text::markdown(&quirk.description))
        })));
    }
    docs
}

fn list(items: impl Iterator<Item = String>) -> String {
    items.map(|item| format!("- {item}")).collect::<Vec<_>>().join("\n")
}

fn coverage(report: &Report) -> &'static str {
    match (report.coverage, report.format) {
        (Coverage::Whole, _) => "Its whole page was read, but for what captures lose, such as the icons of its columns",
        (Coverage::Partial, Format::Records) => "Only a part of it is known: rows keep what is not modelled in `other`",
        (Coverage::Partial, Format::Timeseries) => "Only a part of it is known: labels keep what is not modelled in `other`",
        (Coverage::Partial, Format::Statistics) => "Only a part of it is known, and the form of its answers is not",
        (Coverage::NameOnly, Format::Records) => "Only its name is known: rows are JSON objects",
        (Coverage::NameOnly, Format::Timeseries) => "Only its name is known: labels are JSON objects",
        (Coverage::NameOnly, Format::Statistics) => "Only its name is known: the answer is JSON",
    }
}

/// What the marker of an endpoint says.
pub(super) fn endpoint(endpoint: &Endpoint) -> Vec<String> {
    let title = endpoint.title.as_deref().map_or_else(|| text::code(&endpoint.name), text::markdown);
    let mut docs = match endpoint.description.as_deref().map(text::paragraphs).as_deref() {
        Some([first, rest @ ..]) => {
            let mut docs = vec![format!("{title}: {}", text::markdown(first))];
            docs.extend(rest.iter().map(|paragraph| text::markdown(paragraph)));
            docs
        }
        _ => vec![format!("{title}.")],
    };
    if let Some(last) = docs.last_mut() {
        *last = with_standing(std::mem::take(last), endpoint.provenance);
    }
    docs.push(path(endpoint));
    let mut facts = vec![match endpoint.coverage {
        Coverage::Whole => "Its whole page was read.".to_owned(),
        Coverage::Partial => "Only a part of it is known.".into(),
        Coverage::NameOnly => "Only its name is known: what it takes and gives is JSON.".into(),
    }];
    if let Some(permit) = &endpoint.permit {
        facts.push(format!("It needs the permit {}.", text::code(permit)));
    }
    if let Some(cost) = endpoint.cost {
        facts.push(format!("A call takes {cost} {}.", if cost == 1 { "token" } else { "tokens" }));
    }
    if let Some(source) = &endpoint.source {
        facts.push(format!("Source: <{source}>"));
    }
    docs.push(facts.join(" "));
    docs
}

fn path(endpoint: &Endpoint) -> String {
    let turn = |id: &str| format!("`.assume({id:?}, \"/…\")` when building the client");
    match (&endpoint.path.value, &endpoint.path.assumption) {
        (Some(path), None) => format!("{} {}", endpoint.method, text::code(path)),
        (Some(path), Some(id)) => {
            format!("{} {}, which is assumed: turn it with {}.", endpoint.method, text::code(path), turn(id))
        }
        (None, Some(id)) => format!("{}; its path is not known: set it with {}.", endpoint.method, turn(id)),
        (None, None) => format!("{}; its path is not known.", endpoint.method),
    }
}

/// What a field means, and what a user should know of how it is known.
pub(super) fn field(field: &Field) -> Vec<String> {
    let mut docs: Vec<String> = match &field.description {
        Some(description) => text::paragraphs(description).iter().map(|paragraph| text::markdown(paragraph)).collect(),
        None => vec!["Not described.".into()],
    };
    if let Some(last) = docs.last_mut() {
        *last = with_standing(std::mem::take(last), field.provenance);
        if field.optional {
            last.push_str(" Examples lack it.");
        }
    }
    docs
}

/// A text with how well it is known, where that is not by a page.
pub(super) fn with_standing(mut text: String, provenance: Provenance) -> String {
    match provenance {
        Provenance::Documented => {}
        Provenance::Example => text.push_str(" (Seen in an example only.)"),
        Provenance::Inferred => text.push_str(" (Inferred, not stated.)"),
        Provenance::Assumed => text.push_str(" (Assumed.)"),
        Provenance::Unknown => text.push_str(" (Not documented.)"),
    }
    text
}
