//! The cluster that the scenarios run in, and the images that they use.

use crate::problem::Problem;
use kube::{
    Client, Config,
    config::{AuthInfo, KubeConfigOptions, Kubeconfig},
};
use std::{env, path::Path};

/// A client of the cluster that KUBECONFIG names.
///
/// Nothing else is looked at: a scenario must never run in the cluster that somebody's `~/.kube/config` happens to
/// name.
///
/// # Errors
/// When KUBECONFIG isn't set or can't be read.
pub async fn client() -> Result<Client, Problem> {
    connect(env::var_os("KUBECONFIG").as_deref().map(Path::new), |_| {}).await
}

/// A client of the same cluster that acts as somebody else, a user without groups.
///
/// # Errors
/// When KUBECONFIG isn't set or can't be read.
pub async fn client_as(user: &str) -> Result<Client, Problem> {
    let as_user = |auth: &mut AuthInfo| auth.impersonate = Some(user.to_owned());
    connect(env::var_os("KUBECONFIG").as_deref().map(Path::new), as_user).await
}

/// A client of the same cluster with the token of a service account and nothing else, that claims to be somebody else
/// where `user` says so.
///
/// # Errors
/// When KUBECONFIG isn't set or can't be read.
pub async fn client_with_token(token: &str, user: Option<&str>) -> Result<Client, Problem> {
    let with_token = |auth: &mut AuthInfo| {
        let token = Some(token.to_owned().into());
        *auth = AuthInfo { token, impersonate: user.map(str::to_owned), ..AuthInfo::default() };
    };
    connect(env::var_os("KUBECONFIG").as_deref().map(Path::new), with_token).await
}

async fn connect(
    kubeconfig: Option<&Path>,
    authenticated: impl FnOnce(&mut AuthInfo),
) -> Result<Client, Problem> {
    let path = kubeconfig
        .filter(|path| !path.as_os_str().is_empty())
        .ok_or_else(|| Problem::NoCluster("KUBECONFIG is not set".to_owned()))?;
    // Another part of the process may have installed the same provider already.
    let _already = rustls::crypto::ring::default_provider().install_default();
    let no_cluster =
        |error: &dyn std::fmt::Display| Problem::NoCluster(format!("{}: {error}", path.display()));
    let kubeconfig = Kubeconfig::read_from(path).map_err(|error| no_cluster(&error))?;
    let mut config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default())
        .await
        .map_err(|error| no_cluster(&error))?;
    authenticated(&mut config.auth_info);
    Client::try_from(config).map_err(|error| no_cluster(&error))
}

/// The stand-in's image for a component and a version: `<prefix>/fe-standin:3.2.1`. An existing cluster pulls it from
/// where HOOKGATE_STANDIN_REPOSITORY says.
pub fn standin_image(component: &str, version: &str) -> String {
    let prefix = env::var("HOOKGATE_STANDIN_REPOSITORY").unwrap_or_else(|_| "hookgate.dev".to_owned());
    format!("{prefix}/{component}-standin:{version}")
}

/// nginx, as the FE proxy runs it: `<prefix>/nginx:before`, or `after`, which differ in nothing but their name. An existing
/// cluster pulls it from where HOOKGATE_STANDIN_REPOSITORY says.
pub fn nginx_image(tag: &str) -> String {
    let prefix = env::var("HOOKGATE_STANDIN_REPOSITORY").unwrap_or_else(|_| "hookgate.dev".to_owned());
    format!("{prefix}/nginx:{tag}")
}

/// Hookgate's own image: its repository and its tag. An existing cluster pulls it from where HOOKGATE_IMAGE_REPOSITORY and
/// HOOKGATE_IMAGE_TAG say.
pub fn hookgate_image() -> (String, String) {
    let of = |variable: &str, otherwise: &str| env::var(variable).unwrap_or_else(|_| otherwise.to_owned());
    (of("HOOKGATE_IMAGE_REPOSITORY", "hookgate.dev/hookgate"), of("HOOKGATE_IMAGE_TAG", "dev"))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn message(kubeconfig: Option<&str>) -> String {
        connect(kubeconfig.map(Path::new), |_| {})
            .await
            .err()
            .map(|problem| problem.to_string())
            .unwrap_or_default()
    }

    #[tokio::test]
    async fn without_a_kubeconfig_the_way_out_is_named() {
        for (kubeconfig, expected) in [
            (None, "KUBECONFIG is not set"),
            (Some(""), "KUBECONFIG is not set"),
            (Some("/nonexistent/kubeconfig"), "/nonexistent/kubeconfig"),
        ] {
            let message = message(kubeconfig).await;
            assert!(message.contains(expected) && message.contains("make demo"), "{kubeconfig:?}: {message}");
        }
    }
}
