//! A lenient client: a value that does not fit costs its field, or its row if the field may not be empty. Nothing is lost or made up.

mod stub;

use harbour_api::{Berths, Chart, Client, HttpResponse, Quays, Tides, Traffic, interval, object, traffic};
use serde_json::{Value, json};
use stub::{Step, range, scripted};

/// A row of few fields, some of which may be empty.
#[derive(Clone)]
struct Berth {
    id: i64,
    length: Option<f64>,
    tags: Option<Vec<i64>>,
    crane: Option<Crane>,
}
object! { Berth: id, length, tags, crane }

#[derive(Clone)]
struct Crane {
    reach: Option<f64>,
}
object! { Crane: reach }

fn lenient(body: &Value) -> Client {
    let body = body.to_string();
    let response = move |_: &Value, _| Step::Reply(HttpResponse::new(200).body(body.clone()));
    scripted(response).0.lenient(true).max_body_bytes(100_000).build().unwrap()
}

fn lines(rows: &[Value]) -> Value {
    json!({"lines": rows, "more": {"at": null}})
}

#[tokio::test]
async fn a_value_costs_its_field_and_a_required_one_its_row() {
    let rows = [
        json!({"id": 1, "length": 2.5, "tags": [1], "crane": {"reach": 1}}),
        json!({"id": 2, "length": "long", "tags": [1, "two"], "crane": {"reach": "far"}}),
        json!({"id": "three", "length": 3}),
        json!(4),
        json!({"id": 5, "crane": []}),
    ];
    let client = lenient(&lines(&rows));
    let page = client.fetch(Berths::records().rows_as::<Berth>()).await.unwrap();
    assert_eq!(page.rows.iter().map(|row| row.id).collect::<Vec<_>>(), [1, 2, 5]);
    let second = &page.rows[1];
    assert_eq!((second.length, second.tags.as_ref(), second.crane.as_ref().unwrap().reach), (None, None, None));
    let misfits = page.misfits();
    let kept: Vec<_> =
        misfits.kept.iter().map(|one| (one.row, one.field.as_deref(), one.raw.as_str(), one.row_left_out)).collect();
    assert_eq!(
        kept,
        [
            (1, Some("length"), r#""long""#, false),
            (1, Some("tags.1"), r#"[1,"two"]"#, false),
            (1, Some("crane.reach"), r#""far""#, false),
            (2, Some("id"), r#"{"id":"three","length":3}"#, true),
            (3, None, "4", true),
            (4, Some("crane"), "[]", false),
        ]
    );
    assert_eq!((misfits.count, misfits.kept[0].expected.as_str()), (6, "a number"));
    // A stream adds them up, and strict clients fail at the first.
    let mut stream = client.stream(Berths::records().rows_as::<Berth>());
    while stream.try_next().await.unwrap().is_some() {}
    assert_eq!(stream.misfits(), misfits);
    let strict = stub::client_of(stub::rows(&json!(rows)));
    assert!(strict.fetch(Berths::records().rows_as::<Berth>()).await.unwrap_err().is_decode());
}

#[tokio::test]
async fn what_is_kept_is_bounded_and_memory_still_counts() {
    let rows = vec![json!({"id": 1, "length": "x"}); 1500];
    let misfits = lenient(&lines(&rows)).fetch(Berths::records().rows_as::<Berth>()).await.unwrap().misfits().clone();
    assert_eq!((misfits.kept.len(), misfits.count), (1000, 1500));
    // Rows that do not fit into memory are not left out.
    let rows = vec![json!({"a": 1}); 9000];
    assert!(lenient(&lines(&rows)).fetch(Tides::records()).await.unwrap_err().to_string().contains("raise it"));
    // Neither is a page without rows taken for an empty one.
    let all_odd = lenient(&lines(&[json!({"id": "x"})])).fetch(Quays::records()).await.unwrap();
    assert_eq!((all_odd.rows.len(), all_odd.misfits().count), (0, 1));
}

#[tokio::test]
async fn a_value_of_a_chart_costs_its_point() {
    let starts = ["2024-04-08T00:00:00Z", "2024-04-09T00:00:00Z", "2024-04-10T00:00:00Z"];
    let lines = json!([{"tag": {"way": "in"}, "heights": [1, 2, null]}, {"tag": {"way": 5}, "heights": [null, "many", 3]}]);
    let body = json!({"step": "1d", "clock": "UTC", "marks": starts, "lines": lines, "kind": "marks"});
    let query = || Traffic::series(range()).interval(interval::Day);
    let body_text = body.to_string();
    let strict = scripted(move |_, _| Step::Reply(HttpResponse::new(200).body(body_text.clone()))).0.build().unwrap();
    assert!(strict.fetch(query()).await.unwrap_err().is_decode());

    let client = lenient(&body);
    let chart = client.fetch(query()).await.unwrap();
    let misfits = chart.misfits().clone();
    let kept: Vec<_> = misfits.kept.iter().map(|one| (one.row, one.field.as_deref(), one.raw.as_str())).collect();
    assert_eq!(kept, [(1, Some("lines.tag.way"), "5"), (1, Some("lines.heights.2024-04-09T00:00:00Z"), "\"many\"")]);
    assert_eq!(misfits.count, 2);
    let values = |chart: &Chart<traffic::Label>| chart.points().map(|point| Some(point.value?.as_f64())).collect::<Vec<_>>();
    assert_eq!(values(&chart), [Some(1.0), Some(2.0), None, None, None, Some(3.0)]);
    assert_eq!(chart.series[1].label.way, None);
    // A history reads its labels later.
    let history = client.history(query()).fetch().await.unwrap().chart().unwrap();
    assert_eq!((values(&history), history.misfits()), (values(&chart), &misfits));
}

#[tokio::test]
async fn what_is_no_list_of_values_stays_an_error() {
    for heights in [json!("x"), json!([1, 2])] {
        let lines = json!([{"tag": {}, "heights": heights}]);
        let chart = json!({"step": "1d", "clock": "UTC", "marks": [], "lines": lines, "kind": "marks"});
        assert!(lenient(&chart).fetch(Traffic::series(range())).await.unwrap_err().is_decode());
    }
}
