//! Reads a page that is no report's: the filter specification, formats, endpoints, examples, limits, errors. Such pages have no fixed
//! layout, so a page is read as its lines, each with its form, and its samples. What they state is found when they are compared.

use std::ops::Range;

use super::fact::{At, FactFinding};
use super::ledger::sentences;
use super::lenient_json;
use super::lines::{Line, Source, trim, unbullet, unescape};
use super::placed_json::Json;
use super::table::{cells, is_rule};
use crate::finding::{Finding, Place, codes};

/// A page that is no report's.
#[derive(Clone, Debug)]
pub struct Document {
    /// Its title.
    pub title: At<String>,
    /// Its lines with text, without the title, the navigation and the footer.
    pub lines: Vec<DocumentLine>,
    /// Its code samples.
    pub samples: Vec<Sample>,
    /// An OpenAPI fragment, as Markdown twins of endpoints have.
    pub openapi: Option<At<String>>,
    /// Whether it has the site's footer, so that nothing is cut off.
    pub complete: bool,
    /// The last line.
    pub end: Place,
}

/// One line of a document.
#[derive(Clone, Debug)]
pub struct DocumentLine {
    /// Its text, without marks of headings and bullets.
    pub text: At<String>,
    /// What it is.
    pub form: LineForm,
}

/// The form of a line.
#[derive(Clone, Debug, PartialEq)]
pub enum LineForm {
    /// A marked heading.
    Heading,
    /// The titles of a table.
    Header(Vec<At<String>>),
    /// The cells of a row.
    Cells(Vec<At<String>>),
    /// A list item.
    Item,
    /// Part of a sample.
    Code,
    /// A sentence or its part.
    Prose,
    /// Anything else: a heading without a mark, a row whose cells run together, a name.
    Other,
}

/// A code sample.
#[derive(Clone, Debug)]
pub struct Sample {
    /// The heading above it.
    pub heading: String,
    /// Its content.
    pub json: Json,
}

