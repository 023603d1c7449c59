//! Splits the row with permit, cost, intervals and data lag: `Reporting:Api:Report:MembersCountSnapshot31h, 1d~15 minutes`. Where
//! nothing separates two cells the split may be a guess; the row says so.

use super::lines::trim;
use super::table::{Header, cells};

/// A row with permit and cost.
#[derive(Debug, Default)]
pub(super) struct PermitRow<'t> {
    pub permit: &'t str,
    pub cost: Option<&'t str>,
    pub intervals: Option<(&'t str, Vec<&'t str>)>,
    pub lag: Option<&'t str>,
    /// Permit and cost as printed, if nothing separates them.
    pub glued: Option<&'t str>,
    /// Whether the split is a guess.
    pub ambiguous: bool,
    /// What no cell could be made of.
    pub unread: Vec<(Fact, &'t str)>,
}

/// The fact that a part of the row should state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fact {
    Cost,
    Intervals,
    Other,
}

const COST: usize = 1;
const INTERVALS: usize = 2;
const LAG: usize = 3;

/// Reads a row of the table with this header, on the page of the report.
pub(super) fn permit_row<'t>(row: &'t str, header: &Header<'_>, report: &str) -> Option<PermitRow<'t>> {
    match cells(row) {
        Some(cells) => separated(&cells, header),
        None => glued(row, header, report),
    }
}

fn separated<'t>(cells: &[&'t str], header: &Header<'_>) -> Option<PermitRow<'t>> {
    let cell = |title: usize| {
        let column = header.columns[title]?;
        cells.get(column).copied().filter(|cell| !cell.is_empty())
    };
    let mut out = PermitRow { permit: cell(0).filter(|cell| is_permit(cell))?, ..PermitRow::default() };
    if let Some(text) = cell(COST) {
        out.cost = is_number(text).then_some(text);
        out.unread.extend(out.cost.is_none().then_some((Fact::Cost, text)));
    }
    if let Some(text) = cell(INTERVALS) {
        match list(text) {
            Some((names, "")) => out.intervals = Some((text, names)),
            _ => out.unread.push((Fact::Intervals, text)),
        }
    }
    out.lag = cell(LAG);
    let known = |column: usize| header.columns.contains(&Some(column));
    let others = cells.iter().enumerate().filter(|(column, cell)| !known(*column) && !cell.is_empty());
    out.unread.extend(others.map(|(_, cell)| (Fact::Other, *cell)));
    Some(out)
}

fn glued<'t>(row: &'t str, header: &Header<'_>, report: &str) -> Option<PermitRow<'t>> {
    let end = row.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, ':' | '_'))).unwrap_or(row.len());
    let run = &row[..end];
    if !is_permit(run) {
        return None;
    }
    let last = run.rfind(':').map_or(0, |at| at + 1);
    let cuts: Vec<usize> =
        row[..end].char_indices().filter(|(at, c)| *at > last && c.is_ascii_digit()).map(|(at, _)| at).collect();
    let camel = camel(report);
    let named = cuts.iter().copied().chain([end]).find(|cut| row[last..*cut] == *camel);
    let split = |cut: usize, tail: Tail<'t>| PermitRow {
        permit: &row[..cut],
        cost: Some(tail.cost),
        glued: (cut + tail.cost.len() <= end).then(|| &row[..cut + tail.cost.len()]),
        intervals: tail.intervals,
        lag: tail.lag,
        ambiguous: tail.ambiguous,
        unread: tail.more.map(|more| (Fact::Other, more)).into_iter().collect(),
    };
    // The digits at the end are the cost, unless the report's name itself ends in digits.
    if let Some((cut, tail)) = named.and_then(|cut| Some((cut, tail(&row[cut..], header)?))) {
        return Some(split(cut, tail));
    }
    let mut fits = cuts.iter().copied().chain([end]).filter_map(|cut| Some((cut, tail(&row[cut..], header)?)));
    if let Some((cut, tail)) = fits.next().filter(|_| named.is_none()) {
        let other = fits.any(|(cut, _)| !row[cut..].starts_with('0'));
        let row = split(cut, tail);
        return Some(PermitRow { ambiguous: row.ambiguous || other, ..row });
    }
    let digits = run.len() - run.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let cut = named.unwrap_or(end - digits);
    let rest = trim(&row[cut..]);
    let unread = if rest.is_empty() { Vec::new() } else { vec![(Fact::Cost, rest)] };
    Some(PermitRow { permit: &row[..cut], glued: Some(run), unread, ..PermitRow::default() })
}

