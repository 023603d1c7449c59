//! `placewise demo`: filtered rows, an aggregation, all pages and a chart through generated types, with their cost in tokens.

use std::io::{self, IsTerminal};

use indicatif::{ProgressBar, ProgressStyle};
use placewise_model::exit::{Failure, Outcome};
use placewise_reporting::sendings::{self, Channel};
use placewise_reporting::{
    Buckets, Chart, Client, Customers, MODEL, MemberBalance, Moment, Number, Sendings, interval, member_balance,
};
use placewise_simulator::{Server, Simulator};
use serde_json::json;

use crate::terminal::{self, Output};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Generated sendings to serve
    #[arg(long, default_value_t = 2000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    rows: u32,
    /// Seed of the generated rows; the same seed generates the same rows
    #[arg(long, default_value_t = 7)]
    seed: u64,
}

/// The current time of server and client, so that the demo is the same every day.
const NOW: &str = "2026-01-15T12:00:00Z";
const FROM: &str = "2025-07-01T00:00:00+02:00";
const TO: &str = "2025-12-31T00:00:00+01:00";
const PAGE: u32 = 500;
const SHOWN: usize = 8;

pub(crate) async fn run(arguments: &Arguments, output: Output) -> Outcome {
    let now: jiff::Timestamp = NOW.parse()?;
    let server = Simulator::from_json(MODEL)
        .and_then(|simulator| simulator.seed(arguments.seed).rows(arguments.rows as usize).clock(move || now).start())
        .map_err(|error| Failure::CannotRun(format!("the embedded server did not start: {error}")))?;
    let client = Client::builder()
        .base_url(server.url())
        .token("demo")
        .customers(Customers::id(1_000_941))
        .product_name("placewise-demo")
        .clock(move || now)
        .build()?;
    if output == Output::Text {
        terminal::line(&format!("Serving {} generated sendings at {} (seed {}).", arguments.rows, server.url(), arguments.seed))?;
    }
    let email = filtered(&client, output).await?;
    let campaigns = aggregated(&client, output).await?;
    let (count, delivered) = every_page(&client, output, arguments.rows).await?;
    let balance = chart(&client, output).await?;
    let spent = server.spent();
    if output == Output::Json {
        terminal::json(&json!({
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
async fn filtered(client: &Client, output: Output) -> Result<Vec<sendings::Row>, Failure> {
    let query = Sendings::records()
        .filter(sendings::CHANNEL.eq(Channel::Email) & sendings::DELIVERED_COUNT.gt(0))
        .page_size(SHOWN as u32);
    let cost = query.cost();
    let body = query.body();
    let page = client.fetch(query).await?;
    if output == Output::Text {
        terminal::heading("Delivered e-mail sendings")?;
        terminal::line("Sendings::records().filter(CHANNEL.eq(Channel::Email) & DELIVERED_COUNT.gt(0))")?;
        terminal::line(&format!("{body}"))?;
        terminal::line(&tokens(cost, page.rate.as_ref()))?;
        terminal::rows(
            &page.rows,
            &["id", "channel", "source_type", "campaign_id", "dispatches_count", "delivered_count", "created_at"],
        )?;
    }
    Ok(page.rows)
}

/// An aggregation.
async fn aggregated(client: &Client, output: Output) -> Result<Vec<sendings::ByCampaignId>, Failure> {
    let query = Sendings::by_campaign_id().filter(sendings::CAMPAIGN_ID.is_not_null()).page_size(SHOWN as u32);
    let cost = query.cost();
    let page = client.fetch(query).await?;
    if output == Output::Text {
        terminal::heading("Campaigns")?;
        terminal::line("Sendings::by_campaign_id().filter(CAMPAIGN_ID.is_not_null())")?;
        terminal::line(&tokens(cost, page.rate.as_ref()))?;
        terminal::rows(
            &page.rows,
            &["campaign_id", "dispatches_count", "delivered_count", "opened_count", "first_created_at", "last_created_at"],
        )?;
    }
    Ok(page.rows)
}

/// Every row, page by page.
async fn every_page(client: &Client, output: Output, expected: u32) -> Result<(u64, i64), Failure> {
    let progress = if output == Output::Text && io::stderr().is_terminal() {
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
    if output == Output::Text {
        terminal::heading("Every sending, page by page")?;
        terminal::line(&format!(
            "client.stream(Sendings::records().page_size({PAGE})): {count} rows, {delivered} messages delivered"
        ))?;
    }
    Ok((count, delivered))
}

/// A chart: members who joined and left, month by month.
async fn chart(client: &Client, output: Output) -> Result<Chart<member_balance::Label>, Failure> {
    let at = |text: &str| Moment::parse(text);
    let query = MemberBalance::series(at(FROM)?..at(TO)?).interval(interval::Month);
    let cost = query.cost();
    let chart = client.fetch(query).await?;
    if output == Output::Text {
        terminal::heading("Members who joined and left")?;
        terminal::line("MemberBalance::series(from..to).interval(interval::Month)")?;
        terminal::line(&tokens(cost, chart.rate.as_ref()))?;
        terminal::line(&format!(
            "{} data points in {}, {}",
            chart.data_points.unwrap_or(0),
            chart.range_zone,
            completeness(chart.complete)
        ))?;
        let buckets: Vec<String> = match &chart.buckets {
            Buckets::Zoned(buckets) => buckets.iter().map(ToString::to_string).collect(),
            Buckets::Local(buckets) => buckets.iter().map(ToString::to_string).collect(),
            _ => Vec::new(),
        };
        let rows = buckets.iter().enumerate().map(|(index, bucket)| {
            let value = |value: Option<Number>| value.map_or_else(String::new, |value| value.to_string());
            let values = chart.series.iter().map(|series| value(series.values.get(index).copied().flatten()));
            [bucket.get(..7).unwrap_or(bucket).to_owned()].into_iter().chain(values).collect()
        });
        let heads: Vec<&str> =
            chart.series.iter().map(|series| series.label.r#type.as_ref().map_or("", |kind| kind.as_str())).collect();
        terminal::table(&[&["month"][..], &heads].concat(), rows)?;
    }
    Ok(chart)
}

fn completeness(complete: bool) -> &'static str {
    if complete { "complete" } else { "incomplete: the server dropped the rest; narrow the range or the filter" }
}

fn tokens(known: Option<u32>, rate: Option<&placewise_reporting::RateLimit>) -> String {
    let known = known.map_or_else(|| "an unknown number of tokens".into(), |cost| format!("{cost} tokens"));
    match rate.and_then(|rate| rate.cost) {
        Some(charged) => format!("{known}, known before the request; the server charged {charged}"),
        None => format!("{known}, known before the request"),
    }
}

const GENERATED: [(&str, &str); 4] = [
    ("generated/rust/sendings.rs", "the types of this demo"),
    ("generated/docs/reports/sendings.md", "the documentation of the report"),
    ("generated/schema/rows/sendings.schema.json", "the schema of its rows, for other languages"),
    ("generated/model.json", "the spec that the server follows"),
];

fn closing(server: &Server, spent: u64) -> io::Result<()> {
    terminal::heading("Tokens")?;
    terminal::line(&format!("{spent} tokens in {} requests.", server.requests().len()))?;
    terminal::heading("Generated from spec/")?;
    for (path, what) in GENERATED {
        terminal::line(&format!("  {path:<44} {what}"))?;
    }
    Ok(())
}
