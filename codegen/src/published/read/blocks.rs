//! Cuts the body of a page at its headings into blocks. A field's heading is a name directly above a table of types; a one-word line of
//! prose or a listed value is not.

use std::ops::Range;

use super::lines::{Line, is_snake};
use super::table::{field_header, permit_header};

/// What a block holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum BlockKind {
    /// Everything before the first heading.
    Intro,
    /// The heading above all fields.
    Fields,
    /// One field.
    Field,
    /// A field's table without a heading.
    Unnamed,
    /// The query without aggregations.
    NoAggregation,
    /// The heading above all aggregations.
    Aggregations,
    /// One aggregation.
    Aggregation,
    /// The table of returned fields.
    ReturnedFields,
    /// An example of a request or a response.
    Example { request: bool },
    /// An unknown heading.
    Other,
}

/// One block.
#[derive(Clone, Debug)]
pub(super) struct Block {
    pub kind: BlockKind,
    /// The heading's line; the first line of an intro or unnamed block.
    pub head: usize,
    /// The lines under it.
    pub lines: Range<usize>,
}

/// The kind of block below one of the site's fixed headings.
fn known(heading: &str) -> Option<BlockKind> {
    match heading {
        // In lower case these could be names of fields.
        "Fields" | "FIELDS" => return Some(BlockKind::Fields),
        "Aggregations" | "AGGREGATIONS" | "Aggregation" | "AGGREGATION" => return Some(BlockKind::Aggregations),
        "Labels" | "LABELS" => return Some(BlockKind::ReturnedFields),
        _ if heading.len() > 48 => return None,
        _ => {}
    }
    let lower = heading.to_ascii_lowercase();
    match lower.as_str() {
        "query without aggregations" | "query without aggregation" | "without aggregations" | "without aggregation" => {
            Some(BlockKind::NoAggregation)
        }
        "returned fields" | "returned labels" => Some(BlockKind::ReturnedFields),
        "example query response" | "example response" | "example query result" | "query response" | "response" => {
            Some(BlockKind::Example { request: false })
        }
        "example query" | "example request" | "example query request" | "request" => Some(BlockKind::Example { request: true }),
        _ => None,
    }
}

/// Cuts `lines[range]` into blocks.
pub(super) fn blocks(lines: &[Line<'_>], range: Range<usize>) -> Vec<Block> {
    let cutter = Cutter::new(lines, range.clone());
    let mut out = vec![Block { kind: BlockKind::Intro, head: range.start, lines: range.start..range.start }];
    let mut among = Among::Start;
    let mut table_due = false;
    for index in range.clone() {
        let kind = cutter.opens(index, among, table_due);
        match kind {
            Some(BlockKind::Fields | BlockKind::Field | BlockKind::Unnamed) => among = Among::Fields,
            Some(BlockKind::NoAggregation) => among = Among::Start,
            Some(BlockKind::Aggregations | BlockKind::Aggregation) => among = Among::Aggregations,
            _ => {}
        }
        match kind {
            Some(BlockKind::Field) => table_due = true,
            Some(_) => table_due = false,
            None if field_header(lines[index].text).is_some() => table_due = false,
            None => {}
        }
        if let (Some(kind), Some(last)) = (kind, out.last_mut()) {
            last.lines.end = index;
            let body = if kind == BlockKind::Unnamed { index } else { index + 1 };
            out.push(Block { kind, head: index, lines: body..body });
        }
    }
    if let Some(last) = out.last_mut() {
        last.lines.end = range.end.max(last.lines.start);
    }
    out
}

/// The list that a name without a table belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Among {
    Start,
    Fields,
    Aggregations,
}

struct Cutter<'l, 't> {
    lines: &'l [Line<'t>],
    /// For each line, the next line that is not blank.
    next: Vec<Option<usize>>,
    /// For each line, the previous line that is not blank.
    before: Vec<Option<usize>>,
    start: usize,
    /// Whether the page's headings have marks.
    marks: bool,
}

impl<'l, 't> Cutter<'l, 't> {
    fn new(lines: &'l [Line<'t>], range: Range<usize>) -> Self {
        let mut next = vec![None; range.len()];
        let mut before = vec![None; range.len()];
        let mut seen = None;
        for index in range.clone() {
            before[index - range.start] = seen;
            seen = if lines[index].blank() { seen } else { Some(index) };
        }
        seen = None;
        for index in range.clone().rev() {
            next[index - range.start] = seen;
            seen = if lines[index].blank() { seen } else { Some(index) };
        }
        let marks = lines[range.clone()].iter().any(|line| line.marked && known(line.heading).is_some());
        Self { lines, next, before, start: range.start, marks }
    }

    /// The kind of block that a line starts.
    fn opens(&self, index: usize, among: Among, table_due: bool) -> Option<BlockKind> {
        let line = &self.lines[index];
        if line.blank() || permit_header(line.text).is_some() {
            return None;
        }
        if !line.bullet && line.name().is_some() && self.table_follows(index) && !self.runs_on(index) {
            return Some(BlockKind::Field);
        }
        if field_header(line.text).is_some() {
            return (!table_due).then_some(BlockKind::Unnamed);
        }
        if let Some(kind) = known(line.heading).filter(|_| !line.bullet) {
            return Some(kind);
        }
        if line.name().is_some() && !line.bullet {
            match among {
                Among::Aggregations if self.heads_aggregation(index) => return Some(BlockKind::Aggregation),
                Among::Fields if line.marked => return Some(BlockKind::Field),
                _ => {}
            }
        }
        (line.marked
            && !line.heading.is_empty()
            && line.heading.len() <= 60
            && !line.heading.starts_with(['"', '{', '}', '[', ']', '|']))
        .then_some(BlockKind::Other)
    }

    fn table_follows(&self, index: usize) -> bool {
        self.next[index - self.start].is_some_and(|next| field_header(self.lines[next].text).is_some())
    }

    /// Whether an unmarked name continues the text before it, on a page whose headings have marks.
    fn runs_on(&self, index: usize) -> bool {
        let contiguous = index > self.start && !self.lines[index - 1].blank() && !self.lines[index - 1].marked;
        self.marks && !self.lines[index].marked && contiguous
    }

    fn heads_aggregation(&self, index: usize) -> bool {
        let line = &self.lines[index];
        if line.marked {
            return true;
        }
        let blank = |at: Option<usize>| at.and_then(|at| self.lines.get(at)).is_none_or(Line::blank);
        let before = self.before[index - self.start].map(|at| &self.lines[at]);
        let after_end = before.is_some_and(|line| line.text == "}" || known(line.heading) == Some(BlockKind::Aggregations));
        let apart = index > self.start && blank(Some(index - 1)) && blank(Some(index + 1));
        line.name().is_some_and(is_snake) && (after_end || (!self.marks && apart))
    }
}
