//! How published pages usually print a type. In: a type word of the spec; out: the cell of a page's type column. A field says `printed` where
//! its page does otherwise; reading, resolving and comparing all ask here.

/// The print of a type word: `array[integer]` is `Array[Integer]`.
pub fn usually(word: &str) -> String {
    let word = word.trim();
    if let Some(of) = word.strip_prefix("array[").and_then(|rest| rest.strip_suffix(']')) {
        return format!("Array[{}]", usually(of));
    }
    match word {
        "integer" => "Integer",
        "number" => "Number",
        "string" => "String",
        "boolean" => "Boolean",
        "timestamp" => "String(ISO 8601 timestamp)",
        "date" => "Date",
        "enum" => "Enum",
        "object" => "Object",
        _ => "Object(dynamic)",
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrappers_print_inside_out() {
        assert_eq!(usually("array[array[integer]]"), "Array[Array[Integer]]");
        assert_eq!(usually("array[map[string]integer]"), "Array[Object(dynamic)]");
        assert_eq!(usually("map[string]object"), "Object(dynamic)");
    }
}
