//! `hookgate approve`: shows the hook scripts of a cluster with what the policies say of them, asks, and approves.

mod read;
mod show;

use crate::{
    ask,
    live::{self, LiveError, Place},
};
use clap::Args;
use hookgate_api::{
    Component, StarRocksCluster,
    approval::{HookApproval, HookApprovalSpec, HookFunction},
};
use jiff::{SignedDuration, Timestamp};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::{Api, Client, ResourceExt, api::PostParams};
use read::Script;
use std::io::Write;

/// The arguments of `approve`.
#[derive(Clone, Debug, Args)]
pub(crate) struct ApproveArguments {
    /// The StarRocksCluster
    #[arg(value_name = "NAME")]
    name: String,
    /// Only the script of this component: fe, be or cn [default: all]
    #[arg(long, value_name = "COMPONENT", value_parser = component)]
    component: Option<Component>,
    /// Why, for those who look at it later
    #[arg(long, value_parser = reason)]
    reason: String,
    /// For how long it counts, such as 8h or 3d
    #[arg(long, value_name = "TIME", default_value = "24h", value_parser = duration)]
    expires_in: SignedDuration,
    /// Don't ask
    #[arg(short, long)]
    yes: bool,
    #[command(flatten)]
    place: Place,
}

/// The longest time that an approval may count for.
const LONGEST: SignedDuration = SignedDuration::from_hours(365 * 24);

fn component(text: &str) -> Result<Component, String> {
    let found = Component::ALL.into_iter().find(|component| component.as_str() == text);
    found.ok_or_else(|| "write fe, be or cn".to_owned())
}

fn duration(text: &str) -> Result<SignedDuration, String> {
    let (digits, unit) = text.split_at(text.len() - text.chars().last().map_or(0, char::len_utf8));
    let hours = match (digits.parse::<i64>(), unit) {
        (Ok(hours), "h") => Some(hours),
        (Ok(days), "d") => days.checked_mul(24),
        _ => None,
    };
    let in_bounds = |hours: &i64| (1..=LONGEST.as_hours()).contains(hours);
    hours
        .filter(in_bounds)
        .map(SignedDuration::from_hours)
        .ok_or_else(|| "write hours or days, from 1h to 365d, such as 8h or 3d".to_owned())
}

fn reason(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > 1024 {
        return Err("write from 1 to 1,024 characters".to_owned());
    }
    Ok(text.to_owned())
}

/// Approves.
///
/// # Errors
/// When something can't be read, can't be approved, or nobody agrees.
pub(crate) async fn approve(arguments: ApproveArguments) -> Result<(), LiveError> {
    let (client, namespace) = arguments.place.connect().await?;
    let clusters: Api<StarRocksCluster> = Api::namespaced(client.clone(), &namespace);
    let cluster = Box::pin(live::cluster(&clusters, &arguments.name, &namespace)).await?;
    let user = read::user(&client).await?;
    let policy = read::policy(&client, &namespace).await?;
    let scripts = read::scripts(&client, &cluster, arguments.component).await?;
    let mut work: Vec<Script> = Vec::new();
    for script in scripts {
        let verdict = policy.check(&script.bytes);
        let submitters = read::submitters(&client, &verdict.sha256).await?;
        let shown =
            show::Shown { script: &script, verdict: &verdict, policy: &policy, submitters: &submitters };
        say(&show::render(&shown))?;
        if let Some(why) = show::obstacle(&shown, &user) {
            return Err(LiveError::Process(format!("{} can't be approved: {why}", script.place)));
        }
        // The same script for several components is approved once.
        if !work.iter().any(|other| other.bytes == script.bytes) && show::needs_approval(&shown) {
            work.push(script);
        }
    }
    if work.is_empty() {
        return say("nothing needs an approval\n");
    }
    let question = format!(
        "Approve {} for the cluster {} as {user}?",
        if work.len() == 1 { "this script".to_owned() } else { format!("these {} scripts", work.len()) },
        cluster.name_any(),
    );
    if !arguments.yes && !ask::may_go_on(&question).map_err(|error| LiveError::Process(error.to_string()))? {
        return Err(LiveError::Process("nothing was approved".to_owned()));
    }
    for script in &work {
        write(&client, &namespace, &cluster, &user, script, &arguments).await?;
    }
    Ok(())
}

async fn write(
    client: &Client,
    namespace: &str,
    cluster: &StarRocksCluster,
    user: &str,
    script: &Script,
    arguments: &ApproveArguments,
) -> Result<(), LiveError> {
    let expires_at = Timestamp::now() + arguments.expires_in;
    let spec = HookApprovalSpec {
        digest: script.sha256(),
        cluster: cluster.name_any(),
        functions: vec![HookFunction::PreUpgrade, HookFunction::PostUpgrade],
        reason: arguments.reason.clone(),
        expires_at: Time(expires_at),
        approved_by: user.to_owned(),
    };
    let mut approval = HookApproval::new("", spec);
    approval.metadata.name = None;
    let prefix: String = cluster.name_any().chars().take(200).collect();
    approval.metadata.generate_name = Some(format!("{prefix}-{}-", script.component));
    let approvals: Api<HookApproval> = Api::namespaced(client.clone(), namespace);
    let made = approvals.create(&PostParams::default(), &approval).await;
    let made = made.map_err(LiveError::api(format!("approving {}", script.place)))?;
    say(&format!(
        "approved {} until {expires_at:.0}: HookApproval {namespace}/{}\n",
        script.place,
        made.name_any()
    ))
}

fn say(text: &str) -> Result<(), LiveError> {
    let mut output = std::io::stdout().lock();
    let said = output.write_all(text.as_bytes()).and_then(|()| output.flush());
    said.map_err(|error| LiveError::Process(format!("cannot print: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_hours_or_days_within_bounds() {
        assert_eq!(duration("8h"), Ok(SignedDuration::from_hours(8)));
        assert_eq!(duration("365d"), Ok(LONGEST));
        for wrong in ["", "h", "8", "0h", "-1h", "366d", "8m", "9223372036854775807d", "8ü"] {
            assert!(duration(wrong).unwrap_err().contains("such as 8h or 3d"), "{wrong}");
        }
    }

    #[test]
    fn components_are_named_as_in_the_status() {
        assert_eq!(component("be"), Ok(Component::Be));
        assert!(component("BE").is_err());
    }

    #[test]
    fn a_reason_says_something() {
        assert_eq!(reason(" a "), Ok("a".to_owned()));
        assert!(reason(" \n").is_err() && reason(&"a".repeat(1025)).is_err());
    }
}
