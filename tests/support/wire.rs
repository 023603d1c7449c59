//! A scripted server: sends the given replies in order and keeps the requests it received.
#![allow(dead_code, reason = "each test uses a part of it")]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A received request.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Request line and headers.
    pub head: String,
    /// Body; null if there is none.
    pub body: serde_json::Value,
}

/// A running server.
pub struct Stub {
    pub url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Stub {
    /// Starts a server that sends each reply on its own connection. Further requests are refused.
    pub fn start(replies: Vec<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&seen);
        std::thread::spawn(move || {
            for reply in replies {
                let (mut stream, _) = listener.accept().expect("a connection");
                let request = read_request(&mut stream);
                log.lock().expect("a log").push(request);
                stream.write_all(reply.as_bytes()).expect("sent");
            }
        });
        Self { url, seen }
    }

    /// The requests so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("a log").clone()
    }
}

/// A reply with this status and further headers.
pub fn reply(status: u16, headers: &[&str], body: &str) -> String {
    let head = format!("HTTP/1.1 {status} Whatever\r\nConnection: close\r\nContent-Length: {}\r\n", body.len());
    let headers: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
    format!("{head}{headers}\r\n{body}")
}

fn read_request(stream: &mut TcpStream) -> Seen {
    let (mut request, mut buffer) = (Vec::new(), [0; 4096]);
    loop {
        let text = String::from_utf8_lossy(&request);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length:").map(str::to_owned));
            if body.len() >= length.as_ref().map_or(0, |length| length.trim().parse().expect("a length")) {
                let body = length.map_or(serde_json::Value::Null, |_| serde_json::from_str(body).expect("JSON"));
                return Seen { head: head.to_owned(), body };
            }
        }
        let read = stream.read(&mut buffer).expect("a request");
        assert!(read > 0, "the request ended early");
        request.extend_from_slice(&buffer[..read]);
    }
}
