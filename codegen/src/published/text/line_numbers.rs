//! Blanks the line numbers that a browser copies with a code sample: `1 {`, `2   "records": [`, or each number on a line of its own.

use std::ops::Range;

/// Replaces line numbers by spaces. No byte moves.
pub(super) fn blank_line_numbers(text: &mut String) {
    let found = {
        let lines = filled_lines(text);
        let mut found = Vec::new();
        let mut index = 0;
        while index < lines.len() {
            let run = if lines[index].1.starts_with('1') { numbered(&lines[index..]) } else { None };
            match run {
                Some((numbers, length)) => {
                    found.extend(numbers);
                    index += length;
                }
                None => index += 1,
            }
        }
        found
    };
    for range in found {
        text.replace_range(range.clone(), &" ".repeat(range.len()));
    }
}

/// The lines with text, each with its offset.
fn filled_lines(text: &str) -> Vec<(usize, &str)> {
    let mut at = 0;
    let mut out = Vec::new();
    for line in text.split_inclusive('\n') {
        let trimmed = line.trim();
        if !trimmed.is_empty() {
            out.push((at + (line.len() - line.trim_start().len()), trimmed));
        }
        at += line.len();
    }
    out
}

/// The numbers of a sample that starts at the first line, and how many lines to go on after.
fn numbered(lines: &[(usize, &str)]) -> Option<(Vec<Range<usize>>, usize)> {
    if lines.first()?.1 == "1" {
        return alternating(lines).or_else(|| column(lines));
    }
    let mut out = Vec::new();
    for (number, (at, line)) in (1_usize..).zip(lines) {
        let number = number.to_string();
        let Some(rest) = line.strip_prefix(number.as_str()) else { break };
        if out.is_empty() && !opens(rest) {
            return None;
        }
        out.push(*at..at + number.len());
    }
    let length = out.len();
    (length > 1).then_some((out, length))
}

fn opens(line: &str) -> bool {
    let line = line.trim_start();
    // A sample may lack its outer braces.
    let key = || line.starts_with('"') && line.trim_end().ends_with(":{");
    line.starts_with(['{', '[']) || key()
}

/// `1`, `{`, `2`, `"records": [`, …
fn alternating(lines: &[(usize, &str)]) -> Option<(Vec<Range<usize>>, usize)> {
    if !opens(lines.get(1)?.1) {
        return None;
    }
    let numbers = (1_usize..).zip(lines.iter().step_by(2)).map_while(|(number, (at, line))| {
        let number = number.to_string();
        (number == *line).then(|| *at..at + number.len())
    });
    let out: Vec<_> = numbers.collect();
    let length = out.len() * 2;
    (out.len() > 1).then_some((out, length))
}

/// All numbers first, then the code, which has as many lines unless the text is cut.
fn column(lines: &[(usize, &str)]) -> Option<(Vec<Range<usize>>, usize)> {
    let numbers = (1_usize..).zip(lines).map_while(|(number, (at, line))| {
        let number = number.to_string();
        (number == *line).then(|| *at..at + number.len())
    });
    let out: Vec<_> = numbers.collect();
    let code = &lines[out.len()..];
    let lasts = code.len() < out.len() || code.get(out.len() - 1).is_some_and(|(_, last)| last.ends_with(['}', ']']));
    let length = out.len();
    (length > 1 && opens(code.first()?.1) && lasts).then_some((out, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        let mut out = text.to_owned();
        blank_line_numbers(&mut out);
        assert_eq!(out.len(), text.len());
        out.lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect()
    }

    #[test]
    fn numbers_go_in_every_form() {
        let code = ["{", "\"ids\": [", "3,", "4", "]", "}"];
        assert_eq!(lines("Text.\n1 {\n2   \"ids\": [\n3 3,\n4 4\n5 ]\n6 }\nEnd.")[1..7], code);
        assert_eq!(lines("1{\n2\"ids\": [\n33,\n44\n5]\n6}\n7 days"), [&code[..], &["days"]].concat());
        assert_eq!(lines("1\n{\n2\n\"ids\": [\n3\n3,\n4\n4\n5\n]\n6\n}\n"), code);
        assert_eq!(lines("1\n2\n3\n4\n5\n6\n{\n\"ids\": [\n3,\n4\n]\n}\n"), code);
    }

    #[test]
    fn other_numbers_stay() {
        for text in
            ["1\n2\n3\nText.", "1 - one\n2 - two", "1. {x}\n2. y", "values are:\n1\n2\n3\n{ \"a\": 1 }\nText\nmore\nmore", "1 {"]
        {
            assert_eq!(lines(text).join("\n"), text);
        }
    }
}
