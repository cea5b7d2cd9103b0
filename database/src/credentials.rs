//! Who talks to an FE: the user and password that FE's own environment has.

use hookgate_api::{StarRocksCluster, defaults::DEFAULT_FE_USER};
use k8s_openapi::api::core::v1::{ConfigMap, EnvVar, Secret};
use kube::{Api, Client, ResourceExt};
use std::fmt;

/// The variable of FE's environment that has the password.
const PASSWORD_VARIABLE: &str = "MYSQL_PWD";
/// The variable of FE's environment that names the user.
pub const USER_VARIABLE: &str = "SR_FE_USER";

/// A user and its password.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The user: `root`, where nothing else is said.
    pub user: String,
    /// The password; empty, where nothing is said, as StarRocks starts.
    pub password: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("user", &self.user).finish_non_exhaustive()
    }
}

/// Why a user or password isn't known.
#[derive(Debug, thiserror::Error)]
pub enum CredentialsError {
    /// The API server refused or didn't answer.
    #[error("{variable} of FE's environment can't be read: {cause}")]
    Api {
        /// The variable.
        variable: &'static str,
        /// The answer.
        #[source]
        cause: Box<kube::Error>,
    },
    /// What the variable refers to isn't there.
    #[error("{variable} of FE's environment: there is no key {key} in {kind} {name}")]
    Missing {
        /// The variable.
        variable: &'static str,
        /// `Secret` or `ConfigMap`.
        kind: &'static str,
        /// The object's name.
        name: String,
        /// The key.
        key: String,
    },
    /// What the variable refers to isn't text.
    #[error("{variable} of FE's environment: key {key} of Secret {name} is not UTF-8")]
    NotText {
        /// The variable.
        variable: &'static str,
        /// The Secret's name.
        name: String,
        /// The key.
        key: String,
    },
    /// A name that no user should have.
    #[error(
        "{USER_VARIABLE} of FE's environment is {0:?}: a user's name has letters, digits and _ . @ - only, and begins with a letter, a digit or _"
    )]
    User(String),
    /// The variable comes from a field of the pod, or from a resource.
    #[error(
        "{0} of FE's environment comes from a source that can't be read: use a value, a secretKeyRef or a configMapKeyRef"
    )]
    Source(&'static str),
}

/// The user and password of a cluster's FEs: `SR_FE_USER` and `MYSQL_PWD` of FE's environment, each a literal, a key of
/// a Secret or a key of a ConfigMap.
///
/// # Errors
/// When a variable refers to something that can't be read.
pub async fn credentials(
    client: &Client,
    cluster: &StarRocksCluster,
) -> Result<Credentials, CredentialsError> {
    let user = variable(client, cluster, USER_VARIABLE).await?.filter(|user| !user.is_empty());
    Ok(Credentials {
        user: checked(user.unwrap_or_else(|| DEFAULT_FE_USER.to_owned()))?,
        password: variable(client, cluster, PASSWORD_VARIABLE).await?.unwrap_or_default(),
    })
}

/// A name that is one word of a command line, and no option.
fn checked(user: String) -> Result<String, CredentialsError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_.@-".contains(&byte);
    let begins = user.bytes().next().is_some_and(|first| first.is_ascii_alphanumeric() || first == b'_');
    if begins && user.len() <= 64 && user.bytes().all(allowed) {
        Ok(user)
    } else {
        Err(CredentialsError::User(user))
    }
}

async fn variable(
    client: &Client,
    cluster: &StarRocksCluster,
    name: &'static str,
) -> Result<Option<String>, CredentialsError> {
    let environment = cluster.spec.star_rocks_fe_spec.as_ref().map_or(&[][..], |fe| &fe.fe_env_vars);
    let Some(variable) = environment.iter().find(|variable| variable.name == name) else { return Ok(None) };
    let namespace = cluster.namespace().unwrap_or_default();
    value(client, &namespace, name, variable).await
}

async fn value(
    client: &Client,
    namespace: &str,
    name: &'static str,
    variable: &EnvVar,
) -> Result<Option<String>, CredentialsError> {
    if let Some(value) = &variable.value {
        return Ok(Some(value.clone()));
    }
    let Some(source) = &variable.value_from else { return Ok(None) };
    let unreadable = |cause| CredentialsError::Api { variable: name, cause: Box::new(cause) };
    let missing = |kind, object: &str, key: &str| CredentialsError::Missing {
        variable: name,
        kind,
        name: object.to_owned(),
        key: key.to_owned(),
    };
    if let Some(reference) = &source.secret_key_ref {
        let secrets: Api<Secret> = Api::namespaced(client.clone(), namespace);
        let secret = secrets.get_opt(&reference.name).await.map_err(unreadable)?;
        let value = secret.and_then(|secret| secret.data?.remove(&reference.key));
        let value = value.ok_or_else(|| missing("Secret", &reference.name, &reference.key))?;
        let text = String::from_utf8(value.0).map_err(|_| CredentialsError::NotText {
            variable: name,
            name: reference.name.clone(),
            key: reference.key.clone(),
        })?;
        return Ok(Some(text));
    }
    if let Some(reference) = &source.config_map_key_ref {
        let config_maps: Api<ConfigMap> = Api::namespaced(client.clone(), namespace);
        let config_map = config_maps.get_opt(&reference.name).await.map_err(unreadable)?;
        let value = config_map.and_then(|config_map| config_map.data?.remove(&reference.key));
        return value.map(Some).ok_or_else(|| missing("ConfigMap", &reference.name, &reference.key));
    }
    Err(CredentialsError::Source(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_one_word_and_no_option() {
        for user in ["root", "hookgate", "up_grader-1", "a.b@c"] {
            assert!(checked(user.to_owned()).is_ok(), "{user}");
        }
        for user in ["-hexample.org", "root -e DROP", "", "a\tb", "$(x)", "ä", &"a".repeat(65)] {
            let error = checked(user.to_owned()).unwrap_err().to_string();
            assert!(error.contains("SR_FE_USER"), "{error}");
        }
    }
}
