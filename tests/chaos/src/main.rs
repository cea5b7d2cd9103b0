//! `chaos`: upgrades under real faults. See the library's documentation.

mod arguments;

use arguments::Arguments;
use clap::Parser;
use futures::future::try_join_all;
use hookgate_chaos::{
    account::{self, ACCOUNT, NAMESPACE},
    api_proxy,
    audit::AuditLog,
    disturbance::Planned,
    gate::Gate,
    operator::{self, Starts},
    redirect::Redirect,
    round::{self, Faults, Report},
    sql_proxy,
    strike::{Kind, Schedule},
};
use hookgate_e2e::{Manifest, Place, Problem, Scenario, client, program, settings::Originals};
use kube::{
    Client, Config,
    config::{KubeConfigOptions, Kubeconfig},
};
use std::{collections::BTreeMap, env, path::Path, process::ExitCode, time::Instant};
use tokio::{net::TcpListener, sync::watch};

/// Each cluster is deployed with the first and upgraded to the others in turn.
const VERSIONS: [&str; 4] = ["3.1.9", "3.2.1", "3.2.2", "3.3.0"];
/// The FEs' port for the MySQL protocol.
const QUERY_PORT: u16 = 9030;

fn main() -> ExitCode {
    program::run("chaos", all(Arguments::parse()))
}

async fn all(arguments: Arguments) -> Result<(), Problem> {
    let seed = arguments.seed.unwrap_or_else(|| fastrand::u64(..));
    println!(
        "{} upgrades, {} at a time; --seed {seed} draws the same faults",
        arguments.upgrades, arguments.clusters
    );
    tokio::fs::create_dir_all(&arguments.folder).await.map_err(Problem::io("the folder"))?;
    let as_operator = operators_client().await?;
    let (gate, kills) = Gate::new();
    let (cut, cuts) = watch::channel(0);
    let api = TcpListener::bind("127.0.0.1:0").await.map_err(Problem::io("the API proxy"))?;
    // Redirected connections keep their meaning only on the wildcard address.
    let sql = TcpListener::bind("0.0.0.0:0").await.map_err(Problem::io("the SQL proxy"))?;
    let port = |listener: &TcpListener| listener.local_addr().map(|address| address.port());
    let _redirect =
        Redirect::begin(operator::USER, QUERY_PORT, port(&sql).map_err(Problem::io("the SQL proxy"))?)
            .await
            .map_err(Problem::io("redirecting the operator's connections"))?;
    let settings = operator::Settings {
        program: arguments.operator.clone(),
        kubeconfig: arguments.folder.join("operator.kubeconfig"),
        namespace: NAMESPACE.to_owned(),
        log: arguments.folder.join("operator.log"),
    };
    operator::write_kubeconfig(&settings.kubeconfig, port(&api).map_err(Problem::io("the API proxy"))?)
        .map_err(Problem::io("the operator's kubeconfig"))?;
    let audit = AuditLog::follow(&arguments.audit_log, &account::user(NAMESPACE, ACCOUNT))
        .map_err(Problem::io("the audit log"))?;
    let starts = Starts::default();
    tokio::select! {
        ended = api_proxy::serve(api, as_operator, gate.clone(), cuts) => ended.map_err(Problem::io("the API proxy")),
        ended = sql_proxy::serve(sql, gate.clone()) => ended.map_err(Problem::io("the SQL proxy")),
        ended = operator::keep(&settings, kills, &starts) => ended.map_err(Problem::io("the operator")),
        ended = rounds(&arguments, seed, &gate, &cut, audit, &starts) => ended,
        _ = tokio::signal::ctrl_c() => Err(Problem::Unexpected("interrupted".to_owned())),
    }
}

