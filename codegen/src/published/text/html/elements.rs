//! The open elements, and what each does to the lines.

use std::collections::HashMap;
use std::ops::Range;

use html5gum::{HtmlString, StartTag};

use super::kind::{Inside, Kind, is_icon, is_struck, kind};
use super::printer::Printer;
use super::text_node::characters;
use crate::published::text::builder::Builder;

/// Deeper elements are printed as part of the element at this depth.
const DEPTH: usize = 250;
/// A longer label is no icon's.
const LABEL: usize = 40;

struct Open {
    name: String,
    kind: Kind,
    /// Its label, and where that is.
    label: Option<(String, usize)>,
    /// The bytes printed when it was opened.
    printed: usize,
    /// Whether it strikes its text through.
    struck: bool,
}

/// The open elements, and the lines printed so far.
pub(super) struct Elements<'h> {
    html: &'h str,
    printer: Printer,
    open: Vec<Open>,
    names: HashMap<String, usize>,
    /// How many open elements hide their content, hold code, or are cells.
    hidden: usize,
    code: usize,
    cells: usize,
    /// An icon without a label in the current cell.
    icon: Option<usize>,
}

impl<'h> Elements<'h> {
    pub fn new(html: &'h str) -> Self {
        let names = HashMap::new();
        Self { html, printer: Printer::default(), open: Vec::new(), names, hidden: 0, code: 0, cells: 0, icon: None }
    }

    pub fn text(&mut self, decoded: &str, span: Range<usize>) {
        let in_icon = self.open.iter().any(|open| open.kind == Kind::Icon);
        if self.hidden > 0 || in_icon && (self.cells == 0 || !self.is_open("title")) {
            return;
        }
        for (c, from) in characters(decoded, self.html, span) {
            if self.cells > 0 && c == '|' {
                self.printer.flowing('\\', from);
            }
            if self.code > 0 && self.cells == 0 {
                self.printer.verbatim(c, from);
            } else {
                self.printer.flowing(c, from);
            }
        }
    }

    pub fn start(&mut self, tag: &StartTag<usize>) {
        let name = String::from_utf8_lossy(&tag.name).into_owned();
        let at = tag.span.start;
        let attribute = |key: &str| tag.attributes.get(key.as_bytes()).map(|value| String::from_utf8_lossy(value).into_owned());
        self.end_implied(&name, at);
        if self.void(&name, at, &attribute) || self.open.len() >= DEPTH {
            return;
        }
        let inside = Inside {
            cell_or_code: self.cells > 0 || self.code > 0,
            svg: self.is_open("svg"),
            item: self.open.iter().any(|open| open.kind == Kind::Item),
        };
        let kind = kind(&name, &attribute, &inside);
        let label = ["aria-label", "title"].iter().find_map(|key| attribute(key)).filter(|_| {
            kind == Kind::Icon || matches!(name.as_str(), "i" | "span") && attribute("role").is_none_or(|role| role == "img")
        });
        self.begin(&kind, &name, at);
        self.hidden += usize::from(kind == Kind::Hidden);
        self.code += usize::from(kind == Kind::Code);
        self.cells += usize::from(kind == Kind::Cell);
        if self.cells > 0 && is_icon(&name, kind, attribute("class").as_deref().unwrap_or_default()) {
            self.icon.get_or_insert(at);
        }
        let label = label.map(|label| (label, at)).filter(|(label, _)| !label.trim().is_empty() && label.len() <= LABEL);
        *self.names.entry(name.clone()).or_default() += 1;
        let struck = self.hidden == 0 && self.code == 0 && is_struck(&name, &attribute);
        self.open.push(Open { name, kind, label, printed: self.printer.len(), struck });
        if struck {
            self.strike(at);
        }
        if self.is_footnote() {
            self.printer.flowing('[', at);
            self.printer.flowing('^', at);
        }
        // In HTML only elements of another language close themselves.
        if tag.self_closing && self.open.iter().any(|open| open.kind == Kind::Icon) {
            self.close_last(at);
        }
    }

    pub fn close(&mut self, name: &HtmlString, at: usize) {
        let name = String::from_utf8_lossy(name);
        if name == "br" || name == "p" && !self.is_open("p") {
            self.printer.end_line(at);
        }
        if self.is_open(&name)
            && let Some(index) = self.open.iter().rposition(|open| open.name == name)
        {
            self.close_to(index, at);
        }
    }

