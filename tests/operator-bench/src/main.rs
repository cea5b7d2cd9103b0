//! `operator-bench`: measures the operator on a real Kubernetes. Nothing here is asserted by a test: a target that a run
//! misses is printed as MISSED.

mod arguments;
mod database;
mod gaps;
mod kubelets;
mod process;
mod report;
mod requests;
mod scale;
mod upgrades;

use arguments::Arguments;
use clap::Parser;
use hookgate_chaos::{
    account::{self, ACCOUNT, NAMESPACE},
    audit::AuditLog,
};
use hookgate_e2e::{Problem, client, program};
use k8s_openapi::api::{core::v1::ServiceAccount, rbac::v1::ClusterRoleBinding};
use kube::{
    Api, Client,
    api::{DeleteParams, PostParams},
};
use process::{Operator, write_kubeconfig};
use report::Report;
use serde_json::json;
use std::{fs, path::Path, process::ExitCode, time::Duration};

/// The upstream operator's service account, which is made for the measurement.
const UPSTREAM: &str = "upstream-operator";

fn main() -> ExitCode {
    program::run("operator-bench", all(Arguments::parse()))
}

async fn all(arguments: Arguments) -> Result<(), Problem> {
    fs::create_dir_all(&arguments.folder).map_err(Problem::io("the folder"))?;
    let begin = load()?;
    let admin = client::client().await?;
    let kubeconfig = arguments.folder.join("operator.kubeconfig");
    let log = arguments.folder.join("operator.log");
    write_kubeconfig(&kubeconfig, &account::token(&admin, NAMESPACE, ACCOUNT).await?)?;
    let user = account::user(NAMESPACE, ACCOUNT);
    let follow =
        |user: &str| AuditLog::follow(&arguments.audit_log, user).map_err(Problem::io("the audit log"));
    let start = || Operator::ours(&arguments.operator, &kubeconfig, &log);

    let operator = start()?;
    let upgrades = upgrades::ours(arguments.upgrades, &mut follow(&user)?).await?;
    operator.kill().await?;
    let upstream = match &arguments.upstream {
        None => None,
        Some(program) => Some(measure_upstream(&admin, program, &arguments.folder, follow).await?),
    };
    let scale = match arguments.clusters {
        0 => None,
        clusters => {
            let idle = Duration::from_secs(arguments.idle_seconds);
            Some(Box::pin(scale::measure(&admin, clusters, idle, || follow(&user), start)).await?)
        }
    };
    let processors = std::thread::available_parallelism().map_or(0, usize::from);
    let report = Report { processors, load: [begin, load()?], upgrades, upstream, scale };
    print!("{}", report.table());
    let path = arguments.folder.join("report.json");
    let json =
        serde_json::to_string_pretty(&report).map_err(|error| Problem::Unexpected(error.to_string()))?;
    fs::write(&path, json + "\n").map_err(Problem::io("the report"))?;
    println!("\nthe same as JSON: {}", path.display());
    Ok(())
}

/// How many wanted a processor, on average of the last minute.
fn load() -> Result<String, Problem> {
    let text = fs::read_to_string("/proc/loadavg").map_err(Problem::io("the machine's load"))?;
    Ok(text.split(' ').next().unwrap_or_default().to_owned())
}

/// Measures the upstream operator with an account of its own, so that its requests are told from all others.
async fn measure_upstream(
    admin: &Client,
    program: &Path,
    folder: &Path,
    follow: impl Fn(&str) -> Result<AuditLog, Problem>,
) -> Result<upgrades::Upgrade, Problem> {
    let accounts: Api<ServiceAccount> = Api::namespaced(admin.clone(), NAMESPACE);
    let bindings: Api<ClusterRoleBinding> = Api::all(admin.clone());
    let read = |error: serde_json::Error| Problem::Unexpected(error.to_string());
    let account = serde_json::from_value(json!({"metadata": {"name": UPSTREAM}})).map_err(read)?;
    let binding = serde_json::from_value(json!({
        "metadata": {"name": UPSTREAM},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
        "subjects": [{"kind": "ServiceAccount", "name": UPSTREAM, "namespace": NAMESPACE}],
    }))
    .map_err(read)?;
    let what = "the upstream operator's account";
    accounts.create(&PostParams::default(), &account).await.map_err(Problem::api(what))?;
    bindings.create(&PostParams::default(), &binding).await.map_err(Problem::api(what))?;
    let measured = async {
        let kubeconfig = folder.join("upstream.kubeconfig");
        write_kubeconfig(&kubeconfig, &account::token(admin, NAMESPACE, UPSTREAM).await?)?;
        let operator = Operator::upstream(program, &kubeconfig, &folder.join("upstream.log"))?;
        let upgrade = upgrades::upstream(&mut follow(&account::user(NAMESPACE, UPSTREAM))?).await?;
        operator.kill().await?;
        Ok(upgrade)
    }
    .await;
    bindings.delete(UPSTREAM, &DeleteParams::default()).await.map_err(Problem::api(what))?;
    accounts.delete(UPSTREAM, &DeleteParams::default()).await.map_err(Problem::api(what))?;
    measured
}
