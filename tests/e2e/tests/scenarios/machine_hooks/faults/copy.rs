//! The SSH server is killed in the middle of a copy.

use super::{Faulty, by_password, folder, manifest};
use crate::machine_hooks::{machines::Machines, run};
use hookgate_api::platform::{COPY_FILES, HookType};

#[test]
fn a_server_that_is_killed_in_mid_copy_leaves_nothing_half_and_the_next_copy_ends_it() {
    run("machine-copy", async |client, name| {
        let slow_sftp = |pod: &mut serde_json::Value| {
            if pod["metadata"]["name"] == "m2" {
                let slow = serde_json::json!({"name": "SFTP", "value": "sftp /bin/sh /run/slow-sftp"});
                pod["spec"]["containers"][0]["env"].as_array_mut().unwrap().push(slow);
            }
        };
        let machines = Machines::boot_changed(name, &["m1", "m2"], &[], slow_sftp).await?;
        let masters = ["m1", "m2"].map(|machine| by_password(&machines, machine));
        let to = folder(name);
        machines.run("m1", "touch /run/go").await?;
        let manifest = manifest(name, name, &masters, &to, &[(HookType::PreInstall, "wait")]);
        let faulty = Faulty::create(client, name, &machines, &manifest).await?;
        // A part of the large one has come, to a folder beside its place.
        let parts = format!("find {to} -path '*/.hookgate-*/*' -size +16k 2>/dev/null | wc -l");
        faulty.says("m2", &parts, |said| said.trim() == "1").await?;
        machines.down("m2").await?;
        let (address, hook) = (machines.address("m2"), HookType::PreInstall);
        faulty.hangs(COPY_FILES, "MachineUnreachable", &[address]).await?;
        let placed = machines.run("m2", &format!("ls {to}")).await?;
        assert_eq!(placed, "", "nothing is in its place before all of it is there");
        machines.run("m2", "touch /run/go").await?;
        machines.up("m2").await?;
        faulty.ends_well(hook, super::VERSION).await?;
        let digests = format!("cd {to} && sha256sum -- $(ls -A)");
        assert_eq!(
            machines.run("m2", &digests).await?,
            machines.run("m1", &digests).await?,
            "the same files, and nothing left beside them"
        );
        for machine in ["m1", "m2"] {
            faulty.succeeded(machine, hook, Some(1)).await?;
        }
        machines.end().await
    });
}
