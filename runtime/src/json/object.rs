//! Objects: rows, labels and nested values. [`object!`](crate::object) lists the keys of a struct; the reading and writing is here.

use std::{borrow::Cow, fmt};

use serde::{Deserializer, Serialize, Serializer};
use serde_json::{Value as Json, value::RawValue};

use super::value_ref::{FlatRow, ObjectRef, ValueRef, WireRow, rest_name};
use super::{
    context::DecodeContext, exact, map::JsonRow, map::Other, mismatch::Mismatch, reader::Reader, scan::Scanner,
    short_text::ShortText, value::Value,
};
use crate::facts::key::Key;

/// A struct read from a JSON object: a row, a label or a nested value. [`object!`](crate::object) implements it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from a JSON object",
    label = "not a row type",
    note = "row types come from the generated client, or from `object!` for a struct of your own"
)]
pub trait FromObject: Sized + Send + 'static {
    /// The name of the struct.
    #[doc(hidden)]
    const NAME: &'static str;
    /// Its keys, in order.
    #[doc(hidden)]
    const KEYS: &'static [Key];
    /// Whether it takes the text of the object as it is.
    #[doc(hidden)]
    const WHOLE: bool = false;
    /// Reads its fields, in the order of the keys.
    #[doc(hidden)]
    fn read(object: &mut ObjectReader<'_, '_>) -> Result<Self, Mismatch>;
    /// Lends its fields, in the order of the keys.
    #[doc(hidden)]
    fn lend<'a>(&'a self, object: &mut ObjectRef<'a>);

    /// A value made up from the types.
    #[doc(hidden)]
    fn made_up() -> Self {
        let (mut entries, mut context) = (Entries::new(), DecodeContext::default());
        let mut object = ObjectReader::of(&mut entries, Self::KEYS, &mut context);
        object.made_up = true;
        // A reader without entries only fails where a key is required, which is made up.
        Self::read(&mut object).expect("made-up values have their types")
    }

    /// Its keys and values, about to be written.
    #[doc(hidden)]
    fn object_ref(&self) -> ObjectRef<'_> {
        let mut object = ObjectRef::new(Self::NAME, Self::KEYS);
        self.lend(&mut object);
        object
    }

    /// The row as flat columns, for CSV: lists, objects and unknown keys are JSON text.
    fn flat(&self) -> FlatRow<'_> {
        FlatRow::new(self.object_ref())
    }

    /// The row as the server sends it, to serialize: absent keys stay absent, and unknown keys stand among the others.
    fn wire(&self) -> WireRow<'_> {
        WireRow(self.object_ref())
    }
}

/// Keys and values of one object. A value is taken once.
pub(crate) type Entries<'a> = Vec<(Cow<'a, str>, Option<&'a str>)>;

/// Hands out the values of an object in the order of its keys.
#[derive(Debug)]
pub struct ObjectReader<'r, 'a> {
    /// If the object is read the fast way; then there are no entries.
    reader: Option<&'r mut Reader<'a>>,
    /// Whether no key was met yet.
    first: bool,
    entries: &'r mut Entries<'a>,
    /// The whole object; empty if it is made up.
    text: &'a str,
    all: &'static [Key],
    keys: std::slice::Iter<'static, Key>,
    next: usize,
    context: &'r mut DecodeContext,
    /// Whether the values of absent keys are made up.
    made_up: bool,
}

impl<'r, 'a> ObjectReader<'r, 'a> {
    /// Splits an object into entries. A page reuses the buffer for each row.
    pub(crate) fn new(
        json: &'a str,
        entries: &'r mut Entries<'a>,
        keys: &'static [Key],
        context: &'r mut DecodeContext,
    ) -> Result<Self, Mismatch> {
        entries.clear();
        let mut scan = Scanner::new(json);
        if !scan.enter(b'{') {
            return Err(Mismatch::new("an object", json));
        }
        while let Some(key) = scan.key()? {
            entries.push((key, Some(scan.value())));
            // A list that grows may take twice its size.
            context.fits::<[usize; 10]>(entries.len())?;
        }
        Ok(Self { text: json, ..Self::of(entries, keys, context) })
    }

    fn of(entries: &'r mut Entries<'a>, keys: &'static [Key], context: &'r mut DecodeContext) -> Self {
        Self { reader: None, first: true, entries, text: "", all: keys, keys: keys.iter(), next: 0, context, made_up: false }
    }

