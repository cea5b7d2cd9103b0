//! What only a run as a process has: its folder, and a machine under it.

use crate::machine::{Machine, PASSWORD, processes_of, program};
use hookgate_operator::{
    observation::ObservedJob,
    runs::{Freshness, HookRunner, ProcessError, ProcessRunner, process::Settings, user},
};
use hookgate_runner::isolate::{PROCESS, ProcessId};
use hookgate_runs::{Described, Place, Try, script};
use jiff::Timestamp;
use rustix::process::Signal;
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    time::{Duration, Instant},
};

const LIMIT: Duration = Duration::from_secs(60);

async fn run<'a>(machine: &'a Machine, wave: &str, body: &str) -> Try<'a> {
    let text = script(body);
    Described { wave, attempt: 1, script: &text, found: None, timeout_seconds: 60 }.in_place(machine).await
}

fn process(machine: &Machine, one: &Try<'_>) -> Option<ProcessId> {
    serde_json::from_slice(&fs::read(machine.folder.join(&one.run.name).join(PROCESS)).ok()?).ok()
}

async fn until<T>(what: &str, mut check: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(value) = check() {
            return value;
        }
        assert!(began.elapsed() < LIMIT, "not in time: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn failure(job: Option<ObservedJob>) -> String {
    match job {
        Some(ObservedJob::Failed { deadline_exceeded: false, message }) => message,
        other => panic!("{other:?}"),
    }
}

/// With its supervisor everything of a run ends, whoever has ended that.
#[tokio::test]
async fn a_run_whose_supervisor_is_killed_is_lost_and_nothing_of_it_survives() {
    let machine = Machine::new().await;
    let one = run(&machine, "killed", "echo begun\n(setsid sleep 600 &)\nsleep 600").await;
    let runner = machine.runner();
    runner.start(&one.cluster, &one.run).await.unwrap();
    let sleeps = || processes_of(user(&one.run.name)).iter().filter(|one| one.contains("sleep")).count();
    until("the script to run", || (sleeps() == 2).then_some(())).await;
    assert!(process(&machine, &one).unwrap().signal(Signal::KILL).unwrap());
    until("nothing to be left", || processes_of(user(&one.run.name)).is_empty().then_some(())).await;
    let message = failure(one.stands().await.0);
    assert!(message.starts_with("its process was ended before it could say how it went"), "{message}");
    assert!(message.contains("| begun"), "what it printed last is told: {message}");
    // It isn't started again, and its name can be given up.
    runner.start(&one.cluster, &one.run).await.unwrap();
    assert!(processes_of(user(&one.run.name)).is_empty());
    one.removed().await;
    assert!(!machine.folder.join(&one.run.name).exists());
}

/// The operator ended after it had taken the name, and before the run was begun.
#[tokio::test]
async fn a_run_that_was_claimed_and_never_begun_is_waited_for_and_then_lost() {
    let machine = Machine::new().await;
    let one = run(&machine, "claimed", ":").await;
    let folder = machine.folder.join(&one.run.name);
    let claimed = |at: Timestamp| {
        let _runner = machine.runner();
        fs::create_dir_all(&folder).unwrap();
        let claim = serde_json::json!({"run": one.run.name, "nonce": one.run.nonce, "namespace": "db",
            "cluster": "sr", "uid": "u", "sha256": one.run.script.sha256, "function": "pre_upgrade", "at": at});
        fs::write(folder.join("run.json"), claim.to_string()).unwrap();
    };
    claimed(Timestamp::now());
    assert_eq!(one.stands().await.0, Some(ObservedJob::Running), "it may be on its way");
    claimed(Timestamp::UNIX_EPOCH);
    assert!(failure(one.stands().await.0).contains("it was never begun"));
    one.removed().await;
}

/// A process of before the machine's restart may have the number of another one.
#[tokio::test]
async fn a_run_of_before_the_machines_restart_is_lost_and_its_number_is_nobody() {
    let machine = Machine::new().await;
    let one = run(&machine, "restart", "sleep 600").await;
    machine.runner().start(&one.cluster, &one.run).await.unwrap();
    let own = process(&machine, &one).unwrap();
    let of_before = ProcessId { boot: "before".to_owned(), ..own.clone() };
    let file = machine.folder.join(&one.run.name).join(PROCESS);
    fs::write(&file, serde_json::to_vec(&of_before).unwrap()).unwrap();
    assert!(failure(one.stands().await.0).contains("has been restarted before it had ended"));
    fs::write(&file, serde_json::to_vec(&own).unwrap()).unwrap();
    one.removed().await;
}

/// What nobody can read as a run's folder is nobody's, and is left alone.
#[tokio::test]
async fn a_folder_that_says_nothing_is_foreign_under_a_runs_name_and_nothing_elsewhere() {
    let machine = Machine::new().await;
    let one = run(&machine, "silent", ":").await;
    let runner = machine.runner();
    fs::create_dir(machine.folder.join(&one.run.name)).unwrap();
    fs::create_dir(machine.folder.join("lost+found")).unwrap();
    let runs = runner.observe(&one.cluster, Freshness::Read).await.unwrap();
    assert_eq!(runs.jobs.into_iter().collect::<Vec<_>>(), [(one.run.name.clone(), ObservedJob::Foreign)]);
    let told = runner.start(&one.cluster, &one.run).await.unwrap();
    assert!(format!("{told:?}").contains("nothing in it says whose it is"), "{told:?}");
}

/// An operator that comes to lead on another machine doesn't run a second script beside the first.
#[tokio::test]
async fn a_run_on_another_machine_is_waited_for_until_its_time_is_up() {
    let machine = Machine::new().await;
    let mut one = run(&machine, "elsewhere", ":").await;
    let mut written = |started_at: Timestamp| {
        let status = one.cluster.status.as_mut().unwrap();
        let run = &mut status.wave.as_mut().unwrap().components[0].hooks[0];
        (run.started, run.job_uid) = (true, Some("another-machine/1".to_owned()));
        run.started_at.0 = started_at;
        one.cluster.clone()
    };
    let runner = machine.runner();
    let cluster = written(Timestamp::now());
    let runs = runner.observe(&cluster, Freshness::Read).await.unwrap();
    assert_eq!(runs.jobs.get(&one.run.name), Some(&ObservedJob::Running));
    let cluster = written(Timestamp::UNIX_EPOCH);
    let mut runs = runner.observe(&cluster, Freshness::Read).await.unwrap();
    assert!(failure(runs.jobs.remove(&one.run.name)).contains("another-machine/1"));
}

/// As Kubernetes does with the Jobs of a cluster that is gone.
#[tokio::test]
async fn runs_of_a_cluster_that_is_gone_are_ended() {
    let machine = Machine::new().await;
    let one = run(&machine, "gone", "sleep 600").await;
    let runner = machine.open(machine.settings());
    runner.start(&one.cluster, &one.run).await.unwrap();
    // The API server has nothing.
    runner.tidy_once().await.unwrap();
    until("the folder to be gone", || {
        let left = fs::read_dir(&machine.folder).unwrap().filter(|one| one.as_ref().unwrap().path().is_dir());
        (left.count() == 0).then_some(())
    })
    .await;
    assert!(processes_of(user(&one.run.name)).is_empty());
}

/// The password is in no argument, no environment and no file of a run.
#[tokio::test]
async fn the_password_is_handed_over_and_left_nowhere() {
    let machine = Machine::new().await;
    let one = run(&machine, "password", "mysql -NBe 'SELECT 7' || return 1\nsleep 600").await;
    machine.runner().start(&one.cluster, &one.run).await.unwrap();
    let sleeps = || processes_of(user(&one.run.name)).iter().any(|one| one.contains("sleep"));
    until("the script to have asked", || sleeps().then_some(())).await;
    let mut looked_at = 0;
    for process in processes_of(user(&one.run.name)) {
        let path = Path::new(process.split_once(": ").unwrap().0);
        for name in ["cmdline", "environ"] {
            looked_at += 1;
            assert!(!contains(&fs::read(path.join(name)).unwrap(), PASSWORD), "{process}: {name}");
        }
    }
    for entry in fs::read_dir(machine.folder.join(&one.run.name)).unwrap() {
        let path = entry.unwrap().path();
        looked_at += 1;
        assert!(!contains(&fs::read(&path).unwrap(), PASSWORD), "{}", path.display());
    }
    assert!(looked_at > 8, "the supervisor, bash and sleep, and the run's files: {looked_at}");
    one.removed().await;
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|part| part == text.as_bytes())
}

