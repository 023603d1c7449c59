//! Tests of the store.

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
    for damage in
        ["", "[\"placewise rate limiter\",1,0,[", "[\"placewise rate limiter\",1,0,[[\"a\"]]]", "[\"placewise rate limiter\","]
    {
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
