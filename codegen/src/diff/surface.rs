//! What a program can name of the generated crate: each item with the fact that makes it, and a line of code that needs it.
//!
//! `emit` prints the crate and this lists it, so that two specs can be compared as Rust sees them; `tests/diff.rs` holds the list against
//! the printed files. An item that is gone or has another type breaks a program, whatever fact is to blame.

use indexmap::IndexMap;
use placewise_model::{Aggregation, Coverage, EnumType, Field, Format, Model, Report, Type};

use super::facts::{Path, below};
use crate::emit::{has_row, has_rows, own_endpoints};
use crate::naming;

/// One item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The facts that make it.
    pub facts: Vec<Path>,
    /// The item that it is a part of, or whose signature names it: without that one, nobody misses this.
    pub within: Option<String>,
    /// Its type, as far as programs depend on it.
    pub ty: String,
    /// A statement that compiles only if it has that type.
    pub probe: String,
}

/// The items by their paths in the crate, such as `berths::Row::id`.
pub struct Surface(pub IndexMap<String, Item>);

impl Surface {
    /// The items of a model's crate, which programs call `name`.
    pub fn of(model: &Model, name: &str) -> Self {
        let mut printer = Printer { items: IndexMap::new(), krate: name };
        printer.platform(model);
        for report in &model.reports {
            printer.report(model, report);
        }
        printer.endpoints(model);
        Self(printer.items)
    }

    /// The items that another surface lacks or has with another type, without the parts of such items.
    pub fn lost_in<'a>(&'a self, new: &'a Self) -> impl Iterator<Item = (&'a str, &'a Item)> {
        let lost = |key: &str, item: &Item| new.0.get(key).is_none_or(|other| other.ty != item.ty);
        let consequence = move |item: &Item| {
            let mut within = item.within.as_ref();
            while let Some((key, outer)) = within.and_then(|key| self.0.get_key_value(key)) {
                if lost(key, outer) {
                    return true;
                }
                within = outer.within.as_ref();
            }
            false
        };
        self.0.iter().filter(move |(key, item)| lost(key, item) && !consequence(item)).map(|(key, item)| (key.as_str(), item))
    }
}

struct Printer<'a> {
    items: IndexMap<String, Item>,
    krate: &'a str,
}

/// Where a struct or its parts stand.
struct Scope<'a> {
    /// The module: `berths`.
    module: &'a str,
    /// The report's fields, which others may repeat.
    repeats: &'a [Field],
    /// Whether callers build the struct as a literal.
    given: bool,
}

fn path(steps: &[&str]) -> Path {
    steps.iter().map(|step| (*step).to_owned()).collect()
}

