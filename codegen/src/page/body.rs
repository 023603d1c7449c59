//! Puts a page together: title, permit and cost, then one block after the other. In: the lines and where title and footer stand;
//! out: the reading. Here it is also decided whether the text stops before the page does, and whether it is a report's page at all.

use std::collections::HashSet;
use std::ops::Range;

use super::blocks::{Block, Sort, blocks};
use super::lines::{Line, is_rule, name};
use super::title::{Frame, is_permit_header, parse_title, permit_row, returned_header};
use super::{At, ExampleOf, Mend, Page, PageAggregation, PublishedExample, Reading, field, json, returned};
use crate::finding::{FileId, Finding, Place};

/// The reading of a text in which no report's title was found.
pub(super) fn no_report(file: FileId, lines: &[Line<'_>], frame: &Frame) -> Reading {
    let last = lines.iter().rev().find(|line| !line.blank());
    let end = Place { file, span: last.map_or(0..0, Line::span) };
    // Navigation alone, or its head, is the beginning of some page.
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
            .help("copy the whole page");
        return Reading { page: None, findings: vec![finding], ends_early: Some(end) };
    }
    let first = lines[after..].iter().find(|line| !line.blank()).map_or(0..0, Line::span);
    let finding = Finding::error("page-not-a-report", "this is not the page of a report: it has no title like `name (records)`")
        .at(Place { file, span: first })
        .help("give the page of one report, with its title, or add the title as a line of its own");
    Reading { page: None, findings: vec![finding], ends_early: None }
}

