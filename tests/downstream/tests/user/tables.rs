//! CSV and Arrow.

use std::any::TypeId;
use std::fs;

use arrow_array::RecordBatch;
use placewise_reporting::{FromObject, JsonRow, MemberBalance, Members, Sendings, interval, member_balance, members};
use serde::{Serialize, de::DeserializeOwned};
use serde_arrow::schema::{SchemaLike, TracingOptions};
use serde_json::Value;

use crate::common::{client, each_row, month, server};

fn csv<T: Serialize>(rows: &[T]) -> Result<String, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    rows.iter().try_for_each(|row| writer.serialize(row))?;
    Ok(String::from_utf8(writer.into_inner().unwrap()).unwrap())
}

fn header(text: &str) -> &str {
    text.lines().next().unwrap()
}

/// The same row without each key that rows may lack.
fn sparse<T: FromObject + DeserializeOwned>(row: &T) -> T {
    let Value::Object(mut keys) = serde_json::to_value(row.wire()).unwrap() else { panic!("an object") };
    for key in keys.keys().cloned().collect::<Vec<_>>() {
        let value = keys.remove(&key).unwrap();
        if serde_json::from_str::<T>(&Value::Object(keys.clone()).to_string()).is_err() {
            keys.insert(key, value);
        }
    }
    serde_json::from_str(&Value::Object(keys).to_string()).unwrap()
}

#[test]
fn every_row_type_is_listed() {
    let sources = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/downstream/now/packages/placewise-reporting/generated/rust");
    let texts = fs::read_dir(sources).unwrap().map(|file| fs::read_to_string(file.unwrap().path()).unwrap());
    let generated: usize = texts.map(|text| text.matches("\nobject! {").count()).sum();
    let listed = std::cell::Cell::new(0);
    let count = |_: Box<dyn std::any::Any>| listed.set(listed.get() + 1);
    macro_rules! boxed {
        ($row:expr) => {
            count(Box::new($row))
        };
    }
    each_row!(boxed!);
    assert_eq!(listed.get(), generated + 1, "every generated type, and `JsonRow`");
}

#[test]
fn a_flat_row_has_the_same_columns_with_and_without_optional_keys() {
    fn check<T: FromObject + DeserializeOwned>(row: T) {
        let (full, sparse) = (csv(&[row.flat()]).unwrap(), csv(&[sparse(&row).flat()]).unwrap());
        assert_eq!(header(&full), header(&sparse));
        let names: Vec<_> = row.flat().columns().map(|(name, _)| name).collect();
        assert_eq!(header(&full), names.join(","));
        assert_eq!(csv::Reader::from_reader(sparse.as_bytes()).records().count(), 1);
    }
    each_row!(check);
}

#[test]
fn a_row_has_the_same_fields_with_and_without_optional_keys() {
    fn check<T: FromObject + Serialize + DeserializeOwned>(row: T) {
        let fields = |row: &T| match serde_json::to_value(row).unwrap() {
            Value::Object(keys) => keys.into_iter().map(|(key, _)| key).collect::<Vec<_>>(),
            _ => panic!("an object"),
        };
        // A row without a struct has no fields but the keys that it was sent.
        if TypeId::of::<T>() != TypeId::of::<JsonRow>() {
            assert_eq!(fields(&row), fields(&sparse(&row)));
        }
    }
    each_row!(check);
}

#[test]
fn a_row_without_lists_and_objects_goes_into_csv_as_it_is() {
    fn check<T: FromObject + Serialize>(row: T) {
        let nested = match serde_json::to_value(&row).unwrap() {
            Value::Object(keys) => keys.values().any(|value| value.is_object() || value.is_array()),
            _ => panic!("an object"),
        };
        if !nested {
            assert_eq!(csv(&[&row]).unwrap(), csv(&[row.flat()]).unwrap());
        }
    }
    each_row!(check);
}

#[tokio::test]
async fn rows_and_points_of_a_server_go_into_csv() {
    let server = server();
    let rows = client(&server).collect_all(Sendings::records()).await.unwrap();
    let text = csv(&rows.iter().map(|row| row.flat()).collect::<Vec<_>>()).unwrap();
    assert_eq!(csv::Reader::from_reader(text.as_bytes()).records().filter(|row| row.is_ok()).count(), rows.len());

    let chart = client(&server).fetch(MemberBalance::series(month()).interval(interval::Day)).await.unwrap();
    let text = csv(&chart.points().map(|point| point.flat()).collect::<Vec<_>>()).unwrap();
    assert_eq!(header(&text), "bucket,type,other,value");
    assert_eq!(text.lines().count(), 1 + chart.points().count());
    let plain = serde_json::to_value(chart.points().next().unwrap()).unwrap();
    assert_eq!(plain["type"], serde_json::to_value(&chart.series[0].label.r#type).unwrap());
    assert!(plain["other"].is_object());
}

#[test]
fn ten_thousand_unknown_keys_are_one_column() {
    let Value::Object(mut keys) = serde_json::to_value(members::Row::example().wire()).unwrap() else { panic!("an object") };
    let known = csv(&[members::Row::example().flat()]).unwrap();
    keys.extend((0..10_000).map(|index| (format!("unknown_{index}"), index.into())));
    let row: members::Row = serde_json::from_str(&Value::Object(keys.clone()).to_string()).unwrap();
    let text = csv(&[row.flat()]).unwrap();
    assert_eq!(header(&text), header(&known));
    let (_, other) = row.flat().columns().find(|(name, _)| *name == "other").unwrap();
    assert_eq!(serde_json::from_str::<JsonRow>(&other).unwrap().len(), row.other.len());
    assert!(row.other.len() >= 10_000);
    assert_eq!(serde_json::to_value(row.wire()).unwrap(), Value::Object(keys));
}

/// Columns and rows of the batch that serde_arrow makes of samples.
fn arrow<T: Serialize>(rows: &[T]) -> RecordBatch {
    let options = TracingOptions::default().allow_null_fields(true);
    let fields = Vec::<arrow_schema::FieldRef>::from_samples(rows, options).unwrap();
    serde_arrow::to_record_batch(&fields, &rows).unwrap()
}

#[test]
fn every_row_and_flat_row_goes_into_arrow() {
    fn check<T: FromObject + Serialize + DeserializeOwned>(row: T) {
        let rows = [sparse(&row), row];
        assert_eq!(arrow(&rows).num_rows(), 2);
        let flat = rows.each_ref().map(|row| row.flat());
        let batch = arrow(&flat);
        assert_eq!(batch.num_columns(), flat[0].columns().count());
    }
    each_row!(check);
}

#[tokio::test]
async fn rows_and_points_of_a_server_go_into_arrow() {
    let server = server();
    let rows = client(&server).collect_all(Members::records()).await.unwrap();
    assert_eq!(arrow(&rows.iter().map(|row| row.flat()).collect::<Vec<_>>()).num_rows(), rows.len());
    let rows = client(&server).collect_all(Sendings::records()).await.unwrap();
    assert_eq!(arrow(&rows).num_rows(), rows.len());
    let chart = client(&server).fetch(MemberBalance::by_optin_platform(month()).interval(interval::Day)).await.unwrap();
    let batch = arrow(&chart.points().map(|point| point.flat()).collect::<Vec<_>>());
    assert_eq!(batch.num_columns(), 5);
    let _: &member_balance::ByOptinPlatform = &chart.series[0].label;
}
