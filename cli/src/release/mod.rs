//! `hookgate release`: gives back by hand what an upgrade holds, and lets go of Clusters with machine hooks, also when the
//! operator is gone.

mod machines;
mod original;
mod reach;
mod record;

use crate::{
    ask,
    live::{LiveError, Place},
};
use clap::Args;
use hookgate_api::{StarRocksCluster, annotations, status::HeldSetting};
use hookgate_database::{Credentials, credentials};
use kube::{Api, Client, ResourceExt, api::ListParams};
use original::Original;
use reach::{Frontend, Way};
use std::{io::Write, time::Duration};

/// The arguments of `release`.
#[derive(Clone, Debug, Args)]
pub(crate) struct ReleaseArguments {
    /// The StarRocksCluster
    #[arg(value_name = "NAME", required_unless_present = "all", conflicts_with = "all")]
    name: Option<String>,
    /// Every cluster of every namespace, or of the one given by --namespace; without --namespace, Clusters with machine
    /// hooks as well
    #[arg(short = 'A', long)]
    all: bool,
    /// With --all and --namespace: Clusters with machine hooks as well, which are in no namespace
    #[arg(long, requires = "all")]
    machine_hooks: bool,
    /// Don't ask
    #[arg(short, long)]
    yes: bool,
    /// Connect to the FEs' own addresses instead of through the API server: from inside the cluster
    #[arg(long)]
    direct: bool,
    /// How long an FE may take to answer
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=600))]
    timeout_seconds: u64,
    /// Look at every FE once more after so long: a statement of the operator's may have been on its way
    #[arg(long, value_name = "SECONDS", default_value_t = 11, value_parser = clap::value_parser!(u64).range(0..=600))]
    settle_seconds: u64,
    /// Exit with 0 whatever comes of it, after so long at most: what runs before `helm uninstall` must not block it
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=3600))]
    give_up_after: Option<u64>,
    #[command(flatten)]
    place: Place,
}

/// Gives back what is held.
///
/// # Errors
/// When something isn't given back; what was is said before.
pub(crate) async fn release(arguments: ReleaseArguments) -> Result<(), LiveError> {
    let Some(seconds) = arguments.give_up_after else {
        let given_back = Box::pin(give_back_all(&arguments)).await;
        let let_go = Box::pin(let_clusters_go(&arguments)).await;
        return match (given_back, let_go) {
            (Err(one), Err(other)) => Err(LiveError::Process(format!("{one}; {other}"))),
            (one, other) => one.and(other),
        };
    };
    let ended = tokio::time::timeout(Duration::from_secs(seconds), Box::pin(give_back_all(&arguments))).await;
    match ended {
        Ok(Ok(())) => {}
        Ok(Err(error)) => say(&format!("not everything is given back: {error}\n"))?,
        Err(_) => say(&format!("not everything is given back after {seconds} s\n"))?,
    }
    // Whatever came of it: who gives up is the last that could take the finalizers away.
    let of_databases = tokio::time::timeout(FINALIZERS, Box::pin(remove_finalizers(&arguments))).await;
    let of_machines = tokio::time::timeout(FINALIZERS, Box::pin(let_clusters_go(&arguments))).await;
    for removed in [of_databases, of_machines] {
        match removed {
            Ok(Ok(())) => {}
            Ok(Err(error)) => say(&format!("a finalizer is left: {error}\n"))?,
            Err(_) => say(&format!("finalizers are left: no end after {} s\n", FINALIZERS.as_secs()))?,
        }
    }
    Ok(())
}

async fn let_clusters_go(arguments: &ReleaseArguments) -> Result<(), LiveError> {
    let ReleaseArguments { all, machine_hooks, yes, place, .. } = arguments;
    if !all || (place.namespace.is_some() && !machine_hooks) {
        return Ok(());
    }
    let (client, _) = place.connect().await?;
    Box::pin(machines::let_go(&client, machines::Wish { yes: *yes, asked_for: *machine_hooks })).await
}

/// How long taking the finalizers away may take, once releasing has been given up.
const FINALIZERS: Duration = Duration::from_secs(20);

