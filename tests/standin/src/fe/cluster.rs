//! Finding or beginning the cluster, and the election's clock.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::bootstrap::{Decision, Seen, decide};
use super::core::Shared;
use super::election::{Action, Ballot, Counted};
use super::meta::Meta;
use super::peer::{Greeting, Hello, Join, Joined, Vote, VoteRequest};
use super::state::State;
use crate::event::Occurrence;
use crate::identity::host_port;

/// How often the election's clock ticks.
const TICK: Duration = Duration::from_millis(50);
/// How often an FE without a cluster looks for one.
const LOOK: Duration = Duration::from_millis(100);
/// How often a member without a leader tells the others where it is.
const GREET: Duration = Duration::from_millis(200);

/// Runs until it's aborted.
pub(super) async fn run(shared: Arc<Shared>, stored: Option<Meta>) {
    match stored {
        Some(meta) => {
            let membership = shared.membership(meta);
            shared.core().membership = Some(membership);
        }
        None => find(&shared).await,
    }
    let mut greeted = None::<Instant>;
    loop {
        let action = {
            let now = shared.now();
            let mut core = shared.core();
            core.membership.as_mut().and_then(|membership| {
                let members = membership.state.frontend_ids();
                let position = membership.state.position;
                membership.election.tick(now, &members, position)
            })
        };
        match action {
            Some(Action::Campaign(ballot)) => campaign(&shared, ballot).await,
            stepped => shared.tell(stepped),
        }
        if !knows_leader(&shared) && greeted.is_none_or(|at| at.elapsed() >= GREET) {
            greeted = Some(Instant::now());
            greet(&shared);
        }
        tokio::time::sleep(TICK).await;
    }
}

fn knows_leader(shared: &Shared) -> bool {
    shared.core().membership.as_ref().is_some_and(|membership| membership.election.leader().is_some())
}

/// Tells the others where this FE is: a leader among them then speaks to it at once.
fn greet(shared: &Arc<Shared>) {
    for other in shared.others() {
        let shared = Arc::clone(shared);
        tokio::spawn(async move {
            let greeting = shared.send::<_, Greeting>(&other, "hello", Hello {}, shared.deadline()).await;
            if let Err(error) = greeting {
                tracing::debug!(%error, to = other.id(), "not greeted");
            }
        });
    }
}

