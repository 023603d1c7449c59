//! Help for a misspelled name.

use placewise_model::nearest;
use strsim::damerau_levenshtein;

use super::codes;
use super::finding::Finding;
use super::fix::Fix;
use super::place::Place;

/// At most this many known names are listed.
const LISTED: usize = 20;

/// The finding for a name that refers to nothing.
pub(crate) fn dangling<S: AsRef<str>>(message: String, at: Place, name: &str, known: &[S]) -> Finding {
    suggest(Finding::new(codes::DANGLING_REFERENCE, message).at(at), name, known)
}

/// Adds the known name that was probably meant, or else all known names. If only one name can be meant, it is a fix.
pub(crate) fn suggest<S: AsRef<str>>(finding: Finding, written: &str, known: &[S]) -> Finding {
    match nearest(written, known.iter().map(AsRef::as_ref)) {
        Some(name) => {
            let place = finding.place.clone().filter(|_| is_sure(written, name, known));
            let fix = place.map(|at| Fix::word(at, written, name));
            Finding { fix, ..finding.help(format!("did you mean `{name}`?")) }
        }
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

/// Whether a name is one slip away, or few in a long word, and no other name is as near.
fn is_sure<S: AsRef<str>>(written: &str, name: &str, known: &[S]) -> bool {
    let edits = |name: &str| damerau_levenshtein(&written.to_lowercase(), &name.to_lowercase());
    let letters = written.chars().count();
    let least = edits(name);
    let others = known.iter().map(AsRef::as_ref).filter(|other| *other != name);
    letters > 2 && least <= (letters / 4).max(1) && others.into_iter().all(|other| edits(other) > least)
}
