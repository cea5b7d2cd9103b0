//! The rules of an upgrade, taken through whole upgrades in a small world.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

mod world;

use hookgate_api::{
    Component,
    status::{ConditionType, HookResult, UpgradePhase, condition},
};
use hookgate_operator::observation::{ObservedJob, ObservedScript};
use serde_json::{Value, json};
use world::{Happening, World};

fn cluster(version: &str) -> Value {
    let component =
        |name: &str, replicas: u32| json!({"image": format!("{name}:{version}"), "replicas": replicas});
    json!({
        "apiVersion": "starrocks.com/v1", "kind": "StarRocksCluster",
        "metadata": {"name": "c", "namespace": "ns", "uid": "uid", "generation": 1},
        "spec": {
            "starRocksFeSpec": component("fe", 3),
            "starRocksBeSpec": component("be", 3),
            "starRocksCnSpec": component("cn", 1),
        },
    })
}

fn deployed(version: &str) -> World {
    let mut world = World::new(cluster(version));
    world.settle();
    world.log.clear();
    world.events.clear();
    world
}

fn set_spec(world: &mut World, change: impl FnOnce(&mut Value)) {
    let mut value = serde_json::to_value(&world.cluster.spec).unwrap();
    change(&mut value);
    world.cluster.spec = serde_json::from_value(value).unwrap();
    *world.cluster.metadata.generation.as_mut().unwrap() += 1;
}

fn set_version(world: &mut World, version: &str) {
    set_spec(world, |spec| {
        for name in ["fe", "be", "cn"] {
            let field = format!("starRocks{}{}Spec", name[..1].to_uppercase(), &name[1..]);
            spec[&field]["image"] = format!("{name}:{version}").into();
        }
    });
}

fn let_go(world: &World) -> Vec<&str> {
    world
        .log
        .iter()
        .filter_map(|one| if let Happening::LetGo(pod) = one { Some(pod.as_str()) } else { None })
        .collect()
}

fn place(world: &World, what: impl Fn(&Happening) -> bool) -> usize {
    world.log.iter().position(what).unwrap()
}

fn is_true(world: &World, type_: ConditionType) -> Option<(bool, String)> {
    let status = world.cluster.status.as_ref()?;
    condition(&status.conditions, type_).map(|one| (one.status == "True", one.message.clone()))
}

#[test]
fn a_first_deployment_is_fe_first() {
    let mut world = World::new(cluster("3.2.1"));
    world.pass();
    assert_eq!(world.log, [Happening::Created(Component::Fe)]);
    world.settle();
    let created = [Component::Fe, Component::Be, Component::Cn].map(Happening::Created);
    assert_eq!(world.log, created);
    assert!(is_true(&world, ConditionType::Ready).unwrap().0);
    assert_eq!(world.cluster.status.as_ref().unwrap().phase, "running");
}

#[test]
fn an_upgrade_is_be_cn_fe_with_followers_before_the_leader_and_settings_held() {
    let mut world = deployed("3.2.1");
    world.leader = 2;
    set_version(&mut world, "3.2.2");
    world.settle();
    assert_eq!(
        let_go(&world),
        ["c-be-2", "c-be-1", "c-be-0", "c-cn-0", "c-fe-1", "c-fe-0", "c-fe-2"],
        "highest ordinal first, the leader last"
    );
    let first_patch = place(&world, |one| matches!(one, Happening::Patched(_)));
    let first_set = place(&world, |one| matches!(one, Happening::Set { .. }));
    assert!(first_set < first_patch, "settings are held before the first patch");
    for component in Component::ALL {
        assert_eq!(world.phase(component), Some(UpgradePhase::Completed));
    }
    assert!(world.has_originals(), "{:?}", world.memory);
    let status = world.cluster.status.as_ref().unwrap();
    assert!(status.wave.is_none() && status.held_settings.is_empty());
    assert_eq!(world.events.last().unwrap().0, "UpgradeCompleted");
}

