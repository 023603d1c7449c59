//! The blocking client: on any thread, beside async clients, and with servers that close connections.

mod stub;

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::time::Duration;

use harbour_api::{ApiClient, Berths, Client, Customers, ReportingApi, RetryPolicy, blocking};
use placewise_simulator::Simulator;
use stub::{TOKEN, page};

type Blocking = blocking::ApiClient<ReportingApi>;

/// A simulator, and a client of it that never waits long: a call that hangs fails.
fn simulated() -> (impl Sized, Client) {
    let server = Simulator::from_json(harbour_api::MODEL).unwrap().start().unwrap();
    let client = Client::builder().base_url(server.url()).token(TOKEN).customers(Customers::all());
    (server, client.read_timeout(Duration::from_secs(20)).retry(RetryPolicy::none()).build().unwrap())
}

fn call(client: &Blocking) {
    assert!(!client.fetch(Berths::records()).unwrap().rows.is_empty());
    assert!(client.stream(Berths::records().page_size(5)).take(12).all(|row| row.is_ok()));
    assert!(!client.collect_all(Berths::records()).unwrap().is_empty());
}

#[tokio::test]
async fn works_on_a_thread_of_an_async_runtime() {
    let (_server, client) = simulated();
    call(&Blocking::new(client).unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn works_in_spawn_blocking_and_block_in_place() {
    let (_server, client) = simulated();
    let client = Blocking::new(client).unwrap();
    let own = client.clone();
    tokio::task::spawn_blocking(move || call(&own)).await.unwrap();
    tokio::task::block_in_place(|| call(&client));
    tokio::spawn(async move { call(&client) }).await.unwrap();
}

#[tokio::test]
async fn works_beside_the_async_client_in_any_order() {
    let (_server, client) = simulated();
    let blocking = Blocking::new(client.clone()).unwrap();
    let ask = async |client: &ApiClient<ReportingApi>| assert!(client.fetch(Berths::records()).await.is_ok());
    ask(&client).await;
    // This thread's runtime stands still meanwhile, and so do the connections of the async client.
    call(&blocking);
    ask(&client).await;
    let other = blocking.clone();
    std::thread::spawn(move || call(&other)).join().unwrap();
    ask(&client).await;
    drop(blocking);
    ask(&client).await;
    // An async client that was used in a runtime that has ended.
    let kept = client.clone();
    let elsewhere = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async { assert!(kept.fetch(Berths::records()).await.is_ok()) });
    };
    tokio::task::spawn_blocking(elsewhere).await.unwrap();
    ask(&client).await;
}

#[test]
fn a_server_that_closes_connections_fails_no_call() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            // The reply promises to keep the connection open; it is closed at once.
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(page(&[1], None).replace("Connection: close\r\n", "").as_bytes());
        }
    });
    let client = Blocking::builder().base_url(&url).token(TOKEN).customers(Customers::all());
    // The race between a request and the end of its connection is mended by a retry, at once here.
    let client = client.retry(RetryPolicy::standard().waits(Duration::ZERO, Duration::ZERO)).build().unwrap();
    for _ in 0..300 {
        assert_eq!(client.fetch(Berths::by_kind()).unwrap().rows.len(), 1);
    }
}
