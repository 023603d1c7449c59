//! The module of one report: its marker, the constants that filters are made of, the table of fields, and the row, label and value
//! types. Everything here is data; loops and decisions live in the runtime.

use placewise_model::{Coverage, Field, Filterable, Format, Model, Provenance, Report, Type};
use proc_macro2::TokenStream;
use quote::quote;

use super::docs::with_standing;
use super::types::{Imports, Struct, Use, enumeration, rust_type, structure};
use super::{Piece, ast, doc_lines, docs, ident, inner_doc, marker};
use crate::emit::text;
use crate::naming;

pub(super) fn module(model: &Model, report: &Report) -> Vec<Piece> {
    let mut imports: Imports = ["Coverage", "Format", "Report", "ReportInfo"].into();
    let module_docs = inner_doc(&docs::module(report));
    let marker = marker::marker(model, report, &mut imports);
    let constants = constants(report, &mut imports);
    let rows = rows(report, &mut imports);
    let imports = imports.into_iter().map(ident);
    let imports = quote!(use placewise_runtime::{#(#imports),*};);
    let mut pieces: Vec<Piece> = [module_docs, imports].into_iter().map(Piece::Tokens).chain(marker).collect();
    pieces.extend(constants);
    pieces.extend(rows);
    pieces
}

/// The constants that filters are made of, and the table of fields.
fn constants(report: &Report, imports: &mut Imports) -> Vec<Piece> {
    let marker = naming::report(&report.name).marker;
    imports.insert("fields");
    let mut constants = Vec::new();
    let mut names = Vec::new();
    for of in &report.fields {
        imports.extend(["Field", "field"]);
        let name = naming::constant(&of.name);
        let mut arguments = vec![ast::ty(&marker, Vec::new()), rust_type(of, &of.ty, "", imports)];
        let access = match &of.filterable {
            Filterable::No | Filterable::UnknownStrict => Some("NotFilterable"),
            Filterable::Header(_) => Some("ByHeader"),
            Filterable::Yes | Filterable::Example | Filterable::Unknown => None,
        };
        if let Some(access) = access {
            imports.insert("access");
            arguments.push(ast::ty_in("access", access));
        }
        let docs = ast::docs(&doc_lines(&constant_docs(report, of)));
        constants.push(ast::constant(docs, &name, ast::ty("Field", arguments), ("field", &of.name), facts(of, imports)));
        names.push(ident(&name));
    }
    if constants.is_empty() {
        return vec![Piece::Items(vec![ast::list("fields", TokenStream::new())])];
    }
    vec![Piece::Items(constants), Piece::Items(vec![ast::list("fields", quote!(#(#names),*))])]
}

/// Where rows are read as a struct, the field's meaning stands there.
fn constant_docs(report: &Report, of: &Field) -> Vec<String> {
    let name = text::code(&of.name);
    let words = filter_words(&of.filterable);
    if marker::has_record(report) {
        return vec![format!("Field {name}; see [`Record::{}`]{words}", naming::field(&of.name).trim_start_matches("r#"))];
    }
    let mut docs = docs::field(of);
    if let Some(first) = docs.first_mut() {
        *first = format!("Field {name}: {first}");
    }
    // The words go on with a sentence of their own, after a full stop that the meaning has already.
    if let (Some(words), Some(last)) = (words.strip_prefix(". "), docs.last_mut()) {
        last.push_str(&format!(" {words}"));
    }
    docs
}

fn filter_words(filterable: &Filterable) -> String {
    match filterable {
        Filterable::Yes => ". Filterable.".into(),
        Filterable::Example => ". Filterable, as an example request shows.".into(),
        Filterable::No => ". Not filterable.".into(),
        Filterable::Unknown => ".".into(),
        Filterable::UnknownStrict => ". Whether it is filterable is not known.".into(),
        Filterable::Header(header) => format!(". Narrowed by the header {}.", text::code(header)),
    }
}

/// What is known of a field beside its name and type, where it is not the usual.
fn facts(field: &Field, imports: &mut Imports) -> TokenStream {
    let filterable = match &field.filterable {
        Filterable::Unknown => None,
        Filterable::Header(header) => Some(quote!(Header(#header))),
        Filterable::Yes => Some(quote!(Yes)),
        Filterable::Example => Some(quote!(Example)),
        Filterable::No => Some(quote!(No)),
        Filterable::UnknownStrict => Some(quote!(UnknownStrict)),
    };
    let filterable = filterable.map(|word| {
        imports.insert("Filterable");
        quote!(.filterable(Filterable::#word))
    });
    let provenance = (field.provenance != Provenance::Documented).then(|| {
        imports.insert("Provenance");
        let word = ident(match field.provenance {
            Provenance::Documented => "Documented",
            Provenance::Example => "Example",
            Provenance::Inferred => "Inferred",
            Provenance::Assumed => "Assumed",
            Provenance::Unknown => "Unknown",
        });
        quote!(.provenance(Provenance::#word))
    });
    quote!(#filterable #provenance)
}

/// The row and label types: the report's own, one per aggregation, and those their fields define.
fn rows(report: &Report, imports: &mut Imports) -> Vec<Piece> {
    let mut out = Vec::new();
    let name = text::code(&report.name);
    // Of answers in statistics no page tells the form, so their keys cannot be all there are.
    let whole = report.coverage != Coverage::Partial && report.format != Format::Statistics;
    let mut add = |name: &str, docs: String, fields: Vec<&Field>, prefix: &str, whole: bool| {
        let of = if report.format == Format::Statistics { Use::Loose } else { Use::Read };
        let of = Struct { name, docs: vec![docs], fields, prefix, whole, of };
        out.push(structure(&of, imports));
    };
    if marker::has_record(report) {
        let docs = if report.format == Format::Records { "One row of" } else { "Figures of" };
        add("Record", format!("{docs} {name}."), report.fields.iter().collect(), "", whole);
    }
    if let Some(labels) = &report.labels {
        add(naming::LABEL, format!("The label of a series of {name}."), labels.iter().collect(), naming::LABEL, false);
    }
    for aggregation in &report.aggregations {
        let (name, _) = naming::aggregation(aggregation);
        let description = aggregation.description.as_deref().unwrap_or("Not described.");
        let description = with_standing(text::markdown(description), aggregation.provenance);
        if let Some(labels) = &aggregation.labels {
            add(&name, format!("The label of a series: {description}"), labels.iter().collect(), &name, false);
        } else if marker::has_rows(aggregation, report.format) {
            add(&name, description, aggregation.returns.iter().map(|returned| &returned.field).collect(), &name, whole);
        }
    }
    for defined in naming::defined(report) {
        out.extend(match defined.ty {
            Type::Enum(ty) => Some(enumeration(&defined.name, defined.field, ty, imports)),
            Type::Object { fields } => Some(structure(&Struct::object(&defined.name, defined.field, fields, Use::Read), imports)),
            _ => None,
        });
    }
    out
}
