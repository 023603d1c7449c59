//! Files with typed columns, read by tools that share nothing with the program, and plots.

use std::fs;
use std::process::Command;

use serde_json::json;

use crate::scripted::{self, Scripted, page, refusal};
use crate::support::{Program, harbour, model, stderr};

/// The date that many days ago.
fn day(days: i64) -> String {
    let today = jiff::Timestamp::now().to_zoned_datetime(jiff::tz::TimeZone::UTC).date();
    today.checked_sub(jiff::SignedDuration::from_hours(24 * days)).expect("a day").to_string()
}

/// The query of a chart of four days, with `more` arguments.
fn series(more: &[&str]) -> Vec<String> {
    let query = ["query", "traffic", "--interval", "1d", "--zone", "UTC", "--overwrite", "--from"].map(str::to_owned);
    query.into_iter().chain([day(7), "--to".into(), day(4)]).chain(more.iter().map(|more| (*more).to_owned())).collect()
}

fn borrowed(arguments: &[String]) -> Vec<&str> {
    arguments.iter().map(String::as_str).collect()
}

/// The chart, as the server sends it: a series with a gap, and one whose name is markup.
fn chart() -> scripted::Answer {
    let model = model();
    let keys = &model.timeseries.response;
    let marks: Vec<String> = (4..8).rev().map(|days| format!("{}T00:00:00.000Z", day(days))).collect();
    let lines = [("<b>&\"in\"", json!([1, 2, null, 4])), ("out", json!([0, 0.5, null, null]))];
    let lines = lines.map(|(way, values)| json!({ &keys.label: { "way": way }, &keys.values: values }));
    let body = json!({
        &keys.interval: "1d", &keys.zone: "UTC", &keys.buckets: marks, &keys.series: lines, &keys.data_points: 5,
        &keys.result_type: keys.result_type_value,
    });
    Some((200, body.to_string()))
}

fn missing(feature: &str) -> bool {
    let built = [("parquet", cfg!(feature = "parquet")), ("arrow", cfg!(feature = "arrow")), ("plot", cfg!(feature = "plot"))];
    !built.contains(&(feature, true))
}

#[test]
fn what_needs_a_feature_names_it_and_sends_nothing() {
    let server = harbour(3);
    let program = Program::at(server.url());
    for feature in ["parquet", "arrow"].into_iter().filter(|feature| missing(feature)) {
        let out = format!("rows.{feature}");
        for arguments in [&["query", "berths", "--out", &out][..], &["query", "berths", "--format", feature]] {
            let error = program.refusal(arguments);
            assert!(error.contains(&format!("--features {feature}")), "{error}");
        }
    }
    if missing("plot") {
        let error = program.refusal(&borrowed(&series(&["--plot", "chart.svg"])));
        assert!(error.contains("--features plot"), "{error}");
    }
    assert_eq!((server.requests().len(), program.files()), (0, Vec::new()));
}

/// Pages of rows with long texts, more than one row group of Parquet holds.
fn wide() -> Vec<scripted::Answer> {
    let model = model();
    let mut seed = 1_u64;
    let mut text = || {
        let words = (0..1200).map(|_| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            format!("{seed:016x}")
        });
        words.collect::<String>()
    };
    let mut pages = Vec::new();
    for number in 0..30 {
        let rows: Vec<String> = (0..60).map(|row| json!({ "id": 60 * number + row, "name": text() }).to_string()).collect();
        let next = (number < 29).then(|| format!("page {number}"));
        pages.push(page(&model, &rows.iter().map(String::as_str).collect::<Vec<_>>(), next.as_deref()));
    }
    pages
}

