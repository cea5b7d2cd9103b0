//! Which StarRocks version an image has: what the user says of it, what the database said when it last ran, and its
//! tag, as far as tags can be trusted.

use crate::{
    observation::{Database, Observation},
    plan::{View, readiness},
};
use hookgate_api::{
    Component, StarRocksCluster, StarRocksClusterStatus, Version, annotations,
    image::ImageReference,
    status::{Direction, KnownVersion, UpgradePhase, WaveComponent},
    version::named_versions,
};
use kube::ResourceExt;
use std::cmp::Ordering;

/// How many images' versions the status remembers.
const REMEMBERED: usize = 16;

/// What is known of the versions of images.
pub(in crate::plan) struct Versions<'a> {
    said_by_user: Vec<(&'a str, Version)>,
    remembered: &'a [KnownVersion],
}

/// The versions on both sides of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::plan) struct Pair {
    pub from: Version,
    pub to: Version,
    /// Whether both are StarRocks' versions, and not only tags of which one is higher than the other.
    pub certain: bool,
}

impl<'a> Versions<'a> {
    pub(in crate::plan) fn of(view: &View<'a>) -> Self {
        let cluster = &view.observation.cluster;
        let remembered = cluster.status.as_ref().map_or(&[][..], |status| status.known_versions.as_slice());
        Self { said_by_user: said_by_user(cluster), remembered }
    }

    fn said(&self, image: &str) -> Option<Version> {
        self.said_by_user.iter().find(|(named, _)| *named == image).map(|(_, version)| *version)
    }

    fn remembered(&self, image: &str) -> Option<Version> {
        let known = self.remembered.iter().find(|known| known.image == image)?;
        Version::parse(&known.version)
    }

    /// The version of an image that runs.
    fn running(&self, image: &str) -> Option<Version> {
        self.said(image).or_else(|| self.remembered(image)).or_else(|| Version::of_image(image))
    }

    /// The version of an image that is to run, its tag aside. Of a tag that moves, as `3.2-latest`, what it was when it
    /// ran is no word on what it is.
    fn asked_for(&self, image: &str) -> Option<Version> {
        let moves = Version::of_image(image).is_some_and(|version| version.parts().2.is_none());
        self.said(image).or_else(|| if moves { None } else { self.remembered(image) })
    }

    /// Whether the tags of an image's repository are StarRocks' versions: they aren't where the database says
    /// something else of the one that runs.
    fn trusts_tags_of(&self, image: &str) -> bool {
        match (self.remembered(image), Version::of_image(image)) {
            (Some(running), Some(tag)) => running.compare(tag) == Ordering::Equal,
            _ => true,
        }
    }

    /// The versions on both sides of a change, where they are known.
    pub(in crate::plan) fn pair(&self, from: &str, to: &str) -> Option<Pair> {
        let tag = || Version::of_image(to).filter(|_| self.trusts_tags_of(from));
        if let (Some(from), Some(to)) = (self.running(from), self.asked_for(to).or_else(tag)) {
            return Some(Pair { from, to, certain: true });
        }
        let (from, to) = (Version::of_image(from)?, Version::of_image(to)?);
        Some(Pair { from, to, certain: false })
    }

    /// Which way one image goes to another; `None` where nothing is known of it.
    pub(in crate::plan) fn direction(&self, from: &str, to: &str) -> Option<Direction> {
        let same_content = ImageReference::parse(from).is_same_content(&ImageReference::parse(to));
        if from == to || same_content {
            return Some(Direction::Change);
        }
        let pair = self.pair(from, to)?;
        Some(if pair.to.compare(pair.from) == Ordering::Less {
            Direction::Downgrade
        } else {
            Direction::Upgrade
        })
    }
}

/// The annotation `hookgate.dev/image-version`: `IMAGE=VERSION`, several separated by commas. It counts for the images
/// that it names and for no other.
fn said_by_user(cluster: &StarRocksCluster) -> Vec<(&str, Version)> {
    let text = cluster.annotations().get(annotations::IMAGE_VERSION).map_or("", String::as_str);
    named_versions(text).collect()
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
    let versions = Versions::of(view);
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
        let old = Versions::of(view).running(&step.from_image);
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
        Versions {
            said_by_user: vec![("fe:named", Version::parse("3.3.0").unwrap())],
            remembered: &remembered,
        }
        .direction(from, to)
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
            ("fe:3.2-latest", "fe:3.2.2", Some(up)),
            ("fe:3.3.0-rc01", "fe:3.3.0", Some(up)),
            ("fe:3.2.2-ubuntu", "fe:3.2.1-ubuntu", Some(down)),
            ("fe", "registry/fe", None),
            ("fe@sha256:1", "fe@sha256:2", None),
            ("a/fe@sha256:1", "b/fe@sha256:1", Some(change)),
            ("fe:3.2.2@sha256:1", "fe:3.2.2@sha256:2", Some(up)),
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
            ("fe:3.2.9", "fe:3.2-latest", Some(up)),
            ("fe:main", "fe:3.2.4", None),
        ] {
            assert_eq!(direction(&known, from, to), expected, "{from} to {to}");
        }
    }

    #[test]
    fn tags_of_another_scheme_are_compared_and_judge_no_path() {
        let remembered = [KnownVersion { image: "own/fe:1.0.4".to_owned(), version: "3.2.1".to_owned() }];
        let versions = Versions { said_by_user: vec![], remembered: &remembered };
        assert!(!versions.pair("own/fe:1.0.4", "own/fe:1.0.5").unwrap().certain);
        assert!(versions.pair("fe:3.2.1", "fe:3.2.2").unwrap().certain);
    }
}
