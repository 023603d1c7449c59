//! Cuts the body of a page at its headings. In: lines; out: blocks, each of one sort, with the lines under its heading.
//! A field's heading is a name that a table of types follows; a one-word line of prose or of an enumeration is not.

use std::ops::Range;

use super::lines::{Line, is_name, is_snake};
use super::title::{field_header, is_permit_header};

/// What a block is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Sort {
    /// Everything before the first heading.
    Intro,
    /// The heading over all fields.
    Fields,
    /// One field.
    Field,
    /// A field's table whose heading was lost.
    Unnamed,
    /// The query without aggregations.
    Plain,
    /// The heading over all aggregations.
    Aggregations,
    /// One aggregation.
    Aggregation,
    /// The table of returned fields.
    Returned,
    /// An example; of a request if so.
    Example { request: bool },
    /// A heading that this reader does not know.
    Other,
}

/// One block.
#[derive(Clone, Debug)]
pub(super) struct Block {
    pub sort: Sort,
    /// The heading's line; for intro and unnamed blocks their first line.
    pub head: usize,
    /// The lines under it.
    pub lines: Range<usize>,
}

/// The sort of block that a heading opens whose words are the site's own.
fn known(heading: &str) -> Option<Sort> {
    match heading {
        "Fields" => return Some(Sort::Fields),
        "Aggregations" | "Aggregation" => return Some(Sort::Aggregations),
        "Returned fields" | "Labels" => return Some(Sort::Returned),
        _ if heading.len() > 48 => return None,
        _ => {}
    }
    let lower = heading.to_ascii_lowercase();
    match lower.as_str() {
        "query without aggregations" | "query without aggregation" | "without aggregations" | "without aggregation" => {
            Some(Sort::Plain)
        }
        "example query response" | "example response" | "example query result" | "query response" | "response" => {
            Some(Sort::Example { request: false })
        }
        "example query" | "example request" | "example query request" | "request" => Some(Sort::Example { request: true }),
        _ => None,
    }
}

/// Cuts `lines[range]` into blocks.
pub(super) fn blocks(lines: &[Line<'_>], range: Range<usize>) -> Vec<Block> {
    let cutter = Cutter::new(lines, range.clone());
    let mut out = vec![Block { sort: Sort::Intro, head: range.start, lines: range.start..range.start }];
    let mut among = Among::Start;
    let mut table_due = false;
    for index in range.clone() {
        let sort = cutter.opens(index, among, table_due);
        match sort {
            Some(Sort::Fields | Sort::Field | Sort::Unnamed) => among = Among::Fields,
            Some(Sort::Plain) => among = Among::Start,
            Some(Sort::Aggregations | Sort::Aggregation) => among = Among::Aggregations,
            _ => {}
        }
        match sort {
            Some(Sort::Field) => table_due = true,
            Some(_) => table_due = false,
            None if field_header(lines[index].text).is_some() => table_due = false,
            None => {}
        }
        if let (Some(sort), Some(last)) = (sort, out.last_mut()) {
            last.lines.end = index;
            let body = if sort == Sort::Unnamed { index } else { index + 1 };
            out.push(Block { sort, head: index, lines: body..body });
        }
    }
    if let Some(last) = out.last_mut() {
        last.lines.end = range.end.max(last.lines.start);
    }
    out
}

/// Which list the reading is in: names without a table belong to it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Among {
    Start,
    Fields,
    Aggregations,
}

struct Cutter<'l, 't> {
    lines: &'l [Line<'t>],
    /// For each line of the body the next that is not blank.
    next: Vec<Option<usize>>,
    /// For each line of the body the last before it that is not blank.
    before: Vec<Option<usize>>,
    start: usize,
    /// Whether the page's headings bear marks.
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

    /// The sort of block that a line opens.
    fn opens(&self, index: usize, among: Among, table_due: bool) -> Option<Sort> {
        let line = &self.lines[index];
        if line.blank() || is_permit_header(line) {
            return None;
        }
        if !line.bullet && is_name(line.heading) && self.table_follows(index) && !self.runs_on(index) {
            return Some(Sort::Field);
        }
        if field_header(line.text).is_some() {
            return (!table_due).then_some(Sort::Unnamed);
        }
        if let Some(sort) = known(line.heading).filter(|_| !line.bullet) {
            return Some(sort);
        }
        if is_name(line.heading) && !line.bullet {
            match among {
                Among::Aggregations if self.heads_aggregation(index) => return Some(Sort::Aggregation),
                Among::Fields if line.marked => return Some(Sort::Field),
                _ => {}
            }
        }
        (line.marked
            && !line.heading.is_empty()
            && line.heading.len() <= 60
            && !line.heading.starts_with(['"', '{', '}', '[', ']', '|']))
        .then_some(Sort::Other)
    }

    fn table_follows(&self, index: usize) -> bool {
        self.next[index - self.start].is_some_and(|next| field_header(self.lines[next].text).is_some())
    }

    /// Whether an unmarked name belongs to the text before it, on a page whose headings bear marks.
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
        let after_end = before.is_some_and(|line| line.text == "}" || known(line.heading) == Some(Sort::Aggregations));
        let apart = index > self.start && blank(Some(index - 1)) && blank(Some(index + 1));
        is_snake(line.heading) && (after_end || (!self.marks && apart))
    }
}