/// A client with the rights of the operator's service account.
async fn operators_client() -> Result<Client, Problem> {
    let admin = client::client().await?;
    let token = account::token(&admin, NAMESPACE, ACCOUNT).await?;
    let path = env::var_os("KUBECONFIG").unwrap_or_default();
    let unreadable = |error: &dyn std::fmt::Display| Problem::Unexpected(format!("KUBECONFIG: {error}"));
    let kubeconfig = Kubeconfig::read_from(Path::new(&path)).map_err(|error| unreadable(&error))?;
    let mut config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default())
        .await
        .map_err(|error| unreadable(&error))?;
    config.auth_info =
        kube::config::AuthInfo { token: Some(token.into()), ..kube::config::AuthInfo::default() };
    // Nothing ends a request but who sent it.
    (config.read_timeout, config.write_timeout) = (None, None);
    Client::try_from(config).map_err(|error| unreadable(&error))
}

async fn rounds(
    arguments: &Arguments,
    seed: u64,
    gate: &Gate,
    cut: &watch::Sender<u64>,
    mut audit: AuditLog,
    starts: &Starts,
) -> Result<(), Problem> {
    let begun = Instant::now();
    let mut random = fastrand::Rng::with_seed(seed);
    let originals = Originals::default()
        .with("tablet_sched_max_scheduling_tablets", "4321")
        .with("tablet_sched_max_balancing_tablets", "77");
    let (mut done, mut kills) = (0, BTreeMap::new());
    while done < arguments.upgrades {
        let clusters = arguments.clusters.min(arguments.upgrades - done);
        let scenarios =
            try_join_all((0..clusters).map(|_| async { Scenario::begin("chaos", &Place::default()).await }))
                .await?;
        let mut manifest = Manifest::new(VERSIONS[0], 3, 2, 1).with_originals(originals.clone());
        let result = async {
            try_join_all(scenarios.iter().map(|scenario| scenario.deploy(&manifest))).await?;
            for version in VERSIONS.into_iter().skip(1) {
                if done >= arguments.upgrades {
                    break;
                }
                let disturbance = Planned::draw(&mut random);
                let faults = Faults { schedule: Schedule::draw(&mut random, arguments.kills), disturbance };
                audit.accepted().map_err(Problem::io("the audit log"))?;
                let (report, from) =
                    round::upgrade(&scenarios, &manifest, version, faults, gate, cut).await?;
                let accepted = audit.accepted().map_err(Problem::io("the audit log"))?;
                for (scenario, from) in scenarios.iter().zip(from) {
                    let own: Vec<_> =
                        accepted.iter().filter(|one| one.namespace == scenario.namespace).cloned().collect();
                    let timeline = scenario.timeline().await?;
                    round::judge(&timeline, &own, from, &manifest, disturbance.what)?;
                    done += 1;
                }
                for (kind, side, _) in &report.tally.kills {
                    *kills.entry((*kind, *side)).or_insert(0_u32) += 1;
                }
                tell(done, arguments.upgrades, version, &disturbance, &report);
                manifest = manifest.clone().with(&manifest.images(version));
            }
            Ok(())
        }
        .await;
        if let Err(problem) = &result {
            for scenario in &scenarios {
                scenario.explain(problem).await;
            }
        }
        for scenario in scenarios {
            scenario.end().await?;
        }
        result?;
    }
    println!("{done} of {} upgrades were safe, in {} s", arguments.upgrades, begun.elapsed().as_secs());
    println!("the operator was started {} times; it was killed", starts.count());
    for ((kind, side), count) in kills {
        println!("  {count:>4} times {side} {kind}");
    }
    Ok(())
}

fn tell(done: u32, all: u32, version: &str, disturbance: &Planned, report: &Report) {
    let of = |kind| report.tally.requests.get(&kind).copied().unwrap_or_default();
    println!(
        "{done:>3} of {all}  to {version}  {:>3} s  {} reads, {} records, {} effects, {} queries, {} changes of settings; \
         {} kills ({} not reached), {}",
        report.took.as_secs(),
        of(Kind::Read),
        of(Kind::Status),
        of(Kind::Effect),
        of(Kind::Query),
        of(Kind::Change),
        report.tally.kills.len(),
        report.unused,
        disturbance.what,
    );
    for (kind, side, what) in &report.tally.kills {
        println!("              killed {side} {kind}: {what}");
    }
}
