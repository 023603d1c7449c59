//! What the differences of two specs break: each is judged on three axes, with both places and the smallest program that breaks.
//!
//! Pure: two checked specs in, changes out. A difference may break several things and is then several changes.
//!
//! Floors, from the ground up:
//!
//! 1. `change`: a change and its axes
//! 2. `facts`, `reading`: a model as single facts, and what the old client reads of values
//! 3. `differences`, `surface`: what differs, and what the crate lost by it
//! 4. `side`: a spec with places and captures
//! 5. `cause`, `rule`: why a fact differs, and what rules see
//! 6. `witness`, `words`: the programs and the sentences of rules
//! 7. `rules`: the tables
//! 8. `compare`: the walk
//! 9. `print`, `changelog`, `pages`: changes as text, JSON, Markdown, workflow commands and entries; rules as pages

mod cause;
mod change;
mod changelog;
mod compare;
mod differences;
mod facts;
mod pages;
mod print;
mod reading;
mod rule;
mod rules;
mod side;
mod surface;
mod witness;
mod words;

pub use cause::IMPOSSIBLE;
pub use change::{At, Cause, Change, Class, Step, Witness, WitnessKind, step};
pub use changelog::{add_to_changelog, changelog};
pub use compare::diff;
pub use pages::{find_rule, rule_index, rule_page};
pub use print::{summary, to_github, to_human, to_json, to_markdown};
pub use rule::{Mirror, Rule, Shown};
pub use rules::{UNCLASSIFIED, rules};
pub use side::Side;
pub use surface::{Item, Surface};
