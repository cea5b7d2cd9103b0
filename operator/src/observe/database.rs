//! What the database says: every FE is asked by itself.

use super::{Observer, password};
use crate::{
    observation::{Database, DatabaseFacts, Frontend, FrontendAnswer, Members, Observation, ObservedPod},
    sql::{self, Connection, SqlError, Target},
};
use futures::future::join_all;
use hookgate_api::{Component, defaults::DEFAULT_FE_USER};

/// Asks every FE pod that has an address. What fails is part of the answer.
pub(super) async fn ask(observer: &Observer, observation: &Observation) -> Database {
    let password = match password::password(&observer.client, &observation.cluster).await {
        Ok(password) => password,
        Err(error) => {
            let facts = DatabaseFacts { frontends: Vec::new(), members: Err(error.to_string()) };
            return Database::Asked(facts);
        }
    };
    let port = fe_query_port(observation);
    let pods = observation.component(Component::Fe).pods.iter();
    let pods = pods.filter_map(|pod| Some((pod, pod.ip.clone()?))).filter(|(pod, _)| !pod.terminating);
    let answers = join_all(pods.map(|(pod, ip)| {
        let target =
            Target { ip: ip.clone(), port, user: DEFAULT_FE_USER.to_owned(), password: password.clone() };
        async move { (frontend(pod, ip), one(observer, &target).await) }
    }))
    .await;
    Database::Asked(gather(answers))
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

/// What one FE said of itself and of the members.
type Answer = Result<(FrontendAnswer, Members), SqlError>;

async fn one(observer: &Observer, target: &Target) -> Answer {
    let mut connection = Connection::open(target, observer.database_timeout).await?;
    let settings = sql::settings(&mut connection).await?;
    let members = sql::members(&mut connection).await?;
    connection.close().await;
    Ok((settings, members))
}

/// The members are taken from the FE that calls itself the leader, else from any that answered: a follower's view
/// may be behind.
fn gather(answers: Vec<(Frontend, Answer)>) -> DatabaseFacts {
    let mut frontends = Vec::new();
    let mut members: Result<Members, String> = Err("there is no FE pod with an address".to_owned());
    let mut from_leader = false;
    for (mut frontend, answer) in answers {
        match answer {
            Ok((settings, seen)) => {
                let leads = crate::observation::MemberRole::Leader;
                let is_leader = seen
                    .frontends
                    .iter()
                    .any(|member| member.role == leads && member.is_pod(&frontend.pod, Some(&frontend.ip)));
                if members.is_err() || (is_leader && !from_leader) {
                    from_leader = is_leader;
                    members = Ok(seen);
                }
                frontend.answer = Ok(settings);
            }
            Err(error) => {
                if members.is_err() {
                    members = Err(format!("{}: {error}", frontend.pod));
                }
                frontend.answer = Err(error.to_string());
            }
        }
        frontends.push(frontend);
    }
    DatabaseFacts { frontends, members }
}
