//! What stands in a navigation beside its reports and endpoints: the neighbours in the footer, pages of other kinds, and badges.

use super::is_platform_page;
use super::navigation::{Walk, is_known, snake};
use crate::finding::{Finding, codes};
use crate::published::read::{FactFinding, NavigationEntry, report_title};

impl Walk<'_> {
    /// The footer names the reports before and after the page's.
    pub(super) fn neighbours(&mut self) {
        for title in &self.navigation.neighbours {
            let Some((name, format)) = report_title(&title.value) else { continue };
            let listed = self.navigation.entries.iter().filter_map(|entry| entry.report()).any(|(known, _)| known == name);
            match self.model.report(name) {
                // What the navigation lists too has a finding there.
                None if listed => {}
                None => {
                    let message = format!("the footer names the report `{name}` ({format}), the spec has no such report");
                    let help = format!("read its page with `cargo codegen import PAGE --out spec/reports/<group>/{name}.yaml`");
                    let finding = Finding::new(codes::DRIFT_ADDED, message).at(title.place.clone()).help(help);
                    self.account.read(FactFinding { fact: self.account.id(&["reports", name]), finding });
                }
                Some(report) if report.format.word() != format => {
                    let message =
                        format!("`{name}` is a {format} report in the footer, a {} report in the spec", report.format.word());
                    self.account.differs(codes::DRIFT_VALUE, message, &title.place, &["reports", name, "format"], "`format`");
                }
                Some(_) => {}
            }
        }
    }

    /// The pages that are neither reports, endpoints nor examples. Of those beside known entries none is passed over.
    pub(super) fn pages(&mut self) {
        let model = self.model;
        let entries = &self.navigation.entries;
        let folders: Vec<String> = model.reports.iter().map(|report| report.group.clone()).collect();
        let is_folder = |title: &str| {
            folders.contains(&snake(title)) || model.endpoints.iter().any(|endpoint| endpoint.group.as_deref() == Some(title))
        };
        let known = |entry: &NavigationEntry| {
            let title = entry.title.value.as_str();
            entry.folder || is_known(entry, model) || is_folder(title) || is_platform_page(title)
        };
        for entry in entries.iter().filter(|entry| !known(entry) && entry.method.is_none() && entry.report().is_none()) {
            let beside = |other: &&NavigationEntry| other.list == entry.list && other.parents == entry.parents && known(other);
            // Examples of reports have findings of their own.
            let example = entry.title.value.split_once(" - ").is_some_and(|(name, _)| model.report(name).is_some());
            let of_list = || entries.iter().filter(|other| other.list == entry.list && is_known(other, model)).count();
            if example || of_list() < 2 || !entries.iter().any(|other| beside(&other)) {
                continue;
            }
            let title = entry.title.value.as_str();
            let message = format!("the navigation lists `{title}`, of which the spec knows nothing");
            let finding = Finding::new(codes::DRIFT_ADDED, message).at(entry.title.place.clone()).label("the page");
            let finding =
                finding.help("read its page; if it states nothing that the spec should hold, decide on it with `drift --decide`");
            self.account.read(FactFinding { fact: self.account.id(&["pages", title]), finding });
        }
        let lists = |format: &str| entries.iter().any(|entry| entry.title.value.eq_ignore_ascii_case(format));
        let formats = ["records", "timeseries", "statistics"];
        if formats.into_iter().filter(|format| lists(format)).count() > 1 {
            for format in formats.into_iter().filter(|format| !lists(format)) {
                self.missing(&["pages", format], None, format!("the page of the format `{format}`"));
            }
        }
    }

    /// What the navigation says of an entry beside its title, and lines that are no part of any entry.
    pub(super) fn badges(&mut self) {
        for entry in &self.navigation.entries {
            let Some(badge) = &entry.badge else { continue };
            let title = entry.title.value.as_str();
            let word = badge.value.trim_matches(['(', ')', '[', ']', '*', '`']).to_lowercase();
            let fact = ["badges", title];
            match word.as_str() {
                // They say when the site changed, not what the API is.
                "new" | "updated" => {}
                "deprecated" | "obsolete" => {
                    let message = format!("the navigation says that `{title}` is {word}; the spec does not");
                    let finding = Finding::new(codes::DRIFT_DEPRECATED, message).at(badge.place.clone());
                    let finding = finding.help("the spec has no key for this; say it in the `description`");
                    self.account.read(FactFinding { fact: self.account.id(&fact), finding });
                }
                _ => self.account.unread(&fact, "this remark in the navigation was not understood", badge.place.clone()),
            }
        }
        for line in &self.navigation.unread {
            self.account.unread(&[], "this line of the navigation was not understood", line.place.clone());
        }
    }
}
