//! Where buckets are kept: in memory, or in a file that several processes share.
//!
//! The file is small. It is locked, read, changed and written in place, as one array of JSON that is only valid when it is whole. A file that
//! cannot be read or is torn costs what other processes know, never a call. No secret is in it.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::fs::{File, Metadata, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::bucket::{Bucket, Id, InFlight, Knowledge, LONGEST_CLOSED, Ticket};
use crate::client::trace;

/// The first value in the file.
const FORMAT: &str = "placewise rate limiter";
const VERSION: u32 = 1;
/// Far more than thousands of waiting requests take.
const MOST_BYTES: u64 = 16 * 1024 * 1024;
/// How often a locked file is tried, once a millisecond. Others hold it for less than one.
const LOCK_TRIES: u32 = 50;
const PAUSE: Duration = Duration::from_secs(1);
/// A number beyond this is nonsense, and a time in seconds beyond it is not exact to a millisecond.
const LARGEST: f64 = 1e12;

/// All buckets, by key.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Buckets {
    /// The number of the last request.
    pub(super) next: u64,
    /// When they were last looked at, by the clock furthest ahead of those who share them. It only measures spans of time.
    pub(super) now: f64,
    pub(super) all: BTreeMap<String, Bucket>,
}

impl Buckets {
    /// The bucket of a key. A new one takes the place of those that nobody used for an hour.
    pub(super) fn of(&mut self, key: &str, now: f64) -> &mut Bucket {
        if !self.all.contains_key(key) {
            self.forget(now);
        }
        self.all.entry(key.to_owned()).or_default()
    }

    pub(super) fn forget(&mut self, now: f64) {
        self.all.retain(|_, bucket| !bucket.is_forgotten(now));
    }

    pub(super) fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }
}

/// The file that processes share.
#[derive(Debug)]
pub(super) struct SharedFile {
    path: PathBuf,
    /// When it was last of no use. It is left alone for a while then, so that a stopped process that holds it costs little.
    failed: Option<Instant>,
}

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
        let shared = Self { path: path.to_owned(), failed: None };
        // Opening a pipe or a device may wait or have an effect.
        let regular = std::fs::metadata(path).map_or(Ok(()), |metadata| regular(&metadata));
        let content = regular.and_then(|()| shared.lock()).and_then(|mut file| Ok(read(&mut file)?.1));
        match content {
            Ok(Content::Foreign(problem)) => Err(format!("`{}` {problem}; name another file", path.display())),
            Ok(_) => Ok(shared),
            Err(error) => {
                Err(format!("cannot use the file `{}`: {error}; name a file that can be written and locked", path.display()))
            }
        }
    }

    /// Changes the buckets in the file. If that fails, changes this process's copy alone.
    pub(super) fn update<T>(&mut self, copy: &mut Buckets, act: impl FnOnce(&mut Buckets) -> T) -> T {
        if self.failed.is_some_and(|at| at.elapsed() < PAUSE) {
            return act(copy);
        }
        self.failed = None;
        let opened = self.lock().and_then(|mut file| Ok((read(&mut file)?, file)));
        let (before, mut file) = match opened {
            Ok(((text, Content::Buckets(buckets)), file)) => {
                *copy = buckets;
                (text, file)
            }
            Ok(((text, Content::Nothing), file)) => (text, file),
            Ok(((_, Content::Foreign(problem)), _)) => return self.without(&problem, copy, act),
            Err(error) => return self.without(&error, copy, act),
        };
        let result = act(copy);
        let after = write(copy);
        if after != before
            && let Err(error) = overwrite(&mut file, after.as_bytes())
        {
            self.without(&error, copy, |_| ());
        }
        result
    }

    fn without<T>(&mut self, problem: &dyn Display, copy: &mut Buckets, act: impl FnOnce(&mut Buckets) -> T) -> T {
        self.failed = Some(Instant::now());
        trace::limiter_file(&self.path, problem);
        act(copy)
    }

    /// Opens and locks the file; closing it unlocks it.
    fn lock(&self) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&self.path)?;
        regular(&file.metadata()?)?;
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

