//! Removes, retypes, renames, misspells and duplicates every key of the spec in turn, and checks that `check` finds each mutant. What it
//! cannot find is listed in `mutations/silent.txt`: facts that only a page can tell. CI tries every fifth mutant; `mutations/run.sh`
//! tries all, and writes `mutations/results.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use placewise_codegen::check_spec;
use placewise_codegen::finding::{FileId, codes};
use placewise_codegen::source::yaml_tree::{self, Kind, Node};
use placewise_codegen::source::{InputFile, read, read_dir};
use rayon::prelude::*;

/// At most this many entries in the list.
const MOST_SILENT: usize = 40;
/// CI tries one of this many mutants.
const SAMPLE: usize = 5;

/// Mappings whose keys are names, not words of the language.
const NAMES: [&str; 15] = [
    "fields",
    "headers",
    "operators",
    "symbols",
    "aggregations",
    "returns",
    "labels",
    "hosts",
    "groups",
    "errors",
    "notes",
    "intervals",
    "endpoints",
    "assumptions",
    "take",
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mutation {
    Removed,
    Retyped,
    Renamed,
    Misspelled,
    Duplicated,
}

const MUTATIONS: [Mutation; 5] =
    [Mutation::Removed, Mutation::Retyped, Mutation::Renamed, Mutation::Misspelled, Mutation::Duplicated];

struct Mutant {
    file: usize,
    /// The path to the key, by position.
    at: Vec<usize>,
    /// The path with `*` for names and positions.
    path: String,
    mutation: Mutation,
}

fn spec() -> Vec<InputFile> {
    read_dir(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec")).expect("the spec is readable")
}

fn tree(file: &InputFile) -> Node {
    yaml_tree::parse(FileId(0), std::str::from_utf8(&file.bytes).expect("UTF-8")).0.expect("YAML")
}

fn mutants(files: &[InputFile]) -> Vec<Mutant> {
    let mut found = Vec::new();
    for (file, input) in files.iter().enumerate() {
        let mut keys = Vec::new();
        let root = if input.path.starts_with("reports/") { "reports/*" } else { &input.path };
        walk(&tree(input), root, &mut Vec::new(), &mut keys);
        for (at, path) in keys {
            found.extend(MUTATIONS.map(|mutation| Mutant { file, at: at.clone(), path: path.clone(), mutation }));
        }
    }
    found
}

fn walk(node: &Node, path: &str, at: &mut Vec<usize>, found: &mut Vec<(Vec<usize>, String)>) {
    let last = path.rsplit('/').next().unwrap_or_default();
    let children: Vec<(String, bool, &Node)> = match &node.kind {
        Kind::Mapping(entries) => {
            // Other files have words of the language there, and examples have payloads.
            let named = match last {
                "request" | "response" => path.starts_with("endpoints.yaml/"),
                _ => NAMES.contains(&last),
            };
            entries.iter().map(|(key, value)| (if named { "*".to_owned() } else { key.text.to_string() }, true, value)).collect()
        }
        Kind::Sequence(items) => items.iter().map(|item| ("*".to_owned(), false, item)).collect(),
        Kind::Scalar { .. } => Vec::new(),
    };
    for (index, (key, is_key, child)) in children.into_iter().enumerate() {
        let path = format!("{path}/{key}");
        at.push(index);
        if is_key {
            found.push((at.clone(), path.clone()));
        }
        walk(child, &path, at, found);
        at.pop();
    }
}

/// The file as JSON, with one key changed.
fn write(node: &Node, at: Option<&[usize]>, mutation: Mutation, out: &mut String) {
    match &node.kind {
        Kind::Scalar { .. } => out.push_str(&node.to_json().to_string()),
        Kind::Sequence(items) => {
            let items = items.iter().enumerate().map(|(index, item)| {
                let mut text = String::new();
                write(item, inside(at, index), mutation, &mut text);
                text
            });
            out.push_str(&format!("[{}]", items.collect::<Vec<_>>().join(", ")));
        }
        Kind::Mapping(entries) => {
            let mut parts = Vec::new();
            for (index, (key, value)) in entries.iter().enumerate() {
                let here = at == Some(&[index]);
                let mut text = String::new();
                write(value, inside(at, index).filter(|rest| !rest.is_empty()), mutation, &mut text);
                let entry = |key: &str, value: &str| format!("{}: {value}", serde_json::Value::from(key));
                match mutation {
                    _ if !here => parts.push(entry(&key.text, &text)),
                    Mutation::Removed => {}
                    Mutation::Retyped => parts.push(entry(&key.text, retyped(value))),
                    Mutation::Renamed => parts.push(entry("unheard_of", &text)),
                    Mutation::Misspelled => parts.push(entry(&misspelled(&key.text), &text)),
                    Mutation::Duplicated => parts.extend([entry(&key.text, &text), entry(&key.text, &text)]),
                }
            }
            out.push_str(&format!("{{{}}}", parts.join(", ")));
        }
    }
}

fn inside(at: Option<&[usize]>, index: usize) -> Option<&[usize]> {
    let (first, rest) = at?.split_first()?;
    (*first == index).then_some(rest)
}

fn retyped(node: &Node) -> &'static str {
    match &node.kind {
        Kind::Mapping(_) | Kind::Sequence(_) => "\"text\"",
        Kind::Scalar { .. } => "[[]]",
    }
}

/// The first two different neighbours change places, or a letter is doubled.
fn misspelled(key: &str) -> String {
    let mut letters: Vec<char> = key.chars().collect();
    match letters.windows(2).position(|pair| pair[0] != pair[1]) {
        Some(at) => letters.swap(at, at + 1),
        None => letters.extend(letters.last().copied()),
    }
    letters.into_iter().collect()
}

/// Tries mutants of the spec.
struct Trial {
    files: Vec<InputFile>,
    trees: Vec<Node>,
}

impl Trial {
    fn new() -> Self {
        let files = spec();
        Self { trees: files.iter().map(tree).collect(), files }
    }

    fn is_silent(&self, mutant: &Mutant) -> bool {
        let mut text = String::new();
        write(&self.trees[mutant.file], Some(&mutant.at), mutant.mutation, &mut text);
        let file = InputFile { bytes: text.into_bytes(), ..self.files[mutant.file].clone() };
        // Most mutants are found when their file is read, which is quicker than a check of the whole spec.
        let alone = read(vec![file.clone()]).findings;
        if alone.iter().any(|finding| finding.code != codes::MISSING_FILE) {
            return false;
        }
        let mut files = self.files.clone();
        files[mutant.file] = file;
        check_spec(files).findings.is_empty()
    }
}

/// An entry of the list.
struct Silent {
    /// One for each way to choose from its braces.
    patterns: Vec<Vec<String>>,
    mutation: String,
    line: String,
}

impl Silent {
    fn fits(&self, mutant: &Mutant) -> bool {
        self.patterns.iter().any(|pattern| self.fits_one(pattern, mutant))
    }

    fn fits_one(&self, pattern: &[String], mutant: &Mutant) -> bool {
        let mutation = match mutant.mutation {
            // A misspelling is a new name.
            Mutation::Misspelled => Mutation::Renamed,
            other => other,
        };
        let path: Vec<&str> = mutant.path.split('/').collect();
        format!("{mutation:?}").to_lowercase() == self.mutation && fits(pattern, &path)
    }
}

fn fits(pattern: &[String], path: &[&str]) -> bool {
    match (pattern.split_first(), path.split_first()) {
        (None, None) => true,
        (Some((first, rest)), _) if first == "**" => fits(rest, path) || (!path.is_empty() && fits(pattern, &path[1..])),
        (Some((first, rest)), Some((name, names))) => (first == "*" || first == name) && fits(rest, names),
        _ => false,
    }
}

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mutations")
}

