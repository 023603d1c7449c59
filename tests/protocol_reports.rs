//! Every report of the model over a socket, and totals that agree between reports.

mod common;

use std::collections::BTreeMap;

use common::{CUSTOMERS, TOKEN, builder, client, simulator, start};
use placewise_model::{Format, Model};
use placewise_reporting::{
    Chart, Customers, Error, Format as Wire, JsonRow, LinksVisitsHistory, MODEL, MemberBalance, Members, MembersCountHistory,
    MembersGroupedCount, Moment, Sendings, SendingsEventsHistory, SendingsLinks, SendingsLinksStats,
    SendingsRecipientsStatistics, TimeRange, interval, members, members_grouped_count, reports, sendings,
    sendings_events_history, sendings_links,
};
use placewise_simulator::{Permits, Server};

fn server() -> Server {
    start(simulator().rows(120).with_optional(true))
}

fn model() -> Model {
    serde_json::from_str(MODEL).expect("a model")
}

/// Two years, which is all that happened.
fn always() -> TimeRange {
    let at = |text| Moment::parse(text).expect("a time");
    TimeRange::new(at("2024-01-01T00:00:00+01:00"), at("2026-01-31T00:00:00+01:00"))
}

fn sum<L>(chart: &Chart<L>) -> i64 {
    assert!(chart.complete);
    chart.series.iter().flat_map(|series| series.values.iter().flatten()).map(|value| value.as_f64() as i64).sum()
}

#[test]
fn the_crate_has_every_report_of_the_model() {
    let crate_side: Vec<_> = reports().iter().map(|info| (info.group, info.name, info.cost, info.permit)).collect();
    let model = model();
    let model_side: Vec<_> = model
        .reports
        .iter()
        .map(|known| (known.group.as_str(), known.name.as_str(), known.cost, known.permit.as_deref()))
        .collect();
    assert_eq!(crate_side, model_side);
}

#[tokio::test]
async fn every_report_returns_its_format() {
    let reply = serde_json::json!({ "figures": [1, 2] });
    let simulated = simulator().assume("statistics-path", "/v1/statistics").reply("query_statistics", reply.clone());
    let server = start(simulated);
    let client = builder(&server).assume("statistics-path", "/v1/statistics").build().expect("a client");
    for info in reports() {
        let name = info.name;
        match info.format {
            Wire::Records => {
                let page = client.fetch(info.records().expect("records")).await.unwrap_or_else(|error| panic!("{error}"));
                assert_eq!(page.rows.is_empty(), info.fields.is_empty(), "{name}");
                let keys = |row: &JsonRow| info.fields.iter().all(|field| row.contains_key(field.name) || field.optional);
                assert!(page.rows.iter().all(keys), "{name}");
            }
            Wire::Timeseries => {
                let query = info.series(always()).expect("a timeseries").interval("1mo");
                let chart = client.fetch(query).await.unwrap_or_else(|error| panic!("{error}"));
                assert_eq!((chart.interval.as_str(), chart.complete), ("1mo", true), "{name}");
            }
            Wire::Statistics => {
                let answer = client.fetch(info.statistics().expect("statistics")).await.unwrap_or_else(|error| panic!("{error}"));
                assert_eq!(answer.json().expect("JSON"), reply);
            }
            other => panic!("{name}: {other:?}"),
        }
        let (asked, cost) = (server.requests(), info.cost);
        let tokens = asked.last().map(|asked| asked.cost).expect("asked");
        assert!(cost.is_none_or(|cost| cost == tokens), "{name} took {tokens}");
    }
    let formats: Vec<Format> = model().reports.iter().map(|report| report.format).collect();
    assert_eq!(formats.len(), server.requests().len());
}

