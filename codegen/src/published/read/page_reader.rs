//! Reads a whole published page, block by block. This module also decides whether the text is a report's page, and whether it ends
//! before the page does.

use std::collections::HashSet;
use std::ops::Range;

use super::blocks::{Block, BlockKind, blocks};
use super::lines::{Line, is_rule, lines, name};
use super::page::{At, ExampleOf, PublishedAggregation, PublishedExample, PublishedPage, ReadPage};
use super::placed_json::Repair;
use super::title::{Frame, frame, is_permit_header, parse_title, permit_row, returned_header};
use super::{field_table, lenient_json, returned_table};
use crate::finding::{FileId, Finding, Place};

/// Reads a published page. What cannot be read becomes a finding.
pub fn read(file: FileId, text: &str) -> ReadPage {
    let lines = lines(text);
    let frame = frame(&lines);
    match frame.title {
        Some(title) => report(file, text, &lines, &frame, title),
        None => no_report(file, &lines, &frame),
    }
}

/// The result for a text without a report's title.
fn no_report(file: FileId, lines: &[Line<'_>], frame: &Frame) -> ReadPage {
    let last = lines.iter().rev().find(|line| !line.blank());
    let end = Place { file, span: last.map_or(0..0, Line::span) };
    // A text of nothing but navigation is the start of some page.
    let is_navigation = |line: &Line<'_>| {
        line.bullet
            || matches!(line.text, "GET" | "POST" | "PUT" | "PATCH" | "DELETE")
            || line.text.split_once(". ").is_some_and(|(number, _)| number.parse::<u32>().is_ok())
    };
    let after = lines.iter().rposition(is_navigation).map_or(0, |at| at + 1);
    let body = lines[after..frame.end.max(after)].iter().filter(|line| !line.blank()).count();
    let prose = |line: &Line<'_>| line.text.ends_with('.') && line.text.split(' ').count() >= 4;
    if !frame.footer && (body <= 1 || !lines.iter().any(prose) && after == 0) {
        let finding = Finding::error("page-ends-early", "the text ends before the page's title")
            .at(end.clone())
            .help("copy the whole page, from its title to its footer");
        return ReadPage { page: None, findings: vec![finding], ends_early: Some(end) };
    }
    let first = lines[after..].iter().find(|line| !line.blank()).map_or(0..0, Line::span);
    let finding = Finding::error("page-not-a-report", "this is not a report's page: it has no title such as `name (records)`")
        .at(Place { file, span: first })
        .help("pass the page of one report, or add its title on a line of its own");
    ReadPage { page: None, findings: vec![finding], ends_early: None }
}

