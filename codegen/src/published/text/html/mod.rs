//! Prints a page saved as HTML in the plain form: what a browser shows, one line each. Headings become `## name`, tables and grids of
//! ARIA roles `| a | b |`, code stands between fences, lists have bullets.
//!
//! The tokens come from `html5gum`, with their places. There is no tree: a stack of open elements is enough to print lines, and its depth
//! is bounded.

mod elements;
mod kind;
mod printer;
mod text_node;

use html5gum::{DefaultEmitter, Token, Tokenizer};

use super::builder::Builder;
use elements::Elements;

/// Whether a text is HTML, and not Markdown that uses some of it.
pub(super) fn is_html(text: &str) -> bool {
    let start = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    let tag = start.strip_prefix('<').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '!'));
    tag && text.contains("</")
}

/// The plain text of a page.
pub(super) fn plain(html: &str) -> Builder {
    let mut emitter = DefaultEmitter::<usize>::new_with_span();
    // Text of scripts and style sheets is no markup.
    emitter.naively_switch_states(true);
    let mut elements = Elements::new(html);
    for token in Tokenizer::new_with_emitter(html, emitter) {
        match token {
            Ok(Token::StartTag(tag)) => elements.start(&tag),
            Ok(Token::EndTag(tag)) => elements.close(&tag.name, tag.span.start),
            Ok(Token::String(text)) => elements.text(&String::from_utf8_lossy(&text.value), text.span.start..text.span.end),
            Ok(Token::Comment(_) | Token::Doctype(_) | Token::Error(_)) => {}
            Err(never) => match never {},
        }
    }
    elements.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(html: &str) -> String {
        let lines: Vec<_> = plain(html).text.lines().map(str::trim_end).map(str::to_owned).collect();
        lines.join("\n").trim().to_owned()
    }

    #[test]
    fn tables_of_every_kind_become_rows() {
        let rows = "| Type | Filterable |\n|---|---|\n| Integer | ✅ |\n| String |  |";
        for html in [
            "<table><thead><tr><th>Type<th>Filterable</thead><tr><td>Integer<td>✅<tr><td>String<td></table>",
            "<div role=table><div role=rowgroup><div role=row><span role=columnheader>Type</span><span role=columnheader>Filterable</span>\
             </div></div><div role=row><div role=cell><p>Integer</p></div><div role=gridcell><img src=x alt='✅'></div></div>\
             <div role=row><div role=cell>String</div><div role=cell> </div></div></div>",
            "<table><tr><td>Type</td><td>Filterable</td></tr><tr><td><code>Integer</code></td><td><svg><title>✅</title><path/></svg></td></tr>\
             <tr><td><div>String</div></td><td></td></tr></table>",
        ] {
            assert_eq!(text(html), rows);
        }
    }

    #[test]
    fn an_icon_that_says_nothing_is_not_a_blank_cell() {
        let row = |cell: &str| {
            text(&format!("<table><tr><th>A</tr><tr><td>{cell}</td></tr></table>")).lines().last().unwrap().to_owned()
        };
        for icon in [
            "<svg class=check><path d=M1></svg>",
            "<i class='fa fa-check'></i>",
            "<img src=yes.png>",
            "<span class=icon-no></span>",
        ] {
            assert_eq!(row(icon), "| <icon> |");
        }
        assert_eq!(row("<svg aria-label=Yes></svg>"), "| Yes |");
        assert_eq!(row("<span role=img aria-label=true></span>"), "| true |");
        assert_eq!(row("<svg aria-hidden=true></svg><span class=sr-only>No</span>"), "| No |");
        assert_eq!(row("<input type=checkbox checked disabled>"), "| yes |");
        assert_eq!(row("<span></span>"), "|  |");
        assert_eq!(row("a|b"), "| a\\|b |");
    }

    #[test]
    fn code_keeps_its_lines() {
        let code = "```\n{\n  \"a\": [1]\n}\n```";
        for html in [
            "<pre><code>{\n  <span>\"a\"</span>: [1]\n}\n</code></pre>",
            "<pre><code><span class=line><span>{</span><br></span><span class=line>&nbsp; &quot;a&quot;: [1]<br></span><span>}</span></code></pre>",
            "<pre><div>{</div><div>  \"a\": [1]</div><div>}</div></pre>",
            "<pre><table><tr><td>{</td></tr><tr><td>  \"a\": [1]</td></tr><tr><td>}</td></tr></table></pre>",
        ] {
            assert_eq!(text(html), code);
        }
    }

    #[test]
    fn headings_lists_and_paragraphs_are_lines() {
        let html = "<html><head><title>T</title><style>p {}</style></head><body><nav><ul><li><a>Reports</a><ul><li><div>Query</div><div>POST</div></li>\
            <li>boats&nbsp;(records)</ul></ul></nav><ol><li>Boats</ol><h1>boats (records)<a href='#x'>&#8203;</a></h1>\
            <button>Copy</button><p>One <b>two</b>\n three<br>four</p><div hidden>no</div><div style='display: none'>no</div>\
            <script>if (a < b) { '<p>' }</script><h3 id=x><span>grouping_type</span><a>#</a></h3><p>a &lt; b</body></html>";
        assert_eq!(
            text(html),
            "• Reports\n  • Query\n    POST\n  • boats (records)\n\n1. Boats\n\n# boats (records)\u{200b}\n\nOne two three\nfour\n\n\
             ### grouping_type#\n\na < b"
        );
    }

    #[test]
    fn every_character_comes_from_its_place() {
        let html = "<h2>caf&eacute; b</h2>\r\n<table><tr><td>x &amp; y</td><td>z\u{a0}é w</td></tr></table><pre>q\r\nr</pre>";
        let plain = plain(html);
        for (word, from) in [("b", " b<"), ("y", "y</td>"), ("w", "w</td>"), ("z", "z\u{a0}"), ("q", "q\r"), ("r", "r</pre>")] {
            let at = plain.text.rfind(word).unwrap();
            let origin = plain.origins.span(&(at..at + word.len()));
            assert_eq!(&html[origin.clone()], word, "{from}");
            assert!(html[origin.start.saturating_sub(1)..].contains(from) || html[origin.start..].starts_with(from), "{word}");
        }
    }

    #[test]
    fn hostile_markup_is_bounded() {
        for unit in
            ["<div>", "</div>", "<table><tr><td>", "<ul><li>", "<pre>", "<a b=c ", "&", "<svg><title>", "<td colspan=99999>", "<"]
        {
            plain(&unit.repeat(200_000 / unit.len()));
        }
    }
}
