//! Nothing was done to the components.

use super::{Refuted, clock, refuted};
use crate::timeline::Timeline;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// In that time no StatefulSet was changed and no pod was let go.
///
/// # Errors
/// When one was, or when there was no StatefulSet at all.
pub fn untouched(timeline: &Timeline, from: Timestamp, until: Timestamp) -> Result<(), Refuted> {
    let claim = "nothing is touched";
    let mut last = BTreeMap::new();
    for seen in timeline.sets.iter().filter(|seen| seen.at <= until) {
        let set = &seen.state;
        let before = last.insert(set.component, (set.generation, &set.template, &set.uid));
        let same = before == Some((set.generation, &set.template, &set.uid)) && !seen.deleted;
        if !same && seen.at >= from {
            let why = format!("the StatefulSet of {} was changed at {}", set.component, clock(seen.at));
            return Err(refuted(claim, why));
        }
    }
    if last.is_empty() {
        return Err(refuted(claim, "there is no StatefulSet"));
    }
    match timeline.replacements(from).into_iter().find(|one| one.gone <= until) {
        Some(one) => Err(refuted(claim, format!("{} was let go at {}", one.pod, clock(one.gone)))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proofs::example::{Story, at, deployed};
    use hookgate_api::Component;

    #[test]
    fn nothing_happened() {
        assert_eq!(untouched(&deployed().timeline(), at(15), at(60)), Ok(()));
        assert!(untouched(&Story::default().timeline(), at(15), at(60)).is_err());
    }

    #[test]
    fn a_patch_a_new_generation_and_a_pod_that_goes_are_found() {
        let mut story = deployed();
        story.patched(20, Component::Cn);
        assert!(untouched(&story.timeline(), at(15), at(60)).unwrap_err().why.contains("CN was changed"));
        assert_eq!(untouched(&story.timeline(), at(15), at(19)), Ok(()));
        assert_eq!(untouched(&story.timeline(), at(21), at(60)), Ok(()));
        let mut story = deployed();
        story.generation(20, Component::Be);
        assert!(untouched(&story.timeline(), at(15), at(60)).is_err());
        let mut story = deployed();
        story.replaced(20, Component::Fe, 0);
        assert!(untouched(&story.timeline(), at(15), at(60)).unwrap_err().why.contains("sr-fe-0 was let go"));
    }
}
