//! SARIF 2.1.0 (OASIS standard), for code scanning.

use crate::lint::{Diagnostic, Outcome};
use hookgate_policy::{RuleId, Severity, rules};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn render(outcome: &Outcome) -> String {
    let used: BTreeSet<RuleId> = outcome.diagnostics.iter().map(|found| found.rule).collect();
    let index: BTreeMap<RuleId, usize> =
        used.iter().enumerate().map(|(index, rule)| (*rule, index)).collect();
    let descriptors: Vec<Value> = rules()
        .iter()
        .filter(|rule| used.contains(&rule.id))
        .map(|rule| {
            json!({
                "id": rule.id.to_string(),
                "name": rule.name,
                "shortDescription": {"text": rule.title()},
                "help": {"text": rule.page(), "markdown": rule.page()},
            })
        })
        .collect();
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "hookgate",
                "version": env!("CARGO_PKG_VERSION"),
                "informationUri": "https://hookgate.dev",
                "rules": descriptors,
            }},
            "columnKind": "unicodeCodePoints",
            "results": outcome.diagnostics.iter().map(|found| result(found, &index)).collect::<Vec<_>>(),
            "invocations": [{
                "executionSuccessful": outcome.errors.is_empty(),
                "toolExecutionNotifications": outcome.errors.iter().map(|error| {
                    json!({"level": "error", "message": {"text": error}})
                }).collect::<Vec<_>>(),
            }],
        }],
    });
    format!("{document:#}\n")
}

fn result(diagnostic: &Diagnostic, index: &BTreeMap<RuleId, usize>) -> Value {
    let level = if diagnostic.severity == Severity::Error { "error" } else { "warning" };
    let place = &diagnostic.place;
    let mut region = json!({"startLine": place.position.line, "startColumn": place.position.column});
    if let Some(width) = place.width() {
        region["endColumn"] = json!(place.position.column.saturating_add(width));
    }
    let physical = json!({"artifactLocation": {"uri": uri(&diagnostic.path)}, "region": region});
    let mut location = json!({"physicalLocation": physical});
    if !diagnostic.object.is_empty() {
        location["logicalLocations"] = json!([{"fullyQualifiedName": diagnostic.object}]);
    }
    json!({
        "ruleId": diagnostic.rule,
        "ruleIndex": index.get(&diagnostic.rule),
        "level": level,
        "message": {"text": super::sentence(diagnostic)},
        "locations": [location],
    })
}

/// A path as a URI: a relative one stays so; everything but letters, digits and a few marks is escaped.
fn uri(path: &str) -> String {
    let path = path.strip_prefix("./").unwrap_or(path);
    let mut uri = String::with_capacity(path.len());
    if path.starts_with('/') {
        uri.push_str("file://");
    }
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}
