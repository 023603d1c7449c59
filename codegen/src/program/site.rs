//! `drift --site`: fetches the pages that the spec names, compares them, and records what was seen.

use std::path::PathBuf;

#[cfg(feature = "net")]
pub(super) use net::run;
#[cfg(not(feature = "net"))]
pub(super) use without::run;

// The command has several structs of this name.
#[derive(clap::Args)]
#[group(skip)]
pub(super) struct Arguments {
    /// Fetch the pages that the spec names and compare them all; with URL, from that host instead of their own
    #[arg(long, value_name = "URL", num_args = 0..=1)]
    #[expect(clippy::option_option, reason = "absent, without a value, with one")]
    site: Option<Option<String>>,
    /// Where pages are kept between runs [default: the user's cache folder]
    #[arg(long, value_name = "DIR", requires = "site")]
    cache: Option<PathBuf>,
    /// Seconds between two requests
    #[arg(long, value_name = "SECONDS", requires = "site", default_value_t = 1)]
    delay: u64,
    /// An address for the site's operators, sent with each request
    #[arg(long, value_name = "URL", requires = "site", env = "PLACEWISE_CONTACT")]
    contact: Option<String>,
}

impl Arguments {
    pub fn is_given(&self) -> bool {
        self.site.is_some()
    }
}

#[cfg(not(feature = "net"))]
mod without {
    use placewise_model::exit::{Failure, Outcome};

    use super::super::comparison::Comparison;
    use super::super::lockstep::Lockstep;
    use super::super::terminal::Format;
    use crate::published::Date;

    pub(in super::super) fn run(_: &super::Arguments, _: Date, _: &mut Comparison, _: &mut Lockstep, _: Format) -> Outcome {
        Err(Failure::CannotRun("this program was built without the feature `net`; run `cargo drift-site`".into()))
    }
}

#[cfg(feature = "net")]
mod net {
    use std::collections::HashSet;
    use std::path::PathBuf;
    use std::time::Duration;

    use placewise_model::exit::{Failure, Outcome};

    use super::super::comparison::Comparison;
    use super::super::lockstep::Lockstep;
    use super::super::pages;
    use super::super::terminal::{Format, say};
    use crate::finding::{Finding, codes};
    use crate::published::site::{Options, Site, Source, Trouble, sources};
    use crate::published::{Date, FactDigests};

    pub(in super::super) fn run(
        arguments: &super::Arguments,
        today: Date,
        comparison: &mut Comparison,
        lockstep: &mut Lockstep,
        format: Format,
    ) -> Outcome {
        let named = sources(&comparison.spec);
        let mut options = Options::new(user_agent(arguments.contact.as_deref()));
        options.delay = Duration::from_secs(arguments.delay);
        options.cache = arguments.cache.clone().or_else(user_cache);
        let base = arguments.site.as_ref().and_then(Option::as_deref);
        let mut site = Site::new(options, base, &std::thread::sleep).map_err(Failure::CannotRun)?;
        for source in &named {
            if format == Format::Text {
                say(&format!("reading {}", source.address));
            }
            // Whatever comes of it, a decision about this address that no finding needs is stale.
            comparison.complete.insert(format!("sources/{}", source.address));
            match site.fetch(&source.address) {
                Ok(fetched) => {
                    if let Some(to) = fetched.moved {
                        comparison.found.push(moved(source, &to));
                    }
                    let read = pages::read_bytes(&fetched.url, &fetched.body, None, &mut comparison.sources);
                    let mut facts = FactDigests::new();
                    for page in &read {
                        facts.extend(comparison.page(page, Some(&source.address), &lockstep.captures));
                    }
                    if read.iter().any(|page| page.page.is_some()) {
                        lockstep.captures.saw(&source.address, today, facts);
                    }
                }
                Err(trouble) => {
                    let asked = site.address(&source.address).map_or_else(|_| source.address.clone(), String::from);
                    comparison.found.push(finding(source, &asked, trouble));
                }
            }
        }
        let addresses: HashSet<&str> = named.iter().map(|source| source.address.as_str()).collect();
        lockstep.captures.keep(&|source| addresses.contains(source));
        Ok(())
    }

    fn finding(source: &Source, asked: &str, trouble: Trouble) -> Finding {
        let (code, message, help) = match trouble {
            Trouble::Gone(status) => (
                codes::SITE_GONE,
                format!("the page {asked} is gone: HTTP {status}"),
                "look for its successor on the site, and change or remove this `source`",
            ),
            Trouble::Moved(to) => return moved(source, &to),
            Trouble::Unreadable(words) => (
                codes::SITE_UNREADABLE,
                format!("cannot read {asked}: {words}"),
                "open it in a browser; save its text and run `cargo codegen drift` on it",
            ),
        };
        at(source, Finding::new(code, message).help(help))
    }

    fn moved(source: &Source, to: &str) -> Finding {
        let message = format!("the page {} moved to {to}", source.address);
        at(source, Finding::new(codes::SITE_MOVED, message).help("write the new address here, if the page is still the same"))
    }

    /// Adds the places where the spec names the page.
    fn at(source: &Source, finding: Finding) -> Finding {
        let mut finding = finding.fact(format!("sources/{}", source.address));
        let mut places = source.places.iter().cloned();
        finding.place = places.next();
        finding.related = places.take(4).map(|place| (place, "also here".to_owned())).collect();
        finding
    }

    /// Who asks: name, version, and where to complain.
    fn user_agent(contact: Option<&str>) -> String {
        let about = contact.filter(|text| text.chars().all(|c| c.is_ascii_graphic())).unwrap_or(env!("CARGO_PKG_REPOSITORY"));
        let about = if about.is_empty() { String::new() } else { format!(" (+{about})") };
        format!("{}/{}{about}", env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"))
    }

    /// The cache folder of the user, which is never inside a checkout.
    fn user_cache() -> Option<PathBuf> {
        let folder = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let base =
            folder("XDG_CACHE_HOME").or_else(|| folder("LOCALAPPDATA")).or_else(|| Some(folder("HOME")?.join(".cache")))?;
        base.is_absolute().then(|| base.join("placewise-codegen").join("pages"))
    }
}
