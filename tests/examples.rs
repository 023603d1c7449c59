//! The documented examples, judged by what we did not write: they fit the generated JSON Schemas by a third-party validator, they decode into the
//! generated types and serialize back to the same JSON, and the simulator serves them as they stand.

use placewise_model::Model;
use placewise_reporting::{Client, Customers, MODEL, Record, Sendings, sendings};
use placewise_simulator::Simulator;
use serde_json::Value;

fn model() -> Model {
    serde_json::from_str(MODEL).expect("the model is JSON")
}

fn example(aggregation: Option<&str>) -> Value {
    let model = model();
    let report = model.report("sendings").expect("the report is there");
    let found = report
        .examples
        .iter()
        .find(|example| example.field.is_none() && example.response.is_some() && example.aggregation.as_deref() == aggregation);
    found.and_then(|example| example.response.clone()).expect("an example")
}

fn round_trip<R: Record + serde::Serialize + serde::de::DeserializeOwned>(aggregation: Option<&str>) {
    for row in example(aggregation)["records"].as_array().expect("rows") {
        let record: R = serde_json::from_value(row.clone()).expect("decodes");
        assert_eq!(&serde_json::to_value(&record).expect("serializes"), row);
    }
}

#[test]
fn examples_decode_and_serialize_back_to_the_same_json() {
    round_trip::<sendings::Record>(None);
    round_trip::<sendings::ByReportingId>(Some("reporting_id"));
    round_trip::<sendings::ByCampaignId>(Some("campaign_id"));
}

#[test]
fn examples_fit_the_generated_schemas() {
    let text = include_str!("../generated/schema/rows/sendings.schema.json");
    let schema: Value = serde_json::from_str(text).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    for aggregation in [None, Some("reporting_id"), Some("campaign_id")] {
        let example = example(aggregation);
        assert!(
            validator.is_valid(&example),
            "{:?}",
            validator.iter_errors(&example).map(|error| error.to_string()).collect::<Vec<_>>()
        );
        let mut wrong = example.clone();
        wrong["records"][0]["dispatches_count"] = "many".into();
        assert!(!validator.is_valid(&wrong));
    }
}

#[test]
fn every_schema_is_one_and_every_spec_file_fits_its_own() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    for part in ["spec", "rows"] {
        for entry in root.join("generated/schema").join(part).read_dir().expect("readable") {
            let text = std::fs::read_to_string(entry.expect("an entry").path()).expect("readable");
            let schema: Value = serde_json::from_str(&text).expect("JSON");
            assert!(jsonschema::meta::is_valid(&schema));
        }
    }
}

#[tokio::test]
async fn the_simulator_serves_the_example_as_it_stands_and_the_client_reads_it() {
    let rows = example(None)["records"].as_array().expect("rows").clone();
    let server = Simulator::new(model()).data("sendings", rows.clone()).customers([275]).start().expect("started");
    let client = Client::builder()
        .base_url(server.url())
        .token("any")
        .customers(Customers::id(275))
        .product_name("tests")
        .build()
        .expect("a client");
    let page = client.fetch(Sendings::records()).await.expect("a page");
    assert_eq!(serde_json::to_value(&page.rows).expect("serializes"), Value::from(rows));
    assert!(page.unknown_keys().is_empty());
}

/// The request of the documentation's example page, made by the client.
#[test]
fn the_documented_request_is_what_the_client_sends() {
    let model = model();
    let report = model.report("sendings").expect("the report is there");
    let request = report.examples.iter().find_map(|example| example.request.clone()).expect("a request");
    assert_eq!(Sendings::records().filter(sendings::REPORTING_ID.eq(7265)).body(), request);
}
