//! `hookgate-operator bootstrap` as a process: what runs, what is skipped, what stops the installation.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may stop at the first surprise

mod nodes;

use std::{
    fs,
    io::{BufRead, BufReader},
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// A hooks folder of its own, removed at the end.
struct Hooks(PathBuf);

impl Hooks {
    fn new(name: &str) -> Self {
        let path =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("bootstrap-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn with(name: &str, stage: &str, script: &str) -> Self {
        let hooks = Self::new(name);
        fs::write(hooks.0.join(stage), script).unwrap();
        hooks
    }

    fn command(&self, stage: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hookgate-operator"));
        command.args(["bootstrap", "--stage", stage, "--hooks-dir"]).arg(&self.0);
        command.env_remove("RUST_LOG").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn run(&self, stage: &str, more: &[&str]) -> Run {
        let output = self.command(stage).args(more).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Run { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }
}

impl Drop for Hooks {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[derive(Debug)]
struct Run {
    code: Option<i32>,
    out: String,
    err: String,
}

#[test]
fn a_hook_runs_in_its_folder_under_its_own_name() {
    let hooks = Hooks::with("runs", "pre-install", "#!/bin/bash\necho \"$0 $# $PWD\"\necho problem >&2\n");
    let run = hooks.run("pre-install", &[]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(run.out, format!("{0}/pre-install 0 {0}\n", hooks.0.display()));
    assert!(run.err.lines().any(|line| line == "problem"), "{run:?}");
    assert!(run.err.contains("SECURITY AUDIT: bootstrap hook begins"), "{run:?}");
    assert!(run.err.contains("sha256"), "{run:?}");
}

#[test]
fn a_missing_hook_is_skipped_and_said_so() {
    let hooks = Hooks::with("missing", "pre-install", "exit 1\n");
    for stage in ["post-install", "post-cluster-ready"] {
        let run = hooks.run(stage, &[]);
        assert_eq!((run.code, run.out.as_str()), (Some(0), ""), "{run:?}");
        assert!(
            run.err.contains(&format!("there is no hook {stage} in ")) && run.err.contains("skipped"),
            "{run:?}"
        );
    }
}

#[test]
fn without_the_default_folder_there_are_no_hooks() {
    assert!(!Path::new("/app/hooks").exists(), "this test runs where there is no such folder");
    let mut command = Command::new(env!("CARGO_BIN_EXE_hookgate-operator"));
    let output =
        command.args(["bootstrap", "--stage", "pre-install"]).env_remove("RUST_LOG").output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("there is no folder /app/hooks, and so no hook pre-install: skipped"), "{said}");
}

#[test]
fn a_failing_hook_ends_with_its_code_and_the_end_of_its_output() {
    let script =
        "for ((n = 0; n < 2000; n++)); do echo \"line $n\"; done\necho 'no space left' >&2\nexit 7\n";
    let hooks = Hooks::with("fails", "post-install", script);
    let run = hooks.run("post-install", &[]);
    assert_eq!(run.code, Some(7), "{}", run.err);
    assert_eq!(run.out.lines().count(), 2000);
    let (_, last) =
        run.err.split_once("hookgate-operator: the hook post-install ended with exit code 7").unwrap();
    assert!(
        last.contains("no space left") && last.contains("line 1999") && !last.contains("line 1\n"),
        "{last}"
    );
}

#[test]
fn what_a_hook_says_through_another_process_is_heard_though_that_is_slower() {
    // It says what it was told once the hook itself is gone.
    let script = "exec > >(read -r line; while kill -0 $$; do :; done 2>/dev/null; echo \"$line\") 2>&1\n\
                  echo 'no space left'\nexit 7\n";
    let run = Hooks::with("through", "pre-install", script).run("pre-install", &[]);
    assert_eq!(run.code, Some(7), "{run:?}");
    assert_eq!(run.out, "no space left\n");
    assert!(run.err.contains("ended with exit code 7") && run.err.contains("no space left"), "{run:?}");
}

#[test]
fn what_a_hook_leaves_behind_ends_with_it() {
    // It writes nowhere, or holds the output open.
    for output in [">/dev/null 2>&1", ""] {
        let script = format!("(while :; do sleep 1; done) {output} &\necho \"$!\"\n");
        let run = Hooks::with("behind", "pre-install", &script).run("pre-install", &[]);
        assert_eq!(run.code, Some(0), "{run:?}");
        assert_ended(run.out.trim());
    }
}

#[test]
fn a_hook_that_kills_itself_and_one_that_says_nothing_are_told_apart() {
    let run = Hooks::with("signal", "pre-install", "kill -9 $$\n").run("pre-install", &[]);
    assert_eq!(run.code, Some(137), "{run:?}");
    assert!(run.err.contains("was ended by signal 9") && run.err.contains("(it wrote nothing)"), "{run:?}");
}

#[test]
fn a_hook_that_never_ends_is_ended_with_all_that_it_started() {
    let script = "(while :; do sleep 1; done) &\necho \"$!\"\ntrap '' TERM\nwhile :; do sleep 1; done\n";
    let hooks = Hooks::with("endless", "pre-install", script);
    let run = hooks.run("pre-install", &["--timeout", "5"]);
    assert_eq!(run.code, Some(124), "{run:?}");
    assert!(run.err.contains("did not end within 5 s"), "{run:?}");
    let child = run.out.trim();
    assert!(child.parse::<u32>().is_ok(), "{run:?}");
    assert_ended(child);
}

/// The process is killed, and perhaps not yet reaped by whoever inherits it.
fn assert_ended(process: &str) {
    let state = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    assert!(state.is_empty() || state.contains(") Z "), "{state}");
}

#[test]
fn what_the_hook_says_is_passed_on_at_once() {
    let hooks = Hooks::new("streams");
    let gate = hooks.0.join("gate");
    rustix::fs::mkfifoat(rustix::fs::CWD, &gate, rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR).unwrap();
    fs::write(hooks.0.join("pre-install"), "echo first\nread -r line < gate\necho \"$line\"\n").unwrap();
    let mut child = hooks.command("pre-install").spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    // The hook waits for the gate, which is opened only after its first line was heard.
    assert_eq!(lines.next().unwrap().unwrap(), "first");
    fs::write(&gate, "second\n").unwrap();
    assert_eq!(lines.next().unwrap().unwrap(), "second");
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_hook_that_the_policy_refuses_does_not_run() {
    let hooks = Hooks::with("refused", "pre-install", "echo started\nkubectl get pods\n");
    let run = hooks.run("pre-install", &[]);
    assert_eq!((run.code, run.out.as_str()), (Some(125), ""), "{run:?}");
    assert!(
        run.err.contains("pre-install:2:1: HG201: ") && run.err.contains("`hookgate explain HG201`"),
        "{run:?}"
    );
    // Nobody has kubectl here; bash says so, so it was run.
    let run = hooks.run("pre-install", &["--profile", "privileged"]);
    assert_eq!(run.out, "started\n", "{run:?}");
}

#[test]
fn only_a_regular_file_of_the_folder_runs() {
    let hooks = Hooks::new("regular");
    fs::create_dir(hooks.0.join("pre-install")).unwrap();
    symlink("/bin/true", hooks.0.join("post-install")).unwrap();
    for (stage, part) in
        [("pre-install", "it is a folder"), ("post-install", "leads out of the hooks folder")]
    {
        let run = hooks.run(stage, &[]);
        assert_eq!(run.code, Some(125), "{run:?}");
        assert!(run.err.contains(part), "{run:?}");
    }
}

#[test]
fn a_folder_that_is_not_there_is_no_missing_hook() {
    let hooks = Hooks(PathBuf::from("/nonexistent/hooks"));
    let run = hooks.run("pre-install", &[]);
    assert_eq!(run.code, Some(125), "{run:?}");
    assert!(run.err.contains("/nonexistent/hooks cannot be opened"), "{run:?}");
}

#[test]
fn what_was_checked_runs_even_when_the_file_changes() {
    let hooks = Hooks::new("changes");
    fs::write(hooks.0.join("pre-install"), "echo 'kubectl get pods' > pre-install\necho checked\n").unwrap();
    let run = hooks.run("pre-install", &[]);
    assert_eq!((run.code, run.out.as_str()), (Some(0), "checked\n"), "{run:?}");
}

#[test]
fn the_program_installs_itself() {
    let hooks = Hooks::new("install");
    let status =
        Command::new(env!("CARGO_BIN_EXE_hookgate-operator")).arg("install").arg(&hooks.0).status().unwrap();
    assert!(status.success());
    let output = Command::new(hooks.0.join("hookgate-operator")).arg("--version").output().unwrap();
    assert!(
        String::from_utf8(output.stdout).unwrap().starts_with("hookgate-operator "),
        "it runs from there"
    );
    let failed =
        Command::new(env!("CARGO_BIN_EXE_hookgate-operator")).args(["install", "/nonexistent"]).output();
    assert!(!failed.unwrap().status.success());
}
