//! Cuts the body of a page at its headings into blocks. A field's heading is a name directly above a table of types; a one-word line of
//! prose or a listed value is not.

use std::ops::Range;

use super::lines::{Line, is_snake};
use super::table::{field_header, permit_header, returned_header};

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
    /// An aggregation's table without a heading.
    UnnamedAggregation,
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
pub(super) fn blocks(lines: &[Line<'_>], range: Range<usize>, series: bool) -> Vec<Block> {
    let cutter = Cutter::new(lines, range.clone(), series);
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
            let body = if matches!(kind, BlockKind::Unnamed | BlockKind::UnnamedAggregation) { index } else { index + 1 };
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
    /// Whether the page lost its headings.
    headless: bool,
    /// Whether it is the page of a timeseries.
    series: bool,
}

impl<'l, 't> Cutter<'l, 't> {
    fn new(lines: &'l [Line<'t>], range: Range<usize>, series: bool) -> Self {
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
        let table = range.clone().find(|index| field_header(lines[*index].text).is_some());
        let named = table.is_some_and(|table| before[table - range.start].is_some_and(|before| lines[before].name().is_some()));
        let headless =
            table.is_some() && !named && !lines[range.clone()].iter().any(|line| !line.bullet && known(line.heading).is_some());
        Self { lines, next, before, start: range.start, marks, headless, series }
    }

    /// The kind of block that a line starts.
    fn opens(&self, index: usize, among: Among, table_due: bool) -> Option<BlockKind> {
        let line = &self.lines[index];
        if line.blank() || permit_header(line.text).is_some() {
            return None;
        }
        if self.headless && !self.series && returned_header(line.text).is_some() {
            return Some(BlockKind::UnnamedAggregation);
        }
        if !line.bullet && line.name().is_some() && self.table_follows(index) && !self.runs_on(index) && !self.ends_values(index)
        {
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
                // The heading above all aggregations may have another name.
                Among::Start if line.marked && line.name().is_some_and(is_snake) && self.returns_follow(index) => {
                    return Some(BlockKind::Aggregation);
                }
                _ => {}
            }
        }
        (line.marked
            && !line.heading.is_empty()
            && line.heading.len() <= 60
            && !line.heading.starts_with(['"', '{', '}', '[', ']', '|']))
        .then_some(BlockKind::Other)
    }

    /// Whether the next heading below that is no name is that of returned fields.
    fn returns_follow(&self, index: usize) -> bool {
        let next = self.lines[index + 1..].iter().find(|line| line.marked && !line.name().is_some_and(is_snake));
        next.is_some_and(|next| known(next.heading) == Some(BlockKind::ReturnedFields))
    }

    fn table_follows(&self, index: usize) -> bool {
        self.next[index - self.start].is_some_and(|next| field_header(self.lines[next].text).is_some())
    }

    /// Whether a name is the last of listed values, on a page without headings.
    fn ends_values(&self, index: usize) -> bool {
        let line = &self.lines[index];
        if !self.headless || line.marked {
            return false;
        }
        if line.note.is_some() {
            return true;
        }
        let mut at = self.before[index - self.start];
        while let Some(before) = at {
            let line = &self.lines[before];
            if line.name().is_none() {
                return line.text.ends_with(':');
            }
            at = self.before[before - self.start];
        }
        false
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
