//! Resolves what a report says about its numbers.

use placewise_model::{Adds, DataLag, Provenance};

use crate::source::{AddsDef, AddsWord, DataLagDef, OverDef};

/// Over what values add up; none if unknown.
pub(super) fn adds(def: &AddsDef) -> Option<Adds> {
    let (over, provenance) = match def {
        AddsDef::Word(AddsWord::Unknown) => return None,
        AddsDef::Word(AddsWord::Never) => (Vec::new(), Provenance::Documented),
        AddsDef::Over(over) => (over.clone(), Provenance::Documented),
        AddsDef::Full(full) => match &full.over {
            OverDef::Word(_) => (Vec::new(), full.provenance),
            OverDef::Over(over) => (over.clone(), full.provenance),
        },
    };
    Some(Adds { over, provenance })
}

/// A data lag. The schema rejects what is none.
pub(super) fn data_lag(def: &DataLagDef) -> Option<DataLag> {
    let (text, provenance) = match def {
        DataLagDef::Plain(text) => (text, Provenance::Documented),
        DataLagDef::Full { value, provenance } => (value, *provenance),
    };
    Some(DataLag { provenance, ..text.parse().ok()? })
}