async fn remove_finalizers(arguments: &ReleaseArguments) -> Result<(), LiveError> {
    let (client, namespace) = arguments.place.connect().await?;
    let clusters = Box::pin(find(&client, &namespace, arguments)).await?;
    let mut failed = Vec::new();
    for cluster in &clusters {
        if let Err(error) = Box::pin(record::remove_finalizer(&client, cluster)).await {
            failed.push(format!("{}: {error}", place_of(cluster)));
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(LiveError::Process(failed.join("; "))) }
}

async fn give_back_all(arguments: &ReleaseArguments) -> Result<(), LiveError> {
    let (client, namespace) = arguments.place.connect().await?;
    let clusters = Box::pin(find(&client, &namespace, arguments)).await?;
    let mut work = Vec::new();
    for cluster in clusters {
        let originals =
            original::originals(&cluster).map_err(|error| LiveError::Process(error.to_string()))?;
        let status = cluster.status.as_ref();
        if status.is_none_or(|status| !status.held_settings.iter().any(HeldSetting::is_in_force)) {
            Box::pin(record::remove_finalizer(&client, &cluster)).await?;
            if !arguments.all {
                say(&format!("{}: nothing is held\n", place_of(&cluster)))?;
            }
            continue;
        }
        say(&original::describe(&cluster, &originals))?;
        work.push((cluster, originals));
    }
    if work.is_empty() {
        return Ok(());
    }
    if !arguments.yes
        && !ask::may_go_on("Give these back now?").map_err(|error| LiveError::Process(error.to_string()))?
    {
        return Err(LiveError::Process("nothing was changed".to_owned()));
    }
    let mut failed = Vec::new();
    for (cluster, originals) in &work {
        if let Err(error) = Box::pin(one(&client, cluster, originals, arguments)).await {
            failed.push(format!("{}: {error}", place_of(cluster)));
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(LiveError::Process(failed.join("; "))) }
}

async fn find(
    client: &Client,
    namespace: &str,
    arguments: &ReleaseArguments,
) -> Result<Vec<StarRocksCluster>, LiveError> {
    let in_namespace: Api<StarRocksCluster> = Api::namespaced(client.clone(), namespace);
    if let Some(name) = &arguments.name {
        let cluster = Box::pin(crate::live::cluster(&in_namespace, name, namespace)).await?;
        return Ok(vec![cluster]);
    }
    let clusters = if arguments.place.namespace.is_some() { in_namespace } else { Api::all(client.clone()) };
    let list = clusters.list(&ListParams::default()).await;
    Ok(list.map_err(LiveError::api("reading StarRocksClusters"))?.items)
}

async fn one(
    client: &Client,
    cluster: &StarRocksCluster,
    originals: &[Original],
    arguments: &ReleaseArguments,
) -> Result<(), LiveError> {
    let way = if arguments.direct { Way::Direct } else { Way::PortForward };
    let timeout = Duration::from_secs(arguments.timeout_seconds);
    // Said first: an operator that runs must not take hold again.
    let wave = record::stop_the_wave(client, cluster).await?;
    record::note_releasing(client, cluster).await?;
    let credentials =
        credentials(client, cluster).await.map_err(|error| LiveError::Process(error.to_string()))?;
    for settle in [Duration::ZERO, Duration::from_secs(arguments.settle_seconds)] {
        tokio::time::sleep(settle).await;
        let frontends = reach::frontends(client, cluster).await?;
        give_back(client, way, &frontends, &credentials, originals, timeout).await?;
    }
    record::note_given_back(client, cluster, originals).await?;
    let (place, name) = (place_of(cluster), cluster.name_any());
    let go_on = wave.map_or_else(String::new, |_| {
        format!(
            "; its upgrade is stopped before the next pod. To go on, and hold again: kubectl annotate src {name} -n {} \
             {}-",
            cluster.namespace().unwrap_or_default(),
            annotations::RELEASE
        )
    });
    say(&format!("{place}: given back and verified on every FE{go_on}\n"))
}

/// Every FE is tried, though one of them fails.
async fn give_back(
    client: &Client,
    way: Way,
    frontends: &[Frontend],
    credentials: &Credentials,
    originals: &[Original],
    timeout: Duration,
) -> Result<(), LiveError> {
    let mut failed = Vec::new();
    for frontend in frontends {
        let given = reach::give_back(client, way, frontend, credentials, originals, timeout).await;
        match given {
            Ok(changed) => {
                for line in changed {
                    say(&format!("{}: {line}\n", frontend.pod))?;
                }
            }
            Err(error) => failed.push(format!("{}: {error}", frontend.pod)),
        }
    }
    if failed.is_empty() {
        return Ok(());
    }
    let way_out = "what is left stays in status.heldSettings; run the same again when the FE answers";
    Err(LiveError::Process(format!("{} ({way_out})", failed.join("; "))))
}

fn place_of(cluster: &StarRocksCluster) -> String {
    format!("{}/{}", cluster.namespace().unwrap_or_default(), cluster.name_any())
}

/// Prints at once: what has happened must be known though the next step fails.
fn say(text: &str) -> Result<(), LiveError> {
    let visible: String = text.chars().map(|c| if c == '\n' { c } else { crate::text::visible(c) }).collect();
    let mut output = std::io::stdout().lock();
    let printed = output.write_all(visible.as_bytes()).and_then(|()| output.flush());
    printed.map_err(|error| LiveError::Process(format!("cannot print: {error}")))
}
