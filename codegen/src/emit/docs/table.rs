//! Tables that stay narrow: a value that fills a whole column becomes a sentence above the table.

/// A column.
pub(super) enum Column<'a> {
    /// Always shown.
    Shown(&'a str),
    /// Shown unless every row has the same value.
    Varying(&'a str),
    /// The same. Cells with the usual value, given second, stay empty, and one or two other values move into the sentence.
    Usually(&'a str, &'a str),
}

impl<'a> Column<'a> {
    const fn head(&self) -> &'a str {
        match self {
            Self::Shown(head) | Self::Varying(head) | Self::Usually(head, _) => head,
        }
    }
}

/// A table; `of` names what its rows are, in the singular.
pub(super) fn table(of: &str, columns: &[Column<'_>], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut rows: Vec<Vec<String>> = rows.into_iter().collect();
    let (mut same, mut empty, mut shown) = (Vec::new(), Vec::new(), Vec::new());
    for (index, column) in columns.iter().enumerate() {
        let first = rows.first().map(|row| row[index].clone()).unwrap_or_default();
        let equal = rows.iter().all(|row| row[index] == first);
        match column {
            Column::Varying(_) | Column::Usually(..) if equal && first.is_empty() => continue,
            Column::Varying(head) | Column::Usually(head, _) if equal && rows.len() > 1 => {
                same.push(format!("*{head}*: {first}"));
                continue;
            }
            Column::Usually(head, usual) if rows.len() > 3 && exceptions(&rows, index, usual).count() <= 2 => {
                let exceptions: Vec<_> =
                    exceptions(&rows, index, usual).map(|row| format!("{} ({})", row[0], row[index])).collect();
                same.push(format!("*{head}*: {usual}. Exceptions: {}", exceptions.join(", ")));
                continue;
            }
            Column::Usually(head, usual) if rows.len() > 1 && rows.iter().any(|row| row[index] == *usual) => {
                empty.push(format!("An empty *{head}* cell means: {usual}."));
                rows.iter_mut().filter(|row| row[index] == *usual).for_each(|row| row[index].clear());
            }
            _ => {}
        }
        shown.push(index);
    }
    let mut out = String::new();
    match same.as_slice() {
        [] => {}
        [one] => out.push_str(&format!("For every {of}, {one}.\n\n")),
        several => out.push_str(&format!("For every {of}:\n\n- {}\n\n", several.join("\n- "))),
    }
    if !empty.is_empty() {
        out.push_str(&format!("{}\n\n", empty.join(" ")));
    }
    let heads: Vec<&str> = shown.iter().map(|index| columns[*index].head()).collect();
    out.push_str(&format!("| {} |\n|{}\n", heads.join(" | "), "---|".repeat(heads.len())));
    for row in &rows {
        let cells: Vec<&str> = shown.iter().map(|index| row[*index].as_str()).collect();
        out.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    out.push('\n');
    out
}

/// The rows whose value is not the usual one.
fn exceptions<'a>(rows: &'a [Vec<String>], column: usize, usual: &'a str) -> impl Iterator<Item = &'a Vec<String>> {
    rows.iter().filter(move |row| row[column] != usual)
}

/// A table of facts.
pub(super) fn facts<'a>(rows: impl IntoIterator<Item = (&'a str, String)>) -> String {
    table(
        "fact",
        &[Column::Shown("fact"), Column::Shown("value")],
        rows.into_iter().map(|(fact, value)| vec![fact.into(), value]),
    )
}

#[cfg(test)]
mod tests {
    use super::{Column, table};

    #[test]
    fn a_column_with_one_value_becomes_a_sentence() {
        let columns =
            [Column::Shown("field"), Column::Usually("null", "not documented"), Column::Varying("type"), Column::Varying("note")];
        let rows = |nulls: &[&str]| {
            nulls.iter().map(|null| vec!["a".into(), (*null).into(), "integer".into(), String::new()]).collect::<Vec<_>>()
        };
        assert_eq!(
            table("field", &columns, rows(&["never", "not documented"])),
            "For every field, *type*: integer.\n\nAn empty *null* cell means: not documented.\n\n| field | null |\n|---|---|\n| a | never |\n| a |  |\n\n"
        );
        assert_eq!(
            table("field", &columns[..2], rows(&["yes", "not documented", "not documented", "not documented"])),
            "For every field, *null*: not documented. Exceptions: a (yes).\n\n| field |\n|---|\n| a |\n| a |\n| a |\n| a |\n\n"
        );
        assert_eq!(
            table("field", &columns, rows(&["never"])),
            "| field | null | type |\n|---|---|---|\n| a | never | integer |\n\n"
        );
    }
}
