//! The unit struct that stands for a report in types, with its permit, its cost and what can be asked of it. In: one report; out: pieces of
//! its module.

use placewise_model::{Aggregation, Coverage, Format, Model, Report};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::docs::with_standing;
use super::types::{Imports, coverage_word};
use super::{Piece, ast, doc, ident};
use crate::emit::text;
use crate::naming;

pub(super) fn marker(model: &Model, report: &Report, imports: &mut Imports) -> Vec<Piece> {
    let name = ident(&naming::report(&report.name).marker);
    let description = report.description.as_deref();
    let docs = doc(&[description.map_or_else(
        || format!("The report {}.", text::code(&report.name)),
        |description| text::markdown(&text::summary(description)),
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
        imports.insert("offers");
        let intervals = model.intervals(report).map(|interval| ident(&naming::interval(interval.bucket_length)));
        pieces.push(Piece::Items(vec![ast::list("offers", quote!(#name: #(#intervals),*))]));
    }
    pieces
}

/// What the runtime is told of the report.
fn info(report: &Report) -> TokenStream {
    let marker = ident(&naming::report(&report.name).marker);
    let (name, group) = (&report.name, &report.group);
    let format = ident(match report.format {
        Format::Records => "Records",
        Format::Timeseries => "Timeseries",
        Format::Statistics => "Statistics",
    });
    let permit = if report.permit.is_some() { quote!(Some(Self::PERMIT)) } else { quote!(None) };
    let cost = if report.cost.is_some() { quote!(Some(Self::COST)) } else { quote!(None) };
    let coverage = ident(coverage_word(report.coverage));
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
    let docs = doc(&[with_standing("The permit that a token needs for this report.".into(), report.provenance)]);
    let permit = report.permit.as_ref().map(|permit| quote!(#docs pub const PERMIT: &'static str = #permit;));
    let docs = doc(&[with_standing(
        "Its base cost in rate-limit tokens; filters add to it, and an aggregation may.".into(),
        report.provenance,
    )]);
    let cost = report.cost.map(|cost| {
        let cost = Literal::u32_unsuffixed(cost);
        quote!(#docs pub const COST: u32 = #cost;)
    });
    quote!(#permit #cost)
}

/// Whether answers are read as a struct of the report's fields.
pub(super) fn has_record(report: &Report) -> bool {
    match report.format {
        Format::Records => report.coverage != Coverage::NameOnly,
        Format::Timeseries => false,
        Format::Statistics => report.coverage != Coverage::NameOnly && !report.fields.is_empty(),
    }
}

/// Whether what an aggregation answers is read as a struct; otherwise it is JSON.
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
        let mut docs = vec![with_standing(text::markdown(description), aggregation.provenance)];
        if report.format == Format::Timeseries && aggregation.labels.is_none() {
            docs.push("The keys of its labels are not known: labels are JSON objects.".into());
        }
        let method = ident(&method);
        let rows = row(has_rows(aggregation, report.format), &rows, imports);
        (doc(&docs), quote!(#method), rows, aggregation.name.clone())
    };
    report.aggregations.iter().map(one).collect()
}

/// Docs of the method that takes an aggregation's name.
fn open_docs(report: &Report, what: &str) -> TokenStream {
    let known = match report.aggregations.len() {
        0 => "Which aggregations it has is not known.",
        _ => "It may have more aggregations than are documented: the list is open.",
    };
    doc(&[format!(
        "Asks for the aggregation of that name, with {what} as JSON objects. {known} The server refuses what it does not know."
    )])
}

fn records(report: &Report, imports: &mut Imports) -> TokenStream {
    imports.insert("Records");
    let own = row(has_record(report), "Record", imports);
    let methods = aggregations(report, imports).into_iter().map(
        |(docs, method, rows, wire)| quote!(#docs pub const fn #method() -> Records<Self, #rows> { Records::aggregated(#wire) }),
    );
    let methods: Vec<_> = methods.collect();
    let open = report.more_aggregations.then(|| {
        imports.insert("JsonRow");
        let docs = open_docs(report, "rows");
        quote! {
            #docs
            pub fn aggregated_by(name: impl Into<std::borrow::Cow<'static, str>>) -> Records<Self, JsonRow> { Records::aggregated_by(name) }
        }
    });
    quote! {
        /// Asks for the report's rows.
        pub const fn records() -> Records<Self, #own> { Records::new() }
        #(#methods)*
        #open
    }
}

fn timeseries(report: &Report, imports: &mut Imports) -> TokenStream {
    imports.extend(["TimeRange", "Timeseries"]);
    let own = row(report.labels.is_some(), naming::LABEL, imports);
    let mut docs = vec!["Asks for the report's series over a range of time.".to_owned()];
    if report.labels.is_none() {
        docs.push("The keys of its labels are not known: labels are JSON objects.".into());
    }
    let docs = doc(&docs);
    let methods = aggregations(report, imports).into_iter().map(|(docs, method, rows, wire)| {
        quote! {
            #docs
            pub fn #method(range: impl Into<TimeRange>) -> Timeseries<Self, #rows> { Timeseries::aggregated(#wire, range) }
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
                Timeseries::aggregated_by(name, range)
            }
        }
    });
    quote! {
        #docs
        pub fn series(range: impl Into<TimeRange>) -> Timeseries<Self, #own> { Timeseries::new(range) }
        #(#methods)*
        #open
    }
}

fn statistics(report: &Report, imports: &mut Imports) -> TokenStream {
    imports.insert("Statistics");
    let own = row(has_record(report), "Record", imports);
    let methods = aggregations(report, imports).into_iter().map(|(docs, method, rows, wire)| {
        quote!(#docs pub const fn #method() -> Statistics<Self, #rows> { Statistics::aggregated(#wire) })
    });
    let methods: Vec<_> = methods.collect();
    let open = report.more_aggregations.then(|| {
        imports.insert("JsonRow");
        let docs = open_docs(report, "figures");
        quote! {
            #docs
            pub fn aggregated_by(name: impl Into<std::borrow::Cow<'static, str>>) -> Statistics<Self, JsonRow> {
                Statistics::aggregated_by(name)
            }
        }
    });
    quote! {
        /// Asks for the report's figures. The form of the answer is not known: its text and its JSON are at hand beside what is read
        /// of it.
        pub const fn statistics() -> Statistics<Self, #own> { Statistics::new() }
        #(#methods)*
        #open
    }
}
