//! The page of the filter specification: node types with their costs, and the keys of nodes.

use std::collections::BTreeSet;

use placewise_model::{FilterLanguage, Operator, Provenance};

use super::search::{Row, Search, keys};
use super::titles::{COLUMNS, are_known, part};
use crate::finding::{Place, codes};
use crate::published::drift::account::Account;
use crate::published::read::{At, Json, LineForm, Node};

/// The words of the page's headings.
const HEADINGS: &str = "base comparison cost example filter logical node nodes operation operations operator operators type";

pub(super) fn compare(search: &mut Search<'_>, account: &mut Account<'_>, filter: &FilterLanguage) {
    for (name, operator) in filter.operators() {
        account.named(&["operators", name], &operator.name, Some("name"));
        if operator.provenance == Provenance::Documented {
            account.expect(&["operators", name]);
            if operator.cost.assumption.is_none() {
                account.expect(&["operators", name, "cost"]);
            }
        }
    }
    let node_keys = node_keys(filter);
    for (key, path) in &node_keys {
        account.expect(path);
        account.named(path, key, None);
    }
    for json in search.all_samples() {
        nodes(json, filter, &node_keys, search, account);
    }
    for (name, operator) in filter.operators() {
        if let Some(row) = search.row(&operator.name) {
            account.states(&["operators", name], operator.name.as_str(), &row.name);
            account.documents(&["operators", name], operator.provenance);
            cost(&row, name, operator, search, account);
            words(&row, name, operator, search, account);
        }
    }
    for (key, path) in &node_keys {
        if let Some(row) = search.row(key) {
            account.states(path, *key, &row.name);
        }
    }
    let mut known: Vec<&str> = filter.operators().iter().map(|(_, operator)| operator.name.as_str()).collect();
    known.extend(node_keys.iter().map(|(key, _)| *key));
    search.account(&known, HEADINGS, None, account);
}

/// The keys of nodes, each with its fact.
pub(super) fn node_keys(filter: &FilterLanguage) -> Vec<(&str, Vec<&'static str>)> {
    let keys = &filter.keys;
    let all = [("type", &keys.ty), ("operations", &keys.operations), ("field", &keys.field), ("value", &keys.value)];
    all.into_iter().map(|(name, key)| (key.as_str(), vec!["keys", name])).collect()
}

/// Compares the cost of an operator.
fn cost(row: &Row<'_>, name: &str, operator: &Operator, search: &Search<'_>, account: &mut Account<'_>) {
    let path = ["operators", name, "cost"];
    let (stated, at) = match stated_cost(row, &operator.name, search) {
        Some(Ok(found)) => found,
        Some(Err((place, message))) if !account.has_said(&message) => {
            return account.unread(&path, message, place);
        }
        // One column of a table hides all costs.
        Some(Err(_)) => return account.skip(&path[..2]),
        None => return,
    };
    let spec = operator.cost.value;
    match &operator.cost.assumption {
        None if stated == spec.to_string() => account.states(&path, stated, &at),
        None => {
            let message = format!("`{}` costs {stated} on the page, {spec} in the spec", operator.name);
            account.states_other(codes::DRIFT_VALUE, message, &stated, &at, &path);
        }
        Some(id) => {
            let message = format!("the page states that `{}` costs {stated}; the spec assumes {spec} (`{id}`)", operator.name);
            account.states_other(codes::DRIFT_SETTLED, message, &stated, &at, &path);
        }
    }
}

/// The number in the column of costs, or one with its word: `Costs 1 token`. An error says which cannot be read.
fn stated_cost(row: &Row<'_>, name: &str, search: &Search<'_>) -> Option<Result<(String, Place), (Place, String)>> {
    let is_cost = |title: &At<String>| ["cost", "token"].iter().any(|word| title.value.to_ascii_lowercase().contains(word));
    let column = row.titles.iter().position(is_cost);
    let cell = match &row.line.form {
        LineForm::Cells(_) if row.titles.is_empty() => row.rest.iter().rfind(|cell| !cell.value.trim().is_empty()),
        LineForm::Cells(_) => column.and_then(|column| row.rest.get(column)),
        _ => row.rest.first().filter(|_| row.glued && (column.is_some() || row.titles.is_empty())),
    };
    let numbers = cell.map(|cell| whole_numbers(&cell.value, row.glued)).unwrap_or_default();
    if let (Some(cell), false) = (cell, numbers.is_empty()) {
        // Cells that run together may end in a number that is no cost.
        let after = column.and_then(|column| row.titles[column..].iter().find(|title| !are_known(&title.value, COLUMNS)));
        return Some(match (&numbers[..], after.filter(|_| row.glued)) {
            (_, Some(title)) => Err((title.place.clone(), format!("the column `{}` hides the costs of its table", title.value))),
            ([Some((at, number))], _) => Ok((number.clone(), part(cell, *at, number.len()))),
            _ => Err((cell.place.clone(), format!("cannot read the cost of `{name}`"))),
        });
    }
    let of_row = |place: &Place| row.rest.iter().any(|cell| cell.place.span.contains(&place.span.start));
    let mut words = search.numbers(&["token"]).into_iter().filter(|(_, place, _)| of_row(place));
    words.next().map(|(number, place, _)| Ok((number.to_string(), place)))
}

