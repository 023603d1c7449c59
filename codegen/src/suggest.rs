//! The nearest known name for a misspelt one. In: what was written and what is known; out: the sentence that helps.

use crate::finding::Finding;

/// The known name that the written one was most likely meant to be.
pub fn nearest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (written.chars().count() / 3).max(2);
    known
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(&written.to_lowercase(), &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, name)| name)
}

/// Adds to a finding what was most likely meant, or else all that is known.
pub fn help<S: AsRef<str>>(finding: Finding, written: &str, known: &[S]) -> Finding {
    match nearest(written, known.iter().map(AsRef::as_ref)) {
        Some(name) => finding.help(format!("did you mean `{name}`?")),
        None if known.is_empty() => finding,
        None => {
            let mut names: Vec<&str> = known.iter().map(AsRef::as_ref).collect();
            names.sort_unstable();
            names.dedup();
            let more = names.len().saturating_sub(20);
            names.truncate(20);
            let list = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            finding.help(if more > 0 { format!("known are {list} and {more} more") } else { format!("known are {list}") })
        }
    }
}
