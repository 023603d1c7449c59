//! What was decided about differences. A decision belongs to a fingerprint, so neither a moved line nor another wording loses it.

mod date;
mod decisions;
mod edit;

pub use date::Date;
pub use decisions::{Decided, Decisions};
pub use edit::decide;
