//! The FE settings that a hook may change.

/// The keys with their older names, as in StarRocks' `Config.java`.
const KEYS: &[&str] = &[
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

/// Whether a hook may set and show the key.
pub(crate) fn is_allowed_key(key: &str) -> bool {
    KEYS.contains(&key)
}

/// Whether a value is `true`, `false`, or up to nine digits.
pub(crate) fn is_allowed_value(value: &str) -> bool {
    matches!(value, "true" | "false")
        || (1..=9).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_digit())
}

/// The keys for a message.
pub(crate) fn list() -> String {
    KEYS.join(", ")
}
