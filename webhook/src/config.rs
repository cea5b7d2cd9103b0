//! What can be set, by flag or environment.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use hookgate_certs::files::CertificateFiles;
use hookgate_certs::keeper::{ConfigurationNames, Source};
use hookgate_certs::names::ServiceName;
use hookgate_certs::plan::Settings;
use hookgate_policy::Profile;
use jiff::SignedDuration;

/// The admission gate of Hookgate: refuses unsafe upgrade hooks and invalid StarRocksClusters, and fills in defaults.
///
/// It serves POST /validate and POST /mutate over TLS for the API server, and GET /healthz, /readyz and /metrics in plain
/// HTTP on a second port. By default it keeps a certificate authority of its own in a Secret, renews the serving certificate,
/// and writes the CA bundle into the webhook configurations; with --tls-cert-file and --tls-key-file it serves a
/// certificate that somebody else keeps (cert-manager, for example), reloads it when the files change, and writes nothing.
#[derive(Debug, Clone, Parser)]
#[command(name = "hookgate-webhook", version)]
pub struct Config {
    /// Address of the TLS port that the API server calls through the Service
    #[arg(long, env = "HOOKGATE_LISTEN", default_value = "0.0.0.0:9443", value_name = "IP:PORT")]
    pub listen: SocketAddr,

    /// Address of the plain HTTP port with /healthz, /readyz and /metrics
    #[arg(long, env = "HOOKGATE_HEALTH_LISTEN", default_value = "0.0.0.0:8081", value_name = "IP:PORT")]
    pub health_listen: SocketAddr,

    /// Namespace of the webhook's Service and Secret; by default the one this pod runs in
    #[arg(long, env = "HOOKGATE_NAMESPACE")]
    pub namespace: Option<String>,

    /// Name of the Service in the webhook configurations' clientConfig; the certificate is issued for it
    #[arg(long, env = "HOOKGATE_SERVICE", default_value = "hookgate-webhook", value_name = "NAME")]
    pub service: String,

