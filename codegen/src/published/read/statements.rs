//! Finds sentences that seem to state a fact which pages otherwise state in tables: `Can be null.`, `Each aggregation costs 1 token.` Prose
//! is not understood, so such a sentence is only held against what the spec says.

/// Words of facts, in lower case.
const WORDS: [&str; 13] = [
    "null",
    "nullable",
    "filterable",
    "obsolete",
    "discontinued",
    "retired",
    "superseded",
    "unsupported",
    "mandatory",
    "no longer",
    "be removed",
    "replaced by",
    "do not use",
];
/// Words of permits, which count beside one of what needs them.
const PERMITS: [&str; 2] = ["permit", "permits"];
const NEEDS: [&str; 5] = ["require", "requires", "required", "need", "needs"];
/// Words of limits and costs, which count beside a number.
const LIMITS: [&str; 12] = [
    "token",
    "tokens",
    "cost",
    "costs",
    "at most",
    "up to",
    "maximum",
    "no more than",
    "limit",
    "limited to",
    "exceed",
    "at least",
];

/// The sentences of a line that have such words.
pub(super) fn statements(line: &str) -> impl Iterator<Item = &str> {
    sentences(line).filter(|sentence| states(sentence))
}

/// The sentences of a text.
fn sentences(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let end = rest.find(". ").map_or(rest.len(), |at| at + 1);
        let (sentence, after) = rest.split_at(end);
        rest = after.trim_start();
        (!sentence.is_empty()).then_some(sentence)
    })
}

fn states(sentence: &str) -> bool {
    if sentence.contains("~~") {
        return true;
    }
    let letters = |c: char| if c.is_alphanumeric() || c == '_' { c.to_ascii_lowercase() } else { ' ' };
    let words: Vec<String> = sentence.chars().map(letters).collect::<String>().split_whitespace().map(str::to_owned).collect();
    let spaced = format!(" {} ", words.join(" "));
    let has = |word: &str| spaced.contains(&format!(" {word} "));
    let is_number = |word: &String| word.starts_with(|c: char| c.is_ascii_digit());
    // `Since June also voice.`
    let since = spaced.starts_with(" since ") || words.windows(2).any(|pair| pair[0] == "since" && is_number(&pair[1]));
    let any = |list: &[&str]| list.iter().any(|word| has(word));
    any(&WORDS) || since || (any(&PERMITS) && any(&NEEDS)) || (words.iter().any(is_number) && any(&LIMITS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_with_words_of_facts_are_found() {
        let found = |text: &str| statements(text).map(str::to_owned).collect::<Vec<_>>();
        for text in [
            "Can be null.",
            "This field is not filterable.",
            "Obsolete, use opened_count.",
            "This field will be removed.",
            "No longer supported.",
            "Since June also voice.",
            "Requires also Reporting:Api:Extra permit.",
            "Each aggregation costs 1 additional token.",
            "Single query can return up to 1000 records.",
            "Was ~~never~~ used.",
        ] {
            assert_eq!(found(&format!("Number of opening events. {text}")), [text]);
        }
        for text in [
            "Number of members to which messages were sent.",
            "Messages up to the delivered state.",
            "It is nullified. 5 of them.",
            "Permits of the boat.",
            "Its cost.",
        ] {
            assert_eq!(found(text), [""; 0]);
        }
    }
}
