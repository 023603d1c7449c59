//! Completions that know the model: the shell asks the program itself, so they follow `--model` and profiles.
//!
//! The registration script of each shell comes from `clap_complete`, and calls the program with `PLACEWISE_COMPLETE` set.

use std::ffi::OsStr;
use std::io::Write;
use std::path::PathBuf;
use std::sync::OnceLock;

use clap_complete::CompleteEnv;
use clap_complete::engine::{ArgValueCandidates, ArgValueCompleter, CompletionCandidate};
use clap_complete::env::Shells;
use placewise_model::exit::{Failure, Outcome};
use placewise_model::{EnumValue, Field, Model, Report, Type};
use serde_json::json;

use crate::api;
use crate::config;
use crate::terminal::{self, Output, printable};

/// The variable that makes the program complete a command line.
const VARIABLE: &str = "PLACEWISE_COMPLETE";

/// The shell that asks.
static SHELL: OnceLock<String> = OnceLock::new();

/// As a file of `fpath`, the script of zsh is the body of a function that the first Tab calls. It has to complete as well as register.
const ZSH_FIRST: &str = "\nif [[ \"${funcstack[1]}\" == _placewise ]]; then\n    _clap_dynamic_completer_placewise \"$@\"\nfi\n";

/// The shells that have a script.
#[derive(Clone, Copy, clap::ValueEnum)]
pub(crate) enum Shell {
    Bash,
    Elvish,
    Fish,
    Powershell,
    Zsh,
}

/// Completes a command line and ends the program if a shell asks for that. It must run before there is any other thread.
pub(crate) fn complete(command: fn() -> clap::Command) {
    // Before the engine asks for candidates, it removes the variable.
    let _ = SHELL.set(std::env::var(VARIABLE).unwrap_or_default());
    CompleteEnv::with_factory(command).var(VARIABLE).complete();
}

/// Prints the registration script of a shell.
pub(crate) fn print(shell: Shell, output: Output) -> Outcome {
    let name = match shell {
        Shell::Bash => "bash",
        Shell::Elvish => "elvish",
        Shell::Fish => "fish",
        Shell::Powershell => "powershell",
        Shell::Zsh => "zsh",
    };
    let shells = Shells::builtins();
    let completer = shells.completer(name).ok_or_else(|| Failure::CannotRun(format!("no completions for {name}")))?;
    let mut script = Vec::new();
    completer.write_registration(VARIABLE, "placewise", "placewise", "placewise", &mut script)?;
    if matches!(shell, Shell::Zsh) {
        script.extend_from_slice(ZSH_FIRST.as_bytes());
    }
    match output {
        Output::Text => Ok(std::io::stdout().write_all(&script).map_err(terminal::unwritten)?),
        Output::Json => Ok(terminal::json(&json!({ "shell": name, "script": String::from_utf8_lossy(&script) }))?),
    }
}

/// The reports.
pub(crate) fn reports() -> ArgValueCandidates {
    ArgValueCandidates::new(|| {
        let reports = |model: &Model| {
            model.reports.iter().filter_map(|report| candidate(&report.name, report.description.as_deref())).collect()
        };
        model().as_ref().map(reports).unwrap_or_default()
    })
}

/// The aggregations of the report on the command line.
pub(crate) fn aggregations() -> ArgValueCandidates {
    of_report(|_, report| report.aggregations.iter().filter_map(|one| candidate(&one.name, one.description.as_deref())).collect())
}

/// The intervals of the report on the command line.
pub(crate) fn intervals() -> ArgValueCandidates {
    of_report(|model, report| {
        let kept = |interval: &placewise_model::Interval| format!("kept for {}", String::from(interval.retention));
        let intervals = model.intervals(report).map(|interval| candidate(&interval.name, Some(&kept(interval))));
        intervals.chain([candidate(&model.timeseries.auto.name, Some("the server chooses"))]).flatten().collect()
    })
}

/// The columns of the report on the command line.
pub(crate) fn columns() -> ArgValueCandidates {
    of_report(|_, report| {
        let labels = report.labels.as_deref().unwrap_or_default();
        let fields = report.fields.iter().chain(labels);
        let returned = report.aggregations.iter().flat_map(|one| one.returns.iter().map(|returned| &returned.field));
        let mut columns: Vec<_> =
            fields.chain(returned).filter_map(|field| candidate(&field.name, field.description.as_deref())).collect();
        let mut seen = std::collections::BTreeSet::new();
        columns.retain(|column| seen.insert(column.get_value().to_owned()));
        columns
    })
}

/// The assumptions, each with its `=`.
pub(crate) fn assumptions() -> ArgValueCandidates {
    ArgValueCandidates::new(|| {
        let all = |model: &Model| {
            model.assumptions.iter().filter_map(|one| candidate(&format!("{}=", one.id), Some(&one.reason))).collect()
        };
        model().as_ref().map(all).unwrap_or_default()
    })
}

/// The assumptions by id.
pub(crate) fn assumption_ids() -> ArgValueCandidates {
    ArgValueCandidates::new(|| {
        let all = |model: &Model| model.assumptions.iter().filter_map(|one| candidate(&one.id, Some(&one.reason))).collect();
        model().as_ref().map(all).unwrap_or_default()
    })
}

/// The profiles of the config file.
pub(crate) fn profiles() -> ArgValueCandidates {
    ArgValueCandidates::new(|| {
        let file = option(&words(), "config").map(PathBuf::from);
        config::names(file.as_deref()).iter().filter_map(|name| candidate(name, None)).collect()
    })
}

