//! Finds the pages in one capture: a person may copy several into a file, or the same twice.

use std::collections::HashSet;
use std::ops::Range;

/// One line: its bytes, and its text without surrounding space.
struct Line<'t> {
    start: usize,
    text: &'t str,
}

/// The byte ranges of the pages of a plain text, in order. A copy that adds nothing to another page is left out.
pub(super) fn pages(text: &str) -> Vec<Range<usize>> {
    let lines = lines(text);
    let mut starts = vec![0];
    starts.extend(after_footers(&lines));
    starts.extend(lines.iter().enumerate().skip(1).filter(|(index, _)| lines[index - 1].text == "\u{c}").map(|(index, _)| index));
    let titles = at_titles(&lines, &starts.iter().copied().collect());
    starts.extend(titles);
    starts.sort_unstable();
    starts.dedup();
    let ends = starts[1..].iter().copied().chain([lines.len()]);
    let byte = |index: usize| lines.get(index).map_or(text.len(), |line| line.start);
    let all: Vec<_> = starts.iter().zip(ends).map(|(start, end)| byte(*start)..byte(end)).collect();
    let mut filled: Vec<_> = all.into_iter().filter(|page| !text[page.clone()].trim().is_empty()).collect();
    if filled.is_empty() {
        filled.push(0..text.len());
    }
    without_copies(text, filled)
}

fn lines(text: &str) -> Vec<Line<'_>> {
    let mut start = 0;
    let mut out = Vec::new();
    for line in text.split_inclusive('\n') {
        let text = if line.trim_end_matches('\n') == "\u{c}" { "\u{c}" } else { line.trim() };
        out.push(Line { start, text });
        start += line.len();
    }
    out
}

/// A page ends at the site's last line, if another page follows.
fn after_footers<'l>(lines: &'l [Line<'_>]) -> impl Iterator<Item = usize> + 'l {
    let last_title = lines.iter().rposition(|line| is_title(line.text) || is_trail(line.text) || line.text.starts_with("# "));
    let footers = lines.iter().enumerate().filter(|(_, line)| line.text.starts_with("Built with"));
    footers.map(|(index, _)| index + 1).filter(move |next| last_title >= Some(*next))
}

/// The titles of further pages, each with what stands before it on its page.
fn at_titles(lines: &[Line<'_>], starts: &HashSet<usize>) -> Vec<usize> {
    let mut out = Vec::new();
    let mut first: Option<usize> = None;
    let mut fence = false;
    for (index, line) in lines.iter().enumerate() {
        if line.text.starts_with("```") {
            fence = !fence;
        }
        if starts.contains(&index) {
            (first, fence) = (None, false);
        }
        let opens = !fence && (is_report_title(lines, index) || is_document_title(line.text));
        if !opens {
            continue;
        }
        match first {
            Some(first) => out.push(page_start(lines, first, index)),
            None => first = Some(index),
        }
    }
    out
}

/// Where the page of the title at `title` starts: with its navigation, and with the lines that also begin the page of the first title.
fn page_start(lines: &[Line<'_>], first: usize, title: usize) -> usize {
    let above = |from: usize, stop: usize| {
        (stop..from).rev().take_while(|index| is_navigation(lines[*index].text)).last().unwrap_or(from)
    };
    let mut start = above(title, first + 1);
    // The head of the site, above the navigation.
    let mut head = above(first, 0);
    while head > 0 && start > first + 1 && lines[start - 1].text == lines[head - 1].text {
        (start, head) = (start - 1, head - 1);
    }
    start
}

/// Whether a line belongs to the navigation above a title.
fn is_navigation(text: &str) -> bool {
    text.is_empty() || text.starts_with('•') || is_trail(text) || matches!(text, "GET" | "POST" | "PUT" | "PATCH" | "DELETE")
}

/// A report's title above its permit.
fn is_report_title(lines: &[Line<'_>], index: usize) -> bool {
    let mut next = lines[index + 1..].iter().map(|line| line.text).filter(|text| !text.is_empty());
    is_title(lines[index].text)
        && next.next().is_some_and(|text| text.trim_start_matches(['|', ' ']).starts_with("Required permit"))
}

/// `name (format)`, as a heading or alone.
fn is_title(text: &str) -> bool {
    let bare = text.trim_start_matches('#').trim().trim_end_matches(['#', '¶', '\u{200b}', '*']).trim_start_matches('*');
    let word =
        |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '\\'));
    bare.strip_suffix(')').and_then(|rest| rest.rsplit_once(" (")).is_some_and(|(name, format)| word(name) && word(format))
}

/// The title of a Markdown document. A heading of its sections is a fixed word or a field's name.
fn is_document_title(text: &str) -> bool {
    let Some(title) = text.strip_prefix("# ") else { return false };
    is_title(text) || title.contains(' ') && !title.contains('_')
}

/// The group above a title: `1. Sendings`.
fn is_trail(text: &str) -> bool {
    text.split_once(". ").is_some_and(|(number, group)| number.parse::<u32>().is_ok() && !group.is_empty())
}

/// Leaves out pages that are the start of another one, or the same.
fn without_copies(text: &str, pages: Vec<Range<usize>>) -> Vec<Range<usize>> {
    // A file of very many pages is not worth the comparison.
    if pages.len() > 200 {
        return pages;
    }
    let bare = |page: &Range<usize>| {
        let lines = text[page.clone()].lines().map(str::trim).filter(|line| !line.is_empty());
        // What stands before the title may have been copied once only.
        let lines: Vec<_> = lines.collect();
        let title =
            lines.iter().rposition(|line| is_title(line)).filter(|title| lines[title + 1..].iter().any(|line| !line.is_empty()));
        let first = lines.iter().position(|line| is_title(line) && !line.starts_with('•')).or(title).unwrap_or(0);
        lines[first..].join("\n")
    };
    let bodies: Vec<String> = pages.iter().map(bare).collect();
    let adds = |index: usize| {
        bodies.iter().enumerate().all(|(other, body)| {
            let same = *body == bodies[index];
            other == index || !body.starts_with(&bodies[index]) || (same && other > index)
        })
    };
    let keep: Vec<bool> = (0..pages.len()).map(adds).collect();
    pages.into_iter().zip(keep).filter(|(_, keep)| *keep).map(|(page, _)| page).collect()
}
