//! What the client knows about a refusal and the server does not say: the permits of the query, and which setting made which header.

use reqwest::header::HeaderName;

use super::inner::Inner;
use crate::request::builder::Request;
use crate::text::excerpt::snippet;

/// A header that requests may have.
struct Known<'a> {
    name: &'a str,
    /// What sets it.
    setter: &'static str,
    /// What is sent; nothing of a secret.
    value: Option<String>,
}

impl Inner {
    /// The permits that the request may lack, and what is known about them.
    pub(super) fn permits(&self, request: &Request, text: &str) -> (Vec<&'static str>, String) {
        let spec = self.overrides.spec;
        let (own, general) = (request.permit, spec.permit);
        let needed: Vec<_> = match (own, request.of_report, spec.permit_with_report) {
            (_, true, Some(false)) => vec![general],
            (own, true, _) => own.into_iter().chain([general]).collect(),
            (own, false, _) => own.into_iter().collect(),
        };
        let named = needed.iter().copied().find(|permit| names(text, permit));
        let known = match (named, &*needed) {
            (Some(named), _) => format!("The server names the permit `{named}`; ask the vendor to add it to the token"),
            (None, []) => "The permit of the endpoint is unknown; ask the vendor for it".into(),
            (None, [one]) if own.is_none() && spec.permit_with_report != Some(false) => {
                format!("The general permit is `{one}`; that of the report is unknown")
            }
            (None, [one]) => format!("The token needs the permit `{one}`"),
            (None, [own, general, ..]) => match spec.permit_with_report {
                Some(_) => format!("The token needs both permits, `{own}` and `{general}`"),
                None => format!(
                    "The permit of the report is `{own}`, and `{general}` is the general one; no page says whether the token needs both"
                ),
            },
        };
        (named.map_or(needed, |named| vec![named]), known)
    }

    /// Which token was sent where.
    pub(super) fn token_hint(&self) -> String {
        let known = self.known_headers();
        let sent: Vec<String> = known
            .iter()
            .filter(|header| header.value.is_some() && ["token", "token_source", "user_token"].contains(&header.setter))
            .map(|header| format!("in the header `{}`, as `{}` set it", header.name, header.setter))
            .collect();
        if sent.is_empty() { "No token was sent".into() } else { format!("The token was sent {}", sent.join(", and ")) }
    }

    /// The header that the server names, and what is known about the headers.
    pub(super) fn header_hint(&self, text: &str) -> (Option<String>, String) {
        let known = self.known_headers();
        let named = known.iter().find(|header| names(text, header.name));
        let Some(Known { name, setter, value }) = named else {
            let (sent, rest): (Vec<_>, Vec<_>) = known.iter().partition(|header| header.value.is_some());
            let sent = sent
                .iter()
                .map(|Known { name, setter, value }| format!("`{name}: {}` ({setter})", value.as_deref().unwrap_or_default()));
            let rest = rest.iter().map(|Known { name, setter, .. }| format!("`{name}` ({setter})"));
            let (sent, rest) = (sent.collect::<Vec<_>>().join(", "), rest.collect::<Vec<_>>().join(", "));
            let rest = if rest.is_empty() { rest } else { format!("; not sent: {rest}") };
            return (None, format!("Headers sent, and what sets them: {sent}{rest}"));
        };
        let known = match value {
            Some(value) => format!("The client sent `{name}: {value}`; `{setter}` sets it"),
            None => format!("The client did not send `{name}`; set it with `{setter}`"),
        };
        (Some((*name).to_owned()), known)
    }

    /// Every header that requests have or may have.
    fn known_headers(&self) -> Vec<Known<'_>> {
        let names = &self.overrides.spec.headers;
        let token = if self.token_source.is_some() { "token_source" } else { "token" };
        let of_spec = [
            (Some(&names.token), token),
            (Some(&names.user_token), "user_token"),
            (Some(&names.customer), "customers"),
            (Some(&names.loyalty_club_slug), "customers"),
            (Some(&names.product_name), "product_name"),
            (names.subproduct_name.as_ref(), "subproduct_name"),
            (Some(&names.user_agent), "user_agent"),
            (Some(&names.locale), "locale"),
            (Some(&names.content_type), "the client"),
        ];
        let mut known: Vec<Known<'_>> = of_spec
            .into_iter()
            .filter_map(|(header, setter)| Some((header?.name, setter)))
            .map(|(name, setter)| {
                let from_source = setter == "token_source";
                let value = self.sent(name).or_else(|| from_source.then(hidden));
                Known { name, setter, value }
            })
            .collect();
        let is_known = |name: &HeaderName| known.iter().any(|header| header.name.eq_ignore_ascii_case(name.as_str()));
        let own: Vec<_> = self.headers.keys().filter(|name| !is_known(name)).map(HeaderName::as_str).collect();
        known.extend(own.into_iter().map(|name| Known { name, setter: "with_header", value: self.sent(name) }));
        known
    }

    /// The value of a header, unless it is secret.
    fn sent(&self, name: &str) -> Option<String> {
        let value = self.headers.get(name)?;
        let text = value.to_str().ok().filter(|_| !value.is_sensitive());
        Some(text.map_or_else(hidden, |text| snippet(&self.secrets.hide(text))))
    }
}

fn hidden() -> String {
    "(hidden)".into()
}

/// Whether a text holds a name as a word of its own: `X-Product` is no part of `X-Product-Name`.
fn names(text: &str, name: &str) -> bool {
    let (text, name) = (text.to_ascii_lowercase(), name.to_ascii_lowercase());
    let inside = |character: char| character.is_alphanumeric() || matches!(character, '-' | '_' | ':');
    text.match_indices(&name).any(|(at, _)| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let mut after = text.get(at + name.len()..).unwrap_or_default().chars();
        // A colon ends a name, unless a permit goes on after it.
        let goes_on = match after.next() {
            Some(':') => after.next().is_some_and(char::is_alphanumeric),
            next => next.is_some_and(inside),
        };
        !name.is_empty() && !before.is_some_and(inside) && !goes_on
    })
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn a_name_is_found_as_a_whole_word_in_any_case() {
        for text in ["X-Product", "the header x-product: missing", "\"X-Product\" is wrong.", "X-Product-Name and X-Product"] {
            assert!(names(text, "X-Product"), "{text}");
        }
        for text in ["", "X-Product-Name", "My-X-Product", "X-Products", "A:X-Product", "X-Product:Name"] {
            assert!(!names(text, "X-Product"), "{text}");
        }
        assert!(names("Harbour:Query: missing", "Harbour:Query") && !names("Harbour:Query:More", "Harbour:Query"));
    }
}
