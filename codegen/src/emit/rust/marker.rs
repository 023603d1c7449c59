//! The marker type of a report, with its permit, its cost and its queries.

use placewise_model::{Aggregation, Coverage, Format, Model, Provenance, Report};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::ast;
use super::format_facts::period;
use super::pieces::{Piece, doc, ident, variant};
use super::rustdoc::with_provenance;
use super::structs_and_enums::Imports;
use crate::emit::markdown;
use crate::naming;

pub(super) fn marker(model: &Model, report: &Report, imports: &mut Imports) -> Vec<Piece> {
    let name = ident(&naming::report(report).marker);
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
    let spec = spec(report, imports);
    let constants = constants(report);
    let methods = methods(report, imports);
    let inherent = quote! {
        impl #name {
            #constants
            #methods
        }
    };
    let mut pieces: Vec<Piece> = Vec::from([structure, spec, inherent].map(Piece::Tokens));
    if report.format == Format::Timeseries {
        imports.insert("has_intervals");
        let intervals = model.intervals(report).map(|interval| ident(&naming::interval(interval.bucket_length)));
        pieces.push(Piece::Items(vec![ast::list("has_intervals", quote!(#name: #(#intervals),*))]));
    }
    pieces
}

/// What queries of the report need.
fn spec(report: &Report, imports: &mut Imports) -> TokenStream {
    let marker = ident(&naming::report(report).marker);
    let (name, format) = (&report.name, variant(&report.format));
    let cost = report.cost.map(|_| quote!(.cost(Self::COST)));
    let permit = report.permit.as_ref().map(|_| quote!(.permit(Self::PERMIT)));
    let intervals = report.intervals.as_ref().map(|names| quote!(.intervals(&[#(#names),*])));
    let adds = report.adds.as_ref().map(|adds| {
        imports.insert("Adds");
        let over = adds.over.iter().map(|dimension| ident(&format!("over_{}", dimension.word())));
        let known = known_as(adds.provenance, imports);
        quote!(.adds(Adds::NEVER #(.#over())* #known))
    });
    let data_lag = report.data_lag.as_ref().map(|lag| {
        imports.extend(["DataLag", "Period"]);
        let (period, known) = (period(lag.period), known_as(lag.provenance, imports));
        let about = lag.approximate.then(|| quote!(.approximate()));
        quote!(.data_lag(DataLag::of(#period) #about #known))
    });
    // The client warns if rows that should be aggregated hold fields of the report.
    let aggregated =
        report.format == Format::Records && has_row(report) && report.aggregations.iter().any(|of| has_rows(of, report.format));
    let keys = aggregated.then(|| {
        imports.insert("FromObject");
        quote!(.keys(Row::KEYS))
    });
    quote! {
        impl Report for #marker {
            type Api = crate::ReportingApi;
            const SPEC: &'static ReportSpec = &ReportSpec::new(#name, Format::#format) #cost #permit #intervals #adds #data_lag #keys;
        }
    }
}

/// How a fact is known, unless a page states it.
fn known_as(provenance: Provenance, imports: &mut Imports) -> Option<TokenStream> {
    let word = variant(&provenance);
    (provenance != Provenance::Documented).then(|| {
        imports.insert("Provenance");
        quote!(.known_as(Provenance::#word))
    })
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
pub(crate) fn has_row(report: &Report) -> bool {
    match report.format {
        Format::Records => report.coverage != Coverage::NameOnly,
        Format::Timeseries => false,
        Format::Statistics => report.coverage != Coverage::NameOnly && !report.fields.is_empty(),
    }
}

/// Whether an aggregation has a row or label struct.
pub(crate) fn has_rows(aggregation: &Aggregation, format: Format) -> bool {
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

/// The methods that build the report's queries: of the report itself, of each aggregation, and of one by its name.
fn methods(report: &Report, imports: &mut Imports) -> TokenStream {
    let charts = report.format == Format::Timeseries;
    let (query, method, what, docs, known, own) = match report.format {
        Format::Records => ("Records", "records", "rows", "Queries the rows of the report.", has_row(report), naming::ROW),
        Format::Timeseries => {
            let docs = "Queries the series of the report over a range of time.";
            ("Timeseries", "series", "labels", docs, report.labels.is_some(), naming::LABEL)
        }
        Format::Statistics => {
            let docs =
                "Queries the figures of the report. Their format is undocumented; `text()` and `json()` return the raw body.";
            ("Statistics", "statistics", "figures", docs, has_row(report), naming::ROW)
        }
    };
    imports.insert(query);
    let (query, method) = (ident(query), ident(method));
    // A range is converted, which no constant can do.
    let (constant, parameter, range, by_name) = if charts {
        imports.insert("IntoTimeRange");
        (None, quote!(range: impl IntoTimeRange), quote!(range), ident("of_aggregation"))
    } else {
        (Some(quote!(const)), quote!(), quote!(), ident("of_aggregation_named"))
    };
    let documented = |text: String, unknown: bool| {
        let labels = (charts && unknown).then(|| "The keys of its labels are unknown; labels are JSON objects.".to_owned());
        doc(&[text].into_iter().chain(labels).collect::<Vec<_>>())
    };
    let docs = documented(docs.into(), report.labels.is_none());
    let own = row(known, own, imports);
    let mut aggregations = Vec::new();
    for aggregation in &report.aggregations {
        let (rows, method) = naming::aggregation(aggregation);
        let (rows, method) = (row(has_rows(aggregation, report.format), &rows, imports), ident(&method));
        let description = aggregation.description.as_deref().unwrap_or("Not described.");
        let description = with_provenance(markdown::markdown(description), aggregation.provenance);
        let (docs, wire) = (documented(description, aggregation.labels.is_none()), &aggregation.name);
        aggregations.push(quote! {
            #docs
            pub #constant fn #method(#parameter) -> #query<Self, #rows> { #query::of_aggregation(#wire, #range) }
        });
    }
    let open = report.more_aggregations.then(|| {
        imports.insert("JsonRow");
        let known = match report.aggregations.len() {
            0 => "Its aggregations are unknown.",
            _ => "The list of documented aggregations is open.",
        };
        let docs = doc(&[format!(
            "Queries the aggregation with this name; {what} are JSON objects. {known} The server rejects unknown names."
        )]);
        quote! {
            #docs
            pub fn aggregated_by(name: impl Into<std::borrow::Cow<'static, str>>, #parameter) -> #query<Self, JsonRow> {
                #query::#by_name(name, #range)
            }
        }
    });
    quote! {
        #docs
        pub #constant fn #method(#parameter) -> #query<Self, #own> { #query::of_report(#range) }
        #(#aggregations)*
        #open
    }
}
