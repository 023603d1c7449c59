//! The rules: one table for each class. A difference may break more than one thing, so every rule of the first three tables judges it. What
//! none of them claims breaks nothing, and belongs to the first rule of the other two that claims it. What no rule claims is
//! [`UNCLASSIFIED`] and counts as breaking.
//!
//! Floors, from the ground up:
//!
//! 1. `pairs`, `quantities`: what rules ask of a difference
//! 2. `rust`, `wire`, `operation`, `additive`, `documentation`: the tables

mod additive;
mod documentation;
mod operation;
mod pairs;
mod quantities;
mod rust;
mod wire;

use super::change::Class;
use super::rule::{ANY, Rule};

/// Every rule, by class.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    [rust::RULES, wire::RULES, operation::RULES, additive::RULES, documentation::RULES]
        .into_iter()
        .flatten()
        .chain([SIGNATURE, &UNCLASSIFIED])
}

/// The rule of what the crate lost although no difference that a rule claims is to blame for it.
pub(super) static SIGNATURE: &Rule = &rust::SIGNATURE;

/// What no rule claims.
pub static UNCLASSIFIED: Rule = Rule::new("unclassified", Class::Rust, ANY, &[])
    .no_mirror("it is no judgment")
    .not_shown("nobody has judged what it breaks")
    .says(
        "{it} differs, and no rule tells what that breaks",
        "A difference that no rule knows. It counts as breaking until a rule says what it breaks.",
    );
