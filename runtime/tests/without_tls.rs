//! Without the feature `tls`, an https base URL is an error of `build`: every request would fail to connect.
#![cfg(not(feature = "tls"))]

use harbour_api::{Client, Customers, Host};

#[test]
fn an_https_base_url_is_rejected_and_a_local_one_accepted() {
    let build = |url| Client::builder().base_url(url).token("t").customers(Customers::all()).build();
    assert_eq!(
        build(Host::OpenSea.into()).unwrap_err().to_string(),
        "base_url: the feature `tls` is off: enable it, or use an http:// address of this machine"
    );
    assert!(build(harbour_api::BaseUrl::from("http://127.0.0.1:8080")).is_ok());
}
