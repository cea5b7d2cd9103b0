//! Our part: what the operator does for its machines, as a process of its own.

use crate::{Problem, arguments::Work, machines::Part};
use hookgate_api::platform::{HookType, HostKey, HostKeyError};
use hookgate_machines::{
    files::{Manifest, Wanted},
    plan::{Attempt, Doing, Outcome},
    run::{Ending, RunId},
    ssh::{Credentials, Patience, Target},
    work::{Job, Workshop},
};
use std::{fs, net::SocketAddr, process::Command, sync::Arc, time::Duration};
use tokio::sync::mpsc::unbounded_channel;

/// Where everything goes on a machine; Ansible's playbooks have the same.
const FILES: &str = "/mnt/files";
const HOOK: &str = "/mnt/hook";

/// The process that does it.
pub fn command(machines: &Part<'_>, parallel: u16) -> Result<Command, Problem> {
    let program = std::env::current_exe().map_err(Problem::io("this program"))?;
    let addresses: Vec<String> = machines.addresses.iter().map(ToString::to_string).collect();
    let mut command = Command::new(program);
    command.args([
        "work",
        "--parallel",
        &parallel.to_string(),
        "--machines",
        &addresses.join(","),
        "--folder",
    ]);
    command.arg(machines.folder);
    Ok(command)
}

/// Does it: on each machine the files, then the hook.
pub fn work(work: &Work) -> Result<(), Problem> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.map_err(Problem::io("a runtime"))?.block_on(on_all(work))
}

async fn on_all(work: &Work) -> Result<(), Problem> {
    let read = |name: &str| {
        let path = work.folder.join(name);
        fs::read_to_string(&path).map_err(Problem::io(path.display()))
    };
    let said = |error: &dyn std::fmt::Display| Problem(error.to_string());
    let credentials = Credentials::new(None, Some(&read("user")?), None).map_err(|error| said(&error))?;
    let host_key: HostKey = read("host.pub")?.parse().map_err(|error: HostKeyError| said(&error))?;
    let wanted = [Wanted { src: "files", dst: FILES }, Wanted { src: "hook", dst: HOOK }];
    let manifest =
        Manifest::read(&work.folder.join("hooks"), &wanted, &[HOOK]).map_err(|error| said(&error))?;
    let manifest = Arc::new(manifest);
    let target = |address: SocketAddr| Target {
        host: address.ip().to_string(),
        port: address.port(),
        user: "root".to_owned(),
        credentials: credentials.clone(),
        host_keys: vec![host_key.clone()],
    };
    let job = |address: SocketAddr, doing: Doing| Job {
        target: Ok(target(address)),
        doing,
        files: Arc::clone(&manifest),
        copies: true,
        arguments: Vec::new(),
        timeout: Duration::from_secs(600),
    };
    let (send, mut finished) = unbounded_channel();
    let workshop = Arc::new(Workshop::new(work.parallel.into(), Patience::default(), send));
    for address in &work.machines {
        let copy = Doing::Copy { digest: manifest.digest.clone() };
        workshop.start(*address, address.to_string(), job(*address, copy));
    }
    let mut left = work.machines.len();
    while left > 0 {
        let Some(address) = finished.recv().await else { break };
        let last = workshop.facts(&address, &address.to_string()).last;
        match last.map(|last| last.outcome) {
            Some(Outcome::Copied) => {
                let id = RunId::parse(&format!("{:032x}", address.port()));
                let id = id.ok_or_else(|| Problem("no name for a run".to_owned()))?;
                let attempt = Attempt {
                    id,
                    hook: HookType::PreInstall,
                    script: HOOK.to_owned(),
                    started: None,
                    wanted: true,
                };
                workshop.start(address, address.to_string(), job(address, Doing::Run(attempt)));
            }
            Some(Outcome::Ran { ending: Ending::Exited(0), .. }) => left -= 1,
            other => return Err(Problem(format!("{address}: {other:?}"))),
        }
    }
    Ok(())
}
