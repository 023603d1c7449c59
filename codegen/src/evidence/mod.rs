//! What exchanges with the live API settle in the spec. `placewise settle` makes the evidence; [`settle`] edits the YAML by it.
//!
//! A value that was seen is still stated by no page. A settled assumption therefore stays an assumption, with `settled` in place of
//! `settled_by`, and an edited fact gets the provenance `example`. Nothing here becomes documented.

mod claims;
mod edits;
mod kept;
mod settle;

pub use claims::{EvidenceFile, Origin};
pub use kept::{KEPT, Kept};
pub use settle::{Open, Settlement, SpecChange, Unsettled, When, settle};
