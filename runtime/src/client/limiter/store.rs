//! Where buckets are kept: in memory, or in a file that several processes share.
//!
//! The file is small. It is locked, read, changed and written in place, as one array of JSON that is only valid when it is whole. A file that
//! cannot be read or is torn costs what other processes know, never a call. No secret is in it.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::bucket::{Bucket, Flight, Id, LONGEST_CLOSED, Sight, Ticket};
use crate::client::trace;

/// The first value in the file.
const FORMAT: &str = "placewise rate limiter";
const VERSION: u32 = 1;
/// Far more than thousands of waiting requests take.
const MOST_BYTES: u64 = 16 * 1024 * 1024;
/// How often a locked file is tried, once a millisecond. Others hold it for less than one.
const LOCK_TRIES: u32 = 50;
/// A number beyond this is nonsense.
const LARGEST: f64 = 1e15;

/// All buckets, by key.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Buckets {
    /// The number of the next request.
    pub(super) next: u64,
    pub(super) all: BTreeMap<String, Bucket>,
}

impl Buckets {
    /// The bucket of a key.
    pub(super) fn of(&mut self, key: &str) -> &mut Bucket {
        self.all.entry(key.to_owned()).or_default()
    }

    pub(super) fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }
}

/// The file that processes share.
#[derive(Debug)]
pub(super) struct SharedFile(PathBuf);

/// What the file holds.
enum Content {
    Buckets(Buckets),
    Nothing,
    /// Not ours to overwrite, for this reason.
    Foreign(String),
}

impl SharedFile {
    /// The file, created if it is missing. An error says why it cannot be used.
    pub(super) fn new(path: &Path) -> Result<Self, String> {
        let shared = Self(path.to_owned());
        let content = shared.lock().and_then(|mut file| Ok(read(&mut file)?.1));
        match content {
            Ok(Content::Foreign(problem)) => Err(format!("`{}` {problem}; name another file", path.display())),
            Ok(_) => Ok(shared),
            Err(error) => {
                Err(format!("cannot use the file `{}`: {error}; name a file that can be written and locked", path.display()))
            }
        }
    }

    /// Changes the buckets in the file. If that fails, changes this process's copy alone.
    pub(super) fn update<T>(&self, copy: &mut Buckets, act: impl FnOnce(&mut Buckets) -> T) -> T {
        let opened = self.lock().and_then(|mut file| Ok((read(&mut file)?, file)));
        let (before, mut file) = match opened {
            Ok(((text, Content::Buckets(buckets)), file)) => {
                *copy = buckets;
                (text, file)
            }
            Ok(((text, Content::Nothing), file)) => (text, file),
            Ok(((_, Content::Foreign(problem)), _)) => {
                trace::limiter_file(&self.0, &problem);
                return act(copy);
            }
            Err(error) => {
                trace::limiter_file(&self.0, &error);
                return act(copy);
            }
        };
        let result = act(copy);
        let after = write(copy);
        if after != before
            && let Err(error) = overwrite(&mut file, after.as_bytes())
        {
            trace::limiter_file(&self.0, &error);
        }
        result
    }

    /// Opens and locks the file; closing it unlocks it.
    fn lock(&self) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&self.0)?;
        for _ in 0..LOCK_TRIES {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(1)),
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
        Err(io::Error::new(io::ErrorKind::WouldBlock, "another process does not unlock it"))
    }
}

fn overwrite(file: &mut File, bytes: &[u8]) -> io::Result<()> {
    file.seek(SeekFrom::Start(0))?;
    file.write_all(bytes)?;
    file.set_len(bytes.len().try_into().unwrap_or(u64::MAX))
}

type Level = (f64, f64, f64, f64, f64, Option<(f64, f64)>);
type Past = (f64, f64, f64, bool, f64, f64, f64);
type Tickets = Vec<(u32, Id, f64, f64)>;
type Flights = Vec<(Id, f64, f64, f64)>;
type Written = (String, Option<String>, u8, Level, Past, Tickets, Flights);

const SIGHTS: [Sight; 4] = [Sight::Dark, Sight::Free, Sight::Blind, Sight::Sighted];

