//! What each check found, and how it is printed.

use placewise_model::exit::{Failure, Outcome};
use serde_json::{Value, json};

use crate::terminal::{self, Output, printable};

/// What a check found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Ok,
    Wrong,
    /// It could not be found out.
    Unknown,
}

impl State {
    const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Wrong => "wrong",
            Self::Unknown => "unknown",
        }
    }
}

/// One line.
#[derive(Debug)]
struct Finding {
    check: String,
    state: State,
    text: String,
    /// What to do next.
    advice: Option<String>,
}

/// The lines, printed as they are found unless JSON is asked for.
pub(super) struct Findings {
    output: Output,
    all: Vec<Finding>,
}

impl Findings {
    pub(super) const fn new(output: Output) -> Self {
        Self { output, all: Vec::new() }
    }

    pub(super) fn ok(&mut self, check: &str, text: impl Into<String>) -> Outcome {
        self.add(check, State::Ok, text.into(), None)
    }

    pub(super) fn wrong(&mut self, check: &str, text: impl Into<String>, advice: impl Into<String>) -> Outcome {
        self.add(check, State::Wrong, text.into(), Some(advice.into()).filter(|advice| !advice.is_empty()))
    }

    pub(super) fn unknown(&mut self, check: &str, text: impl Into<String>, advice: impl Into<String>) -> Outcome {
        self.add(check, State::Unknown, text.into(), Some(advice.into()).filter(|advice| !advice.is_empty()))
    }

    fn add(&mut self, check: &str, state: State, text: String, advice: Option<String>) -> Outcome {
        let finding =
            Finding { check: printable(check), state, text: printable(&text), advice: advice.map(|advice| printable(&advice)) };
        if self.output == Output::Text {
            terminal::line(&format!("{:<8} {}: {}", finding.state.word(), finding.check, finding.text))?;
            if let Some(advice) = &finding.advice {
                terminal::line(&format!("         -> {advice}"))?;
            }
        }
        self.all.push(finding);
        Ok(())
    }

    pub(super) fn is_wrong(&self) -> bool {
        self.wrong_count() > 0
    }

    pub(super) fn wrong_count(&self) -> usize {
        self.all.iter().filter(|finding| finding.state == State::Wrong).count()
    }

    /// Ends the run: what is wrong is a finding of the program too. `unsent` says why the server was not asked.
    pub(super) fn conclude(self, price: &Value, requests: usize, tokens: Option<i64>, unsent: Option<String>) -> Outcome {
        let wrong = self.is_wrong();
        if self.output == Output::Json {
            let checks = self.all.iter().map(|finding| {
                json!({ "check": finding.check, "state": finding.state.word(), "text": finding.text, "advice": finding.advice })
            });
            terminal::json(&json!({
                "checks": checks.collect::<Vec<_>>(), "price": price, "requests": requests, "tokens": tokens, "ok": !wrong,
            }))?;
        }
        match unsent {
            _ if wrong => Err(Failure::Findings(String::new())),
            Some(why) => Err(Failure::CannotRun(why)),
            None => Ok(()),
        }
    }
}
