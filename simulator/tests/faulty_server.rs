//! Faults that need a connection: what a client reads from the socket.
//!
//! No test depends on how long something takes: a pause only shows as a lower bound.

mod common;

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use common::{PATH, simulator};
use placewise_simulator::{FaultPlan, Server};
use serde_json::{Value, json};

fn server(faults: Value) -> Server {
    let plan = FaultPlan::from_json(&json!({"faults": faults}).to_string()).expect("a plan");
    simulator().faults(plan).start().expect("a server")
}

fn connect(server: &Server) -> TcpStream {
    let stream = TcpStream::connect(("127.0.0.1", server.port())).expect("a connection");
    // A test of a server that never ends fails.
    stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a timeout");
    stream
}

fn ask(stream: &mut TcpStream, connection: &str) {
    let body = r#"{"subject":"voyages"}"#;
    let head = format!(
        "POST {PATH} HTTP/1.1\r\nHost: localhost\r\nConnection: {connection}\r\nX-Key: Key k\r\nX-Agent: tests\r\nX-Port: id=11\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(format!("{head}{body}").as_bytes()).expect("sent");
}

/// All bytes up to the end of the connection, and whether it ended with a reset.
fn read(stream: &mut TcpStream) -> (Vec<u8>, bool) {
    let mut bytes = Vec::new();
    match stream.read_to_end(&mut bytes) {
        Ok(_) => (bytes, false),
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::ConnectionReset);
            (bytes, true)
        }
    }
}

/// What a client reads that asks once.
fn exchange(server: &Server) -> (Vec<u8>, bool) {
    let mut stream = connect(server);
    ask(&mut stream, "close");
    read(&mut stream)
}

fn head_and_body(response: &[u8]) -> (String, &[u8]) {
    let end = response.windows(4).position(|window| window == b"\r\n\r\n").expect("a whole head") + 4;
    (String::from_utf8_lossy(&response[..end]).to_lowercase(), &response[end..])
}

fn announced(head: &str) -> usize {
    let line = head.lines().find_map(|line| line.strip_prefix("content-length: ")).expect("a length");
    line.parse().expect("a number")
}

#[test]
fn a_response_ends_at_any_byte() {
    let (whole, _) = exchange(&server(json!([])));
    let (head, body) = head_and_body(&whole);
    for how in ["reset", "close"] {
        for at in [0, 1, 12, head.len() - 1, head.len(), head.len() + 1, whole.len() - 1] {
            let server = server(json!([{"do": [{"cut": {"at": at, "how": how}}]}]));
            let (read, reset) = exchange(&server);
            // The head has a date, so only its length is the same.
            assert_eq!((read.len(), reset), (at, how == "reset"), "{how} at {at}");
            server.check_faults().expect("met");
            assert_eq!(exchange(&server).0.len(), whole.len(), "the next request is answered");
        }
        for at in [0, 1, body.len() - 1] {
            let server = server(json!([{"do": [{"cut": {"at": at, "of": "body", "how": how}}]}]));
            let (read, reset) = exchange(&server);
            let (head, start) = head_and_body(&read);
            assert_eq!((start, reset, announced(&head)), (&body[..at], how == "reset", body.len()));
            server.check_faults().expect("met");
        }
    }
}

#[test]
fn a_cut_behind_the_end_is_not_met() {
    let server = server(json!([{"do": [{"cut": {"at": 10_000_000}}]}]));
    let (response, reset) = exchange(&server);
    let (head, body) = head_and_body(&response);
    assert_eq!((body.len(), reset), (announced(&head), false));
    let unmet = catch_unwind(AssertUnwindSafe(|| server.stop())).expect_err("a panic");
    let message = unmet.downcast_ref::<String>().expect("a message").clone();
    assert!(
        message.starts_with("no request met 1 ordered fault:\n  `faults[0]`: ordered 1, matched 1, due 1, met 0"),
        "{message}"
    );
}

