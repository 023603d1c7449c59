//! The message of an error. What the server sent is bounded and on one line, however much it was.

use std::fmt;

use super::{Error, assumption, invalid::Invalid};
use crate::meta::{GaveUp, Meta};
use crate::text::excerpt::snippet;

/// How many invalid parameters a message lists.
const MOST_PARAMETERS: usize = 10;

impl Error {
    /// The message without the assumptions.
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Redirect { subject, status, target, .. } => {
                let target = target.as_deref().unwrap_or("an unnamed host");
                write!(
                    f,
                    "{subject}: the server redirects to {target} (status {status}). The client does not follow redirects, to keep the token \
                     private; set `base_url` to the host that serves the API"
                )
            }
            Self::Transport(error) => fmt::Display::fmt(error, f),
            Self::BodyTooLarge { subject, limit, .. } => {
                write!(f, "{subject}: the response is larger than {limit} bytes; request smaller pages or raise `max_body_bytes`")
            }
            Self::Decode(error) => fmt::Display::fmt(error, f),
            Self::Held { subject, shortage, .. } => {
                write!(f, "{subject}: the rate limiter did not send the request: {shortage}")?;
                if shortage.exceeds_capacity() {
                    return Ok(());
                }
                f.write_str("; retry later, raise `max_rate_limit_wait` or `timeout`, or send fewer requests at a time")
            }
            Self::MaxTokens { subject, most, spent, cost, .. } => {
                write!(
                    f,
                    "{subject}: `with_max_tokens({most})` allows no further request: {spent} tokens are spent or reserved, and "
                )?;
                match cost {
                    Some(cost) => write!(f, "the next request costs {cost}")?,
                    None => f.write_str("what the next request costs is not known")?,
                }
                f.write_str("; go on with a higher maximum, or ask for less")
            }
            Self::RepeatedCursor { report, cursor, .. } => {
                let cursor = snippet(cursor);
                write!(f, "report {report}: the server returned the cursor `{cursor}` twice, so the pages would never end")
            }
            Self::EmptyPages { report, pages, .. } => write!(
                f,
                "report {report}: {pages} pages in a row without rows, each with a new cursor, so the pages may never end; narrow the \
                 filter, or go on with `resume_from` and the error's cursor"
            ),
            Self::Range(error) => fmt::Display::fmt(error, f),
            Self::Assumption(error) => fmt::Display::fmt(error, f),
            Self::Configuration(error) => fmt::Display::fmt(error, f),
            other => {
                // Every other variant holds a response.
                let Some(reply) = other.reply() else { return Ok(()) };
                reply.write(f)?;
                match (self.retry_after(), &reply.unreadable_wait) {
                    (Some(wait), _) => write!(f, " (wait at least {} s)", wait.as_secs())?,
                    (None, Some(text)) => write!(f, " (the server says to retry after `{text}`)")?,
                    (None, None) => {}
                }
                reply.write_advice(f)
            }
        }
    }
}

impl Error {
    fn write_invalid(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut all = self.invalid().into_iter().flat_map(Invalid::iter);
        for (path, error) in all.by_ref().take(MOST_PARAMETERS) {
            write!(f, "\n  {}: {error}", if path.is_empty() { "(request)" } else { &path })?;
            if let Some(part) = &error.part {
                write!(f, "; the query has {part}")?;
            }
        }
        match all.count() {
            0 => Ok(()),
            more => write!(f, "\n  and {more} more"),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f)?;
        match self.meta() {
            Some(Meta { gave_up: Some(reason), tries, .. }) if *tries > 1 || *reason != GaveUp::Tries => {
                let tries = match tries {
                    0 => "before the first try".into(),
                    1 => "after 1 try".into(),
                    _ => format!("after {tries} tries"),
                };
                write!(f, "; gave up {tries}: {reason}")?;
            }
            _ => {}
        }
        // The message of a wrong setup names the assumption itself.
        if !self.is_configuration() {
            assumption::write(f, self.assumed())?;
        }
        self.write_invalid(f)
    }
}

/// The message: a `main` that returns the error prints this.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
