//! Decisions on differences, in `lockstep/drift.yaml`: which count, which are faults, and what the program says.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use placewise_codegen::finding::{Finding, Severity, Sources, codes, render};
use placewise_codegen::published::{Captures, ComparedFact, Date, Decisions, decide, digests};
use placewise_codegen::source::{Decision, Verdict};

const TODAY: &str = "2026-06-15";

fn today() -> Date {
    Date::parse(TODAY).unwrap()
}

fn read(text: &str) -> (Decisions, Vec<Finding>, Sources) {
    let mut sources = Sources::default();
    let file = sources.add("lockstep/drift.yaml", text);
    let (decisions, findings) = Decisions::read(file, text, today());
    (decisions, findings, sources)
}

fn codes(findings: &[Finding]) -> Vec<&'static str> {
    findings.iter().map(|finding| finding.code.name()).collect()
}

fn differences() -> Vec<Finding> {
    vec![
        Finding::new(codes::DRIFT_COST, "the cost is 3 on the page, 2 in the spec").fact("reports/boats/cost"),
        Finding::new(codes::DRIFT_TYPE, "`id` has type String on the page, Integer in the spec")
            .fact("reports/boats/fields/id/type"),
    ]
}

#[test]
fn a_decision_answers_its_finding_alone() {
    for (verdict, until) in
        [("accepted", ""), ("disputed", ""), ("waived", ", until: 2026-06-15"), ("waived", ", until: \"2026-07-01\"")]
    {
        let text = format!("decisions:\n  drift-cost:reports/boats/cost: {{ as: {verdict}{until}, reason: We know. }}\n");
        let (decisions, findings, _) = read(&text);
        assert_eq!(codes(&findings), [""; 0], "{text}");
        let mut found = differences();
        // Neither wording nor place counts.
        found[0].message = "another wording".into();
        let decided = decisions.apply(&mut found, &|_| true);
        assert_eq!((decided.count, decided.stale.len()), (1, 0));
        assert_eq!(found.iter().map(|finding| finding.severity).collect::<Vec<_>>(), [Severity::Warning, Severity::Error]);
        assert_eq!(found[0].related[0].1, format!("{verdict}: We know."));
    }
}

#[test]
fn another_kind_at_the_same_fact_is_not_decided() {
    let (decisions, ..) = read("decisions:\n  drift-type:reports/boats/cost: { as: accepted, reason: We know. }\n");
    let mut found = differences();
    let decided = decisions.apply(&mut found, &|_| false);
    assert_eq!((decided.count, decided.stale.len()), (0, 0));
    assert!(found.iter().all(|finding| finding.severity == Severity::Error));
}

#[test]
fn a_decision_is_stale_only_if_its_page_was_compared() {
    let (decisions, _, sources) = read("decisions:\n  drift-cost:reports/ferries/cost: { as: accepted, reason: We know. }\n");
    assert_eq!(decisions.apply(&mut differences(), &|fact| fact.starts_with("reports/boats/")).stale, []);
    let stale = decisions.apply(&mut differences(), &|_| true).stale;
    assert_eq!(codes(&stale), ["decision-stale"]);
    assert_eq!(sources.line_column(stale[0].place.as_ref().unwrap()), (2, 3));
}

