//! Drives a run to its end.

use super::{
    RunId,
    output::{KEPT_BYTES, LineLog, kept},
};
use crate::{
    agent::{Agent, AgentError, ended_by_nul},
    ssh::Connection,
    text::Masks,
};
use jiff::Timestamp;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// The pause before the first look at a run that was just started; the pauses after it are ever longer.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// The longest pause between two looks at a run.
const PAUSE: Duration = Duration::from_secs(1);
/// How much output is asked for at a time.
const PIECE: usize = 128 << 10;
/// How long a run may be neither begun nor ended: its processes are being started, or its end is being noted.
const UNDECIDED: Duration = Duration::from_secs(20);
/// How long the last of the output is waited for when the hook has ended: what it has left running may hold it open.
const DRAINING: Duration = Duration::from_secs(2);
/// Seconds that a hook has between being asked to end and being ended.
const GRACE_SECONDS: u32 = 10;

/// What is to be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HookCommand {
    /// The attempt.
    pub id: RunId,
    /// The machine's name, for the log.
    pub machine: String,
    /// The hook's name, for the log.
    pub hook: String,
    /// The script's path on the machine.
    pub script: String,
    /// Its arguments, which may be anything but hold no NUL.
    pub arguments: Vec<String>,
    /// How long it may take.
    pub timeout: Duration,
    /// When it was written down, where that is known: its time counts from then where the machine can't say for how long
    /// it runs.
    pub started: Option<Timestamp>,
    /// Whether it is begun when it wasn't. Where not, it never will be.
    pub begin: bool,
}

/// Why nothing is known about a run. It may be under way: it has to be asked for again under the same name.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The connection broke, or the machine could not start it.
    #[error(transparent)]
    Agent(#[from] AgentError),
    /// The machine said something that isn't an answer.
    #[error("the machine answered {0:?} instead of the state of a run")]
    Answer(String),
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// With this status; 128 and the signal's number when a signal ended it.
    Exited(i32),
    /// It took longer than it may, and was ended.
    TimedOut,
    /// Its process is gone, and nobody has noted how it ended: the machine was restarted, or the hook has ended its
    /// supervisor.
    Lost,
    /// The machine started it and it never began.
    NeverBegan,
}

/// A run that has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// How.
    pub ending: Ending,
    /// The end of its output, at most 64 KiB, without secrets and without what steers a terminal.
    pub output: String,
}

/// How far a run is, in the machine's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Absent,
    Claimed,
    Running {
        /// For how long; `None` when the machine can't say it.
        seconds: Option<u64>,
    },
    Gone,
    Exited(i32),
    Never,
}

impl State {
    fn read(line: &str) -> Result<Self, RunError> {
        let wrong = || RunError::Answer(line.chars().take(200).collect());
        let (word, number) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
        match word {
            "absent" => Ok(Self::Absent),
            "claimed" | "started" => Ok(Self::Claimed),
            "running" => Ok(Self::Running { seconds: number.parse().ok() }),
            "gone" => Ok(Self::Gone),
            "never" => Ok(Self::Never),
            "exited" => Ok(Self::Exited(number.parse().map_err(|_| wrong())?)),
            _ => Err(wrong()),
        }
    }
}

/// Starts the run unless it was started before or isn't to be, waits for its end, and ends it when it takes too long.
///
/// # Errors
/// When the connection breaks or the run can't be started. It may be under way then: to be called again.
pub async fn drive(connection: &Connection, command: &HookCommand, masks: &Masks) -> Result<Ended, RunError> {
    let agent = Agent::on(connection);
    if !command.begin {
        let kept = agent.call("withdraw", command.id.as_str(), b"").await?;
        if State::read(&String::from_utf8_lossy(&kept.output))? == State::Never {
            return Ok(Ended { ending: Ending::NeverBegan, output: String::new() });
        }
        return follow(agent, command, masks).await;
    }
    let mut input = vec![command.script.clone()];
    input.extend(command.arguments.iter().cloned());
    let input = ended_by_nul(&input);
    let words = format!("{} {}", command.id, input.len());
    let started = agent.call("start", &words, &input).await?;
    if State::read(&String::from_utf8_lossy(&started.output))? == State::Claimed {
        // What has just been started has not ended yet, and each look costs the machine some processes.
        sleep(FIRST_PAUSE).await;
    }
    follow(agent, command, masks).await
}

/// Waits for the end of a run.
async fn follow(agent: Agent<'_>, command: &HookCommand, masks: &Masks) -> Result<Ended, RunError> {
    let mut watch = Watch {
        agent,
        command,
        log: LineLog::new(&command.machine, &command.hook, &command.id, masks),
        piece: 0,
        offset: 0,
        since: None,
    };
    let ending = watch.wait().await?;
    watch.log.end();
    let words = format!("{} {}", command.id, KEPT_BYTES);
    let output = watch.agent.call("end-of-output", &words, b"").await?;
    Ok(Ended { ending, output: kept(&output.output, masks) })
}

