//! Statements that change something in the database. Each is sent only under a lease that was checked just before
//! and that outlives the statement's time.

use super::ApplyError;
use crate::{
    lease::Holder,
    observation::Observation,
    observe::{Observer, fe_target},
    plan::Outcome,
    sql::{Connection, SetConfig, SqlError},
};
use kube::ResourceExt;
use std::time::Duration;

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
    match send(observer, observation, lease, &set.ip, &statement, &set.pod).await {
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
    let result = send(observer, observation, lease, &run.ip, &run.statement, &run.hook).await;
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
    match send(observer, observation, lease, ip, "ALTER SYSTEM CREATE IMAGE", "CREATE IMAGE").await {
        Err(ApplyError::LeaseLost) => Err(ApplyError::LeaseLost),
        other => Ok(Outcome::Image(other.map_err(|error| error.to_string()))),
    }
}

async fn send(
    observer: &Observer,
    observation: &Observation,
    lease: &Holder,
    ip: &str,
    statement: &str,
    what: &str,
) -> Result<(), ApplyError> {
    let failed = |cause| ApplyError::Database { what: what.to_owned(), cause };
    let target = fe_target(observer, observation, ip).await.map_err(failed)?;
    let mut connection = Connection::open(&target, observer.database_timeout).await.map_err(failed)?;
    if !lease.outlives(STATEMENT_TIMEOUT) {
        return Err(ApplyError::LeaseLost);
    }
    let result = connection.execute(statement, STATEMENT_TIMEOUT).await;
    tracing::info!(
        target: "UpgradeManager",
        cluster = observation.cluster.name_any(),
        namespace = observation.cluster.namespace().unwrap_or_default(),
        fe = ip,
        statement,
        policy = observation.policy.names,
        error = result.as_ref().err().map(tracing::field::display),
        "SECURITY AUDIT"
    );
    connection.close().await;
    result.map_err(failed)
}
