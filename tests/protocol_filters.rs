//! Filters return the rows that the same condition, written as a closure, selects, at the cost computed before sending.

mod common;

use std::ops::{BitAnd, BitOr};

use common::{Random, WHOLE, builder, client, rows, simulator, start};
use placewise_reporting::jiff::{Timestamp as Instant, civil, tz::TimeZone};
use placewise_reporting::{Client, Filter, Sendings, Timestamp, find_report, sendings::*};
use placewise_simulator::Server;
use serde_json::Value;

/// A condition twice: as the filter that is sent and as a closure over rows.
struct Case {
    filter: Filter<Sendings>,
    holds: Box<dyn Fn(&Row) -> bool>,
}

fn case(filter: Filter<Sendings>, holds: impl Fn(&Row) -> bool + 'static) -> Case {
    Case { filter, holds: Box::new(holds) }
}

impl BitAnd for Case {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        case(self.filter & other.filter, move |row| (self.holds)(row) && (other.holds)(row))
    }
}

impl BitOr for Case {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        case(self.filter | other.filter, move |row| (self.holds)(row) || (other.holds)(row))
    }
}

/// The moment of a row, as the model takes zoneless times.
fn moment(row: &Row) -> Instant {
    row.created_at.assume_utc().expect("an instant")
}

/// One of every operator and type, around values that a row has. A null field satisfies no comparison: that is the simulator's reading.
fn operators(row: &Row) -> Vec<Case> {
    let (id, count, at, created) = (row.id, row.members_count, moment(row), row.created_at);
    let oslo = at.to_zoned_datetime(TimeZone::fixed(placewise_reporting::jiff::tz::offset(2)));
    vec![
        case(ID.eq(id), move |row| row.id == id),
        case(ID.ne(id), move |row| row.id != id),
        case(ID.one_of([id, id + 1, -5]), move |row| row.id == id || row.id == id + 1),
        case(ID.none_of([id, id + 1]), move |row| row.id != id && row.id != id + 1),
        case(MEMBERS_COUNT.gt(count), move |row| row.members_count > count),
        case(MEMBERS_COUNT.ge(count), move |row| row.members_count >= count),
        case(MEMBERS_COUNT.lt(count), move |row| row.members_count < count),
        case(MEMBERS_COUNT.le(count), move |row| row.members_count <= count),
        case(CHANNEL.eq(Channel::Sms), |row| row.channel == Some(Channel::Sms)),
        case(CHANNEL.ne(Channel::Sms), |row| row.channel.as_ref().is_some_and(|channel| *channel != Channel::Sms)),
        case(CHANNEL.one_of([Channel::Sms, Channel::Push]), |row| matches!(row.channel, Some(Channel::Sms | Channel::Push))),
        case(CHANNEL.none_of([Channel::Sms, Channel::from("fax")]), |row| {
            row.channel.as_ref().is_some_and(|channel| *channel != Channel::Sms)
        }),
        case(CHANNEL.is_null(), |row| row.channel.is_none()),
        case(CHANNEL.is_not_null(), |row| row.channel.is_some()),
        case(SERVICE_TYPE.eq(ServiceType::from("campaigns")), |row| {
            row.service_type.as_ref().is_some_and(|service| service.as_str() == "campaigns")
        }),
        case(SOURCE_APP.eq(SourceApp::TheBigProject), |row| row.source_app == Some(SourceApp::TheBigProject)),
        case(CAMPAIGN_ID.gt(7010), |row| row.campaign_id.is_some_and(|id| id > 7010)),
        case(CAMPAIGN_ID.ne(7010), |row| row.campaign_id.is_some_and(|id| id != 7010)),
        case(CLICKED_COUNT.le(500), |row| row.clicked_count.is_some_and(|count| count <= 500)),
        case(CLICKED_COUNT.is_null(), |row| row.clicked_count.is_none()),
        case(COMPUTED_COUNTS.is_not_null(), |row| row.computed_counts.is_some()),
        case(TIMESERIES_TIME_RANGES.is_null(), |row| row.timeseries_time_ranges.is_none()),
        case(CREATED_AT.eq(created), move |row| row.created_at == created),
        case(CREATED_AT.ne(at), move |row| moment(row) != at),
        case(CREATED_AT.gt(created), move |row| moment(row) > at),
        case(CREATED_AT.ge(at), move |row| moment(row) >= at),
        case(CREATED_AT.lt(oslo), move |row| moment(row) < at),
        case(CREATED_AT.le(created.civil()), move |row| moment(row) <= at),
        case(CREATED_AT.ge(civil::date(2025, 7, 1).at(0, 0, 0, 0)), |row| {
            row.created_at.civil().date() >= civil::date(2025, 7, 1)
        }),
        case(CREATED_AT.one_of([created, Timestamp::from(at)]), move |row| moment(row) == at),
        case(CREATED_AT.none_of([at]), move |row| moment(row) != at),
    ]
}

