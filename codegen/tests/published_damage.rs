//! Damages pages at random: lines dropped, moved, repeated and cut, bytes replaced, encodings and line ends changed. Nothing panics, and no
//! fact is lost in silence: a fact that a damaged page no longer states as the spec does has a finding, or is unreached.
//!
//! `PAGE_CASES=100000 cargo test --release -p placewise-codegen --test published_damage` runs more cases.

use std::collections::BTreeMap;

use placewise_codegen::finding::Severity;
use placewise_codegen::published::{Drift, import, read};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

#[path = "published/spec_of.rs"]
mod spec_of;

use spec_of::Spec;

const PAGES: [&str; 3] =
    [include_str!("published/boats.txt"), include_str!("published/moves.txt"), include_str!("published/cranes.md")];

/// One kind of damage. Numbers are places, as shares of a page's lines or bytes.
#[derive(Clone, Debug)]
enum Damage {
    Drop(u16, u8),
    Swap(u16, u16),
    Repeat(u16),
    Cut(u16),
    Replace(u16, String),
    Insert(u16, String),
    Rewrite(u8),
}

fn damage() -> impl Strategy<Value = Damage> {
    let text = || "[a-zA-Z0-9_ ]{0,8}|[{}\\[\\]\",:|#()✅❌☑-]{1,4}|\\PC{0,6}|\n|\t|Integer|String|page_info";
    prop_oneof![
        (any::<u16>(), 1..4u8).prop_map(|(at, count)| Damage::Drop(at, count)),
        (any::<u16>(), any::<u16>()).prop_map(|(a, b)| Damage::Swap(a, b)),
        any::<u16>().prop_map(Damage::Repeat),
        any::<u16>().prop_map(Damage::Cut),
        (any::<u16>(), text()).prop_map(|(at, text)| Damage::Replace(at, text)),
        (any::<u16>(), text()).prop_map(|(at, text)| Damage::Insert(at, text)),
        (0..8u8).prop_map(Damage::Rewrite),
    ]
}

fn share(at: u16, of: usize) -> usize {
    usize::from(at) * of / (usize::from(u16::MAX) + 1)
}

fn damaged(page: &str, damage: &Damage) -> String {
    let mut lines: Vec<&str> = page.split('\n').collect();
    let byte = |at: u16| (0..=share(at, page.len())).rev().find(|at| page.is_char_boundary(*at)).unwrap_or(0);
    match damage {
        Damage::Drop(at, count) => {
            let at = share(*at, lines.len());
            let end = (at + usize::from(*count)).min(lines.len());
            lines.drain(at..end);
            lines.join("\n")
        }
        Damage::Swap(a, b) => {
            let (a, b) = (share(*a, lines.len()), share(*b, lines.len()));
            lines.swap(a, b);
            lines.join("\n")
        }
        Damage::Repeat(at) => {
            let at = share(*at, lines.len());
            lines.insert(at, lines[at]);
            lines.join("\n")
        }
        Damage::Cut(at) => page[..byte(*at)].to_owned(),
        Damage::Replace(at, text) => {
            let at = byte(*at);
            let end = at + page[at..].chars().next().map_or(0, char::len_utf8);
            format!("{}{text}{}", &page[..at], &page[end..])
        }
        Damage::Insert(at, text) => format!("{}{text}{}", &page[..byte(*at)], &page[byte(*at)..]),
        Damage::Rewrite(0) => page.replace('\n', "\r\n"),
        Damage::Rewrite(1) => page.replace('\n', "\r"),
        Damage::Rewrite(2) => format!("\u{feff}{page}"),
        Damage::Rewrite(3) => page.replace("    ", "\t"),
        Damage::Rewrite(4) => page.replace(' ', "\u{a0}"),
        Damage::Rewrite(5) => page.encode_utf16().map(|unit| char::from(unit.to_le_bytes()[0])).collect(),
        Damage::Rewrite(6) => {
            String::from_utf8_lossy(&page.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>()).into_owned()
        }
        Damage::Rewrite(_) => page.replace("\n\n", "\n"),
    }
}

/// What a page states of each fact.
fn stated(drift: &Drift) -> BTreeMap<&str, &str> {
    drift.facts.iter().map(|fact| (fact.fact.as_str(), fact.stated.as_str())).collect()
}

fn no_fact_is_lost(spec: &Spec, whole: &Drift, page: &str) -> Result<(), TestCaseError> {
    let drift = spec.drift(page);
    let well = drift.findings.iter().all(|one| one.finding.severity != Severity::Error);
    if well {
        let (now, before) = (stated(&drift), stated(whole));
        let lost: Vec<_> = before.iter().filter(|(fact, stated)| now.get(*fact) != Some(stated)).collect();
        prop_assert!(lost.is_empty(), "lost without a finding: {:?}", lost);
    }
    for one in &drift.findings {
        let span = one.finding.place.as_ref().map(|place| place.span.clone()).unwrap_or(0..0);
        prop_assert!(page.get(span).is_some(), "a place outside the page: {:?}", one);
    }
    if let Some(page) = read(placewise_codegen::finding::FileId(0), page).report() {
        import(page, None);
    }
    Ok(())
}

#[test]
fn no_fact_of_a_damaged_page_is_lost_in_silence() {
    let cases = std::env::var("PAGE_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(2000);
    let pages: Vec<(&str, Spec, Drift)> = PAGES
        .into_iter()
        .map(|page| {
            let spec = Spec::of(page, "X-Harbour");
            let whole = spec.drift(page);
            (page, spec, whole)
        })
        .collect();
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let strategy = (0..pages.len(), prop::collection::vec(damage(), 1..4));
    TestRunner::new(config)
        .run(&strategy, |(index, all)| {
            let (page, spec, whole) = &pages[index];
            let copy = all.iter().fold((*page).to_owned(), |page, one| damaged(&page, one));
            no_fact_is_lost(spec, whole, &copy)
        })
        .unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn a_page_with_one_very_long_line_is_read() {
    for page in PAGES {
        for unit in ["x", "{", "\"a\", ", "| ", "Integer", "“"] {
            let copy = page.replacen("\n\n", &format!("\n{}\n", unit.repeat(300_000 / unit.len())), 3);
            let _ = read(placewise_codegen::finding::FileId(0), &copy);
        }
    }
}
