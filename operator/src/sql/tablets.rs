//! What an FE says of tablets and replicas.

use super::{Connection, Record, SqlError};
use hookgate_api::status::Tablets;

/// Databases of StarRocks itself, whose tables are made anew.
const OWN_DATABASES: [&str; 4] = ["_statistics_", "information_schema", "sys", "starrocks_monitor"];

/// Tablets that aren't as they should be: the row `Total` of `SHOW PROC '/statistic'`, which is the last one.
///
/// A version without one of the columns has none of those tablets.
///
/// # Errors
/// When the FE refuses the statement, doesn't answer in time, or answers without that row.
pub async fn tablets(connection: &mut Connection) -> Result<Tablets, SqlError> {
    let rows = connection.rows("SHOW PROC '/statistic'").await?;
    total(&rows).ok_or_else(|| SqlError::Unexpected("SHOW PROC '/statistic' has no row Total".to_owned()))
}

fn total(rows: &[Record]) -> Option<Tablets> {
    let row = rows.iter().rev().find(|row| row.get("DbId").is_some_and(|id| id == "Total"))?;
    let count =
        |column: &str| row.get(column).and_then(|count| count.trim().parse().ok()).unwrap_or_default();
    Some(Tablets {
        unhealthy: count("UnhealthyTabletNum"),
        inconsistent: count("InconsistentTabletNum"),
        error_state: count("ErrorStateTabletNum"),
    })
}

/// The tables that have one replica, as `database.table`, sorted. None where data is shared: there a replica isn't what
/// keeps it.
///
/// # Errors
/// When the FE refuses a statement or doesn't answer in time; versions before 3.1.2 have no such table.
pub async fn single_replica_tables(connection: &mut Connection) -> Result<Vec<String>, SqlError> {
    let mode = connection.rows("ADMIN SHOW FRONTEND CONFIG LIKE 'run_mode'").await?;
    if mode.iter().any(|row| row.get("Value").is_some_and(|mode| mode == "shared_data")) {
        return Ok(Vec::new());
    }
    let statement =
        "SELECT DB_NAME, TABLE_NAME FROM information_schema.partitions_meta WHERE REPLICATION_NUM = 1";
    let rows = connection.rows(statement).await?;
    Ok(tables(&rows))
}

fn tables(rows: &[Record]) -> Vec<String> {
    let name = |row: &Record| {
        let (database, table) = (row.get("DB_NAME")?, row.get("TABLE_NAME")?);
        (!OWN_DATABASES.contains(&database.as_str())).then(|| format!("{database}.{table}"))
    };
    let mut tables: Vec<_> = rows.iter().filter_map(name).collect();
    tables.sort();
    tables.dedup();
    tables
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(columns: &[(&str, &str)]) -> Record {
        columns.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn the_total_is_read_by_name_and_a_column_that_a_version_lacks_counts_nothing() {
        let database = row(&[("DbId", "10100"), ("UnhealthyTabletNum", "9")]);
        let total_row =
            row(&[("DbId", "Total"), ("UnhealthyTabletNum", "4"), ("InconsistentTabletNum", "2")]);
        let expected = Tablets { unhealthy: 4, inconsistent: 2, error_state: 0 };
        assert_eq!(total(&[database.clone(), total_row]), Some(expected));
        assert_eq!(total(&[database]), None);
    }

    #[test]
    fn tables_of_the_user_are_named_once() {
        let table = |database: &str, table: &str| row(&[("DB_NAME", database), ("TABLE_NAME", table)]);
        let rows = [table("shop", "b"), table("shop", "a"), table("shop", "b"), table("_statistics_", "c")];
        assert_eq!(tables(&rows), ["shop.a", "shop.b"]);
    }
}
