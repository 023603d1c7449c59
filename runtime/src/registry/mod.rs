//! The reports of an API by name, for programs that learn a name from their user, and APIs described at run time.
//!
//! Everything here is read from the text of a `model.json` on first use. No query refers to that text, so a program that names its reports
//! by their types does not link it.

mod filter;
mod queries;
mod read_reports;
mod read_spec;
mod reader;
pub(crate) mod report_info;
pub(crate) mod sample;

use std::{fmt, sync::OnceLock};

use serde_json::Value as Json;

use crate::facts::api::{ApiRef, ApiSpec};
use crate::{error::Error, text::nearest::unknown};
use reader::{Node, Problem};
use report_info::ReportInfo;

/// The reports of an API, by name.
///
/// A generated crate has one for its own API, `REGISTRY`, and functions for it at its root: `reports()`, `report(name)` and
/// `find_report(name)`. Make one for any other API from its model with [`Registry::from_model`], and a client from its
/// [`spec`](Registry::spec):
///
/// ```no_run
/// # use harbour_api::{AnyApi, ApiClient, Customers, Registry};
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// let registry = Registry::from_model(&std::fs::read_to_string("model.json")?)?;
/// let client = ApiClient::<AnyApi>::builder_for(registry.spec())
///     .base_url("https://api.example.com")
///     .token(std::env::var("TOKEN")?)
///     .customers(Customers::all())
///     .product_name("reports")
///     .build()?;
/// for report in registry.reports() {
///     println!("{} ({:?}): {}", report.name, report.format, report.description.unwrap_or("not described"));
/// }
/// let rows = client.collect_all(registry.find_report("berths")?.records()?).await?;
/// # Ok(()) }
/// ```
pub struct Registry {
    spec: &'static ApiSpec,
    model: &'static str,
    /// The groups of reports that are compiled in.
    groups: &'static [&'static str],
    loaded: OnceLock<Result<Loaded, Problem>>,
}

struct Loaded {
    reports: Vec<ReportInfo>,
    /// Name and group of each report that is not compiled in.
    others: Vec<(&'static str, &'static str)>,
}

impl Registry {
    /// The registry of a generated crate. Reads the model on first use.
    #[doc(hidden)]
    pub const fn new(spec: &'static ApiSpec, model: &'static str, groups: &'static [&'static str]) -> Self {
        Self { spec, model, groups, loaded: OnceLock::new() }
    }

    /// The registry of the API that a model describes: the text of a `model.json` that the generator wrote. Build its client with
    /// [`ApiClient::<AnyApi>::builder_for`](crate::ApiClient::builder_for).
    ///
    /// Each call allocates the registry and its [`ApiSpec`] for the rest of the program; do not call it in a loop.
    ///
    /// # Errors
    ///
    /// A configuration error that names the place in the JSON which is missing or wrong.
    pub fn from_model(json: &str) -> Result<&'static Self, Error> {
        let model = parse(json).map_err(wrong_model)?;
        let spec = read_spec(&model).map_err(wrong_model)?;
        let reports = read_reports::read(&Node::root(&model), ApiRef(spec)).map_err(wrong_model)?;
        let loaded = OnceLock::from(Ok(Loaded { reports, others: Vec::new() }));
        Ok(Box::leak(Box::new(Self { spec, model: "", groups: &[], loaded })))
    }

    /// The facts of the API.
    pub fn spec(&self) -> &'static ApiSpec {
        self.spec
    }

    /// Every report that is compiled in, by group and name. Empty if the model cannot be read; [`find_report`](Self::find_report) says
    /// why.
    pub fn reports(&self) -> &[ReportInfo] {
        self.loaded().map_or(&[], |loaded| &loaded.reports)
    }

    /// The report with that wire name; none if there is none, or if its group is not compiled in.
    pub fn report(&self, name: &str) -> Option<&ReportInfo> {
        self.reports().iter().find(|report| report.name == name)
    }

    /// The report with that wire name.
    ///
    /// # Errors
    ///
    /// A configuration error that names the nearest report, or the cargo feature of a report whose group is not compiled in.
    pub fn find_report(&self, name: &str) -> Result<&ReportInfo, Error> {
        let fault = |problem: String| Error::configuration("report", problem);
        let loaded = self.loaded().map_err(|problem| wrong_model(problem.clone()))?;
        if let Some(report) = self.report(name) {
            return Ok(report);
        }
        if let Some((name, group)) = loaded.others.iter().find(|(other, _)| *other == name) {
            return Err(fault(format!("`{name}` is not compiled in; enable the cargo feature `{group}`")));
        }
        let names = loaded.reports.iter().map(|report| report.name).chain(loaded.others.iter().map(|(name, _)| *name));
        Err(fault(unknown("report", name, names)))
    }

    fn loaded(&self) -> Result<&Loaded, &Problem> {
        self.loaded.get_or_init(|| self.load()).as_ref()
    }

    fn load(&self) -> Result<Loaded, Problem> {
        let all = read_reports::read(&Node::root(&parse(self.model)?), ApiRef(self.spec))?;
        let (reports, others): (Vec<_>, Vec<_>) = all.into_iter().partition(|report| self.groups.contains(&report.group));
        Ok(Loaded { reports, others: others.iter().map(|report| (report.name, report.group)).collect() })
    }
}

/// Without the text of the model.
impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry").field("api", &self.spec.name).field("groups", &self.groups).finish_non_exhaustive()
    }
}

impl ApiSpec {
    /// The facts of the API that a model describes; see [`Registry::from_model`](crate::Registry::from_model), which also reads its
    /// reports.
    ///
    /// Each call allocates them for the rest of the program.
    ///
    /// # Errors
    ///
    /// A configuration error that names the place in the JSON which is missing or wrong.
    pub fn from_model(json: &str) -> Result<&'static Self, Error> {
        parse(json).and_then(|model| read_spec(&model)).map_err(wrong_model)
    }
}

fn parse(json: &str) -> Result<Json, Problem> {
    serde_json::from_str(json).map_err(|error| format!("not JSON: {error}"))
}

fn read_spec(model: &Json) -> Result<&'static ApiSpec, Problem> {
    Ok(Box::leak(Box::new(read_spec::read(&Node::root(model))?)))
}

fn wrong_model(problem: Problem) -> Error {
    Error::configuration("model", problem)
}

/// Makes the registry of a generated crate, and the functions for it at its root.
#[doc(hidden)]
#[macro_export]
macro_rules! registry {
    ($spec:ident, $model:ident, [$( $group:tt ),* $(,)?]) => {
        /// The reports that are compiled in, by name. `model.json` is read on first use.
        pub static REGISTRY: $crate::Registry = $crate::Registry::new(&$spec, $model, &[$( #[cfg(feature = $group)] $group ),*]);

        /// Every report that is compiled in, by group and name.
        pub fn reports() -> &'static [$crate::ReportInfo] {
            REGISTRY.reports()
        }

        /// The report with that wire name; none if there is none, or if its cargo feature is off.
        pub fn report(name: &str) -> ::core::option::Option<&'static $crate::ReportInfo> {
            REGISTRY.report(name)
        }

        /// The report with that wire name.
        ///
        /// # Errors
        ///
        /// A configuration error that names the nearest report, or the cargo feature that is off.
        pub fn find_report(name: &str) -> ::core::result::Result<&'static $crate::ReportInfo, $crate::Error> {
            REGISTRY.find_report(name)
        }
    };
}
