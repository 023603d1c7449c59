//! What edits of the invented API break. `diff/cases.rs` has an edit for each rule.

#[path = "diff/cases.rs"]
mod cases;
#[path = "diff/edits.rs"]
mod edits;

use std::collections::BTreeSet;
use std::path::Path;

use cases::CASES;
use edits::{Edit, diff, diff_of, edited, every_edit, harbour, model_json};
use placewise_codegen::check::Checked;
use placewise_codegen::diff::{
    Cause, Change, Class, Mirror, Shown, Step, Surface, WitnessKind, add_to_changelog, changelog, find_rule, rule_page, rules,
    step, to_github, to_human, to_json, to_markdown,
};
use placewise_codegen::finding::Severity;
use placewise_codegen::source::read;
use placewise_codegen::{check_spec, emit};
use proc_macro2::TokenTree;
use proptest::prelude::*;
use rayon::prelude::*;
use syn::{Item, Visibility};

#[test]
fn each_rule_claims_its_edit_and_its_mirror_the_opposite() {
    let whole = edited(&[]);
    let mut seen: BTreeSet<&str> = ["signature", "unclassified"].into();
    for (codes, edits) in CASES {
        let other = edited(edits);
        let (there, back) = (diff(&whole, &other), diff(&other, &whole));
        let has = |changes: &[Change], code: &str| changes.iter().any(|change| change.rule == code);
        for code in *codes {
            let rule = find_rule(code).unwrap_or_else(|| panic!("no rule {code}"));
            assert!(has(&there, code), "{code} does not claim {edits:?}: {there:#?}");
            let Mirror::Rule(mirror) = rule.mirror else { panic!("{code} has no mirror to try") };
            assert!(has(&back, mirror), "{mirror} does not claim the opposite of {edits:?}: {back:#?}");
            seen.extend([*code, mirror]);
        }
        for change in there.iter().chain(&back) {
            let rule = find_rule(change.rule).expect("a rule");
            assert_eq!((change.class, change.step), (rule.class, rule.class.step()));
            assert!(change.old.is_some() || change.new.is_some());
            // What breaks by name or by one request is shown; nothing else has a program.
            match rule.shown {
                Shown::ByName => assert_eq!(change.witness.as_ref().map(|witness| witness.kind), Some(WitnessKind::Compile)),
                Shown::ByRequest(_) => assert!(change.witness.as_ref().is_none_or(|witness| witness.kind == WitnessKind::Run)),
                Shown::Nothing | Shown::Not(_) => assert_eq!(change.witness, None),
            }
            if let Some(witness) = &change.witness {
                assert!(
                    witness.program.lines().nth(witness.line - 1).is_some_and(|line| line.contains("harbour_api")
                        || line.contains("response")
                        || line.contains("page")
                        || line.contains("chart")),
                    "{witness:?}"
                );
            }
        }
    }
    let all: BTreeSet<&str> = rules().map(|rule| rule.code).collect();
    assert_eq!(all.difference(&seen).collect::<Vec<_>>(), Vec::<&&str>::new(), "a rule without an edit in diff/cases.rs");
}

#[test]
fn each_rule_is_told_once_has_a_mirror_or_a_reason_and_says_how_it_is_shown() {
    let mut codes = BTreeSet::new();
    for rule in rules() {
        assert!(codes.insert(rule.code), "two rules are called {}", rule.code);
        assert!(placewise_codegen::finding::codes::find(rule.code).is_none(), "{} is a finding too", rule.code);
        assert!(rule.about.ends_with('.') && rule_page(rule).contains(rule.about), "{}", rule.code);
        match rule.mirror {
            Mirror::Rule(code) => assert!(find_rule(code).is_some(), "{}: no rule {code}", rule.code),
            Mirror::Waived(reason) => {
                assert!(!reason.is_empty());
                let stale = rules().find(|other| matches!(other.mirror, Mirror::Rule(code) if code == rule.code));
                assert!(stale.is_none(), "stale: {} is the mirror of {}", stale.map_or("", |rule| rule.code), rule.code);
            }
        }
        let silent = matches!(rule.shown, Shown::Nothing);
        assert_eq!(silent, !rule.class.breaks(), "{}", rule.code);
    }
}

