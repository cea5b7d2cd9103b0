//! Whether what a script did is on the page: `docs/rules` and the wording of `restricted`, read anew and
//! apart from the engine.

use crate::stage::{Batch, CONNECTION, PROGRAMS, Stage, Variant};
use crate::trace::{Event, base_name};
use std::collections::{BTreeMap, BTreeSet};

/// What each script of a batch did.
#[derive(Debug, Default)]
pub struct Verdict {
    /// By the script's place in the batch, what is not on the page.
    pub violations: BTreeMap<usize, Vec<String>>,
    /// How many scripts came to their end.
    pub finished: usize,
    /// The statements that were reached: script and number of the mark.
    pub reached: BTreeSet<(usize, usize)>,
    /// Which programs were started with which options, and how often.
    pub started: BTreeMap<String, usize>,
}

/// Knows what programs read by themselves.
pub struct Judge {
    /// The files that a program touches whatever it is told: libraries, locales, the clock's zone.
    own: BTreeSet<(String, String)>,
}

/// Calls whose traces would be the same whatever a script says.
const HARMLESS: &str = r#"pre_upgrade() {
    printf '%(%F)T %d %s\n' -1 x y
    printf '%d\n' x
    echo "${x@Q}" "${x^^}" $((1 + 1)) ~/x
    local a=(3 1 2) v
    read -r v </dev/null
    read -r v <<<x
    mapfile -t v < <(seq 3)
    case x in [a-z]) echo y ;; esac
    [[ x =~ ^[a-z]+$ && b < c ]] && echo z
    [ -t 0 ]
    cd_() { return 3; }
    LC_ALL=C sort -u </dev/null; LC_ALL=C grep x </dev/null; LC_ALL=C awk 'BEGIN { print 1 }'
    LC_ALL=C sed p </dev/null; LC_ALL=C tr a b </dev/null; LC_ALL=C date
    TZ=UTC date; TZ=UTC date +%s; date -u; date; date -d '1 day ago' +%F; date -d nonsense
    awk 'BEGIN { srand(); print strftime("%F"), systime(), rand(), 1.5 }'; awk '{ print }' </dev/null; awk '{'
    sed -n p </dev/null; sed -E 's/a/b/' </dev/null; sed 's/('; grep -c x </dev/null; grep -E '[[:alpha:]' </dev/null
    cut -f 1 </dev/null; cut; tr a-z A-Z </dev/null; tr; head -n 1 </dev/null; head -n x; tail -n 1 </dev/null; tail -n x
    wc -l </dev/null; wc -m </dev/null; sort -rn </dev/null; sort -k x; sort -R </dev/null; uniq -c </dev/null
    seq 1 3; seq x; sleep 0; sleep x; expr 1 + 1; expr a : 'a.*'; expr; basename /a/b; dirname /a/b; basename
    cat </dev/null; timeout 5 cat </dev/null; timeout x; timeout -k 1 2 sleep 0; head -c 5 </dev/null
    sort -V </dev/null; sort -h </dev/null; sort -g </dev/null; echo b | sort -n; echo x | tail -c 1
    cat nonexistent 2>/dev/null </dev/null; cat <<E
$(seq 1 30000)
E
    type mysql cat x
    trap 'echo x' EXIT
}
post_upgrade() { kill -TERM $BASHPID; }
"#;

impl Judge {
    /// Watches programs that are told nothing of interest.
    pub fn new(stage: &Stage) -> Self {
        let mut judge = Self { own: BTreeSet::new() };
        for variant in stage.variants() {
            let batch = stage.run(&[HARMLESS], &variant, 0);
            assert!(batch.finished, "{variant}: the harmless script did not come to its end");
            for event in after_beginning(&batch) {
                let path = event.path();
                let of_system =
                    ["/lib/", "/lib64/", "/usr/lib/", "/usr/share/", "/etc/ld.so", "/proc/", "/sys/"]
                        .iter()
                        .any(|beginning| path.starts_with(beginning));
                let reads_zone = matches!(
                    path,
                    "/etc/localtime" | "/etc/locale.alias" | "/selinux" | "/etc/selinux/config"
                );
                if (of_system || reads_zone) && !path.contains("..") {
                    judge.own.insert((event.program.clone(), path.to_owned()));
                }
            }
        }
        judge
    }

