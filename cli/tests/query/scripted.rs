//! A server that gives its answers in order, whatever is asked.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use placewise_model::Model;

/// A status and a body; none never answers.
pub type Answer = Option<(u16, String)>;

/// A page of rows.
pub fn page(model: &Model, rows: &[&str], next: Option<&str>) -> Answer {
    let keys = &model.records.response;
    let next = next.map_or_else(|| "null".into(), |cursor| format!("\"{cursor}\""));
    Some((200, format!("{{\"{}\": [{}], \"{}\": {{\"{}\": {next}}}}}", keys.rows, rows.join(","), keys.pagination, keys.next)))
}

/// An error.
pub fn refusal(status: u16) -> Answer {
    Some((status, "{}".into()))
}

/// No answer.
pub fn silence() -> Answer {
    None
}

pub struct Scripted {
    port: u16,
    bodies: Arc<Mutex<Vec<String>>>,
}

impl Scripted {
    pub fn start(answers: impl IntoIterator<Item = Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (answers, bodies): (Vec<Answer>, Arc<Mutex<Vec<String>>>) = (answers.into_iter().collect(), Arc::default());
        let seen = Arc::clone(&bodies);
        thread::spawn(move || {
            let mut silent = Vec::new();
            for (stream, answer) in listener.incoming().zip(answers) {
                let mut stream = stream.expect("a connection");
                seen.lock().expect("a lock").push(request(&mut stream));
                match answer {
                    Some((status, body)) => respond(&mut stream, status, &body),
                    // Kept open, so that the client waits.
                    None => silent.push(stream),
                }
            }
            // Further connections wait in the queue of the port.
            loop {
                thread::park();
            }
        });
        Self { port, bodies }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The bodies of the requests so far.
    pub fn bodies(&self) -> Vec<String> {
        self.bodies.lock().expect("a lock").clone()
    }
}

fn request(stream: &mut TcpStream) -> String {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).expect("a line");
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().expect("a length");
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("a body");
    String::from_utf8(body).expect("UTF-8")
}

fn respond(stream: &mut TcpStream, status: u16, body: &str) {
    let head = format!(
        "HTTP/1.1 {status} Said\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    // The program may have been stopped.
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes()));
}
