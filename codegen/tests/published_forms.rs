//! A page reads to the same facts in every form in which people save it, and findings point at the line of the saved file.
#![cfg(feature = "html")]

use placewise_codegen::finding::{Finding, Place, Sources};
use placewise_codegen::published::{PublishedPage, ReadPage, import, open, read};
use proptest::prelude::*;

#[path = "published/convert.rs"]
mod convert;
#[path = "published/real_page.rs"]
mod real_page;

use convert::Site;
use real_page::real_page;

const BOATS: &str = include_str!("published/boats.txt");
const LAMPS: &str = include_str!("published/forms/lamps.txt");

struct Opened {
    sources: Sources,
    pages: Vec<ReadPage>,
    findings: Vec<Finding>,
}

fn opened(bytes: &[u8]) -> Opened {
    let mut sources = Sources::default();
    let capture = open("page", bytes, &mut sources);
    let pages = capture.pages.iter().map(|page| read(*page, &sources.get(*page).text)).collect();
    Opened { sources, pages, findings: capture.findings }
}

/// The facts of the only page of a capture.
fn facts(what: &str, bytes: &[u8]) -> Vec<String> {
    let opened = opened(bytes);
    assert!(opened.findings.is_empty(), "{what}: {:?}", opened.findings);
    let [page] = &opened.pages[..] else { panic!("{what}: {} pages", opened.pages.len()) };
    facts_of(page.report().unwrap_or_else(|| panic!("{what}: {:?}\n{}", page.findings, text_of(&opened))))
}

fn assert_same(what: &str, bytes: &[u8], expected: &[String]) {
    let found = facts(what, bytes);
    let only = |lines: &[String], others: &[String]| {
        lines.iter().filter(|line| !others.contains(line)).cloned().collect::<Vec<_>>().join("\n")
    };
    let (more, less) = (only(&found, expected), only(expected, &found));
    assert!(found == expected, "{what}\nfound:\n{more}\nexpected:\n{less}\nplain text:\n{}", text_of(&opened(bytes)));
}

fn text_of(opened: &Opened) -> String {
    // The capture is the first text, its page the second.
    opened.sources.get(placewise_codegen::finding::FileId(1)).text.clone()
}

/// All facts, without the numbers of the page's lines.
fn facts_of(page: &PublishedPage) -> Vec<String> {
    let yaml = import(page, None);
    yaml.lines().map(|line| line.split("page line").next().unwrap_or_default().trim_end().to_owned()).collect()
}

fn page_of(text: &str) -> PublishedPage {
    opened(text.as_bytes()).pages[0].report().unwrap().clone()
}

/// The invented page, and the real one if it is there.
fn pages() -> Vec<String> {
    // A remark directly below listed values is parted from them by a blank line, which no other form keeps.
    let boats = BOATS.replace("\nA last remark\nabout directions.\n", "");
    [LAMPS.to_owned(), boats].into_iter().chain(real_page()).collect()
}

fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}

#[test]
fn encodings_and_line_ends_do_not_change_the_facts() {
    for text in pages() {
        let expected = facts("text", text.as_bytes());
        for (what, bytes) in [
            ("UTF-8 with a mark", [b"\xef\xbb\xbf", text.as_bytes()].concat()),
            ("UTF-16 LE with a mark", utf16(&format!("\u{feff}{text}"), u16::to_le_bytes)),
            ("UTF-16 BE with a mark", utf16(&format!("\u{feff}{text}"), u16::to_be_bytes)),
            ("UTF-16 LE", utf16(&text, u16::to_le_bytes)),
            ("UTF-16 BE", utf16(&text, u16::to_be_bytes)),
            ("CRLF", text.replace('\n', "\r\n").into_bytes()),
            ("CR", text.replace('\n', "\r").into_bytes()),
        ] {
            assert_same(what, &bytes, &expected);
        }
    }
}

/// The marked headings of a copied page, as an "On this page" list has them.
fn headings(text: &str) -> String {
    let marked: Vec<&str> = text.lines().filter_map(|line| line.strip_suffix('#')).collect();
    marked.join("\n")
}