fn list() -> Vec<Silent> {
    let text = fs::read_to_string(folder().join("silent.txt")).expect("the list");
    let entry = |line: &str| {
        let (start, why) = line.split_once(": ").expect("a reason");
        let (pattern, mutation) = start.split_once(' ').expect("a mutation");
        assert!(why.len() > 10, "{line}");
        let patterns = choices(pattern).iter().map(|path| path.split('/').map(str::to_owned).collect()).collect();
        Silent { patterns, mutation: mutation.to_owned(), line: start.to_owned() }
    };
    text.lines().filter(|line| !line.starts_with('#')).map(entry).collect()
}

/// `a/{b,c}` as `a/b` and `a/c`.
fn choices(pattern: &str) -> Vec<String> {
    let braces = pattern.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?)));
    let Some((before, (words, after))) = braces else { return vec![pattern.to_owned()] };
    words.split(',').flat_map(|word| choices(&format!("{before}{word}{after}"))).collect()
}

/// The silent ones among some mutants that the list does not have.
fn missed<'m>(trial: &Trial, list: &[Silent], mutants: impl ParallelIterator<Item = &'m Mutant>) -> BTreeSet<String> {
    let unlisted = mutants.filter(|mutant| !list.iter().any(|entry| entry.fits(mutant)));
    unlisted.filter(|mutant| trial.is_silent(mutant)).map(|mutant| format!("{} {:?}", mutant.path, mutant.mutation)).collect()
}

