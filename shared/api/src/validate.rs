//! What is wrong with a spec, in words that name the way out.
//!
//! The webhook answers with these words at admission, the operator in the `Stalled` condition, the command line
//! at lint: the schema of the CRD leaves these checks to this module, so that all three say the same.

use crate::{
    Component, StarRocksClusterSpec,
    cluster::FeProxySpec,
    defaults::{MAX_HOLD_SECONDS, MAX_TIMEOUT_SECONDS, MIN_TIMEOUT_SECONDS},
    gate::{MAX_GATE_SECONDS, RolloutGate},
    hooks::{PredefinedHook, UpgradeHooks, UpgradePreparation},
};
use k8s_openapi::api::apps::v1::StatefulSetUpdateStrategy;
use std::fmt;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The field, as `spec.starRocksFeSpec.upgradeHooks.timeoutSeconds`.
    pub path: String,
    /// What is wrong with it, and what is allowed.
    pub message: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.message)
    }
}

/// Everything that is wrong with a spec; empty when it can be acted upon.
pub fn validate(spec: &StarRocksClusterSpec) -> Vec<Violation> {
    let mut violations = Vec::new();
    if spec.star_rocks_fe_spec.is_none() {
        push(&mut violations, "spec.starRocksFeSpec", "required: a cluster has at least one FE");
    }
    for component in spec.components() {
        validate_component(spec, component, &mut violations);
    }
    if let Some(proxy) = &spec.star_rocks_fe_proxy_spec {
        validate_proxy(proxy, &mut violations);
    }
    if let Some(seconds) = spec.max_hold_seconds.filter(|seconds| !MAX_HOLD_SECONDS.contains(seconds)) {
        let (least, most) = (MAX_HOLD_SECONDS.start(), MAX_HOLD_SECONDS.end());
        let message = format!("invalid value {seconds}: must be between {least} and {most} seconds");
        push(&mut violations, "spec.maxHoldSeconds", &message);
    }
    if let Some(preparation) = &spec.upgrade_preparation {
        validate_preparation(preparation, &mut violations);
    }
    let problems = spec.upgrade_window.as_ref().and_then(|window| window.understand().err());
    for problem in problems.into_iter().flatten() {
        push(&mut violations, &format!("spec.upgradeWindow.{}", problem.field), &problem.message);
    }
    violations
}

fn validate_component(spec: &StarRocksClusterSpec, component: Component, violations: &mut Vec<Violation>) {
    let Some(server) = spec.server(component) else { return };
    let path = format!("spec.{}", component.spec_field());
    if server.common.image.is_empty() {
        push(violations, &format!("{path}.image"), "required: the image that the component runs");
    }
    let least = if component == Component::Fe { 1 } else { 0 };
    if server.common.replicas() < least {
        push(
            violations,
            &format!("{path}.replicas"),
            &format!("invalid value {}: must be at least {least}", server.common.replicas()),
        );
    }
    if let Some(policy) = server.pod_management_policy.as_deref()
        && !["Parallel", "OrderedReady"].contains(&policy)
    {
        push(
            violations,
            &format!("{path}.podManagementPolicy"),
            &format!("unsupported value {policy:?}; allowed values: Parallel, OrderedReady"),
        );
    }
    if let Some(gate) = &server.rollout_gate {
        validate_gate(gate, &format!("{path}.rolloutGate"), violations);
    }
    if let Some(strategy) = &server.update_strategy {
        validate_strategy(strategy, &format!("{path}.updateStrategy"), violations);
    }
    if let Some(hooks) = &server.upgrade_hooks {
        validate_hooks(hooks, &format!("{path}.upgradeHooks"), violations);
    }
}

fn validate_proxy(proxy: &FeProxySpec, violations: &mut Vec<Violation>) {
    let replicas = proxy.common.replicas();
    if replicas < 0 {
        let message = format!("invalid value {replicas}: must be at least 0");
        push(violations, "spec.starRocksFeProxySpec.replicas", &message);
    }
    // It becomes a part of nginx.conf, and must not be able to become more of it than this.
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || b".:-[]=".contains(&byte);
    let is_server = |word: &str| !word.is_empty() && word.bytes().all(is_word);
    if !proxy.resolver.is_empty() && !proxy.resolver.split(' ').all(is_server) {
        let message = format!(
            "invalid value {:?}: must be DNS servers, separated by single spaces: names or addresses of letters, digits \
             and any of . : - [ ] =",
            proxy.resolver
        );
        push(violations, "spec.starRocksFeProxySpec.resolver", &message);
    }
}

