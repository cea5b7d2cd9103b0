//! What the programs of the end-to-end tests begin and end with.

use std::{future::Future, process::ExitCode};
use tokio::runtime::Builder;

/// Reading a cluster's many fields takes much stack in a build without optimisation.
pub const STACK_BYTES: usize = 32 << 20;

/// Runs a program to its end, on threads with a stack of [`STACK_BYTES`]. What ends it early is told on the standard
/// error, after the program's name.
pub fn run<E>(name: &str, program: impl Future<Output = Result<(), E>> + Send + 'static) -> ExitCode
where
    E: std::fmt::Display + Send + 'static,
{
    let runtime = Builder::new_multi_thread().enable_all().thread_stack_size(STACK_BYTES).build();
    let ended = runtime.map_err(|error| format!("no runtime: {error}")).and_then(|runtime| {
        // The main thread's stack is the system's affair, those of the runtime are ours.
        let ended = runtime.block_on(async { tokio::spawn(program).await });
        ended.map_err(|error| error.to_string())?.map_err(|problem| problem.to_string())
    });
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{name}: {problem}");
            ExitCode::FAILURE
        }
    }
}
