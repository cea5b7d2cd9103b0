//! Which way one image goes to another, and what the database says of the images that run.

use crate::{
    observation::{Database, Observation},
    plan::{View, readiness},
};
use hookgate_api::{
    Component, StarRocksClusterStatus, Version, annotations,
    image::ImageReference,
    image_versions::{ImageVersions, VersionPair},
    status::{Direction, KnownVersion, UpgradePhase, WaveComponent},
};
use kube::ResourceExt;
use std::cmp::Ordering;

/// How many images' versions the status remembers.
const REMEMBERED: usize = 16;

/// What is known of the versions of a cluster's images.
pub(in crate::plan) struct Versions<'a> {
    images: ImageVersions<'a>,
}

impl<'a> Versions<'a> {
    pub(in crate::plan) fn of(view: &View<'a>) -> Self {
        let cluster = &view.observation.cluster;
        let remembered = cluster.status.as_ref().map_or(&[][..], |status| status.known_versions.as_slice());
        let said = cluster.annotations().get(annotations::IMAGE_VERSION).map_or("", String::as_str);
        Self { images: ImageVersions::new(said, remembered) }
    }

    /// The versions on both sides of a change, where they are known.
    pub(in crate::plan) fn pair(&self, from: &str, to: &str) -> Option<VersionPair> {
        self.images.pair(from, to)
    }

    /// Whether two images are of the same version, as a release candidate and its release, or the same release by two
    /// digests: neither of them is above the other.
    pub(in crate::plan) fn is_equal(&self, from: &str, to: &str) -> bool {
        self.pair(from, to).is_some_and(|pair| pair.to.compare(pair.from) == Ordering::Equal)
    }

    /// Which way one image goes to another; `None` where nothing is known of it, or the versions are equal.
    pub(in crate::plan) fn direction(&self, from: &str, to: &str) -> Option<Direction> {
        let same_content = ImageReference::parse(from).is_same_content(&ImageReference::parse(to));
        if from == to || same_content {
            return Some(Direction::Change);
        }
        let pair = self.pair(from, to)?;
        match pair.to.compare(pair.from) {
            Ordering::Less => Some(Direction::Downgrade),
            Ordering::Equal => None,
            Ordering::Greater => Some(Direction::Upgrade),
        }
    }
}

/// Whether the database agrees that a pod runs the image that it is to run.
///
/// # Errors
/// Why it doesn't, and the way out.
pub(in crate::plan) fn agrees(
    view: &View<'_>,
    step: &WaveComponent,
    pod: &str,
    version: &str,
) -> Result<(), String> {
    let versions = Versions::of(view).images;
    let said = versions.said(&step.to_image);
    let Some(running) = Version::parse(version) else { return Ok(()) };
    let tag = || Version::of_image(&step.to_image).filter(|_| versions.trusts_tags_of(&step.from_image));
    let Some(wanted) = said.or_else(tag) else { return Ok(()) };
    if wanted.compare(running) == Ordering::Equal {
        return Ok(());
    }
    // A database that hasn't noticed the new server names the old version. Any other is the new server's own word: then
    // it is the tag that isn't StarRocks' version.
    let is_old = versions.running(&step.from_image).is_none_or(|old| old.compare(running) == Ordering::Equal);
    if said.is_none() && !is_old && replaced_agree(view, step, running) {
        return Ok(());
    }
    Err(format!(
        "{pod} runs version {version}, not that of {image}. If that is the version of this image: kubectl annotate src \
         {name} --overwrite {annotation}={image}={running}",
        image = step.to_image,
        name = view.observation.cluster.name_any(),
        annotation = annotations::IMAGE_VERSION,
    ))
}

/// Whether every pod that has been replaced runs that version.
fn replaced_agree(view: &View<'_>, step: &WaveComponent, running: Version) -> bool {
    let Ok(members) = readiness::members(view) else { return false };
    let observed = view.observation.component(step.component);
    let replaced = observed.pods.iter().filter(|pod| pod.ready && pod.revision == step.target_revision);
    replaced
        .map(|pod| readiness::alive(members, step.component, &pod.name, pod.ip.as_deref()))
        .all(|member| member.is_ok_and(|member| Version::parse(&member.version) == Some(running)))
}

/// Whether the database is to be asked only to know which version an image has.
#[must_use]
pub fn wants_versions(observation: &Observation) -> bool {
    let none = StarRocksClusterStatus::default();
    let status = observation.cluster.status.as_ref().unwrap_or(&none);
    let unknown = |component: &Component| {
        let observed = observation.component(*component);
        let Some(set) = observed.statefulset.as_ref() else { return false };
        let is_known = status.known_versions.iter().any(|known| known.image == set.image);
        let runs = set.rendered_hash.is_some() && observed.pods.iter().any(|pod| pod.ready);
        runs && !is_known && Version::of_image(&set.image).is_none_or(|version| version.parts().2.is_none())
    };
    Component::ALL.iter().any(unknown)
}

