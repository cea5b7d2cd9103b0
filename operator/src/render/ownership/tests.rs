use super::*;
use hookgate_api::annotations::{OWN_UPDATE_STRATEGY, RENDERED_HASH, UPDATE_STRATEGY_FROM_SPEC};

const US: &str = "hookgate-operator";

fn entry(manager: &str, operation: &str, fields: Value) -> ManagedFieldsEntry {
    ManagedFieldsEntry {
        api_version: Some("apps/v1".to_owned()),
        fields_type: Some("FieldsV1".to_owned()),
        fields_v1: Some(FieldsV1(fields)),
        manager: Some(manager.to_owned()),
        operation: Some(operation.to_owned()),
        subresource: None,
        time: None,
    }
}

fn live(hash: Option<&str>, entries: &[ManagedFieldsEntry]) -> ObjectMeta {
    ObjectMeta {
        annotations: hash.map(|hash| [(RENDERED_HASH.to_owned(), hash.to_owned())].into()),
        managed_fields: Some(entries.to_vec()),
        resource_version: Some("7".to_owned()),
        ..ObjectMeta::default()
    }
}

/// What becomes of the managed fields when a StatefulSet is applied whose rendering has the hash `new`.
fn after(live: &ObjectMeta, adopted: bool) -> Option<Vec<ManagedFieldsEntry>> {
    after_of("StatefulSet", live, adopted)
}

fn after_of(kind: &str, live: &ObjectMeta, adopted: bool) -> Option<Vec<ManagedFieldsEntry>> {
    let metadata = ObjectMeta {
        annotations: Some([(RENDERED_HASH.to_owned(), "new".to_owned())].into()),
        labels: Some([("rendered".to_owned(), "1".to_owned())].into()),
        ..ObjectMeta::default()
    };
    taken_over(live, &Applied { manager: US, kind, api_version: "apps/v1", metadata: &metadata, adopted })
}

fn made_by_another() -> ManagedFieldsEntry {
    entry(
        "starrocks-operator",
        "Update",
        json!({
            "f:metadata": {
                "f:annotations": {".": {}, "f:theirs": {}},
                "f:labels": {".": {}, "f:rendered": {}, "f:theirs": {}},
            },
            "f:spec": {
                "f:revisionHistoryLimit": {},
                "f:template": {"f:spec": {"f:containers": {"k:{\"name\":\"fe\"}": {".": {}, "f:image": {}}}}},
                "f:updateStrategy": {"f:rollingUpdate": {".": {}, "f:partition": {}}, "f:type": {}},
            },
        }),
    )
}

#[test]
fn what_is_rendered_is_taken_over_and_the_rest_stays_its_writers() {
    let mut status = entry("kube-controller-manager", "Update", json!({"f:status": {"f:replicas": {}}}));
    status.subresource = Some("status".to_owned());
    let mut scale = entry("autoscaler", "Update", json!({"f:spec": {"f:replicas": {}}}));
    scale.subresource = Some("scale".to_owned());
    let mut earlier = made_by_another();
    earlier.api_version = Some("apps/v1beta2".to_owned());
    let others = [status, scale, earlier];
    let live = live(None, &[&[made_by_another()][..], &others].concat());
    let left = entry(
        "starrocks-operator",
        "Update",
        json!({
            "f:metadata": {
                "f:annotations": {".": {}, "f:theirs": {}},
                "f:labels": {".": {}, "f:theirs": {}},
            },
            "f:spec": {"f:revisionHistoryLimit": {}},
        }),
    );
    let ours = entry(
        US,
        "Apply",
        json!({
            "f:metadata": {"f:labels": {"f:rendered": {}}},
            "f:spec": {
                "f:template": {"f:spec": {"f:containers": {"k:{\"name\":\"fe\"}": {".": {}, "f:image": {}}}}},
                "f:updateStrategy": {"f:rollingUpdate": {".": {}, "f:partition": {}}, "f:type": {}},
            },
        }),
    );
    let expected = [&[left][..], &others, &[ours]].concat();
    assert_eq!(after(&live, true), Some(expected.clone()));

    let again = ObjectMeta { managed_fields: Some(expected), ..live };
    assert_eq!(after(&again, true), None, "a second time there is nothing left to take");
}

#[test]
fn what_is_not_adopted_is_not_touched() {
    let foreign = live(None, &[made_by_another()]);
    assert_eq!(after(&foreign, false), None);
    let ours = live(Some("old"), &[made_by_another()]);
    assert!(after(&ours, false).is_some(), "one that was rendered is the operator's");
}

