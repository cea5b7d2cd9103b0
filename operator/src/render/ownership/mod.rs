//! Which fields of an object are the operator's, whoever has written them.
//!
//! Server-side apply removes a field that is left out only when no other manager owns it. Whoever made or changed an
//! object before, by create, update or patch, owns what was written then: defaults that the API server filled in as well.
//! So those fields are made the operator's own before it applies, as client-go's `csaupgrade` does.

use hookgate_api::annotations;
use json_patch::Patch;
use k8s_openapi::{
    api::apps::v1::StatefulSet,
    apimachinery::pkg::apis::meta::v1::{FieldsV1, ManagedFieldsEntry, ObjectMeta},
};
use serde_json::{Map, Value, json};

/// The notes that the operator leaves on objects.
const NOTES: [&str; 4] = [
    annotations::RENDERED_HASH,
    annotations::INPUTS_HASH,
    annotations::OWN_UPDATE_STRATEGY,
    annotations::UPDATE_STRATEGY_FROM_SPEC,
];

/// The fields of a StatefulSet's spec that are rendered. What isn't in here stays its writer's, and so does what a live
/// object keeps whatever is rendered.
const OF_STATEFULSET: &[&str] = &[
    "minReadySeconds",
    "persistentVolumeClaimRetentionPolicy",
    "replicas",
    TEMPLATE,
    "updateStrategy",
    "volumeClaimTemplates",
];
const OF_SERVICE: &[&str] =
    &["loadBalancerIP", "loadBalancerSourceRanges", "ports", "publishNotReadyAddresses", "selector", "type"];
const TEMPLATE: &str = "template";

/// The fields that are rendered in objects of a kind: where they are, and which.
fn rendered_fields(kind: &str) -> (&'static str, &'static [&'static str]) {
    match kind {
        "StatefulSet" => ("spec", OF_STATEFULSET),
        "Deployment" => ("spec", &["replicas", TEMPLATE]),
        "Service" => ("spec", OF_SERVICE),
        "PodDisruptionBudget" => ("spec", &["maxUnavailable", "minAvailable", "selector"]),
        "ConfigMap" => ("", &["binaryData", "data"]),
        _ => ("", &[]),
    }
}

/// Who applies, and what.
#[derive(Clone, Copy, Debug)]
pub struct Applied<'a> {
    /// The field manager.
    pub manager: &'a str,
    /// The object's kind.
    pub kind: &'a str,
    /// The version in which it's applied.
    pub api_version: &'a str,
    /// The metadata that it's applied with.
    pub metadata: &'a ObjectMeta,
    /// Whether an object that doesn't carry the hash of a rendering is the operator's all the same.
    pub adopted: bool,
}

/// The managed fields of a live object once everything that is rendered is the applying manager's; `None` when it is, and
/// when the object is somebody else's.
///
/// What is written through a subresource (`status`, `scale`) stays its writer's. So does, of an object that has what is
/// rendered already, the pod template: what somebody has added to it is taken away together with a new template, whose
/// pods wait for their turn, and never in passing.
pub fn taken_over(live: &ObjectMeta, applied: &Applied<'_>) -> Option<Vec<ManagedFieldsEntry>> {
    let hash_of = |meta: &ObjectMeta| meta.annotations.as_ref()?.get(annotations::RENDERED_HASH).cloned();
    let known = hash_of(live);
    if known.is_none() && !applied.adopted {
        return None;
    }
    let keeps_template = known.is_some() && known == hash_of(applied.metadata);
    let (mut entries, mut taken, mut time) = (Vec::new(), Map::new(), None);
    for mut entry in live.managed_fields.iter().flatten().cloned() {
        // Sets of fields of different versions don't go together.
        let is_comparable =
            entry.subresource.is_none() && entry.api_version.as_deref() == Some(applied.api_version);
        if is_comparable
            && !is_of(&entry, applied.manager)
            && let Some(Value::Object(fields)) = entry.fields_v1.as_mut().map(|fields| &mut fields.0)
        {
            let found = take(fields, applied, keeps_template);
            if !found.is_empty() {
                time = time.max(entry.time.clone());
                unite(&mut taken, found);
            }
            if fields.is_empty() {
                continue;
            }
        }
        entries.push(entry);
    }
    if taken.is_empty() {
        return None;
    }
    let own = entries.iter_mut().find(|entry| is_of(entry, applied.manager));
    match own.map(|entry| &mut entry.fields_v1.get_or_insert_with(|| FieldsV1(json!({}))).0) {
        Some(Value::Object(fields)) => unite(fields, taken),
        Some(_) => return None,
        None => entries.push(ManagedFieldsEntry {
            api_version: Some(applied.api_version.to_owned()),
            fields_type: Some("FieldsV1".to_owned()),
            fields_v1: Some(FieldsV1(Value::Object(taken))),
            manager: Some(applied.manager.to_owned()),
            operation: Some("Apply".to_owned()),
            subresource: None,
            time,
        }),
    }
    Some(entries)
}

