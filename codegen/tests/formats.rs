//! Findings for machines: JSON, SARIF and workflow commands hold the same findings, and nothing in a finding breaks out of its format.

use placewise_codegen::finding::{Finding, Fix, Place, Sources, codes, to_github, to_json, to_sarif};

/// A finding with everything, whose texts are hostile.
fn hostile() -> (Vec<Finding>, Sources) {
    let mut sources = Sources::default();
    let file = sources.add("spec/a b,c:d%.yaml", "å: 1\r\nabuot: x\nlast: |\n  two\n");
    let at = |span| Place { file, span };
    let finding = Finding::new(codes::UNKNOWN_KEY, "no\n::error::[link](javascript:x) 100% \u{1b}[31m")
        .at(at(7..12))
        .related(at(0..2), "first, here")
        .help("say `b:ut`")
        .fix(Fix::word(at(7..12), "abuot", "about"))
        .fact("reports/boats/fields/id");
    (vec![finding, Finding::new(codes::UNUSED_ASSUMPTION, "no place")], sources)
}

#[test]
fn json_has_every_part_of_a_finding() {
    let (findings, sources) = hostile();
    insta::assert_snapshot!(serde_json::to_string_pretty(&to_json(&findings, &sources)).unwrap());
}

#[test]
fn sarif_has_places_fixes_fingerprints_and_the_rules_that_results_refer_to() {
    let (findings, sources) = hostile();
    let mut sarif = to_sarif(&findings, &sources);
    let run = &sarif["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!(rules.len(), codes::ALL.len());
    for rule in rules {
        for text in ["/id", "/shortDescription/text", "/fullDescription/text", "/help/text", "/help/markdown"] {
            assert!(rule.pointer(text).and_then(|text| text.as_str()).is_some_and(|text| !text.is_empty()), "{text}: {rule}");
        }
    }
    for result in run["results"].as_array().unwrap() {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
    }
    sarif["runs"][0]["tool"]["driver"]["rules"] = "left out".into();
    insta::assert_snapshot!(serde_json::to_string_pretty(&sarif).unwrap());
}

#[test]
fn a_workflow_command_is_one_line_and_escapes_what_would_end_it() {
    let (findings, sources) = hostile();
    insta::assert_snapshot!(to_github(&findings, &sources));
}
