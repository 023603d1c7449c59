//! Finds a page's title and the end of its body. Navigation before the title names every report of the
//! site, and the footer names two more; none of those is the title.

use super::lines::{Line, is_name};
use super::table::{field_header, permit_header};

/// Where a page's body starts and ends.
pub(super) struct Frame {
    /// The title's line.
    pub title: Option<usize>,
    /// The line after the body.
    pub end: usize,
    /// Whether the text has the site's footer, so that the body is complete.
    pub footer: bool,
}

/// The name and format of a title: `name (format)`.
pub(super) fn parse_title<'t>(line: &Line<'t>) -> Option<(&'t str, &'t str)> {
    let heading = title_and_note(line.heading).0;
    let (name, format) = heading.strip_suffix(')')?.rsplit_once('(')?;
    let name = name.trim_end();
    let word = format.len() <= 24 && format.starts_with(|c: char| c.is_ascii_lowercase()) && is_name(format);
    (word && is_name(name)).then_some((name, format))
}

/// A title, and the remark behind it: `(deprecated)`.
pub(super) fn title_and_note(heading: &str) -> (&str, Option<&str>) {
    match heading.rfind(" (").filter(|at| heading[..*at].ends_with(')') && heading[*at..].to_lowercase().contains("deprecat")) {
        Some(at) => (&heading[..at], Some(&heading[at + 1..])),
        None => (heading, None),
    }
}

/// Finds the title and the footer.
pub(super) fn frame(lines: &[Line<'_>]) -> Frame {
    let (end, footer) = body_end(lines);
    let body = &lines[..end];
    let mut candidates = Vec::new();
    let mut before = "";
    for (index, line) in body.iter().enumerate().filter(|(_, line)| !line.blank()) {
        // The lines after `Previous` and `Next` name other reports.
        if !line.bullet && !matches!(before, "Previous" | "Next") && parse_title(line).is_some() {
            candidates.push(index);
        }
        before = line.text;
    }
    let permit = body.iter().position(|line| permit_header(line.text).is_some());
    let last_table = body.iter().rposition(|line| field_header(line.text).is_some());
    let title = match permit {
        Some(permit) => candidates.iter().rev().find(|index| **index < permit).copied(),
        None => candidates.iter().copied().find(|&index| {
            let after = &body[index + 1..];
            let cut_here = !footer && after.iter().filter(|line| !line.blank()).take(3).count() < 3;
            cut_here || body[index].marked || last_table > Some(index)
        }),
    };
    Frame { title, end, footer }
}

/// The end of the body, before `Previous ... Next ... Built with`, and whether that footer is there.
fn body_end(lines: &[Line<'_>]) -> (usize, bool) {
    let built = lines.iter().rposition(|line| line.text.starts_with("Built with"));
    let last = built.unwrap_or(lines.len());
    let mut seen = 0;
    let mut end = last;
    for index in (0..last).rev() {
        let line = &lines[index];
        if line.blank() {
            continue;
        }
        seen += 1;
        if seen > 6 {
            break;
        }
        if matches!(line.text, "Previous" | "Next") {
            end = index;
            seen = 3;
        }
    }
    (end, built.is_some() || end < last)
}
