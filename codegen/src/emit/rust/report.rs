//! The module of one report: its marker with permit and cost, the constants that filters are made of, the table of fields, and the row
//! types. Everything here is data; loops and decisions live in the runtime.

use placewise_model::{Coverage, Filterable, Report, Standing, Type};
use proc_macro2::TokenStream;
use quote::quote;

use super::types::{Imports, Struct, enumeration, rust_type, structure, with_standing};
use super::{Piece, ast, doc, doc_lines, ident, inner_doc};
use crate::emit::text;
use crate::naming;

pub(super) fn module(report: &Report) -> Vec<Piece> {
    let mut imports: Imports = ["Coverage", "Records", "Report", "ReportInfo"].into();
    let module_docs = inner_doc(&module_docs(report));
    let marker = marker(report, &mut imports);
    let constants = constants(report, &mut imports);
    let rows = rows(report, &mut imports);
    let imports = imports.into_iter().map(ident);
    let imports = quote!(use placewise_runtime::{#(#imports),*};);
    let mut pieces: Vec<Piece> = [module_docs, imports].into_iter().chain(marker).map(Piece::Tokens).collect();
    pieces.extend(constants);
    pieces.extend(rows);
    pieces
}

fn module_docs(report: &Report) -> Vec<String> {
    let mut docs = vec![format!("Report {} ({}).", text::code(&report.name), report.format.word())];
    if let Some(about) = &report.about {
        docs.extend(text::paragraphs(about).iter().map(|paragraph| text::markdown(paragraph)));
    }
    let coverage = match report.coverage {
        Coverage::Whole => "All that its page tells is here",
        Coverage::Partial => "Only a part of it is known: rows keep what is not modelled in `other`",
        Coverage::NameOnly => "Only its name is known: rows are JSON objects",
    };
    docs.push(match &report.source {
        Some(source) => format!("{coverage}: <{source}>"),
        None => format!("{coverage}; no page of it was seen."),
    });
    let mut quirks = Vec::new();
    for quirk in &report.quirks {
        let at: Vec<String> = quirk.at.iter().map(|at| text::code(at)).collect();
        quirks.push(format!("- {}: {}", at.join(", "), text::markdown(&quirk.about)));
    }
    if !quirks.is_empty() {
        docs.push("Where the page contradicts itself:".into());
        docs.push(quirks.join("\n"));
    }
    docs
}

/// The unit struct that stands for the report in types, with what can be asked of it.
fn marker(report: &Report, imports: &mut Imports) -> Vec<TokenStream> {
    let name = ident(&naming::report(&report.name).marker);
    let wire = &report.name;
    let group = &report.group;
    let docs = doc(&[report
        .about
        .as_deref()
        .map_or_else(|| format!("The report {}.", text::code(wire)), |about| text::markdown(&text::summary(about)))]);
    let permit_docs = doc(&[with_standing("The permit that a token needs for this report.".into(), report.standing)]);
    let permit = report.permit.as_ref().map(|permit| quote!(#permit_docs pub const PERMIT: &'static str = #permit;));
    let has_permit = if report.permit.is_some() { quote!(Some(Self::PERMIT)) } else { quote!(None) };
    let cost_docs = doc(&[with_standing("Its base cost in rate-limit tokens; filters add to it.".into(), report.standing)]);
    let cost = report.cost.map(|cost| {
        let cost = proc_macro2::Literal::u32_unsuffixed(cost);
        quote!(#cost_docs pub const COST: u32 = #cost;)
    });
    let has_cost = if report.cost.is_some() { quote!(Some(Self::COST)) } else { quote!(None) };
    let coverage = ident(match report.coverage {
        Coverage::Whole => "Whole",
        Coverage::Partial => "Partial",
        Coverage::NameOnly => "NameOnly",
    });
    let source = report.source.as_ref().map_or_else(|| quote!(None), |source| quote!(Some(#source)));
    let row = if report.coverage == Coverage::NameOnly {
        imports.insert("JsonRow");
        quote!(JsonRow)
    } else {
        quote!(Record)
    };
    let aggregations = report.aggregations.iter().map(|aggregation| {
        let (rows, method) = naming::aggregation(aggregation);
        let (rows, method, wire) = (ident(&rows), ident(&method), &aggregation.name);
        let about = aggregation.about.as_deref().unwrap_or("Not described.");
        let docs = doc(&[with_standing(text::markdown(about), aggregation.standing)]);
        quote!(#docs pub const fn #method() -> Records<Self, #rows> { Records::aggregated(#wire) })
    });
    let structure = quote! {
        #docs
        #[derive(Clone, Copy, Debug)]
        pub struct #name;
    };
    let report = quote! {
        impl Report for #name {
            type Api = crate::ReportingApi;
            const INFO: &'static ReportInfo = &ReportInfo {
                name: #wire,
                group: #group,
                permit: #has_permit,
                cost: #has_cost,
                coverage: Coverage::#coverage,
                source: #source,
                fields: FIELDS,
            };
        }
    };
    let inherent = quote! {
        impl #name {
            #permit
            #cost
            /// Asks for the report's rows.
            pub const fn records() -> Records<Self, #row> { Records::new() }
            #(#aggregations)*
        }
    };
    vec![structure, report, inherent]
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
        let words = format!(
            "Field {}; see [`Record::{}`]{}",
            text::code(&of.name),
            naming::field(&of.name).trim_start_matches("r#"),
            filter_words(&of.filterable)
        );
        let docs = ast::docs(&doc_lines(&[words]));
        constants.push(ast::constant(docs, &name, ast::ty("Field", arguments), ("field", &of.name), facts(of, imports)));
        names.push(ident(&name));
    }
    if constants.is_empty() {
        return vec![Piece::Items(vec![ast::list("fields", TokenStream::new())])];
    }
    vec![Piece::Items(constants), Piece::Items(vec![ast::list("fields", quote!(#(#names),*))])]
}

fn filter_words(filterable: &Filterable) -> String {
    match filterable {
        Filterable::Yes => ". Filterable.".into(),
        Filterable::Example => ". Filterable, as an example request shows.".into(),
        Filterable::No => ". Not filterable.".into(),
        Filterable::Unknown => ".".into(),
        Filterable::UnknownStrict => ". Whether it is filterable is not documented.".into(),
        Filterable::Header(header) => format!(". Narrowed by the header {}.", text::code(header)),
    }
}

/// What is known of a field beside its name and type, where it is not the usual.
fn facts(field: &placewise_model::Field, imports: &mut Imports) -> TokenStream {
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
    let standing = (field.standing != Standing::Documented).then(|| {
        imports.insert("Standing");
        let word = ident(match field.standing {
            Standing::Documented => "Documented",
            Standing::Example => "Example",
            Standing::Inferred => "Inferred",
            Standing::Assumed => "Assumed",
            Standing::Unknown => "Unknown",
        });
        quote!(.standing(Standing::#word))
    });
    quote!(#filterable #standing)
}

/// The row types: the report's own, those its fields define, and one per aggregation.
fn rows(report: &Report, imports: &mut Imports) -> Vec<Piece> {
    let mut out = Vec::new();
    if report.coverage != Coverage::NameOnly {
        let docs = vec![format!("One row of {}.", text::code(&report.name))];
        let fields = report.fields.iter().collect();
        out.push(structure(&Struct { name: "Record", docs, fields, prefix: "", coverage: report.coverage }, imports));
    }
    for aggregation in &report.aggregations {
        let (name, _) = naming::aggregation(aggregation);
        let about = aggregation.about.as_deref().unwrap_or("Not described.");
        let docs = vec![with_standing(text::markdown(about), aggregation.standing)];
        let fields = aggregation.returns.iter().map(|returned| &returned.field).collect();
        out.push(structure(&Struct { name: &name, docs, fields, prefix: &name, coverage: report.coverage }, imports));
    }
    for defined in naming::defined(report) {
        out.push(match defined.ty {
            Type::Enum(ty) => enumeration(&defined.name, defined.field, ty, imports),
            Type::Object { fields } => {
                let about = defined.field.about.as_deref().unwrap_or("Not described.");
                let docs = vec![format!("Value of {}: {}", text::code(&defined.field.name), text::markdown(about))];
                let fields = fields.iter().collect();
                structure(
                    &Struct { name: &defined.name, docs, fields, prefix: &defined.name, coverage: Coverage::Whole },
                    imports,
                )
            }
            _ => Piece::Items(Vec::new()),
        });
    }
    out
}
