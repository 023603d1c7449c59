//! A cargo project of generated crates and of programs that use them, in cargo's directory for tests. A file whose text stays the same is
//! not written again, so a second run compiles nothing but what failed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use placewise_codegen::emit;
use serde_json::Value;

/// The name by which programs know the generated crate, whatever its package is called.
pub const CRATE: &str = "harbour_api";
/// A cargo workspace in the making.
pub struct Project {
    folder: PathBuf,
    /// The package whose program runs the others.
    runner: String,
    members: BTreeSet<String>,
    /// The programs that can be run.
    runnable: Vec<String>,
}

/// An error of the compiler: the line in the program, if it is about the program, and the whole message.
#[derive(Debug)]
pub struct CompileError {
    pub line: Option<u64>,
    pub message: String,
}

impl Project {
    /// An empty project. Its name begins the names of all its packages, because all projects share a target directory, and there cargo takes
    /// packages of one name for the same.
    pub fn new(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("changes").join(name);
        Self { folder, runner: format!("{name}_runner"), members: BTreeSet::new(), runnable: Vec::new() }
    }

    /// Adds a generated crate as the package `name`.
    pub fn add_crate(&mut self, name: &str, files: &emit::Files) {
        let manifest = format!(
            "[lib]\npath = \"rust/lib.rs\"\n[features]\ndefault = [\"port\", \"sea\"]\nport = []\nsea = []\n[dependencies]\nplacewise-runtime = {{ path = {:?}, default-features = false }}\n",
            root().join("runtime")
        );
        self.add_package(name, &manifest);
        let package = self.folder.join(name);
        for (path, text) in files.iter().filter(|(path, _)| is_of_crate(path)) {
            write(&package.join(path), text);
        }
        let unknown = |path: &Path| !files.contains_key(&format!("rust/{}", path.file_name().unwrap_or_default().display()));
        let left = fs::read_dir(package.join("rust")).expect("readable").map(|entry| entry.expect("readable").path());
        left.filter(|path| unknown(path)).for_each(|path| fs::remove_file(path).expect("writable"));
    }

    /// Adds a program as the library `name` that uses the generated crate `uses`.
    pub fn add_program(&mut self, name: &str, uses: &str, text: &str) {
        self.add_package(name, &format!("[dependencies]\n{CRATE} = {{ package = {uses:?}, path = \"../{uses}\" }}\n"));
        // Public, so that it is used and can be run.
        let line = |line: &str| if line.starts_with("fn main(") { format!("pub {line}\n") } else { format!("{line}\n") };
        write(&self.folder.join(name).join("src/lib.rs"), &text.lines().map(line).collect::<String>());
    }

    /// Adds a program that will be run. It has a `main`.
    pub fn add_runnable(&mut self, name: &str, uses: &str, text: &str) {
        assert!(text.lines().any(|line| line.starts_with("fn main(")), "{name} has a `main`:\n{text}");
        self.add_program(name, uses, text);
        self.runnable.push(name.to_owned());
    }

    fn add_package(&mut self, name: &str, rest: &str) {
        assert!(self.members.insert(name.to_owned()), "two packages are called {name}");
        assert!(name.starts_with(self.runner.trim_end_matches("runner")), "{name} begins with the name of the project");
        let manifest = format!("[package]\nname = {name:?}\nversion = \"0.0.0\"\nedition = \"2024\"\n{rest}");
        write(&self.folder.join(name).join("Cargo.toml"), &manifest);
    }

    /// Checks all packages and returns the errors of each; none if it compiles.
    pub fn check(&self) -> BTreeMap<String, Vec<CompileError>> {
        self.write_workspace(&BTreeSet::new());
        let output = self.cargo(&["check", "--workspace", "--exclude", &self.runner, "--keep-going", "--message-format=json"]);
        let mut found: BTreeMap<String, Vec<CompileError>> = BTreeMap::new();
        for message in String::from_utf8_lossy(&output.stdout).lines().filter_map(|line| serde_json::from_str::<Value>(line).ok())
        {
            let name = message["target"]["name"].as_str().unwrap_or_default().to_owned();
            if !self.members.contains(&name) {
                continue;
            }
            let errors = found.entry(name).or_default();
            errors.extend(compile_error(&message["message"]));
        }
        let missing: Vec<&String> = self.members.iter().filter(|name| !found.contains_key(*name)).collect();
        assert!(missing.is_empty(), "{missing:?} were not checked:\n{}", String::from_utf8_lossy(&output.stderr));
        found
    }

