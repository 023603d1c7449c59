//! The cursors that a run has followed, to notice a server that leads it in a circle. Bounded, however long the run is.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// The most cursors of a generation: 0.5 MiB of them.
const MOST: usize = 32 * 1024;

/// The cursors seen, as digests.
///
/// They are kept in two generations: when the latest one has `MOST` cursors, it replaces the one before. So the last `MOST` cursors are
/// always known, and a circle of up to `MOST` pages is noticed at its first repeated cursor, wherever in the run it begins. A longer circle
/// is noticed by a single cursor that is kept while the run grows to twice its length (Brent's algorithm): before the run is four times as
/// long as when the circle was closed.
pub(super) struct Seen {
    latest: HashSet<u128>,
    before: HashSet<u128>,
    kept: Option<u128>,
    /// Pages since that one was kept, and at how many another is.
    pages: u64,
    until: u64,
}

impl Seen {
    pub(super) fn starting_at(cursor: Option<&str>) -> Self {
        Self { latest: cursor.map(digest).into_iter().collect(), before: HashSet::new(), kept: None, pages: 0, until: 1 }
    }

    /// Adds a cursor; returns whether it is new.
    pub(super) fn insert(&mut self, cursor: &str) -> bool {
        self.insert_within(MOST, digest(cursor))
    }

    fn insert_within(&mut self, most: usize, cursor: u128) -> bool {
        if self.kept == Some(cursor) {
            return false;
        }
        self.pages += 1;
        if self.pages >= self.until {
            (self.kept, self.pages, self.until) = (Some(cursor), 0, self.until.saturating_mul(2));
        }
        if self.latest.len() >= most {
            self.before = std::mem::take(&mut self.latest);
        }
        !self.before.contains(&cursor) && self.latest.insert(cursor)
    }
}

/// Two cursors with the same digest are the same, for all that a run will ever meet.
fn digest(cursor: &str) -> u128 {
    let half = |half: u8| {
        let mut hasher = DefaultHasher::new();
        (half, cursor).hash(&mut hasher);
        u128::from(hasher.finish())
    };
    half(0) << 64 | half(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_circle_of_any_length_is_noticed_in_bounded_memory() {
        for circle in [1, 2, 7, 8, 9, 100, 1000] {
            let mut seen = Seen::starting_at(None);
            let pages = (0..).take_while(|page| {
                let new = seen.insert_within(8, u128::from(page % circle));
                assert!(seen.latest.len() <= 8 && seen.before.len() <= 8);
                new
            });
            let pages = pages.count() as u64;
            assert!(pages == circle || circle > 8 && pages < 4 * circle, "{pages} of {circle}");
        }
        assert!(!Seen::starting_at(Some("a")).insert("a"));
    }

    #[test]
    fn a_circle_no_longer_than_a_generation_is_noticed_at_its_first_repeated_cursor() {
        for (start, circle) in (0..40).flat_map(|start| (1..=8).map(move |circle| (start, circle))) {
            let mut seen = Seen::starting_at(None);
            let cursor = |page: u64| if page < start { page } else { start + (page - start) % circle };
            let pages = (0..).take_while(|page| seen.insert_within(8, u128::from(cursor(*page)))).count() as u64;
            assert_eq!(pages, start + circle);
        }
    }

    #[test]
    fn a_longer_circle_is_noticed_before_the_run_is_four_times_as_long() {
        for (start, circle) in [(0, 9), (5, 50), (100, 20), (1000, 17), (77, 300)] {
            let mut seen = Seen::starting_at(None);
            let cursor = |page: u64| if page < start { page } else { start + (page - start) % circle };
            let pages = (0..).take_while(|page| seen.insert_within(8, u128::from(cursor(*page)))).count() as u64;
            assert!(pages <= 4 * (start + circle), "{pages}: {start}, {circle}");
        }
    }
}
