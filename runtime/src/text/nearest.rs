//! The nearest known name for a misspelled one.

use super::excerpt::snippet;

/// Says that there is no such name, and which name may be meant or which there are.
pub(crate) fn unknown<'a>(kind: &str, name: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
    let hint = match nearest(name, known.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => match known.collect::<Vec<_>>().join(", ") {
            known if known.is_empty() => "none are known".into(),
            known => format!("use one of {known}"),
        },
    };
    format!("there is no {kind} `{}`; {hint}", snippet(name))
}

/// The known name most like the given one, if any is close. Case does not count.
pub(crate) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    // A name from outside may be very long.
    let name: String = name.chars().take(100).flat_map(char::to_lowercase).collect();
    let length = name.chars().count();
    let near = |known: &&str| length.abs_diff(known.chars().count()) <= most_edits(known);
    known
        .filter(near)
        .map(|known| (distance(&name, &known.to_lowercase()), known))
        .filter(|(far, known)| *far <= most_edits(known))
        .min()
        .map(|(_, known)| known)
}

/// Edits that leave a name recognizable.
fn most_edits(known: &str) -> usize {
    (known.len() / 3).max(1)
}

/// Edits (insertions, removals, replacements) between two texts.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (cell, b) in row.iter_mut().skip(1).zip(&to) {
            let best = (diagonal + usize::from(a != *b)).min(left + 1).min(*cell + 1);
            diagonal = std::mem::replace(cell, best);
            left = best;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_edits() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", "abc"), 0);
        let near = |name| nearest(name, ["type", "channel"].into_iter());
        assert_eq!((near("CHANEL"), near("tpe"), near("nope")), (Some("channel"), Some("type"), None));
    }
}
