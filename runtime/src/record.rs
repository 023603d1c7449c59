//! Rows and nested objects: how generated structs are read from JSON text and written again. In comes the text of one object, split
//! once into cells; out comes the struct, with what it does not model counted. The macro [`record!`](crate::record) only lists names.

use std::{borrow::Cow, collections::BTreeMap, fmt};

use serde::{Deserializer, Serializer};
use serde_json::{Value as Json, value::RawValue};

use crate::{Cell, Mismatch, RowWriter, Value, scan::Scanner};

/// An object with known keys: a row of a report, or an object inside one. Implemented by [`record!`](crate::record).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a row of a report",
    label = "not a row type",
    note = "row types come from the generated client, or from `record!` for a struct of your own"
)]
pub trait Record: Sized + Send + 'static {
    /// The name of the struct.
    const NAME: &'static str;
    /// The keys it models, in order.
    const KEYS: &'static [Key];
    /// Reads its fields, in the order of the keys.
    fn read(row: &mut RowReader<'_, '_>) -> Result<Self, Mismatch>;
    /// Writes its fields, in the order of the keys.
    fn write<'a>(&'a self, row: &mut RowWriter<'a>);

    /// Its fields as key and value, in order.
    fn cells(&self) -> Vec<(&str, Cell<'_>)> {
        let mut row = RowWriter::new(Self::KEYS);
        self.write(&mut row);
        row.finish()
    }
}

/// One key of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// Name on the wire.
    pub name: &'static str,
    /// Whether it is left out when its value is null.
    pub optional: bool,
}

impl Key {
    /// A key named as a Rust field, which may be a raw identifier.
    pub const fn of(field: &'static str) -> Self {
        let name = match field.as_bytes() {
            [b'r', b'#', ..] => field.split_at(2).1,
            _ => field,
        };
        Self { name, optional: false }
    }

    /// The same key with another wire name.
    #[must_use]
    pub const fn named(self, name: &'static str) -> Self {
        Self { name, ..self }
    }

    /// The same key, left out when null.
    #[must_use]
    pub const fn optional(self) -> Self {
        Self { optional: true, ..self }
    }
}

/// Keys that the spec does not model, as they came.
///
/// Whole numbers are kept exactly, and those of more than 64 bits are refused by an error that names the key. Numbers with a fraction or
/// an exponent are kept as 64-bit floating point, so that digits beyond its precision are lost. Of a key that comes twice inside a nested
/// object, the last is kept.
pub type Other = serde_json::Map<String, Json>;

/// A row of a report of which only the name is known; its values are kept as those of [`Other`] are.
pub type JsonRow = serde_json::Map<String, Json>;

/// What a run of reading gathers beside the values: unmodelled keys, by dotted path, with how often each was met.
#[derive(Debug, Default)]
pub struct Reading {
    path: Vec<&'static str>,
    pub(crate) unknown_keys: BTreeMap<String, u64>,
}

impl Reading {
    /// Reads what stands under a key.
    pub(crate) fn within<T>(&mut self, key: &'static str, read: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(key);
        let value = read(self);
        self.path.pop();
        value
    }

    /// Counts a key that no type models.
    pub(crate) fn count(&mut self, key: &str) {
        let mut path = String::new();
        for part in &self.path {
            path.push_str(part);
            path.push('.');
        }
        path.push_str(key);
        *self.unknown_keys.entry(path).or_insert(0) += 1;
    }
}

pub(crate) type Cells<'a> = Vec<(Cow<'a, str>, Option<&'a str>)>;

/// Hands out the cells of one object in the order of a record's keys.
#[derive(Debug)]
pub struct RowReader<'r, 'a> {
    cells: &'r mut Cells<'a>,
    all: &'static [Key],
    keys: std::slice::Iter<'static, Key>,
    next: usize,
    reading: &'r mut Reading,
}

impl<'r, 'a> RowReader<'r, 'a> {
    /// Splits an object into cells; the buffer is handed in so that a page reuses it from row to row.
    pub(crate) fn new(
        json: &'a str,
        cells: &'r mut Cells<'a>,
        keys: &'static [Key],
        reading: &'r mut Reading,
    ) -> Result<Self, Mismatch> {
        cells.clear();
        let mut scan = Scanner::new(json);
        if !scan.enter(b'{') {
            return Err(Mismatch::new("an object", json));
        }
        while let Some(key) = scan.key()? {
            cells.push((key, Some(scan.value())));
        }
        Ok(Self { cells, all: keys, keys: keys.iter(), next: 0, reading })
    }

    /// Reads the value of the next key.
    pub fn take<T: Value>(&mut self) -> Result<T, Mismatch> {
        let Some(key) = self.keys.next() else { return Err(Mismatch::new("fewer fields than keys", "")) };
        let Some(json) = self.find(key.name) else {
            return T::absent().ok_or_else(|| Mismatch::missing(key.name));
        };
        let value = self.reading.within(key.name, |reading| T::read(json, reading));
        value.map_err(|error| error.at(key.name))
    }

    /// Takes every cell that no key took.
    pub fn rest(&mut self) -> Result<Other, Mismatch> {
        let mut rest = Other::new();
        for (key, json) in self.cells.iter() {
            if let Some(json) = json {
                let json = crate::value::json(json).map_err(|error| error.at(key))?;
                if rest.insert(key.clone().into_owned(), json).is_some() {
                    return Err(Mismatch::twice(key));
                }
            }
        }
        Ok(rest)
    }

