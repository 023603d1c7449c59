//! Pages that are no report's, of an invented API: each agrees with its spec, each changed fact is noticed, and no cut is called drift.

use placewise_codegen::finding::render;
use placewise_codegen::published::{compare, open, read};
use proptest::prelude::*;

#[path = "published/changed.rs"]
mod changed;
#[path = "published/site.rs"]
mod site;

use changed::each_changed;
use site::*;

#[test]
fn every_page_agrees_with_its_spec() {
    let site = site();
    for (what, page) in PAGES {
        for text in [page.to_owned(), format!("{NAVIGATION}{page}"), page.replace('\n', "\r\n")] {
            let (drift, shown) = site.compare(&text);
            assert_eq!(codes(&drift), [""; 0], "{what}\n{shown}");
            assert!(drift.facts.len() > 1, "{what}: {:?}", drift.facts);
        }
    }
}

/// Makes each change of a page. `form` prints the page.
fn each_is_noticed(site: &Site, what: &str, page: &str, changes: &[Replaced], form: impl Fn(&str) -> String) {
    each_changed(page, changes, |copy, code| {
        let (drift, shown) = site.compare(&form(copy));
        (!codes(&drift).contains(code)).then(|| format!("{what}: {:?}\n{shown}", codes(&drift)))
    });
}

#[test]
fn every_changed_fact_of_a_page_is_noticed() {
    let site = site();
    for (what, page, _, changes) in CHANGES {
        each_is_noticed(&site, what, page, changes, str::to_owned);
    }
    each_is_noticed(&site, "navigation", &format!("{NAVIGATION}{RECORDS}"), NAVIGATION_CHANGES, str::to_owned);
}

#[test]
fn a_list_before_the_title_is_navigation_only_if_the_spec_knows_it() {
    let site = site();
    for list in ["• Home\n", "- Home\n- Docs\n", "• Necessary\n• Marketing\n", "• Docs\n• boats (records)\n"] {
        let (drift, shown) = site.compare(&format!("{list}{RECORDS}"));
        assert_eq!(codes(&drift), ["page-unread"], "{list}\n{shown}");
        let (drift, shown) = site.compare(&format!("{list}Accept all\nMenu\n{NAVIGATION}{RECORDS}"));
        assert_eq!(codes(&drift), [""; 0], "{list}\n{shown}");
    }
}

#[test]
fn badges_of_the_navigation_hide_no_entry() {
    let site = site();
    for (from, to) in
        [("berths (records)", "berths (records) NEW"), ("berths (records)", "berths (records)NEW"), ("Ask\n    POST", "AskPOST")]
    {
        let (drift, shown) = site.compare(&format!("{}{RECORDS}", NAVIGATION.replace(from, to)));
        assert_eq!(codes(&drift), [""; 0], "{to}\n{shown}");
    }
}

#[test]
fn a_new_column_is_no_cost() {
    let row = |line: &str| match line {
        _ if line.starts_with("|---") => format!("{line}---|\n"),
        _ if line.starts_with("| Type") || line.starts_with("| Key") => format!("{line} Since |\n"),
        _ if line.starts_with('|') => format!("{line} 2 |\n"),
        _ => format!("{line}\n"),
    };
    let (drift, shown) = site().compare(&FILTERS_TWIN.lines().map(row).collect::<String>());
    assert_eq!(codes(&drift), ["page-unread"; 3], "{shown}");
    assert_eq!(shown.matches("the column `Since` was not compared").count(), 3, "{shown}");
}

/// The steps of choosing an interval are a list, or one sentence.
#[test]
fn every_step_of_a_sentence_is_compared() {
    let site = site();
    let (from, to) = (TIMESERIES.find("With the interval").unwrap(), TIMESERIES.find("\nLimits#").unwrap());
    let told = "With the interval \"any\" the range decides: up to 6 hours - 10min, up to 4 days - hour, otherwise day.\n";
    let page = format!("{}{told}{}", &TIMESERIES[..from], &TIMESERIES[to..]);
    let (drift, shown) = site.compare(&page);
    assert_eq!(codes(&drift), [""; 0], "{shown}");
    let changes = [
        ("6 hours -", "7 hours -", "drift-value"),
        ("up to 4 days - hour, ", "", "drift-missing"),
        ("otherwise day", "otherwise hour", "drift-value"),
        ("otherwise", "up to 9 days - day, otherwise", "drift-added"),
    ];
    each_is_noticed(&site, "timeseries", &page, &changes, str::to_owned);
    // What leads to a list may stand right below a table.
    for lead in ["With the interval \"any\" this decides:", "If the interval is any (default), the range decides."] {
        let page = TIMESERIES.replace(
            "\nAutomatic interval#\n\nWith the interval \"any\" the length of the range decides which one is used.",
            lead,
        );
        let (drift, shown) = site.compare(&page);
        assert_eq!(codes(&drift), [""; 0], "{shown}");
    }
}

#[test]
fn a_closed_folder_of_the_navigation_is_told_and_no_drift() {
    let closed = NAVIGATION.replace("      • boats (records)\n      • berths (records)\n", "");
    let (drift, shown) = site().compare(&format!("{closed}{RECORDS}"));
    assert_eq!(codes(&drift), ["page-folder-closed"], "{shown}");
    assert!(
        shown.starts_with("warning") && shown.contains("the navigation shows `Port` closed: 2 reports not looked for"),
        "{shown}"
    );
    assert!(drift.unreached.contains(&"navigation/reports/boats".to_owned()), "{:?}", drift.unreached);
}