#[test]
fn no_pod_goes_while_a_setting_is_not_held_on_every_fe() {
    let mut world = deployed("3.2.1");
    set_version(&mut world, "3.2.2");
    for _ in 0..400 {
        let gone = let_go(&world).len();
        world.pass();
        world.kubernetes();
        if let_go(&world).len() > gone {
            for (pod, memory) in &world.memory {
                let back = world.components[&Component::Fe].pods.iter().any(|fe| &fe.name == pod && fe.ready);
                assert!(!back || memory["tablet_sched_disable_balance"] == "true", "{pod}: {memory:?}");
            }
        }
        world.now += jiff::SignedDuration::from_secs(1);
    }
    assert_eq!(let_go(&world).len(), 7);
}

#[test]
fn a_change_that_is_no_upgrade_goes_in_the_same_order_without_hooks() {
    let mut world = deployed("3.2.1");
    set_spec(&mut world, |spec| {
        for field in ["starRocksFeSpec", "starRocksBeSpec", "starRocksCnSpec"] {
            spec[field]["limits"] = json!({"memory": "4Gi"});
        }
    });
    world.settle();
    assert_eq!(let_go(&world), ["c-be-2", "c-be-1", "c-be-0", "c-cn-0", "c-fe-2", "c-fe-1", "c-fe-0"]);
    assert!(!world.log.iter().any(|one| matches!(one, Happening::Set { .. })), "{:?}", world.log);
}

#[test]
fn a_downgrade_is_fe_first_without_hooks() {
    let mut world = deployed("3.2.2");
    set_version(&mut world, "3.2.1");
    world.settle();
    assert_eq!(let_go(&world)[..4], ["c-fe-2", "c-fe-1", "c-fe-0", "c-be-2"]);
    assert!(!world.log.iter().any(|one| matches!(one, Happening::Set { .. })));
}

#[test]
fn a_change_of_replicas_alone_is_scaling() {
    let mut world = deployed("3.2.1");
    set_spec(&mut world, |spec| spec["starRocksBeSpec"]["replicas"] = 5.into());
    world.settle();
    assert_eq!(world.components[&Component::Be].pods.len(), 5);
    assert_eq!(let_go(&world), [""; 0]);
    assert!(world.cluster.status.as_ref().unwrap().wave.is_none());
}

#[test]
fn raising_one_component_and_lowering_another_is_refused() {
    let mut world = deployed("3.2.1");
    set_spec(&mut world, |spec| {
        spec["starRocksFeSpec"]["image"] = "fe:3.2.2".into();
        spec["starRocksBeSpec"]["image"] = "be:3.1.9".into();
    });
    world.settle();
    assert_eq!(world.log, []);
    assert!(is_true(&world, ConditionType::Stalled).unwrap().1.contains("at the same time"));
}

fn with_script(world: &mut World, field: &str) {
    set_spec(world, |spec| {
        spec[field]["upgradeHooks"] =
            json!({"predefined": ["disable-balancer"], "custom": {"configMapName": "hooks"}});
    });
}

fn accepted(sha256: &str) -> ObservedScript {
    ObservedScript::Accepted { sha256: sha256.to_owned() }
}

