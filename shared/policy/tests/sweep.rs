//! The exhaustive sweep: every builtin × option × operand × special variable of bash, with bash as the
//! ground truth. Each candidate carries a canary, a piece of code that leaves a file; what `restricted`
//! accepts is run in real bash, and no canary may fire.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may stop at the first surprise

use hookgate_policy::{Policy, check};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const BUILTINS: &str = ". : [ alias bg bind break builtin caller cd command compgen complete compopt continue declare dirs \
    disown echo enable eval exec exit export false fc fg getopts hash help history jobs kill let local logout mapfile popd \
    printf pushd pwd read readarray readonly return set shift shopt source suspend test times trap true type typeset ulimit \
    umask unalias unset wait";

/// Variables that bash, or a program that a hook may run, gives a meaning to.
const SPECIAL: &str = "_ BASH BASHOPTS BASHPID BASH_ALIASES BASH_ARGC BASH_ARGV BASH_ARGV0 BASH_CMDS BASH_COMMAND BASH_COMPAT \
    BASH_ENV BASH_EXECUTION_STRING BASH_LINENO BASH_LOADABLES_PATH BASH_REMATCH BASH_SOURCE BASH_SUBSHELL BASH_VERSINFO \
    BASH_VERSION BASH_XTRACEFD CDPATH CHILD_MAX COLUMNS COMP_WORDBREAKS COMPREPLY DIRSTACK EMACS ENV EPOCHREALTIME \
    EPOCHSECONDS EUID EXECIGNORE FCEDIT FIGNORE FUNCNAME FUNCNEST GLOBIGNORE GROUPS histchars HISTCMD HISTFILE HOME HOSTFILE \
    HOSTNAME HOSTTYPE IFS IGNOREEOF INPUTRC LANG LC_ALL LC_COLLATE LC_CTYPE LC_MESSAGES LD_PRELOAD LINENO LINES MACHTYPE MAIL \
    MAILCHECK MAILPATH MAPFILE OLDPWD OPTARG OPTERR OPTIND OSTYPE PATH PIPESTATUS POSIXLY_CORRECT PPID PROMPT_COMMAND PS0 PS1 \
    PS2 PS3 PS4 PWD RANDOM READLINE_LINE REPLY SECONDS SHELL SHELLOPTS SHLVL SRANDOM TIMEFORMAT TMOUT TMPDIR TZ UID";

/// What could be evaluated once more. `@` stands for the number of the candidate.
const PAYLOADS: [&str; 4] = ["a[$(>c@)]", "$(>c@)", "x[$(>c@)]=1", "($(>c@))"];

