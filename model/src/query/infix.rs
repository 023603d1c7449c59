//! A filter with its operators between its parts, as Rust and the command line both write it.

use serde_json::Value;

use super::body::Query;
use crate::field::Field;

impl Query<'_> {
    /// The text of a filter node; none if it has other keys or fields than a client sends. `outer` is the enclosing logical operator: a node
    /// within the same operator would be read as one with it. `logical` has the word of a logical operator, `comparison` the text of a
    /// comparison.
    pub(super) fn infix(
        &self,
        node: &Value,
        outer: Option<&str>,
        logical: fn(&str) -> &str,
        comparison: &dyn Fn(&str, &Field, &Value) -> Option<String>,
    ) -> Option<String> {
        let (language, node) = (&self.model.filter, node.as_object()?);
        let name = node.get(&language.keys.ty)?.as_str()?;
        let key = language.operators().into_iter().find_map(|(key, operator)| (operator.name == name).then_some(key))?;
        if key == "and" || key == "or" {
            let operations = node.get(&language.keys.operations)?.as_array()?;
            if node.len() != 2 || operations.len() < 2 || outer == Some(key) {
                return None;
            }
            let parts = operations.iter().map(|node| self.infix(node, Some(key), logical, comparison));
            let all = parts.collect::<Option<Vec<_>>>()?.join(&format!(" {} ", logical(key)));
            return Some(if outer.is_some() { format!("({all})") } else { all });
        }
        let field = self.report.field(node.get(&language.keys.field)?.as_str()?)?;
        if node.len() != 3 || !field.filterable.may_filter() {
            return None;
        }
        comparison(key, field, node.get(&language.keys.value)?)
    }
}
