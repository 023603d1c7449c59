//! Resolves what holds for every report. The one thing to follow here are settings: a value stands in place, or
//! `{ assumed: <id> }` names the assumption that holds it.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use placewise_model::{
    Api, Assumption, Concerns, Endpoint, ErrorStatus, FilterLanguage, Operator, Permit, RateLimit, RecordsFormat, Setting,
};
use serde::de::DeserializeOwned;

use crate::finding::Finding;
use crate::source::{ApiFile, AssumptionDef, Doc, EndpointsFile, FiltersFile, FormatsFile, OperatorDef, SettingDef, Spec};
use crate::suggest;

/// Follows settings to their assumptions and remembers which assumptions anything rests on.
pub(super) struct Settings<'a> {
    spec: &'a Spec,
    used: BTreeSet<String>,
    /// Whether a reference led nowhere: an assumption that seems unused may be the one that was meant.
    dangling: bool,
}

impl<'a> Settings<'a> {
    pub(super) fn new(spec: &'a Spec) -> Self {
        Self { spec, used: BTreeSet::new(), dangling: false }
    }

    fn known(&self) -> Option<&'a IndexMap<String, AssumptionDef>> {
        self.spec.assumptions.as_ref().map(|doc| &doc.value.assumptions)
    }

    fn get<T: DeserializeOwned + Clone, D>(
        &mut self,
        doc: &Doc<D>,
        path: &[&str],
        def: &SettingDef<T>,
        findings: &mut Vec<Finding>,
    ) -> Option<Setting<T>> {
        let id = match def {
            SettingDef::Plain(value) => return Some(Setting { value: value.clone(), assumption: None }),
            SettingDef::Assumed(reference) => &reference.assumed,
        };
        self.used.insert(id.clone());
        let at = doc.at(&[path, &["assumed"]].concat());
        let known = self.known()?;
        let Some(assumption) = known.get(id) else {
            self.dangling = true;
            let ids: Vec<&String> = known.keys().collect();
            let finding = Finding::error("dangling-reference", format!("no assumption is called `{id}`")).at(at);
            findings.push(suggest::help(finding, id, &ids));
            return None;
        };
        match serde_json::from_value(assumption.value.clone()) {
            Ok(value) => Some(Setting { value, assumption: Some(id.clone()) }),
            Err(error) => {
                let mut finding =
                    Finding::error("assumption-type", format!("the assumption `{id}` cannot stand here: {error}")).at(at);
                if let Some(doc) = &self.spec.assumptions {
                    finding = finding.related(doc.at(&["assumptions", id, "value"]), "its value");
                }
                findings.push(finding);
                None
            }
        }
    }

    /// An assumption that concerns settings, yet that none names, would look as if it did something.
    pub(super) fn report_unused(&self, findings: &mut Vec<Finding>) {
        let all_read = self.spec.api.is_some()
            && self.spec.filters.is_some()
            && self.spec.formats.is_some()
            && self.spec.endpoints.is_some();
        let Some(doc) = self.spec.assumptions.as_ref().filter(|_| all_read && !self.dangling) else { return };
        for (id, assumption) in &doc.value.assumptions {
            if assumption.concerns != Concerns::Types && !self.used.contains(id) {
                findings.push(
                    Finding::warning("unused-assumption", format!("nothing rests on the assumption `{id}`"))
                        .at(doc.at_key(&["assumptions", id]))
                        .help("name it with `{ assumed: … }` where it is used, or remove it"),
                );
            }
        }
    }
}

pub(super) fn assumptions(spec: &Spec) -> Vec<Assumption> {
    let Some(doc) = &spec.assumptions else { return Vec::new() };
    let resolve = |(id, def): (&String, &AssumptionDef)| Assumption {
        id: id.clone(),
        value: def.value.clone(),
        why: def.why.clone(),
        settle: def.settle.clone(),
        concerns: def.concerns,
    };
    doc.value.assumptions.iter().map(resolve).collect()
}

pub(super) fn api(doc: &Doc<ApiFile>, settings: &mut Settings<'_>, findings: &mut Vec<Finding>) -> Option<Api> {
    let file = &doc.value;
    let with_report = settings.get(doc, &["permit", "with_report"], &file.permit.with_report, findings);
    let limit = &file.rate_limit;
    let capacity = settings.get(doc, &["rate_limit", "capacity"], &limit.capacity, findings);
    let refill = settings.get(doc, &["rate_limit", "refill"], &limit.refill, findings);
    let every = settings.get(doc, &["rate_limit", "on_every_response"], &limit.on_every_response, findings);
    let errors = error_statuses(doc, findings);
    Some(Api {
        name: file.api.clone(),
        about: file.about.clone(),
        source: file.source.clone(),
        permit: Permit { name: file.permit.name.clone(), with_report: with_report?, source: file.permit.source.clone() },
        hosts: file.hosts.clone(),
        headers: file.headers.clone(),
        customers: file.customers.clone(),
        rate_limit: RateLimit {
            status: limit.status,
            retry_after: limit.retry_after.clone(),
            bucket: limit.bucket.clone(),
            remaining: limit.remaining.clone(),
            cost: limit.cost.clone(),
            one_customer: limit.one_customer.clone(),
            several_customers: limit.several_customers.clone(),
            capacity: capacity?,
            refill: refill?,
            on_every_response: every?,
            about: limit.about.clone(),
            source: limit.source.clone(),
        },
        errors: errors?,
        error_body: file.error_body.clone(),
    })
}

