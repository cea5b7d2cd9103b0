//! SARIF 2.1.0 (OASIS standard), for code scanning.

use crate::lint::{Diagnostic, Outcome};
use hookgate_policy::{Severity, rules};
use serde_json::{Value, json};
use std::collections::BTreeSet;

pub(super) fn render(outcome: &Outcome) -> String {
    let mut used: BTreeSet<&str> = outcome.diagnostics.iter().map(|found| found.rule.as_str()).collect();
    let mut descriptors: Vec<Value> = rules()
        .iter()
        .filter(|rule| used.remove(rule.id.to_string().as_str()))
        .map(|rule| {
            json!({
                "id": rule.id.to_string(),
                "name": rule.name,
                "shortDescription": {"text": rule.title()},
                "help": {"text": rule.page(), "markdown": rule.page()},
            })
        })
        .collect();
    descriptors.extend(used.iter().map(|id| json!({"id": id})));
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
            "results": outcome.diagnostics.iter().map(result).collect::<Vec<_>>(),
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

fn result(diagnostic: &Diagnostic) -> Value {
    let level = if diagnostic.severity == Severity::Error { "error" } else { "warning" };
    let mut physical = json!({"artifactLocation": {"uri": uri(&diagnostic.path)}});
    if let Some(place) = diagnostic.place.as_ref().filter(|place| place.in_input) {
        physical["region"] = json!({
            "startLine": place.line,
            "startColumn": place.column,
            "endColumn": place.column.saturating_add(place.width),
        });
    }
    let mut location = json!({"physicalLocation": physical});
    if !diagnostic.object.is_empty() {
        location["logicalLocations"] = json!([{"fullyQualifiedName": diagnostic.object}]);
    }
    json!({
        "ruleId": diagnostic.rule,
        "level": level,
        "message": {"text": format!("{}. Help: {}", diagnostic.message, diagnostic.help)},
        "locations": [location],
    })
}

/// A path as a URI reference: everything but letters, digits and a few marks is escaped.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}
