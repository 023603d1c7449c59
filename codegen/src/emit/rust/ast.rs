//! The pieces of Rust that come by the thousand, built straight as syntax trees: fields, variants, constants and their types. Parsing
//! them from tokens took a third of the generator's time. In: identifiers of the naming layer and safe texts; out: `syn` nodes.

use proc_macro2::{Ident, Span, TokenStream};
use syn::punctuated::Punctuated;
use syn::{
    AngleBracketedGenericArguments, AttrStyle, Attribute, ConstModifiers, Expr, ExprCall, ExprLit, ExprPath, Field,
    FieldModifiers, Fields, FieldsNamed, FieldsUnnamed, GenericArgument, Generics, Item, ItemConst, ItemEnum, ItemMacro,
    ItemStruct, Lit, LitStr, Macro, MacroDelimiter, Meta, MetaNameValue, Path, PathArguments, PathSegment, Type, TypePath,
    Variant, Visibility, token,
};

use super::ident;

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
    let segments = Punctuated::from_iter([segment(module, Vec::new()), segment(name, Vec::new())]);
    Type::Path(TypePath { attrs: Vec::new(), qself: None, path: Path { leading_colon: None, segments } })
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

/// How a struct may be made.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// By reading only: fields may be added.
    MayGrow,
    /// By a literal of all its fields.
    Literal,
    /// By a literal of some of its fields, the rest being none.
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

/// A variant without data, or with one value of that type.
pub(super) fn variant(docs: Vec<Attribute>, name: &str, of: Option<Type>) -> Variant {
    let fields = match of {
        None => Fields::Unit,
        Some(ty) => {
            let field = Field {
                attrs: Vec::new(),
                vis: Visibility::Inherited,
                modifiers: FieldModifiers::default(),
                ident: None,
                colon_token: None,
                ty,
                default: None,
            };
            Fields::Unnamed(FieldsUnnamed { paren_token: token::Paren::default(), unnamed: Punctuated::from_iter([field]) })
        }
    };
    Variant { attrs: docs, ident: ident(name), fields, discriminant: None }
}

/// A public enumeration that may grow.
pub(super) fn enumeration(mut docs: Vec<Attribute>, name: &str, variants: Vec<Variant>) -> Item {
    docs.extend([derives(&["Clone"]), non_exhaustive()]);
    Item::Enum(ItemEnum {
        attrs: docs,
        vis: public(),
        enum_token: Default::default(),
        ident: ident(name),
        generics: Generics::default(),
        brace_token: Default::default(),
        variants: variants.into_iter().collect(),
    })
}

/// A public constant: `function("argument")`, and whatever is called on that.
pub(super) fn constant(
    docs: Vec<Attribute>,
    name: &str,
    ty: Type,
    (function, argument): (&str, &str),
    then: TokenStream,
) -> Item {
    let literal = Expr::Lit(ExprLit { attrs: Vec::new(), lit: Lit::Str(LitStr::new(argument, Span::call_site())) });
    let function = Expr::Path(ExprPath { attrs: Vec::new(), qself: None, path: path(function, Vec::new()) });
    let call = Expr::Call(ExprCall {
        attrs: Vec::new(),
        func: Box::new(function),
        paren_token: Default::default(),
        args: Punctuated::from_iter([literal]),
    });
    let expr = if then.is_empty() {
        call
    } else {
        syn::parse2(quote::quote!(#call #then)).unwrap_or_else(|error| Expr::Verbatim(error.to_compile_error()))
    };
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

/// A macro with braces in the place of an item.
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