/// Whether a spec could be valid, judged by the edited file alone, which is quicker than the whole.
fn may_be_valid(edit: &Edit) -> bool {
    let findings = read(vec![edit.file().clone()]).findings;
    findings.iter().all(|finding| finding.severity == Severity::Warning || finding.code.name() == "missing-file")
}

/// Two specs differ if and only if there are changes, every change is judged, and a program that names the crate's items breaks if and only
/// if a change says so.
fn judged(old: &Checked, new: &Checked, what: &str) {
    for (old, new) in [(old, new), (new, old)] {
        let changes = diff(old, new);
        assert_eq!(changes.is_empty(), model_json(old) == model_json(new), "{what}: {changes:#?}");
        assert!(changes.iter().all(|change| change.rule != "unclassified"), "{what}: {changes:#?}");
        let surface = |checked: &Checked| Surface::of(checked.model.as_deref().expect("a model"), "harbour_api");
        let (before, after) = (surface(old), surface(new));
        let breaks = before.lost_in(&after).next().is_some();
        // Features are no items.
        let said =
            changes.iter().any(|change| change.class == Class::Rust && !["report-group", "group-removed"].contains(&change.rule));
        assert_eq!(said, breaks, "{what}: {changes:#?}");
    }
}

/// One of this many single edits is tried here; `EVERY=1` tries all.
const SAMPLE: usize = 61;

#[test]
fn every_edit_is_judged() {
    let step = std::env::var("EVERY").map_or(SAMPLE, |text| text.parse().expect("a number"));
    let whole = check_spec(harbour());
    let tried: usize = every_edit()
        .par_iter()
        .step_by(step)
        .filter(|edit| may_be_valid(edit))
        .map(|edit| (edit, check_spec(edit.files.clone())))
        .filter(|(_, checked)| checked.model.is_some())
        .map(|(edit, checked)| judged(&whole, &checked, &edit.what))
        .count();
    assert!(tried > 20, "{tried} valid edits");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn several_edits_at_once_are_judged(chosen in proptest::sample::subsequence((0..CASES.len()).collect::<Vec<_>>(), 2..6), split in 0_usize..6) {
        // Edits of one text exclude each other.
        let mut files = BTreeSet::new();
        let apart = chosen.into_iter().filter(|index| CASES[*index].1.iter().all(|(file, ..)| files.insert(*file)));
        let apart: Vec<usize> = apart.collect();
        let (one, other) = apart.split_at(split.min(apart.len()));
        let of = |indices: &[usize]| edited(&indices.iter().flat_map(|index| CASES[*index].1.iter().copied()).collect::<Vec<_>>());
        judged(&of(one), &of(other), &format!("{one:?} and {other:?}"));
    }
}

/// The cause of the change at a fact, given what captures say on both sides.
fn cause(edits: &[(&str, &str, &str)], fact: &str, old: &str, new: &str) -> Cause {
    let changes = diff_of(&edited(&[]), &edited(edits), old, new);
    changes.iter().find(|change| change.fact == fact).unwrap_or_else(|| panic!("{fact}: {changes:#?}")).cause
}