/// Looks for the cluster until this FE belongs to it.
async fn find(shared: &Arc<Shared>) {
    let began = Instant::now();
    let patience = Duration::from_millis(shared.options.bootstrap_milliseconds);
    let mut told = None;
    loop {
        // A leader that lists this FE from before may have spoken to it meanwhile.
        if shared.core().membership.is_some() {
            return;
        }
        let (listed, addresses) = look_up(shared).await;
        let others = futures::future::join_all(addresses.into_iter().map(|address| async {
            let seen = look_at(shared, &address).await;
            (address, seen)
        }))
        .await;
        // What answers as this FE is this FE.
        let others: Vec<_> =
            others.into_iter().filter_map(|(address, seen)| Some((address, seen?))).collect();
        let first = shared.options.place.ordinal() == 0;
        match decide(first, listed, &others, began.elapsed(), patience) {
            Decision::Join(address) => match join(shared, &address).await {
                Ok(()) => return,
                Err(reason) => tracing::info!(address, reason, "not let in yet"),
            },
            Decision::Begin => {
                begin(shared);
                return;
            }
            Decision::Wait(reason) => {
                shared.core().waiting = reason;
                if told != Some(reason) {
                    tracing::info!(service = shared.service, "waiting for {reason}");
                    told = Some(reason);
                }
            }
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Whether this FE is in the list of FEs, and the HTTP addresses of the others.
async fn look_up(shared: &Shared) -> (bool, Vec<String>) {
    if !shared.options.peers.is_empty() {
        return (true, shared.options.peers.clone());
    }
    let Some(service) = shared.options.place.search_service() else { return (true, Vec::new()) };
    // The dot at the end keeps the resolver from trying the pod's search domains first.
    match tokio::net::lookup_host((format!("{service}."), shared.me.http_port)).await {
        Ok(addresses) => {
            let own = shared.options.place.pod_ip;
            let all: std::collections::BTreeSet<_> = addresses.map(|address| address.ip()).collect();
            // Without POD_IP it can't tell; then whatever DNS says is taken as recent.
            let listed = own.is_none_or(|own| all.contains(&own)) && !all.is_empty();
            let others = all.into_iter().filter(|ip| Some(*ip) != own);
            (listed, others.map(|ip| host_port(&ip.to_string(), shared.me.http_port)).collect())
        }
        Err(error) => {
            tracing::debug!(%error, service, "not in DNS yet");
            (false, Vec::new())
        }
    }
}

/// What is at an address; None when it's this FE itself.
async fn look_at(shared: &Shared, address: &str) -> Option<Seen> {
    let greeting =
        shared.send_to::<_, Greeting>(address, None, "hello", Hello {}, Duration::from_millis(500)).await;
    match greeting {
        Ok(greeting) if greeting.id == shared.id => None,
        Ok(greeting) if greeting.member => Some(Seen::Member { leader: greeting.leader }),
        Ok(_) => Some(Seen::Empty),
        Err(error) => {
            tracing::debug!(%error, address, "an FE doesn't answer");
            Some(Seen::Unreachable)
        }
    }
}

async fn join(shared: &Shared, address: &str) -> Result<(), String> {
    let message = Join { frontend: shared.me.clone() };
    let joined = shared
        .send_to::<_, Joined>(address, None, "join", message, Duration::from_secs(3))
        .await
        .map_err(|error| error.to_string())?;
    match joined {
        Joined::Welcome { term, state, health } => {
            let membership = shared.membership(Meta { term, voted_for: None, state });
            let mut core = shared.core();
            if core.membership.is_none() {
                core.membership = Some(membership);
                core.health = health;
                shared.save(&core).map_err(|error| error.to_string())?;
            }
            Ok(())
        }
        Joined::Refused { reason } => Err(reason),
    }
}

/// Begins a cluster of this FE alone; the election's next tick makes it the leader.
fn begin(shared: &Shared) {
    let options = &shared.options;
    let password = options.root_password.as_deref().or(options.mysql_pwd.as_deref()).unwrap_or_default();
    let hash = super::mysql::auth::hash(password);
    let now = shared.started.as_microsecond();
    let cluster_id = u32::try_from(now.rem_euclid(1 << 31)).unwrap_or(1).max(1);
    tracing::info!(cluster_id, "beginning a cluster");
    let state = State::first(cluster_id, shared.me.clone(), hash);
    let membership = shared.membership(Meta { term: 0, voted_for: None, state });
    shared.core().membership = Some(membership);
}

/// Asks for votes: first whether it would win, then in earnest.
async fn campaign(shared: &Shared, first: Ballot) {
    let mut ballot = first;
    loop {
        let (cluster_id, members) = {
            let core = shared.core();
            let Some(membership) = &core.membership else { return };
            (membership.state.cluster_id, membership.state.frontend_ids())
        };
        let votes = futures::future::join_all(shared.others().into_iter().map(|other| {
            let request = VoteRequest { cluster_id, ballot: ballot.clone() };
            async move {
                let vote = shared.send::<_, Vote>(&other, "vote", request, shared.deadline()).await;
                (other.id(), vote)
            }
        }))
        .await;
        let mut granted = Vec::new();
        let mut highest = 0;
        for (id, vote) in votes {
            match vote {
                Ok(vote) => {
                    highest = highest.max(vote.term);
                    if vote.granted {
                        granted.push(id);
                    }
                }
                Err(error) => tracing::debug!(%error, id, "no vote"),
            }
        }
        let Some((counted, term)) = count(shared, &ballot, &granted, &members, highest) else { return };
        match counted {
            Counted::Campaign(next) => ballot = next,
            Counted::Won => {
                tracing::info!(term, "the leader from here on");
                shared.events.record(Occurrence::LeadershipGained { term }).await;
                shared.hurry.notify_one();
                return;
            }
            Counted::Lost => return,
        }
    }
}

/// Counts votes and stores what follows from them; None when that fails or the FE isn't a member.
fn count(
    shared: &Shared,
    ballot: &Ballot,
    granted: &[String],
    members: &[String],
    highest: u64,
) -> Option<(Counted, u64)> {
    let now = shared.now();
    let mut core = shared.core();
    let membership = core.membership.as_mut()?;
    let counted = membership.election.count(now, ballot, granted, members, highest);
    let term = membership.election.term();
    if let Err(error) = shared.save(&core) {
        tracing::error!(%error, "a vote can't be stored, so it isn't given");
        return None;
    }
    Some((counted, term))
}
