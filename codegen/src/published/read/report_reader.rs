//! Reads a report's page, block by block.

use std::collections::HashSet;
use std::ops::Range;

use placewise_model::DataLag;

use super::blocks::{Block, BlockKind, blocks};
use super::examples::{Owner, examples};
use super::field_table;
use super::hidden::{blank_cells, mark_open};
use super::ledger::{Owners, Unread, account};
use super::lines::{Line, Source, one_space, unescape};
use super::page::{At, ExampleOf, FactFinding, LabelTable, PublishedAggregation, PublishedPage, Statement, fact_id};
use super::permit_row::{self, permit_row};
use super::returned_table;
use super::statements::statements;
use super::table::{field_header, is_rule, permit_header, returned_header};
use super::title::{parse_title, title_and_note};
use crate::finding::{Finding, codes};

/// Reads the page whose title is line `title` and whose body ends before line `end`. `cut` tells that the text has no footer.
pub(super) fn read(
    source: Source<'_>,
    lines: &[Line<'_>],
    title: usize,
    end: usize,
    cut: bool,
) -> (PublishedPage, Vec<FactFinding>) {
    let line = &lines[title];
    let (name, format) = parse_title(line).unwrap_or_default();
    let name = line.fact(name, unescape(name));
    let mut reader = Reader {
        source,
        lines,
        out: Unread::default(),
        named: HashSet::new(),
        columns: HashSet::new(),
        owners: Vec::new(),
        root: fact_id(&["reports", &name.value]),
        page: PublishedPage {
            name,
            format: line.fact(format, format.to_owned()),
            group: group(&lines[..title]),
            permit: None,
            cost: None,
            permit_and_cost: None,
            intervals: None,
            data_lag: None,
            row: None,
            columns: Vec::new(),
            fields_heading: None,
            fields: Vec::new(),
            fields_open: false,
            labels: None,
            aggregations: Vec::new(),
            deprecated: Vec::new(),
            statements: Vec::new(),
            icons: false,
            examples: Vec::new(),
            ends_early: cut,
        },
    };
    if let Some(note) = title_and_note(line.heading).1 {
        reader.deprecated(&reader.root.clone(), line, note);
    }
    reader.outside(0..title);
    if cut {
        // The last line may be incomplete, so the comparison says that it was not reached.
        lines[end..].iter().for_each(Line::claim);
    } else {
        reader.outside(end..lines.len());
    }
    let series = reader.page.format.value == "timeseries";
    let blocks = blocks(lines, title + 1..end, series);
    reader.blocks(&blocks);
    mark_open(&mut reader.page, &blocks);
    blank_cells(&mut reader.page, &reader.root, &mut reader.out);
    reader.account();
    (reader.page, reader.out.0)
}

/// The group in `  1. Sendings`, before the title.
fn group(before: &[Line<'_>]) -> Option<At<String>> {
    let line = before.iter().rev().find(|line| !line.blank())?;
    let (number, group) = line.text.split_once(". ")?;
    number.parse::<u32>().ok()?;
    Some(line.fact(group, group.to_owned()))
}

struct Reader<'r, 't> {
    source: Source<'t>,
    lines: &'r [Line<'t>],
    out: Unread,
    /// The names of fields and aggregations so far.
    named: HashSet<(BlockKind, String)>,
    /// The unknown columns so far.
    columns: HashSet<String>,
    /// The fact that each line belongs to.
    owners: Owners,
    /// The report's fact.
    root: String,
    page: PublishedPage,
}

impl Reader<'_, '_> {
    /// Navigation before the title and the footer state nothing about the report, but tables and examples there are not part of them.
    fn outside(&mut self, range: Range<usize>) {
        for line in &self.lines[range.clone()] {
            let table = permit_header(line.text).is_some()
                || field_header(line.text).is_some()
                || returned_header(line.text).is_some()
                || line.text.starts_with('{');
            if !table {
                line.claim();
            }
        }
        self.owners.push((range, self.root.clone()));
    }

    fn fact(&self, steps: &[&str]) -> String {
        format!("{}/{}", self.root, fact_id(steps))
    }

    /// Reads every block.
    fn blocks(&mut self, blocks: &[Block]) {
        let mut owner = ExampleOf::Rows;
        let mut fact = self.root.clone();
        // Of two blocks with one name the first counts; the second has a finding.
        let mut skip = false;
        for (index, block) in blocks.iter().enumerate() {
            let cut = self.page.ends_early && index + 1 == blocks.len();
            let head = &self.lines[block.head.min(self.lines.len().saturating_sub(1))];
            if !matches!(block.kind, BlockKind::ReturnedFields | BlockKind::Example { .. } | BlockKind::Other) {
                skip = false;
            }
            if !matches!(block.kind, BlockKind::Intro | BlockKind::Unnamed | BlockKind::UnnamedAggregation | BlockKind::Other) {
                head.claim();
            }
            match block.kind {
                BlockKind::Intro => self.intro(block.lines.clone(), cut),
                BlockKind::Fields => {
                    self.page.fields_heading = Some(head.place());
                    fact = self.fact(&["fields"]);
                }
                BlockKind::Field | BlockKind::Unnamed => {
                    let name = head.name().filter(|_| block.kind == BlockKind::Field);
                    let name = name.map(|name| head.fact(name, unescape(name)));
                    fact = name.as_ref().map_or_else(|| self.fact(&["fields"]), |name| self.fact(&["fields", &name.value]));
                    owner = ExampleOf::Field(name.as_ref().map(|name| name.value.clone()).unwrap_or_default());
                    skip = !self.field(block, head, name, &fact, cut);
                }
                BlockKind::NoAggregation => {
                    owner = ExampleOf::Rows;
                    fact = self.fact(&["examples", "rows"]);
                }
                BlockKind::Aggregations => {
                    owner = ExampleOf::Rows;
                    fact = self.fact(&["aggregations"]);
                }
                BlockKind::Aggregation => {
                    let name = unescape(head.name().unwrap_or_default());
                    fact = self.fact(&["aggregations", &name]);
                    owner = ExampleOf::Aggregation(name);
                    skip = !self.aggregation(head, &fact);
                }
                BlockKind::UnnamedAggregation => {
                    // No wire name starts so. The comparison may know the name by its place.
                    let name = format!("#{}", self.page.aggregations.len() + 1);
                    fact = self.fact(&["aggregations"]);
                    let named = At { value: name.clone(), place: head.place(), line: head.number };
                    self.page.aggregations.push(PublishedAggregation {
                        name: named,
                        unnamed: true,
                        returned: Vec::new(),
                        open: false,
                    });
                    owner = ExampleOf::Aggregation(name);
                }
                BlockKind::ReturnedFields | BlockKind::Example { .. } | BlockKind::Other => {}
            }
            let whole = block.head.min(block.lines.start)..block.lines.end;
            if skip {
                self.lines[whole.clone()].iter().for_each(Line::claim);
            } else {
                self.returned(block, &owner, &fact);
                let of = match &owner {
                    ExampleOf::Rows => self.fact(&["examples", "rows"]),
                    ExampleOf::Field(name) => self.fact(&["examples", "fields", name]),
                    ExampleOf::Aggregation(name) => self.fact(&["examples", "aggregations", name]),
                };
                let found = examples(self.source, self.lines, block, &Owner { of: &owner, fact: &of, cut }, &mut self.out);
                self.page.examples.extend(found);
            }
            let section = (block.kind == BlockKind::Other).then(|| self.fact(&["sections", head.heading]));
            self.owners.push((whole, section.unwrap_or_else(|| fact.clone())));
        }
    }

    fn intro(&mut self, range: Range<usize>, cut: bool) {
        let lines = &self.lines[range];
        let (root, page) = (self.root.clone(), &mut self.page);
        let found = lines.iter().enumerate().find_map(|(index, line)| Some((index, line, permit_header(line.text)?)));
        let Some((index, line, header)) = found else {
            if !cut {
                let what = "the page has no table with permit and cost";
                self.out.cell(page.name.place.clone(), &format!("{root}/permit"), what);
            }
            return;
        };
        line.claim();
        for (_, title) in &header.others {
            self.out.cell(line.place_of(title), &root, "the table with permit and cost has a column that is not known");
        }
        let rows = lines[index + 1..].iter();
        rows.clone().take_while(|line| line.blank() || is_rule(line.text)).for_each(Line::claim);
        let row = rows.clone().find(|line| !line.blank() && !is_rule(line.text));
        let Some((line, row)) = row.and_then(|line| Some((line, permit_row(line.text, &header, &page.name.value)?))) else {
            if row.is_some() || !cut {
                let place = row.unwrap_or(line).place();
                row.iter().for_each(|line| line.claim());
                self.out.cell(place, &format!("{root}/permit"), "cannot read permit and cost");
            }
            return;
        };
        line.claim();
        page.row = Some(line.fact(line.text, one_space(line.text)));
        page.permit = Some(line.fact(row.permit, row.permit.to_owned()));
        page.permit_and_cost = row.glued.map(|glued| line.fact(glued, glued.to_owned()));
        let cost = row.cost.and_then(|text| Some((text, text.parse::<u32>().ok()?)));
        page.cost = cost.map(|(text, value)| line.fact(text, value));
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        page.intervals = row.intervals.as_ref().map(|(text, list)| line.fact(text, names(list)));
        let lag = row.lag.map(|text| (text, data_lag(text)));
        page.data_lag = lag.and_then(|(text, lag)| Some(line.fact(text, lag?)));
        if let Some((text, None)) = lag {
            let what = "cannot read the data lag: it is not a length of time such as `~15 minutes`";
            self.out.cell(line.place_of(text), &format!("{root}/data_lag"), what);
        }
        for (fact, part) in &row.unread {
            let (fact, what) = match fact {
                permit_row::Fact::Cost => (format!("{root}/cost"), "cannot read the cost: it is not a whole number"),
                permit_row::Fact::Intervals => (format!("{root}/intervals"), "cannot read the available intervals"),
                permit_row::Fact::Other => (root.clone(), "cannot tell to which column this text belongs"),
            };
            self.out.cell(line.place_of(part), &fact, what);
        }
        if cost.is_none() && row.unread.iter().all(|(fact, _)| *fact != permit_row::Fact::Cost) {
            self.out.cell(line.place_of(row.permit), &format!("{root}/cost"), "the page states no cost");
        }
        if row.ambiguous {
            let message = format!("nothing separates the cells; read as `{}` and {}", row.permit, row.cost.unwrap_or_default());
            let finding = Finding::new(codes::PAGE_PERMIT_AMBIGUOUS, message).at(line.place_of(row.glued.unwrap_or(row.permit)));
            let help = "compare with the page in a browser: the permit's name itself may end in a digit";
            self.out.add(&format!("{root}/permit"), finding.help(help));
        }
    }

    /// Reads a field. Returns false if the page already has a field with that name.
    fn field(&mut self, block: &Block, head: &Line<'_>, name: Option<At<String>>, fact: &str, cut: bool) -> bool {
        if let Some(known) = name.as_ref().filter(|name| !self.named.insert((BlockKind::Field, name.value.clone()))) {
            self.out.twice(head.place(), fact, &format!("the field `{}`", known.value));
            return false;
        }
        if name.is_none() {
            let finding =
                Finding::new(codes::PAGE_FIELD_UNNAMED, "a field's table has no heading, so the field's name is unknown");
            let help = "add the field's name on a line of its own above the table, or copy the page from a browser";
            self.out.add(fact, finding.at(head.place()).help(help));
        }
        self.remark(head, fact);
        let lines = &self.lines[block.lines.clone()];
        let mut field = field_table::field(lines, name, head.place(), fact, &mut self.out);
        if field.printed.is_none() && field.unread.is_empty() && !cut {
            field.unread.push("type");
            self.out.cell(field.place.clone(), &format!("{fact}/type"), "the page states no type of this field");
        }
        if let Some(column) = &field.column
            && self.page.columns.iter().all(|known| known.value != column.value)
        {
            self.page.columns.push(column.clone());
        }
        let more = lines.iter().find_map(|line| Some((line, field_header(line.text)?)));
        for title in more.iter().flat_map(|(_, header)| &header.more) {
            // A new column of all tables is one change.
            if self.columns.insert((*title).to_owned()) {
                let place = more.as_ref().map_or(head.place(), |(line, _)| line.place_of(title));
                self.out.cell(
                    place,
                    &self.fact(&["fields"]),
                    "the fields' tables have a column that is not known; its cells were not compared",
                );
            }
        }
        self.page.fields.push(field);
        true
    }

    /// Reads the remark in a heading such as `id (deprecated)`.
    fn remark(&mut self, head: &Line<'_>, fact: &str) {
        let name = head.name().unwrap_or_default();
        let Some(note) = head.note.filter(|_| name != head.heading) else { return };
        if note.to_lowercase().contains("deprecat") {
            self.deprecated(fact, head, note);
        } else {
            self.out.cell(head.place_of(note), fact, "this remark in a heading was not understood");
        }
    }

    fn deprecated(&mut self, fact: &str, line: &Line<'_>, part: &str) {
        let steps = fact[self.root.len()..].split('/').filter(|step| !step.is_empty());
        let steps: Vec<String> = steps.map(|step| step.replace("~1", "/").replace("~0", "~")).collect();
        if self.page.deprecated.iter().all(|known| known.value != steps) {
            self.page.deprecated.push(line.fact(part, steps));
        }
    }

    fn aggregation(&mut self, head: &Line<'_>, fact: &str) -> bool {
        let name = head.name().unwrap_or(head.heading);
        let named = head.fact(name, unescape(name));
        if !self.named.insert((BlockKind::Aggregation, named.value.clone())) {
            self.out.twice(named.place.clone(), fact, &format!("the aggregation `{}`", named.value));
            return false;
        }
        self.remark(head, fact);
        self.page.aggregations.push(PublishedAggregation { name: named, unnamed: false, returned: Vec::new(), open: false });
        true
    }

    /// Reads the table of returned fields or labels in a block.
    fn returned(&mut self, block: &Block, owner: &ExampleOf, fact: &str) {
        let lines = &self.lines[block.lines.clone()];
        let found = lines.iter().enumerate().find_map(|(index, line)| Some((index, line, returned_header(line.text)?)));
        let Some((index, line, header)) = found else { return };
        let series = self.page.format.value == "timeseries";
        let place = line.place();
        let (full, fact) = match owner {
            ExampleOf::Aggregation(_) => {
                let list = if series { "labels" } else { "returns" };
                (self.page.aggregations.last().is_none_or(|one| !one.returned.is_empty()), format!("{fact}/{list}"))
            }
            ExampleOf::Rows if series => (self.page.labels.is_some(), self.fact(&["labels"])),
            // A field has no such table.
            _ => return,
        };
        if full {
            return;
        }
        line.claim();
        for (_, title) in &header.others {
            self.out.cell(line.place_of(title), &fact, "the table has a column that is not known");
        }
        let fields: HashSet<&str> = self.page.fields.iter().map(|field| field.name()).filter(|name| !name.is_empty()).collect();
        let rows = returned_table::rows(&lines[index + 1..], &fields, &fact, &mut self.out);
        match (owner, self.page.aggregations.last_mut()) {
            (ExampleOf::Aggregation(_), Some(aggregation)) => aggregation.returned = rows,
            _ => self.page.labels = Some(LabelTable { place, rows, open: false }),
        }
    }

    /// Accounts for the lines that nothing above read.
    fn account(&mut self) {
        let owners = std::mem::take(&mut self.owners);
        for (index, owner) in account(self.lines, &owners, self.page.ends_early, &mut self.out) {
            let line = &self.lines[index];
            if line.text.to_lowercase().contains("deprecat") {
                self.deprecated(owner, line, line.text);
                continue;
            }
            let stating = statements(line.text)
                .map(|sentence| line.fact(sentence, Statement { owner: owner.to_owned(), text: one_space(sentence) }));
            self.page.statements.extend(stating);
        }
    }
}

/// A data lag as printed. Captures differ in spaces: `~ 15minutes` is `~15 minutes`.
fn data_lag(text: &str) -> Option<DataLag> {
    let dense: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let unit = dense.find(|c: char| c.is_ascii_alphabetic())?;
    format!("{} {}", &dense[..unit], &dense[unit..]).parse().ok()
}
