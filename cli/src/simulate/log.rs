//! The log of requests on standard error: a line each, or a JSON object with `--format json`.

use std::io::Write;

use anstyle::{AnsiColor, Style};
use placewise_simulator::{RecordedRequest, Returned};
use serde_json::{Value, json};

use crate::terminal::{self, Output, plural};

/// The most characters of a text of a request.
const MOST: usize = 200;

/// Logs a request. Without `all`, only a problem that the reply does not tell.
pub(super) fn tell(request: &RecordedRequest, all: bool, output: Output) {
    let untold = request.problem.is_some() && request.reply_bytes == 0;
    if !all && !untold {
        return;
    }
    let line = match output {
        Output::Text => text(request),
        Output::Json => json(request).to_string(),
    };
    // A log that nobody reads any more does not stop the server.
    let _ = writeln!(anstream::stderr().lock(), "{line}");
}

fn text(request: &RecordedRequest) -> String {
    let color = match request.status {
        ..400 => AnsiColor::Green,
        400..500 => AnsiColor::Yellow,
        _ => AnsiColor::Red,
    };
    let style = Style::new().fg_color(Some(color.into()));
    let query = request.query.as_ref().map(|query| format!("?{query}")).unwrap_or_default();
    let target = short(&format!("{}{query}", request.path));
    let report = request.report.as_deref().map(|report| format!("{}, ", short(report))).unwrap_or_default();
    let cost = plural(request.cost.into(), "token");
    let returned = request.returned.map(|returned| format!(", {returned}")).unwrap_or_default();
    let fault = request.fault.as_deref().map(|fault| format!(", fault `{}`", short(fault))).unwrap_or_default();
    let problem = request.problem.as_deref().map(|problem| format!("; {}", short(problem))).unwrap_or_default();
    format!("{style}{}{style:#} {} {target}: {report}{cost}{returned}{fault}{problem}", request.status, short(&request.method))
}

fn json(request: &RecordedRequest) -> Value {
    let (rows, time_buckets) = match request.returned {
        Some(Returned::Rows(rows)) => (Some(rows), None),
        Some(Returned::Buckets(buckets)) => (None, Some(buckets)),
        _ => (None, None),
    };
    json!({
        "method": short(&request.method),
        "path": short(&request.path),
        "query": request.query.as_deref().map(short),
        "report": request.report.as_deref().map(short),
        "status": request.status,
        "cost": request.cost,
        "rows": rows,
        "time_buckets": time_buckets,
        "fault": request.fault.as_deref().map(short),
        "problem": request.problem.as_deref().map(short),
    })
}

/// A text of a request on one line that controls no terminal.
fn short(text: &str) -> String {
    let mut shown = terminal::printable(&text.chars().take(MOST).collect::<String>());
    if text.chars().nth(MOST).is_some() {
        shown.push('…');
    }
    shown
}