#[test]
fn a_template_is_taken_over_only_together_with_a_new_one() {
    let patched = entry(
        "kubectl-patch",
        "Update",
        json!({"f:spec": {
            "f:template": {"f:spec": {"f:nodeName": {}}},
            "f:updateStrategy": {"f:rollingUpdate": {"f:partition": {}}},
        }}),
    );
    let own = entry(US, "Apply", json!({"f:spec": {"f:replicas": {}, "f:updateStrategy": {"f:type": {}}}}));
    let template = json!({"f:spec": {"f:template": {"f:spec": {"f:nodeName": {}}}}});
    let strategy = json!({"f:rollingUpdate": {"f:partition": {}}, "f:type": {}});
    for (hash, theirs, ours) in [
        ("new", Some(&template), json!({"f:spec": {"f:replicas": {}, "f:updateStrategy": strategy}})),
        (
            "old",
            None,
            json!({"f:spec": {
                "f:replicas": {},
                "f:template": {"f:spec": {"f:nodeName": {}}},
                "f:updateStrategy": strategy,
            }}),
        ),
    ] {
        let expected: Vec<_> = [entry(US, "Apply", ours)]
            .into_iter()
            .chain(theirs.map(|fields| entry("kubectl-patch", "Update", fields.clone())))
            .collect();
        assert_eq!(
            after(&live(Some(hash), &[own.clone(), patched.clone()]), false),
            Some(expected),
            "{hash}"
        );
    }
}

#[test]
fn notes_that_a_patch_of_the_operators_own_has_written_can_be_removed_by_applying() {
    let note = |name: &str| json!({"f:metadata": {"f:annotations": {format!("f:{name}"): {}}}});
    for name in [OWN_UPDATE_STRATEGY, UPDATE_STRATEGY_FROM_SPEC] {
        let live = live(Some("new"), &[entry(US, "Update", note(name))]);
        assert_eq!(after(&live, false), Some(vec![entry(US, "Apply", note(name))]), "{name}");
    }
}

#[test]
fn what_another_has_applied_is_taken_over_as_well() {
    let spec = |fields: &Value| json!({"f:spec": {"f:template": {"f:spec": fields}}});
    // A field by itself, and the same with fields below it.
    let (whole, below) = (json!({"f:hostAliases": {}}), json!({"f:hostAliases": {"f:x": {}}}));
    let both = json!({"f:hostAliases": {".": {}, "f:x": {}}});
    for (ours, theirs) in [(&whole, &below), (&below, &whole), (&both, &below), (&whole, &both)] {
        let entries = [entry(US, "Apply", spec(ours)), entry("kubectl", "Apply", spec(theirs))];
        assert_eq!(after(&live(Some("old"), &entries), false), Some(vec![entry(US, "Apply", spec(&both))]));
    }
    let same = [entry(US, "Apply", spec(&whole)), entry("kubectl", "Apply", spec(&whole))];
    assert_eq!(after(&live(Some("old"), &same), false), Some(vec![entry(US, "Apply", spec(&whole))]));
}

#[test]
fn the_other_kinds_have_fields_of_their_own() {
    for (kind, fields) in [
        ("Deployment", json!({"f:spec": {"f:template": {"f:spec": {}}}})),
        ("Service", json!({"f:spec": {"f:ports": {"k:{\"port\":1}": {".": {}}}}})),
        ("PodDisruptionBudget", json!({"f:spec": {"f:minAvailable": {}}})),
        ("ConfigMap", json!({"f:data": {".": {}, "f:nginx.conf": {}}})),
    ] {
        let live = live(Some("old"), &[entry("kubectl-edit", "Update", fields.clone())]);
        assert_eq!(after_of(kind, &live, false), Some(vec![entry(US, "Apply", fields)]), "{kind}");
    }
}

#[test]
fn the_patch_is_for_the_object_as_it_was_read() {
    let live = live(Some("old"), &[made_by_another()]);
    let patch = ownership_patch(&live, live.managed_fields.as_ref().unwrap()).unwrap();
    let patch = serde_json::to_value(patch).unwrap();
    assert_eq!(patch[0]["path"], "/metadata/managedFields");
    assert_eq!(patch[0]["value"][0]["manager"], "starrocks-operator");
    assert_eq!(patch[1], json!({"op": "replace", "path": "/metadata/resourceVersion", "value": "7"}));
}

#[test]
fn a_trial_replaces_what_is_rendered() {
    let set: StatefulSet = serde_json::from_value(json!({
        "metadata": {"name": "sr-fe", "annotations": {RENDERED_HASH: "new"}},
        "spec": {
            "replicas": 3, "selector": {"matchLabels": {"a": "b"}}, "serviceName": "s",
            "template": {"metadata": {"labels": {"a": "b"}}}, "updateStrategy": {"type": "OnDelete"},
        },
    }))
    .unwrap();
    let patch = replacement(&set).unwrap();
    let notes = patch["metadata"]["annotations"].as_object().unwrap();
    assert_eq!((notes[RENDERED_HASH].as_str(), &notes[OWN_UPDATE_STRATEGY]), (Some("new"), &Value::Null));
    let spec = patch["spec"].as_object().unwrap();
    assert_eq!(spec["updateStrategy"], json!({"type": "OnDelete", "$patch": "replace"}));
    assert_eq!(spec["template"], json!({"metadata": {"labels": {"a": "b"}}, "$patch": "replace"}));
    assert_eq!(spec["selector"], json!({"matchLabels": {"a": "b"}}));
    assert!(spec["minReadySeconds"].is_null() && spec["volumeClaimTemplates"].is_null(), "{spec:?}");
}
