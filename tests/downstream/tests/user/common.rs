//! A simulator, its client, and every row type of the crate.

use placewise_reporting::{Client, Customers, JsonRow, MODEL, Moment, TimeRange};
use placewise_simulator::{Server, Simulator};
use serde_json::json;

pub const CUSTOMER: i64 = 1_000_941;

pub fn server() -> Server {
    let now = "2026-03-01T12:00:00Z".parse().unwrap();
    let simulator = Simulator::from_json(MODEL).unwrap().seed(7).rows(40).customers([CUSTOMER]);
    simulator.clock(move || now).assume("bucket-capacity", 1_000_000).start().unwrap()
}

pub fn client(server: &Server) -> Client {
    let now = "2026-03-01T12:00:00Z".parse().unwrap();
    let builder = Client::builder().base_url(server.url()).token("demo").customers(Customers::id(CUSTOMER));
    builder.product_name("downstream").clock(move || now).build().unwrap()
}

/// A month that the simulator has data of.
pub fn month() -> TimeRange {
    let at = |text: &str| text.parse::<Moment>().unwrap();
    (at("2026-02-01T00:00:00Z")..at("2026-03-01T00:00:00Z")).into()
}

pub fn json_row() -> JsonRow {
    let entries = [
        ("id", json!(1)),
        ("name", json!("x")),
        ("tags", json!(["a"])),
        ("nested", json!({ "deep": null })),
        ("share", json!(0.5)),
    ];
    entries.into_iter().collect()
}

/// Calls a generic function with an example of every row and label type. `tables::every_row_type_is_listed` keeps the list complete.
macro_rules! each_row {
    ($check:ident $($bang:tt)?) => {{
        use placewise_reporting::{member_balance, members, members_grouped_count, sendings, sendings_links, sendings_links_stats};
        each_row!(@ $check $($bang)?: sendings::Row, sendings::ByReportingId, sendings::ByCampaignId, sendings::ComputedCounts,
            sendings::TimeseriesTimeRange, members::Row, members_grouped_count::Row, members_grouped_count::ByGroupingTypeAndValue,
            sendings_links::Row, sendings_links_stats::Row, member_balance::Label, member_balance::ByOptinPlatform);
        $check $($bang)? ($crate::common::json_row());
    }};
    (@ $check:ident: $($row:ty),+) => { $( $check(<$row>::example()); )+ };
    (@ $check:ident !: $($row:ty),+) => { $( $check!(<$row>::example()); )+ };
}
pub(crate) use each_row;
