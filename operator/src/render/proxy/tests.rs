use super::*;
use serde_json::{Value, json};

fn cluster(proxy: &Value) -> StarRocksCluster {
    serde_json::from_value(json!({
        "apiVersion": "starrocks.com/v1", "kind": "StarRocksCluster",
        "metadata": {"name": "c", "namespace": "ns", "uid": "uid"},
        "spec": {"starRocksFeSpec": {"image": "fe:3.2.1"}, "starRocksFeProxySpec": proxy},
    }))
    .unwrap()
}

fn rendered(spec: &Value) -> RenderedProxy {
    proxy(&cluster(spec), &Configuration::default(), None).unwrap().unwrap()
}

fn conf(rendered: &RenderedProxy) -> &str {
    &rendered.config_map().data.as_ref().unwrap()["nginx.conf"]
}

#[test]
fn its_objects_are_named_as_the_upstream_operator_names_them() {
    let proxy = rendered(&json!({"replicas": 2}));
    assert_eq!(proxy.deployment().name_any(), "c-fe-proxy");
    assert_eq!(proxy.config_map().name_any(), "c-fe-proxy");
    assert_eq!(proxy.service().name_any(), "c-fe-proxy-service");
    let spec = proxy.deployment().spec.as_ref().unwrap();
    assert_eq!(spec.replicas, Some(2));
    let selector = spec.selector.match_labels.as_ref().unwrap();
    assert_eq!(selector[names::OWNER_LABEL], "c-fe-proxy");
    assert_eq!(selector[names::COMPONENT_LABEL], "fe-proxy");
    assert_eq!(proxy.deployment().labels()[names::OWNER_LABEL], "c");
    let container = &spec.template.spec.as_ref().unwrap().containers[0];
    assert_eq!((container.name.as_str(), proxy.image()), ("nginx", "nginx:1.24.0"));
    let mount = &container.volume_mounts.as_ref().unwrap()[0];
    assert_eq!(mount.mount_path, "/etc/nginx");
    let probe = container.readiness_probe.as_ref().and_then(|probe| probe.http_get.as_ref()).unwrap();
    assert_eq!(probe.path.as_deref(), Some("/nginx/health"));
    let ports = proxy.service().spec.as_ref().unwrap().ports.clone().unwrap();
    assert_eq!((ports[0].name.as_deref(), ports[0].port), (Some("http-port"), 8080));
}

#[test]
fn the_configuration_has_the_clusters_names_and_fes_port() {
    let fe = Configuration::parse("http_port = 18030\n");
    let proxy = proxy(&cluster(&json!({"resolver": "10.96.0.10 ipv6=off"})), &fe, None).unwrap().unwrap();
    let conf = conf(&proxy);
    assert!(conf.contains("set $fe http://c-fe-service.ns.svc.cluster.local:18030;"), "{conf}");
    assert!(conf.contains("resolver 10.96.0.10 ipv6=off valid=10s;"), "{conf}");
    assert!(conf.contains(r#""~^https?://[^/]*\.c-fe-search\." @fe;"#), "{conf}");
    assert!(conf.contains("listen 8080;") && conf.contains("location = /nginx/health {"), "{conf}");
    assert_eq!(conf.matches('{').count(), conf.matches('}').count());
    let upper = conf.split('@').skip(1).find(|rest| rest.starts_with(char::is_uppercase));
    assert_eq!(upper, None, "every value is filled in");
}

#[test]
fn another_configuration_is_another_template_and_another_number_of_pods_is_not() {
    let bare = rendered(&json!({}));
    assert_eq!(rendered(&json!({"replicas": 3})).hash(), bare.hash());
    assert_eq!(rendered(&json!({"replicas": 3})).inputs(), bare.inputs());
    let typed = rendered(&json!({"service": {"type": "NodePort"}}));
    assert_eq!((typed.hash(), typed.inputs()), (bare.hash(), bare.inputs()));
    let rendered_hash =
        |proxy: &RenderedProxy| proxy.service().annotations()[annotations::RENDERED_HASH].clone();
    assert_ne!(rendered_hash(&typed), rendered_hash(&bare));
    for other in [json!({"resolver": "10.96.0.10"}), json!({"image": "nginx:1.26.0"})] {
        assert_ne!(rendered(&other).hash(), bare.hash(), "{other}");
        assert_ne!(rendered(&other).inputs(), bare.inputs(), "{other}");
    }
    let fe = Configuration::parse("http_port = 18030\n");
    let moved = proxy(&cluster(&json!({})), &fe, None).unwrap().unwrap();
    assert_ne!((moved.hash(), moved.inputs()), (bare.hash(), bare.inputs()));
}

/// When this fails, a new version of Hookgate renders the same spec differently. That's allowed, and restarts nobody by
/// itself: raise `RENDER_VERSION` together with it. The inputs must never change.
#[test]
fn the_rendering_has_a_version() {
    let proxy =
        rendered(&json!({"image": "nginx:1.24.0", "limits": {"memory": "1Gi"}, "podLabels": {"a": "b"}}));
    assert_eq!(crate::plan::RENDER_VERSION, "1");
    assert_eq!((proxy.hash(), proxy.inputs()), ("831e1606c21b5669", "ffa3727bae1f55cf"));
}

#[test]
fn a_live_selector_stays_and_finds_the_pods() {
    let live = BTreeMap::from([("app".to_owned(), "proxy".to_owned())]);
    let proxy = proxy(&cluster(&json!({})), &Configuration::default(), Some(&live)).unwrap().unwrap();
    let spec = proxy.deployment().spec.as_ref().unwrap();
    assert_eq!(spec.selector.match_labels.as_ref(), Some(&live));
    let labels = spec.template.metadata.as_ref().unwrap().labels.as_ref().unwrap();
    assert_eq!((labels["app"].as_str(), labels[names::OWNER_LABEL].as_str()), ("proxy", "c-fe-proxy"));
}

#[test]
fn a_cluster_without_a_proxy_renders_none() {
    let mut cluster = cluster(&json!({}));
    cluster.spec.star_rocks_fe_proxy_spec = None;
    assert!(proxy(&cluster, &Configuration::default(), None).unwrap().is_none());
}
