//! JSON.

use crate::lint::{Diagnostic, Outcome, Place};
use serde_json::{Value, json};

pub(super) fn render(outcome: &Outcome) -> String {
    let Outcome { diagnostics, scripts, clusters, errors } = outcome;
    let scripts: Vec<Value> = scripts
        .iter()
        .map(|script| {
            json!({"path": script.path, "object": script.object, "sha256": script.sha256, "denied": script.denied})
        })
        .collect();
    let document = json!({
        "denied": outcome.is_denied(),
        "findings": diagnostics.iter().map(finding).collect::<Vec<_>>(),
        "scripts": scripts,
        "clusters": clusters,
        "errors": errors,
    });
    format!("{document:#}\n")
}

fn finding(diagnostic: &Diagnostic) -> Value {
    let Diagnostic { path, object, rule, severity, message, help, place } = diagnostic;
    let place = place.as_ref().map(|place| {
        let Place { line, column, width, in_input, excerpt, .. } = place;
        json!({"line": line, "column": column, "width": width, "inInput": in_input, "excerpt": excerpt})
    });
    json!({
        "path": path, "object": object, "rule": rule, "severity": severity,
        "message": message, "help": help, "place": place,
    })
}
