//! The pages of the rules.

use hookgate_policy::{RuleId, RuleInfo, rule, rules};
use std::fmt::Write;

/// The page of a rule, or the list of all rules.
///
/// # Errors
/// The name is that of no rule.
pub(crate) fn explain(name: Option<&str>) -> Result<String, String> {
    let Some(name) = name else { return Ok(list()) };
    let id = name.trim().to_ascii_uppercase().parse::<RuleId>().ok();
    let info = id.and_then(rule).or_else(|| rules().iter().find(|rule| rule.name == name.trim()));
    info.map(RuleInfo::page).ok_or_else(|| {
        let near: Vec<String> =
            near(name).iter().map(|rule| format!("{} ({})", rule.id, rule.name)).collect();
        format!("there is no rule `{name}`; near it: {}; `hookgate explain` lists all", near.join(", "))
    })
}

fn list() -> String {
    let width = rules().iter().map(|rule| rule.name.len()).max().unwrap_or_default();
    let mut text = String::new();
    for rule in rules() {
        let _ = writeln!(text, "{}  {:width$}  {}", rule.id, rule.name, rule.title());
    }
    text.push_str("\n`hookgate explain HG201` prints the page of a rule.\n");
    text
}

/// How many rules are suggested.
const SUGGESTED: usize = 3;

/// The rules that are most probably meant.
fn near(name: &str) -> Vec<&'static RuleInfo> {
    let wanted = name.trim().to_ascii_lowercase();
    let distance = |rule: &RuleInfo| {
        let id = distance(&wanted, &rule.id.to_string().to_ascii_lowercase());
        // One of the words of a name is as good as the whole.
        let words = rule.name.split('-').chain([rule.name]).map(|word| distance(&wanted, word)).min();
        id.min(words.unwrap_or(usize::MAX))
    };
    let mut all: Vec<&RuleInfo> = rules().iter().collect();
    all.sort_by_key(|rule| distance(rule));
    all.truncate(SUGGESTED);
    all
}

/// How many characters have to be put in, left out or changed (Levenshtein).
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, character) in left.chars().take(64).enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for (column, other) in right.iter().enumerate() {
            let changed = diagonal + usize::from(character != *other);
            diagonal = row[column + 1];
            row[column + 1] = changed.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn explains_rules_by_id_and_by_name() {
        assert!(explain(Some("HG201")).unwrap().starts_with("# HG201: "));
        assert_eq!(explain(Some("hg201")), explain(Some("HG201")));
        assert_eq!(explain(Some("cluster-tools")), explain(Some("HG201")));
    }

    #[test]
    fn lists_all() {
        let list = explain(None).unwrap();
        for rule in rules() {
            assert!(list.contains(&format!("{}  {}", rule.id, rule.name)), "{list}");
        }
        assert!(list.contains("  hooks must not call external services\n"), "{list}");
    }

    #[test]
    fn suggests_near_ones() {
        for (name, near) in [
            ("HG999", "HG"),
            ("201", "HG201 "),
            ("HG0201", "HG201 "),
            ("HG21", "HG21"),
            ("secrets", "(secret)"),
            ("", "HG"),
        ] {
            let error = explain(Some(name)).unwrap_err();
            assert!(error.contains(near) && error.contains("`hookgate explain` lists all"), "{error}");
        }
    }
}
