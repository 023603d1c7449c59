//! Checks of a plan: what JSON's types cannot say, and the names of the model.

use std::fmt;
use std::mem::discriminant;

use placewise_model::{Model, nearest};

use crate::faults::plan::{Effect, Fault, FaultPlan, FixedReply, Next};

/// Why a fault plan is invalid.
#[derive(Debug)]
#[non_exhaustive]
pub enum FaultPlanError {
    /// The text is not a plan; the message has line and column.
    Json(serde_json::Error),
    /// A fault makes no sense.
    Fault {
        /// Its place, such as `faults[0].do[1]`.
        place: String,
        /// What is wrong.
        problem: String,
    },
}

impl fmt::Display for FaultPlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(error) => write!(f, "the fault plan is invalid: {error}"),
            Self::Fault { place, problem } => write!(f, "the fault plan is invalid at `{place}`: {problem}"),
        }
    }
}

// Without a source, because the message holds its text.
impl std::error::Error for FaultPlanError {}

impl FaultPlan {
    /// Reads a plan written as JSON.
    ///
    /// # Errors
    /// If the text is not a plan, has an unknown key, or orders what makes no sense.
    pub fn from_json(text: &str) -> Result<Self, FaultPlanError> {
        let plan: Self = serde_json::from_str(text).map_err(FaultPlanError::Json)?;
        plan.check()?;
        Ok(plan)
    }

    /// Checks everything but names of the model.
    pub(crate) fn check(&self) -> Result<(), FaultPlanError> {
        self.faults.iter().enumerate().try_for_each(|(index, fault)| {
            check_fault(fault).map_err(|(at, problem)| FaultPlanError::Fault { place: format!("faults[{index}]{at}"), problem })
        })
    }

    /// Checks the names of reports and endpoints.
    pub(crate) fn check_names(&self, model: &Model) -> Result<(), FaultPlanError> {
        let reports: Vec<&str> = model.reports.iter().map(|report| report.name.as_str()).collect();
        let endpoints: Vec<&str> = model.endpoints.iter().map(|endpoint| endpoint.name.as_str()).collect();
        for (index, fault) in self.faults.iter().enumerate() {
            for (kind, name, known) in [("report", &fault.on.report, &reports), ("endpoint", &fault.on.endpoint, &endpoints)] {
                let Some(name) = name.as_deref().filter(|name| !known.contains(name)) else { continue };
                let hint = nearest(name, known.iter().copied()).map(|near| format!("; did you mean `{near}`?"));
                let problem = format!("no {kind} is named `{name}`{}", hint.unwrap_or_default());
                return Err(FaultPlanError::Fault { place: format!("faults[{index}].on.{kind}"), problem });
            }
        }
        Ok(())
    }
}

/// A place within a fault, and the problem.
type Problem = (String, String);

fn check_fault(fault: &Fault) -> Result<(), Problem> {
    if fault.effects.is_empty() {
        return Err((".do".into(), "it does nothing; list at least one effect, such as `{\"latency_ms\": 200}`".into()));
    }
    if let Some(chance) = fault.chance.filter(|chance| !(*chance > 0.0 && *chance <= 1.0)) {
        return Err((".chance".into(), format!("{chance} is no probability above 0 and up to 1")));
    }
    for (index, effect) in fault.effects.iter().enumerate() {
        let at = |problem: String| (format!(".do[{index}]"), problem);
        check_effect(effect).map_err(at)?;
        let conflicts = |earlier: &Effect| conflict(earlier, effect);
        if let Some(problem) = fault.effects[..index].iter().find_map(conflicts) {
            return Err(at(problem.to_owned()));
        }
    }
    Ok(())
}

fn conflict(earlier: &Effect, effect: &Effect) -> Option<&'static str> {
    let whole = |effect: &Effect| matches!(effect, Effect::Refuse(_) | Effect::Reply(_));
    let ends = |effect: &Effect| matches!(effect, Effect::Cut(_) | Effect::CloseIdleMs(_));
    let page = |effect: &Effect| matches!(effect, Effect::Next(_) | Effect::Endless(_));
    let edits = |effect: &Effect| {
        matches!(effect, Effect::Set(_) | Effect::Remove(_) | Effect::Encode(_) | Effect::TruncateBody(_) | Effect::Reply(_))
    };
    let repeatable = matches!(effect, Effect::Set(_) | Effect::Remove(_) | Effect::Headers(_));
    if discriminant(earlier) == discriminant(effect) && !repeatable {
        Some("a fault can have this effect once; order a fault of its own")
    } else if [whole, ends, page].iter().any(|kind| kind(earlier) && kind(effect)) {
        Some("it excludes an earlier effect of this fault; order a fault of its own")
    } else if matches!(earlier, Effect::Giant(_)) && edits(effect) {
        Some("a giant body is never whole in memory; order this before `giant`")
    } else if whole(earlier) && page(effect) || page(earlier) && whole(effect) {
        Some("a reply that is replaced has no page of rows")
    } else {
        None
    }
}

fn check_effect(effect: &Effect) -> Result<(), String> {
    match effect {
        Effect::Reply(reply) => check_reply(reply),
        Effect::Headers(headers) => {
            headers.iter().try_for_each(|(name, value)| check_header(name, value.as_deref().unwrap_or_default()))
        }
        Effect::Set(set) if !set.at.starts_with('/') => Err(no_pointer(&set.at)),
        Effect::Remove(at) if !at.starts_with('/') => Err(no_pointer(at)),
        Effect::Next(Next::Page(page)) if page.get() < 2 => Err("the first page has no cursor; name a page from 2".into()),
        _ => Ok(()),
    }
}

fn no_pointer(at: &str) -> String {
    format!("`{at}` is no JSON Pointer; write for example `/rows/0/id`")
}

fn check_reply(reply: &FixedReply) -> Result<(), String> {
    if !(200..=999).contains(&reply.status) {
        return Err(format!("{} is no status of a final response; use 200 to 999", reply.status));
    }
    if reply.json.is_some() && reply.text.is_some() {
        return Err("a body is `json` or `text`, not both".into());
    }
    reply.headers.iter().try_for_each(|(name, value)| check_header(name, value))
}

/// Checks that HTTP allows a header and that the server does not set it itself.
fn check_header(name: &str, value: &str) -> Result<(), String> {
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || !name.bytes().all(token) {
        return Err(format!("`{}` is no name of a header", name.escape_default()));
    }
    if ["content-length", "transfer-encoding"].iter().any(|own| name.eq_ignore_ascii_case(own)) {
        return Err(format!("the server sets `{name}`; order `cut` for a body that is shorter than announced"));
    }
    if value.bytes().any(|byte| byte.is_ascii_control() && byte != b'\t') {
        return Err(format!("the value of `{name}` has control characters"));
    }
    Ok(())
}
