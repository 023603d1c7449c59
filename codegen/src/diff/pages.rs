//! The page of each rule, for `explain`, made of what the rule says itself.

use super::rule::{Mirror, Rule, Shown};
use super::rules::rules;

/// The rule with that code.
pub fn find_rule(code: &str) -> Option<&'static Rule> {
    rules().find(|rule| rule.code == code)
}

/// The page of a rule, as Markdown.
pub fn rule_page(rule: &Rule) -> String {
    let mirror = match rule.mirror {
        Mirror::Rule(code) if code == rule.code => "The opposite change is reported by the same rule.".into(),
        Mirror::Rule(code) => format!("The opposite change is reported by `{code}`."),
        Mirror::Waived(reason) => format!("The opposite change has no rule: {reason}."),
    };
    let shown = match rule.shown {
        Shown::Nothing => "Nothing breaks, so no program shows it.".into(),
        Shown::ByName => "A program that names what the crate lost shows it: it does not compile against the new crate.".into(),
        Shown::ByRequest(_) => {
            "A program that sends the smallest request shows it, where one request is enough: compiled against the old crate, it \
             fails with the new API."
                .into()
        }
        Shown::Not(reason) => format!("No program shows it: {reason}."),
    };
    let says = rule.says.replace("{it}", "…").replace("{key}", "…").replace("{old}", "…").replace("{new}", "…");
    format!(
        "# {}\n\nChange: {}\n\nRelease: {}\n\n> {says}\n\n{}\n\n{shown}\n\n{mirror}\n",
        rule.code,
        rule.class.describe(),
        rule.class.step().describe(),
        rule.about
    )
}

/// The list of all rules, as Markdown.
pub fn rule_index() -> String {
    let mut out = String::from(
        "\n# Changes\n\n`cargo codegen diff` reports them, and `cargo codegen explain RULE` prints the page of a rule.\n\n",
    );
    for rule in rules() {
        out.push_str(&format!("- {} ({}): {}\n", rule.code, rule.class.describe(), rule.about));
    }
    out
}
