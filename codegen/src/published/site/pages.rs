//! Finds the page behind an address: its Markdown twin where the site has one, or else the HTML page.

use std::collections::HashMap;
use std::time::Duration;

use reqwest::Url;

use super::client::{Answer, Client, NoAnswer, Options};
use super::robots::Robots;

/// The name by which robots.txt addresses this program.
const AGENT: &str = "placewise-codegen";

/// A page as its site sent it.
#[derive(Clone, Debug)]
pub struct Fetched {
    /// The address that answered; a twin ends in `.md`.
    pub url: String,
    /// The bytes.
    pub body: Vec<u8>,
    /// The page's new address, if the site says that it moved for good.
    pub moved: Option<String>,
}

/// Why a page was not fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The site has no such page; the HTTP status.
    Gone(u16),
    /// It moved for good to an address on another host, which was not asked.
    Moved(String),
    /// It could not be read, in words.
    Unreadable(String),
}

/// A site, or several.
pub struct Site<'a> {
    client: Client<'a>,
    /// Another place where the pages of all sources are.
    base: Option<Url>,
    hosts: HashMap<String, Host>,
}

/// What is known about a host.
#[derive(Clone, Debug, Default)]
struct Host {
    robots: Robots,
    /// The site's index of Markdown twins.
    index: Option<String>,
    /// Why nothing more is asked of it.
    down: Option<String>,
}

impl<'a> Site<'a> {
    /// The sites of all sources, or the one at `base`, which has them under the same paths. `sleep` waits between requests.
    ///
    /// # Errors
    /// If `base` is no address that may be asked, or the system offers no TLS.
    pub fn new(options: Options, base: Option<&str>, sleep: &'a dyn Fn(Duration)) -> Result<Self, String> {
        let base = base.map(address).transpose()?;
        Ok(Self { client: Client::new(options, sleep)?, base, hosts: HashMap::new() })
    }

    /// The address to ask for the page of a source.
    ///
    /// # Errors
    /// If it is no address that may be asked.
    pub fn address(&self, source: &str) -> Result<Url, String> {
        let mut url = address(source)?;
        if let Some(base) = &self.base {
            let (path, query) = (url.path().to_owned(), url.query().map(str::to_owned));
            url = base.clone();
            url.set_path(&path);
            url.set_query(query.as_deref());
        }
        url.set_fragment(None);
        Ok(url)
    }

    /// Fetches the page of a source.
    ///
    /// # Errors
    /// If the page is gone, moved away, or cannot be read.
    pub fn fetch(&mut self, source: &str) -> Result<Fetched, Trouble> {
        let url = self.address(source).map_err(Trouble::Unreadable)?;
        let host = self.host(&url);
        if let Some(down) = host.down {
            return Err(Trouble::Unreadable(down));
        }
        let robots = host.robots;
        let allows = |url: &Url| robots.allows(url.path());
        let twin = twin(&url).filter(|twin| allows(twin) && host.index.as_ref().is_none_or(|index| index.contains(twin.path())));
        if let Some(twin) = twin
            && let Ok(answer) = self.client.get(&twin, &allows)
            && is_twin(&answer)
        {
            let moved = answer.moved.map(|url| url.as_str().trim_end_matches(".md").to_owned());
            return Ok(Fetched { url: twin.to_string(), body: answer.body, moved });
        }
        if !allows(&url) {
            return Err(Trouble::Unreadable(format!("robots.txt disallows {}", url.path())));
        }
        match self.client.get(&url, &allows) {
            Ok(answer) if is_text(&answer) => {
                Ok(Fetched { url: url.to_string(), body: answer.body, moved: answer.moved.map(|url| url.to_string()) })
            }
            Ok(answer) => Err(Trouble::Unreadable(format!("the answer is `{}`, not a page", answer.content_type))),
            Err(NoAnswer::Gone(status)) => Err(Trouble::Gone(status)),
            Err(NoAnswer::Elsewhere(to)) => Err(Trouble::Moved(to)),
            Err(NoAnswer::Failed(words)) => Err(Trouble::Unreadable(words)),
        }
    }

    /// Asks a host for its rules and its index, once.
    fn host(&mut self, url: &Url) -> Host {
        let key = url.origin().ascii_serialization();
        if let Some(host) = self.hosts.get(&key) {
            return host.clone();
        }
        let mut host = Host::default();
        let at = |path: &str| {
            let mut url = url.clone();
            url.set_path(path);
            url.set_query(None);
            url
        };
        match self.client.get(&at("/robots.txt"), &|_| true) {
            Ok(answer) => host.robots = Robots::parse(&String::from_utf8_lossy(&answer.body), AGENT),
            Err(NoAnswer::Failed(words)) if !words.starts_with("HTTP 4") => host.down = Some(format!("robots.txt: {words}")),
            // Without rules, everything is allowed.
            Err(_) => {}
        }
        if let Some(delay) = host.robots.delay {
            self.client.slow_down(Duration::from_secs(delay));
        }
        let robots = &host.robots;
        if host.down.is_none() && robots.allows("/llms.txt") {
            let answer = self.client.get(&at("/llms.txt"), &|url| robots.allows(url.path()));
            host.index = answer.ok().filter(is_twin).map(|answer| String::from_utf8_lossy(&answer.body).into_owned());
        }
        self.hosts.insert(key, host.clone());
        host
    }
}

/// An address that may be asked: https, or http on this machine.
fn address(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("`{text}` is no address: {error}"))?;
    let loopback = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    match url.scheme() {
        "https" => Ok(url),
        "http" if loopback => Ok(url),
        _ => Err(format!("`{text}` is not https; http is only for this machine")),
    }
}

/// The address of a page's Markdown twin.
fn twin(url: &Url) -> Option<Url> {
    let path = url.path();
    let mut twin = url.clone();
    twin.set_path(&format!("{path}.md"));
    (path.len() > 1 && !path.ends_with(['/']) && !path.ends_with(".md")).then_some(twin)
}

/// Whether an answer is Markdown or other plain text. Many sites answer any address with their HTML page.
fn is_twin(answer: &Answer) -> bool {
    let html = answer.body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'<');
    is_text(answer) && !answer.content_type.contains("html") && !html
}

fn is_text(answer: &Answer) -> bool {
    let kind = answer.content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind.is_empty() || kind.starts_with("text/") || kind == "application/xhtml+xml"
}
