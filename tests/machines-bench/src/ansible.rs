//! Ansible's part, set up as its documentation advises for speed: pipelining, connections that stay, no facts.

use crate::{Problem, arguments::Measure, machines::Part};
use std::{fmt::Write, fs, process::Command};

/// The process that runs a playbook on all machines.
pub fn command(machines: &Part<'_>, arguments: &Measure, playbook: &str) -> Result<Command, Problem> {
    let folder = machines.folder.join("ansible");
    fs::create_dir_all(&folder).map_err(Problem::io(folder.display()))?;
    let host_key = machines.host_key()?;
    let (mut inventory, mut known_hosts) = (String::new(), String::new());
    for (number, address) in machines.addresses.iter().enumerate() {
        // Writing to a String doesn't fail.
        let _written = writeln!(
            inventory,
            "m{number} ansible_host={} ansible_port={} ansible_user=root \
             ansible_ssh_private_key_file={} ansible_python_interpreter={}",
            address.ip(),
            address.port(),
            machines.folder.join("user").display(),
            arguments.python.display()
        );
        let _written = write!(known_hosts, "[{}]:{} {host_key}", address.ip(), address.port());
    }
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        fs::write(&path, text).map_err(Problem::io(path.display())).map(|()| path)
    };
    let inventory = write("inventory", &inventory)?;
    let playbook = write("playbook.yml", playbook)?;
    let known_hosts = write("known_hosts", &known_hosts)?;
    // Nobody's own settings count.
    let config = write("ansible.cfg", "")?;
    let mut command = Command::new(&arguments.ansible);
    command.arg("-i").arg(inventory).arg(playbook);
    command.arg("-e").arg(format!("hooks={}", machines.folder.join("hooks").display()));
    command.arg("-e").arg(format!("archive={}", folder.join("files.tar.gz").display()));
    let ssh = format!(
        "-o ControlMaster=auto -o ControlPersist=60s -o StrictHostKeyChecking=yes -o UserKnownHostsFile={}",
        known_hosts.display()
    );
    let settings = [
        ("ANSIBLE_FORKS", arguments.parallel.to_string()),
        ("ANSIBLE_PIPELINING", "True".to_owned()),
        ("ANSIBLE_SSH_ARGS", ssh),
        ("ANSIBLE_CONFIG", config.display().to_string()),
        ("ANSIBLE_HOME", folder.display().to_string()),
    ];
    command.envs(settings).env("LC_ALL", "C.UTF-8");
    Ok(command)
}
