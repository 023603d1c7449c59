//! The examples of the documentation as tests of the client: a module per report, with the helpers in a hand-written file. The query that
//! pages show is compiled too.

use placewise_model::{Coverage, Example, Format, Model, Query, Report, RequestKey, Type};
use proc_macro2::TokenStream;
use quote::quote;
use serde_json::Value;

use super::marker::has_row;
use super::pieces::{Piece, doc, ident, json, mentioned, print};
use super::structs_and_enums::{Imports, rust_type};
use crate::emit::banner::banner;
use crate::emit::markdown;
use crate::naming::{self, QueryNames};

/// The helpers in the hand-written module.
const HELPERS: [&str; 7] = ["Outcome", "api", "chart", "request", "request_contains", "rows", "value"];

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
    pieces.extend(model.reports.iter().map(|report| Piece::Tokens(module(model, report))));
    ("tests/examples.rs".into(), print(&banner("spec/reports"), pieces))
}

fn module(model: &Model, report: &Report) -> TokenStream {
    let shown = shown(model, report);
    let tests = report.examples.iter().enumerate().flat_map(|(index, example)| tests(model, report, example, index));
    let tests: Vec<_> = tests.chain(shown).collect();
    let mut seen = std::collections::HashSet::new();
    tests.iter().for_each(|tokens| mentioned(tokens.clone(), &mut seen));
    let helpers: Vec<_> = HELPERS.iter().filter(|name| seen.contains(**name)).map(|name| ident(name)).collect();
    let import = (!helpers.is_empty()).then(|| quote!(use super::support::{#(#helpers),*};));
    // A query is printed as a user would write it, without a path before the crate's names.
    let names = seen.contains("Outcome").then(|| {
        quote!(
            use super::support::api::*;
        )
    });
    let (group, module) = (&report.group, ident(&format!("{}_examples", naming::report(report).module)));
    quote! {
        #[cfg(feature = #group)]
        #[rustfmt::skip]
        mod #module {
            #import
            #names
            #(#tests)*
        }
    }
}

/// The query that pages show, which only has to compile.
fn shown(model: &Model, report: &Report) -> Option<TokenStream> {
    let statements: TokenStream = Query::example(model, report).rust(&QueryNames).parse().ok()?;
    Some(quote! {
        #[allow(dead_code, unused_variables, reason = "it only has to compile")]
        async fn query_of_pages(client: Client) -> Outcome {
            #statements
            Ok(())
        }
    })
}

fn tests(model: &Model, report: &Report, example: &Example, index: usize) -> Vec<TokenStream> {
    let request = example.request.as_ref().map(|body| request(model, report, example, body, index));
    let response = example.response.as_ref().map(|body| response(report, example, body, index));
    request.into_iter().chain(response).collect()
}

/// A test, with its documentation. `function`: what follows the name and the empty parameters.
fn test(
    example: &Example,
    index: usize,
    what: &str,
    notes: &[String],
    attribute: Option<TokenStream>,
    function: &TokenStream,
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
        fn #name() #function
    }
}

fn request(model: &Model, report: &Report, example: &Example, body: &Value, index: usize) -> TokenStream {
    let cut = example.coverage != Coverage::Whole;
    let nulls = body.as_object().into_iter().flatten().filter(|(_, value)| value.is_null());
    let nulls: Vec<_> = nulls.map(|(key, _)| markdown::code(key)).collect();
    let note = format!("The example has null for {}, which the client omits.", nulls.join(" and "));
    let notes = if nulls.is_empty() { Vec::new() } else { vec![note] };
    let query = Query::read(model, report, body).and_then(|query| if cut { with_range(query) } else { Some(query) });
    let statements = query.and_then(|query| query.rust_query(&QueryNames)?.parse::<TokenStream>().ok());
    let Some(statements) = statements else {
        return test(
            example,
            index,
            "request",
            &notes,
            Some(quote!(#[ignore = "the client cannot send this request"])),
            &quote!({}),
        );
    };
    let helper = ident(if cut { "request_contains" } else { "request" });
    let expected = json(body);
    let function = quote! {
        -> Outcome {
            #statements
            let expected = #expected;
            #helper::<ReportingApi, _>(&query, expected);
            Ok(())
        }
    };
    test(example, index, "request", &notes, None, &function)
}

/// The query of an example that is cut, with the missing ends of its range made up.
fn with_range(query: Query<'_>) -> Option<Query<'_>> {
    let text = |key| Some(query.value(key)?.as_str()?.to_owned());
    let (from, to) = match (text(RequestKey::From), text(RequestKey::To)) {
        (Some(from), None) => (None, Some(another_day(&from, 1)?)),
        (None, Some(to)) => (Some(another_day(&to, -1)?), None),
        (None, None) if query.report.format == Format::Timeseries => {
            (Some("2024-01-01T00:00:00.000Z".into()), Some("2024-01-02T00:00:00.000Z".into()))
        }
        _ => (None, None),
    };
    Some(query.with(RequestKey::From, from).with(RequestKey::To, to))
}

fn response(report: &Report, example: &Example, body: &Value, index: usize) -> TokenStream {
    let names = naming::report(report);
    let (module, marker) = (ident(&names.module), ident(&names.marker));
    let json = json(body);
    if let Some(field) = example.field.as_ref().and_then(|name| report.field(name)) {
        let mut imports = Imports::new();
        let plain = rust_type(field, &field.ty, "", &mut imports);
        let defines = matches!(field.ty.innermost(), Type::Enum(_) | Type::Object { .. });
        let own = defines.then(|| ident(&naming::defined_name(field, ""))).map(|own| quote!(#module::#own));
        let imports = imports.into_iter().map(ident).map(|name| quote!(#name)).chain(own);
        let ty = if field.nullable.possible() { quote!(Option<#plain>) } else { quote!(#plain) };
        // The glob of a request test brings another `api` into the block; `self` names the one of the module.
        let function = quote!({ #(use self::api::#imports;)* let example = #json; value::<#ty>(example); });
        return test(example, index, "value", &[], None, &function);
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
    test(example, index, "response", &[], None, &quote!({ let example = #json; #call }))
}

/// The same time on a day shortly after or before.
fn another_day(time: &str, days: i32) -> Option<String> {
    let number = |from: usize, to: usize| time.get(from..to)?.parse::<i32>().ok();
    let (year, month, day, rest) = (number(0, 4)?, number(5, 7)?, number(8, 10)? + days, time.get(10..)?);
    // Every month has a 1st and a 28th, so only these leave a month.
    let (month, day) = match day {
        ..1 => (month - 1, 28),
        29.. if days > 0 => (month + 1, 1),
        _ => (month, day),
    };
    let (year, month) = match month {
        13.. => (year + 1, 1),
        1..=12 => (year, month),
        _ => (year - 1, 12),
    };
    Some(format!("{year:04}-{month:02}-{day:02}{rest}"))
}

#[cfg(test)]
mod tests {
    use super::{another_day, json};
    use serde_json::json;

    #[test]
    fn no_text_ends_its_literal() {
        let printed = json(&json!(["a\"#b", "\u{202e}"])).to_string();
        assert!(printed.starts_with("r#") && printed.contains("\\u202e"), "{printed}");
        let read: syn::LitStr = syn::parse_str(&printed).expect("a literal");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&read.value()).expect("JSON"), json!(["a\"#b", "\u{202e}"]));
    }
    #[test]
    fn the_other_end_of_a_range_is_on_the_right_side() {
        let other = |time, days| another_day(time, days);
        assert_eq!(other("2024-04-08T00:00:00Z", 1).as_deref(), Some("2024-04-09T00:00:00Z"));
        assert_eq!(other("2024-12-31T10:00:00+02:00", 1).as_deref(), Some("2025-01-01T10:00:00+02:00"));
        assert_eq!(other("2024-01-01T00:00:00Z", -1).as_deref(), Some("2023-12-28T00:00:00Z"));
        assert_eq!(other("2024-04-30T00:00:00Z", -1).as_deref(), Some("2024-04-29T00:00:00Z"));
        assert_eq!(other("soon", 1), None);
    }
}
