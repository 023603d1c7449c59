//! Reads the text of a published page, copied from a browser or written as Markdown, into facts with their places.
//!
//! Reading follows a page's structure: `lines` removes what copying left behind, `title` finds where the body starts and ends, `blocks`
//! cuts the body at its headings, and one module reads each kind of block. If the text ends before the page does, everything before
//! its last line is read; the last line may be incomplete.

mod blocks;
mod field_table;
mod lenient_json;
mod lines;
mod listed_values;
mod page;
mod page_reader;
mod placed_json;
mod printed_type;
mod returned_table;
mod title;

pub(crate) use lines::is_space;
pub use page::*;
pub use page_reader::read;
pub use placed_json::{Json, Member, Node, Repair};
pub(crate) use printed_type::{PrintedType, same_print};
