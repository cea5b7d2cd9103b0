//! Tells people: Events on the cluster, and lines in the log.

use crate::{
    apply::ApplyError,
    plan::{Outcome, PlannedEvent, Severity},
};
use hookgate_api::StarRocksCluster;
use kube::{
    Client, Resource,
    runtime::events::{Event, EventType, Recorder},
};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

/// The API server keeps this many bytes of an Event's note.
const NOTE_BYTES: usize = 1024;

/// The API server takes this many bytes of an Event's action.
const ACTION_BYTES: usize = 128;

/// Publishes Events and says what passes note, each once for as long as it stays true.
pub(super) struct Reporter {
    recorder: Recorder,
    said: Mutex<HashMap<String, Vec<String>>>,
}

impl Reporter {
    pub(super) fn new(client: Client) -> Self {
        Self { recorder: Recorder::new(client, "hookgate-operator".into()), said: Mutex::default() }
    }

    pub(super) fn notes(&self, namespace: &str, name: &str, notes: &[String]) {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let before = said.entry(format!("{namespace}/{name}")).or_default();
        for note in notes.iter().filter(|note| !before.contains(note)) {
            tracing::info!(target: "UpgradeManager", namespace, cluster = name, "{note}");
        }
        *before = notes.to_vec();
    }

    /// An Event that can't be published is logged: the status says the same.
    pub(super) async fn events(&self, cluster: &StarRocksCluster, events: &[PlannedEvent]) {
        for event in events {
            let target =
                if event.reason.starts_with("Hook") { "CustomHookExecutor" } else { "UpgradeManager" };
            log(target, cluster, event);
            let published = self.recorder.publish(&kubernetes_event(event), &cluster.object_ref(&())).await;
            if let Err(error) = published {
                tracing::warn!(%error, reason = event.reason, "an Event was not published");
            }
        }
    }

    /// An object that the API server refuses, also outside of an upgrade.
    pub(super) async fn refused(&self, cluster: &StarRocksCluster, refusal: &ApplyError) {
        let event =
            PlannedEvent { severity: Severity::Warning, reason: "ObjectRefused", note: refusal.to_string() };
        self.events(cluster, &[event]).await;
    }

    /// A setting that an FE refuses; when settings are given back, nothing else would say so.
    pub(super) async fn outcome(&self, cluster: &StarRocksCluster, outcome: &Outcome) {
        if let Outcome::SettingRefused { setting, error, .. } = outcome {
            let note = format!("{setting}: {error}");
            let event = PlannedEvent { severity: Severity::Warning, reason: "SettingRefused", note };
            self.events(cluster, &[event]).await;
        }
    }

    pub(super) fn forget(&self, namespace: &str, name: &str) {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).remove(&format!("{namespace}/{name}"));
    }
}

/// As the API server takes it.
pub(crate) fn kubernetes_event(event: &PlannedEvent) -> Event {
    let mut note = event.note.clone();
    while note.len() > NOTE_BYTES {
        note.pop();
    }
    Event {
        type_: match event.severity {
            Severity::Normal => EventType::Normal,
            Severity::Warning => EventType::Warning,
        },
        reason: event.reason.to_owned(),
        // Events that are alike but for their note are merged into one; those of two pods or hooks must not be.
        action: event.note.chars().filter(char::is_ascii).take(ACTION_BYTES).collect(),
        note: Some(note),
        secondary: None,
    }
}

/// `target` of a log line has to be a constant.
fn log(target: &str, cluster: &StarRocksCluster, event: &PlannedEvent) {
    let (namespace, name) = (cluster.meta().namespace.as_deref(), cluster.meta().name.as_deref());
    let (reason, note) = (event.reason, &event.note);
    match (target, event.severity) {
        ("CustomHookExecutor", Severity::Normal) => {
            tracing::info!(target: "CustomHookExecutor", namespace, cluster = name, reason, "{note}");
        }
        ("CustomHookExecutor", Severity::Warning) => {
            tracing::warn!(target: "CustomHookExecutor", namespace, cluster = name, reason, "{note}");
        }
        (_, Severity::Normal) => {
            tracing::info!(target: "UpgradeManager", namespace, cluster = name, reason, "{note}")
        }
        (_, Severity::Warning) => {
            tracing::warn!(target: "UpgradeManager", namespace, cluster = name, reason, "{note}");
        }
    }
}
