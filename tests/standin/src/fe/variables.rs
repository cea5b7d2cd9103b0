//! Session variables: enough for what clients send when they connect.

use std::collections::BTreeMap;

use super::error::SqlError;
use super::like::like;
use super::view::Table;
use crate::version::Version;

/// Names and defaults as an FE has them; `@@socket` isn't among them.
const DEFAULTS: &[(&str, &str)] = &[
    ("auto_increment_increment", "1"),
    ("autocommit", "true"),
    ("big_query_profile_threshold", "0s"),
    ("character_set_client", "utf8"),
    ("character_set_connection", "utf8"),
    ("character_set_results", "utf8"),
    ("character_set_server", "utf8"),
    ("collation_connection", "utf8_general_ci"),
    ("collation_database", "utf8_general_ci"),
    ("collation_server", "utf8_general_ci"),
    ("exec_mem_limit", "2147483648"),
    ("forward_to_leader", "false"),
    ("init_connect", ""),
    ("interactive_timeout", "3600"),
    ("license", "Apache License 2.0"),
    ("lower_case_table_names", "0"),
    ("max_allowed_packet", "33554432"),
    ("net_buffer_length", "16384"),
    ("net_read_timeout", "60"),
    ("net_write_timeout", "60"),
    ("query_cache_size", "1048576"),
    ("query_cache_type", "0"),
    ("query_timeout", "300"),
    ("sql_mode", "ONLY_FULL_GROUP_BY"),
    ("sql_safe_updates", "0"),
    ("sql_select_limit", "9223372036854775807"),
    ("system_time_zone", "UTC"),
    ("time_zone", "UTC"),
    ("transaction_isolation", "REPEATABLE-READ"),
    ("transaction_read_only", "false"),
    ("tx_isolation", "REPEATABLE-READ"),
    ("tx_read_only", "false"),
    ("wait_timeout", "28800"),
];

/// The variables of one session.
#[derive(Debug)]
pub struct Variables {
    values: BTreeMap<String, String>,
}

impl Variables {
    /// The defaults.
    pub fn new(version: &Version) -> Self {
        let defaults = DEFAULTS.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let mut values: BTreeMap<_, _> = defaults.collect();
        values.insert("version".to_owned(), version.handshake().to_owned());
        values.insert("version_comment".to_owned(), format!("StarRocks version {}", version.release()));
        Self { values }
    }

    /// A value.
    ///
    /// # Errors
    /// When there's no such variable.
    pub fn get(&self, name: &str) -> Result<&str, SqlError> {
        self.values.get(name).map(String::as_str).ok_or_else(|| SqlError::unknown_variable(name))
    }

    /// Sets all or none.
    ///
    /// # Errors
    /// When one of them isn't there.
    pub fn set(&mut self, pairs: &[(String, String)]) -> Result<(), SqlError> {
        for (name, _) in pairs {
            self.get(name)?;
        }
        self.values.extend(pairs.iter().cloned());
        Ok(())
    }

    /// `SHOW VARIABLES`.
    pub fn table(&self, pattern: Option<&str>) -> Table {
        let mut table = Table::new(&["Variable_name", "Value"]);
        for (name, value) in &self.values {
            if pattern.is_none_or(|pattern| like(pattern, name)) {
                table.push([name.clone(), value.clone()]);
            }
        }
        table
    }
}
