//! Changing the metadata: by the leader itself, or by asking it.

use std::time::Duration;

use super::core::Shared;
use super::election::majority;
use super::peer::{ChangeRequest, Changed};
use super::state::{Change, ChangeError, Position};
use super::{beats, peer};

/// How long an FE that isn't the leader waits for a change to come back to it.
const CATCH_UP: Duration = Duration::from_secs(2);

/// Makes a change, here or at the leader, and waits until this FE has it.
pub(super) async fn change(shared: &Shared, change: Change) -> Result<(), ChangeError> {
    let leader = {
        let core = shared.core();
        let membership = core.membership.as_ref().ok_or_else(|| no_leader("this FE has no cluster yet"))?;
        let id = membership.election.leader().ok_or_else(|| no_leader("no FE is elected"))?;
        membership.state.frontend(id).cloned().ok_or_else(|| no_leader("the leader isn't a member"))?
    };
    if leader.id() == shared.id {
        return commit(shared, change).await.map(|_| ());
    }
    let request = ChangeRequest { change };
    let changed = shared
        .send::<_, Changed>(&leader, "change", request, Duration::from_secs(5))
        .await
        .map_err(|error| no_leader(&error.to_string()))?;
    match changed {
        Changed::Done(position) => {
            catch_up(shared, position).await;
            Ok(())
        }
        Changed::Failed(error) => Err(error),
    }
}

/// Makes a change as the leader: applies it, stores it, and waits for a majority of FEs to have it.
pub(super) async fn commit(shared: &Shared, change: Change) -> Result<Position, ChangeError> {
    let _one_at_a_time = shared.changing.lock().await;
    let (position, members) = {
        let mut core = shared.core();
        let membership = core
            .membership
            .as_mut()
            .filter(|membership| membership.election.leads())
            .ok_or_else(|| no_leader("this FE is not the leader"))?;
        if let Change::DropFrontend { host, edit_log_port } = &change
            && crate::identity::host_port(host, *edit_log_port) == shared.id
        {
            return Err(ChangeError::IsLeader);
        }
        // An FE that is just being let in can't be counted on.
        let members = membership.state.frontend_ids();
        let next = membership.state.apply(&change, membership.election.term())?;
        let position = next.position;
        if let Change::AddFrontend { frontend } = &change {
            // It's about to get its first heartbeat; until then its silence must not cost the leadership.
            membership.election.acknowledge(shared.now(), &frontend.id());
        }
        let before = std::mem::replace(&mut membership.state, next);
        if let Err(error) = shared.save(&core) {
            if let Some(membership) = &mut core.membership {
                membership.state = before;
            }
            return Err(ChangeError::Storage { reason: error.to_string() });
        }
        (position, members)
    };
    let others: Vec<_> = shared.others().into_iter().filter(|other| members.contains(&other.id())).collect();
    let reached = futures::future::join_all(others.iter().map(|other| beats::lead(shared, other))).await;
    let acknowledged = 1 + reached.into_iter().flatten().filter(|reached| *reached >= position).count();
    if acknowledged < majority(members.len()) {
        return Err(ChangeError::NoQuorum { acknowledged, members: members.len() });
    }
    shared.hurry.notify_one();
    Ok(position)
}

async fn catch_up(shared: &Shared, position: Position) {
    let reached = async {
        loop {
            if shared.core().membership.as_ref().is_some_and(|m| m.state.position >= position) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    if tokio::time::timeout(CATCH_UP, reached).await.is_err() {
        tracing::warn!(?position, "a change was made and hasn't come back yet");
    }
}

fn no_leader(reason: &str) -> ChangeError {
    ChangeError::NoLeader { reason: reason.to_owned() }
}

/// Forwards a setting to every other FE that counts as alive; gives what went wrong, if anything did.
pub(super) async fn forward_setting(shared: &Shared, key: &str, value: &str) -> Option<String> {
    let mut problems = String::new();
    for other in shared.others() {
        // A dead FE is skipped without a word, as StarRocks does.
        let alive = shared.core().health.frontends.get(&other.id()).is_some_and(|pulse| pulse.alive);
        if !alive {
            continue;
        }
        let message = peer::SetConfig { key: key.to_owned(), value: value.to_owned() };
        let set = shared.send::<_, peer::ConfigSet>(&other, "config", message, Duration::from_secs(2)).await;
        let problem = match set {
            Ok(peer::ConfigSet { error: None }) => continue,
            Ok(peer::ConfigSet { error: Some(error) }) => error,
            Err(error) => error.to_string(),
        };
        problems.push_str(&format!("set config for fe[{}] failed: {problem};", other.host));
    }
    (!problems.is_empty()).then_some(problems)
}
