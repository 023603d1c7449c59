//! The script alone, on a copy of the covered tree. A script in place of cargo puts the generator of this test run where it was asked to.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use placewise_codegen::disk::lock;
use placewise_codegen::source::folder;

use super::{EDIT, GENERATOR, RUST, SPEC, copy, edit, harbour, root, text, write, write_program};

struct Tree {
    dir: tempfile::TempDir,
}

/// The compiled build script.
fn script() -> &'static Path {
    static SCRIPT: OnceLock<PathBuf> = OnceLock::new();
    SCRIPT.get_or_init(|| {
        let script = Path::new(env!("CARGO_TARGET_TMPDIR")).join("build-script");
        let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let built = Command::new(rustc).current_dir(root()).args(["--edition", "2024", "build.rs", "-o"]).arg(&script).status();
        assert!(built.expect("rustc runs").success());
        script
    })
}

impl Tree {
    /// A freshly generated copy of everything that the lock covers, with the generator compiled.
    fn new() -> Self {
        static FRESH: OnceLock<Tree> = OnceLock::new();
        let fresh = FRESH.get_or_init(|| {
            let tree = Self { dir: tempfile::tempdir().expect("a temporary folder") };
            copy(&harbour(), &tree.path(""), &["spec", "generated", "Cargo.toml"]);
            copy(&root(), &tree.path(""), &["build.rs", "README.md"]);
            for part in ["model/src/lib.rs", "codegen/src/main.rs", "codegen/build.rs", "Cargo.lock"] {
                write(&tree.path(part), "// a source");
            }
            let sources = lock::of_generator(&tree.path("")).expect("readable");
            let generator = format!("if [ \"$1\" = sources ]; then echo {sources}; else exec '{GENERATOR}' \"$@\"; fi");
            write_program(&tree.path("generator"), &generator);
            tree.cargo_links_the_generator();
            let made = tree.run(&[]);
            assert!(made.status.success(), "{}", text(&made));
            tree
        });
        let tree = Self { dir: tempfile::tempdir().expect("a temporary folder") };
        let copied = Command::new("cp").arg("-a").arg(fresh.path(".")).arg(tree.path("")).status();
        assert!(copied.expect("cp runs").success());
        tree
    }

    fn path(&self, path: &str) -> PathBuf {
        self.dir.path().join(path)
    }

    /// Sets the script that runs in place of cargo.
    fn cargo(&self, commands: &str) {
        write_program(&self.path("cargo"), commands);
    }

    fn cargo_links_the_generator(&self) {
        self.cargo(&format!(
            "echo \"$@\" >> '{}'
while [ \"$1\" != --target-dir ]; do shift; done
mkdir -p \"$2/generator\" && ln -sf '{}' \"$2/generator/placewise-codegen\"",
            self.path("cargo-was-called").display(),
            self.path("generator").display()
        ));
    }

    /// Sets a script in place of the generator. It must run the generator in the end.
    fn before_generating(&self, commands: &str) {
        let program = self.path("target/codegen/generator/placewise-codegen");
        let _ = fs::remove_file(&program);
        write_program(
            &program,
            &format!("if [ \"$1\" = generate ]; then\n{commands}\nfi\nexec '{}' \"$@\"", self.path("generator").display()),
        );
    }

    fn run(&self, variables: &[(&str, &str)]) -> Output {
        self.run_in("target/debug/build/package/out", variables)
    }

    fn run_in(&self, out: &str, variables: &[(&str, &str)]) -> Output {
        let out = self.path(out);
        fs::create_dir_all(&out).expect("writable");
        fs::write(out.join("../invoked.timestamp"), "").expect("writable");
        let mut command = Command::new(script());
        command.env_remove("CI").env("CARGO_MANIFEST_DIR", self.dir.path()).env("OUT_DIR", out).env("CARGO", self.path("cargo"));
        command.current_dir(self.dir.path()).envs(variables.iter().copied()).output().expect("the script runs")
    }

    fn edit(&self, path: &str, from: &str, to: &str) {
        edit(&self.path(path), from, to);
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).expect("readable")
    }

    fn generated(&self) -> BTreeMap<String, Vec<u8>> {
        let paths = folder::files(&self.path(""), "generated").expect("readable");
        let paths = paths.into_iter().filter(|path| !path.ends_with(lock::UNFINISHED));
        paths.map(|path| (path.clone(), fs::read(self.path(&path)).expect("readable"))).collect()
    }

    fn is_fresh(&self) -> bool {
        self.run(&[("CI", "true")]).status.success()
    }
}

#[test]
fn a_fresh_tree_runs_no_generator() {
    let tree = Tree::new();
    fs::remove_dir_all(tree.path("target")).expect("removed");
    tree.cargo("echo the generator must not run; exit 9");
    for variables in [&[][..], &[("CI", "true")]] {
        let output = tree.run(variables);
        assert!(output.status.success(), "{}", text(&output));
        assert!(text(&output).contains("cargo::rerun-if-changed=spec"));
    }
}

