//! The navigation before a page: which reports exist, with format and group, which endpoints, with their methods, and which examples.

use std::collections::HashSet;

use placewise_model::{Coverage, Model, Provenance};
use serde_json::json;

use super::endpoints::plain_name;
use crate::finding::{FileId, Finding, Place, codes, plural, suggest};
use crate::published::drift::account::{Account, Drift, word};
use crate::published::drift::amendment::{After, Amendment, Edit};
use crate::published::read::{FactFinding, Navigation, NavigationEntry, report_title};
use crate::source::Spec;

pub(super) fn compare(navigation: &Navigation, model: &Model, spec: &Spec) -> Drift {
    let entries = &navigation.entries[..];
    let of_site = is_of_site(entries, model);
    let first = of_site.then(|| entries.first().map(|entry| &entry.title)).flatten().or(navigation.neighbours.first());
    let Some(first) = first else { return other_list(navigation) };
    let file = first.place.file;
    let at = |path: &[&str]| match path {
        ["endpoints", ..] => spec.endpoints.as_ref().map(|doc| doc.at(path)),
        ["reports", name, ..] => {
            spec.reports.iter().find(|(_, doc)| doc.value.report == *name).map(|(_, doc)| doc.at(&["report"]))
        }
        _ => None,
    };
    // A report that the spec lacks belongs beside the others.
    let place_of = |path: &[&str]| {
        at(path).or_else(|| spec.api.as_ref().map(|doc| doc.at(&["groups"]))).unwrap_or(Place { file, span: 0..0 })
    };
    let account = Account::new(&["navigation"], &place_of);
    let assumptions = spec.assumptions.as_ref().map(|doc| doc.file);
    let mut walk = Walk { navigation, model, account, hidden: Vec::new(), assumptions };
    if !of_site {
        walk.neighbours();
        let mut drift = walk.account.finish(None, false, &first.place);
        drift.extend(other_list(navigation));
        return drift;
    }
    walk.reports();
    walk.neighbours();
    walk.endpoints();
    walk.examples();
    walk.pages();
    walk.badges();
    walk.closed();
    let hidden = std::mem::take(&mut walk.hidden);
    let last = &entries.last().map_or(first, |entry| &entry.title).place;
    let mut drift = walk.account.finish((!navigation.complete).then_some(last), false, last);
    drift.unreached.extend(hidden.into_iter().map(|(_, fact)| fact));
    drift
}

/// Whether a list before a title is the navigation of the spec's site. One known link alone may be a trail or a "see also".
fn is_of_site(entries: &[NavigationEntry], model: &Model) -> bool {
    let count = entries.iter().filter(|entry| is_known(entry, model)).count();
    count > 1 || (count == 1 && entries.len() == 1)
}

/// Whether the spec knows the report, endpoint or example of an entry.
pub(super) fn is_known(entry: &NavigationEntry, model: &Model) -> bool {
    let title = entry.title.value.as_str();
    let report = report_title(title).or(title.split_once(" - ")).map(|(name, _)| name);
    report.is_some_and(|name| model.report(name).is_some())
        || model.endpoints.iter().any(|endpoint| endpoint.title.as_deref() == Some(title))
}

/// A list that is not the site's navigation is not compared. It has a finding, unless it is the start of some page.
fn other_list(navigation: &Navigation) -> Drift {
    let (Some(first), Some(last)) = (navigation.entries.first(), navigation.entries.last()) else { return Drift::default() };
    if !navigation.complete {
        return Drift::default();
    }
    let place = Place { file: first.title.place.file, span: first.title.place.span.start..last.title.place.span.end };
    let message = "the list before the title is not the site's navigation: the spec knows fewer than two of its entries";
    let finding = Finding::new(codes::PAGE_UNREAD, message).at(place);
    let finding = finding.help("copy the page from its first line, or remove this list");
    Drift { findings: vec![FactFinding { fact: "navigation".into(), finding }], ..Drift::default() }
}

