//! The HTTP server: what requests look like on the wire, slow replies, start and stop.

mod common;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, mpsc};

use common::charts::body;
use common::{CHART, NOW, PATH, simulator};
use jiff::Timestamp;
use placewise_simulator::{Permits, StartError};
use serde_json::{Value, json};

/// Status, headers and body of a reply; `None` if the connection ends without one.
type HttpReply = Option<(u16, String, String)>;

/// Sends a request over its own connection.
fn exchange(port: u16, method: &str, path: &str, headers: &str, body: &[u8]) -> HttpReply {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-Key: Key k\r\nX-Agent: tests\r\n{headers}Content-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).ok()?;
    // The server may reply and close before it has read a large body.
    let _ = stream.write_all(body);
    let mut reply = Vec::new();
    let _ = stream.read_to_end(&mut reply);
    let reply = String::from_utf8(reply).expect("UTF-8");
    let (head, body) = reply.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok())?;
    Some((status, head.to_ascii_lowercase(), body.to_owned()))
}

fn query(port: u16, path: &str, body: &Value) -> HttpReply {
    exchange(port, "POST", path, "X-Port: id=11\r\nContent-Type: application/json\r\n", body.to_string().as_bytes())
}

#[test]
fn a_query_is_answered_and_recorded_without_its_token() {
    let server = simulator().token("k", Permits::all()).start().expect("a server");
    let (status, head, body) = query(server.port(), PATH, &json!({"subject": "voyages"})).expect("a reply");
    assert_eq!(status, 200);
    assert!(head.contains("content-type: application/json") && head.contains("tide-cost: 2"), "{head}");
    assert_eq!(serde_json::from_str::<Value>(&body).expect("JSON")["shape"], "lines");
    let recorded = server.requests().pop().expect("a request");
    assert_eq!((recorded.method.as_str(), recorded.path.as_str(), recorded.headers["X-Port"].as_str()), ("POST", PATH, "id=11"));
    assert!(!format!("{recorded:?} {server:?}").contains("Key k"));
    assert_eq!((server.spent(), server.url()), (2, format!("http://127.0.0.1:{}", server.port())));
}

#[test]
fn a_path_serves_only_its_method() {
    let server = simulator().start().expect("a server");
    for method in ["GET", "PUT", "DELETE", "HEAD", "PATCH"] {
        let (status, head, _) = exchange(server.port(), method, PATH, "", b"").expect("a reply");
        assert!(status == 405 && head.contains("allow: post"), "{method} {head}");
    }
}

#[test]
fn a_body_above_a_megabyte_is_refused() {
    let server = simulator().start().expect("a server");
    let headers = "X-Port: id=11\r\nContent-Type: application/json\r\n";
    let status = |size| exchange(server.port(), "POST", PATH, headers, &vec![b' '; size]).map(|(status, ..)| status);
    assert_eq!([status(1 << 20), status((1 << 20) + 1)], [Some(400), Some(413)]);
}

/// A clock that, once armed, blocks the next request that reads it until released.
struct Gate {
    armed: Arc<AtomicBool>,
    blocked: mpsc::Receiver<()>,
    release: mpsc::Sender<()>,
}

fn gate() -> (Gate, impl Fn() -> Timestamp + Send + Sync + 'static) {
    let armed = Arc::new(AtomicBool::new(false));
    let ((blocks, blocked), (release, released)) = (mpsc::channel(), mpsc::channel::<()>());
    let (flag, released) = (Arc::clone(&armed), Mutex::new(released));
    let clock = move || {
        if flag.swap(false, Ordering::SeqCst) {
            blocks.send(()).expect("a test that waits");
            // A dropped sender releases too.
            let _ = released.lock().expect("no panic").recv();
        }
        NOW.parse().expect("a timestamp")
    };
    (Gate { armed, blocked, release }, clock)
}

#[test]
fn a_slow_reply_delays_no_other() {
    let (gate, clock) = gate();
    let server = simulator().clock(clock).start().expect("a server");
    let port = server.port();
    let chart = body("traffic", ["2026-01-01T00:00:00Z", NOW], json!({"step": "1d"}));
    let status = |reply: HttpReply| reply.map(|(status, ..)| status);
    gate.armed.store(true, Ordering::SeqCst);
    std::thread::scope(|scope| {
        let first = scope.spawn(|| query(port, CHART, &chart));
        gate.blocked.recv().expect("the first request is being answered");
        assert_eq!(status(query(port, CHART, &chart)), Some(200));
        assert!(!first.is_finished());
        gate.release.send(()).expect("still blocked");
        assert_eq!(status(first.join().expect("no panic")), Some(200));
    });
}

#[test]
fn a_slow_reply_does_not_delay_the_stop() {
    let (gate, clock) = gate();
    let server = simulator().clock(clock).start().expect("a server");
    let port = server.port();
    gate.armed.store(true, Ordering::SeqCst);
    std::thread::scope(|scope| {
        let request = scope.spawn(move || query(port, CHART, &json!({"subject": "traffic"})));
        gate.blocked.recv().expect("the request is being answered");
        server.stop();
        assert_eq!(request.join().expect("no panic"), None, "the connection ends");
    });
    gate.release.send(()).expect("still blocked");
}

#[test]
fn stopping_ends_open_connections() {
    let server = simulator().start().expect("a server");
    let mut stream = TcpStream::connect(("127.0.0.1", server.port())).expect("a connection");
    stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").expect("sent");
    let mut buffer = [0; 4096];
    assert!(stream.read(&mut buffer).expect("a reply") > 0);
    server.stop();
    while stream.read(&mut buffer).is_ok_and(|read| read > 0) {}
}

#[test]
fn it_runs_inside_another_runtime_and_keeps_its_port() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let server = simulator().start().expect("a server");
        let error = simulator().port(server.port()).start().expect_err("the port is taken");
        assert!(matches!(error, StartError::Bind { port, .. } if port == server.port()));
        let expected =
            format!("port {} of the loopback address is taken; stop the other program or use another port", server.port());
        assert_eq!(error.to_string(), expected);
        let reply = query(server.port(), PATH, &json!({"subject": "voyages"}));
        assert_eq!(reply.map(|(status, ..)| status), Some(200));
    });
}
