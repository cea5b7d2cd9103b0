//! The leader's heartbeats: to the other FEs, with the metadata; to BEs and CNs, for their health.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

use super::core::Shared;
use super::health::Transition;
use super::peer::{Lead, Led, NodeAnswer, NodeHeartbeat};
use super::state::{Frontend, Node, Position};
use crate::event::{NodeKind, Occurrence};
use crate::http::{HttpError, post};

/// Who is being spoken to, so that a slow node gets one heartbeat at a time.
type Busy = Arc<Mutex<HashSet<String>>>;

/// Runs until it's aborted.
pub(super) async fn run(shared: Arc<Shared>) {
    let busy: Busy = Arc::default();
    loop {
        if let Some((frontends, nodes, cluster_id)) = recipients(&shared) {
            for frontend in frontends {
                once(&busy, frontend.id(), {
                    let shared = Arc::clone(&shared);
                    async move {
                        lead(&shared, &frontend).await;
                    }
                });
            }
            for node in nodes {
                once(&busy, node.address(), {
                    let shared = Arc::clone(&shared);
                    async move { beat(&shared, &node, cluster_id).await }
                });
            }
        }
        tokio::select! {
            () = tokio::time::sleep(shared.heartbeat()) => {}
            () = shared.hurry.notified() => {}
        }
    }
}

/// Whom to speak to if this FE leads; notes that this FE is alive.
fn recipients(shared: &Shared) -> Option<(Vec<Frontend>, Vec<Node>, u32)> {
    let (nodes, cluster_id) = {
        let mut core = shared.core();
        let membership = core.membership.as_ref().filter(|membership| membership.election.leads())?;
        let state = &membership.state;
        let known = (state.nodes.clone(), state.cluster_id);
        let (journal, ids) = (state.position.journal, state.frontend_ids());
        core.health.frontends.retain(|id, _| ids.contains(id));
        core.health.nodes.retain(|id, _| known.0.iter().any(|node| node.id == *id));
        let own = core.health.frontends.entry(shared.id.clone()).or_default();
        own.beat(Timestamp::now(), &shared.version.current_version(), shared.started);
        own.journal = journal;
        known
    };
    shared.ready.send_replace(true);
    Some((shared.others(), nodes, cluster_id))
}

fn once(busy: &Busy, id: String, work: impl Future<Output = ()> + Send + 'static) {
    if !busy.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone()) {
        return;
    }
    let busy = Arc::clone(busy);
    tokio::spawn(async move {
        work.await;
        busy.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
    });
}

/// Speaks to another FE as its leader. Gives the position that it has reached, if it accepts.
pub(super) async fn lead(shared: &Shared, frontend: &Frontend) -> Option<Position> {
    let message = {
        let mut core = shared.core();
        let health = core.health.clone();
        let membership = core.membership.as_mut().filter(|membership| membership.election.leads())?;
        let sequence = membership.next_sequence();
        Lead { term: membership.election.term(), sequence, state: membership.state.clone(), health }
    };
    let answer = shared.send::<_, Led>(frontend, "lead", message, shared.deadline()).await;
    let now = shared.now();
    let mut core = shared.core();
    let id = frontend.id();
    let membership = core.membership.as_mut().filter(|membership| membership.election.leads())?;
    let transition = match &answer {
        Ok(led) if led.accepted => {
            membership.election.acknowledge(now, &id);
            let pulse = core.health.frontends.entry(id.clone()).or_default();
            pulse.journal = led.position.journal;
            pulse.beat(Timestamp::now(), &led.version, led.started)
        }
        Ok(led) => {
            let action = membership.election.refused(now, led.term, led.leader.as_deref());
            if let Err(error) = shared.save(&core) {
                tracing::error!(%error, "the metadata can't be stored");
            }
            drop(core);
            shared.tell(action);
            return None;
        }
        Err(error) => {
            let pulse = core.health.frontends.entry(id.clone()).or_default();
            pulse.miss(Timestamp::now(), error.to_string())
        }
    };
    drop(core);
    let version = answer.as_ref().map(|led| led.version.clone()).unwrap_or_default();
    tell(shared, NodeKind::Frontend, id, version, transition, answer.as_ref().err());
    answer.ok().map(|led| led.position)
}

/// Asks a BE or CN for a sign of life.
async fn beat(shared: &Shared, node: &Node, cluster_id: u32) {
    let message = NodeHeartbeat { host: node.host.clone(), cluster_id };
    let deadline = shared.deadline();
    let answer = post::<_, NodeAnswer>(&node.address(), "/standin/heartbeat", &message, deadline).await;
    let mut core = shared.core();
    let leads = core.membership.as_ref().is_some_and(|membership| {
        membership.election.leads() && membership.state.nodes.iter().any(|known| known.id == node.id)
    });
    if !leads {
        return;
    }
    let entry = core.health.nodes.entry(node.id).or_default();
    let transition = match &answer {
        Ok(answer) => {
            (entry.http_port, entry.be_port, entry.brpc_port) =
                (answer.http_port, answer.be_port, answer.brpc_port);
            entry.unhealthy_seconds = answer.unhealthy_seconds;
            entry.pulse.beat(Timestamp::now(), &answer.version, answer.started)
        }
        Err(error) => entry.pulse.miss(Timestamp::now(), error.to_string()),
    };
    drop(core);
    let version = answer.as_ref().map(|answer| answer.version.clone()).unwrap_or_default();
    tell(shared, node.kind, node.address(), version, transition, answer.as_ref().err());
}

fn tell(
    shared: &Shared,
    kind: NodeKind,
    node: String,
    version: String,
    transition: Option<Transition>,
    error: Option<&HttpError>,
) {
    if transition.is_some() {
        // The other FEs are to know at once.
        shared.hurry.notify_one();
    }
    match transition {
        None => {}
        Some(Transition::Alive) => shared.events.note(Occurrence::NodeAlive { kind, node, version }),
        Some(Transition::Dead) => {
            let reason = error.map(ToString::to_string).unwrap_or_default();
            shared.events.note(Occurrence::NodeDead { kind, node, reason });
        }
    }
}
