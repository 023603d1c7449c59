//! The page of the filter specification: node types with their costs, and the keys of nodes.

use placewise_model::{FilterLanguage, Operator, Provenance};

use super::search::{Row, Search, keys};
use crate::finding::{Finding, Place, codes};
use crate::published::drift::account::Account;
use crate::published::read::{FactFinding, Json, Node};

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
            cost(&row, name, operator, account);
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

fn node_keys(filter: &FilterLanguage) -> Vec<(&str, Vec<&'static str>)> {
    let keys = &filter.keys;
    let all = [("type", &keys.ty), ("operations", &keys.operations), ("field", &keys.field), ("value", &keys.value)];
    all.into_iter().map(|(name, key)| (key.as_str(), vec!["keys", name])).collect()
}

/// A number at the end of a row is its cost; the cells between are words about it.
fn cost(row: &Row<'_>, name: &str, operator: &Operator, account: &mut Account<'_>) {
    let Some(last) = row.rest.iter().rev().find(|cell| !cell.value.trim().is_empty()) else { return };
    let text = last.value.trim_end_matches(['`', '*', ' ', '|']);
    let text = ["tokens", "token"].iter().find_map(|word| text.strip_suffix(word)).unwrap_or(text).trim_end();
    let digits = &text[text.trim_end_matches(|c: char| c.is_ascii_digit()).len()..];
    let alone = row.glued || digits.len() == text.len();
    let path = ["operators", name, "cost"];
    let start = last.place.span.start + text.len() - digits.len();
    let at = Place { file: last.place.file, span: start..start + digits.len() };
    let words = match digits.parse::<u32>() {
        Ok(stated) if alone && !text[..text.len() - digits.len()].ends_with(['.', ',', '-', '+']) => {
            let spec = operator.cost.value;
            match &operator.cost.assumption {
                None if stated == spec => account.states(&path, digits, &at),
                None => {
                    let message = format!("`{}` costs {stated} on the page, {spec} in the spec", operator.name);
                    account.states_other(codes::DRIFT_VALUE, message, digits, &at, &path);
                }
                Some(id) => {
                    let message =
                        format!("the page states that `{}` costs {stated}; the spec assumes {spec} (`{id}`)", operator.name);
                    account.states_other(codes::DRIFT_SETTLED, message, digits, &at, &path);
                }
            }
            row.text().trim_end_matches(digits).to_owned()
        }
        _ if !row.glued && operator.cost.assumption.is_none() && last.value.contains(|c: char| c.is_ascii_digit()) => {
            let finding = Finding::new(codes::PAGE_UNREAD, format!("cannot read the cost of `{}`", operator.name));
            let finding = finding.at(last.place.clone()).help("compare it with the page in a browser");
            account.read(FactFinding { fact: account.id(&path), finding });
            return;
        }
        _ => row.text(),
    };
    // What a node requires is prose in the spec; a change shows in the digest of this fact.
    account.states(&["operators", name, "words"], words.trim(), &row.line.text.place);
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