#[test]
fn a_failing_pre_hook_leaves_everything_untouched_until_the_script_changes() {
    let mut world = deployed("3.2.1");
    with_script(&mut world, "starRocksBeSpec");
    world.scripts.insert(Component::Be, accepted("one"));
    world.job_result =
        |_| ObservedJob::Failed { deadline_exceeded: false, message: "exit code 1: no".to_owned() };
    set_version(&mut world, "3.2.2");
    world.settle();
    assert_eq!(let_go(&world), [""; 0]);
    assert!(!world.log.iter().any(|one| matches!(one, Happening::Patched(_))));
    assert_eq!(world.phase(Component::Be), Some(UpgradePhase::Failed));
    assert_eq!(world.log.iter().filter(|one| matches!(one, Happening::Job(_))).count(), 3, "three tries");
    let (stalled, message) = is_true(&world, ConditionType::Stalled).unwrap();
    assert!(stalled && message.contains("exit code 1: no"), "{message}");
    assert!(world.has_originals(), "nobody waits with the lights off: {:?}", world.memory);
    let failed = world.cluster.status.as_ref().unwrap().wave.as_ref().unwrap().id.clone();

    world.scripts.insert(Component::Be, accepted("two"));
    world.job_result = |_| ObservedJob::Succeeded;
    world.settle();
    assert_eq!(let_go(&world).len(), 7);
    assert!(world.has_originals());
    let state = world
        .cluster
        .status
        .as_ref()
        .unwrap()
        .component(Component::Be)
        .unwrap()
        .upgrade_state
        .clone()
        .unwrap();
    assert_ne!(state.wave, failed, "it started anew");
    assert_eq!(state.hooks.iter().filter(|run| run.script_sha256.as_deref() == Some("two")).count(), 2);
}

#[test]
fn the_retry_annotation_counts_only_for_the_wave_that_it_names() {
    let mut world = deployed("3.2.1");
    with_script(&mut world, "starRocksBeSpec");
    world.scripts.insert(Component::Be, accepted("one"));
    world.job_result = |_| ObservedJob::Failed { deadline_exceeded: true, message: String::new() };
    set_version(&mut world, "3.2.2");
    world.settle();
    let (_, message) = is_true(&world, ConditionType::Stalled).unwrap();
    assert!(message.contains("Hook execution failed: context deadline exceeded"), "{message}");
    world.job_result = |_| ObservedJob::Succeeded;
    let annotate = |world: &mut World, value: &str| {
        world.cluster.metadata.annotations =
            Some([("hookgate.dev/retry".to_owned(), value.to_owned())].into_iter().collect());
    };
    annotate(&mut world, "some-other-wave");
    world.settle();
    assert_eq!(let_go(&world), [""; 0]);
    let id = world.cluster.status.as_ref().unwrap().wave.as_ref().unwrap().id.clone();
    annotate(&mut world, &id);
    world.settle();
    assert_eq!(let_go(&world).len(), 7);
}

#[test]
fn a_failing_post_hook_is_recorded_and_blocks_nothing() {
    let mut world = deployed("3.2.1");
    with_script(&mut world, "starRocksFeSpec");
    world.scripts.insert(Component::Fe, accepted("one"));
    world.job_result = |name| {
        if name.contains("-post-") {
            ObservedJob::Failed { deadline_exceeded: false, message: "exit code 3: oh".to_owned() }
        } else {
            ObservedJob::Succeeded
        }
    };
    set_version(&mut world, "3.2.2");
    world.settle();
    assert_eq!(world.phase(Component::Fe), Some(UpgradePhase::Completed));
    let state = world
        .cluster
        .status
        .as_ref()
        .unwrap()
        .component(Component::Fe)
        .unwrap()
        .upgrade_state
        .clone()
        .unwrap();
    let post = state.hooks.last().unwrap();
    assert_eq!((post.result, post.message.as_str()), (HookResult::Failed, "exit code 3: oh"));
    assert!(world.events.iter().any(|(reason, _)| *reason == "HookFailed"));
    assert!(world.jobs.is_empty(), "recorded Jobs are removed");
}

#[test]
fn how_the_last_hook_went_is_written_down_before_the_wave_ends() {
    let mut world = deployed("3.2.1");
    set_spec(&mut world, |spec| {
        spec["starRocksBeSpec"]["upgradeHooks"] = json!({"custom": {"configMapName": "hooks"}});
        spec["starRocksBeSpec"]["image"] = "be:3.2.2".into();
    });
    world.scripts.insert(Component::Be, accepted("one"));
    world.settle();
    let state = world
        .cluster
        .status
        .as_ref()
        .unwrap()
        .component(Component::Be)
        .unwrap()
        .upgrade_state
        .clone()
        .unwrap();
    assert_eq!(state.phase, UpgradePhase::Completed);
    assert_eq!(state.hooks.iter().map(|run| run.result).collect::<Vec<_>>(), [HookResult::Succeeded; 2]);
    assert!(world.jobs.is_empty() && world.cluster.status.as_ref().unwrap().wave.is_none());
}

