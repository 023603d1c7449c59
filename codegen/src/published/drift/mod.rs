//! Compares a published page with the spec, fact by fact, and accounts for both sides: a fact of the spec is compared, or the page did not
//! reach it; a line of the page states facts, is prose, or was not understood. Prose is not compared. What is missing after the end of a cut
//! page is unreached, not removed.

mod account;
mod amendment;
mod compare;
mod documents;
mod examples;
mod expected;
mod fields;
mod header;
mod prose;
mod rows;
mod sample_diff;

pub use account::{ComparedFact, Drift, PlaceOf};
pub use amendment::Amendment;
pub(super) use amendment::{After, Amended, Edit};
pub use compare::drift;
pub use documents::{compare, compare_with_file};