#[test]
fn the_account_says_why_a_cut_was_not_met() {
    let server = server(json!([{"do": [{"cut": {"at": 10_000_000}}]}]));
    let mut stream = connect(&server);
    ask(&mut stream, "keep-alive");
    let mut byte = [0];
    stream.read_exact(&mut byte).expect("a response");
    ask(&mut stream, "close");
    read(&mut stream);
    let unmet = server.check_faults().expect_err("unmet");
    assert_eq!(unmet.faults()[0].problem.as_deref(), Some("the response ended before byte 10000000"));
}

#[test]
fn a_response_waits_before_its_first_byte() {
    let server = server(json!([{"do": [{"latency_ms": 50}]}]));
    let start = Instant::now();
    let (response, _) = exchange(&server);
    assert!(start.elapsed() >= Duration::from_millis(50) && response.starts_with(b"HTTP/1.1 200"));
    server.check_faults().expect("met");
}

#[test]
fn a_slow_body_arrives_in_pieces_and_whole() {
    let plain = exchange(&server(json!([]))).0;
    let server = server(json!([{"do": [{"slow_body": {"piece": 1000, "pause_ms": 20, "times": 3}}]}]));
    let start = Instant::now();
    let (response, _) = exchange(&server);
    let (head, body) = head_and_body(&response);
    assert!(start.elapsed() >= Duration::from_millis(60));
    assert_eq!((body, announced(&head)), (head_and_body(&plain).1, body.len()));
    server.check_faults().expect("met");
}

#[test]
fn a_giant_body_is_streamed() {
    let server = server(json!([{"do": [{"giant": {"bytes": 50_000_000, "of": "rows"}}]}]));
    let (response, _) = exchange(&server);
    let (head, body) = head_and_body(&response);
    assert!(body.len() == announced(&head) && body.len() > 50_000_000);
    assert!(serde_json::from_slice::<serde::de::IgnoredAny>(body).is_ok());
    // As much as an address space would not hold.
    let server = self::server(json!([{"do": [{"giant": {"bytes": 1_u64 << 50, "of": "keys"}}]}]));
    let mut stream = connect(&server);
    ask(&mut stream, "close");
    let mut start = vec![0; 1 << 20];
    stream.read_exact(&mut start).expect("a start");
    assert!(announced(&head_and_body(&start).0) > 1 << 50);
    server.check_faults().expect("met");
}

#[test]
fn an_idle_connection_closes_without_a_word() {
    let server = server(json!([{"do": [{"close_idle_ms": 0}]}]));
    let mut stream = connect(&server);
    ask(&mut stream, "keep-alive");
    let (response, reset) = read(&mut stream);
    let (head, body) = head_and_body(&response);
    assert_eq!((body.len(), reset, head.contains("connection: close")), (announced(&head), false, false));
    server.check_faults().expect("met");
}

#[test]
fn a_connection_that_is_used_again_is_not_idle() {
    let server = server(json!([{"do": [{"close_idle_ms": 600_000}]}]));
    let mut stream = connect(&server);
    ask(&mut stream, "keep-alive");
    let mut first = vec![0; 100];
    stream.read_exact(&mut first).expect("a response");
    ask(&mut stream, "close");
    assert_eq!(read(&mut stream).0.windows(12).filter(|window| window == b"HTTP/1.1 200").count(), 1, "the second response");
    let unmet = server.check_faults().expect_err("unmet");
    assert_eq!(unmet.faults()[0].problem.as_deref(), Some("the connection was not idle for 600000 ms"));
}

#[test]
fn headers_and_bodies_of_a_plan_reach_the_wire() {
    let server = server(json!([{"do": [
        {"reply": {"status": 429, "retry_after": {"text": "soon"}, "headers": {"x-odd": "caf\u{e9}"}, "text": "later"}},
    ]}, {"do": [{"truncate_body": 10}]}]));
    let (response, _) = exchange(&server);
    let (head, body) = head_and_body(&response);
    assert!(
        head.starts_with("http/1.1 429") && head.contains("retry-after: soon") && head.contains("x-odd: caf\u{e9}"),
        "{head}"
    );
    assert_eq!(body, b"later");
    let (response, reset) = exchange(&server);
    let (head, body) = head_and_body(&response);
    assert_eq!((body.len(), announced(&head), reset), (10, 10, false));
    server.check_faults().expect("met");
}
