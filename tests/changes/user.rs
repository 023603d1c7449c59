//! A program that uses as much of the generated crate as one program can, as its documentation advises: a `match` on an open enum has a
//! wildcard, errors are matched with one too, and names of the crate come by `use` or by one glob.
#![deny(warnings)]

use std::collections::BTreeMap;
use std::error::Error as StdError;
use std::time::Duration;

use harbour_api::blocking::Client;
use harbour_api::endpoints::{Describe, DescribeField, DescribeReplyPartKind, Find, FindRequest, ShowPier, ShowPierRequest, ShowPierRequestSide, Tell};
use harbour_api::jiff::Timestamp;
use harbour_api::jiff::tz::TimeZone;
use harbour_api::{
    Adds, Api, Berths, Buckets, Chart, ClientReport, Comparison, Coverage, Craning, Customers, Error, Field, Filter, Filterability, Fog,
    Format, FromObject, HasInterval, Host, Json, JsonRow, MODEL, Moment, NextPage, Other, Page, Passages, PassagesSum, Provenance, Quays, Records,
    Registry, Report, ReportingApi, RetryPolicy, Statistics, Swell, Tally, Tides, TimeRange, Timeseries, Traffic, Wrecks,
    access, berths, client, find_report, interval, object, passages, quays, report, reports, swell, tally, traffic, wrecks,
};

/// One glob, and names of the program's own beside it: its own win.
mod globbed {
    use harbour_api::berths::*;

    pub struct Place(pub i64);
    pub const DRAUGHT: i64 = 7;

    pub fn deep() -> harbour_api::Filter<Berths> {
        ID.gt(DRAUGHT) & KIND.none_of([Kind::Dry, Kind::Wet])
    }

    pub fn place(row: &Row) -> Place {
        Place(row.id)
    }
}

/// A trait of the program with methods that the crate may name too: on a row, the program's stays the only one.
trait Described {
    fn draught(&self) -> Option<i64>;
    fn depth(&self) -> &'static str;
}

impl Described for berths::Row {
    fn draught(&self) -> Option<i64> {
        self.maybe
    }
    fn depth(&self) -> &'static str {
        "unknown"
    }
}

/// Rows of the program's own.
#[derive(Clone)]
pub struct Short {
    pub id: i64,
    pub name: Option<harbour_api::Text>,
}
object! { Short: id, name }

/// Generic over reports, formats and intervals.
fn cost_of<R: Report<Api = ReportingApi>, Row: FromObject>(query: &Records<R, Row>) -> Option<u32> {
    query.cost()
}

fn daily<R: Report<Api = ReportingApi> + HasInterval<interval::Day>, Label: FromObject>(query: Timeseries<R, Label>) -> Timeseries<R, Label> {
    query.interval(interval::Day)
}

fn none_of<T>(field: Field<Berths, T, access::NotFilterable>) -> &'static str {
    field.name()
}

fn name_of_api<A: Api>(_: A) -> &'static str {
    std::any::type_name::<A>()
}

fn kind(kind: &berths::Kind) -> &'static str {
    match kind {
        berths::Kind::Dry => "dry",
        berths::Kind::Wet => "wet",
        berths::Kind::Unlisted_ | berths::Kind::Self_ | berths::Kind::_15_19 | berths::Kind::Unnamed => "odd",
        berths::Kind::Unlisted(_) => "unlisted",
        _ => "listed since",
    }
}

fn way(label: &traffic::Label) -> &str {
    match &label.way {
        Some(traffic::Way::In) => "in",
        Some(traffic::Way::Out) => "out",
        Some(other) => other.as_str(),
        None => "unknown",
    }
}

fn host(host: Host) -> &'static str {
    match host {
        Host::Local => "local",
        Host::OpenSea => "open sea",
        _ => "new",
    }
}

fn advice(error: &Error) -> String {
    match error {
        Error::Forbidden(reply) => format!("ask for {:?}", reply.permits),
        Error::InvalidParameters { invalid, .. } => invalid.iter().map(|(path, fault)| format!("{path}: {fault}")).collect(),
        Error::TooManyRequests { retry_after, .. } => format!("wait {retry_after:?}"),
        Error::Range(range) => format!("use {:?}", range.coarser),
        Error::Maintenance(_) | Error::Firewall(_) => "later".to_owned(),
        error if error.is_retryable() => format!("again in {:?}", error.retry_after()),
        error => format!("{error}: {:?}", error.assumptions().iter().map(|assumption| assumption.id).collect::<Vec<_>>()),
    }
}

