//! root's password, where FE's own environment has it.

use super::{ObserveError, namespace};
use hookgate_api::StarRocksCluster;
use k8s_openapi::api::core::v1::{ConfigMap, EnvVar, Secret};
use kube::{Api, Client};

/// The password: a literal, a key of a Secret or of a ConfigMap. Without `MYSQL_PWD` it's empty, as StarRocks starts.
pub(super) async fn password(client: &Client, cluster: &StarRocksCluster) -> Result<String, ObserveError> {
    let environment = cluster.spec.star_rocks_fe_spec.as_ref().map_or(&[][..], |fe| &fe.fe_env_vars);
    let Some(variable) = environment.iter().find(|variable| variable.name == "MYSQL_PWD") else {
        return Ok(String::new());
    };
    from_variable(client, cluster, variable).await
}

async fn from_variable(
    client: &Client,
    cluster: &StarRocksCluster,
    variable: &EnvVar,
) -> Result<String, ObserveError> {
    if let Some(value) = &variable.value {
        return Ok(value.clone());
    }
    let Some(source) = &variable.value_from else { return Ok(String::new()) };
    let namespace = namespace(cluster);
    if let Some(reference) = &source.secret_key_ref {
        let secrets: Api<Secret> = Api::namespaced(client.clone(), &namespace);
        let secret = secrets.get_opt(&reference.name).await?;
        let value = secret.and_then(|secret| secret.data?.remove(&reference.key));
        let value = value.ok_or_else(|| missing("Secret", &reference.name, &reference.key))?;
        return String::from_utf8(value.0).map_err(|_| {
            ObserveError::Password(format!("key {} of Secret {} is not UTF-8", reference.key, reference.name))
        });
    }
    if let Some(reference) = &source.config_map_key_ref {
        let config_maps: Api<ConfigMap> = Api::namespaced(client.clone(), &namespace);
        let config_map = config_maps.get_opt(&reference.name).await?;
        let value = config_map.and_then(|config_map| config_map.data?.remove(&reference.key));
        return value.ok_or_else(|| missing("ConfigMap", &reference.name, &reference.key));
    }
    let words =
        "MYSQL_PWD comes from a source that can't be read: use a value, a secretKeyRef or a configMapKeyRef";
    Err(ObserveError::Password(words.to_owned()))
}

fn missing(kind: &str, name: &str, key: &str) -> ObserveError {
    ObserveError::Password(format!("there is no key {key} in {kind} {name}"))
}
