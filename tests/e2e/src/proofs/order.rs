//! The order in which components and pods come and go.

use super::{Refuted, clock, refuted};
use crate::timeline::{Replacement, Timeline, Turn, leader_at};
use hookgate_api::Component;
use jiff::Timestamp;
use std::collections::BTreeSet;

/// On a first deployment no BE or CN StatefulSet existed before every FE pod was ready.
///
/// # Errors
/// When one did, or when there was no deployment to speak of.
pub fn fe_first(timeline: &Timeline, frontends: usize) -> Result<(), Refuted> {
    let claim = "BE and CN are created only when every FE is ready";
    let ready = timeline.first_ready(Component::Fe);
    if ready.len() != frontends {
        return Err(refuted(claim, format!("{} of {frontends} FEs were ever ready", ready.len())));
    }
    let last = ready.values().copied().fold(Timestamp::MIN, Ord::max);
    let others: Vec<_> = [Component::Be, Component::Cn]
        .into_iter()
        .filter_map(|component| Some((component, timeline.created(component)?)))
        .collect();
    if others.is_empty() {
        return Err(refuted(claim, "there is neither BE nor CN"));
    }
    for (component, created) in others {
        if created < last {
            let why = format!(
                "{component} was created at {}, the last FE ready at {}",
                clock(created),
                clock(last)
            );
            return Err(refuted(claim, why));
        }
    }
    Ok(())
}

/// The components were patched and rolled in this order, none overlapping the one before, every pod exactly once;
/// `order` gives each component with the number of its pods. Gives the turns.
///
/// # Errors
/// When the order was another, or when a pod wasn't replaced, or wasn't back before the next component's turn.
pub fn rolled_in_order(
    timeline: &Timeline,
    from: Timestamp,
    order: &[(Component, usize)],
) -> Result<Vec<Turn>, Refuted> {
    let claim = "the components are rolled in order and none overlaps";
    let mut turns: Vec<(Component, Turn)> = Vec::new();
    for &(component, pods) in order {
        let turn = timeline
            .turn(component, from)
            .ok_or_else(|| refuted(claim, format!("the StatefulSet of {component} was never patched")))?;
        complete(claim, component, pods, &turn)?;
        turns.push((component, turn));
    }
    for pair in turns.windows(2) {
        let [(before, earlier), (after, later)] = pair else { continue };
        let end = earlier.end.unwrap_or(Timestamp::MAX);
        if later.begin < end {
            let why = format!(
                "{after} was touched at {}, and {before} was back at {} only",
                clock(later.begin),
                clock(end)
            );
            return Err(refuted(claim, why));
        }
    }
    let stranger = timeline
        .patches(from)
        .into_iter()
        .find(|patch| order.iter().all(|(known, _)| *known != patch.component));
    match stranger {
        Some(patch) => Err(refuted(claim, format!("{} was patched as well", patch.component))),
        None => Ok(turns.into_iter().map(|(_, turn)| turn).collect()),
    }
}

fn complete(claim: &'static str, component: Component, pods: usize, turn: &Turn) -> Result<(), Refuted> {
    if turn.begin < turn.patched {
        let why = format!("a pod of {component} was let go at {}, before the patch", clock(turn.begin));
        return Err(refuted(claim, why));
    }
    let names: BTreeSet<_> = turn.replacements.iter().map(|one| &one.pod).collect();
    if names.len() != pods || turn.replacements.len() != pods {
        let why = format!(
            "{component} has {pods} pods, of which {} were let go {} times",
            names.len(),
            turn.replacements.len()
        );
        return Err(refuted(claim, why));
    }
    match turn.replacements.iter().find(|one| one.back.is_none()) {
        Some(one) => Err(refuted(claim, format!("{} never came back", one.pod))),
        None => Ok(()),
    }
}

/// No pod was let go before the one before it was back.
///
/// # Errors
/// When two were away at the same time, or when no pod went at all.
pub fn one_pod_at_a_time(timeline: &Timeline, from: Timestamp) -> Result<(), Refuted> {
    let claim = "one pod goes at a time";
    let replacements = timeline.replacements(from);
    if replacements.is_empty() {
        return Err(refuted(claim, "no pod was let go"));
    }
    for pair in replacements.windows(2) {
        let [before, after] = pair else { continue };
        if before.back.is_none_or(|back| after.gone < back) {
            let why = format!(
                "{} was let go at {}, while {} was away since {}",
                after.pod,
                clock(after.gone),
                before.pod,
                clock(before.gone)
            );
            return Err(refuted(claim, why));
        }
    }
    Ok(())
}

/// As long as another FE was still to be replaced, the FE that led was not let go, and it was the last.
///
/// # Errors
/// When the leader went earlier, or when nobody led.
pub fn leader_last(timeline: &Timeline, from: Timestamp) -> Result<(), Refuted> {
    let last = leader_not_early(timeline, from)?;
    if leader(timeline, last.gone)? == last.pod {
        return Ok(());
    }
    Err(refuted(LEADER_LAST, format!("{} was the last and did not lead", last.pod)))
}

/// As long as another FE was still to be replaced, the FE that led was not let go. Gives the last that was.
///
/// Where leadership moves by itself while FEs are replaced, the last need not lead.
///
/// # Errors
/// When the leader went earlier, or when nobody led.
pub fn leader_not_early(timeline: &Timeline, from: Timestamp) -> Result<Replacement, Refuted> {
    let replacements = timeline.replacements(from);
    let mut frontends: Vec<_> =
        replacements.into_iter().filter(|one| one.component == Component::Fe).collect();
    let last = frontends.pop().ok_or_else(|| refuted(LEADER_LAST, "no FE was let go"))?;
    for follower in frontends {
        if leader(timeline, follower.gone)? == follower.pod {
            let why = format!("{} led when it was let go, and {} came later", follower.pod, last.pod);
            return Err(refuted(LEADER_LAST, why));
        }
    }
    Ok(last)
}