/// What the nodes of a filter cost, told by what went over the wire.
fn nodes(node: &Value, comparison: u32) -> u32 {
    let own = match node["type"].as_str() {
        Some("and") => 1,
        Some("or") => 3,
        _ => comparison,
    };
    own + node["operations"].as_array().into_iter().flatten().map(|node| nodes(node, comparison)).sum::<u32>()
}

/// Asks with the filter; says how many rows came.
async fn check(client: &Client, server: &Server, all: &[Row], case: &Case, comparison: u32) -> usize {
    let query = Sendings::records().filter(case.filter.clone()).page_size(WHOLE);
    let (known, before) = (client.cost(&query), server.spent());
    let page = client.fetch(query.clone()).await.expect("a page");
    let expected: Vec<&Row> = all.iter().filter(|row| (case.holds)(row)).collect();
    assert_eq!(page.rows.iter().collect::<Vec<_>>(), expected, "{:?}", case.filter);
    assert_eq!(page.next, placewise_reporting::NextPage::End);

    let known = known.expect("the report's cost is known");
    let asked = server.requests().pop().expect("a request");
    let body = asked.body.expect("JSON");
    assert_eq!(body, client.body(&query));
    assert_eq!(known, Sendings::COST + nodes(&body["filter"], comparison), "{body}");
    assert_eq!(page.rate.and_then(|rate| rate.cost), Some(i64::from(known)), "{body}");
    assert_eq!((asked.cost, server.spent() - before), (known, known.into()), "{body}");
    expected.len()
}

#[tokio::test]
async fn every_operator_returns_the_matching_rows() {
    let server = start(simulator().with_optional(true));
    let client = client(&server);
    let all = rows(&client).await;
    for case in operators(&all[all.len() / 2]) {
        let found = check(&client, &server, &all, &case, 0).await;
        assert!(0 < found && found < all.len(), "a test that tells nothing: {:?} brings {found}", case.filter);
        assert_eq!(case.filter.cost(), 0);
    }
}

