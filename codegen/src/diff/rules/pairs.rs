//! What rules ask of a difference and the elements around it.

use placewise_model::Format;

use crate::diff::differences::Turn;
use crate::diff::reading::needs;
use crate::diff::rule::Pair;

/// The lists of fields in rows, labels and responses.
pub(super) const READ_FIELDS: &[&str] = &[
    "reports/**/fields/*",
    "reports/**/labels/*",
    "reports/**/returns/*",
    "endpoints/*/response/*",
    "endpoints/*/response/**/fields/*",
];

/// Whether a value may be null or absent.
pub(super) const NULLABILITY: &[&str] =
    &["reports/**/nullable", "reports/**/optional", "endpoints/**/nullable", "endpoints/**/optional"];

pub(super) fn is_request(pair: &Pair<'_>) -> bool {
    pair.step(0) == "endpoints" && pair.step(2) == "request"
}

/// Whether a program names the crate's item for the difference no more.
pub(super) fn loses(pair: &Pair<'_>) -> bool {
    pair.lost_item().is_some()
}

/// Whether the server may leave out, or send as null, what the old client needs.
pub(super) fn null_breaks(pair: &Pair<'_>) -> bool {
    match (pair.old.field(&pair.difference.path), pair.new.field(&pair.difference.path)) {
        (Some(old), Some(new)) if is_request(pair) => !needs(old) && needs(new),
        (Some(old), Some(new)) => needs(old) && !needs(new) && !is_for_filters(pair),
        _ => false,
    }
}

/// Whether no response has the field: a timeseries has its fields only for filters.
pub(super) fn is_for_filters(pair: &Pair<'_>) -> bool {
    let charted = pair.old.report(&pair.difference.path).is_some_and(|report| report.format == Format::Timeseries);
    charted && pair.step(2) == "fields"
}

pub(super) fn is_removed(pair: &Pair<'_>) -> bool {
    pair.difference.turn == Turn::Removed
}
