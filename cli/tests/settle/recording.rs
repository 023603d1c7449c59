use std::fs;

use placewise_model::{Format, Model, Verdict};
use serde_json::{Value, json};

use crate::support::{Api, Run, TOKEN, post, refuted};

/// Secrets in the places where a HAR keeps them, each with a text of its own.
const PLACES: [&str; 24] = [
    "request-header-token",
    "request-header-authorization",
    "request-header-cookie",
    "request-cookie",
    "query-string",
    "post-param",
    "post-text",
    "response-header-set-cookie",
    "response-cookie",
    "response-content",
    "response-base64",
    "redirect-url",
    "url-user",
    "url-query",
    "url-fragment",
    "comment",
    "underscore-field",
    "initiator",
    "other-host-header",
    "other-host-body",
    "page-title",
    "server-address",
    "creator",
    "cache",
];

fn secret(place: &str) -> String {
    format!("Zq7{}x9K", place.replace('-', "Q4w"))
}

/// A secret that looks like words.
fn plain(place: &str) -> String {
    format!("violin {}", place.replace('-', " and "))
}

/// A recording of requests to a server.
struct Recorder {
    url: String,
    path: String,
    customer: (String, String),
    entries: Vec<Value>,
}

impl Recorder {
    fn new(api: Api, url: &str) -> Self {
        let model = api.model();
        let endpoint = model.endpoint(model.endpoint_of(Format::Records)).expect("an endpoint");
        let id = format!("{}{}", model.api.customers.id_prefix, api.customers()[0]);
        Self {
            url: url.to_owned(),
            path: endpoint.path.value.clone().expect("a path"),
            customer: (model.api.headers.customer.name, id),
            entries: Vec::new(),
        }
    }

    /// Sends a body, records the exchange and returns the reply.
    fn send(&mut self, api: Api, body: &Value) -> Value {
        let headers = api.model().api.headers;
        let sent = [
            (headers.token.name.as_str(), TOKEN),
            (headers.product_name.name.as_str(), "tests"),
            (headers.user_agent.name.as_str(), "tests"),
            (self.customer.0.as_str(), self.customer.1.as_str()),
            ("Content-Type", "application/json"),
        ];
        let (status, replied, text) = post(&self.url, &self.path, &sent, &body.to_string());
        let pairs = |pairs: &[(&str, &str)]| -> Vec<Value> {
            pairs.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect()
        };
        let replied: Vec<(&str, &str)> = replied.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.entries.push(json!({
            "startedDateTime": format!("2026-05-04T10:00:{:02}.000Z", self.entries.len() % 60), "time": 12.5,
            "request": {
                "method": "POST", "url": format!("{}{}", self.url, self.path), "httpVersion": "HTTP/1.1",
                "headers": pairs(&sent), "cookies": [], "queryString": [],
                "postData": { "mimeType": "application/json", "text": body.to_string() },
            },
            "response": {
                "status": status, "headers": pairs(&replied), "cookies": [], "redirectURL": "",
                "content": { "size": text.len(), "mimeType": "application/json", "text": text },
            },
            "cache": {}, "timings": {},
        }));
        serde_json::from_str(&text).unwrap_or_default()
    }

    fn har(&self) -> Value {
        json!({ "log": { "version": "1.2", "creator": { "name": "test", "version": "1" }, "pages": [], "entries": self.entries } })
    }
}

/// The cheapest report of rows with an aggregation.
fn report(model: &Model) -> (String, String) {
    let reports = model.reports.iter().filter(|report| report.format == Format::Records && report.cost.is_some());
    let report =
        reports.filter(|report| report.aggregations.iter().any(|one| one.returns.len() > 1)).min_by_key(|report| report.cost);
    let report = report.expect("a report");
    (report.name.clone(), report.aggregations[0].name.clone())
}