    /// Servers print keys in one order, so the cell after the last one found is tried first.
    fn find(&mut self, name: &str) -> Option<&'a str> {
        let expected = self.cells.get(self.next).is_some_and(|(key, json)| json.is_some() && key == name);
        let index = if expected { self.next } else { self.cells.iter().position(|(key, json)| json.is_some() && key == name)? };
        self.next = index + 1;
        self.cells.get_mut(index)?.1.take()
    }

    /// Counts what was not taken. A key that was taken and is left all the same came twice.
    pub(crate) fn finish(self) -> Result<(), Mismatch> {
        for (key, json) in self.cells.iter() {
            if json.is_some() {
                if self.all.iter().any(|known| known.name == key) {
                    return Err(Mismatch::twice(key));
                }
                self.reading.count(key);
            }
        }
        Ok(())
    }
}

/// Reads a record from the text of one object.
pub fn read_record<T: Record>(json: &str, reading: &mut Reading) -> Result<T, Mismatch> {
    let mut cells = Vec::with_capacity(T::KEYS.len());
    read_with(json, &mut cells, reading)
}

/// The same, with a buffer that is reused.
pub(crate) fn read_with<'a, T: Record>(json: &'a str, cells: &mut Cells<'a>, reading: &mut Reading) -> Result<T, Mismatch> {
    let mut row = RowReader::new(json, cells, T::KEYS, reading)?;
    let value = T::read(&mut row)?;
    row.finish()?;
    Ok(value)
}

/// The `Debug` of records: the struct with its wire names.
pub fn debug<T: Record>(record: &T, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut out = f.debug_struct(T::NAME);
    for (key, cell) in record.cells() {
        out.field(key, &cell);
    }
    out.finish()
}

/// Serde's side of records: writes the cells.
pub fn serialize<T: Record, S: Serializer>(record: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serde::Serialize::serialize(&Cell::Object(record.cells()), serializer)
}

/// Serde's side of records: reads JSON text. Works with the deserializers of `serde_json`.
pub fn deserialize<'de, T: Record, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    let raw = <Box<RawValue> as serde::Deserialize>::deserialize(deserializer)?;
    read_record(raw.get(), &mut Reading::default())
        .map_err(|error| serde::de::Error::custom(format_args!("{}: {error}", T::NAME)))
}

impl Record for JsonRow {
    const NAME: &'static str = "JsonRow";
    const KEYS: &'static [Key] = &[];

    fn read(row: &mut RowReader<'_, '_>) -> Result<Self, Mismatch> {
        let all = row.rest()?;
        // Everything was asked for, so nothing is unmodelled.
        row.cells.clear();
        Ok(all)
    }

    fn write<'a>(&'a self, row: &mut RowWriter<'a>) {
        row.put_rest(self);
    }
}

/// Makes a struct readable and writable: `record! { Row: id, kind = "type", clicked?, ..other }`.
///
/// `kind = "type"` gives a wire name, `clicked?` is left out when it is `None`, `..other` keeps what is not listed. A key that is absent
/// reads as `None` for an `Option` and is an error otherwise. Fields are listed in the order they are written.
///
/// The struct gets `Debug`, `PartialEq` and serde's traits besides; it derives `Clone` itself. What it expands to is inlined, so that only the crates that use a row compile its reading and writing.
#[macro_export]
macro_rules! record {
    ($name:ident : $( $field:ident $( ? $( @ $never:tt )? )? $( = $wire:literal )? ),* $(,)? $( .. $rest:ident $(,)? )?) => {
        impl $crate::Record for $name {
            const NAME: &'static str = ::core::stringify!($name);
            const KEYS: &'static [$crate::Key] = &[$(
                $crate::Key::of(::core::stringify!($field)) $( .named($wire) )? $( .optional() $( $never )? )?
            ),*];
            #[inline]
            fn read(row: &mut $crate::RowReader<'_, '_>) -> ::core::result::Result<Self, $crate::Mismatch> {
                ::core::result::Result::Ok(Self {
                    $( $field: match row.take() {
                        ::core::result::Result::Ok(value) => value,
                        ::core::result::Result::Err(mismatch) => return ::core::result::Result::Err(mismatch),
                    }, )*
                    $( $rest: row.rest()?, )?
                })
            }
            #[inline]
            fn write<'a>(&'a self, row: &mut $crate::RowWriter<'a>) {
                $( row.put(&self.$field); )*
                $( row.put_rest(&self.$rest); )?
            }
        }
        impl $crate::Value for $name {
            const TYPE: $crate::TypeWord = $crate::TypeWord::Plain("object");
            #[inline]
            fn read(json: &str, reading: &mut $crate::Reading) -> ::core::result::Result<Self, $crate::Mismatch> {
                $crate::__private::read_record(json, reading)
            }
            #[inline]
            fn cell(&self) -> $crate::Cell<'_> {
                $crate::Cell::Object($crate::Record::cells(self))
            }
        }
        impl ::core::fmt::Debug for $name {
            #[inline]
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                $crate::__private::debug(self, f)
            }
        }
        impl ::core::cmp::PartialEq for $name {
            #[inline]
            fn eq(&self, other: &Self) -> bool {
                $crate::Record::cells(self) == $crate::Record::cells(other)
            }
        }
        impl $crate::__private::Serialize for $name {
            #[inline]
            fn serialize<S: $crate::__private::Serializer>(&self, to: S) -> ::core::result::Result<S::Ok, S::Error> {
                $crate::__private::serialize(self, to)
            }
        }
        impl<'de> $crate::__private::Deserialize<'de> for $name {
            #[inline]
            fn deserialize<D: $crate::__private::Deserializer<'de>>(from: D) -> ::core::result::Result<Self, D::Error> {
                $crate::__private::deserialize(from)
            }
        }
    };
}
