//! Whether to take a lease.

use k8s_openapi::api::coordination::v1::Lease;
use std::time::Duration;

/// A lease, as far as the decision needs it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Record {
    holder: Option<String>,
    duration: Duration,
    transitions: i32,
    version: Option<String>,
}

impl Record {
    pub(super) fn of(lease: Option<&Lease>) -> Self {
        let spec = lease.and_then(|lease| lease.spec.as_ref());
        let seconds = spec.and_then(|spec| spec.lease_duration_seconds).unwrap_or_default();
        Self {
            holder: spec.and_then(|spec| spec.holder_identity.clone()).filter(|holder| !holder.is_empty()),
            duration: Duration::from_secs(u64::try_from(seconds).unwrap_or_default()),
            transitions: spec.and_then(|spec| spec.lease_transitions).unwrap_or_default(),
            version: lease.and_then(|lease| lease.metadata.resource_version.clone()),
        }
    }
}

/// What to do about a lease.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// Somebody else holds it.
    Wait,
    /// It is ours, nobody's, or has run out.
    Take {
        /// How often it has changed hands.
        transitions: i32,
    },
}

/// `unchanged_for` is how long this process has seen the lease as it is. The times in the lease are another
/// machine's clock and decide nothing.
pub(super) fn decide(record: &Record, identity: &str, unchanged_for: Duration) -> Decision {
    match record.holder.as_deref() {
        Some(holder) if holder == identity => Decision::Take { transitions: record.transitions },
        Some(_) if unchanged_for < record.duration => Decision::Wait,
        _ if record.version.is_none() => Decision::Take { transitions: 0 },
        _ => Decision::Take { transitions: record.transitions + 1 },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(holder: Option<&str>) -> Record {
        Record {
            holder: holder.map(str::to_owned),
            duration: Duration::from_secs(15),
            transitions: 3,
            version: Some("7".to_owned()),
        }
    }

    #[test]
    fn a_lease_is_taken_when_it_is_ours_nobodys_or_has_run_out() {
        let second = Duration::from_secs(1);
        assert_eq!(decide(&Record::default(), "me", Duration::ZERO), Decision::Take { transitions: 0 });
        assert_eq!(decide(&record(None), "me", Duration::ZERO), Decision::Take { transitions: 4 });
        assert_eq!(decide(&record(Some("me")), "me", second * 60), Decision::Take { transitions: 3 });
        assert_eq!(decide(&record(Some("you")), "me", second * 14), Decision::Wait);
        assert_eq!(decide(&record(Some("you")), "me", second * 15), Decision::Take { transitions: 4 });
    }
}
