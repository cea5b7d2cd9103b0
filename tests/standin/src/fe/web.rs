//! The FE's HTTP port: health for Kubernetes, messages of other FEs, faults.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};

use super::changes;
use super::core::{Core, Shared};
use super::meta::Meta;
use super::peer::{
    ChangeRequest, Changed, ConfigSet, Envelope, Greeting, Hello, Join, Joined, Lead, Led, SetConfig, Vote,
    VoteRequest,
};
use super::state::Change;
use crate::event::{Occurrence, Origin};

type Fe = State<Arc<Shared>>;

/// Everything on the HTTP port.
pub(super) fn router(shared: Arc<Shared>) -> Router {
    let faults = crate::fault::router(Arc::clone(&shared.faults));
    Router::new()
        .route("/api/health", get(health))
        .route("/standin/peer/hello", post(hello))
        .route("/standin/peer/join", post(join))
        .route("/standin/peer/vote", post(vote))
        .route("/standin/peer/lead", post(lead))
        .route("/standin/peer/change", post(change))
        .route("/standin/peer/config", post(config))
        .with_state(shared)
        .merge(faults)
}

/// 200 when SQL is served and a leader is known.
async fn health(State(shared): Fe) -> Response {
    if shared.faults.get().unhealthy {
        return (StatusCode::INTERNAL_SERVER_ERROR, "unhealthy by a test's wish\n").into_response();
    }
    let Some(view) = shared.view() else {
        let reason = format!("waiting for {}\n", shared.core().waiting);
        return (StatusCode::SERVICE_UNAVAILABLE, reason).into_response();
    };
    if view.leader.is_none() {
        return (StatusCode::SERVICE_UNAVAILABLE, "no leader is known\n").into_response();
    }
    if !shared.serving.load(Ordering::Acquire) {
        return (StatusCode::SERVICE_UNAVAILABLE, "the MySQL port isn't open\n").into_response();
    }
    let (online, total) = view.backends_online();
    Json(serde_json::json!({ "online_backend_num": online, "total_backend_num": total, "status": "OK" }))
        .into_response()
}

/// Why a message is refused.
fn misdirected<T>(shared: &Shared, envelope: &Envelope<T>) -> Option<Response> {
    let meant = envelope.service == shared.service && envelope.to.as_ref().is_none_or(|to| *to == shared.id);
    if meant {
        return None;
    }
    let text = format!("this is {} of {}, not whom the message is for\n", shared.id, shared.service);
    Some((StatusCode::CONFLICT, text).into_response())
}

fn note_address<T>(shared: &Shared, core: &mut Core, envelope: &Envelope<T>) {
    if let Some(address) = envelope.address
        && envelope.from != shared.id
    {
        core.addresses.insert(envelope.from.clone(), address);
    }
}

/// The HTTP address of the leader that this FE knows.
fn leader_address(core: &Core) -> Option<String> {
    let membership = core.membership.as_ref()?;
    let id = membership.election.leader()?;
    let leader = membership.state.frontend(id)?;
    let host = core.addresses.get(id).map_or_else(|| leader.host.clone(), ToString::to_string);
    Some(crate::identity::host_port(&host, leader.http_port))
}

async fn hello(State(shared): Fe, Json(envelope): Json<Envelope<Hello>>) -> Response {
    if let Some(refusal) = misdirected(&shared, &envelope) {
        return refusal;
    }
    let mut core = shared.core();
    note_address(&shared, &mut core, &envelope);
    let leads = core.membership.as_ref().is_some_and(|membership| membership.election.leads());
    let own = crate::identity::host_port(
        &shared.options.place.pod_ip.map_or_else(|| shared.me.host.clone(), |ip| ip.to_string()),
        shared.me.http_port,
    );
    let leader = if leads { Some(own) } else { leader_address(&core) };
    if leads && envelope.from != shared.id {
        shared.hurry.notify_one();
    }
    Json(Greeting { id: shared.id.clone(), member: core.membership.is_some(), leader }).into_response()
}

