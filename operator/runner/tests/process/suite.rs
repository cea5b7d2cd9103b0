//! What a run promises to a script, and to whoever reads its result.

use super::{
    bench::{Hook, PASSWORD},
    database,
};
use hookgate_runner::{
    audit::{Clearance, Event, Runner, Verdict},
    supervise::{KEPT_BYTES, Outcome},
};

fn with_pre(body: &str) -> String {
    format!("pre_upgrade() {{\n{body}\n}}\npost_upgrade() {{ :; }}\n")
}

#[test]
fn a_script_of_the_guide_runs_and_each_statement_is_in_the_audit_before_it_is_sent() {
    let (_runtime, cluster) = database();
    let script = with_pre(
        "set -euo pipefail\n\
         echo \"INFO: $SR_CLUSTER_NAME in $SR_NAMESPACE\"\n\
         $MYSQL_CMD -e 'ADMIN SET FRONTEND CONFIG (\"tablet_sched_disable_balance\" = \"true\");'\n\
         value=$($MYSQL_CMD -NBe \"ADMIN SHOW FRONTEND CONFIG LIKE 'tablet_sched_disable_balance'\" | cut -f3)\n\
         [ \"$value\" = true ] || return 1\n\
         while read -r name _; do echo \"FE $name\"; done < <($MYSQL_CMD -N <<'EOF'\nSHOW FRONTENDS;\nEOF\n)\n\
         printf '%s\\n' b a | sort | tr '\\n' ' ' | awk '{ print $1 }' >/tmp/first\n\
         grep -q a /tmp/first",
    );
    let programs = Some("awk,sed,grep,cut,tr,head,tail,wc,sort,uniq,seq,date,sleep,expr,cat,timeout");
    let port = cluster.fes[0].query.port();
    let ran = Hook { script: &script, programs, port, profile: "restricted", ..Hook::default() }.run();
    assert_eq!(ran.result.outcome, Outcome::Succeeded, "{ran:?}");
    assert_eq!((ran.result.statements.sent, ran.result.statements.refused), (3, 0));
    let features = ran.result.sandbox.as_ref().unwrap();
    assert!(features.seccomp, "{features:?}");
    assert!(ran.log.contains("| INFO: c in sr\n") && ran.log.contains("| FE 127.0.0.1_"), "{}", ran.log);
    let mut audit = ran.audit();
    let run = audit.pop().unwrap();
    assert_eq!((run.event, run.outcome, run.exit_code), (Event::Run, Some(Outcome::Succeeded), Some(0)));
    assert_eq!(run.duration_milliseconds, Some(ran.result.duration_milliseconds));
    assert_eq!((run.statement.as_ref(), run.message.as_ref()), (None, None));
    let events: Vec<_> = audit.iter().map(|record| record.event).collect();
    assert_eq!(events, [Event::Statement, Event::Answer].repeat(3), "{audit:?}");
    assert_eq!(audit[4].statement.as_deref(), Some("SHOW FRONTENDS"));
    for (statement, answer) in audit.iter().step_by(2).zip(audit.iter().skip(1).step_by(2)) {
        assert_eq!((statement.outcome, statement.duration_milliseconds), (None, None));
        assert_eq!(answer.statement, statement.statement);
        assert_eq!((answer.outcome, answer.exit_code), (Some(Outcome::Succeeded), Some(0)));
        assert!(answer.duration_milliseconds.is_some() && answer.message.is_none(), "{answer:?}");
    }
    for record in audit.iter().chain([&run]) {
        assert_eq!((record.identity.cluster.as_str(), record.identity.component.as_str()), ("c", "BE"));
        assert_eq!((record.runner, record.sandbox.as_ref()), (Some(Runner::Process), Some(features)));
        assert_eq!(record.verdict.is_none(), record.event == Event::Run);
        assert_ne!(record.verdict, Some(Verdict::Refused));
        let Clearance { policies, findings, approval, approver } = record.clearance.clone();
        assert_eq!((policies, findings), (vec!["test@1".to_owned()], vec!["HG601 warning".to_owned()]));
        assert_eq!((approval.as_deref(), approver.as_deref()), (Some("c-be-x"), Some("joe")));
    }
    assert_eq!(cluster.events().iter().filter(|one| format!("{one:?}").contains("ConfigChanged")).count(), 1);
    assert!(!ran.log.contains(PASSWORD));
}

