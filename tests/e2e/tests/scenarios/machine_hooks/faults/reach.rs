//! Machines that can't be reached, or answer late: seven of them, each with a fault of its own or none.

use super::{Faulty, by_password, folder, manifest};
use crate::machine_hooks::{machines::Machines, run};
use hookgate_api::platform::{COPY_FILES, HookType};
use std::time::Duration;

/// How late the slow machine answers.
const LATE: Duration = Duration::from_secs(20);
const HOOK: HookType = HookType::PreInstall;

/// Sends a signal to the server that listens.
fn signal_listener(signal: &str) -> String {
    format!("kill -{signal} $(cat /run/sshd.pid)")
}

#[test]
fn machines_that_are_down_slow_or_lost_in_mid_run_delay_only_themselves() {
    run("machine-reach", async |client, name| {
        let mut machines = Machines::boot(name, &["fine", "lost", "down", "slow", "other"], &[]).await?;
        machines.add_plain(&["plain-fine", "plain-lost"]).await?;
        let all = ["fine", "lost", "down", "slow", "other", "plain-fine", "plain-lost"];
        // Those whose hook has nothing to wait for.
        for machine in ["fine", "slow", "other", "plain-fine", "down"] {
            machines.run(machine, "touch /run/go").await?;
        }
        machines.down("down").await?;
        machines.run("slow", &signal_listener("STOP")).await?;
        let masters = all.map(|machine| by_password(&machines, machine));
        let manifest = manifest(name, name, &masters, &folder(name), &[(HOOK, "wait")]);
        let faulty = Faulty::create(client, name, &machines, &manifest).await?;
        faulty.hangs(COPY_FILES, "MachineUnreachable", &[machines.address("down")]).await?;
        // It takes the connection, and says nothing for that time.
        tokio::time::sleep(LATE).await;
        machines.run("slow", &signal_listener("CONT")).await?;

        // A machine that is down from the beginning keeps nobody else from running the hook.
        for machine in ["fine", "other", "slow", "plain-fine"] {
            faulty.says(machine, super::JOURNAL, |said| said.contains("succeeded")).await?;
        }
        for machine in ["lost", "plain-lost"] {
            faulty.says(machine, super::JOURNAL, |said| said.contains("began")).await?;
            machines.down(machine).await?;
        }
        let hangs = ["lost", "plain-lost"].map(|machine| machines.address(machine));
        faulty.hangs(HOOK.condition(), "MachineUnreachable", &hangs).await?;
        // Their hooks go on and end while nobody is connected.
        for machine in ["lost", "plain-lost"] {
            machines.run(machine, "touch /run/go").await?;
            faulty.says(machine, super::JOURNAL, |said| said.contains("succeeded")).await?;
        }
        assert_eq!(faulty.journal("down").await?, [], "nothing came to the machine that is down");
        for machine in ["lost", "plain-lost", "down"] {
            machines.up(machine).await?;
        }
        faulty.ends_well(HOOK, super::VERSION).await?;
        for machine in all {
            faulty.succeeded(machine, HOOK, Some(1)).await?;
        }
        let events = faulty.events().await?;
        assert!(events.contains("MachineUnreachable"), "{events:?}");
        machines.end().await
    });
}
