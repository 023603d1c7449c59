//! The program with a connection of its own, and the harbour that it asks.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use placewise_model::Model;
use placewise_simulator::{Server, Simulator};

pub const MODEL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures/harbour/generated/model.json");

pub fn model() -> Model {
    serde_json::from_str(&fs::read_to_string(MODEL).expect("the model")).expect("a model")
}

pub fn harbour(rows: usize) -> Server {
    let text = fs::read_to_string(MODEL).expect("the model");
    Simulator::from_json(&text).and_then(|simulator| simulator.rows(rows).start()).expect("a server")
}

/// The program in a folder of its own, with a connection of the environment.
pub struct Program {
    pub folder: tempfile::TempDir,
    pub url: String,
}

impl Program {
    pub fn at(url: impl Into<String>) -> Self {
        Self { folder: tempfile::tempdir().expect("a folder"), url: url.into() }
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_placewise"));
        command.args(arguments).args(["--model", MODEL]).current_dir(self.folder.path());
        command.env("PLACEWISE_URL", &self.url).env("PLACEWISE_TOKEN", "secret-token").env("PLACEWISE_CUSTOMERS", "1");
        command
            .env_remove("PLACEWISE_PROFILE")
            .env_remove("PLACEWISE_CONFIG")
            .env_remove("PLACEWISE_RATE_LIMITER")
            .env("XDG_CONFIG_HOME", self.path("config"));
        command.env("PLACEWISE_PRODUCT", "tests").env("XDG_CACHE_HOME", self.path("cache")).env("HOME", self.folder.path());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the program runs")
    }

    /// The output of a run that succeeds.
    pub fn text(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", stderr(&output));
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// The error of a run that cannot run.
    pub fn refusal(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", stderr(&output));
        assert!(output.stdout.is_empty(), "{arguments:?}");
        stderr(&output)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).expect("a folder");
        let mut names: Vec<String> =
            entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
        names.retain(|name| name != "cache");
        names.sort();
        names
    }
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
