//! Where an endpoint is reached: method, host, path and permit, as pages of endpoints and of examples print them.

use placewise_model::{Endpoint, Host, Model};

use super::openapi::{METHODS, operations, place_of};
use super::search::Search;
use super::titles::{are_known, part};
use crate::finding::{Place, codes};
use crate::published::drift::account::{Account, list};
use crate::published::drift::amendment::Edit;
use crate::published::read::{At, LineForm};
use crate::source::yaml_tree::{Kind, Node};

/// The words beside the name of a parameter.
const TYPES: &str = "any array boolean enum integer null nullable number object optional required string";

/// What a page prints, each with its place. A twin prints it twice.
pub(super) type Found = Vec<(String, Place)>;

/// Where an endpoint is reached, as far as the page prints it.
#[derive(Default)]
pub(super) struct Address {
    pub method: Found,
    pub host: Found,
    pub path: Found,
    pub permit: Found,
}

impl Address {
    /// Adds what the page prints elsewhere.
    pub fn extend(&mut self, other: Self) {
        self.method.extend(other.method);
        self.host.extend(other.host);
        self.path.extend(other.path);
        self.permit.extend(other.permit);
    }
}

/// The address, wherever the page prints it.
pub(super) fn printed(search: &mut Search<'_>) -> Address {
    let mut address = Address::default();
    for (index, line) in search.left() {
        if matches!(line.form, LineForm::Code | LineForm::Header(_)) {
            continue;
        }
        // Sentences link to other pages and speak of other methods.
        let prose = line.form == LineForm::Prose;
        let mut at = 0;
        for word in line.text.value.split([' ', '|', '\t', '`', '*', '"']) {
            let place = part(&line.text, at, word.len());
            at += word.len() + 1;
            let mut first = |found: &mut Found, text: Option<String>| {
                if let (true, Some(text)) = (found.is_empty(), text) {
                    found.push((text, place.clone()));
                    search.take(index);
                }
            };
            first(&mut address.method, (!prose && METHODS.contains(&word)).then(|| word.to_owned()));
            first(&mut address.host, host_of(word).filter(|_| !prose));
            first(&mut address.path, path_of(word));
            first(&mut address.permit, is_permit(word).then(|| word.to_owned()));
        }
    }
    address
}

/// Compares an address with the endpoint. `source` is the page, if it is an example: a host that the spec has from it must be the one.
pub(super) fn compare(address: &Address, account: &mut Account<'_>, model: &Model, endpoint: &Endpoint, source: Option<&str>) {
    let name = endpoint.name.as_str();
    stated(&address.method, Some(endpoint.method.as_str()), &[name, "method"], "method", account);
    stated(&address.path, known_path(endpoint), &[name, "path"], "path", account);
    stated(&address.permit, endpoint.permit.as_deref(), &[name, "permit"], "permit", account);
    let all = || model.api.hosts.values();
    let urls = |of: &dyn Fn(&&Host) -> bool| all().filter(of).map(|host| host.url.as_str()).collect::<Vec<_>>();
    let own = urls(&|host| source.is_some() && host.source.as_deref() == source);
    let hosts = if own.is_empty() { urls(&|_| true) } else { own };
    for (text, place) in &address.host {
        let path = [name, "host"];
        account.states(&path, text.as_str(), place);
        let message = format!("the host of `{name}` is `{text}` on the page, {} in the spec", list(&hosts));
        if !hosts.iter().any(|host| host.trim_end_matches('/') == text) && !account.has_said(&message) {
            account.differs(codes::DRIFT_VALUE, message, place, &path, "`hosts`");
        }
    }
}

/// The addresses of a fragment's operations.
pub(super) fn of_openapi(fragment: &At<String>, tree: &Node) -> Address {
    let scalar = |node: &Node, key: &str| match node.get(key) {
        Some((key, Node { kind: Kind::Scalar { text, .. }, .. })) => Some((text.to_string(), place_of(fragment, key))),
        _ => None,
    };
    let server = match tree.get("servers") {
        Some((_, Node { kind: Kind::Sequence(servers), .. })) => servers.first().and_then(|server| scalar(server, "url")),
        _ => None,
    };
    let mut address = Address::default();
    let mut below = String::new();
    if let Some((url, at)) = server {
        below = path_of(&url).unwrap_or_default();
        address.host.extend(host_of(&url).map(|host| (host, at)));
    }
    for (path, method, operation) in operations(tree) {
        address.method.push((method.text.to_ascii_uppercase(), place_of(fragment, method)));
        address.path.extend(path_of(&format!("{below}{}", path.text)).map(|text| (text, place_of(fragment, path))));
        if let Some((words, at)) = scalar(operation, "description") {
            let mut words = words.split([' ', '`', '*', '"', '\n', '.', ',']);
            address.permit.extend(words.find(|word| is_permit(word)).map(|permit| (permit.to_owned(), at)));
        }
    }
    address
}

