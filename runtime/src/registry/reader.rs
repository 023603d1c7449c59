//! Reads JSON by path, so that an error names the place that is missing or wrong. Texts live for the rest of the program.

use serde_json::Value as Json;

use crate::facts::setting::Setting;
use crate::text::excerpt::snippet;
use crate::time::period::{Period, Unit};

/// What is missing or wrong in a model, and where.
pub(super) type Problem = String;

/// A JSON value and its place in the model: `reports[3].fields[0].name`.
pub(super) struct Node<'a> {
    json: &'a Json,
    path: String,
}

impl<'a> Node<'a> {
    pub(super) fn root(json: &'a Json) -> Self {
        Self { json, path: String::new() }
    }

    fn child(&self, key: &str, json: &'a Json) -> Self {
        let dot = if self.path.is_empty() { "" } else { "." };
        Self { json, path: format!("{}{dot}{key}", self.path) }
    }

    /// The value of a key, which must be there.
    pub(super) fn get(&self, key: &str) -> Result<Self, Problem> {
        match self.json.get(key) {
            Some(json) => Ok(self.child(key, json)),
            None => Err(wrong(&self.child(key, self.json).path, "is missing")),
        }
    }

    /// The value of a key; none if it is absent or null.
    pub(super) fn find(&self, key: &str) -> Option<Self> {
        self.json.get(key).filter(|json| !json.is_null()).map(|json| self.child(key, json))
    }

    pub(super) fn list(&self) -> Result<impl Iterator<Item = Self> + use<'_, 'a>, Problem> {
        let items = self.json.as_array().ok_or_else(|| self.not("a list"))?;
        Ok(items.iter().enumerate().map(|(index, json)| Self { json, path: format!("{}[{index}]", self.path) }))
    }

    fn str(&self) -> Result<&'a str, Problem> {
        self.json.as_str().ok_or_else(|| self.not("text"))
    }

    pub(super) fn text(&self) -> Result<&'static str, Problem> {
        self.str().map(|text| &*text.to_owned().leak())
    }

    pub(super) fn number<N: TryFrom<u64>>(&self) -> Result<N, Problem> {
        let number = self.json.as_u64().and_then(|number| N::try_from(number).ok());
        number.ok_or_else(|| self.not("a whole number, zero or more, in range"))
    }

    pub(super) fn flag(&self) -> Result<bool, Problem> {
        self.json.as_bool().ok_or_else(|| self.not("true or false"))
    }

    /// The value that the word stands for.
    pub(super) fn word<T: Copy>(&self, words: &[(&str, T)]) -> Result<T, Problem> {
        let text = self.json.as_str();
        let found = words.iter().find(|(word, _)| text == Some(word)).map(|(_, value)| *value);
        found.ok_or_else(|| self.not(&format!("one of {}", words.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", "))))
    }

    /// A length of time: `5 minutes`.
    pub(super) fn period(&self) -> Result<Period, Problem> {
        let units = [Unit::Minute, Unit::Hour, Unit::Day, Unit::Week, Unit::Month, Unit::Year];
        let read = |text: &str| {
            let (count, word) = text.split_once(' ')?;
            let count = count.parse().ok().filter(|count| *count > 0)?;
            let unit = units.into_iter().find(|unit| word.strip_suffix('s').unwrap_or(word) == unit.word())?;
            Some(Period { count, unit })
        };
        read(self.str()?).ok_or_else(|| self.not("a length of time such as `5 minutes`"))
    }

    /// A value, or `{ value, assumption }`.
    pub(super) fn setting<T>(&self, read: impl Fn(&Self) -> Result<T, Problem>) -> Result<Setting<T>, Problem> {
        if !self.json.is_object() {
            return read(self).map(Setting::stated);
        }
        let value = read(&self.get("value")?)?;
        Ok(Setting { value, assumption: self.find_text("assumption")? })
    }

    pub(super) fn is_null(&self) -> bool {
        self.json.is_null()
    }

    /// The value as JSON text.
    pub(super) fn json(&self) -> &'static str {
        self.json.to_string().leak()
    }

    /// Shorthand for the text of a key.
    pub(super) fn get_text(&self, key: &str) -> Result<&'static str, Problem> {
        self.get(key)?.text()
    }

    /// Shorthand for the text of a key that may be absent.
    pub(super) fn find_text(&self, key: &str) -> Result<Option<&'static str>, Problem> {
        self.find(key).map(|node| node.text()).transpose()
    }

    pub(super) fn not(&self, expected: &str) -> Problem {
        wrong(&self.path, &format!("must be {expected}, not {}", snippet(&self.json.to_string())))
    }
}

fn wrong(path: &str, problem: &str) -> Problem {
    format!("`{path}` {problem}")
}