#[test]
fn a_cut_page_is_unreached_and_no_drift() {
    let site = site();
    for (what, page) in PAGES {
        let text = format!("{NAVIGATION}{page}");
        let footer = text.rfind("Previous").unwrap_or(text.len());
        let starts = text.match_indices('\n').map(|(at, _)| at);
        // At the end of each line, and in the middle of a word.
        let cuts =
            starts.flat_map(|at| [at, at + 1, at + 4, at + 9]).filter(|at| *at < footer && text.is_char_boundary(*at) && *at > 0);
        for at in cuts {
            let (drift, shown) = site.compare(&text[..at]);
            let wrong: Vec<_> = codes(&drift).into_iter().filter(|code| code.starts_with("drift")).collect();
            assert!(wrong.is_empty(), "{what} cut after {:?}: {wrong:?}\n{shown}", &text[at.saturating_sub(60)..at]);
            // Whatever is missing is told, but for the blank lines before the footer.
            if !text[at..footer].trim().is_empty() && at < footer - page.len() / 3 {
                assert!(!drift.findings.is_empty(), "{what} cut after {:?} is well", &text[at.saturating_sub(60)..at]);
            }
        }
    }
}

#[test]
fn findings_name_both_places() {
    let site = site();
    let text =
        format!("{NAVIGATION}{}", TIMESERIES.replace("minutes7 days", "minutes8 days").replace("hour1 hour3 months\n", ""));
    let (_, shown) = site.compare(&text);
    insta::with_settings!({ snapshot_path => "published/snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("documents", shown);
    });
}

/// A Markdown page as a site prints it.
fn html(page: &str) -> String {
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;");
    let mut out = String::from("<!doctype html><html><body>\n");
    let (mut code, mut head) = (false, true);
    for line in page.lines() {
        let bare = line.replace('`', "").replace("\\_", "_");
        if line.starts_with("```") {
            code = !code;
            out += if code { "<pre><code>" } else { "</code></pre>\n" };
        } else if code {
            out += &format!("<span>{}</span>\n", escape(line));
        } else if let Some(row) = bare.strip_prefix('|') {
            if row.starts_with("---") {
                continue;
            }
            out += if std::mem::take(&mut head) { "<table><tr>" } else { "<tr>" };
            row.trim_end_matches('|').split('|').for_each(|cell| out += &format!("<td>{}</td>", escape(cell.trim())));
            out += "</tr>\n";
        } else {
            if !std::mem::replace(&mut head, true) {
                out += "</table>\n";
            }
            let level = line.len() - line.trim_start_matches('#').len();
            out += &match level {
                0 => format!("<p>{}</p>\n", escape(&bare)),
                _ => format!("<h{level}>{}<a>#</a></h{level}>\n", escape(bare[level..].trim())),
            };
        }
    }
    out + "</body></html>\n"
}

#[test]
fn html_agrees_and_shows_changes_as_its_twin_does() {
    let site = site();
    for (what, page) in PAGES.into_iter().filter(|(_, page)| page.starts_with("# ")) {
        let (drift, shown) = site.compare(&html(page));
        assert_eq!(codes(&drift), [""; 0], "{what}\n{shown}\n{}", html(page));
        let (.., changes) = CHANGES.into_iter().find(|(name, ..)| *name == what).unwrap();
        each_is_noticed(&site, what, page, changes, html);
    }
}

#[test]
fn several_pages_in_one_file_are_compared_each() {
    let site = site();
    let text: String =
        PAGES.iter().filter(|(what, _)| !what.contains("twin")).map(|(_, page)| format!("{NAVIGATION}{page}")).collect();
    let mut sources = site.sources.clone();
    let capture = open("page", text.as_bytes(), &mut sources);
    assert_eq!(capture.pages.len(), 11);
    for page in capture.pages {
        let drift = compare(&read(page, &sources.get(page).text), None, &site.model, &site.spec);
        assert_eq!(codes(&drift), [""; 0], "{}", render(&drift.plain_findings(), &sources, false));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn a_page_with_damage_is_compared(page in 0..PAGES.len(), at in 0..3000_usize, length in 0..80_usize, put in "\\PC{0,20}|[{}\\[\\]\"“#|=>:`\n]{0,20}") {
        let text = format!("{NAVIGATION}{}", PAGES[page].1);
        let floor = |mut at: usize| { at = at.min(text.len()); while !text.is_char_boundary(at) { at -= 1; } at };
        let text = format!("{}{put}{}", &text[..floor(at)], &text[floor(at + length)..]);
        let site = site();
        let mut sources = site.sources.clone();
        for page in open("page", text.as_bytes(), &mut sources).pages {
            let drift = compare(&read(page, &sources.get(page).text), None, &site.model, &site.spec);
            render(&drift.plain_findings(), &sources, false);
        }
    }
}

#[test]
fn a_page_that_nobody_knows_is_told() {
    let (drift, _) = site().compare(&RECORDS.replace("Records\n\nThis", "Harbour fees\n\nThis"));
    assert_eq!(codes(&drift), ["page-unknown"]);
}
