//! What can go wrong in a scenario or in the demo.

use crate::proofs::Refuted;
use std::{fmt, time::Duration};

/// Why a scenario didn't come to its end.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// There is no cluster to talk to.
    #[error(
        "no Kubernetes cluster: {0}. Set KUBECONFIG to that of a cluster with Hookgate, or use make demo or make test, \
         which boot one"
    )]
    NoCluster(String),
    /// The API server refused something, or didn't answer.
    #[error("{what}: {}", kubernetes_message(source))]
    Api {
        /// What was asked for.
        what: String,
        /// The answer.
        #[source]
        source: kube::Error,
    },
    /// A state wasn't reached in time.
    #[error("waited {} s for {what}; at the end: {last}", waited.as_secs())]
    Timeout {
        /// What was waited for.
        what: String,
        /// For how long.
        waited: Duration,
        /// What was there instead.
        last: String,
    },
    /// The timeline shows something that must not be.
    #[error(transparent)]
    Refuted(#[from] Refuted),
    /// Something isn't as it should be.
    #[error("{0}")]
    Unexpected(String),
    /// What was observed has a gap, and so nothing can be concluded from it.
    #[error("the timeline is not complete: {0}")]
    Incomplete(String),
    /// A program couldn't be run, or a file not be read.
    #[error("{what}: {source}")]
    Io {
        /// Which.
        what: String,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
}

impl Problem {
    /// For `map_err`: names what was asked of the API server.
    pub fn api(what: impl fmt::Display) -> impl FnOnce(kube::Error) -> Self {
        move |source| Self::Api { what: what.to_string(), source }
    }

    /// For `map_err`: names the program or the file.
    pub fn io(what: impl fmt::Display) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Io { what: what.to_string(), source }
    }

    /// The API server's own words, where it refused something.
    pub fn refusal(&self) -> Option<&str> {
        match self {
            Self::Api { source: kube::Error::Api(status), .. } => Some(&status.message),
            _ => None,
        }
    }
}

/// Ends a scenario unless the condition holds.
///
/// # Errors
/// With the message, when it doesn't hold.
pub fn ensure(holds: bool, message: impl FnOnce() -> String) -> Result<(), Problem> {
    if holds { Ok(()) } else { Err(Problem::Unexpected(message())) }
}

fn kubernetes_message(error: &kube::Error) -> String {
    match error {
        kube::Error::Api(status) => status.message.clone(),
        other => other.to_string(),
    }
}
