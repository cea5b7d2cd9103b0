//! The deprecated annotations, and the spec that says the same.

use super::{Expected, Proposal, edit};
use crate::yaml::{Mapping, Node};
use hookgate_api::annotations::{PREPARE_UPGRADE, UPGRADE_HOOKS, requested_hooks};
use hookgate_api::hooks::PredefinedHook;
use hookgate_policy::Edit;
use serde_json::{Value, json};

const DEPRECATED: [&str; 2] = [PREPARE_UPGRADE, UPGRADE_HOOKS];

/// The predefined hooks that the deprecated annotations ask for: those that are listed, or, where there is no list and
/// an upgrade is to be prepared, the default pair.
pub(crate) fn instead(annotations: &Node) -> Vec<String> {
    let value =
        |name: &str| annotations.at(&[name]).and_then(Node::scalar).map(|scalar| scalar.text.as_str());
    requested_hooks(value)
}

/// The edits that write the spec and remove the annotations; `None` when there are none, or when the spec already says
/// something else.
pub(crate) fn propose(input: usize, text: &str, cluster: &Node) -> Option<Proposal> {
    let metadata = cluster.entry("metadata").filter(|entry| !entry.elsewhere)?;
    let annotations = metadata.value.entry("annotations").filter(|entry| !entry.elsewhere)?;
    let mapping = annotations.value.mapping()?;
    let is_deprecated = |name: &str| mapping.entry(name).is_some();
    let present: Vec<&str> = DEPRECATED.into_iter().filter(|name| is_deprecated(name)).collect();
    if present.is_empty() {
        return None;
    }
    let names = instead(&annotations.value);
    if names.iter().any(|name| name.parse::<PredefinedHook>().is_err())
        || names.is_empty() && is_deprecated(UPGRADE_HOOKS)
    {
        return None;
    }
    let (mut edits, mut expected) = if present.len() == mapping.entries.len() {
        let field = ["metadata", "annotations"].map(str::to_owned).to_vec();
        let edits = remove_all(text, metadata.value.mapping()?)?;
        (edits, vec![Expected::Gone(field)])
    } else {
        let edits = edit::remove(text, mapping, &present)?;
        let field = |name: &&str| ["metadata", "annotations", name].map(str::to_owned).to_vec();
        (edits, present.iter().map(|name| Expected::Gone(field(name))).collect())
    };
    if !names.is_empty() {
        let (edit, difference) = write(text, cluster, &names)?;
        edits.extend(edit);
        expected.extend(difference);
    }
    Some(Proposal { input, edits, expected })
}

/// Removes `annotations`, of which nothing stays.
fn remove_all(text: &str, metadata: &Mapping) -> Option<Vec<Edit>> {
    let entry = metadata.entry("annotations")?;
    let in_lines = || edit::remove_block(text, entry);
    if metadata.flow { None } else { in_lines() }.or_else(|| edit::remove(text, metadata, &["annotations"]))
}

/// Writes the names into the spec of the FE. Nothing is to be written when it already has them.
fn write(text: &str, cluster: &Node, names: &[String]) -> Option<(Option<Edit>, Option<Expected>)> {
    let path = ["spec", "starRocksFeSpec"];
    let fe = cluster.at(&path)?.mapping()?;
    let list = names.join("\", \"");
    let mut field: Vec<String> = path.map(str::to_owned).to_vec();
    field.push("upgradeHooks".to_owned());
    let items: Vec<String> = names.iter().map(|name| format!("  - {name}")).collect();
    let Some(hooks) = fe.entry("upgradeHooks") else {
        let mut lines = vec!["upgradeHooks:".to_owned(), "  predefined:".to_owned()];
        lines.extend(items.iter().map(|item| format!("  {item}")));
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let edit =
            edit::add(text, fe, &lines, &format!("\"upgradeHooks\": {{\"predefined\": [\"{list}\"]}}"))?;
        return Some((Some(edit), Some(Expected::Added(field, json!({"predefined": names})))));
    };
    if hooks.elsewhere {
        return None;
    }
    if let Some(predefined) = hooks.value.at(&["predefined"]) {
        let has = |name: &String| predefined.items().iter().any(|item| item.text() == Some(name));
        return names.iter().all(has).then_some((None, None));
    }
    field.push("predefined".to_owned());
    let mut lines = vec!["predefined:"];
    lines.extend(items.iter().map(String::as_str));
    let edit = edit::add(text, hooks.value.mapping()?, &lines, &format!("\"predefined\": [\"{list}\"]"))?;
    let value: Value = json!(names);
    Some((Some(edit), Some(Expected::Added(field, value))))
}
