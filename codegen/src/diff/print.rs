//! Changes for people, for machines, for pages and for the checks of a pull request. All text of a spec is escaped for where it goes.

use serde_json::{Value, json};

use super::change::{At, Change, Class, Step, Witness, step};
use crate::emit::markdown::{code_block, markdown};
use crate::finding::{one_line, plural, workflow_data, workflow_property};

/// `{changes: [{rule, class, cause, step, fact, message, old, new, witness}], step, counts}`. A place is `{file, line, column}` or null, and
/// a witness `{program, line, kind}` or null. `step` is null without changes, and `counts` has every class.
pub fn to_json(changes: &[Change]) -> Value {
    let at = |at: &Option<At>| at.as_ref().map(|at| json!({ "file": at.file, "line": at.line, "column": at.column }));
    let one = |change: &Change| {
        let witness = change.witness.as_ref();
        json!({
            "rule": change.rule,
            "class": change.class.word(),
            "cause": change.cause.word(),
            "step": change.step.word(),
            "fact": change.fact,
            "message": change.message,
            "old": at(&change.old),
            "new": at(&change.new),
            "witness": witness.map(|of| json!({ "program": of.program, "line": of.line, "kind": of.kind.word() })),
        })
    };
    let counts: serde_json::Map<String, Value> =
        Class::ALL.iter().map(|class| (class.word().to_owned(), of(changes, *class).count().into())).collect();
    json!({
        "changes": changes.iter().map(one).collect::<Value>(),
        "step": step(changes).map(Step::word),
        "counts": counts,
    })
}

fn of(changes: &[Change], class: Class) -> impl Iterator<Item = &Change> {
    changes.iter().filter(move |change| change.class == class)
}

/// The classes that have changes, with their changes.
fn classes(changes: &[Change]) -> impl Iterator<Item = (Class, Vec<&Change>)> {
    Class::ALL.iter().map(|class| (*class, of(changes, *class).collect::<Vec<_>>())).filter(|(_, these)| !these.is_empty())
}

/// How many changes there are, and the release that they ask for.
pub fn summary(changes: &[Change]) -> String {
    let Some(step) = step(changes) else { return "no changes".into() };
    let counts: Vec<String> = classes(changes).map(|(class, these)| format!("{} {}", these.len(), class.describe())).collect();
    format!("{}: {}; release: {}", plural(changes.len(), "change"), counts.join(", "), step.describe())
}

/// For a terminal.
pub fn to_human(changes: &[Change]) -> String {
    let mut out = String::new();
    for (class, these) in classes(changes) {
        out.push_str(&format!("{}\n", class.describe().to_uppercase()));
        for change in these {
            out.push_str(&format!("  {} [{}]\n", one_line(&change.message), change.rule));
            out.push_str(&format!("      {}, {}; {}\n", one_line(&change.fact), change.cause.describe(), change.step));
            for (side, at) in [("old", &change.old), ("new", &change.new)] {
                if let Some(at) = at {
                    out.push_str(&format!("      {side}: {}\n", one_line(&at.to_string())));
                }
            }
            if let Some(witness) = &change.witness {
                out.push_str(&numbered(witness));
            }
        }
        out.push('\n');
    }
    out
}

/// A program with the line that breaks marked.
fn numbered(witness: &Witness) -> String {
    let line = |(index, line): (usize, &str)| {
        let mark = if index + 1 == witness.line { '>' } else { '|' };
        format!("      {mark} {}\n", one_line(line))
    };
    witness.program.lines().enumerate().map(line).collect()
}

/// For the summary of a job or the text of a pull request.
pub fn to_markdown(changes: &[Change]) -> String {
    let mut out = format!("## What the spec changes\n\n{}.\n", markdown(&summary(changes)));
    for (class, these) in classes(changes) {
        out.push_str(&format!("\n### {}\n\n", heading(class)));
        for change in these {
            let places: Vec<String> =
                [&change.old, &change.new].into_iter().flatten().map(|at| markdown(&at.to_string())).collect();
            let cause = change.cause.describe();
            out.push_str(&format!("- {} (`{}`; {cause}; {})\n", markdown(&change.message), change.rule, places.join(" → ")));
            if let Some(Witness { program, line, .. }) = &change.witness {
                let block = code_block("rust", program);
                let block: String = block.trim_end().lines().map(|line| format!("  {line}\n")).collect();
                let summary = format!("The smallest program that breaks, at line {line}");
                out.push_str(&format!("\n  <details><summary>{summary}</summary>\n\n{block}\n  </details>\n\n"));
            }
        }
    }
    out
}

fn heading(class: Class) -> String {
    let words = class.describe();
    words[..1].to_uppercase() + &words[1..]
}

/// Workflow commands, which GitHub turns into annotations: errors for what breaks, and notices. Each stands at its place in the new spec, or
/// in the old one if it is gone.
pub fn to_github(changes: &[Change]) -> String {
    let mut out = String::new();
    for change in changes {
        let level = if change.class.breaks() { "error" } else { "notice" };
        let mut properties = Vec::new();
        if let Some(at) = change.new.as_ref().or(change.old.as_ref()) {
            properties.push(format!("file={},line={},col={}", workflow_property(&at.file), at.line, at.column));
        }
        properties.push(format!("title={}", workflow_property(&format!("{} ({})", change.class.describe(), change.rule))));
        let text = format!("{}; {}", one_line(&change.message), change.cause.describe());
        out.push_str(&format!("::{level} {}::{}\n", properties.join(","), workflow_data(&text)));
    }
    out
}
