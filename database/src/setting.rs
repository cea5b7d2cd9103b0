//! What a setting of an FE is at this moment.

use super::{Connection, SqlError, StatementError, statement::is_name};

/// A setting as one FE has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CurrentSetting {
    /// The name that this FE's version knows it by.
    pub key: String,
    /// Its value.
    pub value: String,
}

/// A setting by its canonical name and the name that older versions have for it; `None` where the version has neither.
///
/// It is asked for by the name of older versions: newer ones find it among the aliases, and answer with the canonical
/// name.
///
/// # Errors
/// When the name can't be one, or the FE refuses the statement or doesn't answer in time.
pub async fn setting(
    connection: &mut Connection,
    canonical: &str,
    alias: &str,
) -> Result<Option<CurrentSetting>, SqlError> {
    // Whoever asks may have the name from a status, which others may write.
    if !is_name(alias) {
        return Err(StatementError::Key(alias.to_owned()).into());
    }
    let rows = connection.rows(&format!("ADMIN SHOW FRONTEND CONFIG LIKE '{alias}'")).await?;
    let named = |row: &super::Record, column: &str| row.get(column).cloned().unwrap_or_default();
    // A name that isn't known here may be an older one of the setting's; older versions have no such column.
    let has_alias = |row: &super::Record| {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
        named(row, "AliasNames").split(|c| !plain(c)).any(|name| name == alias)
    };
    let is_it =
        |row: &&super::Record| [canonical, alias].contains(&named(row, "Key").as_str()) || has_alias(row);
    let current = rows.iter().find(is_it);
    Ok(current.map(|row| CurrentSetting { key: named(row, "Key"), value: named(row, "Value") }))
}
