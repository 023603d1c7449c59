//! The keys of an object, as `object!` lists them.

/// One key of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// Name on the wire.
    pub name: &'static str,
    /// Whether the key is omitted if its value is null.
    pub optional: bool,
}

impl Key {
    /// A key with the name of a Rust field, which may be a raw identifier.
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

    /// The same key, omitted if null.
    #[must_use]
    pub const fn optional(self) -> Self {
        Self { optional: true, ..self }
    }
}
