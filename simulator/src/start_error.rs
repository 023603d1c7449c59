//! Errors that keep a simulator from starting. No message contains a token.

use std::fmt;
use std::path::PathBuf;

use crate::excerpt::excerpt;
use crate::faults::error::FaultPlanError;

/// The most problems that a message shows.
const MOST_SHOWN: usize = 50;

/// Why a simulator did not start.
#[derive(Debug)]
#[non_exhaustive]
pub enum StartError {
    /// The text is not a model.
    Model(serde_json::Error),
    /// No assumption has that id.
    UnknownAssumption {
        /// The unknown id.
        id: String,
        /// The most similar known id.
        nearest: Option<String>,
    },
    /// The simulator does not use that assumption.
    AssumptionWithoutEffect {
        /// Its id.
        id: String,
    },
    /// An override has a value of the wrong type.
    AssumptionValue {
        /// The assumption's id.
        id: String,
        /// What is wrong with the value.
        problem: String,
    },
    /// Rows were provided for a report that the model does not have.
    UnknownReport {
        /// The unknown name.
        name: String,
        /// The most similar known name.
        nearest: Option<String>,
    },
    /// A data file is not UTF-8 text.
    DataEncoding {
        /// The file.
        path: PathBuf,
    },
    /// A data file cannot be read.
    DataFile {
        /// The file.
        path: PathBuf,
        /// The system's error.
        error: std::io::Error,
    },
    /// Provided rows do not fit the spec.
    Data {
        /// Their report.
        report: String,
        /// The file that they come from, or what else the caller named.
        source: Option<String>,
        /// All problems, in the order of the rows.
        problems: Vec<DataProblem>,
    },
    /// The model lacks the endpoint of its records format.
    MissingEndpoint {
        /// The endpoint's name.
        endpoint: String,
    },
    /// A report's `simulate` rule cannot be followed.
    Simulate {
        /// The report.
        report: String,
        /// What is wrong with the rule.
        problem: String,
    },
    /// Rows were provided for a report whose format has none.
    NoRows {
        /// The report.
        report: String,
    },
    /// A canned reply was provided for an endpoint that the model does not have.
    UnknownEndpoint {
        /// The unknown name.
        name: String,
        /// The most similar known name.
        nearest: Option<String>,
    },
    /// A slug or a time zone was provided for a customer that does not exist.
    UnknownCustomer {
        /// The customer's id.
        id: i64,
        /// What was provided, such as ``time zone `Europe/Oslo` ``.
        setting: String,
    },
    /// A customer's id is not a positive integer.
    CustomerId {
        /// The id.
        id: i64,
    },
    /// A time zone is unknown.
    Zone {
        /// The zone's name.
        name: String,
    },
    /// Others cannot drain that share of the refill.
    Drain {
        /// The share.
        most: f64,
    },
    /// The fault plan is invalid.
    Faults(FaultPlanError),
    /// A port of the loopback address is not available.
    Bind {
        /// The port; 0 for any.
        port: u16,
        /// The system's error.
        error: std::io::Error,
    },
}

/// One problem in provided rows.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DataProblem {
    /// Line of the file, or number of the row, from 1.
    pub line: usize,
    /// Place in the row, such as `ranges.1h.from`; `None` for the whole line.
    pub field: Option<String>,
    /// What is wrong.
    pub problem: String,
}

impl DataProblem {
    /// A problem in a line.
    pub fn new(line: usize, field: Option<String>, problem: impl Into<String>) -> Self {
        Self { line, field, problem: problem.into() }
    }
}

impl fmt::Display for DataProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.field {
            Some(field) => write!(f, "line {}, `{}`: {}", self.line, excerpt(field), excerpt(&self.problem)),
            None => write!(f, "line {}: {}", self.line, excerpt(&self.problem)),
        }
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Model(error) => write!(f, "the text is not a model: {error}"),
            Self::UnknownAssumption { id, nearest } => unknown(f, "assumption", id, nearest.as_deref()),
            Self::AssumptionWithoutEffect { id } => {
                write!(f, "assumption `{id}` cannot be overridden here: the simulator does not use it")
            }
            Self::AssumptionValue { id, problem } => write!(f, "invalid value for assumption `{id}`: {problem}"),
            Self::UnknownReport { name, nearest } => unknown(f, "report", name, nearest.as_deref()),
            Self::DataFile { path, error } => write!(f, "cannot read `{}`: {error}", path.display()),
            Self::DataEncoding { path } => write!(f, "`{}` is not UTF-8 text; save it as UTF-8", path.display()),
            Self::Data { report, source, problems } => {
                let source = source.as_ref().map(|source| format!(" in `{}`", excerpt(source))).unwrap_or_default();
                write!(f, "rows of `{report}`{source} do not fit the spec:")?;
                problems.iter().take(MOST_SHOWN).try_for_each(|problem| write!(f, "\n  {problem}"))?;
                match problems.len().saturating_sub(MOST_SHOWN) {
                    0 => Ok(()),
                    more => write!(f, "\n  and {more} more"),
                }
            }
            Self::MissingEndpoint { endpoint } => {
                write!(f, "the model has no endpoint `{endpoint}`, which its records format uses")
            }
            Self::Simulate { report, problem } => write!(f, "report `{report}` cannot be simulated: {problem}"),
            Self::NoRows { report } => {
                write!(f, "`{report}` is not a records report and has no rows; provide rows for the report its data derives from")
            }
            Self::UnknownEndpoint { name, nearest } => unknown(f, "endpoint", name, nearest.as_deref()),
            Self::UnknownCustomer { id, setting } => {
                write!(f, "customer {id}, named by {setting}, does not exist; add it to the customers")
            }
            Self::CustomerId { id } => write!(f, "invalid customer id {id}; ids are positive integers"),
            Self::Zone { name } => write!(f, "unknown time zone `{name}`; use an IANA name such as `America/Denver`"),
            Self::Drain { most } => write!(f, "others cannot drain {most} of each second's refill; use a share from 0 to 1"),
            Self::Faults(error) => error.fmt(f),
            Self::Bind { port: 0, error } => write!(f, "cannot listen on the loopback address: {error}"),
            Self::Bind { port, error } if error.kind() == std::io::ErrorKind::AddrInUse => {
                write!(f, "port {port} of the loopback address is taken; stop the other program or use another port")
            }
            Self::Bind { port, error } => write!(f, "cannot listen on port {port} of the loopback address: {error}"),
        }
    }
}

// Without a source, because the message holds its text.
impl std::error::Error for StartError {}

fn unknown(f: &mut fmt::Formatter<'_>, kind: &str, name: &str, nearest: Option<&str>) -> fmt::Result {
    write!(f, "no {kind} is named `{name}`")?;
    nearest.map_or(Ok(()), |nearest| write!(f, "; did you mean `{nearest}`?"))
}
