//! Names that mean something: builtins, programs, and commands that run other commands.

use std::collections::HashMap;
use std::sync::LazyLock;

/// The builtins of bash 5.2, without those that the others here contain.
pub(crate) const BUILTINS: &[&str] = &[
    ".",
    ":",
    "[",
    "alias",
    "bg",
    "bind",
    "break",
    "builtin",
    "caller",
    "cd",
    "command",
    "compgen",
    "complete",
    "compopt",
    "continue",
    "declare",
    "dirs",
    "disown",
    "echo",
    "enable",
    "eval",
    "exec",
    "exit",
    "export",
    "false",
    "fc",
    "fg",
    "getopts",
    "hash",
    "help",
    "history",
    "jobs",
    "kill",
    "let",
    "local",
    "logout",
    "mapfile",
    "popd",
    "printf",
    "pushd",
    "pwd",
    "read",
    "readarray",
    "readonly",
    "return",
    "set",
    "shift",
    "shopt",
    "source",
    "suspend",
    "test",
    "times",
    "trap",
    "true",
    "type",
    "typeset",
    "ulimit",
    "umask",
    "unalias",
    "unset",
    "wait",
];

/// The reserved words of bash.
pub(crate) const KEYWORDS: &[&str] = &[
    "!", "[[", "]]", "case", "coproc", "do", "done", "elif", "else", "esac", "fi", "for", "function", "if",
    "in", "select", "then", "time", "until", "while", "{", "}",
];

/// The builtins that `restricted` allows; `set` and `trap` have rules of their own.
pub(crate) const ALLOWED_BUILTINS: &[&str] = &[
    ":",
    "true",
    "false",
    "echo",
    "printf",
    "test",
    "[",
    "return",
    "exit",
    "break",
    "continue",
    "shift",
    "local",
    "declare",
    "readonly",
    "unset",
    "read",
    "mapfile",
    "readarray",
    "type",
    "getopts",
    "exec",
    "set",
    "trap",
];

/// The programs that `restricted` allows.
pub(crate) const ALLOWED_PROGRAMS: &[&str] = &[
    "mysql", "awk", "sed", "grep", "cut", "tr", "head", "tail", "wc", "sort", "uniq", "seq", "date", "sleep",
    "expr", "basename", "dirname", "cat", "timeout",
];

/// Programs that steer the cluster, containers or the machine.
pub(crate) const CLUSTER_TOOLS: &[&str] = &[
    "kubectl",
    "oc",
    "helm",
    "docker",
    "podman",
    "nerdctl",
    "crictl",
    "ctr",
    "runc",
    "buildah",
    "skopeo",
    "k9s",
    "kustomize",
    "kubeadm",
    "kubelet",
    "etcdctl",
    "nsenter",
    "unshare",
    "chroot",
    "mount",
    "umount",
    "pivot_root",
    "sudo",
    "su",
    "doas",
    "pkexec",
    "runuser",
    "setpriv",
    "capsh",
    "systemctl",
    "systemd-run",
    "service",
    "insmod",
    "modprobe",
    "reboot",
    "shutdown",
    "iptables",
    "ip",
    "crontab",
    "at",
    "batch",
];

/// Programs that talk to other machines.
pub(crate) const NETWORK_CLIENTS: &[&str] = &[
    "curl",
    "wget",
    "wget2",
    "nc",
    "ncat",
    "netcat",
    "nc.openbsd",
    "nc.traditional",
    "socat",
    "telnet",
    "ssh",
    "scp",
    "sftp",
    "rsync",
    "ftp",
    "lftp",
    "tftp",
    "http",
    "https",
    "aria2c",
    "axel",
    "lynx",
    "links",
    "w3m",
    "dig",
    "host",
    "nslookup",
    "drill",
    "ping",
    "ping6",
    "traceroute",
    "tracepath",
    "nmap",
    "tcpdump",
    "openssl",
    "git",
    "svn",
    "aws",
    "gcloud",
    "gsutil",
    "az",
    "s3cmd",
    "rclone",
    "mail",
    "mailx",
    "sendmail",
    "smbclient",
    "ldapsearch",
    "redis-cli",
    "psql",
    "mongo",
    "mongosh",
    "grpcurl",
    "websocat",
    "apt",
    "apt-get",
    "yum",
    "dnf",
    "apk",
    "pip",
    "pip3",
    "npm",
];

/// Programs that run text as code.
pub(crate) const INTERPRETERS: &[&str] = &[
    "sh",
    "bash",
    "rbash",
    "dash",
    "ash",
    "zsh",
    "ksh",
    "ksh93",
    "mksh",
    "fish",
    "csh",
    "tcsh",
    "busybox",
    "toybox",
    "python",
    "python2",
    "python3",
    "perl",
    "ruby",
    "node",
    "nodejs",
    "php",
    "lua",
    "luajit",
    "tclsh",
    "expect",
    "java",
    "jshell",
    "groovy",
    "scala",
    "go",
    "gcc",
    "cc",
    "make",
    "gdb",
    "vi",
    "vim",
    "ex",
    "ed",
    "emacs",
    "nano",
    "m4",
    "bc",
    "dc",
    "jq",
    "yq",
    "gawk",
    "mawk",
    "nawk",
    "original-awk",
];