    /// What the scripts of a batch did.
    pub fn judge(&self, batch: &Batch, variant: &Variant) -> Verdict {
        let mut verdict = Verdict::default();
        let mut script = None;
        let path = variant.path();
        for event in &batch.events {
            if let Some(mark) = event.path().strip_prefix("/mark/").filter(|_| event.call.starts_with("open"))
            {
                if mark.ends_with("-pre_upgrade") || mark == "end" {
                    verdict.finished += usize::from(script.is_some());
                }
                script = mark.split('-').next().and_then(|number| number.parse().ok());
                continue;
            }
            let Some(script) = script else { continue };
            if let Some(mark) = event.path().strip_prefix("/tmp/.s").and_then(|mark| mark.parse().ok()) {
                verdict.reached.insert((script, mark));
                continue;
            }
            if event.call == "execve" && event.program != "mysql" {
                count(event, &mut verdict.started);
            }
            if let Some(complaint) = self.complaint(event, &path, script) {
                verdict.violations.entry(script).or_default().push(complaint);
            }
        }
        verdict
    }

    fn complaint(&self, event: &Event, search: &[String], script: usize) -> Option<String> {
        let bad = |reason: &str| Some(format!("{reason}: {}", event.line));
        let path = event.path();
        if event.program == "mysql" {
            let reads = event.call == "execve" && path == "/opt/play/mysql-input";
            let sql = event.texts.get(2).map_or("", String::as_str);
            return if reads { sql_complaint(sql).and_then(|reason| bad(&reason)) } else { None };
        }
        match event.call.as_str() {
            "execve" | "execveat" => {
                // busybox starts itself under another name.
                let again = path == "/proc/self/exe" && !event.program.is_empty();
                let name = if again { &event.texts[1] } else { base_name(path) };
                let listed = name == "mysql" || PROGRAMS.contains(&name);
                let found = again || search.iter().any(|directory| path == format!("{directory}/{name}"));
                if !(listed && found) {
                    return bad("starts a program");
                }
                if name == "mysql" {
                    return mysql_complaint(&event.texts[2..]).and_then(|reason| bad(&reason));
                }
                None
            }
            "wait4" | "exit_group" | "exit" | "clone" | "clone3" | "vfork" | "fork" | "waitid"
            | "pidfd_open" => None,
            "kill" | "tgkill" | "tkill" => {
                // `timeout` ends what it has started, and a program may end itself.
                let process = event.line.split(' ').next().unwrap_or_default();
                let itself = event.line.contains(&format!("({process}, {process},"))
                    || event.line.contains(&format!(" kill({process}, "));
                if event.program == "timeout" || itself { None } else { bad("sends a signal") }
            }
            "socket" | "connect" | "sendto" | "sendmsg" | "bind" | "listen" | "socketpair"
            | "getsockname" | "getpeername" | "setsockopt" | "getsockopt" | "recvfrom" => {
                bad("uses the network")
            }
            _ => {
                if self.is_allowed_file(event, search, script) {
                    None
                } else {
                    bad("touches a file")
                }
            }
        }
    }

    fn is_allowed_file(&self, event: &Event, search: &[String], script: usize) -> bool {
        // What a link points to is not opened by reading it.
        let named = if event.call.starts_with("readlink") { 1 } else { event.texts.len() };
        event.texts.iter().take(named).all(|path| {
            let normal = !path.split('/').any(|part| part == "..");
            let place = path.is_empty()
                || path == "/tmp"
                || path.starts_with("/tmp/") && normal
                || ["/dev/null", "/dev/stdin", "/dev/stdout", "/dev/stderr"].contains(&path.as_str());
            let looks = ["stat", "newfstatat", "access", "faccessat", "faccessat2", "statx", "lstat"]
                .contains(&event.call.as_str());
            place
                // The other end of `< <(command)`.
                || path.strip_prefix("/dev/fd/").is_some_and(|number| number.parse::<u8>().is_ok_and(|n| n > 2))
                // The C library reads it wherever it is asked for a time, bash when TZ was set for a command.
                || path == "/etc/localtime"
                || self.own.contains(&(event.program.clone(), path.clone()))
                // bash looks for programs by their names, and where it is; so does `timeout`.
                || looks && path == "."
                || looks
                    && search.iter().any(|directory| {
                        path == directory
                            || path.strip_prefix(directory.as_str()).is_some_and(|rest| {
                                rest.starts_with('/') && !rest[1..].contains('/') && rest.len() > 1
                            })
                    })
                // The driver reads the script.
                || *path == format!("/scripts/{script}") || path == "/scripts/input"
        })
    }
}