/// Writes down which versions the database has for the images that run, where their tags don't say so themselves.
pub(in crate::plan) fn remember(view: &View<'_>, status: &mut StarRocksClusterStatus) {
    if matches!(view.observation.database, Database::NotAsked) {
        return;
    }
    for component in Component::ALL {
        let Some((image, version)) = running_version(view, status, component) else { continue };
        let says_so = Version::of_image(&image)
            .is_some_and(|tag| tag.parts().2.is_some() && Version::parse(&version) == Some(tag));
        let known = status.known_versions.iter().position(|known| known.image == image);
        match known.and_then(|index| status.known_versions.get_mut(index)) {
            Some(known) => known.version = version,
            None if says_so => {}
            None => status.known_versions.push(KnownVersion { image, version }),
        }
    }
    let superfluous = status.known_versions.len().saturating_sub(REMEMBERED);
    status.known_versions.drain(..superfluous);
}

/// The image of a component's present template, and the version that all pods with it have.
fn running_version(
    view: &View<'_>,
    status: &StarRocksClusterStatus,
    component: Component,
) -> Option<(String, String)> {
    let members = readiness::members(view).ok()?;
    let observed = view.observation.component(component);
    let set = observed.statefulset.as_ref().filter(|set| set.observed_generation >= set.generation)?;
    let pods = observed.pods.iter().filter(|pod| pod.ready && pod.revision == set.update_revision);
    let mut versions = Vec::new();
    for pod in pods {
        let member = readiness::alive(members, component, &pod.name, pod.ip.as_deref()).ok()?;
        versions.push(member.version.as_str());
    }
    let version = *versions.first()?;
    if version.is_empty() || versions.iter().any(|other| *other != version) {
        return None;
    }
    // The database may not have noticed the new server: while a wave is in flight, the old version is no news.
    let step = status.wave.iter().flat_map(|wave| &wave.components).find(|step| step.component == component);
    if let Some(step) = step.filter(|step| step.phase >= UpgradePhase::Rolling && step.to_image == set.image)
    {
        let old = Versions::of(view).images.running(&step.from_image);
        if old.is_none() || old == Version::parse(version) {
            return None;
        }
    }
    Some((set.image.clone(), version.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn direction(remembered: &[(&str, &str)], from: &str, to: &str) -> Option<Direction> {
        let remembered: Vec<_> = remembered
            .iter()
            .map(|(image, version)| KnownVersion {
                image: (*image).to_owned(),
                version: (*version).to_owned(),
            })
            .collect();
        Versions { images: ImageVersions::new("fe:named=3.3.0", &remembered) }.direction(from, to)
    }

    #[test]
    fn the_direction_of_an_image() {
        let (up, down, change) = (Direction::Upgrade, Direction::Downgrade, Direction::Change);
        for (from, to, expected) in [
            ("fe:3.2.1", "fe:3.2.2", Some(up)),
            ("fe:3.2.2", "fe:3.2.1", Some(down)),
            ("fe:3.2.9", "fe:3.2.10", Some(up)),
            ("fe:3.2.2", "fe:3.2.2", Some(change)),
            ("registry-a/fe:3.2.2", "registry-b:5000/fe:3.2.2", Some(change)),
            ("fe:latest", "fe:3.2.2", None),
            ("fe:3.2.2", "fe:latest", None),
            ("fe:3.2-latest", "fe:3.2.2", None),
            ("fe:3.3.0-rc01", "fe:3.3.0", None),
            ("fe:3.2.2-ubuntu", "fe:3.2.1-ubuntu", Some(down)),
            ("fe", "registry/fe", None),
            ("fe@sha256:1", "fe@sha256:2", None),
            ("a/fe@sha256:1", "b/fe@sha256:1", Some(change)),
            ("fe:3.2.2@sha256:1", "fe:3.2.2@sha256:2", None),
            ("fe:3.2.2", "fe:named", Some(up)),
            ("fe:3.4.0", "fe:named", Some(down)),
        ] {
            assert_eq!(direction(&[], from, to), expected, "{from} to {to}");
        }
    }

    #[test]
    fn what_the_database_said_counts_where_the_tag_says_nothing_or_something_else() {
        let (up, down) = (Direction::Upgrade, Direction::Downgrade);
        let known = [
            ("fe@sha256:1", "3.2.1-abc"),
            ("fe@sha256:2", "3.2.2-abc"),
            ("own/fe:1.0.4", "3.2.1"),
            ("fe:3.2-latest", "3.2.5"),
            ("fe:main", "main-abc"),
        ];
        for (from, to, expected) in [
            ("fe@sha256:1", "fe@sha256:2", Some(up)),
            ("fe@sha256:2", "fe@sha256:1", Some(down)),
            ("fe@sha256:2", "fe:3.2.1", Some(down)),
            ("fe@sha256:2", "fe@sha256:3", None),
            ("own/fe:1.0.4", "own/fe:1.0.5", Some(up)),
            ("own/fe:1.0.4", "own/fe:1.0.3", Some(down)),
            ("fe:3.2-latest", "fe:3.2.4", Some(down)),
            ("fe:3.2.9", "fe:3.2-latest", None),
            ("fe:main", "fe:3.2.4", None),
        ] {
            assert_eq!(direction(&known, from, to), expected, "{from} to {to}");
        }
    }
}
