//! `chaos`: upgrades under real faults. See the library's documentation.

mod arguments;
mod rounds;
mod swept;

use arguments::Arguments;
use clap::Parser;
use hookgate_chaos::{
    account::{self, ACCOUNT, NAMESPACE},
    api_proxy,
    audit::AuditLog,
    gate::Gate,
    operator::{self, Starts},
    redirect::Redirect,
    sql_proxy,
};
use hookgate_e2e::{Problem, client, program};
use kube::{
    Client, Config,
    config::{KubeConfigOptions, Kubeconfig},
};
use std::{env, path::Path, process::ExitCode};
use tokio::{net::TcpListener, sync::watch};

/// The FEs' port for the MySQL protocol.
const QUERY_PORT: u16 = 9030;

fn main() -> ExitCode {
    program::run("chaos", all(Arguments::parse()))
}

async fn all(arguments: Arguments) -> Result<(), Problem> {
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
    let tested = async {
        match arguments.every_request {
            true => swept::upgrade(&gate, &cut, audit, &starts).await,
            false => rounds::all(&arguments, &gate, &cut, audit, &starts).await,
        }
    };
    tokio::select! {
        ended = api_proxy::serve(api, as_operator, gate.clone(), cuts) => ended.map_err(Problem::io("the API proxy")),
        ended = sql_proxy::serve(sql, gate.clone()) => ended.map_err(Problem::io("the SQL proxy")),
        ended = operator::keep(&settings, kills, &starts) => ended.map_err(Problem::io("the operator")),
        ended = tested => ended,
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
