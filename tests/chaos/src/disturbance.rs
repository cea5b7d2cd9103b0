//! What goes wrong around the operator while an upgrade is in flight.

use crate::node;
use hookgate_e2e::{Problem, Scenario, timeline::leader_at};
use jiff::Timestamp;
use rustix::process::Signal;
use std::{fmt, io, time::Duration};
use tokio::sync::watch;

/// How long the API server answers nobody.
const PAUSE: Duration = Duration::from_secs(30);

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disturbance {
    /// Nothing.
    None,
    /// The API server answers nobody for 30 s.
    PauseOfApiServer,
    /// The watches end, some times in a row.
    CutWatches,
    /// The process of the FE that leads is killed.
    LossOfLeader,
}

impl fmt::Display for Disturbance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "undisturbed",
            Self::PauseOfApiServer => "API server paused for 30 s",
            Self::CutWatches => "watches cut",
            Self::LossOfLeader => "leader killed",
        })
    }
}

/// A disturbance and its moment, counted from the change that begins the upgrade.
#[derive(Clone, Copy, Debug)]
pub struct Planned {
    /// What.
    pub what: Disturbance,
    /// When.
    pub after: Duration,
}

impl Planned {
    /// Drawn by the generator: one of four is none.
    pub fn draw(random: &mut fastrand::Rng) -> Self {
        let all = [
            Disturbance::None,
            Disturbance::PauseOfApiServer,
            Disturbance::CutWatches,
            Disturbance::LossOfLeader,
        ];
        let what = random.choice(all).unwrap_or(Disturbance::None);
        Self { what, after: Duration::from_millis(random.u64(3_000..35_000)) }
    }

    /// Nothing happens.
    pub const fn nothing() -> Self {
        Self { what: Disturbance::None, after: Duration::ZERO }
    }

    /// Lets it happen to the first of these clusters, or to what they share.
    ///
    /// # Errors
    /// When it can't be brought about.
    pub async fn happen(self, scenarios: &[Scenario], cut: &watch::Sender<u64>) -> Result<(), Problem> {
        tokio::time::sleep(self.after).await;
        match self.what {
            Disturbance::None => Ok(()),
            Disturbance::PauseOfApiServer => pause().await.map_err(Problem::io("the API server")),
            Disturbance::CutWatches => {
                for _ in 0..5 {
                    cut.send_modify(|count| *count += 1);
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
                Ok(())
            }
            Disturbance::LossOfLeader => match scenarios.first() {
                Some(scenario) => kill_leader(scenario).await,
                None => Ok(()),
            },
        }
    }
}

async fn pause() -> io::Result<()> {
    let server = node::api_server()?;
    let resume = Resume(server);
    node::signal(server, Signal::STOP)?;
    tokio::time::sleep(PAUSE).await;
    drop(resume);
    Ok(())
}

/// Lets the API server go on, whatever ends the pause.
struct Resume(rustix::process::Pid);

impl Drop for Resume {
    fn drop(&mut self) {
        if let Err(error) = node::signal(self.0, Signal::CONT) {
            eprintln!("the API server may be stopped still: {error}");
        }
    }
}

async fn kill_leader(scenario: &Scenario) -> Result<(), Problem> {
    let timeline = scenario.timeline().await?;
    // Between two leaders there is nobody to kill, and the loss has happened already.
    let Some(leader) = leader_at(&timeline, Timestamp::now()) else { return Ok(()) };
    match node::server_of(&scenario.namespace, leader) {
        Ok(server) => node::signal(server, Signal::KILL).map_err(Problem::io(leader)),
        // It is being replaced at this very moment.
        Err(_) => Ok(()),
    }
}
