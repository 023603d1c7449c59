//! Errors of the client in the words of the command line: a flag instead of the method that a programmer would call.

use jiff::Timestamp;
use placewise_reporting::{Error, Moment, RangeError, RangeProblem};

/// Settings of the client, and their flags.
const SETTINGS: [(&str, &str); 10] = [
    ("base_url: ", "--url: "),
    ("token: ", "--token-file: "),
    ("customers: ", "--customers: "),
    ("product_name: ", "--product: "),
    ("rate_limiter: ", "--rate-limiter: "),
    ("assume: ", "--assume: "),
    ("page_size: ", "--page-size: "),
    ("filter: ", "--where: "),
    ("aggregation: ", "--by: "),
    ("model: ", ""),
];

/// Advice to a programmer, and to who uses the program. A test finds each phrase in the client's code, so rewording it there fails here.
const ADVICE: [(&str, &str); 20] = [
    ("`with_max_tokens`", "--max-tokens"),
    (" when building the client", ""),
    ("; retry later, raise `max_rate_limit_wait` or `timeout`, or send fewer requests at a time", "; retry later"),
    (
        ", of which the client takes eight times `max_body_bytes` (request smaller pages or raise it)",
        "; request smaller pages with --page-size",
    ),
    ("; use https or `allow_plain_http(true)`", "; use https"),
    ("set `base_url` to", "set --url to"),
    ("request smaller pages or raise `max_body_bytes`", "request smaller pages with --page-size"),
    ("request smaller pages or raise `read_timeout`", "request smaller pages with --page-size"),
    ("request smaller pages or raise `timeout`", "request smaller pages with --page-size"),
    (", or raise `connect_timeout` and `read_timeout`", ""),
    (" or with `http`", ""),
    (
        "add the CA's certificate with `http`: `.http(move |http| http.tls_certs_merge([certificate.clone()]))`",
        "add the CA's certificate to those of this machine",
    ),
    ("add the CA's certificate with `http`", "add the CA's certificate to those of this machine"),
    (", or add your own with `http`", ""),
    (", or by those that `http` sets", ""),
    ("set the token with `token`", "put the token into --token-file or PLACEWISE_TOKEN"),
    (
        "use `customer_batches`, `Customers::filter` or `Customers::all()`; for a timeseries, `history` takes any number",
        "use a filter such as `region=north`, or `all`",
    ),
    (
        "use `Customers::all()` for all customers that the token can access",
        "use `all` for all customers that the token can access",
    ),
    ("use `Customers::id`, `Customers::ids` or `Customers::all`", "write the ids alone, or `all`"),
    ("; meanwhile read rows as JSON with `rows_as::<JsonRow>()` and labels with `labels_as::<JsonRow>()`", ""),
];

/// What sets a header.
const SETTERS: [(&str, &str); 3] = [("customers", "--customers"), ("product_name", "--product"), ("token", "--token-file")];

/// The message of an error.
pub(crate) fn explain(error: &Error) -> String {
    if let Error::Range(range) = error {
        return of_range(range);
    }
    let mut text = error.to_string();
    if let Error::Configuration(error) = error {
        let problems = error.problems().iter().map(|problem| with_flag(&problem.to_string()));
        text = problems.collect::<Vec<_>>().join("\n");
    }
    reword(text)
}

/// A text of the client, with flags.
fn reword(mut text: String) -> String {
    while let Some((before, after)) = text.split_once("`.assume(\"") {
        let Some((call, rest)) = after.split_once('`') else { break };
        let id = call.split('"').next().unwrap_or_default();
        text = format!("{before}`--assume {id}=…`{rest}");
    }
    let text = ADVICE.iter().fold(text, |text, (programmer, user)| text.replace(programmer, user));
    SETTERS.iter().fold(text, |text, (setter, flag)| {
        let text = text.replace(&format!("`{setter}` sets it"), &format!("{flag} sets it"));
        text.replace(&format!("set it with `{setter}`"), &format!("set it with {flag}"))
            .replace(&format!(" ({setter})"), &format!(" ({flag})"))
            .replace(&format!(", as `{setter}` set it"), "")
    })
}

