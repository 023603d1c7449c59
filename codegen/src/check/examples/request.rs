//! Whether an example's request is one that a client could send. In: a request body; out: findings.

use placewise_model::{Coverage, Example, Format, Setting};
use serde_json::Value;

use super::Judge;
use crate::resolve::Draft;
use crate::suggest;

/// The keys of a format's request: what they are for, and their settings.
type Keys<'a> = Vec<(&'static str, &'a Setting<String>)>;

fn keys(format: Format, draft: &Draft) -> Option<Keys<'_>> {
    Some(match format {
        Format::Records => {
            let format = draft.records.as_ref()?;
            vec![
                ("report", &format.report_key),
                ("filter", &format.filter_key),
                ("aggregation", &format.aggregation_key),
                ("cursor", &format.cursor_key),
                ("page_size", &format.page_size_key),
            ]
        }
        Format::Timeseries => {
            let format = draft.timeseries.as_ref()?;
            vec![
                ("report", &format.report_key),
                ("filter", &format.filter_key),
                ("aggregation", &format.aggregation_key),
                ("interval", &format.interval_key),
                ("from", &format.from_key),
                ("to", &format.to_key),
            ]
        }
        Format::Statistics => {
            let format = draft.statistics.as_ref()?;
            vec![
                ("report", &format.report_key),
                ("filter", &format.filter_key),
                ("aggregation", &format.aggregation_key),
                ("from", &format.from_key),
                ("to", &format.to_key),
            ]
        }
    })
}

impl Judge<'_> {
    pub(super) fn request(&mut self, example: &Example, request: &Value, path: &[String], draft: &Draft) {
        let Some(keys) = keys(self.report.format, draft) else { return };
        let key =
            |what: &str| keys.iter().find(|(known, _)| *known == what).map(|(_, key)| key.value.as_str()).unwrap_or_default();
        let at = |key: &str| [path, &[key.to_owned()]].concat();
        let name = request.get(key("report"));
        let cut = example.coverage == Coverage::Partial && name.is_none();
        if !cut && name.and_then(Value::as_str) != Some(&self.report.name) {
            let message = "the example's request asks for another report";
            self.say("example-request", message.into(), path, "it belongs into that report's file");
        }
        self.unknown_keys(request, path, &keys);
        if let Some(asked) = request.get(key("aggregation")).filter(|asked| !asked.is_null()) {
            self.aggregation(example, asked, &at(key("aggregation")));
        }
        if let Some(filter) = request.get(key("filter")).filter(|filter| !filter.is_null()) {
            self.filter(filter, &at(key("filter")), draft);
        }
        if self.report.format == Format::Timeseries {
            self.range(request, path, [key("interval"), key("from"), key("to")], draft);
        }
    }

    /// A key that no setting has: either a slip, or a page that settles an assumption.
    fn unknown_keys(&mut self, request: &Value, path: &[String], keys: &Keys<'_>) {
        let names: Vec<&str> = keys.iter().map(|(_, key)| key.value.as_str()).collect();
        for key in request.as_object().into_iter().flat_map(|entries| entries.keys()).filter(|key| !names.contains(&key.as_str()))
        {
            let assumed: Vec<String> = keys
                .iter()
                .filter_map(|(what, key)| key.assumption.as_ref().map(|id| format!("`{id}` (the key of {what})")))
                .collect();
            let help = match &assumed[..] {
                [] => "see formats.yaml for the keys of a request".to_owned(),
                some => format!("if a page shows this key, it settles one of {}", some.join(", ")),
            };
            let path = [path, std::slice::from_ref(key)].concat();
            self.say("example-request", format!("the request has the key `{key}`, which the format does not have"), &path, &help);
        }
    }

    fn aggregation(&mut self, example: &Example, asked: &Value, path: &[String]) {
        let known = asked.as_str().is_some_and(|name| self.report.aggregation(name).is_some());
        if !known && !self.report.more_aggregations {
            let message = format!("the report has no aggregation {asked}");
            self.say("example-request", message, path, "list it, or write `more_aggregations: yes`");
        }
        if example.aggregation.is_some() && asked.as_str() != example.aggregation.as_deref() {
            let message = format!("the request asks for the aggregation {asked}, not for the one that the example belongs to");
            self.say("example-request", message, path, "correct `aggregation` of the example");
        }
    }

    /// Nodes have known types, and fields that the report has where all are known.
    fn filter(&mut self, node: &Value, path: &[String], draft: &Draft) {
        let Some(language) = &draft.filter else { return };
        let at = |key: &str| [path, &[key.to_owned()]].concat();
        let operators: Vec<&str> = language.operators().iter().map(|(_, operator)| operator.name.as_str()).collect();
        let Some(word) = node.get(&language.type_key).and_then(Value::as_str) else {
            self.say(
                "example-request",
                format!("a filter node has no `{}`", language.type_key),
                path,
                "see filters.yaml for the keys of nodes",
            );
            return;
        };
        if !operators.contains(&word) {
            let near = suggest::nearest(word, operators.iter().copied());
            let help = near.map_or("see filters.yaml for the types of nodes".into(), |near| format!("did you mean `{near}`?"));
            self.say("example-request", format!("filters.yaml has no node of type `{word}`"), &at(&language.type_key), &help);
        }
        if let Some(nodes) = node.get(&language.operations_key).and_then(Value::as_array) {
            let path = at(&language.operations_key);
            for (index, node) in nodes.iter().enumerate() {
                self.filter(node, &[&path[..], &[index.to_string()]].concat(), draft);
            }
        }
        let field = node.get(&language.field_key).and_then(Value::as_str);
        if let Some(name) = field.filter(|name| self.report.field(name).is_none() && self.report.coverage == Coverage::Whole) {
            let message = format!("the request filters by `{name}`, which no table lists");
            self.say("example-request", message, &at(&language.field_key), "list the field with `standing: example`");
        }
    }

    fn range(&mut self, request: &Value, path: &[String], [interval, from, to]: [&str; 3], draft: &Draft) {
        let at = |key: &str| [path, &[key.to_owned()]].concat();
        let Some(format) = &draft.timeseries else { return };
        let name = request.get(interval).filter(|name| name.as_str() != Some(&format.auto.name));
        if let Some(name) = name.filter(|name| name.as_str().is_none_or(|name| format.interval(name).is_none())) {
            let message = format!("{name} is no interval of the format");
            self.say("example-request", message, &at(interval), "see formats.yaml for the intervals");
        }
        for key in [from, to] {
            let Some(value) = request.get(key) else { continue };
            let time = value.as_str().and_then(|text| text.split_once('T')).map(|(_, time)| time);
            if !time.is_some_and(|time| time.ends_with('Z') || time.contains(['+', '-'])) {
                let message = format!("{value} is no moment: it has no zone");
                self.say("example-request", message, &at(key), "a range is told in ISO 8601 with an offset");
            }
        }
    }
}
