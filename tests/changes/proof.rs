//! Tries what `diff` says: compiles witnesses against both crates, and runs them against both simulators.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use placewise_codegen::diff::{Change, Class, WitnessKind};
use placewise_codegen::{Checked, emit};
use placewise_simulator::{ManualClock, Model, Permits, Server, Simulator, StartError, Timestamp};
use serde_json::json;

use super::project::{Project, is_of_crate};
use super::spec;

/// The token of all programs.
const TOKEN: &str = "demo";
/// The time of programs that ask for it, and of their simulators.
const NOW: &str = "2024-04-08T12:00:00Z";

/// The programs of many changes, in one project.
pub struct Proof {
    /// What the names of all packages begin with.
    name: String,
    project: Project,
    /// The packages of generated crates by their texts, so that equal ones are compiled once.
    crates: BTreeMap<Vec<String>, String>,
    compiled: Vec<Compiled>,
    ran: Vec<Ran>,
}

/// A side of a change.
#[derive(Clone)]
pub struct Side {
    /// Its package.
    package: String,
    pub model: Model,
}

/// A program compiled against both crates.
struct Compiled {
    what: String,
    old: String,
    new: String,
    line: u64,
}

/// A program run against both simulators.
struct Ran {
    what: String,
    program: String,
    old: Model,
    new: Model,
    permits: Vec<String>,
    /// Whether it fails with the new API, and a part of what it says then. One that passes takes the time from its environment.
    fails: bool,
    says: Option<String>,
}

impl Side {
    /// Whether the compiler sees no difference.
    pub fn has_equal_crate(&self, other: &Self) -> bool {
        self.package == other.package
    }
}

impl Proof {
    /// Of no change.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            project: Project::new(name),
            crates: BTreeMap::new(),
            compiled: Vec::new(),
            ran: Vec::new(),
        }
    }

    /// Adds the generated crate of a spec.
    pub fn side(&mut self, checked: &Checked) -> Side {
        let files = spec::generate(checked);
        let model = Model::clone(checked.model.as_ref().expect("a valid spec"));
        Side { package: self.package(&files), model }
    }

    fn package(&mut self, files: &emit::Files) -> String {
        // Comments and texts of the model are nothing to the compiler.
        let rust = files.iter().filter(|(path, _)| is_of_crate(path) && path.ends_with(".rs"));
        let code =
            |text: &String| text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
        let key = rust.flat_map(|(path, text)| [path.clone(), code(text)]).collect();
        let number = self.crates.len();
        let add = || {
            let package = format!("{}_harbour_{number}", self.name);
            self.project.add_crate(&package, files);
            package
        };
        self.crates.entry(key).or_insert_with(add).clone()
    }

    fn named(&self, name: &str) -> String {
        format!("{}_{name}", self.name)
    }

    /// Adds a program that compiles against a side.
    pub fn compiles(&mut self, name: &str, side: &Side, text: &str) {
        self.project.add_program(&self.named(name), &side.package, text);
    }

    /// Adds a program that was compiled against `with`, and passes with the old and the new API.
    pub fn passes(&mut self, name: &str, with: &Side, text: &str, old: &Side, new: &Side) {
        self.project.add_runnable(&self.named(name), &with.package, text);
        self.passes_again(name, name, old, new);
    }

    /// Tries a program of `passes` with other APIs too. `what` says which.
    pub fn passes_again(&mut self, name: &str, what: &str, old: &Side, new: &Side) {
        let permits = [permits(&old.model), permits(&new.model)].concat();
        let (old, new) = (old.model.clone(), new.model.clone());
        self.ran.push(Ran { what: what.to_owned(), program: self.named(name), old, new, permits, fails: false, says: None });
    }

    /// Adds the witness of a change, if it has one. `says` is what a program that is run must say.
    pub fn witness(&mut self, name: &str, change: &Change, old: &Side, new: &Side, says: Option<&str>) {
        let what = format!("{name}, {}", change.rule);
        let Some(witness) = &change.witness else { return };
        match witness.kind {
            WitnessKind::Compile => {
                assert_eq!(change.class, Class::Rust, "{what}");
                let of = |side: &str| self.named(&format!("{name}_{side}"));
                let (before, after) = (of("old"), of("new"));
                self.project.add_program(&before, &old.package, &witness.program);
                self.project.add_program(&after, &new.package, &witness.program);
                self.compiled.push(Compiled { what, old: before, new: after, line: witness.line as u64 });
            }
            WitnessKind::Run => {
                assert!(matches!(change.class, Class::Wire | Class::Operation), "{what}");
                let program = self.named(name);
                self.project.add_runnable(&program, &old.package, &witness.program);
                let (permits, says) = (permits(&old.model), says.map(str::to_owned));
                let (old, new) = (old.model.clone(), new.model.clone());
                self.ran.push(Ran { what, program, old, new, permits, fails: true, says });
            }
        }
    }

    /// Compiles and runs everything, and returns what is not as it should be.
    pub fn faults(&self) -> Vec<String> {
        let mut errors = self.project.check();
        let mut faults: Vec<String> = Vec::new();
        for Compiled { what, old, new, line } in &self.compiled {
            faults
                .extend(errors[old].first().map(|error| format!("{what}: the old crate lacks what it uses: {}", error.message)));
            let broken = errors.insert(new.clone(), Vec::new()).unwrap_or_default();
            let lines: Vec<Option<u64>> = broken.iter().map(|error| error.line).collect();
            if lines.is_empty() || lines.iter().any(|at| *at != Some(*line)) {
                let messages: String = broken.iter().map(|error| error.message.as_str()).collect();
                faults.push(format!("{what}: it breaks on the lines {lines:?} instead of {line}:\n{messages}"));
            }
        }
        let others = errors.iter().filter_map(|(package, errors)| Some((package, errors.first()?)));
        faults.extend(others.clone().map(|(package, error)| format!("{package}: {}", error.message)));
        let broken: BTreeSet<&String> = others.map(|(package, _)| package).collect();
        let runner = self.project.build(&broken);
        for ran in self.ran.iter().filter(|ran| !broken.contains(&ran.program)) {
            faults.extend(ran.fault(&runner).map(|fault| format!("{}: {fault}", ran.what)));
        }
        faults
    }
}

