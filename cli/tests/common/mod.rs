//! Runs the program, and sends requests to its simulator.
#![allow(dead_code, reason = "every test file uses its own part")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, Output, Stdio};

pub fn placewise(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_placewise"))
        .args(arguments)
        .env_remove("PLACEWISE_TOKEN")
        .env_remove("PLACEWISE_PROFILE")
        .env_remove("PLACEWISE_CONFIG")
        .env("XDG_CONFIG_HOME", env!("CARGO_TARGET_TMPDIR"))
        .output()
        .expect("the program runs")
}

pub fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The arguments that a shell passes to `curl`.
pub fn arguments(command: &str) -> Vec<String> {
    let script = format!("curl() {{ printf '%s\\0' \"$@\"; }}\n{command}");
    let output = Command::new("sh").args(["-c", &script]).output().expect("a shell");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    text.split_terminator('\0').map(str::to_owned).collect()
}

/// The response to a curl command of a URL or path, headers and a body.
pub fn send(url: &str, arguments: &[String]) -> String {
    let [path, options @ ..] = arguments else { panic!("no arguments") };
    let path = path.strip_prefix(url).unwrap_or(path);
    let mut request = format!("POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
    for option in options.chunks(2) {
        match option[0].as_str() {
            "-H" => request.push_str(&format!("{}\r\n", option[1])),
            _ => request.push_str(&format!("Content-Length: {}\r\n\r\n{}", option[1].len(), option[1])),
        }
    }
    exchange(url, &request)
}

/// The response to a request as text.
pub fn exchange(url: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(url.trim_start_matches("http://")).expect("a connection");
    stream.write_all(request.as_bytes()).expect("sent");
    let mut response = String::new();
    stream.read_to_string(&mut response).expect("a response");
    response
}

/// A running `placewise simulate`.
pub struct Simulation {
    child: Child,
    stdout: BufReader<ChildStdout>,
    pub url: String,
    /// The curl command that it prints, if it prints text.
    pub curl: String,
}

impl Simulation {
    pub fn start(arguments: &[&str]) -> Self {
        Self::start_with(arguments, &[])
    }

    /// Starts with variables of the environment.
    pub fn start_with(arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_placewise"))
            .arg("simulate")
            .args(arguments)
            .env_remove("PLACEWISE_TOKEN")
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program runs");
        let mut stdout = BufReader::new(child.stdout.take().expect("piped"));
        let mut said = String::new();
        // The URL, a blank line, the command, a blank line; or an object.
        while !(said.ends_with("\n\n") && said.matches("\n\n").count() == 2 || said.ends_with("}\n")) {
            assert!(stdout.read_line(&mut said).expect("text") > 0, "it ended: {said}");
        }
        let (url, curl) = match serde_json::from_str::<serde_json::Value>(&said) {
            Ok(json) => (json["url"].clone(), json["curl"].clone()),
            Err(_) => {
                let (first, curl) = said.split_once("\n\n").expect("a command");
                (first.split_whitespace().next().expect("a URL").into(), curl.trim_end().into())
            }
        };
        let text = |value: serde_json::Value| value.as_str().expect("text").to_owned();
        Self { child, stdout, url: text(url), curl: text(curl) }
    }

    /// Stops it like Ctrl-C; returns its status, and what it said after the start on standard output and on standard error.
    #[cfg(unix)]
    pub fn interrupt(mut self) -> (Option<i32>, String, String) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().expect("`kill` runs").success());
        let (mut out, mut err) = (String::new(), String::new());
        self.stdout.read_to_string(&mut out).expect("UTF-8");
        self.child.stderr.take().expect("piped").read_to_string(&mut err).expect("UTF-8");
        (self.child.wait().expect("it ends").code(), out, err)
    }
}

impl Drop for Simulation {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
