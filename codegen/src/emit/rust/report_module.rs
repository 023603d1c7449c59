//! The module of one report: marker, field constants, and the row, label and value types.

use placewise_model::{Coverage, Field, Filterability, Format, Model, Report};
use proc_macro2::TokenStream;
use quote::quote;

use super::pieces::{Piece, doc_lines, ident, inner_doc};
use super::rustdoc::with_provenance;
use super::structs_and_enums::{Imports, Struct, Use, defined, rust_type, structure};
use super::{ast, marker, rustdoc};
use crate::emit::markdown;
use crate::naming;

pub(super) fn module(model: &Model, report: &Report) -> Vec<Piece> {
    let mut imports: Imports = ["Format", "Report", "ReportSpec"].into();
    let module_docs = inner_doc(&rustdoc::module(report));
    let marker = marker::marker(model, report, &mut imports);
    let constants = constants(report, &mut imports);
    let rows = rows(model, report, &mut imports);
    let imports = imports.into_iter().map(ident);
    let imports = quote!(use placewise_runtime::machinery::{#(#imports),*};);
    let mut pieces: Vec<Piece> = [module_docs, imports].into_iter().map(Piece::Tokens).chain(marker).collect();
    pieces.extend(constants);
    pieces.extend(rows);
    pieces
}

/// The constants that filters are made of.
fn constants(report: &Report, imports: &mut Imports) -> Option<Piece> {
    let marker = naming::report(report).marker;
    let constant = |of: &Field| {
        imports.insert("Field");
        let mut arguments = vec![ast::ty(&marker, Vec::new()), rust_type(of, &of.ty, "", imports)];
        let access = match &of.filterable {
            Filterability::Yes | Filterability::Example | Filterability::Unknown => None,
            Filterability::No | Filterability::UnknownStrict => Some("NotFilterable"),
            Filterability::Header(_) => Some("ByHeader"),
        };
        if let Some(access) = access {
            imports.insert("access");
            arguments.push(ast::ty_in("access", access));
        }
        let docs = ast::docs(&doc_lines(&constant_docs(report, of)));
        ast::constant(docs, &naming::constant(of), ast::ty("Field", arguments), &of.name)
    };
    let constants: Vec<_> = report.fields.iter().map(constant).collect();
    (!constants.is_empty()).then_some(Piece::Items(constants))
}

/// If the report has a row struct, its fields have the description.
fn constant_docs(report: &Report, of: &Field) -> Vec<String> {
    let name = markdown::code(&of.name);
    let words = filter_words(&of.filterable);
    if marker::has_row(report) {
        return vec![format!("Field {name}; see [`Row::{}`]{words}", naming::field(of).trim_start_matches("r#"))];
    }
    let mut docs = rustdoc::field(of);
    if let Some(first) = docs.first_mut() {
        *first = format!("Field {name}: {first}");
    }
    // The description already ends with a full stop.
    if let (Some(words), Some(last)) = (words.strip_prefix(". "), docs.last_mut()) {
        last.push_str(&format!(" {words}"));
    }
    docs
}

/// Nothing where filterability is not documented: the module says that once.
fn filter_words(filterable: &Filterability) -> String {
    match filterable {
        Filterability::Unknown | Filterability::UnknownStrict => ".".into(),
        other => format!(". Filterable: {}.", markdown::markdown(&other.describe())),
    }
}

/// The row and label types: that of the report, one per aggregation, and those that their fields define.
fn rows(model: &Model, report: &Report, imports: &mut Imports) -> Vec<Piece> {
    let mut out = Vec::new();
    let name = markdown::code(&report.name);
    // The format of statistics is undocumented, so their structs keep unknown keys.
    let whole = report.coverage != Coverage::Partial && report.format != Format::Statistics;
    let mut add = |name: &str, docs: String, fields: Vec<&Field>, prefix: &str, whole: bool, aggregation: Option<&str>| {
        let of = if report.format == Format::Statistics { Use::Loose } else { Use::Read };
        let sample = sample(model, report, aggregation);
        let of = Struct { name, docs: vec![docs], fields, prefix, repeats: &report.fields, whole, of, sample };
        out.push(structure(&of, imports));
    };
    if marker::has_row(report) {
        let docs = if report.format == Format::Records { "A row of" } else { "Figures of" };
        add(naming::ROW, format!("{docs} {name}."), report.fields.iter().collect(), "", whole, None);
    }
    if let Some(labels) = &report.labels {
        add(naming::LABEL, format!("The label of a series of {name}."), labels.iter().collect(), naming::LABEL, false, None);
    }
    for aggregation in &report.aggregations {
        let (name, _) = naming::aggregation(aggregation);
        let of = Some(aggregation.name.as_str());
        let description = aggregation.description.as_deref().unwrap_or("Not described.");
        let description = with_provenance(markdown::markdown(description), aggregation.provenance);
        if let Some(labels) = &aggregation.labels {
            add(&name, format!("The label of a series: {description}"), labels.iter().collect(), &name, false, of);
        } else if marker::has_rows(aggregation, report.format) {
            add(&name, description, aggregation.returns.iter().map(|returned| &returned.field).collect(), &name, whole, of);
        }
    }
    out.extend(naming::defined(report).iter().filter_map(|of| defined(of, Use::Read, imports)));
    out
}

/// What names the first sample of the rows or labels; none if the documentation has none.
fn sample(model: &Model, report: &Report, aggregation: Option<&str>) -> Option<TokenStream> {
    let rows = |response: &serde_json::Value| match report.format {
        Format::Records => response.get(&model.records.response.rows)?.get(0).map(|_| ()),
        Format::Timeseries => {
            let keys = &model.timeseries.response;
            response.get(&keys.series)?.get(0)?.get(&keys.label).map(|_| ())
        }
        Format::Statistics => response.is_object().then_some(()),
    };
    let examples = report.examples.iter().filter(|of| of.field.is_none() && of.aggregation.as_deref() == aggregation);
    examples.filter_map(|of| of.response.as_ref()).find_map(rows)?;
    let marker = ident(&naming::report(report).marker);
    let aggregation = aggregation.map(|name| quote!(, #name));
    Some(quote!(#marker #aggregation))
}
