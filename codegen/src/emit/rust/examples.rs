//! The examples of the documentation as tests of the client: a module per report, with the helpers in a hand-written file.

use placewise_model::{Coverage, Example, Format, Model, Report, Type};
use proc_macro2::TokenStream;
use quote::quote;
use serde_json::Value;

use super::marker::has_row;
use super::pieces::{Piece, doc, ident, json, mentioned, print};
use super::requests::{self, Request};
use crate::emit::banner::banner;
use crate::emit::markdown;
use crate::naming;

/// The helpers in the hand-written module.
const HELPERS: [&str; 6] = ["api", "chart", "request", "request_contains", "rows", "value"];

/// Path and text of the file.
pub(in crate::emit) fn examples(model: &Model) -> (String, String) {
    let head = Piece::Text(
        "//! The examples of the documentation as tests: the client builds each request as printed, decodes each response and encodes it again.\n\
         \n\
         #[allow(dead_code, unused_imports, reason = \"the features and the examples decide which helpers are used\")]\n\
         #[path = \"../../tests/support/examples.rs\"]\n\
         mod support;\n"
            .into(),
    );
    let mut pieces = vec![head];
    pieces.extend(model.reports.iter().filter_map(|report| module(model, report)).map(Piece::Tokens));
    ("tests/examples.rs".into(), print(&banner("spec/reports"), pieces))
}

fn module(model: &Model, report: &Report) -> Option<TokenStream> {
    let tests: Vec<_> =
        report.examples.iter().enumerate().flat_map(|(index, example)| tests(model, report, example, index)).collect();
    if tests.is_empty() {
        return None;
    }
    let mut seen = std::collections::HashSet::new();
    tests.iter().for_each(|tokens| mentioned(tokens.clone(), &mut seen));
    let helpers: Vec<_> = HELPERS.iter().filter(|name| seen.contains(**name)).map(|name| ident(name)).collect();
    let import = (!helpers.is_empty()).then(|| quote!(use super::support::{#(#helpers),*};));
    let (group, module) = (&report.group, ident(&format!("{}_examples", naming::report(&report.name).module)));
    Some(quote! {
        #[cfg(feature = #group)]
        #[rustfmt::skip]
        mod #module {
            #import
            #(#tests)*
        }
    })
}

fn tests(model: &Model, report: &Report, example: &Example, index: usize) -> Vec<TokenStream> {
    let request = example.request.as_ref().map(|body| request(model, report, example, body, index));
    let response = example.response.as_ref().map(|body| response(report, example, body, index));
    request.into_iter().chain(response).collect()
}

/// The attributes and the signature of a test.
fn test(
    example: &Example,
    index: usize,
    what: &str,
    notes: &[String],
    attribute: &TokenStream,
    body: &TokenStream,
) -> TokenStream {
    let name = ident(&naming::test(index, &example.name, what));
    let title = match &example.source {
        Some(source) => format!("{} (<{source}>)", markdown::markdown(&example.name)),
        None => markdown::markdown(&example.name),
    };
    let docs = doc(&[&[title], notes].concat());
    quote! {
        #docs
        #[test]
        #attribute
        fn #name() { #body }
    }
}

fn request(model: &Model, report: &Report, example: &Example, body: &Value, index: usize) -> TokenStream {
    let cut = example.coverage != Coverage::Whole;
    let Request { expression, before, expected, left_out, problem } = requests::request(model, report, body, cut);
    let mut notes = Vec::new();
    if !left_out.is_empty() {
        let keys: Vec<_> = left_out.iter().map(|key| markdown::code(key)).collect();
        notes.push(format!("The example has null for {}, which the client omits.", keys.join(" and ")));
    }
    if let Some(problem) = problem {
        let reason = format!("the client cannot send this: {problem}");
        return test(example, index, "request", &notes, &quote!(#[ignore = #reason]), &TokenStream::new());
    }
    let helper = ident(if cut { "request_contains" } else { "request" });
    let expected = json(&expected);
    let body = quote! {
        #before
        let query = #expression;
        let expected = #expected;
        #helper::<api::ReportingApi, _>(&query, expected);
    };
    test(example, index, "request", &notes, &TokenStream::new(), &body)
}

fn response(report: &Report, example: &Example, body: &Value, index: usize) -> TokenStream {
    let names = naming::report(&report.name);
    let (module, marker) = (ident(&names.module), ident(&names.marker));
    let json = json(body);
    if let Some(field) = example.field.as_ref().and_then(|name| report.field(name)) {
        let plain = value_type(&module, field, &field.ty);
        let ty = if field.nullable.possible() { quote!(Option<#plain>) } else { plain };
        let body = quote!(let example = #json; value::<#ty>(example););
        return test(example, index, "value", &[], &TokenStream::new(), &body);
    }
    let (known, row) = match example.aggregation.as_ref().map(|name| report.aggregation(name)) {
        Some(Some(aggregation)) => (super::marker::has_rows(aggregation, report.format), naming::aggregation(aggregation).0),
        Some(None) => (false, String::new()),
        None if report.format == Format::Timeseries => (report.labels.is_some(), naming::LABEL.to_owned()),
        None => (has_row(report), naming::ROW.to_owned()),
    };
    let row = if known {
        let row = ident(&row);
        quote!(api::#module::#row)
    } else {
        quote!(api::JsonRow)
    };
    let call = match report.format {
        Format::Records => quote!(rows::<api::#marker, #row>(example);),
        Format::Timeseries => quote!(chart::<api::#marker, #row>(example);),
        // The response format is undocumented, so a round trip is all that can be tested.
        Format::Statistics if known => quote!(value::<#row>(example);),
        Format::Statistics => quote!(value::<api::Json>(example);),
    };
    let body = quote!(let example = #json; #call);
    test(example, index, "response", &[], &TokenStream::new(), &body)
}

/// The type of a field's values, outside its module.
fn value_type(module: &proc_macro2::Ident, field: &placewise_model::Field, ty: &Type) -> TokenStream {
    match ty {
        Type::Integer => quote!(i64),
        Type::Number => quote!(f64),
        Type::String => quote!(String),
        Type::Boolean => quote!(bool),
        Type::Timestamp => quote!(api::Timestamp),
        Type::Date => quote!(api::Date),
        Type::Json => quote!(api::Json),
        Type::Enum(_) | Type::Object { .. } => {
            let name = ident(&naming::defined_name(field, ""));
            quote!(api::#module::#name)
        }
        Type::Array { of } => {
            let of = value_type(module, field, of);
            quote!(Vec<#of>)
        }
        Type::Map { of } => {
            let of = value_type(module, field, of);
            quote!(api::Map<#of>)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::json;
    use serde_json::json;

    #[test]
    fn no_text_ends_its_literal() {
        let printed = json(&json!(["a\"#b", "\u{202e}"])).to_string();
        assert!(printed.starts_with("r#") && printed.contains("\\u202e"), "{printed}");
        let read: syn::LitStr = syn::parse_str(&printed).expect("a literal");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&read.value()).expect("JSON"), json!(["a\"#b", "\u{202e}"]));
    }
}
