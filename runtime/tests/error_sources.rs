//! A program that prints an error and its sources prints no text twice.

mod stub;

use std::error::Error as StdError;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::time::Duration;

use harbour_api::{Berths, Error, Moment, PartialRows, TimeRange, Timestamp, Traffic, TransportKind};
use stub::{Stub, builder, client_of, page, range, reply};

/// Panics if the text of a source is a part of the text before it.
fn prints_once(error: &(dyn StdError + 'static)) {
    let mut link = error;
    while let Some(source) = link.source() {
        let (text, inner) = (link.to_string(), source.to_string());
        assert!(!text.contains(&inner), "`{text}` holds its source `{inner}`");
        link = source;
    }
}

async fn failure(reply: String) -> Error {
    client_of(reply).fetch(Berths::by_kind()).await.unwrap_err()
}

/// The error of a server that sends this and then hangs up, or keeps the connection for ever.
async fn transport(sent: Option<&'static [u8]>) -> Error {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 4096]);
        match sent {
            Some(bytes) => stream.write_all(bytes).unwrap(),
            None => std::thread::sleep(Duration::from_millis(500)),
        }
    });
    let client = builder(&url).read_timeout(Duration::from_millis(200)).build().unwrap();
    let error = client.fetch(Berths::by_kind()).await.unwrap_err();
    server.join().unwrap();
    error
}

#[tokio::test]
async fn no_error_repeats_its_source() {
    let unreachable = || async { builder("http://127.0.0.1:1").build().unwrap().fetch(Berths::by_kind()).await.unwrap_err() };
    let cut = transport(Some(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{")).await;
    let transports = [unreachable().await, transport(None).await, cut];
    for (error, expected) in transports.iter().zip([TransportKind::Connect, TransportKind::Timeout, TransportKind::Body]) {
        assert!(matches!(error, Error::Transport(error) if error.kind() == expected), "{error:?}");
        assert!(error.source().is_some(), "{error:?}");
    }
    let backwards = TimeRange { from: range().to, to: range().from };
    let client = client_of(page(&[1], None));
    let looping = Stub::start(vec![page(&[1], Some("a")), page(&[1], Some("a"))]);
    let partial = builder(&looping.url).build().unwrap().collect_all(Berths::by_kind()).await.unwrap_err();
    let others = [
        failure(reply(422, &[], r#"{"message": "x", "problems": {"rows": [{"code": "unknown"}]}}"#)).await,
        failure(reply(500, &[], "broken")).await,
        failure(reply(302, &["location: https://elsewhere.example"], "")).await,
        failure(reply(200, &[], r#"{"lines": [{"berths": "many"}]}"#)).await,
        client.fetch(Traffic::series(backwards)).await.unwrap_err(),
        client.fetch(Berths::records().page_size(0)).await.unwrap_err(),
        builder("x").locale("").build().unwrap_err(),
        partial.error,
    ];
    transports.iter().chain(&others).for_each(|error| prints_once(error));
    for error in transports.into_iter().chain(others) {
        prints_once(&PartialRows { rows: vec![1], error, cursor: None, rows_before_cursor: 0 });
    }
    prints_once(&"2024-06-01".parse::<Timestamp>().unwrap_err());
    prints_once(&"2024-06-01T00:00:00".parse::<Moment>().unwrap_err());
}
