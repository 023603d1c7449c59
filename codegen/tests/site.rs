//! Fetches pages from a local server that has every fault a site can have. Time is injected: no test waits for a delay.

use std::cell::RefCell;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use placewise_codegen::published::site::{Fetched, Options, Site, Trouble};

/// The path and the headers of a request.
type Request = (String, String);

struct Server {
    base: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    fn paths(&self) -> Vec<String> {
        self.requests.lock().unwrap().iter().map(|(path, _)| path.clone()).collect()
    }

    /// Serves with a function from the path, the headers and the number of earlier requests for that path to raw bytes. `None` sends one
    /// byte at a time, without end.
    fn new(answer: impl Fn(&str, &str, usize) -> Option<Vec<u8>> + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let requests: Arc<Mutex<Vec<Request>>> = Arc::default();
        let log = requests.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { continue };
                let Some((path, headers)) = request(&stream) else { continue };
                let before = log.lock().unwrap().iter().filter(|(known, _)| *known == path).count();
                log.lock().unwrap().push((path.clone(), headers.clone()));
                match answer(&path, &headers, before) {
                    Some(bytes) => drop(stream.write_all(&bytes)),
                    None => drop(std::thread::spawn(move || {
                        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n");
                        while stream.write_all(b".").is_ok() {
                            std::thread::sleep(Duration::from_millis(10));
                        }
                    })),
                }
            }
        });
        Self { base, requests }
    }
}

fn request(stream: &TcpStream) -> Option<Request> {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    let path = lines.next()?.split(' ').nth(1)?.to_owned();
    let headers: Vec<String> = lines.take_while(|line| !line.is_empty()).map(|line| line.to_ascii_lowercase()).collect();
    Some((path, headers.join("\n")))
}

fn reply(status: &str, headers: &str, body: &str) -> Option<Vec<u8>> {
    let length = body.len();
    Some(format!("HTTP/1.1 {status}\r\nConnection: close\r\n{headers}Content-Length: {length}\r\n\r\n{body}").into_bytes())
}

fn text(body: &str) -> Option<Vec<u8>> {
    reply("200 OK", "Content-Type: text/markdown\r\n", body)
}

fn html(body: &str) -> Option<Vec<u8>> {
    reply("200 OK", "Content-Type: text/html; charset=utf-8\r\n", body)
}

fn missing() -> Option<Vec<u8>> {
    reply("404 Not Found", "Content-Type: text/html\r\n", "<html>no</html>")
}

fn options() -> Options {
    Options { timeout: Duration::from_secs(5), most_bytes: 1000, ..Options::new("tester/1 (+https://tester.invalid)".into()) }
}

/// Fetches pages, and returns the seconds of each wait.
fn fetch(server: &Server, options: Options, paths: &[&str]) -> (Vec<Result<Fetched, Trouble>>, Vec<u64>) {
    let waits = RefCell::new(Vec::new());
    let sleep = |time: Duration| waits.borrow_mut().push(time.as_secs());
    let mut site = Site::new(options, None, &sleep).unwrap();
    let fetched = paths.iter().map(|path| site.fetch(&format!("{}{path}", server.base))).collect();
    (fetched, waits.into_inner())
}

fn one(server: &Server, path: &str) -> Result<Fetched, Trouble> {
    fetch(server, options(), &[path]).0.remove(0)
}

