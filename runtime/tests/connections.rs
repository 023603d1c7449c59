//! Servers and networks that do not answer as they should: each failure is told apart, and advice fits it.

mod stub;

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use harbour_api::{Berths, Client, ClientBuilder, Error, TransportKind, reqwest};
use stub::{Stub, TOKEN, builder, page, reply};

/// A server that runs this for each connection.
fn serve(answer: impl Fn(std::net::TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || listener.incoming().for_each(|stream| answer(stream.unwrap())));
    address.to_string()
}

/// The failure of one call.
async fn failure(builder: ClientBuilder<Client>) -> (TransportKind, bool, String) {
    let error = builder.build().unwrap().fetch(Berths::by_kind()).await.unwrap_err();
    let text = error.to_string();
    assert!(!format!("{error:?}").contains(TOKEN));
    let retryable = error.is_retryable();
    let Error::Transport(error) = error else { panic!("{error}") };
    (error.kind(), retryable, text)
}

async fn plain(address: &str) -> (TransportKind, bool, String) {
    failure(builder(&format!("http://{address}"))).await
}

#[tokio::test]
async fn a_server_that_speaks_something_else() {
    let banner = serve(|mut stream| {
        let _ = stream.read(&mut [0; 4096]);
        let _ = stream.write_all(b"SSH-2.0-OpenSSH_9.6\r\n");
    });
    let early = serve(|mut stream| {
        let _ = stream.write_all(b"SSH-2.0-OpenSSH_9.6\r\n");
        let _ = stream.read(&mut [0; 4096]);
        let _ = stream.read(&mut [0; 4096]);
    });
    for address in [banner, early] {
        let (kind, retryable, text) = plain(&address).await;
        assert_eq!((kind, retryable), (TransportKind::NotHttp, false), "{text}");
        assert!(text.contains("does not speak HTTP; check the scheme and the port"), "{text}");
    }
}

#[tokio::test]
async fn a_connection_that_ends_early() {
    let hangs_up = serve(|mut stream| {
        let _ = stream.read(&mut [0; 4096]);
    });
    // Closing with unread data resets the connection.
    let resets = serve(drop);
    let mid_head = serve(|mut stream| {
        let _ = stream.read(&mut [0; 4096]);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Le");
    });
    for address in [hangs_up, resets, mid_head] {
        let (kind, retryable, text) = plain(&address).await;
        assert_eq!((kind, retryable), (TransportKind::Reset, true), "{text}");
    }
    let mid_body = serve(|mut stream| {
        let _ = stream.read(&mut [0; 4096]);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{");
    });
    let (kind, retryable, _) = plain(&mid_body).await;
    assert_eq!((kind, retryable), (TransportKind::Body, true));
    let (kind, retryable, _) = plain("127.0.0.1:9").await;
    assert_eq!((kind, retryable), (TransportKind::Connect, true));
}

/// Finds no address, ever.
struct Unresolved;

impl reqwest::dns::Resolve for Unresolved {
    fn resolve(&self, _: reqwest::dns::Name) -> reqwest::dns::Resolving {
        Box::pin(std::future::pending())
    }
}

#[tokio::test]
async fn a_connection_that_is_never_made() {
    let client = builder("http://harbour.invalid").allow_plain_http(true).connect_timeout(Duration::from_millis(20));
    let client = client.http(|http| http.no_proxy().dns_resolver(Arc::new(Unresolved)));
    let (kind, retryable, text) = failure(client).await;
    assert_eq!((kind, retryable), (TransportKind::ConnectTimeout, true), "{text}");
    assert!(text.contains("raise `connect_timeout`"), "{text}");
    // A shorter read timeout does not hide that no connection was made.
    let client = builder("http://harbour.invalid").allow_plain_http(true).read_timeout(Duration::from_millis(40));
    let (kind, ..) = failure(client.http(|http| http.no_proxy().dns_resolver(Arc::new(Unresolved)))).await;
    assert_eq!(kind, TransportKind::ConnectTimeout);
}

#[cfg(feature = "tls")]
#[tokio::test]
async fn a_plain_server_under_https() {
    let address = serve(|mut stream| {
        let _ = stream.read(&mut [0; 4096]);
        let _ = stream.write_all(reply(400, &[], "plain http").as_bytes());
    });
    let (kind, retryable, text) = failure(builder(&format!("https://{address}"))).await;
    assert_eq!((kind, retryable), (TransportKind::Tls, false), "{text}");
    assert!(text.contains("serve https"), "{text}");
}

#[cfg(feature = "tls")]
#[tokio::test]
async fn a_certificate_that_nobody_signed() {
    use rustls::{ServerConfig, ServerConnection, StreamOwned, crypto::aws_lc_rs, pki_types::PrivateKeyDer};
    let certificate = include_bytes!("data/self_signed.der").to_vec();
    let key = PrivateKeyDer::try_from(include_bytes!("data/self_signed.key.der").to_vec()).unwrap();
    let config =
        ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider())).with_safe_default_protocol_versions();
    let config = config.unwrap().with_no_client_auth().with_single_cert(vec![certificate.clone().into()], key);
    let config = Arc::new(config.unwrap());
    let address = serve(move |stream| {
        let mut stream = StreamOwned::new(ServerConnection::new(Arc::clone(&config)).unwrap(), stream);
        if stream.read(&mut [0; 4096]).is_ok() {
            let _ = stream.write_all(page(&[1], None).as_bytes());
        }
    });
    let url = format!("https://{address}");
    let (kind, retryable, text) = failure(builder(&url)).await;
    assert_eq!((kind, retryable), (TransportKind::Certificate, false), "{text}");
    assert!(text.contains("certificate is not trusted") && text.contains("not trusted by the CA certificates "), "{text}");
    assert!(text.contains("`.http(move |http| http.tls_certs_merge(") && !text.contains("that `http` sets"), "{text}");
    let elsewhere = builder(&url).http(|http| http.pool_max_idle_per_host(1));
    assert!(failure(elsewhere).await.2.contains("or by those that `http` sets"));
    // The advice works.
    let trusting = builder(&url).http(move |http| http.tls_certs_only([reqwest::Certificate::from_der(&certificate).unwrap()]));
    assert_eq!(trusting.build().unwrap().fetch(Berths::by_kind()).await.unwrap().rows.len(), 1);
}

