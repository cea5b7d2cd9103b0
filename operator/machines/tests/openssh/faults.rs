//! What goes wrong on machines.

use crate::{
    copies::{hooks_folder, write},
    machine::{Machine, command, wait_until},
};
use hookgate_machines::{
    files::{Manifest, Wanted, copy},
    run::{Ending, drive},
    text::Masks,
};
use std::{fs, path::Path};

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_dies_in_the_middle_of_a_copy_leaves_nothing_half_and_the_next_copy_ends_it() {
    let machine = Machine::start();
    let hooks = hooks_folder(&machine);
    write(&hooks.join("large"), &"0123456789abcdef".repeat(6 << 20), 0o644);
    write(&hooks.join("small"), "small", 0o644);
    let to = machine.home().join("to");
    let dst = to.display().to_string();
    let manifest = Manifest::read(&hooks, &[Wanted { src: ".", dst: &dst }], &[]).unwrap();
    let connection = machine.connect().await;
    let copying = tokio::spawn({
        let manifest = manifest.clone();
        async move { copy(&connection, &manifest).await }
    });
    let entries = |folder: &Path| fs::read_dir(folder).into_iter().flatten().flatten().collect::<Vec<_>>();
    // The folder beside the places has the copies.
    let under_way = || {
        let copies = entries(&to).into_iter().flat_map(|folder| entries(&folder.path()));
        copies.filter_map(|entry| entry.metadata().ok()).any(|file| file.len() > 1 << 20)
    };
    tokio::task::block_in_place(|| wait_until(under_way));
    machine.kill_server();
    let error = copying.await.unwrap().unwrap_err();
    assert!(!to.join("large").exists(), "{error}");
    tokio::task::block_in_place(|| machine.wait_for_server());
    copy(&machine.connect().await, &manifest).await.unwrap();
    assert_eq!(fs::read(to.join("large")).unwrap(), fs::read(hooks.join("large")).unwrap());
    assert_eq!(fs::read_dir(&to).unwrap().count(), 2, "nothing is left of the first copy");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_dies_while_a_hook_runs_does_not_touch_it_and_it_is_found() {
    let machine = Machine::start();
    let script = machine
        .script("hook", "#!/bin/sh\necho begun >>times\nwhile [ ! -e go ]; do sleep 0.1; done\nexit 4\n");
    let ask = command(&script, &[], 1);
    let connection = machine.connect().await;
    let running = tokio::spawn({
        let ask = ask.clone();
        async move { drive(&connection, &ask, &Masks::default()).await }
    });
    tokio::task::block_in_place(|| wait_until(|| machine.home().join("times").exists()));
    machine.kill_server();
    assert!(running.await.unwrap().is_err());
    tokio::task::block_in_place(|| machine.wait_for_server());
    fs::write(machine.home().join("go"), "").unwrap();
    let ended = drive(&machine.connect().await, &ask, &Masks::default()).await.unwrap();
    assert_eq!(ended.ending, Ending::Exited(4));
    assert_eq!(fs::read_to_string(machine.home().join("times")).unwrap(), "begun\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_and_a_read_only_target_are_named() {
    let machine = Machine::start();
    let hooks = hooks_folder(&machine);
    write(&hooks.join("large"), &"x".repeat(4 << 20), 0o644);
    for name in ["full", "sealed"] {
        fs::create_dir_all(machine.home().join(name)).unwrap();
    }
    let home = machine.home().display().to_string();
    machine.inside(&format!(
        "mount -t tmpfs -o size=1m tmpfs {home}/full; mount -t tmpfs -o ro tmpfs {home}/sealed"
    ));
    let connection = machine.connect().await;
    let fails = async |dst: String| {
        let manifest = Manifest::read(&hooks, &[Wanted { src: "large", dst: &dst }], &[]).unwrap();
        copy(&connection, &manifest).await.unwrap_err().to_string()
    };
    let full = fails(format!("{home}/full/large")).await;
    assert!(full.contains("No space left on device") && full.contains("/full has 0 KiB left"), "{full}");
    let sealed = fails(format!("{home}/sealed/large")).await;
    assert!(sealed.contains("Read-only file system"), "{sealed}");
    let below = fails(format!("{home}/sealed/deeper/large")).await;
    assert!(below.contains("Read-only file system"), "{below}");
    fs::create_dir_all(machine.home().join("taken/large")).unwrap();
    let taken = fails(format!("{home}/taken/large")).await;
    assert!(taken.contains("is a folder on the machine"), "{taken}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hook_on_a_machine_whose_disk_is_full_still_has_its_status() {
    let machine = Machine::start();
    let home = machine.home().display().to_string();
    // The folder of runs is on a disk of its own, which the hook fills.
    machine.inside(&format!(
        "mkdir -p {home}/.hookgate/runs; mount -t tmpfs -o size=1m tmpfs {home}/.hookgate/runs"
    ));
    let script = machine.script(
        "hook",
        "#!/bin/sh\necho begun >>times\nhead -c 4194304 /dev/zero >.hookgate/runs/ballast 2>/dev/null\nhead -c 100000 /dev/zero\nexit 5\n",
    );
    let ended = drive(&machine.connect().await, &command(&script, &[], 1), &Masks::default()).await.unwrap();
    assert_eq!(ended.ending, Ending::Exited(5));
    let refused = drive(&machine.connect().await, &command(&script, &[], 2), &Masks::default()).await;
    let refused = refused.map_or_else(|error| error.to_string(), |ended| format!("{ended:?}"));
    assert!(refused.contains("No space left on device") || refused.contains("came in part"), "{refused}");
    assert_eq!(
        fs::read_to_string(machine.home().join("times")).unwrap(),
        "begun\n",
        "the second one never began"
    );
}