fn unreadable(result: &Result<Fetched, Trouble>, part: &str) {
    match result {
        Err(Trouble::Unreadable(words)) => assert!(words.contains(part), "{words}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_markdown_twin_comes_first_and_requests_are_apart() {
    let server = Server::new(|path, _, _| match path {
        "/doc-1.md" => text("# one"),
        "/doc-2" => html("<p>two</p>"),
        // Many sites answer any address with their page.
        "/doc-3.md" | "/doc-3" => html("<html>three</html>"),
        "/doc-4.md" => text("<!doctype html><p>not Markdown"),
        "/doc-4" => html("<html>four</html>"),
        _ => missing(),
    });
    let (fetched, waits) = fetch(&server, options(), &["/doc-1", "/doc-2", "/doc-3#part", "/doc-4"]);
    let bodies: Vec<String> =
        fetched.iter().map(|one| String::from_utf8_lossy(&one.as_ref().expect("fetched").body).into_owned()).collect();
    assert_eq!(bodies, ["# one", "<p>two</p>", "<html>three</html>", "<html>four</html>"]);
    let paths = server.paths();
    assert_eq!(
        paths,
        ["/robots.txt", "/llms.txt", "/doc-1.md", "/doc-2.md", "/doc-2", "/doc-3.md", "/doc-3", "/doc-4.md", "/doc-4"]
    );
    assert_eq!(waits, vec![1; paths.len() - 1]);
    let requests = server.requests.lock().unwrap();
    assert!(requests.iter().all(|(_, headers)| headers.contains("user-agent: tester/1 (+https://tester.invalid)")));
}

#[test]
fn the_sites_index_and_rules_are_followed() {
    let server = Server::new(|path, _, _| match path {
        "/robots.txt" => {
            reply("200 OK", "Content-Type: text/plain\r\n", "User-agent: *\nCrawl-delay: 9\nDisallow: /private\nDisallow: /doc-3")
        }
        "/llms.txt" => text("- [one](https://other.invalid/doc-1.md)"),
        "/doc-1.md" | "/doc-2.md" => text("twin"),
        "/doc-2" => html("page"),
        "/doc-4" => reply("302 Found", "Location: /private/4\r\n", ""),
        _ => missing(),
    });
    let (fetched, waits) = fetch(&server, options(), &["/doc-1", "/doc-2", "/doc-3", "/doc-4"]);
    assert_eq!(fetched[0].as_ref().map(|one| &one.body[..]), Ok(&b"twin"[..]));
    assert_eq!(fetched[1].as_ref().map(|one| &one.body[..]), Ok(&b"page"[..]));
    unreadable(&fetched[2], "robots.txt disallows /doc-3");
    unreadable(&fetched[3], "robots.txt disallows");
    assert_eq!(server.paths(), ["/robots.txt", "/llms.txt", "/doc-1.md", "/doc-2", "/doc-4"]);
    assert_eq!(waits, [9; 4]);
}

#[test]
fn a_host_without_readable_rules_is_asked_for_nothing_else() {
    let server = Server::new(|path, _, _| if path == "/robots.txt" { reply("503 Busy", "", "") } else { text("never") });
    let (fetched, waits) = fetch(&server, options(), &["/doc-1", "/doc-2"]);
    fetched.iter().for_each(|one| unreadable(one, "robots.txt: HTTP 503"));
    assert_eq!(server.paths(), ["/robots.txt"; 4]);
    assert_eq!(waits, [2, 4, 8]);
}

#[test]
fn gone_pages_are_told_from_unreadable_ones() {
    let server = Server::new(|path, _, _| match path {
        "/gone" => reply("410 Gone", "", ""),
        "/teapot" => reply("418 I'm a teapot", "", ""),
        "/image" => reply("200 OK", "Content-Type: image/png\r\n", "png"),
        "/bare" => reply("200 OK", "", "bare"),
        "/nowhere" => reply("301 Moved Permanently", "", ""),
        _ => missing(),
    });
    let (fetched, _) = fetch(&server, options(), &["/missing", "/gone", "/teapot", "/image", "/bare", "/nowhere"]);
    assert_eq!(fetched[0].as_ref().unwrap_err(), &Trouble::Gone(404));
    assert_eq!(fetched[1].as_ref().unwrap_err(), &Trouble::Gone(410));
    unreadable(&fetched[2], "HTTP 418");
    unreadable(&fetched[3], "`image/png`");
    assert!(fetched[4].is_ok());
    unreadable(&fetched[5], "without a readable address");
}

#[test]
fn redirects_stay_on_their_host() {
    let other = Server::new(|_, _, _| text("never asked"));
    let there = other.base.clone();
    let server = Server::new(move |path, _, _| match path {
        "/old" => reply("301 Moved Permanently", "Location: /new\r\n", ""),
        "/new" => html("new"),
        "/for-now" => reply("307 Temporary Redirect", "Location: /old\r\n", ""),
        "/away" => reply("308 Permanent Redirect", &format!("Location: {there}/new\r\n"), ""),
        "/away-for-now" => reply("302 Found", &format!("Location: {there}/new\r\n"), ""),
        "/file" => reply("301 Moved Permanently", "Location: file:///etc/passwd\r\n", ""),
        "/loop" => reply("302 Found", "Location: /loop\r\n", ""),
        _ => missing(),
    });
    let moved = one(&server, "/old").unwrap();
    assert_eq!((moved.body, moved.moved), (b"new".to_vec(), Some(format!("{}/new", server.base))));
    assert_eq!(one(&server, "/for-now").unwrap().moved, None);
    assert_eq!(one(&server, "/away").unwrap_err(), Trouble::Moved(format!("{}/new", other.base)));
    unreadable(&one(&server, "/away-for-now"), "redirected to another host");
    assert_eq!(one(&server, "/file").unwrap_err(), Trouble::Moved("file:///etc/passwd".into()));
    unreadable(&one(&server, "/loop"), "too many redirects");
    assert!(other.paths().is_empty());
}

#[test]
fn passing_faults_are_tried_again() {
    let server = Server::new(|path, _, before| match (path, before) {
        ("/flaky", 0) => reply("500 Oops", "", ""),
        ("/flaky", 1) => Some(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\ncut".to_vec()),
        ("/flaky", 2) => Some(Vec::new()),
        ("/busy", 0) => reply("429 Too Many", "Retry-After: 70\r\n", ""),
        ("/busy", 1) => {
            reply("503 Busy", "Date: Wed, 21 Oct 2015 07:28:00 GMT\r\nRetry-After: Wed, 21 Oct 2015 07:28:33 GMT\r\n", "")
        }
        ("/never", _) => reply("429 Too Many", "Retry-After: 86400\r\n", ""),
        ("/cut", _) => Some(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\ncut".to_vec()),
        ("/flaky" | "/busy", _) => html("at last"),
        _ => missing(),
    });
    let (fetched, waits) = fetch(&server, options(), &["/flaky"]);
    assert!(fetched[0].is_ok());
    assert_eq!(waits, [1, 1, 1, 2, 4, 8]);
    let (fetched, waits) = fetch(&server, options(), &["/busy"]);
    assert!(fetched[0].is_ok());
    assert_eq!(waits, [1, 1, 1, 70, 33]);
    let (fetched, waits) = fetch(&server, options(), &["/never"]);
    unreadable(&fetched[0], "asks to wait 86400 s");
    assert_eq!(waits, [1, 1, 1]);
    let (fetched, waits) = fetch(&server, options(), &["/cut"]);
    unreadable(&fetched[0], "(attempts: 4)");
    assert_eq!(waits, [1, 1, 1, 2, 4, 8]);
}

#[test]
fn long_and_endless_answers_are_cut_off() {
    let server = Server::new(|path, _, _| match path {
        "/long" => html(&"x".repeat(1001)),
        "/fits" => html(&"x".repeat(1000)),
        "/endless" => None,
        _ => missing(),
    });
    unreadable(&one(&server, "/long"), "longer than 1000 bytes");
    assert_eq!(server.paths().iter().filter(|path| *path == "/long").count(), 1);
    assert!(one(&server, "/fits").is_ok());
    let options = Options { timeout: Duration::from_millis(100), attempts: 1, ..options() };
    unreadable(&fetch(&server, options, &["/endless"]).0[0], "in time (attempts: 1)");
}

#[test]
fn an_unchanged_page_is_not_sent_again() {
    let cache = tempfile::tempdir().unwrap();
    let server = Server::new(|path, headers, _| match path {
        "/tagged.md" if headers.contains("if-none-match: \"a\"") => reply("304 Not Modified", "", ""),
        "/tagged.md" => reply("200 OK", "Content-Type: text/markdown\r\nETag: \"a\"\r\n", "tagged"),
        "/dated.md" if headers.contains("if-modified-since: wed, 21 oct 2015 07:28:00 gmt") => reply("304 Not Modified", "", ""),
        "/dated.md" => {
            reply("200 OK", "Content-Type: text/markdown\r\nLast-Modified: Wed, 21 Oct 2015 07:28:00 GMT\r\n", "dated")
        }
        "/plain.md" => text("plain"),
        "/odd.md" | "/odd" => reply("304 Not Modified", "", ""),
        _ => missing(),
    });
    let cached = || Options { cache: Some(cache.path().to_owned()), ..options() };
    let paths = ["/tagged", "/dated", "/plain"];
    for _ in 0..2 {
        let (fetched, _) = fetch(&server, cached(), &paths);
        let bodies: Vec<Vec<u8>> = fetched.into_iter().map(|one| one.unwrap().body).collect();
        assert_eq!(bodies, [b"tagged".to_vec(), b"dated".to_vec(), b"plain".to_vec()]);
    }
    let conditional = server.requests.lock().unwrap().iter().filter(|(_, headers)| headers.contains("\nif-")).count();
    assert_eq!(conditional, 2);
    // Damaged files count as missing.
    let files: Vec<_> = fs::read_dir(cache.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), 2);
    for file in &files {
        let bytes = fs::read(file).unwrap();
        fs::write(file, &bytes[..bytes.len() - 1]).unwrap();
    }
    let (fetched, _) = fetch(&server, cached(), &paths);
    assert!(fetched.iter().all(Result::is_ok));
    unreadable(&one(&server, "/odd"), "HTTP 304");
}

#[test]
fn only_https_and_this_machine_are_asked() {
    let sleep = |_| {};
    let mut site = Site::new(options(), None, &sleep).unwrap();
    for address in ["http://harbour.invalid/doc-1", "ftp://harbour.invalid/doc-1", "nothing", "http://127.0.0.1.harbour.invalid/"]
    {
        assert!(matches!(site.fetch(address), Err(Trouble::Unreadable(_))), "{address}");
    }
    assert!(Site::new(options(), Some("http://harbour.invalid"), &sleep).is_err());
}

fn program(spec: &Path, base: &str, more: &[&str]) -> Output {
    let folder = spec.parent().unwrap();
    let (cache, lockstep) = (folder.join("cache"), folder.join("lockstep"));
    Command::new(env!("CARGO_BIN_EXE_placewise-codegen"))
        .args(["drift", "--delay", "0", "--spec"])
        .arg(spec)
        .arg("--cache")
        .arg(cache)
        .arg("--lockstep")
        .arg(lockstep)
        .args(["--site", base])
        .args(more)
        .output()
        .unwrap()
}

/// A page without its navigation, which lists reports that the spec lacks.
/// The page without its navigation and its neighbours, which are no reports of the spec.
fn boats() -> String {
    let page = include_str!("published/boats.txt");
    let (body, _) = page[page.find("\nboats (records)\n").unwrap() + 1..].split_once("\nPrevious\n").unwrap();
    format!("{body}\nPrevious\nNext\nBuilt with\n")
}

/// The whole way: pages of a spec, findings at its `source`, what was seen, what changed since, and decisions.
#[test]
fn a_site_is_compared_and_remembered() {
    let dir = tempfile::tempdir().unwrap();
    let spec = dir.path().join("spec");
    fs::create_dir_all(spec.join("reports/port")).unwrap();
    for file in ["api", "filters", "formats", "endpoints", "assumptions"] {
        let name = format!("{file}.yaml");
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/platform").join(&name)).unwrap();
        let rows = "rows: lines, pagination: more, next: at, result_type: kind, result_type_value: lines";
        let text = text.replace(
            rows,
            "rows: records, pagination: pagination, next: next_page_info, result_type: result_type, result_type_value: records",
        );
        fs::write(spec.join(name), text).unwrap();
    }
    let page = dir.path().join("page.txt");
    fs::write(&page, boats()).unwrap();
    let report = spec.join("reports/port/boats.yaml");
    fs::create_dir_all(report.parent().unwrap()).unwrap();
    let import = Command::new(env!("CARGO_BIN_EXE_placewise-codegen"))
        .arg("import")
        .arg(&page)
        .args(["--source", "https://harbour.invalid/boats", "--out"])
        .arg(&report)
        .output()
        .unwrap();
    assert!(report.is_file(), "{}", String::from_utf8_lossy(&import.stderr));
    let served = Arc::new(Mutex::new(boats()));
    let page = served.clone();
    let server = Server::new(move |path, _, _| match path {
        "/boats.md" => text(&page.lock().unwrap()),
        _ => missing(),
    });
    let first = program(&spec, &server.base, &["--today", "2026-01-02"]);
    let said = String::from_utf8_lossy(&first.stderr).into_owned();
    assert_eq!(first.status.code(), Some(1), "{said}");
    assert!(
        said.contains("site-gone")
            && said.contains("api.yaml:")
            && said.contains(&format!("{}/headers is gone: HTTP 404", server.base)),
        "{said}"
    );
    assert!(!said.contains("drift-"), "{said}");
    let lock = fs::read_to_string(dir.path().join("lockstep/captures.lock")).unwrap();
    assert!(lock.contains("https://harbour.invalid/boats seen 2026-01-02\n"), "{lock}");
    assert!(lock.lines().any(|line| line.ends_with(" reports/boats/cost")), "{lock}");
    // Another day, the same pages: the same digests.
    program(&spec, &server.base, &["--today", "2026-01-03"]);
    let again = fs::read_to_string(dir.path().join("lockstep/captures.lock")).unwrap();
    assert_eq!(again, lock.replace("2026-01-02", "2026-01-03"));
    // The API changes: only its digest does.
    *served.lock().unwrap() = boats().replace("Boats12", "Boats13");
    let third = program(&spec, &server.base, &["--today", "2026-01-04"]);
    let said = String::from_utf8_lossy(&third.stderr).into_owned();
    assert!(said.contains("drift-cost:reports/boats/cost") && said.contains("stated something else on 2026-01-03"), "{said}");
    let changed = fs::read_to_string(dir.path().join("lockstep/captures.lock")).unwrap();
    let differing = again.lines().zip(changed.lines()).filter(|(old, new)| old != new && !new.contains(" seen ")).count();
    assert_eq!(differing, 1, "{changed}");
    // Seen again, it is the spec that is behind.
    let fourth = program(&spec, &server.base, &["--today", "2026-01-05"]);
    let said = String::from_utf8_lossy(&fourth.stderr).into_owned();
    assert!(said.contains("stated the same on 2026-01-04"), "{said}");
}
