//! The feature `http2` against a server: over TLS where the server offers it, and over plain text where the caller knows it.
//!
//! The server is written from RFC 9113 by hand: it knows the few frames that one small response takes.
#![cfg(feature = "http2")]

mod stub;

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use harbour_api::{Berths, Client, TransportKind};
use stub::builder;

const BODY: &[u8] = br#"{"lines": [{"berths": 3}], "more": {"at": null}}"#;

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GO_AWAY: u8 = 7;
/// Of settings and pings.
const ACK: u8 = 1;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// Answers the requests of one connection, and counts them. After `most`, it says that it goes away.
fn answer(mut stream: impl Read + Write, requests: &AtomicUsize, most: usize) -> std::io::Result<()> {
    let mut preface = [0; 24];
    stream.read_exact(&mut preface)?;
    assert_eq!(&preface, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    stream.write_all(&frame(SETTINGS, 0, 0, &[]))?;
    stream.flush()?;
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head)?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let (kind, flags, id) = (head[3], head[4], u32::from_be_bytes([head[5], head[6], head[7], head[8]]));
        let mut payload = vec![0; length as usize];
        stream.read_exact(&mut payload)?;
        match kind {
            SETTINGS if flags & ACK == 0 => stream.write_all(&frame(SETTINGS, ACK, 0, &[]))?,
            PING if flags & ACK == 0 => stream.write_all(&frame(PING, ACK, 0, &payload))?,
            DATA | HEADERS if flags & END_STREAM != 0 => {
                let count = requests.fetch_add(1, Ordering::SeqCst) + 1;
                // `:status: 200` is number 8 of the static table.
                stream.write_all(&frame(HEADERS, END_HEADERS, id, &[0x88]))?;
                stream.write_all(&frame(DATA, END_STREAM, id, BODY))?;
                if count.is_multiple_of(most) {
                    stream.write_all(&frame(GO_AWAY, 0, 0, &[id.to_be_bytes(), [0; 4]].concat()))?;
                    return stream.flush();
                }
            }
            _ => {}
        }
        stream.flush()?;
    }
}

/// A server that runs this for each connection, in a thread of its own; its address, and how many connections there were.
fn serve(connection: impl Fn(std::net::TcpStream) + Send + Sync + 'static) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (connection, count) = (Arc::new(connection), Arc::new(AtomicUsize::new(0)));
    let connections = Arc::clone(&count);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            connections.fetch_add(1, Ordering::SeqCst);
            let connection = Arc::clone(&connection);
            std::thread::spawn(move || connection(stream.unwrap()));
        }
    });
    (address, count)
}

/// That many calls at once, after a first one that makes the connection.
async fn call(client: &Client, calls: usize) {
    assert_eq!(client.fetch(Berths::by_kind()).await.unwrap().rows[0].berths, 3);
    let calls = (0..calls).map(|_| client.fetch(Berths::by_kind()));
    assert!(futures_util::future::join_all(calls).await.iter().all(|page| page.as_ref().unwrap().rows[0].berths == 3));
}

#[tokio::test]
async fn calls_at_once_share_a_plain_connection_if_the_caller_knows_that_the_server_speaks_it() {
    let requests = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&requests);
    let (address, connections) = serve(move |stream| drop(answer(stream, &count, usize::MAX)));
    let client = builder(&format!("http://{address}")).http(|http| http.http2_prior_knowledge());
    call(&client.build().unwrap(), 20).await;
    assert_eq!((requests.load(Ordering::SeqCst), connections.load(Ordering::SeqCst)), (21, 1));
}

#[tokio::test]
async fn a_server_that_goes_away_between_requests_fails_no_call() {
    let requests = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&requests);
    let (address, connections) = serve(move |stream| drop(answer(stream, &count, 2)));
    let client = builder(&format!("http://{address}")).http(|http| http.http2_prior_knowledge());
    let client =
        client.retry(harbour_api::RetryPolicy::standard().waits(Default::default(), Default::default())).build().unwrap();
    for _ in 0..10 {
        call(&client, 0).await;
    }
    assert!(requests.load(Ordering::SeqCst) >= 10 && connections.load(Ordering::SeqCst) >= 5);
}

#[tokio::test]
async fn a_server_without_it_is_told_apart() {
    let (address, _) = serve(|mut stream| {
        let _ = stream.read(&mut [0; 4096]);
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
        // Closing with unread data would reset the connection.
        let _ = std::io::copy(&mut stream, &mut std::io::sink());
    });
    let client = builder(&format!("http://{address}")).http(|http| http.http2_prior_knowledge()).build().unwrap();
    let error = client.fetch(Berths::by_kind()).await.unwrap_err();
    let harbour_api::Error::Transport(error) = error else { panic!("{error}") };
    assert_eq!(error.kind(), TransportKind::NotHttp, "{error}: {:?}", std::error::Error::source(&*error));
}

#[cfg(feature = "tls")]
#[tokio::test]
async fn a_server_that_offers_it_over_tls_is_asked_in_it() {
    use rustls::{ServerConfig, ServerConnection, StreamOwned, crypto::aws_lc_rs, pki_types::PrivateKeyDer};
    let certificate = include_bytes!("data/self_signed.der").to_vec();
    let key = PrivateKeyDer::try_from(include_bytes!("data/self_signed.key.der").to_vec()).unwrap();
    let config =
        ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider())).with_safe_default_protocol_versions();
    let mut config = config.unwrap().with_no_client_auth().with_single_cert(vec![certificate.clone().into()], key).unwrap();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let config = Arc::new(config);
    let requests = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&requests);
    let (address, connections) = serve(move |mut stream| {
        let mut tls = ServerConnection::new(Arc::clone(&config)).unwrap();
        while tls.is_handshaking() {
            tls.complete_io(&mut stream).unwrap();
        }
        assert_eq!(tls.alpn_protocol(), Some(&b"h2"[..]));
        drop(answer(StreamOwned::new(tls, stream), &count, usize::MAX));
    });
    let trusted = harbour_api::reqwest::Certificate::from_der(&certificate).unwrap();
    let client = builder(&format!("https://{address}")).http(move |http| http.tls_certs_only([trusted.clone()]));
    call(&client.build().unwrap(), 20).await;
    assert_eq!((requests.load(Ordering::SeqCst), connections.load(Ordering::SeqCst)), (21, 1));
}
