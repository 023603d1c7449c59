//! Nightly sync: appends the sendings created since the last run to a file of JSON lines.
//!
//! ```console
//! $ cargo placewise simulate --port 8080
//! $ export PLACEWISE_URL=http://127.0.0.1:8080 PLACEWISE_TOKEN=demo PLACEWISE_CUSTOMERS=1000941
//! $ cargo run --example nightly_sync -- sync/    # sendings.ndjson and state.json
//! ```
//!
//! It may stop at any point, and loses and doubles nothing:
//!
//! - **Checkpoints.** After each page, the state gets the cursor and the size of the file. The next run cuts off what came later and goes on
//!   from there. How long a cursor lives is not documented: if the server refuses it, the run starts again.
//! - **Overlap.** A sending may become visible after one that was created later, so each run asks again for the last hour before the newest
//!   row and skips the ids that it has written. A sending that appears later than that is missed; a longer overlap costs only more rows.
//!
//! That the server can filter by `created_at` is not documented; if it cannot, it refuses the second run and the error says why.
//!
//! Counts of a sending grow for days after it was created. The file keeps the counts of the day it was written.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::{self, File, OpenOptions};
use std::io::{BufWriter, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use placewise_reporting::jiff::{SignedDuration, civil::DateTime};
use placewise_reporting::{Client, Customers, Sendings, Timestamp, sendings};
use serde::{Deserialize, Serialize};

const OVERLAP: SignedDuration = SignedDuration::from_hours(1);

/// What the next run needs to know.
#[derive(Default, Serialize, Deserialize)]
struct State {
    /// The rows of whole runs within the overlap, by id. The newest of them decides where the next run starts.
    recent: BTreeMap<i64, Timestamp>,
    /// Size of the file after the last whole run.
    bytes: u64,
    /// Where a run broke off.
    broken: Option<Checkpoint>,
}

#[derive(Serialize, Deserialize)]
struct Checkpoint {
    cursor: String,
    bytes: u64,
}

/// What is read back of a line.
#[derive(Deserialize)]
struct Written {
    id: i64,
    created_at: Timestamp,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("usage: nightly_sync FOLDER")?);
    let client = client()?;
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let lock = File::create(folder.join("lock"))?;
    lock.try_lock().map_err(|error| format!("{}: another run is under way ({error})", folder.display()))?;

    let (mut state, mut count) = (State::load(&folder)?, 0);
    // A run that went on where another broke off is followed by one for the rows that are newer.
    while run(&client, &folder, &mut state, &mut count).await? {}
    println!("{count} new sendings in {}", folder.display());
    Ok(())
}

/// Goes on where the last run broke off, or starts a new one. Returns whether another one has to follow.
async fn run(client: &Client, folder: &Path, state: &mut State, count: &mut usize) -> Result<bool, Box<dyn Error>> {
    let resumed = state.broken.take();
    let bytes = resumed.as_ref().map_or(state.bytes, |checkpoint| checkpoint.bytes);
    let mut file = open(&folder.join("sendings.ndjson"), bytes)?;
    let mut written = rows_from(&mut file, state.bytes)?;
    let mut file = BufWriter::new(file);
    let mut query = Sendings::records().page_size(500);
    if let Some(start) = state.start() {
        query = query.filter(sendings::CREATED_AT.ge(start));
    }
    if let Some(checkpoint) = &resumed {
        query = query.resume_from(&checkpoint.cursor);
    }
    let mut rows = client.stream(query);
    let mut cursor = rows.cursor().map(str::to_owned);
    loop {
        let row = match rows.try_next().await {
            Ok(Some(row)) => row,
            Ok(None) => break,
            Err(error) if resumed.is_some() && rows.meta().is_none() && refuses_cursor(&error) => {
                eprintln!("the server refuses the cursor, so the run starts again: {error}");
                state.save(folder)?;
                return Ok(true);
            }
            Err(error) => {
                eprintln!("the sync broke off; run it again to go on after the last whole page");
                return Err(error.into());
            }
        };
        if !state.recent.contains_key(&row.id) && written.insert(row.id, row.created_at).is_none() {
            // `wire` is the row as the server sent it.
            serde_json::to_writer(&mut file, &row.wire())?;
            file.write_all(b"\n")?;
            *count += 1;
        }
        // The last row of a page was taken.
        if rows.cursor() != cursor.as_deref() {
            cursor = rows.cursor().map(str::to_owned);
            let bytes = size(&mut file)?;
            state.broken = cursor.clone().map(|cursor| Checkpoint { cursor, bytes });
            state.save(folder)?;
        }
    }
    (state.bytes, state.broken) = (size(&mut file)?, None);
    state.recent.append(&mut written);
    if let Some(start) = state.start() {
        state.recent.retain(|_, created| created.civil() >= start);
    }
    state.save(folder)?;
    Ok(resumed.is_some())
}

