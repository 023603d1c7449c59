//! What a maintainer reads after each of some 400 mistakes: one finding, at its place, with help, and no consequence of it. The mistakes are in
//! `tests/mistakes.txt`; a snapshot holds the answers.

use std::fmt::Write;
use std::ops::Range;
use std::path::Path;

use placewise_codegen::finding::{FileId, Finding, Severity};
use placewise_codegen::source::yaml_tree::{self, Kind, Node};
use placewise_codegen::source::{InputFile, read_dir};
use placewise_codegen::{Checked, check_spec, fix_spec};

fn folder(name: &str) -> Vec<InputFile> {
    read_dir(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name)).expect("the fixture is readable")
}

/// The invented platform with a pattern of permits, and a report of two formats each.
fn base() -> Vec<InputFile> {
    let mut files = folder("platform");
    files.extend(folder("mistakes"));
    for file in &mut files {
        file.label = file.path.clone();
        if file.path == "api.yaml" {
            let text = String::from_utf8(file.bytes.clone()).expect("UTF-8");
            file.bytes = text.replace("with_report: true", "with_report: true, of_report: \"Ask:{Report}\"").into_bytes();
        }
    }
    files
}

fn text(files: &[InputFile], path: &str) -> String {
    let file = files.iter().find(|file| file.path == path).unwrap_or_else(|| panic!("no file {path}"));
    String::from_utf8(file.bytes.clone()).expect("UTF-8")
}

fn with(path: &str, text: &str) -> Checked {
    let mut files = base();
    files.iter_mut().filter(|file| file.path == path).for_each(|file| file.bytes = text.as_bytes().to_vec());
    check_spec(files)
}

/// One line of the list.
struct Mistake {
    line: String,
    path: String,
    from: String,
    to: String,
    note: String,
}

fn plain(text: &str) -> String {
    let text = text.replace("\\n", "\n").replace("\\t", "\t").replace("\\s", " ");
    let mut parts = text.split("\\u{");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (code, rest) = part.split_once('}').expect("a closing brace");
        out.push(u32::from_str_radix(code, 16).ok().and_then(char::from_u32).expect("a character"));
        out.push_str(rest);
    }
    out
}

fn mistakes() -> Vec<Mistake> {
    let list = include_str!("mistakes.txt");
    let lines = list.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let noted = line.strip_suffix(')').and_then(|line| line.rsplit_once(" ("));
            let noted = noted.filter(|(_, note)| matches!(*note, "none" | "elsewhere") || note.parse::<u8>().is_ok());
            let (words, note) = noted.unwrap_or((line, ""));
            let (file, edit) = words.split_once(": ").expect("a file");
            let (from, to) = edit.split_once(" =>").expect("an arrow");
            let path = match file {
                "boats" => "reports/port/boats.yaml".into(),
                "tides" => "reports/sea/tides.yaml".into(),
                other => format!("{other}.yaml"),
            };
            let to = to.strip_prefix(' ').unwrap_or(to);
            Mistake { line: line.into(), path, from: plain(from), to: plain(to), note: note.into() }
        })
        .collect()
}

/// The lines, from 1, of a range of bytes.
fn lines_of(text: &str, range: Range<usize>) -> std::ops::RangeInclusive<usize> {
    let line = |at: usize| text[..at].matches('\n').count() + 1;
    line(range.start)..=line(range.end)
}

/// Whether the finding or a related place is on one of the lines.
fn is_on(finding: &Finding, checked: &Checked, path: &str, lines: &std::ops::RangeInclusive<usize>) -> bool {
    let mut places = finding.place.iter().chain(finding.related.iter().map(|(place, _)| place));
    places.any(|place| checked.sources.get(place.file).path == path && lines.contains(&checked.sources.line_column(place).0))
}

fn told(checked: &Checked) -> String {
    let mut out = String::new();
    for finding in &checked.findings {
        let severity = if finding.severity == Severity::Error { "error" } else { "warning" };
        let place = finding.place.as_ref().map(|place| {
            let (line, column) = checked.sources.line_column(place);
            format!("{}:{line}:{column}", checked.sources.get(place.file).path)
        });
        let _ = writeln!(out, "  {severity}[{}] {}: {}", finding.code, place.unwrap_or_default(), finding.message.escape_debug());
        let _ = writeln!(out, "    {}", finding.help.as_deref().unwrap_or("NO HELP").escape_debug());
    }
    out
}

#[test]
fn the_base_has_no_finding() {
    let checked = check_spec(base());
    assert!(checked.model.is_some() && checked.findings.is_empty(), "{}", told(&checked));
}

