use placewise_model::{Coverage, Filterability, Format};
use serde_json::{Value, json};

use crate::support::{Api, Run, TOKEN};

const PATH: &str = "metadata-path=/v1/metadata";

#[test]
fn an_unknown_path_stands_in_the_way() {
    let server = Api::BuiltIn.simulator().start().expect("a server");
    let run = Run::of(Api::BuiltIn, &server.url(), &["drift", "--live", "--yes"]);
    assert!(run.output.status.code() == Some(2) && server.requests().is_empty(), "{}", run.said());
    assert!(
        run.said().contains("it is the assumption `metadata-path`") && run.said().contains("--assume metadata-path=/"),
        "{}",
        run.said()
    );
}

#[test]
fn what_the_api_says_of_its_fields_is_compared() {
    let model = Api::BuiltIn.model();
    let report =
        model.reports.iter().find(|report| report.coverage == Coverage::Whole && report.fields.len() > 2).expect("a report");
    let described = |filterable: bool, more: &[&str]| {
        let names = report.fields.iter().map(|field| field.name.as_str()).chain(more.iter().copied());
        let fields: Vec<Value> = names.map(|name| json!({ "name": name, "filterable": filterable, "title": "x" })).collect();
        json!({ "data": { "fields": fields, "version": 3 } })
    };
    let with_header = report.fields.iter().any(|field| matches!(field.filterable, Filterability::Header(_)));
    for (answer, drift) in
        [(described(false, &[]), false), (described(false, &["brand_new"]), true), (described(true, &[]), with_header)]
    {
        let server =
            Api::BuiltIn.simulator().assume("metadata-path", "/v1/metadata").reply("metadata", answer).start().expect("a server");
        let run = Run::of(
            Api::BuiltIn,
            &server.url(),
            &["drift", "--live", &report.name, "--assume", PATH, "--yes", "--format", "json"],
        );
        let said: Value = serde_json::from_slice(&run.output.stdout).unwrap_or_else(|_| panic!("{}", run.said()));
        let stated_yes =
            report.fields.iter().any(|field| matches!(field.filterable, Filterability::Yes | Filterability::Example));
        let expected = drift || stated_yes && run.said().contains("\"seen\": \"no\"");
        assert_eq!((said["drift"] == true, run.output.status.code()), (expected, Some(i32::from(expected))), "{}", run.said());
        let one = &said["reports"][0];
        assert!(
            one["not_understood"].to_string().contains("version") && one["not_understood"].to_string().contains("title"),
            "{one:#}"
        );
        assert!(!run.said().contains(TOKEN));
    }
}

#[test]
fn an_answer_that_is_not_understood_is_no_agreement() {
    for answer in [json!({}), json!({ "ok": true }), json!([1, 2, 3])] {
        let server =
            Api::BuiltIn.simulator().assume("metadata-path", "/v1/metadata").reply("metadata", answer).start().expect("a server");
        let run = Run::of(Api::BuiltIn, &server.url(), &["drift", "--live", "--assume", PATH, "--yes"]);
        assert!(run.output.status.code() == Some(2) && run.said().contains("nothing could be compared"), "{}", run.said());
    }
}

#[test]
fn a_token_in_an_answer_is_not_printed() {
    let model = Api::BuiltIn.model();
    let report =
        model.reports.iter().find(|report| report.coverage == Coverage::Whole && report.fields.len() > 3).expect("a report");
    let names: Vec<&str> = report.fields.iter().map(|field| field.name.as_str()).chain([TOKEN]).collect();
    let answer = json!({ (TOKEN): { "inner": 1 }, "fields": names, "result_type": TOKEN });
    let server =
        Api::BuiltIn.simulator().assume("metadata-path", "/v1/metadata").reply("metadata", answer).start().expect("a server");
    for format in ["text", "json"] {
        let run = Run::of(
            Api::BuiltIn,
            &server.url(),
            &["drift", "--live", &report.name, "--assume", PATH, "--yes", "--format", format],
        );
        assert!(run.said().contains("(hidden)") && !run.said().contains(TOKEN), "{}", run.said());
    }
}

#[test]
fn the_price_is_named_before_anything_is_sent() {
    let server = Api::BuiltIn.simulator().assume("metadata-path", "/v1/metadata").start().expect("a server");
    let run = Run::of(Api::BuiltIn, &server.url(), &["drift", "--live", "--assume", PATH]);
    let reports = Api::BuiltIn.model().reports.len();
    assert!(run.output.status.code() == Some(2) && server.requests().is_empty(), "{}", run.said());
    assert!(run.said().contains(&format!("that takes {reports} requests, {reports} tokens; add --yes")), "{}", run.said());
}

#[test]
fn a_stated_path_is_asked_without_an_assumption() {
    let api = Api::Harbour;
    let server = api.simulator().start().expect("a server");
    let run = Run::of(api, &server.url(), &["drift", "--live", "--yes"]);
    assert!(server.requests().len() == api.model().reports.len(), "{}", run.said());
}

/// The second refusal of a filter that the spec allows is drift.
#[test]
fn a_refusal_of_what_the_spec_allows_is_drift_from_the_second_one_on() {
    let api = Api::BuiltIn;
    let mut model = api.model();
    let report = model
        .reports
        .iter_mut()
        .filter(|report| report.format == Format::Records)
        .find(|report| {
            report.fields.iter().any(|field| field.filterable.may_filter() && matches!(field.ty, placewise_model::Type::Integer))
        })
        .expect("a report");
    let field = report
        .fields
        .iter_mut()
        .find(|field| field.filterable.may_filter() && matches!(field.ty, placewise_model::Type::Integer));
    let field = field.expect("a field");
    field.filterable = Filterability::No;
    let (name, field) = (report.name.clone(), field.name.clone());
    let server = placewise_simulator::Simulator::new(model)
        .customers(api.customers())
        .assume("metadata-path", "/v1/metadata")
        .reply("metadata", json!({}))
        .start()
        .expect("a server");
    let cache = tempfile::tempdir().expect("a folder");
    let condition = format!("{field} = 1");
    let query = ["query", &name, "--where", &condition];
    let drift = ["drift", "--live", "--assume", PATH, "--yes", "--format", "json"];
    let run = |arguments: &[&str]| Run::with_cache(api, &server.url(), arguments, cache.path());
    let fact = format!("reports/{name}/fields/{field}/filterable");
    let refused = run(&query);
    assert!(refused.output.status.code() == Some(2) && !refused.said().contains("drift --live"), "{}", refused.said());
    assert!(!run(&drift).said().contains(&fact), "one refusal may be a mistake");
    assert!(run(&query).said().contains(&format!("{fact}; `placewise drift --live` reports it")));
    let found = run(&drift);
    assert!(found.output.status.code() == Some(1) && found.said().contains(&fact), "{}", found.said());
    let without_path = run(&["drift", "--live"]);
    assert!(without_path.output.status.code() == Some(2) && without_path.said().contains(&fact), "{}", without_path.said());
    let kept = std::fs::read_to_string(cache.path().join("placewise/refusals.json")).expect("kept");
    assert!(kept.contains(&fact) && !kept.contains(TOKEN) && !kept.contains("1000941"), "{kept}");
}