    /// Secret that keeps the own authority and the serving certificate; created if absent, filled if empty,
    /// and never overwritten if its content is somebody else's
    #[arg(
        long,
        env = "HOOKGATE_CERTIFICATE_SECRET",
        default_value = "hookgate-webhook-certificates",
        value_name = "NAME"
    )]
    pub certificate_secret: String,

    /// Serve the certificate in this PEM file (certificate first, then intermediates) instead of an own one
    #[arg(long, env = "HOOKGATE_TLS_CERT_FILE", value_name = "FILE", requires = "tls_key_file")]
    pub tls_cert_file: Option<PathBuf>,

    /// Private key (PEM) of --tls-cert-file
    #[arg(long, env = "HOOKGATE_TLS_KEY_FILE", value_name = "FILE", requires = "tls_cert_file")]
    pub tls_key_file: Option<PathBuf>,

    /// ValidatingWebhookConfiguration whose CA bundle is kept, or with --tls-cert-file compared; empty for none
    #[arg(
        long,
        env = "HOOKGATE_VALIDATING_WEBHOOK_CONFIGURATION",
        default_value = "hookgate",
        value_name = "NAME"
    )]
    pub validating_webhook_configuration: String,

    /// MutatingWebhookConfiguration whose CA bundle is kept, or with --tls-cert-file compared; empty for none
    #[arg(
        long,
        env = "HOOKGATE_MUTATING_WEBHOOK_CONFIGURATION",
        default_value = "hookgate",
        value_name = "NAME"
    )]
    pub mutating_webhook_configuration: String,

    /// Lifetime of the own authority; it is replaced after two thirds of it. For example 43800h
    #[arg(long, env = "HOOKGATE_AUTHORITY_LIFETIME", default_value = "43800h", value_name = "DURATION", value_parser = lifetime)]
    pub authority_lifetime: SignedDuration,

    /// Lifetime of a serving certificate; it is renewed after two thirds of it. For example 2160h
    #[arg(long, env = "HOOKGATE_CERTIFICATE_LIFETIME", default_value = "2160h", value_name = "DURATION", value_parser = lifetime)]
    pub certificate_lifetime: SignedDuration,

    /// Profile of namespaces that no HookPolicy selects: restricted, baseline or privileged
    #[arg(long, env = "HOOKGATE_PROFILE", default_value = "restricted")]
    pub profile: Profile,

    /// Profile of machine hooks, in TKEStack's Clusters: restricted, baseline or privileged
    #[arg(long, env = "HOOKGATE_MACHINE_HOOKS_PROFILE", default_value = "baseline", value_name = "PROFILE")]
    pub machine_hooks_profile: Profile,

    /// The folder with the scripts and files of machine hooks; without it they are left to the operator's own check
    #[arg(long, env = "HOOKGATE_MACHINE_HOOKS_DIR", value_name = "DIRECTORY")]
    pub machine_hooks_dir: Option<PathBuf>,

    /// How long a question to the API server may take; what depends on an unanswered one is refused
    #[arg(long, env = "HOOKGATE_LOOKUP_TIMEOUT", default_value = "2s", value_name = "DURATION", value_parser = short)]
    pub lookup_timeout: Duration,

    /// How long a review may take to arrive and to find memory and a processor; less than the API server's timeout
    #[arg(long, env = "HOOKGATE_REVIEW_TIMEOUT", default_value = "4s", value_name = "DURATION", value_parser = short)]
    pub review_timeout: Duration,

    /// Memory that the objects of all reviews together may take, in MiB; further reviews wait. The process takes up to
    /// 180 MiB besides, when two of the largest scripts are judged at the same time
    #[arg(long, env = "HOOKGATE_MEMORY_MIB", default_value_t = 64, value_parser = clap::value_parser!(u16).range(32..))]
    pub memory_mib: u16,

    /// TLS connections at a time; further ones are closed at once
    #[arg(long, env = "HOOKGATE_MAX_CONNECTIONS", default_value_t = 512, value_parser = clap::value_parser!(u16).range(1..))]
    pub max_connections: u16,

    /// After SIGTERM: how long connections are still accepted, not ready, while endpoints are updated
    #[arg(long, env = "HOOKGATE_SHUTDOWN_DELAY", default_value = "5s", value_name = "DURATION", value_parser = short)]
    pub shutdown_delay: Duration,

    /// After that: how long open requests may take to finish
    #[arg(long, env = "HOOKGATE_DRAIN_TIMEOUT", default_value = "10s", value_name = "DURATION", value_parser = short)]
    pub drain_timeout: Duration,

    /// Form of the log
    #[arg(long, env = "HOOKGATE_LOG_FORMAT", value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,

    /// What is logged: error, warn, info, debug, trace, or directives such as info,hookgate::admission=debug
    #[arg(long, env = "HOOKGATE_LOG", default_value = "info", value_name = "FILTER")]
    pub log: String,
}

/// Form of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// One line of text for each event.
    Text,
    /// One JSON object for each event.
    Json,
}

impl Config {
    /// The Service, in the given namespace unless another is set.
    #[must_use]
    pub fn service_name(&self, default_namespace: &str) -> ServiceName {
        let namespace = self.namespace.clone().unwrap_or_else(|| default_namespace.to_owned());
        ServiceName { namespace, name: self.service.clone() }
    }

    /// Where the certificate comes from.
    #[must_use]
    pub fn source(&self) -> Source {
        match (&self.tls_cert_file, &self.tls_key_file) {
            (Some(certificate), Some(key)) => {
                Source::Files(CertificateFiles { certificate: certificate.clone(), key: key.clone() })
            }
            _ => Source::Secret(self.certificate_secret.clone()),
        }
    }

