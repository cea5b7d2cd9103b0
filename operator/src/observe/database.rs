//! What the database says: every FE is asked by itself.

use super::{Observer, target};
use crate::{
    observation::{
        Database, DatabaseFacts, DatabaseRefusal, Frontend, FrontendAnswer, Member, MemberRole, Members,
        Observation, ObservedPod, Questions,
    },
    sql::{self, Connection, Credentials, SqlError, Target},
};
use futures::future::join_all;
use hookgate_api::{Component, StarRocksCluster, defaults::DEFAULT_FE_USER, status::Tablets};
use std::{collections::BTreeSet, time::Instant};

/// Asks every FE pod that has an address. What fails is part of the answer.
pub(super) async fn ask(observer: &Observer, observation: &Observation) -> Database {
    let credentials = match credentials(observer, &observation.cluster).await {
        Ok(credentials) => credentials,
        Err(error) => {
            return Database::Asked(DatabaseFacts {
                frontends: Vec::new(),
                user: DEFAULT_FE_USER.to_owned(),
                refusal: refusal(&error),
                members: Err(error.to_string()),
                tablets: None,
                single_replica_tables: None,
            });
        }
    };
    let port = fe_query_port(observation);
    let questions = crate::plan::questions(&observation.cluster);
    let settings = crate::plan::settings_to_read(observation);
    let settings = &settings;
    let pods = observation.component(Component::Fe).pods.iter();
    let pods = pods.filter_map(|pod| Some((pod, pod.ip.clone()?))).filter(|(pod, _)| !pod.terminating);
    let answers = join_all(pods.map(|(pod, ip)| {
        let target = target(credentials.clone(), &ip, port);
        async move { (frontend(pod, ip), one(observer, &target, &pod.name, questions, settings).await) }
    }))
    .await;
    Database::Asked(gather(credentials.user, answers))
}

/// The user and password that FE's environment has; read a moment ago, or now.
pub(super) async fn credentials(
    observer: &Observer,
    cluster: &StarRocksCluster,
) -> Result<Credentials, SqlError> {
    let (key, generation) = (super::key(cluster), cluster.metadata.generation);
    if let Some(known) = observer.credentials.get(&key, generation, Instant::now()) {
        return Ok(known);
    }
    let read = sql::credentials(&observer.client, cluster).await;
    let read = read.map_err(|error| SqlError::Password(error.to_string()))?;
    observer.credentials.put(&key, generation, Instant::now(), read.clone());
    Ok(read)
}

fn refusal(error: &SqlError) -> Option<DatabaseRefusal> {
    let meaning = error.refusal()?;
    Some(DatabaseRefusal { meaning, message: error.to_string() })
}

/// FE's port for the MySQL protocol.
pub(super) fn fe_query_port(observation: &Observation) -> u16 {
    let configuration = observation.configurations.get(&Component::Fe);
    let port = configuration.map_or(9030, |configuration| configuration.port("query_port", 9030));
    u16::try_from(port).unwrap_or(9030)
}

fn frontend(pod: &ObservedPod, ip: String) -> Frontend {
    let answer = Err("not asked".to_owned());
    Frontend { pod: pod.name.clone(), uid: pod.uid.clone(), restarts: pod.restarts, ip, answer }
}

/// What one FE said of itself and of the members; and, by the leader alone, what was asked beside.
struct Answer {
    settings: FrontendAnswer,
    members: Members,
    is_leader: bool,
    tablets: Option<Result<Tablets, String>>,
    single_replica_tables: Option<Result<Vec<String>, String>>,
}

async fn one(
    observer: &Observer,
    target: &Target,
    pod: &str,
    questions: Questions,
    settings: &BTreeSet<String>,
) -> Result<Answer, SqlError> {
    let mut connection = Connection::open(target, observer.database_timeout).await?;
    let settings = sql::settings(&mut connection, settings).await?;
    let members = sql::members(&mut connection).await?;
    let leads = |member: &Member| member.role == MemberRole::Leader && member.is_pod(pod, Some(&target.ip));
    let is_leader = members.frontends.iter().any(leads);
    let mut answer = Answer { settings, members, is_leader, tablets: None, single_replica_tables: None };
    // What an old version doesn't know is a fact, and no reason to know nothing else of it.
    if is_leader && questions.tablets {
        let tablets = sql::tablets(&mut connection).await;
        answer.tablets = Some(tablets.map_err(|error| error.to_string()));
    }
    if is_leader && questions.single_replica_tables {
        let tables = sql::single_replica_tables(&mut connection).await;
        answer.single_replica_tables = Some(tables.map_err(|error| error.to_string()));
    }
    connection.close().await;
    Ok(answer)
}

/// The members are taken from the FE that calls itself the leader, else from any that answered: a follower's view
/// may be behind.
fn gather(user: String, answers: Vec<(Frontend, Result<Answer, SqlError>)>) -> DatabaseFacts {
    let mut facts = DatabaseFacts {
        frontends: Vec::new(),
        user,
        refusal: None,
        members: Err("there is no FE pod with an address".to_owned()),
        tablets: None,
        single_replica_tables: None,
    };
    let mut from_leader = false;
    for (mut frontend, answer) in answers {
        match answer {
            Ok(answer) => {
                if facts.members.is_err() || (answer.is_leader && !from_leader) {
                    from_leader = answer.is_leader;
                    facts.members = Ok(answer.members);
                    facts.tablets = answer.tablets;
                    facts.single_replica_tables = answer.single_replica_tables;
                }
                frontend.answer = Ok(answer.settings);
            }
            Err(error) => {
                if facts.members.is_err() {
                    facts.members = Err(format!("{}: {error}", frontend.pod));
                }
                let refused = refusal(&error);
                if facts.refusal.is_none() {
                    facts.refusal = refused.map(|refused| DatabaseRefusal {
                        message: format!("{}: {}", frontend.pod, refused.message),
                        ..refused
                    });
                }
                frontend.answer = Err(error.to_string());
            }
        }
        facts.frontends.push(frontend);
    }
    facts
}