    /// Reads the value of the next key.
    pub fn take<T: Value>(&mut self) -> Result<T, Mismatch> {
        let Some(key) = self.keys.next() else { return Err(Mismatch::new("fewer fields than keys", "")) };
        if let Some(reader) = &mut self.reader {
            let here = key.plain && reader.key(key.name, self.first);
            self.first &= !here;
            // A key that is missing here may come later, which the end of the object tells.
            let value = if here { self.context.within(key.name, |context| T::read_at(reader, context)) } else { T::absent() };
            return value.ok_or_else(slower);
        }
        let Some(json) = self.find(key.name) else {
            if self.made_up {
                return Ok(T::made_up());
            }
            return T::absent().ok_or_else(|| Mismatch::missing(key.name));
        };
        let value = self.context.within(key.name, |context| T::read(json, context));
        let Err(error) = value else { return value };
        // A lenient client leaves the field empty, if it may be.
        match T::absent() {
            Some(empty) => self.context.keep_value(key.name, json, error).map(|()| empty).map_err(|error| error.at(key.name)),
            None => Err(error.at(key.name)),
        }
    }

    /// Takes every remaining entry. Its key counts as unknown.
    pub fn rest(&mut self) -> Result<Other, Mismatch> {
        if let Some(reader) = &mut self.reader {
            let rest = rest_at(reader, self.first, self.all, self.context).ok_or_else(slower)?;
            rest.keys().for_each(|key| self.context.meet(key));
            return Ok(rest);
        }
        let mut rest = Vec::new();
        for (key, json) in self.entries.iter() {
            let Some(json) = json else { continue };
            self.context.take_entry::<Json>(rest.len(), key)?;
            match exact::json(json, self.context).map_err(|error| error.at(key))? {
                // Serialized, unknown keys are nested.
                Json::Object(nested) if self.context.serialized && key == rest_name(self.all) => {
                    rest.extend(nested.into_iter().map(|(key, json)| (ShortText::from(key), json)));
                }
                json => rest.push((ShortText::from(&**key), json)),
            }
        }
        Other::of_entries(rest)
    }

    /// The text of the whole object. All its entries are taken.
    pub(super) fn whole(&mut self) -> Result<&'a str, Mismatch> {
        self.entries.clear();
        self.context.take_bytes(self.text.len() as u64)?;
        Ok(self.text)
    }

    /// Tries the entry after the last one first, because servers send keys in a fixed order.
    fn find(&mut self, name: &str) -> Option<&'a str> {
        let expected = self.entries.get(self.next).is_some_and(|(key, json)| json.is_some() && key == name);
        let index =
            if expected { self.next } else { self.entries.iter().position(|(key, json)| json.is_some() && key == name)? };
        self.next = index + 1;
        self.entries.get_mut(index)?.1.take()
    }

    /// Counts the remaining keys. A known key among them is a duplicate.
    pub(crate) fn finish(self) -> Result<(), Mismatch> {
        for (key, json) in self.entries.iter() {
            if json.is_some() {
                if self.all.iter().any(|known| known.name == key) {
                    return Err(Mismatch::twice(key));
                }
                self.context.count(key);
            }
        }
        Ok(())
    }
}

/// What stops the fast way; nobody reads it.
#[cold]
fn slower() -> Mismatch {
    Mismatch::new("something else", "")
}

/// The remaining entries of an object; none if a known key is among them, which came out of order.
fn rest_at(reader: &mut Reader<'_>, mut first: bool, all: &[Key], context: &mut DecodeContext) -> Option<Other> {
    let mut rest = Vec::new();
    reader.space();
    while reader.peek()? != b'}' {
        let key = reader.any_key(first)?;
        first = false;
        if all.iter().any(|known| known.name == key) || (context.serialized && key == rest_name(all)) {
            return None;
        }
        context.take_entry::<Json>(rest.len(), &key).ok()?;
        rest.push((ShortText::from(&*key), exact::json(reader.raw()?, context).ok()?));
        reader.space();
    }
    Other::of_entries(rest).ok()
}

/// Reads a struct from the object that stands at the reader; none if it has to be read the slow way.
pub fn read_object_at<T: FromObject>(reader: &mut Reader<'_>, context: &mut DecodeContext) -> Option<T> {
    if T::WHOLE || !reader.eat(b'{') {
        return None;
    }
    context.take::<T>().ok()?;
    let mut entries = Entries::new();
    let mut object = ObjectReader { reader: Some(reader), ..ObjectReader::of(&mut entries, T::KEYS, context) };
    let value = T::read(&mut object).ok()?;
    reader.space();
    reader.word("}").then_some(value)
}

/// Reads a struct from the text of one object, which is JSON.
pub fn read_object<T: FromObject>(json: &str, context: &mut DecodeContext) -> Result<T, Mismatch> {
    let before = context.before();
    if let Some(value) = read_object_at(&mut Reader::new(json), context) {
        context.keep_met();
        return Ok(value);
    }
    context.forget(before);
    let mut entries = Vec::with_capacity(T::KEYS.len());
    read_with(json, &mut entries, context)
}

