//! What differs between the facts of two models. Elements are paired by name, and what only one side has is one difference, whatever is
//! below it.

use serde_json::Value;

use super::facts::{Facts, Path};

/// What became of a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Turn {
    /// Only the new side has it.
    Added,
    /// Only the old side has it.
    Removed,
    /// Both sides have it, with different values.
    Changed,
    /// Both sides have the same parts in another order.
    Reordered,
}

/// One difference.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// The fact.
    pub path: Path,
    /// What became of it.
    pub turn: Turn,
    /// Its value on the old side; none if it has none or consists of others.
    pub old: Option<Value>,
    /// Its value on the new side.
    pub new: Option<Value>,
}

/// All differences, in the order of the facts: the old side's first.
pub(super) fn differences(old: &Facts, new: &Facts) -> Vec<Difference> {
    let mut found: Vec<Difference> = Vec::new();
    for path in old.leaves.keys().chain(old.lists.keys()).chain(new.leaves.keys()).chain(new.lists.keys()) {
        // The first step that only one side has stands for all below it.
        let one_sided = (1..=path.len()).map(|end| &path[..end]).find(|path| old.has(path) != new.has(path));
        let turn = match one_sided {
            Some(path) if old.has(path) => Turn::Removed,
            Some(_) => Turn::Added,
            None => Turn::Changed,
        };
        let path = one_sided.unwrap_or(path);
        let (before, after) = (old.leaf(path), new.leaf(path));
        // Objects are equal in any order, and texts are not.
        let differs = before.map(Value::to_string) != after.map(Value::to_string);
        if one_sided.is_some() || differs {
            found.push(Difference { path: path.to_vec(), turn, old: before.cloned(), new: after.cloned() });
        }
    }
    for (path, names) in &old.lists {
        let Some(others) = new.lists.get(path) else { continue };
        let common = |names: &[String], others: &[String]| -> Vec<Value> {
            names.iter().filter(|name| others.contains(name)).map(|name| name.as_str().into()).collect()
        };
        let (before, after) = (common(names, others), common(others, names));
        // Reports stand in the order of their groups and names.
        if before != after && path[..] != ["reports"] {
            let (old, new) = (Some(before.into()), Some(after.into()));
            found.push(Difference { path: path.clone(), turn: Turn::Reordered, old, new });
        }
    }
    let mut seen = std::collections::HashSet::new();
    found.retain(|one| seen.insert((one.path.clone(), one.turn)));
    found
}
