//! How a machine is entered: from the spec, or from a Secret that it names.

use super::pass::MachineHookError;
use hookgate_api::platform::{Base64Text, ClusterMachine, HostKey, RecordedHostKey, SecretReference};
use hookgate_machines::{
    plan::Trouble,
    ssh::{Credentials, Target},
};
use k8s_openapi::api::core::v1::Secret;
use kube::{Api, Client, ResourceExt};

/// What a Secret, or the spec, has.
#[derive(Default)]
struct Login {
    user: Option<String>,
    password: Option<String>,
    private_key: Option<String>,
    passphrase: Option<String>,
}

/// The machine as it's connected to, or why it can't be.
///
/// # Errors
/// When the API server doesn't answer.
pub(super) async fn target(
    client: &Client,
    namespace: &str,
    machine: &ClusterMachine,
    recorded: &[RecordedHostKey],
) -> Result<Result<Target, Trouble>, MachineHookError> {
    let secret = match &machine.secret_ref {
        Some(reference) => {
            let secrets = Api::<Secret>::namespaced(client.clone(), namespace);
            match secrets.get_opt(&reference.name).await.map_err(MachineHookError::api)? {
                Some(secret) => Some(secret),
                None => {
                    return Ok(Err(Trouble::Login(format!(
                        "secrets {:?} not found in {namespace}: create it there with the label {}=true, or name another one \
                         in secretRef",
                        reference.name,
                        SecretReference::LABEL
                    ))));
                }
            }
        }
        None => None,
    };
    Ok(assemble(machine, secret.as_ref(), recorded).map_err(Trouble::Login))
}

fn assemble(
    machine: &ClusterMachine,
    secret: Option<&Secret>,
    recorded: &[RecordedHostKey],
) -> Result<Target, String> {
    let port = machine.port().ok_or("its port is none that there is: 1 to 65535")?;
    let login = match secret {
        Some(secret) => of_secret(secret)?,
        None => of_spec(machine)?,
    };
    let named = Some(machine.username.clone()).filter(|name| !name.is_empty());
    let user = named.or(login.user).ok_or("there is no username, neither in the spec nor in a Secret")?;
    if user.chars().any(char::is_control) {
        return Err("the username has a control character in it".to_owned());
    }
    let credentials = Credentials::new(
        login.password.as_deref(),
        login.private_key.as_deref(),
        login.passphrase.as_deref(),
    )
    .map_err(|error| error.to_string())?;
    let pinned = machine.pinned().map_err(|error| format!("hostKeys: {error}"))?;
    let host_keys = if pinned.is_empty() { recorded_keys(&machine.name(), recorded)? } else { pinned };
    Ok(Target { host: machine.ip.clone(), port, user, credentials, host_keys })
}

/// A record that can't be read must not open the machine to any key.
fn recorded_keys(machine: &str, recorded: &[RecordedHostKey]) -> Result<Vec<HostKey>, String> {
    let of_machine = recorded.iter().filter(|key| key.machine == machine);
    of_machine.map(|key| key.key.parse().map_err(|error| format!("the recorded host key {error}"))).collect()
}

fn of_spec(machine: &ClusterMachine) -> Result<Login, String> {
    let text = |name: &str, value: Option<&Base64Text>| {
        let Some(value) = value.filter(|value| !value.is_empty()) else { return Ok(None) };
        let bytes = value.decode().map_err(|error| format!("{name} {error}"))?;
        String::from_utf8(bytes).map(Some).map_err(|_| format!("{name} is not UTF-8"))
    };
    Ok(Login {
        user: None,
        password: text("password", machine.password.as_ref())?,
        private_key: text("privateKey", machine.private_key.as_ref())?,
        passphrase: text("passPhrase", machine.pass_phrase.as_ref())?,
    })
}

fn of_secret(secret: &Secret) -> Result<Login, String> {
    let name = secret.name_any();
    if secret.labels().get(SecretReference::LABEL).map(String::as_str) != Some("true") {
        return Err(format!(
            "secrets {name:?} has not the label {}=true, without which it is read for no machine",
            SecretReference::LABEL
        ));
    }
    let text = |key: &str| {
        let Some(bytes) = secret.data.as_ref().and_then(|data| data.get(key)) else { return Ok(None) };
        String::from_utf8(bytes.0.clone())
            .map(Some)
            .map_err(|_| format!("{key} of secrets {name:?} is not UTF-8"))
    };
    Ok(Login {
        user: text(SecretReference::USERNAME)?,
        password: text(SecretReference::PASSWORD)?,
        private_key: text(SecretReference::PRIVATE_KEY)?,
        passphrase: text(SecretReference::PASSPHRASE)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn assembled(
        machine: serde_json::Value,
        secret: Option<serde_json::Value>,
        key: &str,
    ) -> Result<Target, String> {
        let machine: ClusterMachine = serde_json::from_value(machine).unwrap();
        let secret: Option<Secret> = secret.map(|secret| serde_json::from_value(secret).unwrap());
        let recorded =
            RecordedHostKey { machine: "10.0.0.9".to_owned(), key: key.to_owned(), recorded_at: None };
        let recorded = if key.is_empty() { Vec::new() } else { vec![recorded] };
        assemble(&machine, secret.as_ref(), &recorded)
    }

    #[test]
    fn the_spec_or_a_secret_with_the_label_says_who_enters() {
        let plain = json!({"ip": "10.0.0.9", "port": 22, "username": "root", "password": "MTIzNDU2"});
        let target = assembled(plain, None, "").unwrap();
        assert_eq!((target.user.as_str(), target.port), ("root", 22));
        let named = json!({"ip": "10.0.0.9", "secretRef": {"name": "m"}});
        let data = json!({"username": "YWRtaW4=", "password": "MTIzNDU2"});
        let labelled = json!({"metadata": {"name": "m", "labels": {"hookgate.dev/machine-credentials": "true"}}, "data": data});
        assert_eq!(assembled(named.clone(), Some(labelled), "").unwrap().user, "admin");
        let bare = json!({"metadata": {"name": "m"}, "data": data});
        let error = assembled(named, Some(bare), "").unwrap_err();
        assert!(error.contains("hookgate.dev/machine-credentials=true"), "{error}");
    }

    #[test]
    fn what_is_missing_or_wrong_is_said_without_the_secret() {
        for (machine, words) in [
            (json!({"ip": "10.0.0.9", "port": 70000, "username": "root", "password": "MTIz"}), "1 to 65535"),
            (json!({"ip": "10.0.0.9", "password": "MTIzNDU2"}), "no username"),
            (json!({"ip": "10.0.0.9", "username": "a\nb", "password": "MTIz"}), "a control character"),
            (json!({"ip": "10.0.0.9", "username": "root"}), "neither a password nor a private key"),
            (
                json!({"ip": "10.0.0.9", "username": "root", "password": "hunter 22"}),
                "password is not base64",
            ),
            (
                json!({"ip": "10.0.0.9", "username": "root", "password": "MTIz", "hostKeys": ["x"]}),
                "hostKeys: is not a host key",
            ),
        ] {
            let error = assembled(machine, None, "").unwrap_err();
            assert!(error.contains(words) && !error.contains("hunter"), "{error}");
        }
        let plain = json!({"ip": "10.0.0.9", "username": "root", "password": "MTIzNDU2"});
        let error = assembled(plain, None, "what is this").unwrap_err();
        assert!(
            error.contains("the recorded host key"),
            "a record that can't be read opens nothing: {error}"
        );
    }
}