fn with_flag(problem: &str) -> String {
    let flagged = SETTINGS.iter().find_map(|(setting, flag)| Some(format!("{flag}{}", problem.strip_prefix(setting)?)));
    flagged.unwrap_or_else(|| problem.to_owned())
}

/// A range that the limits forbid, and what works instead.
pub(crate) fn of_range(error: &RangeError) -> String {
    let RangeError { report, range, interval, .. } = error;
    let coarser = |after: &str| error.coarser.map_or_else(String::new, |coarser| format!("--interval {coarser}{after}"));
    match &error.problem {
        RangeProblem::Empty => format!("the range {range} is empty; --from must be before --to"),
        RangeProblem::Backwards => format!("the range {range} ends before it starts; --from must be before --to"),
        RangeProblem::NotOffered { offered } => {
            format!("`{report}` has no interval `{interval}`; its intervals are {}", offered.join(", "))
        }
        RangeProblem::BeyondRetention { retention, since } => format!(
            "the range starts at {}, but `{interval}` data is kept for {retention}; use {}--from {}, or --clip",
            range.from,
            coarser(", "),
            whole_minutes(*since),
        ),
        RangeProblem::TooManyPoints { points, most } => {
            let advice = if error.coarser.is_some() { format!("use {}", coarser("")) } else { "use a shorter range".into() };
            format!("the range {range} has {points} time points at `{interval}`; one request has {most} at most, so {advice}")
        }
        _ => error.to_string(),
    }
}

