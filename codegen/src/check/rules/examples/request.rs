//! Checks that a client could send an example's request.

use placewise_model::{Coverage, Example, Field, FilterLanguage, Format, Operator, RequestKey, RequestKeys, nearest};
use serde_json::Value;

use super::checker::{Checker, Form, did_you_mean, misspelled};
use crate::check::text_forms::is_timestamp;
use crate::finding::codes;
use crate::resolve::UncheckedModel;

const NODE: &str = "see filters.yaml for the keys of filter nodes";

fn keys(format: Format, unchecked: &UncheckedModel) -> Option<RequestKeys<'_>> {
    match format {
        Format::Records => unchecked.records.as_ref().map(|format| format.request.keys()),
        Format::Timeseries => unchecked.timeseries.as_ref().map(|format| format.request.keys()),
        Format::Statistics => unchecked.statistics.as_ref().map(|format| format.request.keys()),
    }
}

impl Checker<'_> {
    pub(super) fn request(&mut self, example: &Example, request: &Value, path: &[String], unchecked: &UncheckedModel) {
        let Some(keys) = keys(self.report.format, unchecked) else { return };
        if !request.is_object() {
            self.say(codes::EXAMPLE_REQUEST, "the request is not an object".into(), path, "write it as a JSON object");
            return;
        }
        let key = |of| keys.iter().find(|(known, _)| *known == of).map(|(_, key)| key.value.as_str()).unwrap_or_default();
        let at = |key: &str| [path, &[key.to_owned()]].concat();
        let name = request.get(key(RequestKey::Report));
        let cut = example.coverage == Coverage::Partial && name.is_none();
        let own = name.and_then(Value::as_str).is_some_and(|name| name == self.report.name || name == self.stem);
        if !cut && !own && (name.is_some() || !self.meant_key(request, key(RequestKey::Report))) {
            let message = "the request names another report";
            self.say(codes::EXAMPLE_REQUEST, message.into(), path, "move the example to that report's file");
        }
        self.unknown_keys(request, path, &keys);
        if let Some(requested) = request.get(key(RequestKey::Aggregation)).filter(|requested| !requested.is_null()) {
            self.aggregation(example, requested, &at(key(RequestKey::Aggregation)));
        }
        if let Some(filter) = request.get(key(RequestKey::Filter)).filter(|filter| !filter.is_null()) {
            self.filter(filter, &at(key(RequestKey::Filter)), unchecked);
        }
        if self.report.format == Format::Timeseries {
            self.range(request, path, [key(RequestKey::Interval), key(RequestKey::From), key(RequestKey::To)], unchecked);
        }
    }

    /// Whether an unknown key of the request is a misspelling of that one.
    fn meant_key(&self, request: &Value, key: &str) -> bool {
        let keys = request.as_object().into_iter().flatten().map(|(key, _)| key.as_str());
        !misspelled(keys, &[key]).is_empty()
    }

    /// Reports unknown keys. Each is a typo, or settles an assumption.
    fn unknown_keys(&mut self, request: &Value, path: &[String], keys: &RequestKeys<'_>) {
        let Some(entries) = request.as_object() else { return };
        let names: Vec<&str> = keys.iter().map(|(_, key)| key.value.as_str()).collect();
        let missing: Vec<&str> = names.iter().copied().filter(|name| !entries.contains_key(*name)).collect();
        let extra = entries.keys().map(String::as_str).filter(|key| !names.contains(key));
        let pairs = misspelled(extra.clone(), &missing);
        for key in extra {
            let assumed: Vec<String> = keys
                .iter()
                .filter_map(|(of, key)| key.assumption.as_ref().map(|id| format!("`{id}` ({})", of.describe())))
                .collect();
            let help = match &assumed[..] {
                [] => "see formats.yaml for the keys of a request".to_owned(),
                some => format!("correct the key; if a page shows it, it settles one of {}", some.join(", ")),
            };
            let path = [path, &[key.to_owned()]].concat();
            let message = format!("the request has the key `{key}`, which the format does not have");
            self.say(codes::EXAMPLE_REQUEST, message, &path, &did_you_mean(key, &pairs, &help));
        }
    }

    fn aggregation(&mut self, example: &Example, requested: &Value, path: &[String]) {
        let names: Vec<&str> = self.report.aggregations.iter().map(|aggregation| aggregation.name.as_str()).collect();
        let known = requested.as_str().is_some_and(|name| names.contains(&name));
        let near = requested.as_str().and_then(|name| nearest(name, names.iter().copied()));
        // The file says that the report has more than it lists.
        let open = self.says_more && self.report.more_aggregations;
        if !requested.is_string() {
            self.say(codes::EXAMPLE_REQUEST, "the aggregation is not text".into(), path, "write its name");
            return;
        }
        let other = example.aggregation.as_deref().filter(|name| requested.as_str() != Some(name));
        if other.is_some_and(|name| self.report.aggregation(name).is_none()) {
            return;
        }
        if other.is_some() {
            let message = format!("the request names the aggregation {requested}, the example another one");
            self.say(codes::EXAMPLE_REQUEST, message, path, "correct the one or the other");
        } else if !known && (near.is_some() || !open) {
            let message = format!("the report has no aggregation {requested}");
            let help = match (near, self.report.more_aggregations) {
                (Some(near), _) => format!("did you mean `{near}`?"),
                (None, true) => "add it under `aggregations`, with `provenance: example`".into(),
                (None, false) => "add it, or write `more_aggregations: yes`".into(),
            };
            // A report may have more aggregations than its page lists; then the example tells of one.
            let code = if self.report.more_aggregations { codes::EXAMPLE_AGGREGATION } else { codes::EXAMPLE_REQUEST };
            self.say(code, message, path, &help);
        }
    }

    /// Checks that filter nodes have known types and the keys of their types, and compare fields with values of their types.
    fn filter(&mut self, node: &Value, path: &[String], unchecked: &UncheckedModel) {
        let Some(FilterLanguage { keys, operators, .. }) = &unchecked.filter else { return };
        let at = |key: &str| [path, &[key.to_owned()]].concat();
        let Some(entries) = node.as_object() else {
            self.say(codes::EXAMPLE_REQUEST, "a filter node is not an object".into(), path, NODE);
            return;
        };
        let word = entries.get(&keys.ty).and_then(Value::as_str);
        let is_one_of = |some: &[&Operator]| some.iter().any(|operator| Some(operator.name.as_str()) == word);
        let is_known = unchecked.filter.iter().flat_map(FilterLanguage::operators).any(|(_, operator)| is_one_of(&[operator]));
        let is_logical = is_one_of(&[&operators.and, &operators.or]) || (!is_known && entries.contains_key(&keys.operations));
        if is_known && !is_logical && entries.contains_key(&keys.operations) {
            let message = format!("a filter node that compares has no key `{}`", keys.operations);
            let help = format!("write `{}` and `{}`, or a type that combines nodes", keys.field, keys.value);
            self.say(codes::EXAMPLE_REQUEST, message, &at(&keys.operations), &help);
            return;
        }
        let (logical, comparison): ([&str; 2], [&str; 3]) = ([&keys.ty, &keys.operations], [&keys.ty, &keys.field, &keys.value]);
        let known: &[&str] = if is_logical { &logical } else { &comparison };
        let form = Form { code: codes::EXAMPLE_REQUEST, of: "a filter node", keys: known, optional: &[], help: NODE };
        self.form(entries, &form, false, path);
        if let Some(word) = word {
            self.operator(word, &at(&keys.ty), unchecked);
        } else if entries.contains_key(&keys.ty) {
            self.say(codes::EXAMPLE_REQUEST, "the type of a filter node is not text".into(), &at(&keys.ty), NODE);
        }
        match entries.get(&keys.operations) {
            Some(Value::Array(nodes)) => {
                for (index, node) in nodes.iter().enumerate() {
                    self.filter(node, &[&at(&keys.operations)[..], &[index.to_string()]].concat(), unchecked);
                }
            }
            Some(_) => {
                let message = format!("`{}` of a filter node is not a list", keys.operations);
                self.say(codes::EXAMPLE_REQUEST, message, &at(&keys.operations), "write the list of its nodes");
            }
            None => {}
        }
        let Some(name) = entries.get(&keys.field) else { return };
        match name.as_str().and_then(|name| self.report.field(name)) {
            Some(field) => {
                if field.filterable.is_unknown() {
                    let message = format!("the request filters by `{}`, which the spec does not know to be possible", field.name);
                    self.say(codes::EXAMPLE_SETTLES, message, &at(&keys.field), "write `filterable: example` at the field");
                }
                let list = is_one_of(&[&operators.one_of, &operators.none_of]);
                if let Some(value) = entries.get(&keys.value) {
                    self.compared(field, value, list, &at(&keys.value));
                }
            }
            None if self.report.coverage == Coverage::Whole || !name.is_string() => {
                let shown = name.as_str().map_or_else(|| name.to_string(), str::to_owned);
                let message = format!("the request filters by `{shown}`, which is not in the table of fields");
                let names = self.report.fields.iter().map(|field| field.name.as_str());
                let near = name.as_str().and_then(|name| nearest(name, names));
                let help =
                    near.map_or("add the field with `provenance: example`".into(), |near| format!("did you mean `{near}`?"));
                self.say(codes::EXAMPLE_REQUEST, message, &at(&keys.field), &help);
            }
            None => {}
        }
    }

    fn operator(&mut self, word: &str, path: &[String], unchecked: &UncheckedModel) {
        let Some(language) = &unchecked.filter else { return };
        let operators: Vec<&str> = language.operators().iter().map(|(_, operator)| operator.name.as_str()).collect();
        if !operators.contains(&word) {
            let near = nearest(word, operators.iter().copied());
            let help = near.map_or("see filters.yaml for the types of nodes".into(), |near| format!("did you mean `{near}`?"));
            self.say(codes::EXAMPLE_REQUEST, format!("filters.yaml has no node of type `{word}`"), path, &help);
        }
    }

    /// The value that a field is compared with: one, or a list of them.
    fn compared(&mut self, field: &Field, value: &Value, list: bool, path: &[String]) {
        let values = match value {
            Value::Array(items) if list => &items[..],
            one => std::slice::from_ref(one),
        };
        let fits = value.is_array() == list && values.iter().all(|value| Self::is_comparable(&field.ty, value));
        if !fits {
            let what = if list { "a list of values" } else { "a value" };
            let message = format!("the request compares `{}` with {value}", field.name);
            let help = format!("write {what} of type {}, as the field has", field.ty.innermost().word());
            self.say(codes::EXAMPLE_REQUEST, message, path, &help);
        }
    }

    fn range(&mut self, request: &Value, path: &[String], [interval, from, to]: [&str; 3], unchecked: &UncheckedModel) {
        let at = |key: &str| [path, &[key.to_owned()]].concat();
        let Some(format) = &unchecked.timeseries else { return };
        let name = request.get(interval).filter(|name| name.as_str() != Some(&format.auto.name));
        if let Some(name) = name.filter(|name| name.as_str().is_none_or(|name| format.interval(name).is_none())) {
            let message = format!("formats.yaml has no interval {name}");
            self.say(codes::EXAMPLE_REQUEST, message, &at(interval), "name one of its intervals");
        }
        for key in [from, to] {
            let Some(value) = request.get(key) else { continue };
            let fault = match value.as_str().and_then(|text| text.split_once('T')) {
                _ if !value.as_str().is_some_and(is_timestamp) => "is not a timestamp",
                Some((_, time)) if time.ends_with('Z') || time.contains(['+', '-']) => continue,
                Some(_) => "has no time zone",
                None => "is not a timestamp",
            };
            self.say(
                codes::EXAMPLE_REQUEST,
                format!("{value} {fault}"),
                &at(key),
                "write a timestamp with an offset, in ISO 8601",
            );
        }
    }
}