fn row(row: &berths::Row) -> String {
    // A pattern of a row that may get fields has `..`.
    let berths::Row { id, name, kind: of, crane, prices, tags, .. } = row;
    let reach = crane.as_ref().and_then(|crane| crane.reach);
    let parts = crane.iter().flat_map(|crane| crane.parts.iter().flatten()).count();
    let mobile = crane.as_ref().is_some_and(|crane| crane.r#type == Some(berths::CraneType::Mobile));
    let day = prices.as_ref().and_then(|prices| prices.get("day"));
    let since = row.built_at.civil();
    let kind = of.as_ref().map_or("none", kind);
    format!("{id} {name:?} {kind} {reach:?} {parts} {mobile} {day:?} {} {since} {:?} {}", tags.len(), row.draught(), row.depth())
}

fn rows(client: &Client) -> Result<(), Box<dyn StdError>> {
    let filter: Filter<Berths> = berths::KIND.one_of([berths::Kind::Dry, berths::Kind::from("wet")])
        | berths::LENGTH.gt(1.5)
        | berths::NAME.is_null()
        | (berths::COVERED.eq(true) & berths::FLAG.ne(berths::Flag::No));
    let query = Berths::records().filter(filter).page_size(5);
    let whole = cost_of(&query);
    let page: Page<berths::Row> = client.fetch(query.clone())?;
    let cursor = match &page.next {
        NextPage::Cursor(cursor) => Some(cursor.as_str()),
        NextPage::End => None,
        _ => None,
    };
    println!("{whole:?} {cursor:?} {}", query.body());
    let mut stream = client.stream(query);
    let mut seen = BTreeMap::<String, usize>::new();
    while let Some(next) = stream.try_next()? {
        *seen.entry(row(&next)).or_default() += 1;
        let columns = next.flat();
        assert!(!format!("{columns:?}").is_empty() && globbed::place(&next).0 == next.id);
    }
    client.fetch(Berths::records().filter(globbed::deep()))?;
    for group in client.collect_all(Berths::by_kind())? {
        println!("{:?} {} {:?} {:?}", group.kind, group.berths, group.longest, group.total);
    }
    let two: Vec<berths::ByTwo> = client.collect_all(Berths::by_two())?;
    println!("{}", two.iter().filter(|two| two.flag == Some(berths::Flag::Dk)).count());
    let short: Vec<Short> = client.collect_all(Berths::records().rows_as::<Short>())?;
    println!("{:?}", short.first().map(|short| (short.id, short.name.as_deref().map(str::len))));
    for passage in client.collect_all(Passages::records().filter(passages::SHIPS.ge(0)))? {
        assert_eq!(passage.sail + passage.steam, passage.ships);
    }
    let sums: i64 = client.collect_all(PassagesSum::records())?.iter().map(|sum| sum.ships).sum();
    let quays: Vec<quays::Row> = client.collect_all(Quays::records().filter(quays::ID.ge(1)))?;
    let seen = quays.iter().filter(|quay| quay.only_seen.is_some()).count();
    let tides: Vec<JsonRow> = client.collect_all(Tides::records())?;
    let tallied = client.collect_all(Tally::records().filter(tally::WHICH.is_not_null()))?;
    let colours = tallied.iter().filter(|one| matches!(one.grouping, tally::Grouping::Colour)).count();
    println!("{sums} {seen} {} {colours} {}", tides.len(), client.cost(&Tally::by_grouping()).is_some());
    let named = client.collect_all(ClientReport::records().filter(client::SIGN.eq(client::Sign::MinusOne)))?;
    println!("{:?}", named.iter().map(|row| (row.other_, row.created_at_text.as_ref())).collect::<Vec<_>>());
    println!("{}", client.collect_all(Client::clone(client).cost(&Quays::records()).map_or(Quays::records(), |_| Quays::records()))?.len());
    Ok(())
}

fn charts(client: &Client, range: TimeRange) -> Result<(), Box<dyn StdError>> {
    let filter = traffic::WAY.eq(traffic::Way::In) | traffic::KIND.one_of([traffic::Kind::Dry]);
    let chart: Chart<traffic::Label> = client.fetch(Traffic::series(range).filter(filter).interval(interval::Hour))?;
    for point in chart.points() {
        println!("{} {} {:?}", point.bucket, way(point.label), point.value.map(|value| value.as_f64()));
    }
    let buckets = match &chart.buckets {
        Buckets::Zoned(buckets) => buckets.len(),
        other => other.len(),
    };
    let total: Chart<traffic::ByTotal> = client.fetch(Traffic::by_total(range).interval(interval::Auto))?;
    let by_name = client.fetch(daily(Traffic::by_name(range)))?;
    let calm = by_name.series.iter().filter(|series| series.label.mood == traffic::ByNameMood::Calm).count();
    let wind: Chart<JsonRow> = client.fetch(Traffic::by_wind(range).interval(interval::Day))?;
    let moon = Traffic::aggregated_by("moon", range).interval(interval::Minutes10);
    let swell: Chart<swell::Label> = client.fetch(daily(Swell::series(range)))?;
    let craning = Craning::series(range).interval(interval::Day);
    let fog = Fog::series(range).interval_named("1d");
    let history = client.history(Traffic::series(range).interval(interval::Day)).zone(TimeZone::UTC).fetch();
    let history = history.map_err(|partial| partial.error)?;
    println!(
        "{buckets} {} {calm} {} {:?} {} {:?} {:?} {}",
        total.series.len(),
        wind.series.len(),
        moon.cost(),
        swell.series.len(),
        craning.body(),
        fog.cost(),
        history.is_complete()
    );
    Ok(())
}

fn figures(client: &Client, range: TimeRange) -> Result<(), Box<dyn StdError>> {
    let query: Statistics<Wrecks, wrecks::Row> = Wrecks::statistics().filter(wrecks::LABEL.eq(wrecks::LabelValue::Old)).range(range);
    println!("{}", client.fetch(query)?.text().map_or(0, str::len));
    println!("{:?}", client.cost(&Wrecks::by_depth().filter(wrecks::DEPTH.gt(1)).range(range)));
    Ok(())
}

fn endpoints(client: &Client) -> Result<(), Box<dyn StdError>> {
    let reply = client.fetch(Describe.of(Berths))?.read()?;
    let odd = reply.parts.iter().flatten().filter(|part| part.kind == Some(DescribeReplyPartKind::Odd)).count();
    let values = client.fetch(DescribeField.of(berths::KIND))?.read()?.values.len();
    println!("{odd} {values}");
    let pier = ShowPierRequest { pier: "north".into(), side: ShowPierRequestSide::Port, depth: None };
    println!("{:?}", client.fetch(ShowPier.with(pier))?.read()?.pier);
    let find = FindRequest { name: Some("Ann".into()), kinds: None, near: None, since: None, other: Other::default() };
    println!("{:?} {:?}", client.cost(&Find.with(find)), client.cost(&Tell.with(Json::Null)));
    Ok(())
}

fn registry() -> Result<(), Box<dyn StdError>> {
    let info = find_report("berths")?;
    let filter = info.filter("length", Comparison::GreaterThan, 12.5)?;
    println!("{:?}", info.records()?.filter(filter).cost());
    for known in reports() {
        let words = match known.format {
            Format::Records => "rows",
            Format::Timeseries => "series",
            _ => "figures",
        };
        let whole = matches!(known.coverage, Coverage::Whole) && matches!(known.provenance, Provenance::Documented);
        let filterable = known.fields.iter().filter(|field| matches!(field.filterable, Filterability::Yes)).count();
        println!("{} {words} {whole} {filterable} {:?}", known.name, known.adds.map(|adds: Adds| adds == Adds::NEVER));
    }
    println!("{:?}", report("traffic").map(|traffic| (traffic.permit, traffic.intervals.len(), traffic.data_lag)));
    println!("{}", Registry::from_model(MODEL)?.find_report("swell")?.name);
    Ok(())
}

fn refused(client: &Client, range: TimeRange) {
    // An interval that the range is too long for.
    let long = TimeRange::new("2024-01-01T00:00:00Z".parse::<Moment>().unwrap_or_else(|_| panic!()), range.to);
    if let Err(error) = client.fetch(Traffic::series(long).interval(interval::Minutes10)) {
        println!("{}", advice(&error));
    }
}

fn main() -> Result<(), Box<dyn StdError>> {
    let now: Timestamp = std::env::var("PLACEWISE_NOW")?.parse()?;
    let client = Client::builder()
        .base_url(std::env::var("PLACEWISE_URL")?)
        .token(std::env::var("PLACEWISE_TOKEN")?)
        .customers(Customers::ids([1, 2]))
        .product_name("a user's program")
        .locale("nb")
        .assume("any-cost", 5)
        .clock(move || now)
        .retry(RetryPolicy::none())
        .read_timeout(Duration::from_secs(30))
        .build()?;
    let range: TimeRange = ("2024-04-08T00:00:00Z".parse::<Moment>()?.."2024-04-08T10:00:00Z".parse::<Moment>()?).into();
    println!("{} {} {:?} {}", name_of_api(ReportingApi), host(Host::Local), Berths::PERMIT, none_of(berths::SECRET));
    rows(&client)?;
    charts(&client, range)?;
    figures(&client, range)?;
    endpoints(&client)?;
    registry()?;
    refused(&client, range);
    Ok(())
}
