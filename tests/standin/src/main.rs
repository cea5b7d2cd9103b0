//! The stand-in's program.

use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use hookgate_standin::event::NodeKind;
use hookgate_standin::fe::{Fe, FeOptions, Listeners};
use hookgate_standin::node::{Node, NodeOptions};
use hookgate_standin::record::{Recorder, RecorderOptions};
use hookgate_standin::signal::termination;

/// The last event is given so long to reach the recorder.
const FAREWELL: Duration = Duration::from_millis(300);

/// Plays the StarRocks server for tests.
#[derive(Debug, Parser)]
#[command(name = "standin", version)]
struct Arguments {
    #[command(subcommand)]
    role: Role,
}

#[derive(Debug, Subcommand)]
enum Role {
    /// A frontend.
    Fe(Box<FeOptions>),
    /// A backend.
    Be(Box<NodeOptions>),
    /// A compute node.
    Cn(Box<NodeOptions>),
    /// Takes and serves the events of all the others.
    Recorder(RecorderOptions),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into());
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_writer(std::io::stderr).init();
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error),
    };
    let result = runtime.block_on(Box::pin(run(arguments.role)));
    // A name server that doesn't answer must not keep the process alive.
    runtime.shutdown_background();
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&*error),
    }
}

fn fail(error: &dyn std::error::Error) -> ExitCode {
    eprintln!("standin: {error}");
    ExitCode::FAILURE
}

async fn run(role: Role) -> Result<(), Box<dyn std::error::Error>> {
    match role {
        Role::Fe(options) => {
            let listeners = Listeners::bind(&options).await?;
            let mut fe = Fe::start(*options, listeners).await?;
            tokio::select! {
                signal = termination() => farewell(fe.stopping(signal?)).await,
                () = fe.failed() => Err("a part of the FE has ended".into()),
            }
        }
        Role::Be(options) => run_node(*options, NodeKind::Backend).await,
        Role::Cn(options) => run_node(*options, NodeKind::ComputeNode).await,
        Role::Recorder(options) => {
            let recorder = Recorder::start(&options).await?;
            tracing::info!(events = %recorder.address, http = %recorder.http, "recorder listens");
            termination().await?;
            Ok(())
        }
    }
}

async fn run_node(options: NodeOptions, kind: NodeKind) -> Result<(), Box<dyn std::error::Error>> {
    let mut node = Node::start(options, kind).await?;
    tokio::select! {
        signal = termination() => farewell(node.stopping(signal?)).await,
        () = node.failed() => Err("a part of the node has ended".into()),
    }
}

/// Waits for the last event to be told, but not for long.
async fn farewell(told: impl Future<Output = ()>) -> Result<(), Box<dyn std::error::Error>> {
    if tokio::time::timeout(FAREWELL, told).await.is_err() {
        tracing::warn!("the recorder may not know that this process stops");
    }
    Ok(())
}
