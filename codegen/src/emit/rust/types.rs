//! Structs and enumerations: plain Rust, with the list of wire names that the runtime's macros read and write by.

use std::collections::BTreeSet;

use placewise_model::{Coverage, EnumType, Field, Standing, Type};
use proc_macro2::TokenStream;
use quote::quote;

use super::{doc, ident};
use crate::emit::text;
use crate::naming;

/// The runtime's names that a module uses; they become its imports.
pub(super) type Imports = BTreeSet<&'static str>;

/// A struct of fields.
pub(super) struct Struct<'a> {
    pub(super) name: &'a str,
    pub(super) docs: Vec<String>,
    pub(super) fields: Vec<&'a Field>,
    /// Prefix of the names of types that its fields define.
    pub(super) prefix: &'a str,
    pub(super) coverage: Coverage,
}

/// Prints a struct and its wire names.
pub(super) fn structure(of: &Struct<'_>, imports: &mut Imports) -> TokenStream {
    imports.insert("record");
    let name = ident(of.name);
    let docs = doc(&of.docs);
    let mut members = Vec::new();
    let mut wires = Vec::new();
    for field in &of.fields {
        let member_name = naming::field(&field.name);
        let member = ident(&member_name);
        let docs = doc(&field_docs(field));
        let plain = rust_type(field, &field.ty, of.prefix, imports);
        let ty = if field.nullable.possible() || field.optional { quote!(Option<#plain>) } else { plain };
        members.push(quote!(#docs pub #member: #ty));
        let optional = field.optional.then(|| quote!(?));
        let wire = &field.name;
        let rename = (member_name.trim_start_matches("r#") != wire).then(|| quote!(= #wire));
        wires.push(quote!(#member #optional #rename));
    }
    if of.coverage == Coverage::Partial {
        imports.insert("Other");
        members.push(quote!(
            /// Keys that the spec does not model, as they came.
            pub other: Other
        ));
        wires.push(quote!(..other));
    }
    quote! {
        #docs
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub struct #name {
            #(#members),*
        }
        record! { #name: #(#wires),* }
    }
}

/// Prints an open enumeration and its wire values.
pub(super) fn enumeration(name: &str, field: &Field, ty: &EnumType, imports: &mut Imports) -> TokenStream {
    imports.insert("open_enum");
    let name = ident(name);
    let mut docs = vec![format!("Values of {}.", text::code(&field.name))];
    if ty.values.is_empty() {
        docs.push("No value is documented, so any text may come.".into());
    }
    let docs = doc(&docs);
    let variants: Vec<_> = ty.values.iter().map(|value| ident(&naming::variant(&value.value))).collect();
    let wires: Vec<_> = ty.values.iter().map(|value| value.value.as_str()).collect();
    let variant_docs = ty.values.iter().map(|value| {
        let mut line = text::code(&value.value);
        if let Some(about) = &value.about {
            line.push_str(&format!(": {}", text::markdown(about)));
        }
        doc(&[with_standing(line, value.standing)])
    });
    let list = if wires.is_empty() { quote!(#name) } else { quote!(#name: #(#variants = #wires),*) };
    quote! {
        #docs
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum #name {
            #(#variant_docs #variants,)*
            /// A value that the spec does not list.
            Unlisted(Box<str>),
        }
        open_enum! { #list }
    }
}

/// What a field means, and what a user should know of how it is known.
pub(super) fn field_docs(field: &Field) -> Vec<String> {
    let mut docs: Vec<String> = match &field.about {
        Some(about) => text::paragraphs(about).iter().map(|paragraph| text::markdown(paragraph)).collect(),
        None => vec!["Not described.".into()],
    };
    if let Some(last) = docs.last_mut() {
        *last = with_standing(std::mem::take(last), field.standing);
        if field.optional {
            last.push_str(" Samples lack it.");
        }
    }
    docs
}

pub(super) fn with_standing(mut text: String, standing: Standing) -> String {
    match standing {
        Standing::Documented => {}
        Standing::Example => text.push_str(" (Seen in a sample only.)"),
        Standing::Inferred => text.push_str(" (Inferred, not stated.)"),
        Standing::Assumed => text.push_str(" (Assumed.)"),
        Standing::Unknown => text.push_str(" (Not documented.)"),
    }
    text
}

/// The Rust type of a value.
pub(super) fn rust_type(field: &Field, ty: &Type, prefix: &str, imports: &mut Imports) -> TokenStream {
    match ty {
        Type::Integer => quote!(i64),
        Type::Number => quote!(f64),
        Type::String => quote!(String),
        Type::Boolean => quote!(bool),
        Type::Timestamp => imported("Timestamp", imports),
        Type::Date => imported("Date", imports),
        Type::Json => imported("Json", imports),
        Type::Enum(_) | Type::Object { .. } => {
            // A repeated field has the type of the report's own field, which no prefix goes before.
            let name = ident(&naming::defined_name(field, if field.same_as.is_some() { "" } else { prefix }));
            quote!(#name)
        }
        Type::Array { of } => {
            let of = rust_type(field, of, prefix, imports);
            quote!(Vec<#of>)
        }
        Type::Map { of } => {
            let map = imported("Map", imports);
            let of = rust_type(field, of, prefix, imports);
            quote!(#map<#of>)
        }
    }
}

fn imported(name: &'static str, imports: &mut Imports) -> TokenStream {
    imports.insert(name);
    let name = ident(name);
    quote!(#name)
}
