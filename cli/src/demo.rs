//! `placewise demo`: the main job. In: how many made-up rows; out: typed queries against the embedded server (filtered rows, an
//! aggregation, all pages), their tokens, and where the generated files are.

use std::io::{self, IsTerminal};

use indicatif::{ProgressBar, ProgressStyle};
use placewise_reporting::sendings::{self, Channel};
use placewise_reporting::{
    Buckets, Chart, Client, Customers, MODEL, MemberBalance, Moment, Number, Sendings, interval, member_balance,
};
use placewise_simulator::{Server, Simulator};
use serde_json::json;

use crate::output::{self, Format};
use crate::{Failure, Outcome};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Made-up sendings to serve
    #[arg(long, default_value_t = 2000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    rows: u32,
    /// Seed of the made-up rows: the same seed gives the same rows
    #[arg(long, default_value_t = 7)]
    seed: u64,
}

/// The time that server and client take to be now, so that the demo is the same every day.
const NOW: &str = "2026-01-15T12:00:00Z";
const FROM: &str = "2025-07-01T00:00:00+02:00";
const TO: &str = "2025-12-31T00:00:00+01:00";
const PAGE: u32 = 500;
const SHOWN: usize = 8;

pub(crate) async fn run(arguments: &Arguments, format: Format) -> Outcome {
    let now: jiff::Timestamp = NOW.parse().map_err(|error: jiff::Error| Failure::Impossible(error.to_string()))?;
    let server = Simulator::from_json(MODEL)
        .and_then(|simulator| simulator.seed(arguments.seed).rows(arguments.rows as usize).now(move || now).start())
        .map_err(|error| Failure::Impossible(format!("the embedded server did not start: {error}")))?;
    let client = Client::builder()
        .base_url(server.url())
        .token("demo")
        .customers(Customers::id(1_000_941))
        .product_name("placewise-demo")
        .now(move || now)
        .build()?;
    if format == Format::Text {
        output::line(&format!("Serving {} made-up sendings at {} (seed {}).", arguments.rows, server.url(), arguments.seed))?;
    }
    let email = filtered(&client, format).await?;
    let campaigns = aggregated(&client, format).await?;
    let (count, delivered) = every_page(&client, format, arguments.rows).await?;
    let balance = chart(&client, format).await?;
    let spent = server.spent();
    if format == Format::Json {
        output::json(&json!({
            "email": email, "campaigns": campaigns, "rows": count, "delivered": delivered,
            "balance": balance, "balance_complete": balance.complete,
            "requests": server.requests().len(), "tokens": spent, "generated": GENERATED.map(|(path, _)| path),
        }))?;
    } else {
        closing(&server, spent)?;
    }
    Ok(())
}

/// Filtered rows.
async fn filtered(client: &Client, format: Format) -> Result<Vec<sendings::Record>, Failure> {
    let query = Sendings::records()
        .filter(sendings::CHANNEL.eq(Channel::Email) & sendings::DELIVERED_COUNT.gt(0))
        .page_size(SHOWN as u32);
    let cost = query.cost();
    let body = query.body();
    let page = client.fetch(query).await?;
    if format == Format::Text {
        output::heading("Delivered e-mail sendings")?;
        output::line("Sendings::records().filter(CHANNEL.eq(Channel::Email) & DELIVERED_COUNT.gt(0))")?;
        output::line(&format!("{body}"))?;
        output::line(&tokens(cost, page.rate.as_ref()))?;
        output::rows(
            &page.rows,
            &["id", "channel", "source_type", "campaign_id", "dispatches_count", "delivered_count", "created_at"],
        )?;
    }
    Ok(page.rows)
}

/// An aggregation.
async fn aggregated(client: &Client, format: Format) -> Result<Vec<sendings::ByCampaignId>, Failure> {
    let query = Sendings::by_campaign_id().filter(sendings::CAMPAIGN_ID.is_not_null()).page_size(SHOWN as u32);
    let cost = query.cost();
    let page = client.fetch(query).await?;
    if format == Format::Text {
        output::heading("Campaigns")?;
        output::line("Sendings::by_campaign_id().filter(CAMPAIGN_ID.is_not_null())")?;
        output::line(&tokens(cost, page.rate.as_ref()))?;
        output::rows(
            &page.rows,
            &["campaign_id", "dispatches_count", "delivered_count", "opened_count", "first_created_at", "last_created_at"],
        )?;
    }
    Ok(page.rows)
}

