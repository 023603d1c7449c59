//! Building clients: customers, rejected settings, and the blocking client.

mod stub;

use harbour_api::{BaseUrl, Berths, Client, Customers, Error, Host, blocking};
use stub::{Stub, TOKEN, page};

fn with(customers: impl Into<Customers>) -> Result<String, String> {
    let client = Client::builder().base_url(Host::OpenSea).token(TOKEN).customers(customers).build();
    client.map(|client| format!("{client:?}")).map_err(|error| error.to_string())
}

#[test]
fn customers_are_one_header() {
    assert!(with(Customers::ids([7, 8])).unwrap().contains("\"x-harbour\": \"h=7,8\""));
    assert!(with(Customers::loyalty_club("north-pier")).unwrap().contains("\"x-harbour-slug\": \"north-pier\""));
    assert_eq!((Customers::ids([7, 7]), Customers::ids([8, 7, 8])), (Customers::id(7), Customers::ids([8, 7])));
    assert!(with(Customers::ids(1..4)).is_ok());
    assert!(with(Customers::ids(1..5)).unwrap_err().contains("4 ids are too many"));
    assert!(with(Customers::ids([])).unwrap_err().contains("no id"));
    for (name, value) in
        [("a", "b&c=d"), ("a=b", "c"), ("", "x"), ("h", "7"), ("h", "*"), ("a", "b\r\nX: y"), ("a", "b=c"), ("a", "é")]
    {
        assert!(with(Customers::filter(name, value)).is_err(), "{name} {value}");
    }
    for (name, value) in [("sea", "north "), ("sea", " north"), ("sea ", "north")] {
        assert!(with(Customers::filter(name, value)).unwrap_err().contains("white space"), "{name:?} {value:?}");
    }
    for slug in ["", " ", " a", "a\t", "a\nb"] {
        assert!(with(Customers::loyalty_club(slug)).is_err(), "{slug:?}");
    }
    for ids in [vec![0], vec![-1], vec![1, -7]] {
        assert!(with(Customers::ids(ids)).unwrap_err().contains("is not a customer id"));
    }
}

#[test]
fn other_customers_replace_the_header() {
    let client = Client::builder().base_url(Host::OpenSea).token(TOKEN).customers(Customers::id(7)).build().unwrap();
    let other = format!("{:?}", client.with_customers(Customers::loyalty_club("x")).unwrap());
    assert!(other.contains("x-harbour-slug") && !other.contains("\"x-harbour\""), "{other}");
}

#[test]
fn wrong_settings_are_rejected_without_the_token() {
    let rejected = |builder: harbour_api::ClientBuilder<Client>| {
        let debug = format!("{builder:?}");
        assert!(!debug.contains(TOKEN), "{debug}");
        let error = builder.build().unwrap_err();
        assert!(!format!("{error} {error:?}").contains(TOKEN));
        error.to_string()
    };
    let builder = || Client::builder().token(TOKEN).base_url(Host::OpenSea).customers(Customers::all());
    assert_eq!(
        rejected(Client::builder().base_url(Host::OpenSea).customers(Customers::id(7))),
        "token: not set; call `token`, `token_source` or `user_token`"
    );
    assert!(rejected(Client::builder().token(TOKEN).customers(Customers::id(7))).starts_with("base_url: not set"));
    for token in [format!("{TOKEN}\r\nX: y"), format!(" {TOKEN}"), format!("{TOKEN}\n"), format!("{TOKEN}\u{e9}"), "".into()] {
        assert!(rejected(builder().token(token)).starts_with("token: "));
    }
    assert!(rejected(builder().product_name("a\nb")).starts_with("product_name: "));
    assert!(rejected(builder().locale("")).starts_with("locale: "));
    let without = rejected(builder().subproduct_name("kiosk"));
    assert!(without.starts_with("subproduct_name: ") && without.contains("no header for it"), "{without}");
}

#[test]
fn build_reports_every_problem_at_once() {
    let builder = Client::builder().user_token("").locale("").assume("any-cost", "x").assume("any-coast", 1);
    let Error::Configuration(error) = builder.build().unwrap_err() else { panic!() };
    let expected = "\
6 settings are missing or wrong:
  base_url: not set; pass a `Host` or a URL
  user_token: empty
  customers: not set; call `customers`, for example with `Customers::id(…)` or `Customers::all()`
  locale: empty
  assume: there is no assumption `any-coast`; did you mean `any-cost`?
  assume: `any-cost` must be a whole number, zero or more, not \"x\"";
    assert_eq!(error.to_string(), expected);
    assert_eq!((error.what(), error.problems().len(), error.problems()[2].what), ("base_url", 6, "customers"));
    let Error::Configuration(error) = Client::builder().build().unwrap_err() else { panic!() };
    let missing: Vec<_> = error.problems().iter().map(|problem| problem.what).collect();
    assert_eq!(missing, ["base_url", "token", "customers"], "harbour does not require a product name");
}

#[test]
fn the_base_url_is_checked() {
    let build = |url: &str| Client::builder().token(TOKEN).base_url(url).customers(Customers::all());
    for good in ["https://api.example.com", "https://api.example.com/under/", "http://127.0.0.1:1", "http://[::1]:1"] {
        assert!(build(good).build().is_ok(), "{good}");
    }
    for bad in
        ["http://a.example.com", "https://u:p@x", "ftp://x", "x", "", "https://x?a=1", "https://x#a", "http://127.0.0.1.evil.com"]
    {
        let error = build(bad).build().unwrap_err().to_string();
        assert!(error.starts_with("base_url: "), "{error}");
    }
    assert!(build("http://a.example.com").allow_plain_http(true).build().is_ok());
}

#[test]
fn passwords_in_the_base_url_do_not_show() {
    let shown = |url: &str| format!("{:?}", BaseUrl::from(url));
    assert_eq!(shown("https://u:hunter2@x/y"), "BaseUrl(\"https://(hidden)@x/y\")");
    assert_eq!(shown("https://x/y"), "BaseUrl(\"https://x/y\")");
    for odd in ["u:hunter2@x", "https:\\\\u:hunter2@x", "https://u:hunter2/@p@x", "https:/u:hunter2@x", "hunter2://x@"] {
        let builder = stub::builder(odd);
        let all = format!("{} {builder:?}", shown(odd)) + &format!("{:?}", builder.build().unwrap_err());
        assert!(!all.contains("hunter2"), "{all}");
    }
}

#[test]
fn the_token_does_not_show() {
    let client = stub::builder("https://harbour.invalid").user_token(TOKEN).build().unwrap();
    let debug = format!("{client:?} {:?}", client.stream(Berths::records()));
    assert!(!debug.contains(TOKEN) && debug.contains("Sensitive"), "{debug}");
    assert!(debug.contains("harbour-api/"));
}

#[test]
fn the_blocking_client_sends_the_same_queries() {
    let stub = Stub::start(vec![
        page(&[1, 2], Some("a")),
        page(&[3], None),
        page(&[4], None),
        page(&[5], Some("a")),
        page(&[6], Some("a")),
    ]);
    let client = blocking::Client::builder().base_url(&stub.url).token(TOKEN).customers(Customers::all()).build().unwrap();
    let counts: Vec<_> = client.stream(Berths::by_kind()).map(|row| row.unwrap().berths).collect();
    assert_eq!(counts, [1, 2, 3]);
    assert_eq!(client.fetch(Berths::by_kind()).unwrap().rows.len(), 1);
    assert_eq!(client.collect_all(Berths::by_kind()).unwrap_err().rows.len(), 2);
    assert_eq!(client.cost(&Berths::records()), Some(3));
}
