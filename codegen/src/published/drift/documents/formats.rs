//! The pages of the data formats: keys of requests and responses, intervals, limits.

use placewise_model::{AutoStep, Model, Period, Provenance, RequestKeys, Retention, Unit};

use super::left::is_identifier;
use super::search::{Search, keys, word_in};
use super::titles::part;
use crate::finding::{Place, codes};
use crate::published::drift::account::Account;
use crate::published::drift::amendment::{After, Edit};
use crate::published::read::{At, Json, LineForm, Node};

/// Words that speak of a limit.
const LIMITS: [&str; 9] = ["most", "max", "limit", "up to", "no more", "exceed", "can return", "up-to", "at once"];

/// The words of the headings of these pages.
const HEADINGS: &str = "auto automatic bucket buckets cursor data example format interval intervals label labels limit limits page pagination parameter parameters params point points range request response result retention series time";

/// The path of a request key in `formats.yaml`.
fn request_keys<'k>(format: &'static str, keys: &RequestKeys<'k>) -> Vec<(&'k str, Vec<&'static str>)> {
    keys.iter().map(|(key, setting)| (setting.value.as_str(), vec![format, "request", key.word()])).collect()
}

/// The keys of requests, which are expected if a page of the format shows them.
fn expect_request(account: &mut Account<'_>, format: &'static str, keys: &RequestKeys<'_>, on_page: bool) {
    for (key, setting) in keys {
        let path = [format, "request", key.word()];
        match &setting.assumption {
            Some(id) => account.assumes(&path, id),
            None if on_page => account.expect(&path),
            None => {}
        }
        account.named(&path, &setting.value, None);
    }
}

/// The keys of responses, each with its fact.
fn response_keys<'k>(
    account: &mut Account<'_>,
    format: &'static str,
    keys: &[(&'static str, &'k String)],
) -> Vec<(&'k str, Vec<&'static str>)> {
    let path = |name| vec![format, "response", name];
    let keys: Vec<_> = keys.iter().map(|(name, key)| (key.as_str(), path(*name))).collect();
    keys.iter().for_each(|(key, path)| account.named(path, key, None));
    keys
}

pub(super) fn records(search: &mut Search<'_>, account: &mut Account<'_>, model: &Model) {
    let records = &model.records;
    let response = &records.response;
    let all = [("rows", &response.rows), ("pagination", &response.pagination), ("result_type", &response.result_type)];
    let known = response_keys(account, "records", &all);
    let next = response_keys(account, "records", &[("next", &response.next)]);
    known.iter().chain(&next).for_each(|(_, path)| account.expect(path));
    account.expect(&["records", "response", "result_type_value"]);
    let request = records.request.keys();
    expect_request(account, "records", &request, false);
    let report = records.request.report.value.clone();
    let is_request = |json: &Json| json.get(&report).is_some();
    for json in search.samples(false, is_request) {
        keys(json, &request_keys("records", &request), &["records", "request"], search.document, account);
    }
    for json in search.samples(true, is_request) {
        keys(json, &known, &["records", "response"], search.document, account);
        if let Some(pagination) = json.get(&response.pagination) {
            keys(pagination, &next, &["records", "response"], search.document, account);
        }
        result_type(json, &response.result_type, &response.result_type_value, "records", search, account);
    }
    for (setting, path) in
        [(&records.most_page_size, ["records", "most_page_size"]), (&records.default_page_size, ["records", "default_page_size"])]
    {
        if setting.assumption.is_none() {
            account.expect(&path);
        }
        let most = path[1] == "most_page_size";
        let words = search.numbers(&["record", "row", "item", "entr"]);
        let lines = words.into_iter().filter(|(_, _, line)| {
            let lower = line.to_ascii_lowercase();
            if most { LIMITS.iter().any(|word| lower.contains(word)) } else { lower.contains("default") }
        });
        search.limit(lines.collect(), u64::from(setting.value), setting.assumption.as_deref(), &path, account);
    }
    let keys = request_keys("records", &request);
    names(search, &known.into_iter().chain(next).chain(keys).collect::<Vec<_>>(), account);
}

