//! Faults that a test can switch on, by the environment or by HTTP at `/standin/fault`.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::routing::get;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::event::Occurrence;
use crate::record::EventSink;

/// Everything that can be made to go wrong. The default is that nothing does.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Faults {
    /// FE: faults of single statements; the first that fits strikes.
    pub statements: Vec<StatementFault>,
    /// FE: counts to show instead of those computed.
    pub tablets: TabletFaults,
    /// FE: answer to connections on the MySQL port with "connection refused".
    pub refuse_connections: bool,
    /// All: `/api/health` answers 500.
    pub unhealthy: bool,
    /// BE, CN: don't register with the FE.
    pub never_register: bool,
    /// BE, CN: don't answer the FE's heartbeats.
    pub ignore_heartbeats: bool,
}

/// Strikes statements that contain a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatementFault {
    /// The text, compared without regard to case.
    pub containing: String,
    /// How often it still strikes.
    pub times: u32,
    /// Wait for so long before anything else, in milliseconds.
    #[serde(default)]
    pub delay_milliseconds: u64,
    /// Fail with this, without doing anything.
    #[serde(default)]
    pub error: Option<InjectedError>,
    /// Answer with so many rows of a mebibyte each, without doing anything. Without this and an error, the statement is
    /// only delayed.
    #[serde(default)]
    pub answer_mebibytes: Option<u32>,
}

/// The error that a struck statement gets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InjectedError {
    /// The MySQL error code.
    pub code: u16,
    /// The message.
    pub message: String,
}

/// Counts of tablets to show instead of the computed ones.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TabletFaults {
    /// `UnhealthyTabletNum`.
    pub unhealthy: Option<u64>,
    /// `InconsistentTabletNum`.
    pub inconsistent: Option<u64>,
    /// `ErrorStateTabletNum`.
    pub error_state: Option<u64>,
    /// `pending_tablets`.
    pub pending: Option<u64>,
    /// `running_tablets`.
    pub running: Option<u64>,
}

/// What a statement is to suffer.
#[derive(Debug, PartialEq, Eq)]
pub struct Strike {
    /// Wait first.
    pub delay: Duration,
    /// Then fail.
    pub error: Option<InjectedError>,
    /// Then answer with so many rows of a mebibyte each.
    pub answer_mebibytes: Option<u32>,
}

impl Faults {
    /// Finds the first fault that fits the statement, and uses it up by one.
    pub fn strike(&mut self, statement: &str) -> Option<Strike> {
        let statement = statement.to_lowercase();
        let fault = self
            .statements
            .iter_mut()
            .find(|f| f.times > 0 && statement.contains(&f.containing.to_lowercase()))?;
        fault.times -= 1;
        Some(Strike {
            delay: Duration::from_millis(fault.delay_milliseconds),
            error: fault.error.clone(),
            answer_mebibytes: fault.answer_mebibytes,
        })
    }
}

/// The faults of a process, replaceable while it runs.
#[derive(Debug)]
pub struct FaultSwitch {
    faults: Mutex<Faults>,
    refuse: watch::Sender<bool>,
    events: EventSink,
}

impl FaultSwitch {
    /// Starts with the given faults.
    pub fn new(faults: Faults, events: EventSink) -> Self {
        let refuse = watch::Sender::new(faults.refuse_connections);
        Self { faults: Mutex::new(faults), refuse, events }
    }

    /// The faults as they are.
    pub fn get(&self) -> Faults {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Replaces all faults.
    pub fn set(&self, faults: Faults) {
        self.refuse.send_replace(faults.refuse_connections);
        *self.faults.lock().unwrap_or_else(PoisonError::into_inner) = faults.clone();
        self.events.note(Occurrence::FaultsChanged { faults });
    }

    /// Follows whether connections are to be refused.
    pub fn refusing(&self) -> watch::Receiver<bool> {
        self.refuse.subscribe()
    }

    /// See [`Faults::strike`].
    pub fn strike(&self, statement: &str) -> Option<Strike> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).strike(statement)
    }
}

/// `/standin/fault`: GET shows the faults, PUT or POST replaces them all, DELETE clears them.
pub fn router(switch: std::sync::Arc<FaultSwitch>) -> axum::Router {
    let replace = async |State(switch): State<std::sync::Arc<FaultSwitch>>, Json(faults): Json<Faults>| {
        switch.set(faults);
        Json(switch.get())
    };
    axum::Router::new()
        .route(
            "/standin/fault",
            get(async |State(switch): State<std::sync::Arc<FaultSwitch>>| Json(switch.get()))
                .put(replace)
                .post(replace)
                .delete(async |State(switch): State<std::sync::Arc<FaultSwitch>>| {
                    switch.set(Faults::default());
                    Json(switch.get())
                }),
        )
        .with_state(switch)
}

/// Reads the faults given by environment or flag.
///
/// # Errors
/// When the text isn't the JSON form of [`Faults`].
pub fn parse(text: &str) -> Result<Faults, String> {
    serde_json::from_str(text).map_err(|error| {
        format!(
            "faults must be JSON like {{\"unhealthy\": true}} or {{\"statements\": [{{\"containing\": \"x\", \
             \"times\": 1, \"error\": {{\"code\": 1064, \"message\": \"m\"}}}}]}}: {error}"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_strikes_as_often_as_it_says() {
        let mut faults = parse(
            r#"{"statements":[{"containing":"Max_Balancing","times":2,"error":{"code":1064,"message":"no"}}]}"#,
        )
        .unwrap();
        assert_eq!(faults.strike("SELECT 1"), None);
        assert!(faults.strike("set max_balancing").unwrap().error.is_some());
        assert!(faults.strike("set MAX_BALANCING").is_some());
        assert_eq!(faults.strike("set max_balancing"), None);
    }

    #[test]
    fn a_misspelt_fault_is_refused_and_the_way_out_shown() {
        let message = parse(r#"{"unhealthly":true}"#).unwrap_err();
        assert!(message.contains("unhealthly") && message.contains("faults must be JSON like"), "{message}");
    }
}
