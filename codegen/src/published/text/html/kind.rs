//! What an element is in the plain form: by its name, its role, its style and what it stands in.

/// What an element is in the plain form.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Inline,
    /// Starts and ends a line; a paragraph also has blank lines around it.
    Block {
        paragraph: bool,
    },
    /// Not shown.
    Hidden,
    Heading,
    Code,
    List {
        numbered: bool,
        items: usize,
    },
    Item,
    Table {
        begun: bool,
    },
    Row {
        cells: usize,
    },
    Cell,
    /// An image. Only its label is printed, and only in a cell.
    Icon,
}

/// What an element stands in.
pub(super) struct Inside {
    pub cell_or_code: bool,
    pub svg: bool,
    pub item: bool,
}

/// What an element is where it stands.
pub(super) fn kind(name: &str, attribute: &dyn Fn(&str) -> Option<String>, inside: &Inside) -> Kind {
    let styled = attribute("style").is_some_and(|style| style.replace(' ', "").contains("display:none"));
    if attribute("hidden").is_some() || styled {
        return Kind::Hidden;
    }
    if inside.cell_or_code {
        return kind_inside(name);
    }
    match attribute("role").as_deref() {
        Some("table" | "grid" | "treegrid") => return Kind::Table { begun: false },
        Some("row") => return Kind::Row { cells: 0 },
        Some("cell" | "gridcell" | "columnheader" | "rowheader") => return Kind::Cell,
        Some("heading") => return Kind::Heading,
        Some("presentation" | "none") if name == "table" => return Kind::Block { paragraph: true },
        _ => {}
    }
    match name {
        "script" | "style" | "noscript" | "template" | "iframe" | "object" | "select" | "textarea" | "dialog" | "audio"
        | "video" => Kind::Hidden,
        "title" if !inside.svg => Kind::Hidden,
        // Buttons copy code and open menus, but in navigation they are entries.
        "button" if !inside.item => Kind::Hidden,
        "svg" | "math" => Kind::Icon,
        "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => Kind::Heading,
        "pre" => Kind::Code,
        "ul" | "menu" => Kind::List { numbered: false, items: 0 },
        "ol" => Kind::List { numbered: true, items: 0 },
        "li" => Kind::Item,
        "table" => Kind::Table { begun: false },
        "tr" => Kind::Row { cells: 0 },
        "td" | "th" => Kind::Cell,
        "p" | "section" | "article" | "blockquote" | "dl" | "figure" | "main" | "details" => Kind::Block { paragraph: true },
        "div" | "header" | "footer" | "nav" | "aside" | "form" | "fieldset" | "address" | "dt" | "dd" | "figcaption"
        | "summary" | "body" | "html" | "head" | "thead" | "tbody" | "tfoot" | "caption" | "center" => {
            Kind::Block { paragraph: false }
        }
        _ => Kind::Inline,
    }
}

/// In a cell and in code there are no other parts.
fn kind_inside(name: &str) -> Kind {
    match name {
        "script" | "style" | "template" | "button" | "select" | "textarea" => Kind::Hidden,
        "svg" | "math" => Kind::Icon,
        "div" | "p" | "li" | "tr" | "pre" | "td" | "th" | "ul" | "ol" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
            Kind::Block { paragraph: false }
        }
        _ => Kind::Inline,
    }
}

/// Whether an element strikes its text through. A page shows with it what no longer holds.
pub(super) fn is_struck(name: &str, attribute: &dyn Fn(&str) -> Option<String>) -> bool {
    let has = |key: &str| attribute(key).is_some_and(|value| value.contains("line-through"));
    matches!(name, "del" | "s" | "strike") || has("style") || has("class")
}

/// Whether an element without text is an icon.
pub(super) fn is_icon(name: &str, kind: Kind, class: &str) -> bool {
    let classed = class.split([' ', '-', '_']).any(|word| matches!(word, "icon" | "fa" | "check" | "cross" | "anticon"));
    kind == Kind::Icon || name == "i" || (name == "span" && classed)
}
