//! The settings of a connection, wherever they come from, and how their texts are read.

use std::path::{Path, PathBuf};

use placewise_model::exit::Failure;
use placewise_reporting::{Customers, Token};

use crate::digest::fnv;
use crate::terminal::printable;

/// The settings of a connection, each of which may be missing.
#[derive(Clone, Default)]
pub(crate) struct Profile {
    pub url: Option<String>,
    pub token: Option<TokenFrom>,
    pub customers: Option<String>,
    pub product: Option<String>,
    pub zone: Option<String>,
    pub model: Option<PathBuf>,
    pub rate_limiter: Option<Sharing>,
}

/// Where a setting comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Flag,
    Environment,
    Profile,
}

/// Where the token is.
#[derive(Clone)]
pub(crate) enum TokenFrom {
    File(PathBuf),
    Environment(Secret),
}

/// What `--rate-limiter` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sharing {
    Off,
    /// In this file.
    In(PathBuf),
}

impl Sharing {
    pub(crate) fn read(text: &str) -> Self {
        if text == "off" { Self::Off } else { Self::In(text.into()) }
    }
}

/// A token, and what tells it from others.
#[derive(Clone)]
pub(crate) struct Secret {
    pub token: Token,
    pub digest: u64,
}

impl Secret {
    pub(crate) fn new(text: &str) -> Self {
        Self { token: Token::new(text), digest: fnv(text.as_bytes()) }
    }
}

impl TokenFrom {
    /// The token, which may have to be read.
    pub(crate) fn read(&self) -> Result<Secret, Failure> {
        match self {
            Self::File(path) => read_token(path),
            Self::Environment(secret) => Ok(secret.clone()),
        }
    }
}

impl Profile {
    /// These settings, and those of another profile where they are missing.
    pub(crate) fn or(self, other: Self) -> Self {
        Self {
            url: self.url.or(other.url),
            token: self.token.or(other.token),
            customers: self.customers.or(other.customers),
            product: self.product.or(other.product),
            zone: self.zone.or(other.zone),
            model: self.model.or(other.model),
            rate_limiter: self.rate_limiter.or(other.rate_limiter),
        }
    }

    /// The settings of the environment. An empty variable counts as unset.
    pub(crate) fn of_environment(read: impl Fn(&str) -> Option<String>) -> Self {
        let read = |name: &str| read(name).filter(|text| !text.trim().is_empty());
        Self {
            url: read("PLACEWISE_URL"),
            token: read("PLACEWISE_TOKEN").map(|text| TokenFrom::Environment(Secret::new(&text))),
            customers: read("PLACEWISE_CUSTOMERS"),
            product: read("PLACEWISE_PRODUCT"),
            zone: None,
            model: None,
            rate_limiter: read("PLACEWISE_RATE_LIMITER").map(|text| Sharing::read(&text)),
        }
    }
}

pub(crate) fn read_token(path: &Path) -> Result<Secret, Failure> {
    let shown = printable(&path.display().to_string());
    let text = std::fs::read_to_string(path);
    let text = text.map_err(|error| Failure::CannotRun(format!("cannot read the token file `{shown}`: {error}")))?;
    match text.trim() {
        "" => Err(Failure::CannotRun(format!("the token file `{shown}` is empty"))),
        token => Ok(Secret::new(token)),
    }
}

/// `1,2`, `all`, `slug:north-mall`, or `region=north` with more filters after commas.
pub(crate) fn read_customers(text: &str) -> Result<Customers, Failure> {
    let text = text.trim();
    let wrong = |problem: &str| {
        let text = printable(text);
        let forms = "write `1`, `1,2`, `all`, `slug:north-mall` or `region=north`";
        Failure::CannotRun(format!("customers: `{text}` {problem}; {forms}"))
    };
    if text == "all" {
        return Ok(Customers::all());
    }
    if let Some(slug) = text.strip_prefix("slug:") {
        return Ok(Customers::loyalty_club(slug));
    }
    let parts = || text.split(',').map(str::trim);
    if !text.contains('=') {
        let ids: Result<Vec<i64>, _> = parts().map(str::parse).collect();
        return ids.map(Customers::ids).map_err(|_| wrong("is no list of customer ids"));
    }
    let mut pairs = parts().map(|part| part.split_once('=').ok_or_else(|| wrong("has a part without `=`")));
    let Some(first) = pairs.next() else { return Err(wrong("is empty")) };
    let (name, value) = first?;
    let mut filter = Customers::filter(name, value);
    for pair in pairs {
        let (name, value) = pair?;
        filter = filter.and(name, value);
    }
    Ok(filter.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_counts_before_the_environment_and_that_before_a_profile() {
        let named = |name: &str| Profile { url: Some(name.into()), ..Profile::default() };
        let environment = Profile::of_environment(|name| match name {
            "PLACEWISE_URL" => Some("environment".into()),
            "PLACEWISE_TOKEN" => Some("  ".into()),
            "PLACEWISE_PRODUCT" => Some("mine".into()),
            _ => None,
        });
        assert!(environment.token.is_none(), "an empty variable is unset");
        let profile = Profile { customers: Some("all".into()), zone: Some("Europe/Oslo".into()), ..named("profile") };
        let merged = environment.clone().or(profile.clone());
        assert_eq!((merged.url.as_deref(), merged.product.as_deref()), (Some("environment"), Some("mine")));
        assert_eq!((merged.customers.as_deref(), merged.zone.as_deref()), (Some("all"), Some("Europe/Oslo")));
        assert_eq!(named("flag").or(environment).or(profile).url.as_deref(), Some("flag"));
    }

    #[test]
    fn customers_are_read_in_every_form() {
        for (text, expected) in [
            ("7", Customers::id(7)),
            (" 1, 2 ", Customers::ids([1, 2])),
            ("all", Customers::all()),
            ("slug:north-mall", Customers::loyalty_club("north-mall")),
            ("region=north", Customers::filter("region", "north").into()),
            ("region=north, kind=mall", Customers::filter("region", "north").and("kind", "mall").into()),
        ] {
            assert_eq!(read_customers(text).ok(), Some(expected), "{text}");
        }
        for wrong in ["", "1,", "north", "region=north,mall", "1;2"] {
            assert!(read_customers(wrong).is_err(), "{wrong}");
        }
    }
}
