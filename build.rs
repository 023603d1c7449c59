//! Regenerates `generated/` when `spec/` or the generator changed, or fails if `CI` is set.
//!
//! Compares the digests in `generated/lock/`; a fresh clone matches, so it never compiles the generator. Uses only the standard library, because
//! the published package has no build-dependencies. Everything it builds stays inside the target directory of the cargo that runs it, and it
//! uses the network only where that cargo surely may.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, exit};
use std::{env, fs};

#[path = "codegen/src/source/folder.rs"]
#[allow(dead_code, reason = "the generator uses the rest")]
mod folder;
#[path = "codegen/src/disk/lock.rs"]
#[allow(dead_code, reason = "the generator uses the rest")]
mod lock;

fn main() {
    let root = path_from("CARGO_MANIFEST_DIR");
    for part in lock::COVERED {
        println!("cargo::rerun-if-changed={part}");
    }
    println!("cargo::rerun-if-env-changed=CI");
    let stale = stale(&root);
    if stale.is_empty() {
        return;
    }
    if env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false") {
        let advice = "CI never writes generated/. Run `cargo codegen generate` and commit what it writes.";
        fail("generated/ is stale:", &stale.join("\n"), advice);
    }
    let generator = Generator::new().ready(&root);
    let mut still = stale;
    // Another build may be writing at the same time: what it leaves is stale only while it writes.
    for _ in 0..4 {
        generate(&root, &generator);
        still = self::stale(&root);
        if still.is_empty() {
            return;
        }
    }
    let advice = "Was a file edited meanwhile? Build again. If it stays, run `cargo codegen generate --check`.";
    fail("the generator ran, yet generated/ does not agree with its lock:", &still.join("\n"), advice);
}

/// What does not match the lock, one name each.
fn stale(root: &Path) -> Vec<String> {
    let mut stale = match lock::stale(root) {
        Ok(stale) => stale,
        Err(error) => fail("cannot compare spec/ and generated/:", &error.to_string(), "Make it readable or remove it."),
    };
    // A copy without any Markdown, as `**/*.md` in a .dockerignore makes it, compiles to the same code.
    if !root.join("README.md").exists() {
        stale.retain(|name| !name.ends_with(".md is gone"));
    }
    stale
}

/// Writes `generated/`, and hands the generator's warnings on to cargo.
fn generate(root: &Path, program: &Path) {
    // Cargo compares the time of this file with what the script watches. What is written gets this very time, or the next build would
    // run the script once more for nothing.
    let build_start = path_from("OUT_DIR").join("..").join("invoked.timestamp");
    let output = Command::new(program).current_dir(root).args(["generate", "--stamp"]).arg(build_start).output();
    let (output, said) = output.map_or_else(|error| (None, error.to_string()), |output| (Some(output.status), text(&output)));
    match output {
        Some(status) if status.success() => {
            for line in said.lines().filter(|line| line.starts_with("cargo::warning=")) {
                println!("{line}");
            }
        }
        Some(status) if status.code() == Some(1) => {
            let advice = "Correct the spec and build again. `cargo codegen check` prints these findings too.";
            fail("the spec has errors, so nothing was generated:", &said, advice)
        }
        status => {
            let how = status.map_or_else(|| "did not start".to_owned(), |status| format!("failed ({status})"));
            let advice = "Build again, or run `cargo codegen generate`: it continues where this stopped.";
            fail(&format!("the generator {how}:"), &said, advice)
        }
    }
}

/// The generator for this machine, whatever the outer build is for, in a target directory of its own inside the outer one, which is
/// locked.
struct Generator {
    target: PathBuf,
    /// This machine's triple, if the outer cargo has any target set: a setting in a file would hold for the generator too.
    triple: Option<String>,
}

impl Generator {
    /// Cargo tells a script its target directory only by `OUT_DIR`: `<target>/[<triple>/]<profile>/build/<package>/out`.
    fn new() -> Self {
        let out = path_from("OUT_DIR");
        let profile = out.ancestors().find(|dir| dir.ends_with("build")).and_then(Path::parent);
        let mut target = profile.and_then(Path::parent).unwrap_or(&out);
        let mut triple = None;
        if target.file_name().is_some_and(|name| env::var_os("TARGET").is_some_and(|triple| name == triple)) {
            triple = env::var("HOST").ok();
            // Cargo marks its target directory. Without the mark, the folder of the triple is inside in any case.
            target = target.parent().filter(|parent| parent.join("CACHEDIR.TAG").exists()).unwrap_or(target);
        }
        Self { target: target.join("codegen"), triple }
    }

    /// The program made of the sources on disk: the one that is there, or a new one.
    fn ready(&self, root: &Path) -> PathBuf {
        let program = self.target.join(self.triple.as_deref().unwrap_or("")).join("generator");
        let program = program.join(format!("placewise-codegen{}", env::consts::EXE_SUFFIX));
        let matches = || {
            let sources = lock::of_generator(root)
                .unwrap_or_else(|error| fail("cannot read the generator's sources:", &error.to_string(), "Make them readable."));
            let output = Command::new(&program).arg("sources").output();
            output.is_ok_and(|output| output.status.success() && output.stdout.trim_ascii() == sources.as_bytes())
        };
        if matches() {
            return program;
        }
        self.build(root);
        if !matches() {
            // Cargo goes by modification times, which copies and restored caches falsify.
            let _ = self.cargo(root, &["clean", "--offline", "--package", "placewise-model"]);
            self.build(root);
        }
        if !matches() {
            fail("the generator's sources changed while it was compiled.", "", "Build again.");
        }
        program
    }