/// What follows a permit without a separator.
struct Tail<'t> {
    cost: &'t str,
    intervals: Option<(&'t str, Vec<&'t str>)>,
    lag: Option<&'t str>,
    /// What follows the last cell.
    more: Option<&'t str>,
    ambiguous: bool,
}

fn tail<'t>(text: &'t str, header: &Header<'_>) -> Option<Tail<'t>> {
    let text = trim(text);
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let alone = digits == text.len();
    let (cost, intervals, rest, ambiguous) = if header.has(INTERVALS) && !alone {
        let fits = |cut: usize| {
            let (names, rest) = list(trim(&text[cut..]))?;
            Some((&text[..cut], names, rest))
        };
        let all: Vec<_> = (1..=digits).filter_map(fits).collect();
        // `35m` can only be 3 and 5m, but `1030m` can be 10 and 30m, or 1 and 030m.
        let usual = |names: &[&str]| names.first().is_some_and(|name| USUAL.contains(name));
        let likely: Vec<_> =
            all.iter().filter(|(_, names, _)| names.first().is_some_and(|name| !name.starts_with('0'))).collect();
        let best = *likely.iter().find(|(_, names, _)| usual(names)).or(likely.first())?;
        let start = text.len() - trim(&text[best.0.len()..]).len();
        let printed = trim(&text[start..text.len() - best.2.len()]);
        (best.0, Some((printed, best.1.clone())), best.2, likely.len() > 1 && !usual(&best.1))
    } else {
        (&text[..digits], None, trim(&text[digits..]), false)
    };
    let rest = (!rest.is_empty()).then_some(rest);
    let lag = rest.filter(|_| header.has(LAG));
    // `2.5` is no cost of 2.
    let more = rest.filter(|_| lag.is_none() && intervals.is_some());
    let whole = rest.is_none() || lag.is_some() || more.is_some();
    (is_number(cost) && whole).then_some(Tail { cost, intervals, lag, more, ambiguous })
}

/// Intervals that pages name; others can be read too.
const USUAL: [&str; 5] = ["5m", "1h", "1d", "1w", "1mo"];
const UNITS: [&str; 8] = ["min", "mo", "m", "h", "d", "w", "y", "s"];

/// The intervals in `5m, 1h, 1d`, and the text after them.
fn list(text: &str) -> Option<(Vec<&str>, &str)> {
    let mut names = Vec::new();
    let mut rest = text;
    loop {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let unit = UNITS.iter().find(|unit| rest[digits..].starts_with(**unit)).filter(|_| digits > 0)?;
        let (name, after) = rest.split_at(digits + unit.len());
        names.push(name);
        let after = trim(after);
        match after.strip_prefix([',', ';']) {
            Some(more) => rest = trim(more),
            None => return Some((names, after)),
        }
    }
}

fn is_permit(text: &str) -> bool {
    text.contains(':') && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, ':' | '_')) && !text.ends_with(':')
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.len() <= 9 && text.chars().all(|c| c.is_ascii_digit())
}

