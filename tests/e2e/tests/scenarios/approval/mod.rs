//! Where a HookPolicy has requireApproval, a script runs only when somebody else has approved exactly its bytes, and an
//! approval can't be forged.

mod forged;

use crate::{
    policies::{Policy, object, until_seen, user_with},
    run::{assert_completed, run_in, upgrade_state},
};
use hookgate_api::{
    Component, StarRocksCluster,
    approval::{HookApproval, HookSubmission},
    hooks::HookPhase,
    policy::{EffectivePolicy, LoadedPolicy},
    status::ConditionType,
};
use hookgate_e2e::{
    Manifest, Place, Problem, Scenario,
    manifest::{hook, script},
    proofs::{no_setting_touched, script_ran_around_the_roll, untouched},
    wait,
};
use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::core::v1::ConfigMap;
use kube::{
    Api, Client,
    api::{Patch, PatchParams, PostParams},
};
use serde_json::{Value, json};

const POLICY: Policy = Policy { name: "hookgate-e2e-approval", label: "e2e-approval" };
/// She writes the script.
const JANE: &str = "hookgate-e2e-submitter";
/// He approves it.
const JOE: &str = "hookgate-e2e-approver";
const PRE: &str = "SELECT \"pre_upgrade that was approved\"";
const POST: &str = "SELECT \"post_upgrade that was approved\"";

fn digest(script: &str) -> String {
    let policy = EffectivePolicy::from(&LoadedPolicy::read("any", 1, &json!({})));
    policy.check(script.as_bytes()).sha256
}

/// An approval of the script that the scenario runs, with other words in its spec.
fn approval(name: &str, approved_by: &str, other: &Value) -> Value {
    let tomorrow = Timestamp::now() + SignedDuration::from_hours(24);
    let mut spec = json!({
        "digest": digest(&script(PRE, POST)), "cluster": "sr", "functions": ["pre_upgrade", "post_upgrade"],
        "reason": "a test", "expiresAt": tomorrow.to_string(), "approvedBy": approved_by,
    });
    json_patch::merge(&mut spec, other);
    json!({"apiVersion": "hookgate.dev/v1alpha1", "kind": "HookApproval", "metadata": {"name": name}, "spec": spec})
}

async fn approve(scenario: &Scenario, client: &Client, approval: &Value) -> Result<(), Problem> {
    let api: Api<HookApproval> = Api::namespaced(client.clone(), &scenario.namespace);
    let made = api.create(&PostParams::default(), &object(approval)?).await;
    made.map(|_| ()).map_err(Problem::api(format!("approving by {}", approval["metadata"]["name"])))
}

async fn submit(scenario: &Scenario, client: &Client, name: &str, script: &str) -> Result<(), Problem> {
    let api: Api<ConfigMap> = Api::namespaced(client.clone(), &scenario.namespace);
    let made = api.create(&PostParams::default(), &object(&hook(name, script))?).await;
    made.map(|_| ()).map_err(Problem::api("creating a hook"))
}

/// Waits until the webhook writes down who submits scripts.
async fn submissions_are_remembered(scenario: &Scenario) -> Result<(), Problem> {
    let submissions: Api<HookSubmission> = Api::all(scenario.client.clone());
    until_seen("a submission to be written down", async |number| {
        let script = script(&format!("SELECT \"{} {number}\"", scenario.namespace), "SELECT 1");
        scenario.create(&hook(&format!("seen-{number}"), &script)).await?;
        let found =
            submissions.get_opt(&digest(&script)).await.map_err(Problem::api("reading a submission"))?;
        Ok(found.is_some())
    })
    .await
}

fn with_hook() -> Manifest {
    let hooks = json!({"custom": {"configMapName": "be-hooks"}});
    Manifest::new("3.2.1", 1, 1, 0).with(&json!({"spec": {"starRocksBeSpec": {"upgradeHooks": hooks}}}))
}

async fn waits_for_approval(scenario: &Scenario, words: &str, way_out: &str) -> Result<(), Problem> {
    let says_so = |cluster: &StarRocksCluster| {
        let message = wait::message_of(cluster, ConditionType::Stalled, "HookApprovalRequired");
        message.is_some_and(|message| message.contains(words) && message.contains(way_out))
    };
    scenario.until(&format!("the operator to wait for an approval ({words})"), says_so).await.map(|_| ())
}

/// Nothing has happened since: no Job, no statement of a hook, no pod or setting touched.
async fn nothing_ran(scenario: &Scenario, from: Timestamp) -> Result<(), Problem> {
    let timeline = scenario.timeline().await?;
    untouched(&timeline, from, Timestamp::now())?;
    no_setting_touched(&timeline, from)?;
    assert!(!timeline.jobs.iter().any(|job| job.at >= from), "no Job was made");
    Ok(())
}

#[test]
fn somebody_else_approves_before_a_script_runs() {
    let place = Place { labels: vec![(POLICY.label, "")], ..Place::default() };
    run_in("approval", &place, async |scenario| {
        let result = Box::pin(approval_holds(scenario)).await;
        POLICY.delete(&scenario.client).await?;
        result
    });
}

