//! Time and memory of the generator over specs of many reports shaped like `sendings` (30 fields, 4 enums, 2 aggregations).
//!
//! `cargo bench -p placewise-benches` prints medians of whole processes. `-- spec N DIR` only writes such a spec, and `-- crate N DIR` the crate
//! generated from it, which `benches/peers.sh` builds next to the crates of other generators.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, io, thread};

const COUNTS: [&str; 10] = [
    "dispatches_count",
    "members_count",
    "new_count",
    "transiently_failed_count",
    "transmitted_count",
    "failed_count",
    "delivered_count",
    "delivery_errored_count",
    "opened_count",
    "opened_events_count",
];
const IDS: [&str; 6] = ["id", "loyalty_club_id", "reporting_id", "source_id", "audience_id", "campaign_id"];
const RUNS: usize = 5;

fn main() -> io::Result<()> {
    let arguments: Vec<String> = env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["spec", count, dir] => write_spec(number(count), Path::new(dir)),
        ["crate", count, dir] => write_crate(number(count), Path::new(dir)),
        _ => measure(),
    }
}

fn number(text: &str) -> usize {
    text.parse().unwrap_or_else(|_| panic!("`{text}` is not a number of reports"))
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The generator, built with optimizations.
fn generator() -> PathBuf {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let target = root().join("target").join("bench-codegen");
    let status = Command::new(cargo)
        .current_dir(root())
        .args(["build", "--quiet", "--release", "--package", "placewise-codegen", "--target-dir"])
        .arg(&target)
        .status();
    assert!(status.is_ok_and(|status| status.success()), "the generator does not build");
    target.join("release").join("placewise-codegen")
}

fn measure() -> io::Result<()> {
    let generator = generator();
    // A folder of this run's own: on some file systems, files created right after as many were removed take several times as long.
    let work = root().join("target").join(format!("bench-specs-{}", std::process::id()));
    let mut specs = vec![("this spec".to_owned(), root().join("spec"))];
    for count in [13, 100, 1000] {
        let dir = work.join(count.to_string());
        write_spec(count, &dir)?;
        specs.push((format!("{count} reports"), dir));
    }
    println!("| spec | check ms | generate ms | peak MiB | lines of Rust |\n|---|---|---|---|---|");
    for (name, spec) in specs {
        let out = |index: usize| work.join(format!("{name}-out-{index}"));
        let check = median(|_| run(Command::new(&generator).arg("check").arg("--spec").arg(&spec)))?;
        let all =
            median(|index| run(Command::new(&generator).arg("generate").arg("--spec").arg(&spec).arg("--out").arg(out(index))))?;
        println!(
            "| {name} | {} | {} | {} | {} |",
            check.0.as_millis(),
            all.0.as_millis(),
            all.1 / 1024,
            lines(&out(0).join("rust"))?
        );
    }
    let large = work.join("large");
    write_large_spec(&large)?;
    let check = median(|_| run(Command::new(&generator).arg("check").arg("--spec").arg(&large)))?;
    println!("| one report of 20 MB of fields | {} | | {} | |", check.0.as_millis(), check.1 / 1024);
    fs::remove_dir_all(&work)
}

/// The median time of some runs, and that run's peak memory in KiB.
fn median(mut run: impl FnMut(usize) -> io::Result<(Duration, u64)>) -> io::Result<(Duration, u64)> {
    let mut runs = (0..RUNS).map(&mut run).collect::<io::Result<Vec<_>>>()?;
    runs.sort();
    Ok(runs[RUNS / 2])
}

/// Wall time and peak memory in KiB of one run. The kernel's high-water mark only grows, so the last look before the end is the peak.
fn run(command: &mut Command) -> io::Result<(Duration, u64)> {
    let start = Instant::now();
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let status_file = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    let status = loop {
        let status = fs::read_to_string(&status_file).unwrap_or_default();
        let mark = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))
            .and_then(|text| text.trim().trim_end_matches(" kB").parse().ok());
        peak = peak.max(mark.unwrap_or(0));
        if let Some(status) = child.try_wait()? {
            break status;
        }
        thread::sleep(Duration::from_millis(1));
    };
    let wall = start.elapsed();
    assert!(status.success(), "the generator failed");
    Ok((wall, peak))
}

fn lines(dir: &Path) -> io::Result<usize> {
    let mut lines = 0;
    for entry in fs::read_dir(dir)? {
        lines += fs::read_to_string(entry?.path())?.lines().count();
    }
    Ok(lines)
}

fn write_spec(count: usize, dir: &Path) -> io::Result<()> {
    let reports = dir.join("reports").join("bench");
    if dir.exists() {
        fs::remove_dir_all(dir)?;
    }
    fs::create_dir_all(&reports)?;
    for name in ["api", "filters", "formats", "endpoints", "assumptions"] {
        fs::copy(root().join("spec").join(format!("{name}.yaml")), dir.join(format!("{name}.yaml")))?;
    }
    let api = fs::read_to_string(dir.join("api.yaml"))?;
    fs::write(dir.join("api.yaml"), with_group(&api))?;
    for index in 0..count {
        fs::write(reports.join(format!("report_{index}.yaml")), report(index))?;
    }
    Ok(())
}

