//! Backfill: writes two years of daily values of each club to a CSV file.
//!
//! ```console
//! $ cargo placewise simulate --port 8080 --customers 1000941,1000942
//! $ export PLACEWISE_URL=http://127.0.0.1:8080 PLACEWISE_TOKEN=demo PLACEWISE_CUSTOMERS=1000941,1000942
//! $ cargo run --example backfill -- backfill/    # days.csv and state.json
//! ```
//!
//! The API limits the time points of one query, and two years of days are several times more. `history` asks for the range in parts that
//! start with a bucket, so no day is counted twice and none is missed. If the network fails for longer than the client retries, the error
//! has the days so far and the ranges that are missing. The file keeps those days, and the next run asks only for what is missing.

use std::collections::VecDeque;
use std::error::Error;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use placewise_reporting::jiff::{SignedDuration, ToSpan, ZonedDateTime, tz::TimeZone};
use placewise_reporting::member_balance::Label;
use placewise_reporting::{Client, Customers, HistoryChart, MemberBalance, Moment, TimeRange, interval};
use serde::{Deserialize, Serialize};

/// The zone in which the clubs' days start.
const ZONE: &str = "Europe/Oslo";

/// What is left to do.
#[derive(Serialize, Deserialize)]
struct State {
    missing: VecDeque<Missing>,
    /// Size of the file with all the rest.
    bytes: u64,
}

/// A range of a club, as text.
#[derive(Serialize, Deserialize)]
struct Missing {
    club: i64,
    from: String,
    to: String,
}

impl Missing {
    fn new(club: i64, range: TimeRange) -> Self {
        Self { club, from: range.from.to_string(), to: range.to.to_string() }
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("usage: backfill FOLDER")?);
    let (client, clubs) = client()?;
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let zone = TimeZone::get(ZONE)?;
    let mut state = State::load(&folder, &clubs, &zone)?;

    // Club by club, because the days of several clubs in one chart could not be told apart.
    while let Some(Missing { club, from, to }) = state.missing.pop_front() {
        let range = from.parse::<Moment>()?..to.parse::<Moment>()?;
        let query = MemberBalance::series(range).interval(interval::Day);
        // Days older than the API retains are left out, and named. Without the zone, one more request would ask for it.
        let history = client.history(query).customers(club).zone(zone.clone()).clip_to_retention().fetch().await;
        let (history, failed) = match history {
            Ok(history) => (history, None),
            Err(partial) => {
                state.missing.extend(partial.missing.iter().map(|missing| Missing::new(club, missing.range)));
                (*partial.history, Some(partial.error))
            }
        };
        state.append(&folder, club, &history.charts)?;

        let tokens = history.meta.tokens.unwrap_or_default();
        println!("club {club}: {} parts, {} requests, {tokens} tokens", history.parts, history.requests);
        if let Some(clipped) = history.clipped {
            println!("  no longer retained: {clipped}");
        }
        match history.settled_until {
            Some(settled) => println!("  values after {settled} may still change"),
            None => println!("  for how long values change is not documented"),
        }
        for start in history.charts.iter().flat_map(|one| &one.incomplete) {
            println!("  the server may have left out values of {start}");
        }
        if let Some(error) = failed {
            eprintln!("club {club} failed; run the backfill again to go on with what is missing");
            return Err(error.into());
        }
    }
    Ok(())
}

impl State {
    /// What an earlier run left, or two years of each club up to yesterday.
    fn load(folder: &Path, clubs: &[i64], zone: &TimeZone) -> Result<Self, Box<dyn Error>> {
        match fs::read(folder.join("state.json")) {
            Ok(text) => return Ok(serde_json::from_slice(&text)?),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
        let today = ZonedDateTime::now().with_time_zone(zone.clone()).start_of_day()?;
        // The server includes the bucket in which a range ends, so this one ends within yesterday, not at the start of today.
        let range = TimeRange::new(&today - 2.years(), &today - SignedDuration::from_millis(1));
        Ok(Self { missing: clubs.iter().map(|club| Missing::new(*club, range)).collect(), bytes: 0 })
    }

    /// Adds days to the file, and then saves what is left. If it is stopped in between, the next run cuts the file.
    fn append(&mut self, folder: &Path, club: i64, charts: &[HistoryChart<Label>]) -> Result<(), Box<dyn Error>> {
        let mut file = OpenOptions::new().create(true).truncate(false).write(true).open(folder.join("days.csv"))?;
        if file.metadata()?.len() < self.bytes {
            return Err("days.csv is shorter than before; delete the folder to fetch everything again".into());
        }
        file.set_len(self.bytes)?;
        file.seek(SeekFrom::End(0))?;
        let mut csv = csv::WriterBuilder::new().has_headers(false).from_writer(file);
        if self.bytes == 0 {
            csv.write_record(["club", "day", "type", "members"])?;
        }
        for point in charts.iter().flat_map(|one| one.chart.points()) {
            // A day without a value stays empty.
            csv.serialize((club, point.bucket.civil().date().to_string(), &point.label.r#type, point.value))?;
        }
        let mut file = csv.into_inner()?;
        file.sync_all()?;
        self.bytes = file.stream_position()?;
        let new = folder.join("state.json.new");
        serde_json::to_writer(File::create(&new)?, self)?;
        Ok(fs::rename(&new, folder.join("state.json"))?)
    }
}

fn client() -> Result<(Client, Vec<i64>), Box<dyn Error>> {
    let setting =
        |name: &str| std::env::var(name).map_err(|error| format!("{name}: {error}; set it as shown at the top of this example"));
    let ids: Result<Vec<i64>, _> = setting("PLACEWISE_CUSTOMERS")?.split(',').map(|id| id.trim().parse()).collect();
    let ids = ids.map_err(|_| "PLACEWISE_CUSTOMERS: write ids like `1000941,1000942`")?;
    let builder = Client::builder().base_url(setting("PLACEWISE_URL")?).token(setting("PLACEWISE_TOKEN")?);
    // Each history names its club.
    Ok((builder.customers(Customers::all()).product_name("backfill").build()?, ids))
}
