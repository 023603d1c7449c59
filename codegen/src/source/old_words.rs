//! Former words of the spec language, so that `check` can name their successors.

/// Each former key or word with its successor.
const RENAMED: [(&str, &str); 11] = [
    ("about", "description"),
    ("standing", "provenance"),
    ("why", "reason"),
    ("settle", "settled_by"),
    ("concerns", "scope"),
    ("every", "bucket_length"),
    ("kept", "retention"),
    ("absent-in-samples", "absent-in-examples"),
    ("only-in-samples", "only-in-examples"),
    ("broken-sample", "broken-example"),
    ("sample-disagrees", "example-disagrees"),
];

/// The successor of a former word, if it is one of the known words here.
pub(super) fn renamed(old: &str, known: &[String]) -> Option<&'static str> {
    let (_, new) = RENAMED.iter().find(|(word, _)| *word == old)?;
    known.iter().any(|word| word == new).then_some(*new)
}
