//! Rust: one module per report, one for the platform, and `lib.rs`. Made of tokens, parsed once and printed by one formatting pass.

mod ast;
mod platform;
mod report;
mod types;

pub(super) use platform::platform;

use placewise_model::Report;
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::{File, Item};

use super::text;

/// The module of one report.
pub(super) fn report(report: &Report) -> String {
    print(&super::banner(&super::spec_path(report)), report::module(report))
}

/// What stands together, apart from the next by a blank line: tokens that still have to be parsed, or items made already.
enum Piece {
    Tokens(TokenStream),
    Items(Vec<Item>),
}

/// The formatting pass.
fn print(banner: &str, pieces: Vec<Piece>) -> String {
    let file = |items| File { shebang: None, frontmatter: None, attrs: Vec::new(), items };
    let print = |piece: Piece| match piece {
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
