//! Checks of the settings. They send nothing.

use std::path::Path;

use placewise_model::exit::{Failure, Outcome};
use placewise_reporting::reqwest::Url;

use super::findings::Findings;
use crate::connection::Connection;
use crate::dates::{Zone, ZoneSource};
use crate::limiter;
use crate::settings::{Profile, Sharing, Source, TokenFrom, read_customers, read_token};

/// Says what each setting is and where it comes from.
pub(super) fn check(connection: &Connection, findings: &mut Findings) -> Outcome {
    let Connection { profile, chosen, .. } = connection;
    let file = chosen.file.as_ref().map_or_else(|| "none".to_owned(), |file| format!("`{}`", file.display()));
    match &chosen.name {
        Some(name) => findings.ok("config file", format!("{file}, profile `{name}`"))?,
        None => findings.ok("config file", format!("no profile is used (looked for `default` in {file})"))?,
    }
    let model = profile.model.as_ref().map_or_else(|| "the program's own".into(), |path| format!("`{}`", path.display()));
    let from = origin(connection, |profile| &profile.model, "--model", None);
    findings.ok("model", format!("{model}{}", profile.model.as_ref().map_or("", |_| &from)))?;
    let from = origin(connection, |profile| &profile.url, "--url", Some("PLACEWISE_URL"));
    match profile.url.as_deref().map(Url::parse) {
        None => findings.wrong("url", "not set", "set --url, PLACEWISE_URL or `url` in a profile")?,
        Some(Err(_)) => findings.wrong("url", format!("no URL{from}"), "write for example https://api.example.com")?,
        Some(Ok(url)) => findings.ok("url", format!("{}{from}", shown(&url)))?,
    }
    token(connection, findings)?;
    let from = origin(connection, |profile| &profile.customers, "--customers", Some("PLACEWISE_CUSTOMERS"));
    match &profile.customers {
        None => {
            let advice = "set --customers, PLACEWISE_CUSTOMERS or `customers` in a profile, for example to `1`, `1,2` or `all`";
            findings.wrong("customers", "not set", advice)?;
        }
        Some(text) => match read_customers(text) {
            Ok(_) => findings.ok("customers", format!("`{text}`{from}"))?,
            Err(failure) => findings.wrong("customers", message(failure) + &from, "")?,
        },
    }
    let from = origin(connection, |profile| &profile.product, "--product", Some("PLACEWISE_PRODUCT"));
    match &profile.product {
        Some(name) => findings.ok("product", format!("`{name}`{from}"))?,
        None if connection.api.registry.spec().headers.product_name_required => {
            findings.wrong("product", "not set", "set --product, PLACEWISE_PRODUCT or `product` in a profile")?;
        }
        None => findings.ok("product", "not set, and not required")?,
    }
    match &profile.zone {
        None => findings.ok("zone", "not set; dates take --zone, or the zone of the last chart")?,
        Some(name) => match Zone::named(name, ZoneSource::Profile) {
            Ok(zone) => findings.ok("zone", format!("{}, from the profile", zone.name))?,
            Err(problem) => findings.wrong("zone", format!("{problem}, from the profile"), "")?,
        },
    }
    rate_limiter(connection, findings)
}

/// The file through which runs share the rate limit, and what they left in it.
fn rate_limiter(connection: &Connection, findings: &mut Findings) -> Outcome {
    let (check, from) = (
        "shared rate limit",
        origin(connection, |profile| &profile.rate_limiter, "--rate-limiter", Some("PLACEWISE_RATE_LIMITER")),
    );
    if connection.profile.rate_limiter == Some(Sharing::Off) {
        return findings.ok(check, format!("off{from}"));
    }
    if connection.profile.token.is_none() || connection.profile.url.is_none() {
        return findings.unknown(check, "its file depends on the URL and the token", "");
    }
    let Some(file) = connection.shared_file() else {
        return findings.unknown(check, "this system names no folder of caches, or the token cannot be read", "");
    };
    match limiter::open(&file) {
        Err(problem) => findings.wrong(
            check,
            format!("{problem}{from}"),
            "without the file, runs do not share the limit; correct it, or set --rate-limiter to another file or `off`",
        ),
        Ok(_) => {
            let known = connection.bucket().map_or_else(|| "nothing is known yet".into(), |bucket| limiter::known(&bucket));
            findings.ok(check, format!("in `{}`{from}: {known}", file.display()))
        }
    }
}

fn token(connection: &Connection, findings: &mut Findings) -> Outcome {
    match &connection.profile.token {
        None => {
            findings.wrong("token", "not set", "put it into a file for --token-file or `token_file`, or into PLACEWISE_TOKEN")
        }
        Some(TokenFrom::Environment(_)) => findings.ok("token", "set, from PLACEWISE_TOKEN"),
        Some(TokenFrom::File(path)) => {
            let from = origin(connection, |profile| &profile.token, "--token-file", None);
            if let Err(failure) = read_token(path) {
                return findings.wrong("token", message(failure) + &from, "");
            }
            let shown = path.display();
            if others_read(path) {
                let advice = format!("run `chmod 600 {shown}`");
                return findings.wrong("token", format!("other users of this machine can read `{shown}`{from}"), advice);
            }
            findings.ok("token", format!("in `{shown}`{from}"))
        }
    }
}

#[cfg(unix)]
fn others_read(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(path).is_ok_and(|metadata| metadata.is_file() && metadata.mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn others_read(_: &Path) -> bool {
    false
}

/// A URL without what could be secret.
pub(super) fn shown(url: &Url) -> String {
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}://{}{port}{}", url.scheme(), url.host_str().unwrap_or_default(), url.path())
}

fn origin<T>(connection: &Connection, setting: impl Fn(&Profile) -> &Option<T>, flag: &str, variable: Option<&str>) -> String {
    match connection.source(setting) {
        Some(Source::Flag) => format!(", from {flag}"),
        Some(Source::Environment) => variable.map_or_else(String::new, |name| format!(", from {name}")),
        Some(Source::Profile) => ", from the profile".into(),
        None => String::new(),
    }
}

pub(super) fn message(failure: Failure) -> String {
    match failure {
        Failure::CannotRun(message) | Failure::Findings(message) | Failure::Stopped(message) => message,
        Failure::Closed => String::new(),
    }
}
