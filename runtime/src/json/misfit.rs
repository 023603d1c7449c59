//! What does not fit its type, kept by clients that are lenient: a value costs its field or its point of a chart, and a row without a required
//! value costs the row.

use crate::text::excerpt::floor;

/// The most misfits that are kept with their text. The others are only counted.
const MOST: usize = 1000;

/// The most bytes of text that are kept: of all misfits, and of one.
const MOST_BYTES: usize = 1024 * 1024;
const MOST_BYTES_OF_ONE: usize = 64 * 1024;

/// A value, or a whole row, that does not fit its type.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Misfit {
    /// Index of the row in its page, or of the series in its chart.
    pub row: usize,
    /// Path of the field: `timeseries_time_ranges.1h.from`. Of a value in a chart, it ends in the start of the bucket. None for the whole row.
    pub field: Option<String>,
    /// What was expected.
    pub expected: String,
    /// The JSON text as the server sent it: of the value if a field was left empty, of the row if it was left out. Of a text beyond
    /// 64 KiB the start, and `…`.
    pub raw: String,
    /// Whether the row was left out, because the field may not be empty.
    pub row_left_out: bool,
}

/// The misfits of a page, a chart or a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Misfits {
    /// The first of them: up to 1000, and up to 1 MiB of their text.
    pub kept: Vec<Misfit>,
    /// How many there are.
    pub count: u64,
    /// Of the texts that are kept.
    bytes: usize,
}

impl Misfits {
    /// Whether everything fitted.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Counts one, and keeps it while there is room; returns the bytes that it takes.
    pub(crate) fn add(&mut self, misfit: impl FnOnce() -> Misfit, raw: &str) -> u64 {
        self.count += 1;
        let raw = match raw.get(..floor(raw, MOST_BYTES_OF_ONE)) {
            Some(start) if start.len() < raw.len() => format!("{start}…"),
            _ => raw.to_owned(),
        };
        let bytes = raw.len();
        if self.keep(bytes, || Misfit { raw, ..misfit() }) { (bytes + size_of::<Misfit>()) as u64 } else { 0 }
    }

    /// Keeps one whose text has that many bytes; returns whether there was room.
    fn keep(&mut self, bytes: usize, misfit: impl FnOnce() -> Misfit) -> bool {
        let room = self.kept.len() < MOST && bytes <= MOST_BYTES.saturating_sub(self.bytes);
        if room {
            self.bytes += bytes;
            self.kept.push(misfit());
        }
        room
    }

    pub(crate) fn merge(&mut self, more: Self) {
        self.count += more.count;
        for misfit in more.kept {
            self.keep(misfit.raw.len(), || misfit);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_that_is_kept_is_bounded_in_bytes() {
        let raw = format!("\"{}\"", "ø".repeat(1_000_000));
        let misfit = || Misfit { row: 0, field: None, expected: "a number".into(), raw: String::new(), row_left_out: false };
        let (mut page, mut run) = (Misfits::default(), Misfits::default());
        for _ in 0..20 {
            page.add(misfit, &raw);
        }
        for _ in 0..3 {
            run.merge(page.clone());
        }
        for (misfits, count) in [(page, 20), (run, 60)] {
            let kept: usize = misfits.kept.iter().map(|misfit| misfit.raw.len()).sum();
            assert_eq!((misfits.count, misfits.kept.len(), kept == misfits.bytes), (count, 15, true));
            assert!(kept <= MOST_BYTES && misfits.kept.iter().all(|misfit| misfit.raw.ends_with("ø…")));
        }
    }
}
