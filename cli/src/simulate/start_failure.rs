//! What keeps the simulator from starting, as a failure of the program.

use placewise_model::exit::Failure;
use placewise_simulator::StartError;

/// Rows that do not match the spec are findings, and so are faults of a plan.
pub(super) fn start_failure(error: StartError) -> Failure {
    match &error {
        StartError::Data { .. } | StartError::DataEncoding { .. } | StartError::Faults(_) => Failure::Findings(error.to_string()),
        StartError::Bind { port: 1.., .. } => Failure::CannotRun(format!("{error}; `--port 0` picks a free one")),
        _ => Failure::CannotRun(error.to_string()),
    }
}
