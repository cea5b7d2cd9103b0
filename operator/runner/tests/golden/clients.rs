//! Debian's client and the runner's, asked the same.

use command_fds::{CommandFdExt, FdMapping};
use hookgate_database::Target;
use hookgate_runner::{
    audit::{Clearance, Event, Identity, Record},
    gate::{self, GATE_DESCRIPTOR, Gate, Judge},
    log::Log,
};
use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};
use std::{
    io::{Read, Seek, Write},
    os::fd::OwnedFd,
    process::{Command, Stdio},
    sync::Arc,
};
use tokio::sync::mpsc;

/// What a client did.
#[derive(Debug, PartialEq, Eq)]
pub struct Did {
    pub code: Option<i32>,
    pub output: String,
    pub errors: String,
}

/// A file without a name that begins with a text.
fn file(text: &str) -> std::fs::File {
    let flags = rustix::fs::MemfdFlags::CLOEXEC;
    let mut file = std::fs::File::from(rustix::fs::memfd_create("input", flags).unwrap());
    file.write_all(text.as_bytes()).unwrap();
    file.rewind().unwrap();
    file
}

fn run(command: &mut Command, input: Option<&str>) -> Did {
    let input = input.map_or(Stdio::null(), |input| file(input).into());
    let mut child =
        command.stdin(input).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("a client starts");
    // Bytes, for an answer may hold what isn't text.
    let (mut output, mut errors) = (Vec::new(), Vec::new());
    child.stdout.take().unwrap().read_to_end(&mut output).unwrap();
    child.stderr.take().unwrap().read_to_end(&mut errors).unwrap();
    let shown = |bytes: Vec<u8>| {
        String::from_utf8(bytes).unwrap_or_else(|error| error.as_bytes().escape_ascii().to_string())
    };
    Did { code: child.wait().unwrap().code(), output: shown(output), errors: shown(errors) }
}

/// Debian's client.
pub fn debian(port: u16, arguments: &[&str], input: Option<&str>) -> Did {
    let mut command = Command::new("mariadb");
    command.args(["--no-defaults", "--default-character-set=utf8mb4", "--skip-ssl", "-h127.0.0.1", "-uroot"]);
    command.arg(format!("-P{port}")).args(arguments).env("LC_ALL", "C.UTF-8").env_remove("MYSQL_PWD");
    let did = run(&mut command, input);
    Did { errors: without_statement(&did.errors), ..did }
}

/// MariaDB's client repeats the statement that failed, between two lines of dashes, before the error. MySQL's doesn't, and
/// neither does the runner's.
fn without_statement(errors: &str) -> String {
    const DASHES: &str = "--------------\n";
    let rest = errors.strip_prefix(DASHES).and_then(|rest| rest.split_once(&format!("\n{DASHES}\n")));
    rest.map_or(errors, |(_, error)| error).to_owned()
}

/// The supervisor's side, in this process.
pub struct Supervisor {
    clients: OwnedFd,
}

impl Supervisor {
    /// A gate to a server, that judges by `policies`.
    pub fn start(port: u16, policies: &str) -> Self {
        let flags = SocketFlags::CLOEXEC;
        let (ours, clients) = socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, flags, None).unwrap();
        let (sender, receiver) = mpsc::channel(1);
        std::thread::spawn(move || gate::accept(&ours, &sender));
        let target =
            Target { ip: "127.0.0.1".to_owned(), port, user: "root".to_owned(), password: String::new() };
        let log = Arc::new(Log::new(Box::new(std::io::sink()), ""));
        let judge = Judge::read(policies).unwrap();
        let run =
            Record::new(jiff::Timestamp::UNIX_EPOCH, Event::Run, Identity::default(), Clearance::default());
        let gate = Arc::new(Gate::new(target.ip.clone(), target, run, judge, log));
        tokio::spawn(gate.serve(receiver));
        Self { clients }
    }

    /// The runner's client.
    pub fn ask(&self, arguments: &[&str], input: Option<&str>) -> Did {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hookgate-runner"));
        let gate = FdMapping { parent_fd: self.clients.try_clone().unwrap(), child_fd: GATE_DESCRIPTOR };
        command.arg("mysql").args(arguments).fd_mappings(vec![gate]).unwrap();
        run(&mut command, input)
    }
}
