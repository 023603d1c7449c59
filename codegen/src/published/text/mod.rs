//! Makes plain pages of a capture: the bytes of a file that a person saved, in any of the forms that browsers and editors write.
//!
//! Plain means: UTF-8, line feeds, usual spaces and hyphens, tables as `| a | b |`, headings as `## name`. Prose keeps its quotes.
//! Each page is a text of its own in [`Sources`](crate::finding::Sources), and its places are shown in the capture.

mod builder;
mod capture;
mod decode;
#[cfg(feature = "html")]
mod html;
mod line_numbers;
mod pages;
mod usual_case;

pub use capture::{Capture, open};