    fn build(&self, root: &Path) {
        let build = ["build", "--quiet", "--no-default-features"];
        let mut output = self.cargo(root, &[&build[..], &["--offline"]].concat());
        // Cargo speaks of its flags: a lock file that does not match makes it mention `--locked` too.
        let said = text(&output);
        let missing = !output.status.success() && said.contains("--offline") && !said.contains("--locked");
        if missing && network_allowed() {
            println!("cargo::warning=downloading packages to compile the generator, because generated/ is stale");
            output = self.cargo(root, &build);
        } else if missing {
            fail(
                "generated/ is stale, and a package that the generator needs is not on this machine. The network was not used:",
                &said,
                "Run `cargo fetch` with network access, then build again. `cargo codegen generate` does both for the generator alone.",
            );
        }
        if !output.status.success() {
            let advice = "Correct model/ or codegen/, where the error is theirs. `cargo codegen generate` shows it too.";
            fail("generated/ is stale, and the generator cannot be compiled:", &text(&output), advice);
        }
    }

    fn cargo(&self, root: &Path, arguments: &[&str]) -> Output {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(&cargo);
        command.args(arguments).args(["--locked", "--profile", "generator", "--package", "placewise-codegen", "--manifest-path"]);
        command.arg(root.join("Cargo.toml")).arg("--target-dir").arg(&self.target);
        // The settings that hold for the outer cargo depend on where it was started.
        command.current_dir(Outer::find().map_or_else(|| root.to_owned(), |outer| outer.dir));
        for (name, _) in env::vars_os() {
            let text = name.to_string_lossy();
            let keep =
                text == "CARGO_HOME" || ["CARGO_NET_", "CARGO_HTTP_", "CARGO_REGISTR"].iter().any(|kept| text.starts_with(kept));
            if text.starts_with("RUSTC") || text.starts_with("RUSTFLAGS") || (text.starts_with("CARGO") && !keep) {
                command.env_remove(&name);
            }
        }
        command.env("CARGO_BUILD_BUILD_DIR", &self.target);
        if let Some(triple) = &self.triple {
            command.env("CARGO_BUILD_TARGET", triple);
        }
        command.output().unwrap_or_else(|error| {
            let what = format!("generated/ is stale, and cargo does not start: {}:", cargo.to_string_lossy());
            fail(&what, &error.to_string(), "Check the installation of Rust, then run `cargo codegen generate`.")
        })
    }
}

/// The cargo that runs this script. Linux shows the command line of a process; elsewhere it is unknown.
struct Outer {
    arguments: Vec<String>,
    dir: PathBuf,
}

impl Outer {
    fn find() -> Option<Self> {
        let status = fs::read_to_string("/proc/self/status").ok()?;
        let parent = status.lines().find_map(|line| line.strip_prefix("PPid:"))?.trim();
        let process = Path::new("/proc").join(parent);
        let program = fs::read_link(process.join("exe")).ok()?;
        if program != fs::canonicalize(env::var_os("CARGO")?).ok()? {
            return None;
        }
        let line = String::from_utf8(fs::read(process.join("cmdline")).ok()?).ok()?;
        let arguments = line.split('\0').skip(1).map(str::to_owned).collect();
        Some(Self { arguments, dir: fs::read_link(process.join("cwd")).ok()? })
    }
}

/// Whether the outer cargo surely may use the network. Cargo does not tell a script its flags, so all that is not plain counts as no.
fn network_allowed() -> bool {
    /// An alias can stand for flags, but not replace one of these.
    const COMMANDS: [&str; 9] = ["build", "check", "run", "test", "bench", "doc", "rustc", "rustdoc", "fix"];
    let Some(outer) = Outer::find() else { return false };
    let mut flags = outer.arguments.iter().map(String::as_str).take_while(|argument| *argument != "--");
    if !flags.next().is_some_and(|command| COMMANDS.contains(&command))
        || flags.any(|flag| flag == "--offline" || flag == "--frozen" || flag.starts_with("--config") || flag.starts_with("-Z"))
        || env::var_os("CARGO_NET_OFFLINE").is_some_and(|value| value != "false")
    {
        return false;
    }
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let Some(home) = home.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cargo"))) else { return false };
    let folders = outer.dir.ancestors().map(|dir| dir.join(".cargo")).chain([home]);
    let mut settings = folders.flat_map(|dir| ["config.toml", "config"].map(|name| dir.join(name))).filter(|path| path.exists());
    settings.all(|path| fs::read_to_string(path).is_ok_and(|text| !text.contains("offline") && !text.contains("include")))
}

fn path_from(variable: &str) -> PathBuf {
    PathBuf::from(env::var_os(variable).unwrap_or_default())
}

fn text(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes)).concat()
}

/// Ends the build: what is wrong, the details, and what to do next.
fn fail(message: &str, details: &str, advice: &str) -> ! {
    eprintln!("{message}");
    for line in details.lines() {
        eprintln!("  {line}");
    }
    eprintln!("{advice}");
    exit(1)
}