async fn approval_holds(scenario: &Scenario) -> Result<(), Problem> {
    let rule = |group: &str, resource: &str| json!([{"apiGroups": [group], "resources": [resource], "verbs": ["*"]}]);
    let jane = user_with(scenario, JANE, &rule("", "configmaps")).await?;
    let joe = user_with(scenario, JOE, &rule("hookgate.dev", "hookapprovals")).await?;
    POLICY.apply(&scenario.client, &json!({"requireApproval": true})).await?;
    submissions_are_remembered(scenario).await?;

    submit(scenario, &jane, "be-hooks", &script(PRE, POST)).await?;
    let manifest = with_hook();
    scenario.deploy(&manifest).await?;
    let from = scenario.change(&manifest.images("3.2.2")).await?;
    let way_out = "kubectl hookgate approve sr";
    waits_for_approval(scenario, "nobody has approved it", way_out).await?;

    forged::approvals_are_refused(scenario, &joe).await?;
    forged::approved_ones_stay_as_they_are(scenario, &joe).await?;
    forged::submitters_stay_written_down(scenario, &digest(&script(PRE, POST))).await?;
    // Those that are for something else come first: the operator lists all when it names the last one.
    for (name, other) in
        [("elsewhere", json!({"cluster": "other"})), ("other-bytes", json!({"digest": "b".repeat(64)}))]
    {
        approve(scenario, &joe, &approval(name, JOE, &other)).await?;
    }
    let namespace = forged::in_another_namespace(scenario, &approval("by-admin", "", &json!({}))).await?;
    for (name, other, words) in [
        (
            "expired",
            json!({"expiresAt": "2026-01-01T00:00:00Z"}),
            "no approval counts: expired has expired at 2026-01-01T00:00:00Z",
        ),
        ("half", json!({"functions": ["post_upgrade"]}), "half is for another function"),
    ] {
        approve(scenario, &joe, &approval(name, JOE, &other)).await?;
        waits_for_approval(scenario, words, way_out).await?;
    }
    nothing_ran(scenario, from).await?;
    forged::remove(scenario, &namespace).await?;

    approve(scenario, &joe, &approval("by-joe", JOE, &json!({}))).await?;
    let cluster = scenario.upgraded().await?;
    assert_completed(&cluster, &manifest, "3.2.2");
    script_ran_around_the_roll(&scenario.timeline().await?, from, Component::Be, PRE, POST)?;
    for phase in [HookPhase::Pre, HookPhase::Post] {
        let mut runs = upgrade_state(&cluster, Component::Be).hooks.iter();
        let run = runs.find(|run| run.name == "custom" && run.phase == phase).expect("a run");
        let clearance = run.clearance.as_ref().expect("a clearance");
        let by = (clearance.approval.as_deref(), clearance.approved_by.as_deref());
        assert_eq!(by, (Some("by-joe"), Some(JOE)));
    }
    own_submissions_cannot_be_approved(scenario, &manifest).await
}

/// A script that somebody has submitted can't be approved by them, whoever else has submitted it too.
async fn own_submissions_cannot_be_approved(scenario: &Scenario, manifest: &Manifest) -> Result<(), Problem> {
    const BOTH: &str = "hookgate-e2e-both";
    let own = script(PRE, "SELECT \"post_upgrade of the approver\"");
    let rules = json!([
        {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["*"]},
        {"apiGroups": ["hookgate.dev"], "resources": ["hookapprovals"], "verbs": ["*"]},
    ]);
    let both = user_with(scenario, BOTH, &rules).await?;
    let api: Api<ConfigMap> = Api::namespaced(both.clone(), &scenario.namespace);
    let patch = Patch::Merge(json!({"data": {"hooks.sh": own}}));
    api.patch("be-hooks", &PatchParams::default(), &patch)
        .await
        .map_err(Problem::api("changing the hook"))?;
    // The cluster's admin submits the same bytes later: who did so first stays written down.
    scenario.create(&hook("once-more", &own)).await?;
    approve(scenario, &both, &approval("mine", BOTH, &json!({"digest": digest(&own)}))).await?;
    let from = scenario.change(&manifest.images("3.2.3")).await?;
    let words = format!("mine is by {BOTH}, who submitted the script");
    waits_for_approval(scenario, &words, "kubectl hookgate approve sr").await?;
    nothing_ran(scenario, from).await
}

/// The webhook never saw the script, as when it is down: nobody knows who submitted it, and no approval counts.
#[test]
fn a_script_that_slipped_past_the_webhook_is_not_approved_by_anybody() {
    const PAST: Policy = Policy { name: "hookgate-e2e-past", label: "e2e-past" };
    let place = Place { namespace: Some("hookgate-unguarded-approval"), labels: vec![(PAST.label, "")] };
    run_in("approval-past-webhook", &place, async |scenario| {
        let result = Box::pin(async {
            PAST.apply(&scenario.client, &json!({"requireApproval": true})).await?;
            let rules =
                json!([{"apiGroups": ["hookgate.dev"], "resources": ["hookapprovals"], "verbs": ["*"]}]);
            let joe = user_with(scenario, JOE, &rules).await?;
            // Bytes of its own: the record is of a digest, in whichever namespace.
            let unseen = script("SELECT \"nobody saw this\"", POST);
            scenario.create(&hook("be-hooks", &unseen)).await?;
            let manifest = with_hook();
            scenario.deploy(&manifest).await?;
            approve(scenario, &joe, &approval("by-joe", JOE, &json!({"digest": digest(&unseen)}))).await?;
            let from = scenario.change(&manifest.images("3.2.2")).await?;
            waits_for_approval(scenario, "nobody knows who submitted the script", "create it again").await?;
            nothing_ran(scenario, from).await
        })
        .await;
        PAST.delete(&scenario.client).await?;
        result
    });
}
