//! Text that is safe to show or to put into an address.

pub(crate) mod excerpt;
pub(crate) mod nearest;
pub(crate) mod path;
pub(crate) mod secrets;
