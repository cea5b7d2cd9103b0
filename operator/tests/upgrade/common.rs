//! What the tests share: a cluster, changes of its spec, and questions to the world.

pub use crate::world::{Happening, World};
pub use hookgate_api::{
    Component,
    status::{ConditionType, Direction, HookResult, Trigger, UpgradePhase, UpgradeState, Wave, condition},
};
pub use hookgate_operator::observation::{
    Judgement, ObservedApproval, ObservedJob, ObservedRun, ObservedScript, Waiting,
};
pub use serde_json::{Value, json};

pub fn cluster(version: &str) -> Value {
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

pub fn deployed(version: &str) -> World {
    let mut world = World::new(cluster(version));
    world.settle();
    world.log.clear();
    world.events.clear();
    world
}

pub fn set_spec(world: &mut World, change: impl FnOnce(&mut Value)) {
    let mut value = serde_json::to_value(&world.cluster.spec).unwrap();
    change(&mut value);
    world.cluster.spec = serde_json::from_value(value).unwrap();
    *world.cluster.metadata.generation.as_mut().unwrap() += 1;
}

pub fn set_version(world: &mut World, version: &str) {
    set_spec(world, |spec| {
        for name in ["fe", "be", "cn"] {
            let field = format!("starRocks{}{}Spec", name[..1].to_uppercase(), &name[1..]);
            spec[&field]["image"] = format!("{name}:{version}").into();
        }
    });
}

pub fn let_go(world: &World) -> Vec<&str> {
    world
        .log
        .iter()
        .filter_map(|one| if let Happening::LetGo(pod) = one { Some(pod.as_str()) } else { None })
        .collect()
}

pub fn place(world: &World, what: impl Fn(&Happening) -> bool) -> usize {
    world.log.iter().position(what).unwrap()
}

pub fn is_true(world: &World, type_: ConditionType) -> Option<(bool, String)> {
    let status = world.cluster.status.as_ref()?;
    condition(&status.conditions, type_).map(|one| (one.status == "True", one.message.clone()))
}

/// Passes until that pod has been let go.
pub fn until_let_go(world: &mut World, pod: &str) {
    for _ in 0..200 {
        if let_go(world).contains(&pod) {
            return;
        }
        passes(world, 1);
    }
    panic!("{pod} was not let go: {:?}", world.log);
}

pub fn all_at(world: &World, version: &str) -> bool {
    world.components.values().flat_map(|observed| &observed.pods).all(|pod| pod.revision.ends_with(version))
}

pub fn annotate(world: &mut World, name: &str, value: &str) {
    let annotations = world.cluster.metadata.annotations.get_or_insert_default();
    annotations.insert(name.to_owned(), value.to_owned());
}

/// The wave in flight.
pub fn wave(world: &World) -> Wave {
    world.cluster.status.as_ref().unwrap().wave.clone().unwrap()
}

/// Passes until that component is done.
pub fn until_completed(world: &mut World, component: Component) {
    for _ in 0..300 {
        if world.phase(component) == Some(UpgradePhase::Completed) {
            return;
        }
        passes(world, 1);
    }
    panic!("{component} was not completed: {:?}", world.log);
}

/// The id of the wave in flight.
pub fn wave_id(world: &World) -> String {
    world.cluster.status.as_ref().unwrap().wave.as_ref().unwrap().id.clone()
}

/// What the wave waits for: reason, message, gate.
pub fn waits_for(world: &World) -> (String, String, Option<String>) {
    let wave = world.cluster.status.as_ref().unwrap().wave.clone().unwrap();
    let waiting = wave.waiting_for.unwrap();
    (waiting.reason, waiting.message, waiting.gate)
}

/// So many passes, with a second between them in which Kubernetes does its part.
pub fn passes(world: &mut World, count: usize) {
    for _ in 0..count {
        world.pass();
        world.kubernetes();
        world.now += jiff::SignedDuration::from_secs(1);
    }
}

/// Whether FEs have other settings than their own, as the status has it.
pub fn holds_any(world: &World) -> bool {
    world.cluster.status.iter().any(|status| status.held_in_force().next().is_some())
}

/// Takes the upgrade to its end, and looks at every FE that is there whenever a pod has been let go.
pub fn settle_with_settings_held(world: &mut World) {
    roll_with_settings_held(world);
    assert_eq!(let_go(world).len(), 7);
}

/// The same, however many pods go.
pub fn roll_with_settings_held(world: &mut World) {
    for _ in 0..400 {
        let gone = let_go(world).len();
        world.pass();
        world.kubernetes();
        if let_go(world).len() > gone {
            for (pod, memory) in &world.memory {
                let back = world.components[&Component::Fe].pods.iter().any(|fe| &fe.name == pod && fe.ready);
                assert!(!back || memory["tablet_sched_disable_balance"] == "true", "{pod}: {memory:?}");
            }
        }
        world.now += jiff::SignedDuration::from_secs(1);
    }
}

/// How the upgrade of a component goes, or how the last one went.
pub fn upgrade_state(world: &World, component: Component) -> UpgradeState {
    let status = world.cluster.status.as_ref().unwrap();
    status.component(component).unwrap().upgrade_state.clone().unwrap()
}

/// An upgrade that the user has aborted while BE was rolled, taken to its end.
pub fn aborted_in_mid_roll() -> World {
    let mut world = deployed("3.2.1");
    set_version(&mut world, "3.2.2");
    until_let_go(&mut world, "c-be-1");
    let id = wave_id(&world);
    annotate(&mut world, "hookgate.dev/abort", &id);
    world.settle();
    world
}
