//! Rows that the user provides: valid rows are served, and every problem in invalid ones is reported.

mod common;

use common::{PATH, example, post, rows, simulator};
use placewise_simulator::{SimulatedApi, StartError};
use serde_json::{Value, json};
use std::path::PathBuf;

fn file(name: &str, text: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).expect("a file");
    path
}

fn problems(result: Result<SimulatedApi, StartError>) -> Vec<String> {
    match result {
        Err(StartError::Data { report, problems, .. }) => {
            assert_eq!(report, "voyages");
            problems.iter().map(ToString::to_string).collect()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_file_has_one_row_per_line() {
    let mut second = example();
    second["id"] = json!(9);
    let path = file("fits.ndjson", &format!("{}\n\n  \r\n{second}\r\n", example()));
    let api = simulator().data_file("voyages", path).build().expect("an API");
    assert_eq!(rows(&api, &json!({"subject": "voyages"})), [second, example()], "ascending by the first field");
    let customers = rows(&api, &json!({"subject": "voyages"}));
    assert!(customers.iter().all(|row| row["port_id"] == 275));
}

#[test]
fn integers_that_the_client_cannot_read_are_problems() {
    let line = |id: &str| example().to_string().replacen(&format!(r#""id":{}"#, example()["id"]), &format!(r#""id":{id}"#), 1);
    let ids =
        ["9223372036854775807", "9223372036854775808", "9007199254740991.0", "9007199254740994.0", "-9223372036854775809", "1.5"];
    let lines: Vec<_> = ids.iter().map(|id| line(id)).collect();
    let path = file("large.ndjson", &lines.join("\n"));
    let found = problems(simulator().data_file("voyages", path).build());
    let expected =
        |line: usize, id: &str| format!("line {line}, `id`: expected integer of at most 64 bits, written exactly, found {id}");
    assert_eq!(
        found,
        [
            expected(2, "9223372036854775808"),
            expected(4, "9007199254740994.0"),
            expected(5, "-9.223372036854776e+18"),
            "line 6, `id`: expected integer, found 1.5".into()
        ]
    );
}

#[test]
fn every_problem_is_reported_with_its_line() {
    let mut id = 0;
    let mut with = |key: &str, value: Value| {
        let mut row = example();
        id += 1;
        row["id"] = id.into();
        row[key] = value;
        row.to_string()
    };
    let mut lacking = example();
    lacking.as_object_mut().expect("object").remove("cargo");
    lacking["id"] = json!(99);
    let legs = json!({"out": {"from": "noon", "until": 1}});
    let twice = example().to_string().replacen('{', r#"{"id":7,"#, 1);
    let lines = [
        example().to_string(),
        "{".into(),
        "[1]".into(),
        String::new(),
        lacking.to_string(),
        with("cargo", json!(null)),
        with("id", json!("1")),
        with("keel", json!(1)),
        with("crew", json!([1, "two"])),
        with("legs", legs),
        with("due_on", json!("2025-04-11T00:00:00Z")),
        twice,
        with("ship", json!(null)),
    ];
    let found = problems(simulator().data_file("voyages", file("does-not-fit.ndjson", &lines.join("\n"))).build());
    let without_column: Vec<&str> = found.iter().map(|problem| problem.split(" at column").next().unwrap_or_default()).collect();
    assert_eq!(
        without_column,
        [
            "line 2: EOF while parsing an object",
            "line 3: invalid type: sequence, expected a JSON object",
            "line 5, `cargo`: missing",
            "line 6, `cargo`: null, but the spec says it is never null",
            "line 7, `id`: expected integer, found \"1\"",
            "line 8, `keel`: unknown key",
            "line 9, `crew.1`: expected integer, found \"two\"",
            "line 10, `legs.out.from`: expected timestamp, found \"noon\"",
            "line 10, `legs.out.to`: missing",
            "line 10, `legs.out.until`: unknown key",
            "line 11, `due_on`: expected date, found \"2025-04-11T00:00:00Z\"",
            "line 12: duplicate key `id`",
        ]
    );
}

#[test]
fn rows_in_memory_are_checked() {
    let found = problems(simulator().data("voyages", [example(), json!(7), json!({})]).build());
    assert_eq!(found[0], "line 2: expected a JSON object");
    assert_eq!(found.len(), 1 + 14 + 1, "each required key");
    let missing = simulator().data_file("voyages", "no/such/file.ndjson").build();
    assert!(matches!(missing, Err(StartError::DataFile { .. })));
}

#[test]
fn customers_of_given_rows_exist() {
    let api = simulator().customers([1]).data("voyages", [example()]).build().expect("an API");
    let status = |customers| post(&api, PATH, customers, &json!({"subject": "voyages"})).0;
    assert_eq!([status("id=275"), status("id=1"), status("id=2")], [200, 200, 404]);
}

/// A row with that id.
fn with_id(id: i64) -> Value {
    let mut row = example();
    row["id"] = id.into();
    row
}

#[test]
fn a_byte_order_mark_a_list_and_saved_responses_work() {
    let (one, two) = (with_id(1), with_id(2));
    let answer = |rows: Value| json!({"lines": rows, "page": {"more": null}, "shape": "lines"});
    for (form, text) in [
        ("marked lines", format!("\u{feff}{one}\n{two}\n")),
        ("a list", json!([one, two]).to_string()),
        ("an indented, marked list", format!("\u{feff}\n{:#}", json!([one, two]))),
        ("a response", answer(json!([one, two])).to_string()),
        ("an indented response", format!("{:#}\n", answer(json!([one, two])))),
        ("a response per page", format!("{}\n{}\n", answer(json!([one])), answer(json!([two])))),
        ("an indented row", format!("{one:#}")),
    ] {
        let expected = if form == "an indented row" { vec![one.clone()] } else { vec![one.clone(), two.clone()] };
        let api = simulator().data_text("voyages", "given", text).build().expect(form);
        assert_eq!(rows(&api, &json!({"subject": "voyages"})), expected, "{form}");
    }
    for (form, text) in [("nothing", ""), ("an empty list", "[]"), ("a response without rows", r#"{"lines":[]}"#)] {
        let api = simulator().data_text("voyages", "given", text).build().expect(form);
        assert_eq!(rows(&api, &json!({"subject": "voyages"})), [Value::Null; 0], "{form}");
    }
}

#[test]
fn what_is_no_row_is_refused_in_one_sentence() {
    for (text, expected) in [
        ("[{\"id\": 1},\n  {\"id\": 2}", "line 2: EOF while parsing a list at column 11"),
        ("{\n  \"lines\": [\n    {\"id\" 1}\n  ]\n}", "line 3: expected `:` at column 11"),
        (r#"{"problem": "Wrong"}"#, "line 1: an error of the API, which has no rows"),
        ("[\n1]", "line 2: invalid type: integer `1`, expected a JSON object"),
        ("7", "line 1: invalid type: integer `7`, expected a JSON object"),
        ("[\n {\n \"id\": 1, \"id\": 2}]", "line 2: duplicate key `id`"),
    ] {
        assert_eq!(problems(simulator().data_text("voyages", "given", text).build()), [expected], "{text}");
    }
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("utf-16.ndjson");
    std::fs::write(&path, [0xff, 0xfe, b'{', 0, b'}', 0]).expect("a file");
    let error = simulator().data_file("voyages", &path).build().expect_err("no text");
    assert_eq!(error.to_string(), format!("`{}` is not UTF-8 text; save it as UTF-8", path.display()));
}

#[test]
fn rows_of_a_list_and_of_a_response_have_their_lines() {
    let mut wrong = with_id(2);
    wrong["cargo"] = Value::Null;
    let text = format!("\n[\n{},\n\n{wrong}]", with_id(1));
    let expected = "line 5, `cargo`: null, but the spec says it is never null";
    assert_eq!(problems(simulator().data_text("voyages", "given", text).build()), [expected]);
    let text = format!("{{\"lines\": [{}]}}\n{{\"lines\":\u{20}[{wrong}]}}", with_id(1));
    let expected = expected.replace('5', "2");
    assert_eq!(problems(simulator().data_text("voyages", "given", text).build()), [expected]);
}

#[test]
fn duplicate_ids_are_reported_with_both_lines() {
    let (one, two) = (with_id(1), with_id(2));
    let text = format!("{one}\n{two}\n\n{one}\n");
    let expected = "line 4, `id`: 1 is the id of line 1 too";
    assert_eq!(problems(simulator().data_text("voyages", "given", text).build()), [expected]);
    let result =
        simulator().data_text("voyages", "jan", format!("{two}\n{one}")).data_lines("voyages", "feb", [(3, one)]).build();
    let error = result.expect_err("a duplicate");
    assert_eq!(
        error.to_string(),
        "rows of `voyages` in `feb` do not fit the spec:\n  line 3, `id`: 1 is the id of line 2 of `jan` too"
    );
    // Rows that derive from others have no id of their own.
    let lot = json!({"harbour_id": 1, "lot": "a", "all_count": 1, "moved_count": 1});
    assert!(simulator().data("lots", [lot.clone(), lot]).build().is_ok());
}

#[test]
fn a_message_shows_the_first_problems_on_short_lines() {
    let text = format!("{}\n", json!({"\u{1b}[2J".repeat(200): 1})).repeat(70);
    let error = simulator().data_text("partly", "given", text).build();
    let shown = error.expect_err("problems").to_string();
    assert!(shown.lines().all(|line| line.chars().count() < 200) && !shown.contains('\u{1b}'), "{shown}");
    assert!(shown.lines().count() == 52 && shown.ends_with("\n  and 20 more"), "{shown}");
}
