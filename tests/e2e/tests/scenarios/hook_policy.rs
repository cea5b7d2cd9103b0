//! A HookPolicy admits a further program in its namespace; tightened later, it keeps the same script from running; in
//! mode Warn it lets it run; without it the default holds again.

use crate::run::{assert_completed, run_in};
use hookgate_api::{Component, HookPolicy, StarRocksCluster, status::ConditionType};
use hookgate_e2e::{
    Manifest, Place, Problem, Scenario,
    manifest::hook,
    proofs::{no_setting_touched, script_ran_around_the_roll, untouched},
    wait,
};
use jiff::Timestamp;
use kube::{
    Api, Client,
    api::{DeleteParams, Patch, PatchParams},
};
use serde_json::{Value, json};
use std::time::Duration;

const POLICY: &str = "hookgate-e2e-numfmt";
const LABEL: &str = "e2e-policy";
const PRE: &str = "SELECT \"pre_upgrade with a policy\"";
const POST: &str = "SELECT \"post_upgrade with a policy\"";
/// How long the webhook may take to see a change of a policy.
const SEEN: Duration = Duration::from_secs(30);

/// The script runs a program that `restricted` doesn't have.
fn program() -> String {
    let call = "mysql -h\"${SR_FE_HOST}\" -P\"${SR_FE_PORT}\" -u\"${SR_FE_USER}\"";
    format!(
        "#!/bin/bash\npre_upgrade() {{\n    numfmt --to=iec 1024 || return 1\n    {call} -e '{PRE}' || return 1\n}}\n\
         post_upgrade() {{\n    {call} -e '{POST}' || return 1\n}}\n"
    )
}

fn policy(spec: &Value) -> Value {
    let mut object = json!({
        "apiVersion": "hookgate.dev/v1alpha1", "kind": "HookPolicy", "metadata": {"name": POLICY},
        "spec": {"namespaceSelector": {"matchLabels": {LABEL: "numfmt"}}},
    });
    json_patch::merge(&mut object, &json!({"spec": spec}));
    object
}

async fn apply(client: &Client, spec: &Value) -> Result<(), Problem> {
    let api: Api<HookPolicy> = Api::all(client.clone());
    let parameters = PatchParams::apply("hookgate-e2e").force();
    let applied = api.patch(POLICY, &parameters, &Patch::Apply(policy(spec))).await;
    applied.map(|_| ()).map_err(Problem::api("writing the policy"))
}

async fn delete(client: &Client) -> Result<(), Problem> {
    let api: Api<HookPolicy> = Api::all(client.clone());
    match api.delete(POLICY, &DeleteParams::default()).await {
        Err(kube::Error::Api(status)) if status.code == 404 => Ok(()),
        deleted => deleted.map(|_| ()).map_err(Problem::api("deleting the policy")),
    }
}

/// Creates a hook until the webhook's answer is the expected one: it watches policies, and only its answers tell what
/// it has seen.
async fn hook_is(scenario: &Scenario, name: &str, admitted: bool) -> Result<(), Problem> {
    let asked = async {
        for number in 0_u32.. {
            let object = hook(&format!("{name}-{number}"), &program());
            match scenario.create(&object).await {
                Ok(()) if admitted => return Ok(()),
                Err(problem) if !admitted => match problem.refusal() {
                    Some(message) if message.contains("HG202") && message.contains("numfmt") => return Ok(()),
                    _ => return Err(problem),
                },
                Err(problem) if problem.refusal().is_none() => return Err(problem),
                _ => tokio::time::sleep(Duration::from_millis(200)).await,
            }
        }
        Ok(())
    };
    let late = |_| Problem::Timeout {
        what: format!("hooks to be {}", if admitted { "admitted" } else { "refused" }),
        waited: SEEN,
        last: "the webhook answers as before".to_owned(),
    };
    tokio::time::timeout(SEEN, asked).await.map_err(late)?
}

#[test]
fn decides_at_admission_and_when_the_script_would_run() {
    let place = Place { labels: vec![(LABEL, "numfmt")], ..Place::default() };
    run_in("hook-policy", &place, async |scenario| {
        delete(&scenario.client).await?;
        let result = Box::pin(policies_hold(scenario)).await;
        delete(&scenario.client).await?;
        result
    });
}

async fn policies_hold(scenario: &Scenario) -> Result<(), Problem> {
    let client = &scenario.client;
    hook_is(scenario, "by-default", false).await?;
    let numfmt =
        json!({"name": "numfmt", "options": [{"name": "--to", "value": "Literal"}], "operands": "Number"});
    apply(client, &json!({"programs": [numfmt]})).await?;
    hook_is(scenario, "with-program", true).await?;
    scenario.create(&hook("be-hooks", &program())).await?;
    let hooks = json!({"custom": {"configMapName": "be-hooks"}});
    let manifest =
        Manifest::new("3.2.1", 1, 1, 0).with(&json!({"spec": {"starRocksBeSpec": {"upgradeHooks": hooks}}}));
    scenario.deploy(&manifest).await?;

    apply(client, &json!({})).await?;
    let from = scenario.change(&manifest.images("3.2.2")).await?;
    let says_so = |cluster: &StarRocksCluster| {
        let message = wait::message_of(cluster, ConditionType::Stalled, "HookScriptRefused");
        message.is_some_and(|message| message.contains("HG202") && message.contains("numfmt"))
    };
    scenario.until("the operator to refuse what the policy no longer admits", says_so).await?;
    let timeline = scenario.timeline().await?;
    untouched(&timeline, from, Timestamp::now())?;
    no_setting_touched(&timeline, from)?;

    apply(client, &json!({"mode": "Warn"})).await?;
    let cluster = scenario.upgraded().await?;
    assert_completed(&cluster, &manifest, "3.2.2");
    script_ran_around_the_roll(&scenario.timeline().await?, from, Component::Be, PRE, POST)?;
    hook_is(scenario, "with-warning", true).await?;

    delete(client).await?;
    hook_is(scenario, "by-default-again", false).await
}