#[test]
fn a_job_of_a_wave_that_started_anew_is_cleared_away_and_one_of_somebody_else_blocks_nothing() {
    let mut world = deployed("3.2.1");
    with_script(&mut world, "starRocksBeSpec");
    world.scripts.insert(Component::Be, accepted("one"));
    let failed = ObservedJob::Failed { deadline_exceeded: false, message: "exit code 1: no".to_owned() };
    world.jobs.insert("c-be-pre-ended".to_owned(), failed);
    world.jobs.insert("c-be-pre-superseded".to_owned(), ObservedJob::Running);
    world.jobs.insert("c-be-pre-foreign".to_owned(), ObservedJob::Foreign);
    set_version(&mut world, "3.2.2");
    world.settle();
    assert_eq!(let_go(&world).len(), 7);
    assert!(world.cluster.status.as_ref().unwrap().wave.is_none(), "the wave ends");
    assert_eq!(world.jobs.keys().collect::<Vec<_>>(), ["c-be-pre-foreign"]);
}

#[test]
fn a_missing_script_is_waited_for_with_nothing_switched_off() {
    let mut world = deployed("3.2.1");
    with_script(&mut world, "starRocksBeSpec");
    let words = "failed to get ConfigMap: configmaps \"hooks\" not found";
    world.scripts.insert(Component::Be, ObservedScript::Missing(words.to_owned()));
    set_version(&mut world, "3.2.2");
    world.settle();
    assert_eq!(world.log, []);
    assert_eq!(is_true(&world, ConditionType::Stalled).unwrap(), (true, words.to_owned()));
    world.scripts.insert(Component::Be, accepted("one"));
    world.settle();
    assert_eq!(let_go(&world).len(), 7);
    assert!(!is_true(&world, ConditionType::Stalled).unwrap().0);
}

#[test]
fn a_script_that_the_policy_refuses_does_not_run() {
    let mut world = deployed("3.2.1");
    with_script(&mut world, "starRocksBeSpec");
    let refused = ObservedScript::Refused { sha256: "one".to_owned(), findings: "HG201 kubectl".to_owned() };
    world.scripts.insert(Component::Be, refused);
    set_version(&mut world, "3.2.2");
    world.settle();
    assert_eq!(world.log, []);
    assert!(is_true(&world, ConditionType::Stalled).unwrap().1.contains("HG201 kubectl"));
}

#[test]
fn an_fe_that_can_not_be_reached_is_waited_for() {
    let mut world = deployed("3.2.1");
    world.reachable = false;
    set_version(&mut world, "3.2.2");
    world.settle();
    assert_eq!(world.log, []);
    let (_, message) = is_true(&world, ConditionType::Reconciling).unwrap();
    assert!(message.contains("connection refused"), "{message}");
    world.reachable = true;
    world.settle();
    assert_eq!(let_go(&world).len(), 7);
}

#[test]
fn a_setting_that_the_fe_refuses_fails_the_hook() {
    let mut world = deployed("3.2.1");
    world.refuses = Some("ERROR 5102: does not exist or is not mutable".to_owned());
    set_version(&mut world, "3.2.2");
    world.settle();
    assert_eq!(let_go(&world), [""; 0]);
    let (_, message) = is_true(&world, ConditionType::Stalled).unwrap();
    assert!(message.contains("disable-tablet-clone failed 3 times") && message.contains("5102"), "{message}");
}

