//! Resolves specs into models: defaults, references and settings of every format, with the platform files of `tests/platform/`.

use std::path::Path;

use placewise_codegen::check::Valid;
use placewise_codegen::source::{InputFile, read_dir};
use placewise_codegen::{check_spec, finding};
use placewise_model::{
    Adds, BeyondRetention, Compute, Coverage, Dimension, Format, Model, Provenance, Setting, Simulate, TimePoints, Type,
};

fn model(reports: &[(&str, &str)]) -> Valid<Model> {
    let mut files = read_dir(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/platform")).expect("the fixture is readable");
    for (path, text) in reports {
        files.push(InputFile { path: (*path).into(), label: (*path).into(), bytes: (*text).into() });
    }
    let checked = check_spec(files);
    let told = finding::render(&checked.findings, &checked.sources, false);
    assert!(checked.findings.is_empty(), "{told}");
    checked.model.expect("a model without findings is valid")
}

const TIDES: &str = "
report: tides
format: timeseries
coverage: whole
permit: Tides
cost: 3
source: https://harbour.invalid/tides
intervals: [hour, day]
data_lag: ~15 minutes
description: How high the water stands.
fields:
  kind: { type: enum, values: [high, low], nullable: seen, description: Which tide. }
  quay: { type: integer, description: Where. }
labels:
  kind: field
aggregations:
  total: { description: Nothing is known of its labels. }
  none: { description: Without any label., labels: {} }
  quay: { description: By place., labels: { kind: field, place: { field: quay, provenance: example }, new: { type: string, description: New. } } }
more_aggregations: yes
simulate: { events: { of: boats, direction: kind } }
examples:
  - { name: on another page, coverage: name-only }
  - { name: cut, coverage: partial, request: { what: tides, every: any, since: \"2024-04-08T00:00:00-06:00\" } }
  - name: two quays
    aggregation: quay
    request: { what: tides, where: null, per: quay, every: day, since: \"2024-04-08T00:00:00Z\", until: \"2024-04-10T00:00:00Z\" }
    response:
      every: day
      zone: UTC
      times: [\"2024-04-08T00:00:00Z\", \"2024-04-09T00:00:00Z\"]
      lines: [{ tag: { kind: high, place: 1, new: x }, heights: [1, null] }, { tag: { kind: null, place: 2, new: y }, heights: [0.5, 2] }]
      count: 3
      kind: chart
";

const BOATS: &str = "
report: boats
format: records
coverage: partial
source: https://harbour.invalid/boats
description: Boats.
fields:
  id: { type: integer, description: The boat. }
  crew: { type: integer, description: Who sails. }
  guests: { type: integer, description: Who does not. }
  souls: { type: integer, description: All. }
unnamed:
  - { printed: Integer, description: Next after souls. }
relations:
  - { rule: { adds-up: { parts: [crew, guests], to: souls } }, description: The page says so. }
";

#[test]
fn a_timeseries_is_resolved() {
    let model = model(&[("reports/sea/tides.yaml", TIDES), ("reports/port/boats.yaml", BOATS)]);
    let tides = model.report("tides").expect("there");
    assert_eq!((tides.format, tides.data_lag.map(|lag| lag.to_string()).as_deref()), (Format::Timeseries, Some("~15 minutes")));
    let offered: Vec<&str> = model.intervals(tides).map(|interval| interval.name.as_str()).collect();
    assert_eq!(offered, ["hour", "day"]);
    let labels = tides.labels.as_ref().expect("known");
    assert_eq!(labels.len(), 1);
    assert!(matches!(labels[0].ty, Type::Enum(_)));
    assert_eq!(labels[0].same_as.as_deref(), Some("kind"));

    let of = |name: &str| tides.aggregation(name).expect("there");
    assert_eq!((of("total").labels.as_ref(), of("total").by.len()), (None, 0));
    assert_eq!(of("none").labels.as_deref(), Some(&[][..]));
    assert_eq!(of("quay").by, ["kind", "quay"]);
    let keys: Vec<&str> = of("quay").labels.iter().flatten().map(|label| label.name.as_str()).collect();
    assert_eq!(keys, ["kind", "place", "new"]);
    assert!(tides.more_aggregations, "the file says so, although it is whole");
    assert!(matches!(&tides.simulate, Some(Simulate::Events { of, running: false, .. }) if of == "boats"));
    let coverage: Vec<Coverage> = tides.examples.iter().map(|example| example.coverage).collect();
    assert_eq!(coverage, [Coverage::NameOnly, Coverage::Partial, Coverage::Whole]);
}

#[test]
fn additivity_and_data_lag_have_a_short_and_a_full_form() {
    let of = |text: &str| {
        let text = TIDES.replace("data_lag: ~15 minutes\n", &format!("{text}\n"));
        model(&[("reports/sea/tides.yaml", &text), ("reports/port/boats.yaml", BOATS)]).report("tides").expect("there").clone()
    };
    for (written, over, provenance) in [
        ("never", Some(&[][..]), Provenance::Documented),
        ("[time, customers]", Some(&[Dimension::Time, Dimension::Customers][..]), Provenance::Documented),
        ("{ over: [labels], provenance: inferred }", Some(&[Dimension::Labels][..]), Provenance::Inferred),
        ("{ over: never, provenance: assumed }", Some(&[][..]), Provenance::Assumed),
        ("unknown", None, Provenance::Unknown),
    ] {
        let expected = over.map(|over| Adds { over: over.to_vec(), provenance });
        assert_eq!(of(&format!("adds: {written}")).adds, expected, "{written}");
    }
    for (written, printed, provenance) in [
        ("1 hour", "1 hour", Provenance::Documented),
        ("~2 days", "~2 days", Provenance::Documented),
        ("{ value: ~2 days, provenance: inferred }", "~2 days", Provenance::Inferred),
    ] {
        let lag = of(&format!("data_lag: {written}")).data_lag.expect("a lag");
        assert_eq!((lag.to_string().as_str(), lag.provenance), (printed, provenance));
    }
    let nothing = of("");
    assert_eq!((nothing.adds, nothing.data_lag), (None, None));
}

#[test]
fn a_returned_field_adds_up_as_the_field_that_it_repeats() {
    let text = BOATS.replace("crew: { type: integer,", "crew: { type: integer, adds: [customers],");
    let text = text.replace("guests: { type: integer,", "guests: { type: integer, adds: never,");
    let aggregations = "aggregations:
  crew:
    description: By crew.
    returns:
      crew: field
      guests: field
  id:
    description: By boat.
    returns:
      id: field
      crew: field
      other: { field: crew, adds: never, description: Otherwise. }
      open: { field: crew, adds: unknown, description: Who knows. }
      new: { type: integer, adds: [labels], description: New. }
";
    let model = model(&[("reports/port/boats.yaml", &format!("{text}{aggregations}"))]);
    let boats = model.report("boats").expect("there");
    let over = |aggregation: &str| -> Vec<Option<String>> {
        let returns = &boats.aggregation(aggregation).expect("there").returns;
        returns.iter().map(|returned| returned.field.adds.as_ref().map(Adds::describe)).collect()
    };
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(over("crew"), [None, text("never")], "what rows are grouped by is no metric");
    assert_eq!(over("id"), [None, text("over customers"), text("never"), None, text("over labels")]);
    let computed = |at: usize| boats.aggregation("crew").expect("there").returns[at].compute.clone();
    assert_eq!(computed(1), Compute::Unknown, "what never adds up has no sum");
}

#[test]
fn omitted_keys_have_defaults() {
    let model = model(&[("reports/port/boats.yaml", BOATS)]);
    let boats = model.report("boats").expect("there");
    assert!(boats.more_aggregations, "what is not covered whole may know more");
    assert_eq!((boats.intervals.as_ref(), boats.labels.as_ref(), boats.unnamed.len()), (None, None, 1));
    assert_eq!(boats.relations.len(), 1);
    let groups: Vec<&str> = model.api.groups.iter().map(|group| group.name.as_str()).collect();
    assert_eq!(groups, ["port", "sea"], "a group may have no reports");
}

#[test]
fn formats_and_endpoints_are_resolved() {
    let model = model(&[]);
    let series = &model.timeseries;
    assert_eq!(series.time_points, Setting { value: TimePoints::Buckets, assumption: Some("points".into()) });
    assert_eq!(series.beyond_retention, Setting { value: BeyondRetention::Refused, assumption: None });
    let intervals: Vec<(String, Option<String>)> = series
        .intervals
        .iter()
        .map(|interval| (interval.bucket_length.to_string(), interval.retention.0.map(|retention| retention.to_string())))
        .collect();
    let expected = [("10 minutes", Some("7 days")), ("1 hour", Some("3 months")), ("1 day", None)];
    assert_eq!(intervals, expected.map(|(bucket_length, retention)| (bucket_length.to_owned(), retention.map(str::to_owned))));
    assert_eq!(series.auto.steps[1].up_to.to_string(), "4 days");

    let path = |name: &str| model.endpoint(name).expect("there").path.clone();
    assert_eq!(path("ask"), Setting { value: Some("/ask".into()), assumption: None });
    assert_eq!(path("figures"), Setting { value: None, assumption: Some("figures-path".into()) });
    let tell = model.endpoint("tell").expect("there");
    assert_eq!(tell.carries.field.as_ref().map(|key| key.value.as_str()), Some("which"));
    assert_eq!(model.endpoint("ask").map(|ask| ask.coverage), Some(Coverage::Whole));
    let berth = model.endpoint("berth").expect("there");
    assert_eq!((berth.request.len(), berth.response.len()), (1, 2));
    assert_eq!(model.endpoint("haul").and_then(|haul| haul.carries.query_format), Some(Format::Records));
}

/// Two wire names may give one Rust name; the spec can then choose another, which changes nothing on the wire.
#[test]
fn names_in_code_tell_wire_names_apart() {
    let boats = "
report: boats_1
name: boats_one
format: records
coverage: partial
description: Boats.
fields:
  createdAt: { type: timestamp, description: When. }
  created_at: { type: enum, name: created_at_text, values: [a], description: The same as text. }
aggregations:
  created_at: { description: A., returns: { created_at: field, createdAt: { type: string, name: first, description: B. } } }
  createdAt: { name: time, description: C., returns: { createdAt: field } }
";
    let other = "report: boats1\nformat: records\ncoverage: partial\ndescription: Others.\npermit: Ask:Boats1\ncost: 1\n";
    let model = model(&[("reports/port/boats_1.yaml", boats), ("reports/port/boats1.yaml", other)]);
    let files = placewise_codegen::emit::emit(&model);
    let rust = &files["rust/boats_one.rs"];
    for part in [
        "pub struct BoatsOne;",
        "ReportSpec::new(\"boats_1\",",
        "pub const CREATED_AT_TEXT: Field<BoatsOne, CreatedAtText> = Field::new(\"created_at\");",
        "pub created_at_text: Option<CreatedAtText>",
        "created_at = \"createdAt\"",
        "created_at_text = \"created_at\"",
        "first = \"createdAt\"",
        "pub const fn by_time() -> Records<Self, ByTime>",
        "of_aggregation(\"createdAt\")",
    ] {
        assert!(rust.contains(part), "{part} is not in {rust}");
    }
    assert!(files["rust/boats1.rs"].contains("pub struct Boats1;"));
    assert!(files["docs/reports/boats_1.md"].contains("Named `created_at_text` in Rust."));
}
