//! The tree of invalid parameters, which mirrors the request. A part with an undocumented shape is kept as JSON.

use std::fmt;

use serde_json::Value as Json;

use crate::{facts::api::ErrorBody, json::map::Map, text::excerpt::snippet};

/// How many details of an error a message lists.
const MOST_OPTIONS: usize = 5;

/// The invalid parameters, as a tree.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Invalid {
    /// An object or a list of the request. The keys of a list are indexes.
    Fields(Map<Invalid>),
    /// The errors of one parameter.
    Errors(Vec<ParameterError>),
    /// JSON of another shape.
    Unknown(Json),
}

/// One error of a parameter.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ParameterError {
    /// The error's symbol (`inclusion`, `too_short`); the set is open.
    pub error: String,
    /// Details of the error, such as `max`.
    pub options: Map<Json>,
    /// Other keys, as they were sent.
    pub other: Map<Json>,
    /// The part of the query that the error is about; none if the query sent nothing there, and for all errors after the first 100.
    pub part: Option<QueryPart>,
}

/// A part of a query, in the query's own words.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct QueryPart {
    /// What it is: `filter`, `interval`, `from`, `to`, `page_size`, `cursor`, `aggregation`, `report`, or `with` for a key of the caller's own.
    pub name: &'static str,
    /// What it says, on one short line: `channel = "email"`, `"1h"`. None if the query does not set it.
    pub text: Option<String>,
}

/// How many errors are matched with the query.
const MOST_MATCHED: usize = 100;

impl fmt::Display for QueryPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.text {
            Some(text) => write!(f, "{} `{text}`", self.name),
            None => write!(f, "no {}", self.name),
        }
    }
}

impl Invalid {
    pub(crate) fn read(keys: &ErrorBody, json: Json) -> Self {
        match json {
            Json::Object(fields) => Self::Fields(fields.into_iter().map(|(key, json)| (key, Self::read(keys, json))).collect()),
            Json::Array(items) => {
                let errors: Option<Vec<_>> = items.iter().map(|item| ParameterError::read(keys, item)).collect();
                errors.map_or(Self::Unknown(Json::Array(items)), Self::Errors)
            }
            other => Self::Unknown(other),
        }
    }

    /// Adds to each error the part of the query at its path.
    pub(crate) fn match_parts(&mut self, part: &dyn Fn(&[String]) -> Option<QueryPart>) {
        self.match_below(&mut Vec::new(), &mut 0, part);
    }

    fn match_below(&mut self, path: &mut Vec<String>, matched: &mut usize, part: &dyn Fn(&[String]) -> Option<QueryPart>) {
        match self {
            Self::Fields(fields) => {
                for (key, inner) in fields.iter_mut() {
                    path.push(key.to_owned());
                    inner.match_below(path, matched, part);
                    path.pop();
                }
            }
            Self::Errors(errors) if *matched < MOST_MATCHED => {
                *matched += errors.len();
                let found = part(path);
                errors.iter_mut().for_each(|error| error.part.clone_from(&found));
            }
            Self::Errors(_) | Self::Unknown(_) => {}
        }
    }

    /// Every error with the path of its parameter, sorted by path. The texts are bounded and safe to print.
    pub fn iter(&self) -> impl Iterator<Item = (String, &ParameterError)> {
        let mut found = Vec::new();
        self.walk(&mut Vec::new(), &mut found);
        found.into_iter()
    }

    /// Whether there are no errors.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Fields(fields) => fields.values().all(Self::is_empty),
            Self::Errors(errors) => errors.is_empty(),
            Self::Unknown(json) => json.is_null(),
        }
    }

    /// The parameters at fault: the outermost keys.
    pub(crate) fn top_keys(&self) -> Vec<String> {
        match self {
            Self::Fields(fields) => fields.keys().map(str::to_owned).collect(),
            Self::Errors(_) | Self::Unknown(_) => Vec::new(),
        }
    }

    fn walk<'a>(&'a self, path: &mut Vec<String>, found: &mut Vec<(String, &'a ParameterError)>) {
        match self {
            Self::Fields(fields) => {
                for (key, inner) in fields {
                    path.push(snippet(key));
                    inner.walk(path, found);
                    path.pop();
                }
            }
            Self::Errors(errors) => found.extend(errors.iter().map(|error| (path.join("."), error))),
            Self::Unknown(_) => {}
        }
    }
}

impl ParameterError {
    fn read(keys: &ErrorBody, json: &Json) -> Option<Self> {
        let mut other = Map::from(json.as_object()?.clone());
        let Some(Json::String(error)) = other.remove(keys.symbol) else { return None };
        let options = match other.remove(keys.options) {
            None | Some(Json::Null) => Map::new(),
            Some(Json::Object(options)) => options.into(),
            Some(_) => return None,
        };
        Some(Self { error, options, other, part: None })
    }
}

impl fmt::Display for ParameterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&snippet(&self.error))?;
        for (index, (key, value)) in self.options.iter().enumerate().take(MOST_OPTIONS) {
            write!(f, "{}{}: {}", if index == 0 { " (" } else { ", " }, snippet(key), snippet(&value.to_string()))?;
        }
        f.write_str(match self.options.len() {
            0 => "",
            1..=MOST_OPTIONS => ")",
            _ => ", …)",
        })
    }
}
