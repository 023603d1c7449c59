//! Finds a page's title, its line with permit and cost, and the end of its body. Navigation before the title names every report of the
//! site, and the footer names two more; none of those is the title.

use super::lines::{Line, after_cell, cells, is_name, is_rule};

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
    let (name, format) = line.heading.strip_suffix(')')?.rsplit_once('(')?;
    let name = name.trim_end();
    let word = format.len() <= 24 && format.starts_with(|c: char| c.is_ascii_lowercase()) && is_name(format);
    (word && is_name(name)).then_some((name, format))
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
    let permit = body.iter().position(is_permit_header);
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

/// Whether a line is the header of the table with permit and cost.
pub(super) fn is_permit_header(line: &Line<'_>) -> bool {
    line.text.trim_start_matches(['|', ' ']).starts_with("Required permit")
}

/// A row with permit and cost.
pub(super) struct PermitRow<'t> {
    pub permit: &'t str,
    pub cost: Option<&'t str>,
    /// Both as printed, if nothing separates them.
    pub glued: Option<&'t str>,
    /// Whether the split is a guess.
    pub ambiguous: bool,
}

/// Splits `Reporting:Api:Report:Sendings2`: the digits at the end are the cost, unless the report's name itself ends in digits.
pub(super) fn permit_row<'t>(row: &'t str, report: &str) -> Option<PermitRow<'t>> {
    if let Some(cells) = cells(row) {
        let permit = *cells.first().filter(|cell| is_permit(cell))?;
        let cost = cells.get(1).copied().filter(|cell| is_number(cell));
        return Some(PermitRow { permit, cost, glued: None, ambiguous: false });
    }
    let end = row.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, ':' | '_'))).unwrap_or(row.len());
    let (glued, rest) = row.split_at(end);
    if !is_permit(glued) {
        return None;
    }
    let apart = rest.trim();
    if is_number(apart) {
        return Some(PermitRow { permit: glued, cost: Some(apart), glued: None, ambiguous: false });
    }
    let digits = glued.len() - glued.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let whole = PermitRow { permit: glued, cost: None, glued: Some(glued), ambiguous: false };
    if digits == 0 {
        return Some(whole);
    }
    let camel = camel(report);
    let split = |cut: usize| PermitRow { permit: &glued[..cut], cost: Some(&glued[cut..]), ..whole };
    let named = |cut: &usize| glued[..*cut].rsplit(':').next() == Some(camel.as_str());
    let first = glued.len() - digits;
    let likely = |cut: &usize| !glued[*cut..].starts_with('0');
    match (first..glued.len()).find(named) {
        Some(cut) => Some(split(cut)),
        None => Some(PermitRow { ambiguous: (first + 1..glued.len()).any(|cut| likely(&cut)), ..split(first) }),
    }
}

fn is_permit(text: &str) -> bool {
    text.contains(':') && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, ':' | '_')) && !text.ends_with(':')
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.len() <= 9 && text.chars().all(|c| c.is_ascii_digit())
}

fn camel(name: &str) -> String {
    let mut out = String::new();
    for part in name.split(['_', '-', '.']) {
        let mut chars = part.chars();
        out.extend(chars.next().map(|c| c.to_ascii_uppercase()));
        out.extend(chars);
    }
    out
}

/// If a line is the header of a field's table: the title of its third column, if any.
pub(super) fn field_header(text: &str) -> Option<Option<&str>> {
    let text = text.trim_start_matches(['|', ' ']);
    let rest = after_cell(after_cell(text, "Type")?, "Filterable")?;
    let title = rest.split(['|', '\t']).next().unwrap_or(rest).trim();
    // Prose may start with the same words, but a column title is short.
    (title.len() <= 40 && !is_rule(title)).then_some((!title.is_empty()).then_some(title))
}

/// Whether a line is the header of a table of returned fields.
pub(super) fn returned_header(text: &str) -> bool {
    let text = text.trim_start_matches(['|', ' ']);
    after_cell(text, "Key")
        .and_then(|rest| after_cell(rest, "Type"))
        .is_some_and(|rest| rest.starts_with("Description") || rest.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(row: &str, report: &str) -> (String, String, bool) {
        let row = permit_row(row, report).unwrap();
        (row.permit.into(), row.cost.unwrap_or("?").into(), row.ambiguous)
    }

    #[test]
    fn permit_and_cost_are_split() {
        let of = |permit: &str, cost: &str, ambiguous| (permit.to_owned(), cost.to_owned(), ambiguous);
        assert_eq!(parts("A:B:Sendings2", "sendings"), of("A:B:Sendings", "2", false));
        assert_eq!(parts("A:B:Members10", "members"), of("A:B:Members", "10", false));
        assert_eq!(parts("A:B:Top105", "top10"), of("A:B:Top10", "5", false));
        assert_eq!(parts("A:B:Other12", "sendings"), of("A:B:Other", "12", true));
        assert_eq!(parts("A:B:Other10", "sendings"), of("A:B:Other", "10", false));
        assert_eq!(parts("A:B:Other | 12 |", "sendings"), of("A:B:Other", "12", false));
        assert_eq!(parts("| A:B:Other | 12 |", "sendings"), of("A:B:Other", "12", false));
        assert_eq!(parts("A:B:Other 12", "sendings"), of("A:B:Other", "12", false));
        assert_eq!(parts("A:B:Other", "sendings"), of("A:B:Other", "?", false));
        assert!(permit_row("This report", "x").is_none());
    }

    #[test]
    fn table_headers_are_recognized() {
        assert_eq!(field_header("TypeFilterableCan change?"), Some(Some("Can change?")));
        assert_eq!(field_header("Type | Filterable | Readonly |"), Some(Some("Readonly")));
        assert_eq!(field_header("| Type | Filterable |"), Some(None));
        assert_eq!(field_header("TypeFilterable"), Some(None));
        assert_eq!(field_header("Type of the link."), None);
        assert!(returned_header("KeyTypeDescription") && returned_header("Key | Type | Description"));
        assert!(!returned_header("Keys of it"));
    }
}
