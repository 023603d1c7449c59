//! What a change of the spec breaks, proved by programs. Each case is an edit of the invented API; what `diff` says about it is tried with
//! both generated crates and both simulators.

mod case;
mod mutants;
mod project;
mod proof;
#[path = "../../codegen/tests/diff/cases.rs"]
mod rule_cases;
mod spec;

use std::collections::BTreeSet;
use std::path::Path;

use case::{Case, Expected};
use placewise_codegen::Checked;
use placewise_codegen::diff::{self, Cause, Change, Class, Shown};
use placewise_codegen::finding::FileId;
use placewise_codegen::published::Captures;
use placewise_codegen::source::yaml_tree;
use proof::Proof;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use spec::Edit;

/// One of this many changes of one fact is tried, of 5,686 in the invented API.
const SAMPLE: usize = 8;

/// Reads a file of cases.
fn read<T: DeserializeOwned>(path: &Path) -> T {
    let text = std::fs::read_to_string(path).expect("readable");
    let (tree, findings) = yaml_tree::parse(FileId(0), &text);
    assert!(findings.is_empty(), "{}: {findings:?}", path.display());
    let json = tree.unwrap_or_else(|| panic!("{} is empty", path.display())).to_json();
    serde_json::from_value(json).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/changes"))
}

/// The program that uses as much of the crate as it can.
fn user() -> String {
    std::fs::read_to_string(folder().join("user.rs")).expect("readable")
}

/// What `diff` says.
fn judged((old, then): (&Checked, &Captures), (new, now): (&Checked, &Captures)) -> Vec<Change> {
    let side = |checked, captures| diff::Side::new(checked, captures).expect("a valid spec");
    diff::diff(&side(old, then), &side(new, now))
}

/// Why no program shows what a rule's changes break, if none does.
fn not_shown(rule: &str) -> Option<&'static str> {
    match diff::rules().find(|of| of.code == rule)?.shown {
        Shown::Not(reason) => Some(reason),
        _ => None,
    }
}

#[test]
fn every_case_is_judged_as_it_says() {
    let mut wrong = String::new();
    for case in Case::all(folder()) {
        let (old, new) = case.sides();
        let said: Vec<Expected> = judged(old.both(), new.both()).iter().map(Expected::of).collect();
        let told: Vec<Expected> = case.changes.iter().map(|of| Expected { says: None, ..of.clone() }).collect();
        if said != told {
            let said: String = said.iter().map(Expected::to_yaml).collect();
            wrong += &format!("{}:\nchanges:\n{said}", case.name);
        }
    }
    assert!(wrong.is_empty(), "these cases are judged otherwise:\n{wrong}");
}

/// No pair is impossible, so none is waived.
#[test]
fn every_class_has_a_case_of_every_cause() {
    let cases = Case::all(folder()).into_iter();
    let pairs: BTreeSet<(String, String)> =
        cases.flat_map(|case| case.changes).map(|change| (change.class, change.cause)).collect();
    for (class, cause) in Class::ALL.iter().flat_map(|class| Cause::ALL.iter().map(move |cause| (class, cause))) {
        assert!(pairs.contains(&(class.to_string(), cause.to_string())), "no case of the class {class} has the cause {cause}");
    }
}

#[test]
fn programs_break_where_the_verdict_says_and_nowhere_else() {
    let mut proof = Proof::new("cases");
    for case in Case::all(folder()) {
        let (old, new) = case.sides();
        let changes = judged(old.both(), new.both());
        let (old, new) = (proof.side(&old.checked), proof.side(&new.checked));
        for (index, (change, told)) in changes.iter().zip(&case.changes).enumerate() {
            let name = format!("{}_{index}", case.name);
            let shows = change.witness.is_some() || not_shown(change.rule).is_some();
            assert_eq!(change.class.breaks(), shows, "{name}, {}: what breaks has a witness, or a reason why not", change.rule);
            proof.witness(&name, change, &old, &new, told.says.as_deref());
        }
        let safe = changes.iter().all(|change| !change.class.breaks());
        assert_eq!(case.program.is_some(), safe, "{}: a program stands for changes that break nothing", case.name);
        if let Some(program) = &case.program {
            proof.passes(&format!("{}_old", case.name), &old, program, &old, &new);
            proof.passes(&format!("{}_new", case.name), &new, program, &new, &old);
        }
    }
    let faults = proof.faults();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// One of many edits in a row.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    kind: String,
    edits: Vec<Edit>,
}

