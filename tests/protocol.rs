//! Paging, aggregations and customers: the generated client against the simulator over a socket.

mod common;

use std::collections::BTreeMap;

use common::{CUSTOMERS, WHOLE, builder, client, json_of, rows, serve, simulator, start};
use futures_util::TryStreamExt as _;
use placewise_reporting::{Client, Customers, Sendings, Timestamp, blocking, sendings::*};
use serde_json::{Value, json};

#[tokio::test]
async fn every_page_size_returns_the_same_rows_in_order() {
    let server = start(simulator().rows(60));
    let client = client(&server);
    let all = rows(&client).await;
    assert_eq!(all.len(), 60);
    assert!(all.is_sorted_by_key(|row| row.id));
    for (size, ahead) in [(1, 1), (1, 5), (7, 1), (7, 0), (20, 1), (59, 0), (60, 1), (61, 1), (WHOLE, 0)] {
        let before = server.requests().len();
        let stream = client.stream(Sendings::records().page_size(size)).prefetch(ahead);
        assert_eq!(stream.try_collect::<Vec<_>>().await.expect("rows"), all, "{size}");
        // A last page that is full has a null cursor like one that is not: nothing is asked after it.
        let asked = server.requests().split_off(before);
        assert_eq!(asked.len(), 60_usize.div_ceil(size as usize), "{size}");
        for (index, asked) in asked.iter().enumerate() {
            let body = asked.body.as_ref().expect("JSON");
            assert_eq!((&body["limit"], body["page_info"].is_string()), (&json!(size), index > 0));
        }
    }
    assert_eq!(client.collect_all(Sendings::records()).await.expect("rows"), all);
}