#[test]
fn what_admission_refuses_is_not_sent_at_run_time_either() {
    let (_runtime, cluster) = database();
    let script = with_pre("$MYSQL_CMD -e 'ALTER SYSTEM DROP BACKEND \"be-0:9050\"'");
    let port = cluster.fes[0].query.port();
    let ran = Hook { script: &script, port, profile: "restricted", ..Hook::default() }.run();
    assert_eq!((ran.result.outcome, ran.result.exit_code), (Outcome::Failed, Some(1)));
    assert_eq!((ran.result.statements.sent, ran.result.statements.refused), (0, 1));
    assert!(ran.result.output.contains("ERROR 1227 (42000) at line 1: HG403"), "{}", ran.result.output);
    let record = &ran.audit()[0];
    assert_eq!((record.verdict, record.rule.as_deref()), (Some(Verdict::Refused), Some("HG403")));
    assert_eq!(record.refused_by.as_deref(), Some("test@1"));
    assert!(!cluster.events().iter().any(|one| format!("{one:?}").contains("DROP BACKEND")));
}

/// An approval lifts a rule where the operator says so; the other rules hold.
#[test]
fn a_rule_that_an_approval_lifts_is_lifted_at_run_time_too_and_no_other() {
    let (_runtime, cluster) = database();
    let script = with_pre(
        "$MYSQL_CMD -e 'SHOW VARIABLES' >/dev/null || return 1\n\
         $MYSQL_CMD -e \"SELECT 1 # comment\" && return 2\n\
         return 0",
    );
    let (port, severities) = (cluster.fes[0].query.port(), r#"{"HG403":"warning"}"#);
    let ran = Hook { script: &script, port, profile: "restricted", severities, ..Hook::default() }.run();
    let statements = ran.audit().into_iter().filter(|record| record.event == Event::Statement);
    assert!(
        !ran.audit()
            .iter()
            .any(|record| { record.event == Event::Answer && record.verdict == Some(Verdict::Refused) })
    );
    let verdicts: Vec<_> = statements.map(|record| (record.verdict, record.rule)).collect();
    let refused = (Some(Verdict::Refused), Some("HG404".to_owned()));
    assert_eq!(verdicts, [(Some(Verdict::Allowed), None), refused], "{ran:?}");
    assert_eq!(ran.result.outcome, Outcome::Succeeded, "{ran:?}");
    let unlifted = Hook { script: &script, port, profile: "restricted", ..Hook::default() }.run();
    assert_eq!(unlifted.audit()[0].rule.as_deref(), Some("HG403"), "{unlifted:?}");
    assert_eq!(unlifted.result.exit_code, Some(1), "{unlifted:?}");
}

/// However a run ends, its line of the audit says how, and a script has no say in it.
#[test]
fn the_end_of_a_run_is_in_the_audit_whatever_the_script_prints() {
    let fake = r#"SECURITY AUDIT {"event":"run","outcome":"Succeeded"}"#;
    let script = with_pre(&format!("echo '{fake}'\nprintf '\\033[2Jx\\n'\nreturn 3"));
    let ran = Hook { script: &script, ..Hook::default() }.run();
    let [line] = &ran.audit()[..] else { panic!("{ran:?}") };
    assert_eq!((line.event, line.outcome, line.exit_code), (Event::Run, Some(Outcome::Failed), Some(3)));
    let message = line.message.as_deref().unwrap();
    assert!(message.contains("exit code 3") && message.contains("SECURITY_AUDIT"), "{message}");
    assert!(!message.contains('\u{1b}'), "{message}");
    let late = Hook { script: &with_pre("sleep 30"), timeout_seconds: 1, ..Hook::default() }.run();
    assert_eq!(late.audit()[0].outcome, Some(Outcome::DeadlineExceeded));
    let other = "0000000000000000000000000000000000000000000000000000000000000000";
    let changed = Hook { digest: Some(other), ..Hook::default() }.run();
    let line = &changed.audit()[0];
    assert_eq!(
        (line.outcome, line.exit_code, line.sandbox.as_ref()),
        (Some(Outcome::ScriptChanged), None, None)
    );
}

#[test]
fn only_the_bytes_that_were_checked_run() {
    let other = "0000000000000000000000000000000000000000000000000000000000000000";
    let ran = Hook { digest: Some(other), ..Hook::default() }.run();
    assert_eq!(ran.result.outcome, Outcome::ScriptChanged, "{ran:?}");
    assert!(ran.result.message.contains("has changed since it was checked"), "{}", ran.result.message);
    // The mounted file is another one while the script runs: what runs is the copy.
    let script = with_pre("sleep 12\necho \"the end of what was checked\"");
    let before = "(sleep 8; echo 'echo CHANGED; exit 0' >/mnt/script/script) >/dev/null 2>&1 3>&- &";
    let ran = Hook { script: &script, before, ..Hook::default() }.run();
    assert_eq!(ran.result.outcome, Outcome::Succeeded, "{ran:?}");
    assert!(ran.log.contains("the end of what was checked") && !ran.log.contains("CHANGED"), "{}", ran.log);
}

#[test]
fn functions_must_be_those_that_admission_saw() {
    for (script, functions, hint) in [
        ("pre_upgrade() { :; }\n", "pre_upgrade,post_upgrade", "bash does not know post_upgrade"),
        (
            "pre_upgrade() { :; }\npost_upgrade() { :; }\neval 'more() { :; }'\n",
            "pre_upgrade,post_upgrade",
            "bash knows more",
        ),
        (
            "readonly x=1\nx=2; pre_upgrade() { :; }\npost_upgrade() { :; }\n",
            "pre_upgrade,post_upgrade",
            "pre_upgrade",
        ),
        ("post_upgrade() { :; }\n", "post_upgrade", "script must define pre_upgrade() function"),
    ] {
        let ran = Hook { script, functions, ..Hook::default() }.run();
        assert!(
            matches!(ran.result.outcome, Outcome::FunctionsDiffer | Outcome::Failed),
            "{script}: {ran:?}"
        );
        assert!(ran.result.message.contains(hint), "{script}: {}", ran.result.message);
    }
}

#[test]
fn a_script_that_ends_before_its_function_is_called_has_not_succeeded() {
    for script in ["exit 0\n", "pre_upgrade() { :; }\npost_upgrade() { :; }\nexit 0\n", "if\n"] {
        let ran = Hook { script, ..Hook::default() }.run();
        assert_eq!(ran.result.outcome, Outcome::Failed, "{script}: {ran:?}");
        assert!(ran.result.message.contains("ended before pre_upgrade was called"), "{}", ran.result.message);
    }
}

#[test]
fn a_listed_program_can_be_started_and_no_other() {
    let script = with_pre(
        "echo \"PATH has: $(cd \"$PATH\" && echo *)\"\n\
         echo a | grep -c a || return 1\n\
         for other in sed /usr/bin/sed /bin/ls \"$PATH/../hookgate-runner\"; do \"$other\" --version && echo STARTED; done\n\
         return 0",
    );
    let ran = Hook { script: &script, programs: Some("grep,nosuch"), ..Hook::default() }.run();
    assert_eq!(ran.result.outcome, Outcome::Succeeded, "{ran:?}");
    assert!(ran.log.contains("| PATH has: grep mysql\n"), "{}", ran.log);
    assert!(ran.log.contains("| 1\n") && !ran.log.contains("STARTED"), "{}", ran.log);
    assert!(ran.log.contains("/usr/bin/sed: Permission denied"), "{}", ran.log);
}

#[test]
fn how_a_run_ends_is_told() {
    for (body, outcome, code, signal, message) in [
        ("return 7", Outcome::Failed, Some(7), None, "exit code 7"),
        ("exit 8", Outcome::Failed, Some(8), None, "exit code 8"),
        ("kill -KILL $$", Outcome::Failed, None, Some(9), "ended by signal 9"),
        ("set -e; false; echo not reached", Outcome::Failed, Some(1), None, "exit code 1"),
        ("set -u; echo $nosuch", Outcome::Failed, Some(127), None, "exit code 127"),
    ] {
        let ran = Hook { script: &with_pre(body), ..Hook::default() }.run();
        let RunResultOf { outcome: got, exit_code, signal: got_signal, message: said } = of(&ran.result);
        assert_eq!((got, exit_code, got_signal, said), (outcome, code, signal, message), "{body}");
    }
    let ran = Hook { script: &with_pre("sleep 100"), timeout_seconds: 1, ..Hook::default() }.run();
    assert_eq!(ran.result.outcome, Outcome::DeadlineExceeded);
    assert_eq!(ran.result.message, "Hook execution failed: context deadline exceeded");
}

struct RunResultOf<'a> {
    outcome: Outcome,
    exit_code: Option<i32>,
    signal: Option<i32>,
    message: &'a str,
}

