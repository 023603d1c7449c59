//! `lib.rs` and the platform module: hosts, intervals and the facts of the API.

use std::collections::BTreeSet;

use placewise_model::Model;
use proc_macro2::TokenStream;
use quote::quote;

use super::pieces::{Piece, doc, ident, import, inner_doc, print};
use super::{api_spec::spec, endpoints_module, format_facts};
use crate::emit::banner::banner;
use crate::emit::markdown;
use crate::naming;

/// Path and text of each file.
pub(in crate::emit) fn platform(model: &Model) -> Vec<(String, String)> {
    vec![
        ("rust/lib.rs".into(), print(&banner("spec"), lib(model))),
        ("rust/api.rs".into(), print(&banner("spec"), api(model))),
        ("rust/endpoints.rs".into(), print(&banner("spec/endpoints.yaml"), endpoints_module::module(model))),
    ]
}

/// The list of modules and re-exports, in rustfmt's order. The front page is hand-written, and each group of reports is a feature.
fn lib(model: &Model) -> Vec<Piece> {
    let feature = |group: &str| quote!(#[cfg(feature = #group)]);
    let mut names: Vec<_> = model.reports.iter().map(|report| (naming::report(report), feature(&report.group))).collect();
    names.sort_by(|(a, _), (b, _)| a.module.cmp(&b.module));
    let reports = names.iter().map(|(names, feature)| (names.module.as_str(), feature.clone()));
    let mut modules: Vec<_> = reports.chain(["api", "endpoints"].map(|name| (name, TokenStream::new()))).collect();
    modules.sort_by_key(|(module, _)| *module);
    let modules = modules.into_iter().map(|(module, feature)| {
        // All of the platform module is at the root.
        let public = (module != "api").then(|| quote!(pub));
        let module = ident(module);
        quote!(#feature #[rustfmt::skip] #public mod #module;)
    });
    let (before, after): (Vec<_>, Vec<_>) = names.iter().partition(|(names, _)| names.module.as_str() < "api");
    let reexport = |(names, feature): &(naming::ReportNames, TokenStream)| {
        let (module, marker) = (ident(&names.module), ident(&names.marker));
        quote!(#feature #[doc(inline)] pub use self::#module::#marker;)
    };
    let (before, after) = (before.into_iter().map(reexport), after.into_iter().map(reexport));
    let (foreign, own): (Vec<&str>, Vec<&str>) = naming::REEXPORTED.iter().partition(|name| naming::FOREIGN.contains(name));
    let (foreign, own) = (foreign.into_iter().map(ident), own.into_iter().map(ident));
    [
        // Compiling does without Markdown, which a .dockerignore may leave out.
        quote! {
            #![cfg_attr(any(doc, doctest), doc = include_str!("../../docs/front.md"))]
            #![cfg_attr(not(any(doc, doctest)), doc = "See docs/front.md.")]
        },
        quote!(#(#modules)*),
        quote!(#(#before)* #[rustfmt::skip] pub use self::api::{Client, Host, MODEL, REGISTRY, ReportingApi, blocking, find_report, interval, report, reports}; #(#after)*),
        quote!(
            #[doc(inline)] #[rustfmt::skip] pub use ::placewise_runtime::{#(#own),*};
            #[doc(no_inline)] #[rustfmt::skip] pub use ::placewise_runtime::{#(#foreign),*};
        ),
    ]
    .map(Piece::Tokens)
    .into()
}

/// The names of the runtime that the platform module may import.
const NAMES: [&str; 25] = [
    "Api",
    "ApiSpec",
    "Assumption",
    "AutoInterval",
    "AutoStep",
    "BaseUrl",
    "CustomerGrammar",
    "ErrorBody",
    "ErrorName",
    "ErrorStatus",
    "FilterLanguage",
    "Header",
    "Headers",
    "IntervalInfo",
    "Operator",
    "OverrideAt",
    "Period",
    "RateLimitHeaders",
    "RecordsFormat",
    "Setting",
    "registry",
    "StaticApi",
    "StatisticsFormat",
    "TimePoints",
    "TimeseriesFormat",
];

fn api(model: &Model) -> Vec<Piece> {
    let docs = inner_doc(&[format!(
        "The platform of {}: hosts, headers, errors, filters, formats and assumptions.",
        markdown::markdown(&model.api.name)
    )]);
    let hosts = hosts(model);
    let spec = spec(model);
    let marker = quote! {
        /// The API of this crate, as a type.
        #[derive(Clone, Copy, Debug)]
        pub struct ReportingApi;
    };
    let implementation = quote! {
        impl Api for ReportingApi {}
        impl StaticApi for ReportingApi {
            const SPEC: &'static ApiSpec = &SPEC;
        }
    };
    let groups: BTreeSet<&str> = model.reports.iter().map(|report| report.group.as_str()).collect();
    let groups = groups.into_iter();
    let registry = quote!(registry! { SPEC, MODEL, [#(#groups),*] });
    let imports = import(&NAMES, &[&implementation, &hosts, &spec, &registry]);
    let clients = quote! {
        /// The async client: [`ApiClient`](crate::ApiClient), whose page has examples, for this API.
        pub type Client = placewise_runtime::ApiClient<ReportingApi>;
        /// The client without `async`.
        pub mod blocking {
            /// The client whose calls block: [`ApiClient`], whose page has examples, for this API.
            pub type Client = placewise_runtime::blocking::ApiClient<super::ReportingApi>;
            #[doc(inline)]
            pub use placewise_runtime::blocking::{ApiClient, Rows};
        }
        /// The whole spec as JSON, for tools and for a simulator.
        pub static MODEL: &str = include_str!("../model.json");
    };
    let mut pieces: Vec<Piece> = [docs, imports, marker, implementation, clients, registry, hosts].map(Piece::Tokens).into();
    pieces.extend([Piece::Text(format_facts::intervals(model)), Piece::Tokens(spec)]);
    pieces
}

fn hosts(model: &Model) -> TokenStream {
    let variants: Vec<_> = model.api.hosts.keys().map(|name| ident(&naming::variant(name))).collect();
    let docs = model.api.hosts.values().map(|host| {
        let description = host.description.as_deref().unwrap_or("Not described.");
        doc(&[super::rustdoc::with_provenance(markdown::markdown(description), host.provenance)])
    });
    let urls = model.api.hosts.values().map(|host| host.url.as_str());
    quote! {
        /// The hosts that serve the API.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Host {
            #(#docs #variants,)*
        }
        impl From<Host> for BaseUrl {
            fn from(host: Host) -> Self {
                Self::from_static(match host {
                    #(Host::#variants => #urls,)*
                })
            }
        }
    }
}
