//! `lib.rs` and the platform module: hosts as an enumeration, and everything that the runtime must be told of the API as one constant.

use placewise_model::{Concerns, ErrorName, Model, Operator, Setting};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::{Piece, doc, ident, inner_doc, print};
use crate::emit::text;
use crate::naming;

/// Path and text of each file.
pub(in crate::emit) fn platform(model: &Model) -> Vec<(String, String)> {
    vec![
        ("rust/lib.rs".into(), print(&crate::emit::banner("spec"), lib(model))),
        ("rust/api.rs".into(), print(&crate::emit::banner("spec"), api(model))),
    ]
}

/// The list of modules and re-exports only; the front page is written by hand. In rustfmt's order, and with the modules kept from it: one
/// formatting pass is enough.
fn lib(model: &Model) -> Vec<Piece> {
    let mut names: Vec<_> = model.reports.iter().map(|report| naming::report(&report.name)).collect();
    names.sort_by(|a, b| a.module.cmp(&b.module));
    let mut modules: Vec<&str> = names.iter().map(|names| names.module.as_str()).chain(["api"]).collect();
    modules.sort_unstable();
    let modules = modules.into_iter().map(ident);
    let (before, after): (Vec<_>, Vec<_>) = names.iter().partition(|names| names.module.as_str() < "api");
    let reexport = |names: &naming::ReportNames| {
        let (module, marker) = (ident(&names.module), ident(&names.marker));
        quote!(pub use self::#module::#marker;)
    };
    let (before, after) = (before.into_iter().map(reexport), after.into_iter().map(reexport));
    [
        quote!(#![doc = include_str!("../../docs/front.md")]),
        quote!(#(#[rustfmt::skip] pub mod #modules;)*),
        quote!(#(#before)* pub use self::api::{Client, Host, MODEL, ReportingApi, blocking}; #(#after)*),
        quote!(
            pub use ::placewise_runtime::*;
        ),
    ]
    .map(Piece::Tokens)
    .into()
}

fn api(model: &Model) -> Vec<Piece> {
    let docs = inner_doc(&[format!(
        "The platform of {}: hosts, headers, errors, filters, formats and assumptions.",
        text::markdown(&model.api.name)
    )]);
    let hosts = hosts(model);
    let spec = spec(model);
    let imports = quote! {
        use placewise_runtime::{
            Api, ApiSpec, Assumption, BaseUrl, CustomerGrammar, ErrorBody, ErrorName, ErrorStatus, FilterLanguage, Header, Headers, Operator,
            RateLimitHeaders, RecordsFormat, Setting,
        };
    };
    let marker = quote! {
        /// The API of this crate, in types.
        #[derive(Clone, Copy, Debug)]
        pub struct ReportingApi;
    };
    let implementation = quote! {
        impl Api for ReportingApi {
            const SPEC: &'static ApiSpec = &SPEC;
        }
    };
    let clients = quote! {
        /// The client.
        pub type Client = placewise_runtime::Client<ReportingApi>;
        /// The same calls without `async`.
        pub mod blocking {
            /// The client whose calls wait.
            pub type Client = placewise_runtime::blocking::Client<super::ReportingApi>;
        }
        /// The whole description as JSON, for tools and for a simulator.
        pub const MODEL: &str = include_str!("../model.json");
    };
    [docs, imports, marker, implementation, clients, hosts, spec].map(Piece::Tokens).into()
}

fn hosts(model: &Model) -> TokenStream {
    let variants: Vec<_> = model.api.hosts.keys().map(|name| ident(&naming::variant(name))).collect();
    let docs = model.api.hosts.values().map(|host| {
        let about = host.about.as_deref().unwrap_or("Not described.");
        doc(&[super::types::with_standing(text::markdown(about), host.standing)])
    });
    let urls = model.api.hosts.values().map(|host| host.url.as_str());
    quote! {
        /// Where the API is served.
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

fn spec(model: &Model) -> TokenStream {
    let name = &model.api.name;
    let permit = &model.api.permit.name;
    let headers = headers(model);
    let customers = customers(model);
    let limit = &model.api.rate_limit;
    let status = Literal::u16_unsuffixed(limit.status);
    let (retry, bucket, remaining, cost) = (&limit.retry_after, &limit.bucket, &limit.remaining, &limit.cost);
    let errors = errors(model);
    let body = &model.api.error_body;
    let (message, details, symbol, options) = (&body.message, &body.details, &body.symbol, &body.options);
    let filter = filter(model);
    let records = records(model);
    let assumptions = model.assumptions.iter().filter(|assumption| assumption.concerns == Concerns::Client).map(|assumption| {
        let (id, value, why, settle) = (&assumption.id, assumption.value.to_string(), &assumption.why, &assumption.settle);
        quote!(Assumption { id: #id, value: #value, why: #why, settle: #settle })
    });
    quote! {
        static SPEC: ApiSpec = ApiSpec {
            name: #name,
            user_agent: concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")),
            permit: #permit,
            headers: #headers,
            customers: #customers,
            rate_limit: RateLimitHeaders { status: #status, retry_after: #retry, bucket: #bucket, remaining: #remaining, cost: #cost },
            errors: &[#(#errors),*],
            error_body: ErrorBody { message: #message, details: #details, symbol: #symbol, options: #options },
            filter: #filter,
            records: #records,
            assumptions: &[#(#assumptions),*],
        };
    }
}

fn headers(model: &Model) -> TokenStream {
    let headers = model.api.headers.all().into_iter().map(|(key, header)| {
        let (key, name) = (ident(key), &header.name);
        let value = header.value.as_ref().map_or_else(|| quote!(None), |value| quote!(Some(#value)));
        quote!(#key: Header { name: #name, value: #value })
    });
    quote!(Headers { #(#headers),* })
}

fn customers(model: &Model) -> TokenStream {
    let grammar = &model.api.customers;
    let (prefix, separator, all, filters) = (&grammar.id_prefix, &grammar.id_separator, &grammar.all, &grammar.filter_separator);
    let fewer = Literal::u32_unsuffixed(grammar.fewer_than);
    quote!(CustomerGrammar { id_prefix: #prefix, id_separator: #separator, all: #all, filter_separator: #filters, fewer_than: #fewer })
}

fn errors(model: &Model) -> impl Iterator<Item = TokenStream> {
    model.api.errors.iter().map(|error| {
        let status = Literal::u16_unsuffixed(error.status);
        let name = ident(match error.name {
            ErrorName::BadRequest => "BadRequest",
            ErrorName::Unauthorized => "Unauthorized",
            ErrorName::FeatureNotEnabled => "FeatureNotEnabled",
            ErrorName::Forbidden => "Forbidden",
            ErrorName::NotFound => "NotFound",
            ErrorName::NotPossible => "NotPossible",
            ErrorName::InvalidParameters => "InvalidParameters",
            ErrorName::TooManyRequests => "TooManyRequests",
            ErrorName::Firewall => "Firewall",
            ErrorName::OauthToken => "OauthToken",
            ErrorName::HeaderMissing => "HeaderMissing",
            ErrorName::HeaderIncorrect => "HeaderIncorrect",
            ErrorName::Maintenance => "Maintenance",
        });
        let (about, advice) = (&error.about, &error.advice);
        quote!(ErrorStatus { status: #status, name: ErrorName::#name, about: #about, advice: #advice })
    })
}

fn filter(model: &Model) -> TokenStream {
    let filter = &model.filter;
    let operators = filter.operators().map(|(key, operator): (&str, &Operator)| {
        let (key, name) = (ident(key), &operator.name);
        let cost = setting(&operator.cost, |cost| {
            let cost = Literal::u32_unsuffixed(*cost);
            quote!(#cost)
        });
        quote!(#key: Operator { name: #name, cost: #cost })
    });
    let (ty, operations, field, value) = (&filter.type_key, &filter.operations_key, &filter.field_key, &filter.value_key);
    quote!(FilterLanguage { type_key: #ty, operations_key: #operations, field_key: #field, value_key: #value, #(#operators),* })
}

fn records(model: &Model) -> TokenStream {
    let records = &model.records;
    let text = |of: &Setting<String>| setting(of, |value| quote!(#value));
    let path = model.endpoint(&records.endpoint).and_then(|endpoint| endpoint.path.as_ref()).map(text);
    let (report, filter, aggregation) = (text(&records.report_key), text(&records.filter_key), text(&records.aggregation_key));
    let (cursor, page_size) = (text(&records.cursor_key), text(&records.page_size_key));
    let ends = setting(&records.null_cursor_ends, |ends| quote!(#ends));
    let (rows, pagination, next) = (&records.rows_key, &records.pagination_key, &records.next_key);
    let (result_type_key, result_type) = (&records.result_type_key, &records.result_type);
    quote! {
        RecordsFormat {
            path: #path,
            report_key: #report,
            filter_key: #filter,
            aggregation_key: #aggregation,
            cursor_key: #cursor,
            page_size_key: #page_size,
            rows_key: #rows,
            pagination_key: #pagination,
            next_key: #next,
            null_cursor_ends: #ends,
            result_type_key: #result_type_key,
            result_type: #result_type,
        }
    }
}

fn setting<T>(setting: &Setting<T>, value: impl Fn(&T) -> TokenStream) -> TokenStream {
    let value = value(&setting.value);
    match &setting.assumption {
        Some(id) => quote!(Setting::assumed(#value, #id)),
        None => quote!(Setting::stated(#value)),
    }
}