/// Constructs with a payload in each slot, `%`.
const CONSTRUCTS: &[&str] = &[
    "echo '%'",
    "echo \"$1\"",
    "echo $1",
    "x='%'; echo \"$x\"",
    "x='%'; echo $x",
    "echo $(( '%' ))",
    "x='%'; echo $(( x ))",
    "x='%'; echo $(( $x ))",
    "x='%'; (( x ))",
    "x='%'; (( x++ ))",
    "x='%'; (( y = x ))",
    "x='%'; [[ x -eq 1 ]]",
    "x='%'; [[ $x -eq 1 ]]",
    "x='%'; [[ \"$x\" -eq 1 ]]",
    "[[ '%' -eq 1 ]]",
    "[[ -v '%' ]]",
    "x='%'; [[ -v $x ]]",
    "x='%'; [[ -v \"$x\" ]]",
    "x='%'; [[ -R $x ]]",
    "x='%'; [[ -n $x ]]",
    "x='%'; [[ $x == '%' ]]",
    "x='%'; [[ y == $x ]]",
    "x='%'; [[ y =~ $x ]]",
    "x='%'; [ $x ]",
    "x='-v %'; [ $x ]",
    "x='-v %'; [ ! $x ]",
    "x='-v'; [ $x '%' ]",
    "x='-v'; [ \"$x\" '%' ]",
    "x='%'; [ -v \"$x\" ]",
    "[ -v '%' ]",
    "test -v '%'",
    "x='%'; [ \"$x\" -eq 1 ]",
    "x='%'; [ \"$x\" = y ]",
    "x='%'; [ \"$x\" = y -a -v '%' ]",
    "x='-v %'; [ $x = y ]",
    "x='-v'; [ \"$x\" = y -o \"$x\" '%' ]",
    "x='%'; a=(1); echo \"${a[$x]}\"",
    "x='%'; a=(1); echo \"${a[x]}\"",
    "x='%'; a[$x]=1",
    "x='%'; a[x]=1",
    "a['%']=1",
    "x='%'; a=([$x]=1)",
    "x='%'; a=([x]=1)",
    "x='%'; echo \"${1:x}\"",
    "x='%'; echo \"${1:0:x}\"",
    "x='%'; echo \"${1:$x}\"",
    "x='%'; echo \"${@:x}\"",
    "x='%'; echo \"${x@P}\"",
    "x='%'; echo \"${!x}\"",
    "x='%'; echo \"${!x-}\"",
    "x='%'; echo \"${x:-'%'}\"",
    "echo \"${x:-'%'}\"",
    "echo ${x:='%'}; echo $(( x ))",
    ": \"${x:='%'}\"; (( x ))",
    "x='%'; for (( i = x; i < 1; i++ )); do :; done",
    "for x in '%'; do (( x )); done",
    "for x in '%'; do echo \"$x\"; done",
    "x='%'; case $x in '%') ;; esac",
    "cat <<'E'\n%\nE",
    "x='%'; cat <<E\n$x\nE",
    "x='%'; cat <<< \"$x\"",
    "read -r x <<< '%'; (( x ))",
    "read -r x; echo $(( x ))",
    "read -r x; a=(1); echo ${a[$x]}",
    "mapfile -t x <<< '%'; (( x ))",
    "mapfile -t x; echo $(( x[0] ))",
    "read -r x <<< '%'; echo \"$x\"",
    "printf '%%d' '%'",
    "printf '%'",
    "printf '%%s' '%'",
    "x='%'; printf \"$x\"",
    "printf -v '%' y",
    "printf '%%n' '%'",
    "x='%'; printf '%%d' \"$x\"",
    "printf '%%*d' '%' 1",
    "printf '%%(%s)T' '%'",
    "local x='%'; (( x ))",
    "local -i x='%'",
    "local -a x='%'",
    "local -A x='%'",
    "local -n x='%'",
    "local '%'",
    "local -a x; local x='%'",
    "x=(); local x='%'",
    "declare x='%'",
    "declare -a x=('%')",
    "x='%'; declare -a y=\"$x\"",
    "x='%'; declare -a y=($x)",
    "x='%'; local y=$x",
    "x='%'; local $x",
    "x='%'; readonly y=\"$x\"",
    "readonly '%'",
    "x='%'; unset -v \"$x\"",
    "unset -v '%'",
    "unset '%'",
    "trap '%' EXIT",
    "trap 'echo %' EXIT",
    "trap ': %' EXIT",
    "x='%'; trap \"$x\" EXIT",
    "trap '%' INT",
    "set -- '%'; (( $1 ))",
    "shift '%'",
    "x='%'; shift \"$x\"",
    "return '%'",
    "x='%'; return \"$x\"",
    "exit '%'",
    "break '%'",
    "for x in y; do continue '%'; done",
    "getopts 'a' '%'",
    "getopts '%' x",
    "x='%'; getopts a x; (( x ))",
    "type '%'",
    "eval '%'",
    "let '%'",
    "x='%'; let x",
    "echo $[ x = 1 ]",
    "x='%'; echo $[x]",
    "declare -A m; m['%']=1",
    "local -A m; x='%'; m[$x]=1",
    "local -A m; x='%'; m[x]=1",
    "local -A m; x='%'; (( m[$x]++ ))",
    "local -A m; x='%'; echo \"${m[$x]}\"",
    "local -A m=(['%']=1); local k; for k in \"${!m[@]}\"; do echo \"${m[$k]}\"; done",
    "local -A m=(['%']=1); local k; for k in \"${!m[@]}\"; do (( m[$k]++ )); done",
    "local -A m=(['%']=1); local k; for k in \"${!m[@]}\"; do (( m[k]++ )); done",
    "a=(1); for k in \"${!a[@]}\"; do echo \"${a[k]}\"; done",
    "x='%'; [[ $x =~ ^[0-9]+$ ]] || return 1; (( x ))",
    "x='%'; [[ $x =~ ^[0-9]+$ ]] && (( x ))",
    "x='%'; [[ $x =~ ^[0-9]+$ ]] || :; (( x ))",
    "x='%'; [ \"$x\" -ge 0 ] || return 1; (( x ))",
    "x='%'; [ \"$x\" -ge 0 ] 2>/dev/null && (( x ))",
    "x=1; x='%'; (( x ))",
    "x=1; (( x )); x='%'",
    "x=1; x+='%'; (( x ))",
    "x=1; y=$x; x='%'; (( y ))",
    "x='%'; y=$x; (( y ))",
    "x='%'; y=${#x}; (( y ))",
    "x=$(echo '%'); (( x ))",
    "x=$(echo '%' | wc -l); (( x ))",
    "x=$(echo '%' | grep -c x); (( x ))",
    "x='%'; echo $(( ${x:-1} ))",
    "echo $(( ${y:-'%'} ))",
    "x='%'; echo $(( ${#x} ))",
    "x='%'; echo $(( 10#$x ))",
    "x='%'; echo $(( 1$x ))",
    "x=1; echo $(( y$x ))",
    "x='%'; sleep \"$x\"",
    "x='%'; head -n \"$x\" /dev/null",
    "awk -v x='%' 'BEGIN { print x }'",
    "x='%'; awk -v x=\"$x\" 'BEGIN { print x + 0 }'",
    "x='%'; expr \"$x\" : '.*'",
    "x='%'; basename \"$x\"",
    "x='%'; date -u +\"$x\"",
    "x='%'; grep -e \"$x\" /dev/null",
    "x='%'; tr \"$x\" y < /dev/null",
    "x='%'; seq 1 \"$x\"",
    "x='%'; cut -d \"$x\" -f 1 /dev/null",
    "IFS='%' read -r x y <<< z",
    "local IFS='%'; echo $1",
    "x='%' echo y",
    "LC_ALL=C echo '%'",
    "echo {'%',y}",
    "echo ~'%'",
    "echo \"${x/'%'/y}\"",
    "x='%'; echo \"${1/$x/y}\"",
    "x='%'; echo \"${1#$x}\"",
    "x='%'; echo \"${1//y/$x}\"",
    "x='%'; echo \"${1^^$x}\"",
    "(( ${1} ))",
    "echo $(( $1 ))",
    "[[ $1 -eq 0 ]]",
    "a=($1); echo \"${a[0]}\"",
    "a=(\"$@\"); (( a[0] ))",
    "x=$1; (( x ))",
    "local n=\"$1\"; (( n ))",
    "echo \"${1:$2}\"",
    "printf '%%d' \"$1\"",
    "[ \"$1\" -gt 0 ]",
    "[ -v \"$1\" ]",
    "[ $1 ]",
    "[ $1 = x ]",
    "test $@",
    "[ \"$@\" ]",
    "read -t \"$1\" x",
    "mapfile -n \"$1\" x",
    "read -n \"$1\" x",
    "exec 3< \"$1\"",
    "echo x >&\"$1\"",
    "x='%'; exec {x}< /dev/null",
    "select x in '%'; do (( x )); done < /dev/null",
    "x='%'; coproc (( x ))",
    "f='%'; \"$f\"",
    "'%'",
    "x='%'; $x",
    "x='%'; export x; echo $(( x ))",
    "SECONDS='%'",
    "x=$SECONDS; (( x ))",
    "RANDOM='%'",
    "OPTIND='%'",
    "(( OPTIND = x ))",
];

