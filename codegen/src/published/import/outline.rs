//! The contents of a report file before it is written as YAML.

use placewise_model::{Nullable, QuirkKind};

/// A report file.
#[derive(Debug, Default)]
pub(super) struct ReportOutline {
    pub fields: Vec<FieldOutline>,
    /// For a timeseries: the keys of a label without aggregation, if the page names them.
    pub labels: Option<Vec<FieldOutline>>,
    pub aggregations: Vec<AggregationOutline>,
    pub quirks: Vec<QuirkOutline>,
}

/// A field of the report, of an object, or a returned one.
#[derive(Debug, Default)]
pub(super) struct FieldOutline {
    pub name: String,
    /// Its type word. `None` for a returned field that repeats one of the report's.
    pub ty: Option<String>,
    /// The report's field that a returned field repeats.
    pub field: Option<String>,
    pub values: Vec<String>,
    /// The keys of an object.
    pub fields: Vec<FieldOutline>,
    pub nullable: Nullable,
    /// The header that the `Filterable` cell names.
    pub header: Option<String>,
    /// The `Filterable` cell, unless it names a header.
    pub filterable: Option<bool>,
    /// The third cell.
    pub cell: Option<bool>,
    /// The title of the third column, if fields of the page differ in it.
    pub column_title: Option<String>,
    pub deprecated: bool,
    /// The type as printed, if that is not the usual print.
    pub printed: Option<String>,
    pub provenance: Option<&'static str>,
    pub compute: Option<String>,
    /// A remark for the maintainer who completes the file.
    pub remark: Option<String>,
    /// The page's line that states it.
    pub line: Option<usize>,
}

/// An aggregation.
#[derive(Debug)]
pub(super) struct AggregationOutline {
    pub name: String,
    pub line: usize,
    /// The fields that a group has in common, if the aggregation's name is not that field's name.
    pub by: Option<Vec<String>>,
    /// The returned fields; for a timeseries, the keys of a label.
    pub returns: Vec<FieldOutline>,
}

/// A contradiction of the page.
#[derive(Debug)]
pub(super) struct QuirkOutline {
    pub kind: QuirkKind,
    pub at: Vec<String>,
    pub description: &'static str,
}
