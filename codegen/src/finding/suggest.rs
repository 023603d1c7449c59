//! Help for a misspelled name.

use placewise_model::nearest;

use super::finding::Finding;

/// At most this many known names are listed.
const LISTED: usize = 20;

/// Adds the known name that was probably meant, or else all known names.
pub(crate) fn suggest<S: AsRef<str>>(finding: Finding, written: &str, known: &[S]) -> Finding {
    match nearest(written, known.iter().map(AsRef::as_ref)) {
        Some(name) => finding.help(format!("did you mean `{name}`?")),
        None if known.is_empty() => finding.help("add it, or remove this reference"),
        None => {
            let mut names: Vec<&str> = known.iter().map(AsRef::as_ref).collect();
            names.sort_unstable();
            names.dedup();
            let more = names.len().saturating_sub(LISTED);
            names.truncate(LISTED);
            let list = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            finding.help(if more > 0 { format!("known: {list} and {more} more") } else { format!("known: {list}") })
        }
    }
}
