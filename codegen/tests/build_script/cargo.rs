//! The script under a real cargo, in a small workspace of the same layout: its generator is a program without dependencies that runs the
//! generator of this test run, and its client prints the generated types.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::SystemTime;

use super::{EDIT, GENERATOR, RUST, SPEC, copy, edit, harbour, root, text, write};

const WORKSPACE: &str = r#"
[workspace]
members = ["model", "codegen", "member"]
resolver = "3"
[package]
name = "client"
edition = "2024"
build = "build.rs"
[features]
port = []
sea = []
[profile.generator]
inherits = "dev"
"#;
const CODEGEN: &str = r#"
[package]
name = "placewise-codegen"
edition = "2024"
[features]
default = ["comfort"]
comfort = []
"#;

struct Checkout {
    dir: tempfile::TempDir,
}

impl Checkout {
    /// A stale checkout, inside an otherwise empty folder.
    fn new(home: &str, codegen: &str) -> Self {
        let checkout = Self { dir: tempfile::tempdir().expect("a temporary folder") };
        copy(&harbour(), &checkout.path(""), &["spec", "generated"]);
        copy(
            &root(),
            &checkout.path(""),
            &["build.rs", "README.md", "codegen/build.rs", "codegen/src/disk", "codegen/src/source/folder.rs"],
        );
        write(&checkout.path("Cargo.toml"), WORKSPACE);
        write(&checkout.path("codegen/Cargo.toml"), &format!("{CODEGEN}{codegen}"));
        write(&checkout.path("codegen/src/main.rs"), &generator(""));
        write(&checkout.path("src/main.rs"), &format!("fn main() {{ print!(\"{{}}\", include_str!(\"../{RUST}\")); }}"));
        for member in ["model", "member"] {
            let name = if member == "model" { "placewise-model" } else { member };
            write(&checkout.path(member).join("Cargo.toml"), &format!("[package]\nname = \"{name}\"\nedition = \"2024\""));
            write(&checkout.path(member).join("src/lib.rs"), "");
        }
        if !home.is_empty() {
            write(&checkout.home().join("config.toml"), home);
        }
        let locked = checkout.cargo("", &["generate-lockfile"]);
        assert!(locked.status.success(), "{}", text(&locked));
        checkout
    }

    fn path(&self, path: &str) -> PathBuf {
        self.dir.path().join("checkout").join(path)
    }

    fn home(&self) -> PathBuf {
        self.dir.path().join("home")
    }

    fn cargo(&self, from: &str, arguments: &[&str]) -> Output {
        self.cargo_with(from, arguments, &[])
    }

    /// Runs cargo in a folder of the checkout, free of the settings of whoever runs the tests.
    fn cargo_with(&self, from: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
        let mut command = Command::new(std::env::var_os("CARGO").expect("cargo runs this test"));
        for (name, _) in
            std::env::vars().filter(|(name, _)| name.starts_with("CARGO") || name.starts_with("RUSTFLAGS") || name == "CI")
        {
            command.env_remove(name);
        }
        command.env("CARGO_HOME", self.home()).env("CARGO_NET_RETRY", "0").envs(variables.iter().copied());
        command.current_dir(self.path(from)).args(arguments).output().expect("cargo runs")
    }

    /// What is in the folder around the checkout, in the checkout and in its members.
    fn folders(&self) -> Vec<PathBuf> {
        let dirs = [self.dir.path().to_owned(), self.path(""), self.path("member"), self.path("codegen")];
        let list = |dir: &PathBuf| fs::read_dir(dir).expect("a folder").map(|entry| entry.expect("an entry").path());
        let mut all: Vec<PathBuf> = dirs.iter().flat_map(list).collect();
        all.sort();
        all
    }
}

/// The generator's source, with another mark in each of its versions.
fn generator(mark: &str) -> String {
    format!(
        r#"use std::process::Command;
fn main() {{
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments == ["sources"] {{
        return println!("{{}}", env!("PLACEWISE_CODEGEN_SOURCES"));
    }}
    println!("cargo::warning=mark {mark}");
    std::process::exit(Command::new({GENERATOR:?}).args(arguments).status().unwrap().code().unwrap());
}}
"#
    )
}

#[test]
fn one_build_compiles_the_new_types_and_the_next_one_does_nothing() {
    let checkout = Checkout::new("", "");
    edit(&checkout.path(SPEC), EDIT.0, EDIT.1);
    let printed = text(&checkout.cargo("", &["run"]));
    assert!(printed.contains("Voice") && printed.contains("warning: client@0.0.0: mark"), "{printed}");
    let next = text(&checkout.cargo("", &["build", "-v"]));
    assert!(next.contains("Fresh client") && !next.contains("Running"), "{next}");
}

