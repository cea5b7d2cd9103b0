//! What the parts of one FE share.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::sync::{Notify, watch};

use super::election::{Action, Election};
use super::health::Health;
use super::meta::{Meta, MetaError, MetaStore};
use super::options::FeOptions;
use super::peer::Envelope;
use super::settings::Settings;
use super::state::{Frontend, State};
use super::tablets::TabletRules;
use super::view::View;
use crate::event::Occurrence;
use crate::fault::FaultSwitch;
use crate::http::{HttpError, post};
use crate::identity::host_port;
use crate::record::EventSink;
use crate::version::Version;

/// What the parts of one FE share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) options: FeOptions,
    /// This FE as the others know it.
    pub(super) me: Frontend,
    /// This FE's id.
    pub(super) id: String,
    /// The cluster's name.
    pub(super) service: String,
    pub(super) version: Version,
    pub(super) started: Timestamp,
    pub(super) events: EventSink,
    pub(super) faults: std::sync::Arc<FaultSwitch>,
    /// Whether a leader has ever been known, from when on SQL is served.
    pub(super) ready: watch::Sender<bool>,
    /// Whether the MySQL port has been opened.
    pub(super) serving: AtomicBool,
    /// Wakes the leader's heartbeat before its time.
    pub(super) hurry: Notify,
    /// Held while the leader makes a change, so that changes come one after the other.
    pub(super) changing: tokio::sync::Mutex<()>,
    pub(super) store: MetaStore,
    origin: Instant,
    settings: Mutex<Settings>,
    core: Mutex<Core>,
}

/// What changes while the FE runs.
#[derive(Debug, Default)]
pub(super) struct Core {
    /// None until the FE has begun or joined a cluster.
    pub(super) membership: Option<Membership>,
    /// The leader's view of the others.
    pub(super) health: Health,
    /// Addresses that the FEs gave themselves, by id.
    pub(super) addresses: HashMap<String, IpAddr>,
    /// What the FE is waiting for, while it has no membership.
    pub(super) waiting: &'static str,
}

/// An FE's part in its cluster.
#[derive(Debug)]
pub(super) struct Membership {
    pub(super) state: State,
    pub(super) election: Election,
    /// Term and sequence of the last message of a leader that was taken, or of the last one sent as the leader.
    pub(super) last_lead: (u64, u64),
}

impl Membership {
    /// Whether a leader's message is later than all before; notes it if so.
    pub(super) fn is_latest(&mut self, term: u64, sequence: u64) -> bool {
        let latest = (term, sequence) > self.last_lead;
        if latest {
            self.last_lead = (term, sequence);
        }
        latest
    }

    /// The number of the next message as the leader.
    pub(super) fn next_sequence(&mut self) -> u64 {
        let term = self.election.term();
        let sequence = if self.last_lead.0 == term { self.last_lead.1 + 1 } else { 1 };
        self.last_lead = (term, sequence);
        sequence
    }

    fn meta(&self) -> Meta {
        Meta {
            term: self.election.term(),
            voted_for: self.election.voted_for().map(str::to_owned),
            state: self.state.clone(),
        }
    }
}

impl Shared {
    pub(super) fn new(
        options: FeOptions,
        me: Frontend,
        version: Version,
        settings: Settings,
        events: EventSink,
        store: MetaStore,
    ) -> Self {
        let faults = FaultSwitch::new(options.faults.clone().unwrap_or_default(), events.clone());
        let service = options.place.search_service().unwrap_or_else(|| "standalone".to_owned());
        Self {
            id: me.id(),
            me,
            service,
            version,
            started: Timestamp::now(),
            events,
            faults: std::sync::Arc::new(faults),
            ready: watch::Sender::new(false),
            serving: AtomicBool::new(false),
            hurry: Notify::new(),
            changing: tokio::sync::Mutex::new(()),
            store,
            origin: Instant::now(),
            settings: Mutex::new(settings),
            core: Mutex::new(Core { waiting: "its start", ..Core::default() }),
            options,
        }
    }

