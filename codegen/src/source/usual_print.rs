//! How published pages usually print a type. A field has `printed` if its page prints something else.

/// The usual print of a type word: `array[integer]` is `Array[Integer]`.
pub fn usual_print(word: &str) -> String {
    let word = word.trim();
    if let Some(of) = word.strip_prefix("array[").and_then(|rest| rest.strip_suffix(']')) {
        return format!("Array[{}]", usual_print(of));
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
    fn arrays_and_maps_have_usual_prints() {
        assert_eq!(usual_print("array[array[integer]]"), "Array[Array[Integer]]");
        assert_eq!(usual_print("array[map[string]integer]"), "Array[Object(dynamic)]");
        assert_eq!(usual_print("map[string]object"), "Object(dynamic)");
    }
}
