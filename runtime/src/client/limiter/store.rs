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
            buckets.now = now;
            let bucket = buckets.of(&format!("http://harbour.test customer {}", key % 3), now);
            let rate = RateLimit { bucket: Some("b".into()), remaining: Some((*tokens).into()), cost: Some(5) };
            let flight = bucket.in_flight.first().map(|request| request.id);
            match (what % 4, flight) {
                (1, Some(id)) => bucket.answered(id, Some(&rate), now),
                (2, Some(id)) => bucket.refused(id, Some(&rate), f64::from(*after), now),
                (3, Some(id)) => bucket.abandoned(id),
                _ => {
                    let reserve = u32::try_from(index).unwrap_or(0) % 2;
                    let ticket =
                        Ticket { reserve, id: (number, u64::MAX), cost: 5.0, cost_known: index % 3 > 0, expires: now + 10.0 };
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
                // Everything that is divided or weighted.
                bucket.anchor.iter_mut().for_each(|(_, supplied)| round(supplied));
                [&mut bucket.rate, &mut bucket.base, &mut bucket.largest].into_iter().for_each(round);
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
                for bucket in odd.all.values_mut() {
                    let ticket = Ticket { reserve: 0, id: (u64::MAX, 1), cost: 5.0, cost_known: true, expires: f64::MAX };
                    let _: Step = bucket.ask(ticket, 600.0, odd.now);
                }
            }
        }
    }

    #[test]
    fn a_damaged_file_starts_anew_from_what_this_process_knows() {
        let path = path("damaged");
        let mut file = SharedFile::new(&path).unwrap();
        let (mut one, mut other) = (Buckets::default(), Buckets::default());
        file.update(&mut one, |buckets| buckets.of("a", 0.0).largest = 7.0);
        file.update(&mut other, |buckets| assert_eq!(buckets.of("a", 0.0).largest, 7.0));
        for damage in [
            "",
            "[\"placewise rate limiter\",1,0,[",
            "[\"placewise rate limiter\",1,0,[[\"a\"]]]",
            "[\"placewise rate limiter\",",
        ] {
            std::fs::write(&path, damage).unwrap();
            assert!(SharedFile::new(&path).is_ok());
            file.update(&mut one, |buckets| assert_eq!(buckets.of("a", 0.0).largest, 7.0));
            file.update(&mut Buckets::default(), |buckets| assert_eq!(buckets.of("a", 0.0).largest, 7.0));
        }
        std::fs::remove_file(&path).unwrap();
        file.update(&mut one, |buckets| assert_eq!(buckets.of("a", 0.0).largest, 7.0));
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
            file.update(&mut copy, |buckets| buckets.of("a", 0.0).largest = 7.0);
            assert_eq!((copy.of("a", 0.0).largest, std::fs::read_to_string(&path).unwrap()), (7.0, text.to_owned()));
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
            file.update(&mut copy, |buckets| buckets.of("a", 0.0).largest += 1.0);
        }
        assert!(copy.of("a", 0.0).largest == 10_000.0 && start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
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
    fn a_bucket_that_makes_no_sense_costs_no_other() {
        let odd: [fn(&mut Bucket); 5] = [
            |bucket| bucket.capacity = f64::from(u32::MAX) * 1e6,
            |bucket| bucket.sent = 1000.1,
            |bucket| bucket.anchor = Some((1000.1, 0.0)),
            |bucket| bucket.closed_until = 1001.0 + LONGEST_CLOSED,
            |bucket| bucket.rate = 0.0,
        ];
        for make in odd {
            let mut buckets = Buckets { now: 1000.0, ..Buckets::default() };
            buckets.of("good", 1000.0).sent = 1000.0;
            make(buckets.of("odd", 1000.0));
            let Content::Buckets(again) = content(&write(&buckets)) else { panic!() };
            assert_eq!(again.all.keys().collect::<Vec<_>>(), ["good"]);
        }
    }

    #[test]
    fn a_new_bucket_takes_the_place_of_unused_ones() {
        let mut buckets = Buckets::default();
        for customer in 0..10_000 {
            let now = f64::from(customer);
            buckets.of(&customer.to_string(), now).sent = now;
        }
        assert_eq!(buckets.all.len(), 3601);
    }

    #[cfg(unix)]
    #[test]
    fn only_a_regular_file_is_used() {
        let path = path("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
        for path in [Path::new("/dev/null"), &path] {
            let error = SharedFile::new(path).unwrap_err();
            assert!(error.contains("it is not a regular file; name a file"), "{error}");
        }
        std::fs::remove_file(&path).unwrap();
    }
}