/// The next whole minute, because retention passes while the next command is written.
pub(crate) fn whole_minutes(moment: Moment) -> Moment {
    let minutes = moment.instant().as_second().div_euclid(60) + 1;
    Timestamp::from_second(minutes * 60).map_or(moment, Moment::from)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use placewise_reporting::{AnyApi, ApiClient, Customers, REGISTRY, RetryPolicy};

    use super::*;

    /// How the client words what `reword` looks for with a name.
    const TEMPLATES: [&str; 5] =
        ["`.assume(\"{id}\", ", "`{setter}` sets it", "set it with `{setter}`", " ({setter})", ", as `{}` set it"];

    /// Messages that no run of the program meets, and why.
    const NEVER_MET: [(&str, &str); 2] = [
        ("not set; call `", "the program says first what is not set"),
        ("a client whose rate limiter is `RateLimiter::disabled()`", "the program leaves no tokens for others"),
    ];

    #[test]
    fn errors_name_flags_instead_of_methods() {
        let builder = || ApiClient::<AnyApi>::builder_for(REGISTRY.spec()).token("x").product_name("x");
        let plain = builder().base_url("http://example.com").customers(Customers::ids(1..100)).assume("cursor-kye", "x").build();
        let secret = builder().base_url("https://user:password@example.com").customers(Customers::ids([])).build();
        let text = [plain, secret].map(|client| explain(&client.expect_err("wrong settings"))).join("\n");
        for flag in ["--url: ", "--customers: ", "--assume: ", "use https", "PLACEWISE_TOKEN", "use `all`"] {
            assert!(text.contains(flag), "no {flag:?} in {text}");
        }
        for method in ["allow_plain_http", "Customers::", "`token`", "base_url", ".assume("] {
            assert!(!text.contains(method), "{method:?} in {text}");
        }
    }

    #[tokio::test]
    async fn a_refused_header_names_its_flag() {
        let server =
            placewise_simulator::Simulator::from_json(placewise_reporting::MODEL).and_then(|simulator| simulator.start());
        let server = server.expect("a server");
        let client =
            ApiClient::<AnyApi>::builder_for(REGISTRY.spec()).base_url(server.url()).token("x").customers(1).product_name("x");
        let client = client.retry(RetryPolicy::none()).build().expect("a client");
        let is_rows = |report: &&placewise_reporting::ReportInfo| report.format == placewise_reporting::Format::Records;
        let report = REGISTRY.reports().iter().find(is_rows).expect("a report of rows");
        for name in [placewise_simulator::ErrorName::HeaderIncorrect, placewise_simulator::ErrorName::Unauthorized] {
            server.refuse_next(name);
            let text = explain(&client.fetch(report.records().expect("rows")).await.expect_err("refused"));
            assert!(
                !["(customers)", "(product_name)", "(token)", "`token`", "`customers`"]
                    .iter()
                    .any(|setter| text.contains(setter)),
                "{text}"
            );
        }
    }

    #[tokio::test]
    async fn an_unknown_path_names_the_flag_that_sets_it() {
        let unknown = |path: &placewise_reporting::ReportInfo| path.format == placewise_reporting::Format::Statistics;
        let Some(report) = REGISTRY.reports().iter().find(|report| unknown(report)) else { return };
        let client = ApiClient::<AnyApi>::builder_for(REGISTRY.spec()).base_url("http://127.0.0.1:1").token("x").customers(1);
        let client = client.product_name("x").retry(RetryPolicy::none()).build().expect("a client");
        let Err(error) = client.fetch(report.statistics().expect("statistics")).await else { return };
        // A path that is known by now is another error.
        let text = explain(&error);
        assert!(!text.contains(".assume("), "{text}");
        assert!(!error.is_configuration() || text.contains("`--assume "), "{text}");
    }

    /// The texts in the code of the client, without tests and comments, each on one line.
    fn client_texts(folder: &Path, texts: &mut Vec<String>) {
        for entry in fs::read_dir(folder).expect("the client's code") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                client_texts(&path, texts);
                continue;
            }
            let code = fs::read_to_string(&path).expect("UTF-8");
            let code = code.split("#[cfg(test)]").next().unwrap_or_default();
            let lines: Vec<&str> = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
            let mut rest = lines.join("\n");
            while let Some((before, after)) = rest.split_once("\\\n") {
                rest = format!("{before}{}", after.trim_start());
            }
            // What is between quotes; an escaped quote and one as a character are none.
            let parts = rest.replace("\\\"", "\u{1}").replace("'\"'", "");
            texts.extend(parts.split('"').skip(1).step_by(2).map(|text| text.replace('\u{1}', "\"")));
        }
    }

    fn texts() -> Vec<String> {
        let mut texts = Vec::new();
        client_texts(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../runtime/src"), &mut texts);
        texts
    }

    #[test]
    fn every_phrase_that_is_reworded_is_in_a_message_of_the_client() {
        let texts = texts();
        let phrases = ADVICE.iter().map(|(programmer, _)| *programmer);
        for phrase in phrases.chain(TEMPLATES) {
            assert!(texts.iter().any(|text| text.contains(phrase)), "no message says {phrase:?} any more");
        }
        for (setting, _) in SETTINGS {
            let name = setting.trim_end_matches(": ");
            assert!(texts.iter().any(|text| text == name), "no problem is about {name:?} any more");
        }
    }

    #[test]
    fn no_message_names_what_only_a_programmer_sets() {
        // What a client is built with, besides what the program sets itself.
        let builder =
            ["base_url", "allow_plain_http", "token", "customers", "product_name", "connect_timeout", "read_timeout", "timeout"];
        let methods = builder.into_iter().chain(["max_body_bytes", "max_rate_limit_wait", "http", "retry", "assume"]);
        let methods: Vec<String> =
            methods.flat_map(|name| [format!("`{name}`"), format!("`{name}("), format!("`.{name}(")]).collect();
        for text in texts() {
            let reworded = reword(text.clone());
            let left = methods.iter().find(|method| reworded.contains(method.as_str()));
            let unreachable = NEVER_MET.iter().any(|(phrase, _)| text.contains(phrase));
            assert!(left.is_none() || unreachable, "{left:?} in {reworded:?}");
        }
        for (phrase, why) in NEVER_MET {
            assert!(texts().iter().any(|text| text.contains(phrase)), "no message says {phrase:?} any more ({why})");
        }
    }
}
