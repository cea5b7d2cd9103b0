//! Runs: begun once, found again, and ended as they should.

use crate::machine::{Machine, command, wait_until};
use hookgate_machines::{
    run::{Ended, Ending, HookCommand, KEPT_BYTES, drive},
    text::Masks,
};
use std::{fs, time::Duration};

async fn run(machine: &Machine, command: &HookCommand) -> Ended {
    drive(&machine.connect().await, command, &Masks::new(["hunter22"])).await.unwrap()
}

#[tokio::test]
async fn a_run_ends_with_its_status_and_the_end_of_its_output() {
    let machine = Machine::start();
    let script = machine.script(
        "hook",
        "#!/bin/sh\necho out hunter22; echo \"err$HOOKGATE_RUN\" >&2; printf '\\033[2J'; exit 7\n",
    );
    let ended = run(&machine, &command(&script, &[], 7)).await;
    assert_eq!(ended.ending, Ending::Exited(7));
    assert_eq!(ended.output, "out ********\nerr00000000000000000000000000000007\n\\u{1b}[2J");
}

#[tokio::test]
async fn what_can_not_be_run_ends_as_a_shell_says_it() {
    let machine = Machine::start();
    let missing = run(&machine, &command("/nowhere/hook", &[], 1)).await;
    assert_eq!(missing.ending, Ending::Exited(127));
    assert!(missing.output.contains("not found"), "{}", missing.output);
    let plain = machine.script("plain", "#!/bin/nothing\n");
    assert!(matches!(run(&machine, &command(&plain, &[], 2)).await.ending, Ending::Exited(126 | 127)));
    let unreadable = machine.script("no-right", "#!/bin/sh\n");
    fs::set_permissions(&unreadable, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    let ended = run(&machine, &command(&unreadable, &[], 3)).await;
    assert_eq!(ended.ending, Ending::Exited(126));
    assert!(ended.output.contains("Permission denied"), "{}", ended.output);
}

#[tokio::test]
async fn a_run_is_begun_once_however_often_and_from_wherever_it_is_asked_for() {
    let machine = Machine::start();
    let script = machine
        .script("hook", "#!/bin/sh\necho begun >>times\nwhile [ ! -e go ]; do sleep 0.1; done\necho over\n");
    let command = command(&script, &[], 1);
    let ask = || run(&machine, &command);
    let go = async {
        // The first operator dies while the hook runs.
        let first = tokio::time::timeout(Duration::from_secs(3), ask()).await;
        assert!(first.is_err());
        let release = async {
            tokio::time::sleep(Duration::from_secs(2)).await;
            fs::write(machine.home().join("go"), "").unwrap();
        };
        let (one, two, three, ()) = tokio::join!(ask(), ask(), ask(), release);
        for ended in [one, two, three, ask().await] {
            assert_eq!((ended.ending, ended.output.as_str()), (Ending::Exited(0), "over\n"));
        }
    };
    go.await;
    assert_eq!(fs::read_to_string(machine.home().join("times")).unwrap(), "begun\n");
}

#[tokio::test]
async fn a_hook_that_never_ends_is_ended_with_all_of_its_session() {
    let machine = Machine::start();
    let script = machine.script(
        "hook",
        "#!/bin/bash\ntrap '' TERM\nsleep 3333 & echo waiting\nwhile :; do sleep 1111; done\n",
    );
    // Long enough for a busy machine to begin the hook.
    let timeout = Duration::from_secs(6);
    let ended = run(&machine, &HookCommand { timeout, ..command(&script, &[], 1) }).await;
    assert_eq!((ended.ending, ended.output.as_str()), (Ending::TimedOut, "waiting\n"));
    // What was killed may not be reaped yet.
    wait_until(|| machine.processes("sleep").is_empty() && machine.processes("hook").is_empty());
    // One that starts others as fast as they are ended leaves none of them.
    let script = machine.script(
        "busy",
        "#!/bin/bash\ntrap '' TERM\nfor n in 1 2 3 4 5 6; do (while :; do sleep 2222; done) & done\nwhile :; do sleep 0.001; done\n",
    );
    let ended = run(&machine, &HookCommand { timeout, ..command(&script, &[], 3) }).await;
    assert_eq!(ended.ending, Ending::TimedOut);
    wait_until(|| machine.processes("sleep").is_empty() && machine.processes("busy").is_empty());
    // One that listens has time to put things in order.
    let script =
        machine.script("polite", "#!/bin/sh\ntrap 'echo tidied; exit 3' TERM\nwhile :; do sleep 0.1; done\n");
    let ended = run(&machine, &HookCommand { timeout, ..command(&script, &[], 2) }).await;
    assert_eq!(ended.ending, Ending::TimedOut);
    assert!(ended.output.ends_with("tidied\n"), "{}", ended.output);
}

#[tokio::test]
async fn a_hook_that_kills_its_own_session_has_ended_by_that_signal() {
    let machine = Machine::start();
    let script = machine.script("hook", "#!/bin/sh\necho last words\nkill -9 0\n");
    let ended = run(&machine, &command(&script, &[], 1)).await;
    assert_eq!((ended.ending, ended.output.as_str()), (Ending::Exited(137), "last words\n"));
    // What leaves its session and holds the output open doesn't keep the hook from having ended.
    let script = machine.script("leaves", "#!/bin/sh\nsetsid sleep 4444 &\necho left\n");
    let ended = run(&machine, &command(&script, &[], 2)).await;
    assert_eq!((ended.ending, ended.output.as_str()), (Ending::Exited(0), "left\n"));
}

#[tokio::test]
async fn a_hook_that_kills_everything_or_a_machine_that_restarts_leaves_a_run_that_is_lost() {
    let mut machine = Machine::start();
    let script = machine.script("hook", "#!/bin/sh\necho begun >>times\nsleep 5555\n");
    let ask = command(&script, &[], 1);
    let interrupted = async {
        let connection = machine.connect().await;
        drive(&connection, &ask, &Masks::default()).await
    };
    let begun = async {
        while !machine.home().join("times").exists() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::select! {
        ended = interrupted => panic!("it has ended: {ended:?}"),
        () = begun => {}
    }
    machine.reboot();
    assert_eq!(run(&machine, &ask).await.ending, Ending::Lost);
    assert_eq!(fs::read_to_string(machine.home().join("times")).unwrap(), "begun\n");
    // The supervisor is killed, and the hook with it.
    let script = machine.script("all", "#!/bin/sh\necho all\nkill -9 $PPID; kill -9 $$\n");
    let ended = run(&machine, &command(&script, &[], 2)).await;
    assert_eq!((ended.ending, ended.output.as_str()), (Ending::Lost, "all\n"));
}

#[tokio::test]
async fn a_gibibyte_of_output_fills_neither_the_disk_nor_the_memory_and_its_end_is_kept() {
    let machine = Machine::start();
    let script =
        machine.script("hook", "#!/bin/sh\nyes 'a line of a gibibyte' | head -c 1073741824\necho the end\n");
    let ended = run(&machine, &command(&script, &[], 1)).await;
    assert_eq!(ended.ending, Ending::Exited(0));
    let (whole, length) = (ended.output.ends_with("the end\n"), ended.output.len());
    assert!(whole && length > KEPT_BYTES - 100, "{length} bytes");
    let folder = machine.home().join(".hookgate/runs").join(format!("{:032x}", 1));
    let left: u64 = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().metadata().unwrap().len()).sum();
    assert!(left <= 49 << 20, "{left} bytes are left on the machine");
}

#[tokio::test]
async fn output_without_a_line_break_is_kept_as_well() {
    let machine = Machine::start();
    let script = machine.script("hook", "#!/bin/sh\nhead -c 300000 /dev/zero | tr '\\0' x\nexit 1\n");
    let ended = run(&machine, &command(&script, &[], 1)).await;
    assert_eq!((ended.ending, ended.output.len()), (Ending::Exited(1), KEPT_BYTES));
}
