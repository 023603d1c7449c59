//! `placewise demo`: the main job. In: how many made-up rows; out: typed queries against the embedded server (filtered rows, an
//! aggregation, all pages), their tokens, and where the generated files are.

use std::io::{self, IsTerminal};

use indicatif::{ProgressBar, ProgressStyle};
use placewise_reporting::sendings::{self, Channel};
use placewise_reporting::{Client, Customers, MODEL, Sendings};
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

const PAGE: u32 = 500;
const SHOWN: usize = 8;

pub(crate) async fn run(arguments: &Arguments, format: Format) -> Outcome {
    let server = Simulator::from_json(MODEL)
        .and_then(|simulator| simulator.seed(arguments.seed).rows(arguments.rows as usize).start())
        .map_err(|error| Failure::Impossible(format!("the embedded server did not start: {error}")))?;
    let client = Client::builder()
        .base_url(server.url())
        .token("demo")
        .customers(Customers::id(1_000_941))
        .product_name("placewise-demo")
        .build()?;
    if format == Format::Text {
        output::line(&format!("Serving {} made-up sendings at {} (seed {}).", arguments.rows, server.url(), arguments.seed))?;
    }
    let email = filtered(&client, format).await?;
    let campaigns = aggregated(&client, format).await?;
    let (count, delivered) = every_page(&client, format, arguments.rows).await?;
    let spent = server.spent();
    if format == Format::Json {
        output::json(&json!({
            "email": email, "campaigns": campaigns, "rows": count, "delivered": delivered,
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
    output::heading("Generated from spec/reports/sendings/sendings.yaml")?;
    for (path, what) in GENERATED {
        output::line(&format!("  {path:<44} {what}"))?;
    }
    Ok(())
}
