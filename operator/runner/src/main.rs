//! The launcher of hooks; see the library.

use clap::Parser;
use hookgate_runner::{
    arguments::{Action, Arguments, Place, Run},
    client, isolate,
    stage::{self, Stage},
    supervise::{ResultFile, supervise},
};
use rustix::fs::{MemfdFlags, memfd_create};
use std::{
    env,
    ffi::OsStr,
    fs::{self, File},
    io::{self, Read, Seek, Write},
    os::unix::{fs::PermissionsExt, process::CommandExt},
    path::Path,
    process::{Command, ExitCode},
};

/// The variable that has the password when the container starts.
const PASSWORD_VARIABLE: &str = "MYSQL_PWD";

fn main() -> ExitCode {
    let mut words = env::args_os();
    let name = words.next().unwrap_or_default();
    if Path::new(&name).file_name() == Some(OsStr::new("mysql")) {
        return client::main(words);
    }
    match Arguments::parse().command {
        Action::Install { folder } => report(install(&folder)),
        Action::Isolate(Place { place, user, run }) => {
            report(isolate::isolate(&place, user, &run).map_err(|error| error.to_string()))
        }
        Action::Enter(Place { place, user, run }) => match isolate::enter(&place, user, &run) {
            Ok(never) => match never {},
            Err(error) => report(Err(error.to_string())),
        },
        Action::Mysql { arguments } => client::main(arguments),
        Action::Stage { stage } => match serde_json::from_str::<Stage>(&stage) {
            Ok(stage) => stage::main(&stage),
            Err(error) => report(Err(format!("the stage is not described: {error}"))),
        },
        Action::Run(run) => run_hook(*run),
    }
}

fn report(result: Result<(), String>) -> ExitCode {
    let Err(error) = result else { return ExitCode::SUCCESS };
    let _unwritten = writeln!(io::stderr(), "hookgate-runner: {error}");
    ExitCode::FAILURE
}

fn install(folder: &Path) -> Result<(), String> {
    let target = folder.join("hookgate-runner");
    let installed = env::current_exe().and_then(|own| {
        fs::copy(own, &target)?;
        fs::set_permissions(&target, fs::Permissions::from_mode(0o555))
    });
    installed.map_err(|error| format!("{} can't be made: {error}", target.display()))
}

fn run_hook(run: Run) -> ExitCode {
    let password = match password(run.password_on_stdin) {
        Ok(password) => password,
        Err(error) => return report(Err(format!("the password can't be put away: {error}"))),
    };
    let result = match ResultFile::open(&run.result) {
        Ok(result) => result,
        Err(error) => return report(Err(format!("{} can't be written: {error}", run.result.display()))),
    };
    match supervise(&run.order(password), result) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => report(Err(format!("the run can't be supervised: {error}"))),
    }
}

/// The password. Whoever reads the environment of this process finds none: where there is one, this program starts itself
/// anew without it, and reads the password from a file in memory.
fn password(on_stdin: bool) -> io::Result<String> {
    let mut password = String::new();
    if on_stdin {
        io::stdin().lock().read_to_string(&mut password)?;
        return Ok(password);
    }
    let Some(secret) = env::var_os(PASSWORD_VARIABLE) else { return Ok(password) };
    let mut file = File::from(memfd_create("password", MemfdFlags::CLOEXEC)?);
    file.write_all(secret.as_encoded_bytes())?;
    file.rewind()?;
    let mut again = Command::new("/proc/self/exe");
    Err(again.args(env::args_os().skip(1)).arg("--password-on-stdin").env_clear().stdin(file).exec())
}
