//! Whether a component is really there: Kubernetes says so, and the database says so as well.

use super::View;
use crate::observation::{Database, Member, MemberRole, Members};
use hookgate_api::{Component, names};
use kube::ResourceExt;
use std::fmt;

/// Why a component isn't ready. The first three texts are looked for by runbooks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NotReady {
    Missing,
    NotObserved,
    InProgress(String),
    Pod { pod: String, detail: String },
    NoEndpoints,
    Database(String),
    Member { pod: String, detail: String },
}

/// The gate that an FE has to open by answering.
pub(super) const DATABASE_GATE: &str = "Database";
/// The gate that stays shut while a component's Service leads to nobody.
const ENDPOINTS_GATE: &str = "Endpoints";

impl NotReady {
    pub(super) fn pod(pod: &str, what: &str) -> Self {
        Self::Pod { pod: pod.to_owned(), detail: format!("{pod} {what}") }
    }

    /// The gate that this keeps shut, where the user may let a wave past it.
    pub(super) fn gate(&self, view: &View<'_>) -> Option<String> {
        match self {
            Self::Missing | Self::NotObserved | Self::InProgress(_) => None,
            Self::Pod { pod, .. } | Self::Member { pod, .. } => Some(super::pod_gate(pod)),
            Self::NoEndpoints => Some(view.gate(ENDPOINTS_GATE)),
            Self::Database(_) => Some(view.gate(DATABASE_GATE)),
        }
    }
}

impl fmt::Display for NotReady {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("component not ready: ")?;
        match self {
            Self::Missing => f.write_str("StatefulSet not created yet"),
            Self::NotObserved => f.write_str("StatefulSet spec change not yet observed"),
            Self::InProgress(detail) | Self::Pod { detail, .. } => {
                write!(f, "StatefulSet rollout in progress ({detail})")
            }
            Self::NoEndpoints => f.write_str("no ready endpoints"),
            Self::Database(detail) | Self::Member { detail, .. } => f.write_str(detail),
        }
    }
}

/// Whether Kubernetes calls the component ready: spec observed, every pod ready and available, endpoints there.
pub(super) fn workload_ready(view: &View<'_>, component: Component) -> Result<(), NotReady> {
    workload_ready_but(view, component, None)
}

/// The same, leaving one pod out of account: the one that is about to go.
pub(super) fn workload_ready_but(
    view: &View<'_>,
    component: Component,
    but: Option<i32>,
) -> Result<(), NotReady> {
    let observed = view.observation.component(component);
    let set = observed.statefulset.as_ref().ok_or(NotReady::Missing)?;
    if set.observed_generation < set.generation {
        return Err(NotReady::NotObserved);
    }
    let mut skipped = 0;
    for ordinal in (0..set.replicas).filter(|ordinal| Some(*ordinal) != but) {
        let pod = observed.pod(ordinal);
        if pod.is_some_and(|pod| pod.ready) {
            continue;
        }
        let name = names::pod(&view.observation.cluster.name_any(), component, ordinal);
        if !view.skips_pod(&name) {
            let what = if pod.is_some() { "is not ready" } else { "does not exist" };
            return Err(NotReady::pod(&name, what));
        }
        skipped += 1;
    }
    if but.is_none() && set.available + skipped < set.replicas {
        return Err(NotReady::InProgress(format!("{} of {} pods available", set.available, set.replicas)));
    }
    let needed = usize::from(set.replicas > i32::from(but.is_some()) + skipped);
    if observed.ready_endpoints < needed && !view.skips_in_turn(ENDPOINTS_GATE) {
        return Err(NotReady::NoEndpoints);
    }
    Ok(())
}

/// Whether the database agrees: every pod of the component is a member that is Alive, and among the FEs one leads.
pub(super) fn members_alive(view: &View<'_>, component: Component, but: Option<i32>) -> Result<(), NotReady> {
    if view.skips_in_turn(DATABASE_GATE) {
        return Ok(());
    }
    let members = members(view)?;
    let pods = view.observation.component(component).pods.iter();
    for pod in pods.filter(|pod| Some(pod.ordinal) != but && !view.skips_pod(&pod.name)) {
        alive(members, component, &pod.name, pod.ip.as_deref())?;
    }
    if component == Component::Fe && leader(members).is_none() {
        return Err(NotReady::Database("no FE is the leader".to_owned()));
    }
    Ok(())
}

/// The member that runs in that pod, Alive.
pub(super) fn alive<'a>(
    members: &'a Members,
    component: Component,
    pod: &str,
    ip: Option<&str>,
) -> Result<&'a Member, NotReady> {
    let (list, statement) = match component {
        Component::Fe => (&members.frontends, "SHOW FRONTENDS"),
        Component::Be => (&members.backends, "SHOW BACKENDS"),
        Component::Cn => (&members.compute_nodes, "SHOW COMPUTE NODES"),
    };
    // A pod that has come back under another address may still be listed under the old one: any row that is Alive.
    let rows: Vec<_> = list.iter().filter(|member| member.is_pod(pod, ip)).collect();
    rows.iter().find(|member| member.alive).copied().ok_or_else(|| {
        let what = if rows.is_empty() { "is not in" } else { "is not Alive in" };
        NotReady::Member { pod: pod.to_owned(), detail: format!("{pod} {what} {statement}") }
    })
}

/// The members, or why they aren't known.
pub(super) fn members<'a>(view: &View<'a>) -> Result<&'a Members, NotReady> {
    match &view.observation.database {
        Database::NotAsked => Err(NotReady::Database("the database has not been asked".to_owned())),
        Database::Asked(facts) => {
            facts.members.as_ref().map_err(|error| NotReady::Database(format!("no FE answers: {error}")))
        }
    }
}

/// The FE that writes.
pub(super) fn leader(members: &Members) -> Option<&Member> {
    members.frontends.iter().find(|member| member.role == MemberRole::Leader && member.alive)
}