/// Pages as a browser asks for them, under these keys.
fn browse(api: Api, recorder: &mut Recorder, [size, cursor, aggregation]: [&str; 3]) {
    let model = api.model();
    let key = &model.records.request.report.value;
    let (name, group) = report(&model);
    recorder.send(api, &json!({ (key.clone()): name }));
    let first = recorder.send(api, &json!({ (key.clone()): name, (size): 3 }));
    let next = &first[&model.records.response.pagination][&model.records.response.next];
    recorder.send(api, &json!({ (key.clone()): name, (size): 3, (cursor): next }));
    recorder.send(api, &json!({ (key.clone()): name, (aggregation): group }));
}

fn settle(api: Api, url: &str, har: &str, arguments: &[&str]) -> Run {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("recording.har");
    fs::write(&file, har).expect("written");
    Run::of(api, url, &[&["settle", "--har", file.to_str().expect("text")], arguments].concat())
}

#[test]
fn a_recording_settles_what_its_exchanges_show() {
    for api in [Api::BuiltIn, Api::Harbour] {
        let server =
            api.simulator().assume("cursor-key", "page_after").assume("page-size-key", "per_page").start().expect("a server");
        let mut recorder = Recorder::new(api, &server.url());
        let aggregation = api.model().records.request.aggregation.value;
        browse(api, &mut recorder, ["per_page", "page_after", &aggregation]);
        let asked = server.requests().len();
        let run = settle(api, &server.url(), &recorder.har().to_string(), &[]);
        assert_eq!(server.requests().len(), asked, "nothing is sent");
        let found = refuted(run.evidence());
        assert_eq!(
            found,
            [("cursor-key".to_owned(), Some(json!("page_after"))), ("page-size-key".to_owned(), Some(json!("per_page")))],
            "{}",
            run.said()
        );
        assert_eq!(run.verdict("aggregation-key"), Verdict::Holds, "{}", run.said());
        assert!(run.said().contains("4 entries read; 4 about the API"), "{}", run.said());
    }
}

#[test]
fn other_hosts_and_paths_are_ignored_and_counted() {
    let api = Api::BuiltIn;
    let server = api.simulator().start().expect("a server");
    let mut recorder = Recorder::new(api, &server.url());
    browse(api, &mut recorder, ["limit", "page_info", "aggregate_by"]);
    let mut other = recorder.entries[0].clone();
    other["request"]["url"] = "https://elsewhere.example/v1/reporting/query".into();
    let mut path = recorder.entries[0].clone();
    path["request"]["url"] = format!("{}/assets/app.js", server.url()).into();
    path["request"]["postData"]["text"] = "{}".into();
    // The same exchange as base64, and one of an old format that lacks half of its keys.
    let mut packed = recorder.entries[1].clone();
    let text = packed["response"]["content"]["text"].as_str().expect("text").to_owned();
    packed["response"]["content"] = json!({ "text": base64(text.as_bytes()), "encoding": "base64" });
    let bare = json!({ "request": { "method": "GET", "url": "data:text/plain,x" }, "response": { "status": 0 } });
    recorder.entries = [vec![other, path, bare], recorder.entries.clone(), vec![packed]].concat();
    let run = settle(api, &server.url(), &format!("\u{feff}{}", recorder.har()), &["--format", "json"]);
    let said: Value = serde_json::from_slice(&run.output.stdout).expect("JSON");
    assert_eq!(said["notes"][0], "8 entries read; 5 about the API, 2 of other hosts, 1 of other paths", "{said:#}");
    assert_eq!(run.evidence().exchanges.len(), 5);
    let [.., second, _, _, last] = &*run.evidence().exchanges else { panic!("exchanges") };
    assert_eq!(second.reply, last.reply, "base64 is read");
    assert_eq!(run.verdict("cursor-key"), Verdict::Holds, "{}", run.said());
}

