//! Proofs from the audit log: what the operator did was what it had recorded.

use crate::audit::Accepted;
use hookgate_api::{
    Component, StarRocksClusterStatus, annotations,
    status::{HookResult, UpgradePhase, Wave},
};
use hookgate_e2e::proofs::Refuted;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

const CLAIM: &str = "what is done was recorded before";

/// Every pod that was let go, every template that was patched and every run of a hook that was started stands in the
/// status that was written last before it.
///
/// # Errors
/// With the effect that came without its record, or when nothing was done at all.
pub fn recorded_before_done(accepted: &[Accepted]) -> Result<(), Refuted> {
    let mut recorded = StarRocksClusterStatus::default();
    let mut partitions = BTreeMap::new();
    let mut effects = 0_u32;
    for one in accepted {
        if one.resource == "starrocksclusters/status" {
            recorded = status(&one.body).map_err(|why| refuted(one, &why))?;
            continue;
        }
        let before = partition(one).and_then(|partition| partitions.insert(&one.name, partition));
        if let Some(missing) = unrecorded(one, recorded.wave.as_ref(), before) {
            return Err(refuted(one, &missing));
        }
        effects += u32::from(is_effect(one));
    }
    if effects == 0 {
        return Err(Refuted { claim: CLAIM, why: "nothing was done".to_owned() });
    }
    Ok(())
}

fn refuted(one: &Accepted, why: &str) -> Refuted {
    Refuted {
        claim: CLAIM,
        why: format!("{} of {} {} at {}: {why}", one.verb, one.resource, one.name, one.at),
    }
}

fn status(body: &Value) -> Result<StarRocksClusterStatus, String> {
    let status = body.get("status").cloned().ok_or("a status update without a status")?;
    serde_json::from_value(status).map_err(|error| error.to_string())
}

fn is_effect(one: &Accepted) -> bool {
    matches!(
        (one.verb.as_str(), one.resource.as_str()),
        ("patch", "statefulsets") | ("delete", "pods") | ("create", "jobs")
    )
}

/// What the last record lacks of this effect.
fn unrecorded(one: &Accepted, wave: Option<&Wave>, before: Option<i64>) -> Option<String> {
    let components = || wave.into_iter().flat_map(|wave| &wave.components);
    match (one.verb.as_str(), one.resource.as_str()) {
        ("delete", "pods") => {
            let uid = text(&one.body, "/preconditions/uid");
            let opened = components().filter_map(|component| component.opened.as_ref());
            let is_recorded = opened.clone().any(|pod| Some(pod.uid.as_str()) == uid);
            (!is_recorded)
                .then(|| format!("the record lets {:?} go, not {uid:?}", opened.collect::<Vec<_>>()))
        }
        ("create", "jobs") => {
            let mut runs = components().flat_map(|component| &component.hooks);
            let is_recorded = runs.any(|run| run.result == HookResult::Running);
            (!is_recorded).then(|| "no run is recorded".to_owned())
        }
        ("patch", "statefulsets") => {
            unrecorded_template(one, wave).or_else(|| unrecorded_opening(one, wave, before))
        }
        _ => None,
    }
}

/// A patch of the template, whose hash isn't that of a component whose turn has come.
fn unrecorded_template(one: &Accepted, wave: Option<&Wave>) -> Option<String> {
    one.body.pointer("/spec/template")?;
    let annotations = one.body.pointer("/metadata/annotations")?;
    let hash = annotations.get(annotations::RENDERED_HASH)?.as_str()?;
    let mut components = wave.into_iter().flat_map(|wave| &wave.components);
    let is_recorded = components.any(|component| {
        let has_begun = matches!(
            component.phase,
            UpgradePhase::Rolling | UpgradePhase::Finalizing | UpgradePhase::Completed
        );
        component.target == hash && has_begun
    });
    (!is_recorded).then(|| format!("no component whose turn has come has the target {hash}"))
}

fn partition(one: &Accepted) -> Option<i64> {
    one.body.pointer("/spec/updateStrategy/rollingUpdate/partition")?.as_i64()
}

/// A partition that lets a pod go which the one `before` it kept, and of which the record doesn't say so.
fn unrecorded_opening(one: &Accepted, wave: Option<&Wave>, before: Option<i64>) -> Option<String> {
    let partition = partition(one).filter(|partition| before.is_none_or(|before| *partition < before))?;
    let of_set = |component: &&hookgate_api::status::WaveComponent| {
        one.name.ends_with(&format!("-{}", component.component.as_str()))
    };
    let mut components = wave.into_iter().flat_map(|wave| &wave.components);
    // Of a component that isn't being rolled every pod is at its revision: its partition lets nothing go. An FE goes
    // when it's deleted, and has its strategy given back when all have gone.
    let component = components.find(of_set).filter(|component| {
        component.phase == UpgradePhase::Rolling && component.component != Component::Fe
    })?;
    // Closed, as it is when the template is patched, it's above every ordinal.
    let replicas = one.body.pointer("/spec/replicas").and_then(Value::as_i64);
    if replicas.is_some_and(|replicas| partition >= replicas) {
        return None;
    }
    let opened = component.opened.as_ref().map(|pod| i64::from(pod.ordinal));
    (opened != Some(partition)).then(|| format!("it opens {partition}, and the record {opened:?}"))
}

