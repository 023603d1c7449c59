//! Structs and enums: plain Rust, with the list of wire names that the runtime's macros need.

use std::collections::BTreeSet;

use placewise_model::{EnumType, Field, Type};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::pieces::{Piece, doc_lines, ident};
use super::{ast, rustdoc};
use crate::emit::markdown;
use crate::naming::{self, Defined};

/// The names of the runtime that a module imports.
pub(super) type Imports = BTreeSet<&'static str>;

/// A struct of fields.
pub(super) struct Struct<'a> {
    pub(super) name: &'a str,
    pub(super) docs: Vec<String>,
    pub(super) fields: Vec<&'a Field>,
    /// Prefix for the names of types that its fields define.
    pub(super) prefix: &'a str,
    /// The report's fields, which the struct may repeat.
    pub(super) repeats: &'a [Field],
    /// Whether it is complete; otherwise it keeps unknown keys.
    pub(super) whole: bool,
    pub(super) of: Use,
    /// The report and the aggregation of its sample, if the documentation has one.
    pub(super) sample: Option<TokenStream>,
}

/// Where the values of a struct come from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// Decoded from a response: the struct may grow.
    Read,
    /// Decoded from a response with an undocumented format: absent keys are not written either.
    Loose,
    /// Built by the caller as a literal: keys with `None` are omitted.
    Given,
}

/// The enum or struct that a field defines.
pub(super) fn defined(defined: &Defined<'_>, of: Use, imports: &mut Imports) -> Option<Piece> {
    let (name, field) = (defined.name.as_str(), defined.field);
    match defined.ty {
        Type::Enum(ty) => Some(enumeration(name, field, ty, imports)),
        Type::Object { fields } => {
            let description = field.description.as_deref().unwrap_or("Not described.");
            let docs = vec![format!("Value of {}: {}", markdown::code(&field.name), markdown::markdown(description))];
            let fields = fields.iter().collect();
            Some(structure(&Struct { name, docs, fields, prefix: name, repeats: &[], whole: true, of, sample: None }, imports))
        }
        _ => None,
    }
}

/// A struct and its wire names.
pub(super) fn structure(of: &Struct<'_>, imports: &mut Imports) -> Piece {
    imports.insert("object");
    let name = ident(of.name);
    let mut members = Vec::new();
    let mut wires = Vec::new();
    let mut defaults = true;
    for field in &of.fields {
        let member_name = naming::field(field);
        let member = ident(&member_name);
        // A repeated field has the type of the report's field, which has no prefix.
        let repeated = field.same_as.as_ref().and_then(|name| of.repeats.iter().find(|base| base.name == *name));
        let (base, prefix) = repeated.map_or((*field, of.prefix), |base| (base, ""));
        let plain = rust_type(base, &field.ty, prefix, imports);
        let open = field.nullable.possible() || field.optional;
        let ty = if open { ast::ty("Option", vec![plain]) } else { plain };
        defaults &= open;
        members.push(ast::field(ast::docs(&doc_lines(&rustdoc::field(field))), &member_name, ty));
        let optional = (field.optional || (open && of.of != Use::Read)).then(|| quote!(?));
        let wire = &field.name;
        let rename = (member_name.trim_start_matches("r#") != wire).then(|| quote!(= #wire));
        wires.push(quote!(#member #optional #rename));
    }
    if !of.whole {
        imports.insert("Other");
        let docs = ast::docs(&[" Unknown keys, as they were sent.".into()]);
        members.push(ast::field(docs, "other", ast::ty("Other", Vec::new())));
        wires.push(quote!(..other));
    }
    let sample = of.sample.as_ref().map(|sample| quote!(of #sample));
    let kind = match of.of {
        Use::Read | Use::Loose => ast::Kind::MayGrow,
        Use::Given if defaults => ast::Kind::LiteralOrDefault,
        Use::Given => ast::Kind::Literal,
    };
    let structure = ast::structure(ast::docs(&doc_lines(&of.docs)), of.name, members, kind);
    Piece::Items(vec![structure, ast::list("object", quote!(#name #sample: #(#wires),*))])
}

/// An open enum and its wire values, as text, because doc comments inside a macro print as attributes.
fn enumeration(name: &str, field: &Field, ty: &EnumType, imports: &mut Imports) -> Piece {
    imports.insert("open_enum");
    let mut out = String::from("open_enum! {\n");
    let mut docs = vec![format!("Values of {}.", markdown::code(&field.name))];
    if ty.values.is_empty() {
        docs.push("No value is known; any text may occur.".into());
    }
    comment(&mut out, "    ", &docs);
    out.push_str(&format!("    pub enum {} {{", ident(name)));
    for value in &ty.values {
        let mut line = markdown::code(&value.value);
        if let Some(description) = &value.description {
            line.push_str(&format!(": {}", markdown::markdown(description)));
        }
        out.push('\n');
        comment(&mut out, "        ", &[rustdoc::with_provenance(line, value.provenance)]);
        out.push_str(&format!("        {} = {},", ident(&naming::value(value)), Literal::string(&value.value)));
    }
    out.push_str(if ty.values.is_empty() { "}\n}\n" } else { "\n    }\n}\n" });
    Piece::Text(out)
}

fn comment(out: &mut String, indent: &str, docs: &[String]) {
    for line in doc_lines(docs) {
        out.push_str(&format!("{indent}///{line}\n"));
    }
}

/// The Rust type of a value.
pub(super) fn rust_type(field: &Field, ty: &Type, prefix: &str, imports: &mut Imports) -> syn::Type {
    let plain = |name: &str| ast::ty(name, Vec::new());
    match ty {
        Type::Integer => plain("i64"),
        Type::Number => plain("f64"),
        Type::String => imported("Text", imports),
        Type::Boolean => plain("bool"),
        Type::Timestamp => imported("Timestamp", imports),
        Type::Date => imported("Date", imports),
        Type::Json => imported("Json", imports),
        Type::Enum(_) | Type::Object { .. } => plain(&naming::defined_name(field, prefix)),
        Type::Array { of } => ast::ty("Vec", vec![rust_type(field, of, prefix, imports)]),
        Type::Map { of } => {
            imports.insert("Map");
            ast::ty("Map", vec![rust_type(field, of, prefix, imports)])
        }
    }
}

fn imported(name: &'static str, imports: &mut Imports) -> syn::Type {
    imports.insert(name);
    ast::ty(name, Vec::new())
}