pub(super) fn timeseries(search: &mut Search<'_>, account: &mut Account<'_>, model: &Model) {
    let format = &model.timeseries;
    let response = &format.response;
    let top = [
        ("interval", &response.interval),
        ("zone", &response.zone),
        ("buckets", &response.buckets),
        ("series", &response.series),
        ("data_points", &response.data_points),
        ("result_type", &response.result_type),
    ];
    let top = response_keys(account, "timeseries", &top);
    let inner = [("label", &response.label), ("values", &response.values), ("series_zone", &response.series_zone)];
    let inner = response_keys(account, "timeseries", &inner);
    // The zone of a series is only there for customers of several zones, which the introduction tells.
    top.iter().chain(&inner[..2]).for_each(|(_, path)| account.expect(path));
    account.expect(&["timeseries", "response", "result_type_value"]);
    let request = format.request.keys();
    expect_request(account, "timeseries", &request, true);
    let report = format.request.report.value.clone();
    let is_request = |json: &Json| json.get(&report).is_some();
    for json in search.samples(false, is_request) {
        keys(json, &request_keys("timeseries", &request), &["timeseries", "request"], search.document, account);
    }
    for json in search.samples(true, is_request) {
        keys(json, &top, &["timeseries", "response"], search.document, account);
        for series in json.get(&response.series).map_or(&[][..], Json::elements) {
            keys(series, &inner, &["timeseries", "response"], search.document, account);
        }
        result_type(json, &response.result_type, &response.result_type_value, "timeseries", search, account);
    }
    intervals(search, account, model);
    auto(search, account, model);
    for (value, name, words) in [
        (format.most_time_points, "most_time_points", &["time point", "bucket", "point in time"][..]),
        (format.most_data_points, "most_data_points", &["data point", "value"][..]),
    ] {
        account.expect(&["timeseries", name]);
        let numbers = search.numbers(words).into_iter();
        let limits = numbers.filter(|(_, _, line)| LIMITS.iter().any(|word| line.to_ascii_lowercase().contains(word)));
        search.limit(limits.collect(), u64::from(value), None, &["timeseries", name], account);
    }
    let mut all: Vec<_> = top.into_iter().chain(inner).collect();
    all.extend(request_keys("timeseries", &request));
    all.extend(format.intervals.iter().map(|interval| (interval.name.as_str(), vec!["timeseries", "intervals"])));
    names(search, &all, account);
}

pub(super) fn statistics(search: &mut Search<'_>, account: &mut Account<'_>, model: &Model) {
    let request = model.statistics.request.keys();
    expect_request(account, "statistics", &request, true);
    let known = request_keys("statistics", &request);
    let report = model.statistics.request.report.value.clone();
    let is_request = |json: &Json| json.get(&report).is_some();
    for json in search.samples(false, is_request) {
        keys(json, &known, &["statistics", "request"], search.document, account);
    }
    // Nothing is known of the response: each of its keys is new.
    for json in search.samples(true, is_request) {
        keys(json, &[], &["statistics", "response"], search.document, account);
    }
    names(search, &known, account);
}

/// Names that stand at the start of a line, then everything that is left.
fn names(search: &mut Search<'_>, known: &[(&str, Vec<&str>)], account: &mut Account<'_>) {
    for (key, path) in known {
        while let Some(row) = search.row(key) {
            // A line of text may only begin with the same word.
            if row.glued { account.states(path, *key, &row.name) } else { account.settles(path, key, &row.name) }
        }
    }
    search.account(&known.iter().map(|(key, _)| *key).collect::<Vec<_>>(), HEADINGS, None, account);
}

fn result_type(json: &Json, key: &str, value: &str, format: &str, search: &Search<'_>, account: &mut Account<'_>) {
    let Some(stated) = json.get(key) else { return };
    let place = Place { file: search.document.title.place.file, span: stated.span.clone() };
    let path = [format, "response", "result_type_value"];
    match &stated.node {
        Node::String(text) if text == value => account.states(&path, text.as_str(), &place),
        _ => {
            let stated = stated.to_value();
            let message = format!("`{key}` is {stated} in the page's sample, `{value}` in the spec");
            account.states_other(codes::DRIFT_VALUE, message, stated.as_str().unwrap_or_default(), &place, &path);
        }
    }
}

