//! Which StarRocks version an image has: what the user says of it, what the database said when it last ran, and its tag,
//! as far as tags can be trusted.

use crate::{Version, status::KnownVersion, version::named_versions};
use std::cmp::Ordering;

/// What is known of the versions of a cluster's images. The admission gate and the operator ask the same.
#[derive(Clone, Debug)]
pub struct ImageVersions<'a> {
    said_by_user: Vec<(&'a str, Version)>,
    remembered: &'a [KnownVersion],
}

/// The versions on both sides of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VersionPair {
    /// What runs.
    pub from: Version,
    /// What is to run.
    pub to: Version,
    /// Whether both are StarRocks' versions, and not only tags of which one is higher than the other.
    pub certain: bool,
}

impl<'a> ImageVersions<'a> {
    /// From the annotation [`IMAGE_VERSION`](crate::annotations::IMAGE_VERSION), which counts for the images that it names
    /// and for no other, and from `status.knownVersions`.
    #[must_use]
    pub fn new(annotation: &'a str, remembered: &'a [KnownVersion]) -> Self {
        Self { said_by_user: named_versions(annotation).collect(), remembered }
    }

    /// What the user says of an image.
    #[must_use]
    pub fn said(&self, image: &str) -> Option<Version> {
        self.said_by_user.iter().find(|(named, _)| *named == image).map(|(_, version)| *version)
    }

    fn remembered(&self, image: &str) -> Option<Version> {
        let known = self.remembered.iter().find(|known| known.image == image)?;
        Version::parse(&known.version)
    }

    /// The version of an image that runs.
    #[must_use]
    pub fn running(&self, image: &str) -> Option<Version> {
        self.said(image).or_else(|| self.remembered(image)).or_else(|| Version::of_image(image))
    }

    /// The version of an image that is to run, its tag aside. Of a tag that moves, as `3.2-latest`, what it was when it
    /// ran is no word on what it is.
    fn asked_for(&self, image: &str) -> Option<Version> {
        let moves = Version::of_image(image).is_some_and(|version| version.parts().2.is_none());
        self.said(image).or_else(|| if moves { None } else { self.remembered(image) })
    }

    /// Whether the tags of an image's repository are StarRocks' versions: they aren't where the user or the database says
    /// something else of the one that runs.
    #[must_use]
    pub fn trusts_tags_of(&self, image: &str) -> bool {
        match (self.said(image).or_else(|| self.remembered(image)), Version::of_image(image)) {
            (Some(running), Some(tag)) => running.compare(tag) == Ordering::Equal,
            _ => true,
        }
    }

    /// The versions on both sides of a change, where they are known.
    #[must_use]
    pub fn pair(&self, from: &str, to: &str) -> Option<VersionPair> {
        let tag = || Version::of_image(to).filter(|_| self.trusts_tags_of(from));
        if let (Some(from), Some(to)) = (self.running(from), self.asked_for(to).or_else(tag)) {
            return Some(VersionPair { from, to, certain: true });
        }
        let (from, to) = (Version::of_image(from)?, Version::of_image(to)?);
        Some(VersionPair { from, to, certain: false })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(image: &str, version: &str) -> KnownVersion {
        KnownVersion { image: image.to_owned(), version: version.to_owned() }
    }

    #[test]
    fn tags_of_another_scheme_are_compared_and_judge_no_path() {
        let remembered = [known("own/fe:1.0.4", "3.2.1")];
        let versions = ImageVersions::new("", &remembered);
        assert!(!versions.pair("own/fe:1.0.4", "own/fe:1.0.5").unwrap().certain);
        assert!(versions.pair("fe:3.2.1", "fe:3.2.2").unwrap().certain);
        let said = ImageVersions::new("own/fe:1.0.4=3.2.1", &[]);
        assert!(
            !said.pair("own/fe:1.0.4", "own/fe:1.0.5").unwrap().certain,
            "the user's word counts as much"
        );
    }

    #[test]
    fn the_users_word_comes_before_the_databases_and_that_before_the_tag() {
        let remembered = [known("fe:a", "3.2.1-x"), known("fe:3.2-latest", "3.2.5")];
        let versions = ImageVersions::new("fe:a=3.3.0, fe:3.9.9 = 3.1.0", &remembered);
        let running = |image| versions.running(image).map(|version| version.to_string());
        assert_eq!(running("fe:a").as_deref(), Some("3.3.0"));
        assert_eq!(running("fe:3.9.9").as_deref(), Some("3.1.0"));
        assert_eq!(running("fe:3.2-latest").as_deref(), Some("3.2.5"));
        assert_eq!(running("fe:3.2.2").as_deref(), Some("3.2.2"));
        assert_eq!(running("fe:nightly"), None);
        let to_latest = versions.pair("fe:3.2.2", "fe:3.2-latest").unwrap();
        assert_eq!(to_latest.to.to_string(), "3.2", "a tag that moves may be another one by now");
    }
}