/// What can be done with a variable, `V`.
const VARIABLE_SHAPES: &[&str] = &[
    "V='%'",
    "V='%' true",
    "V='%' date",
    "local V='%'",
    "for V in '%'; do :; done",
    "read -r V <<< '%'",
    ": \"${V:='%'}\"",
    "(( V = 1 ))",
    "printf -v V '%'",
    "V=('%')",
    "V+='%'",
    "echo \"$V\"",
    "echo $(( V ))",
    "V='%'; echo $(( V ))",
    "mapfile -t V <<< '%'",
    "unset -v V",
    "getopts a V",
    "V=1; V[0]='%'",
    "readonly V='%'",
    "local -a V=('%')",
    "[[ -v V ]]",
    "echo \"${V[0]}\"",
    "exec {V}< /dev/null",
];

struct Candidate {
    number: usize,
    body: String,
    /// Whether it is one of [`CONSTRUCTS`], which do no harm when they are run.
    is_construct: bool,
}

fn candidates() -> Vec<Candidate> {
    let all_constructs =
        PAYLOADS.iter().flat_map(|payload| CONSTRUCTS.iter().map(|shape| fill(shape, payload)));
    let constructs: BTreeSet<String> = all_constructs.collect();
    let mut bodies = BTreeSet::new();
    for builtin in BUILTINS.split_whitespace() {
        builtin_bodies(builtin, PAYLOADS[0], &mut bodies);
    }
    for name in SPECIAL.split_whitespace() {
        for shape in VARIABLE_SHAPES {
            bodies.insert(fill(&shape.replace('V', name), PAYLOADS[0]));
        }
    }
    bodies.retain(|body| !constructs.contains(body));
    let all =
        constructs.into_iter().map(|body| (body, true)).chain(bodies.into_iter().map(|body| (body, false)));
    // `@` is the number of the candidate; U+0001 stands for the `@` of bash itself.
    let numbered = |(number, (body, is_construct)): (usize, (String, bool))| {
        let body = body.replace('@', &number.to_string()).replace('\u{1}', "@");
        Candidate { number, body, is_construct }
    };
    all.enumerate().map(numbered).collect()
}

