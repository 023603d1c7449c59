//! The scripted server of all tests, and a page to script.

#[path = "../../../tests/support/wire.rs"]
mod wire;
pub use wire::{Stub, reply};

/// A page of rows `{"reporting_id": n, "ids": []}`.
#[allow(dead_code, reason = "each test uses a part of it")]
pub fn page(ids: &[i64], next: Option<&str>) -> String {
    let rows: Vec<_> = ids.iter().map(|id| serde_json::json!({"reporting_id": id, "ids": []})).collect();
    let body = serde_json::json!({"records": rows, "pagination": {"next_page_info": next}, "result_type": "records"});
    reply(200, &["ratelimit-bucket: b", "ratelimit-remaining: -3", "ratelimit-cost: 2"], &body.to_string())
}
