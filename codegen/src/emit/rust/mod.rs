//! Rust: one module per report, one for the platform, one for endpoints, `lib.rs`, and the examples as tests. In: the model; out: path and
//! text of each file. Made of tokens, parsed once and printed by one formatting pass.

mod ast;
mod docs;
mod endpoints;
mod examples;
mod filters;
mod formats;
mod marker;
mod platform;
mod report;
mod requests;
mod spec;
mod types;

pub(super) use examples::examples;
pub(super) use platform::platform;

use std::collections::HashSet;

use placewise_model::{Model, Report, Setting};
use proc_macro2::{Ident, Literal, Span, TokenStream, TokenTree};
use quote::quote;
use syn::{File, Item};

use super::text;

/// The module of one report.
pub(super) fn report(model: &Model, report: &Report) -> String {
    print(&super::banner(&super::spec_path(report)), report::module(model, report))
}

/// What stands together, apart from the next by a blank line: tokens that still have to be parsed, items made already, or text as it
/// shall stand.
enum Piece {
    Text(String),
    Tokens(TokenStream),
    Items(Vec<Item>),
}

/// The formatting pass.
fn print(banner: &str, pieces: Vec<Piece>) -> String {
    let file = |items| File { shebang: None, frontmatter: None, attrs: Vec::new(), items };
    let print = |piece: Piece| match piece {
        Piece::Text(text) => text,
        Piece::Items(items) => prettyplease::unparse(&file(items)),
        Piece::Tokens(tokens) => match syn::parse2::<File>(tokens) {
            Ok(file) => prettyplease::unparse(&file),
            // Only the naming layer makes identifiers and `quote` everything else; if it fails all the same, rustc shall say where.
            Err(error) => format!("compile_error!({:?});\n", error.to_string()),
        },
    };
    let pieces: Vec<String> = pieces.into_iter().map(print).collect();
    format!("{banner}{}", pieces.join("\n"))
}

/// An identifier of the naming layer, which may be raw.
fn ident(name: &str) -> Ident {
    match name.strip_prefix("r#") {
        Some(raw) => Ident::new_raw(raw, Span::call_site()),
        None => Ident::new(name, Span::call_site()),
    }
}

/// The import of those of the runtime's names that the tokens mention: an import that nothing uses would be a warning.
fn import(names: &[&str], tokens: &[&TokenStream]) -> TokenStream {
    let mut seen = HashSet::new();
    tokens.iter().for_each(|tokens| mentioned((*tokens).clone(), &mut seen));
    let names = names.iter().filter(|name| seen.contains(**name)).map(|name| ident(name));
    quote!(use placewise_runtime::{#(#names),*};)
}

fn mentioned(tokens: TokenStream, seen: &mut HashSet<String>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => mentioned(group.stream(), seen),
            TokenTree::Ident(name) => {
                seen.insert(name.to_string());
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

/// Doc comments, one attribute a line.
fn doc(paragraphs: &[String]) -> TokenStream {
    let lines = doc_lines(paragraphs);
    quote!(#(#[doc = #lines])*)
}

/// Doc comments of the module itself.
fn inner_doc(paragraphs: &[String]) -> TokenStream {
    let lines = doc_lines(paragraphs);
    quote!(#(#![doc = #lines])*)
}

fn doc_lines(paragraphs: &[String]) -> Vec<String> {
    let mut lines = Vec::new();
    for (index, paragraph) in paragraphs.iter().enumerate() {
        if index > 0 {
            lines.push(String::new());
        }
        for line in paragraph.lines() {
            // What continues an item of a list is indented to belong to it.
            let indent = if line.starts_with("- ") { "  " } else { "" };
            let wrapped = text::wrap(line, 110).into_iter().enumerate();
            lines.extend(wrapped.map(|(index, line)| format!(" {}{line}", if index == 0 { "" } else { indent })));
        }
    }
    lines
}

/// JSON as a raw string that nothing in it can end. Characters that turn the direction of text are escaped: rustc refuses them.
fn json(value: &serde_json::Value) -> TokenStream {
    let pretty = serde_json::to_string_pretty(value).unwrap_or_default();
    let mut text = String::with_capacity(pretty.len());
    for c in pretty.chars() {
        match u16::try_from(u32::from(c)) {
            Ok(code) if text::invisible(c) => text.push_str(&format!("\\u{code:04x}")),
            _ => text.push(c),
        }
    }
    let hashes = text.split('"').skip(1).map(|after| after.len() - after.trim_start_matches('#').len()).max().unwrap_or(0) + 1;
    let hashes = "#".repeat(hashes);
    match format!("r{hashes}\"{text}\"{hashes}").parse::<Literal>() {
        Ok(literal) => quote!(#literal),
        Err(_) => quote!(#text),
    }
}

/// A value with the assumption that it rests on.
fn setting<T>(setting: &Setting<T>, value: impl Fn(&T) -> TokenStream) -> TokenStream {
    let value = value(&setting.value);
    match &setting.assumption {
        Some(id) => quote!(Setting::assumed(#value, #id)),
        None => quote!(Setting::stated(#value)),
    }
}
