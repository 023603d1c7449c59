//! What does not fit its type, kept by clients that are lenient: a value costs its field, and a row without a required value costs the row.

/// The most misfits that are kept with their text. The others are only counted.
const MOST: usize = 1000;

/// A value, or a whole row, that does not fit its type.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Misfit {
    /// Index of the row in its page.
    pub row: usize,
    /// Path of the field: `timeseries_time_ranges.1h.from`. None for the whole row.
    pub field: Option<String>,
    /// What was expected.
    pub expected: String,
    /// The JSON text as the server sent it: of the value if a field was left empty, of the row if it was left out.
    pub raw: String,
    /// Whether the row was left out, because the field may not be empty.
    pub row_left_out: bool,
}

/// The misfits of a page or of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Misfits {
    /// The first of them.
    pub kept: Vec<Misfit>,
    /// How many there are.
    pub count: u64,
}

impl Misfits {
    /// Whether everything fitted.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Counts one; whether it should be kept too.
    pub(crate) fn counted(&mut self) -> bool {
        self.count += 1;
        self.kept.len() < MOST
    }

    pub(crate) fn merge(&mut self, more: Self) {
        self.count += more.count;
        self.kept.extend(more.kept.into_iter().take(MOST.saturating_sub(self.kept.len())));
    }
}
