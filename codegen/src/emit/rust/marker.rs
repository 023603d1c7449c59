//! The marker type of a report, with its permit, its cost and its queries.

use placewise_model::{Aggregation, Coverage, Format, Model, Report};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::ast;
use super::docs::with_provenance;
use super::pieces::{Piece, doc, ident, variant};
use super::types::Imports;
use crate::emit::markdown;
use crate::naming;

pub(super) fn marker(model: &Model, report: &Report, imports: &mut Imports) -> Vec<Piece> {
    let name = ident(&naming::report(&report.name).marker);
    let description = report.description.as_deref();
    let docs = doc(&[description.map_or_else(
        || format!("The report {}.", markdown::code(&report.name)),
        |description| markdown::markdown(&markdown::summary(description)),
    )]);
    let structure = quote! {
        #docs
        #[derive(Clone, Copy, Debug)]
        pub struct #name;
    };
    let info = info(report);
    let constants = constants(report);
    let methods = match report.format {
        Format::Records => records(report, imports),
        Format::Timeseries => timeseries(report, imports),
        Format::Statistics => statistics(report, imports),
    };
    let inherent = quote! {
        impl #name {
            #constants
            #methods
        }
    };
    let mut pieces: Vec<Piece> = Vec::from([structure, info, inherent].map(Piece::Tokens));
    if report.format == Format::Timeseries {
        imports.insert("has_intervals");
        let intervals = model.intervals(report).map(|interval| ident(&naming::interval(interval.bucket_length)));
        pieces.push(Piece::Items(vec![ast::list("has_intervals", quote!(#name: #(#intervals),*))]));
    }
    pieces
}

/// The facts of the report.
fn info(report: &Report) -> TokenStream {
    let marker = ident(&naming::report(&report.name).marker);
    let (name, group) = (&report.name, &report.group);
    let format = variant(&report.format);
    let permit = if report.permit.is_some() { quote!(Some(Self::PERMIT)) } else { quote!(None) };
    let cost = if report.cost.is_some() { quote!(Some(Self::COST)) } else { quote!(None) };
    let coverage = variant(&report.coverage);
    let source = report.source.as_ref().map_or_else(|| quote!(None), |source| quote!(Some(#source)));
    let intervals = report.intervals.iter().flatten();
    quote! {
        impl Report for #marker {
            type Api = crate::ReportingApi;
            const INFO: &'static ReportInfo = &ReportInfo {
                name: #name,
                group: #group,
                format: Format::#format,
                permit: #permit,
                cost: #cost,
                coverage: Coverage::#coverage,
                source: #source,
                fields: FIELDS,
                intervals: &[#(#intervals),*],
            };
        }
    }
}

fn constants(report: &Report) -> TokenStream {
    let docs = doc(&[with_provenance("The permit that a token needs for this report.".into(), report.provenance)]);
    let permit = report.permit.as_ref().map(|permit| quote!(#docs pub const PERMIT: &'static str = #permit;));
    let docs =
        doc(&[with_provenance("Base cost in tokens. Filters add to it, and an aggregation may.".into(), report.provenance)]);
    let cost = report.cost.map(|cost| {
        let cost = Literal::u32_unsuffixed(cost);
        quote!(#docs pub const COST: u32 = #cost;)
    });
    quote!(#permit #cost)
}

/// Whether the report has a row struct.
pub(super) fn has_row(report: &Report) -> bool {
    match report.format {
        Format::Records => report.coverage != Coverage::NameOnly,
        Format::Timeseries => false,
        Format::Statistics => report.coverage != Coverage::NameOnly && !report.fields.is_empty(),
    }
}

/// Whether an aggregation has a row or label struct.
pub(super) fn has_rows(aggregation: &Aggregation, format: Format) -> bool {
    if format == Format::Timeseries { aggregation.labels.is_some() } else { !aggregation.returns.is_empty() }
}

fn row(known: bool, name: &str, imports: &mut Imports) -> TokenStream {
    let name = if known {
        name
    } else {
        imports.insert("JsonRow");
        "JsonRow"
    };
    let name = ident(name);
    quote!(#name)
}

/// Docs, method and row type of each aggregation, with its wire name.
fn aggregations(report: &Report, imports: &mut Imports) -> Vec<(TokenStream, TokenStream, TokenStream, String)> {
    let one = |aggregation: &Aggregation| {
        let (rows, method) = naming::aggregation(aggregation);
        let description = aggregation.description.as_deref().unwrap_or("Not described.");
        let mut docs = vec![with_provenance(markdown::markdown(description), aggregation.provenance)];
        if report.format == Format::Timeseries && aggregation.labels.is_none() {
            docs.push("The keys of its labels are unknown; labels are JSON objects.".into());
        }
        let method = ident(&method);
        let rows = row(has_rows(aggregation, report.format), &rows, imports);
        (doc(&docs), quote!(#method), rows, aggregation.name.clone())
    };
    report.aggregations.iter().map(one).collect()
}

/// Docs of the method that takes the name of an aggregation.
fn open_docs(report: &Report, what: &str) -> TokenStream {
    let known = match report.aggregations.len() {
        0 => "Its aggregations are unknown.",
        _ => "The list of documented aggregations is open.",
    };
    doc(&[format!("Queries the aggregation with this name; {what} are JSON objects. {known} The server rejects unknown names.")])
}

fn records(report: &Report, imports: &mut Imports) -> TokenStream {
    imports.insert("Records");
    let own = row(has_row(report), naming::ROW, imports);
    let methods = aggregations(report, imports).into_iter().map(
        |(docs, method, rows, wire)| quote!(#docs pub const fn #method() -> Records<Self, #rows> { Records::of_aggregation(#wire) }),
    );
    let methods: Vec<_> = methods.collect();
    let open = report.more_aggregations.then(|| {
        imports.insert("JsonRow");
        let docs = open_docs(report, "rows");
        quote! {
            #docs
            pub fn aggregated_by(name: impl Into<std::borrow::Cow<'static, str>>) -> Records<Self, JsonRow> { Records::of_aggregation_named(name) }
        }
    });
    quote! {
        /// Queries the rows of the report.
        pub const fn records() -> Records<Self, #own> { Records::of_report() }
        #(#methods)*
        #open
    }
}

fn timeseries(report: &Report, imports: &mut Imports) -> TokenStream {
    imports.extend(["TimeRange", "Timeseries"]);
    let own = row(report.labels.is_some(), naming::LABEL, imports);
    let mut docs = vec!["Queries the series of the report over a range of time.".to_owned()];
    if report.labels.is_none() {
        docs.push("The keys of its labels are unknown; labels are JSON objects.".into());
    }
    let docs = doc(&docs);
    let methods = aggregations(report, imports).into_iter().map(|(docs, method, rows, wire)| {
        quote! {
            #docs
            pub fn #method(range: impl Into<TimeRange>) -> Timeseries<Self, #rows> { Timeseries::of_aggregation(#wire, range) }
        }
    });
    let methods: Vec<_> = methods.collect();
    let open = report.more_aggregations.then(|| {
        imports.insert("JsonRow");
        let docs = open_docs(report, "labels");
        quote! {
            #docs
            pub fn aggregated_by(
                name: impl Into<std::borrow::Cow<'static, str>>,
                range: impl Into<TimeRange>,
            ) -> Timeseries<Self, JsonRow> {
                Timeseries::of_aggregation(name, range)
            }
        }
    });
    quote! {
        #docs
        pub fn series(range: impl Into<TimeRange>) -> Timeseries<Self, #own> { Timeseries::of_report(range) }
        #(#methods)*
        #open
    }
}

fn statistics(report: &Report, imports: &mut Imports) -> TokenStream {
    imports.insert("Statistics");
    let own = row(has_row(report), naming::ROW, imports);
    let methods = aggregations(report, imports).into_iter().map(|(docs, method, rows, wire)| {
        quote!(#docs pub const fn #method() -> Statistics<Self, #rows> { Statistics::of_aggregation(#wire) })
    });
    let methods: Vec<_> = methods.collect();
    let open = report.more_aggregations.then(|| {
        imports.insert("JsonRow");
        let docs = open_docs(report, "figures");
        quote! {
            #docs
            pub fn aggregated_by(name: impl Into<std::borrow::Cow<'static, str>>) -> Statistics<Self, JsonRow> {
                Statistics::of_aggregation_named(name)
            }
        }
    });
    quote! {
        /// Queries the figures of the report. The response format is undocumented; use `text()` or `json()` for the raw body.
        pub const fn statistics() -> Statistics<Self, #own> { Statistics::of_report() }
        #(#methods)*
        #open
    }
}
