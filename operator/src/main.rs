//! `hookgate-operator`: runs the upgrades of StarRocks clusters.

use clap::Parser;
use hookgate_operator::{
    arguments::{self, Arguments, Command},
    bootstrap::{self, BootstrapArguments},
    config::{Config, LogFormat},
    controller::{self, Reconciler},
    health::{self, Metrics},
    lease::{Election, Settings},
    machines,
    observe::Observer,
    runs::{HookRunner, JobRunner, ProcessRunner, RunnerImage},
    watched::Watched,
};
use kube::Client;
use std::{convert::Infallible, io::Write, process::ExitCode, sync::Arc, time::Duration};
use tokio::{
    runtime::Builder,
    signal::unix::{SignalKind, signal},
};
use tracing_subscriber::EnvFilter;

/// Reading a StarRocksCluster, with Kubernetes' own types in it, takes deep stacks: more than Tokio's 2 MiB in a build
/// without optimisation.
const STACK_BYTES: usize = 16 << 20;

fn main() -> ExitCode {
    let Arguments { command, config } = Arguments::parse();
    start_log(config.log_format);
    match command {
        None => operate(config),
        Some(Command::Bootstrap(arguments)) => bootstrap(&arguments),
        Some(Command::Install { folder }) => match arguments::install(&folder) {
            Ok(_) => ExitCode::SUCCESS,
            Err(error) => {
                tracing::error!("{} can't be installed into: {error}", folder.display());
                ExitCode::FAILURE
            }
        },
    }
}

fn bootstrap(arguments: &BootstrapArguments) -> ExitCode {
    if rustls::crypto::ring::default_provider().install_default().is_err() {
        tracing::error!("another TLS provider is installed already");
        return ExitCode::from(bootstrap::NOT_RUN);
    }
    let runtime = match Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            tracing::error!("no runtime: {error}");
            return ExitCode::from(bootstrap::NOT_RUN);
        }
    };
    match runtime.block_on(Box::pin(bootstrap::bootstrap(arguments))) {
        Ok(_) => ExitCode::SUCCESS,
        Err(error) => {
            // Its lines are for people, whatever form the log has.
            let _unheard = writeln!(std::io::stderr(), "hookgate-operator: {error}");
            ExitCode::from(error.exit_status())
        }
    }
}

fn operate(config: Config) -> ExitCode {
    let runtime = Builder::new_multi_thread().enable_all().thread_stack_size(STACK_BYTES).build();
    let ended = runtime.map_err(|error| format!("no runtime: {error}")).and_then(|runtime| {
        // On a thread of the runtime, for the main thread's stack is as large as the system says.
        let ended = runtime.block_on(async { tokio::spawn(run(config)).await });
        ended.map_err(|error| error.to_string())?
    });
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(error, "the operator ends");
            ExitCode::FAILURE
        }
    }
}

fn start_log(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let colours = std::io::IsTerminal::is_terminal(&std::io::stderr());
    let log =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(colours);
    match format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().init(),
    }
}

async fn run(config: Config) -> Result<(), String> {
    if rustls::crypto::ring::default_provider().install_default().is_err() {
        return Err("another TLS provider is installed already".to_owned());
    }
    let client = Client::try_default().await.map_err(|error| {
        format!(
            "no API server: {error}. Inside a cluster a service account is needed, outside set KUBECONFIG"
        )
    })?;
    let processes = processes(&client, &config)?;
    let metrics = Metrics::default();
    let health = tokio::spawn(health::serve(config.health_address, metrics.clone()));
    let settings = Settings {
        namespace: config.lease_namespace.clone(),
        name: config.lease_name.clone(),
        identity: config.identity.clone().unwrap_or_else(|| format!("pid-{}", std::process::id())),
        duration: Duration::from_secs(u64::from(config.lease_seconds)),
    };
    let mut election = Election::new(client.clone(), settings);
    let mut terminate = signal(SignalKind::terminate()).map_err(|error| error.to_string())?;
    tokio::select! {
        () = election.acquire() => {}
        _ = terminate.recv() => return Ok(()),
        _ = tokio::signal::ctrl_c() => return Ok(()),
        ended = health => return Err(format!("{} can't be served: {ended:?}", config.health_address)),
    }
    tracing::info!(target: "UpgradeManager", "this operator leads");
    let watched = Watched::default();
    let runner: Arc<dyn HookRunner> = match &processes {
        Some(processes) => Arc::new(processes.clone()),
        None => Arc::new(jobs(&client, &config).with_watches(watched.clone())),
    };
    let observer = Observer::new(client.clone(), config.profile, config.database_timeout_seconds)
        .with_watches(watched.clone(), config.database_poll_seconds)
        .with_runner(runner);
    let machine_metrics = metrics.machines.clone();
    let reconciler = Arc::new(Reconciler::new(observer, election.holder(), config.tuning(), metrics));
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let until = async move {
        // A sender that is dropped means the same as a message: stop.
        let _either = stopped.await;
    };
    let until = futures::FutureExt::shared(until);
    let machine_hooks = config.machine_hook_settings().map(|settings| {
        tracing::info!(target: "MachineHook", folder = %settings.folder.display(), "machine hooks are on");
        let (hooks, news) = machines::Hooks::new(client.clone(), settings, machine_metrics);
        machines::run(client.clone(), Arc::new(hooks), news, until.clone())
    });
    let mut passes = tokio::spawn(async move {
        let clusters = controller::run(client, config.watch_namespace.as_deref(), watched, reconciler, until);
        match machine_hooks {
            None => Box::pin(clusters).await,
            Some(machine_hooks) => {
                futures::future::join(Box::pin(clusters), Box::pin(machine_hooks)).await;
            }
        }
    });
    let lost = tokio::select! {
        () = election.keep() => true,
        _ = terminate.recv() => false,
        _ = tokio::signal::ctrl_c() => false,
        ended = &mut passes => return Err(format!("the watches ended: {ended:?}")),
        never = tidy(processes.as_ref()) => match never {},
    };
    if lost {
        return Err("the lease was lost: another operator may lead".to_owned());
    }
    drop(stop);
    let finished = tokio::time::timeout(Duration::from_secs(20), passes).await;
    if finished.is_err() {
        tracing::warn!("passes in flight did not end in 20 s; what they were doing is written down");
    }
    election.release().await.map_err(|error| error.to_string())
}

/// Runs of scripts as processes of this machine, where the settings say so. What can't be run here is said before anything
/// is done.
fn processes(client: &Client, config: &Config) -> Result<Option<ProcessRunner>, String> {
    let in_cluster = std::env::var_os("KUBERNETES_SERVICE_HOST").is_some();
    let settings = config.process_settings(in_cluster).map_err(|error| error.to_string())?;
    let opened = settings.map(|settings| ProcessRunner::open(client.clone(), settings)).transpose();
    opened.map_err(|error| error.to_string())
}

/// Runs of scripts as Jobs.
fn jobs(client: &Client, config: &Config) -> JobRunner {
    let (image, pull_secrets) = (config.runner_image.clone(), config.runner_image_pull_secrets.clone());
    JobRunner::new(client.clone(), RunnerImage { image, pull_secrets })
}

/// Runs on this machine of clusters that are gone are ended, where there are any.
async fn tidy(processes: Option<&ProcessRunner>) -> Infallible {
    match processes {
        Some(processes) => processes.tidy().await,
        None => std::future::pending().await,
    }
}
