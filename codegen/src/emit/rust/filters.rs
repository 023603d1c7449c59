//! The filter of an example as typed Rust; none if only JSON can express it.

use placewise_model::{Field, FilterLanguage, Report, Type};
use proc_macro2::{Literal, TokenStream};
use quote::quote;
use serde_json::Value;

use super::pieces::ident;
use crate::naming;

/// The expression for a filter.
pub(super) fn filter(language: &FilterLanguage, report: &Report, node: &Value) -> Option<TokenStream> {
    Filters { language, report }.node(node, None)
}

struct Filters<'a> {
    language: &'a FilterLanguage,
    report: &'a Report,
}

impl Filters<'_> {
    /// `outer` is the enclosing logical operator. The client would merge a node into the same operator, so JSON is needed then.
    fn node(&self, node: &Value, outer: Option<&str>) -> Option<TokenStream> {
        let node = node.as_object()?;
        let name = node.get(&self.language.type_key)?.as_str()?;
        let key = self.language.operators().into_iter().find_map(|(key, operator)| (operator.name == name).then_some(key))?;
        if key == "and" || key == "or" {
            let operations = node.get(&self.language.operations_key)?.as_array()?;
            if node.len() != 2 || operations.len() < 2 || outer == Some(key) {
                return None;
            }
            let parts: Vec<_> = operations.iter().map(|operation| self.node(operation, Some(key))).collect::<Option<_>>()?;
            let all = if key == "and" { quote!(#(#parts)&*) } else { quote!(#(#parts)|*) };
            return Some(if outer.is_some() { quote!((#all)) } else { all });
        }
        if node.len() != 3 {
            return None;
        }
        let field = self.report.field(node.get(&self.language.field_key)?.as_str()?)?;
        self.comparison(key, field, node.get(&self.language.value_key)?)
    }

    fn comparison(&self, key: &str, field: &Field, value: &Value) -> Option<TokenStream> {
        if !field.filterable.may_filter() {
            return None;
        }
        let (module, constant) = (self.module(), ident(&naming::constant(&field.name)));
        let of = quote!(api::#module::#constant);
        let ordered = matches!(field.ty, Type::Integer | Type::Number | Type::Timestamp | Type::Date);
        let one = |method: &str| {
            let (method, value) = (ident(method), self.value(field, &field.ty, value)?);
            Some(quote!(#of.#method(#value)))
        };
        let many = |method: &str| {
            let element = if let Type::Array { of } = &field.ty { of } else { &field.ty };
            let values = value.as_array().filter(|values| !values.is_empty())?;
            let values: Vec<_> = values.iter().map(|value| self.value(field, element, value)).collect::<Option<_>>()?;
            let method = ident(method);
            Some(quote!(#of.#method([#(#values),*])))
        };
        match key {
            "equal" if value.is_null() => Some(quote!(#of.is_null())),
            "not_equal" if value.is_null() => Some(quote!(#of.is_not_null())),
            "equal" => one("eq"),
            "not_equal" => one("ne"),
            "greater_than" if ordered => one("gt"),
            "greater_or_equal" if ordered => one("ge"),
            "less_than" if ordered => one("lt"),
            "less_or_equal" if ordered => one("le"),
            "one_of" => many("one_of"),
            "none_of" => many("none_of"),
            _ => None,
        }
    }

    fn module(&self) -> proc_macro2::Ident {
        ident(&naming::report(&self.report.name).module)
    }

    /// A value as an operand of that type.
    fn value(&self, field: &Field, ty: &Type, value: &Value) -> Option<TokenStream> {
        match (ty, value) {
            (Type::Integer, Value::Number(number)) => integer(number.as_i64()?),
            (Type::Number, Value::Number(number)) => number.as_i64().map_or_else(
                || number.as_f64().and_then(float),
                |whole| i32::try_from(whole).ok().and_then(|whole| integer(whole.into())),
            ),
            (Type::String, Value::String(text)) => Some(quote!(#text)),
            (Type::Boolean, Value::Bool(value)) => Some(quote!(#value)),
            (Type::Timestamp, Value::String(text)) => Some(quote!(api::Timestamp::parse(#text).expect("a time"))),
            (Type::Date, Value::String(text)) => Some(quote!(#text.parse::<api::Date>().expect("a date"))),
            (Type::Enum(enumeration), Value::String(text)) => {
                let (module, name) = (self.module(), ident(&naming::defined_name(field, "")));
                let listed = enumeration.values.iter().find(|value| value.value == *text);
                Some(match listed {
                    Some(value) => {
                        let variant = ident(&naming::value(value));
                        quote!(api::#module::#name::#variant)
                    }
                    None => quote!(api::#module::#name::Unlisted(#text.into())),
                })
            }
            _ => None,
        }
    }
}

/// A literal, without a suffix if it fits 32 bits.
fn integer(value: i64) -> Option<TokenStream> {
    let size = value.unsigned_abs();
    let literal = if i32::try_from(value).is_ok() {
        Literal::u64_unsuffixed(size)
    } else {
        Literal::i64_suffixed(i64::try_from(size).ok()?)
    };
    Some(if value < 0 { quote!(-#literal) } else { quote!(#literal) })
}

fn float(value: f64) -> Option<TokenStream> {
    let literal = value.is_finite().then(|| Literal::f64_unsuffixed(value.abs()))?;
    Some(if value.is_sign_negative() { quote!(-#literal) } else { quote!(#literal) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_become_literals() {
        let text = |value| integer(value).map(|tokens| tokens.to_string());
        assert_eq!(text(7265).as_deref(), Some("7265"));
        assert_eq!(text(-1).as_deref(), Some("- 1"));
        assert_eq!(text(5_000_000_000).as_deref(), Some("5000000000i64"));
        assert_eq!(text(i64::MIN), None);
        assert_eq!(float(-0.5).map(|tokens| tokens.to_string()).as_deref(), Some("- 0.5"));
    }
}
