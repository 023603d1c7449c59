//! What keeps a simulator from starting, as one error type: unknown names (with the nearest known one), data that does not fit
//! the spec (all problems, not the first) and a model that cannot be served. No token ever stands in it.

use std::fmt;
use std::path::PathBuf;

/// Why a simulator did not start.
#[derive(Debug)]
#[non_exhaustive]
pub enum StartError {
    /// The text is no model.
    Model(serde_json::Error),
    /// No assumption has that id.
    UnknownAssumption {
        /// The id asked for.
        id: String,
        /// The known id most like it.
        nearest: Option<String>,
    },
    /// Nothing that the simulator does rests on that assumption.
    AssumptionWithoutEffect {
        /// Its id.
        id: String,
    },
    /// An assumption was turned to a value of the wrong type.
    AssumptionValue {
        /// Its id.
        id: String,
        /// What is wrong with the value.
        what: String,
    },
    /// Data was given for a report that the model does not have.
    UnknownReport {
        /// The name given.
        name: String,
        /// The known name most like it.
        nearest: Option<String>,
    },
    /// A data file could not be read.
    DataFile {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// Data does not fit the spec.
    Data {
        /// The report it was given for.
        report: String,
        /// Everything that is wrong, in the data's order.
        problems: Vec<DataProblem>,
    },
    /// The model has no endpoint of the name that its records format asks.
    NoPath {
        /// The endpoint's name.
        endpoint: String,
    },
    /// The data of a report cannot be made as the model says.
    Simulate {
        /// The report.
        report: String,
        /// What is wrong.
        what: String,
    },
    /// Rows were given for a report whose format has none.
    NoRows {
        /// The report.
        report: String,
    },
    /// A reply was given for an endpoint that the model does not have.
    UnknownEndpoint {
        /// The name given.
        name: String,
        /// The known name most like it.
        nearest: Option<String>,
    },
    /// A time zone was given for a customer that there is not.
    UnknownCustomer {
        /// The customer's id.
        id: i64,
        /// The zone.
        zone: String,
    },
    /// A customer's id is no positive number, so that no request could ask for it.
    CustomerId {
        /// The id.
        id: i64,
    },
    /// A time zone is not known here.
    Zone {
        /// The zone's name.
        name: String,
    },
    /// A slug was given for a club that is not among the customers.
    UnknownClub {
        /// The slug.
        slug: String,
        /// The club's id.
        id: i64,
    },
    /// The loopback port could not be had.
    Bind(std::io::Error),
}

/// One thing that is wrong with data.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DataProblem {
    /// The line of the file, or the number of the row, from 1.
    pub line: usize,
    /// The place in the row, `ranges.1h.from`; none where it is the whole line.
    pub field: Option<String>,
    /// What is wrong.
    pub what: String,
}

impl DataProblem {
    pub(crate) fn new(line: usize, field: Option<String>, what: impl Into<String>) -> Self {
        Self { line, field, what: what.into() }
    }
}

impl fmt::Display for DataProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.field {
            Some(field) => write!(f, "line {}, {field}: {}", self.line, self.what),
            None => write!(f, "line {}: {}", self.line, self.what),
        }
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Model(error) => write!(f, "this is not a model: {error}"),
            Self::UnknownAssumption { id, nearest } => {
                write!(f, "no assumption is called `{id}`")?;
                suggest(f, nearest.as_deref())
            }
            Self::AssumptionWithoutEffect { id } => {
                write!(f, "nothing that the simulator does rests on the assumption `{id}`; it cannot be turned here")
            }
            Self::AssumptionValue { id, what } => write!(f, "the assumption `{id}` cannot have that value: {what}"),
            Self::UnknownReport { name, nearest } => {
                write!(f, "no report is called `{name}`")?;
                suggest(f, nearest.as_deref())
            }
            Self::DataFile { path, error } => write!(f, "cannot read {}: {error}", path.display()),
            Self::Data { report, problems } => {
                write!(f, "data for `{report}` does not fit the spec in {} place(s)", problems.len())?;
                problems.iter().try_for_each(|problem| write!(f, "\n  {problem}"))
            }
            Self::NoPath { endpoint } => {
                write!(f, "the records format is asked from the endpoint `{endpoint}`, which the model lacks")
            }
            Self::Simulate { report, what } => write!(f, "the data of `{report}` cannot be made as the model says: {what}"),
            Self::NoRows { report } => {
                write!(f, "`{report}` is no records report and has no rows; give rows to the report that its data come from")
            }
            Self::UnknownEndpoint { name, nearest } => {
                write!(f, "no endpoint is called `{name}`")?;
                suggest(f, nearest.as_deref())
            }
            Self::UnknownCustomer { id, zone } => {
                write!(f, "the zone `{zone}` was given for customer {id}, which is not among the customers")
            }
            Self::CustomerId { id } => write!(f, "a customer cannot have the id {id}; ids are positive whole numbers"),
            Self::Zone { name } => write!(f, "the time zone `{name}` is not known on this system"),
            Self::UnknownClub { slug, id } => {
                write!(f, "the slug `{slug}` stands for club {id}, which is not among the customers")
            }
            Self::Bind(error) => write!(f, "cannot listen on the loopback address: {error}"),
        }
    }
}

impl std::error::Error for StartError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Model(error) => Some(error),
            Self::DataFile { error, .. } | Self::Bind(error) => Some(error),
            _ => None,
        }
    }
}

fn suggest(f: &mut fmt::Formatter<'_>, nearest: Option<&str>) -> fmt::Result {
    nearest.map_or(Ok(()), |nearest| write!(f, "; did you mean `{nearest}`?"))
}

/// The known name with the fewest edits to `name`, the first of equals.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    known.into_iter().min_by_key(|candidate| edits(name, candidate)).map(str::to_owned)
}

/// How many characters must be added, removed or replaced to turn `a` into `b`.
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_has_the_fewest_edits() {
        assert_eq!(edits("kitten", "sitting"), 3);
        assert_eq!(edits("", "abc"), 3);
        assert_eq!(nearest("cursor-kye", ["page-size-key", "cursor-key"]).as_deref(), Some("cursor-key"));
        assert_eq!(nearest("x", []), None);
    }
}
