//! Compares an answer whose layout is not known with the spec, by the names that stand in it.
//!
//! Only what cannot be read in two ways counts: the names of the report's own fields, aggregations and intervals, a truth value under
//! `filterable` beside a field's name, and the name of the format under its key. Everything else is listed as not understood.

use std::collections::BTreeSet;

use placewise_model::{Coverage, Filterability, Model, Report, SeenFact};
use serde_json::{Map, Value};

use crate::refusals::word;

/// The most places that are listed.
const MOST_PLACES: usize = 30;
/// The key of a truth value about filters: the title of the column on the pages of reports.
const FILTERABLE: &str = "filterable";

/// What an answer said about a report.
#[derive(Debug, Default)]
pub(super) struct Compared {
    /// What was recognised, in words.
    pub understood: BTreeSet<String>,
    /// Places that were not.
    pub not_understood: BTreeSet<String>,
    /// Fields and aggregations of the spec that the answer does not name anywhere.
    pub not_named: Vec<String>,
    pub facts: Vec<SeenFact>,
}

impl Compared {
    /// Hides secrets in what comes from the answer. A name that looks like a secret is none of the spec's.
    pub(super) fn hide(&mut self, text: &dyn Fn(&str) -> String) {
        for texts in [&mut self.understood, &mut self.not_understood] {
            *texts = texts.iter().map(|at| text(at)).collect();
        }
        self.facts.retain(|fact| fact.fact.split('/').all(|part| text(part) == part));
        for fact in &mut self.facts {
            if let Some(seen) = fact.seen.as_str() {
                fact.seen = text(seen).into();
            }
        }
    }
}

/// What kind of names a list has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Fields,
    Aggregations,
    Intervals,
}

struct Reader<'m> {
    model: &'m Model,
    report: &'m Report,
    named: BTreeSet<String>,
    found: Compared,
}

/// Compares an answer about a report.
pub(super) fn compare(model: &Model, report: &Report, answer: &Value) -> Compared {
    let mut reader = Reader { model, report, named: BTreeSet::new(), found: Compared::default() };
    reader.read(answer, "");
    let Reader { named, mut found, .. } = reader;
    if !found.understood.is_empty() {
        let fields = report.fields.iter().map(|field| ("field", &field.name));
        let aggregations = report.aggregations.iter().map(|one| ("aggregation", &one.name));
        let missing = fields.chain(aggregations).filter(|(_, name)| !named.contains(*name));
        found.not_named = missing.map(|(what, name)| format!("{what} `{name}`")).collect();
    }
    found
}

