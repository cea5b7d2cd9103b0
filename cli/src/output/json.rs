//! JSON: an interface, worded in `docs/lint.md`. Fields are added, never renamed or removed, while `version` is 1.

use crate::lint::{Diagnostic, Outcome, Place};
use crate::text::Position;
use serde_json::{Value, json};

/// The version of the format.
const VERSION: u32 = 1;

pub(super) fn render(outcome: &Outcome) -> String {
    let Outcome { diagnostics, scripts, clusters, policies, machine_objects, errors, remarks } = outcome;
    let scripts: Vec<Value> = scripts
        .iter()
        .map(|script| {
            json!({"path": script.path, "object": script.object, "sha256": script.sha256, "denied": script.denied})
        })
        .collect();
    let document = json!({
        "version": VERSION,
        "denied": outcome.is_denied(),
        "findings": diagnostics.iter().map(finding).collect::<Vec<_>>(),
        "scripts": scripts,
        "clusters": clusters,
        "policies": policies,
        "machineObjects": machine_objects,
        "errors": errors,
        "remarks": remarks,
    });
    format!("{document:#}\n")
}

fn finding(diagnostic: &Diagnostic) -> Value {
    let Diagnostic { path, object, template, rule, severity, message, help, place } = diagnostic;
    let Place { position, in_script, excerpt, .. } = place;
    let pair = |Position { line, column }: &Position| json!({"line": line, "column": column});
    json!({
        "path": path, "object": object, "template": template, "rule": rule, "severity": severity,
        "message": message, "help": help,
        "place": {
            "line": position.line, "column": position.column, "width": place.width(),
            "inScript": in_script.as_ref().map(pair), "excerpt": excerpt.text,
        },
    })
}
