//! Resolves what holds for every report, the filter language and the assumptions.

use placewise_model::{Api, Assumption, Customers, ErrorStatus, FilterLanguage, Group, Operator, Permit, RateLimit};

use super::settings::Settings;
use crate::finding::Finding;
use crate::source::{ApiFile, AssumptionDef, Doc, FiltersFile, GroupDef, OperatorDef, Spec};

pub(super) fn assumptions(spec: &Spec) -> Vec<Assumption> {
    let Some(doc) = &spec.assumptions else { return Vec::new() };
    let resolve = |(id, def): (&String, &AssumptionDef)| Assumption {
        id: id.clone(),
        value: def.value.clone(),
        reason: def.reason.clone(),
        settled_by: def.settled_by.clone(),
        scope: def.scope,
    };
    doc.value.assumptions.iter().map(resolve).collect()
}

pub(super) fn api(doc: &Doc<ApiFile>, settings: &mut Settings<'_>, findings: &mut Vec<Finding>) -> Option<Api> {
    let file = &doc.value;
    let with_report = settings.get(doc, &["permit", "with_report"], &file.permit.with_report, findings);
    let limit = &file.rate_limit;
    let capacity = settings.get(doc, &["rate_limit", "capacity"], &limit.capacity, findings);
    let refill = settings.get(doc, &["rate_limit", "refill"], &limit.refill, findings);
    let one = settings.get(doc, &["rate_limit", "one_customer"], &limit.one_customer, findings);
    let several = settings.get(doc, &["rate_limit", "several_customers"], &limit.several_customers, findings);
    let aggregation = settings.get(doc, &["rate_limit", "aggregation_cost"], &limit.aggregation_cost, findings);
    let unknown = settings.get(doc, &["rate_limit", "unknown_cost"], &limit.unknown_cost, findings);
    let customers = customers(doc, settings, findings);
    let on_every_response = settings.get(doc, &["rate_limit", "on_every_response"], &limit.on_every_response, findings);
    let errors = error_statuses(doc, findings);
    Some(Api {
        name: file.api.clone(),
        description: file.description.clone(),
        source: file.source.clone(),
        permit: Permit { name: file.permit.name.clone(), with_report: with_report?, source: file.permit.source.clone() },
        hosts: file.hosts.clone(),
        headers: file.headers.clone(),
        customers: customers?,
        rate_limit: RateLimit {
            status: limit.status,
            retry_after: limit.retry_after.clone(),
            bucket: limit.bucket.clone(),
            remaining: limit.remaining.clone(),
            cost: limit.cost.clone(),
            one_customer: one?,
            several_customers: several?,
            aggregation_cost: aggregation?,
            unknown_cost: unknown?,
            capacity: capacity?,
            refill: refill?,
            on_every_response: on_every_response?,
            description: limit.description.clone(),
            source: limit.source.clone(),
        },
        groups: groups(file),
        notes: file.notes.clone(),
        errors: errors?,
        error_body: file.error_body.clone(),
    })
}

fn groups(file: &ApiFile) -> Vec<Group> {
    let resolve = |(name, def): (&String, &GroupDef)| Group {
        name: name.clone(),
        description: def.description.clone(),
        provenance: def.provenance,
    };
    file.groups.iter().map(resolve).collect()
}

fn customers(doc: &Doc<ApiFile>, settings: &mut Settings<'_>, findings: &mut Vec<Finding>) -> Option<Customers> {
    let def = &doc.value.customers;
    Some(Customers {
        several_prefixed: settings.get(doc, &["customers", "several_prefixed"], &def.several_prefixed, findings)?,
        id_prefix: def.id_prefix.clone(),
        id_separator: def.id_separator.clone(),
        all: def.all.clone(),
        filter_separator: def.filter_separator.clone(),
        fewer_than: def.fewer_than,
        description: def.description.clone(),
        source: def.source.clone(),
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
                description: def.description.clone(),
                advice: def.advice.clone(),
                provenance: def.provenance,
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
        Some(Operator { name: def.name.clone(), cost, description: def.description.clone(), provenance: def.provenance })
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
        coverage: file.coverage,
        description: file.description.clone(),
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
