//! Finds what the spec names in the lines of a document. Each line that states a fact is marked; the others are accounted for at the end.

use super::titles::{glued_titles, part};
use crate::finding::{Place, codes};
use crate::published::drift::account::Account;
use crate::published::read::{At, Document, DocumentLine, Json, LineForm, Node};

/// A line that begins with a name of the spec.
pub(super) struct Row<'d> {
    /// The place of the name.
    pub name: Place,
    /// The other cells, the rest of a row whose cells run together, or the sentences below a name that stands alone.
    pub rest: Vec<At<String>>,
    /// The titles of the columns after the first; none if the page has none.
    pub titles: Vec<At<String>>,
    /// Whether nothing separates the cells of the rest.
    pub glued: bool,
    pub line: &'d DocumentLine,
}

impl Row<'_> {
    /// All other cells as one text.
    pub fn text(&self) -> String {
        self.rest.iter().map(|cell| cell.value.trim()).filter(|cell| !cell.is_empty()).collect::<Vec<_>>().join(" ")
    }
}

/// The lines of a document, and which of them were understood.
pub(super) struct Search<'d> {
    pub document: &'d Document,
    pub(super) lines: &'d [DocumentLine],
    /// Whether each line was understood.
    pub(super) used: Vec<bool>,
    /// The samples that end in the lines.
    samples: usize,
}

impl<'d> Search<'d> {
    /// All lines, or all but the last, which may be incomplete.
    pub fn new(document: &'d Document, with_last: bool) -> Self {
        let count = document.lines.len().saturating_sub(usize::from(!with_last));
        let lines = &document.lines[..count];
        let end = lines.last().map_or(0, |line| line.text.place.span.end);
        let samples = document.samples.iter().take_while(|sample| sample.json.span.end <= end).count();
        Self { document, lines, used: lines.iter().map(|line| glued_titles(line).is_some()).collect(), samples }
    }

    /// The samples of responses (or requests), each with its place.
    pub fn samples(&self, response: bool, is_request: impl Fn(&Json) -> bool) -> Vec<&'d Json> {
        let of = |sample: &&crate::published::read::Sample| {
            let headed = |words: &[&str]| words.iter().any(|word| sample.heading.contains(word));
            let request = is_request(&sample.json) || (headed(&["request", "body"]) && !headed(&["response"]));
            request != response
        };
        self.document.samples[..self.samples].iter().filter(of).map(|sample| &sample.json).collect()
    }

    /// All samples.
    pub fn all_samples(&self) -> Vec<&'d Json> {
        self.document.samples[..self.samples].iter().map(|sample| &sample.json).collect()
    }

    /// The OpenAPI fragment, without a last line that may be incomplete.
    pub fn openapi(&self) -> Option<At<String>> {
        let fragment = self.document.openapi.as_ref()?;
        let end = self.lines.last().map_or(0, |line| line.text.place.span.end);
        let start = fragment.place.span.start;
        let length = end.saturating_sub(start).min(fragment.value.len());
        let place = Place { file: fragment.place.file, span: start..start + length };
        Some(At { value: fragment.value.get(..length)?.to_owned(), place, line: fragment.line })
    }

    /// The first row, item or heading that begins with a name. A sentence must go on as a row would.
    pub fn row(&mut self, name: &str) -> Option<Row<'d>> {
        let (index, mut row) = self
            .lines
            .iter()
            .enumerate()
            .filter(|(index, _)| !self.used[*index])
            .find_map(|(index, line)| row(line, name).map(|row| (index, row)))?;
        self.used[index] = true;
        let mut above = self.lines[..index].iter().rev();
        if let LineForm::Cells(_) = row.line.form {
            row.titles = above
                .find_map(|line| match &line.form {
                    LineForm::Cells(_) => None,
                    LineForm::Header(titles) => Some(titles.get(1..).unwrap_or_default().to_vec()),
                    _ => Some(Vec::new()),
                })
                .unwrap_or_default();
        } else if row.text().is_empty() {
            let below = self.lines[index + 1..].iter().take_while(|line| line.form == LineForm::Prose);
            row.rest = below.map(|line| line.text.clone()).collect();
            row.glued = false;
        } else {
            let mut table = above.take_while(|line| !matches!(line.form, LineForm::Heading | LineForm::Code));
            row.titles = table.find_map(glued_titles).map(|titles| titles[1..].to_vec()).unwrap_or_default();
        }
        Some(row)
    }

    /// The place of a word anywhere, also in samples and sentences. A header's name may have any case.
    pub fn word(&mut self, word: &str) -> Option<Place> {
        let lower = word.to_ascii_lowercase();
        self.find(word.len(), |text| word_in(text, word).or_else(|| word_in(&text.to_ascii_lowercase(), &lower)))
    }

    /// The place of a text anywhere.
    pub fn text(&mut self, text: &str) -> Option<Place> {
        self.find(text.len(), |line| line.find(text))
    }

    fn find(&mut self, length: usize, at: impl Fn(&str) -> Option<usize>) -> Option<Place> {
        let (index, at) = self.lines.iter().enumerate().find_map(|(index, line)| Some((index, at(&line.text.value)?)))?;
        self.used[index] = true;
        Some(part(&self.lines[index].text, at, length))
    }

    /// Compares a limit: met if the page has its number beside its words. Another number beside them differs.
    pub fn limit(
        &self,
        found: Vec<(u64, Place, &str)>,
        value: u64,
        assumption: Option<&str>,
        path: &[&str; 2],
        account: &mut Account<'_>,
    ) {
        let equal = found.iter().find(|(number, ..)| *number == value).filter(|_| assumption.is_none());
        let Some((number, place, _)) = equal.or(found.first()) else { return };
        let stated = number.to_string();
        match assumption {
            None if *number == value => account.states(path, stated, place),
            None => {
                let message = format!("`{}` is {number} on the page, {value} in the spec", path[1]);
                account.states_other(codes::DRIFT_VALUE, message, &stated, place, path);
            }
            Some(id) => {
                let message = format!("the page states {number} for `{}`; the spec assumes {value} (`{id}`)", path[1]);
                account.states_other(codes::DRIFT_SETTLED, message, &stated, place, path);
            }
        }
    }

    /// The numbers that stand before words, such as `150 time points`, each with its clause.
    pub fn numbers(&self, words: &[&str]) -> Vec<(u64, Place, &'d str)> {
        let mut out = Vec::new();
        for line in self.lines.iter().filter(|line| line.form != LineForm::Code) {
            let text = &line.text.value;
            let lower = text.to_ascii_lowercase();
            for (at, _) in words.iter().flat_map(|word| lower.match_indices(word)) {
                let before = text[..at].trim_end_matches([' ', '*', '`', '-']);
                let digits = before.len() - before.trim_end_matches(|c: char| c.is_ascii_digit()).len();
                let number = before[before.len() - digits..].parse().ok();
                if let Some(number) = number {
                    out.push((number, part(&line.text, before.len() - digits, digits), clause(text, at)));
                }
            }
        }
        out
    }

    /// The lines that were not understood yet, for a closer look.
    pub fn left(&self) -> Vec<(usize, &'d DocumentLine)> {
        self.lines.iter().enumerate().filter(|(index, _)| !self.used[*index]).collect()
    }

    /// Marks a line as understood.
    pub fn take(&mut self, index: usize) {
        self.used[index] = true;
    }
}