/// Puts the payload into the slots. A payload's own `@` and bash's are told apart.
fn fill(shape: &str, payload: &str) -> String {
    shape.replace('@', "\u{1}").replace("%%", "\u{2}").replace('%', payload).replace('\u{2}', "%")
}

fn builtin_bodies(builtin: &str, payload: &str, bodies: &mut BTreeSet<String>) {
    let minus = ('a'..='z').chain('A'..='Z').map(|letter| format!("-{letter}"));
    let options = minus.chain("aAeinoprx".chars().map(|letter| format!("+{letter}")));
    let close = if builtin == "[" { " ]" } else { "" };
    for option in options.chain([String::new(), "--".to_owned()]) {
        for operands in [
            "'%'", "n '%'", "'%' n", "n='%'", "n=('%')", "'%' '%'", "= '%'", "n = '%'", "\"$1\"", "$1",
            "n \"$1\"", "1 '%'", "'%' 1", "n[0]='%'", "'n=%'",
        ] {
            bodies.insert(fill(&format!("{builtin} {option} {operands}{close} <<< '%'"), payload));
        }
    }
}

fn script(body: &str) -> String {
    format!("pre_upgrade() {{\n{body}\n}}\npost_upgrade() {{ :; }}\n")
}

/// Runs candidates in one bash, each in a subshell, and returns the numbers of those that fired.
fn run(candidates: &[&Candidate], directory: &Path) -> BTreeSet<usize> {
    std::fs::create_dir_all(directory).unwrap();
    let mut batch = String::from("exec 2>/dev/null >/dev/null\n");
    for Candidate { number, body, .. } in candidates {
        let payload = |payload: &str| payload.replace('@', &number.to_string());
        let (first, second) = (payload(PAYLOADS[0]), payload(PAYLOADS[1]));
        // A body that does not parse must not take the others with it, so each is given to `eval`; so is
        // a hostile standard input.
        let quoted = format!("t() {{\n{body}\n}}").replace('\'', "'\\''");
        writeln!(batch, "( eval '{quoted}' && t '{first}' '{second}' '-v {first}' <<< '{first}' )").unwrap();
    }
    let file = directory.join("batch.sh");
    std::fs::write(&file, batch).unwrap();
    let work = directory.join("work");
    std::fs::create_dir_all(&work).unwrap();
    let status = Command::new("timeout")
        .args(["120", "bash", "--norc", "--noprofile"])
        .arg(&file)
        .current_dir(&work)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("MYSQL_CMD", "true")
        .stdin(Stdio::null())
        .status()
        .unwrap();
    assert!(status.code() != Some(124), "the batch took too long: {}", file.display());
    let fired = std::fs::read_dir(&work).unwrap();
    fired.filter_map(|entry| entry.unwrap().file_name().to_str()?.strip_prefix('c')?.parse().ok()).collect()
}

fn scratch(name: &str) -> PathBuf {
    let directory = std::env::temp_dir().join(format!("hookgate-sweep-{}-{name}", std::process::id()));
    let _ = std::fs::remove_dir_all(&directory);
    directory
}

fn run_all(chosen: &[&Candidate], name: &str) -> BTreeSet<usize> {
    let directory = scratch(name);
    let mut fired = BTreeSet::new();
    for (index, chunk) in chosen.chunks(500).enumerate() {
        fired.extend(run(chunk, &directory.join(index.to_string())));
    }
    std::fs::remove_dir_all(&directory).unwrap();
    fired
}

#[test]
fn what_is_accepted_never_fires() {
    let all = candidates();
    let accepted =
        |candidate: &&Candidate| !check(script(&candidate.body).as_bytes(), &Policy::default()).is_denied();
    let (yes, no): (Vec<&Candidate>, Vec<&Candidate>) = all.iter().partition(accepted);
    // The sweep must not become vacuous: enough is accepted, and enough of what is denied would fire.
    assert!(all.len() > 20_000 && yes.len() > 400, "{} of {} accepted", yes.len(), all.len());
    let fired = run_all(&yes, "accepted");
    let bad: Vec<&str> = yes.iter().filter(|c| fired.contains(&c.number)).map(|c| c.body.as_str()).collect();
    assert!(bad.is_empty(), "{} accepted scripts ran their canary:\n{}", bad.len(), bad.join("\n"));
    // Of what is denied only the constructs are run: builtins such as `kill` would do real harm.
    let constructs: Vec<&Candidate> = no.into_iter().filter(|candidate| candidate.is_construct).collect();
    let fired = run_all(&constructs, "denied");
    assert!(fired.len() > 100, "only {} of the denied candidates fire: the canary is broken", fired.len());
}