/// Reads the page with its title at line `title`.
fn report(file: FileId, text: &str, lines: &[Line<'_>], frame: &Frame, title: usize) -> ReadPage {
    let mut end = frame.end;
    let last = lines[..end].iter().rposition(|line| !line.blank()).unwrap_or(title);
    let cut = (!frame.footer).then(|| Place { file, span: lines[last].span() });
    if cut.is_some() && last > title && lines[last].text != "}" {
        // The last line of a cut text may be incomplete.
        end = last;
    }
    let (report, format) = parse_title(&lines[title]).unwrap_or_default();
    let line = &lines[title];
    let (report, format) = (line.fact(file, report, name(report)), line.fact(file, format, format.to_owned()));
    if format.value != "records" {
        let message = format!("`{}` is a {} report; only pages of records reports can be read", report.value, format.value);
        let finding =
            Finding::error("page-format-unsupported", message).at(format.place).help("write this report's file by hand");
        return ReadPage { page: None, findings: vec![finding], ends_early: cut };
    }
    let mut reader = Reader {
        file,
        text,
        lines,
        findings: Vec::new(),
        named: HashSet::new(),
        page: PublishedPage {
            name: report,
            format,
            group: group(file, &lines[..title]),
            permit: None,
            cost: None,
            permit_and_cost: None,
            columns: Vec::new(),
            fields_heading: None,
            fields: Vec::new(),
            fields_open: false,
            aggregations: Vec::new(),
            examples: Vec::new(),
            ends_early: cut.is_some(),
        },
    };
    let blocks = blocks(lines, title + 1..end);
    let open = reader.blocks(&blocks);
    if let Some(cut) = &cut {
        let message = format!("the page's text ends early, {open}; the rest is unknown");
        reader.findings.push(
            Finding::warning("page-ends-early", message)
                .at(cut.clone())
                .help("copy the whole page, from its title to its footer"),
        );
    }
    ReadPage { page: Some(reader.page), findings: reader.findings, ends_early: cut }
}

/// The group in `  1. Sendings`, before the title.
fn group(file: FileId, before: &[Line<'_>]) -> Option<At<String>> {
    let line = before.iter().rev().find(|line| !line.blank())?;
    let (number, group) = line.text.split_once(". ")?;
    number.parse::<u32>().ok()?;
    Some(line.fact(file, group, group.to_owned()))
}

struct Reader<'r, 't> {
    file: FileId,
    text: &'t str,
    lines: &'r [Line<'t>],
    findings: Vec<Finding>,
    /// The names of fields and aggregations so far.
    named: HashSet<(BlockKind, String)>,
    page: PublishedPage,
}

impl Reader<'_, '_> {
    /// Reads every block. Returns in words where the last one is.
    fn blocks(&mut self, blocks: &[Block]) -> String {
        let mut owner = ExampleOf::Rows;
        let mut open = "before its fields".to_owned();
        // Of two blocks with one name the first counts; everything under the second is skipped.
        let mut skip = false;
        for (index, block) in blocks.iter().enumerate() {
            let cut = self.page.ends_early && index + 1 == blocks.len();
            let head = &self.lines[block.head.min(self.lines.len().saturating_sub(1))];
            if !matches!(block.kind, BlockKind::ReturnedFields | BlockKind::Example { .. } | BlockKind::Other) {
                skip = false;
            }
            match block.kind {
                BlockKind::Intro => self.intro(block.lines.clone()),
                BlockKind::Fields => {
                    self.page.fields_heading = Some(Place { file: self.file, span: head.span() });
                    open = "among the fields".into();
                }
                BlockKind::Field | BlockKind::Unnamed => {
                    skip = !self.field(block, head);
                    let last = self.page.fields.last().map_or("", |field| field.name());
                    owner = ExampleOf::Field(last.to_owned());
                    open = if last.is_empty() { "among the fields".into() } else { format!("at the field `{last}`") };
                }
                BlockKind::NoAggregation => {
                    owner = ExampleOf::Rows;
                    open = "at the query without aggregations".into();
                }
                BlockKind::Aggregations => {
                    owner = ExampleOf::Rows;
                    open = "among the aggregations".into();
                }
                BlockKind::Aggregation => {
                    skip = !self.aggregation(head);
                    owner = ExampleOf::Aggregation(name(head.heading));
                    open = format!("at the aggregation `{}`", name(head.heading));
                }
                BlockKind::ReturnedFields | BlockKind::Example { .. } | BlockKind::Other => {}
            }
            if !skip {
                let table =
                    block.kind == BlockKind::ReturnedFields || matches!(block.kind, BlockKind::Aggregation | BlockKind::Other);
                if table && let ExampleOf::Aggregation(_) = owner {
                    self.returned(block.lines.clone());
                }
                self.examples(block, &owner, cut);
            }
        }
        self.mark_open(blocks);
        open
    }

    /// Marks the lists that a cut may have shortened.
    fn mark_open(&mut self, blocks: &[Block]) {
        if !self.page.ends_early {
            return;
        }
        let after_fields = blocks
            .iter()
            .any(|block| matches!(block.kind, BlockKind::NoAggregation | BlockKind::Aggregations | BlockKind::Aggregation));
        self.page.fields_open = !after_fields;
        match blocks.last().map(|block| block.kind) {
            Some(BlockKind::Field | BlockKind::Unnamed) => {
                if let Some(field) = self.page.fields.last_mut() {
                    field.open = true;
                }
            }
            // An example below the table shows that the table is complete.
            Some(BlockKind::Aggregation | BlockKind::ReturnedFields | BlockKind::Other) => {
                if let Some(aggregation) = self.page.aggregations.last_mut() {
                    let of = ExampleOf::Aggregation(aggregation.name.value.clone());
                    aggregation.open = self.page.examples.iter().all(|example| example.of != of);
                }
            }
            _ => {}
        }
    }

    fn intro(&mut self, range: Range<usize>) {
        let lines = &self.lines[range];
        let Some(header) = lines.iter().position(is_permit_header) else {
            if !self.page.ends_early {
                let finding = Finding::warning("page-permit-unreadable", "the page has no table with permit and cost");
                self.findings.push(finding.at(self.page.name.place.clone()).help("add permit and cost by hand"));
            }
            return;
        };
        let mut rows = lines[header + 1..].iter().filter(|line| !line.blank() && !is_rule(line.text));
        let row = rows.next().and_then(|line| Some((line, permit_row(line.text, &self.page.name.value)?)));
        let Some((line, row)) = row else {
            if !self.page.ends_early {
                let finding = Finding::warning("page-permit-unreadable", "cannot read permit and cost");
                let place = Place { file: self.file, span: lines[header].span() };
                self.findings.push(finding.at(place).help("add permit and cost by hand"));
            }
            return;
        };
        let place = |part: &str| Place { file: self.file, span: line.span_of(part) };
        self.page.permit = Some(line.fact(self.file, row.permit, row.permit.to_owned()));
        self.page.permit_and_cost = row.glued.map(|glued| line.fact(self.file, glued, glued.to_owned()));
        let cost = row.cost.and_then(|text| Some((text, text.parse::<u32>().ok()?)));
        self.page.cost = cost.map(|(text, value)| line.fact(self.file, text, value));
        if cost.is_none() {
            let finding = Finding::warning("page-permit-unreadable", "cannot read the cost");
            self.findings.push(finding.at(place(row.permit)).help("add the cost by hand"));
        } else if row.ambiguous {
            let message =
                format!("nothing separates permit and cost; read as `{}` and {}", row.permit, row.cost.unwrap_or_default());
            let finding = Finding::warning("page-permit-ambiguous", message).at(place(row.glued.unwrap_or(row.permit)));
            self.findings.push(finding.help("compare with the page in a browser: the permit's name itself may end in a digit"));
        }
    }

    /// Reads a field. Returns false if the page already has a field with that name.
    fn field(&mut self, block: &Block, head: &Line<'_>) -> bool {
        let place = Place { file: self.file, span: head.span() };
        let named =
            (block.kind == BlockKind::Field).then(|| At { value: name(head.heading), place: place.clone(), line: head.number });
        if let Some(known) = named.as_ref().filter(|named| !self.named.insert((BlockKind::Field, named.value.clone()))) {
            let message = format!("the page describes the field `{}` twice; the second description is ignored", known.value);
            self.findings.push(Finding::warning("page-twice", message).at(place));
            return false;
        }
        if named.is_none() {
            let finding =
                Finding::warning("page-field-unnamed", "a field's table has no heading, so the field's name is unknown");
            self.findings.push(
                finding
                    .at(place.clone())
                    .help("add the field's name on a line of its own above the table, or copy the page from a browser"),
            );
        }
        let field = field_table::field(self.file, &self.lines[block.lines.clone()], named, place, &mut self.findings);
        if let Some(column) = &field.column
            && self.page.columns.iter().all(|known| known.value != column.value)
        {
            self.page.columns.push(column.clone());
        }
        self.page.fields.push(field);
        true
    }

    fn aggregation(&mut self, head: &Line<'_>) -> bool {
        let place = Place { file: self.file, span: head.span() };
        let named = At { value: name(head.heading), place: place.clone(), line: head.number };
        if !self.named.insert((BlockKind::Aggregation, named.value.clone())) {
            let message =
                format!("the page describes the aggregation `{}` twice; the second description is ignored", named.value);
            self.findings.push(Finding::warning("page-twice", message).at(place));
            return false;
        }
        self.page.aggregations.push(PublishedAggregation { name: named, returned: Vec::new(), open: false });
        true
    }

    fn returned(&mut self, range: Range<usize>) {
        let lines = &self.lines[range];
        let Some(header) = lines.iter().position(|line| returned_header(line.text)) else { return };
        let fields: HashSet<&str> = self.page.fields.iter().map(|field| field.name()).filter(|name| !name.is_empty()).collect();
        let rows = returned_table::rows(self.file, &lines[header + 1..], &fields, &mut self.findings);
        if let Some(aggregation) = self.page.aggregations.last_mut()
            && aggregation.returned.is_empty()
        {
            aggregation.returned = rows;
        }
    }

    /// Finds the examples in a block.
    fn examples(&mut self, block: &Block, owner: &ExampleOf, cut: bool) {
        let Some(block_end) = self.lines[block.lines.clone()].last().map(|line| line.span().end) else { return };
        let mut past = 0;
        for index in block.lines.clone() {
            let line = &self.lines[index];
            if line.start < past || !begins_example(line.text) {
                continue;
            }
            match lenient_json::parse(self.text, line.start, block_end) {
                Ok(parsed) => {
                    past = parsed.json.span.end;
                    // An example without outer braces may have lost its rest to the cut.
                    if !(cut && parsed.repaired.contains(&Repair::Braces)) {
                        self.example(block, owner, line.number, parsed);
                    }
                }
                Err(failure) => {
                    past = failure.at.max(line.start + 1);
                    self.unreadable(block_end, line, &failure);
                }
            }
        }
    }

    fn unreadable(&mut self, block_end: usize, line: &Line<'_>, failure: &lenient_json::Failure) {
        let at_end = self.text[failure.at..block_end].trim().is_empty();
        if (self.page.ends_early && at_end) || !line.text.starts_with('{') {
            return;
        }
        let mut end = (failure.at + 1).min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end += 1;
        }
        let what = if at_end { "it is not closed" } else { "it is not JSON" };
        self.findings.push(
            Finding::warning("page-example-unreadable", format!("cannot read this example: {what}"))
                .at(Place { file: self.file, span: line.span() })
                .related(Place { file: self.file, span: failure.at.min(end)..end }, "reading stopped here")
                .help("add the example by hand"),
        );
    }

    fn example(&mut self, block: &Block, owner: &ExampleOf, line: usize, parsed: lenient_json::Parsed) {
        let json = parsed.json;
        let keyed = |key: &str| json.get(key).is_some();
        // Rows below the last field belong to the query; its heading may be missing.
        let of = match owner {
            ExampleOf::Field(_) if keyed("records") && keyed("result_type") => ExampleOf::Rows,
            ExampleOf::Field(name) if name.is_empty() => return,
            other => other.clone(),
        };
        let place = Place { file: self.file, span: json.span.clone() };
        if !parsed.repaired.is_empty() {
            let words: Vec<_> = parsed.repaired.iter().map(|repair| repair.words()).collect();
            let message = format!("this example is not valid JSON: it has {}", words.join(" and "));
            self.findings.push(
                Finding::warning("page-broken-example", message)
                    .at(place.clone())
                    .help("compare the repaired example with the page"),
            );
        }
        let request = block.kind == (BlockKind::Example { request: true }) || (keyed("report") && !keyed("records"));
        let raw = self.text[json.span.clone()].to_owned();
        self.page.examples.push(PublishedExample { of, place, line, raw, json, request, repaired: parsed.repaired });
    }
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
