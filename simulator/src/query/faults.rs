//! Invalid parameters of a request and the tree that a 422 reply shows of them.
//!
//! The tree mirrors the request body: array elements appear under their index, and every leaf is a list of errors. The vendor documents
//! some of the error symbols for its platform and listed the others in the past; which ones this API sends is undocumented.

use placewise_model::ErrorBody;
use serde_json::{Map, Value};

/// The value is not one of those under `in`.
pub(crate) const INCLUSION: &str = "inclusion";
pub(crate) const BLANK: &str = "blank";
pub(crate) const INVALID: &str = "invalid";
/// The number is below `number`.
pub(crate) const GREATER_OR_EQUAL: &str = "greater_or_equal_to";
/// The number is above `number`.
pub(crate) const LESS_OR_EQUAL: &str = "less_or_equal_to";
/// The value is not greater than that of `property`.
pub(crate) const AFTER_PROPERTY: &str = "greater_than_property";
pub(crate) const NOT_AN_OBJECT: &str = "must_be_an_object";
pub(crate) const NOT_AN_ARRAY: &str = "must_be_an_array";
pub(crate) const NOT_AN_INTEGER: &str = "not_an_integer";
pub(crate) const NOT_A_NUMBER: &str = "not_a_number";
pub(crate) const NOT_A_TIME: &str = "invalid_iso_8601_time";

/// One invalid parameter.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fault {
    path: Vec<String>,
    symbol: &'static str,
    options: Map<String, Value>,
}

/// All invalid parameters of a request.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Faults(Vec<Fault>);

/// Proof that a fault was added, returned in place of the value that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Invalid(());

impl Faults {
    /// Adds a fault.
    pub(crate) fn add(&mut self, path: &[String], symbol: &'static str) -> Invalid {
        self.add_with(path, symbol, [])
    }

    /// Adds a fault with options.
    pub(crate) fn add_with<const N: usize>(
        &mut self,
        path: &[String],
        symbol: &'static str,
        options: [(&str, Value); N],
    ) -> Invalid {
        let options = options.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        self.0.push(Fault { path: path.to_vec(), symbol, options });
        Invalid(())
    }

    /// Adds that the value is not one of the permitted ones.
    pub(crate) fn not_in<'a>(&mut self, path: &[String], permitted: impl IntoIterator<Item = &'a str>) -> Invalid {
        self.add_with(path, INCLUSION, [("in", permitted.into_iter().collect())])
    }

    /// Whether there is no fault.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The tree, with the keys of the model.
    pub(crate) fn tree(&self, keys: &ErrorBody) -> Value {
        let mut root = Value::Object(Map::new());
        for fault in &self.0 {
            let mut leaf = Map::new();
            leaf.insert(keys.symbol.clone(), fault.symbol.into());
            if !fault.options.is_empty() {
                leaf.insert(keys.options.clone(), Value::Object(fault.options.clone()));
            }
            place(&mut root, &fault.path, Value::Object(leaf));
        }
        root
    }
}

/// Adds a leaf at its path. No path of a fault is inside that of another, so leaves and branches never collide.
fn place(mut tree: &mut Value, path: &[String], leaf: Value) {
    for key in path {
        let Value::Object(branch) = tree else { return };
        tree = branch.entry(key.clone()).or_insert_with(|| Value::Object(Map::new()));
    }
    match tree {
        Value::Array(leaves) => leaves.push(leaf),
        other => *other = Value::Array(vec![leaf]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_tree_mirrors_the_request_body() {
        let keys: ErrorBody = serde_json::from_value(json!({
            "message": "m", "details": "d", "symbol": "error", "options": "options", "invalid_parameters": "i"
        }))
        .expect("keys");
        let path = |text: &str| text.split('.').map(str::to_owned).collect::<Vec<_>>();
        let mut faults = Faults::default();
        faults.not_in(&path("filter.operations.2.field"), ["a", "b"]);
        faults.add(&path("filter.operations.0.value"), BLANK);
        faults.add(&path("filter.operations.0.value"), INVALID);
        assert_eq!(
            faults.tree(&keys),
            json!({"filter": {"operations": {
                "0": {"value": [{"error": "blank"}, {"error": "invalid"}]},
                "2": {"field": [{"error": "inclusion", "options": {"in": ["a", "b"]}}]},
            }}})
        );
    }
}
