//! Names: of the Service that the API server calls, and of what is kept in the Secret.

/// Key of the serving certificate (PEM) in a `kubernetes.io/tls` Secret.
pub const TLS_CERTIFICATE: &str = "tls.crt";
/// Key of the serving certificate's private key (PEM, PKCS#8) in a `kubernetes.io/tls` Secret.
pub const TLS_KEY: &str = "tls.key";
/// Key of the bundle (PEM) that clients are to trust: the signing authority first, then those it replaced.
pub const CA_BUNDLE: &str = "ca.crt";
/// Key of the signing authority's private key (PEM, PKCS#8).
pub const CA_KEY: &str = "ca.key";

/// Label on a Secret that says its contents were generated here, and may therefore be generated anew.
pub const OWNED_LABEL: &str = "hookgate.dev/generated";
/// Value of [`OWNED_LABEL`] on the webhook's Secret.
pub const OWNED_VALUE: &str = "webhook-certificates";
/// Annotation with the SHA-256 of the bundle that was last seen published in every webhook configuration.
pub const PUBLISHED_BUNDLE_ANNOTATION: &str = "hookgate.dev/published-bundle";
/// Annotation with the time (RFC 3339) at which that bundle was first seen published.
pub const PUBLISHED_AT_ANNOTATION: &str = "hookgate.dev/published-at";
/// Field manager of the writes to Secret and webhook configurations.
pub const FIELD_MANAGER: &str = "hookgate-webhook";

/// The Service through which the API server reaches the webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceName {
    /// Namespace of the Service.
    pub namespace: String,
    /// Name of the Service.
    pub name: String,
}

impl ServiceName {
    /// The name that the API server asks for: `<name>.<namespace>.svc`, as in the Kubernetes documentation of
    /// `clientConfig.service`
    /// (<https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#service-reference>).
    #[must_use]
    pub fn server_name(&self) -> String {
        format!("{}.{}.svc", self.name, self.namespace)
    }

    /// Every DNS name a serving certificate carries: the one above, the shorter ones inside the cluster, and the
    /// fully qualified one of the default cluster domain.
    #[must_use]
    pub fn dns_names(&self) -> Vec<String> {
        let Self { namespace, name } = self;
        vec![
            self.server_name(),
            format!("{name}.{namespace}.svc.cluster.local"),
            format!("{name}.{namespace}"),
            name.clone(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_the_api_server_asks_for_is_among_the_names() {
        let service = ServiceName { namespace: "hookgate-system".into(), name: "hookgate-webhook".into() };
        assert_eq!(service.server_name(), "hookgate-webhook.hookgate-system.svc");
        assert!(service.dns_names().contains(&service.server_name()));
        assert!(service.dns_names().contains(&"hookgate-webhook".to_owned()));
    }
}