#[tokio::test]
async fn a_stream_resumes_at_a_cursor_with_another_page_size() {
    let server = start(simulator().rows(60));
    let client = client(&server);
    let all = rows(&client).await;
    let (mut found, mut cursor) = (Vec::new(), None::<String>);
    for size in [3, 11, 1, 8].into_iter().cycle() {
        let query = Sendings::records().page_size(size).filter(ID.gt(0));
        let page = client.fetch(cursor.iter().fold(query, |query, cursor| query.resume_from(cursor))).await.expect("a page");
        found.extend(page.rows);
        cursor = page.next.cursor().map(str::to_owned);
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(found, all);
}

/// No simulator gives short pages before the last, so these come from a script.
#[tokio::test]
async fn short_and_empty_pages_do_not_end_a_stream() {
    let server = start(simulator().rows(10));
    let all = rows(&client(&server)).await;
    let page =
        |rows: &[Row], next: Value| json!({"records": rows, "pagination": {"next_page_info": next}, "result_type": "records"});
    let pages = vec![
        page(&all[..4], "a".into()),
        page(&all[4..5], "b".into()),
        page(&[], "c".into()),
        page(&all[5..7], "d".into()),
        page(&all[7..], Value::Null),
    ];
    let scripted = builder(&server).base_url(serve(pages)).build().expect("a client");
    assert_eq!(scripted.collect_all(Sendings::records().page_size(4)).await.expect("rows"), all);
}

#[tokio::test]
async fn a_query_without_rows_returns_one_empty_page() {
    let server = start(simulator());
    let client = client(&server);
    assert_eq!(client.collect_all(Sendings::records().filter(ID.lt(0))).await.expect("rows"), []);
    assert_eq!(client.collect_all(Sendings::by_campaign_id().filter(ID.lt(0))).await.expect("rows"), []);
    assert_eq!(server.requests().len(), 2);
}

/// Takes a count out of a row.
type Count = fn(&Row) -> i64;

/// The counts that both aggregations add up.
const COUNTS: [(&str, Count); 10] = [
    ("dispatches_count", |row| row.dispatches_count),
    ("members_count", |row| row.members_count),
    ("new_count", |row| row.new_count),
    ("delivered_count", |row| row.delivered_count),
    ("delivery_errored_count", |row| row.delivery_errored_count),
    ("failed_count", |row| row.failed_count),
    ("opened_count", |row| row.opened_count),
    ("opened_events_count", |row| row.opened_events_count),
    ("transiently_failed_count", |row| row.transiently_failed_count),
    ("transmitted_count", |row| row.transmitted_count),
];

/// The groups that the rows make, worked out here. The group without a key comes last.
fn groups(rows: &[Row], by: &str, key: fn(&Row) -> Option<i64>) -> Vec<Value> {
    let mut groups = BTreeMap::<_, Vec<&Row>>::new();
    for row in rows {
        groups.entry((key(row).is_none(), key(row))).or_default().push(row);
    }
    let group = |((_, key), rows): ((bool, Option<i64>), Vec<&Row>)| {
        let times = || rows.iter().map(|row| row.created_at.civil());
        let time = |at| Timestamp::from(at).to_string();
        let same = rows.iter().all(|row| row.service_type == rows[0].service_type);
        let mut group = json!({
            by: key,
            "service_type": rows[0].service_type.as_ref().filter(|_| same),
            "ids": rows.iter().map(|row| row.id).collect::<Vec<_>>(),
            "first_created_at": times().min().map(time),
            "last_created_at": times().max().map(time),
            "timeseries_time_ranges": span(&rows),
        });
        for (name, count) in COUNTS {
            group[name] = rows.iter().map(|row| count(row)).sum::<i64>().into();
        }
        group
    };
    groups.into_iter().map(group).collect()
}

/// Per interval the earliest start and the latest end; an end that is open in any row stays open.
fn span(rows: &[&Row]) -> Option<Value> {
    let maps: Vec<_> = rows.iter().filter_map(|row| row.timeseries_time_ranges.as_ref()).collect();
    let mut ends = BTreeMap::<&str, (Vec<Option<Timestamp>>, Vec<Option<Timestamp>>)>::new();
    for (interval, range) in maps.iter().flat_map(|map| map.iter()) {
        let (from, to) = ends.entry(interval).or_default();
        from.push(range.from);
        to.push(range.to);
    }
    let bounds = |ends: Vec<Option<Timestamp>>| ends.into_iter().collect::<Option<Vec<_>>>();
    let range = |(interval, (from, to))| {
        let from = bounds(from).and_then(|from| from.into_iter().min_by_key(|at| at.instant()));
        let to = bounds(to).and_then(|to| to.into_iter().max_by_key(|at| at.instant()));
        (str::to_owned(interval), json!({"from": from, "to": to}))
    };
    (!maps.is_empty()).then(|| ends.into_iter().map(range).collect::<serde_json::Map<_, _>>().into())
}

fn assert_adds_up(groups: &[Value], expected: Vec<Value>, all: &[Row]) {
    assert!(2 < groups.len() && groups.len() < all.len());
    assert_eq!(groups, expected);
    for (name, count) in COUNTS {
        let sum: i64 = groups.iter().filter_map(|group| group[name].as_i64()).sum();
        assert_eq!(sum, all.iter().map(count).sum::<i64>(), "{name}");
    }
    let mut ids: Vec<_> =
        groups.iter().flat_map(|group| group["ids"].as_array().expect("ids")).filter_map(Value::as_i64).collect();
    ids.sort_unstable();
    assert_eq!(ids, all.iter().map(|row| row.id).collect::<Vec<_>>());
}

#[tokio::test]
async fn aggregations_add_up_their_rows() {
    let server = start(simulator());
    let client = client(&server);
    let all = rows(&client).await;
    for size in [4, WHOLE] {
        let by_reporting_id = client.collect_all(Sendings::by_reporting_id().page_size(size)).await.expect("groups");
        assert_adds_up(&json_of(&by_reporting_id), groups(&all, "reporting_id", |row| row.reporting_id), &all);
        let by_campaign_id = client.collect_all(Sendings::by_campaign_id().page_size(size)).await.expect("groups");
        assert_adds_up(&json_of(&by_campaign_id), groups(&all, "campaign_id", |row| row.campaign_id), &all);
    }
    // A filter narrows the rows, not the groups.
    let query = Sendings::by_campaign_id().filter(CHANNEL.eq(Channel::Email)).page_size(WHOLE);
    let email: Vec<_> = all.into_iter().filter(|row| row.channel == Some(Channel::Email)).collect();
    let page = client.fetch(query.clone()).await.expect("groups");
    assert_adds_up(&json_of(&page.rows), groups(&email, "campaign_id", |row| row.campaign_id), &email);
    assert_eq!(page.rate.and_then(|rate| rate.cost), client.cost(&query).map(i64::from));
}

#[tokio::test]
async fn customers_limit_the_rows() {
    let server = start(simulator().slug("fjord-mall", CUSTOMERS[1]));
    let all_of = client(&server);
    let all = rows(&all_of).await;
    for (customers, ids, header) in [
        (Customers::id(CUSTOMERS[0]), &CUSTOMERS[..1], Some("id=1000941")),
        (Customers::ids([CUSTOMERS[2], CUSTOMERS[0]]), &[CUSTOMERS[0], CUSTOMERS[2]], Some("id=1000943_1000941")),
        (Customers::loyalty_club("fjord-mall"), &CUSTOMERS[1..2], None),
        (Customers::filter("chain", "Cats").and("country", "PL").into(), &CUSTOMERS, Some("chain=Cats;country=PL")),
        (Customers::all(), &CUSTOMERS, Some("all=all")),
    ] {
        let some = rows(&all_of.with_customers(customers).expect("a client")).await;
        let expected: Vec<_> = all.iter().filter(|row| ids.contains(&row.loyalty_club_id)).cloned().collect();
        assert!(!expected.is_empty());
        assert_eq!(some, expected, "{header:?}");
        let asked = server.requests().pop().expect("a request");
        assert_eq!(asked.headers.get("X-Customer").map(String::as_str), header);
    }
    let (none, many) = (Customers::ids([]), Customers::ids(0..40));
    assert!(all_of.with_customers(none).is_err_and(|error| error.is_configuration()));
    assert!(all_of.with_customers(many).is_err_and(|error| error.is_configuration()));
    assert!(all_of.with_customers(Customers::ids(1..40)).is_ok());
}

#[test]
fn the_blocking_client_returns_the_same_rows() {
    let server = start(simulator().rows(60));
    let waiting = blocking::Client::builder().base_url(server.url()).token("any").customers(Customers::all());
    let waiting = waiting.product_name("tests").build().expect("a client");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let all = runtime.block_on(rows(&client(&server)));
    let groups = runtime.block_on(client(&server).collect_all(Sendings::by_campaign_id())).expect("groups");

    let query = || Sendings::records().page_size(7);
    assert_eq!(waiting.collect_all(query()).expect("rows"), all);
    assert_eq!(waiting.stream(query()).collect::<Result<Vec<_>, _>>().expect("rows"), all);
    let page = waiting.fetch(query()).expect("a page");
    assert_eq!(page.rows, all[..7]);
    let rest = waiting.collect_all(query().resume_from(page.next.cursor().expect("a cursor"))).expect("rows");
    assert_eq!(rest, all[7..]);
    assert_eq!(waiting.collect_all(Sendings::by_campaign_id().page_size(3)).expect("groups"), groups);
    let query = query().filter(ID.gt(all[9].id) & ID.lt(all[20].id));
    assert_eq!(waiting.cost(&query), query.cost());
    let one = waiting.with_customers(Customers::id(CUSTOMERS[0])).expect("a client");
    assert!(one.collect_all(query).expect("rows").iter().all(|row| row.loyalty_club_id == CUSTOMERS[0]));
    // Between two rows nothing runs, so a reader who stops early has asked for one page.
    let before = server.requests().len();
    let mut stream = waiting.stream(Sendings::records().page_size(7));
    assert_eq!(stream.try_next().expect("a row").as_ref(), all.first());
    assert_eq!(server.requests().len(), before + 1);
}

#[tokio::test]
async fn concurrent_queries_return_the_same_rows() {
    let server = start(simulator().rows(60));
    let client = client(&server);
    let all = rows(&client).await;
    let runs = (1..=12).map(|size| {
        let client: Client = client.clone();
        tokio::spawn(async move { client.collect_all(Sendings::records().page_size(size)).await })
    });
    for run in runs.collect::<Vec<_>>() {
        assert_eq!(run.await.expect("ended").expect("rows"), all);
    }
}
