//! Image references, taken apart as the OCI distribution specification writes them:
//! `[registry[:port]/]repository[:tag][@digest]`.

/// The parts of an image reference. Nothing is checked: the container runtime does that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImageReference<'a> {
    /// Registry and repository, as `registry.example:5000/starrocks/fe-ubuntu`.
    pub name: &'a str,
    /// The tag, as `3.2.2`. A reference without one that has no digest either means `latest`.
    pub tag: Option<&'a str>,
    /// The digest, as `sha256:…`. Where there is one the container runtime doesn't look at the tag.
    pub digest: Option<&'a str>,
}

impl<'a> ImageReference<'a> {
    /// Takes a reference apart. A colon before the last slash is a registry's port, not a tag.
    pub fn parse(image: &'a str) -> Self {
        let (rest, digest) =
            image.split_once('@').map_or((image, None), |(rest, digest)| (rest, Some(digest)));
        let last = rest.rfind('/').map_or(0, |slash| slash + 1);
        match rest.get(last..).and_then(|segment| segment.find(':')) {
            Some(colon) => {
                let (name, tag) = rest.split_at(last + colon);
                Self { name, tag: tag.strip_prefix(':'), digest }
            }
            None => Self { name: rest, tag: None, digest },
        }
    }

    /// Whether both name the same content, wherever it is kept: the same digest, or the same tag where neither has a
    /// digest. Tags that differ, and a tag beside a digest, say nothing.
    pub fn is_same_content(&self, other: &Self) -> bool {
        match (self.digest, other.digest) {
            (Some(one), Some(another)) => one == another,
            (None, None) => self.tag.is_some() && self.tag == other.tag,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_a_reference() {
        for (image, name, tag, digest) in [
            ("fe", "fe", None, None),
            ("fe:3.2.2", "fe", Some("3.2.2"), None),
            ("registry.example:5000/fe", "registry.example:5000/fe", None, None),
            (
                "registry.example:5000/a/fe:3.2.1-ubuntu",
                "registry.example:5000/a/fe",
                Some("3.2.1-ubuntu"),
                None,
            ),
            ("a/fe@sha256:12", "a/fe", None, Some("sha256:12")),
            ("localhost:5000/fe:3.2.2@sha256:12", "localhost:5000/fe", Some("3.2.2"), Some("sha256:12")),
            ("", "", None, None),
        ] {
            assert_eq!(ImageReference::parse(image), ImageReference { name, tag, digest }, "{image}");
        }
    }

    #[test]
    fn the_same_content() {
        for (one, another, expected) in [
            ("a/fe:3.2.2", "b/fe:3.2.2", true),
            ("a/fe@sha256:1", "b/fe:3.2.2@sha256:1", true),
            ("a/fe:3.2.2@sha256:1", "a/fe:3.2.2@sha256:2", false),
            ("a/fe:3.2.2", "a/fe:3.2.2@sha256:2", false),
            ("a/fe", "b/fe", false),
        ] {
            let same = ImageReference::parse(one).is_same_content(&ImageReference::parse(another));
            assert_eq!(same, expected, "{one} and {another}");
        }
    }
}
