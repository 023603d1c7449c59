//! Published documentation pages of reports: [`read`] one, [`import`] it as a report file, or compare it with the spec ([`drift`]).
//! A "page" elsewhere in this project is a page of rows; here it is always a published page.
//!
//! Floors, from the ground up:
//!
//! 1. `text`: the bytes of a capture as plain pages
//! 2. `read`: a page as the facts it states
//! 3. `import`, `drift`: what is made of them
//! 4. `merge`: a page merged into an existing report file
//! 5. `triage`, `captures`: what was decided about differences, and when each page was last seen
//! 6. `site`: fetches the pages that a spec names

mod captures;
mod drift;
mod import;
mod merge;
mod read;
#[cfg(feature = "net")]
pub mod site;
mod text;
mod triage;

pub use captures::{Captures, FactDigests, digests};
pub use drift::{Amendment, ComparedFact, Drift, PlaceOf, compare, compare_with_file, drift};
pub use import::import;
pub use merge::{AmendedSpec, Change, Merged, amend, merge};
pub(crate) use merge::{Written, YamlFile};
pub use read::*;
pub use text::{Capture, open};
pub use triage::{Date, Decided, Decisions, decide};
