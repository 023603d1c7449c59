//! An API as its model describes it: the program's own, or that of `--model` or a profile.

use std::path::{Path, PathBuf};

use placewise_model::exit::Failure;
use placewise_model::{Model, Report, nearest};
use placewise_reporting::{MODEL, Registry};

use crate::config;
use crate::digest::fnv;
use crate::explain::explain;
use crate::terminal::printable;

/// The file of the model: that of the flag, or of the profile; none for the program's own.
pub(crate) fn model_file(model: Option<&Path>, config: Option<&Path>, profile: Option<&str>) -> Result<Option<PathBuf>, Failure> {
    match model {
        Some(path) => Ok(Some(path.to_owned())),
        None => Ok(config::choose(config, profile)?.profile.model),
    }
}

/// The model alone, which is read faster than the API.
pub(crate) fn read_model(path: Option<&Path>) -> Result<Model, Failure> {
    match path {
        None => Ok(serde_json::from_str(MODEL)?),
        Some(path) => Ok(serde_json::from_str(&std::fs::read_to_string(path)?)?),
    }
}

/// An API as its model describes it.
#[derive(Debug)]
pub(crate) struct Api {
    pub registry: &'static Registry,
    pub model: Model,
    /// A digest of the model's text.
    pub digest: u64,
}

impl Api {
    /// The API of a model, or the program's own.
    pub(crate) fn read(path: Option<&Path>) -> Result<Self, Failure> {
        let Some(path) = path else { return Self::of(MODEL).map_err(Failure::CannotRun) };
        let shown = printable(&path.display().to_string());
        let text =
            std::fs::read_to_string(path).map_err(|error| Failure::CannotRun(format!("cannot read `{shown}`: {error}")))?;
        Self::of(&text).map_err(|problem| Failure::CannotRun(format!("`{shown}` is no model: {problem}")))
    }

    /// A report by name.
    pub(crate) fn report(&self, name: &str) -> Result<&Report, Failure> {
        self.model.report(name).ok_or_else(|| {
            let names = || self.model.reports.iter().map(|report| report.name.as_str());
            let meant = match nearest(name, names()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("the reports are {}", names().collect::<Vec<_>>().join(", ")),
            };
            Failure::CannotRun(format!("no report is called `{}`; {}", printable(name), printable(&meant)))
        })
    }

    fn of(text: &str) -> Result<Self, String> {
        let model = serde_json::from_str(text).map_err(|error| printable(&error.to_string()))?;
        let registry = Registry::from_model(text).map_err(|error| explain(&error))?;
        Ok(Self { registry, model, digest: fnv(text.as_bytes()) })
    }
}
