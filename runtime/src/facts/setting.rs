//! A value that may come from a named assumption.

/// A value that may come from a named assumption.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting<T> {
    /// The value.
    pub value: T,
    /// The id of the assumption it comes from; none if a page states it.
    pub assumption: Option<&'static str>,
}

impl<T> Setting<T> {
    /// A value that a page states.
    pub const fn stated(value: T) -> Self {
        Self { value, assumption: None }
    }

    /// A value that comes from the assumption with that id.
    pub const fn assumed(value: T, id: &'static str) -> Self {
        Self { value, assumption: Some(id) }
    }
}
