//! What is served, and whether it's trusted.

use jiff::Timestamp;
use tracing::{info, warn};

use super::{Keeper, TARGET};
use crate::authority::Serving;
use crate::bundle::{Configuration, is_trusted};
use crate::facts::CertificateFacts;
use crate::files::CertificateFiles;
use crate::names::ServiceName;
use crate::status::CertificateStatus;

/// Whether `candidate` should be served instead of `current`: always, unless that would turn trust into distrust.
/// A Secret that was deleted and generated anew is served only when its bundle has been published.
pub(super) fn is_to_be_served(
    candidate: &[rustls_pki_types::CertificateDer<'_>],
    current: &[rustls_pki_types::CertificateDer<'_>],
    configurations: &[Configuration],
    service: &ServiceName,
    now: Timestamp,
) -> bool {
    candidate != current
        && (current.is_empty()
            || is_trusted(candidate, configurations, service, now).is_ok()
            || is_trusted(current, configurations, service, now).is_err())
}

impl Keeper {
    pub(super) fn load(&self, serving: &Serving, configurations: &[Configuration], now: Timestamp) {
        let current = self.resolver.chain();
        if !is_to_be_served(&serving.chain, &current, configurations, &self.settings.service, now) {
            return;
        }
        match self.resolver.replace(serving) {
            Ok(()) => {
                let facts =
                    serving.chain.first().and_then(|certificate| CertificateFacts::read(certificate).ok());
                let not_after = facts.map(|facts| facts.not_after.to_string());
                info!(target: TARGET, not_after, "serving certificate loaded");
            }
            Err(cause) => {
                warn!(target: TARGET, %cause, "serving certificate not loaded; the one before stays")
            }
        }
    }

    /// Reads the files, and returns what is in the way.
    pub(super) async fn load_files(
        &self,
        files: &CertificateFiles,
        configurations: &[Configuration],
        now: Timestamp,
    ) -> Option<String> {
        match files.read().await {
            Ok(serving) => {
                self.load(&serving, configurations, now);
                None
            }
            Err(cause) => Some(cause.to_string()),
        }
    }

    pub(super) fn assess(
        &self,
        configurations: Option<&[Configuration]>,
        problem: Option<String>,
        now: Timestamp,
    ) -> CertificateStatus {
        let chain = self.resolver.chain();
        let serving = chain.first().and_then(|certificate| CertificateFacts::read(certificate).ok());
        let trusted = match (&serving, configurations) {
            (None, _) => Err("there is no serving certificate yet".to_owned()),
            (Some(_), None) => Err("the webhook configurations haven't been read yet".to_owned()),
            (Some(facts), Some(_)) if !facts.is_valid_at(now) => Err(format!(
                "the serving certificate is valid from {} to {}, and it is {now}",
                facts.not_before, facts.not_after
            )),
            (Some(_), Some(configurations)) => {
                is_trusted(&chain, configurations, &self.settings.service, now)
            }
        };
        CertificateStatus { trusted, serving, problem }
    }
}
