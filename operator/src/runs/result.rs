//! What the runner's word on a run comes to.

use crate::observation::ObservedJob;
use hookgate_runner::supervise::{Outcome, RunResult};

/// How much of a run's output a status keeps, in characters.
const MESSAGE_CHARACTERS: usize = 1000;

/// How a run stands that has ended and says how.
pub(super) fn ended(result: &RunResult) -> ObservedJob {
    if result.outcome == Outcome::Succeeded {
        return ObservedJob::Succeeded;
    }
    let (said, output) = (&result.message, last(&result.output));
    let message = if output.is_empty() { said.clone() } else { format!("{said}: {output}") };
    ObservedJob::Failed { deadline_exceeded: result.outcome == Outcome::DeadlineExceeded, message }
}

/// The end of a text, on one line.
pub(super) fn last(text: &str) -> String {
    let text: String = text.trim().replace('\n', " | ").chars().filter(|c| !c.is_control()).collect();
    let skipped = text.chars().count().saturating_sub(MESSAGE_CHARACTERS);
    text.chars().skip(skipped).collect()
}
