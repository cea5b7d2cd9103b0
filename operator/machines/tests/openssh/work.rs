//! The tasks of plans, each machine on its own.

use crate::{
    copies::{hooks_folder, write},
    machine::Machine,
};
use hookgate_api::platform::HookType;
use hookgate_machines::{
    files::{Manifest, Wanted},
    plan::{Attempt, Doing, Outcome, Trouble},
    run::{Ending, RunId},
    ssh::{Credentials, Patience, Target},
    work::{Job, Workshop},
};
use std::{path::Path, sync::Arc, time::Duration};
use tokio::{
    net::TcpListener,
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
};

struct World {
    machine: Machine,
    manifest: Arc<Manifest>,
    workshop: Arc<Workshop<&'static str>>,
    finished: UnboundedReceiver<&'static str>,
}

fn world(script: &str) -> World {
    let machine = Machine::start();
    let hooks = hooks_folder(&machine);
    write(&hooks.join("hook"), script, 0o644);
    let dst = machine.home().join("hook").display().to_string();
    let manifest = Arc::new(Manifest::read(&hooks, &[Wanted { src: "hook", dst: &dst }], &[&dst]).unwrap());
    let (send, finished) = unbounded_channel();
    let patience = Patience { connect: Duration::from_secs(40), ..Patience::default() };
    World { machine, manifest, workshop: Arc::new(Workshop::new(1, patience, send)), finished }
}

impl World {
    fn job(&self, target: Result<Target, Trouble>, run: Option<u32>) -> Job {
        let doing = match run {
            None => Doing::Copy { digest: self.manifest.digest.clone() },
            Some(number) => Doing::Run(Attempt {
                id: RunId::parse(&format!("{number:032x}")).unwrap(),
                hook: HookType::PreInstall,
                script: self.manifest.entries[0].destination.clone(),
                started: None,
                wanted: true,
            }),
        };
        let files = Arc::clone(&self.manifest);
        let arguments = vec!["a b".to_owned()];
        Job { target, doing, files, copies: true, arguments, timeout: Duration::from_secs(60) }
    }
}

#[tokio::test]
async fn files_are_copied_and_hooks_run_and_what_is_known_is_kept() {
    let mut world = world("#!/bin/sh\necho \"got $1\"\n");
    world.workshop.start("c", "m".to_owned(), world.job(Ok(world.machine.target()), None));
    assert!(world.workshop.facts(&"c", "m").busy);
    assert_eq!(world.finished.recv().await, Some("c"));
    let facts = world.workshop.facts(&"c", "m");
    assert_eq!(facts.copied.as_deref(), Some(world.manifest.digest.as_str()));
    assert_eq!(facts.host_key, Some(world.machine.host_key("host_ed25519").to_string()));
    world.workshop.start("c", "m".to_owned(), world.job(Ok(world.machine.target()), Some(1)));
    world.finished.recv().await;
    let last = world.workshop.facts(&"c", "m").last.unwrap();
    assert_eq!(last.outcome, Outcome::Ran { ending: Ending::Exited(0), output: "got a b\n".to_owned() });
    world.workshop.forget(&"c");
    assert_eq!(world.workshop.facts(&"c", "m").last, None);
}