#[test]
fn an_object_that_the_api_server_refuses_stalls_with_its_words_until_the_spec_changes() {
    let mut world = deployed("3.2.1");
    world.refuses_objects = Some("StatefulSet c-be can't be written: spec: Forbidden".to_owned());
    set_version(&mut world, "3.2.2");
    for _ in 0..40 {
        // It is tried again and again, so the world never comes to rest.
        world.pass();
        world.now += jiff::SignedDuration::from_secs(1);
    }
    let (stalled, message) = is_true(&world, ConditionType::Stalled).unwrap();
    assert!(stalled && message.contains("spec: Forbidden"), "{message}");
    assert_eq!(let_go(&world), [""; 0]);
    world.refuses_objects = None;
    set_version(&mut world, "3.2.3");
    world.settle();
    assert_eq!(let_go(&world).len(), 7);
    assert!(!is_true(&world, ConditionType::Stalled).unwrap().0);
}

#[test]
fn preparation_runs_once_and_what_it_sets_is_given_back() {
    let mut world = deployed("3.2.1");
    set_spec(&mut world, |spec| {
        spec["upgradePreparation"] = json!({"enabled": true, "hooks": [
            {"name": "clone", "command": "ADMIN SET FRONTEND CONFIG (\"max_scheduling_tablets\" = \"0\")", "critical": true},
            {"name": "image", "command": "ALTER SYSTEM CREATE IMAGE"},
        ]});
        for field in ["starRocksFeSpec", "starRocksBeSpec", "starRocksCnSpec"] {
            spec[field]["upgradeHooks"] = json!({});
        }
    });
    set_version(&mut world, "3.2.2");
    world.settle();
    let sql: Vec<_> = world.log.iter().filter(|one| matches!(one, Happening::Sql(_))).collect();
    assert_eq!(sql, [&Happening::Sql("ALTER SYSTEM CREATE IMAGE".to_owned())]);
    let held = |one: &Happening| matches!(one, Happening::Set { value, .. } if value == "0");
    assert!(place(&world, held) < place(&world, |one| matches!(one, Happening::Patched(_))));
    assert!(world.has_originals(), "{:?}", world.memory);
    assert_eq!(let_go(&world).len(), 7);
}

#[test]
fn an_invalid_spec_touches_nothing_and_says_what_is_allowed() {
    let mut world = deployed("3.2.1");
    set_spec(&mut world, |spec| {
        spec["starRocksFeSpec"]["upgradeHooks"] = json!({"timeoutSeconds": 0});
        spec["starRocksFeSpec"]["image"] = "fe:3.2.2".into();
    });
    world.settle();
    assert_eq!(world.log, []);
    let (stalled, message) = is_true(&world, ConditionType::Stalled).unwrap();
    assert!(stalled && message.contains("must be between 1 and 3600"), "{message}");
}

#[test]
fn an_ignored_cluster_is_left_alone() {
    let mut world = deployed("3.2.1");
    world.cluster.metadata.annotations =
        Some([("starrocks.com/ignored".to_owned(), "true".to_owned())].into_iter().collect());
    set_version(&mut world, "3.2.2");
    world.settle();
    assert_eq!(world.log, []);
}

#[test]
fn an_operator_that_dies_after_any_write_goes_on() {
    // Every pass is cut off after the status was written and before anything was done, once each.
    let mut world = deployed("3.2.1");
    set_version(&mut world, "3.2.2");
    for _ in 0..400 {
        let planned =
            hookgate_operator::plan::plan(&world.observation(), &World::tuning(), world.now).unwrap();
        world.cluster.status = Some(planned.status);
        world.pass();
        world.kubernetes();
        world.now += jiff::SignedDuration::from_secs(1);
    }
    assert_eq!(let_go(&world).len(), 7);
    assert!(world.has_originals());
    assert!(world.cluster.status.as_ref().unwrap().wave.is_none());
}

/// Passes until that pod has been let go.
fn until_let_go(world: &mut World, pod: &str) {
    for _ in 0..200 {
        if let_go(world).contains(&pod) {
            return;
        }
        world.pass();
        world.kubernetes();
        world.now += jiff::SignedDuration::from_secs(1);
    }
    panic!("{pod} was not let go: {:?}", world.log);
}

