//! Renders findings for people, with rustc's renderer.

use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::code::Severity;
use super::finding::Finding;
use super::invisible::{escape, invisible};
use super::place::{FileId, Sources, boundary};

/// More bytes than the renderer scans in no time.
const LONG: usize = 100_000;

/// Findings for people, one block each.
pub fn render(findings: &[Finding], sources: &Sources, color: bool) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() }.decor_style(DecorStyle::Ascii);
    let mut out = String::new();
    for finding in findings {
        let level = match finding.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let mut group = Group::with_title(level.primary_title(one_line(&finding.message)).id(finding.code.name()));
        let mut snippets: Vec<(FileId, Snippet<'_, _>)> = Vec::new();
        let marks = finding.place.iter().map(|place| (place, finding.label.as_deref().unwrap_or(""), AnnotationKind::Primary));
        let others = finding.related.iter().map(|(place, what)| (place, what.as_str(), AnnotationKind::Context));
        let marks: Vec<_> = marks.chain(others).map(|(place, what, kind)| (sources.shown(place), what, kind)).collect();
        for (place, what, kind) in &marks {
            let file = sources.get(place.file);
            let spans =
                || marks.iter().filter(|(other, ..)| other.file == place.file).map(|(other, ..)| clamp(&file.text, &other.span));
            let (start, end) = (spans().map(|span| span.start).min(), spans().map(|span| span.end).max());
            // The renderer scans its whole source, so it gets no more than the lines around the marks.
            let (start, line, text) = file.window(&(start.unwrap_or(0)..end.unwrap_or(0)));
            let span = clamp(&file.text, &place.span);
            // A very long line ends soon after its marks begin.
            let last = spans().map(|span| span.start).max().unwrap_or(start) - start;
            let text = if text.len() > LONG { &text[..boundary(text, last + LONG / 2)] } else { text };
            let end = (span.end - start).min(text.len());
            let annotation = kind.span(span.start - start..end).label(one_line(what));
            match snippets.iter_mut().find(|(id, _)| *id == place.file) {
                Some((_, snippet)) => *snippet = snippet.clone().annotation(annotation),
                None => {
                    snippets.push((
                        place.file,
                        Snippet::source(text).line_start(line).path(file.path.as_str()).annotation(annotation),
                    ));
                }
            }
        }
        for (_, snippet) in snippets {
            group = group.element(snippet);
        }
        if let Some(help) = &finding.help {
            group = group.element(Level::HELP.message(one_line(help)));
        }
        let fingerprint = finding.fingerprint();
        if let Some(fingerprint) = &fingerprint {
            group = group.element(Level::NOTE.message(format!("fingerprint: {}", one_line(fingerprint))));
        }
        out.push_str(&renderer.render(&[group]));
        out.push_str("\n\n");
    }
    out
}

/// A finding on one line, with its place and advice.
pub fn brief(finding: &Finding, sources: &Sources) -> String {
    let place = finding.place.as_ref().map_or_else(String::new, |place| {
        let (line, column) = sources.line_column(place);
        format!("{}:{line}:{column}: ", sources.get(place.file).path)
    });
    let help = finding.help.as_ref().map_or_else(String::new, |help| format!("; {help}"));
    one_line(&format!("{place}{} [{}]{help}", finding.message, finding.code))
}

/// The start of a text, with `…` if there is more.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

/// `1 file`, `2 files`
pub(crate) fn plural(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}

/// Messages quote the spec, which is untrusted: its control characters must not reach the terminal, and people must see the others.
pub(crate) fn one_line(text: &str) -> String {
    escape(text, invisible).chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

fn clamp(text: &str, span: &Range<usize>) -> Range<usize> {
    let start = boundary(text, span.start);
    start..boundary(text, span.end).max(start)
}