#[tokio::test]
async fn compressed_pages_are_read_and_their_size_is_that_of_the_text() {
    // gzip of `{"lines": [{"berths": 3}], "more": {"at": null}}` and 1 MB of spaces.
    let packed = include_bytes!("data/page.json.gz");
    let address = serve(move |mut stream| {
        let mut head = [0; 4096];
        let read = stream.read(&mut head).unwrap();
        assert!(String::from_utf8_lossy(&head[..read]).to_lowercase().contains("accept-encoding: gzip"));
        let length = packed.len();
        let head = format!("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n");
        let _ = stream.write_all(&[head.as_bytes(), packed].concat());
    });
    let url = format!("http://{address}");
    let page = builder(&url).build().unwrap().fetch(Berths::by_kind()).await.unwrap();
    assert_eq!((page.rows[0].berths, page.meta.bytes), (3, 1_000_048));
    let error = builder(&url).max_body_bytes(100_000).build().unwrap().fetch(Berths::by_kind()).await.unwrap_err();
    assert!(matches!(error, Error::BodyTooLarge { .. }), "{error}");
}

#[tokio::test]
async fn a_body_that_only_claims_to_be_compressed_is_not_asked_for_again() {
    let head = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\nContent-Length: ";
    let packed = include_bytes!("data/page.json.gz");
    let mut damaged = packed.to_vec();
    damaged[20..].iter_mut().for_each(|byte| *byte ^= 0x5a);
    let plain = br#"{"lines": [{"berths": 3}], "more": {"at": null}}"#.to_vec();
    for (body, announced, expected) in [
        (plain.clone(), plain.len(), TransportKind::Encoding),
        (damaged, packed.len(), TransportKind::Encoding),
        // A connection that breaks is another matter.
        (packed[..100].to_vec(), packed.len(), TransportKind::Body),
    ] {
        let address = serve(move |mut stream| {
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(&[format!("{head}{announced}\r\n\r\n").as_bytes(), &body].concat());
        });
        let (kind, retryable, text) = self::plain(&address).await;
        assert_eq!((kind, retryable), (expected, expected == TransportKind::Body), "{text}");
        assert_eq!(text.contains("`Content-Encoding`"), expected == TransportKind::Encoding, "{text}");
    }
}

#[tokio::test]
async fn settings_of_reqwest_do_not_replace_those_of_the_client() {
    let elsewhere = Stub::start(vec![page(&[1], None)]);
    let location = format!("Location: {}/elsewhere", elsewhere.url);
    let stub = Stub::start(vec![reply(307, &[&location], "")]);
    let client = builder(&stub.url).http(|http| {
        let forever = reqwest::redirect::Policy::limited(10);
        http.redirect(forever).timeout(Duration::ZERO).read_timeout(Duration::ZERO).connect_timeout(Duration::ZERO)
    });
    let error = client.build().unwrap().fetch(Berths::by_kind()).await.unwrap_err();
    assert!(matches!(error, Error::Redirect { status: 307, .. }), "{error}");
    assert!(elsewhere.seen().is_empty());
}

/// Runs one ignored test of this file in a process with these variables.
fn child(test: &str, variables: &[(&str, &str)]) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--ignored"]).envs(variables.iter().copied());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"));
}

#[test]
fn proxies_of_the_environment() {
    child("in_an_environment_with_a_proxy", &[("HTTP_PROXY", "http://user:s3cr3t@127.0.0.1:1"), ("NO_PROXY", "")]);
}

