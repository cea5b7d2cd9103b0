//! Which way a wave goes, and whether it may: one direction for all of it, by paths that StarRocks supports.

use super::{
    anew::{goes_back_to, is_under_way},
    detect::{Pending, pending},
    versions::Versions,
};
use crate::plan::View;
use hookgate_api::{
    Component, Version, annotations,
    image_versions::VersionPair,
    status::{Direction, Trigger, Wave, WaveComponent},
    version_path,
};
use kube::ResourceExt;
use std::cmp::Ordering;

/// Why what the spec asks for is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::plan) struct Refused {
    /// One word, for the condition.
    pub reason: &'static str,
    /// What is refused, and the way out.
    pub message: String,
}

/// Which way everything goes that is pending, and what a wave is rolling already: that goes on to its end.
///
/// # Errors
/// When one component would rise and another fall: there is no order in which that is safe. When StarRocks doesn't
/// support that one version follows the other.
pub(super) fn direction(
    view: &View<'_>,
    pending: &[Pending],
    wave: Option<&Wave>,
) -> Result<Direction, Refused> {
    let versions = Versions::of(view);
    for change in pending {
        path(view, &versions, change, wave)?;
    }
    let changes = pending.iter().map(|change| Move {
        component: change.component,
        from_image: &change.from_image,
        to_image: &change.to_image,
        way: way(view, &versions, change, wave),
    });
    let moves: Vec<_> = changes.chain(under_way(view, &versions, pending, wave)).collect();
    let with = |wanted: Way| moves.iter().find(|move_| move_.way == wanted);
    match (with(Way::To(Direction::Upgrade)), with(Way::To(Direction::Downgrade))) {
        (Some(up), Some(down)) => Err(Refused {
            reason: "ConflictingVersions",
            message: format!(
                "{} would be upgraded ({} to {}) and {} downgraded ({} to {}) at the same time: change one after the \
                 other",
                up.component, up.from_image, up.to_image, down.component, down.from_image, down.to_image
            ),
        }),
        (Some(_), None) => Ok(Direction::Upgrade),
        (None, Some(_)) => Ok(Direction::Downgrade),
        // Hooks that weren't needed do no harm.
        (None, None) if with(Way::Either).is_some() => Ok(Direction::Upgrade),
        (None, None) => Ok(moves.iter().find_map(Move::taken_back).unwrap_or(Direction::Change)),
    }
}

/// One component on its way from one image to another.
struct Move<'a> {
    component: Component,
    from_image: &'a str,
    to_image: &'a str,
    way: Way,
}

impl Move<'_> {
    const fn taken_back(&self) -> Option<Direction> {
        match self.way {
            Way::TakenBack(direction) => Some(direction),
            Way::To(_) | Way::Either => None,
        }
    }
}

/// Which way one component goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// This way.
    To(Direction),
    /// From a version to the same one: whichever way the others go.
    Either,
    /// To what its servers run, from an image that none of them ever ran: whichever way the others go, and where all are
    /// taken back, this way.
    TakenBack(Direction),
}

/// What a wave has begun and not ended, towards what the spec still asks for: its StatefulSet is patched already, and so
/// it isn't pending.
fn under_way<'a>(
    view: &'a View<'_>,
    versions: &Versions<'_>,
    pending: &[Pending],
    wave: Option<&'a Wave>,
) -> impl Iterator<Item = Move<'a>> {
    let steps = wave.into_iter().flat_map(|wave| wave.components.iter().map(move |step| (wave, step)));
    let begun = steps.filter(move |(_, step)| is_under_way(view, pending, step));
    begun.map(|(wave, step)| Move {
        component: step.component,
        from_image: &step.from_image,
        to_image: &step.to_image,
        way: way_under_way(versions, wave, step),
    })
}

/// As its images say. Of one that was taken back in mid-roll they say nothing, for it goes to what it was: its wave
/// does.
fn way_under_way(versions: &Versions<'_>, wave: &Wave, step: &WaveComponent) -> Way {
    let goes_back = matches!(wave.trigger, Trigger::Rollback | Trigger::Abort);
    match versions.direction(&step.from_image, &step.to_image) {
        Some(Direction::Change) if goes_back => Way::To(wave.direction),
        Some(known) => Way::To(known),
        None if versions.is_equal(&step.from_image, &step.to_image) => Way::Either,
        None => Way::To(wave.direction),
    }
}

/// Which way one component goes, from what its servers run. Where the images don't say: back, when it goes back to what an
/// upgrade began with; as its wave goes already; else, where nothing is known of them, up, for hooks that weren't needed do
/// no harm.
fn way(view: &View<'_>, versions: &Versions<'_>, change: &Pending, wave: Option<&Wave>) -> Way {
    let from = image_that_runs(view, change, wave);
    let known = versions.direction(&from, &change.to_image);
    let step = wave.and_then(|wave| {
        let step = wave.components.iter().find(|step| step.component == change.component)?;
        Some((wave, step))
    });
    if from != change.from_image && known == Some(Direction::Change) {
        let opposite = match step {
            Some((wave, step)) if step.target == change.target => wave.direction,
            Some((wave, _)) if wave.direction == Direction::Upgrade => Direction::Downgrade,
            _ => Direction::Upgrade,
        };
        return Way::TakenBack(versions.direction(&change.from_image, &change.to_image).unwrap_or(opposite));
    }
    if let Some(known) = known {
        return Way::To(known);
    }
    let direction = wave.map(|wave| wave.direction);
    let goes_back = wave.is_some_and(|wave| goes_back_to(wave, change));
    match (direction, step) {
        (Some(Direction::Upgrade), _) if goes_back => Way::To(Direction::Downgrade),
        (Some(Direction::Downgrade), Some((_, step))) if step.target == change.target => {
            Way::To(Direction::Downgrade)
        }
        _ if versions.is_equal(&from, &change.to_image) => Way::Either,
        _ => Way::To(Direction::Upgrade),
    }
}

