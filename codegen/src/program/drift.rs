//! `drift`: compares published pages with the spec, and judges the differences by what was decided about them.

use std::path::PathBuf;

use placewise_model::exit::{Failure, Outcome};

use super::comparison::{Comparison, is_within};
use super::lockstep::Lockstep;
use super::pages;
use super::site;
use super::spec_dir::{load, spec_dir};
use super::terminal::{Format, counted, plural, print_findings, say};
use crate::finding::{Code, Finding, Severity, codes, has_errors, sort};
use crate::published::{Date, Kind};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The texts of published pages; - for standard input
    pages: Vec<PathBuf>,
    /// Accept a page that does not reach all facts of the spec (`page-unreached`), such as a cut capture. Nothing else is accepted
    #[arg(long)]
    partial: bool,
    /// What the pages are, if their titles do not tell
    #[arg(long, value_enum, value_name = "KIND")]
    kind: Option<Kind>,
    /// The spec directory [default: the project's spec/]
    #[arg(long, value_name = "DIR")]
    spec: Option<PathBuf>,
    /// The folder of drift.yaml and captures.lock [default: lockstep/ beside the spec]
    #[arg(long, value_name = "DIR")]
    lockstep: Option<PathBuf>,
    /// The date by which waivers are judged [default: today, in UTC]
    #[arg(long, value_name = "DATE", value_parser = date)]
    today: Option<Date>,
    #[command(flatten)]
    site: site::Arguments,
    #[command(flatten)]
    decide: super::lockstep::Arguments,
}

fn date(text: &str) -> Result<Date, String> {
    Date::parse(text).ok_or_else(|| "write a date as 2026-12-31".into())
}

fn clock() -> Date {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    Date::from_unix(now.map_or(0, |time| time.as_secs()))
}

pub(super) fn run(arguments: Arguments, format: Format) -> Outcome {
    let spec = spec_dir(arguments.spec)?;
    let today = arguments.today.unwrap_or_else(clock);
    let folder = arguments.lockstep.unwrap_or_else(|| Lockstep::beside(&spec));
    if arguments.decide.is_given() {
        return super::lockstep::decide(&folder, &arguments.decide, today, format);
    }
    if arguments.pages.is_empty() && !arguments.site.is_given() {
        let help = "name files with pages, or fetch the pages that the spec names with `cargo drift-site`";
        return Err(Failure::CannotRun(format!("no page to compare; {help}")));
    }
    let checked = load(&spec)?;
    let mut comparison = match Comparison::new(checked) {
        Ok(comparison) => comparison,
        Err(checked) => {
            print_findings(&checked.findings, &checked.sources, format)?;
            return Err(Failure::Findings(format!("the spec has {}; nothing was compared", counted(&checked.findings))));
        }
    };
    let mut lockstep = Lockstep::read(&folder, today, &mut comparison.sources)?;
    let mut unreadable: Vec<String> = Vec::new();
    for path in &arguments.pages {
        match pages::read(path, arguments.kind, &mut comparison.sources) {
            Ok(read) => read.iter().for_each(|page| drop(comparison.page(page, None, &lockstep.captures))),
            Err(Failure::CannotRun(message)) => unreadable.push(message),
            Err(other) => return Err(other),
        }
    }
    if arguments.site.is_given() {
        site::run(&arguments.site, today, &mut comparison, &mut lockstep, format)?;
        lockstep.write_captures(&folder)?;
    }
    let mut found = comparison.found;
    if arguments.partial {
        let unreached = found.iter_mut().filter(|finding| finding.code == codes::PAGE_UNREACHED);
        unreached.for_each(|finding| finding.severity = Severity::Warning);
    }
    let compared = |fact: &str| comparison.complete.iter().any(|root| is_within(fact, root));
    let decided = lockstep.decisions.apply(&mut found, &compared);
    found.extend(lockstep.findings);
    found.extend(decided.stale);
    sort(&mut found, &comparison.sources);
    print_findings(&found, &comparison.sources, format)?;
    let compared = format!("{} compared, {}", plural(comparison.pages, "page"), plural(comparison.facts, "fact"));
    let closing = match comparison.facts {
        0 => "nothing was compared".to_owned(),
        _ => format!("{compared}: {}", kinds(&found, decided.count)),
    };
    if !unreadable.is_empty() {
        return Err(Failure::CannotRun(format!("{closing}\n{}", unreadable.join("\n"))));
    }
    if has_errors(&found) {
        return Err(Failure::Findings(closing));
    }
    if format == Format::Text {
        say(&closing);
    }
    Ok(())
}

/// `2 differences, 1 part not understood, 1 page without all facts of the spec, 3 decided`
fn kinds(found: &[Finding], decided: usize) -> String {
    let errors = |test: &dyn Fn(Code) -> bool| {
        found.iter().filter(|finding| finding.severity == Severity::Error && test(finding.code)).count()
    };
    let unread = errors(&|code| code.name().starts_with("page-") && code != codes::PAGE_UNREACHED);
    let unreached = found.iter().filter(|finding| finding.code == codes::PAGE_UNREACHED).count();
    let pages = errors(&|code| code.name().starts_with("site-"));
    let closed = found.iter().filter(|finding| finding.code == codes::PAGE_FOLDER_CLOSED).count();
    let lockstep = |code: Code| ["decision", "captures-", "yaml-"].iter().any(|start| code.name().starts_with(start));
    let faults = errors(&lockstep);
    let all = errors(&|_| true);
    let drift = all - unread - errors(&|code| code == codes::PAGE_UNREACHED) - pages - faults;
    let none = if unread + unreached + pages == 0 { "no drift" } else { "no drift in what was compared" };
    let mut parts = vec![if drift == 0 { none.to_owned() } else { plural(drift, "difference") }];
    parts.extend((unread > 0).then(|| format!("{} not understood", plural(unread, "part"))));
    parts.extend((unreached > 0).then(|| format!("{} without all facts of the spec", plural(unreached, "page"))));
    parts.extend((pages > 0).then(|| format!("{} gone, moved or unreadable", plural(pages, "page"))));
    parts.extend((decided > 0).then(|| format!("{decided} decided")));
    parts.extend((faults > 0).then(|| format!("{} in lockstep/", plural(faults, "fault"))));
    parts.extend((closed > 0).then(|| format!("{} of the navigation closed", plural(closed, "folder"))));
    parts.join(", ")
}