fn intervals(search: &mut Search<'_>, account: &mut Account<'_>, model: &Model) {
    for interval in model.timeseries.intervals.iter() {
        let path = ["timeseries", "intervals", interval.name.as_str()];
        if interval.provenance == Provenance::Documented {
            account.expect(&path);
            account.expect(&[path[0], path[1], path[2], "bucket_length"]);
            account.expect(&[path[0], path[1], path[2], "retention"]);
        }
        let Some(row) = search.row(&interval.name) else { continue };
        account.states(&path, interval.name.as_str(), &row.name);
        let mut stated = lengths(&row.rest);
        if stated.len() > 1 {
            account.documents(&path, interval.provenance);
        }
        let retention = if stated.len() > 1 { stated.pop() } else { None };
        let facts = [
            ("bucket_length", stated.pop(), String::from(interval.bucket_length)),
            ("retention", retention, String::from(interval.retention)),
        ];
        for (key, stated, spec) in facts {
            let path = [path[0], path[1], path[2], key];
            match stated {
                Some((text, at)) if text == spec => account.states(&path, text, &at),
                Some((text, at)) => {
                    let message = format!("`{key}` of `{}` is {text} on the page, {spec} in the spec", interval.name);
                    account.states_other(codes::DRIFT_VALUE, message, &text, &at, &path);
                }
                None => account.unread(
                    &path,
                    format!("cannot read `{key}` of the interval `{}`", interval.name),
                    row.line.text.place.clone(),
                ),
            }
        }
    }
    new_intervals(search, account, model);
}

/// Rows with two lengths of time that have another name than every interval.
fn new_intervals(search: &mut Search<'_>, account: &mut Account<'_>, model: &Model) {
    let known: Vec<&str> = model.timeseries.intervals.iter().map(|interval| interval.name.as_str()).collect();
    for (index, line) in search.left() {
        let cells = match &line.form {
            LineForm::Cells(cells) => cells.clone(),
            LineForm::Other => vec![line.text.clone()],
            _ => continue,
        };
        let [(length, place), (retention, _)] = &lengths(&cells)[..] else { continue };
        let at = place.span.start - line.text.place.span.start;
        let name = line.text.value.get(..at).unwrap_or_default().trim_matches(|c: char| !c.is_ascii_alphanumeric());
        let (true, Ok(period)) = (is_identifier(name), Period::try_from(length.clone())) else { continue };
        search.take(index);
        account.added(&[], name, format!("the page has the interval `{name}`, the spec does not"), &line.text.place, &known);
        let finer = model.timeseries.intervals.iter().rfind(|interval| order(interval.bucket_length) < order(period));
        let value = serde_json::json!({ "bucket_length": length, "retention": retention });
        let after = finer.map_or(After::First, |interval| After::Key(interval.name.clone()));
        account.amend(&["timeseries", "intervals", name], Edit::Insert(value, after));
    }
}

/// Sorts lengths of time. `90 minutes` count as less than `1 hour`; `check` finds an interval that this puts in the wrong place.
fn order(period: Period) -> (Unit, u32) {
    (period.unit, period.count)
}

/// The lengths of time in a row, such as `5 minutes` and `forever`, each with its place.
fn lengths(cells: &[At<String>]) -> Vec<(String, Place)> {
    let mut out = Vec::new();
    for cell in cells {
        let mut at = 0;
        while let Some((start, length, text)) = length_in(&cell.value[at..]) {
            out.push((text, part(cell, at + start, length)));
            at += start + length;
        }
    }
    out
}

/// The first length of time in a text: where it is, how long its text is, and its usual form.
fn length_in(text: &str) -> Option<(usize, usize, String)> {
    let lower = text.to_ascii_lowercase();
    let forever = lower.find("forever").map(|at| (at, 7, String::from(Retention(None))));
    let mut at = 0;
    let period = std::iter::from_fn(|| {
        let start = at + lower[at..].find(|c: char| c.is_ascii_digit())?;
        let digits = lower[start..].len() - lower[start..].trim_start_matches(|c: char| c.is_ascii_digit()).len();
        at = start + digits;
        let rest = &lower[at..];
        let gap = rest.len() - rest.trim_start_matches([' ', '-']).len();
        let word = ["minute", "hour", "day", "week", "month", "year"].into_iter().find(|word| rest[gap..].starts_with(word));
        Some(word.and_then(|word| {
            let plural = usize::from(rest[gap + word.len()..].starts_with('s'));
            let period = Period::try_from(format!("{} {word}", &lower[start..start + digits])).ok()?;
            Some((start, digits + gap + word.len() + plural, period.to_string()))
        }))
    })
    .flatten()
    .next();
    [forever, period].into_iter().flatten().min_by_key(|(at, ..)| *at)
}

