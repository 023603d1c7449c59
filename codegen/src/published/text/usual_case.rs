//! Puts the site's headings and column titles into their usual case. A style sheet may print them in capitals, and browsers copy them so.

/// Column titles of tables.
const COLUMNS: [&str; 12] = [
    "Required permit",
    "Rate limit tokens cost",
    "Available intervals",
    "Data lag",
    "Type",
    "Filterable",
    "Can change?",
    "Readonly",
    "Key",
    "Description",
    "Name",
    "Value",
];

/// Headings, and the words of the footer.
const HEADINGS: [&str; 14] = [
    "Fields",
    "Aggregations",
    "Aggregation",
    "Returned fields",
    "Labels",
    "Query without aggregations",
    "Query without aggregation",
    "Example query response",
    "Example query",
    "Example response",
    "Example request",
    "Previous",
    "Next",
    "Built with",
];

/// Changes the case of headings and column titles. No byte moves.
pub(super) fn usual_case(text: &mut String) {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        match heading(line).or_else(|| columns(line)) {
            Some(line) => out.push_str(&line),
            None => out.push_str(line),
        }
    }
    *text = out;
}

fn heading(line: &str) -> Option<String> {
    if line.len() > 80 {
        return None;
    }
    let bare = line.trim_matches(|c: char| c.is_whitespace() || matches!(c, '#' | '*' | '¶' | '\u{200b}'));
    let usual = HEADINGS.iter().find(|usual| usual.eq_ignore_ascii_case(bare))?;
    // A field may have such a name, which has no capitals and no spaces.
    let name = bare.bytes().all(|byte| byte.is_ascii_lowercase());
    (!name && *usual != bare).then(|| line.replacen(bare, usual, 1))
}

/// A row of column titles and nothing else, with or without separators.
fn columns(line: &str) -> Option<String> {
    if line.len() > 160 {
        return None;
    }
    let mut out = String::with_capacity(line.len());
    let mut count = 0;
    let mut rest = line;
    while !rest.is_empty() {
        let gap = rest.len() - rest.trim_start_matches(|c: char| c.is_whitespace() || c == '|').len();
        let title = COLUMNS
            .iter()
            .filter(|title| rest.get(gap..gap + title.len()).is_some_and(|start| start.eq_ignore_ascii_case(title)))
            .max_by_key(|title| title.len());
        match title {
            Some(title) => {
                out.push_str(&rest[..gap]);
                out.push_str(title);
                rest = &rest[gap + title.len()..];
                count += 1;
            }
            None if gap == rest.len() => {
                out.push_str(rest);
                break;
            }
            None => return None,
        }
    }
    (count > 1 && out != line).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usual(text: &str) -> String {
        let mut out = text.to_owned();
        usual_case(&mut out);
        out
    }

    #[test]
    fn titles_get_their_usual_case() {
        assert_eq!(usual("TYPE FILTERABLE\n"), "Type Filterable\n");
        assert_eq!(usual("| TYPE | FILTERABLE | CAN CHANGE? |\n"), "| Type | Filterable | Can change? |\n");
        assert_eq!(usual("TYPEFILTERABLECAN CHANGE?"), "TypeFilterableCan change?");
        assert_eq!(
            usual("## Returned Fields#\nRATE LIMIT TOKENS COST REQUIRED PERMIT"),
            "## Returned fields#\nRate limit tokens cost Required permit"
        );
        assert_eq!(usual("EXAMPLE QUERY RESPONSE"), "Example query response");
    }

    #[test]
    fn names_and_prose_stay() {
        for text in ["fields#\nlabels\ntype\nkey", "Type of the key.", "Type filterable things here.", "DESCRIPTION", "NEXT YEAR"]
        {
            assert_eq!(usual(text), text);
        }
    }
}
