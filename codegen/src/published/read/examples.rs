//! Finds the examples of a block: JSON, as printed or after a repair. Every line of one is claimed, whether it could be read or not.

use super::blocks::{Block, BlockKind};
use super::ledger::Unread;
use super::lenient_json::{self, Failure, Parsed};
use super::lines::{Line, Source};
use super::page::{ExampleOf, PublishedExample};
use super::placed_json::Repair;
use crate::finding::{Finding, codes};

/// What the examples of a block belong to.
pub(super) struct Owner<'o> {
    pub of: &'o ExampleOf,
    /// The fact of its examples.
    pub fact: &'o str,
    /// Whether the text ends in the block.
    pub cut: bool,
}

/// Reads the examples of a block.
pub(super) fn examples(
    source: Source<'_>,
    lines: &[Line<'_>],
    block: &Block,
    owner: &Owner<'_>,
    out: &mut Unread,
) -> Vec<PublishedExample> {
    let mut found = Vec::new();
    let lines = &lines[block.lines.clone()];
    let Some(end) = lines.last().map(|line| line.span().end) else { return found };
    let mut past = 0;
    for (index, line) in lines.iter().enumerate() {
        if line.start < past || line.is_claimed() || !begins_example(line.text) {
            continue;
        }
        match lenient_json::parse(source.text, line.start, end) {
            Ok(parsed) => {
                past = parsed.json.span.end;
                claim_until(&lines[index..], past, owner.fact, out);
                // An example without outer braces may have lost its rest to the cut.
                if !(owner.cut && parsed.repaired.contains(&Repair::Braces)) {
                    found.extend(example(source, block, owner, line, parsed, out));
                }
            }
            Err(failure) => {
                past = failure.at.max(line.start + 1);
                let at_end = source.text[failure.at..end].trim().is_empty();
                if owner.cut && at_end {
                    lines[index..].iter().for_each(Line::claim);
                } else if line.text.starts_with(['{', '[']) {
                    past = extent(source.text, line.start, end).max(past);
                    lines[index..].iter().take_while(|line| line.start < past).for_each(Line::claim);
                    out.add(owner.fact, unreadable(source, line, &failure, at_end));
                }
            }
        }
    }
    found
}

/// Where the bracket at `from` is closed, or `to` if it is not. Brackets inside quotes do not count.
fn extent(text: &str, from: usize, to: usize) -> usize {
    let (mut depth, mut quoted) = (0usize, false);
    for (at, c) in text[from..to].char_indices() {
        match c {
            '"' => quoted = !quoted,
            '\n' => quoted = false,
            '{' | '[' if !quoted => depth += 1,
            '}' | ']' if !quoted => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return from + at + 1;
                }
            }
            _ => {}
        }
    }
    to
}

/// Claims the lines of an example. Text after its end on the last line is unread.
fn claim_until(lines: &[Line<'_>], end: usize, fact: &str, out: &mut Unread) {
    for line in lines.iter().take_while(|line| line.start < end) {
        line.claim();
        let rest = line.text.get(end.saturating_sub(line.start).min(line.text.len())..).unwrap_or_default();
        if !rest.trim_matches([' ', ',', ';', '`']).is_empty() {
            out.cell(line.place_of(rest), fact, "this text after an example was not understood");
        }
    }
}

fn unreadable(source: Source<'_>, line: &Line<'_>, failure: &Failure, at_end: bool) -> Finding {
    let mut end = (failure.at + 1).min(source.text.len());
    while !source.text.is_char_boundary(end) {
        end += 1;
    }
    let what = if at_end { "it is not closed" } else { "it is not JSON" };
    Finding::new(codes::PAGE_UNREAD, format!("cannot read this example: {what}"))
        .at(line.place())
        .related(source.place(failure.at.min(end)..end), "reading stopped here")
        .help("compare it with the spec by hand")
}

fn example(
    source: Source<'_>,
    block: &Block,
    owner: &Owner<'_>,
    line: &Line<'_>,
    parsed: Parsed,
    out: &mut Unread,
) -> Option<PublishedExample> {
    let mut json = parsed.json;
    let keyed = |key: &str| json.get(key).is_some();
    // Rows below the last field belong to the query; its heading may be missing.
    let of = match owner.of {
        ExampleOf::Field(_) if keyed("result_type") && (keyed("records") || keyed("series")) => ExampleOf::Rows,
        ExampleOf::Field(name) if name.is_empty() => {
            out.cell(line.place(), owner.fact, "this example belongs to a field without a name");
            return None;
        }
        other => other.clone(),
    };
    let request = block.kind == (BlockKind::Example { request: true }) || (keyed("report") && !keyed("records"));
    let raw = source.text[json.span.clone()].to_owned();
    let place = source.place(json.span.clone());
    json.replace_spans(&|span| source.place(span).span);
    if !parsed.repaired.is_empty() {
        let words: Vec<_> = parsed.repaired.iter().map(|repair| repair.words()).collect();
        let message = format!("this example is not valid JSON: it has {}", words.join(" and "));
        let finding = Finding::new(codes::PAGE_BROKEN_EXAMPLE, message).at(place.clone());
        out.add(owner.fact, finding.help("compare the repaired example with the page"));
    }
    Some(PublishedExample { of, place, line: line.number, raw, json, request, repaired: parsed.repaired })
}

/// Whether a line can start an example.
fn begins_example(text: &str) -> bool {
    let mut chars = text.chars();
    match chars.next() {
        Some('{') => true,
        // A Markdown link starts with a bracket too.
        Some('[') => chars.as_str().trim_start().chars().next().is_none_or(|c| matches!(c, '{' | '[' | '"')),
        Some('"' | '“' | '”' | '„') => {
            let rest = chars.as_str();
            rest.find(['"', '“', '”', '„'])
                .is_some_and(|end| rest[end..].trim_start_matches(['"', '“', '”', '„']).trim_start().starts_with(':'))
        }
        _ => false,
    }
}
