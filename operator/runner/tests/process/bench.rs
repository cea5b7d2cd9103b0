//! A place to run hooks in as a container would: files of its own in memory, a user of its own, and nothing else.

use command_fds::{CommandFdExt, FdMapping};
use hookgate_runner::{
    audit::{Event, Record},
    supervise::RunResult,
};
use rustix::pipe::{PipeFlags, pipe_with};
use sha2::{Digest, Sha256};
use std::{
    fs::File,
    io::Read,
    process::{Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

/// The password of the database, which no script may ever see.
pub const PASSWORD: &str = "s3cret word";

/// Users that nobody has, one for each run, so that limits of a user are limits of a run.
static USER: AtomicU32 = AtomicU32::new(1_882_000_000);

/// A run of a script.
pub struct Hook<'a> {
    pub script: &'a str,
    /// The functions that admission saw.
    pub functions: &'a str,
    pub function: &'a str,
    pub timeout_seconds: u64,
    /// `None`: all of the image.
    pub programs: Option<&'a str>,
    /// FE's port.
    pub port: u16,
    /// The policy's profile.
    pub profile: &'a str,
    /// Other severities of rules, in JSON.
    pub severities: &'a str,
    /// A digest other than the script's own.
    pub digest: Option<&'a str>,
    /// Root's commands before the run, in the same place, `$script` being the mounted script.
    pub before: &'a str,
}

impl Default for Hook<'_> {
    fn default() -> Self {
        Self {
            script: "pre_upgrade() { :; }\npost_upgrade() { :; }\n",
            functions: "pre_upgrade,post_upgrade",
            function: "pre_upgrade",
            timeout_seconds: 60,
            programs: None,
            port: 1,
            profile: "privileged",
            severities: "{}",
            digest: None,
            before: "",
        }
    }
}

/// What became of a run.
#[derive(Debug)]
pub struct Ran {
    pub result: RunResult,
    /// What the supervisor wrote.
    pub log: String,
    /// What was left of it when it had ended: processes of its user.
    pub left: String,
    pub took: Duration,
}

/// The place: a mount namespace in which /tmp and /mnt are in memory, and are gone with it. The runner's standard output is
/// the log; the result and what is left of the run come through descriptor 3.
const PLACE: &str = r#"
set -eu
# What is mounted may hide them.
exec 4<"$runner" 5<"${attempt:-/dev/null}"
mount -t tmpfs -o size=64m,mode=1777,nosuid,nodev tmp /tmp
mount -t tmpfs -o size=256m,mode=755 hook /mnt
mkdir -m 755 /mnt/run /mnt/script; chown "$user:$user" /mnt/run
cat <&4 >/mnt/hookgate-runner; chmod 555 /mnt/hookgate-runner
printf %s "$text" >/mnt/script/script; script=/mnt/script/script
touch /mnt/result; chown "$user:$user" /mnt/result
if [ -n "$attempt" ]; then cat <&5 >/tmp/attempt; chmod 755 /tmp/attempt; fi
exec 4<&- 5<&-
eval "$before"
unset attempt before text runner
code=0
MYSQL_PWD=$password setpriv --reuid="$user" --regid="$user" --clear-groups --inh-caps=-all --bounding-set=-all \
  --ambient-caps=-all --no-new-privs -- /mnt/hookgate-runner run --folder /mnt/run --script "$script" \
  --result /mnt/result "$@" 3>&- || code=$?
{ echo "$code"; cat /mnt/result; echo; ps -o pid=,stat=,args= -u "$user" || :; } >&3
"#;

impl Ran {
    /// The log without the line that the supervisor ends it with: what a script can have a part in.
    pub fn log_of_script(&self) -> &str {
        let (rest, last) = self.log.trim_end_matches('\n').rsplit_once('\n').unwrap_or(("", &self.log));
        let record = last.strip_prefix("SECURITY AUDIT ").and_then(|json| serde_json::from_str(json).ok());
        if record.is_some_and(|record: Record| record.event == Event::Run) { rest } else { &self.log }
    }