impl Printer<'_> {
    fn add(&mut self, key: String, fact: Path, within: Option<&str>, ty: impl Into<String>, probe: String) {
        self.add_of(key, vec![fact], within, ty, probe);
    }

    fn add_of(&mut self, key: String, facts: Vec<Path>, within: Option<&str>, ty: impl Into<String>, probe: String) {
        let item = Item { facts, within: within.map(str::to_owned), ty: ty.into(), probe };
        // Two things of one Rust name are a finding of `check`, so no valid model has them.
        self.items.entry(key).or_insert(item);
    }

    fn platform(&mut self, model: &Model) {
        let krate = self.krate;
        for host in model.api.hosts.keys() {
            let key = format!("Host::{}", naming::variant(host));
            self.add(key.clone(), path(&["api", "hosts", host]), None, "", format!("let _ = {krate}::{key};"));
        }
        for interval in &model.timeseries.intervals {
            let key = format!("interval::{}", naming::interval(interval.bucket_length));
            let fact = path(&["formats", "timeseries", "intervals", &interval.name]);
            self.add(key.clone(), fact, None, "", format!("let _ = {krate}::{key};"));
        }
    }

    fn report(&mut self, model: &Model, report: &Report) {
        let krate = self.krate;
        let names = naming::report(report);
        let (marker, module) = (&names.marker, &names.module);
        let fact = |steps: &[&str]| path(&[&["reports", &report.name], steps].concat());
        self.add(marker.clone(), fact(&[]), None, "", format!("let _ = {krate}::{marker};"));
        for (constant, known, ty, key) in
            [("PERMIT", report.permit.is_some(), "&str", "permit"), ("COST", report.cost.is_some(), "u32", "cost")]
        {
            if known {
                let probe = format!("let _: {ty} = {krate}::{marker}::{constant};");
                self.add(format!("{marker}::{constant}"), fact(&[key]), Some(marker), "", probe);
            }
        }
        self.queries(report, marker, module);
        if report.format == Format::Timeseries {
            for interval in model.intervals(report) {
                let ty = naming::interval(interval.bucket_length);
                let within = format!("interval::{ty}");
                let fact = fact(&["intervals", &interval.name]);
                let probe = format!(
                    "let _ = |query: {krate}::Timeseries<{krate}::{marker}, {krate}::JsonRow>| query.interval({krate}::interval::{ty});"
                );
                let key = format!("{marker}: HasInterval<{ty}>");
                self.add(key, fact, Some(&within), "", probe);
            }
        }
        let whole = report.coverage != Coverage::Partial && report.format != Format::Statistics;
        let scope = Scope { module, repeats: &report.fields, given: false };
        for field in &report.fields {
            let constant = self.constant(report, field, marker, module);
            if !has_row(report) {
                self.defined(&scope, fact(&["fields", &field.name]), field, "", &constant);
            }
        }
        let other = (!whole).then(|| fact(&["coverage"]));
        if has_row(report) {
            let fields: Vec<(Path, &Field)> = report.fields.iter().map(|field| (fact(&["fields", &field.name]), field)).collect();
            self.structure(
                &scope,
                naming::ROW,
                "",
                &fields,
                other.as_ref(),
                Some(&format!("{marker}::{}", method(report.format))),
            );
        }
        if let Some(labels) = &report.labels {
            let fields: Vec<_> = labels.iter().map(|field| (fact(&["labels", &field.name]), field)).collect();
            let within = format!("{marker}::series");
            self.structure(&scope, naming::LABEL, naming::LABEL, &fields, Some(&fact(&["labels"])), Some(&within));
        }
        for of in &report.aggregations {
            self.aggregation(&scope, report, of, marker, other.as_ref());
        }
    }

    fn aggregation(&mut self, scope: &Scope<'_>, report: &Report, of: &Aggregation, marker: &str, other: Option<&Path>) {
        let (rows, method) = naming::aggregation(of);
        let within = format!("{marker}::{method}");
        let fact = |steps: &[&str]| path(&[&["reports", &report.name, "aggregations", &of.name], steps].concat());
        if let Some(labels) = &of.labels {
            let fields: Vec<_> = labels.iter().map(|field| (fact(&["labels", &field.name]), field)).collect();
            self.structure(scope, &rows, &rows, &fields, Some(&fact(&["labels"])), Some(&within));
        } else if has_rows(of, report.format) {
            let fields: Vec<_> = of.returns.iter().map(|of| (fact(&["returns", &of.field.name]), &of.field)).collect();
            self.structure(scope, &rows, &rows, &fields, other, Some(&within));
        }
    }

    /// The methods that build queries.
    fn queries(&mut self, report: &Report, marker: &str, module: &str) {
        let krate = self.krate;
        let charts = report.format == Format::Timeseries;
        let kind = match report.format {
            Format::Records => "Records",
            Format::Timeseries => "Timeseries",
            Format::Statistics => "Statistics",
        };
        let range = if charts { format!("{krate}::TimeRange") } else { String::new() };
        let query = |known: bool, rows: &str| {
            let rows = if known { format!("{krate}::{module}::{rows}") } else { format!("{krate}::JsonRow") };
            format!("{krate}::{kind}<{krate}::{marker}, {rows}>")
        };
        let own = match report.format {
            Format::Records | Format::Statistics => query(has_row(report), naming::ROW),
            Format::Timeseries => query(report.labels.is_some(), naming::LABEL),
        };
        let fact = |steps: &[&str]| path(&[&["reports", &report.name], steps].concat());
        let rows = if charts { "labels" } else { "coverage" };
        let mut methods = vec![(method(report.format).to_owned(), vec![fact(&[rows]), fact(&["format"])], range.clone(), own)];
        for of in &report.aggregations {
            let (name, method) = naming::aggregation(of);
            let rows = if charts { "labels" } else { "returns" };
            let facts = vec![fact(&["aggregations", &of.name, rows]), fact(&["format"])];
            methods.push((method, facts, range.clone(), query(has_rows(of, report.format), &name)));
        }
        if report.more_aggregations {
            let arguments = if charts { format!("String, {range}") } else { "String".to_owned() };
            let facts = vec![fact(&["more_aggregations"]), fact(&["format"])];
            methods.push(("aggregated_by".into(), facts, arguments, query(false, "")));
        }
        for (name, facts, arguments, returned) in methods {
            let probe = format!("let _: fn({arguments}) -> {returned} = {krate}::{marker}::{name};");
            self.add_of(format!("{marker}::{name}"), facts, Some(marker), format!("({arguments}) -> {returned}"), probe);
        }
    }

    /// The constant of a field, and what filters need of it. Returns the key of the item that names its type.
    fn constant(&mut self, report: &Report, field: &Field, marker: &str, module: &str) -> String {
        let krate = self.krate;
        let fact = path(&["reports", &report.name, "fields", &field.name]);
        let key = format!("{module}::{}", naming::constant(field));
        let probe = format!("let _ = {krate}::{key}.name();");
        self.add(key.clone(), fact.clone(), Some(marker), "", probe);
        // A field that cannot be filtered may become filterable.
        if !field.filterable.may_filter() {
            return key;
        }
        let filter = format!("{key} as a filter");
        self.add(filter.clone(), below(&fact, "filterable".into()), Some(&key), "", format!("let _ = {krate}::{key}.is_null();"));
        let ty = self.ty(module, field, &field.ty, "");
        let probe = format!("let _: {krate}::Field<{krate}::{marker}, {ty}> = {krate}::{key};");
        let value = format!("{key} as a value");
        self.add(value.clone(), below(&fact, "type".into()), Some(&filter), ty, probe);
        value
    }

    /// A struct, its members, and the types that these define.
    fn structure(
        &mut self,
        scope: &Scope<'_>,
        name: &str,
        prefix: &str,
        fields: &[(Path, &Field)],
        other: Option<&Path>,
        within: Option<&str>,
    ) {
        let krate = self.krate;
        let key = format!("{}::{name}", scope.module);
        let mut members: Vec<(String, Vec<Path>, String)> = Vec::new();
        let mut inner = Vec::new();
        for (fact, field) in fields {
            let repeated = field.same_as.as_ref().and_then(|name| scope.repeats.iter().find(|base| base.name == *name));
            let (base, prefix) = repeated.map_or((*field, prefix), |base| (base, ""));
            let plain = self.ty(scope.module, base, &field.ty, prefix);
            let open = field.nullable.possible() || field.optional;
            let ty = if open { format!("Option<{plain}>") } else { plain };
            let member = naming::field(field);
            if repeated.is_none() {
                inner.push((fact.clone(), *field, format!("{key}::{member}")));
            }
            // What a field repeats is another fact that makes it.
            let base = repeated.map(|base| [&fact[..2], &["fields".to_owned(), base.name.clone()]].concat());
            members.push((member, [fact.clone()].into_iter().chain(base).collect(), ty));
        }
        members.extend(other.map(|fact| ("other".to_owned(), vec![fact.clone()], format!("{krate}::Other"))));
        if scope.given {
            // A literal names all members.
            let mut names: Vec<&str> = members.iter().map(|(name, ..)| name.as_str()).collect();
            let all = names.join(", ");
            names.sort_unstable();
            let list = fields.first().map(|(fact, _)| fact[..fact.len() - 1].to_vec());
            let probe = format!("let _ = |{all}| {krate}::{key} {{ {all} }};");
            let facts = list.into_iter().chain(other.cloned()).collect();
            self.add_of(format!("{key} {{}}"), facts, within, names.join(", "), probe);
        }
        for (member, facts, ty) in members {
            let probe = format!("let _ = |value: {krate}::{key}| -> {ty} {{ value.{member} }};");
            self.add_of(format!("{key}::{member}"), facts, within, ty, probe);
        }
        for (fact, field, member) in inner {
            self.defined(scope, fact, field, prefix, &member);
        }
    }

    /// The enumeration or struct that a field defines.
    fn defined(&mut self, scope: &Scope<'_>, fact: Path, field: &Field, prefix: &str, within: &str) {
        let name = naming::defined_name(field, prefix);
        match field.ty.innermost() {
            Type::Enum(ty) => self.enumeration(scope.module, &name, &fact, ty, within),
            Type::Object { fields } => {
                let fields: Vec<_> =
                    fields.iter().map(|field| (below(&below(&fact, "fields".into()), field.name.clone()), field)).collect();
                let scope = Scope { repeats: &[], ..*scope };
                self.structure(&scope, &name, &name, &fields, None, Some(within));
            }
            _ => {}
        }
    }

    fn enumeration(&mut self, module: &str, name: &str, fact: &Path, ty: &EnumType, within: &str) {
        for value in &ty.values {
            let key = format!("{module}::{name}::{}", naming::value(value));
            let fact = below(&below(fact, "values".into()), value.value.clone());
            let probe = format!("let _ = {}::{key};", self.krate);
            self.add(key, fact, Some(within), "", probe);
        }
    }

    fn endpoints(&mut self, model: &Model) {
        let krate = self.krate;
        for endpoint in own_endpoints(model) {
            let names = naming::endpoint(&endpoint.name);
            let marker = format!("endpoints::{}", names.marker);
            let fact = |steps: &[&str]| path(&[&["endpoints", &endpoint.name], steps].concat());
            self.add(marker.clone(), fact(&[]), None, "", format!("let _ = {krate}::{marker};"));
            let typed = |known: bool, name: &str, otherwise: &str| {
                if known { format!("{krate}::endpoints::{name}") } else { format!("{krate}::{otherwise}") }
            };
            let request = typed(!endpoint.request.is_empty(), &names.request, "Json");
            let with = format!("{marker}::with");
            let probe = format!("let _: fn({krate}::{marker}, {request}) -> {krate}::Call<{krate}::{marker}> = {krate}::{with};");
            self.add(with.clone(), fact(&["request"]), Some(&marker), request, probe);
            let reply = typed(!endpoint.response.is_empty(), &names.reply, "JsonRow");
            let returned = format!("{marker}: Reply");
            let probe = format!("let _: Option<<{krate}::{marker} as {krate}::Endpoint>::Reply> = None::<{reply}>;");
            self.add(returned.clone(), fact(&["response"]), Some(&marker), reply, probe);
            if let Some((kind, argument, value)) = self.carried(model, &endpoint.carries) {
                let probe = format!("let _ = |carried: {argument}| {krate}::{marker}.of({value});");
                self.add(format!("{marker}::of"), fact(&["carries"]), Some(&marker), kind, probe);
            }
            let other = (endpoint.coverage != Coverage::Whole).then(|| fact(&["coverage"]));
            for (side, fields, name, given, within) in [
                ("request", &endpoint.request, &names.request, true, &with),
                ("response", &endpoint.response, &names.reply, false, &returned),
            ] {
                if !fields.is_empty() {
                    let scope = Scope { module: "endpoints", repeats: &[], given };
                    let fields: Vec<_> = fields.iter().map(|field| (fact(&[side, &field.name]), field)).collect();
                    self.structure(&scope, name, name, &fields, other.as_ref(), Some(within));
                }
            }
        }
    }

    /// What a call takes of a report: its kind, the type of a value of any report, and the argument.
    fn carried(&self, model: &Model, carries: &placewise_model::Carries) -> Option<(String, String, &'static str)> {
        let krate = self.krate;
        let format = carries.query.is_some().then(|| carries.query_format.unwrap_or(Format::Records));
        let report = model.reports.iter().find(|report| format.is_none_or(|format| report.format == format));
        // Without any report, nothing can be carried, but the method is there.
        let marker = report.map_or_else(|| "()".to_owned(), |report| format!("{krate}::{}", naming::report(report).marker));
        match (format, &carries.report, &carries.field) {
            (Some(format), ..) => {
                Some((format!("{format:?}"), format!("{krate}::{format:?}<{marker}, {krate}::JsonRow>"), "&carried"))
            }
            (None, Some(_), Some(_)) => Some(("Field".into(), format!("{krate}::Field<{marker}, i64>"), "carried")),
            (None, Some(_), None) => Some(("Report".into(), marker, "carried")),
            (None, None, _) => None,
        }
    }

    /// The Rust type of a value, with its full path.
    fn ty(&self, module: &str, field: &Field, ty: &Type, prefix: &str) -> String {
        let krate = self.krate;
        match ty {
            Type::Integer => "i64".into(),
            Type::Number => "f64".into(),
            Type::Boolean => "bool".into(),
            Type::String => format!("{krate}::Text"),
            Type::Timestamp => format!("{krate}::Timestamp"),
            Type::Date => format!("{krate}::Date"),
            Type::Json => format!("{krate}::Json"),
            Type::Enum(_) | Type::Object { .. } => format!("{krate}::{module}::{}", naming::defined_name(field, prefix)),
            Type::Array { of } => format!("Vec<{}>", self.ty(module, field, of, prefix)),
            Type::Map { of } => format!("{krate}::Map<{}>", self.ty(module, field, of, prefix)),
        }
    }
}

/// The method that queries a report without aggregation.
const fn method(format: Format) -> &'static str {
    match format {
        Format::Records => "records",
        Format::Timeseries => "series",
        Format::Statistics => "statistics",
    }
}
