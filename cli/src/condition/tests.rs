use placewise_reporting::Registry;

use super::*;
use crate::dates::{Zone, ZoneSource};

const HARBOUR: &str = include_str!("../../../tests/fixtures/harbour/generated/model.json");

fn registry() -> &'static Registry {
    static REGISTRY: std::sync::OnceLock<&'static Registry> = std::sync::OnceLock::new();
    REGISTRY.get_or_init(|| Registry::from_model(HARBOUR).expect("a model"))
}

fn report() -> &'static ReportInfo {
    registry().report("berths").expect("the report")
}

fn dates(zone: Option<&str>) -> Dates {
    let zone = zone.map(|name| Zone::named(name, ZoneSource::Flag).expect("a zone"));
    Dates::new("2026-03-15T11:30:00Z".parse().expect("a time"), zone)
}

/// The filter in the harbour's own words.
fn sent(text: &str) -> String {
    let condition = read(report(), &dates(Some("Europe/Oslo")), text).unwrap_or_else(|failure| panic!("{text}: {failure:?}"));
    let body = report().records().expect("rows").filter(condition.filter).body();
    body["where"].to_string()
}

fn refused(text: &str) -> String {
    match read(report(), &dates(Some("Europe/Oslo")), text) {
        Err(Failure::CannotRun(message)) => message,
        other => panic!("{text}: {other:?}"),
    }
}

fn compared(operator: &str, name: &str, value: &str) -> String {
    format!(r#"{{"name":"{name}","op":"{operator}","to":{value}}}"#)
}

#[test]
fn conditions_become_filters() {
    let is = |name, value| compared("is", name, value);
    for (text, filter) in [
        ("kind = dry", is("kind", "\"dry\"")),
        ("KIND = dry", String::new()),
        ("length == 12.5", is("length", "12.5")),
        ("name = 'it''s \"x\" \\u00e9'", is("name", "\"it's \\\"x\\\" é\"")),
        ("name = \"a \\\"b\\\" \\\\ \\n\"", is("name", "\"a \\\"b\\\" \\\\ \\n\"")),
        ("name = naïve", is("name", "\"naïve\"")),
        ("name = 'null'", is("name", "\"null\"")),
        ("name = NULL", is("name", "null")),
        ("name is null", is("name", "null")),
        ("'type' = '-14'", is("type", "\"-14\"")),
        ("covered = true", is("covered", "true")),
        ("inspected = 2026-01-31", is("inspected", "\"2026-01-31\"")),
        ("inspected = yesterday", is("inspected", "\"2026-03-14\"")),
        ("built_at = 2026-01-31T10:00", is("built_at", "\"2026-01-31T10:00:00.000+01:00\"")),
    ] {
        if filter.is_empty() {
            assert!(refused(text).contains("did you mean `kind`?"), "names are those of the API");
        } else {
            let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).expect("JSON");
            assert_eq!(json(&sent(text)), json(&filter), "{text}");
        }
    }
}

#[test]
fn groups_nest_as_in_sql() {
    let both = sent("kind = dry and covered = true or name is not null and (length > 1 or length < 0)");
    let model: serde_json::Value = serde_json::from_str(&both).expect("JSON");
    let any = model["op"].as_str().expect("an operator").to_owned();
    assert_eq!(model["of"].as_array().map(Vec::len), Some(2));
    assert_ne!(model["of"][0]["op"], any.as_str());
    assert_eq!(model["of"][1]["of"][1]["op"], any.as_str());
    assert_eq!(
        sent("kind = dry and covered = true and id in (1, 2)"),
        sent("(kind = dry) AND ((covered = true) And id IN (1,2))")
    );
}

