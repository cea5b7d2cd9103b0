//! Programs by what they do.

use super::wrappers::{self, Wrapper};
use super::{ALLOWED_BUILTINS, CHECKED_BUILTINS};
use std::collections::HashMap;
use std::sync::LazyLock;

/// Programs that steer the cluster or containers, or act with the rights of another user.
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
];

/// Programs that set up the machine, which is what hooks of machines are for.
pub(crate) const MACHINE_TOOLS: &[&str] = &[
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

/// Programs that install packages, from other machines mostly.
pub(crate) const PACKAGE_MANAGERS: &[&str] = &["apt", "apt-get", "yum", "dnf", "apk", "pip", "pip3", "npm"];

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
    /// One of [`MACHINE_TOOLS`].
    Machine,
    /// One of [`PACKAGE_MANAGERS`].
    Packages,
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
    /// Whether it is one of [`ALLOWED_BUILTINS`].
    pub(crate) builtin: bool,
    /// Whether it is one of [`CHECKED_BUILTINS`].
    pub(crate) checked: bool,
    /// Whether it is mysql.
    pub(crate) mysql: bool,
    /// Whether it is another client of the database.
    pub(crate) database_client: bool,
}

/// What a program is known for, by its name without directories.
pub(crate) fn meaning(name: &str) -> Meaning {
    static MEANINGS: LazyLock<HashMap<&'static str, Meaning>> = LazyLock::new(|| {
        let mut meanings = HashMap::<&'static str, Meaning>::new();
        let classes = [
            (CLUSTER_TOOLS, Class::Cluster),
            (MACHINE_TOOLS, Class::Machine),
            (PACKAGE_MANAGERS, Class::Packages),
            (NETWORK_CLIENTS, Class::Network),
            (INTERPRETERS, Class::Interpreter),
            (&["eval", "source", "."], Class::Evaluation),
        ];
        for (names, class) in classes {
            for name in names {
                meanings.entry(name).or_default().class = Some(class);
            }
        }
        for wrapper in wrappers::WRAPPERS {
            meanings.entry(wrapper.name).or_default().wrapper = Some(wrapper);
        }
        for name in ALLOWED_BUILTINS {
            meanings.entry(name).or_default().builtin = true;
        }
        for name in CHECKED_BUILTINS {
            meanings.entry(name).or_default().checked = true;
        }
        for name in ["mysql", "mariadb"] {
            meanings.entry(name).or_default().mysql = true;
        }
        for name in crate::programs::DATABASE_CLIENTS {
            let meaning = meanings.entry(name).or_default();
            meaning.database_client = !meaning.mysql;
        }
        meanings
    });
    MEANINGS.get(name).copied().unwrap_or_else(|| {
        // `python3.11` is `python`; other programs have no versions in their names.
        let plain = crate::programs::without_version(name);
        let found = if plain.len() < name.len() { MEANINGS.get(plain).copied() } else { None };
        found.filter(|meaning| meaning.class == Some(Class::Interpreter)).unwrap_or_default()
    })
}