const LEADER_LAST: &str = "the leader is the last FE to go";

fn leader(timeline: &Timeline, at: Timestamp) -> Result<&str, Refuted> {
    leader_at(timeline, at).ok_or_else(|| refuted(LEADER_LAST, format!("no FE led at {}", clock(at))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proofs::example::{Story, at, deployed};

    const ORDER: [(Component, usize); 3] = [(Component::Be, 1), (Component::Cn, 1), (Component::Fe, 1)];

    /// BE from 20, CN from 30, FE from 40; each is patched, goes one second later, and is back after three.
    fn upgrade() -> Story {
        let mut story = deployed();
        story.rolled(20, Component::Be, 0).rolled(30, Component::Cn, 0).rolled(40, Component::Fe, 0);
        story
    }

    #[test]
    fn the_good_order_is_proven() {
        let timeline = upgrade().timeline();
        assert_eq!(fe_first(&timeline, 1), Ok(()));
        let turns = rolled_in_order(&timeline, at(15), &ORDER).unwrap();
        assert_eq!(turns.iter().map(|turn| turn.patched).collect::<Vec<_>>(), [at(20), at(30), at(40)]);
        assert_eq!(one_pod_at_a_time(&timeline, at(15)), Ok(()));
        assert_eq!(leader_last(&timeline, at(15)), Ok(()));
    }

    #[test]
    fn a_be_before_the_fe_was_ready_is_rejected() {
        let mut story = Story::default();
        story.created(1, Component::Fe).created(2, Component::Be).ready(3, Component::Fe, 0);
        let error = fe_first(&story.timeline(), 1).unwrap_err();
        assert!(error.why.contains("BE was created at"), "{error}");
        assert!(fe_first(&story.timeline(), 2).unwrap_err().why.contains("1 of 2 FEs"));
        let mut alone = Story::default();
        alone.created(1, Component::Fe).ready(2, Component::Fe, 0);
        assert!(fe_first(&alone.timeline(), 1).is_err());
    }

    #[test]
    fn an_fe_that_is_let_go_before_the_cn_is_back_is_rejected() {
        let mut story = deployed();
        story.rolled(20, Component::Be, 0).rolled(30, Component::Cn, 0).rolled(32, Component::Fe, 0);
        let error = rolled_in_order(&story.timeline(), at(15), &ORDER).unwrap_err();
        assert!(error.why.contains("FE was touched") && error.why.contains("CN was back"), "{error}");
        assert!(one_pod_at_a_time(&story.timeline(), at(15)).is_err());
    }

    #[test]
    fn a_cn_that_is_ready_but_not_alive_for_the_database_does_not_count_as_back() {
        let mut story = deployed();
        story.rolled(20, Component::Be, 0).rolled_but_dead(30, Component::Cn, 0).rolled(40, Component::Fe, 0);
        let error = rolled_in_order(&story.timeline(), at(15), &ORDER).unwrap_err();
        assert!(error.why.contains("sr-cn-0 never came back"), "{error}");
    }

    #[test]
    fn the_wrong_order_is_rejected() {
        let mut story = deployed();
        story.rolled(20, Component::Fe, 0).rolled(30, Component::Be, 0).rolled(40, Component::Cn, 0);
        assert!(rolled_in_order(&story.timeline(), at(15), &ORDER).is_err());
        let downgrade = [ORDER[2], ORDER[0], ORDER[1]];
        assert!(rolled_in_order(&story.timeline(), at(15), &downgrade).is_ok());
    }

    #[test]
    fn a_component_that_was_not_rolled_or_should_not_have_been_is_rejected() {
        let mut story = deployed();
        story.rolled(20, Component::Be, 0).patched(30, Component::Cn);
        let timeline = story.timeline();
        let error = rolled_in_order(&timeline, at(15), &ORDER[..2]).unwrap_err();
        assert!(error.why.contains("CN has 1 pods, of which 0"), "{error}");
        assert!(rolled_in_order(&timeline, at(15), &ORDER).is_err());
        let error = rolled_in_order(&timeline, at(15), &ORDER[..1]).unwrap_err();
        assert!(error.why.contains("CN was patched as well"), "{error}");
    }

    #[test]
    fn a_pod_that_goes_before_its_patch_is_rejected() {
        let mut story = deployed();
        story.replaced(20, Component::Be, 0).patched(25, Component::Be);
        let error = rolled_in_order(&story.timeline(), at(15), &ORDER[..1]).unwrap_err();
        assert!(error.why.contains("before the patch"), "{error}");
    }

    #[test]
    fn two_pods_away_at_the_same_time_are_rejected() {
        let mut story = deployed();
        story.replaced(20, Component::Be, 1).replaced(21, Component::Be, 0);
        assert!(one_pod_at_a_time(&story.timeline(), at(15)).is_err());
        assert!(one_pod_at_a_time(&story.timeline(), at(60)).is_err());
    }

    #[test]
    fn a_leader_that_goes_first_is_rejected() {
        let mut story = deployed();
        story.replaced(20, Component::Fe, 1).replaced(30, Component::Fe, 0);
        assert_eq!(leader_last(&story.timeline(), at(15)), Ok(()));
        let mut story = deployed();
        story.replaced(20, Component::Fe, 0).led(24, "sr-fe-1").replaced(30, Component::Fe, 1);
        let error = leader_last(&story.timeline(), at(15)).unwrap_err();
        assert!(error.why.contains("sr-fe-0 led when it was let go"), "{error}");
    }
}
