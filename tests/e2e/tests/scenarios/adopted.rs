//! What somebody else has written into a component's object doesn't stay in the way: neither what another operator made,
//! once it's adopted, nor what somebody has patched.

use crate::run::{assert_completed, run};
use hookgate_api::{Component, annotations, names, status::ConditionType};
use hookgate_e2e::{Manifest, Problem, Scenario, ensure, guide, manifest::CLUSTER, wait};
use k8s_openapi::api::apps::v1::StatefulSet;
use kube::{
    Api, ResourceExt,
    api::{DeleteParams, ObjectMeta, Patch, PatchParams, PostParams, PropagationPolicy},
    runtime::wait::{await_condition, conditions},
};
use serde_json::{Value, json};
use std::time::Duration;

/// Another operator, and this one.
const ANOTHER: &str = "starrocks-operator";
const OURS: &str = "hookgate-operator";
/// A variable that is in the spec, and taken out of it.
const VARIABLE: &str = "TAKEN_OUT";
/// How long a StatefulSet may take to go on a busy machine.
const GOING: Duration = Duration::from_secs(60);

#[test]
fn what_another_operator_made_is_upgraded_and_what_is_taken_out_of_the_spec_is_gone() {
    run("adopted", async |scenario| {
        let plain = Manifest::new("3.2.1", 1, 1, 0);
        let with_variable = plain.clone().with(&variables(&plain, Some("1")));
        scenario.deploy(&with_variable).await?;
        Box::pin(scenario.delete_and_orphan()).await?;
        for (component, _) in &plain.pods {
            remake(scenario, *component).await?;
        }
        scenario.create(&with_variable.object).await?;
        let foreign = |cluster: &_| wait::message_of(cluster, ConditionType::Stalled, "NotAdopted").is_some();
        scenario.until("the cluster to be another operator's", foreign).await?;
        for (component, _) in &plain.pods {
            let managers = managers(&set(scenario, *component).await?);
            assert!(!managers.iter().any(|manager| manager == OURS), "{component}: {managers:?}");
        }

        scenario.change(&plain.images("3.2.2")).await?;
        guide::run(scenario, "adopt", &[]).await?;
        let cluster = scenario.upgraded().await?;
        assert_completed(&cluster, &plain, "3.2.2");
        for (component, _) in &plain.pods {
            assert!(has_variable(&set(scenario, *component).await?), "{component}");
        }

        scenario.change(&variables(&plain, None)).await?;
        scenario.upgraded().await?;
        for (component, _) in &plain.pods {
            let set = set(scenario, *component).await?;
            ensure(!has_variable(&set), || format!("{component} has what was taken out: {set:?}"))?;
        }
        Ok(())
    });
}

#[test]
fn what_somebody_has_patched_does_not_stop_an_upgrade() {
    run("patched", async |scenario| {
        let manifest = Manifest::new("3.2.1", 1, 1, 0);
        scenario.deploy(&manifest).await?;
        for partition in [1, 0] {
            let strategy = json!({"type": "RollingUpdate", "rollingUpdate": {"partition": partition}});
            let patch =
                json!({"metadata": {"labels": {"theirs": "1"}}, "spec": {"updateStrategy": strategy}});
            let parameters =
                PatchParams { field_manager: Some("kubectl-patch".to_owned()), ..PatchParams::default() };
            let name = names::statefulset(CLUSTER, Component::Fe);
            let patched = sets(scenario).patch(&name, &parameters, &Patch::Merge(patch)).await;
            patched.map_err(Problem::api("patching the StatefulSet of FE"))?;
        }
        scenario.change(&variables(&manifest, Some("1"))).await?;
        scenario.upgraded().await?;
        let fe = set(scenario, Component::Fe).await?;
        assert!(has_variable(&fe), "{fe:?}");
        assert_eq!(fe.labels().get("theirs").map(String::as_str), Some("1"), "what isn't rendered stays");
        let strategy = fe.spec.and_then(|spec| spec.update_strategy);
        let partition = strategy.and_then(|strategy| strategy.rolling_update?.partition);
        assert_eq!(partition, Some(0), "FE has its user's own strategy again");
        Ok(())
    });
}

/// The patch that puts the variable beside those that every component has, or leaves it out.
fn variables(manifest: &Manifest, value: Option<&str>) -> Value {
    let mut patch = json!({});
    for (component, _) in &manifest.pods {
        let field = format!("{}EnvVars", component.as_str());
        let path = format!("/spec/{}/{field}", component.spec_field());
        let mut variables =
            manifest.object.pointer(&path).and_then(Value::as_array).cloned().unwrap_or_default();
        variables.extend(value.map(|value| json!({"name": VARIABLE, "value": value})));
        json_patch::merge(&mut patch, &json!({"spec": {component.spec_field(): {field: variables}}}));
    }
    patch
}

fn sets(scenario: &Scenario) -> Api<StatefulSet> {
    Api::namespaced(scenario.client.clone(), &scenario.namespace)
}

async fn set(scenario: &Scenario, component: Component) -> Result<StatefulSet, Problem> {
    let name = names::statefulset(CLUSTER, component);
    sets(scenario).get(&name).await.map_err(Problem::api(format!("StatefulSet {name}")))
}

fn has_variable(set: &StatefulSet) -> bool {
    let pod = set.spec.as_ref().and_then(|spec| spec.template.spec.as_ref());
    let variables = pod.iter().flat_map(|pod| &pod.containers).flat_map(|one| one.env.iter().flatten());
    variables.into_iter().any(|variable| variable.name == VARIABLE)
}

fn managers(set: &StatefulSet) -> Vec<String> {
    set.managed_fields().iter().filter_map(|entry| entry.manager.clone()).collect()
}

/// Makes a component's StatefulSet anew, as another operator would have made it. Its pods stay.
async fn remake(scenario: &Scenario, component: Component) -> Result<(), Problem> {
    let found = set(scenario, component).await?;
    let (name, uid, what) = (found.name_any(), found.uid().unwrap_or_default(), "making a StatefulSet anew");
    let orphan =
        DeleteParams { propagation_policy: Some(PropagationPolicy::Orphan), ..DeleteParams::default() };
    sets(scenario).delete(&name, &orphan).await.map_err(Problem::api(what))?;
    let gone = Box::pin(await_condition(sets(scenario), &name, conditions::is_deleted(&uid)));
    let timeout =
        |_| Problem::Timeout { what: format!("{name} to go"), waited: GOING, last: "it is there".to_owned() };
    let gone = tokio::time::timeout(GOING, gone).await.map_err(timeout)?;
    gone.map_err(|error| Problem::Unexpected(format!("{name}: {error}")))?;
    assert!(found.annotations().contains_key(annotations::RENDERED_HASH), "{found:?}");
    let metadata = ObjectMeta { name: Some(name), labels: found.metadata.labels, ..ObjectMeta::default() };
    let another = StatefulSet { metadata, spec: found.spec, status: None };
    let parameters = PostParams { field_manager: Some(ANOTHER.to_owned()), ..PostParams::default() };
    let made = sets(scenario).create(&parameters, &another).await;
    made.map(drop).map_err(Problem::api(what))
}
