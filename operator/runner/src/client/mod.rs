//! The `mysql` that a hook finds: it takes the options that a script may use, hands each statement to the supervisor, and
//! prints the answers as the MySQL client does.

mod channel;
mod options;
mod print;
mod split;

pub use options::{Format, OptionError, Options, parse};
pub use print::Printer;
pub use split::{CommandError, Statement, statements};

use crate::gate::{GateError, Reply, Request};
use channel::Channel;
use std::{
    ffi::OsString,
    io::{self, BufWriter, Read, Write},
    process::ExitCode,
};

/// The most SQL that is read from standard input, in bytes.
const MOST_INPUT_BYTES: u64 = 16 << 20;

/// Why a call fails; each has its line on standard error.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("mysql: {0}")]
    Options(#[from] OptionError),
    #[error("mysql: {0}")]
    Command(#[from] CommandError),
    #[error("mysql: standard input can't be read: {0}")]
    Input(io::Error),
    #[error("mysql: standard input has more than {MOST_INPUT_BYTES} bytes")]
    LongInput,
    #[error("mysql: the SQL is not UTF-8")]
    NotText,
    #[error("{0}")]
    Connecting(GateError),
    #[error("ERROR {code} ({state}) at line {line}: {message}", code = error.code, state = error.state,
            message = error.message)]
    Statement { line: usize, error: GateError },
    /// Whoever read the answers has gone: there is nobody to tell.
    #[error("mysql: the answer can't be written: {0}")]
    Output(io::Error),
}

/// Runs `mysql` with these arguments, without the program's name. The exit codes are the client's: 0 after success, 1
/// after an error, 2 where an option is wrong.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Result<Vec<String>, _> = arguments.into_iter().map(OsString::into_string).collect();
    let result = arguments.map_err(|_| OptionError::NotText.into()).and_then(run);
    let Err(failure) = result else { return ExitCode::SUCCESS };
    let is_pipe = matches!(&failure, Failure::Output(error) if error.kind() == io::ErrorKind::BrokenPipe);
    if !is_pipe {
        // Where standard error is closed, the exit code says it alone.
        let _unwritten = writeln!(io::stderr(), "{failure}");
    }
    ExitCode::from(if matches!(failure, Failure::Options(_)) { 2 } else { 1 })
}

fn run(arguments: Vec<String>) -> Result<(), Failure> {
    let options = parse(arguments)?;
    let mut channel = Channel::open(options.connect.clone()).map_err(Failure::Connecting)?;
    let sql = match &options.execute {
        Some(sql) => sql.clone(),
        None => input()?,
    };
    let mut out = BufWriter::new(io::stdout().lock());
    for statement in statements(&sql) {
        let done = statement
            .map_err(Failure::from)
            .and_then(|statement| execute(&mut channel, &statement, options.format, &mut out));
        // What was answered before an error is printed before it.
        out.flush().map_err(Failure::Output)?;
        done?;
    }
    Ok(())
}

fn input() -> Result<String, Failure> {
    let mut bytes = Vec::new();
    io::stdin().lock().take(MOST_INPUT_BYTES + 1).read_to_end(&mut bytes).map_err(Failure::Input)?;
    if bytes.len() as u64 > MOST_INPUT_BYTES {
        return Err(Failure::LongInput);
    }
    String::from_utf8(bytes).map_err(|_| Failure::NotText)
}

fn execute(
    channel: &mut Channel,
    statement: &Statement<'_>,
    format: Format,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let failed = |error| Failure::Statement { line: statement.line, error };
    channel.send(&Request::Statement { text: statement.text.to_owned() }).map_err(failed)?;
    let mut printer: Option<Printer> = None;
    loop {
        match channel.receive().map_err(failed)? {
            Reply::Columns(columns) => {
                let next = Printer::new(columns, format, statement.vertical);
                if let Some(before) = printer.replace(next) {
                    before.finish(out).map_err(Failure::Output)?;
                }
            }
            Reply::Row(row) => match &mut printer {
                Some(printer) => printer.row(row, out).map_err(Failure::Output)?,
                None => return Err(failed(channel::unexpected(&Reply::Row(row)))),
            },
            Reply::Done => {
                return printer.map_or(Ok(()), |printer| printer.finish(out)).map_err(Failure::Output);
            }
            Reply::Error(error) => return Err(failed(error)),
            other @ Reply::Connected => return Err(failed(channel::unexpected(&other))),
        }
    }
}
