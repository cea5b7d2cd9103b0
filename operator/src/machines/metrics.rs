//! What is counted of machine hooks.

use super::Owner;
use hookgate_api::platform::RunState;
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};
use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
};

/// An attempt that has ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Attempt {
    hook: &'static str,
    result: &'static str,
}

/// A condition of an object.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Hanging {
    kind: &'static str,
    name: String,
    condition: String,
}

/// How a pass ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Pass {
    result: &'static str,
}

/// What is counted of machine hooks.
#[derive(Clone, Default)]
pub struct MachineMetrics {
    attempts: Family<Attempt, Counter>,
    hanging: Family<Hanging, Gauge>,
    passes: Family<Pass, Counter>,
    shown: Arc<Mutex<HashMap<Owner, HashSet<Hanging>>>>,
}

impl MachineMetrics {
    /// Metrics that the registry shows.
    pub fn registered(registry: &mut Registry) -> Self {
        let metrics = Self::default();
        let help = "Attempts at machine hooks that have ended, by hook and result";
        registry.register("machine_hook_attempts", help, metrics.attempts.clone());
        let help =
            "Conditions of Clusters and Machines that hang: 1 from the first failure until they are true";
        registry.register("machine_hook_hanging", help, metrics.hanging.clone());
        let help = "Passes over Clusters and Machines, by result";
        registry.register("machine_reconcile", help, metrics.passes.clone());
        metrics
    }

    /// Counts an attempt that has ended.
    pub(super) fn attempt(&self, hook: &'static str, state: RunState) {
        let result = if state == RunState::Succeeded { "succeeded" } else { "failed" };
        self.attempts.get_or_create(&Attempt { hook, result }).inc();
    }

    /// Counts a pass.
    pub(super) fn passed(&self, result: &'static str) {
        self.passes.get_or_create(&Pass { result }).inc();
    }

    /// The objects of which a condition hangs.
    pub(super) fn hanging(&self) -> Vec<Owner> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner).keys().cloned().collect()
    }

    /// Notes which conditions of an object hang; all others of it don't.
    pub(super) fn hangs(&self, owner: &Owner, conditions: &[&str]) {
        let (kind, name) = match owner {
            Owner::Cluster(name) => ("Cluster", name),
            Owner::Machine(name) => ("Machine", name),
        };
        let label =
            |condition: &&str| Hanging { kind, name: name.clone(), condition: (*condition).to_owned() };
        let next: HashSet<Hanging> = conditions.iter().map(label).collect();
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        for hanging in &next {
            self.hanging.get_or_create(hanging).set(1);
        }
        let before =
            if next.is_empty() { shown.remove(owner) } else { shown.insert(owner.clone(), next.clone()) };
        for over in before.unwrap_or_default().difference(&next) {
            self.hanging.remove(over);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use prometheus_client::encoding::text::encode;

    #[test]
    fn what_hangs_is_shown_until_it_does_not() {
        let mut registry = Registry::with_prefix("hookgate");
        let metrics = MachineMetrics::registered(&mut registry);
        let shown = || {
            let mut text = String::new();
            encode(&mut text, &registry).unwrap();
            let lines = text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned);
            lines.collect::<Vec<_>>()
        };
        let (cluster, machine) = (Owner::Cluster("a".to_owned()), Owner::Machine("a".to_owned()));
        metrics.hangs(&cluster, &["EnsureCopyFiles"]);
        metrics.hangs(&machine, &["EnsurePreInstallHook"]);
        let line = |kind: &str, condition: &str| {
            format!(r#"hookgate_machine_hook_hanging{{kind="{kind}",name="a",condition="{condition}"}} 1"#)
        };
        assert!(shown().contains(&line("Cluster", "EnsureCopyFiles")), "{:?}", shown());
        metrics.hangs(&cluster, &["EnsurePreInstallHook"]);
        assert!(!shown().contains(&line("Cluster", "EnsureCopyFiles")), "{:?}", shown());
        assert!(shown().contains(&line("Cluster", "EnsurePreInstallHook")), "{:?}", shown());
        metrics.hangs(&cluster, &[]);
        assert_eq!(shown(), [line("Machine", "EnsurePreInstallHook")]);
        metrics.attempt("PreInstall", RunState::Failed);
        metrics.passed("ok");
        let shown = shown();
        let failed = r#"hookgate_machine_hook_attempts_total{hook="PreInstall",result="failed"} 1"#;
        assert!(shown.iter().any(|line| line == failed), "{shown:?}");
        assert!(
            shown.iter().any(|line| line == r#"hookgate_machine_reconcile_total{result="ok"} 1"#),
            "{shown:?}"
        );
    }
}