#[test]
fn odd_entries_do_not_keep_the_evidence_from_being_written() {
    let api = Api::BuiltIn;
    let server = api.simulator().start().expect("a server");
    let mut recorder = Recorder::new(api, &server.url());
    browse(api, &mut recorder, ["limit", "page_info", "aggregate_by"]);
    let with = |change: &dyn Fn(&mut Value)| {
        let mut entry = recorder.entries[0].clone();
        change(&mut entry);
        entry
    };
    let deep = format!("{}1{}", "[".repeat(110), "]".repeat(110));
    let odd = vec![
        with(&|entry| entry["response"]["content"]["text"] = format!("{{\"records\":{deep}}}").into()),
        with(&|entry| entry["request"]["url"] = format!("{}/{}", server.url(), "a/".repeat(3000)).into()),
        with(&|entry| entry["request"]["url"] = format!("{}/v1/reporting/%0a%1b[31m", server.url()).into()),
        with(&|entry| entry["request"]["method"] = "po st".into()),
        with(&|entry| entry["response"]["status"] = json!(0)),
        with(&|entry| entry["response"]["status"] = json!(1e300)),
        with(&|entry| entry["response"]["headers"] = json!([{ "name": "ratelimit-bucket", "value": "a\u{1b}[31m\nb" }])),
        with(&|entry| entry["response"]["headers"] = json!(null)),
        with(&|entry| entry["startedDateTime"] = "yesterday".into()),
        with(&|entry| entry["time"] = json!(-1)),
    ];
    recorder.entries.extend(odd);
    let run = settle(api, &server.url(), &recorder.har().to_string(), &[]);
    assert_eq!(run.verdict("cursor-key"), Verdict::Holds, "{}", run.said());
    assert!(!run.said().contains('\u{1b}') && !run.text.contains('\u{1b}'), "{}", run.said());
}

#[test]
fn a_recording_without_the_api_is_no_evidence() {
    let har = json!({ "log": { "entries": [{ "request": { "method": "GET", "url": "https://x.example/" }, "response": { "status": 200 } }] } });
    let run = settle(Api::BuiltIn, "http://127.0.0.1:1", &har.to_string(), &[]);
    assert!(run.output.status.code() == Some(2) && run.said().contains("no exchange with the API among 1"), "{}", run.said());
    assert!(!run.path("settle-evidence.json").exists());
}

#[test]
fn a_recording_that_is_cut_or_damaged_leaves_nothing() {
    let api = Api::BuiltIn;
    let server = api.simulator().start().expect("a server");
    let mut recorder = Recorder::new(api, &server.url());
    browse(api, &mut recorder, ["limit", "page_info", "aggregate_by"]);
    let whole = recorder.har().to_string();
    for part in [0, 1, 10, 40, 60, 99] {
        let run = settle(api, &server.url(), &whole[..whole.len() * part / 100], &[]);
        let said = run.said();
        assert!(run.output.status.code() == Some(2) && said.contains("ends in the middle, after "), "{part} %: {said}");
        assert!(said.contains("whole entries") && said.contains("Nothing was written"), "{said}");
        assert_eq!(
            fs::read_dir(run.folder.path())
                .expect("a folder")
                .filter_map(Result::ok)
                .filter(|entry| entry.path().is_file())
                .count(),
            0
        );
    }
    let damaged = whole.replacen("\"status\":200", &format!("\"status\":\"{TOKEN}\""), 1);
    for (text, expected) in [
        (damaged.as_str(), "not laid out as HAR is"),
        ("no JSON", "it is no JSON"),
        ("{}", "no `log.entries`"),
        ("[1]", "not laid out"),
    ] {
        let run = settle(api, &server.url(), text, &[]);
        assert!(run.output.status.code() == Some(2) && run.said().contains(expected), "{}", run.said());
        assert!(!run.said().contains(TOKEN), "{}", run.said());
    }
}

