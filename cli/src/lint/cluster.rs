//! StarRocksClusters: their spec, their SQL, and what they refer to.

use super::locate::locate;
use super::{Diagnostic, Manifest, Outcome, Place, Reference, Scope, parse};
use crate::manifest::{Kind, Object};
use hookgate_api::annotations::{PREPARE_UPGRADE, UPGRADE_HOOKS};
use hookgate_api::defaults::MAX_TIMEOUT_SECONDS;
use hookgate_api::policy::{EffectivePolicy, Ruling};
use hookgate_api::unserved::unserved_fields;
use hookgate_api::validate::validate;
use hookgate_policy::{RuleId, Severity, cluster_rules};
use std::collections::BTreeSet;
use std::ops::Range;

/// Checks the clusters and returns what they refer to.
pub(super) fn check<'a>(
    manifests: &'a [Manifest<'a>],
    scope: &Scope<'_>,
    outcome: &mut Outcome,
) -> Vec<Reference<'a>> {
    let mut references = Vec::new();
    for manifest in manifests {
        for cluster in manifest.objects.iter().filter(|object| matches!(object.kind, Kind::Cluster)) {
            outcome.clusters += 1;
            let policy = &scope.policy(&cluster.meta.namespace);
            let mut reporter = Reporter { manifest, cluster, policy, outcome };
            references.extend(check_one(&mut reporter, manifest, cluster));
        }
    }
    references
}

fn check_one<'a>(
    reporter: &mut Reporter<'_>,
    manifest: &'a Manifest<'a>,
    cluster: &'a Object,
) -> Vec<Reference<'a>> {
    const COMPARE: &str = "compare the field with `kubectl explain starrockscluster.spec`";
    let Some(json) = cluster.node.to_json() else {
        reporter.error(cluster_rules::SPEC, "", "its aliases make it too large".to_owned(), "write it out");
        return Vec::new();
    };
    reporter.annotations();
    let parsed = match parse::cluster(&json) {
        Ok(parsed) => parsed,
        Err(parse::WrongField { path, message }) => {
            let message = format!("the StarRocksCluster cannot be read: {path}: {message}");
            reporter.error(cluster_rules::SPEC, &path, message, COMPARE);
            return Vec::new();
        }
    };
    for violation in validate(&parsed.spec) {
        reporter.error(cluster_rules::SPEC, &violation.path, violation.to_string(), COMPARE);
    }
    for field in unserved_fields(&parsed.spec) {
        let message = format!("{field} is accepted, but not served by this version of Hookgate");
        reporter.report(
            cluster_rules::UNSERVED_FIELD,
            Severity::Warning,
            &field,
            message,
            "leave the field away, or handle what it asks for yourself",
        );
    }
    for component in parsed.spec.components() {
        let Some(hooks) = parsed.spec.upgrade_hooks(component) else { continue };
        let seconds = hooks.timeout_seconds();
        // What no policy could allow has been said above.
        if seconds > i64::from(MAX_TIMEOUT_SECONDS) {
            continue;
        }
        for Ruling { finding: most, effect, policies } in reporter.policy.check_timeout(seconds) {
            let path = format!("spec.{}.upgradeHooks.timeoutSeconds", component.spec_field());
            let names: Vec<String> = policies.iter().map(ToString::to_string).collect();
            let names = names.join(", ");
            let message =
                format!("{path}: invalid value {seconds}: HookPolicy {names} allows at most {most} seconds");
            let range = locate(&cluster.node, &path);
            reporter.push(
                cluster_rules::SPEC,
                effect.severity(),
                &range,
                message,
                "allow the hook less time",
            );
        }
    }
    let hooks = parsed.spec.upgrade_preparation.iter().flat_map(|preparation| &preparation.hooks);
    for (index, hook) in hooks.enumerate().filter(|(_, hook)| !hook.command.trim().is_empty()) {
        for Ruling { finding, effect, .. } in reporter.policy.check_sql(&hook.command) {
            let path = format!("spec.upgradePreparation.hooks[{index}].command");
            let message = format!("{path}: {}", finding.message);
            let help = format!("`hookgate explain {}` lists what a hook may send", finding.rule);
            let range = locate(&cluster.node, &path);
            reporter.push(finding.rule, effect.severity(), &range, message, &help);
        }
    }
    parsed
        .custom_hooks()
        .filter(|(_, config_map, _)| !config_map.is_empty())
        .map(|(component, config_map, key)| Reference {
            manifest,
            cluster,
            path: format!("spec.{}.upgradeHooks.custom.configMapName", component.spec_field()),
            config_map: config_map.to_owned(),
            key: key.to_owned(),
        })
        .collect()
}