#[tokio::test]
async fn combined_filters_return_the_matching_rows() {
    let server = start(simulator());
    let client = client(&server);
    let all = rows(&client).await;
    let sms = || case(CHANNEL.eq(Channel::Sms), |row| row.channel == Some(Channel::Sms));
    let large = || case(MEMBERS_COUNT.ge(500), |row| row.members_count >= 500);
    let late = || {
        case(CREATED_AT.ge(civil::date(2025, 7, 1).at(0, 0, 0, 0)), |row| {
            row.created_at.civil().date() >= civil::date(2025, 7, 1)
        })
    };
    let tied = || case(REPORTING_ID.is_not_null(), |row| row.reporting_id.is_some());
    for (joined, cost) in [
        (sms() & large(), 1),
        (sms() & large() & late() & tied(), 1),
        (sms() | large(), 3),
        (sms() | large() | late(), 3),
        ((sms() | large()) & late(), 4),
        (sms() & large() | late() & tied(), 5),
        ((sms() | large()) & (late() | tied()), 7),
        ((sms() & (large() | late() & tied())) | tied(), 8),
    ] {
        assert_eq!(joined.filter.cost(), cost, "{:?}", joined.filter);
        let found = check(&client, &server, &all, &joined, 0).await;
        assert!(0 < found && found < all.len());
    }
    // A query takes several filters, of which all must hold; they are one node.
    let query = Sendings::records().filter(sms().filter).filter(large().filter).filter(late().filter).page_size(WHOLE);
    let page = client.fetch(query.clone()).await.expect("a page");
    let both = sms() & large() & late();
    assert_eq!(page.rows, all.iter().filter(|row| (both.holds)(row)).cloned().collect::<Vec<_>>());
    let cost = Sendings::COST + 1;
    assert_eq!((query.cost(), page.rate.and_then(|rate| rate.cost)), (Some(cost), Some(cost.into())));
    assert_eq!(Filter::all([sms().filter, large().filter, late().filter]), Some(both.filter));
    assert_eq!(Filter::<Sendings>::any([]), None);
}

/// A tree of conditions around values of random rows.
fn tree(random: &mut Random, all: &[Row], depth: usize) -> Case {
    if depth == 0 || random.below(4) == 0 {
        let mut cases = operators(&random.pick(all));
        return cases.swap_remove(random.below(cases.len()));
    }
    let join = if random.below(2) == 0 { BitAnd::bitand } else { BitOr::bitor };
    let parts = 2 + random.below(2);
    (1..parts).fold(tree(random, all, depth - 1), |joined, _| join(joined, tree(random, all, depth - 1)))
}

#[tokio::test]
async fn random_filter_trees_return_the_matching_rows_at_the_computed_cost() {
    let server = start(simulator().with_optional(true).rows(60));
    let client = client(&server);
    let all = rows(&client).await;
    let mut random = Random(3);
    for _ in 0..40 {
        let case = tree(&mut random, &all, 4);
        check(&client, &server, &all, &case, 0).await;
        // The same tree as bare JSON asks the same.
        let json = find_report("sendings").and_then(|info| info.records()).expect("a query");
        let json = json.filter(Filter::raw(case.filter.to_json())).page_size(WHOLE);
        let page = client.fetch(json.clone()).await.expect("a page");
        let ids: Vec<_> = page.rows.iter().map(|row| row["id"].as_i64()).collect();
        assert_eq!(ids, all.iter().filter(|row| (case.holds)(row)).map(|row| Some(row.id)).collect::<Vec<_>>());
        assert_eq!(page.rate.and_then(|rate| rate.cost), client.cost(&json).map(i64::from));
    }
}

#[tokio::test]
async fn an_overridden_comparison_cost_holds_on_both_sides() {
    let server = start(simulator().rows(60).assume("comparison-cost", 7));
    let told = builder(&server).assume("comparison-cost", 7).build().expect("a client");
    let all = rows(&told).await;
    let mut random = Random(4);
    for _ in 0..20 {
        check(&told, &server, &all, &tree(&mut random, &all, 3), 7).await;
    }
    // A client that was not told learns it from the answer.
    let untold = client(&server);
    let query = Sendings::records().filter(ID.gt(0) & ID.lt(5000));
    let page = untold.fetch(query.clone()).await.expect("a page");
    let (without, with) = (Sendings::COST + 1, Sendings::COST + 1 + 2 * 7);
    assert_eq!((untold.cost(&query), page.rate.and_then(|rate| rate.cost)), (Some(without), Some(with.into())));
    assert_eq!(told.cost(&query), Some(with));
}

#[tokio::test]
async fn values_that_json_cannot_hold_are_rejected_before_sending() {
    let server = start(simulator());
    let error = client(&server).fetch(Sendings::records().page_size(0)).await.expect_err("no rows in a page");
    assert!(error.is_configuration() && server.requests().is_empty());
}
