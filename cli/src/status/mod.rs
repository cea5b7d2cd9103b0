//! `hookgate status`: an upgrade as a timeline with its progress.

mod moments;
mod render;
mod subject;

use crate::live::{self, LiveError, Place};
use crate::machines;
use clap::Args;
use futures::StreamExt;
use hookgate_api::{Component, StarRocksCluster, names};
use jiff::Timestamp;
use k8s_openapi::api::apps::v1::StatefulSet;
use kube::{
    Api, Client, ResourceExt,
    runtime::{WatchStreamExt, watcher::watch_object},
};
use std::{collections::BTreeMap, io::Write, pin::pin, time::Duration};

pub(crate) use moments::{clock, duration};
pub(crate) use render::{Pods, render};
use subject::Subject;

/// The arguments of `status`.
#[derive(Clone, Debug, Args)]
pub(crate) struct StatusArguments {
    /// The StarRocksCluster, or with cluster/ before it TKEStack's Cluster, with its machines and hooks as a table
    #[arg(value_name = "NAME|KIND/NAME")]
    subject: Subject,
    /// Show it anew whenever it changes, until Ctrl-C
    #[arg(short, long)]
    watch: bool,
    #[command(flatten)]
    place: Place,
}

/// How often a picture that is watched is drawn anew though nothing has changed: its durations go on.
const REDRAW: Duration = Duration::from_secs(1);

/// Prints the status of a cluster, once or until interrupted.
///
/// # Errors
/// When the cluster can't be read, or isn't there.
pub(crate) async fn status(
    arguments: StatusArguments,
    color: bool,
    is_terminal: bool,
) -> Result<(), LiveError> {
    let (client, namespace) = arguments.place.connect().await?;
    let name = match arguments.subject {
        Subject::StarRocksCluster(name) => name,
        Subject::Cluster(name) => return machine_hooks(&client, &name, arguments.watch, is_terminal).await,
    };
    let clusters: Api<StarRocksCluster> = Api::namespaced(client.clone(), &namespace);
    let cluster = Box::pin(live::cluster(&clusters, &name, &namespace)).await?;
    if !arguments.watch {
        let pods = pods(&client, &cluster).await?;
        return print(&render(&cluster, &pods, Timestamp::now(), color));
    }
    let mut changes = pin!(watch_object(clusters, &name).default_backoff());
    let (mut cluster, mut shown) = (cluster, String::new());
    loop {
        let pods = pods(&client, &cluster).await?;
        let picture = render(&cluster, &pods, Timestamp::now(), color);
        if picture != shown {
            // A terminal shows the present picture only; a file gets each that differs.
            let clear = if is_terminal { "\x1b[H\x1b[2J" } else { "" };
            print(&format!("{clear}{picture}{}", if is_terminal { "" } else { "\n" }))?;
            shown = picture;
        }
        tokio::select! {
            change = changes.next() => match change {
                Some(Ok(Some(changed))) => cluster = changed,
                Some(Ok(None)) => return print(&format!("{name} is deleted\n")),
                // The watch is tried again; the picture stays meanwhile.
                Some(Err(_)) => {}
                None => return Ok(()),
            },
            () = tokio::time::sleep(REDRAW), if is_terminal => {}
            _ = tokio::signal::ctrl_c() => return Ok(()),
        }
    }
}

/// Prints the machines and hooks of TKEStack's Cluster, once or whenever they look otherwise. They are many objects, and
/// so are read again rather than watched.
async fn machine_hooks(client: &Client, name: &str, watch: bool, is_terminal: bool) -> Result<(), LiveError> {
    let mut shown = String::new();
    loop {
        let picture = machines::render(&machines::read(client, name).await?, Timestamp::now());
        if !watch {
            return print(&picture);
        }
        if picture != shown {
            let clear = if is_terminal { "\x1b[H\x1b[2J" } else { "" };
            print(&format!("{clear}{picture}{}", if is_terminal { "" } else { "\n" }))?;
            shown = picture;
        }
        tokio::select! {
            () = tokio::time::sleep(REDRAW) => {}
            _ = tokio::signal::ctrl_c() => return Ok(()),
        }
    }
}

fn print(text: &str) -> Result<(), LiveError> {
    let mut output = std::io::stdout().lock();
    match output.write_all(text.as_bytes()).and_then(|()| output.flush()) {
        // A reader that has closed the pipe wants no more.
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(LiveError::Process(error.to_string()))
        }
        _ => Ok(()),
    }
}

async fn pods(client: &Client, cluster: &StarRocksCluster) -> Result<BTreeMap<Component, Pods>, LiveError> {
    let sets: Api<StatefulSet> = Api::namespaced(client.clone(), &cluster.namespace().unwrap_or_default());
    let mut pods = BTreeMap::new();
    for component in cluster.spec.components() {
        let name = names::statefulset(&cluster.name_any(), component);
        let set =
            sets.get_opt(&name).await.map_err(LiveError::api(format!("reading the StatefulSet {name}")))?;
        if let Some(set) = set {
            pods.insert(component, Pods::of(&set));
        }
    }
    Ok(pods)
}