/// The same with a buffer to reuse.
pub(crate) fn read_with<'a, T: FromObject>(
    json: &'a str,
    entries: &mut Entries<'a>,
    context: &mut DecodeContext,
) -> Result<T, Mismatch> {
    context.take::<T>()?;
    // Text without escapes has no key that would be invalid text.
    let mut object = if T::WHOLE && json.starts_with('{') && memchr::memchr(b'\\', json.as_bytes()).is_none() {
        entries.clear();
        ObjectReader { text: json, ..ObjectReader::of(entries, T::KEYS, context) }
    } else {
        ObjectReader::new(json, entries, T::KEYS, context)?
    };
    let value = T::read(&mut object)?;
    object.finish()?;
    Ok(value)
}

/// Formats a struct with its wire names.
pub fn debug<T: FromObject>(object: &T, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    fmt::Debug::fmt(&object.object_ref(), f)
}

/// Serializes a struct with serde.
pub fn serialize<T: FromObject, S: Serializer>(object: &T, serializer: S) -> Result<S::Ok, S::Error> {
    ValueRef::Object(object.object_ref()).serialize(serializer)
}

/// Deserializes a struct with serde. Works with the deserializers of `serde_json`.
pub fn deserialize<'de, T: FromObject, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    let raw = <Box<RawValue> as serde::Deserialize>::deserialize(deserializer).map_err(|error: D::Error| {
        // What `serde_json` says of its own text, such as its end, stays its own error.
        if !error.to_string().contains("expected any valid JSON value") {
            return error;
        }
        let advice = "it is read from JSON with `serde_json`, not through `#[serde(flatten)]` and not from other formats";
        serde::de::Error::custom(format_args!("{}: {advice} ({error})", T::NAME))
    })?;
    read_object(raw.get(), &mut DecodeContext::of_serialized())
        .map_err(|error| serde::de::Error::custom(format_args!("{}: {error}", T::NAME)))
}

impl JsonRow {
    /// The row as one column, `other`, of JSON text: its keys are not known before it arrives.
    pub fn flat(&self) -> FlatRow<'_> {
        FromObject::flat(self)
    }
}

impl FromObject for JsonRow {
    const NAME: &'static str = "JsonRow";
    const KEYS: &'static [Key] = &[];

    fn read(object: &mut ObjectReader<'_, '_>) -> Result<Self, Mismatch> {
        // A JSON object has no unknown keys.
        if let Some(reader) = &mut object.reader {
            return rest_at(reader, true, &[], object.context).ok_or_else(slower);
        }
        let all = object.rest()?;
        object.entries.clear();
        Ok(all)
    }

    fn lend<'a>(&'a self, object: &mut ObjectRef<'a>) {
        object.put_rest(self);
    }
}

