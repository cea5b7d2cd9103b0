//! The FE proxy: the last in every order, without hooks, and at once where nothing else changes.

use crate::common::*;
use hookgate_operator::plan::{PreviewedProxy, RENDER_VERSION, preview};

fn with_proxy(version: &str, proxy: &Value) -> Value {
    let mut cluster = cluster(version);
    cluster["spec"]["starRocksFeProxySpec"] = proxy.clone();
    cluster
}

fn deployed_with_proxy(version: &str) -> World {
    let mut world = World::new(with_proxy(version, &json!({"image": "nginx:1", "replicas": 2})));
    world.settle();
    world.log.clear();
    world.events.clear();
    world
}

fn set_proxy(world: &mut World, field: &str, value: &Value) {
    set_spec(world, |spec| spec["starRocksFeProxySpec"][field] = value.clone());
}

/// What became of the proxy, in order.
fn of_proxy(world: &World) -> Vec<&Happening> {
    let is_of_proxy = |one: &&Happening| {
        matches!(one, Happening::Proxy(_) | Happening::ProxyScaled(_) | Happening::ProxyDeleted)
    };
    world.log.iter().filter(is_of_proxy).collect()
}

fn rolled(image: &str) -> Happening {
    Happening::Proxy(image.to_owned())
}

/// Its phase and reason.
fn said(world: &World) -> (String, String) {
    let status = world.cluster.status.as_ref().unwrap().star_rocks_fe_proxy_status.clone().unwrap();
    (status.phase, status.reason)
}

fn ready(world: &World) -> (bool, String) {
    is_true(world, ConditionType::Ready).unwrap()
}

#[test]
fn a_first_deployment_has_it_last_and_is_not_ready_before_it() {
    let mut world = World::new(with_proxy("3.2.1", &json!({"image": "nginx:1", "replicas": 2})));
    while world.proxy.deployment.is_none() {
        passes(&mut world, 1);
        assert!(!ready(&world).0);
        assert!(world.now.as_second() < 1_767_226_000, "it is created: {:?}", said(&world));
    }
    assert!(world.components.values().flat_map(|one| &one.pods).all(|pod| pod.ready), "all others are ready");
    assert!(!ready(&world).0, "the proxy isn't ready");
    world.settle();
    let created = [Component::Fe, Component::Be, Component::Cn].map(Happening::Created);
    let mut expected = created.to_vec();
    expected.push(rolled("nginx:1"));
    assert_eq!(world.log, expected);
    assert!(ready(&world).0, "{:?}", ready(&world));
    assert_eq!(said(&world), ("running".to_owned(), String::new()));
    let status = world.cluster.status.as_ref().unwrap().star_rocks_fe_proxy_status.as_ref().unwrap();
    assert_eq!(status.service_name, "c-fe-proxy-service");
    assert_eq!(status.resource_names, ["c-fe-proxy"]);
    assert_eq!(status.running_instances, ["c-fe-proxy-5c9-0", "c-fe-proxy-5c9-1"]);
}

#[test]
fn it_waits_for_a_component_that_is_not_ready_and_says_so() {
    let mut world = World::new(with_proxy("3.2.1", &json!({})));
    set_spec(&mut world, |spec| spec["starRocksCnSpec"]["image"] = "cn:broken".into());
    world.ordered_ready = true;
    passes(&mut world, 40);
    assert!(world.proxy.deployment.is_none(), "{:?}", world.log);
    let (phase, reason) = said(&world);
    assert_eq!(phase, "reconciling");
    assert!(reason.contains("it waits for CN: component not ready"), "{reason}");
}

#[test]
fn what_changes_together_with_others_is_rolled_after_them_up_and_down() {
    for (from, to, order) in [("3.2.1", "3.2.2", "c-fe-0"), ("3.2.2", "3.2.1", "c-cn-0")] {
        let mut world = deployed_with_proxy(from);
        world.leader = 0;
        set_version(&mut world, to);
        set_proxy(&mut world, "image", &json!("nginx:2"));
        passes(&mut world, 3);
        let wave = world.cluster.status.as_ref().unwrap().wave.as_ref().unwrap();
        assert!(wave.next.ends_with("then the FE proxy"), "{}", wave.next);
        assert!(said(&world).1.contains("it waits for the wave"), "{:?}", said(&world));
        world.settle();
        assert_eq!(of_proxy(&world), [&rolled("nginx:2")]);
        let last = let_go(&world).len();
        assert_eq!(last, 7);
        assert_eq!(let_go(&world)[last - 1], order);
        let is_of_others = |one: &Happening| matches!(one, Happening::LetGo(_) | Happening::Set { .. });
        let others = world.log.iter().rposition(is_of_others).unwrap();
        assert!(place(&world, |one| *one == rolled("nginx:2")) > others, "it comes last: {:?}", world.log);
        assert!(ready(&world).0);
        assert!(world.has_originals());
    }
}

