//! `hookgate-webhook`.

use std::error::Error;
use std::process::ExitCode;

use clap::Parser as _;
use hookgate_webhook::config::Config;
use hookgate_webhook::{log, run};
use tokio::runtime::Builder;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Reading a StarRocksCluster, with Kubernetes' own types in it, takes deep stacks: more than Tokio's 2 MiB in a build
/// without optimisation.
const STACK_BYTES: usize = 16 << 20;

fn main() -> ExitCode {
    let config = Config::parse();
    let runtime = Builder::new_multi_thread().enable_all().thread_stack_size(STACK_BYTES).build();
    let ended = runtime.map_err(Into::into).and_then(|runtime| runtime.block_on(start(config)));
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(cause) => {
            eprintln!("hookgate-webhook: {}", with_causes(cause.as_ref()));
            ExitCode::FAILURE
        }
    }
}

async fn start(config: Config) -> Result<(), Box<dyn Error>> {
    log::set_up(config.log_format, &config.log)?;
    Ok(run::run(config).await?)
}

/// The error and all that led to it, on one line.
fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}
