//! A full disk, and a target that can't be written to.

use super::{Faulty, by_password, manifest};
use crate::machine_hooks::{kubectl_ok, machines::Machines, run};
use hookgate_api::platform::{COPY_FILES, HookType};
use serde_json::{Value, json};

const HOOK: HookType = HookType::PreInstall;

/// A small disk at `/small`, and one at `/sealed` that nothing can be written to.
fn disks(pod: &mut Value) {
    let spec = &mut pod["spec"];
    spec["volumes"] = json!([
        {"name": "small", "emptyDir": {"medium": "Memory", "sizeLimit": "1Mi"}},
        {"name": "sealed", "emptyDir": {}},
    ]);
    spec["containers"][0]["volumeMounts"] = json!([
        {"name": "small", "mountPath": "/small"},
        {"name": "sealed", "mountPath": "/sealed", "readOnly": true},
    ]);
}

#[test]
fn a_full_disk_and_a_read_only_target_are_told_in_the_machines_words_until_they_are_mended() {
    run("machine-disks", async |client, name| {
        let machines = Machines::boot_changed(name, &["m1", "m2", "m3"], &[], disks).await?;
        for machine in ["m1", "m2", "m3"] {
            machines.run(machine, "touch /run/go").await?;
        }
        let fill = "head -c 4194304 /dev/zero >/small/ballast; df -P /small | tail -n 1";
        let filled = machines.run("m1", fill).await?;
        assert!(filled.contains("100%"), "{filled}");
        let (one, two) = (format!("{name}-full"), format!("{name}-sealed"));
        let create = async |cluster, machine: &str, dst: &str| {
            let masters = [machine, "m3"].map(|machine| by_password(&machines, machine));
            let manifest = manifest(name, cluster, &masters, dst, &[(HOOK, "wait")]);
            Faulty::create(client, cluster, &machines, &manifest).await
        };
        let full = create(&one, "m1", "/small/it").await?;
        let address = machines.address("m1");
        let parts = [address, "No space left on device", "/small has 0 KiB left"];
        full.hangs(COPY_FILES, "FilesNotCopied", &parts).await?;
        // The other machine has its files, and runs its hook.
        full.says("m3", super::JOURNAL, |said| said.contains("succeeded")).await?;
        assert_eq!(full.journal("m1").await?, []);
        machines.run("m1", "rm /small/ballast").await?;
        full.ends_well(HOOK, super::VERSION).await?;
        for machine in ["m1", "m3"] {
            full.succeeded(machine, HOOK, Some(1)).await?;
        }
        machines.run("m3", "rm /var/log/faults").await?;

        let sealed = create(&two, "m2", "/sealed/it").await?;
        let parts = [machines.address("m2"), "Read-only file system"];
        sealed.hangs(COPY_FILES, "FilesNotCopied", &parts).await?;
        // The way out is another place.
        let features = json!({
            "files": [{"src": "faults", "dst": "/opt/it"}],
            "hooks": {"PreInstall": "/opt/it/wait"},
        });
        let patch = json!({"spec": {"features": features}}).to_string();
        kubectl_ok(&["patch", "clusters.platform.tkestack.io", &two, "--type=merge", "-p", &patch], None)
            .await?;
        sealed.ends_well(HOOK, super::VERSION).await?;
        for machine in ["m2", "m3"] {
            sealed.succeeded(machine, HOOK, Some(1)).await?;
        }
        machines.end().await
    });
}
