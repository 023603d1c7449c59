//! Settings and models that cannot be simulated, and what their errors say.

mod common;

use common::{model, of_model, simulator};
use placewise_simulator::{Simulator, StartError};
use serde_json::json;

fn message(simulator: Simulator) -> String {
    simulator.build().expect_err("an error").to_string()
}

#[test]
fn errors_name_what_is_wrong_and_the_nearest_known_name() {
    let mut unused = model();
    unused.assumptions[0].id = "unused".into();
    for (simulator, expected) in [
        (simulator().assume("cursor-kee", "x"), "no assumption is named `cursor-kee`; did you mean `cursor-key`?"),
        (simulator().assume("cursor-key", 7), "invalid value for assumption `cursor-key`: invalid type"),
        (
            simulator().assume("cursor-key", "size"),
            "invalid value for assumption `page-size-key`: the request already has a key `size`",
        ),
        (
            simulator().assume("default-page-size", 0),
            "invalid value for assumption `default-page-size`: a page holds at least one row",
        ),
        (
            of_model(unused).assume("unused", false),
            "assumption `unused` cannot be overridden here: the simulator does not use it",
        ),
        (simulator().data("voyage", []), "no report is named `voyage`; did you mean `voyages`?"),
        (simulator().data("traffic", []), "`traffic` is not a records report"),
        (simulator().reply("abuot", json!({})), "no endpoint is named `abuot`; did you mean `about`?"),
        (simulator().slug("x", 4711), "customer 4711, named by slug `x`, does not exist"),
        (simulator().customer_zone(4711, "Europe/Oslo"), "customer 4711, named by time zone `Europe/Oslo`, does not exist"),
        (simulator().customer_zone(11, "Moon/Tycho"), "unknown time zone `Moon/Tycho`"),
        (simulator().assume("zoneless-zone", "Moon/Tycho"), "unknown time zone `Moon/Tycho`"),
        (simulator().drain(1.5), "others cannot drain 1.5 of each second's refill; use a share from 0 to 1"),
        (simulator().drain(f64::NAN), "others cannot drain NaN of each second's refill"),
        (simulator().customers([3, 0]), "invalid customer id 0; ids are positive integers"),
    ] {
        let message = message(simulator);
        assert!(message.starts_with(expected), "{message}");
    }
    // The message holds the text of the cause, so there is no source that would print it again.
    for error in [Simulator::from_json("{}").unwrap_err(), simulator().data_file("voyages", "/no/file").build().unwrap_err()] {
        assert!(std::error::Error::source(&error).is_none(), "{error}");
    }
    assert!(simulator().customers([]).build().is_ok(), "no customers is no error");
}

#[test]
fn a_model_needs_the_endpoint_of_its_records_format() {
    let mut model = model();
    model.endpoints.remove(0);
    assert!(matches!(of_model(model).build(), Err(StartError::MissingEndpoint { endpoint }) if endpoint == "ask"));
}

#[test]
fn a_report_cannot_derive_from_itself_or_from_an_unknown_report() {
    let mut model = model();
    let index = |name: &str| model.reports.iter().position(|report| report.name == name).expect("a report");
    let (pieces, lots) = (index("pieces"), index("lots"));
    model.reports[pieces].simulate = serde_json::from_value(json!({"summary": {"of": "lots", "sum": []}})).expect("a rule");
    assert!(message(of_model(model.clone())).ends_with("it derives from itself: pieces from lots from pieces"));
    model.reports[lots].simulate = serde_json::from_value(json!({"summary": {"of": "keel", "sum": []}})).expect("a rule");
    assert!(message(of_model(model)).ends_with("no report is named `keel`"));
}
