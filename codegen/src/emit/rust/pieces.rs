//! Pieces of a generated file, and the tokens that every module makes: identifiers, imports, doc comments, JSON, settings.

use std::collections::HashSet;

use placewise_model::Setting;
use proc_macro2::{Ident, Literal, Span, TokenStream, TokenTree};
use quote::quote;
use syn::{File, Item};

use crate::emit::markdown;

/// A piece of a file, followed by a blank line: tokens to parse, finished items, or text.
pub(super) enum Piece {
    Text(String),
    Tokens(TokenStream),
    Items(Vec<Item>),
}

/// Prints a file in one formatting pass.
pub(super) fn print(banner: &str, pieces: Vec<Piece>) -> String {
    let file = |items| File { shebang: None, frontmatter: None, attrs: Vec::new(), items };
    let print = |piece: Piece| match piece {
        Piece::Text(text) => text,
        Piece::Items(items) => prettyplease::unparse(&file(items)),
        Piece::Tokens(tokens) => match syn::parse2::<File>(tokens) {
            Ok(file) => prettyplease::unparse(&file),
            // This cannot fail, because only the naming layer makes identifiers. If it does, rustc shows where.
            Err(error) => format!("compile_error!({:?});\n", error.to_string()),
        },
    };
    let pieces: Vec<String> = pieces.into_iter().map(print).collect();
    format!("{banner}{}", pieces.join("\n"))
}

/// An identifier of the naming layer, which may be raw.
pub(super) fn ident(name: &str) -> Ident {
    match name.strip_prefix("r#") {
        Some(raw) => Ident::new_raw(raw, Span::call_site()),
        None => Ident::new(name, Span::call_site()),
    }
}

/// The import of the runtime names that the tokens mention. An unused import would be a warning.
pub(super) fn import(names: &[&str], tokens: &[&TokenStream]) -> TokenStream {
    let mut seen = HashSet::new();
    tokens.iter().for_each(|tokens| mentioned((*tokens).clone(), &mut seen));
    let names = names.iter().filter(|name| seen.contains(**name)).map(|name| ident(name));
    quote!(use placewise_runtime::machinery::{#(#names),*};)
}

pub(super) fn mentioned(tokens: TokenStream, seen: &mut HashSet<String>) {
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

/// The variant of the runtime's enum for that of the model: both have the same Rust names.
pub(super) fn variant(of: &impl std::fmt::Debug) -> Ident {
    ident(&format!("{of:?}"))
}

/// Doc comments, one attribute per line.
pub(super) fn doc(paragraphs: &[String]) -> TokenStream {
    let lines = doc_lines(paragraphs);
    quote!(#(#[doc = #lines])*)
}

/// Doc comments of the module itself.
pub(super) fn inner_doc(paragraphs: &[String]) -> TokenStream {
    let lines = doc_lines(paragraphs);
    quote!(#(#![doc = #lines])*)
}

pub(super) fn doc_lines(paragraphs: &[String]) -> Vec<String> {
    let mut lines = Vec::new();
    for (index, paragraph) in paragraphs.iter().enumerate() {
        if index > 0 {
            lines.push(String::new());
        }
        for line in paragraph.lines() {
            // The continuation of a list item is indented.
            let indent = if line.starts_with("- ") { "  " } else { "" };
            let wrapped = markdown::wrap(line, 110).into_iter().enumerate();
            lines.extend(wrapped.map(|(index, line)| format!(" {}{line}", if index == 0 { "" } else { indent })));
        }
    }
    lines
}

/// JSON as a raw string. Characters that change the direction of text are escaped, because rustc rejects them.
pub(super) fn json(value: &serde_json::Value) -> TokenStream {
    let pretty = serde_json::to_string_pretty(value).unwrap_or_default();
    let mut text = String::with_capacity(pretty.len());
    for c in pretty.chars() {
        match u16::try_from(u32::from(c)) {
            Ok(code) if markdown::invisible(c) => text.push_str(&format!("\\u{code:04x}")),
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

/// A value with the assumption that it comes from.
pub(super) fn setting<T>(setting: &Setting<T>, value: impl Fn(&T) -> TokenStream) -> TokenStream {
    let value = value(&setting.value);
    match &setting.assumption {
        Some(id) => quote!(Setting::assumed(#value, #id)),
        None => quote!(Setting::stated(#value)),
    }
}