#[test]
fn no_secret_of_a_recording_reaches_evidence_or_output() {
    let api = Api::BuiltIn;
    let server = api.simulator().start().expect("a server");
    let mut recorder = Recorder::new(api, &server.url());
    browse(api, &mut recorder, ["limit", "page_info", "aggregate_by"]);
    let mut entry = recorder.entries[0].clone();
    let pair = |name: &str, place: &str| json!({ "name": name, "value": secret(place) });
    let headers = api.model().api.headers;
    let request = &mut entry["request"];
    request["headers"].as_array_mut().expect("headers").extend([
        pair(&headers.token.name, "request-header-token"),
        json!({ "name": "Authorization", "value": format!("Bearer {}", secret("request-header-authorization")) }),
        json!({ "name": "Cookie", "value": format!("a=1; session={}", secret("request-header-cookie")) }),
    ]);
    request["cookies"] = json!([pair("session", "request-cookie")]);
    request["queryString"] = json!([pair("access_token", "query-string")]);
    let host = server.url().replace("http://", "");
    let path = recorder.path.clone();
    request["url"] = format!(
        "http://user:{}@{host}{path}?access_token={}#{}",
        secret("url-user"),
        secret("url-query"),
        secret("url-fragment")
    )
    .into();
    let mut body: Value = serde_json::from_str(request["postData"]["text"].as_str().expect("text")).expect("JSON");
    body["client_secret"] = secret("post-text").into();
    request["postData"] = json!({ "mimeType": "application/json", "text": body.to_string(), "params": [pair("password", "post-param")], "comment": secret("comment") });
    let response = &mut entry["response"];
    response["headers"]
        .as_array_mut()
        .expect("headers")
        .push(json!({ "name": "Set-Cookie", "value": format!("b={}; Path=/", secret("response-header-set-cookie")) }));
    response["cookies"] = json!([pair("b", "response-cookie")]);
    response["redirectURL"] = format!("https://x.example/?t={}", secret("redirect-url")).into();
    // The reply repeats every one of them, under innocent names and in other encodings.
    let echoes: Vec<Value> = PLACES.iter().map(|place| json!({ "note": secret(place), "upper": secret(place).to_uppercase(), "packed": base64(format!("x{}", secret(place)).as_bytes()) })).collect();
    response["content"] = json!({ "text": json!({ "records": echoes, "refresh_token": secret("response-content") }).to_string(), "comment": secret("comment") });
    entry["comment"] = secret("comment").into();
    entry["_initiator"] = json!({ "url": secret("initiator") });
    entry["_secret"] = secret("underscore-field").into();
    entry["serverIPAddress"] = secret("server-address").into();
    entry["cache"] = json!({ "beforeRequest": { "eTag": secret("cache") } });
    let mut packed = recorder.entries[0].clone();
    let text =
        json!({ "records": [{ "api_key": secret("response-base64") }, { "note": secret("response-base64") }] }).to_string();
    packed["response"]["content"] = json!({ "text": base64(text.as_bytes()), "encoding": "base64" });
    let other = json!({
        "request": { "method": "POST", "url": "https://login.example/", "headers": [pair("X-Api-Token", "other-host-header")], "postData": { "text": secret("other-host-body") } },
        "response": { "status": 200, "content": { "text": json!({ "access_token": secret("other-host-body") }).to_string() } },
    });
    recorder.entries.extend([entry, packed, other]);
    let mut har = recorder.har();
    har["log"]["pages"] = json!([{ "title": secret("page-title") }]);
    har["log"]["creator"]["name"] = secret("creator").into();
    for format in ["text", "json"] {
        let run = settle(api, &server.url(), &har.to_string(), &["--format", format]);
        assert!(run.evidence().exchanges.len() == 6, "{}", run.said());
        let everything = format!("{}{}", run.text, run.said()).to_lowercase();
        for place in PLACES.iter().map(|place| secret(place)).chain([TOKEN.to_owned(), "1000941".into()]) {
            assert!(!everything.contains(&place.to_lowercase()), "{place} in {everything}");
            let packed = base64(format!("x{place}").as_bytes()).to_lowercase();
            assert!(!everything.contains(&packed[2..packed.len() - 4]), "{place} in base64 in {everything}");
        }
    }
}

