//! Rows that stay text: the cheapest way to copy them to a file, in the server's own order and with its own digits.

use std::{borrow::Cow, collections::BTreeMap, fmt};

use serde_json::value::RawValue;

use super::object::{FromObject, ObjectReader};
use super::value_ref::ObjectRef;
use super::{mismatch::Mismatch, scan, scan::Scanner};
use crate::facts::key::Key;

/// A row as the server sent it: the text of a JSON object.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let server = placewise_simulator::Simulator::from_json(harbour_api::MODEL)?.start()?;
/// # let client = harbour_api::Client::builder().base_url(server.url()).token("secret").customers(1).build()?;
/// use harbour_api::{Berths, RawRow};
///
/// let page = client.fetch(Berths::records().page_size(2).rows_as::<RawRow>()).await?;
/// for row in &page.rows {
///     println!("{}", row.json());
///     assert!(row.entries().any(|(key, value)| key == "id" && value.parse::<i64>().is_ok()));
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct RawRow(Box<str>);

impl RawRow {
    /// The row of a JSON object.
    ///
    /// # Errors
    ///
    /// The text is not JSON, or no object.
    pub fn parse(json: impl Into<Box<str>>) -> serde_json::Result<Self> {
        let json = json.into();
        serde_json::from_str::<BTreeMap<Cow<'_, str>, &RawValue>>(&json)?;
        Ok(Self(json))
    }

    /// The JSON of the row. It has line breaks if the server sent them.
    pub fn json(&self) -> &str {
        &self.0
    }

    /// Its keys and the JSON of their values, in the order in which they were sent.
    pub fn entries(&self) -> impl Iterator<Item = (Cow<'_, str>, &str)> {
        let mut scan = Scanner::new(&self.0);
        let mut inside = scan.enter(b'{');
        std::iter::from_fn(move || {
            let key = inside.then(|| scan.key().ok().flatten()).flatten();
            inside = key.is_some();
            key.map(|key| (key, scan.value()))
        })
    }

    /// The text that a JSON value is; none if it is no string.
    pub fn text(value: &str) -> Option<Cow<'_, str>> {
        scan::string(value)
    }
}

impl FromObject for RawRow {
    const NAME: &'static str = "RawRow";
    const KEYS: &'static [Key] = &[];
    const WHOLE: bool = true;

    fn read(object: &mut ObjectReader<'_, '_>) -> Result<Self, Mismatch> {
        object.whole().map(|text| Self(text.into()))
    }

    fn lend<'a>(&'a self, object: &mut ObjectRef<'a>) {
        object.put_read(serde_json::from_str(&self.0).unwrap_or_default());
    }
}

/// The JSON.
impl fmt::Debug for RawRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{context::DecodeContext, object::read_object};

    #[test]
    fn a_raw_row_keeps_order_and_digits() {
        let json = "{\"b\": 1.50,\n \"a\": \"x\\ny\", \"c\": {\"d\": [123456789012345678901]}}";
        let mut context = DecodeContext::default();
        let row: RawRow = read_object(json, &mut context).unwrap();
        assert_eq!(row.json(), json);
        let entries: Vec<_> = row.entries().map(|(key, value)| format!("{key}={value}")).collect();
        assert_eq!(entries, ["b=1.50", "a=\"x\\ny\"", "c={\"d\": [123456789012345678901]}"]);
        assert_eq!(RawRow::text("\"x\\ny\"").as_deref(), Some("x\ny"));
        assert!(context.unknown_keys.is_empty());
        let written = serde_json::to_string(&row.wire()).unwrap();
        assert!(written.starts_with("{\"a\":\"x\\ny\",\"b\":1.5,"), "{written}");
    }
}