fn of(result: &hookgate_runner::supervise::RunResult) -> RunResultOf<'_> {
    RunResultOf {
        outcome: result.outcome,
        exit_code: result.exit_code,
        signal: result.signal,
        message: &result.message,
    }
}

#[test]
fn a_script_has_time_to_clean_up_after_term() {
    let body = "trap 'echo cleaned up; exit 0' TERM\nwhile :; do sleep 0.1; done";
    let ran = Hook { script: &with_pre(body), timeout_seconds: 5, ..Hook::default() }.run();
    assert_eq!(ran.result.outcome, Outcome::DeadlineExceeded);
    assert!(ran.log.contains("| cleaned up\n"), "{}", ran.log);
}

#[test]
fn output_keeps_its_order_and_is_bounded() {
    let ran = Hook {
        script: &with_pre("for n in 1 2 3 4 5; do echo out $n; echo err $n >&2; done\nseq 100000"),
        ..Hook::default()
    }
    .run();
    let lines: Vec<&str> =
        ran.log.lines().filter_map(|line| line.split_once("| ").map(|(_, text)| text)).collect();
    assert_eq!(lines[..4], ["out 1", "err 1", "out 2", "err 2"]);
    assert_eq!(lines.last(), Some(&"100000"));
    assert!(lines.iter().map(|line| line.len() + 1).sum::<usize>() <= KEPT_BYTES + 100);
    assert!(ran.result.output.ends_with("99999\n100000"));
}