fn camel(name: &str) -> String {
    let mut out = String::new();
    for part in name.split(['_', '-', '.']) {
        let mut chars = part.chars();
        out.extend(chars.next().map(|c| c.to_ascii_uppercase()));
        out.extend(chars);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::published::read::table::permit_header;

    fn parts(row: &str, report: &str) -> (String, String, bool) {
        let header = permit_header("Required permitRate limit tokens cost").unwrap();
        let row = permit_row(row, &header, report).unwrap();
        (row.permit.into(), row.cost.unwrap_or("?").into(), row.ambiguous)
    }

    #[test]
    fn permit_and_cost_are_split() {
        let of = |permit: &str, cost: &str, ambiguous| (permit.to_owned(), cost.to_owned(), ambiguous);
        assert_eq!(parts("A:B:Sendings2", "sendings"), of("A:B:Sendings", "2", false));
        assert_eq!(parts("A:B:Members10", "members"), of("A:B:Members", "10", false));
        assert_eq!(parts("A:B:Top105", "top10"), of("A:B:Top10", "5", false));
        assert_eq!(parts("A:B:Other12", "sendings"), of("A:B:Other", "12", true));
        assert_eq!(parts("A:B:Other10", "sendings"), of("A:B:Other", "10", false));
        assert_eq!(parts("A:B:Other | 12 |", "sendings"), of("A:B:Other", "12", false));
        assert_eq!(parts("| A:B:Other | 12 |", "sendings"), of("A:B:Other", "12", false));
        assert_eq!(parts("A:B:Other 12", "sendings"), of("A:B:Other", "12", false));
        assert_eq!(parts("A:B:Other", "sendings"), of("A:B:Other", "?", false));
        let header = permit_header("Required permitRate limit tokens cost").unwrap();
        assert!(permit_row("This report", &header, "x").is_none());
    }

    #[test]
    fn a_cost_that_is_not_a_whole_number_is_not_read() {
        let header = permit_header("Required permitRate limit tokens cost").unwrap();
        for (row, rest) in [
            ("A:B:Sendings2.5", "2.5"),
            ("A:B:Sendings2 (+1 per month)", "2 (+1 per month)"),
            ("A:B:Sendings 2-5", "2-5"),
            ("A:B:Sendings | 2.5", "2.5"),
            ("A:B:Ships2.5", "2.5"),
        ] {
            let row = permit_row(row, &header, "sendings").unwrap();
            assert_eq!((row.cost, &row.unread[..]), (None, &[(Fact::Cost, rest)][..]));
            assert!(!row.permit.ends_with('2'));
        }
    }

    #[test]
    fn intervals_and_lag_are_split() {
        let both = "Required permitRate limit tokens costAvailable intervals";
        let lag = &format!("{both}Data lag");
        let cells = "| Required permit | Rate limit tokens cost | Available intervals | Data lag |";
        for (header, row, cost, intervals, last) in [
            (both, "A:Report:MemberBalance35m, 1h, 1d, 1w, 1mo", "3", "5m,1h,1d,1w,1mo", None),
            (both, "A:Report:MemberBalance 10 5m, 1h", "10", "5m,1h", None),
            (both, "A:Report:Other101mo", "10", "1mo", None),
            (lag, "A:Report:MemberBalance31h, 1d~15 minutes", "3", "1h,1d", Some("~15 minutes")),
            (lag, "A:Report:MemberBalance31h, 1mo", "3", "1h,1mo", None),
            (cells, "| A:Report:MemberBalance | 3 | 1h, 1d | ~15 minutes |", "3", "1h,1d", Some("~15 minutes")),
        ] {
            let header = permit_header(header).unwrap();
            let read = permit_row(row, &header, "member_balance").unwrap();
            let names = read.intervals.map(|(_, names)| names.join(",")).unwrap_or_default();
            assert_eq!((read.cost, names.as_str(), read.lag), (Some(cost), intervals, last), "{row}");
        }
        let header = permit_header(both).unwrap();
        let odd = permit_row("A:Report:MemberBalance3 any", &header, "member_balance").unwrap();
        assert_eq!((odd.cost, odd.unread[0].1), (None, "3 any"));
    }
}
