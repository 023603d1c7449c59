//! A tiny HTTP server that gives canned replies in order and keeps what it was asked.
#![allow(dead_code, reason = "each test uses a part of it")]

use std::sync::{Arc, Mutex};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// One request as it came.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Request line and headers.
    pub head: String,
    /// Body; null where there is none.
    pub body: serde_json::Value,
}

/// A running stub.
pub struct Stub {
    /// Its address.
    pub url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Stub {
    /// Starts one that gives these replies, each on a connection of its own. More requests find a closed door.
    pub async fn start(replies: Vec<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&seen);
        tokio::spawn(async move {
            for reply in replies {
                let (mut socket, _) = listener.accept().await.unwrap();
                let request = read(&mut socket).await;
                log.lock().unwrap().push(request);
                socket.write_all(reply.as_bytes()).await.unwrap();
                socket.shutdown().await.unwrap();
            }
        });
        Self { url, seen }
    }

    /// What was asked so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

async fn read(socket: &mut TcpStream) -> Seen {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let count = socket.read(&mut buffer).await.unwrap();
        assert!(count > 0, "the client closed early");
        bytes.extend_from_slice(&buffer[..count]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.to_ascii_lowercase();
        // Requests without a body name no length.
        let Some(length) = length.split("content-length: ").nth(1) else {
            return Seen { head: head.to_owned(), body: serde_json::Value::Null };
        };
        let length = length.lines().next().unwrap().trim().parse::<usize>().unwrap();
        if body.len() >= length {
            return Seen { head: head.to_owned(), body: serde_json::from_str(body).unwrap() };
        }
    }
}

/// A reply of that status with further headers.
pub fn reply(status: u16, headers: &[&str], body: &str) -> String {
    let mut text = format!("HTTP/1.1 {status} Whatever\r\nConnection: close\r\nContent-Length: {}\r\n", body.len());
    for header in headers {
        text.push_str(header);
        text.push_str("\r\n");
    }
    text + "\r\n" + body
}

/// A page of rows `{"reporting_id": n, "ids": []}`.
pub fn page(ids: &[i64], next: Option<&str>) -> String {
    let rows: Vec<_> = ids.iter().map(|id| serde_json::json!({"reporting_id": id, "ids": []})).collect();
    let body = serde_json::json!({"records": rows, "pagination": {"next_page_info": next}, "result_type": "records"});
    reply(200, &["ratelimit-bucket: b", "ratelimit-remaining: -3", "ratelimit-cost: 2"], &body.to_string())
}
