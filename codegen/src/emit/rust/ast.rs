//! The frequent pieces of Rust as syntax trees: fields, variants, constants and their types. Parsing them from tokens took a third of
//! the generator's time.

use proc_macro2::{Ident, Span, TokenStream};
use syn::punctuated::Punctuated;
use syn::{
    AngleBracketedGenericArguments, AttrStyle, Attribute, ConstModifiers, Expr, ExprCall, ExprLit, ExprPath, Field,
    FieldModifiers, Fields, FieldsNamed, GenericArgument, Generics, Item, ItemConst, ItemMacro, ItemStruct, Lit, LitStr, Macro,
    MacroDelimiter, Meta, MetaNameValue, Path, PathArguments, PathSegment, Type, TypePath, Visibility,
};

use super::pieces::ident;

/// Doc comments.
pub(super) fn docs(lines: &[String]) -> Vec<Attribute> {
    lines.iter().map(|line| name_value("doc", line)).collect()
}

fn name_value(name: &str, value: &str) -> Attribute {
    let value = Expr::Lit(ExprLit { attrs: Vec::new(), lit: Lit::Str(LitStr::new(value, Span::call_site())) });
    attribute(Meta::NameValue(MetaNameValue { path: path(name, Vec::new()), eq_token: Default::default(), value }))
}

fn attribute(meta: Meta) -> Attribute {
    Attribute { pound_token: Default::default(), style: AttrStyle::Outer, bracket_token: Default::default(), meta }
}

fn segment(name: &str, arguments: Vec<Type>) -> PathSegment {
    let arguments = if arguments.is_empty() {
        PathArguments::None
    } else {
        PathArguments::AngleBracketed(AngleBracketedGenericArguments {
            colon2_token: None,
            lt_token: Default::default(),
            args: arguments.into_iter().map(GenericArgument::Type).collect(),
            gt_token: Default::default(),
        })
    };
    PathSegment { ident: ident(name), arguments }
}

fn path(name: &str, arguments: Vec<Type>) -> Path {
    Path { leading_colon: None, segments: Punctuated::from_iter([segment(name, arguments)]) }
}

/// The type `name`, or `name<arguments>`.
pub(super) fn ty(name: &str, arguments: Vec<Type>) -> Type {
    Type::Path(TypePath { attrs: Vec::new(), qself: None, path: path(name, arguments) })
}

/// The type `module::name`.
pub(super) fn ty_in(module: &str, name: &str) -> Type {
    Type::Path(TypePath { attrs: Vec::new(), qself: None, path: path_in(module, name) })
}

fn path_in(module: &str, name: &str) -> Path {
    let segments = Punctuated::from_iter([segment(module, Vec::new()), segment(name, Vec::new())]);
    Path { leading_colon: None, segments }
}

/// A public field.
pub(super) fn field(docs: Vec<Attribute>, name: &str, ty: Type) -> Field {
    Field {
        attrs: docs,
        vis: public(),
        modifiers: FieldModifiers::default(),
        ident: Some(ident(name)),
        colon_token: Some(Default::default()),
        ty,
        default: None,
    }
}

fn public() -> Visibility {
    Visibility::Public(Default::default())
}

fn derives(names: &[&str]) -> Attribute {
    let names = names.iter().map(|name| ident(name));
    attribute(Meta::List(syn::MetaList {
        path: path("derive", Vec::new()),
        delimiter: MacroDelimiter::Paren(Default::default()),
        tokens: quote::quote!(#(#names),*),
    }))
}

fn non_exhaustive() -> Attribute {
    attribute(Meta::Path(path("non_exhaustive", Vec::new())))
}

/// How a struct may be built.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Only by decoding, so fields may be added.
    MayGrow,
    /// With a literal of all fields.
    Literal,
    /// With a literal of some fields; the others are none.
    LiteralOrDefault,
}

/// A public struct.
pub(super) fn structure(mut docs: Vec<Attribute>, name: &str, fields: Vec<Field>, kind: Kind) -> Item {
    docs.push(derives(if kind == Kind::LiteralOrDefault { &["Clone", "Default"] } else { &["Clone"] }));
    if kind == Kind::MayGrow {
        docs.push(non_exhaustive());
    }
    Item::Struct(ItemStruct {
        attrs: docs,
        vis: public(),
        struct_token: Default::default(),
        ident: ident(name),
        generics: Generics::default(),
        fields: Fields::Named(FieldsNamed { brace_token: Default::default(), named: fields.into_iter().collect() }),
        semi_token: None,
    })
}

/// A public constant of a field: `Field::new("wire")`.
pub(super) fn constant(docs: Vec<Attribute>, name: &str, ty: Type, wire: &str) -> Item {
    let wire = Expr::Lit(ExprLit { attrs: Vec::new(), lit: Lit::Str(LitStr::new(wire, Span::call_site())) });
    let expr = Expr::Call(ExprCall {
        attrs: Vec::new(),
        func: Box::new(Expr::Path(ExprPath { attrs: Vec::new(), qself: None, path: path_in("Field", "new") })),
        paren_token: Default::default(),
        args: [wire].into_iter().collect(),
    });
    Item::Const(ItemConst {
        attrs: docs,
        vis: public(),
        modifiers: ConstModifiers::default(),
        const_token: Default::default(),
        ident: ident(name),
        generics: Generics::default(),
        colon_token: Default::default(),
        ty: Box::new(ty),
        eq_token: Default::default(),
        expr: Box::new(expr),
        semi_token: Default::default(),
    })
}

/// A macro call with braces, as an item.
pub(super) fn list(name: &str, tokens: TokenStream) -> Item {
    let path =
        Path { leading_colon: None, segments: Punctuated::from_iter([PathSegment::from(Ident::new(name, Span::call_site()))]) };
    Item::Macro(ItemMacro {
        attrs: Vec::new(),
        ident: None,
        mac: Macro { path, bang_token: Default::default(), delimiter: MacroDelimiter::Brace(Default::default()), tokens },
        semi_token: None,
    })
}