/// A secret that looks like none is found by the place where it stands.
#[test]
fn secrets_that_look_like_words_are_known_by_their_places() {
    let api = Api::BuiltIn;
    let server = api.simulator().start().expect("a server");
    let mut recorder = Recorder::new(api, &server.url());
    browse(api, &mut recorder, ["limit", "page_info", "aggregate_by"]);
    let pair = |name: &str, place: &str| json!({ "name": name, "value": plain(place) });
    let url = |place: &str| plain(place).replace(' ', "%20");
    let places = [
        "request-header",
        "response-header",
        "request-cookie",
        "response-cookie",
        "query-string",
        "post-param",
        "post-form",
        "post-json",
        "response-json",
        "url-user",
        "url-query",
        "url-fragment",
        "redirect-url",
    ];
    let elsewhere = |url: String, post: Value| {
        json!({
            "request": {
                "method": "POST", "url": url, "headers": [pair("X-Session", "request-header")], "cookies": [pair("c", "request-cookie")],
                "queryString": [pair("token", "query-string")], "postData": post,
            },
            "response": {
                "status": 200, "headers": [pair("Set-Cookie", "response-header")], "cookies": [pair("c", "response-cookie")],
                "redirectURL": format!("https://x.example/?token={}", plain("redirect-url").replace(' ', "+")),
                "content": { "text": json!({ "deep": [{ "access_token": plain("response-json") }] }).to_string() },
            },
        })
    };
    let target = format!("https://me:{}@x.example/?jwt={}#token={}", url("url-user"), url("url-query"), url("url-fragment"));
    let json =
        json!({ "text": json!({ "password": plain("post-json") }).to_string(), "params": [pair("api_key", "post-param")] });
    recorder.entries.push(elsewhere(target, json));
    recorder
        .entries
        .push(elsewhere("https://x.example/".into(), json!({ "text": format!("user=me&password={}", url("post-form")) })));
    let mut echo = recorder.entries[0].clone();
    let echoes: Vec<Value> = places.iter().map(|place| json!({ "note": format!("so {} it is", plain(place)) })).collect();
    echo["response"]["content"] = json!({ "text": json!({ "records": echoes }).to_string() });
    recorder.entries.push(echo);
    let run = settle(api, &server.url(), &recorder.har().to_string(), &[]);
    for place in places {
        assert!(!run.text.contains(&plain(place)), "{place} in {}", run.text);
    }
    assert!(!run.text.contains("violin") && run.text.contains("(hidden)"), "{}", run.text);
}

#[test]
fn a_large_recording_is_read_entry_by_entry() {
    let api = Api::BuiltIn;
    let server = api.simulator().start().expect("a server");
    let mut recorder = Recorder::new(api, &server.url());
    browse(api, &mut recorder, ["limit", "page_info", "aggregate_by"]);
    let own: Vec<String> = recorder.entries.iter().map(Value::to_string).collect();
    let filler = json!({
        "request": { "method": "GET", "url": "https://cdn.example/app.js" },
        "response": { "status": 200, "content": { "text": "x".repeat(200_000) } },
    });
    let filler = filler.to_string();
    let entries: Vec<&str> = std::iter::repeat_n(filler.as_str(), 60).chain(own.iter().map(String::as_str)).collect();
    let run = settle(api, &server.url(), &format!("{{\"log\":{{\"entries\":[{}]}}}}", entries.join(",")), &[]);
    assert_eq!(run.verdict("cursor-key"), Verdict::Holds, "{}", run.said());
    assert!(run.said().contains("64 entries read; 4 about the API, 60 of other hosts"), "{}", run.said());
    assert!(run.text.len() < 200_000, "the evidence keeps little: {} bytes", run.text.len());
}

/// Base64 with padding.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for index in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * index) & 63) as usize];
            out.push(if index <= chunk.len() { letter as char } else { '=' });
        }
    }
    out
}
