use std::process::Command;

use crate::support::{MODEL, Program, model, stderr};

/// What the program offers for the last word, as that shell asks for it.
fn offered(shell: &str, words: &[&str]) -> Vec<String> {
    let program = Program::at("");
    let mut command = Command::new(env!("CARGO_BIN_EXE_placewise"));
    command.args(["--", "placewise"]).args(words).current_dir(program.folder.path());
    command.env("PLACEWISE_COMPLETE", shell).env("_CLAP_COMPLETE_INDEX", words.len().to_string()).env("_CLAP_IFS", "\n");
    command
        .env_remove("PLACEWISE_PROFILE")
        .env_remove("PLACEWISE_CONFIG")
        .env_remove("PLACEWISE_RATE_LIMITER")
        .env("XDG_CONFIG_HOME", program.path("config"));
    let output = command.output().expect("the program runs");
    assert!(output.status.success(), "{}", stderr(&output));
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    // Shells differ in how they add a description.
    text.lines().map(|line| line.split(['\t']).next().unwrap_or_default().to_owned()).collect()
}

fn harbour(words: &[&str]) -> Vec<String> {
    offered("bash", &[&words[..1], &["--model", MODEL], &words[1..]].concat())
}

#[test]
fn every_shell_is_offered_the_reports() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let reports = offered(shell, &["query", "--model", MODEL, "bert"]);
        assert!(reports.len() == 1 && reports[0].starts_with("berths"), "{shell}: {reports:?}");
        let script = Program::at("").run(&["completions", shell]);
        // `completions` takes no model, so the support's flag is refused.
        assert_eq!(script.status.code(), Some(2));
        let output =
            Command::new(env!("CARGO_BIN_EXE_placewise")).args(["completions", shell]).output().expect("the program runs");
        let script = String::from_utf8(output.stdout).expect("UTF-8");
        assert!(output.status.success() && script.contains("PLACEWISE_COMPLETE"), "{shell}: {script}");
    }
}

#[test]
fn options_are_offered_what_the_report_has() {
    let model = model();
    let (berths, traffic) = (model.report("berths").expect("rows"), model.report("traffic").expect("a chart"));
    let aggregations: Vec<&str> = berths.aggregations.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(harbour(&["query", "berths", "--by", ""]), aggregations);
    let intervals = harbour(&["query", "traffic", "--interval", ""]);
    assert!(model.intervals(traffic).all(|interval| intervals.contains(&interval.name)), "{intervals:?}");
    let columns = harbour(&["query", "berths", "--columns", "id,"]);
    assert!(columns.iter().all(|column| column.starts_with("id,")) && columns.len() >= berths.fields.len(), "{columns:?}");
    let assumed = harbour(&["query", "berths", "--assume", "cursor"]);
    assert_eq!(assumed, ["cursor-key="]);
}

#[test]
fn a_condition_is_completed_word_by_word() {
    let model = model();
    let berths = model.report("berths").expect("rows");
    let (field, value) = berths
        .fields
        .iter()
        .find_map(|field| match &field.ty {
            placewise_model::Type::Enum(ty) if field.filterable.may_filter() => Some((&field.name, &ty.values.first()?.value)),
            _ => None,
        })
        .expect("an enumeration");
    let fields = harbour(&["query", "berths", "--where", ""]);
    assert!(fields.contains(field), "{fields:?}");
    for head in [format!("{field} = "), format!("{field}="), format!("{field} in ("), format!("not {field} in ({value}, ")] {
        let values = harbour(&["query", "berths", "--where", &head]);
        assert!(values.contains(&format!("{head}{value}")), "{head}: {values:?}");
    }
    let head = format!("{field} = {value} ");
    assert_eq!(harbour(&["query", "berths", "--where", &head]), [format!("{head}and"), format!("{head}or")]);
    let head = format!("{field} = {value} and ");
    assert!(harbour(&["query", "berths", "--where", &head]).contains(&format!("{head}{field}")));
    let operators = harbour(&["query", "berths", "--where", &format!("{field} ")]);
    assert!(operators.contains(&format!("{field} is null")), "{operators:?}");
}

#[cfg(unix)]
#[test]
fn the_script_completes_in_a_real_bash() {
    let program = Program::at("");
    let bin = std::path::Path::new(env!("CARGO_BIN_EXE_placewise")).parent().expect("a folder");
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap_or_default());
    let script = format!(
        "eval \"$(placewise completions bash)\"\nCOMP_WORDS=(placewise reports --model '{MODEL}' bert)\nCOMP_CWORD=4\nCOMP_TYPE=9\n\
         _clap_complete_placewise placewise bert '{MODEL}'\nprintf '%s\\n' \"${{COMPREPLY[@]}}\""
    );
    let mut command = Command::new("bash");
    command.args(["--norc", "-c", &script]).env("PATH", path).env("XDG_CONFIG_HOME", program.path("config"));
    let output = command
        .env_remove("PLACEWISE_PROFILE")
        .env_remove("PLACEWISE_CONFIG")
        .env_remove("PLACEWISE_RATE_LIMITER")
        .output()
        .expect("bash runs");
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "berths", "{}", stderr(&output));
}
