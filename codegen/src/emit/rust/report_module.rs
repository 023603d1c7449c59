//! The module of one report: marker, field constants, field table, and the row, label and value types.

use placewise_model::{Coverage, Field, Filterability, Format, Model, Provenance, Report};
use proc_macro2::TokenStream;
use quote::quote;

use super::pieces::{Piece, doc_lines, ident, inner_doc, variant};
use super::rustdoc::with_provenance;
use super::structs_and_enums::{Imports, Struct, Use, defined, rust_type, structure};
use super::{ast, marker, rustdoc};
use crate::emit::markdown;
use crate::naming;

pub(super) fn module(model: &Model, report: &Report) -> Vec<Piece> {
    let mut imports: Imports = ["Coverage", "Format", "Report", "ReportInfo"].into();
    let module_docs = inner_doc(&rustdoc::module(report));
    let marker = marker::marker(model, report, &mut imports);
    let constants = constants(report, &mut imports);
    let rows = rows(report, &mut imports);
    let imports = imports.into_iter().map(ident);
    let imports = quote!(use placewise_runtime::machinery::{#(#imports),*};);
    let mut pieces: Vec<Piece> = [module_docs, imports].into_iter().map(Piece::Tokens).chain(marker).collect();
    pieces.extend(constants);
    pieces.extend(rows);
    pieces
}

/// The constants that filters are made of, and the table of fields.
fn constants(report: &Report, imports: &mut Imports) -> Vec<Piece> {
    let marker = naming::report(&report.name).marker;
    imports.insert("field_table");
    let mut constants = Vec::new();
    let mut names = Vec::new();
    for of in &report.fields {
        imports.insert("Field");
        let name = naming::constant(&of.name);
        let mut arguments = vec![ast::ty(&marker, Vec::new()), rust_type(of, &of.ty, "", imports)];
        let (constructor, access, header) = match &of.filterable {
            Filterability::Yes => ("filterable", None, None),
            Filterability::Example => ("filterable_by_example", None, None),
            Filterability::Unknown => ("unknown", None, None),
            Filterability::No => ("not_filterable", Some("NotFilterable"), None),
            Filterability::UnknownStrict => ("unknown_strict", Some("NotFilterable"), None),
            Filterability::Header(header) => ("by_header", Some("ByHeader"), Some(header.as_str())),
        };
        if let Some(access) = access {
            imports.insert("access");
            arguments.push(ast::ty_in("access", access));
        }
        let docs = ast::docs(&doc_lines(&constant_docs(report, of)));
        let values: Vec<&str> = [of.name.as_str()].into_iter().chain(header).collect();
        let ty = ast::ty("Field", arguments);
        constants.push(ast::constant(docs, &name, ty, ("Field", constructor), &values, provenance(of, imports)));
        names.push(ident(&name));
    }
    if constants.is_empty() {
        return vec![Piece::Items(vec![ast::list("field_table", TokenStream::new())])];
    }
    vec![Piece::Items(constants), Piece::Items(vec![ast::list("field_table", quote!(#(#names),*))])]
}

/// If the report has a row struct, its fields have the description.
fn constant_docs(report: &Report, of: &Field) -> Vec<String> {
    let name = markdown::code(&of.name);
    let words = filter_words(&of.filterable);
    if marker::has_row(report) {
        return vec![format!("Field {name}; see [`Row::{}`]{words}", naming::field(&of.name).trim_start_matches("r#"))];
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

/// The provenance of a field, unless it is documented.
fn provenance(field: &Field, imports: &mut Imports) -> TokenStream {
    if field.provenance == Provenance::Documented {
        return TokenStream::new();
    }
    imports.insert("Provenance");
    let word = variant(&field.provenance);
    quote!(.provenance(Provenance::#word))
}

/// The row and label types: that of the report, one per aggregation, and those that their fields define.
fn rows(report: &Report, imports: &mut Imports) -> Vec<Piece> {
    let mut out = Vec::new();
    let name = markdown::code(&report.name);
    // The format of statistics is undocumented, so their structs keep unknown keys.
    let whole = report.coverage != Coverage::Partial && report.format != Format::Statistics;
    let mut add = |name: &str, docs: String, fields: Vec<&Field>, prefix: &str, whole: bool| {
        let of = if report.format == Format::Statistics { Use::Loose } else { Use::Read };
        let of = Struct { name, docs: vec![docs], fields, prefix, whole, of };
        out.push(structure(&of, imports));
    };
    if marker::has_row(report) {
        let docs = if report.format == Format::Records { "A row of" } else { "Figures of" };
        add(naming::ROW, format!("{docs} {name}."), report.fields.iter().collect(), "", whole);
    }
    if let Some(labels) = &report.labels {
        add(naming::LABEL, format!("The label of a series of {name}."), labels.iter().collect(), naming::LABEL, false);
    }
    for aggregation in &report.aggregations {
        let (name, _) = naming::aggregation(aggregation);
        let description = aggregation.description.as_deref().unwrap_or("Not described.");
        let description = with_provenance(markdown::markdown(description), aggregation.provenance);
        if let Some(labels) = &aggregation.labels {
            add(&name, format!("The label of a series: {description}"), labels.iter().collect(), &name, false);
        } else if marker::has_rows(aggregation, report.format) {
            add(&name, description, aggregation.returns.iter().map(|returned| &returned.field).collect(), &name, whole);
        }
    }
    out.extend(naming::defined(report).iter().filter_map(|of| defined(of, Use::Read, imports)));
    out
}
