//! `machines-bench`: how quick files and a hook get to many machines, beside Ansible. Nothing here is asserted by a test:
//! a target that a run misses is printed as MISSED.

mod ansible;
mod arguments;
mod hookgate;
mod machines;
mod measure;
mod report;

use arguments::{Arguments, Command, Contender, Measure};
use clap::Parser;
use machines::Machines;
use measure::{Measured, measure};
use report::Report;
use std::{fs, io, process::ExitCode};

/// Why nothing can be measured.
#[derive(Debug)]
pub struct Problem(String);

impl Problem {
    /// What could not be done, and what the system says.
    pub fn io(what: impl std::fmt::Display) -> impl FnOnce(io::Error) -> Self {
        move |error| Self(format!("{what}: {error}"))
    }
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Measure(arguments) => all(&arguments),
        Command::Work(arguments) => hookgate::work(&arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Problem(text)) => {
            eprintln!("machines-bench: {text}");
            ExitCode::FAILURE
        }
    }
}

fn all(arguments: &Measure) -> Result<(), Problem> {
    let begin = load()?;
    eprintln!("machines-bench: starting {} machines", arguments.machines);
    let machines = Machines::start(arguments.machines, arguments.files)?;
    let mut measured: Vec<Measured> = Vec::new();
    let few = arguments.copy_machines.min(arguments.machines);
    for (contender, count) in [
        (Contender::Hookgate, arguments.machines),
        (Contender::Archive, arguments.machines),
        (Contender::Hookgate, few),
        (Contender::Copy, few),
    ] {
        eprintln!("machines-bench: measuring {}, {count} machines", contender.title());
        let log = arguments.folder.join(format!("{}-{count}.log", contender.word()));
        let some = machines.first(count);
        let command = match contender {
            Contender::Hookgate => hookgate::command(&some, arguments.parallel)?,
            Contender::Archive => ansible::command(&some, arguments, include_str!("../archive.yml"))?,
            Contender::Copy => ansible::command(&some, arguments, include_str!("../copy.yml"))?,
        };
        let result = measure(contender, count, command, &log)?;
        some.verify(arguments.files)?;
        some.clean()?;
        measured.push(result);
    }
    let processors = std::thread::available_parallelism().map_err(Problem::io("counting processors"))?.get();
    let report = Report { files: arguments.files, processors, load: [begin, load()?], measured };
    print!("{}", report.table());
    let path = arguments.folder.join("report.json");
    let json = serde_json::to_vec_pretty(&report).map_err(|error| Problem(error.to_string()))?;
    fs::write(&path, json).map_err(Problem::io(path.display()))?;
    println!("\nwritten to {}", path.display());
    Ok(())
}

/// How many wanted a processor, over the last minute.
fn load() -> Result<String, Problem> {
    let text = fs::read_to_string("/proc/loadavg").map_err(Problem::io("the load"))?;
    Ok(text.split(' ').next().unwrap_or_default().to_owned())
}