fn error_statuses(doc: &Doc<ApiFile>, findings: &mut Vec<Finding>) -> Option<Vec<ErrorStatus>> {
    let before = findings.len();
    let mut statuses = Vec::new();
    for (number, def) in &doc.value.errors {
        match number.parse::<u16>() {
            Ok(status) if (400..600).contains(&status) => statuses.push(ErrorStatus {
                status,
                name: def.name,
                about: def.about.clone(),
                advice: def.advice.clone(),
                standing: def.standing,
                source: def.source.clone(),
            }),
            _ => findings.push(
                Finding::error("error-status", format!("`{number}` is not an HTTP error status"))
                    .at(doc.at_key(&["errors", number]))
                    .help("statuses of errors run from 400 to 599"),
            ),
        }
    }
    statuses.sort_by_key(|status| status.status);
    (findings.len() == before).then_some(statuses)
}

pub(super) fn filter(doc: &Doc<FiltersFile>, settings: &mut Settings<'_>, findings: &mut Vec<Finding>) -> Option<FilterLanguage> {
    let file = &doc.value;
    let mut operator = |key: &str, def: &OperatorDef| {
        let cost = settings.get(doc, &["operators", key, "cost"], &def.cost, findings)?;
        Some(Operator { name: def.name.clone(), cost, about: def.about.clone(), standing: def.standing })
    };
    let operators = &file.operators;
    let and = operator("and", &operators.and);
    let or = operator("or", &operators.or);
    let equal = operator("equal", &operators.equal);
    let not_equal = operator("not_equal", &operators.not_equal);
    let greater_than = operator("greater_than", &operators.greater_than);
    let greater_or_equal = operator("greater_or_equal", &operators.greater_or_equal);
    let less_than = operator("less_than", &operators.less_than);
    let less_or_equal = operator("less_or_equal", &operators.less_or_equal);
    let one_of = operator("one_of", &operators.one_of);
    let none_of = operator("none_of", &operators.none_of);
    Some(FilterLanguage {
        about: file.about.clone(),
        source: file.source.clone(),
        type_key: file.keys.ty.clone(),
        operations_key: file.keys.operations.clone(),
        field_key: file.keys.field.clone(),
        value_key: file.keys.value.clone(),
        and: and?,
        or: or?,
        equal: equal?,
        not_equal: not_equal?,
        greater_than: greater_than?,
        greater_or_equal: greater_or_equal?,
        less_than: less_than?,
        less_or_equal: less_or_equal?,
        one_of: one_of?,
        none_of: none_of?,
    })
}

pub(super) fn endpoints(doc: &Doc<EndpointsFile>, settings: &mut Settings<'_>, findings: &mut Vec<Finding>) -> Vec<Endpoint> {
    let mut endpoints = Vec::new();
    for (name, def) in &doc.value.endpoints {
        let path = def.path.as_ref().and_then(|path| settings.get(doc, &["endpoints", name, "path"], path, findings));
        endpoints.push(Endpoint {
            name: name.clone(),
            method: def.method.clone(),
            path,
            cost: def.cost,
            about: def.about.clone(),
            standing: def.standing,
            source: def.source.clone(),
        });
    }
    endpoints
}

pub(super) fn records(doc: &Doc<FormatsFile>, settings: &mut Settings<'_>, findings: &mut Vec<Finding>) -> Option<RecordsFormat> {
    let def = &doc.value.records;
    let mut key = |name: &str, setting: &SettingDef<String>| settings.get(doc, &["records", "request", name], setting, findings);
    let report_key = key("report", &def.request.report);
    let filter_key = key("filter", &def.request.filter);
    let aggregation_key = key("aggregation", &def.request.aggregation);
    let cursor_key = key("cursor", &def.request.cursor);
    let page_size_key = key("page_size", &def.request.page_size);
    let default_page_size = settings.get(doc, &["records", "default_page_size"], &def.default_page_size, findings);
    let most_page_size = settings.get(doc, &["records", "most_page_size"], &def.most_page_size, findings);
    let null_cursor_ends = settings.get(doc, &["records", "null_cursor_ends"], &def.null_cursor_ends, findings);
    let zone = settings.get(doc, &["records", "zoneless_timestamps_in"], &def.zoneless_timestamps_in, findings);
    Some(RecordsFormat {
        about: def.about.clone(),
        source: def.source.clone(),
        endpoint: def.endpoint.clone(),
        report_key: report_key?,
        filter_key: filter_key?,
        aggregation_key: aggregation_key?,
        cursor_key: cursor_key?,
        page_size_key: page_size_key?,
        default_page_size: default_page_size?,
        most_page_size: most_page_size?,
        rows_key: def.response.rows.clone(),
        pagination_key: def.response.pagination.clone(),
        next_key: def.response.next.clone(),
        null_cursor_ends: null_cursor_ends?,
        result_type_key: def.response.result_type.clone(),
        result_type: def.response.result_type_value.clone(),
        zoneless_timestamps_in: zone?,
    })
}