struct Reporter<'a> {
    manifest: &'a Manifest<'a>,
    cluster: &'a Object,
    policy: &'a EffectivePolicy,
    outcome: &'a mut Outcome,
}

impl Reporter<'_> {
    fn error(&mut self, rule: RuleId, path: &str, message: String, help: &str) {
        self.report(rule, Severity::Error, path, message, help);
    }

    fn report(&mut self, rule: RuleId, severity: Severity, path: &str, message: String, help: &str) {
        let range = locate(&self.cluster.node, path);
        self.report_at(rule, severity, &range, message, help);
    }

    fn report_at(&mut self, rule: RuleId, own: Severity, range: &Range<usize>, message: String, help: &str) {
        if let Some(severity) = self.policy.severity(rule, own) {
            self.push(rule, severity, range, message, help);
        }
    }

    /// Adds what the policy has judged already.
    fn push(&mut self, rule: RuleId, severity: Severity, range: &Range<usize>, message: String, help: &str) {
        self.outcome.diagnostics.push(Diagnostic {
            path: self.manifest.name.to_owned(),
            object: format!("StarRocksCluster {}", self.cluster.meta.title()),
            template: self.cluster.template.clone(),
            rule,
            severity,
            message,
            help: help.to_owned(),
            place: Place::new(&self.manifest.lines, range),
        });
    }

    /// Warns of the deprecated annotations.
    fn annotations(&mut self) {
        for name in [UPGRADE_HOOKS, PREPARE_UPGRADE] {
            let Some(annotations) = self.cluster.node.at(&["metadata", "annotations"]) else { return };
            let Some(range) = annotations.entry(name).map(|entry| entry.key.span.clone()) else { continue };
            let names = crate::fix::instead(annotations);
            let help = format!(
                "write spec.starRocksFeSpec.upgradeHooks.predefined: [{}] and remove it; `hookgate lint --fix` does",
                names.join(", ")
            );
            let message = format!("the annotation {name} is deprecated");
            self.report_at(cluster_rules::DEPRECATED_ANNOTATION, Severity::Warning, &range, message, &help);
        }
    }
}

/// Warns of references to what is not in the input.
pub(super) fn missing(
    references: &[Reference<'_>],
    manifests: &[Manifest<'_>],
    scope: &Scope<'_>,
    outcome: &mut Outcome,
) {
    let mut seen = BTreeSet::new();
    for reference in references {
        let Reference { manifest, cluster, path, config_map, key } = reference;
        let mut maps = manifests
            .iter()
            .flat_map(|manifest| &manifest.objects)
            .filter(|object| reference.is_to(object))
            .peekable();
        let has_key = |object: &Object| matches!(&object.kind, Kind::ConfigMap { entries, .. } if entries.iter().any(|entry| entry.key == *key));
        let message = if maps.peek().is_none() {
            format!("ConfigMap {config_map} is not in the input, so its script was not checked")
        } else if !maps.any(has_key) {
            format!("ConfigMap {config_map} has no key {key}: an upgrade waits until it has")
        } else {
            continue;
        };
        if seen.insert((manifest.name, cluster.node.span.start, message.clone())) {
            let policy = &scope.policy(&cluster.meta.namespace);
            let mut reporter = Reporter { manifest, cluster, policy, outcome: &mut *outcome };
            let help = "give the ConfigMap's manifest as well, or check its script apart";
            reporter.report(cluster_rules::REFERENCE, Severity::Warning, path, message, help);
        }
    }
}
