//! What people get wrong in YAML, in their words: the parser says which rule of its grammar failed, this says what to write instead.

use std::ops::Range;

use granit_parser::{ErrorKind, Marker};

use crate::finding::{FileId, Finding, Fix, Place, codes};

const CLOSE: &str =
    "close it; write a quotation mark inside the text as `\\\"` between double quotes, as `''` between single ones";
const QUOTE: &str = "put the whole text in double quotes";

/// The finding for text that is not YAML. `open` is the start of the innermost list or mapping that is still open.
pub(super) fn syntax(file: FileId, text: &str, kind: &ErrorKind, marker: &Marker, open: Option<usize>) -> Finding {
    let at = marker.byte_offset().unwrap_or(text.len()).min(text.len());
    let slip = slip(text, kind, at);
    let place = |span| Place { file, span };
    let finding = Finding::new(codes::YAML_SYNTAX, slip.message).at(place(slip.span.clone())).help(slip.help);
    let finding = if slip.glued { finding.fix(Fix::space(place(slip.span))) } else { finding };
    // Where the parser gives up, the fault is often at the bracket that nobody closed.
    let bracket = open.filter(|open| matches!(text.as_bytes().get(*open), Some(b'{' | b'[')) && *open < at);
    match (bracket, slip.before) {
        (Some(open), _) if slip.of_brackets => {
            let opened = line_around(text, open);
            let indent = |line: &Range<usize>| trimmed(text, line).start - line.start;
            let here = line_around(text, at);
            let comment = text[open..opened.end].find(" #").map(|at| open + at + 1);
            match comment {
                // A line that is indented no further is the next entry.
                _ if opened == here || indent(&here) > indent(&opened) => finding.related(place(open..open + 1), "opened here"),
                Some(comment) => {
                    let message = "a comment hides the closing bracket".to_owned();
                    let finding = Finding { message, ..finding }.at(place(comment..opened.end));
                    finding.help("put text that contains ` #` in double quotes; write a comment behind the bracket")
                }
                None => {
                    let (message, noticed) = ("this bracket is not closed".to_owned(), finding.place.clone());
                    let finding = Finding { message, ..finding }.at(place(open..open + 1));
                    noticed.into_iter().fold(finding, |finding, noticed| finding.related(noticed, "before this"))
                }
            }
        }
        (_, Some(before)) => finding.related(place(before), "the line before"),
        _ => finding,
    }
}

struct Slip {
    message: String,
    help: String,
    span: Range<usize>,
    of_brackets: bool,
    /// Whether the span is a key and a value without a space between them.
    glued: bool,
    /// The line before, if the fault may be there.
    before: Option<Range<usize>>,
}

fn slip(text: &str, kind: &ErrorKind, at: usize) -> Slip {
    let line = line_around(text, at);
    let words = &text[line.clone()];
    let slip = |message: &str, help: &str, span: Range<usize>| Slip {
        message: message.to_owned(),
        help: help.to_owned(),
        span,
        of_brackets: false,
        glued: false,
        before: None,
    };
    let character = at..at + text[at..].chars().next().map_or(0, char::len_utf8);
    if let Some(tab) = tab_in_indentation(text, kind, &line, at) {
        return slip("a tab in the indentation", "indent with spaces; YAML does not accept tabs there", tab..tab + 1);
    }
    match kind {
        ErrorKind::UnexpectedCharacter { character: c } => {
            let message = format!("a plain text cannot start with `{}`", c.escape_default());
            slip(&message, QUOTE, character)
        }
        ErrorKind::MappingValueNotAllowed if !text[line.start..at].contains(": ") => Slip {
            before: line_before(text, &line),
            ..slip(
                "this key is indented further than the line before",
                "give the keys of one mapping the same indentation; write a space after each `-` of a list",
                trimmed(text, &(line.start..at)),
            )
        },
        ErrorKind::MappingValueNotAllowed | ErrorKind::InvalidColonPlacement => {
            slip("a second colon in this line", "put text that contains `: ` in double quotes", character)
        }
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => {
            let span = trimmed(text, &line);
            match words.trim().split_once(':') {
                Some((key, value)) if !value.is_empty() && !key.contains(' ') => {
                    let help = format!("write `{}: {}`", short(key), short(value));
                    Slip { glued: true, ..slip("no space after the colon", &help, span) }
                }
                _ => slip("a line without a key", "write `key: value`; indent text that goes on over several lines", span),
            }
        }
        ErrorKind::UnknownAnchor => {
            slip("no anchor precedes this alias", "text that starts with `*` needs double quotes around it", character)
        }
        ErrorKind::MissingAnchorOrAliasName => slip("an anchor or alias without a name", QUOTE, character),
        ErrorKind::UnclosedQuotedScalar | ErrorKind::DocumentIndicatorInQuotedScalar => {
            slip("a quotation mark is not closed", CLOSE, character)
        }
        ErrorKind::InvalidTrailingSingleQuotedScalar | ErrorKind::InvalidTrailingDoubleQuotedScalar => {
            match opened_on_an_earlier_line(text, at) {
                Some(opened) => slip("a quotation mark is not closed in its line", CLOSE, opened),
                None => slip(
                    "text after the closing quotation mark",
                    "put the quotation marks around the whole text; write one inside it as `\\\"` between double quotes, as `''` between single ones",
                    character,
                ),
            }
        }
        ErrorKind::UnknownQuotedScalarEscape
        | ErrorKind::InvalidQuotedScalarHexEscape
        | ErrorKind::InvalidLowSurrogateHexEscape
        | ErrorKind::InvalidLowSurrogate
        | ErrorKind::MissingLowSurrogate
        | ErrorKind::UnpairedLowSurrogate
        | ErrorKind::InvalidUnicodeEscape => {
            slip("a backslash starts no known escape", "write `\\\\` for a backslash, or use single quotes", character)
        }
        ErrorKind::ExpectedFlowMappingSeparator
        | ErrorKind::ExpectedFlowSequenceSeparator
        | ErrorKind::UnclosedFlowCollection { .. }
        | ErrorKind::MisplacedFlowCollectionEnd
        | ErrorKind::MismatchedFlowCollectionEnd { .. }
        | ErrorKind::InvalidFlowScalarIndent
        | ErrorKind::BlockEntryInFlowCollection
        | ErrorKind::FlowMappingValueAdjacentCollection
        | ErrorKind::UnexpectedEofFlowMapping
        | ErrorKind::UnexpectedEofFlowSequence
        | ErrorKind::UnexpectedEofImplicitFlowMapping => Slip {
            of_brackets: true,
            ..slip(
                "a bracket is not closed, or a comma is missing",
                "close each `{` and `[`, separate entries with commas, and put text with any of `{}[],` or `: ` in double quotes",
                character,
            )
        },
        ErrorKind::ExpectedBlockMappingKey
        | ErrorKind::ExpectedBlockSequenceEntry
        | ErrorKind::BlockSequenceEntryNotAllowed
        | ErrorKind::MappingKeyNotAllowed
        | ErrorKind::ExpectedNodeContent
        | ErrorKind::ExpectedDocumentStart
        | ErrorKind::InvalidIndentation => slip(
            "this line does not continue the mapping or list around it",
            "a value is either a list, with `- ` before each entry, or a mapping of `key: value`; indent all its lines alike",
            trimmed(text, &line),
        ),
        ErrorKind::InvalidBlockScalarHeader | ErrorKind::InvalidBlockScalarIndent | ErrorKind::ZeroBlockScalarIndent => slip(
            "a text block is written wrongly",
            "write `|` at the end of the key's line and the text below it, all lines indented alike; or put text that starts with `|` or `>` in double quotes",
            character,
        ),
        other => slip(&format!("not YAML: {other}"), "put text with special characters in double quotes", character),
    }
}

