//! Which way a wave goes, and whether it may: one direction for all of it, by paths that StarRocks supports.

use super::{
    detect::{Pending, goes_back_to, pending},
    versions::{Pair, Versions},
};
use crate::plan::View;
use hookgate_api::{
    Version, annotations,
    status::{Direction, Wave},
    version_path,
};
use kube::ResourceExt;

/// Why what the spec asks for is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::plan) struct Refused {
    /// One word, for the condition.
    pub reason: &'static str,
    /// What is refused, and the way out.
    pub message: String,
}

/// Which way everything that is pending goes.
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
    let ways: Vec<_> = pending.iter().map(|change| way(&versions, change, wave)).collect();
    let with = |wanted: Direction| {
        pending.iter().zip(&ways).find(|(_, way)| **way == wanted).map(|(change, _)| change)
    };
    match (with(Direction::Upgrade), with(Direction::Downgrade)) {
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
        (None, None) => Ok(Direction::Change),
    }
}

/// Which way one component goes. Where nothing is known of the images: back, when it goes back to what an upgrade
/// began with; as its wave goes already; else up, for hooks that weren't needed do no harm.
fn way(versions: &Versions<'_>, change: &Pending, wave: Option<&Wave>) -> Direction {
    if let Some(known) = versions.direction(&change.from_image, &change.to_image) {
        return known;
    }
    let step = wave.and_then(|wave| {
        let step = wave.components.iter().find(|step| step.component == change.component)?;
        Some((wave.direction, step))
    });
    match step {
        Some((Direction::Upgrade, step)) if goes_back_to(step, change) => Direction::Downgrade,
        Some((Direction::Downgrade, step)) if step.target == change.target => Direction::Downgrade,
        _ => Direction::Upgrade,
    }
}

/// Whether a component may go to its target from every version that its pods have.
fn path(
    view: &View<'_>,
    versions: &Versions<'_>,
    change: &Pending,
    wave: Option<&Wave>,
) -> Result<(), Refused> {
    for from in images_that_run(view, change, wave) {
        let Some(Pair { from, to, certain: true }) = versions.pair(&from, &change.to_image) else { continue };
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
    let allowed = view.observation.cluster.annotations().get(annotations::ALLOW_VERSION_PATH);
    allowed.is_some_and(|allowed| *allowed == to.to_string())
}

/// The images that a component's pods have at this moment. While it is being rolled there are two, and a target that
/// was patched and has no pod yet has left no trace.
fn images_that_run(view: &View<'_>, change: &Pending, wave: Option<&Wave>) -> Vec<String> {
    let observed = view.observation.component(change.component);
    let step = wave.and_then(|wave| wave.components.iter().find(|step| step.component == change.component));
    let is_present = |revision: &str| revision == change.from_revision;
    let mut images = Vec::new();
    if observed.pods.is_empty() || observed.pods.iter().any(|pod| is_present(&pod.revision)) {
        images.push(change.from_image.clone());
    }
    if observed.pods.iter().any(|pod| !is_present(&pod.revision)) {
        images.push(step.map_or_else(|| change.from_image.clone(), |step| step.from_image.clone()));
    }
    images
}

/// What is to be said before a wave begins: skipped minor versions.
pub(super) fn warnings(view: &View<'_>, pending: &[Pending]) -> Vec<String> {
    let versions = Versions::of(view);
    let mut warnings: Vec<String> = pending
        .iter()
        .filter_map(|change| versions.pair(&change.from_image, &change.to_image))
        .filter(|pair| pair.certain)
        .flat_map(|pair| version_path::check(pair.from, pair.to).unwrap_or_default())
        .collect();
    warnings.dedup();
    warnings
}

/// What is refused of what the spec asks for at this moment.
pub(in crate::plan) fn refused(view: &View<'_>) -> Option<Refused> {
    let wave = view.observation.cluster.status.as_ref().and_then(|status| status.wave.as_ref());
    direction(view, &pending(view), wave).err()
}
