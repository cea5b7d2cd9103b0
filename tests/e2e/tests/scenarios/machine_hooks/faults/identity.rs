//! Who a machine is, and who is let in: a wrong key, and a host key that has changed.

use super::{Faulty, by_password, folder, manifest};
use crate::machine_hooks::{kubectl_ok, machines::Machines, run};
use hookgate_api::platform::{COPY_FILES, HOST_KEY, HookType};
use hookgate_e2e::{Problem, kubectl::kubectl};
use serde_json::json;

/// The namespace of the Secrets with credentials.
const NAMESPACE: &str = "hookgate-system";

/// A Secret with a private key that was made on a machine, which has not been told to let it in.
async fn secret_with_new_key(machines: &Machines, machine: &str, name: &str) -> Result<(), Problem> {
    machines.run(machine, "ssh-keygen -q -t ed25519 -N '' -f /run/user_key").await?;
    let key = machines.run(machine, "cat /run/user_key").await?;
    let secret = json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": NAMESPACE, "labels": {"hookgate.dev/machine-credentials": "true"}},
        "stringData": {"ssh-privatekey": key, "username": "root"},
    });
    kubectl_ok(&["create", "-f", "-"], Some(&secret.to_string())).await.map(drop)
}

async fn wrong_key(client: &kube::Client, name: &str, machines: &Machines) -> Result<(), Problem> {
    let hook = HookType::PreInstall;
    secret_with_new_key(machines, "m1", name).await?;
    let stranger = json!({"ip": machines.address("m1"), "secretRef": {"name": name}});
    let masters = [stranger, by_password(machines, "m2")];
    let manifest = manifest(name, name, &masters, &folder(name), &[(hook, "wait")]);
    let faulty = Faulty::create(client, name, machines, &manifest).await?;
    let parts = [machines.address("m1"), "root is refused with its private key", "lets in by", "publickey"];
    let message = faulty.hangs(COPY_FILES, "LoginRefused", &parts).await?;
    assert!(!message.contains("PRIVATE KEY"), "{message}");
    // The other one goes on.
    faulty.says("m2", super::JOURNAL, |said| said.contains("succeeded")).await?;
    let sent = machines.run("m1", &format!("ls -A /root {}", folder(name))).await;
    assert!(!sent.is_ok_and(|sent| sent.contains(".hookgate")), "nothing came to the machine");
    machines
        .run("m1", "umask 077; mkdir -p /root/.ssh; cp /run/user_key.pub /root/.ssh/authorized_keys")
        .await?;
    faulty.ends_well(hook, super::VERSION).await?;
    for machine in ["m1", "m2"] {
        faulty.succeeded(machine, hook, Some(1)).await?;
    }
    Ok(())
}

#[test]
fn a_wrong_key_is_refused_until_the_machine_knows_it() {
    run("machine-key", async |client, name| {
        let machines = Machines::boot(name, &["m1", "m2"], &[]).await?;
        for machine in ["m1", "m2"] {
            machines.run(machine, "touch /run/go").await?;
        }
        let ended = wrong_key(client, name, &machines).await;
        kubectl(&["delete", "secret", "-n", NAMESPACE, name, "--ignore-not-found"], None).await?;
        ended?;
        machines.end().await
    });
}

#[test]
fn a_changed_host_key_stops_that_machine_until_the_new_one_is_pinned() {
    run("machine-host-key", async |client, name| {
        let machines = Machines::boot(name, &["m1", "m2"], &[]).await?;
        for machine in ["m1", "m2"] {
            machines.run(machine, "touch /run/go").await?;
        }
        let masters = ["m1", "m2"].map(|machine| by_password(&machines, machine));
        let (before, after) = (HookType::PreInstall, HookType::PreUpgrade);
        let hooks = [(before, "wait"), (after, "wait")];
        let faulty =
            Faulty::create(client, name, &machines, &manifest(name, name, &masters, &folder(name), &hooks))
                .await?;
        faulty.ends_well(HookType::PostClusterInstall, super::VERSION).await?;
        let print = "ssh-keygen -lf /run/host_key.pub | cut -d' ' -f2";
        let old = machines.run("m2", print).await?;
        // As if it was installed anew, or were another one.
        machines
            .run(
                "m2",
                "rm /run/host_key*; ssh-keygen -q -t ed25519 -N '' -f /run/host_key; rm -r /root/.hookgate",
            )
            .await?;
        machines.kill_sshd("m2").await?;
        let new = machines.run("m2", print).await?;
        for machine in ["m1", "m2"] {
            machines.run(machine, "rm /var/log/faults").await?;
        }
        let patch = |patch: serde_json::Value| async move {
            let patch = patch.to_string();
            let kind = "clusters.platform.tkestack.io";
            kubectl_ok(&["patch", kind, name, "--type=merge", "-p", &patch], None).await.map(drop)
        };
        patch(json!({"spec": {"version": "1.19.7"}})).await?;
        let address = machines.address("m2");
        faulty.hangs(HOST_KEY, "HostKeyChanged", &[address, old.trim(), new.trim(), "hostKeys"]).await?;
        faulty.hangs(after.condition(), "HostKeyChanged", &[address]).await?;
        // The other one goes on; nothing at all comes to this one.
        faulty.says("m1", super::JOURNAL, |said| said.contains("succeeded")).await?;
        assert_eq!(faulty.journal("m2").await?, []);
        let sent = machines.run("m2", "ls -A /root").await?;
        assert!(!sent.contains(".hookgate"), "{sent}");

        let pinned = machines.run("m2", "cut -d' ' -f1,2 /run/host_key.pub").await?;
        let mut second = by_password(&machines, "m2");
        second["hostKeys"] = json!([pinned.trim()]);
        patch(json!({"spec": {"machines": [by_password(&machines, "m1"), second]}})).await?;
        faulty.ends_well(HookType::PreUpgrade, "1.19.7").await?;
        for machine in ["m1", "m2"] {
            faulty.succeeded(machine, after, Some(1)).await?;
        }
        let told = super::told(&faulty.now().await?, HOST_KEY).map(|(status, ..)| status.to_owned());
        assert_eq!(told.as_deref(), Some("True"));
        let events = faulty.events().await?;
        assert!(events.contains("HostKeyChanged") && events.contains("HostKeysMatch"), "{events:?}");
        machines.end().await
    });
}