    /// The lines of the audit.
    pub fn audit(&self) -> Vec<Record> {
        let lines = self.log.lines().filter_map(|line| line.strip_prefix("SECURITY AUDIT "));
        lines
            .map(|json| serde_json::from_str(json).unwrap_or_else(|error| panic!("{error}: {json}")))
            .collect()
    }
}

impl Hook<'_> {
    /// Runs it.
    pub fn run(&self) -> Ran {
        assert!(
            rustix::process::geteuid().is_root(),
            "run this as root: a hook gets a user and mounts of its own"
        );
        let user = USER.fetch_add(1, Ordering::Relaxed) + std::process::id() % 1000 * 1000;
        let own = Sha256::digest(self.script).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let Self { profile, severities, .. } = self;
        let policies = format!(
            r#"[{{"name":"test@1","enforced":true,"rules":{{"profile":"{profile}","severities":{severities}}}}}]"#
        );
        let clearance = r#"{"findings":["HG601 warning"],"approval":"c-be-x","approver":"joe"}"#;
        let mut command = Command::new("unshare");
        command.args(["--mount", "--propagation", "private", "bash", "-c", PLACE, "place"]);
        command
            .args(["--sha256", self.digest.unwrap_or(&own), "--function", self.function])
            .args(["--functions", self.functions, "--run", "r1", "--cluster", "c", "--namespace", "sr"])
            .args(["--component", "BE", "--fe-host", "127.0.0.1", "--policies", &policies])
            .args(["--runner", "process", "--clearance", clearance])
            .args(["--timeout-seconds", &self.timeout_seconds.to_string()])
            .args(["--fe-port", &self.port.to_string()]);
        if let Some(programs) = self.programs {
            command.args(["--programs", programs]);
        }
        let (end, write) = pipe_with(PipeFlags::CLOEXEC).unwrap();
        command
            .env("user", user.to_string())
            .env("runner", env!("CARGO_BIN_EXE_hookgate-runner"))
            .env("text", self.script)
            .env("attempt", super::attempt::program())
            .env("before", self.before)
            .env("password", PASSWORD)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .fd_mappings(vec![FdMapping { parent_fd: write, child_fd: 3 }])
            .unwrap();
        let began = Instant::now();
        let mut child = command.spawn().unwrap();
        // The parent's end of the pipe.
        drop(command);
        let mut log = Vec::new();
        child.stdout.take().unwrap().read_to_end(&mut log).unwrap();
        let mut told = String::new();
        File::from(end).read_to_string(&mut told).unwrap();
        assert!(child.wait().unwrap().success(), "the place could not be made: {told}");
        let took = began.elapsed();
        let mut lines = told.lines();
        let code: i32 = lines.next().unwrap().parse().unwrap();
        let json = lines.next().unwrap();
        let result: RunResult = serde_json::from_str(json)
            .unwrap_or_else(|error| panic!("no result ({error}), exit code {code}: {json}"));
        let succeeded = result.outcome == hookgate_runner::supervise::Outcome::Succeeded;
        assert_eq!(code == 0, succeeded, "{result:?}");
        let left = lines.collect::<Vec<_>>().join("\n");
        Ran { result, log: String::from_utf8(log).unwrap(), left, took }
    }

    /// The same body in plain bash, in the same place and as the same kind of user: what the sandbox has to prevent.
    pub fn run_outside(&self) -> String {
        let user = USER.fetch_add(1, Ordering::Relaxed) + std::process::id() % 1000 * 1000;
        let place = r#"
            exec 5<"${attempt:-/dev/null}"
            mount -t tmpfs -o size=64m,mode=1777,nosuid,nodev tmp /tmp
            if [ -n "$attempt" ]; then cat <&5 >/tmp/attempt; chmod 755 /tmp/attempt; fi
            exec 5<&-
            cd /tmp; unset attempt
            exec setpriv --reuid="$user" --regid="$user" --clear-groups --inh-caps=-all --bounding-set=-all \
              timeout -s KILL 20 bash -c "$text
            $function" 2>&1"#;
        let output = Command::new("unshare")
            .args(["--mount", "--propagation", "private", "bash", "-c", place])
            .env("user", user.to_string())
            .env("text", self.script)
            .env("function", self.function)
            .env("attempt", super::attempt::program())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}
