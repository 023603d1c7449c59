//! Where buckets are kept: in memory, or in a file that several processes share.
//!
//! The file is small. It is locked, read, changed and written in place, as one array of JSON that is only valid when it is whole. A file that
//! cannot be read or is torn costs what other processes know, never a call. No secret is in it.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::bucket::{Bucket, Flight, Id, LONGEST_CLOSED, Sight, Ticket};
use crate::client::trace;

/// The first value in the file.
const FORMAT: &str = "placewise rate limiter";
const VERSION: u32 = 1;
/// Far more than thousands of waiting requests take.
const MOST_BYTES: u64 = 16 * 1024 * 1024;
/// How often a locked file is tried, once a millisecond. Others hold it for less than one.
const LOCK_TRIES: u32 = 50;
const PAUSE: Duration = Duration::from_secs(1);
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

/// Seconds and tokens in thousandths, which JSON keeps exactly.
type Thousandths = i64;
type Tickets = Vec<(u32, Id, Thousandths, Thousandths)>;
type Flights = Vec<(Id, [Thousandths; 3])>;
type Written = (String, Option<String>, u8, bool, [Thousandths; 11], Option<[Thousandths; 2]>, Tickets, Flights);

const SIGHTS: [Sight; 4] = [Sight::Dark, Sight::Free, Sight::Blind, Sight::Sighted];

fn thousandths(number: f64) -> Thousandths {
    (number * 1000.0).round() as i64
}

fn number(thousandths: Thousandths) -> f64 {
    thousandths as f64 / 1000.0
}