#[test]
fn nothing_is_written_outside_the_target_directory() {
    let rustc =
        Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into())).arg("-vV").output().expect("rustc runs");
    let version = text(&rustc);
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).expect("a host");
    for (from, arguments, variables, settings, target, generator) in [
        ("", &["build", "--target-dir", "../elsewhere"][..], &[][..], "", "../elsewhere", "codegen/generator"),
        ("member", &["build", "-p", "client"], &[("CARGO_TARGET_DIR", "../relative")], "", "relative", "codegen/generator"),
        ("", &["build"], &[], "[build]\ntarget-dir = \"../set\"\n", "../set", "codegen/generator"),
        ("", &["build", "--target", host], &[], "", "target", &format!("codegen/{host}/generator")),
    ] {
        let checkout = Checkout::new("", "");
        if !settings.is_empty() {
            write(&checkout.path(".cargo/config.toml"), settings);
        }
        let before = checkout.folders();
        let output = checkout.cargo_with(from, arguments, variables);
        assert!(output.status.success(), "{arguments:?}: {}", text(&output));
        let program = checkout.path(target).join(generator).join("placewise-codegen");
        assert!(program.exists(), "{arguments:?}: {} is missing", program.display());
        let mut after = checkout.folders();
        after.retain(|path| path.file_name() != Path::new(target).file_name());
        assert_eq!(after, before, "{arguments:?}");
    }
}

#[test]
fn changed_sources_compile_a_new_generator_even_under_an_old_time() {
    let checkout = Checkout::new("", "");
    let said = text(&checkout.cargo("", &["build"]));
    assert!(said.contains("mark"), "{said}");
    let source = checkout.path("codegen/src/main.rs");
    write(&source, &generator("second"));
    // A copy or a restored cache: the text is another, and older than what cargo compiled.
    fs::File::options().write(true).open(&source).and_then(|file| file.set_modified(SystemTime::UNIX_EPOCH)).expect("a time");
    edit(&checkout.path(SPEC), EDIT.0, EDIT.1);
    let said = text(&checkout.cargo("", &["build"]));
    assert!(said.contains("mark second"), "{said}");
}

#[test]
fn the_network_is_used_only_where_the_caller_surely_allows_it() {
    let (address, requests) = registry();
    let home = format!(
        "[source.crates-io]\nreplace-with = \"local\"\n[source.local]\nregistry = \"sparse+http://{address}/\"\n[alias]\nquiet = \"build --frozen\"\n"
    );
    let checkout = Checkout::new(&home, "[dependencies]\nabsent = \"1\"\n");
    let build = |arguments: &[&str], variables: &[(&str, &str)]| {
        requests.lock().expect("no panic").clear();
        let output = checkout.cargo_with("", arguments, variables);
        assert!(!output.status.success(), "{arguments:?} has no package to build from");
        (text(&output), requests.lock().expect("no panic").clone())
    };
    for (arguments, variables) in [
        (&["build", "--offline"][..], &[][..]),
        (&["build", "--frozen"], &[]),
        (&["build", "--config", "net.offline=true"], &[]),
        (&["quiet"], &[]),
        (&["build"], &[("CARGO_NET_OFFLINE", "true")]),
    ] {
        let (said, requests) = build(arguments, variables);
        assert!(requests.is_empty(), "{arguments:?} asked for {requests:?}");
        assert!(said.contains("The network was not used") && said.contains("cargo fetch"), "{said}");
    }
    let (said, requests) = build(&["build"], &[]);
    assert!(said.contains("warning: client@0.0.0: downloading packages"), "{said}");
    assert!(requests.iter().any(|path| path.contains("/download")), "asked for {requests:?}: {said}");
    write(&checkout.path(".cargo/config.toml"), "[net]\noffline = true\n");
    let (said, requests) = build(&["build"], &[]);
    assert!(requests.is_empty() && said.contains("cargo fetch"), "{requests:?}: {said}");
}

/// A registry whose index knows one package, which it does not hand out. Returns its address, and the paths that it was asked for.
fn registry() -> (std::net::SocketAddr, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let requests = Arc::<Mutex<Vec<String>>>::default();
    let seen = requests.clone();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let path = request(&stream);
            let checksum = "0".repeat(64);
            let (status, body) = match path.as_str() {
                "/config.json" => ("200 OK", format!("{{\"dl\":\"http://{address}/dl\"}}")),
                "/ab/se/absent" => (
                    "200 OK",
                    format!(
                        "{{\"name\":\"absent\",\"vers\":\"1.0.0\",\"deps\":[],\"cksum\":\"{checksum}\",\"features\":{{}},\"yanked\":false}}\n"
                    ),
                ),
                _ => ("404 Not Found", String::new()),
            };
            seen.lock().expect("no panic").push(path);
            let head = format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
            let _ = (&stream).write_all((head + &body).as_bytes());
        }
    });
    (address, requests)
}

fn request(stream: &TcpStream) -> String {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok).take_while(|line| !line.is_empty());
    let path = lines.next().and_then(|line| line.split(' ').nth(1).map(str::to_owned)).unwrap_or_default();
    lines.for_each(drop);
    path
}
