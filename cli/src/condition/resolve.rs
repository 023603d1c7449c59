//! Checks a condition against what is known of a report, and makes the filter. All problems are found in one run.

use std::ops::Range;

use jiff::civil::Date;
use placewise_model::nearest;
use placewise_reporting::{AnyReport, Comparison, FieldInfo, Filter, Filterability, Json, ReportInfo};

use super::parse::{Test, Tree, Values, Word};
use super::problem::Problem;
use crate::dates::{Dates, When};
use crate::terminal::printable;

/// A condition that can be sent.
#[derive(Debug)]
pub(crate) struct Condition {
    pub filter: Filter<AnyReport>,
    /// What dates were taken as.
    pub notes: Vec<String>,
    /// Values that the model does not list.
    pub warnings: Vec<String>,
}

/// The filter of a condition.
pub(super) fn resolve(report: &ReportInfo, dates: &Dates, tree: &Tree) -> Result<Condition, Vec<Problem>> {
    let mut resolver = Resolver { report, dates, problems: Vec::new(), notes: Vec::new(), warnings: Vec::new() };
    let filter = resolver.tree(tree, None);
    match (filter, resolver.problems) {
        (Some(filter), problems) if problems.is_empty() => {
            Ok(Condition { filter, notes: resolver.notes, warnings: resolver.warnings })
        }
        (_, problems) => Err(problems),
    }
}

struct Resolver<'a> {
    report: &'a ReportInfo,
    dates: &'a Dates,
    problems: Vec<Problem>,
    notes: Vec<String>,
    warnings: Vec<String>,
}

/// The place of the `not` that a condition is under.
type Negation<'t> = Option<&'t Range<usize>>;