/// A kind of program with a rule of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// One of [`CLUSTER_TOOLS`].
    Cluster,
    /// One of [`NETWORK_CLIENTS`].
    Network,
    /// One of [`INTERPRETERS`].
    Interpreter,
    /// `eval`, `source` and `.`.
    Evaluation,
}

/// What a program's name says about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Meaning {
    /// The kind, when it has a rule of its own.
    pub(crate) class: Option<Class>,
    /// How it is given the command that it runs, when it runs one.
    pub(crate) wrapper: Option<&'static Wrapper>,
}

/// What a program is known for, by its name without directories.
pub(crate) fn meaning(name: &str) -> Meaning {
    static MEANINGS: LazyLock<HashMap<&'static str, Meaning>> = LazyLock::new(|| {
        let mut meanings = HashMap::<&'static str, Meaning>::new();
        let classes = [
            (CLUSTER_TOOLS, Class::Cluster),
            (NETWORK_CLIENTS, Class::Network),
            (INTERPRETERS, Class::Interpreter),
            (&["eval", "source", "."], Class::Evaluation),
        ];
        for (names, class) in classes {
            for name in names {
                meanings.entry(name).or_default().class = Some(class);
            }
        }
        for wrapper in WRAPPERS {
            meanings.entry(wrapper.name).or_default().wrapper = Some(wrapper);
        }
        meanings
    });
    MEANINGS.get(name).copied().unwrap_or_default()
}

/// How a command is given the command that it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WrapperShape {
    /// After options and a number of operands.
    After {
        /// How many operands stand before the command.
        operands: usize,
        /// Whether `NAME=value` may stand before the command.
        assignments: bool,
        /// The options that take the next word as their value.
        valued: &'static [&'static str],
    },
    /// After one of these words.
    Marked(&'static [&'static str]),
}

/// A command that runs other commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wrapper {
    pub(crate) name: &'static str,
    pub(crate) shape: WrapperShape,
}

const fn plain(name: &'static str, operands: usize, valued: &'static [&'static str]) -> Wrapper {
    Wrapper { name, shape: WrapperShape::After { operands, assignments: false, valued } }
}

/// The commands that run other commands.
const WRAPPERS: &[Wrapper] = &[
    plain("command", 0, &[]),
    plain("builtin", 0, &[]),
    plain("exec", 0, &["-a"]),
    plain("nohup", 0, &[]),
    plain("setsid", 0, &[]),
    plain("nice", 0, &["-n", "--adjustment"]),
    plain("ionice", 0, &["-c", "-n", "-p", "-P", "-u"]),
    plain("chrt", 1, &["-T", "-P", "-D"]),
    plain("taskset", 1, &[]),
    plain("stdbuf", 0, &["-i", "-o", "-e", "--input", "--output", "--error"]),
    plain("timeout", 1, &["-k", "-s", "--kill-after", "--signal"]),
    plain("time", 0, &["-f", "-o"]),
    plain(
        "xargs",
        0,
        &[
            "-I",
            "-L",
            "-n",
            "-P",
            "-s",
            "-d",
            "-a",
            "-E",
            "--max-args",
            "--max-procs",
            "--delimiter",
            "--arg-file",
            "--replace",
        ],
    ),
    plain("parallel", 0, &["-j", "--jobs"]),
    plain("flock", 1, &["-w", "-E", "--timeout", "--conflict-exit-code"]),
    plain("watch", 0, &["-n", "--interval"]),
    plain("strace", 0, &["-e", "-o", "-p", "-s"]),
    plain("busybox", 0, &[]),
    plain("toybox", 0, &[]),
    plain("sudo", 0, &["-u", "-g", "-h", "-p", "-C", "-T", "-U"]),
    plain("doas", 0, &["-u", "-C"]),
    plain("setpriv", 0, &[]),
    plain("chroot", 1, &[]),
    plain("unshare", 0, &[]),
    plain("nsenter", 0, &["-t", "--target"]),
    plain("unbuffer", 0, &[]),
    plain("prlimit", 0, &[]),
    plain("setarch", 0, &[]),
    Wrapper {
        name: "env",
        shape: WrapperShape::After {
            operands: 0,
            assignments: true,
            valued: &["-u", "-C", "-S", "--unset", "--chdir"],
        },
    },
    Wrapper { name: "find", shape: WrapperShape::Marked(&["-exec", "-execdir", "-ok", "-okdir"]) },
];