#[tokio::test]
async fn reports_agree_on_members() {
    let server = server();
    let client = client(&server);
    for customers in [Customers::all(), Customers::id(CUSTOMERS[1])] {
        let client = client.with_customers(customers).expect("a client");
        let rows = client.collect_all(Members::records()).await.expect("rows");
        let count = i64::try_from(rows.len()).expect("a count");
        // Ready-made counts: each way of grouping holds every member once.
        let groups = client.collect_all(MembersGroupedCount::records()).await.expect("groups");
        let mut by_type: BTreeMap<String, i64> = BTreeMap::new();
        for group in &groups {
            *by_type.entry(group.grouping_type.as_ref().expect("a type").to_string()).or_default() += group.members_count;
        }
        assert_eq!(by_type.len(), 3);
        assert!(by_type.values().all(|members| *members == count), "{by_type:?} of {count}");
        // One of them by the members themselves.
        let of_channel = members_grouped_count::GROUPING_TYPE.eq(members_grouped_count::GroupingType::OptinChannel);
        for group in
            client.collect_all(MembersGroupedCount::by_grouping_type_and_value().filter(of_channel)).await.expect("groups")
        {
            let of = |row: &&members::Row| row.optin_channel == group.grouping_value;
            assert_eq!(group.members_count, i64::try_from(rows.iter().filter(of).count()).expect("a count"));
        }
        // Who came, less who went, is who is there; the level says so too.
        let balance = client.fetch(MemberBalance::series(always()).interval(interval::Month)).await.expect("a chart");
        let of = |index: usize| balance.series[index].values.iter().flatten().map(|value| value.as_f64() as i64).sum::<i64>();
        assert!(of(1) > 0, "some left");
        assert_eq!(of(0) - of(1), count);
        let level = client.fetch(MembersCountHistory::series(always()).interval(interval::Month)).await.expect("a chart");
        let last = level.series[0].values.last().copied().flatten().expect("a level");
        assert_eq!(last.as_f64() as i64, count);
    }
}

#[tokio::test]
async fn reports_agree_on_sendings() {
    let server = server();
    let client = client(&server);
    let rows = client.collect_all(Sendings::records()).await.expect("rows");
    for row in &rows {
        assert_eq!(row.new_count + row.transiently_failed_count + row.transmitted_count + row.failed_count, row.dispatches_count);
        let funnel =
            [row.dispatches_count, row.transmitted_count, row.delivered_count, row.opened_count, row.clicked_count.unwrap_or(0)];
        assert!(funnel.is_sorted_by(|a, b| a >= b), "{funnel:?}");
    }
    let events = client.fetch(SendingsEventsHistory::series(always()).interval(interval::Month)).await.expect("a chart");
    assert_eq!(sum(&events), rows.iter().map(|row| row.dispatches_count).sum::<i64>());
    let one = &rows[7];
    let of_one = sendings_events_history::SENDING_ID.eq(one.id);
    let events = client.fetch(SendingsEventsHistory::series(always()).interval(interval::Month).filter(of_one)).await;
    assert_eq!(sum(&events.expect("a chart")), one.dispatches_count);
    let recipients =
        client.fetch(SendingsRecipientsStatistics::series(always()).interval(interval::Month)).await.expect("a chart");
    assert_eq!(sum(&recipients), rows.iter().map(|row| row.members_count).sum::<i64>());
    let groups = client.collect_all(Sendings::by_campaign_id()).await.expect("groups");
    assert_eq!(
        groups.iter().map(|group| group.delivered_count).sum::<i64>(),
        rows.iter().map(|row| row.delivered_count).sum::<i64>()
    );
}

#[tokio::test]
async fn reports_agree_on_links() {
    let server = server();
    let client = client(&server);
    let links = client.collect_all(SendingsLinks::records()).await.expect("rows");
    let stats = client.collect_all(SendingsLinksStats::records()).await.expect("rows");
    let mut by_source: BTreeMap<_, (i64, i64)> = BTreeMap::new();
    for link in &links {
        assert!(link.unique_visits_count <= link.visits_count);
        let of_source = by_source.entry((link.loyalty_club_id, link.source_id.clone())).or_default();
        *of_source = (of_source.0 + link.visits_count, of_source.1 + link.unique_visits_count);
    }
    let told =
        stats.iter().map(|row| ((row.loyalty_club_id, row.source_id.clone()), (row.visits_count, row.unique_visits_count)));
    assert_eq!(told.collect::<BTreeMap<_, _>>(), by_source);
    // A source is a sending's `reporting_id` as text, or its service where it has none.
    let sendings: Vec<sendings::Row> = client.collect_all(Sendings::records()).await.expect("rows");
    for source in links.iter().filter_map(|link| link.source_id.as_deref()) {
        let known = sendings.iter().any(|sending| match sending.reporting_id {
            Some(id) => id.to_string() == source,
            None => sending.service_type.as_ref().is_some_and(|service| service.as_str() == source),
        });
        assert!(known, "{source}");
    }
    let visits = client.fetch(LinksVisitsHistory::series(always()).interval(interval::Month)).await.expect("a chart");
    assert_eq!(sum(&visits), links.iter().map(|link| link.visits_count).sum::<i64>());
    let few = client.collect_all(SendingsLinks::records().filter(sendings_links::VISITS_COUNT.lt(10))).await.expect("rows");
    assert_eq!(few.len(), links.iter().filter(|link| link.visits_count < 10).count());
}

