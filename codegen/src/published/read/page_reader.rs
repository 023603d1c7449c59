//! Reads a published page: finds out what kind it is, and whether it ends before the page does.

use super::document::document;
use super::ledger::Unread;
use super::lines::{Line, Source};
use super::navigation::{Navigation, is_badge, is_method, navigation, neighbours};
use super::page::{Kind, Page, ReadPage};
use super::report_reader;
use super::table::permit_header;
use super::title::{Frame, frame, parse_title};
use super::widgets::lines;
use crate::finding::{FileId, Finding, codes};

/// Reads a published page. What is not understood becomes a finding.
pub fn read(file: FileId, text: &str) -> ReadPage {
    read_as(file, text, None)
}

/// Reads a published page of a kind that its user knows, or of any kind.
pub fn read_as(file: FileId, text: &str, kind: Option<Kind>) -> ReadPage {
    let source = Source { file, text };
    let all = lines(source);
    let frame = frame(&all);
    let other = kind.is_some_and(|kind| kind != Kind::Report);
    let title = frame.title.filter(|title| !other && is_report(&all, *title, kind));
    let body = title.or_else(|| document_title(&all, &frame));
    let before = navigation(&all[..body.unwrap_or(all.len())], text, body.is_some());
    let navigation = Navigation { neighbours: neighbours(&all[frame.end..]), ..before };
    let read = match title {
        Some(title) => report_page(source, &all, frame, title),
        None => match body {
            Some(title) if kind != Some(Kind::Report) => {
                let (page, findings) = document(source, &all, title, frame.end, frame.footer);
                let ends_early = (!frame.footer).then(|| page.end.clone());
                ReadPage { page: Some(Page::Document(Box::new(page))), ends_early, ..ReadPage::unreadable(findings) }
            }
            _ => no_report(&all, &frame),
        },
    };
    ReadPage { navigation, kind, ..read }
}

/// Whether a title is a report's. Endpoints have such titles too: `Query (records)`.
fn is_report(lines: &[Line<'_>], title: usize, kind: Option<Kind>) -> bool {
    let name = parse_title(&lines[title]).map_or("", |(name, _)| name);
    kind == Some(Kind::Report)
        || !name.starts_with(char::is_uppercase)
        || lines.iter().any(|line| permit_header(line.text).is_some())
}

/// The title of a page that is no report's: a marked heading, or the line after the navigation.
fn document_title(lines: &[Line<'_>], frame: &Frame) -> Option<usize> {
    let body = &lines[..frame.end];
    let filled = |from: usize| (from..body.len()).find(|index| !body[*index].blank());
    let marked = body.iter().position(|line| line.text.starts_with("# "));
    let after = navigation_end(body);
    // The head of the site alone is the start of some page.
    let sentence = |line: &Line<'_>| line.text.ends_with('.') && line.text.split(' ').count() >= 4;
    if marked.is_none() && after == 0 && !frame.footer && !body.iter().any(sentence) {
        return None;
    }
    // A list above the title that is no navigation is not the title.
    let list = body[after..].iter().take_while(|line| line.blank() || line.bullet).count();
    let title = marked.or_else(|| filled(after + list))?;
    filled(title + 1).map(|_| title)
}

/// The line after the navigation: a list of entries with the trail `1. Group`, reports' titles or methods among them.
fn navigation_end(body: &[Line<'_>]) -> usize {
    let navigates = |line: &Line<'_>| line.blank() || line.bullet || is_method(line.text) || is_trail(line);
    let sure = |line: &Line<'_>| is_trail(line) || is_method(line.text) || (line.bullet && parse_title(line).is_some());
    // A remark stands below an entry, and further to the right than a title.
    let remark = |index: usize| {
        let indented = index > 0 && body[index].start > body[index - 1].span().end + 1;
        is_badge(body[index].text) || (indented && body.get(index + 1).is_some_and(|next| next.bullet))
    };
    let mut end = 0;
    while let Some(first) = (end..body.len()).find(|index| body[*index].bullet || is_trail(&body[*index])) {
        // Only the head of the site stands above it.
        let head = body[..first].iter().filter(|line| !line.blank());
        if head.clone().count() > 12 || head.clone().any(|line| line.marked) {
            break;
        }
        end = (first..body.len()).find(|index| !navigates(&body[*index]) && !remark(*index)).unwrap_or(body.len());
        if body[first..end].iter().any(sure) {
            return end;
        }
    }
    0
}

fn is_trail(line: &Line<'_>) -> bool {
    line.text.split_once(". ").is_some_and(|(number, _)| number.parse::<u32>().is_ok())
}

fn report_page(source: Source<'_>, all: &[Line<'_>], frame: Frame, title: usize) -> ReadPage {
    let last = all[..frame.end].iter().rposition(|line| !line.blank()).unwrap_or(title);
    if frame.footer {
        return report(source, all, &frame, title, false);
    }
    let ends_early = Some(all[last].place());
    if last == title || all[last].text == "}" {
        return ReadPage { ends_early, ..report(source, all, &frame, title, true) };
    }
    // The last line of a cut text may be incomplete; but the text may also lack nothing but its footer.
    let whole = ReadPage { ends_early: ends_early.clone(), ..report(source, &lines(source), &frame, title, true) };
    let frame = Frame { end: last, ..frame };
    ReadPage { ends_early, with_last_line: Some(Box::new(whole)), ..report(source, all, &frame, title, true) }
}

fn report(source: Source<'_>, lines: &[Line<'_>], frame: &Frame, title: usize, cut: bool) -> ReadPage {
    let (page, findings) = report_reader::read(source, lines, title, frame.end, cut);
    ReadPage { page: Some(Page::Report(Box::new(page))), ..ReadPage::unreadable(findings) }
}

/// The result for a text without a report's title.
fn no_report(lines: &[Line<'_>], frame: &Frame) -> ReadPage {
    let mut out = Unread::default();
    let last = lines.iter().rev().find(|line| !line.blank()).or(lines.first());
    let end = last.map(Line::place);
    // A text of nothing but navigation is the start of some page.
    let is_navigation = |line: &Line<'_>| {
        line.bullet
            || matches!(line.text, "GET" | "POST" | "PUT" | "PATCH" | "DELETE")
            || line.text.split_once(". ").is_some_and(|(number, _)| number.parse::<u32>().is_ok())
    };
    let after = lines.iter().rposition(is_navigation).map_or(0, |at| at + 1);
    let body = lines[after..frame.end.max(after)].iter().filter(|line| !line.blank()).count();
    let prose = |line: &Line<'_>| line.text.ends_with('.') && line.text.split(' ').count() >= 4;
    let early = !frame.footer && (body <= 1 || !lines.iter().any(prose) && after == 0);
    let finding = if early {
        let finding = Finding::new(codes::PAGE_UNREAD, "the text ends before the page's title, so nothing was compared");
        Finding { place: end.clone(), ..finding.help("copy the whole page, from its title to its footer") }
    } else {
        let first = lines[after..].iter().find(|line| !line.blank()).or(lines.first());
        let finding =
            Finding::new(codes::PAGE_NOT_A_REPORT, "this is not a report's page: it has no title such as `name (records)`");
        let finding = finding.help("pass the page of one report, or add its title on a line of its own");
        Finding { place: first.map(Line::place), ..finding }
    };
    out.add("page", finding);
    ReadPage { ends_early: end.filter(|_| early), ..ReadPage::unreadable(out.0) }
}