    pub fn finish(mut self) -> Builder {
        let end = self.html.len();
        self.close_to(0, end);
        self.printer.end_line(end);
        self.printer.out
    }

    fn is_open(&self, name: &str) -> bool {
        self.names.get(name).is_some_and(|count| *count > 0)
    }

    /// Elements without an end.
    fn void(&mut self, name: &str, at: usize, attribute: &dyn Fn(&str) -> Option<String>) -> bool {
        let shown = self.hidden == 0;
        match name {
            "br" if shown && self.cells > 0 => self.printer.gap(),
            "br" if shown && self.code > 0 => self.printer.verbatim('\n', at),
            "br" | "hr" if shown => self.printer.end_line(at),
            "img" if shown && self.cells > 0 => match attribute("alt").filter(|alt| !alt.trim().is_empty()) {
                Some(alt) => self.word(&alt, at),
                None => {
                    self.icon.get_or_insert(at);
                }
            },
            "input" if shown && self.cells > 0 && attribute("type").is_some_and(|kind| kind == "checkbox") => {
                self.word(if attribute("checked").is_some() { "yes" } else { "no" }, at);
            }
            "br" | "hr" | "img" | "input" | "area" | "base" | "col" | "embed" | "link" | "meta" | "source" | "track" | "wbr" => {}
            // Another page in the same file.
            "html" if self.printer.len() > 0 => {
                self.close_to(0, at);
                self.printer.end_line(at);
                self.printer.out.added("\u{c}\n", at);
                return false;
            }
            _ => return false,
        }
        true
    }

    fn word(&mut self, text: &str, at: usize) {
        self.printer.gap();
        for c in text.chars() {
            self.printer.flowing(c, at);
        }
        self.printer.gap();
    }

    /// What the start of an element does to the lines.
    fn begin(&mut self, kind: &Kind, name: &str, at: usize) {
        if self.hidden > 0 {
            return;
        }
        if self.cells > 0 || self.code > 0 {
            if matches!(kind, Kind::Block { .. }) {
                self.part(name, at);
            }
            return;
        }
        match kind {
            Kind::Inline | Kind::Hidden | Kind::Icon => {}
            Kind::Block { paragraph } => self.end(*paragraph, at),
            Kind::Table { .. } => self.printer.end_paragraph(at),
            Kind::Heading => {
                self.printer.end_paragraph(at);
                let level = name.strip_prefix('h').and_then(|level| level.parse().ok()).unwrap_or(2);
                self.printer.set_mark(Some("#".repeat(level) + " "));
            }
            Kind::Code => {
                self.printer.end_paragraph(at);
                self.printer.sign("```", at);
                self.printer.end_line(at);
            }
            Kind::List { .. } => {
                self.end(self.printer.indent == 0, at);
                self.printer.indent += 2;
            }
            Kind::Item => {
                self.printer.end_line(at);
                let list = self.open.iter_mut().rev().find_map(|open| match &mut open.kind {
                    Kind::List { numbered, items } => Some((numbered, items)),
                    _ => None,
                });
                let mark = list.and_then(|(numbered, items)| {
                    *items += 1;
                    numbered.then(|| format!("{items}. "))
                });
                self.printer.set_mark(Some(mark.unwrap_or_else(|| "• ".into())));
            }
            Kind::Row { .. } => self.printer.end_line(at),
            Kind::Cell => {
                if let Some(Kind::Row { cells }) =
                    self.open.iter_mut().rev().map(|open| &mut open.kind).find(|kind| matches!(kind, Kind::Row { .. }))
                {
                    *cells += 1;
                }
                self.printer.sign("| ", at);
                self.icon = None;
            }
        }
    }

    /// Ends a paragraph or a line.
    fn end(&mut self, paragraph: bool, at: usize) {
        if paragraph { self.printer.end_paragraph(at) } else { self.printer.end_line(at) }
    }

    /// A part of a cell or of code.
    fn part(&mut self, name: &str, at: usize) {
        if self.cells > 0 {
            self.printer.gap();
        } else if !matches!(name, "td" | "th") {
            self.printer.end_line(at);
        }
    }