/// The script's /tmp is in memory and its own; the machine's isn't touched.
#[tokio::test]
async fn a_runs_files_are_its_own() {
    let machine = Machine::new().await;
    let name = format!("hookgate-of-a-run-{}", std::process::id());
    let outside = std::env::temp_dir().join(&name);
    fs::write(&outside, "of the machine").unwrap();
    let body = format!(
        "[ ! -e /tmp/{name} ] || return 2\necho x >/tmp/{name} || return 3\n\
         for n in 1 2 3 4 5 6 7; do head -c 20M /dev/zero >/tmp/large.$n; done 2>/dev/null\n\
         [ \"$(cat /tmp/large.* | wc -c)\" -le 67108864 ] || return 4\n[ $$ -lt 100 ] || return 5"
    );
    let one = run(&machine, "files", &body).await;
    machine.runner().start(&one.cluster, &one.run).await.unwrap();
    let (job, run) = one.ended().await;
    assert_eq!(job, ObservedJob::Succeeded, "{run:?}");
    assert_eq!(fs::read_to_string(&outside).unwrap(), "of the machine");
    fs::remove_file(&outside).unwrap();
    one.removed().await;
}

/// What can't be started at all says so, and the name is taken.
#[tokio::test]
async fn a_run_that_can_not_be_started_says_why() {
    let machine = Machine::new().await;
    let broken = machine.folder.with_extension("program");
    fs::write(&broken, "#!/bin/sh\necho 'no PID namespace: not permitted' >&2\nexit 1\n").unwrap();
    fs::set_permissions(&broken, fs::Permissions::from_mode(0o755)).unwrap();
    let one = run(&machine, "broken", ":").await;
    let runner = machine.open(Settings { program: broken.clone(), ..machine.settings() });
    runner.start(&one.cluster, &one.run).await.unwrap();
    let message = failure(one.stands().await.0);
    assert!(message.contains("can't start it: no PID namespace: not permitted"), "{message}");
    fs::remove_file(broken).unwrap();
    one.removed().await;
}

#[tokio::test]
async fn what_is_missing_is_said_before_anything_is_run() {
    let machine = Machine::new().await;
    let refused = |folder: &Path, program: &Path| {
        let settings = Settings { folder: folder.to_owned(), program: program.to_owned() };
        ProcessRunner::open(machine.client.clone(), settings).err().unwrap()
    };
    let error = refused(&machine.folder, Path::new("/nonexistent/hookgate-runner"));
    assert!(matches!(error, ProcessError::NoProgram(_)));
    assert!(error.to_string().contains("--hook-runner-program"), "{error}");
    let error = refused(Path::new("/proc/runs"), &program());
    assert!(error.to_string().contains("/proc/runs"), "{error}");
}
