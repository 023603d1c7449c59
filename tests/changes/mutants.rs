//! The invented API with one fact changed at a time: a key or an item left out, a number one more or less, a word replaced, a name spelled
//! otherwise, two neighbors in another order.

use placewise_codegen::finding::FileId;
use placewise_codegen::source::yaml_tree::{self, Kind, Node};
use serde_json::Value;

use super::spec::Texts;

/// Words that may stand for one another.
const WORDS: [&[&str]; 5] = [
    &["documented", "example", "inferred", "assumed", "unknown"],
    &["whole", "partial", "name-only"],
    &["unknown", "seen", "never", "assumed-never"],
    &["yes", "no", "unknown"],
    &["integer", "number", "string", "boolean", "timestamp", "date", "json", "enum"],
];

/// A document whose keys keep their order.
#[derive(Clone)]
enum Tree {
    Leaf(Value),
    List(Vec<Tree>),
    Keys(Vec<(String, Tree)>),
}

/// One fact changed.
pub struct Mutant {
    /// Where, and how: `reports/port/berths.yaml/cost +1`.
    pub name: String,
    /// The file that differs.
    pub file: String,
    pub texts: Texts,
}

/// The spec as JSON, so that mutants differ from it in one fact alone.
pub fn plain(texts: &Texts) -> Texts {
    texts.iter().map(|(path, text)| (path.clone(), if is_yaml(path) { tree(text).text() } else { text.clone() })).collect()
}

/// Every mutant, valid or not.
pub fn mutants(texts: &Texts) -> Vec<Mutant> {
    let plain = plain(texts);
    let mut found = Vec::new();
    for (path, text) in texts.iter().filter(|(path, _)| is_yaml(path)) {
        let mut changed = Vec::new();
        tree(text).changed(path, &mut |tree| tree, &mut changed);
        found.extend(changed.into_iter().map(|(name, tree)| {
            let mut texts = plain.clone();
            texts.insert(path.clone(), tree.text());
            Mutant { name, file: path.clone(), texts }
        }));
    }
    found
}

fn is_yaml(path: &str) -> bool {
    path.ends_with(".yaml")
}

fn tree(text: &str) -> Tree {
    Tree::of(&yaml_tree::parse(FileId(0), text).0.expect("YAML"))
}

impl Tree {
    fn of(node: &Node) -> Self {
        match &node.kind {
            Kind::Scalar { .. } => Self::Leaf(node.to_json()),
            Kind::Sequence(items) => Self::List(items.iter().map(Self::of).collect()),
            Kind::Mapping(entries) => {
                Self::Keys(entries.iter().map(|(key, node)| (key.text.to_string(), Self::of(node))).collect())
            }
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Leaf(value) => value.to_string(),
            Self::List(items) => format!("[{}]", items.iter().map(Self::text).collect::<Vec<_>>().join(", ")),
            Self::Keys(entries) => {
                let entry = |(key, tree): &(String, Self)| format!("{}: {}", Value::from(key.as_str()), tree.text());
                format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(",\n"))
            }
        }
    }

    /// Adds every change of this part, each within the whole document.
    fn changed(&self, path: &str, whole: &mut dyn FnMut(Self) -> Self, found: &mut Vec<(String, Self)>) {
        match self {
            Self::Leaf(value) => {
                for (how, other) in others(value) {
                    found.push((format!("{path} {how}"), whole(Self::Leaf(other))));
                }
            }
            Self::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    let path = format!("{path}/{index}");
                    let put = |index: usize, put: &[Self], removed: usize| {
                        let mut items = items.clone();
                        items.splice(index..index + removed, put.iter().cloned());
                        Self::List(items)
                    };
                    found.push((format!("{path} removed"), whole(put(index, &[], 1))));
                    if let Some(next) = items.get(index + 1) {
                        found.push((format!("{path} moved"), whole(put(index, &[next.clone(), item.clone()], 2))));
                    }
                    item.changed(&path, &mut |item| whole(put(index, &[item], 1)), found);
                }
            }
            Self::Keys(entries) => {
                for (index, (key, item)) in entries.iter().enumerate() {
                    let path = format!("{path}/{key}");
                    let put = |put: &[(String, Self)], removed: usize| {
                        let mut entries = entries.clone();
                        entries.splice(index..index + removed, put.iter().cloned());
                        Self::Keys(entries)
                    };
                    found.push((format!("{path} removed"), whole(put(&[], 1))));
                    found.push((format!("{path} renamed"), whole(put(&[(format!("{key}x"), item.clone())], 1))));
                    if let Some(next) = entries.get(index + 1) {
                        found.push((format!("{path} moved"), whole(put(&[next.clone(), (key.clone(), item.clone())], 2))));
                    }
                    item.changed(&path, &mut |item| whole(put(&[(key.clone(), item)], 1)), found);
                }
            }
        }
    }
}

/// Other values of a fact.
fn others(value: &Value) -> Vec<(String, Value)> {
    match value {
        Value::Bool(value) => vec![("turned".to_owned(), (!value).into())],
        Value::Number(number) => {
            let Some(number) = number.as_i64() else { return Vec::new() };
            [("+1", number + 1), ("-1", number - 1)].map(|(how, other)| (how.to_owned(), other.into())).into()
        }
        Value::String(text) => {
            let lists = WORDS.iter().filter(|list| list.contains(&text.as_str()));
            let words = lists.flat_map(|list| list.iter().filter(|word| *word != text));
            let mut others: Vec<_> = words.map(|word| (format!("is {word}"), (*word).into())).collect();
            if others.is_empty() {
                others.push(("spelled otherwise".to_owned(), format!("{text}x").into()));
            }
            others
        }
        _ => Vec::new(),
    }
}
