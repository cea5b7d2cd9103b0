//! The pages of the rules.

use hookgate_policy::{RuleId, RuleInfo, rule, rules};

/// The page of a rule, or the list of all rules.
///
/// # Errors
/// The name is that of no rule.
pub(crate) fn explain(name: Option<&str>) -> Result<String, String> {
    let Some(name) = name else {
        return Ok(rules()
            .iter()
            .map(|rule| format!("{} {}: {}\n", rule.id, rule.name, rule.title()))
            .collect());
    };
    let id: RuleId = name.to_ascii_uppercase().parse().map_err(|error| {
        let names: Vec<String> = rules().iter().map(|rule| rule.id.to_string()).collect();
        format!("{error}; the rules are {}", names.join(" "))
    })?;
    Ok(rule(id).map(RuleInfo::page).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn explains_rules() {
        assert!(explain(Some("HG201")).unwrap().starts_with("# HG201: "));
        assert_eq!(explain(Some("hg201")), explain(Some("HG201")));
        assert!(
            explain(None).unwrap().contains("HG301 network-client: hooks must not call external services\n")
        );
    }

    #[test]
    fn names_the_rules_when_there_is_none() {
        for name in ["HG999", "201", "HG0201", ""] {
            assert!(explain(Some(name)).unwrap_err().contains("the rules are HG101 "), "{name}");
        }
    }
}