/// A spec of one report with 20 MB of fields.
fn write_large_spec(dir: &Path) -> io::Result<()> {
    write_spec(0, dir)?;
    let mut text = report(0).split_once("\naggregations:").map_or_else(String::new, |(fields, _)| fields.to_owned());
    for index in 0.. {
        if text.len() >= 20_000_000 {
            break;
        }
        let _ =
            write!(text, "\n  count_{index}: {{ type: integer, nullable: seen, description: The count_{index} of the row. }}");
    }
    text.push('\n');
    fs::write(dir.join("reports/bench/report_0.yaml"), text)
}

/// `api.yaml` with the group that the reports stand in.
fn with_group(api: &str) -> String {
    let mut out = String::new();
    for line in api.lines() {
        let _ = writeln!(out, "{line}");
        if line.starts_with("groups:") {
            out.push_str("  bench:\n    description: Reports for measuring.\n");
        }
    }
    out
}

fn report(index: usize) -> String {
    let mut out = format!(
        "report: report_{index}\nformat: records\npermit: Reporting:Api:Report:Report{index}\ncost: 2\nsource: https://bench.invalid/doc-{index}\n\
         coverage: whole\ndescription: One row per thing number {index}.\n\nfields:\n"
    );
    for name in IDS {
        let nullable = if matches!(name, "id" | "loyalty_club_id") { "assumed-never" } else { "seen" };
        let _ = writeln!(out, "  {name}: {{ type: integer, nullable: {nullable}, description: The {name} of the row. }}");
    }
    for name in COUNTS.iter().chain(&["clicked_count"]) {
        let _ = writeln!(out, "  {name}: {{ type: integer, nullable: assumed-never, description: The {name} of the row. }}");
    }
    out.push_str(
        "  channel: { type: enum, values: [sms, email, push], description: The channel of the row. }\n\
         \x20 source_app: { type: enum, values: [the-big-project, messages_api], description: The source_app of the row. }\n\
         \x20 source_type: { type: enum, values: [campaigns, triggers, other], description: The source_type of the row. }\n\
         \x20 service_type: { type: enum, description: The service_type of the row. }\n\
         \x20 language: { type: string, nullable: seen, description: The language of the row. }\n\
         \x20 computed_counts:\n    type: object\n    description: The computed_counts of the row.\n    fields:\n",
    );
    for name in ["sent", "failed_to_send", "en_route", "delivered", "errored"] {
        let _ = writeln!(out, "      {name}: {{ type: integer, nullable: never, description: The {name}. }}");
    }
    out.push_str(
        "      open_rate: { type: number, description: The open_rate. }\n  created_at: { type: timestamp, nullable: assumed-never, description: The created_at of the row. }\n\
         \x20 timeseries_time_ranges:\n    type: map[string]object\n    description: The ranges of the row.\n    fields:\n\
         \x20     from: { type: timestamp, nullable: never, description: Start. }\n      to: { type: timestamp, nullable: seen, description: End. }\n\naggregations:\n",
    );
    for key in ["reporting_id", "campaign_id"] {
        let _ = write!(
            out,
            "  {key}:\n    description: One row per {key}.\n    returns:\n      {key}: field\n      service_type: field\n      \
             ids: {{ type: \"array[integer]\", nullable: assumed-never, compute: {{ collect: id }}, description: The rows added up. }}\n"
        );
        for name in COUNTS {
            let _ = writeln!(out, "      {name}: field");
        }
        out.push_str(
            "      first_created_at: { type: timestamp, compute: { min: created_at }, description: The first. }\n      \
             last_created_at: { type: timestamp, compute: { max: created_at }, description: The last. }\n",
        );
    }
    out
}

/// The crate that a spec of so many reports becomes.
fn write_crate(count: usize, dir: &Path) -> io::Result<()> {
    let spec = dir.join("spec");
    write_spec(count, &spec)?;
    let status =
        Command::new(generator()).arg("generate").arg("--spec").arg(&spec).arg("--out").arg(dir.join("generated")).status()?;
    assert!(status.success(), "the generator failed");
    fs::create_dir_all(dir.join("docs"))?;
    fs::create_dir_all(dir.join("src"))?;
    fs::write(dir.join("docs/front.md"), "Made for a benchmark.\n")?;
    fs::write(dir.join("src/lib.rs"), "#[path = \"../generated/rust/lib.rs\"]\nmod generated;\npub use generated::*;\n")?;
    let runtime = root().join("runtime");
    let manifest = format!(
        "[package]\nname = \"peer\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n\
         placewise-runtime = {{ path = {:?}, default-features = false }}\n\n[features]\ndefault = [\"bench\"]\nbench = []\n",
        runtime.display().to_string()
    );
    fs::write(dir.join("Cargo.toml"), manifest)
}
