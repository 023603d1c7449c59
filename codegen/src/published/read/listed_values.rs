//! Reads the values of an enumeration and the metrics of an object from a field's prose.

use super::lines::{Line, is_snake, trim, unbullet, unescape};
use super::page::{Metric, PublishedField};
use super::printed_type::PrintedType;

/// A longer text is prose, not a value.
const SHORT: usize = 64;

/// Adds the listed values and named metrics to a field of that type, and claims their lines.
pub(super) fn read_prose(lines: &[Line<'_>], ty: &PrintedType, field: &mut PublishedField) {
    let of_metrics = matches!(ty.innermost(), PrintedType::Object | PrintedType::Dynamic);
    let of_values = matches!(ty.innermost(), PrintedType::Enum | PrintedType::String);
    let mut listing = Listing::No;
    let mut blank = false;
    // Without an introduction, a single such line may be prose.
    let explained_values = lines.iter().filter(|line| explained(line.text).is_some()).count() > 1;
    for line in lines {
        if line.blank() {
            blank = true;
            continue;
        }
        let after_blank = std::mem::take(&mut blank);
        if line.is_claimed() {
            listing = Listing::No;
            continue;
        }
        // Any type may have a list; prose of an object may speak of values in other ways.
        if let Some(inline) = values_intro(line.text).filter(|_| of_values || (!of_metrics && is_list_intro(line.text))) {
            let words = list_of_words(inline);
            listing = if words.is_some() { Listing::Open } else { Listing::Due };
            // A rest that is no list stays unread.
            if inline.is_empty() || words.is_some() {
                line.claim();
            }
            for value in words.unwrap_or_default() {
                add_value(line, value, field);
            }
            continue;
        }
        if of_values || listing != Listing::No {
            let words = match listing {
                Listing::No if is_quoted_list(line.text) => list_of_words(line.text),
                Listing::No if *ty.innermost() == PrintedType::Enum && explained_values => {
                    explained(line.text).map(|word| vec![word])
                }
                Listing::No => None,
                Listing::Open if after_blank => list_of_words(line.text),
                Listing::Due | Listing::Open => list_of_words(line.text).or_else(|| phrase(line.text).map(|text| vec![text])),
            };
            match words {
                Some(words) => {
                    line.claim();
                    for word in words {
                        add_value(line, word, field);
                    }
                    listing = if listing == Listing::No { Listing::No } else { Listing::Open };
                }
                None => listing = Listing::No,
            }
        } else if of_metrics
            && let Some(word) = explained(line.text).filter(|word| is_snake(&unescape(word)))
            && field.metrics.iter().all(|metric| metric.name.value != unescape(word))
        {
            let lower = line.text.to_lowercase();
            line.claim();
            let share = word.ends_with("_rate") || ["percent", "rate", "ratio", "%"].iter().any(|mark| lower.contains(mark));
            field.metrics.push(Metric { name: line.fact(word, unescape(word)), share });
        }
    }
}

/// The progress through a list of values.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Listing {
    No,
    /// The introduction was read.
    Due,
    /// At least one value was read.
    Open,
}

fn add_value(line: &Line<'_>, value: &str, field: &mut PublishedField) {
    let name = unescape(value);
    if field.values.iter().all(|known| known.value != name) {
        field.values.push(line.fact(value, name));
    }
}

/// The rest of the line after an introduction such as `This field is an enum, possible values are:`.
fn values_intro(text: &str) -> Option<&str> {
    let (intro, rest) = text.split_once(':')?;
    let lower = intro.to_lowercase();
    let speaks = lower.contains("values") || lower.contains("one of") || lower.contains("enum");
    (speaks && intro.len() <= 120).then_some(trim(rest))
}

/// Whether an introduction can only announce the values of an enumeration.
fn is_list_intro(text: &str) -> bool {
    let lower = text.to_lowercase();
    lower.contains("possible values") || lower.contains("allowed values") || lower.contains("is an enum")
}

const QUOTES: [char; 8] = ['"', '“', '”', '„', '`', '\'', '‘', '’'];

fn unquote(text: &str) -> &str {
    trim(text).trim_matches(QUOTES)
}

fn is_quoted_list(text: &str) -> bool {
    let text = unbullet(text);
    text.starts_with(QUOTES) && text.contains(',') && list_of_words(text).is_some_and(|words| words.len() > 1)
}

/// The values on one line: one word, `word - explanation`, or several separated by commas, quoted or not.
fn list_of_words(text: &str) -> Option<Vec<&str>> {
    let text = unbullet(text);
    if let Some(word) = explained(text) {
        return Some(vec![word]);
    }
    let sentence = text.ends_with('.');
    let text = text.trim_end_matches('.');
    if text.starts_with(QUOTES) {
        return quoted_words(text);
    }
    if sentence && !text.contains(',') {
        return None;
    }
    let mut words = Vec::new();
    for part in text.split([',', ';']).map(trim).filter(|part| !part.is_empty()) {
        let word = ["and ", "or "].iter().find_map(|joint| part.strip_prefix(joint)).unwrap_or(part);
        if word.len() > SHORT || word.contains(char::is_whitespace) || word.contains(QUOTES) || word.ends_with(':') {
            return None;
        }
        words.push(word);
    }
    (!words.is_empty()).then_some(words)
}

/// The values in `"a", "b" and "c d"`.
fn quoted_words(text: &str) -> Option<Vec<&str>> {
    let mut words = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let inner = rest.strip_prefix(QUOTES)?;
        let end = inner.find(QUOTES)?;
        let word = &inner[..end];
        if word.is_empty() || word.len() > SHORT {
            return None;
        }
        words.push(word);
        let after = inner[end..].trim_start_matches(QUOTES).trim_start_matches([',', ';', ' ']);
        rest = ["and ", "or "].iter().find_map(|joint| after.strip_prefix(joint)).unwrap_or(after);
    }
    (!words.is_empty()).then_some(words)
}

/// The word of `word - explanation`.
fn explained(text: &str) -> Option<&str> {
    let text = unbullet(text);
    let at = [" - ", " – ", " — "].iter().filter_map(|dash| text.find(dash)).min()?;
    let word = unquote(&text[..at]);
    let plain = !word.is_empty() && word.len() <= SHORT && !word.contains(char::is_whitespace);
    plain.then_some(word)
}

/// A value of up to three words directly below the introduction.
fn phrase(text: &str) -> Option<&str> {
    let text = unbullet(text);
    let words = text.split_whitespace().count();
    let plain = words <= 3 && text.len() <= SHORT && !text.ends_with(['.', ':', '!', '?', ',']) && !text.contains(QUOTES);
    (plain && text.starts_with(|c: char| c.is_lowercase() || c.is_ascii_digit())).then_some(text)
}
