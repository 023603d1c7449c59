//! The one real page at hand, which is not part of the repository.

/// Its text, or `None` where it is not there.
pub fn real_page() -> Option<String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/reference/pages/sendings.txt");
    let text = std::fs::read_to_string(path).ok();
    if text.is_none() {
        eprintln!("skipped: {path} is not there");
    }
    text
}
