//! Commands that run other commands.

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
    /// The options with which it starts nothing.
    pub(crate) asking: &'static [&'static str],
    /// The option whose value it has a shell read, or splits into a command itself.
    pub(crate) text: Option<TextOption>,
    /// Whether it has a shell read its operands.
    pub(crate) reads_operands: bool,
}

/// An option whose value is code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TextOption {
    pub(crate) letter: char,
    pub(crate) long: &'static str,
}

const fn plain(name: &'static str, operands: usize, valued: &'static [&'static str]) -> Wrapper {
    shaped(name, WrapperShape::After { operands, assignments: false, valued })
}

const fn shaped(name: &'static str, shape: WrapperShape) -> Wrapper {
    Wrapper { name, shape, asking: &[], text: None, reads_operands: false }
}

/// The commands that run other commands.
pub(super) const WRAPPERS: &[Wrapper] = &[
    Wrapper { asking: &["-v", "-V", "-pv", "-pV"], ..plain("command", 0, &[]) },
    plain("builtin", 0, &[]),
    plain("exec", 0, &["-a"]),
    plain("nohup", 0, &[]),
    plain("setsid", 0, &[]),
    plain("nice", 0, &["-n", "--adjustment"]),
    plain("ionice", 0, &["-c", "-n", "-p", "-P", "-u", "--class", "--classdata", "--pid", "--pgid", "--uid"]),
    plain("chrt", 1, &["-T", "-P", "-D"]),
    plain("taskset", 1, &[]),
    plain("stdbuf", 0, &["-i", "-o", "-e", "--input", "--output", "--error"]),
    plain("timeout", 1, &["-k", "-s", "--kill-after", "--signal"]),
    plain("time", 0, &["-f", "-o", "--format", "--output"]),
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
            "--max-chars",
            "--delimiter",
            "--arg-file",
            "--process-slot-var",
        ],
    ),
    Wrapper { reads_operands: true, ..plain("parallel", 0, &["-j", "--jobs"]) },
    Wrapper {
        text: Some(TextOption { letter: 'c', long: "--command" }),
        ..plain("flock", 1, &["-w", "-E", "--timeout", "--wait", "--conflict-exit-code"])
    },
    Wrapper { reads_operands: true, ..plain("watch", 0, &["-n", "-q", "--interval", "--equexit"]) },
    plain(
        "strace",
        0,
        &[
            "-e", "-o", "-p", "-s", "-a", "-b", "-E", "-I", "-O", "-P", "-S", "-u", "-U", "-X", "--output",
            "--attach",
        ],
    ),
    plain("ltrace", 0, &["-e", "-o", "-p", "-s", "-a", "-A", "-D", "-F", "-l", "-n", "-u", "-x", "--output"]),
    plain("sshpass", 0, &["-f", "-d", "-p", "-P"]),
    plain("systemd-run", 0, &["-u", "-p", "-E", "-H", "-M", "--unit", "--property", "--setenv", "--slice"]),
    plain("fakeroot", 0, &["-l", "-s", "-i", "-b"]),
    plain("gosu", 1, &[]),
    plain("su-exec", 1, &[]),
    Wrapper {
        text: Some(TextOption { letter: 'c', long: "--command" }),
        ..plain("script", 1, &["-c", "--command", "-E", "-T", "-I", "-O", "-B"])
    },
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
        text: Some(TextOption { letter: 'S', long: "--split-string" }),
        ..shaped(
            "env",
            WrapperShape::After {
                operands: 0,
                assignments: true,
                valued: &["-u", "-C", "-S", "-a", "--unset", "--chdir", "--split-string", "--argv0"],
            },
        )
    },
    // Its operands are files.
    Wrapper {
        text: Some(TextOption { letter: '\0', long: "--filter" }),
        ..plain("split", usize::MAX, &["-a", "-b", "-C", "-l", "-n", "-t"])
    },
    // Gives a program another name.
    shaped("hash", WrapperShape::Marked(&["-p"])),
    shaped("find", WrapperShape::Marked(&["-exec", "-execdir", "-ok", "-okdir"])),
];