#[test]
fn a_day_is_a_whole_day() {
    let (start, next) = ("2026-01-31T00:00:00.000+01:00", "2026-02-01T00:00:00.000+01:00");
    let as_times = |text: &str| sent(&text.replace("START", start).replace("NEXT", next));
    for (day, times) in [
        ("built_at >= 2026-01-31", "built_at >= START"),
        ("built_at > 2026-01-31", "built_at >= NEXT"),
        ("built_at < 2026-01-31", "built_at < START"),
        ("built_at <= 2026-01-31", "built_at < NEXT"),
        ("built_at = 2026-01-31", "built_at >= START and built_at < NEXT"),
        ("built_at != 2026-01-31", "built_at < START or built_at >= NEXT"),
    ] {
        assert_eq!(sent(day), as_times(times), "{day}");
    }
    let condition = read(report(), &dates(Some("Europe/Oslo")), "built_at <= 2026-01-31").expect("a condition");
    assert_eq!(condition.notes, [format!("built_at < {next}")]);
    assert!(refused("built_at in (2026-01-31)").contains("a day is no single time"));
    assert!(refused("built_at = 2026-02-30").contains("no date of the calendar"));
    assert!(refused("built_at = 2026-10-25T02:30").contains("comes twice"));
    let Err(Failure::CannotRun(zoneless)) = read(report(), &dates(None), "built_at > 2026-01-31") else { panic!("sent") };
    assert!(zoneless.contains("--zone"), "{zoneless}");
}

#[test]
fn a_negation_is_sent_where_it_is_exact() {
    assert_eq!(sent("not id = 1"), sent("id != 1"));
    assert_eq!(sent("not (id = 1 or id > 5)"), sent("id != 1 and id <= 5"));
    assert_eq!(sent("not not name = x"), sent("name = x"));
    assert_eq!(sent("not (name is null and id in (1))"), sent("name is not null or id not in (1)"));
    let message = refused("not (id = 1 and name = x)");
    assert!(message.contains("whether `!=` matches rows without `name` is not documented"), "{message}");
}

#[test]
fn problems_are_underlined_and_name_what_fits() {
    let texts = [
        "knd = dry",
        "kind > dry and covered = maybe and id = 1.5",
        "harbour = 1 or secret = x or unsure = y",
        "kind = dry and",
        "kind dry",
        "(kind = dry",
        "kind = 'dry",
        "船 = 'x' and kind = “dry”",
        "tags = a and crane = 1 and tags in (null)",
    ];
    insta::assert_snapshot!(texts.map(refused).join("\n\n"));
}

#[test]
fn an_unlisted_value_is_sent_with_a_warning() {
    let condition = read(report(), &dates(None), "kind = wett").expect("enumerations are open");
    assert_eq!(condition.warnings.len(), 1);
    assert!(condition.warnings[0].contains("did you mean `wet`?"), "{:?}", condition.warnings);
}

#[test]
fn a_condition_cut_anywhere_is_read_or_refused_in_its_own_words() {
    let whole = "not (id in (1, 22) or 'na''me' = \"ü\\\"x\\u00e9\") and name is not null and built_at >= 2025-01-01";
    for (cut, _) in whole.char_indices() {
        let text = &whole[..cut];
        if let Err(failure) = read(report(), &dates(Some("Europe/Oslo")), text) {
            let Failure::CannotRun(message) = failure else { panic!("{text}") };
            assert!(message.starts_with("--where: ") && message.contains('^'), "{text}: {message}");
        }
        // Cut at the start, too.
        let _ = read(report(), &dates(None), &whole[cut..]);
    }
}

#[test]
fn ten_thousand_conditions_are_read_and_deep_ones_refused() {
    let many = vec!["id = 1"; 10_000];
    for joint in [" and ", " or "] {
        let text = many.join(joint);
        let sent: serde_json::Value = serde_json::from_str(&sent(&text)).expect("JSON");
        assert_eq!(sent["of"].as_array().map(Vec::len), Some(10_000));
    }
    let list = vec!["1"; 10_000].join(",");
    assert!(sent(&format!("id in ({list})")).len() > 20_000);
    for (open, close) in [("(", ")"), ("not ", "")] {
        let deep = format!("{}id = 1{}", open.repeat(10_000), close.repeat(10_000));
        assert!(refused(&deep).contains("nested deeper"), "{open}");
    }
    assert!(refused(&"x".repeat(2 << 20)).contains("maximum"));
    let long = format!("{} and knd = 1", many.join(" and "));
    assert!(refused(&long).lines().all(|line| line.chars().count() < 600), "only the part around the word is shown");
}

#[test]
fn hostile_text_reaches_no_terminal() {
    let message = refused("\u{1b}[31m\u{202e}x = 1");
    assert!(!message.contains(['\u{1b}', '\u{202e}']), "{message:?}");
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "[ a-z(),'\"=!<>\\\\0-9-]{0,40}|.{0,40}") {
        if let Err(Failure::CannotRun(message)) = read(report(), &dates(None), &text) {
            proptest::prop_assert!(message.contains('^'));
        }
    }
}
