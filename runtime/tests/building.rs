//! Putting clients together: whom they ask about, what is refused, and what never shows. And the calls that wait.

mod fixture;
mod stub;

use fixture as api;
use fixture::{Client, Host, Placewise, sendings::*};
use placewise_runtime::{Customers, blocking};
use stub::{Stub, page};

const TOKEN: &str = "s3cr3t-token";

fn with(customers: impl Into<Customers>) -> Result<String, String> {
    let client = Client::builder().base_url(Host::Production).token(TOKEN).customers(customers).build();
    client.map(|client| format!("{client:?}")).map_err(|error| error.to_string())
}

#[test]
fn customers() {
    assert!(with(Customers::id(7)).unwrap().contains("\"x-customer\": \"id=7\""));
    assert!(with(Customers::ids([7, 8])).unwrap().contains("\"x-customer\": \"id=7_8\""));
    assert!(with(Customers::all()).unwrap().contains("\"x-customer\": \"all=all\""));
    assert!(with(Customers::filter("chain", "Cats").and("country", "PL")).unwrap().contains("\"chain=Cats;country=PL\""));
    assert!(with(Customers::loyalty_club("infinity-mall")).unwrap().contains("\"x-loyalty-club-slug\": \"infinity-mall\""));
    assert!(with(Customers::ids(1..40)).is_ok());
    assert!(with(Customers::ids(1..41)).unwrap_err().contains("40 ids are too many"));
    assert!(with(Customers::ids([])).unwrap_err().contains("no id"));
    for (name, value) in
        [("a", "b;c=d"), ("a=b", "c"), ("", "x"), ("id", "7"), ("all", "all"), ("a", "b\r\nX: y"), ("a", "b=c"), ("a", "é")]
    {
        assert!(with(Customers::filter(name, value)).is_err(), "{name} {value}");
    }
    for blank in ["", " ", " a", "a\t"] {
        assert!(with(Customers::loyalty_club(blank)).is_err(), "{blank:?}");
    }
    for (name, value) in [("chain", "Cats "), ("chain", " Cats"), ("chain ", "Cats")] {
        assert!(with(Customers::filter(name, value)).unwrap_err().contains("white space"), "{name:?} {value:?}");
    }
    for ids in [vec![0], vec![-1], vec![1, -7]] {
        assert!(with(Customers::ids(ids)).unwrap_err().contains("is not a customer id"));
    }
    assert!(with(Customers::loyalty_club("a\nb")).is_err());
}

#[test]
fn other_customers_replace_the_header() {
    let client = Client::builder().base_url(Host::Development).token(TOKEN).customers(Customers::id(7)).build().unwrap();
    let other = format!("{:?}", client.with_customers(Customers::loyalty_club("x")).unwrap());
    assert!(other.contains("x-loyalty-club-slug") && !other.contains("x-customer"), "{other}");
}

#[test]
fn what_is_missing_or_wrong() {
    let told = |builder: placewise_runtime::ClientBuilder<Client>| {
        let debug = format!("{builder:?}");
        assert!(!debug.contains(TOKEN), "{debug}");
        let error = builder.build().unwrap_err();
        assert!(!format!("{error} {error:?}").contains(TOKEN));
        error.to_string()
    };
    assert_eq!(told(Client::builder().base_url(Host::Production)), "token: not set; call `token` or `user_token`");
    assert!(told(Client::builder().token(TOKEN)).starts_with("base_url: not set"));
    assert!(told(Client::builder().token(format!("{TOKEN}\r\nX: y")).base_url(Host::Production)).starts_with("token: "));
    assert!(told(Client::builder().token(TOKEN).base_url("http://example.com")).contains("plain http"));
    assert!(told(Client::builder().token(TOKEN).base_url(Host::Production).product_name("a\nb")).starts_with("product_name: "));
    assert!(told(Client::builder().token(TOKEN).base_url(Host::Production).locale("")).starts_with("locale: "));
    let without = told(Client::builder().token(TOKEN).base_url(Host::Production).subproduct_name("kiosk"));
    assert!(without.starts_with("subproduct_name: ") && without.contains("no header for it"), "{without}");
}

#[test]
fn the_token_never_shows() {
    let client = Client::builder().base_url(Host::Production).token(TOKEN).user_token(TOKEN).build().unwrap();
    let debug = format!("{client:?} {:?}", client.stream(Sendings::records()));
    assert!(!debug.contains(TOKEN) && debug.contains("Sensitive"), "{debug}");
    assert!(debug.contains("example/0.1"));
}

#[test]
fn the_blocking_client_makes_the_same_calls() {
    // The stub needs a thread of its own, as the client's runtime only runs while it is called.
    let (send, receive) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let replies =
                vec![page(&[1, 2], Some("a")), page(&[3], None), page(&[4], None), page(&[5], Some("a")), page(&[6], Some("a"))];
            send.send(Stub::start(replies).url).unwrap();
            std::future::pending::<()>().await;
        });
    });
    let client = blocking::Client::<Placewise>::builder().base_url(receive.recv().unwrap()).token(TOKEN).build().unwrap();
    let ids: Vec<_> = client.stream(Sendings::by_reporting_id()).map(|row| row.unwrap().reporting_id.unwrap()).collect();
    assert_eq!(ids, [1, 2, 3]);
    assert_eq!(client.fetch(Sendings::by_reporting_id()).unwrap().rows.len(), 1);
    let partial = client.collect_all(Sendings::by_reporting_id()).unwrap_err();
    assert_eq!(partial.rows.len(), 2);
    assert_eq!(client.cost(&Sendings::records()), Some(2));
}

#[tokio::test]
async fn blocking_inside_async_code_is_an_error() {
    let client = blocking::Client::<Placewise>::builder().base_url("http://127.0.0.1:9").token(TOKEN).build().unwrap();
    assert!(client.fetch(Sendings::records()).unwrap_err().is_configuration());
    drop(client);
}
