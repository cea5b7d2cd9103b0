//! `hookgate`: the verdict of the admission gate on files, what its rules mean, and how an upgrade goes.
//!
//! `main` reads the arguments and the inputs and prints the result; everything between is decided by
//! functions without I/O.

mod approve;
mod arguments;
mod ask;
mod color;
mod explain;
mod fix;
mod input;
mod lint;
mod live;
mod machines;
mod manifest;
mod output;
mod plan;
mod policy;
mod release;
mod status;
mod text;
mod yaml;

use arguments::{Arguments, Command, LintArguments};
use clap::Parser;
use color::Terminal;
use hookgate_folder::HooksFolder;
use hookgate_operator::plan::Preview;
use input::{Input, STANDARD_INPUT};
use lint::Policies;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Nothing is denied.
const ACCEPTED: u8 = 0;
/// At least one error was found.
const DENIED: u8 = 1;
/// The arguments are wrong, or an input cannot be read.
const UNUSABLE: u8 = 2;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let (text, errors, code) = match &arguments.command {
        Command::Lint(arguments) => lint(arguments),
        Command::Explain { rule } => match explain::explain(rule.as_deref()) {
            Ok(page) => (page, String::new(), ACCEPTED),
            Err(error) => (String::new(), format!("hookgate: {error}\n"), UNUSABLE),
        },
        Command::Plan(arguments) => plan(arguments),
        Command::Status(arguments) => status(arguments),
        Command::Release(arguments) => ended(live::run(release::release((**arguments).clone()))),
        Command::Approve(arguments) => ended(live::run(approve::approve((**arguments).clone()))),
        Command::Version => (format!("hookgate {}\n", env!("CARGO_PKG_VERSION")), String::new(), ACCEPTED),
    };
    match print(&text, &errors) {
        // A reader that has closed the pipe wants no more; that does not change the verdict.
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            // Where standard error is gone as well, the exit status is all that is left to tell.
            drop(writeln!(std::io::stderr(), "hookgate: cannot print: {error}"));
            ExitCode::from(UNUSABLE)
        }
        _ => ExitCode::from(code),
    }
}

fn plan(arguments: &plan::PlanArguments) -> (String, String, u8) {
    let (inputs, mut errors) = input::read_all(&arguments.files);
    let mut manifests = Vec::new();
    for input in &inputs {
        match plan::clusters(&input.name, &input.bytes) {
            Ok(found) => manifests.extend(found),
            Err(error) => errors.push(error),
        }
    }
    if !errors.is_empty() {
        return (String::new(), messages(&errors), UNUSABLE);
    }
    match live::run(plan::plan(arguments.place.clone(), manifests, arguments.hooks_dir.clone())) {
        Ok(planned) => {
            let refused = planned.iter().any(|one| {
                one.is_refused
                    || one.denied.is_some()
                    || one.preview.as_ref().is_some_and(Preview::is_refused)
            });
            let text = planned.iter().map(plan::render).collect::<Vec<_>>().join("\n");
            (text, String::new(), if refused { DENIED } else { ACCEPTED })
        }
        Err(error) => (String::new(), messages(&[error.to_string()]), UNUSABLE),
    }
}

fn status(arguments: &status::StatusArguments) -> (String, String, u8) {
    let terminal = Terminal::of_process();
    let shown = status::status(arguments.clone(), color::Color::Auto.is_on(&terminal), terminal.is_terminal);
    ended(live::run(shown))
}

/// How a command ends that prints by itself.
fn ended(result: Result<(), live::LiveError>) -> (String, String, u8) {
    match result {
        Ok(()) => (String::new(), String::new(), ACCEPTED),
        Err(error) => (String::new(), messages(&[error.to_string()]), UNUSABLE),
    }
}

fn print(text: &str, errors: &str) -> std::io::Result<()> {
    let mut standard_error = std::io::stderr().lock();
    standard_error.write_all(errors.as_bytes())?;
    let mut standard_output = std::io::stdout().lock();
    standard_output.write_all(text.as_bytes())?;
    standard_output.flush()
}

fn lint(arguments: &LintArguments) -> (String, String, u8) {
    let (mut inputs, mut errors) = input::read_all(&arguments.paths);
    let (given, policy_errors) = policy::read(&arguments.policy);
    if !policy_errors.is_empty() {
        return (String::new(), messages(&policy_errors), UNUSABLE);
    }
    let policies = arguments.policies(given);
    let mut fixed = Fixed::default();
    if arguments.fix {
        fixed = fix(&mut inputs, &policies, arguments.diff, &mut errors);
    }
    let folder = arguments.hooks_dir.as_ref().map(HooksFolder::new);
    let answer = folder.as_ref().map(|folder| |questions: &_| folder.answer(questions));
    let mut outcome = lint::lint(&inputs, &policies, answer.as_ref().map(|answer| answer as &_));
    outcome.errors.splice(0..0, errors);
    let color = arguments.color.is_on(&Terminal::of_process());
    let mut report = output::render(arguments.format, &outcome, color);
    let code = if !outcome.errors.is_empty() {
        UNUSABLE
    } else if outcome.is_denied() {
        DENIED
    } else {
        ACCEPTED
    };
    let mut messages = messages(&fixed.remarks) + &messages(&outcome.remarks) + &messages(&outcome.errors);
    if let Some(text) = fixed.text {
        // Standard output is for the text, so that it can be piped.
        messages.push_str(&std::mem::replace(&mut report, text));
    }
    (report, messages, code)
}

/// What became of fixes.
#[derive(Default)]
struct Fixed {
    /// What standard output is for, when that is not the report: a diff, or the fixed standard input.
    text: Option<String>,
    remarks: Vec<String>,
}

/// Writes what can be fixed, or shows it as a diff. The inputs become what was written.
fn fix(inputs: &mut [Input], policies: &Policies, diff: bool, errors: &mut Vec<String>) -> Fixed {
    let (changes, remarks) = fix::plan(inputs, policies);
    let mut fixed = Fixed { text: diff.then(String::new), remarks };
    for fix::Change { input, text, fixed: count } in changes {
        let input = &mut inputs[input];
        let findings = if count == 1 { "finding" } else { "findings" };
        if let Some(shown) = &mut fixed.text
            && diff
        {
            shown.push_str(&fix::diff(&input.name, &String::from_utf8_lossy(&input.bytes), &text));
            fixed.remarks.push(format!("would fix {count} {findings} in {}", input.name));
            continue;
        }
        if input.name != STANDARD_INPUT
            && let Err(error) = fix::replace(Path::new(&input.name), &input.bytes, &text)
        {
            errors.push(format!("{}: not fixed: {error}", input.name));
            continue;
        }
        fixed.remarks.push(format!("fixed {count} {findings} in {}", input.name));
        input.bytes = text.into_bytes();
    }
    if !diff {
        let standard = inputs.iter().find(|input| input.name == STANDARD_INPUT);
        fixed.text = standard.map(|input| String::from_utf8_lossy(&input.bytes).into_owned());
    }
    fixed
}

/// Messages for people, one on a line, without what would disturb a terminal.
fn messages(errors: &[String]) -> String {
    let line = |error: &String| error.chars().map(text::visible).chain(['\n']).collect::<String>();
    errors.iter().fold(String::new(), |text, error| text + "hookgate: " + &line(error))
}