#[tokio::test]
#[ignore = "run by `proxies_of_the_environment`"]
async fn in_an_environment_with_a_proxy() {
    // This machine is reached without it, whatever it is called.
    let stub = Stub::start(vec![page(&[1], None); 3]);
    for host in ["127.0.0.1", "localhost", "127.0.0.1"] {
        let client = builder(&stub.url.replace("127.0.0.1", host)).http(|http| {
            let proxy = reqwest::Proxy::all("http://127.0.0.1:1").unwrap();
            http.proxy(proxy)
        });
        assert_eq!(client.build().unwrap().fetch(Berths::by_kind()).await.unwrap().rows.len(), 1);
    }
    let (kind, retryable, text) = failure(builder("http://harbour.invalid").allow_plain_http(true)).await;
    assert_eq!((kind, retryable), (TransportKind::Connect, true));
    assert!(
        text.contains("through the proxy http://127.0.0.1:1, which the environment sets") && !text.contains("s3cr3t"),
        "{text}"
    );
}

#[test]
fn a_proxy_that_asks_for_a_password_is_named_and_asked_once() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let address = serve(move |mut stream| {
        count.fetch_add(1, Ordering::SeqCst);
        let _ = stream.read(&mut [0; 4096]);
        let _ = stream.write_all(reply(407, &["Proxy-Authenticate: Basic"], "").as_bytes());
    });
    let proxy = format!("http://user:s3cr3t@{address}");
    child("behind_a_proxy_that_asks_for_a_password", &[("HTTP_PROXY", &proxy), ("HTTPS_PROXY", &proxy), ("NO_PROXY", "")]);
    assert_eq!(asked.load(Ordering::SeqCst), if cfg!(feature = "tls") { 2 } else { 1 });
}

#[tokio::test]
#[ignore = "run by `a_proxy_that_asks_for_a_password_is_named_and_asked_once`"]
async fn behind_a_proxy_that_asks_for_a_password() {
    let named = std::env::var("HTTP_PROXY").unwrap().replace("user:s3cr3t@", "");
    let client = builder("http://harbour.invalid").allow_plain_http(true).retry(harbour_api::RetryPolicy::standard());
    let error = client.build().unwrap().fetch(Berths::by_kind()).await.unwrap_err();
    assert_eq!(
        (error.status(), error.is_retryable(), error.reply().unwrap().proxy.as_deref()),
        (Some(407), false, Some(&*named))
    );
    let through = format!("through the proxy {named}, which the environment sets");
    let text = error.to_string();
    assert!(text.contains(&through) && text.contains("asks for a user and a password") && !text.contains("s3cr3t"), "{text}");
    if cfg!(feature = "tls") {
        let client = builder("https://harbour.invalid").retry(harbour_api::RetryPolicy::standard());
        let (kind, retryable, text) = failure(client).await;
        assert_eq!((kind, retryable), (TransportKind::ProxyAuthorization, false), "{text}");
        assert!(text.contains(&through) && text.contains("http://user:password@host") && !text.contains("s3cr3t"), "{text}");
    }
}

#[cfg(all(feature = "tls", target_os = "linux"))]
#[test]
fn a_machine_without_certificates() {
    child("on_a_machine_without_certificates", &[("SSL_CERT_FILE", "/nonexistent"), ("SSL_CERT_DIR", "/nonexistent")]);
}

#[cfg(all(feature = "tls", target_os = "linux"))]
#[tokio::test]
#[ignore = "run by `a_machine_without_certificates`"]
async fn on_a_machine_without_certificates() {
    let stub = Stub::start(vec![page(&[1], None)]);
    assert_eq!(builder(&stub.url).build().unwrap().fetch(Berths::by_kind()).await.unwrap().rows.len(), 1);
    assert!(builder("http://harbour.invalid").allow_plain_http(true).build().is_ok());
    let error = builder("https://harbour.invalid").build().unwrap_err();
    assert!(error.to_string().contains("no CA certificates were found on this machine"), "{error}");
}

#[tokio::test]
async fn no_retries_of_reqwest_come_below_those_of_the_client() {
    let stub = Stub::start(vec![reply(503, &[], "{}"), page(&[1], None)]);
    let again = reqwest::retry::for_host("127.0.0.1").classify_fn(|seen| match seen.status() {
        Some(reqwest::StatusCode::SERVICE_UNAVAILABLE) => seen.retryable(),
        _ => seen.success(),
    });
    let again = std::sync::Mutex::new(Some(again));
    let client = builder(&stub.url).http(move |http| match again.lock().unwrap().take() {
        Some(again) => http.retry(again),
        None => http,
    });
    let error = client.build().unwrap().fetch(Berths::by_kind()).await.unwrap_err();
    assert_eq!((error.status(), stub.seen().len()), (Some(503), 1));
}
