//! What a rule is, and the pair of elements that it sees.

use placewise_model::Report;
use serde_json::Value;

use super::change::{Class, Witness, WitnessKind};
use super::differences::{Difference, Turn};
use super::facts::Path;
use super::side::Side;
use super::surface::Item;

/// One rule: which differences it claims, and what they break.
pub struct Rule {
    /// Its code.
    pub code: &'static str,
    /// What the differences that it claims break.
    pub class: Class,
    /// What it reports, and why that is so: one or two sentences.
    pub about: &'static str,
    /// The rule for the opposite difference.
    pub mirror: Mirror,
    /// How a program shows what breaks.
    pub shown: Shown,
    /// The change in one sentence: `{it}` is the element, `{key}` the key, `{old}` and `{new}` are the values.
    pub(super) says: &'static str,
    pub(super) at: &'static [&'static str],
    pub(super) turns: &'static [Turn],
    pub(super) when: fn(&Pair<'_>) -> bool,
}

/// The rule for the opposite difference.
#[derive(Clone, Copy)]
pub enum Mirror {
    /// Its code. A rule may be its own mirror.
    Rule(&'static str),
    /// There is none, for this reason.
    Waived(&'static str),
}

/// How a program shows what a rule's differences break.
#[derive(Clone, Copy)]
pub enum Shown {
    /// It breaks nothing.
    Nothing,
    /// By naming what the crate lost.
    ByName,
    /// By a request.
    ByRequest(fn(&Pair<'_>) -> Option<Witness>),
    /// By no program, for this reason.
    Not(&'static str),
}

pub(super) const ANY: &[Turn] = &[Turn::Added, Turn::Removed, Turn::Changed];
pub(super) const ADDED: &[Turn] = &[Turn::Added];
pub(super) const REMOVED: &[Turn] = &[Turn::Removed];
pub(super) const CHANGED: &[Turn] = &[Turn::Changed];
pub(super) const ONE_SIDED: &[Turn] = &[Turn::Added, Turn::Removed];
pub(super) const REORDERED: &[Turn] = &[Turn::Reordered];

impl Rule {
    pub(super) const fn new(code: &'static str, class: Class, turns: &'static [Turn], at: &'static [&'static str]) -> Self {
        let mirror = Mirror::Rule(code);
        let shown = match class {
            Class::Rust => Shown::ByName,
            _ => Shown::Nothing,
        };
        let when: fn(&Pair<'_>) -> bool = match class {
            Class::Rust => |pair| pair.lost_item().is_some(),
            _ => |_| true,
        };
        Self { code, class, about: "", mirror, shown, says: "", at, turns, when }
    }

    pub(super) const fn when(self, when: fn(&Pair<'_>) -> bool) -> Self {
        Self { when, ..self }
    }

    pub(super) const fn mirror(self, code: &'static str) -> Self {
        Self { mirror: Mirror::Rule(code), ..self }
    }

    pub(super) const fn no_mirror(self, reason: &'static str) -> Self {
        Self { mirror: Mirror::Waived(reason), ..self }
    }

    pub(super) const fn request(self, witness: fn(&Pair<'_>) -> Option<Witness>) -> Self {
        Self { shown: Shown::ByRequest(witness), ..self }
    }

    pub(super) const fn not_shown(self, reason: &'static str) -> Self {
        Self { shown: Shown::Not(reason), ..self }
    }

    pub(super) const fn says(self, says: &'static str, about: &'static str) -> Self {
        Self { says, about, ..self }
    }

    pub(super) fn claims(&self, pair: &Pair<'_>) -> bool {
        self.turns.contains(&pair.difference.turn)
            && self.at.iter().any(|pattern| fits(pattern, &pair.shape))
            && (self.when)(pair)
    }

    pub(super) fn witness(&self, pair: &Pair<'_>) -> Option<Witness> {
        match self.shown {
            Shown::Nothing | Shown::Not(_) => None,
            Shown::ByRequest(witness) => witness(pair),
            Shown::ByName => pair.lost_item().map(compile_witness),
        }
    }
}

/// The program that an item's loss breaks.
pub(super) fn compile_witness(item: &Item) -> Witness {
    Witness { kind: WitnessKind::Compile, program: format!("fn main() {{\n    {}\n}}\n", item.probe), line: 2 }
}

/// A difference with the elements around it on both sides.
pub struct Pair<'a> {
    /// The difference.
    pub difference: &'a Difference,
    /// The path with `*` for each name.
    pub(super) shape: Vec<String>,
    pub(super) old: &'a Side<'a>,
    pub(super) new: &'a Side<'a>,
    /// What the crate lost.
    pub(super) lost: &'a [(&'a str, &'a Item)],
    /// The crate's name in programs.
    pub(super) crate_name: &'a str,
}

impl Pair<'_> {
    /// What the crate lost by this difference, the closest first: an item of the fact itself or of a part, or of what holds it.
    pub(super) fn lost_item(&self) -> Option<&Item> {
        let path = &self.difference.path;
        let of = |fits: &dyn Fn(&Path) -> bool| self.lost.iter().map(|(_, item)| *item).find(|item| item.facts.iter().any(fits));
        let parent = &path[..path.len() - 1];
        of(&|fact| fact == path).or_else(|| of(&|fact| fact.starts_with(path))).or_else(|| of(&|fact| fact == parent))
    }

    pub(super) fn reports(&self) -> Option<(&Report, &Report)> {
        Some((self.old.report(&self.difference.path)?, self.new.report(&self.difference.path)?))
    }

    pub(super) fn text(&self) -> (Option<&str>, Option<&str>) {
        (self.difference.old.as_ref().and_then(Value::as_str), self.difference.new.as_ref().and_then(Value::as_str))
    }

    /// The last step.
    pub(super) fn key(&self) -> &str {
        self.difference.path.last().map_or("", String::as_str)
    }

    /// The step at an index.
    pub(super) fn step(&self, index: usize) -> &str {
        self.difference.path.get(index).map_or("", String::as_str)
    }
}

/// Whether a shape fits a pattern, whose steps are divided by `/`. There, `?` is one step that is no name, and `**` any number of steps.
fn fits(pattern: &str, shape: &[String]) -> bool {
    fn steps(pattern: &[&str], shape: &[String]) -> bool {
        match (pattern.split_first(), shape.split_first()) {
            (None, None) => true,
            (Some((&"**", rest)), _) => steps(rest, shape) || shape.split_first().is_some_and(|(_, left)| steps(pattern, left)),
            (Some((&"?", rest)), Some((step, left))) => step != "*" && steps(rest, left),
            (Some((first, rest)), Some((step, left))) => first == step && steps(rest, left),
            _ => false,
        }
    }
    steps(&pattern.split('/').collect::<Vec<_>>(), shape)
}
