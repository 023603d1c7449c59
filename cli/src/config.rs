//! The config file: TOML, in which each table is a profile, the settings of a connection.
//!
//! A profile names the file that holds the token, never the token: a config file is shown, copied and committed more readily than a secret.
//! No message quotes a value of the file.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::ops::Range;
use std::path::{Path, PathBuf};

use placewise_model::exit::{self, Failure};
use placewise_model::nearest;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::folders;
use crate::settings::{Profile, Sharing, TokenFrom};
use crate::terminal::printable;

/// The profile that counts without `--profile`.
const DEFAULT: &str = "default";

/// The keys of a profile.
const KEYS: [&str; 7] = ["url", "token_file", "customers", "product", "zone", "model", "rate_limiter"];

/// The help of the file.
const HELP: &str = "Config file:
  [default]
  url = \"https://api.example.com\"
  token_file = \"token\"           # relative to the config file, or below ~/
  customers = \"1,2\"
  product = \"dashboards\"
  zone = \"Europe/Oslo\"
  rate_limiter = \"off\"          # or a file; without it, runs share one in the system's folder of caches
  [staging]                       # chosen by --profile staging or PLACEWISE_PROFILE
  url = \"https://staging.example.com\"
  A flag counts before the environment, and that before the profile.";

/// The help of a command after its own, about the config file and exit statuses.
pub(crate) fn help(own: &str) -> String {
    format!("{own}\n\n{HELP}\n\n{}", exit::HELP)
}

/// A profile and where it comes from.
#[derive(Clone, Default)]
pub(crate) struct Chosen {
    /// The file; none if this system names no folder for it.
    pub file: Option<PathBuf>,
    /// The name of the profile; none without a file or a default.
    pub name: Option<String>,
    pub profile: Profile,
}

/// The profile that flags and environment choose.
pub(crate) fn choose(file: Option<&Path>, name: Option<&str>) -> Result<Chosen, Failure> {
    let named = name.map(str::to_owned).or_else(|| variable("PLACEWISE_PROFILE").map(|name| name.to_string_lossy().into_owned()));
    let Some((file, named_file)) = located(file) else { return Ok(Chosen::default()) };
    let shown = printable(&file.display().to_string());
    let text = match std::fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !named_file => {
            return match named {
                Some(name) => Err(Failure::CannotRun(format!(
                    "there is no profile `{}`, because there is no config file `{shown}`; write it, or name one with --config",
                    printable(&name)
                ))),
                None => Ok(Chosen { file: Some(file), ..Chosen::default() }),
            };
        }
        Err(error) => return Err(Failure::CannotRun(format!("cannot read the config file `{shown}`: {error}"))),
    };
    let folder = file.parent().unwrap_or(Path::new(""));
    let mut profiles = read(&text, folder).map_err(|problem| Failure::CannotRun(problem.shown(&shown, &text)))?;
    let name = named.clone().unwrap_or_else(|| DEFAULT.to_owned());
    match profiles.remove(&name) {
        Some(profile) => Ok(Chosen { file: Some(file), name: Some(name), profile }),
        None if named.is_none() => Ok(Chosen { file: Some(file), ..Chosen::default() }),
        None => {
            let names: Vec<String> = profiles.keys().map(|name| format!("`{}`", printable(name))).collect();
            let known = match nearest(&name, profiles.keys().map(String::as_str)) {
                Some(near) => format!("did you mean `{}`?", printable(near)),
                None if names.is_empty() => "it has none".into(),
                None => format!("it has {}", names.join(", ")),
            };
            Err(Failure::CannotRun(format!("`{shown}` has no profile `{}`; {known}", printable(&name))))
        }
    }
}

/// The names of the profiles of a file, for completions.
pub(crate) fn names(file: Option<&Path>) -> Vec<String> {
    let text = located(file).and_then(|(file, _)| std::fs::read_to_string(file).ok()).unwrap_or_default();
    read(&text, Path::new("")).map(|profiles| profiles.into_keys().collect()).unwrap_or_default()
}

fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|text| !text.is_empty())
}

/// The file, and whether it was named.
fn located(file: Option<&Path>) -> Option<(PathBuf, bool)> {
    let named = file.map(Path::to_owned).or_else(|| variable("PLACEWISE_CONFIG").map(PathBuf::from));
    match named {
        Some(file) => Some((file, true)),
        None => Some((folders::config()?.join("config.toml"), false)),
    }
}

/// What is wrong with the file, and where.
#[derive(Debug, PartialEq, Eq)]
struct Problem {
    at: Range<usize>,
    message: String,
}

impl Problem {
    fn shown(&self, file: &str, text: &str) -> String {
        let before = text.get(..self.at.start).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        format!("{file}:{line}:{column}: {}", self.message)
    }
}

