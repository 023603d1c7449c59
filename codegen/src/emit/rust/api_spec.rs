//! The facts of the API as one constant.

use placewise_model::{Model, Operator, Scope, Setting, Tristate};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::format_facts;
use super::pieces::{ident, setting, variant};

/// The static with all facts.
pub(super) fn spec(model: &Model) -> TokenStream {
    let name = &model.api.name;
    let (permit, with_report) = (&model.api.permit.name, &model.api.permit.with_report);
    let with_report = match (with_report.value, &with_report.assumption) {
        (value, None) => quote!(Some(#value)),
        (_, Some(_)) => quote!(None),
    };
    let headers = headers(model);
    let customers = customers(model);
    let limit = &model.api.rate_limit;
    let status = Literal::u16_unsuffixed(limit.status);
    let (retry, bucket, remaining, cost) = (&limit.retry_after, &limit.bucket, &limit.remaining, &limit.cost);
    let tokens = |cost: &Setting<u32>| {
        setting(cost, |cost| {
            let cost = Literal::u32_unsuffixed(*cost);
            quote!(#cost)
        })
    };
    let (aggregation_cost, unknown_cost) = (tokens(&limit.aggregation_cost), tokens(&limit.unknown_cost));
    let errors = errors(model);
    let body = &model.api.error_body;
    let (message, details, symbol, options) = (&body.message, &body.details, &body.symbol, &body.options);
    let filter = filter(model);
    let (records, timeseries, statistics) =
        (format_facts::records(model), format_facts::timeseries(model), format_facts::statistics(model));
    let assumptions = assumptions(model);
    quote! {
        static SPEC: ApiSpec = ApiSpec {
            name: #name,
            user_agent: concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")),
            permit: #permit,
            permit_with_report: #with_report,
            headers: #headers,
            customers: #customers,
            rate_limit: RateLimitHeaders { status: #status, retry_after: #retry, bucket: #bucket, remaining: #remaining, cost: #cost, aggregation_cost: #aggregation_cost, unknown_cost: #unknown_cost },
            errors: &[#(#errors),*],
            error_body: ErrorBody { message: #message, details: #details, symbol: #symbol, options: #options },
            filter: #filter,
            records: #records,
            timeseries: #timeseries,
            statistics: #statistics,
            assumptions: &[#(#assumptions),*],
        };
    }
}

/// The assumptions about the client or its types. Callers of the API need no others.
fn assumptions(model: &Model) -> impl Iterator<Item = TokenStream> {
    model.assumptions.iter().filter_map(|assumption| {
        let override_at = match assumption.scope {
            Scope::Client => ident("Client"),
            Scope::Types => ident("Spec"),
            Scope::Simulator => return None,
        };
        let (id, value, reason, settled_by) = (&assumption.id, assumption.value.to_string(), &assumption.reason, &assumption.settled_by);
        Some(quote!(Assumption { id: #id, value: #value, reason: #reason, settled_by: #settled_by, override_at: OverrideAt::#override_at }))
    })
}

fn headers(model: &Model) -> TokenStream {
    let headers = model.api.headers.all().into_iter().map(|(key, header)| {
        let (key, name) = (ident(key), &header.name);
        let value = header.value.as_ref().map_or_else(|| quote!(None), |value| quote!(Some(#value)));
        let header = quote!(Header { name: #name, value: #value });
        // The only header that an API may lack.
        if key == "subproduct_name" { quote!(#key: Some(#header)) } else { quote!(#key: #header) }
    });
    let none = model.api.headers.subproduct_name.is_none().then(|| quote!(subproduct_name: None));
    let required = model.api.headers.product_name.required == Tristate::Yes;
    let headers = headers.chain(none).chain([quote!(product_name_required: #required)]);
    quote!(Headers { #(#headers),* })
}

fn customers(model: &Model) -> TokenStream {
    let grammar = &model.api.customers;
    let several = setting(&grammar.several_prefixed, |prefixed| quote!(#prefixed));
    let (prefix, separator, all, filters) = (&grammar.id_prefix, &grammar.id_separator, &grammar.all, &grammar.filter_separator);
    let fewer = Literal::u32_unsuffixed(grammar.fewer_than);
    quote!(CustomerGrammar { id_prefix: #prefix, several_prefixed: #several, id_separator: #separator, all: #all, filter_separator: #filters, fewer_than: #fewer })
}

fn errors(model: &Model) -> impl Iterator<Item = TokenStream> {
    model.api.errors.iter().map(|error| {
        let status = Literal::u16_unsuffixed(error.status);
        let name = variant(&error.name);
        let (description, advice) = (&error.description, &error.advice);
        quote!(ErrorStatus { status: #status, name: ErrorName::#name, description: #description, advice: #advice })
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
    let (ty, operations, field, value) = (&filter.keys.ty, &filter.keys.operations, &filter.keys.field, &filter.keys.value);
    quote!(FilterLanguage { type_key: #ty, operations_key: #operations, field_key: #field, value_key: #value, #(#operators),* })
}