#[test]
fn faulty_decisions_are_explained_and_decide_nothing() {
    let text = "decisions:
  drift-cost:reports/boats/cost: { as: waived, until: 2026-06-14, reason: It takes time. }
  drift-type:reports/boats/fields/id/type: { as: accepted, reason: \" \" }
  drift-order:a: { as: waived, reason: Some. }
  drift-order:b: { as: waived, until: 2026-02-30, reason: Some. }
  drift-order:c: { as: disputed, until: 2027-01-01, reason: Some. }
  drift-order:d: { as: ignored, reason: Some. }
  drift-order:e: { as: accepted }
  drift-order:f: { as: accepted, reason: Some., untill: 2027-01-01 }
  sendings: { as: accepted, reason: Some. }
  drift-nosuch:reports/boats/cost: { as: accepted, reason: Some. }
  page-unreached:reports/boats: { as: accepted, reason: Some. }
  drift-order:a: { as: accepted, reason: Twice. }
";
    let (decisions, findings, sources) = read(text);
    assert!(findings.iter().all(|finding| finding.place.is_some() && finding.severity == Severity::Error), "{findings:?}");
    insta::with_settings!({ omit_expression => true }, {
        insta::assert_snapshot!("faults", render(&findings, &sources, false));
    });
    let mut found = differences();
    let decided = decisions.apply(&mut found, &|_| true);
    assert_eq!((decided.count, codes(&decided.stale)), (0, vec![]));
    assert!(found.iter().all(|finding| finding.severity == Severity::Error));
}

#[test]
fn any_text_is_read_without_panic() {
    for text in [
        "",
        "decisions:",
        "decisions: []",
        "decisions: {}",
        "a",
        "[",
        "decisions: {a: 1}",
        "decisions:\n  a: &a {as: *a}",
        "\u{feff}decisions: {}",
    ] {
        let (decisions, ..) = read(text);
        decisions.apply(&mut differences(), &|_| true);
    }
}

#[test]
fn decisions_are_added_without_touching_the_rest() {
    let mut sources = Sources::default();
    let file = sources.add("drift.yaml", "");
    let decision = |reason: &str| Decision { verdict: Verdict::Waived, reason: reason.into(), until: Some("2026-12-31".into()) };
    let one = decide(file, "", "drift-cost:reports/boats/cost", &decision("Ask: \"them\" # soon")).unwrap();
    let two =
        decide(file, &one.replace("  drift", "  # ours\n  drift"), "drift-type:reports/boats/fields/id/type", &decision("B."))
            .unwrap();
    let three = decide(file, &two, "drift-cost:reports/boats/cost", &decision("Again.")).unwrap();
    insta::with_settings!({ omit_expression => true }, {
        insta::assert_snapshot!("added", format!("{one}---\n{two}---\n{three}"));
    });
    for text in [&one, &two, &three] {
        assert_eq!(codes(&read(text).1), [""; 0], "{text}");
    }
    assert!(decide(file, "decisions: [", "drift-cost:x", &decision("A.")).is_err());
    assert!(decide(file, "decisions: []", "drift-cost:x", &decision("A.")).is_err());
}

#[test]
fn the_lock_of_captures_reads_what_it_writes() {
    let place = placewise_codegen::finding::Place { file: placewise_codegen::finding::FileId(0), span: 0..0 };
    let fact = |fact: &str, stated: &str| ComparedFact { fact: fact.into(), stated: stated.into(), place: place.clone() };
    let facts = [fact("reports/b/cost", "3"), fact("reports/b/odd\nname here", "x"), fact("reports/b/cost", "3")];
    let mut captures = Captures::default();
    captures.saw("https://b.invalid/1", today(), digests(&facts));
    captures.saw("https://a.invalid/1", today(), digests(&facts[..1]));
    let text = captures.to_string();
    insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!("captures", text) });
    let mut sources = Sources::default();
    let (again, findings) = Captures::read(sources.add("captures.lock", text.as_str()), &text);
    assert_eq!((again, findings), (captures.clone(), vec![]));
    let broken = text.replace("https://b.invalid/1 seen", "<<<<<<< ours\nhttps://b.invalid/1 sen");
    let (_, findings) = Captures::read(sources.add("captures.lock", broken.as_str()), &broken);
    assert!(findings.len() > 2 && codes(&findings).iter().all(|code| *code == "captures-line"), "{findings:?}");
    captures.keep(&|source| source.starts_with("https://a"));
    assert!(!captures.to_string().contains("b.invalid"));
}

fn codegen(arguments: &[&str]) -> Output {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    Command::new(env!("CARGO_BIN_EXE_placewise-codegen")).current_dir(root).args(arguments).output().expect("the program runs")
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn the_exit_status_speaks_of_what_is_not_decided() {
    let page: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/reference/pages/sendings.txt");
    let Ok(text) = fs::read_to_string(&page) else {
        eprintln!("skipped: no {}", page.display());
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let changed = dir.path().join("page.txt");
    fs::write(&changed, text.replace("\ntriggers\n", "\nletters\n")).unwrap();
    let (changed, folder) = (changed.to_str().unwrap(), dir.path().join("lockstep"));
    let folder = folder.to_str().unwrap();
    let fingerprint = "drift-values:reports/sendings/fields/source_type/values";
    let drift = |page: &str, today: &str| codegen(&["drift", page, "--lockstep", folder, "--today", today]);

    let before = drift(changed, TODAY);
    assert_eq!(before.status.code(), Some(1), "{}", stderr(&before));
    assert!(stderr(&before).contains(fingerprint), "{}", stderr(&before));
    let decide =
        |more: &[&str]| codegen(&[&["drift", "--lockstep", folder, "--today", TODAY, "--decide", fingerprint], more].concat());
    assert_eq!(decide(&["--as", "waived", "--reason", "They fix it."]).status.code(), Some(1));
    assert_eq!(decide(&["--as", "waived", "--until", "2026-01-01", "--reason", "Too late."]).status.code(), Some(1));
    assert_eq!(decide(&["--as", "waved", "--reason", "A."]).status.code(), Some(2));
    assert!(!Path::new(folder).exists());
    let done = decide(&["--as", "waived", "--until", "2026-06-30", "--reason", "They fix it."]);
    assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));

    let decided = drift(changed, "2026-06-30");
    assert_eq!(decided.status.code(), Some(0), "{}", stderr(&decided));
    assert!(
        stderr(&decided).contains("no drift, 1 decided") && stderr(&decided).contains("waived: They fix it."),
        "{}",
        stderr(&decided)
    );
    let expired = drift(changed, "2026-07-01");
    assert_eq!(expired.status.code(), Some(1));
    assert!(stderr(&expired).contains("decision-expired") && stderr(&expired).contains("drift.yaml:"), "{}", stderr(&expired));
    let stale = drift(page.to_str().unwrap(), TODAY);
    assert_eq!(stale.status.code(), Some(1));
    assert!(stderr(&stale).contains("decision-stale"), "{}", stderr(&stale));
    // A page that was cut says nothing about what comes later.
    let cut = dir.path().join("cut.txt");
    fs::write(&cut, &text[..text.find("\nsource_type#").unwrap()]).unwrap();
    let partial = codegen(&["drift", cut.to_str().unwrap(), "--partial", "--lockstep", folder, "--today", TODAY]);
    assert_eq!(partial.status.code(), Some(0), "{}", stderr(&partial));
    // Neither the build nor `check` reads the folder.
    fs::write(Path::new(folder).join("drift.yaml"), "[").unwrap();
    assert_eq!(codegen(&["check"]).status.code(), Some(0));
    assert_eq!(drift(page.to_str().unwrap(), TODAY).status.code(), Some(1));
}