    /// Closes what an element closes by starting.
    fn end_implied(&mut self, name: &str, at: usize) {
        let (closed, within): (&[&str], &[&str]) = match name {
            "li" => (&["li"], &["ul", "ol", "menu"]),
            "tr" => (&["tr"], &["table"]),
            "td" | "th" => (&["td", "th"], &["tr", "table"]),
            "thead" | "tbody" | "tfoot" => (&["thead", "tbody", "tfoot"], &["table"]),
            "dt" | "dd" => (&["dt", "dd"], &["dl"]),
            "p" | "div" | "ul" | "ol" | "table" | "pre" | "section" | "article" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                (&["p"], &["td", "th", "li", "div"])
            }
            _ => return,
        };
        if !closed.iter().any(|name| self.is_open(name)) {
            return;
        }
        let stop = |open: &&Open| closed.contains(&open.name.as_str()) || within.contains(&open.name.as_str());
        let found = self.open.iter().rev().find(stop).map(|open| closed.contains(&open.name.as_str()));
        if found == Some(true)
            && let Some(index) = self.open.iter().rposition(|open| closed.contains(&open.name.as_str()))
        {
            self.close_to(index, at);
        }
    }

    fn close_to(&mut self, index: usize, at: usize) {
        while self.open.len() > index {
            self.close_last(at);
        }
    }

    /// Prints Markdown's mark for text that is struck through.
    fn strike(&mut self, at: usize) {
        "~~".chars().for_each(|c| self.printer.flowing(c, at));
    }

    /// Whether the last element is the mark of a footnote in a cell, which must not join its text.
    fn is_footnote(&self) -> bool {
        self.hidden == 0 && self.cells > 0 && self.open.last().is_some_and(|open| open.name == "sup")
    }

    fn close_last(&mut self, at: usize) {
        if self.is_footnote() {
            self.printer.flowing(']', at);
        }
        let Some(open) = self.open.pop() else { return };
        if open.struck {
            self.strike(at);
        }
        if let Some(count) = self.names.get_mut(&open.name) {
            *count = count.saturating_sub(1);
        }
        let (hidden, in_cell) = (self.hidden > 0, self.cells > 0);
        self.hidden -= usize::from(open.kind == Kind::Hidden);
        self.cells -= usize::from(open.kind == Kind::Cell);
        self.code -= usize::from(open.kind == Kind::Code);
        if hidden {
            return;
        }
        if let Some((label, from)) = open.label.filter(|_| in_cell && self.printer.len() == open.printed) {
            self.word(&label, from);
        }
        match open.kind {
            Kind::Block { .. } if self.cells > 0 || self.code > 0 => self.part(&open.name, at),
            Kind::Inline | Kind::Hidden | Kind::Icon => {}
            Kind::Block { paragraph } => self.end(paragraph, at),
            Kind::Table { .. } => self.printer.end_paragraph(at),
            Kind::Heading | Kind::Item => {
                self.end(open.kind == Kind::Heading, at);
                self.printer.set_mark(None);
            }
            Kind::Code => {
                self.printer.end_line(at);
                self.printer.sign("```", at);
                self.printer.end_paragraph(at);
            }
            Kind::List { .. } => {
                self.printer.indent -= 2;
                self.end(self.printer.indent == 0, at);
            }
            Kind::Cell => self.end_cell(open.printed, at),
            Kind::Row { cells } => self.end_row(cells, at),
        }
    }

    fn end_cell(&mut self, printed: usize, at: usize) {
        // An icon that says nothing must not look like a blank cell.
        if let Some(from) = self.icon.take().filter(|_| self.printer.len() == printed) {
            self.printer.sign("<icon>", from);
        }
        self.printer.sign(" ", at);
    }

    fn end_row(&mut self, cells: usize, at: usize) {
        if cells > 0 {
            self.printer.sign("|", at);
            self.printer.end_line(at);
        }
        let table = self.open.iter_mut().rev().find_map(|open| match &mut open.kind {
            Kind::Table { begun } => Some(begun),
            _ => None,
        });
        let first = table.is_some_and(|begun| !std::mem::replace(begun, true));
        if first && cells > 0 {
            self.printer.sign(&("|---".repeat(cells.min(100)) + "|"), at);
            self.printer.end_line(at);
        }
    }
}