#[tokio::test]
async fn a_machine_that_never_answers_takes_nobodys_place_and_its_failures_are_counted() {
    let mut world = world("#!/bin/sh\n");
    // Its port is open, and nobody says anything.
    let silent = TcpListener::bind((world.machine.address.ip(), 0)).await.unwrap();
    let dead = Target { port: silent.local_addr().unwrap().port(), ..world.machine.target() };
    world.workshop.start("dead", "d".to_owned(), world.job(Ok(dead.clone()), None));
    world.workshop.start("c", "m".to_owned(), world.job(Ok(world.machine.target()), None));
    assert_eq!(world.finished.recv().await, Some("c"), "there is one place, and the dead one hasn't got it");
    assert_eq!(world.finished.recv().await, Some("dead"));
    let last = world.workshop.facts(&"dead", "d").last.unwrap();
    assert!(matches!(last.outcome, Outcome::Failed(Trouble::Unreachable(_))), "{last:?}");
    let wrong = Credentials::new(Some("no password"), None, None).unwrap();
    world.workshop.start("dead", "d".to_owned(), world.job(Ok(world.machine.target_with(wrong)), None));
    world.finished.recv().await;
    let last = world.workshop.facts(&"dead", "d").last.unwrap();
    assert!(
        matches!(&last.outcome, Outcome::Failed(Trouble::Login(why)) if why.contains("secretRef"))
            && last.failures == 2,
        "{last:?}"
    );
    let shown = world.workshop.facts(&"dead", "d").host_key;
    assert_eq!(
        shown,
        Some(world.machine.host_key("host_ed25519").to_string()),
        "it is recorded all the same"
    );
    let refused = Err(Trouble::Login("no Secret".to_owned()));
    world.workshop.start("dead", "d".to_owned(), world.job(refused, None));
    world.finished.recv().await;
    assert_eq!(world.workshop.facts(&"dead", "d").last.unwrap().failures, 3);
    let changed = Target { host_keys: vec![world.machine.host_key("user")], ..world.machine.target() };
    world.workshop.start("c", "m".to_owned(), world.job(Ok(changed), Some(7)));
    world.finished.recv().await;
    let last = world.workshop.facts(&"c", "m").last.unwrap();
    assert!(
        matches!(last.outcome, Outcome::Failed(Trouble::HostKey(_))),
        "an open connection is no way around: {last:?}"
    );
}

#[tokio::test]
async fn what_is_not_wanted_any_more_is_neither_copied_nor_begun() {
    let mut world = world("#!/bin/sh\necho begun >>times\n");
    let job = world.job(Ok(world.machine.target()), Some(1));
    let Doing::Run(attempt) = job.doing.clone() else { unreachable!() };
    let unwanted = Job { doing: Doing::Run(Attempt { wanted: false, ..attempt }), ..job.clone() };
    let never = Outcome::Ran { ending: Ending::NeverBegan, output: String::new() };
    // Asked again, by an operator that knows of no answer, nothing else comes of it.
    for _ in 0..2 {
        world.workshop.start("c", "m".to_owned(), unwanted.clone());
        world.finished.recv().await;
        let last = world.workshop.facts(&"c", "m").last.unwrap();
        assert_eq!(last.outcome, never);
    }
    assert!(!Path::new(&world.manifest.entries[0].destination).exists());
    // Nor does one begin whose command was on its way to the machine.
    world.workshop.start("c", "m".to_owned(), job);
    world.finished.recv().await;
    assert_eq!(world.workshop.facts(&"c", "m").last.unwrap().outcome, never);
    assert!(!world.machine.home().join("times").exists());
}

#[tokio::test]
async fn without_a_copy_only_the_script_that_was_looked_at_runs() {
    let mut world = world("#!/bin/sh\necho ok\n");
    let place = world.manifest.entries[0].destination.clone();
    for (there, number) in
        [(None, 1), (Some("#!/bin/sh\necho other\n"), 2), (Some("#!/bin/sh\necho ok\n"), 3)]
    {
        if let Some(text) = there {
            write(Path::new(&place), text, 0o700);
        }
        let job = Job { copies: false, ..world.job(Ok(world.machine.target()), Some(number)) };
        world.workshop.start("c", "m".to_owned(), job);
        world.finished.recv().await;
        let outcome = world.workshop.facts(&"c", "m").last.unwrap().outcome;
        match outcome {
            Outcome::Ran { ending, .. } => assert_eq!((ending, number), (Ending::Exited(0), 3)),
            Outcome::Failed(Trouble::Files(why)) => {
                assert!(number < 3 && why.contains("skipConditions"), "{why}");
            }
            other => unreachable!("{other:?}"),
        }
        assert_eq!(Path::new(&place).exists(), there.is_some(), "nothing is copied");
    }
}
