//! What the rest of the program may know about the certificates: for readiness and metrics.

use crate::facts::CertificateFacts;

/// State of the certificates at the last look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateStatus {
    /// Whether the API server will accept the served certificate; if not, why.
    pub trusted: Result<(), String>,
    /// The certificate that's served.
    pub serving: Option<CertificateFacts>,
    /// What keeps the keeper from doing its work, if anything, with the way out.
    pub problem: Option<String>,
}

impl Default for CertificateStatus {
    fn default() -> Self {
        Self {
            trusted: Err("certificates haven't been looked at yet".to_owned()),
            serving: None,
            problem: None,
        }
    }
}
