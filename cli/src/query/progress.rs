//! The progress of a run, on a terminal alone.

use std::cell::Cell;
use std::fmt;
use std::io::{self, IsTerminal};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressState, ProgressStyle};
use placewise_reporting::RateLimiter;

use super::pages::Totals;
use crate::terminal::plural;

pub(super) struct Progress {
    bar: ProgressBar,
    /// The style once there is something to show.
    template: Cell<Option<&'static str>>,
    limiter: RateLimiter,
}

impl Progress {
    /// `most` is the number of rows, if it is known, and `limiter` what may hold requests back. Rows that scroll by on the same terminal are progress enough.
    pub(super) fn new(most: Option<u64>, rows_on_terminal: bool, limiter: &RateLimiter) -> Self {
        let limiter = limiter.clone();
        if !io::stderr().is_terminal() || rows_on_terminal {
            return Self { bar: ProgressBar::hidden(), template: Cell::new(None), limiter };
        }
        let (bar, template) = match most {
            Some(most) => (ProgressBar::new(most), "{bar:30} {human_pos} of {human_len} rows, {msg}{held}, {eta} left"),
            None => (ProgressBar::new_spinner(), "{spinner} {human_pos} rows, {msg}{held}, {elapsed}"),
        };
        let progress = Self { bar, template: Cell::new(Some(template)), limiter };
        progress.show("{spinner} waiting for the first answer{held}, {elapsed}");
        progress.bar.enable_steady_tick(Duration::from_millis(200));
        progress
    }

    fn show(&self, template: &str) {
        let limiter = self.limiter.clone();
        let held = move |_: &ProgressState, out: &mut dyn fmt::Write| {
            let _ = out.write_str(if limiter.waiting() > 0 { ", held back by the rate limit" } else { "" });
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.bar.set_style(style.with_key("held", held));
        }
    }

    pub(super) fn update(&self, rows: u64, totals: &Totals) {
        if let Some(template) = self.template.take() {
            self.show(template);
        }
        self.bar.set_position(rows);
        self.bar.set_message(format!("{}, {}", plural(totals.pages, "page"), tokens(totals)));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// The tokens of a run.
pub(super) fn tokens(totals: &Totals) -> String {
    match (totals.tokens, totals.tokens_known) {
        (0, false) => "an unknown number of tokens".into(),
        (some, false) => format!("{} or more", plural(some, "token")),
        (all, true) => plural(all, "token"),
    }
}
