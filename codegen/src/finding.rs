//! What a run found: errors, warnings and differences, each at its place in a file. Stages return findings and never print;
//! the program renders them with the renderer that rustc uses. In: byte ranges in known files; out: text or JSON.

use std::cmp::Ordering;
use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

/// A file in [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(pub usize);

/// A byte range in a file.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// The file.
    pub file: FileId,
    /// The bytes meant.
    pub span: Range<usize>,
}

/// One text that findings can point into.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// The path as people should see it, with `/` between parts.
    pub path: String,
    /// The whole text.
    pub text: String,
}

/// Every text that findings of a run can point into.
#[derive(Clone, Debug, Default)]
pub struct Sources(Vec<SourceFile>);

impl Sources {
    /// Adds a text and tells the id to point into it with.
    pub fn add(&mut self, path: impl Into<String>, text: impl Into<String>) -> FileId {
        self.0.push(SourceFile { path: path.into(), text: text.into() });
        FileId(self.0.len() - 1)
    }

    /// The file of that id.
    pub fn get(&self, id: FileId) -> &SourceFile {
        &self.0[id.0]
    }

    /// Line and column of a byte, both from 1, the column in characters.
    pub fn line_column(&self, place: &Place) -> (usize, usize) {
        let text = &self.get(place.file).text;
        let mut end = place.span.start.min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let before = &text[..end];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }

    /// `path:line`, as editors and terminals link it.
    pub fn link(&self, place: &Place) -> String {
        format!("{}:{}", self.get(place.file).path, self.line_column(place).0)
    }
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing can be made from this.
    Error,
    /// It works, and should be looked at.
    Warning,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule's code, such as `unknown-key`.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// Where.
    pub place: Option<Place>,
    /// What the marked text is, if that is not clear from the message.
    pub label: Option<String>,
    /// Other places that belong to it, each with what it is.
    pub related: Vec<(Place, String)>,
    /// What to do about it.
    pub help: Option<String>,
}

impl Finding {
    /// An error.
    pub fn error(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            message: message.into(),
            place: None,
            label: None,
            related: Vec::new(),
            help: None,
        }
    }

    /// A warning.
    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, message) }
    }

    /// Where it is.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }

    /// What the marked text is.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// Another place that belongs to it.
    #[must_use]
    pub fn related(mut self, place: Place, what: impl Into<String>) -> Self {
        self.related.push((place, what.into()));
        self
    }

    /// What to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Orders findings by file, place and code, so that a run prints the same on every machine.
pub fn sort(findings: &mut [Finding], sources: &Sources) {
    let key = |finding: &Finding| {
        finding.place.as_ref().map(|place| (sources.get(place.file).path.clone(), place.span.start, place.span.end))
    };
    findings.sort_by(|a, b| match key(a).cmp(&key(b)) {
        Ordering::Equal => (a.code, &a.message).cmp(&(b.code, &b.message)),
        other => other,
    });
}

/// Renders findings for people, one block each.
pub fn render(findings: &[Finding], sources: &Sources, color: bool) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() }.decor_style(DecorStyle::Ascii);
    let mut out = String::new();
    for finding in findings {
        let level = match finding.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let mut group = Group::with_title(level.primary_title(one_line(&finding.message)).id(finding.code));
        let mut snippets: Vec<(FileId, Snippet<'_, _>)> = Vec::new();
        let marks = finding.place.iter().map(|place| (place, finding.label.as_deref().unwrap_or(""), AnnotationKind::Primary));
        let others = finding.related.iter().map(|(place, what)| (place, what.as_str(), AnnotationKind::Context));
        for (place, what, kind) in marks.chain(others) {
            let file = sources.get(place.file);
            let annotation = kind.span(clamp(&file.text, &place.span)).label(one_line(what));
            match snippets.iter_mut().find(|(id, _)| *id == place.file) {
                Some((_, snippet)) => *snippet = snippet.clone().annotation(annotation),
                None => snippets
                    .push((place.file, Snippet::source(file.text.as_str()).path(file.path.as_str()).annotation(annotation))),
            }
        }
        for (_, snippet) in snippets {
            group = group.element(snippet);
        }
        if let Some(help) = &finding.help {
            group = group.element(Level::HELP.message(one_line(help)));
        }
        out.push_str(&renderer.render(&[group]));
        out.push_str("\n\n");
    }
    out
}

/// Findings for machines: a JSON array.
pub fn to_json(findings: &[Finding], sources: &Sources) -> serde_json::Value {
    let place = |place: &Place| {
        let (line, column) = sources.line_column(place);
        serde_json::json!({ "file": sources.get(place.file).path, "line": line, "column": column })
    };
    findings
        .iter()
        .map(|finding| {
            serde_json::json!({
                "code": finding.code,
                "severity": match finding.severity { Severity::Error => "error", Severity::Warning => "warning" },
                "message": finding.message,
                "place": finding.place.as_ref().map(place),
                "related": finding.related.iter().map(|(at, what)| serde_json::json!({ "place": place(at), "what": what })).collect::<Vec<_>>(),
                "help": finding.help,
            })
        })
        .collect()
}

/// Messages quote the spec, which is untrusted: control characters would reach the terminal.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

fn clamp(text: &str, span: &Range<usize>) -> Range<usize> {
    let floor = |mut at: usize| {
        at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let start = floor(span.start);
    start..floor(span.end).max(start)
}