struct Watch<'a> {
    agent: Agent<'a>,
    command: &'a HookCommand,
    log: LineLog<'a>,
    piece: u64,
    offset: u64,
    /// Since when the run's time counts, on a machine that can't say for how long it runs.
    since: Option<Timestamp>,
}

/// What one look shows.
struct Look {
    state: State,
    /// There is more output than was read.
    more: bool,
    drained: bool,
}

impl Watch<'_> {
    async fn wait(&mut self) -> Result<Ending, RunError> {
        let mut pause = FIRST_PAUSE;
        let mut undecided: Option<Instant> = None;
        loop {
            let look = self.look().await?;
            match look.state {
                State::Exited(status) => {
                    self.drain(look).await?;
                    return Ok(Ending::Exited(status));
                }
                State::Running { seconds } => {
                    undecided = None;
                    if self.passed(seconds) >= self.command.timeout.as_secs()
                        && let Some(ending) = self.end(Ending::TimedOut).await?
                    {
                        return Ok(ending);
                    }
                }
                State::Never => return Ok(Ending::NeverBegan),
                State::Absent | State::Claimed | State::Gone => {
                    let since = undecided.get_or_insert_with(Instant::now);
                    if since.elapsed() >= UNDECIDED {
                        let ending =
                            if look.state == State::Gone { Ending::Lost } else { Ending::NeverBegan };
                        return Ok(self.end(ending).await?.unwrap_or(ending));
                    }
                }
            }
            if !look.more {
                sleep(pause).await;
                pause = (pause * 2).min(PAUSE);
            }
        }
    }

    /// For how many seconds the run goes on. A machine that could not say it once, for its uptime is that of a container
    /// for one, isn't believed later.
    fn passed(&mut self, seconds: Option<u64>) -> u64 {
        let since = match (self.since, seconds) {
            (None, Some(seconds)) => return seconds,
            (Some(since), _) => since,
            (None, None) => *self.since.insert(self.command.started.unwrap_or_else(Timestamp::now)),
        };
        u64::try_from(Timestamp::now().duration_since(since).as_secs()).unwrap_or_default()
    }

    /// Ends the run; one that has ended by itself meanwhile has ended like that. `None` when it had ended at its deadline,
    /// before anything was done: the next look shows how.
    async fn end(&mut self, ending: Ending) -> Result<Option<Ending>, RunError> {
        let words = format!("{} {GRACE_SECONDS}", self.command.id);
        let ended = self.agent.call("end", &words, b"").await?;
        let text = String::from_utf8_lossy(&ended.output);
        let (was_alive, state) = match text.strip_prefix("ending\n") {
            Some(state) => (true, State::read(state)?),
            None => (false, State::read(&text)?),
        };
        Ok(match (ending, state) {
            (Ending::TimedOut, State::Exited(_) | State::Gone) if !was_alive => None,
            (Ending::TimedOut, _) => Some(Ending::TimedOut),
            (_, State::Exited(status)) => Some(Ending::Exited(status)),
            (_, State::Never) => Some(Ending::NeverBegan),
            _ => Some(ending),
        })
    }

    /// Reads the last of the output.
    async fn drain(&mut self, mut look: Look) -> Result<(), RunError> {
        let begun = Instant::now();
        while !self.log.is_full() && (look.more || (!look.drained && begun.elapsed() < DRAINING)) {
            if !look.more {
                sleep(Duration::from_millis(50)).await;
            }
            look = self.look().await?;
        }
        // The end of a long output is still to come into the pieces.
        while !look.drained && begun.elapsed() < DRAINING {
            sleep(Duration::from_millis(50)).await;
            look = self.look().await?;
        }
        Ok(())
    }

    async fn look(&mut self) -> Result<Look, RunError> {
        let bytes = if self.log.is_full() { 0 } else { PIECE };
        let words = format!("{} {} {} {bytes}", self.command.id, self.piece, self.offset);
        let answer = self.agent.call("poll", &words, b"").await?.output;
        let mut parts = answer.splitn(3, |byte| *byte == b'\n');
        let mut line = || String::from_utf8_lossy(parts.next().unwrap_or_default()).into_owned();
        let (state, place) = (State::read(&line())?, line());
        let output = parts.next().unwrap_or_default();
        let mut words = place.split(' ');
        let mut number = || words.next().and_then(|word| word.parse::<u64>().ok());
        let (Some(piece), Some(offset), Some(newest)) = (number(), number(), number()) else {
            return Err(RunError::Answer(place));
        };
        let drained = words.next() == Some("yes");
        let missed = piece != self.piece;
        self.log.take(output, missed);
        (self.piece, self.offset) = (piece, offset + output.len() as u64);
        let mut more = !output.is_empty();
        if output.is_empty() && bytes > 0 && piece < newest {
            (self.piece, self.offset, more) = (piece + 1, 0, true);
        }
        Ok(Look { state, more, drained })
    }
}