fn row<'d>(line: &'d DocumentLine, name: &str) -> Option<Row<'d>> {
    let text = &line.text;
    match &line.form {
        LineForm::Cells(cells) => {
            let first = cells.first().filter(|cell| bare(&cell.value) == name)?;
            Some(Row { name: first.place.clone(), rest: cells[1..].to_vec(), titles: Vec::new(), glued: false, line })
        }
        LineForm::Heading => (bare(&text.value) == name).then(|| Row {
            name: text.place.clone(),
            rest: Vec::new(),
            titles: Vec::new(),
            glued: false,
            line,
        }),
        LineForm::Item | LineForm::Other | LineForm::Prose => {
            let start = text.value.len() - text.value.trim_start_matches(['`', '*', '"', '“']).len();
            let rest = text.value[start..].strip_prefix(name)?;
            let next = rest.chars().next();
            let letters = name.ends_with(|c: char| c.is_ascii_alphabetic());
            let goes_on = match next {
                None => line.form != LineForm::Prose,
                Some(c) if c.is_ascii_digit() => letters,
                Some(' ') => {
                    let after = rest.trim_start();
                    let explains = after.starts_with(['-', '–', '—', '=', '|', '(', ':']);
                    explains || line.form == LineForm::Item || (line.form == LineForm::Other && !letters)
                }
                Some(c) => c.is_uppercase() || matches!(c, '`' | '*' | '"' | '”' | ':' | '(' | '=' | '-' | '–' | '—' | '<' | '>'),
            };
            // `Retry-After` is no row of `Retry`.
            let longer = rest.strip_prefix('-').is_some_and(|rest| rest.starts_with(|c: char| c.is_alphanumeric()));
            let at = text.value.len() - rest.len();
            let cell = At { value: rest.to_owned(), place: part(text, at, rest.len()), line: text.line };
            let name = part(text, start, name.len());
            (goes_on && !longer).then(|| Row { name, rest: vec![cell], titles: Vec::new(), glued: true, line })
        }
        LineForm::Header(_) | LineForm::Code => None,
    }
}

/// The clause around a byte.
fn clause(text: &str, at: usize) -> &str {
    let ends = [", ", "; ", ". "];
    let start = ends.iter().filter_map(|end| text[..at].rfind(end)).max().unwrap_or(0);
    let end = ends.iter().filter_map(|end| text[at..].find(end)).min().map_or(text.len(), |end| at + end);
    &text[start..end]
}

fn bare(text: &str) -> &str {
    text.trim_matches(['`', '*', '"', '“', '”', ' ', ':'])
}

/// Where a text has a whole word.
pub(super) fn word_in(text: &str, word: &str) -> Option<usize> {
    let joins = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    text.match_indices(word)
        .map(|(at, _)| at)
        .find(|at| !text[..*at].ends_with(joins) && !text[at + word.len()..].starts_with(joins))
}

/// Compares the keys of an object in a sample with the spec's: each known one is met, any other is a finding.
pub(super) fn keys(json: &Json, known: &[(&str, Vec<&str>)], at: &[&str], document: &Document, account: &mut Account<'_>) {
    let Node::Object(members) = &json.node else { return };
    for member in members {
        let place = Place { file: document.title.place.file, span: member.span.clone() };
        match known.iter().find(|(key, _)| *key == member.key) {
            Some((key, path)) => account.settles(path, key, &place),
            None => {
                let message = format!("the page's sample has the key `{}`, the spec does not", member.key);
                let names: Vec<&str> = known.iter().map(|(key, _)| *key).collect();
                account.added(at, &member.key, message, &place, &names);
            }
        }
    }
}
