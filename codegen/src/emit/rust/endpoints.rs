//! The module of endpoints: a marker type for each that is not a format's own query, the call that it makes of a report, a field or a query,
//! and structs of what is sent and comes back where their keys are known. In: the model; out: pieces of one module.

use placewise_model::{Carries, Coverage, Endpoint, Format, Model, Setting, Type};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::setting;
use super::types::{Imports, Struct, Use, enumeration, structure};
use super::{Piece, doc, docs, formats, ident, import, inner_doc};
use crate::emit::text;
use crate::naming::{self, EndpointNames};

/// What the module may import of the runtime besides what its structs need.
const NAMES: [&str; 13] = [
    "Call",
    "Coverage",
    "Endpoint",
    "EndpointInfo",
    "Field",
    "Json",
    "JsonRow",
    "Record",
    "Records",
    "Report",
    "Setting",
    "Statistics",
    "Timeseries",
];

/// The endpoints that stand for themselves: a report's query goes by its format.
pub(super) fn own(model: &Model) -> impl Iterator<Item = &Endpoint> {
    let queries = [&model.records.endpoint, &model.timeseries.endpoint, &model.statistics.endpoint];
    model.endpoints.iter().filter(move |endpoint| !queries.contains(&&endpoint.name))
}

pub(super) fn module(model: &Model) -> Vec<Piece> {
    let docs = inner_doc(&[
        format!("The endpoints of {} beside the queries of reports.", text::markdown(&model.api.name)),
        "A call is handed to the client as a query is: `client.fetch(…)`. What is not known of an endpoint is JSON, and its path is set when \
         building the client."
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
    let docs = doc(&docs::endpoint(endpoint));
    let marker = ident(&names.marker);
    let reply = ident(if endpoint.response.is_empty() { "JsonRow" } else { &names.reply });
    let (name, method) = (&endpoint.name, &endpoint.method);
    let title = endpoint.title.as_ref().unwrap_or(name);
    let path = formats::path(Some(endpoint));
    let cost = endpoint.cost.map_or_else(
        || quote!(None),
        |cost| {
            let cost = Literal::u32_unsuffixed(cost);
            quote!(Some(#cost))
        },
    );
    let coverage = ident(super::types::coverage_word(endpoint.coverage));
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
                coverage: Coverage::#coverage,
            };
        }
        impl #marker {
            #of
            #with
        }
    }
}

/// The call about a query, a field or a report, whichever the endpoint takes.
fn of(carries: &Carries) -> TokenStream {
    let report_of = quote!(R: Report<Api = crate::ReportingApi>);
    let key = |of: &Setting<String>| setting(of, |key| quote!(#key));
    if let Some(query) = &carries.query {
        let (kind, what) = match carries.query_format.unwrap_or(Format::Records) {
            Format::Records => ("Records", "Row"),
            Format::Timeseries => ("Timeseries", "Label"),
            Format::Statistics => ("Statistics", "Figures"),
        };
        let (kind, what) = (ident(kind), ident(what));
        let whole = setting(query, |whole| quote!(#whole));
        return quote! {
            /// Asks for what that query asks for.
            pub fn of<#report_of, #what: Record>(self, query: &#kind<R, #what>) -> Call<Self> { Call::new(self).query(query, #whole) }
        };
    }
    match (&carries.report, &carries.field) {
        (Some(report), Some(field)) => {
            let (report_key, field_key) = (key(report), key(field));
            quote! {
                /// Asks about a field of a report.
                pub fn of<#report_of, T, A>(self, field: Field<R, T, A>) -> Call<Self> {
                    Call::new(self).field(field, #report_key, #field_key)
                }
            }
        }
        (Some(report), None) => {
            let report = key(report);
            quote! {
                /// Asks about a report.
                pub fn of<#report_of>(self, report: R) -> Call<Self> { Call::new(self).report(report, #report) }
            }
        }
        (None, _) => TokenStream::new(),
    }
}

/// The call with a request of the caller's own.
fn with(endpoint: &Endpoint, names: &EndpointNames) -> TokenStream {
    if endpoint.request.is_empty() {
        return quote! {
            /// Sends that request. Its keys are not known.
            pub fn with(self, request: Json) -> Call<Self> { Call::new(self).body(request) }
        };
    }
    let request = ident(&names.request);
    quote! {
        /// Sends that request.
        pub fn with(self, request: #request) -> Call<Self> { Call::new(self).body(request) }
    }
}

/// The structs of the request and the reply, and the types that their fields define.
fn structs(endpoint: &Endpoint, names: &EndpointNames, imports: &mut Imports) -> Vec<Piece> {
    let name = text::code(&endpoint.name);
    let request =
        (&endpoint.request, &names.request, format!("What is sent to {name}. A key whose value is `None` is left out."));
    let reply = (&endpoint.response, &names.reply, format!("What {name} replies."));
    let mut out = Vec::new();
    for ((fields, name, docs), of) in [(request, Use::Given), (reply, Use::Read)] {
        if fields.is_empty() {
            continue;
        }
        let whole = endpoint.coverage == Coverage::Whole;
        let fields_of = fields.iter().collect();
        out.push(structure(&Struct { name, docs: vec![docs], fields: fields_of, prefix: name, whole, of }, imports));
        for defined in naming::defined_in(fields, name) {
            out.extend(match defined.ty {
                Type::Enum(ty) => Some(enumeration(&defined.name, defined.field, ty, imports)),
                Type::Object { fields } => Some(structure(&Struct::object(&defined.name, defined.field, fields, of), imports)),
                _ => None,
            });
        }
    }
    out
}
