//! The FE settings that a hook may change.

use super::SqlAdditions;
use serde::{Deserialize, Serialize};

/// The keys with their older names, as in StarRocks' `Config.java`.
pub(crate) const KEYS: &[&str] = &[
    "tablet_sched_max_scheduling_tablets",
    "max_scheduling_tablets",
    "tablet_sched_max_balancing_tablets",
    "max_balancing_tablets",
    "tablet_sched_disable_balance",
    "disable_balance",
    "tablet_sched_disable_colocate_balance",
    "disable_colocate_balance",
    "tablet_sched_disable_colocate_overall_balance",
    "tablet_sched_repair_delay_factor_second",
];

/// The values that a setting which a policy adds may be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyValue {
    /// `true` or `false`.
    Boolean,
    /// Up to nine digits.
    Number,
    /// Up to 128 letters, digits and `_ - . , : / %`.
    Text,
}

impl KeyValue {
    fn allows(self, value: &str) -> bool {
        let character = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.,:/%".contains(&byte);
        match self {
            Self::Boolean => is_boolean(value),
            Self::Number => is_short_number(value),
            Self::Text => (1..=128).contains(&value.len()) && value.bytes().all(character),
        }
    }

    const fn description(self) -> &'static str {
        match self {
            Self::Boolean => "true or false",
            Self::Number => "up to nine digits",
            Self::Text => "up to 128 letters, digits and _-.,:/%",
        }
    }
}

/// Why a setting cannot be added by a policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// It is not the name of a setting.
    #[error("`{0}` is not the name of an FE setting: use lower-case letters, digits and `_`")]
    Name(String),
    /// Every hook may set it.
    #[error("`{0}` is allowed already: leave it out")]
    Known(String),
    /// No hook may set it.
    #[error("`{0}` can't be added: it switches authentication, or what guards the metadata, off")]
    Refused(String),
}

/// Settings that decide who may do what, or that make an FE start with metadata that is damaged.
const REFUSED: &[&str] = &[
    "enable_auth_check",
    "authorization_enable_admin_user_protection",
    "ignore_meta_check",
    "metadata_ignore_unknown_operation_type",
    "metadata_enable_recovery_mode",
    "recover_with_empty_tablet",
];

/// Whether a policy may add a setting.
///
/// # Errors
/// With the reason why not.
pub fn check_key_name(name: &str) -> Result<(), KeyError> {
    let character = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if name.is_empty() || name.len() > 128 || !name.bytes().all(character) {
        return Err(KeyError::Name(name.to_owned()));
    }
    if KEYS.contains(&name) {
        return Err(KeyError::Known(name.to_owned()));
    }
    if REFUSED.contains(&name) || name.starts_with("authentication_") {
        return Err(KeyError::Refused(name.to_owned()));
    }
    Ok(())
}

/// Whether a hook may set and show the key; if not, why.
pub(super) fn allowed_key(key: &str, additions: &SqlAdditions) -> Result<(), String> {
    if KEYS.contains(&key) || additions.keys.contains_key(key) {
        return Ok(());
    }
    let extra = additions.keys.keys().map(String::as_str);
    let keys: Vec<&str> = KEYS.iter().copied().chain(extra).collect();
    Err(format!("a hook may only touch the settings {}", keys.join(", ")))
}

/// Whether the key may be given the value; if not, why. Of the keys that every hook may set: `true`, `false`, or up
/// to nine digits.
pub(super) fn allowed_value(key: &str, value: &str, additions: &SqlAdditions) -> Result<(), String> {
    match additions.keys.get(key) {
        None if is_boolean(value) || is_short_number(value) => Ok(()),
        None => Err("the value of a setting is true, false, or up to nine digits".to_owned()),
        Some(kind) if kind.allows(value) => Ok(()),
        Some(kind) => Err(format!("the policy allows {key} as a value {}", kind.description())),
    }
}

fn is_boolean(value: &str) -> bool {
    matches!(value, "true" | "false")
}

fn is_short_number(value: &str) -> bool {
    (1..=9).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_of_a_policy_has_values_of_its_kind() {
        for (kind, allowed, refused) in [
            (KeyValue::Boolean, &["true", "false"][..], &["1", "TRUE", ""][..]),
            (KeyValue::Number, &["0", "123456789"], &["1234567890", "-1", "true", "1.5"]),
            (KeyValue::Text, &["a:b/c,1.5%", "true"], &["", "a b", "a\"b", "ä", "a;b"]),
        ] {
            allowed.iter().for_each(|value| assert!(kind.allows(value), "{kind:?} {value}"));
            refused.iter().for_each(|value| assert!(!kind.allows(value), "{kind:?} {value}"));
        }
    }

    #[test]
    fn names_are_checked() {
        assert_eq!(check_key_name("max_routine_load_task_num_per_be"), Ok(()));
        assert!(matches!(check_key_name("a b"), Err(KeyError::Name(_))));
        assert!(matches!(check_key_name("disable_balance"), Err(KeyError::Known(_))));
        assert!(matches!(check_key_name("enable_auth_check"), Err(KeyError::Refused(_))));
        assert!(matches!(
            check_key_name("authentication_ldap_simple_bind_root_pwd"),
            Err(KeyError::Refused(_))
        ));
    }
}
