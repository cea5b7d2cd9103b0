//! Machines: whether somebody could log in.

use super::super::{ClusterMachine, ClusterSpec, MachineSpec};
use super::Problem;
use super::files::shown;
use hookgate_policy::machine_rules::{ADDRESS, CREDENTIALS, HOST_KEY, PLAIN_CREDENTIALS};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// What is wrong with the masters of a Cluster.
pub(super) fn of_cluster(spec: &ClusterSpec) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut known = BTreeMap::new();
    for (index, machine) in spec.machines.iter().enumerate() {
        let field = format!("spec.machines[{index}]");
        problems.extend(check(machine, &field));
        if let Some(first) = known.insert(machine.name(), index) {
            let message = format!("{} is spec.machines[{first}] already", shown(&machine.name()));
            let help = "remove one of the two: each hook would run twice on the machine";
            problems.push(Problem::error(ADDRESS, format!("{field}.ip"), message, help));
        }
    }
    problems
}

/// What is wrong with a worker.
pub(super) fn of_machine(spec: &MachineSpec) -> Vec<Problem> {
    let mut problems = check(&spec.machine, "spec");
    if spec.cluster_name.is_empty() {
        let message = "is empty: no Cluster's hooks run on the machine";
        let help = "name the Cluster that the machine belongs to";
        problems.push(Problem::error(ADDRESS, "spec.clusterName", message, help));
    }
    problems
}

fn check(machine: &ClusterMachine, field: &str) -> Vec<Problem> {
    let mut problems = address(machine, field);
    problems.extend(credentials(machine, field));
    for (index, key) in machine.host_keys.iter().enumerate() {
        if let Err(error) = key.parse::<super::super::HostKey>() {
            let help = "pin what `ssh-keyscan HOST` prints, after comparing it on the machine itself";
            problems.push(Problem::error(HOST_KEY, format!("{field}.hostKeys[{index}]"), error, help));
        }
    }
    problems
}

fn address(machine: &ClusterMachine, field: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    if !is_host(&machine.ip) {
        let message = if machine.ip.is_empty() {
            "is empty".to_owned()
        } else {
            format!("`{}` is neither an IP address nor the name of a host", shown(&machine.ip))
        };
        problems.push(Problem::error(ADDRESS, format!("{field}.ip"), message, "write the machine's address"));
    }
    if let (None, Some(port)) = (machine.port(), machine.port) {
        let message = format!("{port} is no port: there are 1 to 65535");
        let help = "write the port of the machine's SSH server, or leave it away for 22";
        problems.push(Problem::error(ADDRESS, format!("{field}.port"), message, help));
    }
    problems
}

fn credentials(machine: &ClusterMachine, field: &str) -> Vec<Problem> {
    const SECRET: &str = "put it into a Secret of the operator's namespace, and name that in secretRef";
    let mut problems = Vec::new();
    let values = [
        ("password", machine.password.as_ref(), true),
        ("privateKey", machine.private_key.as_ref(), true),
        ("passPhrase", machine.pass_phrase.as_ref(), false),
    ];
    for (name, value, logs_in) in values {
        let Some(value) = value.filter(|value| !value.is_empty()) else { continue };
        let path = format!("{field}.{name}");
        match value.decode() {
            Err(error) => problems.push(Problem::error(CREDENTIALS, path, error, SECRET)),
            Ok(bytes) if std::str::from_utf8(&bytes).is_err() => {
                let message = "is base64 of something that is no text";
                problems.push(Problem::error(CREDENTIALS, path, message, SECRET));
            }
            Ok(bytes) if name == "privateKey" && !bytes.trim_ascii_start().starts_with(b"-----BEGIN ") => {
                let message = "holds no private key: one begins with -----BEGIN, in OpenSSH's format or PEM";
                problems.push(Problem::error(CREDENTIALS, path, message, SECRET));
            }
            Ok(_) if logs_in => {
                let message = "stands in the manifest, where base64 hides it from nobody";
                problems.push(Problem::warning(PLAIN_CREDENTIALS, path, message, SECRET));
            }
            Ok(_) => {}
        }
    }
    if machine.username.chars().any(char::is_control) {
        let path = format!("{field}.username");
        let message = format!("`{}` has a control character in it", shown(&machine.username));
        problems.push(Problem::error(CREDENTIALS, path, message, "write the user's name"));
    }
    let has = |name: &str| {
        values.iter().any(|(own, value, _)| *own == name && value.is_some_and(|value| !value.is_empty()))
    };
    match &machine.secret_ref {
        Some(secret) if secret.name.is_empty() => {
            let path = format!("{field}.secretRef.name");
            problems.push(Problem::error(CREDENTIALS, path, "is empty", "name the Secret"));
        }
        None if has("password") || has("privateKey") => {
            if machine.username.is_empty() {
                let help = "write the user's name; only a Secret may have it instead";
                problems.push(Problem::error(CREDENTIALS, format!("{field}.username"), "is empty", help));
            }
        }
        None => {
            let message = "there is neither a secretRef nor a password nor a privateKey: nobody can log in";
            let help = "name the Secret with the password or private key in secretRef";
            problems.push(Problem::error(CREDENTIALS, field, message, help));
        }
        Some(_) => {}
    }
    problems
}

/// Whether a text is an address, or a host's name (RFC 1123).
fn is_host(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    // What is made of numbers and dots only is meant to be an address.
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    text.parse::<IpAddr>().is_ok() || (!is_number && text.len() <= 253 && text.split('.').all(is_label))
}
