//! `explain`: prints the page of a code, or the list of all codes.

use std::io::{self, Write};

use placewise_model::exit::{Failure, Outcome};
use placewise_model::nearest;

use crate::finding::codes;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The code, such as unknown-key [default: list all codes]
    code: Option<String>,
}

pub(super) fn run(arguments: &Arguments) -> Outcome {
    let Some(name) = &arguments.code else { return Ok(write!(io::stdout(), "{}", codes::index())?) };
    let Some(code) = codes::find(name) else {
        let near = nearest(name, codes::ALL.iter().map(|code| code.name()));
        let help = near.map_or("`cargo codegen explain` lists all codes".into(), |near| format!("did you mean `{near}`?"));
        return Err(Failure::CannotRun(format!("no code is called `{}`; {help}", name.escape_debug())));
    };
    Ok(write!(io::stdout(), "{}", code.page())?)
}
