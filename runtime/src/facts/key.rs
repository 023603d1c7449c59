//! The keys of an object, as `object!` lists them.

/// One key of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// Name on the wire.
    pub name: &'static str,
    /// Whether the key is omitted if its value is null.
    pub optional: bool,
    /// Whether JSON can write the name without escapes.
    pub plain: bool,
}

/// Whether a name has no quote, backslash or control character.
const fn is_plain(name: &str) -> bool {
    let (bytes, mut at) = (name.as_bytes(), 0);
    while at < bytes.len() {
        if matches!(bytes[at], b'"' | b'\\' | 0..0x20) {
            return false;
        }
        at += 1;
    }
    true
}

impl Key {
    /// A key with the name of a Rust field, which may be a raw identifier.
    pub const fn of(field: &'static str) -> Self {
        let name = match field.as_bytes() {
            [b'r', b'#', ..] => field.split_at(2).1,
            _ => field,
        };
        Self { name, optional: false, plain: is_plain(name) }
    }

    /// The same key with another wire name.
    #[must_use]
    pub const fn named(self, name: &'static str) -> Self {
        Self { name, plain: is_plain(name), ..self }
    }

    /// The same key, omitted if null.
    #[must_use]
    pub const fn optional(self) -> Self {
        Self { optional: true, ..self }
    }
}