/// The reading of the page whose title stands at line `title`.
pub(super) fn report(file: FileId, text: &str, lines: &[Line<'_>], frame: &Frame, title: usize) -> Reading {
    let mut end = frame.end;
    let last = lines[..end].iter().rposition(|line| !line.blank()).unwrap_or(title);
    let cut = (!frame.footer).then(|| Place { file, span: lines[last].span() });
    if cut.is_some() && last > title && lines[last].text != "}" {
        // The last line of a text that stops early may be half a line.
        end = last;
    }
    let (report, format) = parse_title(&lines[title]).unwrap_or_default();
    let at = |part: &str, value: String| At {
        value,
        place: Place { file, span: lines[title].span_of(part) },
        line: lines[title].number,
    };
    let (report, format) = (at(report, name(report)), at(format, format.to_owned()));
    if format.value != "records" {
        let message =
            format!("`{}` is a report of the format `{}`; only pages of records reports can be read", report.value, format.value);
        let finding = Finding::error("page-format-unsupported", message).at(format.place);
        return Reading { page: None, findings: vec![finding], ends_early: cut };
    }
    let mut reader = Reader {
        file,
        text,
        lines,
        findings: Vec::new(),
        named: HashSet::new(),
        page: Page {
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
        let message = format!("the page ends early, {open}; what stands after that is not known");
        reader
            .findings
            .push(Finding::warning("page-ends-early", message).at(cut.clone()).help("copy the whole page, down to its footer"));
    }
    Reading { page: Some(reader.page), findings: reader.findings, ends_early: cut }
}

/// `  1. Sendings` before the title.
fn group(file: FileId, before: &[Line<'_>]) -> Option<At<String>> {
    let line = before.iter().rev().find(|line| !line.blank())?;
    let (number, group) = line.text.split_once(". ")?;
    number.parse::<u32>().ok()?;
    Some(At { value: group.to_owned(), place: Place { file, span: line.span_of(group) }, line: line.number })
}

struct Reader<'r, 't> {
    file: FileId,
    text: &'t str,
    lines: &'r [Line<'t>],
    findings: Vec<Finding>,
    /// Names met: of fields, and of aggregations.
    named: HashSet<(Sort, String)>,
    page: Page,
}

impl Reader<'_, '_> {
    /// Reads every block; tells in words where the last one stands.
    fn blocks(&mut self, blocks: &[Block]) -> String {
        let mut owner = ExampleOf::Rows;
        let mut open = "before its fields".to_owned();
        // A name that comes twice: its first block counts, and what stands under the second belongs to nobody.
        let mut skip = false;
        for (index, block) in blocks.iter().enumerate() {
            let cut = self.page.ends_early && index + 1 == blocks.len();
            let head = &self.lines[block.head.min(self.lines.len().saturating_sub(1))];
            if !matches!(block.sort, Sort::Returned | Sort::Example { .. } | Sort::Other) {
                skip = false;
            }
            match block.sort {
                Sort::Intro => self.intro(block.lines.clone()),
                Sort::Fields => {
                    self.page.fields_heading = Some(Place { file: self.file, span: head.span() });
                    open = "among the fields".into();
                }
                Sort::Field | Sort::Unnamed => {
                    skip = !self.field(block, head);
                    let last = self.page.fields.last().map_or("", |field| field.name());
                    owner = ExampleOf::Field(last.to_owned());
                    open = if last.is_empty() { "among the fields".into() } else { format!("at the field `{last}`") };
                }
                Sort::Plain => {
                    owner = ExampleOf::Rows;
                    open = "at the query without aggregations".into();
                }
                Sort::Aggregations => {
                    owner = ExampleOf::Rows;
                    open = "among the aggregations".into();
                }
                Sort::Aggregation => {
                    skip = !self.aggregation(head);
                    owner = ExampleOf::Aggregation(name(head.heading));
                    open = format!("at the aggregation `{}`", name(head.heading));
                }
                Sort::Returned | Sort::Example { .. } | Sort::Other => {}
            }
            if !skip {
                let table = block.sort == Sort::Returned || matches!(block.sort, Sort::Aggregation | Sort::Other);
                if table && let ExampleOf::Aggregation(_) = owner {
                    self.returned(block.lines.clone());
                }
                self.examples(block, &owner, cut);
            }
        }
        self.mark_open(blocks);
        open
    }

    /// Lists that the cut may have shortened.
    fn mark_open(&mut self, blocks: &[Block]) {
        if !self.page.ends_early {
            return;
        }
        let after_fields = blocks.iter().any(|block| matches!(block.sort, Sort::Plain | Sort::Aggregations | Sort::Aggregation));
        self.page.fields_open = !after_fields;
        match blocks.last().map(|block| block.sort) {
            Some(Sort::Field | Sort::Unnamed) => {
                if let Some(field) = self.page.fields.last_mut() {
                    field.open = true;
                }
            }
            // An example below the table closes it.
            Some(Sort::Aggregation | Sort::Returned | Sort::Other) => {
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
                self.findings.push(finding.at(self.page.name.place.clone()));
            }
            return;
        };
        let mut rows = lines[header + 1..].iter().filter(|line| !line.blank() && !is_rule(line.text));
        let row = rows.next().and_then(|line| Some((line, permit_row(line.text, &self.page.name.value)?)));
        let Some((line, row)) = row else {
            if !self.page.ends_early {
                let finding = Finding::warning("page-permit-unreadable", "permit and cost cannot be read");
                self.findings.push(finding.at(Place { file: self.file, span: lines[header].span() }));
            }
            return;
        };
        let place = |part: &str| Place { file: self.file, span: line.span_of(part) };
        let number = line.number;
        self.page.permit = Some(At { value: row.permit.to_owned(), place: place(row.permit), line: number });
        self.page.permit_and_cost = row.glued.map(|glued| At { value: glued.to_owned(), place: place(glued), line: number });
        let cost = row.cost.and_then(|text| Some((text, text.parse::<u32>().ok()?)));
        self.page.cost = cost.map(|(text, value)| At { value, place: place(text), line: number });
        if cost.is_none() {
            self.findings.push(Finding::warning("page-permit-unreadable", "the cost cannot be read").at(place(row.permit)));
        } else if row.ambiguous {
            let message = format!("permit and cost run together; read as `{}` and {}", row.permit, row.cost.unwrap_or_default());
            let finding = Finding::warning("page-permit-ambiguous", message).at(place(row.glued.unwrap_or(row.permit)));
            self.findings.push(finding.help("compare with the page in a browser: the permit's own name may end in a digit"));
        }
    }

    /// Reads a field; false if its name came before.
    fn field(&mut self, block: &Block, head: &Line<'_>) -> bool {
        let place = Place { file: self.file, span: head.span() };
        let named =
            (block.sort == Sort::Field).then(|| At { value: name(head.heading), place: place.clone(), line: head.number });
        if let Some(known) = named.as_ref().filter(|named| !self.named.insert((Sort::Field, named.value.clone()))) {
            let message = format!("the page describes the field `{}` twice; the first counts", known.value);
            self.findings.push(Finding::warning("page-twice", message).at(place));
            return false;
        }
        if named.is_none() {
            let finding =
                Finding::warning("page-field-unnamed", "a table of a field without a heading: the field's name cannot be read");
            self.findings.push(
                finding
                    .at(place.clone())
                    .help("add the field's name as a line of its own above the table, or copy the page from a browser"),
            );
        }
        let field = field::field(self.file, &self.lines[block.lines.clone()], named, place, &mut self.findings);
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
        if !self.named.insert((Sort::Aggregation, named.value.clone())) {
            let message = format!("the page describes the aggregation `{}` twice; the first counts", named.value);
            self.findings.push(Finding::warning("page-twice", message).at(place));
            return false;
        }
        self.page.aggregations.push(PageAggregation { name: named, returned: Vec::new(), open: false });
        true
    }

    fn returned(&mut self, range: Range<usize>) {
        let lines = &self.lines[range];
        let Some(header) = lines.iter().position(|line| returned_header(line.text)) else { return };
        let fields: HashSet<&str> = self.page.fields.iter().map(|field| field.name()).filter(|name| !name.is_empty()).collect();
        let rows = returned::rows(self.file, &lines[header + 1..], &fields, &mut self.findings);
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
            match json::parse(self.text, line.start, block_end) {
                Ok(parsed) => {
                    past = parsed.json.span.end;
                    // Nothing tells whether the rest of an example without outer braces was cut off.
                    if !(cut && parsed.repaired.contains(&Mend::Braces)) {
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

    fn unreadable(&mut self, block_end: usize, line: &Line<'_>, failure: &json::Failure) {
        let at_end = self.text[failure.at..block_end].trim().is_empty();
        if (self.page.ends_early && at_end) || !line.text.starts_with('{') {
            return;
        }
        let mut end = (failure.at + 1).min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end += 1;
        }
        let what = if at_end { "it is not closed" } else { "it goes on as no JSON does" };
        self.findings.push(
            Finding::warning("page-example-unreadable", format!("this example cannot be read: {what}"))
                .at(Place { file: self.file, span: line.span() })
                .related(Place { file: self.file, span: failure.at.min(end)..end }, "reading stopped here"),
        );
    }

    fn example(&mut self, block: &Block, owner: &ExampleOf, line: usize, parsed: json::Parsed) {
        let json = parsed.json;
        let keyed = |key: &str| json.get(key).is_some();
        // Rows below the last field belong to the query, whose heading may be lost.
        let of = match owner {
            ExampleOf::Field(_) if keyed("records") && keyed("result_type") => ExampleOf::Rows,
            ExampleOf::Field(name) if name.is_empty() => return,
            other => other.clone(),
        };
        let place = Place { file: self.file, span: json.span.clone() };
        if !parsed.repaired.is_empty() {
            let words: Vec<_> = parsed.repaired.iter().map(|mend| mend.words()).collect();
            let message = format!("this example is not JSON as printed: it has {}", words.join(" and "));
            self.findings
                .push(Finding::warning("page-broken-example", message).at(place.clone()).help("it was read as if mended"));
        }
        let request = block.sort == (Sort::Example { request: true }) || (keyed("report") && !keyed("records"));
        let raw = self.text[json.span.clone()].to_owned();
        self.page.examples.push(PublishedExample { of, place, line, raw, json, request, repaired: parsed.repaired });
    }
}

/// Whether a line can begin an example.
fn begins_example(text: &str) -> bool {
    let mut chars = text.chars();
    match chars.next() {
        Some('{') => true,
        // Markdown links begin alike.
        Some('[') => chars.as_str().trim_start().chars().next().is_none_or(|c| matches!(c, '{' | '[' | '"')),
        Some('"' | '“' | '”' | '„') => {
            let rest = chars.as_str();
            rest.find(['"', '“', '”', '„'])
                .is_some_and(|end| rest[end..].trim_start_matches(['"', '“', '”', '„']).trim_start().starts_with(':'))
        }
        _ => false,
    }
}
