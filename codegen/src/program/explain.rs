//! `explain`: prints the page of a code or of a rule for changes, or the list of all.

use std::io::{self, Write};

use placewise_model::exit::{Failure, Outcome};
use placewise_model::nearest;
use serde_json::{Value, json};

use super::terminal::Format;
use crate::diff::{Rule, find_rule, rule_index, rule_page, rules};
use crate::finding::{Code, Severity, codes};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The code, such as unknown-key or cost-raised [default: list all codes]
    code: Option<String>,
}

pub(super) fn run(arguments: &Arguments, format: Format) -> Outcome {
    let chosen = arguments.code.as_deref().map(find).transpose()?;
    let text = match (format, &chosen) {
        (Format::Json, _) => {
            let all = || codes::ALL.iter().map(|code| json_of_code(*code)).chain(rules().map(json_of_rule)).collect();
            let list: Vec<Value> = chosen.as_ref().map_or_else(all, |chosen| {
                vec![match chosen {
                    Chosen::Code(code) => json_of_code(*code),
                    Chosen::Rule(rule) => json_of_rule(rule),
                }]
            });
            serde_json::to_string_pretty(&list).unwrap_or_default() + "\n"
        }
        (_, None) => codes::index() + &rule_index(),
        (_, Some(Chosen::Code(code))) => code.page().to_owned(),
        (_, Some(Chosen::Rule(rule))) => rule_page(rule),
    };
    Ok(write!(io::stdout(), "{text}")?)
}

/// What is explained.
enum Chosen {
    Code(Code),
    Rule(&'static Rule),
}

fn json_of_code(code: Code) -> Value {
    let severity = if code.severity() == Severity::Error { "error" } else { "warning" };
    json!({ "code": code.name(), "severity": severity, "summary": code.summary(), "page": code.page() })
}

fn json_of_rule(rule: &Rule) -> Value {
    json!({ "code": rule.code, "class": rule.class.word(), "summary": rule.about, "page": rule_page(rule) })
}

fn find(name: &str) -> Result<Chosen, Failure> {
    let found = codes::find(name).map(Chosen::Code).or_else(|| find_rule(name).map(Chosen::Rule));
    found.ok_or_else(|| {
        let all = codes::ALL.iter().map(|code| code.name()).chain(rules().map(|rule| rule.code));
        let help =
            nearest(name, all).map_or("`cargo codegen explain` lists all codes".into(), |near| format!("did you mean `{near}`?"));
        Failure::CannotRun(format!("no code is called `{}`; {help}", name.escape_debug()))
    })
}
