//! How a reply reaches its reader: what is left to do once status, headers and body are known.
//!
//! The HTTP server carries it out. Without HTTP it is up to the caller.

use std::time::Duration;

use crate::faults::plan::{Cut, GiantPart, SlowBody};

/// What happens to a reply on its way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Delivery {
    /// Time before the first byte.
    pub latency: Duration,
    /// Pauses within the body.
    pub slow_body: Option<SlowBody>,
    /// The end of the connection within the response.
    pub cut: Option<Cut>,
    /// Idle time after which the connection closes.
    pub close_idle: Option<Duration>,
    pub(crate) filling: Option<Filling>,
}

/// Bytes inside a giant body. They are made when they are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Filling {
    /// Where they are inserted.
    at: usize,
    unit: Unit,
    units: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Unit {
    Same(Vec<u8>),
    /// A key with the number of the unit.
    Key,
}

impl Unit {
    fn bytes(&self, number: u64) -> Vec<u8> {
        match self {
            Self::Same(bytes) => bytes.clone(),
            Self::Key => format!("\"unknown{number:020}\":0,").into_bytes(),
        }
    }

    fn length(&self) -> u64 {
        self.bytes(0).len() as u64
    }
}

impl Filling {
    /// At least so many bytes for a JSON body whose rows are under that key.
    pub(crate) fn new(body: &[u8], rows_key: &str, of: GiantPart, bytes: u64) -> Result<Self, String> {
        let (at, unit) = match of {
            GiantPart::Padding if body.starts_with(b"{") => (1, Unit::Same(vec![b' '; 64])),
            GiantPart::Padding => return Err("the body is no JSON object".into()),
            GiantPart::Keys | GiantPart::Rows => {
                let (at, mut row) = first_row(body, rows_key).ok_or("the body has no row with a key")?;
                row.push(b',');
                if of == GiantPart::Keys { (at + 1, Unit::Key) } else { (at, Unit::Same(row)) }
            }
        };
        let units = bytes.div_ceil(unit.length());
        Ok(Self { at, unit, units })
    }

    fn length(&self) -> u64 {
        self.units.saturating_mul(self.unit.length())
    }

    /// At most `most` of its bytes, from one on.
    fn part(&self, from: u64, most: usize) -> Vec<u8> {
        let (unit, most_bytes) = (self.unit.length(), most as u64);
        let last = from.saturating_add(most_bytes).div_ceil(unit).min(self.units);
        let mut bytes = (from / unit..last).map(|number| self.unit.bytes(number)).collect::<Vec<_>>().concat();
        bytes.drain(..bytes.len().min(usize::try_from(from % unit).unwrap_or(usize::MAX)));
        bytes.truncate(most);
        bytes
    }
}

/// The first row and where it starts; `None` if there is none or it has no key.
fn first_row(body: &[u8], rows_key: &str) -> Option<(usize, Vec<u8>)> {
    // Inside a text of JSON the quotes of this would be escaped.
    let start = format!("\"{rows_key}\":[");
    let at = body.windows(start.len()).position(|window| window == start.as_bytes())? + start.len();
    let mut rows = serde_json::Deserializer::from_slice(&body[at..]).into_iter::<serde_json::Map<String, serde_json::Value>>();
    rows.next()?.ok().filter(|row| !row.is_empty())?;
    Some((at, body[at..at + rows.byte_offset()].to_vec()))
}

impl Delivery {
    /// Length of a body with what makes it giant.
    pub(crate) fn length(&self, body: &[u8]) -> u64 {
        self.filling.as_ref().map_or(0, Filling::length).saturating_add(body.len() as u64)
    }

    /// A part of a body with what makes it giant: at most `most` bytes from one on. Empty at the end.
    pub(crate) fn part(&self, body: &[u8], from: u64, most: usize) -> Vec<u8> {
        let Some(filling) = &self.filling else { return part(body, from, most) };
        let (start, length) = (filling.at as u64, filling.length());
        match from.checked_sub(start) {
            None => part(&body[..filling.at], from, most),
            Some(filled) if filled < length => filling.part(filled, most),
            Some(_) => part(body, from - length, most),
        }
    }
}

/// At most `most` bytes from one on.
fn part(bytes: &[u8], from: u64, most: usize) -> Vec<u8> {
    let from = usize::try_from(from).unwrap_or(usize::MAX).min(bytes.len());
    bytes[from..from.saturating_add(most).min(bytes.len())].to_vec()
}
