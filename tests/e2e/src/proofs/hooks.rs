//! Statements of hooks, as the database saw them.

use super::{Refuted, clock, refuted};
use crate::timeline::Timeline;
use hookgate_api::Component;
use hookgate_standin::event::{Occurrence, Outcome};
use jiff::Timestamp;

/// Every statement that an FE has answered well since then: when it came, to which FE's pod, and what it was.
pub fn statements(timeline: &Timeline, from: Timestamp) -> impl Iterator<Item = (Timestamp, &str, &str)> {
    let events =
        timeline.database.iter().map(|recorded| &recorded.event).filter(move |event| event.time >= from);
    events.filter_map(|event| match &event.what {
        Occurrence::Statement(statement) if matches!(statement.outcome, Outcome::Ok { .. }) => {
            Some((event.time, event.pod.as_str(), statement.statement.as_str()))
        }
        _ => None,
    })
}

/// The statement came exactly once, and before any StatefulSet was patched.
///
/// # Errors
/// When it came later, never, or several times, or when nothing was patched.
pub fn statement_before_patches(
    timeline: &Timeline,
    from: Timestamp,
    statement: &str,
) -> Result<(), Refuted> {
    let claim = "the statement runs once, before anything is patched";
    let patches = timeline.patches(from);
    let first = patches.first().ok_or_else(|| refuted(claim, "no StatefulSet was patched"))?;
    let at = once(claim, timeline, from, statement)?;
    if at < first.at {
        return Ok(());
    }
    let why = format!(
        "{statement} came at {}, and {} was patched at {}",
        clock(at),
        first.component,
        clock(first.at)
    );
    Err(refuted(claim, why))
}

/// A script's statement of `pre_upgrade` came before its component was patched, that of `post_upgrade` after the last
/// of its pods was back, each exactly once.
///
/// # Errors
/// When one came at another time, never, or several times.
pub fn script_ran_around_the_roll(
    timeline: &Timeline,
    from: Timestamp,
    component: Component,
    pre: &str,
    post: &str,
) -> Result<(), Refuted> {
    let claim = "the script runs before and after its component is rolled";
    let turn = timeline
        .turn(component, from)
        .ok_or_else(|| refuted(claim, format!("{component} was not rolled")))?;
    let before = once(claim, timeline, from, pre)?;
    if before >= turn.begin {
        let why = format!(
            "pre_upgrade spoke at {}, {component} was touched at {}",
            clock(before),
            clock(turn.begin)
        );
        return Err(refuted(claim, why));
    }
    let end = turn.end.ok_or_else(|| refuted(claim, format!("{component} never came back")))?;
    let after = once(claim, timeline, from, post)?;
    if after <= end {
        let why = format!("post_upgrade spoke at {}, {component} was back at {}", clock(after), clock(end));
        return Err(refuted(claim, why));
    }
    Ok(())
}

fn once(
    claim: &'static str,
    timeline: &Timeline,
    from: Timestamp,
    statement: &str,
) -> Result<Timestamp, Refuted> {
    let times: Vec<_> =
        statements(timeline, from).filter(|(_, _, text)| *text == statement).map(|(at, ..)| at).collect();
    match times.as_slice() {
        [at] => Ok(*at),
        other => Err(refuted(claim, format!("the database saw {statement} {} times", other.len()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proofs::example::{at, deployed};

    #[test]
    fn a_script_around_the_roll() {
        let mut story = deployed();
        story.statement(18, "sr-fe-0", "SELECT 'pre'").rolled(20, Component::Be, 0);
        let check = |story: &crate::proofs::example::Story| {
            script_ran_around_the_roll(
                &story.timeline(),
                at(15),
                Component::Be,
                "SELECT 'pre'",
                "SELECT 'post'",
            )
        };
        assert!(check(&story).unwrap_err().why.contains("SELECT 'post' 0 times"));
        let mut early = story.clone();
        early.statement(22, "sr-fe-0", "SELECT 'post'");
        assert!(check(&early).unwrap_err().why.contains("post_upgrade spoke"));
        story.statement(26, "sr-fe-0", "SELECT 'post'");
        assert_eq!(check(&story), Ok(()));
        story.statement(27, "sr-fe-0", "SELECT 'pre'");
        assert!(check(&story).unwrap_err().why.contains("2 times"));
        let mut late = deployed();
        late.rolled(20, Component::Be, 0).statement(21, "sr-fe-0", "SELECT 'pre'");
        assert!(check(&late).unwrap_err().why.contains("pre_upgrade spoke"));
    }

    #[test]
    fn a_statement_before_all_patches() {
        let mut story = deployed();
        story.statement(18, "sr-fe-0", "ALTER SYSTEM CREATE IMAGE").rolled(20, Component::Be, 0);
        assert_eq!(statement_before_patches(&story.timeline(), at(15), "ALTER SYSTEM CREATE IMAGE"), Ok(()));
        let mut late = deployed();
        late.rolled(20, Component::Be, 0).statement(21, "sr-fe-0", "ALTER SYSTEM CREATE IMAGE");
        assert!(statement_before_patches(&late.timeline(), at(15), "ALTER SYSTEM CREATE IMAGE").is_err());
        assert!(statement_before_patches(&story.timeline(), at(15), "SELECT 1").is_err());
    }
}