/// The profiles of a file, by name.
fn read(text: &str, folder: &Path) -> Result<BTreeMap<String, Profile>, Problem> {
    let table = DeTable::parse(text).map_err(|error| Problem {
        at: error.span().unwrap_or(0..0),
        message: format!("not TOML: {}", printable(error.message())),
    })?;
    let mut profiles = BTreeMap::new();
    for (name, value) in table.get_ref() {
        let written = printable(name.get_ref());
        let DeValue::Table(settings) = value.get_ref() else {
            let message = match name.get_ref().as_ref() {
                "token" => TOKEN.to_owned(),
                known if KEYS.contains(&known) => {
                    format!("`{written}` is outside of a profile; write [{DEFAULT}] above it")
                }
                _ => format!("`{written}` is no profile; a profile is a table such as [{DEFAULT}]"),
            };
            return Err(Problem { at: name.span(), message });
        };
        profiles.insert(name.get_ref().to_string(), profile(settings, folder)?);
    }
    Ok(profiles)
}

const TOKEN: &str =
    "a token does not belong into the config file; put it into a file that only you can read, and name that with `token_file`";

fn profile(settings: &DeTable<'_>, folder: &Path) -> Result<Profile, Problem> {
    let mut profile = Profile::default();
    for (key, value) in settings {
        let text = || string(key.get_ref(), value);
        match key.get_ref().as_ref() {
            "url" => profile.url = Some(text()?),
            "token_file" => profile.token = Some(TokenFrom::File(path(folder, &text()?))),
            "customers" => profile.customers = Some(text()?),
            "product" => profile.product = Some(text()?),
            "zone" => profile.zone = Some(text()?),
            "model" => profile.model = Some(path(folder, &text()?)),
            "rate_limiter" => {
                profile.rate_limiter = Some(match Sharing::read(&text()?) {
                    Sharing::In(file) => Sharing::In(path(folder, &file.to_string_lossy())),
                    Sharing::Off => Sharing::Off,
                });
            }
            "token" => return Err(Problem { at: key.span(), message: TOKEN.into() }),
            other => {
                let known = match nearest(other, KEYS) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("the keys are {}", KEYS.join(", ")),
                };
                let message = format!("unknown key `{}`; {known}", printable(other));
                return Err(Problem { at: key.span(), message });
            }
        }
    }
    Ok(profile)
}

fn string(key: &str, value: &Spanned<DeValue<'_>>) -> Result<String, Problem> {
    let wrong = |problem: &str| Problem { at: value.span(), message: format!("`{key}` {problem}") };
    match value.get_ref() {
        DeValue::String(text) if text.trim().is_empty() => Err(wrong("is empty; remove the line")),
        DeValue::String(text) => Ok(text.clone().into_owned()),
        DeValue::Array(_) if key == "customers" => Err(wrong("is text, such as \"1,2\"")),
        _ => Err(wrong("is text, in quotes")),
    }
}

/// A path of the file: relative to it, or below `~/`.
fn path(folder: &Path, text: &str) -> PathBuf {
    match text.strip_prefix("~/").and_then(|rest| Some(folders::home()?.join(rest))) {
        Some(path) => path,
        None => folder.join(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(text: &str) -> String {
        match read(text, Path::new("/etc")) {
            Ok(_) => panic!("accepted: {text}"),
            Err(problem) => problem.shown("config.toml", text),
        }
    }

    #[test]
    fn each_table_is_a_profile_and_paths_are_relative_to_the_file() {
        let text = "[default]\nurl = 'a'\ntoken_file = 'keys/token'\n[other]\ncustomers = '1,2'\nzone = 'Europe/Oslo'\nmodel = '/m.json'";
        let profiles = read(text, Path::new("/etc/placewise")).expect("profiles");
        let (default, other) = (&profiles["default"], &profiles["other"]);
        assert_eq!(default.url.as_deref(), Some("a"));
        assert!(matches!(&default.token, Some(TokenFrom::File(path)) if path == Path::new("/etc/placewise/keys/token")));
        assert_eq!((other.customers.as_deref(), other.zone.as_deref()), (Some("1,2"), Some("Europe/Oslo")));
        assert_eq!(other.model.as_deref(), Some(Path::new("/m.json")));
        assert!(other.url.is_none(), "no profile takes from another");
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place_and_without_any_value() {
        for (text, expected) in [
            ("[default]\n  custmers = \"s3cret\"", "config.toml:2:3: unknown key `custmers`; did you mean `customers`?"),
            ("[default]\nretries = 3", "config.toml:2:1: unknown key `retries`; the keys are url, token_file, customers,"),
            ("[default]\ntoken = \"s3cret\"", "config.toml:2:1: a token does not belong into the config file;"),
            ("token = \"s3cret\"", "config.toml:1:1: a token does not belong into the config file;"),
            ("url = \"s3cret\"", "config.toml:1:1: `url` is outside of a profile; write [default] above it"),
            ("[default]\ncustomers = [1, 2]", "config.toml:2:13: `customers` is text, such as \"1,2\""),
            ("[default]\nurl = 7", "config.toml:2:7: `url` is text, in quotes"),
            ("[default]\nurl = \"\"", "config.toml:2:7: `url` is empty"),
            ("[default]\nurl = s3cret", "config.toml:2:7: not TOML: "),
            ("[default]\nurl = \"a\"\nurl = \"s3cret\"", "config.toml:3:1: not TOML: "),
            ("é = [\n", "config.toml:"),
        ] {
            let said = problem(text);
            assert!(said.starts_with(expected), "{said}");
            assert!(!said.contains("s3cret"), "{said}");
        }
    }
}