/// Whether a fresh start may help. What a server answers to a cursor that it no longer knows is not documented.
fn refuses_cursor(error: &placewise_reporting::Error) -> bool {
    error.status().is_some_and(|status| (400..500).contains(&status)) && !error.is_retryable() && !error.is_access_refused()
}

impl State {
    fn load(folder: &Path) -> Result<Self, Box<dyn Error>> {
        let path = folder.join("state.json");
        match fs::read(&path) {
            Ok(text) => serde_json::from_slice(&text)
                .map_err(|error| format!("{}: {error}; delete the folder to fetch everything again", path.display()).into()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(format!("{}: {error}", path.display()).into()),
        }
    }

    /// A rename replaces the old state in one step.
    fn save(&self, folder: &Path) -> Result<(), Box<dyn Error>> {
        let new = folder.join("state.json.new");
        let mut file = File::create(&new)?;
        file.write_all(&serde_json::to_vec(self)?)?;
        file.sync_all()?;
        Ok(fs::rename(&new, folder.join("state.json"))?)
    }

    /// Where the next run starts. Times of sendings have no zone, so they are compared as they are written.
    fn start(&self) -> Option<DateTime> {
        self.recent.values().map(|created| created.civil()).max()?.checked_sub(OVERLAP).ok()
    }
}

/// Opens the file, cut to so many bytes.
fn open(path: &Path, bytes: u64) -> Result<File, Box<dyn Error>> {
    let file = OpenOptions::new().create(true).truncate(false).read(true).write(true).open(path)?;
    if file.metadata()?.len() < bytes {
        return Err(format!("{} is shorter than before; delete the folder to fetch everything again", path.display()).into());
    }
    file.set_len(bytes)?;
    Ok(file)
}

/// Reads the rows from there to the end of the file, by id.
fn rows_from(file: &mut File, start: u64) -> Result<BTreeMap<i64, Timestamp>, Box<dyn Error>> {
    file.seek(SeekFrom::Start(start))?;
    let mut lines = String::new();
    file.read_to_string(&mut lines)?;
    let rows = lines.lines().map(|line| serde_json::from_str(line).map(|Written { id, created_at }| (id, created_at)));
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Size of the file once everything is on the disk.
fn size(file: &mut BufWriter<File>) -> Result<u64, std::io::Error> {
    file.flush()?;
    file.get_ref().sync_all()?;
    file.stream_position()
}

fn client() -> Result<Client, Box<dyn Error>> {
    let setting =
        |name: &str| std::env::var(name).map_err(|error| format!("{name}: {error}; set it as shown at the top of this example"));
    let ids: Result<Vec<i64>, _> = setting("PLACEWISE_CUSTOMERS")?.split(',').map(|id| id.trim().parse()).collect();
    let ids = ids.map_err(|_| "PLACEWISE_CUSTOMERS: write ids like `1000941,1000942`")?;
    Ok(Client::builder()
        .base_url(setting("PLACEWISE_URL")?)
        .token(setting("PLACEWISE_TOKEN")?)
        .customers(Customers::ids(ids))
        .product_name("nightly-sync")
        .build()?)
}
