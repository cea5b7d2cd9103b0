//! Statements that change something in the database. Each is sent only under a lease that was checked just before
//! and that outlives the statement's time.

use super::ApplyError;
use crate::{
    audit::{self, OwnStatement},
    lease::Holder,
    observation::Observation,
    observe::{Observer, fe_target},
    plan::Outcome,
    sql::{Connection, SetConfig, SqlError},
};
use hookgate_runner::log::masked;
use jiff::Timestamp;
use std::time::{Duration, Instant};

/// How long a hook of `upgradePreparation` may take.
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(10);

/// A setting, on one FE.
pub(super) struct SetOnFrontend {
    pub pod: String,
    pub ip: String,
    pub setting: String,
    pub key: String,
    pub value: String,
}

/// A hook of `upgradePreparation`.
pub(super) struct Statement {
    pub ip: String,
    pub index: usize,
    pub hook: String,
    pub statement: String,
}

pub(super) async fn set(
    observer: &Observer,
    observation: &Observation,
    lease: &Holder,
    set: &SetOnFrontend,
) -> Result<Option<Outcome>, ApplyError> {
    let statement = match SetConfig::new(&set.key, &set.value) {
        Ok(statement) => statement.to_string(),
        Err(error) => return Ok(Some(refused(set, &SqlError::Statement(error)))),
    };
    let sent = Sent { what: &set.pod, hook: None, ip: &set.ip, text: &statement };
    match send(observer, observation, lease, &sent).await {
        Ok(()) => Ok(None),
        Err(ApplyError::Database { cause: cause @ SqlError::Refused { .. }, .. }) => {
            Ok(Some(refused(set, &cause)))
        }
        Err(error) => Err(error),
    }
}

fn refused(set: &SetOnFrontend, error: &SqlError) -> Outcome {
    Outcome::SettingRefused {
        setting: set.setting.clone(),
        error: format!("{}: {error}", set.pod),
        meaning: error.refusal(),
    }
}

pub(super) async fn execute(
    observer: &Observer,
    observation: &Observation,
    lease: &Holder,
    run: &Statement,
) -> Result<Outcome, ApplyError> {
    let sent = Sent { what: &run.hook, hook: Some(&run.hook), ip: &run.ip, text: &run.statement };
    let result = send(observer, observation, lease, &sent).await;
    let result = match result {
        Err(ApplyError::LeaseLost) => return Err(ApplyError::LeaseLost),
        other => other.map_err(|error| error.to_string()),
    };
    Ok(Outcome::Sql { index: run.index, result })
}

/// Has the leader write an image of the metadata.
pub(super) async fn create_image(
    observer: &Observer,
    observation: &Observation,
    lease: &Holder,
    ip: &str,
) -> Result<Outcome, ApplyError> {
    let sent = Sent { what: "CREATE IMAGE", hook: None, ip, text: "ALTER SYSTEM CREATE IMAGE" };
    match send(observer, observation, lease, &sent).await {
        Err(ApplyError::LeaseLost) => Err(ApplyError::LeaseLost),
        other => Ok(Outcome::Image(other.map_err(|error| error.to_string()))),
    }
}

/// A statement that is to be sent.
struct Sent<'a> {
    /// What it is about, for errors.
    what: &'a str,
    /// The hook of `upgradePreparation` whose it is.
    hook: Option<&'a str>,
    /// The FE's address.
    ip: &'a str,
    /// The statement.
    text: &'a str,
}

/// Sends a statement; that it is about to be sent, and what came of it, is in the audit.
async fn send(
    observer: &Observer,
    observation: &Observation,
    lease: &Holder,
    sent: &Sent<'_>,
) -> Result<(), ApplyError> {
    let failed = |cause| ApplyError::Database { what: sent.what.to_owned(), cause };
    let target = fe_target(observer, observation, sent.ip).await.map_err(failed)?;
    let mut connection = Connection::open(&target, observer.database_timeout).await.map_err(failed)?;
    if !lease.outlives(STATEMENT_TIMEOUT) {
        return Err(ApplyError::LeaseLost);
    }
    let statement = OwnStatement {
        hook: sent.hook,
        frontend: sent.ip,
        text: sent.text,
        password: &target.password,
        policies: &observation.policy.names,
    };
    let line = statement.record(&observation.cluster, Timestamp::now());
    audit::write(&line);
    let began = Instant::now();
    let result = connection.execute(sent.text, STATEMENT_TIMEOUT).await;
    let error = result.as_ref().err().map(|error| masked(&error.to_string(), &target.password).into_owned());
    audit::write(&line.answered(Timestamp::now(), began.elapsed(), error));
    connection.close().await;
    result.map_err(failed)
}
