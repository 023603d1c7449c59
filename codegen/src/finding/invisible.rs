//! Characters that people cannot see or tell from others. Browsers and editors add them when text is copied.

/// What an invisible or look-alike character is, in words.
pub(crate) fn invisible(c: char) -> Option<&'static str> {
    Some(match c {
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => "a space of another kind",
        '\u{ad}' => "a soft hyphen",
        '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2064}' | '\u{180e}' => "a character without width",
        '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => "a mark of direction",
        '\u{feff}' => "a byte order mark",
        '\u{2028}' | '\u{2029}' => "a line end of another kind",
        '\u{2010}' | '\u{2011}' | '\u{2012}' | '\u{2212}' | '\u{fe63}' | '\u{ff0d}' => "a hyphen of another kind",
        _ => return None,
    })
}

/// What a character is that no name has unless it was copied, in words: an invisible one, or one that belongs in prose alone.
pub(crate) fn odd_in_name(c: char) -> Option<&'static str> {
    match c {
        '\u{2018}'..='\u{201f}' => Some("a curly quotation mark"),
        '\n' | '\r' | '\t' => None,
        c if c.is_control() => Some("a control character"),
        c => invisible(c),
    }
}

/// The Latin letter that a Cyrillic or Greek one looks like.
pub(crate) fn latin(c: char) -> Option<char> {
    const CYRILLIC: &str = "аеорсухіѕјАВЕКМНОРСТУХІЅЈ";
    const GREEK: &str = "οΑΒΕΖΗΙΚΜΝΟΡΤΥΧ";
    const LATIN: &str = "aeopcyxisjABEKMHOPCTYXISJoABEZHIKMNOPTYX";
    CYRILLIC.chars().chain(GREEK.chars()).zip(LATIN.chars()).find(|(one, _)| *one == c).map(|(_, latin)| latin)
}

/// The text with such characters as YAML and JSON escape them: `\u200b`.
pub(crate) fn escape(text: &str, odd: fn(char) -> Option<&'static str>) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        match odd(c) {
            Some(_) => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            None => out.push(c),
        }
        out
    })
}
