//! The module of endpoints: a marker type for each, and structs for its request and response if their keys are known.

use placewise_model::{Carries, Coverage, Endpoint, Format, Model, Setting};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::pieces::{Piece, doc, ident, import, inner_doc, setting, variant};
use super::structs_and_enums::{Imports, Struct, Use, defined, structure};
use super::{format_facts, rustdoc};
use crate::emit::markdown;
use crate::naming::{self, EndpointNames};

/// The names of the runtime that the module may import, besides those of its structs.
const NAMES: [&str; 13] = [
    "Call",
    "Coverage",
    "Endpoint",
    "EndpointInfo",
    "Field",
    "FromObject",
    "Json",
    "JsonRow",
    "Records",
    "Report",
    "Setting",
    "Statistics",
    "Timeseries",
];

/// The endpoints other than the query endpoints of the formats.
pub(crate) fn own(model: &Model) -> impl Iterator<Item = &Endpoint> {
    let queries = [&model.records.endpoint, &model.timeseries.endpoint, &model.statistics.endpoint];
    model.endpoints.iter().filter(move |endpoint| !queries.contains(&&endpoint.name))
}

pub(super) fn module(model: &Model) -> Vec<Piece> {
    let docs = inner_doc(&[
        format!("The endpoints of {} other than the query endpoints.", markdown::markdown(&model.api.name)),
        "Send a call like a query: `client.fetch(…)`. Unknown requests and responses are JSON; set an unknown path when building the client."
            .into(),
    ]);
    let mut imports = Imports::new();
    let mut tokens = Vec::new();
    let mut pieces = Vec::new();
    for endpoint in own(model) {
        let names = naming::endpoint(&endpoint.name);
        let marker = marker(endpoint, &names);
        tokens.push(marker.clone());
        pieces.push(Piece::Tokens(marker));
        pieces.extend(structs(endpoint, &names, &mut imports));
    }
    if pieces.is_empty() {
        return vec![Piece::Tokens(docs)];
    }
    let imported: Vec<_> = imports.iter().map(|name| ident(name)).collect();
    let mentioned = quote!(#(#imported)*);
    let mut names: Vec<&str> = NAMES.into_iter().chain(imports).collect();
    names.sort_unstable();
    names.dedup();
    let import = import(&names, &tokens.iter().chain([&mentioned]).collect::<Vec<_>>());
    [docs, import].into_iter().map(Piece::Tokens).chain(pieces).collect()
}

fn marker(endpoint: &Endpoint, names: &EndpointNames) -> TokenStream {
    let docs = doc(&rustdoc::endpoint(endpoint));
    let marker = ident(&names.marker);
    let reply = ident(if endpoint.response.is_empty() { "JsonRow" } else { &names.reply });
    let (name, method) = (&endpoint.name, &endpoint.method);
    let title = endpoint.title.as_ref().unwrap_or(name);
    let path = format_facts::path(Some(endpoint));
    let cost = endpoint.cost.map_or_else(
        || quote!(None),
        |cost| {
            let cost = Literal::u32_unsuffixed(cost);
            quote!(Some(#cost))
        },
    );
    let permit = endpoint.permit.as_ref().map_or_else(|| quote!(None), |permit| quote!(Some(#permit)));
    let only_reads = endpoint.only_reads;
    let coverage = variant(&endpoint.coverage);
    let of = of(&endpoint.carries);
    let with = with(endpoint, names);
    quote! {
        #docs
        #[derive(Clone, Copy, Debug)]
        pub struct #marker;
        impl Endpoint for #marker {
            type Api = crate::ReportingApi;
            type Reply = #reply;
            const INFO: &'static EndpointInfo = &EndpointInfo {
                name: #name,
                title: #title,
                method: #method,
                path: #path,
                cost: #cost,
                permit: #permit,
                only_reads: #only_reads,
                coverage: Coverage::#coverage,
            };
        }
        impl #marker {
            #of
            #with
        }
    }
}

/// The call for a query, a field or a report.
fn of(carries: &Carries) -> TokenStream {
    let report_of = quote!(R: Report<Api = crate::ReportingApi>);
    let key = |of: &Setting<String>| setting(of, |key| quote!(#key));
    if let Some(query) = &carries.query {
        let format = carries.query_format.unwrap_or(Format::Records);
        let kind = variant(&format);
        let what = ident(match format {
            Format::Records => "Row",
            Format::Timeseries => "Label",
            Format::Statistics => "Figures",
        });
        let whole = setting(query, |whole| quote!(#whole));
        return quote! {
            /// Calls the endpoint for a query.
            pub fn of<#report_of, #what: FromObject>(self, query: &#kind<R, #what>) -> Call<Self> { Call::new(self).query(query, #whole) }
        };
    }
    match (&carries.report, &carries.field) {
        (Some(report), Some(field)) => {
            let (report_key, field_key) = (key(report), key(field));
            quote! {
                /// Calls the endpoint for a field of a report.
                pub fn of<#report_of, T, A>(self, field: Field<R, T, A>) -> Call<Self> {
                    Call::new(self).field(field, #report_key, #field_key)
                }
            }
        }
        (Some(report), None) => {
            let report = key(report);
            quote! {
                /// Calls the endpoint for a report.
                pub fn of<#report_of>(self, report: R) -> Call<Self> { Call::new(self).report(report, #report) }
            }
        }
        (None, _) => TokenStream::new(),
    }
}

/// The call with the caller's own request.
fn with(endpoint: &Endpoint, names: &EndpointNames) -> TokenStream {
    if endpoint.request.is_empty() {
        return quote! {
            /// Calls the endpoint with a JSON body, because its keys are unknown.
            pub fn with(self, request: Json) -> Call<Self> { Call::new(self).body(request) }
        };
    }
    let request = ident(&names.request);
    quote! {
        /// Calls the endpoint with this request.
        pub fn with(self, request: #request) -> Call<Self> { Call::new(self).body(request) }
    }
}

/// The structs of the request and the response, and the types that their fields define.
fn structs(endpoint: &Endpoint, names: &EndpointNames, imports: &mut Imports) -> Vec<Piece> {
    let name = markdown::code(&endpoint.name);
    let request = (&endpoint.request, &names.request, format!("Request of {name}. Keys with `None` are omitted."));
    let reply = (&endpoint.response, &names.reply, format!("Response of {name}."));
    let mut out = Vec::new();
    for ((fields, name, docs), of) in [(request, Use::Given), (reply, Use::Read)] {
        if fields.is_empty() {
            continue;
        }
        let whole = endpoint.coverage == Coverage::Whole;
        let fields_of = fields.iter().collect();
        let of_struct = Struct { name, docs: vec![docs], fields: fields_of, prefix: name, repeats: &[], whole, of, sample: None };
        out.push(structure(&of_struct, imports));
        out.extend(naming::defined_in(fields, name).iter().filter_map(|field| defined(field, of, imports)));
    }
    out
}