#[test]
fn each_mistake_has_one_finding_at_its_place_with_help() {
    let files = base();
    let mut answers = String::new();
    let mut faults = Vec::new();
    let mistakes = mistakes();
    assert!(mistakes.len() > 350, "{}", mistakes.len());
    for mistake in mistakes {
        let before = text(&files, &mistake.path);
        assert_eq!(before.matches(&mistake.from).count(), 1, "`{}` is not once in {}", mistake.from, mistake.path);
        let at = before.find(&mistake.from).expect("it is there");
        let after = before.replace(&mistake.from, &mistake.to);
        let checked = with(&mistake.path, &after);
        let lines = lines_of(&after, at..at + mistake.to.len());
        let _ = write!(answers, "{}\n{}\n", mistake.line, told(&checked));
        let count = match mistake.note.as_str() {
            "none" => 0,
            note => note.parse().unwrap_or(1),
        };
        // What is missing has no line of its own.
        let gone = mistake.to.trim().is_empty();
        let elsewhere = gone || mistake.note == "elsewhere" || count > 1;
        let placed = checked.findings.iter().all(|finding| elsewhere || is_on(finding, &checked, &mistake.path, &lines));
        let helped = checked.findings.iter().all(|finding| finding.help.is_some() && finding.place.is_some());
        if checked.findings.len() != count || !placed || !helped {
            faults.push(format!("{}\n{}", mistake.line, told(&checked)));
        }
    }
    insta::assert_snapshot!(answers);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn what_one_change_alone_can_mend_is_mended() {
    let boats = "reports/port/boats.yaml";
    for (path, from, to) in [
        (boats, "cost: 3", "cost:3"),
        (boats, "id: { type: integer", "id: { type:integer"),
        (boats, "[sloop, yawl]", "[sloop, yawl, sloop]"),
        (boats, "by: [kind]", "by: [kind, kind]"),
        (boats, "    by: [kind]\n", "    by:\n      - kind\n      - kind\n"),
        (boats, " oars: { type", " oarz: { type"),
        ("reports/sea/tides.yaml", "[hour, day]", "[hour, day, day]"),
    ] {
        let wrong = text(&base(), path).replacen(from, to, 1);
        let mut files = base();
        files.iter_mut().filter(|file| file.path == path).for_each(|file| file.bytes = wrong.as_bytes().to_vec());
        let fixed = fix_spec(files);
        assert!(fixed.checked.findings.is_empty() && fixed.fixed.len() == 1, "{to}: {}", told(&fixed.checked));
        let right = text(&base(), path).replacen(from, if to.contains("- kind\n") { "    by:\n      - kind\n" } else { from }, 1);
        assert_eq!(text(&fixed.files, path), right, "{to}");
    }
    // The comment may belong to either, and a time has colons of its own.
    for (from, to) in [("    by: [kind]\n", "    by:\n      - kind # first\n      - kind\n"), ("cost: 3", "cost:03:04")] {
        let wrong = text(&base(), boats).replacen(from, to, 1);
        assert!(with(boats, &wrong).findings.iter().any(|finding| finding.severity == Severity::Error), "{to}");
        let mut files = base();
        files.iter_mut().filter(|file| file.path == boats).for_each(|file| file.bytes = wrong.as_bytes().to_vec());
        assert_eq!(fix_spec(files).fixed, [], "{to}");
    }
}

#[test]
fn a_platform_file_of_another_name_is_one_finding() {
    for name in ["filter.yaml", "filters.yml"] {
        let mut files = base();
        files.iter_mut().filter(|file| file.path == "filters.yaml").for_each(|file| {
            (file.path, file.label) = (name.into(), name.into());
        });
        let checked = check_spec(files);
        let [finding] = &checked.findings[..] else { panic!("{}", told(&checked)) };
        assert_eq!(finding.help.as_deref(), Some("rename it to `filters.yaml`"), "{name}");
    }
}

/// The values of a file, with their bytes, except payloads and values of assumptions.
fn values(node: &Node, path: &mut Vec<String>, out: &mut Vec<(String, Range<usize>, bool)>) {
    let entries: Vec<(String, &Node)> = match &node.kind {
        Kind::Mapping(entries) => entries.iter().map(|(key, value)| (key.text.to_string(), value)).collect(),
        Kind::Sequence(items) => items.iter().enumerate().map(|(at, item)| (at.to_string(), item)).collect(),
        Kind::Scalar { .. } => Vec::new(),
    };
    for (key, value) in entries {
        path.push(key);
        let words: Vec<&str> = path.iter().map(String::as_str).collect();
        if !matches!(words[..], ["examples", _, "request" | "response"] | ["assumptions", _, "value"]) {
            if matches!(node.kind, Kind::Mapping(_)) {
                out.push((path.join("."), value.span(), matches!(value.kind, Kind::Scalar { .. })));
            }
            values(value, path, out);
        }
        path.pop();
    }
}

/// Every value of every file in turn, emptied or made a list of lists.
#[test]
fn each_value_that_is_emptied_or_of_a_wrong_type_has_one_finding() {
    let files = base();
    let mut tried = 0;
    let mut faults = Vec::new();
    for InputFile { path, .. } in &files {
        let before = text(&files, path);
        let (tree, _) = yaml_tree::parse(FileId(0), &before);
        let mut found = Vec::new();
        values(&tree.expect("YAML"), &mut Vec::new(), &mut found);
        for (name, span, scalar) in found {
            let lines = lines_of(&before, span.clone());
            tried += 1;
            // Half of the texts and numbers are emptied: a check takes its time in a build without optimization.
            let wrong = if scalar && tried % 2 == 0 { "" } else { "[[1]]" };
            // The value of a key in its own lines begins a line below.
            let start = before[..span.start].trim_end_matches([' ', '\n']).len();
            let after = format!("{} {wrong}{}", &before[..start], &before[span.end..]);
            let checked = with(path, &after);
            let first = *lines.start() - before[start..span.start].matches('\n').count();
            let helped = checked.findings.iter().all(|finding| finding.help.is_some());
            let placed = checked.findings.iter().all(|finding| is_on(finding, &checked, path, &(first..=*lines.end())));
            if checked.findings.len() != 1 || !helped || !placed {
                faults.push(format!("{path}: {name} = {wrong:?}\n{}", told(&checked)));
            }
        }
    }
    assert!(tried > 300, "{tried}");
    assert!(faults.is_empty(), "{} of {tried}:\n{}", faults.len(), faults.join("\n"));
}