    /// Builds the programs that can be run into one, except for some, and returns its path. Its argument names the program.
    pub fn build(&self, except: &BTreeSet<&String>) -> PathBuf {
        self.write_workspace(except);
        let output = self.cargo(&["build", "--package", &self.runner]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        target().join("debug").join(format!("{}{}", self.runner, std::env::consts::EXE_SUFFIX))
    }

    fn write_workspace(&self, except: &BTreeSet<&String>) {
        let runner = self.folder.join(&self.runner);
        let uses = |name: &String| format!("{name} = {{ path = \"../{name}\" }}\n");
        let runnable = || self.runnable.iter().filter(|name| !except.contains(name));
        let uses: String = runnable().map(uses).collect();
        let manifest =
            format!("[package]\nname = {:?}\nversion = \"0.0.0\"\nedition = \"2024\"\n[dependencies]\n{uses}", self.runner);
        write(&runner.join("Cargo.toml"), &manifest);
        let arms = |name: &String| format!("        {name:?} => {name}::main().report(),\n");
        let arms: String = runnable().map(arms).collect();
        let main = format!(
            "use std::process::{{ExitCode, Termination}};\n\nfn main() -> ExitCode {{\n    match std::env::args().nth(1).unwrap_or_default().as_str() {{\n{arms}        other => panic!(\"no program {{other}}\"),\n    }}\n}}\n"
        );
        write(&runner.join("src/main.rs"), &main);
        let members: Vec<&str> = self.members.iter().map(String::as_str).chain([self.runner.as_str()]).collect();
        let manifest =
            format!("[workspace]\nmembers = {members:?}\nresolver = \"3\"\n\n[profile.dev]\ndebug = 0\nincremental = false\n");
        write(&self.folder.join("Cargo.toml"), &manifest);
        // Cargo takes the versions from it and drops what the project does not need.
        fs::copy(root().join("Cargo.lock"), self.folder.join("Cargo.lock")).expect("copied");
    }

    fn cargo(&self, arguments: &[&str]) -> Output {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command.args(arguments).args(["--offline", "--quiet", "--target-dir"]).arg(target()).current_dir(&self.folder);
        command.output().expect("cargo runs")
    }
}

/// Whether a generated file is a part of the crate that programs compile against.
pub fn is_of_crate(path: &str) -> bool {
    path.starts_with("rust/") || path == "model.json"
}

/// What all projects share: the runtime and its dependencies are compiled once.
fn target() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("changes/target")
}

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Writes a file unless it has this text.
fn write(path: &Path, text: &str) {
    match fs::read_to_string(path) {
        Ok(before) if before == text => return,
        Err(error) if error.kind() != ErrorKind::NotFound => panic!("{}: {error}", path.display()),
        _ => {}
    }
    fs::create_dir_all(path.parent().expect("a folder")).expect("writable");
    fs::write(path, text).expect("writable");
}

/// The error of a message of the compiler.
fn compile_error(message: &Value) -> Option<CompileError> {
    let text = message["message"].as_str()?;
    if message["level"] != "error" || text.starts_with("aborting due to") {
        return None;
    }
    let mut span = message["spans"].as_array()?.iter().find(|span| span["is_primary"] == true).cloned().unwrap_or_default();
    // Within a macro: the line that calls it.
    while span["expansion"].is_object() {
        span = span["expansion"]["span"].take();
    }
    let in_program = span["file_name"].as_str().is_some_and(|file| file.ends_with("src/lib.rs"));
    let line = span["line_start"].as_u64().filter(|_| in_program);
    Some(CompileError { line, message: message["rendered"].as_str().unwrap_or(text).to_owned() })
}