#[test]
fn the_cause_comes_from_provenance_and_captures() {
    const PAGE: &str = "https://harbour.invalid/berths";
    let lock = |facts: &[&str]| {
        let lines = facts.iter().enumerate().map(|(index, fact)| {
            let (fact, digest) = fact.split_once('=').unwrap_or((fact, "0"));
            assert!(index < 9);
            format!("{PAGE} {digest:0>16} {fact}\n")
        });
        format!("{PAGE} seen 2026-01-01\n{}", lines.collect::<String>())
    };
    let cost = &[("reports/port/berths.yaml", "cost: 3", "cost: 5")];
    let fact = "reports/berths/cost";
    assert_eq!(cause(cost, fact, "", ""), Cause::Unknown);
    assert_eq!(cause(cost, fact, &lock(&["reports/berths/cost=1"]), &lock(&["reports/berths/cost=2"])), Cause::Changed);
    assert_eq!(cause(cost, fact, &lock(&["reports/berths/cost=1"]), &lock(&["reports/berths/cost=1"])), Cause::Corrected);
    assert_eq!(cause(cost, fact, "", &lock(&["reports/berths/cost=1"])), Cause::Unknown);
    // A page that was seen then did not state it.
    assert_eq!(cause(cost, fact, &lock(&[]), &lock(&["reports/berths/cost=1"])), Cause::Changed);
    // Lists are captured as a whole.
    let value = &[("reports/port/berths.yaml", "values: [no, dk]", "values: [no, dk, se]")];
    let values = "reports/berths/fields/flag/values";
    assert_eq!(
        cause(value, &format!("{values}/se"), &lock(&[&format!("{values}=1")]), &lock(&[&format!("{values}=2")])),
        Cause::Changed
    );
    // What was not known is learned, unless a page says something else than before.
    let settled = &[
        ("filters.yaml", "or: { name: any, cost: { assumed: any-cost } }", "or: { name: any, cost: 6 }"),
        ("assumptions.yaml", "  any-cost: { value: 5, reason: Nobody said., settled_by: Ask again., scope: client }\n", ""),
    ];
    assert_eq!(cause(settled, "filters/operators/or/cost", "", ""), Cause::Learned);
    let filterable = &[
        ("reports/port/berths.yaml", "filter_policy: strict\n", ""),
        (
            "reports/port/berths.yaml",
            "unsure:    { type: string, nullable: seen,",
            "unsure:    { type: string, nullable: seen, filterable: no,",
        ),
    ];
    assert_eq!(cause(filterable, "reports/berths/fields/unsure/filterable", "", ""), Cause::Learned);
    let field = &[("reports/port/quays.yaml", "  only_seen:", "  more: { type: integer }\n  only_seen:")];
    assert_eq!(cause(field, "reports/quays/fields/more", "", ""), Cause::Learned, "the page was known in part");
    let field = &[("reports/sea/passages.yaml", "  hailed:", "  more: { type: integer }\n  hailed:")];
    assert_eq!(cause(field, "reports/passages/fields/more", "", ""), Cause::Unknown, "the page was known completely");
}

#[test]
fn what_was_unknown_and_is_not_filterable_breaks_rust_and_was_learned() {
    let lenient = [("reports/port/berths.yaml", "filter_policy: strict\n", "")];
    let no = [
        lenient[0],
        (
            "reports/port/berths.yaml",
            "unsure:    { type: string, nullable: seen,",
            "unsure:    { type: string, nullable: seen, filterable: no,",
        ),
    ];
    let changes = diff(&edited(&lenient), &edited(&no));
    let told: Vec<_> = changes.iter().map(|change| (change.rule, change.class, change.cause)).collect();
    assert_eq!(told, [("filter-removed", Class::Rust, Cause::Learned), ("filter-refused", Class::Operation, Cause::Learned)]);
    assert_eq!(step(&changes), Some(Step::Major));
}

/// The rules that claim an edit, with what it breaks.
fn told(edits: &[(&str, &str, &str)]) -> Vec<(&'static str, Class)> {
    diff(&edited(&[]), &edited(edits)).iter().map(|change| (change.rule, change.class)).collect()
}