#[test]
fn one_edited_line_is_generated_in_the_same_build() {
    let tree = Tree::new();
    tree.edit(SPEC, EDIT.0, EDIT.1);
    let output = tree.run(&[]);
    assert!(output.status.success(), "{}", text(&output));
    assert!(tree.read(RUST).contains("Voice"));
    // Cargo compares the times of watched files and folders with this one.
    let time = |path: &str| fs::metadata(tree.path(path)).and_then(|meta| meta.modified()).expect("a time");
    let start = time("target/debug/build/package/invoked.timestamp");
    for path in ["generated", "generated/rust", "generated/docs/reports", RUST] {
        assert!(time(path) <= start, "{path} is newer than the build, so the next build would run again");
    }
    assert!(tree.is_fresh());
}

#[test]
fn ci_fails_and_writes_nothing() {
    let tree = Tree::new();
    tree.edit(SPEC, EDIT.0, EDIT.1);
    let before = tree.generated();
    let output = tree.run(&[("CI", "true")]);
    let said = text(&output);
    assert!(!output.status.success());
    assert!(said.contains("cargo codegen generate") && said.contains("traffic.yaml changed"), "{said}");
    assert!(tree.generated() == before);
}

#[test]
fn edited_missing_and_orphaned_outputs_are_regenerated() {
    let tree = Tree::new();
    let before = tree.generated();
    tree.edit(RUST, "pub struct Traffic;", "pub struct Traffic; // by hand");
    fs::remove_file(tree.path("generated/docs/filters.md")).expect("removed");
    fs::write(tree.path("generated/rust/orphan.rs"), "").expect("writable");
    let said = text(&tree.run(&[("CI", "1")]));
    for what in ["traffic.rs changed", "filters.md is gone", "orphan.rs is new"] {
        assert!(said.contains(what), "{said}");
    }
    let output = tree.run(&[]);
    assert!(output.status.success(), "{}", text(&output));
    assert!(tree.generated() == before);
}

#[test]
fn a_copy_without_any_markdown_is_fresh() {
    let tree = Tree::new();
    fs::remove_file(tree.path("README.md")).expect("removed");
    let files = lock::COVERED.iter().flat_map(|part| folder::files(&tree.path(""), part).expect("readable"));
    for path in files.filter(|path| path.ends_with(".md")) {
        fs::remove_file(tree.path(&path)).expect("removed");
    }
    assert!(tree.is_fresh(), "{}", text(&tree.run(&[("CI", "1")])));
    tree.edit(RUST, "pub struct Traffic;", "pub struct Traffic; // by hand");
    assert!(!tree.is_fresh());
}

#[test]
fn a_spec_with_errors_fails_the_build_with_its_findings() {
    let tree = Tree::new();
    tree.edit(SPEC, "cost: 3", "csot: 3");
    let before = tree.generated();
    let output = tree.run(&[]);
    let said = text(&output);
    assert!(!output.status.success());
    assert!(said.contains("did you mean `cost`?") && said.contains("traffic.yaml:4:1"), "{said}");
    assert!(said.contains("cargo codegen check"), "{said}");
    assert!(tree.generated() == before);
}

#[test]
fn warnings_of_the_generator_are_warnings_of_the_build() {
    let tree = Tree::new();
    tree.edit(SPEC, EDIT.0, EDIT.1);
    let output = tree.run(&[]);
    assert!(output.status.success(), "{}", text(&output));
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    let warning = stdout.lines().find(|line| line.starts_with("cargo::warning="));
    let warning = warning.unwrap_or_else(|| panic!("{stdout}"));
    assert!(warning.contains("no-description") && warning.contains(".yaml:"), "{warning}");
}

#[test]
fn a_generator_of_these_sources_is_reused_and_another_is_not() {
    let tree = Tree::new();
    tree.cargo("echo cargo must not run; exit 9");
    tree.edit(SPEC, EDIT.0, EDIT.1);
    let output = tree.run(&[]);
    assert!(output.status.success(), "{}", text(&output));
    fs::write(tree.path("codegen/src/new.rs"), "").expect("writable");
    let said = text(&tree.run(&[]));
    assert!(said.contains("cargo must not run"), "{said}");
}

