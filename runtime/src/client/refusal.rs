//! A response with an error status becomes an error: only its start is read, and nothing in it is trusted.

use reqwest::header::HeaderMap;
use serde_json::Value as Json;

use super::{inner::Inner, rate};
use crate::text::excerpt::{Excerpt, snippet};
use crate::{
    error::Error, error::invalid::Invalid, error::invalid::QueryPart, error::status::StatusReply, error::subject::Subject,
    facts::vocabulary::ErrorName, request::builder::Request,
};

/// The most bytes of an error's body that are read: far more than any message, and little to parse.
pub(super) const MAX_BODY: u64 = 64 * 1024;

/// The statuses that lead to another place. 304 does not.
const REDIRECTS: [u16; 6] = [300, 301, 302, 303, 307, 308];

/// An error status, with what arrived of its body.
pub(super) struct Refused<'a> {
    pub(super) status: u16,
    pub(super) headers: &'a HeaderMap,
    pub(super) body: &'a [u8],
    /// Whether the body is complete.
    pub(super) whole: bool,
    /// The proxy that the environment names.
    pub(super) proxy: Option<&'a str>,
}

impl Inner {
    /// The error for a status, with the assumptions that may have caused it.
    pub(super) fn refusal(&self, subject: Subject, request: &Request, refused: &Refused<'_>) -> Error {
        if REDIRECTS.contains(&refused.status) {
            return self.redirect(subject, refused);
        }
        let mut error = self.status(subject, refused);
        let ids = match &error {
            Error::NotFound(_) => request.path_id.into_iter().collect(),
            Error::HeaderIncorrect(_) => self.customers.assumption(self.overrides.spec).into_iter().collect(),
            Error::InvalidParameters { invalid, .. } => request.suspects(invalid),
            _ => Vec::new(),
        };
        self.add_hints(&mut error, request, &String::from_utf8_lossy(refused.body));
        if let Some(reply) = error.reply_mut() {
            reply.assumptions = ids.into_iter().filter_map(|id| self.overrides.assumed(Some(id))).collect();
        }
        error
    }

    /// Adds what the client knows about the cause. The text is that of the server.
    fn add_hints(&self, error: &mut Error, request: &Request, text: &str) {
        match error {
            Error::Forbidden(reply) => {
                let (permits, hint) = self.permits(request, text);
                (reply.permits, reply.hint) = (permits, Some(hint));
            }
            Error::Unauthorized(reply) => reply.hint = Some(self.token_hint()),
            Error::HeaderMissing(reply) | Error::HeaderIncorrect(reply) => {
                let (header, hint) = self.header_hint(text);
                (reply.header, reply.hint) = (header, Some(hint));
            }
            Error::InvalidParameters { invalid, .. } => invalid.match_parts(&|path| {
                let (name, text) = request.part(&self.overrides.spec.filter, path)?;
                Some(QueryPart { name, text: text.map(|text| self.secrets.show(&text)) })
            }),
            _ => {}
        }
    }

    fn redirect(&self, subject: Subject, refused: &Refused<'_>) -> Error {
        // A URL loses the case of its host, and its separators may cut a token.
        let location = rate::text(refused.headers, "location").map(|text| self.secrets.hide_any_case(text));
        let target = location.and_then(|text| self.url.join(&text).ok());
        let target = target.and_then(|url| url.host_str().map(|host| snippet(&self.secrets.hide_any_case(host)).into()));
        Error::Redirect { subject: subject.to_string().into(), status: refused.status, target, meta: Box::default() }
    }

    fn status(&self, subject: Subject, refused: &Refused<'_>) -> Error {
        let (spec, headers) = (self.overrides.spec, refused.headers);
        let body = String::from_utf8_lossy(refused.body);
        let mut excerpt = Excerpt::of(&body);
        excerpt.cut |= !refused.whole;
        // Parsed before secrets are hidden, because parsing removes escapes.
        let mut json: Json = serde_json::from_str(body.trim_start_matches('\u{feff}')).unwrap_or_default();
        let message = json.get(spec.error_body.message).and_then(Json::as_str).map(|text| snippet(&self.secrets.hide(text)));
        let documented = spec.error(refused.status);
        let limited = (refused.status == spec.rate_limit.status).then_some(ErrorName::TooManyRequests);
        let wait = rate::retry_after(&spec.rate_limit, headers, self.clock.now());
        let reply = StatusReply {
            report: subject.report,
            endpoint: subject.endpoint,
            status: refused.status,
            message,
            description: documented.map(|error| error.description),
            advice: documented.map(|error| error.advice),
            request_id: self.request_id(headers),
            retry_after: wait.and_then(Result::ok),
            unreadable_wait: wait.and_then(Result::err).map(|text| snippet(&self.secrets.hide(text))),
            rate: rate::read(&spec.rate_limit, headers, &self.secrets),
            hint: None,
            permits: Vec::new(),
            header: None,
            proxy: refused.proxy.map(Box::from),
            snippet: self.secrets.show(&excerpt),
            assumptions: Vec::new(),
            meta: Box::default(),
        };
        Error::from_status(documented.map(|error| error.name).or(limited), reply, || {
            let details = json.get_mut(spec.error_body.details).map(Json::take);
            details.map_or(Invalid::Fields(Default::default()), |details| {
                Invalid::read(&spec.error_body, self.secrets.hide_json(details))
            })
        })
    }

    pub(super) fn request_id(&self, headers: &HeaderMap) -> Option<String> {
        rate::text(headers, "x-request-id").map(|id| snippet(&self.secrets.hide(id)))
    }
}
