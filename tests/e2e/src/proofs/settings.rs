//! The FE settings: held while pods go, and given back.

use super::{Refuted, clock, refuted};
use crate::{
    settings::{HELD, Originals},
    timeline::{FrontendAt, Timeline, frontends_at},
};
use hookgate_standin::event::Occurrence;
use jiff::Timestamp;

/// The FEs at the moment in which a pod was let go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// The pod.
    pub pod: String,
    /// The moment.
    pub at: Timestamp,
    /// Every FE that ran, with its settings and when it was asked for them.
    pub frontends: Vec<FrontendAt>,
}

const SET: &str = "admin set frontend config";

/// Before the first StatefulSet was patched, every setting was set by a statement, and held by every FE.
///
/// # Errors
/// When nothing was patched, or too early.
pub fn set_before_the_first_patch(
    timeline: &Timeline,
    from: Timestamp,
    originals: &Originals,
) -> Result<(), Refuted> {
    let claim = "the pre-hooks have run before the first StatefulSet is patched";
    let patches = timeline.patches(from);
    let first = patches.first().ok_or_else(|| refuted(claim, "no StatefulSet was patched"))?;
    for held in &HELD {
        let was_set = super::statements(timeline, from).any(|(at, _, text)| {
            let text = text.to_ascii_lowercase();
            let names =
                text.contains(&format!("\"{}\"", held.name)) || text.contains(&format!("\"{}\"", held.alias));
            at < first.at && text.starts_with(SET) && names
        });
        if !was_set {
            let why = format!(
                "{} was patched at {} and {} was not set before",
                first.component,
                clock(first.at),
                held.name
            );
            return Err(refuted(claim, why));
        }
    }
    for fe in frontends_at(timeline, first.at, originals) {
        for held in &HELD {
            let value = &fe.settings.get(held.name).map(|setting| setting.value.clone()).unwrap_or_default();
            if value != held.value {
                let why =
                    format!("{} of {} was {value} when {} was patched", held.name, fe.pod, first.component);
                return Err(refuted(claim, why));
            }
        }
    }
    Ok(())
}

/// Whenever a pod was let go, every FE had every setting at its held value, and had been asked for it by itself since
/// it last changed or the FE last started. Gives the evidence.
///
/// # Errors
/// When an FE had another value, or had not been asked, or when no pod was let go.
pub fn held_whenever_a_pod_goes(
    timeline: &Timeline,
    from: Timestamp,
    originals: &Originals,
) -> Result<Vec<Check>, Refuted> {
    let claim = "every FE holds the settings, and was asked for them, whenever a pod goes";
    let mut checks = Vec::new();
    for replacement in timeline.replacements(from) {
        let frontends = frontends_at(timeline, replacement.gone, originals);
        if frontends.is_empty() {
            return Err(refuted(claim, format!("no FE ran when {} was let go", replacement.pod)));
        }
        for fe in &frontends {
            verified(fe)
                .map_err(|why| refuted(claim, format!("when {} was let go, {why}", replacement.pod)))?;
        }
        checks.push(Check { pod: replacement.pod, at: replacement.gone, frontends });
    }
    if checks.is_empty() { Err(refuted(claim, "no pod was let go")) } else { Ok(checks) }
}

fn verified(fe: &FrontendAt) -> Result<(), String> {
    for held in &HELD {
        let setting = fe.settings.get(held.name).ok_or_else(|| format!("{} had no {}", fe.pod, held.name))?;
        if setting.value != held.value {
            return Err(format!("{} of {} was {}, not {}", held.name, fe.pod, setting.value, held.value));
        }
        if setting.asked.is_none_or(|asked| asked < setting.changed) {
            return Err(format!(
                "{} had not been asked for {} since {}",
                fe.pod,
                held.name,
                clock(setting.changed)
            ));
        }
    }
    Ok(())
}

/// At that moment every FE has its original settings.
///
/// # Errors
/// When one has another value, or when fewer FEs run than there should be.
pub fn restored(
    timeline: &Timeline,
    at: Timestamp,
    originals: &Originals,
    frontends: usize,
) -> Result<(), Refuted> {
    let claim = "every FE has its original settings";
    let running = frontends_at(timeline, at, originals);
    if running.len() != frontends {
        return Err(refuted(claim, format!("{} of {frontends} FEs run", running.len())));
    }
    for fe in &running {
        for held in &HELD {
            let original = originals.value(held.name).unwrap_or(held.default);
            match fe.settings.get(held.name) {
                Some(setting) if setting.value == original => {}
                other => {
                    let found = other.map_or("missing", |setting| &setting.value);
                    return Err(refuted(
                        claim,
                        format!("{} of {} is {found}, not {original}", held.name, fe.pod),
                    ));
                }
            }
        }
    }
    Ok(())
}

/// Whether an FE had that value of a setting at some time since then, by whichever way.
pub fn was_set(timeline: &Timeline, from: Timestamp, setting: &str, value: &str) -> bool {
    timeline.database.iter().map(|recorded| &recorded.event).filter(|event| event.time >= from).any(|event| {
        matches!(&event.what, Occurrence::ConfigChanged { key, new, .. } if key == setting && new == value)
    })
}

