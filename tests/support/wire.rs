//! A server that says what it is told. In come answers; out come its address and, in the end, the bodies that were sent to it.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread::JoinHandle;

/// Answers one request after the other with these bodies.
pub fn serve(bodies: Vec<String>) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let answer = move |body: String| {
        let (mut stream, _) = listener.accept().expect("a connection");
        let asked = read_request(&mut stream);
        let head = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length:";
        stream.write_all(format!("{head} {}\r\n\r\n{body}", body.len()).as_bytes()).expect("sent");
        asked
    };
    (url, std::thread::spawn(move || bodies.into_iter().map(answer).collect()))
}

fn read_request(stream: &mut TcpStream) -> String {
    let (mut request, mut buffer) = (Vec::new(), [0; 4096]);
    loop {
        let text = String::from_utf8_lossy(&request);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length:").map(str::to_owned));
            if body.len() >= length.map_or(0, |length| length.trim().parse().expect("a length")) {
                return body.to_owned();
            }
        }
        let read = stream.read(&mut buffer).expect("a request");
        assert!(read > 0, "the request ended early");
        request.extend_from_slice(&buffer[..read]);
    }
}
