//! Blanks the widgets of documentation sites (Apidog, Redoc, Docusaurus) that a copied page has among its text: buttons, labels of code,
//! "On this page" lists, the lists of a site's footer. Only the words below count, and only where a site prints them; anything else stays.

use std::collections::HashSet;

use super::lines::{Line, Source, bare, lines as read, unbullet};
use super::title::parse_title;

/// Buttons and links with words of their own.
const BUTTONS: [&str; 9] =
    ["Copy page", "Ask AI", "Copy code", "Copy link", "Edit this page", "Expand all", "Collapse all", "Try it", "Try it out"];
/// Labels of a code block; they count beside one only.
const CODE: [&str; 6] = ["Copy", "Copied!", "json", "JSON", "Json", "Expand all Collapse all"];
/// When the page was changed.
const CHANGED: [&str; 4] = ["Modified at ", "Last updated on ", "Last updated at ", "Last modified on "];
/// Asks for a judgement, and its answers.
const HELPFUL: [&str; 3] = ["Was this page helpful?", "Yes", "No"];
/// Titles of the list of a page's headings.
const CONTENTS: [&str; 3] = ["On this page", "Table of contents", "Contents"];
/// Entries of a site's footer.
const FOOTER: [&str; 10] =
    ["Terms", "Terms of Service", "Terms of Use", "Privacy", "Privacy Policy", "Cookies", "Contact", "Imprint", "Legal", "About"];

/// All lines of a text, with those of widgets blank.
pub(super) fn lines(source: Source<'_>) -> Vec<Line<'_>> {
    let mut lines = read(source);
    blank(&mut lines);
    lines
}

fn blank(lines: &mut [Line<'_>]) {
    let filled: Vec<usize> = (0..lines.len()).filter(|index| !lines[*index].blank()).collect();
    let headings: HashSet<&str> = lines.iter().filter(|line| line.marked && !line.bullet).map(|line| line.heading).collect();
    // The title may have no mark; then another line of the page is the title.
    let titles: Vec<&str> =
        lines.iter().filter(|line| !line.bullet && parse_title(line).is_some()).map(|line| line.heading).collect();
    let text = |at: usize| filled.get(at).map_or("", |index| lines[*index].text);
    let code = |at: usize| text(at).starts_with(['{', '[']);
    let ends_code = |at: Option<usize>| at.is_some_and(|at| text(at).starts_with(['}', ']']));
    let mut found = Vec::new();
    let mut at = 0;
    while at < filled.len() {
        let start = at;
        let here = text(at);
        if CONTENTS.contains(&lines[filled[at]].heading) {
            let mut seen = 1;
            let mut entry = |at: usize| {
                let line = &lines[filled[at]];
                let name = bare(unbullet(line.text));
                let title = titles.iter().filter(|title| **title == name).count() > seen;
                seen += usize::from(title);
                (!line.marked || line.bullet) && (headings.contains(name) || title)
            };
            let end = (at + 1..filled.len()).find(|at| !entry(*at)).unwrap_or(filled.len());
            // A cut may leave a part of the last entry.
            at = if end > at + 1 { end } else { at };
        } else if CODE.contains(&here) {
            let end = (at..filled.len()).find(|at| !CODE.contains(&text(*at))).unwrap_or(filled.len());
            at = if code(end) || ends_code(start.checked_sub(1)) { end } else { at };
        } else if here == HELPFUL[0] {
            at += 1 + HELPFUL[1..].iter().zip(at + 1..).take_while(|(word, at)| unbullet(text(*at)) == **word).count();
        } else if BUTTONS.contains(&here) || is_date(here) {
            at += 1;
        } else if lines[filled[at]].bullet && FOOTER.contains(&unbullet(here)) {
            let end = (at..filled.len()).find(|at| !FOOTER.contains(&unbullet(text(*at)))).unwrap_or(filled.len());
            at = if end == filled.len() || text(end).starts_with("Built with") { end } else { at };
        }
        found.extend(start..at);
        at = at.max(start + 1);
    }
    let found: Vec<usize> = found.into_iter().map(|at| filled[at]).collect();
    found.into_iter().for_each(|index| lines[index].clear());
}

/// `Modified at 2025-09-01 10:11:12`, `Last updated on Sep 1, 2025 by Ann`.
fn is_date(text: &str) -> bool {
    let rest = CHANGED.iter().find_map(|start| text.strip_prefix(start));
    rest.is_some_and(|rest| rest.len() <= 60 && rest.contains(|c: char| c.is_ascii_digit()))
}
