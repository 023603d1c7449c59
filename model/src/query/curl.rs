//! A query as a curl command that any POSIX shell reads back unchanged, whatever the spec's names contain.

use super::body::Query;
use crate::vocabulary::Tristate;

/// Where a curl command sends its query, and for whom.
#[derive(Clone, Debug)]
pub struct Target<'a> {
    /// Base URL, without a trailing slash.
    pub base_url: &'a str,
    /// The token.
    pub token: &'a str,
    /// The value of the customer header.
    pub customer: &'a str,
}

impl<'a> Query<'a> {
    /// Where examples send their queries: the first host, with placeholders.
    pub fn documented_target(&self) -> Target<'a> {
        let api = &self.model.api;
        Target {
            base_url: api.hosts.values().next().map_or("<host>", |host| &host.url),
            token: "<token>",
            customer: api.headers.customer.example.as_deref().unwrap_or("<customer>"),
        }
    }

    /// The curl command, one option per line.
    pub fn curl(&self, target: &Target<'_>) -> String {
        let headers = &self.model.api.headers;
        let prefix = |value: &Option<String>| value.clone().unwrap_or_default();
        let mut values = vec![
            (&headers.content_type, prefix(&headers.content_type.value)),
            (&headers.token, prefix(&headers.token.value) + target.token),
            (&headers.customer, target.customer.to_owned()),
        ];
        for (header, value) in [(&headers.product_name, "example"), (&headers.user_agent, "curl")] {
            if header.required == Tristate::Yes {
                values.push((header, header.example.clone().unwrap_or_else(|| value.into())));
            }
        }
        let mut command = format!("curl {}", quoted(&format!("{}{}", target.base_url, self.path())));
        let options = values.into_iter().map(|(header, value)| ("-H", format!("{}: {value}", header.name)));
        for (option, value) in options.chain([("-d", self.json())]) {
            command.push_str(&format!(" \\\n  {option} {}", quoted(&value)));
        }
        command
    }
}

/// One argument for a POSIX shell.
pub(super) fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    if !text.is_empty() && text.chars().all(plain) { text.to_owned() } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_shell_reads_every_argument_back() {
        let hostile = [
            "",
            "plain",
            "it's",
            "$(touch x)",
            "`id`",
            "a\\",
            "\"",
            "--",
            "{a,b}",
            "*",
            "line\nline",
            "'\\''",
            "~",
            "!!",
            "é|&;",
        ];
        let command = hostile.map(quoted).join(" ");
        let script = format!("printf '%s\\0' {command}");
        let output = std::process::Command::new("sh").args(["-c", &script]).output().expect("a shell");
        assert_eq!(String::from_utf8_lossy(&output.stdout), hostile.map(|text| format!("{text}\0")).concat());
    }
}