/// Whether it says what a manager has applied.
fn is_of(entry: &ManagedFieldsEntry, manager: &str) -> bool {
    entry.manager.as_deref() == Some(manager)
        && entry.operation.as_deref() == Some("Apply")
        && entry.subresource.is_none()
}

/// Takes what is rendered out of a set of fields.
fn take(fields: &mut Map<String, Value>, applied: &Applied<'_>, keeps_template: bool) -> Map<String, Value> {
    let (parent, rendered) = rendered_fields(applied.kind);
    let rendered = rendered.iter().filter(|field| !(keeps_template && **field == TEMPLATE));
    let mut taken = Map::new();
    for field in rendered {
        let path: Vec<_> = [parent, field].into_iter().filter(|name| !name.is_empty()).collect();
        move_field(fields, &mut taken, &path);
    }
    let labels = applied.metadata.labels.iter().flat_map(|labels| labels.keys());
    let notes = applied.metadata.annotations.iter().flat_map(|notes| notes.keys());
    for label in labels {
        move_field(fields, &mut taken, &["metadata", "labels", label]);
    }
    for note in notes.map(String::as_str).chain(NOTES) {
        move_field(fields, &mut taken, &["metadata", "annotations", note]);
    }
    taken
}

/// Moves one field, with everything below it, from one set to another. A set without fields is left away.
fn move_field(from: &mut Map<String, Value>, to: &mut Map<String, Value>, path: &[&str]) {
    let Some((name, below)) = path.split_first() else { return };
    let name = format!("f:{name}");
    if below.is_empty() {
        if let Some(field) = from.remove(&name) {
            to.insert(name, field);
        }
        return;
    }
    let Some(Value::Object(inner)) = from.get_mut(&name) else { return };
    let mut moved = Map::new();
    move_field(inner, &mut moved, below);
    if moved.is_empty() {
        return;
    }
    if inner.is_empty() {
        from.remove(&name);
    }
    unite(to, Map::from_iter([(name, Value::Object(moved))]));
}

/// Adds the fields of one set to another.
fn unite(to: &mut Map<String, Value>, from: Map<String, Value>) {
    for (name, field) in from {
        let (Some(Value::Object(there)), Value::Object(field)) = (to.get_mut(&name), &field) else {
            to.insert(name, field);
            continue;
        };
        // What has nothing below it is the field itself, and beside what is below it that is a dot.
        if there.is_empty() != field.is_empty() {
            there.insert(".".to_owned(), json!({}));
        }
        unite(there, field.clone());
    }
}

/// The patch that gives an object those managed fields, if it's still as it was read.
///
/// # Errors
/// When they can't be turned into JSON.
pub fn ownership_patch(live: &ObjectMeta, entries: &[ManagedFieldsEntry]) -> serde_json::Result<Patch> {
    serde_json::from_value(json!([
        {"op": "replace", "path": "/metadata/managedFields", "value": entries},
        // Another version than the live one's is a conflict. A test that fails would be an invalid object.
        {"op": "replace", "path": "/metadata/resourceVersion", "value": live.resource_version},
    ]))
}

/// What applying a StatefulSet comes to once everything rendered is the operator's, as one strategic merge patch: by it
/// the API server can be asked beforehand, while the fields are somebody else's still.
///
/// # Errors
/// When the object can't be turned into JSON.
pub fn replacement(object: &StatefulSet) -> serde_json::Result<Value> {
    let mut patch = serde_json::to_value(object)?;
    let notes = object.metadata.annotations.clone().unwrap_or_default();
    for note in NOTES.into_iter().filter(|note| !notes.contains_key(*note)) {
        patch["metadata"]["annotations"][note] = Value::Null;
    }
    for field in OF_STATEFULSET {
        let place = &mut patch["spec"][*field];
        if place.is_object() {
            place["$patch"] = json!("replace");
        }
    }
    Ok(patch)
}

#[cfg(test)]
mod tests;