/// `properties` and `consents` have free keys; lists match by any common element.
#[tokio::test]
async fn dynamic_fields_and_list_fields_can_be_filtered() {
    let server = server();
    let client = client(&server);
    let rows = client.collect_all(Members::records()).await.expect("rows");
    assert!(rows.iter().any(|row| row.properties.as_ref().is_some_and(|properties| !properties.is_empty())));
    assert!(rows.iter().any(|row| row.consents.as_ref().is_some_and(|consents| consents.values().any(|given| *given))));
    let wanted: Vec<i64> = rows.iter().filter_map(|row| row.group_ids.as_ref()?.first().copied()).take(2).collect();
    let found = client.collect_all(Members::records().filter(members::GROUP_IDS.one_of(wanted.clone()))).await.expect("rows");
    let common = |row: &&members::Row| row.group_ids.as_ref().is_some_and(|ids| ids.iter().any(|id| wanted.contains(id)));
    assert_eq!(
        found.iter().map(|row| row.id).collect::<Vec<_>>(),
        rows.iter().filter(common).map(|row| row.id).collect::<Vec<_>>()
    );
    assert!(!found.is_empty() && found.len() < rows.len());
    for row in &rows {
        let any = [row.marketing_via_sms, row.marketing_via_email, row.marketing_via_push].contains(&Some(true));
        assert_eq!(row.marketing_via_anything.unwrap_or(any), any, "{row:?}");
    }
    assert!(rows.iter().filter_map(|row| row.age.as_ref()).all(|age| !matches!(age, members::Age::Unlisted(_))));
}

#[tokio::test]
async fn each_report_needs_its_own_permit() {
    let series = MemberBalance::PERMIT;
    let server = start(simulator().token(TOKEN, Permits::of(["Reporting:Api:Query", series])));
    let client = client(&server);
    let day = TimeRange::new(
        Moment::parse("2026-01-13T00:00:00Z").expect("a time"),
        Moment::parse("2026-01-14T00:00:00Z").expect("a time"),
    );
    client.fetch(MemberBalance::series(day).interval(interval::Hour)).await.expect("a chart");
    let error = client.fetch(MembersCountHistory::series(day).interval(interval::Hour)).await.expect_err("refused");
    assert!(matches!(&error, Error::Forbidden(reply) if reply.report == "members_count_history"), "{error}");
    assert!(client.fetch(Members::records()).await.is_err_and(|error| error.is_access_refused()));
}

#[tokio::test]
async fn customer_filters_select_customers() {
    let described = simulator().customer_filter(CUSTOMERS[0], "country", "PL").customer_filter(CUSTOMERS[1], "country", "NO");
    let server = start(described.customer_filter(CUSTOMERS[2], "country", "PL").customer_filter(CUSTOMERS[2], "chain", "Cats"));
    let clubs = async |customers: Customers| {
        let client = client(&server).with_customers(customers).expect("a client");
        let rows = client.collect_all(Sendings::records()).await.expect("rows");
        rows.iter().map(|row| row.loyalty_club_id).collect::<std::collections::BTreeSet<_>>().into_iter().collect::<Vec<_>>()
    };
    assert_eq!(clubs(Customers::filter("country", "PL").into()).await, [CUSTOMERS[0], CUSTOMERS[2]]);
    assert_eq!(clubs(Customers::filter("country", "PL").and("chain", "Cats").into()).await, [CUSTOMERS[2]]);
    assert!(clubs(Customers::filter("country", "SE").into()).await.is_empty());
    assert_eq!(clubs(Customers::all()).await, CUSTOMERS);
}