#[test]
fn what_browsers_add_does_not_change_the_facts() {
    for text in pages() {
        let expected = facts("text", text.as_bytes());
        let capitals = [
            "TypeFilterableReadonly",
            "TypeFilterableCan change?",
            "KeyTypeDescription",
            "Fields#",
            "Returned fields#",
            "Aggregations#",
        ];
        let each_word =
            |line: &str| if line.len() > 2 { format!("{}\u{200b}{}", &line[..1], &line[1..]) } else { line.to_owned() };
        for (what, changed) in [
            ("no-break spaces", text.replace(' ', "\u{a0}")),
            ("thin spaces", text.replace(' ', "\u{2009}")),
            ("soft hyphens", text.replace("at", "a\u{ad}t")),
            ("non-breaking hyphens", text.replace('-', "\u{2011}")),
            (
                "characters without width",
                text.lines().map(|line| if line.is_ascii() { each_word(line) } else { line.to_owned() } + "\n").collect(),
            ),
            ("marks of headings", text.replace("#\n", "\u{200b}\n")),
            ("capitals", capitals.iter().fold(text.clone(), |text, title| text.replace(title, &title.to_uppercase()))),
            ("capitalized words", text.replace("Returned fields#", "Returned Fields#").replace("Can change?", "Can Change?")),
            (
                "titles with spaces",
                text.replace("TypeFilterable", "TYPE FILTERABLE ").replace("KeyTypeDescription", "KEY TYPE DESCRIPTION"),
            ),
            ("line numbers", convert::numbered(&text, &page_of(&text))),
            ("a date of change", text.replace("\nQuery returns", "\nModified at 2025-09-01 10:11:12\nQuery returns")),
            ("labels of code", text.replace("\n{\n", "\njson\nCopy\n{\n")),
            ("buttons", text.replace("\nFields", "\nCopy page\nAsk AI\n\nFields")),
            ("a question", text.replace("\nPrevious", "\nWas this page helpful?\nYes\nNo\nPrevious")),
            ("a footer's list", text.replace("\nBuilt with", "\n• Terms\n• Privacy Policy\nBuilt with")),
            ("the page's headings", text.replace("\nPrevious", &format!("\nOn this page\n{}\nPrevious", headings(&text)))),
            ("the page twice", format!("{text}\n{text}")),
            ("the page twice, the second cut", format!("{text}\n{}", &text[..text.find("Query without").unwrap()])),
        ] {
            assert_ne!(changed, text, "{what}");
            assert_same(what, changed.as_bytes(), &expected);
        }
    }
}

#[test]
fn html_and_markdown_read_to_the_facts_of_the_copied_text() {
    for text in pages() {
        let expected = facts("text", text.as_bytes());
        let page = page_of(&text);
        for (what, changed) in [
            ("tables", convert::html(&text, &page, Site::Tables)),
            ("grids", convert::html(&text, &page, Site::Grids)),
            ("Markdown", convert::markdown(&text, &page)),
        ] {
            assert_same(what, changed.as_bytes(), &expected);
        }
    }
}

#[test]
fn pages_saved_from_sites_read_to_the_facts_of_the_copied_text() {
    let expected = facts("text", LAMPS.as_bytes());
    for (what, page) in [
        ("Apidog", include_str!("published/forms/apidog.html")),
        ("Docusaurus", include_str!("published/forms/docusaurus.html")),
        ("Redoc", include_str!("published/forms/redoc.html")),
        ("twin", include_str!("published/forms/twin.md")),
    ] {
        assert_same(what, page.as_bytes(), &expected);
    }
}

#[test]
fn navigation_keeps_its_levels_in_every_form() {
    let navigation = |bytes: &[u8]| {
        let text = text_of(&opened(bytes));
        let body =
            text.split("lamps (records)\n\n").next().unwrap_or_default().split("# lamps").next().unwrap_or_default().to_owned();
        let lines: Vec<_> = body.lines().filter(|line| line.contains('•') || line.trim() == "POST").map(str::to_owned).collect();
        let base = lines.iter().map(|line| line.len() - line.trim_start().len()).min().unwrap_or(0);
        lines.iter().map(|line| line[base..].to_owned()).collect::<Vec<_>>()
    };
    let expected = navigation(LAMPS.as_bytes());
    assert_eq!(expected.len(), 7);
    assert_eq!(navigation(include_bytes!("published/forms/apidog.html")), expected);
    assert_eq!(navigation(include_bytes!("published/forms/docusaurus.html")), expected);
    assert_eq!(navigation(include_bytes!("published/forms/redoc.html")), expected);
}

#[test]
fn several_pages_in_one_file_are_found() {
    let names = |text: &str| {
        let opened = opened(text.as_bytes());
        let name = |read: &ReadPage| read.report().map_or("?".to_owned(), |page| page.name.value.clone());
        opened.pages.iter().map(name).collect::<Vec<_>>()
    };
    assert_eq!(names(&format!("{BOATS}{LAMPS}")), ["boats", "lamps"]);
    let no_footer = BOATS.split("Previous").next().unwrap();
    assert_eq!(names(&format!("{no_footer}\n{LAMPS}\n{BOATS}")), ["lamps", "boats"], "the first is the start of the last");
    assert_eq!(names(&format!("{LAMPS}\n{no_footer}")), ["lamps", "boats"]);
    let twin = include_str!("published/forms/twin.md");
    assert_eq!(names(&format!("{twin}\n{}", twin.replace("lamps (", "lights ("))), ["lamps", "lights"]);
    let html = include_str!("published/forms/apidog.html");
    assert_eq!(names(&format!("{html}\n{}", html.replace("lamps (records)</h1>", "lights (records)</h1>"))), ["lamps", "lights"]);
    let both = opened(format!("{BOATS}{LAMPS}").as_bytes());
    let lamps = both.pages[1].report().unwrap();
    assert_eq!(lamps.group.as_ref().unwrap().value, "Lamps");
    assert_eq!(lamps.fields.len(), 3);
}

