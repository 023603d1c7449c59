//! Published documentation pages of records reports: [`read`] one, [`import`] it as a report file, or compare it with the spec
//! ([`drift`]). A "page" elsewhere in this project is a page of rows; here it is always a published page.
//!
//! Floors, from the ground up:
//!
//! 1. `read`: a page as the facts it states
//! 2. `import`, `drift`: what is made of them

mod drift;
mod import;
mod read;

pub use drift::drift;
pub use import::import;
pub use read::*;
