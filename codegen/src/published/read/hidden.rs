//! What a capture does not show although the page has it: the rest of a list that was cut off, and the icons of cells.

use placewise_model::Filterability;

use super::blocks::{Block, BlockKind};
use super::ledger::Unread;
use super::page::{At, ExampleOf, PublishedField, PublishedPage, fact_id};

/// More blank cells of a column than this have one finding together.
const FEW: usize = 3;

/// Marks the lists that a cut may have shortened.
pub(super) fn mark_open(page: &mut PublishedPage, blocks: &[Block]) {
    if !page.ends_early {
        return;
    }
    let after_fields = blocks.iter().any(|block| {
        matches!(
            block.kind,
            BlockKind::NoAggregation | BlockKind::Aggregations | BlockKind::Aggregation | BlockKind::UnnamedAggregation
        )
    });
    page.fields_open = !after_fields;
    match blocks.last().map(|block| block.kind) {
        Some(BlockKind::Field | BlockKind::Unnamed) => {
            if let Some(field) = page.fields.last_mut() {
                field.open = true;
            }
        }
        // An example below the table shows that the table is complete.
        Some(
            BlockKind::Aggregation
            | BlockKind::UnnamedAggregation
            | BlockKind::ReturnedFields
            | BlockKind::Other
            | BlockKind::NoAggregation,
        ) => {
            let last = page.aggregations.last_mut();
            let of = last.as_ref().map_or(ExampleOf::Rows, |one| ExampleOf::Aggregation(one.name.value.clone()));
            let open = page.examples.iter().all(|example| example.of != of);
            match last {
                Some(aggregation) => aggregation.open = open,
                None => page.labels.iter_mut().for_each(|labels| labels.open = open),
            }
        }
        _ => {}
    }
}

/// A blank cell is a lost icon only where the page has no icon at all. Beside icons it is a finding, never "no".
pub(super) fn blank_cells(page: &mut PublishedPage, root: &str, out: &mut Unread) {
    page.icons = page.fields.iter().any(|field| {
        let header = |cell: &At<Filterability>| matches!(cell.value, Filterability::Header(_));
        field.cell.is_some() || field.filterable.as_ref().is_some_and(|cell| !header(cell))
    });
    if !page.icons {
        return;
    }
    for (cell, title) in [("filterable", "`Filterable`"), ("column", "third")] {
        let blank = |field: &PublishedField| match cell {
            "filterable" => field.filterable.is_none(),
            _ => field.cell.is_none() && field.column.is_some(),
        };
        let fields = page.fields.iter_mut().filter(|field| field.printed.is_some() && blank(field));
        let mut blank: Vec<_> = fields.filter(|field| !field.unread.contains(&cell)).collect();
        blank.iter_mut().for_each(|field| field.unread.push(cell));
        if blank.len() > FEW {
            let what = format!("the {title} cells of {} fields are blank, but other cells of the page have icons", blank.len());
            out.cell(blank[0].place.clone(), &format!("{}/fields", root), &what);
            continue;
        }
        for field in blank {
            let fact = format!("{}/{}", root, fact_id(&["fields", field.name(), cell]));
            let place = field.printed.as_ref().map_or(&field.place, |printed| &printed.place).clone();
            out.cell(place, &fact, &format!("the {title} cell is blank, but other cells of the page have icons"));
        }
    }
}
