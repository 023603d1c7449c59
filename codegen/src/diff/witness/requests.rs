//! Programs that send a name, a key or a value as the old client knows it.

use placewise_model::{Field, Format, Interval, Model, Report, Type};

use super::program::{Program, Query, fetch, minutes, of_format, query, series, usual_report};
use crate::diff::change::Witness;
use crate::diff::reading::needs;
use crate::diff::rule::Pair;
use crate::naming;

/// Fetches the report of the difference, or one that takes the least.
pub(in crate::diff) fn any_query(pair: &Pair<'_>) -> Option<Witness> {
    let report = pair.old.report(&pair.difference.path).or_else(|| usual_report(pair))?;
    Some(fetch(pair, query(pair, report, None)?))
}

/// Fetches the aggregation of the difference.
pub(in crate::diff) fn aggregation(pair: &Pair<'_>) -> Option<Witness> {
    let report = pair.old.report(&pair.difference.path)?;
    let (_, method) = naming::aggregation(report.aggregation(pair.step(3))?);
    Some(fetch(pair, query(pair, report, Some(&method))?))
}

/// Fetches rows, labels or a response that contain the field of the difference; none if it is a key of a request, which nobody checks.
pub(in crate::diff) fn rows(pair: &Pair<'_>) -> Option<Witness> {
    if pair.step(0) == "endpoints" {
        let (before, call) = call(pair).filter(|_| pair.step(2) != "request")?;
        // A response is decoded when it is read.
        return Some(Program::with(before).breaks(format!("client.fetch({call})?.read()?;")).witness(pair.crate_name));
    }
    let report = pair.old.report(&pair.difference.path)?;
    let method =
        (pair.step(2) == "aggregations").then(|| report.aggregation(pair.step(3)).map(|of| naming::aggregation(of).1)).flatten();
    let mut query = query(pair, report, method.as_deref())?;
    if report.format == Format::Records {
        // Not every row shows a null.
        let most = pair.old.model.records.most_page_size.value.min(pair.new.model.records.most_page_size.value);
        query.call.push_str(&format!(".page_size({most})"));
    }
    Some(fetch(pair, query))
}

/// Filters by the field of the difference.
pub(in crate::diff) fn filter(pair: &Pair<'_>) -> Option<Witness> {
    let report = pair.old.report(&pair.difference.path)?;
    let mut query = query(pair, report, None)?;
    let module = naming::report(report).module;
    let field = pair.old.field(&pair.difference.path)?;
    query.call.push_str(&format!(".filter(K::{module}::{}.is_not_null())", naming::constant(field)));
    Some(fetch(pair, query))
}

/// Queries a report at the interval of the difference.
pub(in crate::diff) fn interval(pair: &Pair<'_>) -> Option<Witness> {
    let old = pair.old.model;
    let offers = |report: &Report, name: &str| old.intervals(report).any(|of| of.name == name);
    let (report, interval) = match pair.reports() {
        Some((report, new)) => {
            let kept = |interval: &Interval| pair.new.model.intervals(new).any(|other| other.name == interval.name);
            (report, old.intervals(report).find(|interval| !kept(interval))?)
        }
        None => {
            let interval = old.timeseries.interval(pair.key())?;
            let charts = old.reports.iter().filter(|report| report.format == Format::Timeseries);
            (charts.into_iter().find(|report| offers(report, &interval.name))?, interval)
        }
    };
    Some(fetch(pair, series(&naming::report(report).marker, None, interval, 0, minutes(interval) * 2)))
}

/// A filter with an operator, the report that it is for, and what its nodes cost.
pub(super) fn operator<'a>(pair: &'a Pair<'_>, key: &str) -> Option<(&'a Report, String, u32)> {
    let ordered = |ty: &Type| matches!(ty, Type::Integer | Type::Number);
    let takes = |field: &&Field| match key {
        "greater_than" | "greater_or_equal" | "less_than" | "less_or_equal" | "one_of" | "none_of" => ordered(&field.ty),
        _ => true,
    };
    let model: &Model = pair.old.model;
    let (report, field) = model.reports.iter().filter(|report| report.format != Format::Statistics).find_map(|report| {
        let still = |field: &&Field| {
            let new = pair.new.model.report(&report.name).and_then(|report| report.field(&field.name));
            new.is_some_and(|new| new.filterable.may_filter() && new.ty == field.ty)
        };
        let field = report.fields.iter().filter(|field| field.filterable.may_filter()).filter(still).find(takes)?;
        Some((report, field))
    })?;
    let name = format!("K::{}::{}", naming::report(report).module, naming::constant(field));
    let number = if field.ty == Type::Number { "1.5" } else { "1" };
    let cost = |key: &str| {
        model.filter.operators().into_iter().find(|(of, _)| *of == key).map_or(0, |(_, operator)| operator.cost.value)
    };
    let own = cost(key);
    Some(match key {
        "and" => (report, format!("{name}.is_null() & {name}.is_not_null()"), own + cost("equal") + cost("not_equal")),
        "or" => (report, format!("{name}.is_null() | {name}.is_not_null()"), own + cost("equal") + cost("not_equal")),
        "equal" => (report, format!("{name}.is_null()"), own),
        "not_equal" => (report, format!("{name}.is_not_null()"), own),
        "one_of" | "none_of" => (report, format!("{name}.{key}([{number}])"), own),
        "greater_than" => (report, format!("{name}.gt({number})"), own),
        "greater_or_equal" => (report, format!("{name}.ge({number})"), own),
        "less_than" => (report, format!("{name}.lt({number})"), own),
        _ => (report, format!("{name}.le({number})"), own),
    })
}

