//! Tries a table of changes of a page, and shows all that went wrong at once.

/// What is replaced, by what, and what that should do.
pub type Changed<'c, T> = (&'c str, &'c str, T);

/// Makes each change in a copy of the page. `wrong` says what is wrong with what a copy does.
pub fn each_changed<T>(page: &str, changes: &[Changed<'_, T>], mut wrong: impl FnMut(&str, &T) -> Option<String>) {
    let mut all = Vec::new();
    for (from, to, expected) in changes {
        assert!(page.contains(from), "the page has no {from:?}");
        if let Some(wrong) = wrong(&page.replacen(from, to, 1), expected) {
            all.push(format!("{from:?} -> {to:?}: {wrong}"));
        }
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
}