/// The image that a component's change is judged by: that of its template, where a pod has come up with it.
fn image_that_runs(view: &View<'_>, change: &Pending, wave: Option<&Wave>) -> String {
    let step = wave.and_then(|wave| wave.components.iter().find(|step| step.component == change.component));
    let before = || step.map_or_else(|| change.from_image.clone(), |step| step.from_image.clone());
    images_that_run(view, change, wave).into_iter().next().unwrap_or_else(before)
}

/// Whether a component may go to its target from every version that its pods have.
fn path(
    view: &View<'_>,
    versions: &Versions<'_>,
    change: &Pending,
    wave: Option<&Wave>,
) -> Result<(), Refused> {
    for from in images_that_run(view, change, wave) {
        let Some(VersionPair { from, to, certain: true }) = versions.pair(&from, &change.to_image) else {
            continue;
        };
        let Err(refusal) = version_path::check(from, to) else { continue };
        if is_allowed(view, to) {
            continue;
        }
        let name = view.observation.cluster.name_any();
        return Err(Refused {
            reason: "VersionPathRefused",
            message: format!(
                "{component}: {refusal}. To take this path nevertheless: kubectl annotate src {name} --overwrite \
                 {allow}={to}; if {image} isn't {to}: {said}={image}=VERSION",
                component = change.component,
                allow = annotations::ALLOW_VERSION_PATH,
                said = annotations::IMAGE_VERSION,
                image = change.to_image,
            ),
        });
    }
    Ok(())
}

/// The override counts only for the version that it names.
fn is_allowed(view: &View<'_>, to: Version) -> bool {
    annotations::allows_version_path(view.observation.cluster.annotations(), to)
}

/// The images that a component's pods have at this moment. While it is being rolled there are two, and a target that
/// was patched and has no pod yet, or only pods whose image never started, has left no trace.
fn images_that_run(view: &View<'_>, change: &Pending, wave: Option<&Wave>) -> Vec<String> {
    let observed = view.observation.component(change.component);
    let step = wave.and_then(|wave| wave.components.iter().find(|step| step.component == change.component));
    let is_present = |revision: &str| revision == change.from_revision;
    let mut started = observed.pods.iter().filter(|pod| pod.ready || pod.cannot_start.is_none());
    let mut images = Vec::new();
    if observed.pods.is_empty() || started.clone().any(|pod| is_present(&pod.revision)) {
        images.push(change.from_image.clone());
    }
    if started.any(|pod| !is_present(&pod.revision)) {
        images.push(step.map_or_else(|| change.from_image.clone(), |step| step.from_image.clone()));
    }
    images
}

/// What is to be said before a wave begins: skipped minor versions, and ways from which there is no way back.
pub(super) fn warnings(view: &View<'_>, pending: &[Pending]) -> Vec<String> {
    let versions = Versions::of(view);
    let pairs: Vec<_> = pending
        .iter()
        .filter_map(|change| versions.pair(&change.from_image, &change.to_image))
        .filter(|pair| pair.certain)
        .collect();
    let skipped = pairs.iter().flat_map(|pair| version_path::check(pair.from, pair.to).unwrap_or_default());
    let one_way =
        pairs.iter().filter(|pair| pair.to.compare(pair.from) == Ordering::Greater).filter_map(|pair| {
            let refusal = version_path::check(pair.to, pair.from).err()?;
            let allow = annotations::ALLOW_VERSION_PATH;
            Some(format!(
                "there is no way back once a server has run {}: {refusal}, or take it by {allow}={}",
                pair.to, pair.from
            ))
        });
    let mut warnings: Vec<String> = skipped.chain(one_way).chain(no_quorum(view, pending)).collect();
    warnings.dedup();
    warnings
}

/// One FE, or two, have no quorum while one restarts.
fn no_quorum(view: &View<'_>, pending: &[Pending]) -> Option<String> {
    pending.iter().find(|change| change.component == Component::Fe)?;
    let replicas = view.observation.component(Component::Fe).statefulset.as_ref()?.replicas;
    (1..=2).contains(&replicas).then(|| {
        let plural = if replicas == 1 { "" } else { "s" };
        format!(
            "FE has {replicas} pod{plural}: nobody can use the database while one restarts; three can do without one"
        )
    })
}

/// What is refused of what the spec asks for at this moment.
pub(in crate::plan) fn refused(view: &View<'_>) -> Option<Refused> {
    let wave = view.observation.cluster.status.as_ref().and_then(|status| status.wave.as_ref());
    direction(view, &pending(view), wave).err()
}