    /// The webhook configurations to keep.
    #[must_use]
    pub fn configuration_names(&self) -> ConfigurationNames {
        let named = |name: &str| (!name.is_empty()).then(|| name.to_owned());
        ConfigurationNames {
            validating: named(&self.validating_webhook_configuration),
            mutating: named(&self.mutating_webhook_configuration),
        }
    }

    /// Lifetimes of certificates.
    #[must_use]
    pub fn certificate_settings(&self, service: ServiceName) -> Settings {
        Settings {
            authority_lifetime: self.authority_lifetime,
            serving_lifetime: self.certificate_lifetime,
            ..Settings::new(service)
        }
    }
}

/// Ten minutes to a hundred years.
fn lifetime(text: &str) -> Result<SignedDuration, String> {
    let parsed = duration(text)?;
    let bounds = SignedDuration::from_mins(10)..=SignedDuration::from_hours(24 * 365 * 100);
    if bounds.contains(&parsed) { Ok(parsed) } else { Err("must be between 10m and 876000h".to_owned()) }
}

/// A millisecond to five minutes.
fn short(text: &str) -> Result<Duration, String> {
    let parsed = duration(text)?;
    let bounds = SignedDuration::from_millis(0)..=SignedDuration::from_mins(5);
    if !bounds.contains(&parsed) {
        return Err("must be between 0s and 5m".to_owned());
    }
    Duration::try_from(parsed).map_err(|cause| cause.to_string())
}

fn duration(text: &str) -> Result<SignedDuration, String> {
    text.parse().map_err(|_| "not a duration; write it as 500ms, 30s, 5m or 2160h".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    fn parse(arguments: &[&str]) -> Result<Config, String> {
        let all = std::iter::once("hookgate-webhook").chain(arguments.iter().copied());
        Config::try_parse_from(all).map_err(|cause| cause.to_string())
    }

    #[test]
    fn the_definition_holds() {
        Config::command().debug_assert();
    }

    #[test]
    fn defaults_serve_an_own_certificate() {
        let config = parse(&[]).unwrap();
        assert_eq!(config.source(), Source::Secret("hookgate-webhook-certificates".into()));
        assert_eq!(config.service_name("system").server_name(), "hookgate-webhook.system.svc");
        assert_eq!(config.certificate_lifetime, SignedDuration::from_hours(2160));
        assert_eq!(config.profile, Profile::Restricted);
        assert_eq!((config.machine_hooks_profile, config.machine_hooks_dir), (Profile::Baseline, None));
    }

    #[test]
    fn files_go_together() {
        assert!(parse(&["--tls-cert-file", "a"]).unwrap_err().contains("--tls-key-file"));
        let config = parse(&["--tls-cert-file", "a", "--tls-key-file", "b"]).unwrap();
        assert!(matches!(config.source(), Source::Files(_)));
    }

    #[test]
    fn an_empty_name_is_no_configuration() {
        let config = parse(&["--mutating-webhook-configuration", ""]).unwrap();
        assert_eq!(config.configuration_names().mutating, None);
        assert_eq!(config.configuration_names().validating.as_deref(), Some("hookgate"));
    }

    #[test]
    fn bad_values_are_answered_with_the_way_out() {
        for (arguments, expected) in [
            (["--certificate-lifetime", "90"], "write it as 500ms"),
            (["--certificate-lifetime", "1m"], "between 10m and"),
            (["--certificate-lifetime", "-3h"], "between 10m and"),
            (["--lookup-timeout", "1h"], "between 0s and 5m"),
            (["--memory-mib", "1"], "32.."),
            (["--profile", "lax"], "use restricted, baseline or privileged"),
            (["--listen", "9443"], "invalid socket address"),
            (["--log-format", "xml"], "text, json"),
        ] {
            let refused = parse(&[&format!("{}={}", arguments[0], arguments[1])]).unwrap_err();
            assert!(refused.contains(expected), "{arguments:?}: {refused}");
        }
    }
}
