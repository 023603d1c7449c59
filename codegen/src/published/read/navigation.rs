//! Reads the navigation that stands before every copied page: which reports, endpoints and examples the site has.

use super::fact::At;
use super::lines::{Line, unbullet, unescape};

/// What the navigation lists.
#[derive(Clone, Debug, Default)]
pub struct Navigation {
    /// Its entries, in order.
    pub entries: Vec<NavigationEntry>,
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
    /// The entries above it, from the top. Empty if the text lost its indentation.
    pub parents: Vec<String>,
    /// Whether entries stand below it.
    pub folder: bool,
}

impl NavigationEntry {
    /// Name and format, if it is a report's: `name (format)`.
    pub fn report(&self) -> Option<(&str, &str)> {
        let (name, format) = self.title.value.strip_suffix(')')?.rsplit_once(" (")?;
        let snake =
            |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        (self.method.is_none() && snake(name) && snake(format)).then_some((name, format))
    }
}

/// Whether a line is an HTTP method, as navigation prints it below an endpoint.
pub(super) fn is_method(text: &str) -> bool {
    matches!(text, "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD" | "OPTIONS")
}

/// Reads the navigation in the lines before a page's body. `ends` tells that the body follows.
pub(super) fn navigation(lines: &[Line<'_>], text: &str, ends: bool) -> Navigation {
    let mut entries: Vec<(usize, NavigationEntry)> = Vec::new();
    for line in lines.iter().filter(|line| !line.blank()) {
        if line.bullet {
            let title = unbullet(line.text);
            let start = text[..line.start].rfind('\n').map_or(0, |at| at + 1);
            let title = line.fact(title, unescape(title));
            entries.push((line.start - start, NavigationEntry { title, method: None, parents: Vec::new(), folder: false }));
        } else if is_method(line.text)
            && let Some((_, entry)) = entries.last_mut()
            && entry.method.is_none()
        {
            entry.method = Some(line.fact(line.text, line.text.to_owned()));
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
        while open.last().is_some_and(|(above, _)| *above >= indent) {
            open.pop();
        }
        let folder = entries.get(index + 1).is_some_and(|(next, _)| *next > indent);
        let entry = &mut entries[index].1;
        if !flat {
            entry.parents = open.iter().map(|(_, title)| title.clone()).collect();
        }
        entry.folder = folder;
        open.push((indent, entry.title.value.clone()));
    }
    Navigation { entries: entries.into_iter().map(|(_, entry)| entry).collect(), complete: ends }
}