#[test]
fn places_are_those_of_the_saved_file() {
    let html = include_str!("published/forms/apidog.html");
    for (what, bytes, shown) in [
        ("HTML", html.as_bytes().to_vec(), html.to_owned()),
        ("UTF-16", utf16(LAMPS, u16::to_le_bytes), LAMPS.to_owned()),
        (
            "CRLF after another page",
            format!("{BOATS}{LAMPS}").replace('\n', "\r\n").into_bytes(),
            format!("{BOATS}{LAMPS}").replace('\n', "\r\n"),
        ),
        ("no-break spaces", LAMPS.replace(' ', "\u{a0}").into_bytes(), LAMPS.replace(' ', "\u{a0}")),
    ] {
        let opened = opened(&bytes);
        let page = opened.pages.last().unwrap().report().unwrap();
        let at = |place: &Place| {
            let shown_at = opened.sources.shown(place);
            assert_eq!(opened.sources.get(shown_at.file).text, shown, "{what}");
            shown[shown_at.span].replace('\u{a0}', " ")
        };
        let permit = page.permit.as_ref().unwrap();
        assert_eq!(at(&permit.place), permit.value, "{what}");
        for field in &page.fields {
            assert_eq!(at(&field.printed.as_ref().unwrap().place), field.printed.as_ref().unwrap().value, "{what}");
            let name = field.name.as_ref().unwrap();
            assert!(at(&name.place).replace("&shy;", "").starts_with(&name.value), "{what}");
        }
        for row in &page.aggregations[0].returned {
            assert_eq!(at(&row.key.place), row.key.value, "{what}");
            let line = opened.sources.line_column(&row.key.place).0;
            assert!(shown.lines().nth(line - 1).unwrap().contains(&row.key.value), "{what}");
        }
    }
}

#[test]
fn imported_lines_are_those_of_the_saved_file() {
    let html = include_str!("published/forms/apidog.html");
    let mut opened = opened(html.as_bytes());
    opened.pages[0].number_lines(&opened.sources);
    let yaml = import(opened.pages[0].report().unwrap(), None);
    let named: Vec<_> =
        yaml.lines().filter_map(|line| Some((line, line.split_once("page line ")?.1.parse::<usize>().ok()?))).collect();
    assert!(named.len() > 3, "{yaml}");
    for (line, number) in named.into_iter().filter(|(line, _)| !line.contains("- name")) {
        let name = line.trim().split(':').next().unwrap();
        assert!(html.lines().nth(number - 1).unwrap().replace("&shy;", "").contains(name), "{line}");
    }
}

#[test]
fn widgets_are_no_text_of_a_page() {
    for text in [
        LAMPS.replace("\nPrevious", "\nModified at 2025-09-01 10:11:12\nWas this page helpful?\nYes\nNo\nPrevious"),
        LAMPS.replace("\n{\n", "\njson\nCopy\n{\n"),
        LAMPS.replace("\nPrevious", &format!("\nOn this page\n{}\nPrevious", headings(LAMPS))),
        LAMPS.replace("\nFields", "\nCopy page\nAsk AI\n\nFields"),
    ] {
        assert_ne!(text, LAMPS);
        assert_eq!(opened(text.as_bytes()).pages[0].findings, [], "{text}");
    }
    // The same words elsewhere stay.
    for (from, to) in [
        ("\nFields", "\nCopy\n\nFields"),
        ("\nPrevious", "\nOn this page\nHistory\nPrevious"),
        ("\nPrevious", "\nModified\nPrevious"),
    ] {
        assert_ne!(opened(LAMPS.replace(from, to).as_bytes()).pages[0].findings, [], "{to}");
    }
}

#[test]
fn cells_and_titles_are_read_in_every_spelling_of_markdown() {
    let twin = include_str!("published/forms/twin.md");
    let expected = facts("twin", twin.as_bytes());
    for (from, to) in [
        ("| Integer | | |", "| **Integer** | | |"),
        ("| Integer | | |", "| [Integer](https://example.com/types#integer) | | |"),
        ("| (via X-Harbour header) |", "| ✅ (via X-Harbour header) |"),
        ("# lamps (records)", "# lamps (records) {#lamps}"),
        ("# lamps (records)", "# [lamps (records)](#lamps)"),
        ("# lamps (records)\n", "lamps (records)\n===============\n"),
        ("## Fields\n", "Fields\n------\n"),
        ("### harbour_id", "### harbour\\_id"),
    ] {
        assert!(twin.contains(from), "{from}");
        assert_same(to, twin.replacen(from, to, 1).as_bytes(), &expected);
    }
    let footnote = opened(twin.replacen("| Integer | | |", "| Integer[^1] | | |", 1).as_bytes());
    assert_eq!(footnote.pages[0].report().unwrap().fields[0].printed.as_ref().unwrap().value, "Integer");
    assert_eq!(footnote.pages[0].findings.len(), 1);
}