/// Since then no setting of any FE was set, by whichever way.
///
/// # Errors
/// When one was, or when a statement tried to.
pub fn no_setting_touched(timeline: &Timeline, from: Timestamp) -> Result<(), Refuted> {
    let claim = "no hook has changed a setting";
    if let Some((at, _, text)) =
        super::statements(timeline, from).find(|(_, _, text)| text.to_ascii_lowercase().starts_with(SET))
    {
        return Err(refuted(claim, format!("{text} at {}", clock(at))));
    }
    let events = timeline.database.iter().map(|recorded| &recorded.event).filter(|event| event.time >= from);
    for event in events {
        if let Occurrence::ConfigChanged { key, new, .. } = &event.what {
            return Err(refuted(
                claim,
                format!("{key} of {} became {new} at {}", event.pod, clock(event.time)),
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proofs::example::{Story, at, deployed};
    use hookgate_api::Component;

    /// One FE, held and verified, then a BE goes.
    fn held() -> Story {
        let mut story = deployed();
        for held in &HELD {
            story.set(16, "sr-fe-0", held.name, held.value).changed(16, "sr-fe-0", held.name, held.value);
            story.asked(18, "sr-fe-0", held.alias);
        }
        story
    }

    #[test]
    fn held_and_verified_is_proven() {
        let mut story = held();
        story.rolled(20, Component::Be, 0);
        let (timeline, originals) = (story.timeline(), Originals::default());
        assert_eq!(set_before_the_first_patch(&timeline, at(15), &originals), Ok(()));
        let checks = held_whenever_a_pod_goes(&timeline, at(15), &originals).unwrap();
        assert_eq!((checks.len(), checks[0].pod.as_str(), checks[0].frontends.len()), (1, "sr-be-0", 1));
    }

    #[test]
    fn a_patch_before_the_hooks_is_rejected() {
        let mut story = deployed();
        story.rolled(16, Component::Be, 0);
        for held in &HELD {
            story.set(20, "sr-fe-0", held.name, held.value).changed(20, "sr-fe-0", held.name, held.value);
        }
        let timeline = story.timeline();
        assert!(set_before_the_first_patch(&timeline, at(15), &Originals::default()).is_err());
        assert!(held_whenever_a_pod_goes(&timeline, at(15), &Originals::default()).is_err());
    }

    #[test]
    fn an_fe_that_was_not_asked_since_it_changed_is_rejected() {
        let mut story = held();
        story.changed(19, "sr-fe-0", HELD[0].name, "0").rolled(20, Component::Be, 0);
        let error = held_whenever_a_pod_goes(&story.timeline(), at(15), &Originals::default()).unwrap_err();
        assert!(error.why.contains("had not been asked for"), "{error}");
    }

    #[test]
    fn an_fe_that_restarted_and_lost_the_values_is_rejected() {
        let mut story = held();
        story.fe_started(19, "sr-fe-0");
        for held in &HELD {
            story.asked(19, "sr-fe-0", held.alias);
        }
        story.rolled(20, Component::Be, 0);
        let error = held_whenever_a_pod_goes(&story.timeline(), at(15), &Originals::default()).unwrap_err();
        assert!(error.why.contains("was 10000, not 0"), "{error}");
    }

    #[test]
    fn a_second_fe_that_nobody_asked_is_rejected() {
        let mut story = held();
        story.fe_started(19, "sr-fe-1").rolled(20, Component::Be, 0);
        assert!(held_whenever_a_pod_goes(&story.timeline(), at(15), &Originals::default()).is_err());
    }

    #[test]
    fn a_literal_instead_of_the_original_is_rejected() {
        let originals = Originals::default().with(HELD[0].name, "4321");
        let mut story = held();
        for held in &HELD {
            story.changed(30, "sr-fe-0", held.name, originals.value(held.name).unwrap());
        }
        assert_eq!(restored(&story.timeline(), at(31), &originals, 1), Ok(()));
        assert!(restored(&story.timeline(), at(29), &originals, 1).is_err());
        assert!(
            restored(&story.timeline(), at(31), &originals, 2).unwrap_err().why.contains("1 of 2 FEs run")
        );
        story.changed(32, "sr-fe-0", HELD[0].name, "2000");
        let error = restored(&story.timeline(), at(33), &originals, 1).unwrap_err();
        assert!(error.why.contains("is 2000, not 4321"), "{error}");
    }

    #[test]
    fn a_setting_that_was_touched_is_found() {
        let mut story = deployed();
        story.rolled(20, Component::Be, 0);
        assert_eq!(no_setting_touched(&story.timeline(), at(15)), Ok(()));
        story.changed(21, "sr-fe-0", HELD[0].name, "0");
        assert!(no_setting_touched(&story.timeline(), at(15)).is_err());
        let mut story = deployed();
        story.set(22, "sr-fe-0", HELD[1].name, "0");
        assert!(no_setting_touched(&story.timeline(), at(15)).is_err());
        assert_eq!(no_setting_touched(&story.timeline(), at(23)), Ok(()));
    }
}