/// A filter with the operator of the difference.
pub(in crate::diff) fn operator_name(pair: &Pair<'_>) -> Option<Witness> {
    let (report, filter, _) = operator(pair, pair.step(2))?;
    let mut query = query(pair, report, None)?;
    query.call.push_str(&format!(".filter({filter})"));
    Some(fetch(pair, query))
}

/// A filter that has every key of nodes.
pub(in crate::diff) fn filter_key(pair: &Pair<'_>) -> Option<Witness> {
    let (report, filter, _) = operator(pair, if pair.key() == "operations" { "and" } else { "not_equal" })?;
    let mut query = query(pair, report, None)?;
    query.call.push_str(&format!(".filter({filter})"));
    Some(fetch(pair, query))
}

/// Calls the endpoint of the difference, or sends a query if it is one of the formats'.
pub(in crate::diff) fn endpoint(pair: &Pair<'_>) -> Option<Witness> {
    let name = pair.step(1);
    if let Some(format) = Format::ALL.iter().copied().find(|format| pair.old.model.endpoint_of(*format) == name) {
        return Some(fetch(pair, query(pair, of_format(pair, format)?, None)?));
    }
    let (before, call) = call(pair)?;
    Some(fetch(pair, Query { before, call }))
}

/// A call of the difference's endpoint with made-up values.
pub(super) fn call(pair: &Pair<'_>) -> Option<(Vec<String>, String)> {
    let endpoint = pair.old.model.endpoint(pair.step(1))?;
    // Nobody calls an endpoint whose path is not known.
    endpoint.path.value.as_ref()?;
    let names = naming::endpoint(&endpoint.name);
    let marker = format!("K::endpoints::{}", names.marker);
    let carries = &endpoint.carries;
    let before = Vec::new();
    if carries.query.is_some() {
        let query = query(pair, of_format(pair, carries.query_format.unwrap_or(Format::Records))?, None)?;
        return Some((query.before, format!("{marker}.of(&{})", query.call)));
    }
    if carries.report.is_some() && pair.step(2) != "request" {
        let report = usual_report(pair)?;
        let names = naming::report(report);
        if carries.field.is_none() {
            return Some((before, format!("{marker}.of(K::{})", names.marker)));
        }
        let field = report.fields.first()?;
        return Some((before, format!("{marker}.of(K::{}::{})", names.module, naming::constant(field))));
    }
    if endpoint.request.is_empty() {
        return Some((before, format!("{marker}.with(\"{{}}\".parse()?)")));
    }
    let wanted = pair.old.field(&pair.difference.path).map(|field| &field.name);
    let mut members = Vec::new();
    for field in endpoint.request.iter().filter(|field| needs(field) || wanted == Some(&field.name)) {
        let value = made_up(field, &names.request)?;
        members.push(format!("{}: {value}, ", naming::field(field)));
    }
    let request = format!("K::endpoints::{}", names.request);
    Some((before, format!("{marker}.with({request} {{ {}..{request}::example() }})", members.concat())))
}

/// A value for a key of a request; none for one of several parts.
fn made_up(field: &Field, prefix: &str) -> Option<String> {
    let plain: String = match &field.ty {
        Type::Integer => "1".into(),
        Type::Number => "1.5".into(),
        Type::Boolean => "true".into(),
        Type::String => "\"a\".into()".into(),
        Type::Timestamp => "K::Timestamp::parse(\"2026-01-01T00:00:00Z\")?".into(),
        Type::Date => "\"2026-01-01\".parse()?".into(),
        Type::Enum(of) => {
            let value = of.values.first().map_or_else(|| "from(\"a\")".to_owned(), naming::value);
            format!("K::endpoints::{}::{value}", naming::defined_name(field, prefix))
        }
        _ => return None,
    };
    Some(if needs(field) { plain } else { format!("Some({plain})") })
}