/// The first tab of a line's indentation, if that is what the parser rejects.
fn tab_in_indentation(text: &str, kind: &ErrorKind, line: &Range<usize>, at: usize) -> Option<usize> {
    let about_tabs = matches!(
        kind,
        ErrorKind::TabNotAllowed
            | ErrorKind::TabInBlockIndentation
            | ErrorKind::TabInIndentation
            | ErrorKind::TabAtBlockScalarStart
            | ErrorKind::TabInPlainScalar
            | ErrorKind::InvalidBlockEntryWhitespace
            | ErrorKind::InvalidMappingValueWhitespace
    );
    let indentation = |line: &Range<usize>| {
        let words = &text[line.clone()];
        words[..words.len() - words.trim_start().len()].find('\t').map(|tab| line.start + tab)
    };
    let before = |at: usize| about_tabs.then(|| text[..at].rfind('\t').filter(|tab| *tab >= line.start)).flatten();
    let here = || about_tabs.then(|| text[at..line.end.max(at)].find('\t').map(|tab| at + tab)).flatten();
    indentation(line).or_else(here).or_else(|| before(at)).or_else(|| {
        // The parser may stop at the end of the line before.
        about_tabs.then(|| indentation(&line_around(text, (line.end + 1).min(text.len())))).flatten()
    })
}

/// The line with the quotation mark that the one before `at` closes, if it is an earlier line: text in quotes rarely has several.
fn opened_on_an_earlier_line(text: &str, at: usize) -> Option<Range<usize>> {
    let close = text[..at].rfind(['"', '\''])?;
    let open = text[..close].rfind(text[close..].chars().next()?)?;
    let line = line_around(text, open);
    (line.end < close).then_some(open..line.end)
}

/// The finding for conflict markers of git, if the text has any.
pub(super) fn conflict(file: FileId, text: &str) -> Option<Finding> {
    let mut markers = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let words = line.trim_end();
        let marker = ["<<<<<<< ", "||||||| ", ">>>>>>> "].iter().any(|marker| words.starts_with(marker)) || words == "=======";
        if marker {
            markers.push(start..start + words.len());
        }
        start += line.len();
    }
    let place = |span: &Range<usize>| Place { file, span: span.clone() };
    let (first, rest) = markers.split_first()?;
    let finding = Finding::new(codes::CONFLICT_MARKER, "the file has a merge conflict that is not resolved")
        .at(place(first))
        .help("keep the right lines of the two sides, and delete the lines with markers");
    Some(match rest.last() {
        Some(last) => finding.related(place(last), "up to here"),
        None => finding,
    })
}

/// The line around a byte, without its end.
fn line_around(text: &str, at: usize) -> Range<usize> {
    let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let end = text[at..].find('\n').map_or(text.len(), |end| at + end);
    start..end
}

/// The words of the last line with words before this one.
fn line_before(text: &str, line: &Range<usize>) -> Option<Range<usize>> {
    let before = text[..line.start].trim_end();
    (!before.is_empty()).then(|| trimmed(text, &line_around(text, before.len())))
}

/// A line without the space around its words.
fn trimmed(text: &str, line: &Range<usize>) -> Range<usize> {
    let words = &text[line.clone()];
    let start = line.start + (words.len() - words.trim_start().len());
    start..start + words.trim().len()
}

fn short(text: &str) -> String {
    text.trim().chars().take(30).collect()
}