/// Reads the document whose title is line `title` and whose body ends before line `end`.
pub(super) fn document(
    source: Source<'_>,
    lines: &[Line<'_>],
    title: usize,
    end: usize,
    complete: bool,
) -> (Document, Vec<FactFinding>) {
    let mut findings = Vec::new();
    let all: Vec<&Line<'_>> = lines[title + 1..end.max(title + 1)].iter().collect();
    let mut code: Vec<bool> = vec![false; all.len()];
    let mut samples = Vec::new();
    let openapi = openapi(source, &all, &mut code);
    let to = all.last().map_or(0, |line| line.span().end);
    // Ruby's samples print `"key" => value`.
    let text = rockets(&source.text[..to]);
    let mut past = 0;
    let mut heading = String::new();
    for index in 0..all.len() {
        let line = all[index];
        let lower = line.heading.to_lowercase();
        // Copied headings have no marks: `Responses`, `Body Params application/json`.
        let label = !code[index] && line.start >= past && lower.split_whitespace().count() <= 4;
        if line.marked || (label && ["request", "response", "body"].iter().any(|word| lower.contains(word))) {
            heading = lower;
        }
        if code[index] || line.start < past || !line.text.starts_with(['{', '[']) || line.text.contains("](") {
            continue;
        }
        let (until, unclosed) = match lenient_json::parse(&text, line.start, to) {
            Ok(parsed) => {
                let until = parsed.json.span.end;
                samples.push(Sample { heading: heading.clone(), json: parsed.json });
                (until, None)
            }
            Err(failure) => (failure.at.max(line.start + 1), Some(failure.at)),
        };
        past = until;
        let cut = unclosed.is_some_and(|at| text[at..].trim().is_empty()) && !complete;
        if unclosed.is_some() && !cut {
            let finding = Finding::new(codes::PAGE_UNREAD, "cannot read this sample: it is not JSON").at(line.place());
            findings.push(FactFinding { fact: "page".into(), finding: finding.help("compare it with the spec by hand") });
        }
        for (other, line) in all.iter().enumerate().skip(index).take_while(|(_, line)| line.start < until) {
            code[other] = true;
            let _ = line;
        }
    }
    let lines_of = forms(&all, &code, !complete);
    let last = all.iter().rev().find(|line| !line.blank()).copied().unwrap_or(&lines[title]);
    let head = &lines[title];
    let document = Document {
        title: head.fact(head.heading, unescape(head.heading)),
        lines: lines_of,
        samples,
        openapi,
        complete,
        end: last.place(),
    };
    (document, findings)
}

/// The lines with text, each with its form.
fn forms(all: &[&Line<'_>], code: &[bool], cut: bool) -> Vec<DocumentLine> {
    let plain: Vec<Line<'_>> = all.iter().map(|line| (*line).clone()).collect();
    let prose = sentences(&plain, cut);
    let mut out = Vec::new();
    for (index, line) in all.iter().enumerate().filter(|(_, line)| !line.blank()) {
        let next = all.get(index + 1).map_or("", |next| next.text);
        let (text, form) = if code[index] {
            (line.text, LineForm::Code)
        } else if is_rule(line.text) {
            continue;
        } else if line.marked {
            (line.heading, LineForm::Heading)
        } else if let Some(cells) = cells(line.text) {
            let cells = cells.into_iter().map(|cell| line.fact(cell, clean(cell))).collect();
            (line.text, if is_rule(next) { LineForm::Header(cells) } else { LineForm::Cells(cells) })
        } else if line.bullet {
            (unbullet(line.text), LineForm::Item)
        } else if prose[index] {
            (line.text, LineForm::Prose)
        } else {
            (line.text, LineForm::Other)
        };
        out.push(DocumentLine { text: line.fact(text, unescape(text)), form });
    }
    out
}

/// A cell without the marks of Markdown around it.
fn clean(cell: &str) -> String {
    unescape(trim(cell.trim_matches(['`', '*'])))
}

/// The OpenAPI fragment in a code block.
fn openapi(source: Source<'_>, all: &[&Line<'_>], code: &mut [bool]) -> Option<At<String>> {
    let first = all.iter().position(|line| line.text.starts_with("openapi:") || line.text.starts_with("\"openapi\""))?;
    let fence = |line: &Line<'_>| {
        let raw = source.text[line.start..].trim_start_matches([' ', '\t']);
        line.blank() && (raw.starts_with("```") || raw.starts_with("~~~"))
    };
    let length = all[first..].iter().position(|line| fence(line)).unwrap_or(all.len() - first);
    code[first..first + length].iter_mut().for_each(|code| *code = true);
    let span: Range<usize> = all[first].start..all[first + length - 1].span().end;
    let place = source.place(span.clone());
    Some(At { value: source.text[span].to_owned(), place, line: all[first].number })
}

/// Replaces Ruby's `"key" => value` and `:key => value` by JSON's form. No byte moves.
fn rockets(text: &str) -> String {
    let mut out = text.to_owned();
    let mut from = 0;
    while let Some(at) = text[from..].find("=>").map(|at| from + at) {
        from = at + 2;
        let key = text[..at].trim_end_matches(' ');
        let name = key.len() - key.bytes().rev().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
        let symbol = (name < key.len() && key[..name].ends_with(':')).then(|| name - 1);
        if key.ends_with(['"', '\'']) {
            out.replace_range(at..at + 2, ": ");
        } else if let Some(colon) = symbol {
            let mut json = format!("\"{}\":", &key[colon + 1..]);
            json.extend(std::iter::repeat_n(' ', (at + 2 - colon).saturating_sub(json.len())));
            out.replace_range(colon..at + 2, &json);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rockets_become_json() {
        assert_eq!(rockets("{ \"a\" => 1, :b => [2], :c=>3 }"), "{ \"a\" :  1, \"b\":  [2], \"c\":3 }");
        assert_eq!(rockets("a => b, x"), "a => b, x");
    }
}