/// A query with the request key of the difference.
pub(in crate::diff) fn request_key(pair: &Pair<'_>) -> Option<Witness> {
    let format = Format::ALL.iter().copied().find(|format| format.word() == pair.step(1))?;
    let report = of_format(pair, format)?;
    let mut asked = query(pair, report, None)?;
    match pair.step(3) {
        "filter" => {
            let field = report.fields.iter().find(|field| field.filterable.may_filter())?;
            let module = naming::report(report).module;
            asked.call.push_str(&format!(".filter(K::{module}::{}.is_not_null())", naming::constant(field)));
        }
        "aggregation" => {
            let (_, method) = naming::aggregation(report.aggregations.first()?);
            asked = query(pair, report, Some(&method))?;
        }
        "page_size" => asked.call.push_str(".page_size(1)"),
        "cursor" => {
            let call = format!("{}.page_size(1)", asked.call);
            let program = Program::with(asked.before)
                .step(format!("let page = client.fetch({call})?;"))
                .step("let next = page.next.cursor().ok_or(\"no second page\")?;")
                .breaks(format!("client.fetch({call}.resume_from(next))?;"));
            return Some(program.witness(pair.crate_name));
        }
        _ => {}
    }
    if format == Format::Statistics && matches!(pair.step(3), "from" | "to") {
        asked.before =
            vec!["let to = K::jiff::Timestamp::now();".into(), "let from = to - K::jiff::SignedDuration::from_mins(60);".into()];
        asked.call.push_str(".range(from..to)");
    }
    Some(fetch(pair, asked))
}

/// A query whose response has the key of the difference.
pub(in crate::diff) fn response_key(pair: &Pair<'_>) -> Option<Witness> {
    let format = Format::ALL.iter().copied().find(|format| format.word() == pair.step(1))?;
    let query = query(pair, of_format(pair, format)?, None)?;
    let needs = match pair.step(3) {
        "pagination" | "next" => "response.next.cursor().is_none()",
        "data_points" => "response.data_points.is_none()",
        _ => return Some(fetch(pair, query)),
    };
    let small = if format == Format::Records { ".page_size(1)" } else { "" };
    let program = Program::with(query.before).step(format!("let response = client.fetch({}{small})?;", query.call));
    Some(program.unless(needs, "the response lacks what it had").witness(pair.crate_name))
}

/// A query whose response tells the cost and the bucket by the headers of the difference.
pub(in crate::diff) fn rate_header(pair: &Pair<'_>) -> Option<Witness> {
    let query = query(pair, usual_report(pair)?, None)?;
    let key = match pair.key() {
        "bucket" => "bucket",
        "remaining" => "remaining",
        _ => "cost",
    };
    let program = Program::with(query.before).step(format!("let response = client.fetch({})?;", query.call));
    let condition = format!("response.rate.as_ref().and_then(|rate| rate.{key}.as_ref()).is_none()");
    Some(program.unless(&condition, "the response does not tell what it cost").witness(pair.crate_name))
}

/// A query without the header that is required now.
pub(in crate::diff) fn without_header(pair: &Pair<'_>) -> Option<Witness> {
    let query = query(pair, usual_report(pair)?, None)?;
    let program = Program { builder: vec![".customers(K::Customers::all())".into()], ..Program::with(query.before) };
    Some(program.breaks(format!("client.fetch({})?;", query.call)).witness(pair.crate_name))
}

/// A query with the header of the difference.
pub(in crate::diff) fn with_header(pair: &Pair<'_>) -> Option<Witness> {
    let query = query(pair, usual_report(pair)?, None)?;
    let builder = match pair.step(2) {
        "customer" => vec![".customers(K::Customers::id(1))".into(), ".product_name(\"witness\")".into()],
        _ => Vec::new(),
    };
    let program = Program { builder, ..Program::with(query.before) };
    Some(program.breaks(format!("client.fetch({})?;", query.call)).witness(pair.crate_name))
}

/// A query of as many customers as the old limit allows, or of customers as the difference writes them.
pub(in crate::diff) fn customers(pair: &Pair<'_>) -> Option<Witness> {
    let query = query(pair, usual_report(pair)?, None)?;
    let choice = match pair.key() {
        "fewer_than" => format!("K::Customers::ids(1..={})", pair.old.model.api.customers.fewer_than.saturating_sub(1)),
        "id_prefix" => "K::Customers::id(1)".into(),
        "id_separator" | "several_prefixed" => "K::Customers::ids([1, 2])".into(),
        "filter_separator" => "K::Customers::filter(\"country\", \"PL\").and(\"kind\", \"mall\")".into(),
        _ => "K::Customers::all()".into(),
    };
    let builder = vec![format!(".customers({choice})"), ".product_name(\"witness\")".into()];
    let program = Program { builder, ..Program::with(query.before) };
    Some(program.breaks(format!("client.fetch({})?;", query.call)).witness(pair.crate_name))
}

/// A query in the format of the difference.
pub(in crate::diff) fn format_query(pair: &Pair<'_>) -> Option<Witness> {
    let format = Format::ALL.iter().copied().find(|format| format.word() == pair.step(1))?;
    Some(fetch(pair, query(pair, of_format(pair, format)?, None)?))
}
