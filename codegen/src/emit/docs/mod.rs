//! Documentation as Markdown, read on GitHub: one page per report, and the pages that hold for all of them.
//!
//! Text of the spec is escaped everywhere, and each fact says how well it is known.

mod assumptions_page;
mod coverage_page;
mod endpoints_page;
mod field_tables;
mod filters_page;
mod formats_page;
mod index_page;
mod pages;
mod phrases;
mod platform_page;
mod queries;
mod report_evidence;
mod report_page;
mod table;

pub(super) use pages::pages;
pub(super) use report_page::page as report;
