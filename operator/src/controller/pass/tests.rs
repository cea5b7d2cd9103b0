//! What a pass asks of the API server.

use super::*;
use crate::{empty_api_server::Empty, watched::Watched};
use hookgate_policy::Profile;
use kube::Client;
use serde_json::json;

fn cluster(ignored: &str) -> StarRocksCluster {
    serde_json::from_value(json!({
        "apiVersion": "starrocks.com/v1", "kind": "StarRocksCluster",
        "metadata": {"name": "c", "namespace": "n", "uid": "u", "resourceVersion": "7",
            "annotations": {"starrocks.com/ignored": ignored}},
        "spec": {"starRocksFeSpec": {"image": "fe:3.2.1"}}, "status": {},
    }))
    .unwrap()
}

fn reconciler(watched: Watched) -> (Empty, Reconciler) {
    let server = Empty::default();
    let client = Client::new(server.clone(), "n");
    let observer = Observer::new(client, Profile::default(), Duration::from_secs(1))
        .with_watches(watched, Duration::from_secs(1));
    let lease = Holder::held_for(Duration::from_secs(1000));
    (server, Reconciler::new(observer, lease, Tuning::default(), Metrics::default()))
}

#[tokio::test]
async fn a_cluster_where_nothing_is_to_be_done_costs_no_request() {
    let (server, reconciler) = reconciler(Watched::of_nothing().await);
    assert_eq!(reconciler.pass(&cluster("true")).await.unwrap(), None);
    assert_eq!(server.asked(), [""; 0]);
}

#[tokio::test]
async fn nothing_is_done_on_the_word_of_a_watch() {
    let (server, reconciler) = reconciler(Watched::of_nothing().await);
    // The watches have no FE, which is to be made; the API server says that there is no such cluster.
    assert_eq!(reconciler.pass(&cluster("false")).await.unwrap(), None);
    assert_eq!(server.asked(), ["GET starrocksclusters"]);
}

#[tokio::test]
async fn a_watch_that_lags_behind_or_is_listing_is_not_believed() {
    let (server, first) = reconciler(Watched::of_nothing().await);
    first.progress.written(&Key::new("n", "c"), Some("8"));
    assert_eq!(first.pass(&cluster("true")).await.unwrap(), None);
    assert_eq!(server.asked(), ["GET starrocksclusters"]);
    let (server, second) = reconciler(Watched::default());
    assert_eq!(second.pass(&cluster("true")).await.unwrap(), Some(LISTED));
    assert_eq!(server.asked(), [""; 0]);
}
