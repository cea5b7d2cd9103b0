//! What an FE says of itself and of the other members.

use super::{Connection, Record, SqlError};
use crate::observation::{FrontendAnswer, Member, MemberRole, Members, Setting};
use hookgate_api::hooks::setting_names;
use std::collections::BTreeSet;

/// Settings of this FE, by canonical name; one that its version doesn't have is left out.
///
/// # Errors
/// When the FE refuses a statement or doesn't answer in time.
pub async fn settings(
    connection: &mut Connection,
    names: &BTreeSet<String>,
) -> Result<FrontendAnswer, SqlError> {
    let mut answer = FrontendAnswer::default();
    for (canonical, alias) in names.iter().map(|name| setting_names(name)) {
        if let Some(current) = hookgate_database::setting(connection, canonical, alias).await? {
            let setting = Setting { key: current.key, value: current.value };
            answer.settings.insert(canonical.to_owned(), setting);
        }
    }
    Ok(answer)
}

/// The members as this FE sees them.
///
/// # Errors
/// When the FE refuses a statement or doesn't answer in time.
pub async fn members(connection: &mut Connection) -> Result<Members, SqlError> {
    let frontends = connection.rows("SHOW FRONTENDS").await?;
    let backends = connection.rows("SHOW BACKENDS").await?;
    let compute_nodes = connection.rows("SHOW COMPUTE NODES").await?;
    Ok(Members {
        frontends: frontends.iter().map(frontend).collect(),
        backends: backends.iter().map(worker).collect(),
        compute_nodes: compute_nodes.iter().map(worker).collect(),
    })
}

fn frontend(row: &Record) -> Member {
    // Versions before 2.3 have IsMaster instead of Role.
    let leads = column(row, "Role").eq_ignore_ascii_case("LEADER")
        || column(row, "IsMaster").eq_ignore_ascii_case("true");
    let role = match column(row, "Role") {
        _ if leads => MemberRole::Leader,
        role if role.eq_ignore_ascii_case("OBSERVER") => MemberRole::Observer,
        _ => MemberRole::Follower,
    };
    Member { role, ..worker(row) }
}

fn worker(row: &Record) -> Member {
    Member {
        host: column(row, "IP").to_owned(),
        alive: column(row, "Alive").eq_ignore_ascii_case("true"),
        version: column(row, "Version").to_owned(),
        role: MemberRole::Worker,
        decommissioned: column(row, "SystemDecommissioned").eq_ignore_ascii_case("true"),
        started_at: column(row, "StartTime").to_owned(),
    }
}

fn column<'a>(row: &'a Record, name: &str) -> &'a str {
    row.get(name).map_or("", String::as_str)
}