/// Makes a struct readable and writable: a row of your own.
///
/// `object! { Visit: id, kind = "type", clicked?, ..other }` lists the fields. `kind = "type"` sets a wire name, `clicked?` omits the key
/// if the value is `None`, and `..other` keeps unknown keys. An absent key reads as `None` for an `Option`; otherwise it is an error. Fields
/// may be `i64`, `f64`, `bool`, `String`, [`Text`](crate::Text), [`Timestamp`](crate::Timestamp), [`Date`](crate::Date),
/// [`Json`](crate::Json), the generated client's enums, structs of this macro, and `Option`, `Vec` and [`Map`](crate::Map) of these.
///
/// The struct also gets `Debug`, `PartialEq`, serde's traits and the methods `flat`, `wire` and `example`; it derives `Clone` itself. Its
/// expansion is inlined, so only crates that use a row compile its code.
///
/// Serialized, it is a struct of all its fields, in this order, with unknown keys nested in `other`. Deserialized, it must be JSON, read with
/// `serde_json` and not through `#[serde(flatten)]`.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use harbour_api::{Other, Text, object};
///
/// #[derive(Clone)]
/// struct Berth {
///     id: i64,
///     name: Option<Text>,
///     other: Other,
/// }
/// object! { Berth: id, name, ..other }
///
/// let berth: Berth = serde_json::from_str(r#"{"id": 452, "covered": true}"#)?;
/// assert_eq!((berth.id, berth.other["covered"].as_bool()), (452, Some(true)));
/// # Ok(()) }
/// ```
#[macro_export]
#[allow(clippy::crate_in_macro_def, reason = "only generated code says `of`, and the registry is its own")]
macro_rules! object {
    (@example $name:ident of $report:ident $( , $aggregation:literal )?) => {
        impl $name {
            /// A value for tests, to be changed field by field: the first of the documentation's sample.
            #[inline]
            pub fn example() -> Self {
                $crate::machinery::sample::<$report, Self>(&crate::REGISTRY, [$( $aggregation )?].first().copied())
            }
        }
    };
    (@example $name:ident) => {
        impl $name {
            /// A value for tests, to be changed field by field. It is made up from the types, because there is no sample of it.
            #[inline]
            pub fn example() -> Self {
                $crate::machinery::FromObject::made_up()
            }
        }
    };
    ($name:ident $( of $report:ident $( , $aggregation:literal )? )? : $( $field:ident $( ? $( @ $never:tt )? )? $( = $wire:literal )? ),* $(,)? $( .. $rest:ident $(,)? )?) => {
        #[diagnostic::do_not_recommend]
        impl $crate::machinery::FromObject for $name {
            const NAME: &'static str = ::core::stringify!($name);
            const KEYS: &'static [$crate::machinery::Key] = &[$(
                $crate::machinery::Key::of(::core::stringify!($field)) $( .named($wire) )? $( .optional() $( $never )? )?
            ),*];
            #[inline]
            fn read(object: &mut $crate::machinery::ObjectReader<'_, '_>) -> ::core::result::Result<Self, $crate::machinery::Mismatch> {
                ::core::result::Result::Ok(Self {
                    $( $field: match object.take() {
                        ::core::result::Result::Ok(value) => value,
                        ::core::result::Result::Err(mismatch) => return ::core::result::Result::Err(mismatch),
                    }, )*
                    $( $rest: object.rest()?, )?
                })
            }
            #[inline]
            fn lend<'a>(&'a self, object: &mut $crate::machinery::ObjectRef<'a>) {
                $( object.put($crate::machinery::Value::value_ref(&self.$field)); )*
                $( object.put_rest(&self.$rest); )?
            }
        }
        impl $name {
            /// The row as flat columns, for CSV: lists, objects and unknown keys are JSON text.
            #[inline]
            pub fn flat(&self) -> $crate::machinery::FlatRow<'_> {
                $crate::machinery::FromObject::flat(self)
            }
            /// The row as the server sends it, to serialize: absent keys stay absent, and unknown keys stand among the others.
            #[inline]
            pub fn wire(&self) -> $crate::machinery::WireRow<'_> {
                $crate::machinery::FromObject::wire(self)
            }
        }
        $crate::object! { @example $name $( of $report $( , $aggregation )? )? }
        #[doc(hidden)]
        #[diagnostic::do_not_recommend]
        impl $crate::machinery::Value for $name {
            #[inline]
            fn read(json: &str, context: &mut $crate::machinery::DecodeContext) -> ::core::result::Result<Self, $crate::machinery::Mismatch> {
                $crate::machinery::read_object(json, context)
            }
            #[inline]
            fn read_at(reader: &mut $crate::machinery::Reader<'_>, context: &mut $crate::machinery::DecodeContext) -> ::core::option::Option<Self> {
                $crate::machinery::read_object_at(reader, context)
            }
            #[inline]
            fn made_up() -> Self {
                $crate::machinery::FromObject::made_up()
            }
            #[inline]
            fn value_ref(&self) -> $crate::machinery::ValueRef<'_> {
                $crate::machinery::ValueRef::Object($crate::machinery::FromObject::object_ref(self))
            }
        }
        impl ::core::fmt::Debug for $name {
            #[inline]
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                $crate::machinery::debug(self, f)
            }
        }
        impl ::core::cmp::PartialEq for $name {
            #[inline]
            fn eq(&self, other: &Self) -> bool {
                $crate::machinery::FromObject::object_ref(self) == $crate::machinery::FromObject::object_ref(other)
            }
        }
        /// A struct of all fields, in the order of the page, with unknown keys nested in `other`.
        impl $crate::machinery::Serialize for $name {
            #[inline]
            fn serialize<S: $crate::machinery::Serializer>(&self, to: S) -> ::core::result::Result<S::Ok, S::Error> {
                $crate::machinery::serialize(self, to)
            }
        }
        /// From JSON only, read with `serde_json` and not through `#[serde(flatten)]`: the row as the server sends it or as it serializes.
        impl<'de> $crate::machinery::Deserialize<'de> for $name {
            #[inline]
            fn deserialize<D: $crate::machinery::Deserializer<'de>>(from: D) -> ::core::result::Result<Self, D::Error> {
                $crate::machinery::deserialize(from)
            }
        }
    };
}