/// The whole numbers that are a cell, and where; `None` for any other number. Where cells run together, one ends before a capital.
fn whole_numbers(text: &str, glued: bool) -> Vec<Option<(usize, String)>> {
    let text = text.trim_end_matches(['`', '*', ' ', '|']);
    let text = ["tokens", "token"].iter().find_map(|word| text.strip_suffix(word)).unwrap_or(text).trim_end();
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].find(|c: char| c.is_ascii_digit()).map(|start| at + start) {
        let number = text[start..].split(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ','))).next().unwrap_or_default();
        let number = number.trim_end_matches(['.', ',']);
        at = start + number.len();
        let (before, after) = (text[..start].trim_start(), &text[at..]);
        let is_cell =
            if glued { after.is_empty() || after.starts_with(char::is_uppercase) } else { before.is_empty() && after.is_empty() };
        let whole = number.bytes().all(|byte| byte.is_ascii_digit()) && !before.ends_with(['-', '+']);
        if is_cell || !glued {
            out.push((is_cell && whole).then(|| (start, number.to_owned())));
        }
    }
    out
}

/// The types of fields that words name, such as those that an operator requires.
fn types_in(text: &str) -> BTreeSet<&'static str> {
    const TYPES: [(&str, &str); 9] = [
        ("array", "arrays"),
        ("bool", "booleans"),
        ("date", "times"),
        ("list", "arrays"),
        ("number", "numbers"),
        ("numeri", "numbers"),
        ("string", "strings"),
        ("time", "times"),
        ("object", "objects"),
    ];
    let mut spaced = String::new();
    for c in text.chars() {
        if c.is_uppercase() || !c.is_alphabetic() {
            spaced.push(' ');
        }
        spaced.extend(c.to_lowercase());
    }
    let words: Vec<&str> = spaced.split_whitespace().collect();
    TYPES.iter().filter(|(start, _)| words.iter().any(|word| word.starts_with(start))).map(|(_, name)| *name).collect()
}

/// Compares the types that a row names with those of the spec's description. The other words are recorded, so that their digest tells of a
/// change.
fn words(row: &Row<'_>, name: &str, operator: &Operator, search: &Search<'_>, account: &mut Account<'_>) {
    let text = row.text();
    let (page, spec) = (types_in(&text), types_in(operator.description.as_deref().unwrap_or_default()));
    let path = ["operators", name, "description"];
    account.states(&["operators", name, "words"], text, &row.line.text.place);
    if page == spec || (page.is_subset(&spec) && !search.document.complete) {
        return;
    }
    let shown = |types: &BTreeSet<&str>| {
        if types.is_empty() { "no type".to_owned() } else { types.iter().copied().collect::<Vec<_>>().join(" and ") }
    };
    let message = format!("the page speaks of {} for `{}`, the spec of {}", shown(&page), operator.name, shown(&spec));
    let code = if spec.is_empty() { codes::DRIFT_SETTLED } else { codes::DRIFT_VALUE };
    account.differs(code, message, &row.line.text.place, &path, "`description`");
}

/// The nodes of a sample: the sample itself, or what stands under a key of it.
fn nodes(json: &Json, filter: &FilterLanguage, node_keys: &[(&str, Vec<&str>)], search: &Search<'_>, account: &mut Account<'_>) {
    let Node::Object(members) = &json.node else {
        json.elements().iter().for_each(|element| nodes(element, filter, node_keys, search, account));
        return;
    };
    let known = members.iter().filter(|member| node_keys.iter().any(|(key, _)| *key == member.key)).count();
    // A node may have a renamed key; a request around nodes has others.
    if known == 0 || known * 2 < members.len() {
        members.iter().for_each(|member| nodes(&member.value, filter, node_keys, search, account));
        return;
    }
    keys(json, node_keys, &["keys"], search.document, account);
    for member in members {
        match &member.value.node {
            Node::String(text) if member.key == filter.keys.ty => operator_of(text, &member.value, filter, search, account),
            Node::Array(_) if member.key != filter.keys.value => nodes(&member.value, filter, node_keys, search, account),
            _ => {}
        }
    }
}

/// The operator that a node of a sample names.
fn operator_of(name: &str, value: &Json, filter: &FilterLanguage, search: &Search<'_>, account: &mut Account<'_>) {
    let known: Vec<&str> = filter.operators().iter().map(|(_, operator)| operator.name.as_str()).collect();
    if !known.contains(&name) {
        let place = Place { file: search.document.title.place.file, span: value.span.clone() };
        account.added(&[], name, format!("the page's sample has a node `{name}`, the spec does not"), &place, &known);
    }
}