#[test]
fn typographic_signs_of_windows_are_text() {
    let text = LAMPS.replace('–', "-").replace('’', "'").replace("red", "“red”");
    let ascii: String = text.chars().filter(|c| c.is_ascii() || "“”•".contains(*c)).collect();
    let byte = |c: char| match c {
        '“' => 0x93,
        '”' => 0x94,
        '•' => 0x95,
        c => u8::try_from(c).unwrap(),
    };
    let expected = facts("UTF-8", ascii.as_bytes());
    assert_same("Windows-1252", &ascii.chars().map(byte).collect::<Vec<_>>(), &expected);
}

#[test]
fn text_that_is_struck_through_does_not_count() {
    let html = convert::html(LAMPS, &page_of(LAMPS), Site::Tables);
    let whole = facts("HTML", html.as_bytes());
    let page = page_of(LAMPS);
    let (field, row) = (page.fields[1].name.as_ref().unwrap(), &page.aggregations[0].returned[0]);
    let printed = &page.fields[1].printed.as_ref().unwrap().value;
    let last = |text: &str| html.rfind(text).unwrap_or_else(|| panic!("no {text}"));
    let heading = html.find(&format!(">{}", field.value)).unwrap() + 1;
    for (what, at, text) in [
        ("heading", heading, field.value.as_str()),
        ("type", last(&format!(">{printed}<")) + 1, printed),
        ("row", last(&format!(">{}<", row.key.value)) + 1, row.key.value.as_str()),
    ] {
        for (start, end) in [("<del>", "</del>"), ("<s>", "</s>"), ("<span style=\"text-decoration: line-through\">", "</span>")]
        {
            let struck = format!("{}{start}{text}{end}{}", &html[..at], &html[at + text.len()..]);
            let opened = opened(struck.as_bytes());
            let read = &opened.pages[0];
            let unread = read.findings.iter().any(|one| one.finding.code == placewise_codegen::finding::codes::PAGE_UNREAD);
            assert!(unread || read.report().is_none_or(|page| facts_of(page) != whole), "{what} {start}");
        }
    }
}

#[test]
fn what_is_not_text_is_told() {
    let codes = |bytes: &[u8]| {
        let opened = opened(bytes);
        (opened.pages.len(), opened.findings.iter().map(|finding| finding.code.name()).collect::<Vec<_>>())
    };
    assert_eq!(codes(b"%PDF-1.7 ..."), (0, vec!["page-not-text"]));
    assert_eq!(codes(&[7, 0, 0, 0, 0, 9]), (0, vec!["page-not-text"]));
    assert_eq!(codes(b"<html><body><div id=root></div><script>x()</script></body></html>"), (0, vec!["page-empty"]));
    assert_eq!(codes(&[LAMPS.as_bytes(), b"\xff\n"].concat()).1, ["page-encoding"]);
    assert_eq!(codes(b""), (1, vec![]));
}

/// Places of every text made from a capture stay in the capture.
fn read_all(bytes: &[u8]) {
    let opened = opened(bytes);
    for read in &opened.pages {
        let places = read.findings.iter().filter_map(|one| one.finding.place.as_ref());
        for place in places.chain(read.report().iter().flat_map(|page| page.fields.iter().map(|field| &field.place))) {
            let shown = opened.sources.shown(place);
            assert!(shown.span.end <= opened.sources.get(shown.file).text.len(), "{shown:?}");
            opened.sources.line_column(place);
        }
    }
}

proptest! {
    #[test]
    fn any_bytes_are_opened(bytes in proptest::collection::vec(any::<u8>(), 0..2000), html in any::<bool>()) {
        read_all(&if html { [b"<p></p>".as_slice(), &bytes].concat() } else { bytes });
    }

    #[test]
    fn html_with_damage_is_opened(at in 0..6000_usize, length in 0..200_usize, put in "\\PC{0,20}|</?(table|tr|td|li|pre|svg|div)>|[<>&;\"'/ ]{0,9}|\u{200b}\u{ad}1\n2") {
        let page = include_str!("published/forms/apidog.html");
        let floor = |mut at: usize| { at = at.min(page.len()); while !page.is_char_boundary(at) { at -= 1; } at };
        read_all(format!("{}{put}{}", &page[..floor(at)], &page[floor(at + length)..]).as_bytes());
    }
}