/// Takes the lines that only frame what is compared: known keys, headers, their examples and types, statuses, and tags that the spec
/// describes.
pub(super) fn labels(search: &mut Search<'_>, model: &Model, endpoint: &Endpoint, keys: &[&str]) {
    let headers = model.api.headers.all();
    for (index, line) in search.left().into_iter().filter(|(_, line)| line.form == LineForm::Other) {
        let text = line.text.value.as_str();
        let known = |header: &str| header == text;
        let header = headers.iter().any(|(_, header)| {
            let example = text.strip_prefix("Example:").is_some_and(|text| header.example.as_deref() == Some(text.trim()));
            example || known(&header.name) || header.value.as_deref().is_some_and(known)
        });
        let tag =
            text.starts_with(char::is_uppercase) && endpoint.description.as_deref().is_some_and(|words| words.contains(text));
        if header || tag || keys.contains(&text) || is_status(text, model) || are_known(text, TYPES) {
            search.take(index);
        }
    }
}

/// Whether a text is a known status: `200`, or `🟢 404Not Found`.
fn is_status(text: &str, model: &Model) -> bool {
    let text = text.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
    let (digits, reason) = text.split_at(text.bytes().take_while(u8::is_ascii_digit).count());
    let known = |status: u16| status == 200 || model.api.errors.iter().any(|error| error.status == status);
    digits.parse().is_ok_and(known) && reason.chars().all(|c| c.is_alphabetic() || c == ' ')
}

pub(super) fn known_path(endpoint: &Endpoint) -> Option<&str> {
    endpoint.path.value.as_deref().filter(|_| endpoint.path.assumption.is_none())
}

/// Compares what a page prints with the spec. Of a page that contradicts itself, nothing is taken over.
pub(super) fn stated(found: &[(String, Place)], spec: Option<&str>, path: &[&str; 2], what: &str, account: &mut Account<'_>) {
    let agreed = found.iter().all(|(text, _)| *text == found[0].0);
    for (text, place) in found {
        let (code, message) = match spec {
            Some(spec) if spec == text => {
                account.states(path, text.as_str(), place);
                continue;
            }
            Some(spec) => {
                (codes::DRIFT_VALUE, format!("the {what} of `{}` is `{text}` on the page, `{spec}` in the spec", path[0]))
            }
            None => (
                codes::DRIFT_SETTLED,
                format!("the page states the {what} of `{}`, `{text}`; the spec does not know it", path[0]),
            ),
        };
        account.states(path, text.as_str(), place);
        if !account.has_said(&message) {
            account.differs(code, message, place, path, &format!("`{what}`"));
            if agreed {
                account.amend(path, Edit::value(text));
            }
        }
    }
}

/// The host of an address, with its scheme.
fn host_of(word: &str) -> Option<String> {
    let rest = word.strip_prefix("https://").or_else(|| word.strip_prefix("http://"))?;
    let host = rest.split(['/', '?']).next()?.trim_end_matches(['.', ',']);
    (!host.is_empty()).then(|| word[..word.len() - rest.len() + host.len()].to_owned())
}

/// The path of an address or a path alone. `:id` and `{id}` are the same.
fn path_of(word: &str) -> Option<String> {
    let path = match word.strip_prefix("https://").or_else(|| word.strip_prefix("http://")) {
        Some(rest) => &rest[rest.find('/')?..],
        None => word,
    };
    let path = path.trim_end_matches(['/', '.', ',']);
    let plain = path.starts_with('/') && path.bytes().all(|b| b.is_ascii_alphanumeric() || b"/_-.{}:".contains(&b));
    // Sentences link to other pages of the site.
    let page = path.starts_with("/doc-") || path.starts_with("/api-");
    (plain && !page && path.len() > 1).then(|| {
        let steps = path.split('/').map(|step| step.strip_prefix(':').map_or(step.to_owned(), |name| format!("{{{name}}}")));
        steps.collect::<Vec<_>>().join("/")
    })
}

/// `Reporting:Api:Query`
fn is_permit(word: &str) -> bool {
    let part = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_uppercase()) && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    };
    word.contains(':') && word.split(':').all(part)
}
