//! Runs at their deadline, and machines whose clock can't be used.

use crate::machine::{Machine, command};
use hookgate_machines::{
    run::{Ended, Ending, HookCommand, KEPT_BYTES, drive},
    text::Masks,
};
use jiff::{SignedDuration, Timestamp};
use std::{fs, time::Duration};

async fn run(machine: &Machine, command: &HookCommand) -> Ended {
    drive(&machine.connect().await, command, &Masks::default()).await.unwrap()
}

#[tokio::test]
async fn a_hook_that_ends_at_its_deadline_has_ended_by_itself() {
    let machine = Machine::start();
    // It ends when it is to be ended, before that is done: bash reads this file for every command of a session.
    let before = "case ${BASH_EXECUTION_STRING:-} in\n*' end '*)\n  : >now\n  \
                  until ls .hookgate/runs/*/exit-* >/dev/null 2>&1; do sleep 0.02; done ;;\nesac\n";
    fs::write(machine.home().join(".bashrc"), before).unwrap();
    let script =
        machine.script("hook", "#!/bin/sh\nwhile [ ! -e now ]; do sleep 0.02; done\necho in time\nexit 0\n");
    let command = HookCommand { timeout: Duration::from_secs(1), ..command(&script, &[], 1) };
    let ended = run(&machine, &command).await;
    assert!(machine.home().join("now").exists(), "it was not to be ended");
    assert_eq!((ended.ending, ended.output.as_str()), (Ending::Exited(0), "in time\n"));
}

#[tokio::test]
async fn a_machine_that_does_not_know_its_uptime_has_a_deadline_all_the_same() {
    let machine = Machine::start();
    // As a container has it, whose processes began before it did; and not at all.
    for (number, uptime) in [(1, "1.00 1.00\n"), (2, "")] {
        let file = machine.folder.join("uptime");
        fs::write(&file, uptime).unwrap();
        machine.inside(&format!("mount --bind {} /proc/uptime", file.display()));
        let script = machine.script("hook", "#!/bin/sh\nsleep 60\n");
        let started = (number == 1).then(Timestamp::now);
        let command =
            HookCommand { timeout: Duration::from_secs(2), started, ..command(&script, &[], number) };
        let ended = run(&machine, &command).await;
        assert_eq!(ended.ending, Ending::TimedOut, "{uptime:?}");
        machine.inside("umount /proc/uptime");
    }
}

#[tokio::test]
async fn a_machine_that_knows_its_uptime_counts_from_the_beginning_of_the_hook() {
    let machine = Machine::start();
    let script = machine.script("hook", "#!/bin/sh\nsleep 1\n");
    // It was written down long ago: the machine could not be reached.
    let started = Timestamp::now().checked_sub(SignedDuration::from_hours(9)).unwrap();
    let ended = run(&machine, &HookCommand { started: Some(started), ..command(&script, &[], 1) }).await;
    assert_eq!(ended.ending, Ending::Exited(0));
}

#[tokio::test]
async fn many_small_writes_after_a_burst_are_kept_like_any_others() {
    let machine = Machine::start();
    let script = machine.script(
        "hook",
        "#!/bin/bash\nhead -c 50331648 /dev/zero | tr '\\0' x\nfor ((n = 10000; n < 30000; n++)); do echo \"line $n\"; done\n",
    );
    let ended = run(&machine, &command(&script, &[], 1)).await;
    assert_eq!(ended.ending, Ending::Exited(0));
    // The first line is cut.
    let lines: Vec<&str> = ended.output.lines().skip(1).collect();
    let whole: Vec<String> = (30_000 - lines.len()..30_000).map(|number| format!("line {number}")).collect();
    assert!(lines == whole, "something is missing in between: {}", ended.output);
    assert!(ended.output.len() > KEPT_BYTES - 100, "{} bytes", ended.output.len());
}
