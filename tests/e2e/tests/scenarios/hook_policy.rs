//! A HookPolicy admits a further program in its namespace; tightened later, it keeps the same script from running; in
//! mode Warn it lets it run; without it the default holds again.

use crate::{
    policies::{Policy, until_seen},
    run::{assert_completed, run_in},
};
use hookgate_api::{Component, StarRocksCluster, status::ConditionType};
use hookgate_e2e::{
    Manifest, Place, Problem, Scenario,
    manifest::hook,
    proofs::{no_setting_touched, script_ran_around_the_roll, untouched},
    wait,
};
use jiff::Timestamp;
use serde_json::json;

const POLICY: Policy = Policy { name: "hookgate-e2e-numfmt", label: "e2e-policy" };
const PRE: &str = "SELECT \"pre_upgrade with a policy\"";
const POST: &str = "SELECT \"post_upgrade with a policy\"";

/// The script runs a program that `restricted` doesn't have.
fn program() -> String {
    let call = "mysql -h\"${SR_FE_HOST}\" -P\"${SR_FE_PORT}\" -u\"${SR_FE_USER}\"";
    format!(
        "#!/bin/bash\npre_upgrade() {{\n    numfmt --to=iec 1024 || return 1\n    {call} -e '{PRE}' || return 1\n}}\n\
         post_upgrade() {{\n    {call} -e '{POST}' || return 1\n}}\n"
    )
}

/// Creates a hook until the webhook's answer is the expected one: it watches policies, and only its answers tell what
/// it has seen.
async fn hook_is(scenario: &Scenario, name: &str, admitted: bool) -> Result<(), Problem> {
    let what = format!("hooks to be {}", if admitted { "admitted" } else { "refused" });
    until_seen(&what, async |number| {
        let object = hook(&format!("{name}-{number}"), &program());
        match scenario.create(&object).await {
            Ok(()) => Ok(admitted),
            Err(problem) => match problem.refusal() {
                Some(message) if message.contains("HG202") && message.contains("numfmt") => Ok(!admitted),
                Some(_) if admitted => Ok(false),
                _ => Err(problem),
            },
        }
    })
    .await
}

#[test]
fn decides_at_admission_and_when_the_script_would_run() {
    let place = Place { labels: vec![(POLICY.label, "")], ..Place::default() };
    run_in("hook-policy", &place, async |scenario| {
        POLICY.delete(&scenario.client).await?;
        let result = Box::pin(policies_hold(scenario)).await;
        POLICY.delete(&scenario.client).await?;
        result
    });
}

async fn policies_hold(scenario: &Scenario) -> Result<(), Problem> {
    let client = &scenario.client;
    hook_is(scenario, "by-default", false).await?;
    let numfmt =
        json!({"name": "numfmt", "options": [{"name": "--to", "value": "Literal"}], "operands": "Number"});
    POLICY.apply(client, &json!({"programs": [numfmt]})).await?;
    hook_is(scenario, "with-program", true).await?;
    scenario.create(&hook("be-hooks", &program())).await?;
    let hooks = json!({"custom": {"configMapName": "be-hooks"}});
    let manifest =
        Manifest::new("3.2.1", 1, 1, 0).with(&json!({"spec": {"starRocksBeSpec": {"upgradeHooks": hooks}}}));
    scenario.deploy(&manifest).await?;

    POLICY.apply(client, &json!({})).await?;
    let from = scenario.change(&manifest.images("3.2.2")).await?;
    let says_so = |cluster: &StarRocksCluster| {
        let message = wait::message_of(cluster, ConditionType::Stalled, "HookScriptRefused");
        message.is_some_and(|message| message.contains("HG202") && message.contains("numfmt"))
    };
    scenario.until("the operator to refuse what the policy no longer admits", says_so).await?;
    let timeline = scenario.timeline().await?;
    untouched(&timeline, from, Timestamp::now())?;
    no_setting_touched(&timeline, from)?;

    POLICY.apply(client, &json!({"mode": "Warn"})).await?;
    let cluster = scenario.upgraded().await?;
    assert_completed(&cluster, &manifest, "3.2.2");
    script_ran_around_the_roll(&scenario.timeline().await?, from, Component::Be, PRE, POST)?;
    hook_is(scenario, "with-warning", true).await?;

    POLICY.delete(client).await?;
    hook_is(scenario, "by-default-again", false).await
}
