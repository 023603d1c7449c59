//! Reads the navigation that stands before every copied page: which reports, endpoints and examples the site has.

use super::fact::At;
use super::lines::{Line, unbullet, unescape};

/// What the navigation lists.
#[derive(Clone, Debug, Default)]
pub struct Navigation {
    /// Its entries, in order.
    pub entries: Vec<NavigationEntry>,
    /// Lines among the entries that are neither an entry nor its method or badge.
    pub unread: Vec<At<String>>,
    /// The titles that the footer names as the page's neighbours.
    pub neighbours: Vec<At<String>>,
    /// Whether the navigation ends in the text, so that nothing of it is cut off.
    pub complete: bool,
}

/// One entry.
#[derive(Clone, Debug)]
pub struct NavigationEntry {
    /// Its title.
    pub title: At<String>,
    /// The HTTP method below it, if it is an endpoint.
    pub method: Option<At<String>>,
    /// What is said about it beside or below its title: `deprecated`.
    pub badge: Option<At<String>>,
    /// The entries above it, from the top. Empty if the text lost its indentation.
    pub parents: Vec<String>,
    /// Whether entries stand below it.
    pub folder: bool,
    /// The number of its list. A blank line may part two lists of the site.
    pub list: usize,
}

impl NavigationEntry {
    /// Name and format, if it is a report's: `name (format)`.
    pub fn report(&self) -> Option<(&str, &str)> {
        report_title(&self.title.value).filter(|_| self.method.is_none())
    }
}

/// Name and format in a report's title: `name (format)`.
pub fn report_title(title: &str) -> Option<(&str, &str)> {
    let (name, format) = title.strip_suffix(')')?.rsplit_once(" (")?;
    let snake = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    (snake(name) && snake(format)).then_some((name, format))
}

const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

/// Whether a line is an HTTP method, as navigation prints it below an endpoint.
pub(super) fn is_method(text: &str) -> bool {
    METHODS.contains(&text)
}

/// What navigation prints beside a title, in lower case.
const BADGES: [&str; 6] = ["new", "updated", "beta", "experimental", "deprecated", "obsolete"];

/// Whether a line is such a badge.
pub(super) fn is_badge(text: &str) -> bool {
    let word = text.trim_matches(['(', ')', '[', ']', '*', '`']).to_lowercase();
    BADGES.contains(&word.as_str())
}

/// An entry's title, and the method or badge that directly follows it: `MetadataPOST`, `links (records) NEW`.
fn split(text: &str) -> (&str, Option<&str>) {
    if let Some(struck) = text.strip_prefix("~~").and_then(|inner| inner.strip_suffix("~~")) {
        return (struck, Some(text));
    }
    let ends_title = |before: &str| before.ends_with([' ', ')']) || before.ends_with(char::is_lowercase);
    let method = METHODS.iter().find_map(|method| text.strip_suffix(method).filter(|before| ends_title(before)));
    // A badge that is glued to a word cannot be told from it.
    let start = text.rfind([' ', ')']).map_or(0, |at| at + 1);
    let badge = [start, text.rfind(" (").map_or(start, |at| at + 1)].into_iter().find(|at| *at > 0 && is_badge(&text[*at..]));
    match method.map(str::len).or(badge) {
        Some(at) => (text[..at].trim_end(), Some(&text[at..])),
        None => (text, None),
    }
}

/// Reads the navigation in the lines before a page's body. `ends` tells that the body follows.
pub(super) fn navigation(lines: &[Line<'_>], text: &str, ends: bool) -> Navigation {
    let mut entries: Vec<(usize, NavigationEntry)> = Vec::new();
    let mut unread = Vec::new();
    let mut due = Vec::new();
    let mut list = 0;
    let mut starts = Vec::new();
    let indent = |line: &Line<'_>| line.start - text[..line.start].rfind('\n').map_or(0, |at| at + 1);
    for line in lines {
        if line.blank() {
            list += 1;
        } else if line.bullet {
            let (title, more) = split(unbullet(line.text));
            let more = more.map(|more| line.fact(more, more.to_owned()));
            let (method, badge) =
                if more.as_ref().is_some_and(|more| is_method(&more.value)) { (more, None) } else { (None, more) };
            let title = line.fact(title, unescape(title));
            let entry = NavigationEntry { title, method, badge, parents: Vec::new(), folder: false, list };
            entries.push((indent(line), entry));
            unread.append(&mut due);
        } else if let Some((_, entry)) = entries.last_mut() {
            let here = line.fact(line.text, line.text.to_owned());
            if is_method(line.text) && entry.method.is_none() {
                entry.method = Some(here);
            } else if is_badge(line.text) {
                entry.badge = Some(here);
            } else if entry.list == list && !line.marked {
                // What follows the last entry is no part of the list.
                due.push(here);
                if due.len() > 1 {
                    // Something else of the site parts two lists.
                    due.clear();
                    list += 1;
                    starts.push(entries.len());
                }
            }
        }
    }
    if !ends && entries.last().is_some_and(|(_, entry)| entry.method.is_none()) {
        // Its title may be cut off.
        entries.pop();
    }
    let flat = entries.iter().all(|(indent, _)| Some(*indent) == entries.first().map(|(indent, _)| *indent));
    let mut open: Vec<(usize, String)> = Vec::new();
    for index in 0..entries.len() {
        let indent = entries[index].0;
        if starts.contains(&index) {
            open.clear();
        }
        while open.last().is_some_and(|(above, _)| *above >= indent) {
            open.pop();
        }
        let folder = entries.get(index + 1).is_some_and(|(next, _)| *next > indent) && !starts.contains(&(index + 1));
        let entry = &mut entries[index].1;
        if !flat {
            entry.parents = open.iter().map(|(_, title)| title.clone()).collect();
        }
        entry.folder = folder;
        open.push((indent, entry.title.value.clone()));
    }
    let entries = entries.into_iter().map(|(_, entry)| entry).collect();
    Navigation { entries, unread, neighbours: Vec::new(), complete: ends }
}

/// The titles below `Previous` and `Next` in a page's footer.
pub(super) fn neighbours(footer: &[Line<'_>]) -> Vec<At<String>> {
    let filled: Vec<&Line<'_>> = footer.iter().filter(|line| !line.blank()).collect();
    let beside = filled.windows(2).filter(|pair| matches!(pair[0].text, "Previous" | "Next"));
    beside.map(|pair| pair[1].fact(pair[1].text, unescape(pair[1].text))).collect()
}
