//! What the program `placewise` takes for many rows, beside a plain loop of reqwest, serde and csv in the same run.
//!
//! `cargo bench -p placewise-cli --bench rows --features full` starts a server that replays one page from memory, and prints CPU time and peak memory of
//! each process. `-- ROWS` sets the number of rows. It reads `/proc`, so it needs Linux.

use std::error::Error;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use placewise_model::Model;
use placewise_reporting::{Client, Customers, MODEL, RawRow, Sendings};
use placewise_simulator::Simulator;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const REPORT: &str = "sendings";
const RUNS: usize = 3;

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["plain", "csv", url, out] => csv_loop(url, out, csv_of_any),
        ["typed", "csv", url, out] => csv_loop(url, out, csv_of_typed),
        ["plain", "ndjson", url, out] => ndjson_loop::<AnyRow>(url, out),
        ["typed", "ndjson", url, out] => ndjson_loop::<Row<false>>(url, out),
        [] => measure(1_000_000),
        [rows] => measure(rows.parse()?),
        _ => Err("usage: rows [ROWS]".into()),
    }
}

/// What a process took.
#[derive(Clone, Copy)]
struct Took {
    cpu: Duration,
    wall: Duration,
    peak_kib: u64,
}

fn measure(rows: usize) -> Result<()> {
    let program = Path::new(env!("CARGO_BIN_EXE_placewise"));
    start_up(program)?;
    let model: Model = serde_json::from_str(MODEL)?;
    let page = canned(model.records.most_page_size.value)?;
    let server = Replay::start(&model, &page, rows)?;
    println!("\nPages of {} rows; a `plain` loop reads rows into `serde_json::Map`, a `typed` one into a struct.", page.len());
    let folder = env::temp_dir().join(format!("placewise-rows-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    println!("\n| {rows} rows of `{REPORT}` | CPU s | wall s | peak MiB | MB written | CPU, plain = 1 | typed = 1 |");
    println!("|---|--:|--:|--:|--:|--:|--:|");
    for format in ["csv", "ndjson"] {
        let mut base = Vec::new();
        for kind in ["plain", "typed"] {
            let out = folder.join(format!("{kind}.{format}"));
            let took = best(|| {
                let mut command = Command::new(env::current_exe()?);
                command.args([kind, format, &server.url()]).arg(&out);
                Ok(command)
            })?;
            base.push(took.cpu);
            row(&format!("{kind} loop, {format}"), took, &out, &base)?;
        }
        ours(program, &server, &folder, format, &base)?;
    }
    for (format, built) in [("parquet", cfg!(feature = "parquet")), ("arrow", cfg!(feature = "arrow"))] {
        if built {
            ours(program, &server, &folder, format, &[])?;
        }
    }
    fs::remove_dir_all(folder)?;
    Ok(())
}

fn ours(program: &Path, server: &Replay, folder: &Path, format: &str, base: &[Duration]) -> Result<()> {
    let out = folder.join(format!("placewise.{format}"));
    let took = best(|| {
        let mut command = Command::new(program);
        command.args(["query", REPORT, "--overwrite", "--format", format, "--url", &server.url(), "--customers", "1"]);
        command.args(["--product", "bench", "--out"]).arg(&out).env("PLACEWISE_TOKEN", "t").stderr(Stdio::null());
        Ok(command)
    })?;
    row(&format!("placewise, {format}"), took, &out, base)
}

fn row(what: &str, took: Took, out: &Path, base: &[Duration]) -> Result<()> {
    let megabytes = fs::metadata(out)?.len() as f64 / 1e6;
    let ratio = |base: Option<&Duration>| {
        base.map_or_else(|| "-".into(), |base| format!("{:.2}", took.cpu.as_secs_f64() / base.as_secs_f64()))
    };
    println!(
        "| {what} | {:.2} | {:.2} | {} | {megabytes:.0} | {} | {} |",
        took.cpu.as_secs_f64(),
        took.wall.as_secs_f64(),
        took.peak_kib / 1024,
        ratio(base.first()),
        ratio(base.get(1)),
    );
    Ok(())
}

/// How long the program takes for what sends nothing.
fn start_up(program: &Path) -> Result<()> {
    println!("| start | median ms of 21 |\n|---|--:|");
    for arguments in [&["--version"][..], &["query", "--help"], &["reports", REPORT]] {
        let mut times = Vec::new();
        for _ in 0..21 {
            let start = Instant::now();
            let status = Command::new(program).args(arguments).stdout(Stdio::null()).status()?;
            if !status.success() {
                return Err(format!("placewise {arguments:?} failed").into());
            }
            times.push(start.elapsed());
        }
        times.sort();
        println!("| `placewise {}` | {:.1} |", arguments.join(" "), times[times.len() / 2].as_secs_f64() * 1e3);
    }
    Ok(())
}

/// The run with the least CPU time.
fn best(command: impl Fn() -> Result<Command>) -> Result<Took> {
    let runs = (0..RUNS).map(|_| run(command()?)).collect::<Result<Vec<_>>>()?;
    runs.into_iter().min_by_key(|took| took.cpu).ok_or_else(|| "no run".into())
}

fn run(mut command: Command) -> Result<Took> {
    let (start, before) = (Instant::now(), children_cpu()?);
    let mut child = command.spawn()?;
    let status = format!("/proc/{}/status", child.id());
    let mut peak_kib = 0;
    let ended = loop {
        if let Some(line) =
            fs::read_to_string(&status).ok().as_deref().and_then(|text| text.lines().find(|l| l.starts_with("VmHWM")))
        {
            peak_kib = line.split_whitespace().nth(1).and_then(|kib| kib.parse().ok()).unwrap_or(peak_kib);
        }
        if let Some(ended) = child.try_wait()? {
            break ended;
        }
        thread::sleep(Duration::from_millis(10));
    };
    if !ended.success() {
        return Err(format!("{command:?}: {ended}").into());
    }
    Ok(Took { cpu: children_cpu()? - before, wall: start.elapsed(), peak_kib })
}

/// CPU time of all children that have ended, in ticks of 10 ms.
fn children_cpu() -> Result<Duration> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let fields = stat.rsplit_once(')').ok_or("no name in /proc/self/stat")?.1;
    let ticks = fields.split_whitespace().skip(13).take(2).map(str::parse::<u64>).sum::<std::result::Result<u64, _>>()?;
    Ok(Duration::from_millis(ticks * 10))
}

/// The rows of a generated page, as the server sends them.
fn canned(rows: u32) -> Result<Vec<String>> {
    let server = Simulator::from_json(MODEL)?.customers([1]).rows(rows as usize).start()?;
    let client =
        Client::builder().base_url(server.url()).token("bench").customers(Customers::id(1)).product_name("bench").build()?;
    let query = Sendings::records().rows_as::<RawRow>().page_size(rows);
    let page = tokio::runtime::Runtime::new()?.block_on(async { client.fetch(query).await })?;
    Ok(page.rows.iter().map(|row| row.json().to_owned()).collect())
}

/// A server that sends one page again and again, with a new cursor each time.
struct Replay {
    port: u16,
}

impl Replay {
    fn start(model: &Model, page: &[String], rows: usize) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let port = listener.local_addr()?.port();
        let keys = &model.records.response;
        let body = format!("{{\"{}\":[{}],\"{}\":{{\"{}\":", keys.rows, page.join(","), keys.pagination, keys.next);
        let (end, last) = (format!("}},\"{}\":\"{}\"}}", keys.result_type, keys.result_type_value), rows.div_ceil(page.len()));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (body, end) = (body.clone(), end.clone());
                thread::spawn(move || serve(stream, &body, &end, last));
            }
        });
        Ok(Self { port })
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