fn write(buckets: &Buckets) -> String {
    let written = |(key, bucket): (&String, &Bucket)| -> Written {
        let Bucket { base, at, capacity, rate, measured, anchor, spent, settled, closed_until, .. } = *bucket;
        let Bucket { sight, promise, refused, sent, largest, .. } = *bucket;
        let sight = SIGHTS.iter().position(|known| *known == sight).unwrap_or_default();
        let numbers = [base, at, capacity, rate, measured, spent, settled, closed_until, refused, sent, largest];
        let tickets = bucket.tickets.iter();
        let tickets = tickets.map(|ticket| (ticket.reserve, ticket.id, thousandths(ticket.cost), thousandths(ticket.expires)));
        let flights = bucket.flights.iter();
        let flights = flights.map(|flight| (flight.id, [flight.cost, flight.sent, flight.settled].map(thousandths)));
        let anchor = anchor.map(|(since, supplied)| [since, supplied].map(thousandths));
        let (name, numbers) = (bucket.name.clone(), numbers.map(thousandths));
        (key.clone(), name, sight as u8, promise, numbers, anchor, tickets.collect(), flights.collect())
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
fn bucket((key, name, sight, promise, numbers, anchor, tickets, flights): Written) -> Option<(String, Bucket)> {
    let [base, at, capacity, rate, measured, spent, settled, closed_until, refused, sent, largest] = numbers.map(number);
    let anchor = anchor.map(|[since, supplied]| (number(since), number(supplied)));
    let ticket = |(reserve, id, cost, expires)| Ticket { reserve, id, cost: number(cost), expires: number(expires) };
    let mut tickets: Vec<Ticket> = tickets.into_iter().map(ticket).collect();
    tickets.sort_by_key(|ticket| (ticket.reserve, ticket.id));
    let flight = |(id, [cost, sent, settled]): (Id, [i64; 3])| {
        let (cost, sent, settled) = (number(cost), number(sent), number(settled));
        Flight { id, cost, sent, settled }
    };
    let flights: Vec<Flight> = flights.into_iter().map(flight).collect();
    let costs = tickets.iter().map(|ticket| ticket.cost).chain(flights.iter().map(|flight| flight.cost));
    let sane = [base, capacity, spent, settled].iter().all(|tokens| tokens.abs() < LARGEST)
        && [at, measured, closed_until, refused, sent, largest]
            .into_iter()
            .chain(costs)
            .all(|number| (0.0..LARGEST).contains(&number))
        && (f64::EPSILON..LARGEST).contains(&rate);
    let sight = *SIGHTS.get(usize::from(sight))?;
    let known = Bucket { name, sight, base, at, capacity, rate, measured, anchor, ..Bucket::default() };
    let bucket = Bucket { spent, settled, closed_until, promise, refused, sent, largest, tickets, flights, ..known };
    sane.then_some((key, bucket))
}

impl Buckets {
    /// Mends times that lie in the future, because another process's clock is a little ahead or was wrong, and forgets what is old.
    pub(super) fn tidy(&mut self, now: f64, lease: f64) {
        for bucket in self.all.values_mut() {
            let since = bucket.anchor.as_mut().map(|(since, _)| since);
            for time in [&mut bucket.at, &mut bucket.refused, &mut bucket.sent].into_iter().chain(since) {
                *time = time.min(now);
            }
            bucket.closed_until = bucket.closed_until.min(now + LONGEST_CLOSED);
            bucket.tickets.iter_mut().for_each(|ticket| ticket.expires = ticket.expires.min(now + lease));
            bucket.flights.iter_mut().for_each(|flight| flight.sent = flight.sent.min(now));
        }
        self.all.retain(|_, bucket| !bucket.is_forgotten(now));
    }
}

#[cfg(test)]
mod tests {
    use super::super::bucket::Step;
    use super::*;
    use crate::rate_limit::RateLimit;
    use proptest::prelude::*;

    /// A path of a file that does not exist.
    fn path(name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("placewise-store-{name}-{}", std::process::id()));
        let _ = std::fs::remove_file(&path);
        path
    }

    /// Buckets after some requests: what is asked, answered or refused, and how long after the one before.
    fn buckets(steps: &[(u8, u8, i16, u16)]) -> Buckets {
        let (mut buckets, mut now) = (Buckets::default(), 1_800_000_000.0);
        for (index, (key, what, tokens, after)) in steps.iter().enumerate() {
            now += f64::from(*after) / 8.0;
            let number = buckets.number();
            let bucket = buckets.of(&format!("http://harbour.test customer {}", key % 3));
            let rate = RateLimit { bucket: Some("b".into()), remaining: Some((*tokens).into()), cost: Some(5) };
            let flight = bucket.flights.first().map(|flight| flight.id);
            match (what % 4, flight) {
                (1, Some(id)) => bucket.answered(id, Some(&rate), now),
                (2, Some(id)) => bucket.refused(id, Some(&rate), f64::from(*after), now),
                (3, Some(id)) => bucket.abandoned(id),
                _ => {
                    let reserve = u32::try_from(index).unwrap_or(0) % 2;
                    let ticket = Ticket { reserve, id: (number, u64::MAX), cost: 5.0, expires: now + 10.0 };
                    let _: Step = bucket.ask(ticket, 600.0, now);
                }
            }
        }
        buckets
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(steps: Vec<(u8, u8, i16, u16)>, at: prop::sample::Index) {
            let mut buckets = buckets(&steps);
            let round = |tokens: &mut f64| *tokens = number(thousandths(*tokens));
            for bucket in buckets.all.values_mut() {
                // Everything that a division by time leads to.
                bucket.anchor.iter_mut().for_each(|(_, supplied)| round(supplied));
                [&mut bucket.rate, &mut bucket.base].into_iter().for_each(round);
            }
            let text = write(&buckets);
            match content(&text) {
                Content::Buckets(again) => prop_assert_eq!(again, buckets),
                _ => prop_assert!(false, "{text}"),
            }
            // A part of a file is none, and a changed one never leads to a panic.
            let cut = &text[..at.index(text.len())];
            prop_assert!(!matches!(content(cut), Content::Buckets(_)));
            let mut bytes = text.into_bytes();
            let index = at.index(bytes.len());
            bytes[index] = bytes[index].wrapping_add(1);
            if let Content::Buckets(mut odd) = content(&String::from_utf8_lossy(&bytes)) {
                odd.tidy(1_800_000_000.0, 10.0);
                for bucket in odd.all.values_mut() {
                    let ticket = Ticket { reserve: 0, id: (u64::MAX, 1), cost: 5.0, expires: f64::MAX };
                    let _: Step = bucket.ask(ticket, 600.0, 1_800_000_000.0);
                }
            }
        }
    }

    #[test]
    fn a_damaged_file_starts_anew_from_what_this_process_knows() {
        let path = path("damaged");
        let mut file = SharedFile::new(&path).unwrap();
        let (mut one, mut other) = (Buckets::default(), Buckets::default());
        file.update(&mut one, |buckets| buckets.of("a").largest = 7.0);
        file.update(&mut other, |buckets| assert_eq!(buckets.of("a").largest, 7.0));
        for damage in [
            "",
            "[\"placewise rate limiter\",1,0,[",
            "[\"placewise rate limiter\",1,0,[[\"a\"]]]",
            "[\"placewise rate limiter\",",
        ] {
            std::fs::write(&path, damage).unwrap();
            assert!(SharedFile::new(&path).is_ok());
            file.update(&mut one, |buckets| assert_eq!(buckets.of("a").largest, 7.0));
            file.update(&mut Buckets::default(), |buckets| assert_eq!(buckets.of("a").largest, 7.0));
        }
        std::fs::remove_file(&path).unwrap();
        file.update(&mut one, |buckets| assert_eq!(buckets.of("a").largest, 7.0));
        assert!(path.exists());
        std::fs::remove_file(&path).unwrap();
    }

    #[test]
    fn a_file_of_others_is_left_alone() {
        let path = path("foreign");
        for (text, problem) in [
            ("key = \"value\"", "is not a file of a rate limiter; name another file"),
            ("[\"placewise rate limiter\",2,{}]", "newer version of this library (format 2); name another file"),
        ] {
            std::fs::write(&path, text).unwrap();
            let error = SharedFile::new(&path).unwrap_err();
            assert!(error.contains(problem) && error.contains("placewise-store-foreign"), "{error}");
            // Also if it became that later.
            let mut file = SharedFile { path: path.clone(), failed: None };
            let mut copy = Buckets::default();
            file.update(&mut copy, |buckets| buckets.of("a").largest = 7.0);
            assert_eq!((copy.of("a").largest, std::fs::read_to_string(&path).unwrap()), (7.0, text.to_owned()));
        }
        std::fs::remove_file(&path).unwrap();
        let error = SharedFile::new(&std::env::temp_dir()).unwrap_err();
        assert!(error.contains("cannot use the file") && error.contains("name a file that can be written"), "{error}");
    }

    #[test]
    fn a_file_that_another_process_holds_is_not_waited_for_long() {
        let path = path("held");
        let mut file = SharedFile::new(&path).unwrap();
        let held = file.lock().unwrap();
        let mut copy = Buckets::default();
        let start = Instant::now();
        for _ in 0..10_000 {
            file.update(&mut copy, |buckets| buckets.of("a").largest += 1.0);
        }
        assert!(copy.of("a").largest == 10_000.0 && start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
        drop(held);
        std::fs::remove_file(&path).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn a_new_file_is_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let path = path("owner");
        SharedFile::new(&path).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::remove_file(&path).unwrap();
    }

    #[test]
    fn times_in_the_future_are_mended_and_old_buckets_forgotten() {
        let mut buckets = Buckets::default();
        *buckets.of("odd") = Bucket { at: 9e9, closed_until: 9e9, sent: 9e9, anchor: Some((9e9, 1.0)), ..Bucket::default() };
        buckets.of("old").sent = 1.0;
        buckets.tidy(10_000.0, 10.0);
        let odd = buckets.of("odd").clone();
        assert_eq!((odd.at, odd.sent, odd.closed_until), (10_000.0, 10_000.0, 10_000.0 + LONGEST_CLOSED));
        assert_eq!(odd.anchor, Some((10_000.0, 1.0)));
        assert!(!buckets.all.contains_key("old"));
    }
}