impl Reader<'_> {
    fn read(&mut self, value: &Value, at: &str) {
        match value {
            Value::Object(map) => self.object(map, at),
            Value::Array(items) => self.list(items, at),
            Value::Null => {}
            scalar => self.scalar(scalar, at),
        }
    }

    fn object(&mut self, map: &Map<String, Value>, at: &str) {
        let names: Vec<&str> = map.keys().map(String::as_str).collect();
        if let Some(kind) = self.kind(&names) {
            self.names(kind, &names, at);
            for (name, value) in map {
                self.about(kind, name, value, &place(at, name));
            }
            return;
        }
        for (key, value) in map {
            self.read(value, &place(at, key));
        }
    }

    fn list(&mut self, items: &[Value], at: &str) {
        let texts: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
        if let Some(texts) = texts.filter(|texts| !texts.is_empty()) {
            match self.kind(&texts) {
                Some(kind) => {
                    self.names(kind, &texts, at);
                    // A list that is called so holds what can be filtered.
                    if kind == Kind::Fields
                        && at.rsplit('.').next().is_some_and(|key| key.to_ascii_lowercase().starts_with(FILTERABLE))
                    {
                        texts.iter().for_each(|name| self.filterable(name, true));
                    }
                }
                None => self.unknown(at),
            }
            return;
        }
        let objects: Option<Vec<&Map<String, Value>>> = items.iter().map(Value::as_object).collect();
        let Some(objects) = objects.filter(|objects| !objects.is_empty()) else {
            if !items.is_empty() {
                self.unknown(at);
            }
            return;
        };
        // The key under which each object has a name of the report.
        let keys: BTreeSet<&String> = objects.iter().flat_map(|object| object.keys()).collect();
        let named = keys.into_iter().find_map(|key| {
            let names: Option<Vec<&str>> = objects.iter().map(|object| object.get(key)?.as_str()).collect();
            let names = names?;
            Some((key, self.kind(&names)?, names))
        });
        let Some((key, kind, names)) = named else {
            for (index, object) in objects.iter().enumerate().take(MOST_PLACES) {
                self.object(object, &place(at, &index.to_string()));
            }
            return;
        };
        self.names(kind, &names, at);
        for (object, name) in objects.iter().zip(names) {
            for (other, value) in object.iter().filter(|(other, _)| *other != key) {
                self.property(kind, name, other, value, &place(at, other));
            }
        }
    }

    /// What a value beside a name says.
    fn about(&mut self, kind: Kind, name: &str, value: &Value, at: &str) {
        match value {
            Value::Object(map) => {
                for (key, value) in map {
                    self.property(kind, name, key, value, &place(at, key));
                }
            }
            Value::Null => {}
            _ => self.unknown(at),
        }
    }

    fn property(&mut self, kind: Kind, name: &str, key: &str, value: &Value, at: &str) {
        match (kind, value) {
            (Kind::Fields, Value::Bool(is)) if key.eq_ignore_ascii_case(FILTERABLE) => self.filterable(name, *is),
            (_, Value::Null) => {}
            _ => self.unknown(at),
        }
    }

    fn filterable(&mut self, name: &str, is: bool) {
        let Some(field) = self.report.field(name) else { return };
        self.found.understood.insert("which fields can be filtered".into());
        let stated = &field.filterable;
        let agrees = match stated {
            Filterability::Yes | Filterability::Example => is,
            Filterability::No | Filterability::Header(_) => !is,
            Filterability::Unknown | Filterability::UnknownStrict => false,
        };
        if !agrees {
            let known = !stated.is_unknown();
            let fact = format!("reports/{}/fields/{name}/filterable", self.report.name);
            self.fact(fact, if known { word(stated).into() } else { Value::Null }, if is { "yes" } else { "no" }.into());
        }
    }

    fn scalar(&mut self, value: &Value, at: &str) {
        let records = &self.model.records.response;
        let key = at.rsplit('.').next().unwrap_or_default();
        let Some(text) = value.as_str() else { return self.unknown(at) };
        if text == self.report.name {
            self.found.understood.insert("the name of the report".into());
            return;
        }
        let format_keys = [&records.result_type, &self.model.timeseries.response.result_type];
        if format_keys.iter().any(|known| *known == key) {
            self.found.understood.insert("the format".into());
            let words =
                [(&records.result_type_value, "records"), (&self.model.timeseries.response.result_type_value, "timeseries")];
            let seen = words.iter().find(|(value, _)| *value == text).map(|(_, word)| *word);
            if seen != Some(self.report.format.word()) {
                self.fact(
                    format!("reports/{}/format", self.report.name),
                    self.report.format.word().into(),
                    seen.unwrap_or(text).into(),
                );
            }
            return;
        }
        self.unknown(at);
    }

    /// What kind of names they are: most of them are the report's own. One name of a long list could be a word by chance.
    fn kind(&self, names: &[&str]) -> Option<Kind> {
        let report = self.report;
        let known = |kind: Kind, name: &str| match kind {
            Kind::Fields => report.field(name).is_some(),
            Kind::Aggregations => report.aggregation(name).is_some(),
            Kind::Intervals => self.model.timeseries.interval(name).is_some(),
        };
        let count = |kind: Kind| names.iter().filter(|name| known(kind, name)).count();
        let kinds = [Kind::Fields, Kind::Aggregations, Kind::Intervals].map(|kind| (kind, count(kind)));
        let (kind, most) = kinds.into_iter().max_by_key(|(_, count)| *count)?;
        let tied = kinds.iter().filter(|(_, count)| *count == most).count() > 1;
        let enough = most * 2 > names.len() && (most >= 2 || names.len() == 1 && self.is_only(kind, most));
        (enough && !tied).then_some(kind)
    }

    /// Whether the spec has no more names of that kind.
    fn is_only(&self, kind: Kind, count: usize) -> bool {
        match kind {
            Kind::Fields => self.report.fields.len() == count,
            Kind::Aggregations => self.report.aggregations.len() == count,
            Kind::Intervals => false,
        }
    }

    /// Names that the spec does not have are drift if it claims to have all.
    fn names(&mut self, kind: Kind, names: &[&str], at: &str) {
        self.named.extend(names.iter().map(|name| (*name).to_owned()));
        let (what, key) = match kind {
            Kind::Fields => ("names of fields", "fields"),
            Kind::Aggregations => ("names of aggregations", "aggregations"),
            Kind::Intervals => ("names of intervals", "intervals"),
        };
        let shown = if at.is_empty() { "the answer itself" } else { at };
        self.found.understood.insert(format!("{what} at `{shown}`"));
        let report = self.report;
        for name in names {
            let (known, claims_all) = match kind {
                Kind::Fields => (report.field(name).is_some(), report.coverage == Coverage::Whole),
                Kind::Aggregations => {
                    (report.aggregation(name).is_some(), report.coverage == Coverage::Whole && !report.more_aggregations)
                }
                Kind::Intervals => {
                    let offered = report.intervals.as_ref();
                    (offered.is_none_or(|offered| offered.iter().any(|offered| offered == name)), offered.is_some())
                }
            };
            let is_name =
                name.len() <= 100 && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ' '));
            if !known && is_name {
                let stated = if claims_all { "no".into() } else { Value::Null };
                self.fact(format!("reports/{}/{key}/{}", report.name, name.replace(' ', "_")), stated, "yes".into());
            }
        }
        if kind == Kind::Intervals
            && let Some(offered) = &report.intervals
        {
            for missing in offered.iter().filter(|offered| !names.contains(&offered.as_str())) {
                self.fact(format!("reports/{}/intervals/{missing}", report.name), "offered".into(), "no".into());
            }
        }
    }

    fn fact(&mut self, fact: String, stated: Value, seen: Value) {
        if !self.found.facts.iter().any(|known| known.fact == fact) {
            self.found.facts.push(SeenFact { fact, stated, seen, hits: 1, exchanges: Vec::new() });
        }
    }

    fn unknown(&mut self, at: &str) {
        if self.found.not_understood.len() < MOST_PLACES {
            let shown: String = at.chars().take(100).collect();
            self.found.not_understood.insert(if shown.is_empty() { "the answer itself".into() } else { shown });
        }
    }
}