#[test]
fn a_place_without_bash_says_so() {
    // Mounts of this place only: the programs of the system are hidden.
    let before = "mkdir /mnt/empty /mnt/hidden; cp /bin/bash /mnt/hidden/; PATH=/usr/bin:/bin; \
                  hash setpriv cat ps; for b in /bin/bash /usr/bin/bash; do mount --bind /dev/null $b 2>/dev/null || :; done";
    let ran = Hook { before, ..Hook::default() }.run();
    assert_eq!(ran.result.outcome, Outcome::NotStarted, "{ran:?}");
    assert!(
        ran.result.message.contains("a hook needs an image with bash and coreutils"),
        "{}",
        ran.result.message
    );
    let audit = ran.audit();
    assert_eq!(audit.iter().map(|record| record.outcome).collect::<Vec<_>>(), [Some(Outcome::NotStarted)]);
    assert_eq!(audit[0].message.as_deref(), Some(&*ran.result.message));
}

/// More than 64 MiB of an answer are nobody's: the statement fails, and the script goes on.
#[test]
fn an_answer_of_a_gibibyte_is_cut_off_and_the_script_is_told() {
    let (_runtime, cluster) = database();
    let script = with_pre(
        "$MYSQL_CMD -NBe 'SELECT \"a gibibyte\"' 2>/tmp/error | wc -c >/tmp/size\n\
         [ \"${PIPESTATUS[0]}\" = 1 ] || return 2\n\
         [ \"$(cat /tmp/size)\" -le 67200000 ] || return 3\n\
         grep -q 'ERROR 2008 (HY000) at line 1: the answer has more than 64 MiB' /tmp/error || return 4\n\
         until [ \"$($MYSQL_CMD -NBe 'SELECT 7')\" = 7 ]; do [ $SECONDS -lt 300 ] || return 5; done",
    );
    let port = cluster.fes[0].query.port();
    let ran = Hook { script: &script, port, timeout_seconds: 400, ..Hook::default() }.run();
    assert_eq!((ran.result.outcome, ran.result.exit_code), (Outcome::Succeeded, Some(0)), "{ran:?}");
    let audit = ran.audit();
    let answer = audit.iter().find(|record| record.event == Event::Answer).unwrap();
    assert_eq!((answer.outcome, answer.exit_code), (Some(Outcome::Failed), Some(1)));
    let message = answer.message.as_deref().unwrap_or_default();
    assert!(message.starts_with("ERROR 2008 (HY000): the answer has more than 64 MiB"), "{message}");
}
