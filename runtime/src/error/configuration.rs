//! A client or a query with a wrong setup. Building a client collects every problem before it fails, so that one run shows them all.

use std::fmt;

use super::assumption::AssumedValue;

/// A client or a query with a wrong setup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigurationError {
    problems: Vec<ConfigurationProblem>,
    pub(crate) assumptions: Vec<AssumedValue>,
}

/// A missing or wrong setting.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConfigurationProblem {
    /// The setting: `token`, `customers`, `assume`.
    pub what: &'static str,
    /// What is wrong with it, and what to do.
    pub problem: String,
}

impl ConfigurationError {
    pub(crate) fn new(what: &'static str, problem: impl Into<String>) -> Self {
        let mut error = Self::none();
        error.add(what, problem);
        error
    }

    /// No problem so far.
    pub(crate) const fn none() -> Self {
        Self { problems: Vec::new(), assumptions: Vec::new() }
    }

    pub(crate) fn add(&mut self, what: &'static str, problem: impl Into<String>) {
        self.problems.push(ConfigurationProblem { what, problem: problem.into() });
    }

    /// The value; none if it is wrong, after adding its problems.
    pub(crate) fn collect<T>(&mut self, value: Result<T, Self>) -> Option<T> {
        value.map_err(|error| self.problems.extend(error.problems)).ok()
    }

    /// The first missing or wrong setting: `token`, `customers`, `assume`.
    pub fn what(&self) -> &'static str {
        self.problems.first().map_or("", |problem| problem.what)
    }

    /// All missing and wrong settings; never empty.
    pub fn problems(&self) -> &[ConfigurationProblem] {
        &self.problems
    }
}

impl fmt::Display for ConfigurationProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.what, self.problem)
    }
}

impl fmt::Display for ConfigurationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let [problem] = &*self.problems {
            return problem.fmt(f);
        }
        write!(f, "{} settings are missing or wrong:", self.problems.len())?;
        self.problems.iter().try_for_each(|problem| write!(f, "\n  {problem}"))
    }
}

impl std::error::Error for ConfigurationError {}
