//! Findings for machines: JSON, SARIF 2.1.0 for code scanning, and the workflow commands that GitHub turns into annotations.

use serde_json::{Map, Value, json};

use super::code::Severity;
use super::codes;
use super::edit::Edit;
use super::finding::Finding;
use super::fix::Fix;
use super::place::{Place, Sources};
use super::render::one_line;

/// A JSON array. Lines and columns count from 1, columns in characters; the end of a range is exclusive.
pub fn to_json(findings: &[Finding], sources: &Sources) -> Value {
    let one = |finding: &Finding| {
        let related = finding.related.iter().map(|(at, what)| json!({ "place": json_place(at, sources), "what": what }));
        json!({
            "code": finding.code.name(),
            "severity": level(finding),
            "message": finding.message,
            "place": finding.place.as_ref().map(|at| json_place(at, sources)),
            "related": related.collect::<Value>(),
            "help": finding.help,
            "fix": finding.fix.as_ref().and_then(|fix| json_fix(fix, sources)),
            "fact": finding.fact,
            "fingerprint": finding.fingerprint(),
        })
    };
    findings.iter().map(one).collect()
}

fn json_place(place: &Place, sources: &Sources) -> Value {
    let (line, column) = sources.line_column(place);
    json!({ "file": sources.get(place.file).path, "line": line, "column": column })
}

fn json_fix(fix: &Fix, sources: &Sources) -> Option<Value> {
    let edit = |edit: Edit| {
        let mut place = json_place(&edit.place, sources);
        let (line, column) = sources.line_column(&end(&edit.place));
        place["end_line"] = line.into();
        place["end_column"] = column.into();
        json!({ "place": place, "text": edit.replacement })
    };
    let edits: Value = fix.replacements(sources)?.into_iter().map(edit).collect();
    Some(json!({ "title": fix.title, "edits": edits }))
}

fn level(finding: &Finding) -> &'static str {
    match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

fn end(place: &Place) -> Place {
    Place { file: place.file, span: place.span.end..place.span.end }
}

/// A SARIF log with one run. Its rules are all codes, with their pages.
pub fn to_sarif(findings: &[Finding], sources: &Sources) -> Value {
    let rules = codes::ALL.iter().map(|code| {
        json!({
            "id": code.name(),
            "shortDescription": { "text": code.summary() },
            "fullDescription": { "text": code.section("Why is this bad?").unwrap_or_default() },
            "help": { "text": code.section("How to mend").unwrap_or_default(), "markdown": code.page() },
            "defaultConfiguration": { "level": match code.severity() { Severity::Error => "error", Severity::Warning => "warning" } },
        })
    });
    let driver = json!({ "name": "placewise-codegen", "version": env!("CARGO_PKG_VERSION"), "rules": rules.collect::<Value>() });
    let results: Value = findings.iter().map(|finding| sarif_result(finding, sources)).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{ "tool": { "driver": driver }, "columnKind": "unicodeCodePoints", "results": results }],
    })
}

fn sarif_result(finding: &Finding, sources: &Sources) -> Value {
    let text = match &finding.help {
        Some(help) => format!("{}; {help}", finding.message),
        None => finding.message.clone(),
    };
    let mut result = json!({
        "ruleId": finding.code.name(),
        "ruleIndex": codes::ALL.iter().position(|code| *code == finding.code),
        "level": level(finding),
        "message": { "text": plain(&text) },
        "locations": finding.place.iter().map(|at| json!({ "physicalLocation": location(at, sources) })).collect::<Value>(),
    });
    if !finding.related.is_empty() {
        let related = finding.related.iter().enumerate();
        result["relatedLocations"] = related
            .map(|(id, (at, what))| {
                json!({ "id": id, "physicalLocation": location(at, sources), "message": { "text": plain(what) } })
            })
            .collect();
    }
    if let Some(fix) = finding.fix.as_ref().and_then(|fix| sarif_fix(fix, sources)) {
        result["fixes"] = json!([fix]);
    }
    if let Some(fingerprint) = finding.fingerprint() {
        result["partialFingerprints"] = json!({ "fact/v1": fingerprint });
    }
    result
}

/// A text that no viewer takes for a link.
fn plain(text: &str) -> String {
    one_line(text).replace("](", "] (")
}

fn location(place: &Place, sources: &Sources) -> Value {
    json!({ "artifactLocation": artifact(place, sources), "region": region(place, sources) })
}

fn artifact(place: &Place, sources: &Sources) -> Value {
    let mut uri = String::new();
    for byte in sources.get(place.file).path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            uri.push(byte.into());
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    json!({ "uri": uri })
}

fn region(place: &Place, sources: &Sources) -> Value {
    let (line, column) = sources.line_column(place);
    let (end_line, end_column) = sources.line_column(&end(place));
    json!({ "startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column })
}

fn sarif_fix(fix: &Fix, sources: &Sources) -> Option<Value> {
    let mut changes: Map<String, Value> = Map::new();
    for edit in fix.replacements(sources)? {
        let artifact = artifact(&edit.place, sources);
        let replacement =
            json!({ "deletedRegion": region(&edit.place, sources), "insertedContent": { "text": edit.replacement } });
        let change = changes
            .entry(artifact["uri"].to_string())
            .or_insert_with(|| json!({ "artifactLocation": artifact, "replacements": [] }));
        if let Some(replacements) = change["replacements"].as_array_mut() {
            replacements.push(replacement);
        }
    }
    Some(
        json!({ "description": { "text": plain(&fix.title) }, "artifactChanges": changes.into_iter().map(|(_, change)| change).collect::<Value>() }),
    )
}

/// Workflow commands, one line for each finding.
pub fn to_github(findings: &[Finding], sources: &Sources) -> String {
    let mut out = String::new();
    for finding in findings {
        let mut properties = Vec::new();
        if let Some(place) = &finding.place {
            let (line, column) = sources.line_column(place);
            let (end_line, end_column) = sources.line_column(&end(place));
            properties.push(format!("file={}", property(&sources.get(place.file).path)));
            properties.push(format!("line={line},endLine={end_line}"));
            // GitHub only takes columns of a range on one line.
            if line == end_line {
                properties.push(format!("col={column},endColumn={end_column}"));
            }
        }
        properties.push(format!("title={}", property(finding.code.name())));
        let related = finding.related.iter().map(|(at, what)| format!("\n{what}: {}", sources.link(at)));
        let help = finding.help.iter().map(|help| format!("\nhelp: {help}"));
        let text = related.chain(help).fold(finding.message.clone(), |text, more| text + &more);
        out.push_str(&format!("::{} {}::{}\n", level(finding), properties.join(","), data(&text)));
    }
    out
}

/// The text of a workflow command, which a line end would end.
pub(crate) fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
        .chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}

/// A property of a workflow command.
pub(crate) fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
