//! The rules that a spec must follow, one file each under `rules`.

mod check_spec;
mod consequences;
mod distinct;
mod fix_spec;
mod registry;
mod rule;
mod rules;
mod text_forms;
mod valid;

pub use check_spec::{Checked, check_spec};
pub use fix_spec::{Applied, FixedSpec, fix_spec};
pub use registry::RULES;
pub use rule::Rule;
pub(crate) use rules::examples::judge_examples;
pub(crate) use rules::nulls::NEVER_NULL;
pub(crate) use text_forms::is_date;
pub use valid::{Valid, check};
