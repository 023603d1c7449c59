//! Holds sentences that seem to state a fact against the spec. The spec holds one if some description of the report says it.

use placewise_model::{Field, Filterability, Nullable, Type};

use super::compare::Comparison;
use crate::finding::{Finding, codes};
use crate::published::read::{FactFinding, Statement, fact_id};

impl Comparison<'_> {
    pub(super) fn prose(&mut self) {
        let page = self.page;
        let known = descriptions(self);
        let root = fact_id(&["reports", &page.name.value]);
        for one in &page.statements {
            if known.contains(&dense(&one.value.text)) || self.holds(&one.value) {
                continue;
            }
            let finding = Finding::new(codes::PAGE_UNREAD, "this sentence seems to state a fact, which the spec does not say");
            let finding =
                finding.at(one.place.clone()).help("compare it with the spec by hand, then decide on it with `drift --decide`");
            let path = one.value.owner.strip_prefix(&root).unwrap_or_default();
            self.account.read(FactFinding { fact: format!("{}{path}/prose", self.account.id(&[])), finding });
        }
    }

    /// Whether a key of the spec says what the sentence says.
    fn holds(&self, statement: &Statement) -> bool {
        let lower = statement.text.to_lowercase();
        let field = statement.owner.rsplit_once("/fields/").and_then(|(_, name)| self.report.field(name));
        let has = |word: &str| lower.split(|c: char| !c.is_alphanumeric()).any(|part| part == word);
        let null =
            |field: &Field| (has("null") || has("nullable")) && field.nullable == Nullable::Seen && !has("not") && !has("never");
        let filterable = |field: &Field| {
            let yes = has("filterable") && !has("not");
            yes && field.filterable == Filterability::Yes
                || has("filterable") && has("not") && field.filterable == Filterability::No
        };
        field.is_some_and(|field| null(field) || filterable(field))
    }
}

/// All descriptions of the report, without spaces and punctuation.
fn descriptions(comparison: &Comparison<'_>) -> String {
    let report = comparison.report;
    let mut out = String::new();
    let mut add = |text: &Option<String>| {
        out.push_str(&dense(text.as_deref().unwrap_or_default()));
        out.push('\n');
    };
    add(&report.description);
    let returned = report.aggregations.iter().flat_map(|one| one.returns.iter().map(|returned| &returned.field));
    let labels = report.aggregations.iter().flat_map(|one| one.labels.iter().flatten()).chain(report.labels.iter().flatten());
    for field in report.fields.iter().chain(returned).chain(labels) {
        described(field, &mut add);
    }
    report.aggregations.iter().for_each(|one| add(&one.description));
    out
}

fn described(field: &Field, add: &mut impl FnMut(&Option<String>)) {
    add(&field.description);
    match field.ty.innermost() {
        Type::Object { fields } => fields.iter().for_each(|inner| described(inner, add)),
        Type::Enum(of) => of.values.iter().for_each(|value| add(&value.description)),
        _ => {}
    }
}

/// Letters and digits in lower case.
fn dense(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
