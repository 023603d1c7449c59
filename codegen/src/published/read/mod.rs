//! Reads the text of a published page, copied from a browser or written as Markdown, into facts with their places.
//!
//! Reading follows a page's structure: `lines` removes what copying left behind, `title` finds where the body starts and ends, `blocks`
//! cuts the body at its headings, and one module reads each kind of block. It claims the lines that it reads; `ledger` accounts for all
//! others. `page_reader` is the one place that tells the kinds of pages apart. If the text ends before the page does, everything before
//! its last line is read; the last line may be incomplete.

mod blocks;
mod document;
mod examples;
mod fact;
mod field_table;
mod hidden;
mod ledger;
mod lenient_json;
mod lines;
mod listed_values;
mod navigation;
mod page;
mod page_reader;
mod permit_row;
mod placed_json;
mod printed_type;
mod report_reader;
mod returned_table;
mod statements;
mod table;
mod title;
mod widgets;

pub use document::{Document, DocumentLine, LineForm, Sample};
pub(crate) use lines::is_space;
pub use navigation::{Navigation, NavigationEntry, report_title};
pub use page::*;
pub use page_reader::{read, read_as};
pub use placed_json::{Json, Member, Node, Repair};
pub(crate) use printed_type::{PrintedType, same_print};
