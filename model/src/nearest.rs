//! The known name that a misspelled one was probably meant to be.

/// The known name with the fewest edits to the written one, if they are few enough for a typo. Case does not count.
pub fn nearest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (written.chars().count() / 3).max(2);
    let written = written.to_lowercase();
    known
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(&written, &name.to_lowercase()), name))
        .filter(|(edits, _)| *edits <= limit)
        .min()
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_typo_finds_its_name_and_another_word_does_not() {
        assert_eq!(nearest("cursor-kye", ["page-size-key", "cursor-key"]), Some("cursor-key"));
        assert_eq!(nearest("COST", ["cost"]), Some("cost"));
        assert_eq!(nearest("weather", ["cost", "permit"]), None);
        assert_eq!(nearest("x", []), None);
    }
}
