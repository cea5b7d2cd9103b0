//! Does what a statement says.

use super::changes::{change, forward_setting};
use super::core::Shared;
use super::error::SqlError;
use super::mysql::auth;
use super::query::{SessionFacts, select};
use super::sql::{NodeVerb, Password, Statement, parse};
use super::state::{Change, ChangeError};
use super::variables::Variables;
use super::view::{Table, View, settings};
use crate::event::{NodeKind, Occurrence, Origin};

/// The databases that there are.
const DATABASES: &[&str] = &["_statistics_", "information_schema", "shop", "sys"];

/// What a session remembers between statements.
#[derive(Debug)]
pub struct SessionState {
    /// Who is logged in.
    pub user: String,
    /// The connection's number.
    pub connection: u32,
    /// The database in use.
    pub database: Option<String>,
    /// The variables.
    pub variables: Variables,
}

/// The answer to a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Done; there's nothing to show.
    Done,
    /// Rows.
    Rows(Table),
    /// So many rows of a mebibyte each, which nobody has in memory.
    Filler(u32),
}

/// Reads and does one statement.
pub(super) async fn execute(
    shared: &Shared,
    session: &mut SessionState,
    text: &str,
) -> Result<Answer, SqlError> {
    let statement = parse(text)?;
    let view = || shared.view().ok_or_else(|| not_ready("this FE has no cluster yet"));
    match statement {
        Statement::SetConfig { properties, persistent } => set_config(shared, &properties, persistent).await,
        Statement::ShowConfig { pattern } => {
            Ok(Answer::Rows(settings(&shared.settings(), pattern.as_deref())))
        }
        Statement::ShowFrontends => Ok(Answer::Rows(view()?.frontends())),
        Statement::ShowBackends => Ok(Answer::Rows(view()?.backends())),
        Statement::ShowComputeNodes => Ok(Answer::Rows(view()?.compute_nodes())),
        Statement::ShowProc { path } => match view()?.proc(&path) {
            Some(table) => Ok(Answer::Rows(table)),
            None => Err(SqlError::analyzing(&format!("Proc path '{path}' doesn't exist"))),
        },
        Statement::ShowVariables { pattern } => Ok(Answer::Rows(session.variables.table(pattern.as_deref()))),
        Statement::ShowDatabases => {
            let mut table = Table::new(&["Database"]);
            DATABASES.iter().for_each(|name| table.push([*name]));
            Ok(Answer::Rows(table))
        }
        Statement::Select(query) => Ok(Answer::Rows(selected(shared, session, &query, &view()?)?)),
        Statement::SetVariables(pairs) => session.variables.set(&pairs).map(|()| Answer::Done),
        Statement::SetNames => Ok(Answer::Done),
        Statement::SetPassword { user, password } => set_password(shared, session, user, &password).await,
        Statement::Use(name) => use_database(session, &name).map(|()| Answer::Done),
        Statement::AlterNodes { verb, kind, nodes } => {
            for (host, port) in nodes {
                change(shared, node_change(verb, kind, host, port)?).await?;
            }
            Ok(Answer::Done)
        }
        Statement::CreateImage => {
            change(shared, Change::CreateImage).await.map(|()| Answer::Done).map_err(Into::into)
        }
    }
}

fn use_database(session: &mut SessionState, name: &str) -> Result<(), SqlError> {
    if !DATABASES.contains(&name) {
        return Err(SqlError::unknown_database(name));
    }
    session.database = Some(name.to_owned());
    Ok(())
}

fn selected(
    shared: &Shared,
    session: &SessionState,
    query: &super::sql::Select,
    view: &View,
) -> Result<Table, SqlError> {
    let version = shared.version.current_version();
    let facts = SessionFacts {
        variables: &session.variables,
        user: &session.user,
        database: session.database.as_deref(),
        connection: session.connection,
        version: &version,
        handshake: shared.version.handshake(),
    };
    select(query, &facts, view)
}

async fn set_config(
    shared: &Shared,
    properties: &[(String, String)],
    persistent: bool,
) -> Result<Answer, SqlError> {
    if persistent {
        // In a container fe.conf is mounted read-only or lost with the container.
        return Err(SqlError::set_config_failed(
            "Failed to write config to file: fe.conf can not be written",
        ));
    }
    let [(key, value)] = properties else {
        return Err(SqlError::analyzing("config parameter size is not equal to 1"));
    };
    let set = shared.settings().set(key, value)?;
    let (canonical, old, new) = (set.key.to_owned(), set.old, set.new);
    let origin = Origin::Local;
    shared.events.record(Occurrence::ConfigChanged { key: canonical, old, new, origin }).await;
    match forward_setting(shared, key, value).await {
        None => Ok(Answer::Done),
        Some(problems) => Err(SqlError::set_config_failed(&problems)),
    }
}

async fn set_password(
    shared: &Shared,
    session: &SessionState,
    user: Option<String>,
    password: &Password,
) -> Result<Answer, SqlError> {
    let user = user.unwrap_or_else(|| session.user.clone());
    if user != "root" {
        return Err(SqlError::general(format!("user '{user}' doesn't exist: root is the only one here")));
    }
    let hash = match password {
        Password::Clear(clear) => auth::hash(clear),
        Password::Hash(written) => auth::parse_hash(written).ok_or_else(|| SqlError {
            code: 5201,
            state: "HY000",
            message: "Password hash should be a 41-digit hexadecimal number".to_owned(),
        })?,
    };
    change(shared, Change::SetRootPassword { hash }).await?;
    Ok(Answer::Done)
}

fn node_change(verb: NodeVerb, kind: NodeKind, host: String, port: u16) -> Result<Change, SqlError> {
    Ok(match (verb, kind) {
        (NodeVerb::Add, NodeKind::Frontend) => {
            return Err(SqlError::general(
                "FEs join by themselves here: start one with the same headless Service",
            ));
        }
        (NodeVerb::Drop, NodeKind::Frontend) => Change::DropFrontend { host, edit_log_port: port },
        (NodeVerb::Add, _) => Change::AddNode { kind, host, heartbeat_port: port },
        (NodeVerb::Drop, _) => Change::DropNode { kind, host, heartbeat_port: port },
        (NodeVerb::Decommission, _) => Change::Decommission { host, heartbeat_port: port, begin: true },
        (NodeVerb::CancelDecommission, _) => {
            Change::Decommission { host, heartbeat_port: port, begin: false }
        }
    })
}

fn not_ready(reason: &str) -> SqlError {
    ChangeError::NoLeader { reason: reason.to_owned() }.into()
}
