//! StarRocks versions, as image tags carry them.

use crate::image::ImageReference;
use std::{cmp::Ordering, fmt};

/// A StarRocks version: `major.minor.patch`, where a missing part is not known.
///
/// Pre-release suffixes (`-rc01`) and build suffixes (`-269e832` in `current_version()`) are left out: they don't
/// decide whether a change is an upgrade.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Version {
    major: u32,
    minor: u32,
    patch: Option<u32>,
}

impl Version {
    /// Reads `3.2.2`, `3.2`, `v3.2.2`, `3.2.2-rc01`, `3.2-latest`; `None` for anything that doesn't begin so
    /// (`latest`, a digest, a branch).
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let numbers = text.split(['-', '_', '+']).next()?;
        let mut parts = numbers.split('.').map(|part| part.parse::<u32>().ok());
        let (major, minor) = (parts.next()??, parts.next()??);
        let patch = match parts.next() {
            Some(part) => Some(part?),
            None => None,
        };
        parts.next().is_none().then_some(Self { major, minor, patch })
    }

    /// The version that an image reference's tag names; `None` without a tag, or with one that isn't a version.
    pub fn of_image(image: &str) -> Option<Self> {
        ImageReference::parse(image).tag.and_then(Self::parse)
    }

    /// Major, minor and, where known, patch.
    pub const fn parts(self) -> (u32, u32, Option<u32>) {
        (self.major, self.minor, self.patch)
    }

    /// How this version stands to another; a patch that isn't known on either side counts as equal.
    pub fn compare(self, other: Self) -> Ordering {
        (self.major, self.minor).cmp(&(other.major, other.minor)).then_with(|| {
            match (self.patch, other.patch) {
                (Some(ours), Some(theirs)) => ours.cmp(&theirs),
                _ => Ordering::Equal,
            }
        })
    }
}

/// The versions that the annotation `hookgate.dev/image-version` gives to images: `IMAGE=VERSION`, several separated by
/// commas. What doesn't read so is left out; [`crate::annotations::misused`] names it.
pub fn named_versions(text: &str) -> impl Iterator<Item = (&str, Version)> {
    let pairs = text.split(',').filter_map(|one| one.split_once('='));
    pairs.filter_map(|(image, version)| Some((image.trim(), Version::parse(version.trim())?)))
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)?;
        self.patch.map_or(Ok(()), |patch| write!(f, ".{patch}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_that_are_versions() {
        for (image, expected) in [
            ("starrocks/fe-ubuntu:3.2.2", "3.2.2"),
            ("registry.example:5000/starrocks/fe-ubuntu:v3.3.0-rc01", "3.3.0"),
            ("starrocks/be-ubuntu:4.1-latest", "4.1"),
            ("starrocks/fe-ubuntu:3.2.2@sha256:abcdef", "3.2.2"),
        ] {
            assert_eq!(
                Version::of_image(image).map(|version| version.to_string()).as_deref(),
                Some(expected)
            );
        }
    }

    #[test]
    fn tags_that_are_not() {
        for image in [
            "starrocks/fe-ubuntu",
            "starrocks/fe-ubuntu:latest",
            "registry.example:5000/fe",
            "fe@sha256:3.2.2",
            "fe:3",
            "fe:3.x.1",
            "fe:3.2.1.4",
            "fe:main-3.2.1",
            "",
        ] {
            assert_eq!(Version::of_image(image), None, "{image}");
        }
    }

    #[test]
    fn patches_are_numbers_and_an_unknown_one_is_equal() {
        let version = |text| Version::parse(text).unwrap();
        assert_eq!(version("3.2.10").compare(version("3.2.9")), Ordering::Greater);
        assert_eq!(version("3.10.0").compare(version("3.9.9")), Ordering::Greater);
        assert_eq!(version("3.2").compare(version("3.2.9")), Ordering::Equal);
        assert_eq!(version("2.5.3").compare(version("3.0.0")), Ordering::Less);
    }
}