/// Every row, page by page.
async fn every_page(client: &Client, format: Format, expected: u32) -> Result<(u64, i64), Failure> {
    let progress = if format == Format::Text && io::stderr().is_terminal() {
        ProgressBar::new(expected.into())
    } else {
        ProgressBar::hidden()
    };
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos} of {len} rows") {
        progress.set_style(style);
    }
    let mut rows = client.stream(Sendings::records().page_size(PAGE));
    let (mut count, mut delivered) = (0_u64, 0_i64);
    while let Some(sending) = rows.try_next().await? {
        count += 1;
        delivered = delivered.saturating_add(sending.delivered_count);
        progress.inc(1);
    }
    progress.finish_and_clear();
    if format == Format::Text {
        output::heading("Every sending, page by page")?;
        output::line(&format!(
            "client.stream(Sendings::records().page_size({PAGE})): {count} rows, {delivered} messages delivered"
        ))?;
    }
    Ok((count, delivered))
}

/// A chart: members who came and went, month by month.
async fn chart(client: &Client, format: Format) -> Result<Chart<member_balance::Label>, Failure> {
    let at = |text: &str| Moment::parse(text).map_err(|error| Failure::Impossible(error.to_string()));
    let query = MemberBalance::series(at(FROM)?..at(TO)?).interval(interval::Month);
    let cost = query.cost();
    let chart = client.fetch(query).await?;
    if format == Format::Text {
        output::heading("Members who came and went")?;
        output::line("MemberBalance::series(from..to).interval(interval::Month)")?;
        output::line(&tokens(cost, chart.rate.as_ref()))?;
        output::line(&format!(
            "{} data points in {}, {}",
            chart.data_points.unwrap_or(0),
            chart.range_zone,
            whole(chart.complete)
        ))?;
        let buckets: Vec<String> = match &chart.buckets {
            Buckets::Zoned(buckets) => buckets.iter().map(ToString::to_string).collect(),
            Buckets::Local(buckets) => buckets.iter().map(ToString::to_string).collect(),
        };
        let rows = buckets.iter().enumerate().map(|(index, bucket)| {
            let value = |value: Option<Number>| value.map_or_else(String::new, |value| value.to_string());
            let values = chart.series.iter().map(|series| value(series.values.get(index).copied().flatten()));
            [bucket.get(..7).unwrap_or(bucket).to_owned()].into_iter().chain(values).collect()
        });
        let heads: Vec<&str> =
            chart.series.iter().map(|series| series.label.r#type.as_ref().map_or("", |kind| kind.as_str())).collect();
        output::table(&[&["month"][..], &heads].concat(), rows)?;
    }
    Ok(chart)
}

fn whole(complete: bool) -> &'static str {
    if complete { "all of them" } else { "cut by the server: ask for less" }
}

fn tokens(known: Option<u32>, rate: Option<&placewise_reporting::RateLimit>) -> String {
    let known = known.map_or_else(|| "an unknown number of tokens".into(), |cost| format!("{cost} tokens"));
    match rate.and_then(|rate| rate.cost) {
        Some(charged) => format!("{known}, known before sending; the server took {charged}"),
        None => format!("{known}, known before sending"),
    }
}

const GENERATED: [(&str, &str); 4] = [
    ("generated/rust/sendings.rs", "the types used here"),
    ("generated/docs/reports/sendings.md", "what is known of the report"),
    ("generated/schema/rows/sendings.schema.json", "its rows, for other languages"),
    ("generated/model.json", "what the server was made from"),
];

fn closing(server: &Server, spent: u64) -> io::Result<()> {
    output::heading("Tokens")?;
    output::line(&format!("{spent} tokens in {} requests.", server.requests().len()))?;
    output::heading("Generated from spec/")?;
    for (path, what) in GENERATED {
        output::line(&format!("  {path:<44} {what}"))?;
    }
    Ok(())
}
