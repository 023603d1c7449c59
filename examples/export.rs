//! Incremental export: appends the sendings created since the last run to a CSV file and to a file of JSON lines.
//!
//! ```console
//! $ cargo placewise simulate --port 8080
//! $ export PLACEWISE_URL=http://127.0.0.1:8080 PLACEWISE_TOKEN=demo PLACEWISE_CUSTOMERS=1000941
//! $ cargo run --example export -- export/    # sendings.csv, sendings.ndjson and state.json
//! ```
//!
//! Two things make it safe to run again at any time:
//!
//! - **Overlap.** A sending may become visible after one that was created later, so each run asks again for the last hour before the newest
//!   row and skips the ids that it has written. A sending that appears later than that is missed; a longer overlap costs only more rows.
//! - **All or nothing.** The order of rows is undocumented, so a run that failed cannot tell what it missed. The state is written last, with
//!   the sizes of both files; the next run cuts off what a failed one left behind.
//!
//! That the server can filter by `created_at` is not documented; if it cannot, it refuses the second run and the error says why.
//!
//! Counts of a sending grow for days after it was created. This export keeps the counts of the day it ran.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use placewise_reporting::jiff::{SignedDuration, civil::DateTime};
use placewise_reporting::{Client, Customers, Sendings, Timestamp, sendings};
use serde::{Deserialize, Serialize};

const OVERLAP: SignedDuration = SignedDuration::from_hours(1);

/// What the next run needs to know.
#[derive(Default, Serialize, Deserialize)]
struct State {
    /// The rows within the overlap, by id. The newest of them decides where the next run starts.
    recent: BTreeMap<i64, Timestamp>,
    csv_bytes: u64,
    json_bytes: u64,
}

impl State {
    fn load(path: &Path) -> Result<Self, Box<dyn Error>> {
        match fs::read(path) {
            Ok(text) => serde_json::from_slice(&text)
                .map_err(|error| format!("{}: {error}; delete the folder to export everything again", path.display()).into()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(format!("{}: {error}", path.display()).into()),
        }
    }

    /// Where the next run starts. Times of sendings have no zone, so they are compared as they are written.
    fn start(&self) -> Option<DateTime> {
        self.recent.values().map(|created| created.civil()).max()?.checked_sub(OVERLAP).ok()
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("usage: export FOLDER")?);
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let state_file = folder.join("state.json");
    let mut state = State::load(&state_file)?;

    let mut query = Sendings::records().page_size(500);
    if let Some(start) = state.start() {
        query = query.filter(sendings::CREATED_AT.ge(start));
    }
    let csv_file = open_at(&folder.join("sendings.csv"), state.csv_bytes)?;
    let mut csv = csv::WriterBuilder::new().has_headers(state.csv_bytes == 0).from_writer(csv_file);
    let mut json = open_at(&folder.join("sendings.ndjson"), state.json_bytes).map(std::io::BufWriter::new)?;

    let mut count = 0;
    let mut rows = client()?.stream(query);
    while let Some(row) = rows.try_next().await? {
        if state.recent.insert(row.id, row.created_at).is_some() {
            continue;
        }
        // One column per field; lists and objects are JSON text in it. `wire` is the row as the server sent it.
        csv.serialize(row.flat())?;
        serde_json::to_writer(&mut json, &row.wire())?;
        json.write_all(b"\n")?;
        count += 1;
    }

    state.csv_bytes = csv.into_inner()?.stream_position()?;
    state.json_bytes = json.into_inner()?.stream_position()?;
    if let Some(start) = state.start() {
        state.recent.retain(|_, created| created.civil() >= start);
    }
    // A rename replaces the old state in one step.
    let new = folder.join("state.json.new");
    fs::write(&new, serde_json::to_vec(&state)?)?;
    fs::rename(&new, &state_file)?;
    println!("{count} new sendings in {}", folder.display());
    Ok(())
}

/// Opens a file to append to, cut to what the last whole run wrote.
fn open_at(path: &Path, bytes: u64) -> Result<File, Box<dyn Error>> {
    let open = || {
        let mut file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
        file.set_len(bytes)?;
        file.seek(SeekFrom::End(0))?;
        Ok(file)
    };
    open().map_err(|error: std::io::Error| format!("{}: {error}", path.display()).into())
}

fn client() -> Result<Client, Box<dyn Error>> {
    let text = setting("PLACEWISE_CUSTOMERS")?;
    let ids: Result<Vec<i64>, _> = text.split(',').map(|id| id.trim().parse()).collect();
    let ids = ids.map_err(|_| format!("PLACEWISE_CUSTOMERS is `{text}`; write ids like `1000941,1000942`"))?;
    Ok(Client::builder()
        .base_url(setting("PLACEWISE_URL")?)
        .token(setting("PLACEWISE_TOKEN")?)
        .customers(Customers::ids(ids))
        .product_name("export")
        .build()?)
}

fn setting(name: &str) -> Result<String, Box<dyn Error>> {
    std::env::var(name).map_err(|error| format!("{name}: {error}; set it as shown at the top of this example").into())
}