impl Ran {
    /// Runs the program against both simulators, and says what is not as it should be.
    fn fault(&self, runner: &Path) -> Option<String> {
        let run = |model: &Model| {
            let simulator = simulator(model, &self.permits);
            let simulator = if self.fails { simulator } else { simulator.clock(now) };
            simulator.start().map(|server| run(runner, &self.program, &server))
        };
        let outcome = |outcome: Result<Result<(), String>, StartError>| outcome.unwrap_or_else(|error| Err(error.to_string()));
        if let Err(message) = outcome(run(&self.old)) {
            return Some(format!("it fails with the old API: {message}"));
        }
        match (outcome(run(&self.new)), self.fails) {
            (Ok(()), false) => None,
            (Ok(()), true) => Some("it passes with the new API".to_owned()),
            (Err(message), false) => Some(format!("it fails with the new API: {message}")),
            (Err(message), true) => {
                let says = self.says.as_deref().unwrap_or_default();
                (!message.contains(says)).then(|| format!("it does not say `{says}`: {message}"))
            }
        }
    }
}

fn now() -> Timestamp {
    NOW.parse().expect("a time")
}

/// A simulator for users who have these permits. It refuses request keys that it does not know, and nothing refills its buckets.
fn simulator(model: &Model, permits: &[String]) -> Simulator {
    let simulator = Simulator::new(model.clone()).seed(7).rows(400).with_optional(true).customers([1, 2]).strict_keys(true);
    let simulator = simulator.customer_zone(1, "UTC").customer_zone(2, "UTC");
    let simulator = simulator.token(TOKEN, Permits::of(permits)).rate_limit_clock(ManualClock::new().reader());
    // Nobody knows what these answer, so anything will do.
    let unknown = model.endpoints.iter().filter(|endpoint| endpoint.response.is_empty());
    unknown.fold(simulator, |simulator, endpoint| simulator.reply(&endpoint.name, json!({ "depth": 1.5, "ships": 2 })))
}

/// Every permit that a model names; the general one only if queries need it beside that of a report.
fn permits(model: &Model) -> Vec<String> {
    let reports = model.reports.iter().filter_map(|report| report.permit.clone());
    let endpoints = model.endpoints.iter().filter_map(|endpoint| endpoint.permit.clone());
    let general = model.api.permit.with_report.value.then(|| model.api.permit.name.clone());
    reports.chain(endpoints).chain(general).collect()
}

/// Runs a program of a project against a server. An error is what it says.
fn run(runner: &Path, program: &str, server: &Server) -> Result<(), String> {
    let mut command = Command::new(runner);
    command.arg(program).env("PLACEWISE_URL", server.url()).env("PLACEWISE_TOKEN", TOKEN).env("PLACEWISE_NOW", NOW);
    let output = command.output().expect("the program runs");
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}