/// The next word of a condition: a field, an operator, a value of an enumeration, or `and` and `or`.
pub(crate) fn conditions() -> ArgValueCompleter {
    ArgValueCompleter::new(|written: &OsStr| {
        let (Some(written), Some(model)) = (written.to_str(), model()) else { return Vec::new() };
        // bash removes the quotes of the last word, and takes a completion of it with or without them.
        let written = if is_one_of(&["fish", "zsh"]) { &unquoted(written) } else { written };
        report(&model).map(|report| condition(report, written)).unwrap_or_default()
    })
}

/// A word as it is typed, perhaps with a quote that is still open, without what is there for the shell.
fn unquoted(typed: &str) -> String {
    let (mut plain, mut quote) = (String::new(), None);
    let mut rest = typed.chars();
    while let Some(c) = rest.next() {
        match (quote, c) {
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), _) if open == c => quote = None,
            (None | Some('"'), '\\') => plain.extend(rest.next()),
            _ => plain.push(c),
        }
    }
    plain
}

fn of_report(candidates: fn(&Model, &Report) -> Vec<CompletionCandidate>) -> ArgValueCandidates {
    ArgValueCandidates::new(move || {
        let Some(model) = model() else { return Vec::new() };
        report(&model).map(|report| candidates(&model, report)).unwrap_or_default()
    })
}

/// A candidate; none if a shell could read its text in another way.
fn candidate(text: &str, help: Option<&str>) -> Option<CompletionCandidate> {
    let plain = |c: char| c.is_alphanumeric() || "_-.=:/ ()<>!,".contains(c);
    let line = help.and_then(|help| help.lines().next()).map(|line| printable(line).into());
    text.chars().all(plain).then(|| CompletionCandidate::new(text).help(line))
}

fn is_one_of(shells: &[&str]) -> bool {
    SHELL.get().is_some_and(|shell| shells.contains(&shell.as_str()))
}

/// The command line as far as it is written, after the words of the protocol.
fn words() -> Vec<String> {
    let words = std::env::args_os().skip_while(|word| word != "--").skip(2);
    let words = words.map(|word| word.to_string_lossy().into_owned());
    if is_one_of(&["bash", "zsh"]) { words.map(|word| unquoted(&word)).collect() } else { words.collect() }
}

/// The value of an option.
fn option(words: &[String], name: &str) -> Option<String> {
    let flag = format!("--{name}");
    words.iter().enumerate().find_map(|(at, word)| match word.strip_prefix(&flag)? {
        "" => words.get(at + 1).cloned(),
        rest => rest.strip_prefix('=').map(str::to_owned),
    })
}

fn model() -> Option<Model> {
    let words = words();
    let path = |name| option(&words, name).map(PathBuf::from);
    let file = api::model_file(path("model").as_deref(), path("config").as_deref(), option(&words, "profile").as_deref()).ok()?;
    api::read_model(file.as_deref()).ok()
}

/// The report that the command line names after its command.
fn report(model: &Model) -> Option<&Report> {
    words().iter().skip(1).find_map(|word| model.report(word))
}

fn condition(report: &Report, written: &str) -> Vec<CompletionCandidate> {
    let start = written.rfind(|c: char| c.is_whitespace() || "(),=<>!".contains(c));
    let start = start.map_or(0, |at| at + written[at..].chars().next().map_or(1, char::len_utf8));
    let (before, word) = written.split_at(start);
    let head = before.trim_end();
    let last = head.rsplit(|c: char| c.is_whitespace() || "(),".contains(c)).next().unwrap_or_default();
    let in_list = head.rfind('(').is_some_and(|open| {
        let list = head[..open].trim_end();
        !head[open..].contains(')') && (list.ends_with(" in") || list.ends_with(")in"))
    });
    let starts = head.is_empty() || ["and", "or", "not"].contains(&last) || head.ends_with('(');
    let next: Vec<(String, Option<&str>)> = if in_list || head.ends_with(['=', '<', '>']) {
        values(report, head).iter().map(|value| (value.value.clone(), value.description.as_deref())).collect()
    } else if starts {
        fields(report).map(|field| (field.name.clone(), field.description.as_deref())).collect()
    } else if fields(report).any(|field| field.name == last) {
        ["=", "!=", "<", "<=", ">", ">=", "in (", "not in (", "is null", "is not null"].map(|how| (how.to_owned(), None)).into()
    } else {
        ["and", "or"].map(|word| (word.to_owned(), None)).into()
    };
    let matching = next.into_iter().filter(|(text, _)| text.starts_with(word));
    matching.filter_map(|(text, help)| candidate(&format!("{before}{text}"), help)).collect()
}

fn fields(report: &Report) -> impl Iterator<Item = &Field> {
    report.fields.iter().filter(|field| field.filterable.may_filter())
}

/// The values of the last field that is written.
fn values<'r>(report: &'r Report, head: &str) -> &'r [EnumValue] {
    let mut words = head.rsplit(|c: char| c.is_whitespace() || "(),=<>!".contains(c));
    match words.find_map(|word| report.field(word)).map(|field| field.ty.innermost()) {
        Some(Type::Enum(ty)) => &ty.values,
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::unquoted;

    #[test]
    fn quotes_and_escapes_are_removed_also_if_a_quote_is_open() {
        for (typed, plain) in [
            ("kind", "kind"),
            ("'kind = d", "kind = d"),
            ("\"kind = d", "kind = d"),
            ("'my file'", "my file"),
            ("kind\\ =\\ d", "kind = d"),
            ("'a\\b'", "a\\b"),
            ("\"a\\\"b", "a\"b"),
            ("a\\", "a"),
        ] {
            assert_eq!(unquoted(typed), plain, "{typed}");
        }
    }
}