fn all_at(world: &World, version: &str) -> bool {
    world.components.values().flat_map(|observed| &observed.pods).all(|pod| pod.revision.ends_with(version))
}

#[test]
fn a_change_elsewhere_does_not_make_a_rolling_component_forgotten() {
    let mut world = deployed("3.2.1");
    set_spec(&mut world, |spec| spec["starRocksFeSpec"]["image"] = "fe:3.2.2".into());
    until_let_go(&mut world, "c-fe-2");
    set_spec(&mut world, |spec| spec["starRocksBeSpec"]["limits"] = json!({"memory": "8Gi"}));
    world.settle();
    let fe = &world.components[&Component::Fe];
    assert!(fe.pods.iter().all(|pod| pod.revision.ends_with("3.2.2")), "{fe:?}");
    assert_eq!(fe.statefulset.as_ref().unwrap().rollout, hookgate_operator::render::Rollout::OPEN);
    assert!(is_true(&world, ConditionType::Ready).unwrap().0);
    assert!(world.has_originals(), "{:?}", world.memory);
}

#[test]
fn going_back_in_the_middle_of_an_upgrade_leaves_no_pod_behind() {
    let mut world = deployed("3.2.1");
    set_version(&mut world, "3.2.2");
    until_let_go(&mut world, "c-be-1");
    set_version(&mut world, "3.2.1");
    world.settle();
    assert!(all_at(&world, "3.2.1"), "{:?}", world.components);
    assert!(is_true(&world, ConditionType::Ready).unwrap().0);
    assert!(world.has_originals(), "{:?}", world.memory);
}

#[test]
fn a_patch_that_is_refused_is_forgotten_when_the_spec_goes_back() {
    let mut world = deployed("3.2.1");
    world.refuses_objects = Some("spec: Forbidden".to_owned());
    set_spec(&mut world, |spec| spec["starRocksBeSpec"]["image"] = "be:3.2.2".into());
    for _ in 0..40 {
        world.pass();
        world.now += jiff::SignedDuration::from_secs(1);
    }
    assert!(is_true(&world, ConditionType::Stalled).unwrap().0);
    world.refuses_objects = None;
    set_spec(&mut world, |spec| spec["starRocksBeSpec"]["image"] = "be:3.2.1".into());
    world.settle();
    assert!(is_true(&world, ConditionType::Ready).unwrap().0);
    assert!(world.cluster.status.as_ref().unwrap().wave.is_none());
    assert!(world.has_originals(), "{:?}", world.memory);
}

#[test]
fn a_component_that_is_taken_away_while_it_rolls_holds_nobody_up() {
    let mut world = deployed("3.2.1");
    set_version(&mut world, "3.2.2");
    until_let_go(&mut world, "c-cn-0");
    set_spec(&mut world, |spec| {
        spec.as_object_mut().unwrap().remove("starRocksCnSpec");
    });
    world.settle();
    assert!(!world.components.contains_key(&Component::Cn));
    assert!(all_at(&world, "3.2.2") && world.has_originals());
}

#[test]
fn a_spec_that_becomes_invalid_in_the_middle_has_its_settings_given_back() {
    let mut world = deployed("3.2.1");
    set_version(&mut world, "3.2.2");
    until_let_go(&mut world, "c-be-2");
    set_spec(&mut world, |spec| spec["starRocksFeSpec"]["upgradeHooks"] = json!({"timeoutSeconds": 0}));
    world.settle();
    assert!(is_true(&world, ConditionType::Stalled).unwrap().0);
    assert!(world.has_originals(), "{:?}", world.memory);
    set_spec(&mut world, |spec| spec["starRocksFeSpec"]["upgradeHooks"] = json!({"timeoutSeconds": 60}));
    world.settle();
    assert!(all_at(&world, "3.2.2") && world.has_originals());
}