fn validate_gate(gate: &RolloutGate, path: &str, violations: &mut Vec<Violation>) {
    if let (None, Some(check)) = (gate.check(), &gate.check) {
        let message = format!("unsupported value {check:?}; allowed values: Alive, Tablets");
        push(violations, &format!("{path}.check"), &message);
    }
    if let (None, Some(canary)) = (gate.canary(), &gate.canary) {
        let message = format!("unsupported value {canary}; allowed values: true, false, Rollback");
        push(violations, &format!("{path}.canary"), &message);
    }
    for (field, value, least) in
        [("pauseSeconds", gate.pause_seconds, 0), ("timeoutSeconds", gate.timeout_seconds, 1)]
    {
        if let Some(seconds) = value.filter(|seconds| !(least..=MAX_GATE_SECONDS).contains(seconds)) {
            let message =
                format!("invalid value {seconds}: must be between {least} and {MAX_GATE_SECONDS} seconds");
            push(violations, &format!("{path}.{field}"), &message);
        }
    }
}

fn validate_strategy(strategy: &StatefulSetUpdateStrategy, path: &str, violations: &mut Vec<Violation>) {
    if let Some(type_) = strategy.type_.as_deref()
        && !["RollingUpdate", "OnDelete"].contains(&type_)
    {
        let message = format!("unsupported value {type_:?}; allowed values: RollingUpdate, OnDelete");
        push(violations, &format!("{path}.type"), &message);
    }
    let partition = strategy.rolling_update.as_ref().and_then(|rolling| rolling.partition);
    if let Some(partition) = partition.filter(|partition| *partition < 0) {
        let message = format!("invalid value {partition}: must be 0 or greater");
        push(violations, &format!("{path}.rollingUpdate.partition"), &message);
    }
}

fn validate_hooks(hooks: &UpgradeHooks, path: &str, violations: &mut Vec<Violation>) {
    if let Some(seconds) = hooks.timeout_seconds
        && !(i64::from(MIN_TIMEOUT_SECONDS)..=i64::from(MAX_TIMEOUT_SECONDS)).contains(&seconds)
    {
        push(
            violations,
            &format!("{path}.timeoutSeconds"),
            &format!(
                "invalid value {seconds}: must be between {MIN_TIMEOUT_SECONDS} and {MAX_TIMEOUT_SECONDS} seconds"
            ),
        );
    }
    if let (None, Some(when)) = (hooks.when(), &hooks.when) {
        let message = format!("unsupported value {when:?}; allowed values: Upgrades, Always");
        push(violations, &format!("{path}.when"), &message);
    }
    for (index, name) in hooks.predefined.iter().enumerate() {
        if let Err(error) = name.parse::<PredefinedHook>() {
            push(violations, &format!("{path}.predefined[{index}]"), &error.to_string());
        }
    }
    if let Some(custom) = &hooks.custom {
        if custom.config_map_name.is_empty() {
            push(
                violations,
                &format!("{path}.custom.configMapName"),
                "required: the name of the ConfigMap, in the cluster's namespace, that holds the script",
            );
        } else if !is_object_name(&custom.config_map_name) {
            push(
                violations,
                &format!("{path}.custom.configMapName"),
                &format!(
                    "invalid value {:?}: must be the name of a ConfigMap (at most 253 lower-case letters, digits, \
                     '-' and '.', beginning and ending with a letter or digit)",
                    custom.config_map_name
                ),
            );
        }
        if !is_key(custom.script_key()) {
            push(
                violations,
                &format!("{path}.custom.scriptKey"),
                &format!(
                    "invalid value {:?}: must be a key of a ConfigMap (at most 253 letters, digits, '-', '_' and '.')",
                    custom.script_key()
                ),
            );
        }
    }
}