#[test]
fn files_with_typed_columns_are_read_by_other_tools() {
    if missing("parquet") || missing("arrow") {
        return;
    }
    let server = harbour(2000);
    let program = Program::at(server.url());
    const FORMATS: [&str; 3] = ["ndjson", "parquet", "arrow"];
    for format in FORMATS {
        program.text(&["query", "berths", "--out", &format!("rows.{format}")]);
    }
    let charts = Scripted::start([chart(), chart(), chart()]);
    let program = Program { url: charts.url(), ..program };
    for format in ["csv", "parquet", "arrow"] {
        program.text(&borrowed(&series(&["--out", &format!("chart.{format}")])));
    }
    let program = FORMATS.into_iter().fold(program, |program, format| {
        let server = Scripted::start(wide());
        let program = Program { url: server.url(), ..program };
        program.text(&["query", "berths", "--columns", "id,name", "--out", &format!("wide.{format}")]);
        program
    });
    for (name, magic) in
        [("rows.parquet", "PAR1"), ("chart.parquet", "PAR1"), ("rows.arrow", "ARROW1"), ("chart.arrow", "ARROW1")]
    {
        let bytes = fs::read(program.path(name)).expect("the file");
        assert!(bytes.starts_with(magic.as_bytes()) && bytes.ends_with(magic.as_bytes()), "{name} is complete");
    }
    let python = |arguments: &[&str]| Command::new("python3").args(arguments).current_dir(program.folder.path()).output();
    if !python(&["-c", "import duckdb, pyarrow"]).is_ok_and(|output| output.status.success()) {
        println!("skipped pyarrow and DuckDB: not installed; pip install pyarrow duckdb");
        return;
    }
    let output = python(&[concat!(env!("CARGO_MANIFEST_DIR"), "/tests/files.py"), "."]).expect("python3 runs");
    println!("{}", String::from_utf8_lossy(&output.stdout));
    assert!(output.status.success(), "{}{}", String::from_utf8_lossy(&output.stdout), stderr(&output));
}

#[test]
fn a_typed_file_is_not_gone_on_with_and_leaves_nothing() {
    if missing("parquet") || missing("arrow") {
        return;
    }
    for format in ["parquet", "arrow"] {
        let model = model();
        let server = Scripted::start([page(&model, &["{\"id\": 1}"], Some("two")), refusal(403)]);
        let program = Program::at(server.url());
        let out = format!("rows.{format}");
        let broken = program.run(&["query", "berths", "--out", &out]);
        assert_eq!((broken.status.code(), program.files()), (Some(3), Vec::new()), "{}", stderr(&broken));
        assert!(stderr(&broken).contains("cannot be continued"), "{}", stderr(&broken));
        let error = program.refusal(&["query", "berths", "--out", &out, "--resume"]);
        assert!(error.contains("cannot be continued"), "{error}");
    }
}

#[test]
fn a_plot_has_axes_a_legend_and_gaps_and_its_text_is_escaped() {
    if missing("plot") {
        return;
    }
    let server = Scripted::start([chart()]);
    let program = Program::at(server.url());
    program.text(&borrowed(&series(&["--plot", "chart.svg"])));
    assert_eq!(program.files(), ["chart.svg"]);
    let svg = fs::read_to_string(program.path("chart.svg")).expect("the file");
    assert!(svg.starts_with("<svg ") && svg.trim_end().ends_with("</svg>"), "{svg}");
    let (first, last) = (day(7), day(4));
    for text in ["traffic, 1d, UTC", "&lt;b&gt;&amp;&quot;in&quot;", "out", &first, &last] {
        assert!(svg.contains(&format!("\n{text}\n")), "{text}: {svg}");
    }
    assert!(!svg.contains("<b>"), "{svg}");
    // The value after the gap has no neighbor, so it is a dot.
    assert_eq!(svg.matches("<circle ").count(), 1, "{svg}");
}

#[test]
fn a_plot_that_cannot_be_drawn_sends_nothing() {
    if missing("plot") {
        return;
    }
    let server = harbour(3);
    let program = Program::at(server.url());
    for (arguments, said) in [
        (&["--plot", "chart.png"][..], "does not end in .svg"),
        (&["--plot", "none/chart.svg"], "cannot write `none/chart.svg.partial`"),
        (&["--plot", "x.svg", "--out", "x.svg", "--format", "csv"], "name two files"),
    ] {
        let error = program.refusal(&borrowed(&series(arguments)));
        assert!(error.contains(said), "{error}");
    }
    let rows = program.refusal(&["query", "berths", "--plot", "chart.svg"]);
    assert!(rows.contains("is no timeseries"), "{rows}");
    assert_eq!((server.requests().len(), program.files()), (0, Vec::new()));
}