/// The events after the script has been started.
fn after_beginning(batch: &Batch) -> impl Iterator<Item = &Event> {
    batch.events.iter().skip_while(|event| !event.path().starts_with("/mark/"))
}

/// Counts a program and each of its options.
fn count(event: &Event, started: &mut BTreeMap<String, usize>) {
    let name = base_name(event.path());
    let mut add = |what: String| *started.entry(what).or_default() += 1;
    add(name.to_owned());
    for argument in event.texts.iter().skip(2) {
        let Some(option) = argument.strip_prefix('-') else { continue };
        if let Some(long) = option.strip_prefix('-') {
            add(format!("{name} --{}", long.split('=').next().unwrap_or_default()));
        } else {
            for letter in option.chars().take_while(char::is_ascii_alphabetic) {
                add(format!("{name} -{letter}"));
                if "eFvkdtfnmABCDPhu".contains(letter) && !(name == "mysql" && "nvk".contains(letter)) {
                    break;
                }
            }
        }
    }
}

/// What is wrong with the arguments that mysql was given.
fn mysql_complaint(arguments: &[String]) -> Option<String> {
    let mut arguments = arguments.iter();
    let value = |name: &str| CONNECTION.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
    while let Some(argument) = arguments.next() {
        let connection =
            [("-h", "--host", "SR_FE_HOST"), ("-P", "--port", "SR_FE_PORT"), ("-u", "--user", "SR_FE_USER")];
        let given = connection.iter().find_map(|(short, long, name)| {
            if argument == short || argument == long {
                return Some((arguments.next().map(String::as_str), name));
            }
            let attached =
                argument.strip_prefix(&format!("{long}=")).or_else(|| argument.strip_prefix(short));
            attached.map(|attached| (Some(attached), name))
        });
        if let Some((given, name)) = given {
            if given != value(name) {
                return Some(format!("mysql with another connection, {argument}"));
            }
            continue;
        }
        let flags = argument.strip_prefix('-').filter(|flags| !flags.starts_with('-'));
        let short = flags.map(|flags| flags.trim_start_matches(['N', 'B', 's', 'E', 't', 'r']));
        match (argument.as_str(), short) {
            (
                "--skip-column-names"
                | "--batch"
                | "--silent"
                | "--vertical"
                | "--table"
                | "--raw"
                | "--protocol=TCP",
                _,
            )
            | (_, Some("")) => {}
            ("--execute", _) | (_, Some("e")) => {
                let sql = arguments.next().map_or("", String::as_str);
                if let Some(reason) = sql_complaint(sql) {
                    return Some(reason);
                }
            }
            ("-D" | "--database" | "--connect-timeout", _) => {
                arguments.next();
            }
            (_, Some(rest)) if rest.starts_with('e') => {
                if let Some(reason) = sql_complaint(&rest[1..]) {
                    return Some(reason);
                }
            }
            (text, _) if text.starts_with("--execute=") => {
                if let Some(reason) = sql_complaint(&text["--execute=".len()..]) {
                    return Some(reason);
                }
            }
            (text, _)
                if text.starts_with("-D")
                    || text.starts_with("--database=")
                    || text.starts_with("--connect-timeout=") => {}
            (text, _) => return Some(format!("mysql with `{text}`")),
        }
    }
    None
}

/// What is wrong with SQL that the client was given: what would run something, and what is no statement of
/// the page. Hostile texts all have a word of their own, so that one in SQL is seen.
fn sql_complaint(sql: &str) -> Option<String> {
    let body = sql.trim_end().strip_suffix("\\G").unwrap_or(sql);
    let hostile = ["canary", "\\", "`$", "$(", "FILES(", "files("];
    if let Some(found) = hostile.iter().find(|text| body.contains(**text)) {
        return Some(format!("SQL with `{found}`"));
    }
    let beginnings =
        ["ADMIN", "ALTER SYSTEM CREATE IMAGE", "SHOW", "DESC", "EXPLAIN", "SELECT", "SET", "--", "/*", "("];
    let known = |part: &str| {
        let part = part.trim().to_ascii_uppercase();
        part.is_empty() || beginnings.iter().any(|beginning| part.starts_with(beginning))
    };
    let first = body.trim().split(';').next().unwrap_or_default();
    (body.trim().is_empty() || !known(first)).then(|| "SQL that is no statement of the page".to_owned())
}
