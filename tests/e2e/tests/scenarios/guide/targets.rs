//! What a target is: its version, the path to it, who has made what runs, and by which rendering.

use super::wave;
use crate::run::{run, upgrade_state};
use hookgate_api::{
    Component, annotations, names,
    status::{ConditionType, Direction},
};
use hookgate_e2e::{
    Manifest, Problem, Scenario, client::standin_image, ensure, guide, manifest::CLUSTER, wait,
};
use k8s_openapi::api::apps::v1::StatefulSet;
use kube::{
    Api,
    api::{Patch, PatchParams},
};
use serde_json::{Value, json};

pub const RUNS: &[&str] = &["image-version", "allow-version-path", "adopt", "apply-rendering"];

/// Notes on BE's StatefulSet another rendering than the operator did; none is another operator's.
async fn set_rendering(scenario: &Scenario, hash: &Value) -> Result<(), Problem> {
    let sets: Api<StatefulSet> = Api::namespaced(scenario.client.clone(), &scenario.namespace);
    let patch = json!({"metadata": {"annotations": {annotations::RENDERED_HASH: hash}}});
    let name = names::statefulset(CLUSTER, Component::Be);
    let patched = sets.patch(&name, &PatchParams::default(), &Patch::Merge(patch)).await;
    patched.map(|_| ()).map_err(Problem::api("the StatefulSet of BE"))
}

#[test]
fn the_guide_says_how_to_name_a_version_and_to_take_a_path_and_objects_over() {
    run("guide-targets", async |scenario| {
        let manifest = Manifest::new("3.3.0", 1, 1, 0);
        scenario.deploy(&manifest).await?;
        let refused = scenario.change(&manifest.images("3.2.1")).await;
        let refused = refused.err().map(|problem| problem.to_string()).unwrap_or_default();
        ensure(refused.contains("allow-version-path"), || format!("3.3.0 to 3.2.1 is refused: {refused}"))?;
        guide::run(scenario, "allow-version-path", &[]).await?;
        scenario.change(&manifest.images("3.2.1")).await?;
        let cluster = scenario.upgraded().await?;
        let state = upgrade_state(&cluster, Component::Be);
        assert!(state.direction == Direction::Downgrade && state.to_image.ends_with(":3.2.1"), "{state:?}");

        set_rendering(scenario, &json!("another")).await?;
        let outdated = |cluster: &_| wait::holds(cluster, ConditionType::RenderingOutdated);
        scenario.until("the rendering to be outdated", outdated).await?;
        guide::run(scenario, "apply-rendering", &[]).await?;
        let current = |cluster: &_| !outdated(cluster) && wait::is_settled(cluster);
        scenario.until("the rendering to be applied", current).await?;

        set_rendering(scenario, &Value::Null).await?;
        let foreign = |cluster: &_| wait::message_of(cluster, ConditionType::Stalled, "NotAdopted").is_some();
        scenario.until("BE to be another operator's", foreign).await?;
        guide::run(scenario, "adopt", &[]).await?;
        let adopted = |cluster: &_| !foreign(cluster) && wait::is_settled(cluster);
        scenario.until("BE to be adopted", adopted).await?;

        let closed = json!({"spec": {"upgradeWindow": {"schedule": "0 0 29 2 *", "duration": "1m"}}});
        scenario.change(&closed).await?;
        let image = standin_image("be", "3.1.9");
        scenario.change(&json!({"spec": {"starRocksBeSpec": {"image": image}}})).await?;
        let goes = |way| move |cluster: &_| wave(cluster).is_some_and(|wave| wave.direction == way);
        scenario.until("the wave to go down", goes(Direction::Downgrade)).await?;
        guide::run(scenario, "image-version", &[("IMAGE", &image)]).await?;
        scenario.until("the wave to go up", goes(Direction::Upgrade)).await?;
        Ok(())
    });
}