fn write(buckets: &Buckets) -> String {
    let written = |(key, bucket): (&String, &Bucket)| -> Written {
        let sight = SIGHTS.iter().position(|sight| *sight == bucket.sight).unwrap_or_default();
        let Bucket { base, at, capacity, rate, measured, anchor, spent, settled, closed_until, promise, .. } = *bucket;
        let tickets = bucket.tickets.iter().map(|ticket| (ticket.reserve, ticket.id, ticket.cost, ticket.expires));
        let flights = bucket.flights.iter().map(|flight| (flight.id, flight.cost, flight.sent, flight.settled));
        let past = (spent, settled, closed_until, promise, bucket.refused, bucket.sent, bucket.largest);
        let level = (base, at, capacity, rate, measured, anchor);
        (key.clone(), bucket.name.clone(), sight as u8, level, past, tickets.collect(), flights.collect())
    };
    let all: Vec<Written> = buckets.all.iter().map(written).collect();
    // Numbers and strings can always be written.
    serde_json::to_string(&(FORMAT, VERSION, buckets.next, all)).unwrap_or_default()
}

fn read(file: &mut File) -> io::Result<(String, Content)> {
    let mut bytes = Vec::new();
    io::Read::by_ref(file).take(MOST_BYTES).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let content = content(&text);
    Ok((text, content))
}

fn content(text: &str) -> Content {
    if text.is_empty() {
        return Content::Nothing;
    }
    let Some(rest) = text.strip_prefix(&format!("[\"{FORMAT}\",")) else {
        return Content::Foreign("is not a file of a rate limiter".into());
    };
    let version: String = rest.chars().take_while(char::is_ascii_digit).take(10).collect();
    if version.parse().is_ok_and(|version: u32| version > VERSION) {
        return Content::Foreign(format!("was written by a newer version of this library (format {version})"));
    }
    match serde_json::from_str::<(String, u32, u64, Vec<Written>)>(text) {
        Ok((_, _, next, all)) => {
            let all: Option<_> = all.into_iter().map(bucket).collect();
            all.map_or(Content::Nothing, |all| Content::Buckets(Buckets { next, all }))
        }
        Err(_) => Content::Nothing,
    }
}

/// The bucket, unless its numbers make no sense.
fn bucket((key, name, sight, level, past, tickets, flights): Written) -> Option<(String, Bucket)> {
    let (base, at, capacity, rate, measured, anchor) = level;
    let (spent, settled, closed_until, promise, refused, sent, largest) = past;
    let ticket = |(reserve, id, cost, expires)| Ticket { reserve, id, cost, expires };
    let mut tickets: Vec<Ticket> = tickets.into_iter().map(ticket).collect();
    tickets.sort_by_key(|ticket| (ticket.reserve, ticket.id));
    let flight = |(id, cost, sent, settled)| Flight { id, cost, sent, settled };
    let flights: Vec<Flight> = flights.into_iter().map(flight).collect();
    let (since, supplied) = anchor.unwrap_or_default();
    let tokens = [base, capacity, spent, settled, supplied];
    let positive = [at, rate, measured, closed_until, refused, sent, largest, since];
    let costs = tickets.iter().map(|ticket| ticket.cost).chain(flights.iter().map(|flight| flight.cost));
    let sane = tokens.iter().all(|number| number.abs() < LARGEST)
        && positive.iter().all(|number| (0.0..LARGEST).contains(number))
        && costs.into_iter().all(|cost| (0.0..LARGEST).contains(&cost));
    let sight = *SIGHTS.get(usize::from(sight))?;
    let bucket = Bucket {
        name,
        sight,
        base,
        at,
        capacity,
        rate,
        measured,
        anchor,
        spent,
        settled,
        closed_until,
        promise,
        refused,
        sent,
        largest,
        tickets,
        flights,
    };
    (sane && rate > 0.0).then_some((key, bucket))
}

impl Buckets {
    /// Mends times that lie in the future, because another process's clock was wrong, and forgets what is old.
    pub(super) fn tidy(&mut self, now: f64, lease: f64) {
        for bucket in self.all.values_mut() {
            for time in [&mut bucket.at, &mut bucket.refused, &mut bucket.sent] {
                *time = time.min(now);
            }
            bucket.closed_until = bucket.closed_until.min(now + LONGEST_CLOSED);
            bucket.tickets.iter_mut().for_each(|ticket| ticket.expires = ticket.expires.min(now + lease));
            bucket.flights.iter_mut().for_each(|flight| flight.sent = flight.sent.min(now));
            bucket.anchor = bucket.anchor.filter(|(since, _)| *since <= now);
        }
        self.all.retain(|_, bucket| !bucket.is_forgotten(now));
    }
}