#[test]
fn the_generator_is_compiled_inside_the_target_directory() {
    for (out, at) in [
        ("t/debug/build/package/out", "t/codegen/generator"),
        ("t/release/build/package/hash/out", "t/codegen/generator"),
        ("t/some-triple/debug/build/package/out", "t/codegen/some-host/generator"),
        // Without cargo's mark, nobody knows whether the folder above is the target directory.
        ("unmarked/some-triple/debug/build/package/out", "unmarked/some-triple/codegen/some-host/generator"),
    ] {
        let tree = Tree::new();
        write(&tree.path("t/CACHEDIR.TAG"), "");
        // The generator's place depends on the triple, which this cargo takes from its environment as the real one does.
        tree.cargo(&format!(
            "while [ \"$1\" != --target-dir ]; do shift; done
mkdir -p \"$2/$CARGO_BUILD_TARGET/generator\" && ln -sf '{}' \"$2/$CARGO_BUILD_TARGET/generator/placewise-codegen\"",
            tree.path("generator").display()
        ));
        tree.edit(SPEC, EDIT.0, EDIT.1);
        let variables = [("TARGET", "some-triple"), ("HOST", "some-host"), ("CARGO_TARGET_DIR", "../outside")];
        let output = tree.run_in(out, &variables);
        assert!(output.status.success(), "{out}: {}", text(&output));
        assert!(tree.path(at).join("placewise-codegen").exists(), "{out}: {at} has no generator");
    }
}

#[test]
fn without_cargo_or_a_generator_that_compiles_the_build_says_what_to_do() {
    let tree = Tree::new();
    fs::remove_dir_all(tree.path("target")).expect("removed");
    tree.edit(SPEC, EDIT.0, EDIT.1);
    let before = tree.generated();
    tree.cargo("echo 'error[E0308]: mismatched types' >&2; exit 101");
    for (cargo, what) in [("/nowhere/cargo", "cargo does not start: /nowhere/cargo"), ("", "mismatched types")] {
        let path = if cargo.is_empty() { tree.path("cargo") } else { cargo.into() };
        let output = tree.run(&[("CARGO", path.to_str().expect("UTF-8"))]);
        let said = text(&output);
        assert!(!output.status.success() && said.contains(what) && said.contains("`cargo codegen generate`"), "{said}");
    }
    assert!(tree.generated() == before);
}

#[test]
fn two_builds_at_once_leave_a_whole_tree() {
    let tree = Tree::new();
    tree.edit(SPEC, EDIT.0, EDIT.1);
    fs::remove_dir_all(tree.path("generated/docs")).expect("removed");
    let run = |out: &'static str| tree.run_in(out, &[]);
    let outputs = thread::scope(|scope| {
        let builds =
            ["target/debug/build/package/out", "target/release/build/package/out"].map(|out| scope.spawn(move || run(out)));
        builds.map(|build| build.join().expect("no panic"))
    });
    for output in &outputs {
        assert!(output.status.success(), "{}", text(output));
    }
    assert!(tree.is_fresh());
    assert!(tree.read(RUST).contains("Voice") && tree.path("generated/docs/filters.md").exists());
}

/// The system ends a process that writes a file longer than its limit, so each limit ends it at another file.
#[test]
fn after_a_kill_each_file_is_old_or_new_and_the_next_build_mends_the_tree() {
    let tree = Tree::new();
    let new = tree.generated();
    for limit in [1, 4, 12, 24] {
        let old = spoil(&tree);
        tree.before_generating(&format!("ulimit -c 0; ulimit -f {limit}"));
        let output = tree.run(&[]);
        assert!(!output.status.success() && text(&output).contains("the generator failed (signal"), "{}", text(&output));
        mend(&tree, &old, &new, &format!("limit {limit}"));
    }
    // And by the clock, wherever that falls.
    for files in [1, 25, 60] {
        let old = spoil(&tree);
        let mut command = Command::new(GENERATOR);
        command.current_dir(tree.path("")).arg("generate").stderr(Stdio::null());
        let mut generator = command.spawn().expect("it starts");
        while generator.try_wait().expect("its state").is_none() {
            let now = tree.generated();
            if now.iter().filter(|(path, bytes)| new.get(*path) == Some(bytes)).count() >= files {
                let _ = generator.kill();
            }
            thread::sleep(Duration::from_millis(1));
        }
        if !tree.is_fresh() {
            mend(&tree, &old, &new, &format!("killed after {files} files"));
        }
    }
}

/// Edits all generated files, and returns them.
fn spoil(tree: &Tree) -> BTreeMap<String, Vec<u8>> {
    for (path, mut bytes) in tree.generated() {
        bytes.extend(b"\nold");
        fs::write(tree.path(&path), bytes).expect("writable");
    }
    tree.generated()
}

fn mend(tree: &Tree, old: &BTreeMap<String, Vec<u8>>, new: &BTreeMap<String, Vec<u8>>, when: &str) {
    let mixed = tree.generated();
    for (path, bytes) in &mixed {
        assert!(old.get(path) == Some(bytes) || new.get(path) == Some(bytes), "{when}: {path} is neither old nor new");
    }
    assert_eq!(mixed.len(), new.len(), "{when}");
    assert!(!tree.is_fresh(), "{when}: the tree is mixed, but its locks match");
    tree.before_generating("");
    let output = tree.run(&[]);
    assert!(output.status.success(), "{when}: {}", text(&output));
    assert!(tree.generated() == *new, "{when}");
}