fn validate_preparation(preparation: &UpgradePreparation, violations: &mut Vec<Violation>) {
    for (index, hook) in preparation.hooks.iter().enumerate() {
        let path = format!("spec.upgradePreparation.hooks[{index}]");
        if hook.name.is_empty() {
            push(violations, &format!("{path}.name"), "required: the name that the status shows");
        }
        if hook.command.trim().is_empty()
            && let Err(error) = hook.name.parse::<PredefinedHook>()
        {
            push(
                violations,
                &format!("{path}.command"),
                &format!("required: a SQL statement; without one, {error}"),
            );
        }
    }
}

fn push(violations: &mut Vec<Violation>, path: &str, message: &str) {
    violations.push(Violation { path: path.to_owned(), message: message.to_owned() });
}

/// RFC 1123 subdomain: what the API server takes as the name of a ConfigMap.
fn is_object_name(name: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    name.len() <= 253 && name.split('.').all(label)
}

/// What the API server takes as a key of a ConfigMap.
fn is_key(key: &str) -> bool {
    !key.is_empty()
        && key.len() <= 253
        && !key.starts_with("..")
        && key != "."
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn violations(fe: &serde_json::Value) -> Vec<String> {
        let mut spec = json!({"starRocksFeSpec": {"image": "starrocks/fe-ubuntu:3.2.2"}});
        if let (Some(target), Some(extra)) = (spec["starRocksFeSpec"].as_object_mut(), fe.as_object()) {
            target.extend(extra.clone());
        }
        let spec: StarRocksClusterSpec = serde_json::from_value(spec).unwrap();
        validate(&spec).iter().map(ToString::to_string).collect()
    }

    fn hooks(value: &serde_json::Value) -> Vec<String> {
        violations(&json!({"upgradeHooks": value}))
    }

    #[test]
    fn the_bounds_of_the_timeout() {
        for seconds in [1, 300, 3600] {
            assert_eq!(hooks(&json!({"timeoutSeconds": seconds})), [""; 0]);
        }
        for seconds in [0, 3601, -1, i64::MAX] {
            assert_eq!(
                hooks(&json!({"timeoutSeconds": seconds})),
                [format!(
                    "spec.starRocksFeSpec.upgradeHooks.timeoutSeconds: invalid value {seconds}: must be between 1 \
                     and 3600 seconds"
                )]
            );
        }
    }

    #[test]
    fn an_unknown_predefined_hook_is_named_with_the_allowed_ones() {
        let found = hooks(&json!({"predefined": ["disable-balancer", "disable-all"]}));
        assert_eq!(
            found,
            [
                "spec.starRocksFeSpec.upgradeHooks.predefined[1]: unknown predefined hook \"disable-all\"; allowed \
              values: disable-tablet-clone, disable-balancer, enable-tablet-clone, enable-balancer"
            ]
        );
    }

    #[test]
    fn a_custom_hook_names_a_config_map() {
        assert!(hooks(&json!({"custom": {}}))[0].contains("custom.configMapName: required"));
        assert!(
            hooks(&json!({"custom": {"configMapName": "../x"}}))[0]
                .contains("must be the name of a ConfigMap")
        );
        assert!(
            hooks(&json!({"custom": {"configMapName": "x", "scriptKey": "a/b"}}))[0].contains("scriptKey")
        );
        assert_eq!(hooks(&json!({"custom": {"configMapName": "fe-hooks.v2"}})), [""; 0]);
    }

    #[test]
    fn a_cluster_has_an_fe_with_an_image_and_a_pod() {
        assert_eq!(validate(&StarRocksClusterSpec::default())[0].path, "spec.starRocksFeSpec");
        assert_eq!(
            violations(&json!({"image": ""}))[0],
            "spec.starRocksFeSpec.image: required: the image that the component runs"
        );
        assert!(violations(&json!({"replicas": 0}))[0].contains("must be at least 1"));
    }

    #[test]
    fn the_resolver_of_the_proxy_becomes_nothing_but_a_resolver() {
        let proxy = |proxy: serde_json::Value| {
            let spec: StarRocksClusterSpec = serde_json::from_value(json!({
                "starRocksFeSpec": {"image": "fe:3.2.2"}, "starRocksFeProxySpec": proxy,
            }))
            .unwrap();
            validate(&spec).iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        for good in ["", "10.96.0.10", "dns.kube-system.svc:5353 [fd00::a] ipv6=off"] {
            assert_eq!(proxy(json!({"resolver": good, "replicas": 0})), [""; 0], "{good}");
        }
        for bad in ["a; lua_code x", "a}", " a", "a  b", "a\n", "$host", "#", "\"a\""] {
            let said = proxy(json!({"resolver": bad}));
            assert!(
                said.len() == 1 && said[0].starts_with("spec.starRocksFeProxySpec.resolver: "),
                "{said:?}"
            );
            assert!(said[0].contains("must be DNS servers"), "{said:?}");
        }
        let said = proxy(json!({"replicas": -1}));
        assert_eq!(said, ["spec.starRocksFeProxySpec.replicas: invalid value -1: must be at least 0"]);
    }

    #[test]
    fn a_window_that_can_not_be_understood_is_named_by_its_fields() {
        let spec: StarRocksClusterSpec = serde_json::from_value(json!({
            "starRocksFeSpec": {"image": "fe:3.2.2"},
            "upgradeWindow": {"schedule": "at night", "duration": "long"},
        }))
        .unwrap();
        let found: Vec<_> = validate(&spec).into_iter().map(|violation| violation.path).collect();
        assert_eq!(found, ["spec.upgradeWindow.schedule", "spec.upgradeWindow.duration"]);
    }

    #[test]
    fn a_rollout_gate_is_told_what_is_allowed() {
        let gate = |value: serde_json::Value| violations(&json!({"rolloutGate": value}));
        let good =
            json!({"check": "Tablets", "canary": "Rollback", "pauseSeconds": 0, "timeoutSeconds": 86400});
        assert_eq!(gate(good), [""; 0]);
        let path = "spec.starRocksFeSpec.rolloutGate";
        for (value, expected) in [
            (json!({"check": "alive"}), "check: unsupported value \"alive\"; allowed values: Alive, Tablets"),
            (
                json!({"canary": "true"}),
                "canary: unsupported value \"true\"; allowed values: true, false, Rollback",
            ),
            (
                json!({"pauseSeconds": -1}),
                "pauseSeconds: invalid value -1: must be between 0 and 86400 seconds",
            ),
            (
                json!({"timeoutSeconds": 0}),
                "timeoutSeconds: invalid value 0: must be between 1 and 86400 seconds",
            ),
        ] {
            assert_eq!(gate(value), [format!("{path}.{expected}")]);
        }
    }

    #[test]
    fn an_update_strategy_is_one_that_kubernetes_has() {
        let strategy = |value: serde_json::Value| violations(&json!({"updateStrategy": value}));
        assert_eq!(strategy(json!({"type": "OnDelete"})), [""; 0]);
        assert_eq!(strategy(json!({"rollingUpdate": {"partition": 0}})), [""; 0]);
        assert!(strategy(json!({"type": "Recreate"}))[0].contains("allowed values: RollingUpdate, OnDelete"));
        assert!(strategy(json!({"rollingUpdate": {"partition": -1}}))[0].contains("must be 0 or greater"));
    }

    #[test]
    fn a_preparation_hook_has_a_statement_or_a_known_name() {
        let check = |hook: serde_json::Value| {
            let spec: StarRocksClusterSpec = serde_json::from_value(json!({
                "starRocksFeSpec": {"image": "fe:3.2.2"},
                "upgradePreparation": {"enabled": true, "hooks": [hook]},
            }))
            .unwrap();
            validate(&spec).iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(check(json!({"name": "disable-balancer"})), [""; 0]);
        assert_eq!(check(json!({"name": "x", "command": "SELECT 1"})), [""; 0]);
        assert!(check(json!({"name": "x"}))[0].contains("command: required: a SQL statement"));
        assert!(check(json!({"command": "SELECT 1"}))[0].contains("name: required"));
    }
}