#[test]
fn an_edit_breaks_what_it_breaks_and_nothing_else() {
    let client = "reports/port/client.yaml";
    assert_eq!(told(&[(client, "name: created_at_text", "name: created_at_words")]), [("rust-name", Class::Rust)]);
    // The wire name changes, and the program does not notice until it runs.
    let interval = [("formats.yaml", "    1w: {", "    7d: {"), ("reports/sea/swell.yaml", "1w", "7d")];
    let rules: BTreeSet<_> = told(&interval).into_iter().collect();
    assert_eq!(rules, [("interval-refused", Class::Operation), ("interval-added", Class::Additive)].into());
    // Enums are open, and values that nobody knew are listed.
    let weather = "weather:   { type: enum, filterable: yes, nullable: never }";
    let listed = weather.replace("nullable", "values: [fog], nullable");
    let quirk = "  - { kind: no-values, at: [weather], description: None listed. }\n";
    let known = [("reports/port/berths.yaml", weather, listed.as_str()), ("reports/port/berths.yaml", quirk, "")];
    assert_eq!(told(&known), [("value-added", Class::Additive), ("quirk", Class::Documentation)]);
    // A type takes the values of the old one with it, and what repeats a field repeats its difference.
    let row = (
        "reports/port/berths.yaml",
        "row:       { type: enum, filterable: yes, values: [a] }",
        "row:       { type: string, filterable: yes }",
    );
    assert_eq!(told(&[row]), [("field-type", Class::Rust), ("printed", Class::Documentation)]);
    // What is read as any number may become a whole one, and not the other way round.
    let depth = ("reports/sea/passages.yaml", "hailed:  { type: integer", "hailed:  { type: number");
    assert_eq!(
        told(&[depth]),
        [("field-type", Class::Rust), ("field-unreadable", Class::Wire), ("printed", Class::Documentation)]
    );
    let back: Vec<_> = diff(&edited(&[depth]), &edited(&[])).iter().map(|change| change.rule).collect();
    assert_eq!(back, ["field-type", "printed"]);
}

/// Hostile text on both sides, in names, values and descriptions.
fn hostile() -> Vec<Change> {
    let old = edited(&[]);
    let new = edited(&[
        ("reports/port/berths.yaml", "cost: 3", "cost: 5"),
        ("reports/port/berths.yaml", "15-19, \"*/\"]", "15-19, \"::error::|`<b>\\u001b[31m\\u202e\", \"new\\nline\"]"),
        ("api.yaml", "token: { name: X-Token }", "token: { name: X-Key }"),
        ("endpoints.yaml", "title: Describe a field", "title: \"</details> ```\""),
        (
            "reports/port/tides.yaml",
            "coverage: name-only",
            "coverage: partial\ndescription: Now known.\nfields:\n  \"%0A::warning::, :\": { type: integer, description: A level. }",
        ),
    ]);
    diff(&old, &new)
}

#[test]
fn changes_print_for_people_machines_pages_and_pull_requests() {
    let changes = hostile();
    insta::assert_snapshot!("human", to_human(&changes));
    insta::assert_snapshot!("json", serde_json::to_string_pretty(&to_json(&changes)).expect("JSON"));
    insta::assert_snapshot!("markdown", to_markdown(&changes));
    insta::assert_snapshot!("github", to_github(&changes));
    insta::assert_snapshot!("changelog", changelog(&changes));
    for text in [to_human(&changes), to_markdown(&changes), to_github(&changes), changelog(&changes)] {
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text}");
    }
    assert_eq!(to_github(&changes).lines().count(), changes.len());
    let none: Vec<Change> = Vec::new();
    assert_eq!((to_human(&none), to_github(&none), changelog(&none)), Default::default());
    assert_eq!(to_json(&none)["step"], serde_json::Value::Null);
}

#[test]
fn a_changelog_gains_what_it_lacks_and_loses_nothing() {
    let changes = hostile();
    let text =
        "# Changelog\n\n## Unreleased\n\n### Client\n\n- By hand.\n\n### API: added\n\n- By hand too.\n\n## 0.1.0\n\n- Old.\n";
    let written = add_to_changelog(text, &changes).expect("a changelog");
    insta::assert_snapshot!("changelog_written", written);
    assert_eq!(add_to_changelog(&written, &changes), Ok(written.clone()), "a second run adds nothing");
    let mut left = written.lines();
    assert!(text.lines().all(|line| left.any(|other| other == line)), "a line is gone: {written}");
    assert!(add_to_changelog("# Changelog\n\n## 0.1.0\n", &changes).is_err_and(|error| error.contains("## Unreleased")));
}