async fn join(State(shared): Fe, Json(envelope): Json<Envelope<Join>>) -> Response {
    if let Some(refusal) = misdirected(&shared, &envelope) {
        return refusal;
    }
    let frontend = envelope.message.frontend.clone();
    let (listed, leads) = {
        let mut core = shared.core();
        note_address(&shared, &mut core, &envelope);
        let Some(membership) = &core.membership else {
            return Json(Joined::Refused { reason: "this FE has no cluster yet".to_owned() }).into_response();
        };
        let known = membership.state.frontend(&frontend.id());
        // Ports may differ from before; the name is the cluster's.
        let listed = known.is_some_and(|known| {
            (known.http_port, known.query_port) == (frontend.http_port, frontend.query_port)
        });
        (listed, membership.election.leads())
    };
    if !listed {
        if !leads {
            let reason = "only the leader lets a new FE in".to_owned();
            return Json(Joined::Refused { reason }).into_response();
        }
        if let Err(error) = changes::commit(&shared, Change::AddFrontend { frontend }).await {
            return Json(Joined::Refused { reason: error.to_string() }).into_response();
        }
    }
    let core = shared.core();
    let Some(membership) = &core.membership else {
        return Json(Joined::Refused { reason: "this FE has no cluster yet".to_owned() }).into_response();
    };
    let (term, state) = (membership.election.term(), membership.state.clone());
    Json(Joined::Welcome { term, state, health: core.health.clone() }).into_response()
}

async fn vote(State(shared): Fe, Json(envelope): Json<Envelope<VoteRequest>>) -> Response {
    if let Some(refusal) = misdirected(&shared, &envelope) {
        return refusal;
    }
    let now = shared.now();
    let mut core = shared.core();
    note_address(&shared, &mut core, &envelope);
    let Some(membership) =
        core.membership.as_mut().filter(|m| m.state.cluster_id == envelope.message.cluster_id)
    else {
        return (StatusCode::CONFLICT, "not a member of that cluster\n").into_response();
    };
    let position = membership.state.position;
    let mut granted = membership.election.vote(now, &envelope.message.ballot, position);
    let term = membership.election.term();
    if granted
        && !envelope.message.ballot.preliminary
        && let Err(error) = shared.save(&core)
    {
        tracing::error!(%error, "a vote can't be stored, so it isn't given");
        granted = false;
    }
    Json(Vote { term, granted }).into_response()
}

async fn lead(State(shared): Fe, Json(envelope): Json<Envelope<Lead>>) -> Response {
    if let Some(refusal) = misdirected(&shared, &envelope) {
        return refusal;
    }
    let now = shared.now();
    let mut core = shared.core();
    note_address(&shared, &mut core, &envelope);
    let Lead { term, sequence, state, health } = envelope.message;
    if core.membership.is_none() {
        // Listed from before it lost its metadata: the leader gives it back.
        let meta = Meta { term: 0, voted_for: None, state: state.clone() };
        core.membership = Some(shared.membership(meta));
    }
    let Some(membership) = core.membership.as_mut().filter(|m| m.state.cluster_id == state.cluster_id) else {
        return (StatusCode::CONFLICT, "not a member of that cluster\n").into_response();
    };
    let before = (membership.election.term(), membership.state.position);
    let (mut accepted, stepped) = membership.election.follow(now, term, &envelope.from);
    if accepted && membership.is_latest(term, sequence) {
        membership.state = state;
        core.health = health;
    }
    let Some(membership) = &core.membership else {
        return (StatusCode::CONFLICT, "not a member of that cluster\n").into_response();
    };
    let after = (membership.election.term(), membership.state.position);
    let led_by = membership.election.leader().map(str::to_owned);
    if (before != after || after.1.journal <= 1)
        && let Err(error) = shared.save(&core)
    {
        tracing::error!(%error, "the metadata can't be stored");
        accepted = false;
    }
    drop(core);
    shared.tell(stepped);
    if accepted && !*shared.ready.borrow() {
        shared.ready.send_replace(true);
    }
    Json(Led {
        accepted,
        term: after.0,
        leader: led_by,
        position: after.1,
        version: shared.version.current_version(),
        started: shared.started,
    })
    .into_response()
}

async fn change(State(shared): Fe, Json(envelope): Json<Envelope<ChangeRequest>>) -> Response {
    if let Some(refusal) = misdirected(&shared, &envelope) {
        return refusal;
    }
    let changed = match changes::commit(&shared, envelope.message.change).await {
        Ok(position) => Changed::Done(position),
        Err(error) => Changed::Failed(error),
    };
    Json(changed).into_response()
}

async fn config(State(shared): Fe, Json(envelope): Json<Envelope<SetConfig>>) -> Response {
    if let Some(refusal) = misdirected(&shared, &envelope) {
        return refusal;
    }
    let SetConfig { key, value } = envelope.message;
    let set = shared.settings().set(&key, &value);
    let error = match set {
        Ok(change) => {
            let (key, old, new) = (change.key.to_owned(), change.old, change.new);
            let origin = Origin::Forwarded { from: envelope.from };
            shared.events.record(Occurrence::ConfigChanged { key, old, new, origin }).await;
            None
        }
        Err(error) => Some(error.to_string()),
    };
    Json(ConfigSet { error }).into_response()
}
