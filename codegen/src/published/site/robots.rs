//! The rules of a robots.txt that concern this program: RFC 9309, with `*` and `$` in paths.

/// What a site allows.
#[derive(Clone, Debug, Default)]
pub(super) struct Robots {
    /// Whether each rule allows, and its path.
    rules: Vec<(bool, String)>,
    /// Seconds between requests that the site asks for.
    pub delay: Option<u64>,
}

/// More rules are not read.
const MOST_RULES: usize = 1000;

impl Robots {
    /// Reads the group for the program's name, or else the one for all programs.
    pub fn parse(text: &str, agent: &str) -> Self {
        let (mut own, mut all) = (Self::default(), Self::default());
        let (mut met, mut for_own, mut for_all, mut naming) = (false, false, false, false);
        for line in text.lines() {
            let line = line.split('#').next().unwrap_or_default();
            let Some((key, value)) = line.split_once(':') else { continue };
            let (key, value) = (key.trim().to_ascii_lowercase(), value.trim());
            if key == "user-agent" {
                if !naming {
                    (for_own, for_all) = (false, false);
                }
                naming = true;
                for_own |= value.eq_ignore_ascii_case(agent);
                for_all |= value == "*";
                met |= for_own;
                continue;
            }
            naming = false;
            for group in [for_own.then_some(&mut own), for_all.then_some(&mut all)].into_iter().flatten() {
                match key.as_str() {
                    // An empty path disallows nothing.
                    "allow" | "disallow" if !value.is_empty() && group.rules.len() < MOST_RULES => {
                        group.rules.push((key == "allow", value.to_owned()));
                    }
                    "crawl-delay" => group.delay = value.parse().ok(),
                    _ => {}
                }
            }
        }
        if met { own } else { all }
    }

    /// Whether a path may be fetched: the longest rule decides, and `allow` wins a tie.
    pub fn allows(&self, path: &str) -> bool {
        let matching = self.rules.iter().filter(|(_, rule)| matches(rule, path));
        matching.max_by_key(|(allow, rule)| (rule.len(), *allow)).is_none_or(|(allow, _)| *allow)
    }
}

/// Whether a rule matches the start of a path, or all of it after `$`.
fn matches(rule: &str, path: &str) -> bool {
    let (rule, whole) = rule.strip_suffix('$').map_or((rule, false), |rule| (rule, true));
    let mut parts = rule.split('*');
    let Some(mut rest) = path.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let parts: Vec<&str> = parts.collect();
    for (index, part) in parts.iter().enumerate() {
        if whole && index + 1 == parts.len() {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    !whole || rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_own_group_decides_and_the_longest_rule_wins() {
        let text = "User-agent: *\nDisallow: /\n\nUser-Agent: other\nuser-agent: Us # we\nCrawl-delay: 7\nDisallow: /a\nAllow: /a/b\nDisallow: /*.md$\nDisallow:\n";
        let robots = Robots::parse(text, "us");
        assert_eq!(robots.delay, Some(7));
        let allowed = ["/", "/b", "/a/b/c", "/x.mdx"];
        let refused = ["/a", "/a/c", "/x.md", "/y/x.md"];
        assert!(allowed.iter().all(|path| robots.allows(path)) && !refused.iter().any(|path| robots.allows(path)));
        assert!(!Robots::parse(text, "someone").allows("/b"));
        assert!(Robots::parse("", "us").allows("/b") && Robots::parse("<html>no: robots", "us").allows("/"));
    }
}
