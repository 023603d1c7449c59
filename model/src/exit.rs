//! Exit statuses of both programs.

use std::any::Any;
use std::error::Error;
use std::io;
use std::process::ExitCode;

/// The exit statuses, for a program's help. Only `placewise` stops before the end.
pub const HELP: &str = "Exit status: 0 success, 1 findings, 2 the command could not run, 3 stopped before the end.";

/// Why a command ended early.
#[derive(Debug)]
pub enum Failure {
    /// The reader of the output closed it, such as `head`. This is a success.
    Closed,
    /// The command found something wrong. The message may be empty if the findings were printed already.
    Findings(String),
    /// The command could not run.
    CannotRun(String),
    /// The command stopped before the end, and left a part of its result.
    Stopped(String),
}

/// The result of a command.
pub type Outcome = Result<(), Failure>;

impl<E: Error + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        match (&error as &dyn Any).downcast_ref::<io::Error>() {
            Some(error) if error.kind() == io::ErrorKind::BrokenPipe => Self::Closed,
            _ => Self::CannotRun(error.to_string()),
        }
    }
}

/// The exit status of a command. `print` receives the message for standard error, if there is one.
pub fn status(outcome: Outcome, print: impl FnOnce(&str)) -> ExitCode {
    let (status, message) = match outcome {
        Ok(()) | Err(Failure::Closed) => return ExitCode::SUCCESS,
        Err(Failure::Findings(message)) => (1, message),
        Err(Failure::CannotRun(message)) => (2, message),
        Err(Failure::Stopped(message)) => (3, message),
    };
    if !message.is_empty() {
        print(&message);
    }
    ExitCode::from(status)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_pipe_is_a_success_and_any_other_error_stops_the_command() {
        let failure = |kind: io::ErrorKind| Failure::from(io::Error::from(kind));
        assert!(matches!(failure(io::ErrorKind::BrokenPipe), Failure::Closed));
        assert!(matches!(failure(io::ErrorKind::NotFound), Failure::CannotRun(_)));
        assert!(matches!(Failure::from(std::fmt::Error), Failure::CannotRun(_)));
    }
}