    /// Milliseconds of this FE's steady clock.
    pub(super) fn now(&self) -> u64 {
        u64::try_from(self.origin.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    pub(super) fn core(&self) -> MutexGuard<'_, Core> {
        self.core.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn settings(&self) -> MutexGuard<'_, Settings> {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn heartbeat(&self) -> Duration {
        Duration::from_millis(self.options.heartbeat_milliseconds.max(10))
    }

    pub(super) fn patience(&self) -> u64 {
        self.options.election_milliseconds.max(50)
    }

    /// The deadline of a message to another FE or a BE.
    pub(super) fn deadline(&self) -> Duration {
        Duration::from_millis(self.patience() / 3)
    }

    /// A part in a cluster that begins here.
    pub(super) fn membership(&self, meta: Meta) -> Membership {
        let election = Election::new(self.id.clone(), meta.term, meta.voted_for, self.patience(), self.now());
        Membership { state: meta.state, election, last_lead: (0, 0) }
    }

    /// Stores the metadata of the locked core.
    pub(super) fn save(&self, core: &Core) -> Result<(), MetaError> {
        match &core.membership {
            Some(membership) => self.store.save(&membership.meta()),
            None => Ok(()),
        }
    }

    /// Tells what became of this FE's leadership.
    pub(super) fn tell(&self, action: Option<Action>) {
        if let Some(Action::SteppedDown { term, reason }) = action {
            tracing::info!(term, reason, "no longer the leader");
            self.events.note(Occurrence::LeadershipLost { term, reason });
        }
    }

    /// Sends a message to another FE of the cluster.
    pub(super) async fn send<Q: serde::Serialize, A: serde::de::DeserializeOwned>(
        &self,
        to: &Frontend,
        path: &str,
        message: Q,
        deadline: Duration,
    ) -> Result<A, HttpError> {
        let id = to.id();
        let known = self.core().addresses.get(&id).copied();
        let address = match known {
            Some(address) => host_port(&address.to_string(), to.http_port),
            None => host_port(&to.host, to.http_port),
        };
        let result = self.send_to(&address, Some(id.clone()), path, message, deadline).await;
        if result.is_err() && known.is_some() {
            // The pod may have another address by now; DNS is asked next time.
            let mut core = self.core();
            if core.addresses.get(&id).copied() == known {
                core.addresses.remove(&id);
            }
        }
        result
    }

    /// Sends a message to whatever FE is at an address.
    pub(super) async fn send_to<Q: serde::Serialize, A: serde::de::DeserializeOwned>(
        &self,
        address: &str,
        to: Option<String>,
        path: &str,
        message: Q,
        deadline: Duration,
    ) -> Result<A, HttpError> {
        let envelope = Envelope {
            service: self.service.clone(),
            to,
            from: self.id.clone(),
            address: self.options.place.pod_ip,
            message,
        };
        post(address, &format!("/standin/peer/{path}"), &envelope, deadline).await
    }

    /// The FEs other than this one.
    pub(super) fn others(&self) -> Vec<Frontend> {
        let core = self.core();
        let all = core.membership.as_ref().map(|membership| membership.state.frontends.clone());
        all.unwrap_or_default().into_iter().filter(|frontend| frontend.id() != self.id).collect()
    }

    /// What this FE knows; None before it belongs to a cluster.
    pub(super) fn view(&self) -> Option<View> {
        let (shared_data, max_scheduling) = {
            let settings = self.settings();
            let max = settings.get("tablet_sched_max_scheduling_tablets").and_then(|v| v.parse().ok());
            (settings.get("run_mode") == Some("shared_data"), max.unwrap_or(0))
        };
        let core = self.core();
        let membership = core.membership.as_ref()?;
        let singles = &self.options.single_replica_tables;
        let singles: Vec<_> = singles.iter().filter(|table| !table.is_empty()).cloned().collect();
        Some(View {
            me: self.id.clone(),
            leader: membership.election.leader().map(str::to_owned),
            state: membership.state.clone(),
            health: core.health.clone(),
            rules: TabletRules {
                unhealthy_seconds: self.options.unhealthy_seconds,
                repair_delay_seconds: self.options.repair_delay_seconds,
                single_replica_tables: singles.len() as u64,
                shared_data,
                max_scheduling,
            },
            tablet_faults: self.faults.get().tablets,
            single_replica_tables: singles,
            now: Timestamp::now(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn membership() -> Membership {
        let frontend = Frontend {
            name: "a_9010_1".into(),
            host: "a".into(),
            edit_log_port: 9010,
            http_port: 8030,
            query_port: 9030,
            rpc_port: 9020,
        };
        let election = Election::new(frontend.id(), 3, None, 1000, 0);
        Membership { state: State::first(7, frontend, String::new()), election, last_lead: (0, 0) }
    }

    #[test]
    fn an_overtaken_message_tells_nothing_and_a_new_term_begins_anew() {
        let mut membership = membership();
        assert!(membership.is_latest(3, 5));
        assert!(!membership.is_latest(3, 4));
        assert!(!membership.is_latest(3, 5));
        assert!(membership.is_latest(4, 1));
        assert!(!membership.is_latest(3, 99));
    }

    #[test]
    fn a_leaders_messages_are_numbered_within_its_term() {
        let mut membership = membership();
        assert!(membership.is_latest(2, 40));
        assert_eq!([membership.next_sequence(), membership.next_sequence()], [1, 2]);
    }
}
