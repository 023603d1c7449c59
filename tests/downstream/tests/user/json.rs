//! JSON lines, the wire form, and `#[serde(flatten)]`.

use std::fmt::Debug;

use placewise_reporting::{
    Client, FromObject, JsonRow, Members, MembersGroupedCount, Records, Report, Sendings, SendingsLinks, SendingsLinksStats,
};
use placewise_reporting::{ReportingApi, sendings};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::common::{client, each_row, server};

#[test]
fn a_row_reads_back_from_either_form_of_a_json_line() {
    fn check<T: FromObject + Serialize + DeserializeOwned + PartialEq + Debug>(row: T) {
        for line in [serde_json::to_string(&row).unwrap(), serde_json::to_string(&row.wire()).unwrap()] {
            assert!(!line.contains('\n'));
            assert_eq!(serde_json::from_str::<T>(&line).unwrap(), row, "{line}");
        }
        assert_eq!(serde_json::from_value::<T>(serde_json::to_value(&row).unwrap()).unwrap(), row);
    }
    each_row!(check);
}

#[tokio::test]
async fn the_wire_form_is_what_the_server_sent() {
    async fn check<R: Report<Api = ReportingApi>, T: FromObject + Debug>(client: &Client, query: Records<R, T>) {
        let sent = client.collect_all(query.clone().rows_as::<JsonRow>()).await.unwrap();
        let rows = client.collect_all(query).await.unwrap();
        assert!(!rows.is_empty());
        let wire: Vec<Value> = rows.iter().map(|row| serde_json::to_value(row.wire()).unwrap()).collect();
        assert_eq!(wire, sent.into_iter().map(Value::from).collect::<Vec<_>>());
    }
    let server = server();
    let client = client(&server);
    check(&client, Sendings::records()).await;
    check(&client, Sendings::by_reporting_id()).await;
    check(&client, Sendings::by_campaign_id()).await;
    check(&client, Members::records()).await;
    check(&client, MembersGroupedCount::records()).await;
    check(&client, MembersGroupedCount::by_grouping_type_and_value()).await;
    check(&client, SendingsLinks::records()).await;
    check(&client, SendingsLinksStats::records()).await;
}

#[derive(Serialize)]
struct Written<'a> {
    club: &'a str,
    #[serde(flatten)]
    row: &'a sendings::Row,
}

#[derive(Deserialize)]
struct Read {
    #[serde(flatten)]
    _row: sendings::Row,
}

#[test]
fn flatten_writes_a_row_and_its_reading_error_says_how_to_read() {
    let row = sendings::Row::example();
    let json = serde_json::to_value(Written { club: "north", row: &row }).unwrap();
    assert_eq!((&json["club"], &json["id"]), (&"north".into(), &row.id.into()));
    let error = serde_json::from_value::<Read>(json).err().unwrap().to_string();
    assert!(
        error.starts_with(
            "Row: it is read from JSON with `serde_json`, not through `#[serde(flatten)]` and not from other formats"
        ),
        "{error}"
    );
}