#[test]
fn thirty_additive_edits_in_a_row_leave_a_users_program_compiling() {
    let steps: Vec<Step> = read(&folder().join("additive_steps.yaml"));
    assert!(steps.len() >= 30, "{} edits", steps.len());
    let (mut proof, user, none) = (Proof::new("steps"), user(), Captures::default());
    let mut texts = spec::harbour();
    let mut before = spec::checked(&texts);
    let first = proof.side(&before);
    let mut last = first.clone();
    let mut faults = Vec::new();
    for (number, step) in steps.iter().enumerate() {
        spec::edit(&mut texts, &step.edits);
        let after = spec::checked(&texts);
        let changes = judged((&before, &none), (&after, &none));
        assert!(!changes.is_empty(), "{} changes nothing", step.kind);
        let breaking = changes.iter().filter(|change| change.class.breaks());
        faults.extend(breaking.map(|change| format!("{}: {} is {}: {}", step.kind, change.fact, change.class, change.message)));
        last = proof.side(&after);
        proof.compiles(&format!("user_{}", number + 1), &last, &user);
        before = after;
    }
    proof.passes("user_0", &first, &user, &first, &last);
    faults.extend(proof.faults());
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_edit_of_each_rule_and_its_opposite_break_what_the_rule_says() {
    let (mut proof, none) = (Proof::new("rules"), Captures::default());
    let texts = spec::harbour();
    let whole = spec::checked(&texts);
    let first = proof.side(&whole);
    let mut faults = Vec::new();
    for (number, (rules, edits)) in rule_cases::CASES.iter().enumerate() {
        let other = spec::checked(&spec::edit_everywhere(&texts, edits));
        let side = proof.side(&other);
        for (way, old, new, from, to) in [("there", &whole, &other, &first, &side), ("back", &other, &whole, &side, &first)] {
            for (index, change) in judged((old, &none), (new, &none)).iter().enumerate() {
                if change.class.breaks() && change.witness.is_none() && not_shown(change.rule).is_none() {
                    faults.push(format!("{rules:?}: {} has neither a witness nor a reason for none", change.rule));
                }
                proof.witness(&format!("rule{number}_{way}_{index}"), change, from, to, None);
            }
        }
    }
    faults.extend(proof.faults());
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
#[ignore = "tries hundreds of changes, which takes minutes"]
fn every_change_of_one_fact_is_judged_as_programs_show() {
    let (mut proof, user, none) = (Proof::new("mutants"), user(), Captures::default());
    let old = spec::checked(&mutants::plain(&spec::harbour()));
    let first = proof.side(&old);
    proof.passes("user", &first, &user, &first, &first);
    let (mut faults, mut tried) = (Vec::new(), Vec::new());
    for mutant in mutants::mutants(&spec::harbour()).into_iter().step_by(SAMPLE) {
        let Some(new) = spec::valid(&mutant.texts, &mutant.file) else { continue };
        let changes = judged((&old, &none), (&new, &none));
        let last = proof.side(&new);
        let name = format!("mutant{}", tried.len());
        if changes.is_empty() && last.model != first.model {
            faults.push(format!("{name}: no change is told"));
        }
        let has_rust = changes.iter().any(|change| change.class == Class::Rust);
        if !has_rust && !first.has_equal_crate(&last) {
            proof.compiles(&format!("{name}_user"), &last, &user);
        }
        if changes.iter().all(|change| !change.class.breaks()) && last.model != first.model {
            proof.passes_again("user", &name, &first, &last);
        }
        // Requests are tried with the edit of each rule: the simulator does not show every null and every type.
        for (index, change) in changes.iter().enumerate().filter(|(_, change)| change.class == Class::Rust) {
            if change.witness.is_none() && not_shown(change.rule).is_none() {
                faults.push(format!("{name}: {} has neither a witness nor a reason for none", change.rule));
            }
            proof.witness(&format!("{name}_{index}"), change, &first, &last, None);
        }
        tried.push(mutant.name);
    }
    faults.extend(proof.faults());
    let named = |fault: &String| {
        let number =
            fault.strip_prefix("mutant").and_then(|rest| rest.split(|c: char| !c.is_ascii_digit()).next()?.parse::<usize>().ok());
        format!("{}: {fault}", number.map_or("", |number| &tried[number]))
    };
    let told: Vec<String> = faults.iter().map(named).collect();
    assert!(told.is_empty(), "{} of {}:\n{}", told.len(), tried.len(), told.join("\n"));
}