fn text<'a>(body: &'a Value, pointer: &str) -> Option<&'a str> {
    body.pointer(pointer).and_then(Value::as_str)
}

/// No run of a hook was started twice.
///
/// # Errors
/// With the Job that was.
pub fn no_run_twice(accepted: &[Accepted]) -> Result<(), Refuted> {
    let mut names = BTreeSet::new();
    let twice = accepted
        .iter()
        .filter(|one| one.verb == "create" && one.resource == "jobs")
        .find(|one| !names.insert(&one.name));
    match twice {
        Some(one) => Err(Refuted {
            claim: "no run of a hook is started twice",
            why: format!("the Job {} was created again at {}", one.name, one.at),
        }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;
    use serde_json::json;

    fn did(verb: &str, resource: &str, name: &str, body: Value) -> Accepted {
        let (verb, resource, name) = (verb.to_owned(), resource.to_owned(), name.to_owned());
        Accepted { at: Timestamp::UNIX_EPOCH, namespace: "n".to_owned(), verb, resource, name, body }
    }

    fn record(component: &Value) -> Accepted {
        let mut of_wave =
            json!({"component": "be", "fromImage": "a", "toImage": "b", "target": "t", "phase": "Rolling"});
        if let (Value::Object(all), Value::Object(more)) = (&mut of_wave, component) {
            all.extend(more.clone());
        }
        let wave = json!({"id": "w", "direction": "Upgrade", "startedAt": "2025-01-02T03:04:05Z", "components": [of_wave]});
        did("update", "starrocksclusters/status", "sr", json!({"status": {"wave": wave}}))
    }

    fn delete(uid: &str) -> Accepted {
        did("delete", "pods", "sr-be-1", json!({"preconditions": {"uid": uid}}))
    }

    fn opens(partition: i32) -> Accepted {
        let strategy = json!({"type": "RollingUpdate", "rollingUpdate": {"partition": partition}});
        did("patch", "statefulsets", "sr-be", json!({"spec": {"replicas": 3, "updateStrategy": strategy}}))
    }

    fn opened() -> Accepted {
        record(&json!({"opened": {"name": "sr-be-1", "ordinal": 1, "uid": "u"}}))
    }

    #[test]
    fn a_pod_may_go_when_the_record_names_it_and_no_other() {
        assert_eq!(recorded_before_done(&[opened(), delete("u"), delete("u")]), Ok(()));
        assert!(recorded_before_done(&[opened(), delete("v")]).is_err());
        assert!(recorded_before_done(&[record(&json!({})), delete("u")]).is_err());
        assert!(recorded_before_done(&[delete("u"), opened()]).is_err(), "the record comes too late");
        assert!(recorded_before_done(&[opened()]).unwrap_err().why.contains("nothing was done"));
    }

    #[test]
    fn a_partition_opens_the_recorded_ordinal_only() {
        assert_eq!(recorded_before_done(&[opened(), opens(1)]), Ok(()));
        assert!(recorded_before_done(&[opened(), opens(0)]).is_err());
        assert!(recorded_before_done(&[record(&json!({})), opens(2)]).is_err());
        assert_eq!(recorded_before_done(&[record(&json!({})), opens(3)]), Ok(()), "closed");
        let given_back = [opened(), opens(1), record(&json!({})), opens(1)];
        assert_eq!(recorded_before_done(&given_back), Ok(()), "nothing that was kept goes");
        let further = [opened(), opens(1), record(&json!({})), opens(0)];
        assert!(recorded_before_done(&further).is_err());
    }

    #[test]
    fn a_template_is_patched_when_the_turn_of_its_component_has_been_recorded() {
        let metadata = |hash: &str| json!({"annotations": {annotations::RENDERED_HASH: hash}});
        let patch = |hash: &str| {
            did(
                "patch",
                "statefulsets",
                "sr-be",
                json!({"metadata": metadata(hash), "spec": {"template": {}}}),
            )
        };
        assert_eq!(recorded_before_done(&[record(&json!({})), patch("t")]), Ok(()));
        assert!(recorded_before_done(&[record(&json!({})), patch("other")]).is_err());
        assert!(recorded_before_done(&[record(&json!({"phase": "Preparing"})), patch("t")]).is_err());
    }

    #[test]
    fn a_run_is_recorded_before_it_starts_and_starts_once() {
        let run = json!({"name": "custom", "phase": "Pre", "result": "Running", "attempt": 1,
            "startedAt": "2025-01-02T03:04:05Z"});
        let job = |name: &str| did("create", "jobs", name, Value::Null);
        let recorded = || record(&json!({"hooks": [run]}));
        assert_eq!(recorded_before_done(&[recorded(), job("a")]), Ok(()));
        assert!(recorded_before_done(&[record(&json!({})), job("a")]).is_err());
        assert_eq!(no_run_twice(&[job("a"), job("b")]), Ok(()));
        assert!(no_run_twice(&[job("a"), job("a")]).is_err());
    }
}