fn regular(metadata: &Metadata) -> io::Result<()> {
    if metadata.is_file() { Ok(()) } else { Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file")) }
}

fn overwrite(file: &mut File, bytes: &[u8]) -> io::Result<()> {
    file.seek(SeekFrom::Start(0))?;
    file.write_all(bytes)?;
    file.set_len(bytes.len().try_into().unwrap_or(u64::MAX))
}

/// Seconds and tokens in thousandths, which JSON keeps exactly.
type Thousandths = i64;
type Tickets = Vec<(u32, Id, Thousandths, bool, Thousandths)>;
type AllInFlight = Vec<(Id, [Thousandths; 3])>;
type Written = (String, Option<String>, u8, bool, [Thousandths; 12], Option<[Thousandths; 2]>, Tickets, AllInFlight);

const KNOWLEDGE: [Knowledge; 4] = [Knowledge::Unknown, Knowledge::Unlimited, Knowledge::RefusalsOnly, Knowledge::Observed];

fn thousandths(number: f64) -> Thousandths {
    (number * 1000.0).round() as i64
}

fn number(thousandths: Thousandths) -> f64 {
    thousandths as f64 / 1000.0
}

fn write(buckets: &Buckets) -> String {
    let written = |(key, bucket): (&String, &Bucket)| -> Written {
        let Bucket { base, at, capacity, rate, measured, anchor, spent, settled, closed_until, .. } = *bucket;
        let Bucket { knowledge, promise, refused, sent, probe, largest, .. } = *bucket;
        let knowledge = KNOWLEDGE.iter().position(|known| *known == knowledge).unwrap_or_default();
        let numbers = [base, at, capacity, rate, measured, spent, settled, closed_until, refused, sent, probe, largest];
        let tickets = bucket.tickets.iter();
        let tickets = tickets.map(|Ticket { reserve, id, cost, cost_known, expires }| {
            (*reserve, *id, thousandths(*cost), *cost_known, thousandths(*expires))
        });
        let in_flight = bucket.in_flight.iter();
        let in_flight = in_flight.map(|request| (request.id, [request.cost, request.sent, request.settled].map(thousandths)));
        let anchor = anchor.map(|(since, supplied)| [since, supplied].map(thousandths));
        let (name, numbers) = (bucket.name.clone(), numbers.map(thousandths));
        (key.clone(), name, knowledge as u8, promise, numbers, anchor, tickets.collect(), in_flight.collect())
    };
    let all: Vec<Written> = buckets.all.iter().map(written).collect();
    // Numbers and strings can always be written.
    serde_json::to_string(&(FORMAT, VERSION, thousandths(buckets.now), buckets.next, all)).unwrap_or_default()
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
    match serde_json::from_str::<(String, u32, Thousandths, u64, Vec<Written>)>(text) {
        // A clock that is far ahead does no harm, because only spans of time count.
        Ok((_, _, now, next, all)) if (0.0..LARGEST).contains(&number(now)) => {
            let now = number(now);
            Content::Buckets(Buckets { next, now, all: all.into_iter().filter_map(|written| bucket(written, now)).collect() })
        }
        _ => Content::Nothing,
    }
}

/// The bucket, unless its numbers make no sense.
fn bucket((key, name, knowledge, promise, numbers, anchor, tickets, in_flight): Written, now: f64) -> Option<(String, Bucket)> {
    let [base, at, capacity, rate, measured, spent, settled, closed_until, refused, sent, probe, largest] = numbers.map(number);
    let anchor = anchor.map(|[since, supplied]| (number(since), number(supplied)));
    let ticket = |(reserve, id, cost, cost_known, expires)| {
        let (cost, expires) = (number(cost), number(expires));
        Ticket { reserve, id, cost, cost_known, expires }
    };
    let mut tickets: Vec<Ticket> = tickets.into_iter().map(ticket).collect();
    tickets.sort_by_key(|ticket| (ticket.reserve, ticket.id));
    let request = |(id, [cost, sent, settled]): (Id, [Thousandths; 3])| {
        let (cost, sent, settled) = (number(cost), number(sent), number(settled));
        InFlight { id, cost, sent, settled }
    };
    let in_flight: Vec<InFlight> = in_flight.into_iter().map(request).collect();
    let costs = tickets.iter().map(|ticket| ticket.cost).chain(in_flight.iter().map(|request| request.cost));
    let past = in_flight.iter().map(|request| request.sent).chain(anchor.map(|(since, _)| since));
    let sane = [base, spent, settled].iter().all(|tokens| tokens.abs() < LARGEST)
        && [capacity, measured, largest].into_iter().chain(costs).all(|number| (0.0..LARGEST).contains(&number))
        && [at, refused, sent].into_iter().chain(past).all(|time| (0.0..=now).contains(&time))
        && (0.0..=now + LONGEST_CLOSED).contains(&closed_until)
        && [rate, probe].iter().all(|number| (f64::EPSILON..LARGEST).contains(number));
    let knowledge = *KNOWLEDGE.get(usize::from(knowledge))?;
    let known = Bucket { name, knowledge, base, at, capacity, rate, measured, anchor, probe, ..Bucket::default() };
    let bucket = Bucket { spent, settled, closed_until, promise, refused, sent, largest, tickets, in_flight, ..known };
    sane.then_some((key, bucket))
}

#[cfg(test)]
#[path = "store_tests.rs"]
mod tests;
