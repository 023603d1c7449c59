//! Opens a capture: from the bytes of a file to its pages.

use super::builder::{self, Builder};
use super::decode::decode;
use super::line_numbers::blank_line_numbers;
use super::pages::pages;
use super::usual_case::usual_case;
use crate::finding::{FileId, Finding, Place, Sources, codes};

/// A capture's pages.
#[derive(Debug)]
pub struct Capture {
    /// The capture as text.
    pub file: FileId,
    /// Its pages, as plain texts. Empty if the capture cannot be read.
    pub pages: Vec<FileId>,
    /// What could not be read.
    pub findings: Vec<Finding>,
}

/// Adds a capture and its pages to the texts of a run.
pub fn open(path: impl Into<String>, bytes: &[u8], sources: &mut Sources) -> Capture {
    let decoded = match decode(bytes) {
        Ok(decoded) => decoded,
        Err(what) => {
            let file = sources.add(path, "");
            let finding = Finding::new(codes::PAGE_NOT_TEXT, format!("the file is {what}, not the text of a page"))
                .at(Place { file, span: 0..0 })
                .help("open the page in a browser, select all, copy, and save the text");
            return Capture { file, pages: Vec::new(), findings: vec![finding] };
        }
    };
    let replaced = decoded.replaced;
    let file = sources.add(path, decoded.text);
    let mut capture = Capture { file, pages: Vec::new(), findings: Vec::new() };
    if let Some((at, count)) = replaced {
        let what = if count == 1 { "a byte that is".to_owned() } else { format!("{count} bytes or groups of bytes that are") };
        let finding = Finding::new(codes::PAGE_ENCODING, format!("the file has {what} no text in its encoding"));
        let place = Place { file, span: at..at + char::REPLACEMENT_CHARACTER.len_utf8() };
        capture.findings.push(finding.at(place).label("read as a replacement character").help("save the page as UTF-8"));
    }
    if let Some(mut plain) = plain(file, &sources.get(file).text, &mut capture.findings) {
        usual_case(&mut plain.text);
        blank_line_numbers(&mut plain.text);
        for page in pages(&plain.text) {
            let origins = plain.origins.part(&page);
            capture.pages.push(sources.add_made_from(file, &plain.text[page], origins));
        }
    }
    capture
}

#[cfg(feature = "html")]
fn plain(file: FileId, text: &str, findings: &mut Vec<Finding>) -> Option<Builder> {
    use super::html;

    if !html::is_html(text) {
        return Some(builder::plain(text));
    }
    let plain = html::plain(text);
    if plain.text.trim().is_empty() {
        findings.push(
            Finding::new(codes::PAGE_EMPTY, "this HTML has no text: it was saved before the page was shown")
                .at(Place { file, span: 0..0 })
                .help("open the page in a browser, select all, copy, and save the text"),
        );
        return None;
    }
    Some(plain)
}

#[cfg(not(feature = "html"))]
fn plain(file: FileId, text: &str, findings: &mut Vec<Finding>) -> Option<Builder> {
    let start = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if start.starts_with('<') && text.contains("</") {
        findings.push(
            Finding::new(codes::PAGE_HTML, "this capture is HTML, and this program was built without the feature `html`")
                .at(Place { file, span: 0..0 })
                .help("build placewise-codegen with `--features html`, or copy the page's text in a browser"),
        );
        return None;
    }
    Some(builder::plain(text))
}
