//! What several rules need: things of one scope differ.

use std::collections::HashMap;
use std::hash::Hash;

use crate::finding::{Finding, Place};

/// Reports each thing whose value an earlier one has. A thing is its value, its name and its place; `finding` gets the value and the names
/// of the first and of the second.
pub(super) fn distinct<'a, V: Eq + Hash>(
    things: impl IntoIterator<Item = (V, &'a str, Place)>,
    finding: impl Fn(&V, &str, &str) -> Finding,
    findings: &mut Vec<Finding>,
) {
    let mut seen: HashMap<V, (&str, Place)> = HashMap::new();
    for (value, name, place) in things {
        match seen.get(&value) {
            Some((first, other)) => {
                findings.push(finding(&value, first, name).at(place).related(other.clone(), "the other"));
            }
            None => drop(seen.insert(value, (name, place))),
        }
    }
}