impl<'a> Resolver<'a> {
    fn tree<'t>(&mut self, tree: &'t Tree, not: Negation<'t>) -> Option<Filter<AnyReport>> {
        match tree {
            Tree::Not(inner, _) if not.is_some() => self.tree(inner, None),
            Tree::Not(inner, at) => self.tree(inner, Some(at)),
            Tree::All(trees) if not.is_none() => Filter::all(self.trees(trees, not)),
            Tree::Any(trees) if not.is_some() => Filter::all(self.trees(trees, not)),
            Tree::All(trees) | Tree::Any(trees) => Filter::any(self.trees(trees, not)),
            Tree::Test(test) => self.test(test, not),
        }
    }

    fn trees<'t>(&mut self, trees: &'t [Tree], not: Negation<'t>) -> Vec<Filter<AnyReport>> {
        trees.iter().filter_map(|tree| self.tree(tree, not)).collect()
    }

    fn fail<T>(&mut self, at: &Range<usize>, message: impl Into<String>) -> Option<T> {
        self.problems.push(Problem::new(at, message));
        None
    }

    fn test(&mut self, test: &Test, not: Negation<'_>) -> Option<Filter<AnyReport>> {
        let field = self.field(&test.field)?;
        let mut how = test.how;
        if let Some(at) = not {
            self.negatable(field, test, at)?;
            how = inverse(how);
        }
        if !fits(field.ty, test.how, &test.values) {
            let message =
                format!("`{}` has the type `{}`, so it is compared with {}", shown(field.name), field.ty, operators(field.ty));
            return self.fail(&test.how_at, message);
        }
        match &test.values {
            Values::Null => self.filter(field, how, Json::Null, &test.how_at),
            Values::One(word) => self.one(field, how, word),
            Values::Many(words) => {
                let values: Vec<Option<Json>> = words.iter().map(|word| self.value(field, word)).collect();
                let values = values.into_iter().collect::<Option<Vec<Json>>>()?;
                self.filter(field, how, values.into(), &test.how_at)
            }
        }
    }

    fn filter(&mut self, field: &FieldInfo, how: Comparison, value: Json, at: &Range<usize>) -> Option<Filter<AnyReport>> {
        match self.report.filter(field.name, how, value) {
            Ok(filter) => Some(filter),
            Err(error) => self.fail(at, error.to_string()),
        }
    }

    fn field(&mut self, word: &Word) -> Option<&'a FieldInfo> {
        let report = self.report;
        let Some(field) = report.field(&word.text) else {
            let message = self.unknown_field(&word.text);
            return self.fail(&word.at, message);
        };
        let name = shown(field.name);
        match field.filterable {
            Filterability::Header(header) => {
                let message = format!("`{name}` is chosen by the header `{header}`, not by a condition; use `--customers`");
                self.fail(&word.at, message)
            }
            Filterability::No | Filterability::UnknownStrict => {
                let can = report.fields.iter().filter(|field| can_filter(field)).map(|field| field.name);
                let message = format!("the server cannot filter by `{name}`; it filters by {}", list(can, &word.text));
                self.fail(&word.at, message)
            }
            _ => Some(field),
        }
    }

    fn unknown_field(&self, written: &str) -> String {
        let report = self.report;
        if report.fields.is_empty() {
            return format!("the fields of `{}` are not known, so it cannot be filtered by name", report.name);
        }
        let meant = nearest(written, report.fields.iter().map(|field| field.name));
        let meant = meant.map_or_else(|| ".".into(), |name| format!("; did you mean `{}`?", shown(name)));
        let known = report.fields.iter().filter(|field| can_filter(field)).map(|field| field.name);
        format!("`{}` has no field `{}`{meant} Conditions can use {}", report.name, shown(written), list(known, written))
    }

    /// Whether the opposite operator matches exactly the other rows.
    fn negatable(&mut self, field: &FieldInfo, test: &Test, at: &Range<usize>) -> Option<()> {
        let exact = matches!(test.values, Values::Null) || (!field.nullable && !field.ty.starts_with("array["));
        if exact {
            return Some(());
        }
        let (name, opposite) = (shown(field.name), symbol(inverse(test.how)));
        let message = format!(
            "`not` cannot be sent: whether `{opposite}` matches rows without `{name}` is not documented. \
             Write `{name} {opposite} …` without `not`, and `is null` or `is not null` for the rows without it"
        );
        self.fail(at, message)
    }

    /// A comparison with one value. A day that a timestamp is compared with is the whole day.
    fn one(&mut self, field: &FieldInfo, how: Comparison, word: &Word) -> Option<Filter<AnyReport>> {
        if field.ty == "timestamp"
            && let Ok(When::Day(_) | When::Today | When::Yesterday) = When::parse(&word.text)
        {
            return self.day(field, how, word);
        }
        let value = self.value(field, word)?;
        self.filter(field, how, value, &word.at)
    }

    fn day(&mut self, field: &FieldInfo, how: Comparison, word: &Word) -> Option<Filter<AnyReport>> {
        let bounds = When::parse(&word.text).and_then(|when| self.dates.day(&when));
        let (start, next) = match bounds {
            Ok(bounds) => bounds,
            Err(problem) => return self.fail(&word.at, problem),
        };
        let mut compare = |how: Comparison, moment: &str| {
            self.notes.push(format!("{} {} {moment}", shown(field.name), symbol(how)));
            self.filter(field, how, moment.into(), &word.at)
        };
        use Comparison as C;
        match how {
            C::GreaterOrEqual | C::LessThan => compare(how, &start),
            C::LessOrEqual => compare(C::LessThan, &next),
            C::GreaterThan => compare(C::GreaterOrEqual, &next),
            C::NotEqual => Some(compare(C::LessThan, &start)? | compare(C::GreaterOrEqual, &next)?),
            _ => Some(compare(C::GreaterOrEqual, &start)? & compare(C::LessThan, &next)?),
        }
    }

    fn value(&mut self, field: &FieldInfo, word: &Word) -> Option<Json> {
        if word.text.eq_ignore_ascii_case("null") && !word.quoted {
            let name = shown(field.name);
            return self.fail(&word.at, format!("null is no value of a list; write `{name} is null` beside it, with `or`"));
        }
        let text = match innermost(field.ty) {
            "timestamp" => self.moment(word)?,
            "date" => self.date(word)?,
            _ => word.text.clone(),
        };
        let value = match field.parse(&text) {
            Ok(value) => value,
            Err(_) => {
                let message = format!("`{}` takes {}", shown(field.name), kind_of_values(innermost(field.ty)));
                return self.fail(&word.at, message);
            }
        };
        self.warn_unlisted(field, &text);
        Some(value)
    }

    /// An enumeration is open, so an unlisted value is sent all the same.
    fn warn_unlisted(&mut self, field: &FieldInfo, text: &str) {
        if field.values.is_empty() || field.values.iter().any(|value| value.value == text) {
            return;
        }
        let values = || field.values.iter().map(|value| value.value);
        let meant = nearest(text, values()).map_or_else(String::new, |value| format!("; did you mean `{}`?", shown(value)));
        let known = list(values(), text);
        self.warnings.push(format!("`{}` is not a known value of `{}`{meant} (known: {known})", shown(text), shown(field.name)));
    }

    fn moment(&mut self, word: &Word) -> Option<String> {
        let moment = When::parse(&word.text).and_then(|when| match when {
            When::Day(_) | When::Today | When::Yesterday => {
                Err("a day is no single time; compare it with =, <, <=, > or >=, or write the time, such as 2025-01-31T08:00"
                    .into())
            }
            when => self.dates.start(&when),
        });
        match moment {
            Ok(moment) => {
                let moment = moment.to_string();
                if moment != word.text {
                    self.notes.push(format!("{} is {moment}", shown(&word.text)));
                }
                Some(moment)
            }
            Err(problem) => self.fail(&word.at, problem),
        }
    }

    fn date(&mut self, word: &Word) -> Option<String> {
        match When::parse(&word.text).and_then(|when| self.dates.date(&when)) {
            Ok(date) => Some(Date::to_string(&date)),
            Err(problem) => self.fail(&word.at, problem),
        }
    }
}