fn place(at: &str, key: &str) -> String {
    if at.is_empty() { key.to_owned() } else { format!("{at}.{key}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use placewise_reporting::MODEL;
    use serde_json::json;

    /// A report with several fields, and three of their names.
    fn report() -> (Model, Report, Vec<String>) {
        let model: Model = serde_json::from_str(MODEL).expect("a model");
        let with_fields = |report: &&Report| report.coverage == Coverage::Whole && report.fields.len() >= 3;
        let report = model.reports.iter().find(with_fields).expect("a report").clone();
        let names = report.fields.iter().map(|field| field.name.clone()).take(3).collect();
        (model, report, names)
    }

    #[test]
    fn names_are_recognised_in_every_layout() {
        let (model, report, names) = report();
        let objects: Vec<Value> = names.iter().map(|name| json!({ "code": name, "kind": 7 })).collect();
        let keyed: Map<String, Value> = names.iter().map(|name| (name.clone(), json!({ "kind": 7 }))).collect();
        for answer in [json!({ "fields": names }), json!({ "a": { "b": objects } }), json!({ "fields": keyed })] {
            let found = compare(&model, &report, &answer);
            assert!(found.understood.iter().any(|what| what.starts_with("names of fields")), "{answer}: {found:?}");
            assert_eq!(found.facts, []);
            assert_eq!(found.not_named.iter().filter(|name| name.starts_with("field ")).count(), report.fields.len() - 3);
        }
    }

    #[test]
    fn a_name_that_the_spec_lacks_is_drift_if_the_spec_claims_to_have_all() {
        let (model, mut report, mut names) = report();
        names.push("brand_new".into());
        let answer = json!({ "fields": names });
        let stated = |report: &Report| compare(&model, report, &answer).facts.remove(0).stated;
        assert_eq!(stated(&report), json!("no"));
        report.coverage = Coverage::Partial;
        assert_eq!(stated(&report), Value::Null);
    }

    #[test]
    fn filterability_is_read_only_under_its_own_name() {
        let (model, mut report, names) = report();
        report.fields[0].filterable = Filterability::No;
        let described = |key: &str| json!([{ "name": names[0], (key): true }, { "name": names[1], (key): true }]);
        let found = compare(&model, &report, &described("filterable"));
        let fact = found.facts.iter().find(|fact| fact.fact.ends_with(&format!("{}/filterable", names[0]))).expect("a fact");
        assert_eq!((&fact.stated, &fact.seen), (&json!("no"), &json!("yes")));
        let found = compare(&model, &report, &described("searchable"));
        assert!(found.facts.is_empty() && found.not_understood.contains("searchable"), "{found:?}");
    }

    #[test]
    fn what_is_not_recognised_is_never_taken_for_agreement() {
        let (model, report, _) = report();
        for answer in [json!({}), json!([]), json!(null), json!({ "x": { "y": [1, 2] }, "z": "text" }), json!(["one", "two"])] {
            let found = compare(&model, &report, &answer);
            assert!(found.understood.is_empty() && found.facts.is_empty() && found.not_named.is_empty(), "{answer}: {found:?}");
        }
        assert!(compare(&model, &report, &json!({ "x": { "y": [1] } })).not_understood.contains("x.y"));
    }
}
