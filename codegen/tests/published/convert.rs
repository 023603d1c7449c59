//! Converts a page's copied text into the other forms in which people save pages.

use placewise_codegen::published::PublishedPage;

/// A part of a page.
enum Part<'t> {
    Heading(usize, &'t str),
    Table(Vec<Vec<String>>),
    Code(Vec<&'t str>),
    Bullet(usize, &'t str),
    Trail(&'t str),
    Text(&'t str),
    Blank,
}

/// The parts of a page that was read, so that the cells of its rows are known.
fn parts<'t>(text: &'t str, page: &PublishedPage) -> Vec<Part<'t>> {
    let lines: Vec<&str> = text.lines().collect();
    let mut out = Vec::new();
    let mut index = 0;
    while let Some(line) = lines.get(index).copied() {
        index += 1;
        let bare = line.trim();
        let columns = |titles: &[&str]| {
            (bare == titles.concat()).then(|| titles.iter().map(|title| (*title).to_owned()).collect::<Vec<_>>())
        };
        if bare.is_empty() {
            out.push(Part::Blank);
        } else if let Some(name) = bare.strip_suffix('#') {
            out.push(Part::Heading(if name.contains('_') || name == name.to_lowercase() { 3 } else { 2 }, name));
        } else if bare == format!("{} ({})", page.name.value, page.format.value)
            && !line.contains('•')
            && lines.get(index) == Some(&"")
        {
            out.push(Part::Heading(1, bare));
        } else if let Some(titles) = columns(&["Required permit", "Rate limit tokens cost"]) {
            let row = vec![page.permit.as_ref().unwrap().value.clone(), page.cost.as_ref().unwrap().value.to_string()];
            out.push(Part::Table(vec![titles, row]));
            index += 1;
        } else if let Some(titles) = ["Readonly", "Can change?"].iter().find_map(|last| columns(&["Type", "Filterable", last])) {
            let row = lines[index];
            let (ty, filter) = row.find(" (via ").map_or((row, ""), |at| (&row[..at], &row[at + 1..]));
            out.push(Part::Table(vec![titles, vec![ty.into(), filter.into(), String::new()]]));
            index += 1;
        } else if let Some(titles) = columns(&["Key", "Type", "Description"]) {
            let mut rows = vec![titles];
            while let Some(row) = lines.get(index).filter(|row| !row.trim().is_empty()) {
                let known = page.aggregations.iter().flat_map(|one| &one.returned);
                let Some(cells) = known.filter(|known| known.key.line == index + 1).find_map(|known| {
                    let rest = row.strip_prefix(known.key.value.as_str())?;
                    let last = rest.strip_prefix(known.printed.value.as_str())?;
                    Some(vec![known.key.value.clone(), known.printed.value.clone(), last.to_owned()])
                }) else {
                    break;
                };
                rows.push(cells);
                index += 1;
            }
            out.push(Part::Table(rows));
        } else if line.starts_with(['{', '"']) && !line.contains("\", \"") {
            let mut code = vec![line];
            let closed = |code: &[&str]| {
                let text = code.concat();
                let count = |c: char| text.matches(c).count();
                count('{') == count('}') && !text.ends_with(',')
            };
            while !closed(&code) {
                code.push(lines[index]);
                index += 1;
            }
            out.push(Part::Code(code));
        } else if let Some(entry) = bare.strip_prefix("• ") {
            out.push(Part::Bullet(line.find('•').unwrap_or(0), entry));
        } else if let Some(group) = bare.strip_prefix("1. ") {
            out.push(Part::Trail(group));
        } else {
            out.push(Part::Text(bare));
        }
    }
    out
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// How a site prints tables and code.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Site {
    /// Tables.
    Tables,
    /// Grids of ARIA roles, and titles in capitals.
    Grids,
}

/// The page as HTML.
pub fn html(text: &str, page: &PublishedPage, site: Site) -> String {
    let mut out = String::from("<!doctype html>\n<html><head><title>x</title><style>p { }</style></head><body>\n");
    let mut paragraph = false;
    for part in parts(text, page) {
        if paragraph && !matches!(part, Part::Text(_)) {
            out += "</p>\n";
            paragraph = false;
        }
        match part {
            Part::Heading(level, name) => {
                let anchor = if site == Site::Tables { "<a href=\"#x\">#</a>" } else { "" };
                out += &format!("<h{level}><span>{}</span>{anchor}</h{level}>\n", escape(name));
            }
            Part::Table(rows) if site == Site::Tables => {
                let cells = |row: &[String], tag: &str| {
                    row.iter().map(|cell| format!("<{tag}>{}</{tag}>", escape(cell))).collect::<String>()
                };
                out += &format!("<table><thead><tr>{}</tr></thead><tbody>", cells(&rows[0], "th"));
                rows[1..].iter().for_each(|row| out += &format!("\n<tr>{}</tr>", cells(row, "td")));
                out += "</tbody></table>\n";
            }
            Part::Table(rows) => {
                out += "<div role=grid>";
                for (index, row) in rows.iter().enumerate() {
                    let cell = |cell: &String| if index == 0 { cell.to_uppercase() } else { cell.clone() };
                    let cells: String =
                        row.iter().map(|text| format!("<div role=gridcell><p>{}</p></div>", escape(&cell(text)))).collect();
                    out += &format!("<div role=row>{cells}</div>\n");
                }
                out += "</div>\n";
            }
            Part::Code(code) => {
                let lines = code.iter().map(|line| match site {
                    Site::Tables => format!("<span class=line>{}</span>\n", escape(line)),
                    Site::Grids => format!("<div>{}</div>", escape(line).replace("  ", "&nbsp; ")),
                });
                out += &format!("<pre><code>{}</code></pre>\n", lines.collect::<String>());
            }
            Part::Bullet(_, entry) => out += &format!("<ul><li><a>{}</a></li></ul>\n", escape(entry)),
            Part::Trail(entry) => out += &format!("<ol><li>{}</li></ol>\n", escape(entry)),
            Part::Text(text) if paragraph => out += &format!("<br>{}", escape(text)),
            Part::Text(text) => {
                paragraph = true;
                out += &format!("<p>{}", escape(text));
            }
            Part::Blank => {}
        }
    }
    out + "</body></html>\n"
}

/// The page as a Markdown twin.
pub fn markdown(text: &str, page: &PublishedPage) -> String {
    let mut out = String::new();
    for part in parts(text, page) {
        match part {
            Part::Heading(level, name) => out += &format!("\n{} {}\n\n", "#".repeat(level), name.replace('_', "\\_")),
            Part::Table(rows) => {
                out.push('\n');
                for (index, row) in rows.iter().enumerate() {
                    out += &format!("| {} |\n", row.join(" | "));
                    if index == 0 {
                        out += &format!("{}|\n", "|---".repeat(row.len()));
                    }
                }
                out.push('\n');
            }
            Part::Code(code) => out += &format!("\n```json\n{}\n```\n\n", code.join("\n")),
            Part::Bullet(indent, entry) => out += &format!("{}- {entry}\n", " ".repeat(indent)),
            Part::Trail(entry) => out += &format!("1. {entry}\n"),
            Part::Text(text) => out += &format!("{text}\n"),
            Part::Blank => out.push('\n'),
        }
    }
    out
}

/// The page with line numbers before each line of code.
pub fn numbered(text: &str, page: &PublishedPage) -> String {
    let codes: Vec<Vec<&str>> = parts(text, page)
        .into_iter()
        .filter_map(|part| if let Part::Code(code) = part { Some(code) } else { None })
        .filter(|code| code[0].starts_with('{') && code.len() > 1)
        .collect();
    codes.iter().enumerate().fold(text.to_owned(), |text, (index, code)| {
        let numbered = code.iter().enumerate().map(|(number, line)| match index % 3 {
            0 => format!("{} {line}", number + 1),
            1 => format!("{}{line}", number + 1),
            _ => format!("{}\n{line}", number + 1),
        });
        text.replacen(&code.join("\n"), &numbered.collect::<Vec<_>>().join("\n"), 1)
    })
}