#[test]
fn a_decision_on_text_that_was_not_understood_hides_no_other_text() {
    let page: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/reference/pages/sendings.txt");
    let Ok(text) = fs::read_to_string(&page) else {
        eprintln!("skipped: no {}", page.display());
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let (changed, folder) = (dir.path().join("page.txt"), dir.path().join("lockstep"));
    let (changed, folder) = (changed.to_str().unwrap(), folder.to_str().unwrap());
    let drift = |limit: &str| {
        fs::write(changed, text.replace("Aggregations#\n", &format!("Limits#\n\n{limit}\n\nAggregations#\n"))).unwrap();
        codegen(&["drift", changed, "--lockstep", folder, "--today", TODAY])
    };
    let decide = |fingerprint: &str| {
        let arguments =
            ["drift", "--lockstep", folder, "--today", TODAY, "--decide", fingerprint, "--as", "accepted", "--reason", "Known."];
        assert_eq!(codegen(&arguments).status.code(), Some(0));
    };
    let shown = stderr(&drift("10 at once"));
    let fingerprint = shown.split("fingerprint: ").nth(1).and_then(|rest| rest.lines().next()).unwrap();
    assert!(fingerprint.starts_with("page-unread:reports/sendings/sections/Limits/"), "{shown}");
    decide(fingerprint);
    assert_eq!(drift("10 at once").status.code(), Some(0));
    assert_eq!(drift("10  at  once").status.code(), Some(0));
    assert_eq!(drift("20 at once").status.code(), Some(1));
    // A decision that names no text answers nothing.
    decide("page-unread:reports/sendings/sections/Limits");
    let old = drift("10 at once");
    assert_eq!(old.status.code(), Some(1));
    assert!(stderr(&old).contains("decision-stale"), "{}", stderr(&old));
}

#[test]
fn an_import_writes_whole_or_not_at_all() {
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = dir.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (page, no_page) =
        (file("page.txt", include_str!("published/boats.txt")), file("no-page.txt", "Nothing of a report here.\n"));
    let out = file("report.yaml", "kept\n");
    assert_eq!(codegen(&["import", &no_page, "--out", &out]).status.code(), Some(1));
    assert_eq!(codegen(&["import", "no/such/page.txt", "--out", &out]).status.code(), Some(2));
    assert_eq!(codegen(&["import", &no_page, "--into", &out]).status.code(), Some(1));
    assert_eq!(codegen(&["import", &page, "--into", &out]).status.code(), Some(1));
    assert_eq!(codegen(&["import", &page, "--into", "no/such/file.yaml"]).status.code(), Some(2));
    // A file that exists is merged into, never written over; a misspelled folder is not made.
    let over = codegen(&["import", &page, "--out", &out]);
    assert!(over.status.code() == Some(2) && stderr(&over).contains("`--into`"), "{}", stderr(&over));
    let nowhere = dir.path().join("gruop/report.yaml");
    assert_eq!(codegen(&["import", &page, "--out", nowhere.to_str().unwrap()]).status.code(), Some(2));
    assert_eq!(fs::read_to_string(&out).unwrap(), "kept\n");
    fs::remove_file(&out).unwrap();
    codegen(&["import", &page, "--out", &out]);
    let text = fs::read_to_string(&out).unwrap();
    assert!(text.starts_with("report: boats\n") && text.ends_with('\n'), "{text}");
    fs::write(&out, text.replace("cost: 12", "cost: 11")).unwrap();
    let merged = codegen(&["import", &page, "--into", &out]);
    assert_eq!(String::from_utf8_lossy(&merged.stdout), "cost: 11 → 12\n", "{}", stderr(&merged));
    assert_eq!(fs::read_to_string(&out).unwrap(), text);
    assert_eq!(String::from_utf8_lossy(&codegen(&["import", &page, "--into", &out]).stdout), "");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 3);
}