#[test]
fn a_wave_that_does_not_end_keeps_it_as_it_is_but_for_its_size() {
    let mut world = deployed_with_proxy("3.2.1");
    set_version(&mut world, "3.2.2");
    set_proxy(&mut world, "image", &json!("nginx:2"));
    passes(&mut world, 3);
    let id = wave_id(&world);
    annotate(&mut world, "hookgate.dev/paused", &id);
    passes(&mut world, 40);
    set_proxy(&mut world, "replicas", &json!(3));
    passes(&mut world, 10);
    assert_eq!(of_proxy(&world), [&Happening::ProxyScaled(3)]);
    assert_eq!(world.proxy.deployment.as_ref().unwrap().image, "nginx:1");
    world.cluster.metadata.annotations = None;
    world.settle();
    assert_eq!(of_proxy(&world), [&Happening::ProxyScaled(3), &rolled("nginx:2")]);
    assert_eq!(world.proxy.deployment.as_ref().unwrap().replicas, 3);
}

#[test]
fn alone_it_changes_at_once_without_wave_and_hooks() {
    let mut world = deployed_with_proxy("3.2.1");
    set_proxy(&mut world, "image", &json!("nginx:2"));
    passes(&mut world, 1);
    assert_eq!(world.log, [rolled("nginx:2")]);
    assert!(!ready(&world).0, "not before its pods are replaced: {:?}", ready(&world));
    world.settle();
    assert_eq!(world.log, [rolled("nginx:2")], "nothing else is done");
    assert!(world.cluster.status.as_ref().unwrap().wave.is_none());
    assert!(ready(&world).0);
    world.log.clear();
    set_proxy(&mut world, "replicas", &json!(5));
    world.settle();
    assert_eq!(world.log, [Happening::ProxyScaled(5)]);
    assert!(ready(&world).0);
}

#[test]
fn a_rollout_that_does_not_go_on_is_told_with_the_way_out_and_ends_with_another_image() {
    let mut world = deployed_with_proxy("3.2.1");
    set_proxy(&mut world, "image", &json!("nginx:broken"));
    passes(&mut world, 10);
    let (is_ready, message) = ready(&world);
    assert!(!is_ready);
    for words in [
        "FE proxy: component not ready: Deployment rollout does not go on (2 of 2 pods replaced, 0 available)",
        "ProgressDeadlineExceeded",
        "pod c-fe-proxy-5c9-0: ImagePullBackOff",
        "Correct spec.starRocksFeProxySpec",
        "kubectl describe deployment c-fe-proxy",
    ] {
        assert!(message.contains(words), "{words}: {message}");
    }
    set_proxy(&mut world, "image", &json!("nginx:3"));
    world.settle();
    assert!(ready(&world).0, "{:?}", ready(&world));
}

#[test]
fn it_goes_when_the_spec_has_it_no_more_and_only_when_it_is_ours() {
    let mut world = deployed_with_proxy("3.2.1");
    set_spec(&mut world, |spec| spec["starRocksFeProxySpec"] = Value::Null);
    world.settle();
    assert_eq!(world.log, [Happening::ProxyDeleted]);
    assert!(world.cluster.status.as_ref().unwrap().star_rocks_fe_proxy_status.is_none());
    assert!(ready(&world).0);

    let mut world = deployed_with_proxy("3.2.1");
    world.proxy.deployment.as_mut().unwrap().rendered_hash = None;
    set_spec(&mut world, |spec| spec["starRocksFeProxySpec"] = Value::Null);
    world.settle();
    assert_eq!(world.log, [], "it is another operator's");
}

