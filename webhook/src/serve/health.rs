//! Readiness: may the API server send reviews here?

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use hookgate_certs::status::CertificateStatus;
use tokio::sync::watch;

use crate::lookup::Lookup;

/// Everything that readiness depends on.
pub struct Health {
    certificates: watch::Receiver<CertificateStatus>,
    lookup: Arc<dyn Lookup>,
    stopping: AtomicBool,
}

/// One condition: its name, and why it isn't met.
pub type Check = (&'static str, Result<(), String>);

impl Health {
    /// Ready when certificates and look-ups are, until [`stop`](Self::stop).
    #[must_use]
    pub fn new(certificates: watch::Receiver<CertificateStatus>, lookup: Arc<dyn Lookup>) -> Self {
        Self { certificates, lookup, stopping: AtomicBool::new(false) }
    }

    /// From here on not ready: the process is about to end.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::SeqCst);
    }

    /// Each condition as it is at this moment.
    #[must_use]
    pub fn checks(&self) -> Vec<Check> {
        let stopping = self.stopping.load(Ordering::SeqCst);
        vec![
            ("certificate", self.certificates.borrow().trusted.clone()),
            ("lookup", self.lookup.ready().map_err(|cause| cause.to_string())),
            ("running", if stopping { Err("the process is shutting down".to_owned()) } else { Ok(()) }),
        ]
    }
}

/// Whether all are met, and the text, in the form that `kubectl get --raw /readyz?verbose` has made known.
#[must_use]
pub fn report(checks: &[Check]) -> (bool, String) {
    let ready = checks.iter().all(|(_, check)| check.is_ok());
    let mut text = String::new();
    for (name, check) in checks {
        match check {
            Ok(()) => text.push_str(&format!("[+]{name} ok\n")),
            Err(cause) => text.push_str(&format!("[-]{name} failed: {cause}\n")),
        }
    }
    text.push_str(if ready { "readyz check passed\n" } else { "readyz check failed\n" });
    (ready, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_failed_condition_is_enough_and_is_named() {
        assert_eq!(report(&[("a", Ok(()))]), (true, "[+]a ok\nreadyz check passed\n".to_owned()));
        let (ready, text) = report(&[("a", Ok(())), ("b", Err("why".to_owned()))]);
        assert!(!ready);
        assert!(text.contains("[-]b failed: why"), "{text}");
    }
}