/// The names that a file of the generated crate makes public: items, variants, members and methods.
fn public_names(file: &str, text: &str) -> Vec<String> {
    let module = file.trim_start_matches("rust/").trim_end_matches(".rs");
    let public = |visibility: &Visibility| matches!(visibility, Visibility::Public(_));
    let mut names = Vec::new();
    for item in syn::parse_file(text).expect("Rust").items {
        match item {
            Item::Struct(of) if public(&of.vis) => {
                names.push(format!("{module}::{}", of.ident));
                names.extend(
                    of.fields
                        .iter()
                        .filter_map(|field| field.ident.as_ref())
                        .map(|name| format!("{module}::{}::{name}", of.ident)),
                );
            }
            Item::Const(of) if public(&of.vis) => names.push(format!("{module}::{}", of.ident)),
            Item::Impl(of) if of.trait_.is_none() => {
                let syn::Type::Path(ty) = &*of.self_ty else { continue };
                let ty = ty.path.segments.last().expect("a name").ident.to_string();
                for inner in &of.items {
                    match inner {
                        syn::ImplItem::Fn(of) if public(&of.vis) => names.push(format!("{module}::{ty}::{}", of.sig.ident)),
                        syn::ImplItem::Const(of) if public(&of.vis) => names.push(format!("{module}::{ty}::{}", of.ident)),
                        _ => {}
                    }
                }
            }
            Item::Macro(of) if of.mac.path.is_ident("open_enum") => {
                let tokens: Vec<TokenTree> = of.mac.tokens.into_iter().collect();
                let [.., TokenTree::Ident(name), TokenTree::Group(variants)] = &tokens[..] else { panic!("an enum") };
                let variants: Vec<TokenTree> = variants.stream().into_iter().collect();
                for pair in variants.windows(2) {
                    if let [TokenTree::Ident(variant), TokenTree::Punct(_)] = pair {
                        names.push(format!("{module}::{name}::{variant}"));
                    }
                }
            }
            _ => {}
        }
    }
    names
}

#[test]
fn the_surface_lists_every_public_name_of_the_generated_crate() {
    let checked = edited(&[]);
    let model = checked.model.as_ref().expect("a model");
    let surface = Surface::of(model, "harbour_api");
    // Markers stand at the root and in their modules, and a struct is known by its members.
    let listed: BTreeSet<String> = surface.0.keys().cloned().collect();
    let is_listed = |name: &str| {
        let inner = name.split_once("::").map_or("", |(_, inner)| inner);
        listed.contains(name) || listed.contains(inner) || listed.iter().any(|key| key.starts_with(&format!("{name}::")))
    };
    let files = emit::emit(model);
    let modules =
        files.iter().filter(|(path, _)| path.starts_with("rust/") && !["rust/lib.rs", "rust/api.rs"].contains(&path.as_str()));
    let missing: Vec<String> =
        modules.flat_map(|(path, text)| public_names(path, text)).filter(|name| !is_listed(name)).collect();
    assert_eq!(missing, Vec::<String>::new());
    // A crate of the invented API compiles every line of it.
    let probes: String = surface.0.values().map(|item| format!("    {}\n", item.probe)).collect();
    let text = format!(
        "//! Every item that `diff` compares, as a program names it. `codegen/tests/diff.rs` writes it with `WRITE=1`.\n\n#[test]\n#[rustfmt::skip]\nfn every_item_is_there() {{\n{probes}}}\n"
    );
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/harbour/tests/surface.rs");
    if std::env::var_os("WRITE").is_some() {
        std::fs::write(&path, &text).expect("writable");
    }
    assert!(
        std::fs::read_to_string(&path).unwrap_or_default() == text,
        "run `WRITE=1 cargo test -p placewise-codegen --test diff`"
    );
}
