//! `explain`: prints the page of a code, or the list of all codes.

use std::io::{self, Write};

use placewise_model::exit::{Failure, Outcome};
use placewise_model::nearest;

use super::terminal::Format;
use crate::finding::{Code, Severity, codes};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The code, such as unknown-key [default: list all codes]
    code: Option<String>,
}

pub(super) fn run(arguments: &Arguments, format: Format) -> Outcome {
    let chosen = arguments.code.as_deref().map(find).transpose()?;
    let text = match (format, chosen) {
        (Format::Json, chosen) => {
            let all = chosen.map_or_else(|| codes::ALL.to_vec(), |code| vec![code]);
            let all: Vec<_> = all.into_iter().map(json).collect();
            serde_json::to_string_pretty(&all).unwrap_or_default() + "\n"
        }
        (_, None) => codes::index(),
        (_, Some(code)) => code.page().to_owned(),
    };
    Ok(write!(io::stdout(), "{text}")?)
}

fn json(code: Code) -> serde_json::Value {
    let severity = if code.severity() == Severity::Error { "error" } else { "warning" };
    serde_json::json!({ "code": code.name(), "severity": severity, "summary": code.summary(), "page": code.page() })
}

fn find(name: &str) -> Result<Code, Failure> {
    codes::find(name).ok_or_else(|| {
        let near = nearest(name, codes::ALL.iter().map(|code| code.name()));
        let help = near.map_or("`cargo codegen explain` lists all codes".into(), |near| format!("did you mean `{near}`?"));
        Failure::CannotRun(format!("no code is called `{}`; {help}", name.escape_debug()))
    })
}
