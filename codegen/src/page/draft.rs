//! What a report file will say, before it is written out as YAML. Plain data between `infer` and `import`.

use placewise_model::{Nullable, QuirkKind};

/// A report file.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub fields: Vec<DraftField>,
    pub aggregations: Vec<DraftAggregation>,
    pub quirks: Vec<DraftQuirk>,
}

/// A field of the report, of an object, or a returned one.
#[derive(Debug, Default)]
pub(super) struct DraftField {
    pub name: String,
    /// The word of its type; for a returned field that repeats one of the report's none.
    pub ty: Option<String>,
    /// For a returned field: the report's field that it repeats.
    pub field: Option<String>,
    pub values: Vec<String>,
    /// The keys of an object.
    pub fields: Vec<DraftField>,
    pub nullable: Nullable,
    pub header: Option<String>,
    /// What the `Filterable` cell says, where it is no header.
    pub filterable: Option<bool>,
    /// What the third cell says.
    pub cell: Option<bool>,
    /// The type as printed, where it is not the usual print.
    pub printed: Option<String>,
    pub provenance: Option<&'static str>,
    pub compute: Option<String>,
    /// A remark for whoever finishes the file.
    pub remark: Option<String>,
    /// The line of the page that states it.
    pub line: Option<usize>,
}

/// An aggregation.
#[derive(Debug)]
pub(super) struct DraftAggregation {
    pub name: String,
    pub line: usize,
    /// The fields that its groups have in common, where its name is not that field's.
    pub by: Option<Vec<String>>,
    pub returns: Vec<DraftField>,
}

/// A contradiction of the page.
#[derive(Debug)]
pub(super) struct DraftQuirk {
    pub kind: QuirkKind,
    pub at: Vec<String>,
    pub description: &'static str,
}