/// The steps of choosing an interval: a line with a length of time and an interval's name.
fn auto(search: &mut Search<'_>, account: &mut Account<'_>, model: &Model) {
    let auto = &model.timeseries.auto;
    account.expect(&["timeseries", "auto", "name"]);
    if let Some(place) = search.word(&auto.name) {
        account.states(&["timeseries", "auto", "name"], auto.name.as_str(), &place);
    }
    let steps: Vec<String> = (0..auto.steps.len()).map(|index| index.to_string()).collect();
    for step in &steps {
        account.expect(&["timeseries", "auto", "steps", step]);
    }
    account.expect(&["timeseries", "auto", "otherwise"]);
    let mut rule = false;
    for (index, line) in search.left().into_iter().filter(|(_, line)| !matches!(line.form, LineForm::Code | LineForm::Heading)) {
        // One sentence may tell all steps.
        let mut at = 0;
        for clause in line.text.value.split_inclusive([',', ';']) {
            let text = At { value: clause.to_owned(), place: part(&line.text, at, clause.len()), line: line.text.line };
            at += clause.len();
            if step(&text, &mut rule, account, model) {
                search.take(index);
            }
        }
    }
    // Sentences that lead to the steps.
    for (index, line) in search.left() {
        if line.form == LineForm::Prose && word_in(&line.text.value, &auto.name).is_some() {
            search.take(index);
        }
    }
}

/// One step. `rule` tells whether the clause before was one too, and this one is. Returns whether it is one.
fn step(clause: &At<String>, rule: &mut bool, account: &mut Account<'_>, model: &Model) -> bool {
    let auto = &model.timeseries.auto;
    let text = clause.value.as_str();
    let lower = text.to_ascii_lowercase();
    let compares =
        ["<", "≤", "less", "up to", "at most", "within", "short", "until", "->", "→"].iter().any(|word| lower.contains(word));
    let Some(interval) = model.timeseries.intervals.iter().find(|interval| word_in(text, &interval.name).is_some()) else {
        return false;
    };
    let stated = length_in(text).filter(|(.., stated)| !stated.starts_with(&format!("{} ", model.timeseries.most_time_points)));
    let mut is_step = true;
    match stated {
        Some((at, length, stated)) if compares => {
            *rule = true;
            let place = part(clause, at, length);
            // A step with another interval is recognized by its length.
            let by_interval = auto.steps.iter().position(|step| step.interval == interval.name);
            let Some(number) = by_interval.or_else(|| auto.steps.iter().position(|step| step.up_to.to_string() == stated)) else {
                let message = format!("the page chooses `{}` for up to {stated}, the spec does not", interval.name);
                account.added(&["timeseries", "auto", "steps"], &stated, message, &place, &[]);
                let shorter =
                    |step: &&AutoStep| Period::try_from(stated.clone()).is_ok_and(|up_to| order(step.up_to) < order(up_to));
                let before = auto.steps.iter().take_while(shorter).count();
                let value = serde_json::json!({ "up_to": stated, "interval": interval.name });
                account.amend(&["timeseries", "auto", "steps", &before.to_string()], Edit::append(value));
                return true;
            };
            let step = &auto.steps[number];
            let number = number.to_string();
            let path = ["timeseries", "auto", "steps", number.as_str()];
            account.states(&path, format!("{stated}: {}", interval.name), &place);
            if step.up_to.to_string() != stated || step.interval != interval.name {
                let message = format!(
                    "`{}` is for up to {stated} on the page; in the spec, `{}` is for up to {}",
                    interval.name, step.interval, step.up_to
                );
                account.differs(codes::DRIFT_VALUE, message, &place, &path, "`auto`");
                for (key, value) in [("up_to", &stated), ("interval", &interval.name)] {
                    account.amend(&[&path[..], &[key]].concat(), Edit::value(value));
                }
            }
        }
        None if *rule || ["otherwise", "else", "longer", "any other"].iter().any(|word| lower.contains(word)) => {
            *rule = false;
            let path = ["timeseries", "auto", "otherwise"];
            let at = word_in(text, &interval.name).unwrap_or(0);
            let place = part(clause, at, interval.name.len());
            if interval.name == auto.otherwise {
                account.states(&path, interval.name.as_str(), &place);
            } else {
                let message = format!("longer ranges get `{}` on the page, `{}` in the spec", interval.name, auto.otherwise);
                account.states_other(codes::DRIFT_VALUE, message, &interval.name, &place, &path);
            }
        }
        _ => is_step = false,
    }
    is_step
}