/// Answers the requests of a connection. The cursor is the number of the page.
fn serve(mut stream: TcpStream, body: &str, end: &str, last: usize) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream.try_clone()?);
    loop {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line)? == 0 {
                return Ok(());
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().unwrap_or(0);
            }
            if line.trim().is_empty() {
                break;
            }
        }
        let mut query = vec![0; length];
        reader.read_exact(&mut query)?;
        let query = String::from_utf8_lossy(&query);
        let page: usize =
            query.split_once("page-").map_or(1, |(_, rest)| rest.chars().take(8).collect::<String>().parse().unwrap_or(1));
        let next = if page < last { format!("\"page-{:08}\"", page + 1) } else { "null".into() };
        let length = body.len() + next.len() + end.len();
        let head = format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n");
        stream.write_all(&[head.as_bytes(), body.as_bytes(), next.as_bytes(), end.as_bytes()].concat())?;
    }
}

#[derive(Deserialize)]
struct Page<R> {
    records: Vec<R>,
    pagination: Pagination,
}

#[derive(Deserialize)]
struct Pagination {
    next_page_info: Option<String>,
}

/// A row whose keys are not known.
type AnyRow = Map<String, Value>;

/// A row whose fields are known. Nested values stay JSON: as a cell, or as they are.
#[derive(Deserialize, Serialize)]
struct Row<const CELL: bool> {
    id: i64,
    loyalty_club_id: i64,
    language: Option<String>,
    channel: Option<String>,
    service_type: Option<String>,
    reporting_id: Option<i64>,
    source_app: Option<String>,
    source_type: Option<String>,
    source_id: Option<i64>,
    audience_id: Option<i64>,
    campaign_id: Option<i64>,
    dispatches_count: Option<i64>,
    members_count: Option<i64>,
    new_count: Option<i64>,
    transiently_failed_count: Option<i64>,
    transmitted_count: Option<i64>,
    failed_count: Option<i64>,
    delivered_count: Option<i64>,
    delivery_errored_count: Option<i64>,
    clicked_count: Option<i64>,
    opened_count: Option<i64>,
    opened_events_count: Option<i64>,
    computed_counts: Option<Nested<CELL>>,
    created_at: Option<String>,
    timeseries_time_ranges: Option<Nested<CELL>>,
}

