use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use placewise_model::{Model, Query, RequestKey, Scope};
use serde_json::Value;

use crate::support::{MODEL, Program, model, stderr};

/// The program in the folder of the harbour's model, so that no path is part of what it prints.
fn look(arguments: &[&str]) -> Output {
    let program = Program::at("http://127.0.0.1:1");
    let mut command = Command::new(env!("CARGO_BIN_EXE_placewise"));
    command.args(arguments).args(["--model", "model.json"]).env("XDG_CONFIG_HOME", program.path("config"));
    command.env_remove("PLACEWISE_PROFILE").env_remove("PLACEWISE_CONFIG").env_remove("PLACEWISE_RATE_LIMITER");
    command.current_dir(Path::new(MODEL).parent().expect("a folder")).output().expect("the program runs")
}

fn text(arguments: &[&str]) -> String {
    let output = look(arguments);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", stderr(&output));
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn json(arguments: &[&str]) -> Value {
    serde_json::from_str(&text(&[arguments, &["--format", "json"]].concat())).expect("JSON and nothing else")
}

#[test]
fn a_report_of_rows_is_described() {
    insta::assert_snapshot!(text(&["reports", "berths"]));
}

#[test]
fn a_timeseries_is_described() {
    insta::assert_snapshot!(text(&["reports", "traffic"]));
}

#[test]
fn a_report_known_by_name_alone_says_so() {
    insta::assert_snapshot!(text(&["reports", "fog"]));
}

#[test]
fn every_printed_command_is_the_query_that_curl_sends() {
    let own: Model = serde_json::from_str(placewise_reporting::MODEL).expect("a model");
    for (model, flags) in [(model(), &["--model", MODEL][..]), (own, &[])] {
        for report in &model.reports {
            let program = Program::at("http://127.0.0.1:1");
            let run = |arguments: &[String]| {
                let mut command = Command::new(env!("CARGO_BIN_EXE_placewise"));
                command
                    .args(arguments)
                    .env("XDG_CONFIG_HOME", program.path("config"))
                    .env("XDG_CACHE_HOME", program.path("cache"));
                let output = command.output().expect("the program runs");
                serde_json::from_slice::<Value>(&output.stdout).unwrap_or_else(|_| panic!("{arguments:?}: {}", stderr(&output)))
            };
            let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
            let described = run(&words(&[&["reports", &report.name, "--format", "json"], flags].concat()));
            let query = &described["query"];
            let mut planned = shell_words(query["command"].as_str().expect("a command"));
            assert_eq!(planned.first().map(String::as_str), Some("query"));
            planned[0] = "plan".into();
            planned.extend(words(&["--format", "json"]));
            assert_eq!(run(&planned)["body"], query["body"], "{query}");
            let curl = query["curl"].as_str().expect("a command");
            let rust = query["rust"].as_str().expect("statements");
            assert!(curl.starts_with("curl "), "{curl}");
            // Only the program's own API has a crate of generated types.
            let by_name = rust.contains(&format!("registry.find_report(\"{}\")", report.name));
            assert_eq!(by_name, !flags.is_empty(), "{rust}");
        }
    }
}

#[test]
fn any_value_comes_back_from_the_printed_command() {
    let model = model();
    let (report, keys, operators) = (model.report("berths").expect("the report"), &model.filter.keys, &model.filter.operators);
    let test = |operator: &str, field: &str, value: Value| serde_json::json!({ (keys.ty.as_str()): operator, (keys.field.as_str()): field, (keys.value.as_str()): value });
    let both = |operator: &str, tests: [Value; 2]| serde_json::json!({ (keys.ty.as_str()): operator, (keys.operations.as_str()): tests });
    let hostile = ["", "and", "null", "it's", "a \"b\" \\", "$(touch x)", "--yes", "(a, b)", "line\nline", "=1", "é „x“"];
    let equal = hostile.map(|text| test(&operators.equal.name, "name", text.into()));
    let (one, two) = (equal[3].clone(), test(&operators.one_of.name, "name", serde_json::json!(["in", "x y"])));
    let nested = both(
        &operators.or.name,
        [one.clone(), both(&operators.and.name, [two, test(&operators.not_equal.name, "name", Value::Null)])],
    );
    let same = both(&operators.and.name, [one.clone(), both(&operators.and.name, [one.clone(), one])]);
    for filter in equal.into_iter().chain([nested]) {
        let query = Query::new(&model, report).with(RequestKey::Filter, Some(filter));
        let mut words = shell_words(&query.command_line().expect("a command"));
        words[0] = "plan".into();
        let words: Vec<&str> = words.iter().map(String::as_str).chain(["--format", "json"]).collect();
        let planned: Value = serde_json::from_str(&Program::at("http://127.0.0.1:1").text(&words)).expect("JSON");
        assert_eq!(planned["body"], serde_json::to_value(&query).expect("JSON"), "{words:?}");
    }
    assert_eq!(
        Query::new(&model, report).with(RequestKey::Filter, Some(same)).command_line(),
        None,
        "it would be read as one operator"
    );
}

/// The arguments that a shell passes to `placewise`.
fn shell_words(command: &str) -> Vec<String> {
    let script = format!("placewise() {{ printf '%s\\0' \"$@\"; }}\n{command}");
    let output = Command::new("sh").args(["-c", &script]).output().expect("a shell");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    text.split_terminator('\0').map(str::to_owned).collect()
}

/// Compiles the statements, and has their text.
macro_rules! compiled {
    ($client:ident => $($statements:tt)*) => {{
        #[allow(dead_code, unused_variables, reason = "it only has to compile")]
        async fn compiled(
            $client: placewise_reporting::ApiClient<placewise_reporting::AnyApi>,
        ) -> Result<(), Box<dyn std::error::Error>> {
            use placewise_reporting::{Filter, Moment, Registry};
            $($statements)*
            Ok(())
        }
        stringify!($($statements)*)
    }};
}

#[test]
fn the_printed_rust_compiles() {
    let written = compiled! { client =>
        let registry = Registry::from_model(&std::fs::read_to_string("model.json")?)?;
        let from: Moment = "2026-01-01T00:00:00Z".parse()?;
        let to: Moment = "2026-01-08T00:00:00Z".parse()?;
        let query = registry.find_report("traffic")?.series(from..to)?
            .interval("1d")
            .filter(Filter::raw("{\"op\":\"is\",\"name\":\"way\",\"to\":\"in\"}".parse()?));
        let response = client.fetch(query).await?;
    };
    let squeezed = |text: &str| text.chars().filter(|character| !character.is_whitespace()).collect::<String>();
    let printed = json(&["reports", "traffic"])["query"]["rust"].as_str().expect("statements").to_owned();
    assert_eq!(squeezed(&printed), squeezed(written));
}

#[test]
fn the_rust_of_each_own_report_is_compiled_with_its_generated_types() {
    let compiled = concat!(env!("CARGO_MANIFEST_DIR"), "/../generated/tests/examples.rs");
    let squeezed = |text: &str| text.split_whitespace().collect::<String>().replace(",)", ")");
    let compiled = squeezed(&fs::read_to_string(compiled).expect("the generated tests"));
    let own: Model = serde_json::from_str(placewise_reporting::MODEL).expect("a model");
    for report in &own.reports {
        let output = Command::new(env!("CARGO_BIN_EXE_placewise")).args(["reports", &report.name, "--format", "json"]).output();
        let document: Value = serde_json::from_slice(&output.expect("the program runs").stdout).expect("JSON");
        let printed = document["query"]["rust"].as_str().expect("statements");
        let (import, statements) = printed.split_once("\n\n").expect("an import");
        assert_eq!(import, "use placewise_reporting::*;");
        assert!(compiled.contains(&squeezed(statements)), "{}: {printed}", report.name);
        assert!(!statements.contains("find_report") && document["rust_query"].is_null(), "{printed}");
    }
}

#[test]
fn a_misspelt_name_suggests_the_nearest() {
    let program = Program::at("http://127.0.0.1:1");
    for command in ["reports", "assumptions", "query", "plan"] {
        let said = program.refusal(&[command, "berhts"]);
        assert!(said.contains("no report is called `berhts`; did you mean `berths`?"), "{command}: {said}");
    }
    let model = model();
    let berths = model.report("berths").expect("the report");
    let field = berths.fields.iter().find(|field| field.filterable.may_filter() && field.name.len() > 4).expect("a field");
    let twisted = |name: &str| format!("{}x", &name[..name.len() - 1]);
    let condition = format!("{} = 1", twisted(&field.name));
    let by = &berths.aggregations.iter().find(|one| one.name.len() > 4).expect("an aggregation").name;
    for (option, value, meant) in [
        ("--where", condition.as_str(), &field.name),
        ("--by", &twisted(by), by),
        ("--columns", &twisted(&field.name), &field.name),
    ] {
        let said = program.refusal(&["plan", "berths", option, value]);
        assert!(said.contains(&format!("did you mean `{meant}`?")), "{option}: {said}");
    }
    let interval = &model.intervals(model.report("traffic").expect("the report")).last().expect("an interval").name;
    let range = ["plan", "traffic", "--from", "2026-01-01T00:00:00Z", "--to", "2026-01-02T00:00:00Z", "--interval"];
    let said = program.refusal(&[&range[..], &[&format!("{interval}x")]].concat());
    assert!(said.contains(&format!("did you mean `{interval}`?")), "{said}");
    let listed = berths.fields.iter().find_map(|field| match &field.ty {
        placewise_model::Type::Enum(ty) if field.filterable.may_filter() => Some((field, ty.values.first()?)),
        _ => None,
    });
    let (field, value) = listed.expect("an enumeration");
    let output = program.run(&["plan", "berths", "--where", &format!("{} = {}x", field.name, value.value)]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &stderr(&output);
    assert!(said.contains(&format!("did you mean `{}`?", value.value)), "{said}");
}

#[test]
fn assumptions_say_why_and_how_to_override_them() {
    let model = model();
    let all = json(&["assumptions"]);
    let ids = |list: &Value| {
        list.as_array().expect("a list").iter().map(|one| one["id"].as_str().expect("an id").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids(&all), model.assumptions.iter().map(|one| one.id.clone()).collect::<Vec<_>>());
    let said = text(&["assumptions"]);
    for assumption in &model.assumptions {
        assert!(said.contains(&format!("{} = ", assumption.id)), "{said}");
        let flag = format!("--assume {}=VALUE", assumption.id);
        assert_eq!(said.contains(&flag), assumption.scope != Scope::Types, "{said}");
    }
    let rows = ids(&json(&["assumptions", "berths"]));
    let chart = ids(&json(&["assumptions", "traffic"]));
    let cursor = model.records.request.cursor.assumption.clone().expect("assumed");
    let points = model.timeseries.time_points.assumption.clone().expect("assumed");
    assert!(rows.contains(&cursor) && !rows.contains(&points), "{rows:?}");
    assert!(chart.contains(&points) && !chart.contains(&cursor), "{chart:?}");
    assert_eq!(json(&["reports", "berths"])["assumptions"].as_array().map(Vec::len), Some(rows.len()));
}