#[test]
fn the_spec_as_json_has_no_finding() {
    let mut files = spec();
    for file in &mut files {
        let mut text = String::new();
        write(&tree(file), None, Mutation::Removed, &mut text);
        file.bytes = text.into_bytes();
    }
    assert_eq!(check_spec(files).findings, []);
}

#[test]
fn the_list_is_short_and_each_entry_has_a_silent_mutant() {
    let (trial, list) = (Trial::new(), list());
    assert!(list.len() <= MOST_SILENT, "{} entries", list.len());
    let all = mutants(&trial.files);
    for entry in &list {
        for pattern in &entry.patterns {
            let silent =
                all.par_iter().filter(|mutant| entry.fits_one(pattern, mutant)).find_any(|mutant| trial.is_silent(mutant));
            assert!(silent.is_some(), "stale: a rule finds every mutant of `{}` at `{}`", entry.line, pattern.join("/"));
        }
    }
}

#[test]
fn a_sample_of_mutants_is_found_or_listed() {
    let trial = Trial::new();
    let all = mutants(&trial.files);
    assert!(all.len() > 5_000, "{} mutants", all.len());
    let missed = missed(&trial, &list(), all.par_iter().step_by(SAMPLE));
    assert!(missed.is_empty(), "neither found nor listed: {missed:#?}");
}

#[test]
#[ignore = "tries all mutants; run by mutations/run.sh"]
fn every_mutant_is_found_or_listed() {
    let (trial, list) = (Trial::new(), list());
    let all = mutants(&trial.files);
    let missed = missed(&trial, &list, all.par_iter());
    assert!(missed.is_empty(), "neither found nor listed: {missed:#?}");
    let mut table =
        "# Mutants of spec/\n\nMade by `run.sh`.\n\n| Mutation | Mutants | Found | Listed in silent.txt |\n|---|--:|--:|--:|\n"
            .to_owned();
    let silent: Vec<&Mutant> = all.par_iter().filter(|mutant| trial.is_silent(mutant)).collect();
    for mutation in MUTATIONS {
        let of = |mutants: &mut dyn Iterator<Item = &Mutant>| mutants.filter(|mutant| mutant.mutation == mutation).count();
        let (tried, silent) = (of(&mut all.iter()), of(&mut silent.iter().copied()));
        table.push_str(&format!("| {mutation:?} | {tried} | {} | {silent} |\n", tried - silent));
    }
    table.push_str("\n| Entry of silent.txt | Silent mutants | Keys |\n|---|--:|---|\n");
    for entry in &list {
        let these = silent.iter().filter(|mutant| entry.fits(mutant));
        let mut keys: BTreeMap<&str, usize> = BTreeMap::new();
        these.for_each(|mutant| *keys.entry(&mutant.path).or_default() += 1);
        let shown: Vec<String> = keys.iter().map(|(key, count)| format!("`{key}` {count}")).collect();
        table.push_str(&format!("| `{}` | {} | {} |\n", entry.line, keys.values().sum::<usize>(), shown.join(", ")));
    }
    fs::write(folder().join("results.md"), table).expect("writable");
}