#[derive(Deserialize)]
#[serde(transparent)]
struct Nested<const CELL: bool>(Box<RawValue>);

impl<const CELL: bool> Serialize for Nested<CELL> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        if CELL { serializer.serialize_str(self.0.get()) } else { self.0.serialize(serializer) }
    }
}

fn csv_of_any(rows: &[AnyRow], out: &mut csv::Writer<File>, first: bool) -> Result<()> {
    if let (true, Some(row)) = (first, rows.first()) {
        out.write_record(row.keys())?;
    }
    for row in rows {
        out.write_record(row.values().map(|value| match value {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        }))?;
    }
    Ok(())
}

fn csv_of_typed(rows: &[Row<true>], out: &mut csv::Writer<File>, _: bool) -> Result<()> {
    rows.iter().try_for_each(|row| out.serialize(row)).map_err(Into::into)
}

/// Writes all rows of all pages as CSV.
fn csv_loop<R: DeserializeOwned>(
    url: &str,
    out: &str,
    write: impl Fn(&[R], &mut csv::Writer<File>, bool) -> Result<()>,
) -> Result<()> {
    let mut out = csv::Writer::from_path(out)?;
    let mut first = true;
    pages(url, |rows| {
        write(&rows, &mut out, first)?;
        first = false;
        Ok(())
    })?;
    Ok(out.flush()?)
}

/// Writes all rows of all pages as NDJSON.
fn ndjson_loop<R: DeserializeOwned + Serialize>(url: &str, out: &str) -> Result<()> {
    let mut out = BufWriter::new(File::create(out)?);
    pages(url, |rows: Vec<R>| {
        for row in rows {
            serde_json::to_writer(&mut out, &row)?;
            out.write_all(b"\n")?;
        }
        Ok(())
    })?;
    Ok(out.flush()?)
}

/// Fetches all pages, one after another.
#[tokio::main(flavor = "current_thread")]
async fn pages<R: DeserializeOwned>(url: &str, mut each: impl FnMut(Vec<R>) -> Result<()>) -> Result<()> {
    let client = reqwest::Client::new();
    let mut cursor = None;
    loop {
        let body = json!({ "report": REPORT, "cursor": cursor }).to_string();
        let answer = client.post(format!("{url}/query")).body(body).send().await?.error_for_status()?;
        let page: Page<R> = serde_json::from_slice(&answer.bytes().await?)?;
        each(page.records)?;
        cursor = page.pagination.next_page_info;
        if cursor.is_none() {
            return Ok(());
        }
    }
}
