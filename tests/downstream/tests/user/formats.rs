//! Formats other than JSON, one without names and one with: they write rows, and say that they do not read them.

use placewise_reporting::FromObject;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::common::each_row;

#[test]
fn every_form_of_every_row_goes_into_postcard() {
    fn check<T: FromObject + Serialize>(row: T) {
        assert!(!postcard::to_stdvec(&row).unwrap().is_empty());
        assert!(!postcard::to_stdvec(&row.flat()).unwrap().is_empty());
        assert!(!postcard::to_stdvec(&row.wire()).unwrap().is_empty());
    }
    each_row!(check);
}

#[test]
fn cbor_holds_what_json_holds() {
    fn check<T: FromObject + Serialize>(row: T) {
        fn same(value: &impl Serialize) {
            let mut bytes = Vec::new();
            ciborium::into_writer(value, &mut bytes).unwrap();
            assert_eq!(ciborium::from_reader::<Value, _>(&*bytes).unwrap(), serde_json::to_value(value).unwrap());
        }
        same(&row);
        same(&row.flat());
        same(&row.wire());
    }
    each_row!(check);
}

#[test]
fn reading_a_generated_row_from_another_format_says_how_to_read() {
    fn check<T: DeserializeOwned + Serialize>(row: T) {
        let bytes = postcard::to_stdvec(&row).unwrap();
        assert!(postcard::from_bytes::<T>(&bytes).is_err());
        let mut bytes = Vec::new();
        ciborium::into_writer(&row, &mut bytes).unwrap();
        let error = ciborium::from_reader::<T, _>(&*bytes).err().unwrap().to_string();
        assert!(error.contains("it is read from JSON with `serde_json`"), "{error}");
    }
    check(placewise_reporting::sendings::Row::example());
    check(placewise_reporting::members::Row::example());
}
