//! `lockstep/captures.lock`: when each source was last seen, and a digest of each fact that it stated. A later run tells by it whether the
//! page changed or whether the spec, or our reading of the page, did. One line a fact, sorted, so that two branches seldom conflict.

use std::collections::BTreeMap;
use std::fmt;

use crate::disk::lock::digest;
use crate::finding::{FileId, Finding, Place, codes, one_line};

use super::drift::ComparedFact;
use super::triage::Date;

/// What was seen of every source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Captures {
    sources: BTreeMap<String, Capture>,
}

/// What was seen of one source.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Capture {
    seen: Date,
    facts: FactDigests,
}

/// The digest of each fact, by its id.
pub type FactDigests = BTreeMap<String, u64>;

const HEAD: &str =
    "# Written by `cargo codegen drift --site`: when each page was last seen, and a digest of each fact that it stated.\n";

impl Captures {
    /// Reads the file. A line that does not fit is a finding.
    pub fn read(file: FileId, text: &str) -> (Self, Vec<Finding>) {
        let mut captures = Self::default();
        let mut findings = Vec::new();
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let span = start..start + line.trim_end().len();
            start += line.len();
            let line = line.trim_end();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if captures.line(line).is_none() {
                let finding = Finding::new(codes::CAPTURES_LINE, "this is no line of captures.lock").at(Place { file, span });
                findings.push(finding.help("take one side of a conflict, or remove the file and run `drift --site` again"));
            }
        }
        (captures, findings)
    }

    /// `<source> seen <date>`, or `<source> <digest> <fact>`.
    fn line(&mut self, line: &str) -> Option<()> {
        let (source, rest) = line.split_once(' ')?;
        let (word, rest) = rest.split_once(' ')?;
        if word == "seen" {
            let capture = Capture { seen: Date::parse(rest)?, facts: BTreeMap::new() };
            self.sources.insert(source.to_owned(), capture).is_none().then_some(())
        } else {
            let digest = u64::from_str_radix(word, 16).ok().filter(|_| word.len() == 16)?;
            self.sources.get_mut(source)?.facts.insert(rest.to_owned(), digest);
            Some(())
        }
    }

    /// Records what a page stated. What it does not state any more is forgotten.
    pub fn saw(&mut self, source: &str, today: Date, facts: FactDigests) {
        self.sources.insert(source.to_owned(), Capture { seen: today, facts });
    }

    /// Whether a source was seen.
    pub fn has(&self, source: &str) -> bool {
        self.sources.contains_key(source)
    }

    /// What every source stated about a fact and its parts: the digest by source and fact.
    pub fn within<'a>(&'a self, fact: &str) -> BTreeMap<(&'a str, &'a str), u64> {
        let is_part = |id: &str| id.strip_prefix(fact).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        let of = |(source, capture): (&'a String, &'a Capture)| {
            capture.facts.iter().map(move |(id, digest)| ((source.as_str(), id.as_str()), *digest))
        };
        self.sources.iter().flat_map(of).filter(|((_, id), _)| is_part(id)).collect()
    }

    /// Forgets the sources that the spec no longer names.
    pub fn keep(&mut self, named: &dyn Fn(&str) -> bool) {
        self.sources.retain(|source, _| named(source));
    }

    /// Adds to each difference whether the page changed since it was last seen.
    pub fn explain(&self, source: &str, now: &FactDigests, findings: &mut [Finding]) {
        let Some(capture) = self.sources.get(source) else { return };
        for finding in findings.iter_mut().filter(|finding| finding.code.name().starts_with("drift-")) {
            let Some(fact) = finding.fact.as_deref().map(one_line) else { continue };
            let seen = capture.seen;
            let history = match (capture.facts.get(&fact), now.get(&fact)) {
                (Some(then), Some(now)) if then == now => {
                    format!("the page stated the same on {seen}, so the spec changed, or how the page is read")
                }
                (Some(_), Some(_)) => format!("the page stated something else on {seen}, so the page changed"),
                (Some(_), None) => format!("the page still stated it on {seen}"),
                (None, Some(_)) => format!("the page did not state it on {seen}"),
                (None, None) => continue,
            };
            finding.help = Some(match finding.help.take() {
                Some(help) => format!("{history}; {help}"),
                None => history,
            });
        }
    }
}

impl fmt::Display for Captures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HEAD)?;
        for (source, capture) in &self.sources {
            writeln!(f, "{source} seen {}", capture.seen)?;
            for (fact, digest) in &capture.facts {
                writeln!(f, "{source} {digest:016x} {fact}")?;
            }
        }
        Ok(())
    }
}

/// Digests facts. Names on pages must not break the lines of the lock. What several places of a page state about one is digested together.
pub fn digests(facts: &[ComparedFact]) -> FactDigests {
    let mut stated: BTreeMap<String, String> = BTreeMap::new();
    for fact in facts {
        let text = stated.entry(one_line(&fact.fact)).or_default();
        text.push_str(&fact.stated);
        text.push('\n');
    }
    stated.into_iter().map(|(fact, text)| (fact, digest(text.as_bytes()))).collect()
}
