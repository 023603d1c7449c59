//! Servers with turned assumptions, and the program that settles them.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Output;

use placewise_model::{Evidence, Model, Settled, Verdict};
use placewise_reporting::MODEL;
use placewise_simulator::{Server, Simulator};
use serde_json::Value;

pub const TOKEN: &str = "s3cr3t-t0ken-of-tests";
pub const HARBOUR: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures/harbour/generated/model.json");

/// An API: the built-in one, or the harbour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Api {
    BuiltIn,
    Harbour,
}

impl Api {
    pub fn text(self) -> String {
        match self {
            Self::BuiltIn => MODEL.to_owned(),
            Self::Harbour => fs::read_to_string(HARBOUR).expect("the model"),
        }
    }

    pub fn model(self) -> Model {
        serde_json::from_str(&self.text()).expect("a model")
    }

    pub const fn customers(self) -> [i64; 2] {
        match self {
            Self::BuiltIn => [1_000_941, 1_000_942],
            Self::Harbour => [1, 2],
        }
    }

    pub fn simulator(self) -> Simulator {
        Simulator::from_json(&self.text()).expect("a model").seed(11).rows(240).customers(self.customers())
    }
}

/// A run of the program, and the evidence that it wrote.
pub struct Run {
    pub output: Output,
    pub evidence: Option<Evidence>,
    pub text: String,
    pub folder: tempfile::TempDir,
}

impl Run {
    pub fn of(api: Api, url: &str, arguments: &[&str]) -> Self {
        let cache = tempfile::tempdir().expect("a folder");
        Self::with_cache(api, url, arguments, cache.path())
    }

    /// With a cache that outlives the run.
    pub fn with_cache(api: Api, url: &str, arguments: &[&str], cache: &Path) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let [one, two] = api.customers();
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_placewise"));
        command.args(arguments).current_dir(folder.path()).env("HOME", folder.path());
        command.env("PLACEWISE_URL", url).env("PLACEWISE_TOKEN", TOKEN).env("PLACEWISE_CUSTOMERS", format!("{one},{two}"));
        command.env("PLACEWISE_PRODUCT", "tests").env_remove("PLACEWISE_PROFILE").env_remove("PLACEWISE_CONFIG");
        command.env("XDG_CACHE_HOME", cache).env("XDG_CONFIG_HOME", folder.path().join("config"));
        if api == Api::Harbour {
            command.args(["--model", HARBOUR]);
        }
        let output = command.output().expect("the program runs");
        let text = fs::read_to_string(folder.path().join("settle-evidence.json")).unwrap_or_default();
        let evidence = Evidence::parse(text.as_bytes()).ok();
        Self { output, evidence, text, folder }
    }

    pub fn settle(api: Api, server: &Server, arguments: &[&str]) -> Self {
        Self::of(api, &server.url(), &[&["settle", "--yes"], arguments].concat())
    }

    pub fn said(&self) -> String {
        format!("{}{}", String::from_utf8_lossy(&self.output.stdout), String::from_utf8_lossy(&self.output.stderr))
    }

    pub fn evidence(&self) -> &Evidence {
        self.evidence.as_ref().unwrap_or_else(|| panic!("no evidence: {}", self.said()))
    }

    pub fn settled(&self, id: &str) -> &Settled {
        self.evidence().settled(id).unwrap_or_else(|| panic!("nothing about {id}: {}", self.said()))
    }

    pub fn verdict(&self, id: &str) -> Verdict {
        self.settled(id).verdict
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// What was found to differ: ids with their values.
pub fn refuted(evidence: &Evidence) -> Vec<(String, Option<Value>)> {
    let refuted = evidence.settled.iter().filter(|settled| settled.verdict == Verdict::Refuted);
    refuted.map(|settled| (settled.assumption.clone(), settled.value.clone())).collect()
}

/// A server that a closure answers for: the number of the request and its body in, status, headers and body out.
pub struct Stub {
    pub url: String,
}

type Answer = (u16, Vec<(&'static str, String)>, String);

impl Stub {
    /// The thread ends with the process of the test.
    pub fn start(answer: impl Fn(usize, &Value) -> Answer + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        std::thread::spawn(move || {
            for (index, stream) in listener.incoming().flatten().enumerate() {
                let _ = reply(stream, |body| answer(index, body));
            }
        });
        Self { url }
    }
}

/// A server that hands each request to one of these servers, as chance has it.
pub fn mixed(urls: Vec<String>, seed: u64) -> Stub {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        let mut random = seed;
        for stream in listener.incoming().flatten() {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let _ = forward(stream, &urls[(random >> 33) as usize % urls.len()]);
        }
    });
    Stub { url }
}

fn forward(mut stream: TcpStream, url: &str) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? <= 2 {
            break;
        }
        let lower = line.to_ascii_lowercase();
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        head += &line;
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let mut server = TcpStream::connect(url.trim_start_matches("http://"))?;
    server.write_all(format!("{head}Connection: close\r\n\r\n").as_bytes())?;
    server.write_all(&body)?;
    let mut reply = Vec::new();
    server.read_to_end(&mut reply)?;
    stream.write_all(&reply)
}

fn reply(mut stream: TcpStream, answer: impl Fn(&Value) -> Answer) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let (mut line, mut length) = (String::new(), 0);
    while reader.read_line(&mut line)? > 2 {
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        line.clear();
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let (status, headers, text) = answer(&serde_json::from_slice(&body).unwrap_or_default());
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let head = format!(
        "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n{headers}\r\n",
        text.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(text.as_bytes())
}

/// Sends a body and returns status, headers and body of the reply.
pub fn post(url: &str, path: &str, headers: &[(&str, &str)], body: &str) -> (u16, Vec<(String, String)>, String) {
    let mut stream = TcpStream::connect(url.trim_start_matches("http://")).expect("a connection");
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let length = body.len();
    write!(stream, "POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}")
        .expect("sent");
    let mut text = String::new();
    stream.read_to_string(&mut text).expect("a reply");
    let (head, body) = text.split_once("\r\n\r\n").expect("a head");
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|code| code.parse().ok()).expect("a status");
    let headers = lines.filter_map(|line| line.split_once(": ")).map(|(name, value)| (name.to_owned(), value.to_owned()));
    (status, headers.collect(), body.to_owned())
}
