//! Turns the bytes of a capture into text: UTF-8 or UTF-16, with or without a byte order mark.

/// The text of a capture.
#[derive(Debug)]
pub(super) struct Decoded {
    pub text: String,
    /// The first replaced byte, as an offset in `text`, and how many stretches were replaced.
    pub replaced: Option<(usize, usize)>,
}

/// Decodes a capture. `Err` says in words what the file is, if it is not text.
pub(super) fn decode(bytes: &[u8]) -> Result<Decoded, &'static str> {
    if let Some(what) = known_format(bytes) {
        return Err(what);
    }
    let decoded = match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => utf8(rest),
        _ => match zeros(bytes) {
            [0, 0] => utf8(bytes),
            // Latin text as UTF-16 has a zero in every other byte.
            [even, odd] if odd > 4 * even && odd * 4 > bytes.len() => utf16(bytes, u16::from_le_bytes),
            [even, odd] if even > 4 * odd && even * 4 > bytes.len() => utf16(bytes, u16::from_be_bytes),
            _ => return Err("a binary file"),
        },
    };
    if decoded.text.contains('\n') || !decoded.text.contains('\r') {
        return Ok(decoded);
    }
    // Old editors end lines with a return alone. Line numbers count line feeds.
    Ok(Decoded { text: decoded.text.replace('\r', "\n"), ..decoded })
}

fn known_format(bytes: &[u8]) -> Option<&'static str> {
    let starts = |text: &str| bytes.starts_with(text.as_bytes());
    let head = &bytes[..bytes.len().min(1000)];
    let mime = |line: &[u8]| line.get(..18).is_some_and(|start| start.eq_ignore_ascii_case(b"content-type: mult"));
    match () {
        () if starts("%PDF") => Some("a PDF"),
        () if starts("PK\u{3}\u{4}") => Some("a ZIP archive or an office document"),
        () if starts("{\\rtf") => Some("an RTF document"),
        () if starts("\u{1f}") => Some("a compressed file"),
        () if starts("bplist") => Some("a web archive"),
        () if head.split(|byte| *byte == b'\n').any(mime) => Some("an MHTML archive"),
        () => None,
    }
}

/// How many zeros stand in even and in odd places.
fn zeros(bytes: &[u8]) -> [usize; 2] {
    let mut out = [0, 0];
    for pair in bytes.chunks(2) {
        for (count, byte) in out.iter_mut().zip(pair) {
            *count += usize::from(*byte == 0);
        }
    }
    out
}

/// Windows-1252's typographic quotes, dashes and ellipsis. No other encoding prints these bytes in Latin text.
fn typographic(byte: u8) -> Option<char> {
    Some(match byte {
        0x85 => '…',
        0x91 => '‘',
        0x92 => '’',
        0x93 => '“',
        0x94 => '”',
        0x95 => '•',
        0x96 => '–',
        0x97 => '—',
        _ => return None,
    })
}

/// The text, if all that is not ASCII is typographic in Windows-1252.
fn windows(bytes: &[u8]) -> Option<String> {
    let mut others = bytes.iter().filter(|byte| !byte.is_ascii()).peekable();
    others.peek()?;
    others
        .all(|byte| typographic(*byte).is_some())
        .then(|| bytes.iter().map(|byte| typographic(*byte).unwrap_or(char::from(*byte))).collect())
}

fn utf8(bytes: &[u8]) -> Decoded {
    if let Some(text) = windows(bytes) {
        return Decoded { text, replaced: None };
    }
    let mut decoded = Decoded { text: String::with_capacity(bytes.len()), replaced: None };
    for chunk in bytes.utf8_chunks() {
        decoded.text.push_str(chunk.valid());
        let cut = bytes.as_ptr_range().end == chunk.invalid().as_ptr_range().end;
        // A capture may be cut within a character: that its end is missing is told elsewhere.
        let incomplete = cut && std::str::from_utf8(chunk.invalid()).is_err_and(|error| error.error_len().is_none());
        if !chunk.invalid().is_empty() && !incomplete {
            replace(&mut decoded);
        }
    }
    decoded
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Decoded {
    let mut decoded = Decoded { text: String::with_capacity(bytes.len() / 2), replaced: None };
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    for c in char::decode_utf16(units) {
        match c {
            Ok('\u{feff}') if decoded.text.is_empty() => {}
            Ok(c) => decoded.text.push(c),
            Err(_) => replace(&mut decoded),
        }
    }
    decoded
}

fn replace(decoded: &mut Decoded) {
    let (_, count) = decoded.replaced.get_or_insert((decoded.text.len(), 0));
    *count += 1;
    decoded.text.push(char::REPLACEMENT_CHARACTER);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_encoding_gives_the_same_text() {
        let text = "boats (records)\nfærd ✅ 𝄞\n";
        let units: Vec<u16> = text.encode_utf16().collect();
        let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
        let marked = |mark: &[u8], rest: &[u8]| [mark, rest].concat();
        for bytes in [
            text.as_bytes().to_vec(),
            marked(&[0xef, 0xbb, 0xbf], text.as_bytes()),
            marked(&[0xff, 0xfe], &little),
            marked(&[0xfe, 0xff], &big),
            little,
            big,
            text.replace('\n', "\r").into_bytes(),
        ] {
            let decoded = decode(&bytes).unwrap();
            assert_eq!((decoded.text.as_str(), decoded.replaced), (text, None));
        }
    }

    #[test]
    fn bytes_that_are_no_characters_are_counted() {
        assert_eq!(
            decode(b"a\xe6b\xe6").unwrap().replaced,
            Some((1, 1)),
            "the last may be the start of a character that was cut"
        );
        assert_eq!(decode(b"a\xe6b\xff").unwrap().replaced, Some((1, 2)));
        assert_eq!(decode(&[0xff, 0xfe, 0, 0xd8, b'a', 0]).unwrap().replaced, Some((0, 1)));
    }

    #[test]
    fn files_that_are_not_text_are_named() {
        assert_eq!(decode(b"%PDF-1.7").unwrap_err(), "a PDF");
        assert_eq!(decode(b"From: x\nContent-Type: multipart/related;\n").unwrap_err(), "an MHTML archive");
        assert_eq!(decode(&[1, 0, 0, 0, 0, 0, 0, 7]).unwrap_err(), "a binary file");
    }
}
