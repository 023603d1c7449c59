//! The rate limiter that runs of the program share through a file, so that two at once draw on one bucket, and none learns it anew.
//!
//! The file is a cache: without it, each run learns the bucket by itself. The runtime's limiter keeps one bucket per customer in it.

use std::path::{Path, PathBuf};

use placewise_reporting::reqwest::Url;
use placewise_reporting::{BucketState, Error, RateLimiter};

use crate::digest::fnv;
use crate::folders;
use crate::settings::{Secret, Sharing};
use crate::terminal::{plural, printable};

/// The file of a connection; none if runs share nothing.
pub(crate) fn file(sharing: Option<&Sharing>, url: &str, secret: &Secret) -> Option<PathBuf> {
    match sharing {
        Some(Sharing::Off) => None,
        Some(Sharing::In(path)) => Some(path.clone()),
        None => Some(folders::cache()?.join(name(url, secret))),
    }
}

/// Tokens of different organizations need files of their own. The 32 bits tell them apart, and leave too little to guess a token by.
fn name(url: &str, secret: &Secret) -> String {
    let origin = Url::parse(url).map_or_else(|_| url.to_owned(), |url| url.origin().ascii_serialization());
    let digest = fnv(format!("{origin} {:016x}", secret.digest).as_bytes());
    format!("rate-limit-{:08x}.json", (digest >> 32) ^ (digest & 0xffff_ffff))
}

/// The limiter of a file, or why it cannot be used.
pub(crate) fn open(path: &Path) -> Result<RateLimiter, String> {
    // Only the program's own folder is made; of another, the error says that it is missing.
    if let Some(folder) = path.parent().filter(|folder| folders::cache().as_deref() == Some(*folder)) {
        let made = std::fs::create_dir_all(folder);
        made.map_err(|error| {
            format!("cannot make the folder `{}`: {error}; make it writable", printable(&folder.display().to_string()))
        })?;
    }
    RateLimiter::in_file(path).map_err(|error| match &error {
        Error::Configuration(wrong) => wrong.problems().iter().map(|one| printable(&one.problem)).collect(),
        _ => printable(&error.to_string()),
    })
}

/// What is known of a bucket, and since when.
pub(crate) fn known(bucket: &BucketState) -> String {
    let mut parts = Vec::new();
    if let Some(closed) = bucket.closed {
        parts.push(format!("closed for {} s more, because the server refused a request", closed.as_secs() + 1));
    } else if let Some(remaining) = bucket.remaining {
        parts.push(format!("about {remaining:.0} tokens left"));
    }
    parts.extend(bucket.refill.map(|refill| format!("{refill:.1} per second")));
    parts.extend(bucket.capacity.map(|most| format!("never seen to hold more than {most:.0}")));
    let ago = ago(bucket.idle.as_secs());
    if parts.is_empty() {
        format!("no answer told its level; the last request was {ago}")
    } else {
        format!("{}, learned {ago}", parts.join(", "))
    }
}

fn ago(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{} ago", plural(seconds, "second")),
        _ => format!("{} ago", plural(seconds / 60, "minute")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_server_and_token_has_a_file_and_a_path_of_the_url_none() {
        let names =
            [("https://a.test", "one"), ("https://a.test/v1", "one"), ("https://b.test", "one"), ("https://a.test", "two")]
                .map(|(url, token)| name(url, &Secret::new(token)));
        assert_eq!(names[0], names[1]);
        assert!(names[0] != names[2] && names[0] != names[3] && names[2] != names[3], "{names:?}");
        assert!(names[0].len() == "rate-limit-00000000.json".len() && !names[0].contains("one"));
    }

    #[test]
    fn a_file_is_named_or_none_is_used() {
        let secret = Secret::new("one");
        assert_eq!(file(Some(&Sharing::read("off")), "https://a.test", &secret), None);
        assert_eq!(file(Some(&Sharing::read("my/file")), "https://a.test", &secret), Some("my/file".into()));
    }
}