pub(super) struct Walk<'a> {
    pub(super) navigation: &'a Navigation,
    pub(super) model: &'a Model,
    pub(super) account: Account<'a>,
    /// Facts below folders that the capture shows closed, each with its folder.
    hidden: Vec<(usize, String)>,
    /// The file of assumptions.
    assumptions: Option<FileId>,
}

impl Walk<'_> {
    /// The index of a folder that the navigation shows without its entries: the site closes folders.
    fn is_closed(&self, folder: &str) -> Option<usize> {
        let entries = &self.navigation.entries;
        let found = entries.iter().position(|entry| snake(&entry.title.value) == snake(folder) && entry.method.is_none());
        found.filter(|index| {
            let next = entries.get(index + 1).filter(|_| !entries[*index].folder);
            !entries[*index].folder && next.is_none_or(|next| next.report().is_none() || !entries[*index].parents.is_empty())
        })
    }

    /// Adds a warning for each closed folder: it is no drift, but nobody looked.
    fn closed(&mut self) {
        for (index, entry) in self.navigation.entries.iter().enumerate() {
            let inside = |kind: &str| {
                let start = format!("navigation/{kind}/");
                self.hidden_in(index).filter(|fact| fact.starts_with(&start)).count()
            };
            let counts = [("report", inside("reports")), ("endpoint", inside("endpoints")), ("example", inside("examples"))];
            let counts: Vec<String> =
                counts.iter().filter(|(_, count)| *count > 0).map(|(word, count)| plural(*count, word)).collect();
            if counts.is_empty() {
                continue;
            }
            let message = format!("the navigation shows `{}` closed: {} not looked for", entry.title.value, counts.join(", "));
            let finding = Finding::new(codes::PAGE_FOLDER_CLOSED, message).at(entry.title.place.clone());
            let finding = finding.help("open the folder in the browser before you copy the page");
            self.account.read(FactFinding { fact: self.account.id(&["folders", &entry.title.value]), finding });
        }
    }

    fn hidden_in(&self, folder: usize) -> impl Iterator<Item = &str> {
        self.hidden.iter().filter(move |(at, _)| *at == folder).map(|(_, fact)| fact.as_str())
    }

    pub(super) fn missing(&mut self, path: &[&str], folder: Option<&str>, what: String) {
        if let Some(index) = folder.and_then(|folder| self.is_closed(folder)) {
            self.hidden.push((index, self.account.id(path)));
            return;
        }
        self.account.expect(path);
        if self.navigation.complete {
            let entries = &self.navigation.entries;
            let beside = folder.and_then(|folder| entries.iter().find(|entry| snake(&entry.title.value) == snake(folder)));
            let at = beside.or(entries.last()).map(|entry| entry.title.place.clone());
            let message = format!("the navigation does not list {what}, the spec has it");
            if let Some(at) = at {
                self.account.lacks(codes::DRIFT_MISSING, message, &at, path, "this");
            }
        }
    }

    fn added(&mut self, entry: &NavigationEntry, path: &[&str], what: String, known: &[&str]) {
        let finding = Finding::new(codes::DRIFT_ADDED, format!("the navigation lists {what}, the spec does not"));
        let finding = suggest(finding.at(entry.title.place.clone()).label("the page"), path.last().unwrap_or(&""), known);
        let next = match path {
            ["reports", name] => {
                let group = entry.parents.last().map_or("<group>".into(), |folder| snake(folder));
                format!("read its page with `cargo codegen import PAGE --out spec/reports/{group}/{name}.yaml`")
            }
            ["examples", report, _] => format!("read its page with `cargo codegen import PAGE --into` the file of `{report}`"),
            _ => "add it with `cargo codegen import PAGE --into spec/endpoints.yaml`".into(),
        };
        let help = finding
            .help
            .clone()
            .filter(|help| help.starts_with("did you"))
            .map_or(next.clone(), |help| format!("{help} if not, {next}"));
        let fact = self.account.id(path);
        self.account.states(path, entry.title.value.as_str(), &entry.title.place);
        self.account.read(FactFinding { fact, finding: finding.help(help) });
    }

    /// Adds an endpoint of which only title and method are known. Its path becomes an assumption without a value.
    fn add_endpoint(&mut self, entry: &NavigationEntry, method: &str, before: Option<&str>) {
        let Some(assumptions) = self.assumptions else { return };
        let name = plain_name(&entry.title.value);
        let id = format!("{}-path", name.replace('_', "-"));
        let mut endpoint = json!({ "title": entry.title.value });
        if let Some(group) = entry.parents.last() {
            endpoint["group"] = json!(group);
        }
        endpoint["method"] = json!(method);
        endpoint["path"] = json!({ "assumed": id });
        endpoint["coverage"] = json!("name-only");
        let assumption = json!({
            "value": null,
            "reason": "The endpoint is known by name and method; its page was not captured.",
            "settled_by": format!("The {} endpoint page.", entry.title.value),
            "scope": "client"
        });
        let after = before.map_or(After::First, |name| After::Key(name.to_owned()));
        let endpoints = self.account.spec(&["endpoints"]).file;
        let amendment = Amendment::of(endpoints, &["endpoints", &name], Edit::Insert(endpoint, after));
        self.account.amend_all(amendment.and(assumptions, &["assumptions", &id], Edit::append(assumption)));
    }

    fn reports(&mut self) {
        let model = self.model;
        let known: Vec<&str> = model.reports.iter().map(|report| report.name.as_str()).collect();
        let (mut seen, mut moved) = (HashSet::new(), HashSet::new());
        for entry in &self.navigation.entries {
            let Some((name, format)) = entry.report() else { continue };
            let Some(report) = model.report(name) else {
                self.added(entry, &["reports", name], format!("the report `{name}` ({format})"), &known);
                continue;
            };
            seen.insert(name);
            self.account.states(&["reports", name], name, &entry.title.place);
            let path = ["reports", name, "format"];
            self.account.states(&path, format, &entry.title.place);
            if format != report.format.word() {
                let message =
                    format!("`{name}` is a {format} report in the navigation, a {} report in the spec", report.format.word());
                self.account.differs(codes::DRIFT_VALUE, message, &entry.title.place, &path, "`format`");
            }
            let Some(folder) = entry.parents.last() else { continue };
            let path = ["reports", name, "group"];
            self.account.states(&path, folder.as_str(), &entry.title.place);
            // A renamed folder is one change.
            if snake(folder) != report.group && moved.insert((folder.as_str(), report.group.as_str())) {
                let message =
                    format!("`{name}` stands under `{folder}` in the navigation, in the group `{}` in the spec", report.group);
                self.account.differs(codes::DRIFT_VALUE, message, &entry.title.place, &path, "the file's folder");
            }
        }
        for report in model.reports.iter().filter(|report| !seen.contains(report.name.as_str())) {
            let what = format!("the report `{}`", report.name);
            self.missing(&["reports", &report.name], Some(&report.group), what);
        }
    }

    fn endpoints(&mut self) {
        let model = self.model;
        let titled = || model.endpoints.iter().filter_map(|endpoint| Some((endpoint, endpoint.title.as_deref()?)));
        let known: Vec<&str> = titled().map(|(_, title)| title).collect();
        let (mut seen, mut moved) = (HashSet::new(), HashSet::new());
        let mut before = None;
        let flat = self.navigation.entries.iter().all(|entry| entry.parents.is_empty());
        for entry in &self.navigation.entries {
            let found = titled().find(|(_, title)| *title == entry.title.value);
            if let Some((endpoint, title)) = found.filter(|_| !flat) {
                let folder = entry.parents.last().map(String::as_str);
                let path = ["endpoints", endpoint.name.as_str(), "group"];
                self.account.states(&path, folder.unwrap_or("none"), &entry.title.place);
                if folder != endpoint.group.as_deref() && moved.insert((folder, endpoint.group.as_deref())) {
                    let (here, known) = (word(folder), word(endpoint.group.as_deref()));
                    let message =
                        format!("`{title}` stands in the folder {here} in the navigation, in the group {known} in the spec");
                    self.account.differs(codes::DRIFT_VALUE, message, &entry.title.place, &path, "`group`");
                }
            }
            match (found, &entry.method) {
                (Some((endpoint, _)), Some(method)) => {
                    seen.insert(endpoint.name.as_str());
                    self.account.states(&["endpoints", &endpoint.name], entry.title.value.as_str(), &entry.title.place);
                    let path = ["endpoints", endpoint.name.as_str(), "method"];
                    if method.value == endpoint.method {
                        self.account.states(&path, method.value.as_str(), &method.place);
                    } else {
                        let message = format!(
                            "`{}` is {} in the navigation, {} in the spec",
                            entry.title.value, method.value, endpoint.method
                        );
                        self.account.states_other(codes::DRIFT_VALUE, message, &method.value, &method.place, &path);
                    }
                }
                (Some((endpoint, _)), None) => {
                    seen.insert(endpoint.name.as_str());
                    self.account.states(&["endpoints", &endpoint.name], entry.title.value.as_str(), &entry.title.place);
                    // The method of the last entry may be cut off.
                    self.account.expect(&["endpoints", &endpoint.name, "method"]);
                }
                (None, Some(method)) => {
                    let what = format!("the endpoint `{}` ({})", entry.title.value, method.value);
                    self.added(entry, &["endpoints", &entry.title.value], what, &known);
                    self.add_endpoint(entry, &method.value, before);
                }
                (None, None) => {}
            }
            before = found.map(|(endpoint, _)| endpoint.name.as_str()).or(before);
        }
        for (endpoint, title) in titled() {
            if !seen.contains(endpoint.name.as_str()) && endpoint.provenance != Provenance::Assumed {
                let what = format!("the endpoint `{title}`");
                self.missing(&["endpoints", &endpoint.name], endpoint.group.as_deref(), what);
            }
        }
    }

    /// Examples have the titles `report - what it shows`. One whose request was copied may have another name in the spec.
    fn examples(&mut self) {
        let model = self.model;
        let listed: Vec<(&NavigationEntry, &str, &str)> = self
            .navigation
            .entries
            .iter()
            .filter_map(|entry| {
                let (report, name) = entry.title.value.split_once(" - ")?;
                Some((entry, model.report(report)?.name.as_str(), name))
            })
            .collect();
        let formats = [&model.records.source, &model.timeseries.source, &model.statistics.source];
        let elsewhere: Vec<&Option<String>> = formats.into_iter().chain([&model.filter.source, &model.api.source]).collect();
        for report in &model.reports {
            let own_page = |example: &&placewise_model::Example| {
                let sourced =
                    example.source.is_some() && example.source != report.source && !elsewhere.contains(&&example.source);
                example.coverage == Coverage::NameOnly || sourced
            };
            let mut unnamed: Vec<&str> = report.examples.iter().filter(own_page).map(|example| example.name.as_str()).collect();
            let here: Vec<_> = listed.iter().filter(|(_, of, _)| *of == report.name).collect();
            unnamed.retain(|name| here.iter().all(|(_, _, listed)| listed != name));
            for (entry, _, name) in &here {
                let known = report.examples.iter().find(|example| example.name == *name).map(|example| example.name.as_str());
                // A renamed one is not told from one that the spec names otherwise, so a name alone never pairs.
                let other = report.examples.iter().filter(own_page).filter(|example| example.coverage != Coverage::NameOnly);
                let known = known.or_else(|| {
                    let other = other.map(|example| example.name.as_str()).find(|name| unnamed.contains(name))?;
                    unnamed.retain(|name| *name != other);
                    Some(other)
                });
                match known {
                    Some(known) => self.account.states(&["examples", &report.name, known], *name, &entry.title.place),
                    None => {
                        let what = format!("the example `{name}` of `{}`", report.name);
                        self.added(entry, &["examples", &report.name, name], what, &[]);
                    }
                }
            }
            for name in unnamed {
                let what = format!("the example `{name}` of `{}`", report.name);
                let folder = if self.is_closed(&report.group).is_some() { Some(report.group.as_str()) } else { Some("Examples") };
                self.missing(&["examples", &report.name, name], folder, what);
            }
        }
    }
}

/// `Geo API` as `geo_api`.
pub(super) fn snake(title: &str) -> String {
    title.trim().to_lowercase().replace([' ', '-'], "_")
}
