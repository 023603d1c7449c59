//! Rows of a CSV file, as `placewise query --format csv` writes it: the header names fields, and nested values are JSON cells.
//!
//! An empty cell is null, or an absent key if the key is optional; only a text that is never null is empty.

use placewise_model::{Coverage, Field, Report, Type, nearest};
use placewise_simulator::DataProblem;
use serde_json::{Map, Value};

use crate::output::cells::unguarded;

/// Reads the rows with their lines. Values that do not fit their field stay as they are, for the simulator to report.
pub(super) fn read(report: &Report, text: &str) -> Result<Vec<(usize, Value)>, Vec<DataProblem>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let (mut header, mut rows, mut problems) = (Vec::new(), Vec::new(), Vec::new());
    let mut lines = Lines { text, at: 0, line: 1 };
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                problems.push(DataProblem::new(lines.line, None, error.to_string()));
                break;
            }
        };
        let line = lines.line_of(record.position().map_or(0, csv::Position::byte));
        if header.is_empty() {
            header = record.iter().map(|name| unguarded(name).to_owned()).collect();
            problems = check_header(report, &header, line);
            if !problems.is_empty() {
                break;
            }
        } else if record.len() == header.len() {
            rows.push((line, row(report, &header, &record)));
        } else {
            let problem = format!("{} cells, but the header has {}", record.len(), header.len());
            problems.push(DataProblem::new(line, None, problem));
        }
    }
    if problems.is_empty() { Ok(rows) } else { Err(problems) }
}

/// Counts lines from record to record.
struct Lines<'a> {
    text: &'a str,
    at: usize,
    line: usize,
}

impl Lines<'_> {
    /// The line of the record that starts at that byte, after blank lines.
    fn line_of(&mut self, byte: u64) -> usize {
        let bytes = self.text.as_bytes();
        let mut start = usize::try_from(byte).unwrap_or(usize::MAX).min(bytes.len());
        start += bytes[start..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        self.line += bytes[self.at..start].iter().filter(|byte| **byte == b'\n').count();
        self.at = start;
        self.line
    }
}

fn check_header(report: &Report, header: &[String], line: usize) -> Vec<DataProblem> {
    let problem = |problem: String| DataProblem::new(line, None, problem);
    if let [only] = header
        && let Some(separator) = [';', '\t'].into_iter().find(|separator| only.contains(*separator))
    {
        let name = if separator == ';' { "semicolons" } else { "tabs" };
        return vec![problem(format!("the cells are separated by {name}; separate them by commas"))];
    }
    let mut problems = Vec::new();
    for (index, name) in header.iter().enumerate() {
        if header[..index].contains(name) {
            problems.push(problem(format!("two columns are named `{name}`")));
        } else if report.coverage == Coverage::Whole && report.field(name).is_none() {
            let near = nearest(name, report.fields.iter().map(|field| field.name.as_str()));
            let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            problems.push(problem(format!("`{}` has no field `{name}`{near}", report.name)));
        }
    }
    for field in report.fields.iter().filter(|field| !field.optional && !header.contains(&field.name)) {
        problems.push(problem(format!("the column `{}` is missing", field.name)));
    }
    problems
}

fn row(report: &Report, header: &[String], record: &csv::StringRecord) -> Value {
    let cells = header.iter().zip(record);
    let object: Map<String, Value> =
        cells.filter_map(|(name, cell)| Some((name.clone(), value(report.field(name), unguarded(cell))?))).collect();
    object.into()
}

/// The value of a cell; `None` for an absent key.
fn value(field: Option<&Field>, cell: &str) -> Option<Value> {
    let is_text = field.is_some_and(|field| matches!(field.ty, Type::String | Type::Enum(_) | Type::Timestamp | Type::Date));
    if cell.is_empty() {
        let field = field.filter(|field| !field.optional)?;
        return Some(if is_text && !field.nullable.possible() { "".into() } else { Value::Null });
    }
    if is_text {
        return Some(cell.into());
    }
    // Spreadsheets write booleans in capitals.
    let json = if field.is_some_and(|field| field.ty == Type::Boolean) { cell.to_ascii_lowercase() } else { cell.to_owned() };
    Some(serde_json::from_str(&json).unwrap_or_else(|_| cell.into()))
}