#[test]
fn another_operators_deployment_is_left_alone_until_it_is_adopted() {
    let mut world = deployed_with_proxy("3.2.1");
    let live = world.proxy.deployment.as_mut().unwrap();
    (live.rendered_hash, live.managers) = (None, vec!["sroperator".to_owned()]);
    set_proxy(&mut world, "image", &json!("nginx:2"));
    set_proxy(&mut world, "replicas", &json!(4));
    world.settle();
    assert_eq!(world.log, []);
    let (is_stalled, message) = is_true(&world, ConditionType::Stalled).unwrap();
    assert!(is_stalled, "{message}");
    assert!(
        message.contains("Deployment c-fe-proxy is managed by another operator (sroperator)"),
        "{message}"
    );
    assert!(message.contains("kubectl annotate src c hookgate.dev/adopt=uid"), "{message}");
    annotate(&mut world, "hookgate.dev/adopt", "uid");
    world.settle();
    assert_eq!(of_proxy(&world), [&rolled("nginx:2")]);
    assert!(ready(&world).0);
}

#[test]
fn a_cluster_that_is_left_alone_keeps_it_as_it_is() {
    let mut world = deployed_with_proxy("3.2.1");
    annotate(&mut world, "starrocks.com/ignored", "true");
    set_proxy(&mut world, "image", &json!("nginx:2"));
    world.settle();
    assert_eq!(world.log, []);
}

#[test]
fn a_version_that_renders_it_differently_restarts_nothing_and_still_scales() {
    let mut world = deployed_with_proxy("3.2.1");
    world.proxy.deployment.as_mut().unwrap().rendered_hash = Some("earlier".to_owned());
    world.proxy.config_map = Some("earlier".to_owned());
    world.settle();
    assert_eq!(world.log, []);
    assert_eq!(world.proxy.config_map.as_deref(), Some("earlier"), "its pods have the earlier one");
    assert!(ready(&world).0);
    let (is_outdated, message) = is_true(&world, ConditionType::RenderingOutdated).unwrap();
    assert!(is_outdated && message.contains("would give FE proxy other pod templates"), "{message}");
    set_proxy(&mut world, "replicas", &json!(3));
    world.settle();
    assert_eq!(world.log, [Happening::ProxyScaled(3)]);
    annotate(&mut world, "hookgate.dev/apply-rendering", RENDER_VERSION);
    world.settle();
    assert_eq!(of_proxy(&world), [&Happening::ProxyScaled(3), &rolled("nginx:1")]);
}

#[test]
fn what_somebody_deletes_comes_back() {
    let mut world = deployed_with_proxy("3.2.1");
    let whole = world.proxy.clone();
    (world.proxy.config_map, world.proxy.service) = (None, None);
    world.settle();
    assert_eq!((&world.proxy.config_map, &world.proxy.service), (&whole.config_map, &whole.service));
    assert_eq!(world.log, [], "no pod is replaced for it");
    world.proxy.deployment = None;
    world.settle();
    assert_eq!(world.log, [rolled("nginx:1")]);
    assert!(ready(&world).0);
}

#[test]
fn after_an_abort_it_stays_as_it_was() {
    let mut world = deployed_with_proxy("3.2.1");
    set_version(&mut world, "3.2.2");
    set_proxy(&mut world, "image", &json!("nginx:2"));
    until_let_go(&mut world, "c-be-1");
    let id = wave_id(&world);
    annotate(&mut world, "hookgate.dev/abort", &id);
    world.settle();
    assert!(all_at(&world, "3.2.1"));
    assert_eq!(of_proxy(&world), [] as [&Happening; 0]);
    set_version(&mut world, "3.2.3");
    world.settle();
    assert_eq!(of_proxy(&world), [&rolled("nginx:2")]);
}

#[test]
fn it_is_told_what_would_become_of_it() {
    let told = |world: &World| preview(&world.observation(), &World::tuning(), world.now).unwrap();
    let mut world = deployed_with_proxy("3.2.1");
    assert!(told(&world).is_nothing());
    set_proxy(&mut world, "image", &json!("nginx:2"));
    set_proxy(&mut world, "replicas", &json!(3));
    let rolled = PreviewedProxy::Rolled("nginx:1".to_owned(), "nginx:2".to_owned());
    assert_eq!(told(&world).proxy, [rolled, PreviewedProxy::Scaled(2, 3)]);
    assert!(!told(&world).is_nothing());
    set_spec(&mut world, |spec| spec["starRocksFeProxySpec"] = Value::Null);
    assert_eq!(told(&world).proxy, [PreviewedProxy::Deleted]);
    let world = World::new(with_proxy("3.2.1", &json!({})));
    assert_eq!(told(&world).proxy, [PreviewedProxy::Created(1)]);
}