#[test]
fn an_fe_that_was_cut_off_while_settings_were_given_back_gets_its_own_once_it_is_seen_again() {
    let mut world = deployed("3.2.1");
    set_spec(&mut world, |spec| spec["starRocksBeSpec"]["image"] = "be:3.2.2".into());
    until_let_go(&mut world, "c-be-0");
    world.cut_off = Some("c-fe-1");
    // An invalid spec has everything given back at once.
    set_spec(&mut world, |spec| spec["starRocksFeSpec"]["upgradeHooks"] = json!({"timeoutSeconds": 0}));
    for _ in 0..30 {
        world.pass();
        world.kubernetes();
        world.now += jiff::SignedDuration::from_secs(1);
    }
    assert_eq!(world.memory["c-fe-0"]["tablet_sched_disable_balance"], "false");
    assert_eq!(world.memory["c-fe-1"]["tablet_sched_disable_balance"], "true");
    assert!(!world.cluster.status.as_ref().unwrap().held_settings.is_empty());
    world.cut_off = None;
    world.settle();
    assert!(world.has_originals(), "{:?}", world.memory);
    assert!(world.cluster.status.as_ref().unwrap().held_settings.is_empty());
}

#[test]
fn a_preparation_that_the_fe_refuses_fails_instead_of_waiting() {
    let mut world = deployed("3.2.1");
    set_spec(&mut world, |spec| {
        spec["upgradePreparation"] =
            json!({"enabled": true, "hooks": [{"name": "disable-balancer", "critical": true}]});
    });
    world.refuses = Some("ERROR 5102: refused".to_owned());
    set_version(&mut world, "3.2.2");
    world.settle();
    let (stalled, message) = is_true(&world, ConditionType::Stalled).unwrap();
    assert!(stalled && message.contains("5102"), "{message}");
    assert_eq!(let_go(&world), [""; 0]);
}

#[test]
fn a_single_fe_with_a_broken_image_is_repaired_by_the_image_before() {
    let mut world = World::new(json!({
        "apiVersion": "starrocks.com/v1", "kind": "StarRocksCluster",
        "metadata": {"name": "c", "namespace": "ns", "uid": "uid", "generation": 1},
        "spec": {"starRocksFeSpec": {"image": "fe:3.2.1"}},
    }));
    world.settle();
    set_spec(&mut world, |spec| spec["starRocksFeSpec"]["image"] = "fe:broken".into());
    for _ in 0..60 {
        world.pass();
        world.kubernetes();
        world.now += jiff::SignedDuration::from_secs(1);
    }
    assert_eq!(world.components[&Component::Fe].ready_endpoints, 0);
    set_spec(&mut world, |spec| spec["starRocksFeSpec"]["image"] = "fe:3.2.1".into());
    world.settle();
    assert!(is_true(&world, ConditionType::Ready).unwrap().0, "{:#?}", world.cluster.status);
}

#[test]
fn fes_that_are_all_down_are_repaired_by_a_change_of_spec() {
    let mut world = deployed("3.2.1");
    for pod in &mut world.components.get_mut(&Component::Fe).unwrap().pods {
        pod.ready = false;
        pod.revision = "x|broken".to_owned();
    }
    set_spec(&mut world, |spec| spec["starRocksFeSpec"]["limits"] = json!({"memory": "8Gi"}));
    world.settle();
    assert_eq!(let_go(&world), ["c-fe-2", "c-fe-1", "c-fe-0"]);
    assert!(is_true(&world, ConditionType::Ready).unwrap().0);
}

#[test]
fn a_broken_image_stops_at_the_first_pod_and_a_better_one_goes_on() {
    let mut world = deployed("3.2.1");
    set_spec(&mut world, |spec| spec["starRocksBeSpec"]["image"] = "be:3.2.broken".into());
    for _ in 0..60 {
        world.pass();
        world.kubernetes();
    }
    assert_eq!(let_go(&world), ["c-be-2"]);
    set_spec(&mut world, |spec| spec["starRocksBeSpec"]["image"] = "be:3.2.3".into());
    world.settle();
    assert_eq!(let_go(&world), ["c-be-2", "c-be-2", "c-be-1", "c-be-0"]);
}