fn can_filter(field: &FieldInfo) -> bool {
    matches!(field.filterable, Filterability::Yes | Filterability::Example | Filterability::Unknown)
}

fn innermost(ty: &str) -> &str {
    ty.strip_prefix("array[").and_then(|of| of.strip_suffix(']')).unwrap_or(ty)
}

const fn inverse(how: Comparison) -> Comparison {
    match how {
        Comparison::Equal => Comparison::NotEqual,
        Comparison::NotEqual => Comparison::Equal,
        Comparison::GreaterThan => Comparison::LessOrEqual,
        Comparison::LessOrEqual => Comparison::GreaterThan,
        Comparison::LessThan => Comparison::GreaterOrEqual,
        Comparison::GreaterOrEqual => Comparison::LessThan,
        Comparison::OneOf => Comparison::NoneOf,
        _ => Comparison::OneOf,
    }
}

/// A comparison as conditions write it.
const fn symbol(how: Comparison) -> &'static str {
    match how {
        Comparison::Equal => "=",
        Comparison::NotEqual => "!=",
        Comparison::GreaterThan => ">",
        Comparison::GreaterOrEqual => ">=",
        Comparison::LessThan => "<",
        Comparison::LessOrEqual => "<=",
        Comparison::OneOf => "in",
        _ => "not in",
    }
}

fn has_order(ty: &str) -> bool {
    matches!(ty, "integer" | "number" | "timestamp" | "date")
}

fn is_plain(ty: &str) -> bool {
    has_order(ty) || matches!(ty, "string" | "enum" | "boolean")
}

fn fits(ty: &str, how: Comparison, values: &Values) -> bool {
    match how {
        Comparison::Equal | Comparison::NotEqual => matches!(values, Values::Null) || is_plain(ty),
        Comparison::OneOf | Comparison::NoneOf => is_plain(innermost(ty)),
        _ => has_order(ty) && !matches!(values, Values::Null),
    }
}

fn operators(ty: &str) -> &'static str {
    match ty {
        _ if has_order(ty) => "=, !=, <, <=, >, >=, in, not in, is null or is not null",
        _ if is_plain(ty) => "=, !=, in, not in, is null or is not null",
        _ if is_plain(innermost(ty)) => "in (any common element), not in, is null or is not null",
        _ => "is null or is not null",
    }
}

fn kind_of_values(ty: &str) -> &'static str {
    match ty {
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "true or false",
        _ => "text",
    }
}

/// The most names that a message lists.
const MOST_NAMES: usize = 20;

/// Names in backticks, the nearest to the written one first.
fn list<'n>(names: impl Iterator<Item = &'n str> + Clone, written: &str) -> String {
    let near = nearest(written, names.clone());
    let ordered = near.into_iter().chain(names.filter(|name| Some(*name) != near));
    let all: Vec<String> = ordered.map(|name| format!("`{}`", shown(name))).collect();
    match all.get(..MOST_NAMES) {
        _ if all.is_empty() => "no field".into(),
        Some(first) if all.len() > MOST_NAMES => format!("{} and {} more", first.join(", "), all.len() - MOST_NAMES),
        _ => all.join(", "),
    }
}

fn shown(text: &str) -> String {
    printable(text)
}
