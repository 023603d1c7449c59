//! An axum service with a shared client, as in `src/lib.rs`.

use placewise_reporting::{Client, Error, Filter, Records, Sendings, Timeseries, blocking, member_balance, sendings};

use crate::common::{client, server};

#[test]
fn clients_and_queries_can_be_shared_between_threads() {
    fn shared<T: Clone + Send + Sync + 'static>() {}
    fn sent<T: Send + Sync + 'static>() {}
    shared::<Client>();
    shared::<Records<Sendings, sendings::Row>>();
    shared::<Timeseries<Sendings, member_balance::Label>>();
    shared::<Filter<Sendings>>();
    sent::<blocking::Client>();
    sent::<Error>();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handler_with_a_shared_client_answers_from_the_simulator() {
    let server = server();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = downstream::router(client(&server));
    tokio::spawn(async move { axum::serve(listener, router).await });

    let get = |path: &str| {
        let url = format!("http://{address}{path}");
        async move { reqwest::get(url).await.unwrap() }
    };
    let (one, two) = tokio::join!(get("/sendings/email"), get("/sendings/email"));
    let (one, two) = (one.text().await.unwrap(), two.text().await.unwrap());
    assert_eq!(one, two);
    let expected =
        client(&server).collect_all(Sendings::records().filter(sendings::CHANNEL.eq(sendings::Channel::Email))).await.unwrap();
    assert!(!expected.is_empty());
    let rows = one.lines().map(|line| serde_json::from_str::<sendings::Row>(line).unwrap()).collect::<Vec<_>>();
    assert_eq!(rows, expected);
}
