//! `default-features = false, features = ["sendings"]`, as the README advises, but without `tls`.

use placewise_reporting::{BaseUrl, Client, Customers, Error, Host, find_report, reports};

fn build(url: impl Into<BaseUrl>) -> Result<Client, Error> {
    Client::builder().base_url(url).token("t").customers(Customers::id(1)).product_name("bare").build()
}

#[test]
fn building_a_client_of_an_https_host_says_that_tls_is_off() {
    let error = build(Host::Production).unwrap_err().to_string();
    assert!(error.contains("the feature `tls` is off: enable it"), "{error}");
    assert!(build("http://127.0.0.1:8080").is_ok());
}

#[test]
fn a_report_of_another_group_names_its_feature() {
    assert!(!reports().is_empty() && reports().iter().all(|report| report.group == "sendings"));
    assert!(find_report("members").unwrap_err().to_string().ends_with("enable the cargo feature `members`"));
}

#[test]
fn building_a_client_without_settings_names_all_of_them_at_once() {
    let Err(Error::Configuration(error)) = Client::builder().base_url(Host::Production).build() else {
        panic!("settings are missing")
    };
    let problems: Vec<_> = error.problems().iter().map(|problem| problem.what).collect();
    assert_eq!(problems, ["base_url", "token", "customers", "product_name"], "{error}");
}
