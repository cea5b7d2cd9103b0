//! The version paths that a change of images takes: what StarRocks doesn't support is refused, a skipped minor version
//! is warned about. The operator asks the same of what really runs.

use hookgate_api::annotations::{ALLOW_VERSION_PATH, IMAGE_VERSION, allows_version_path};
use hookgate_api::image_versions::{ImageVersions, VersionPair};
use hookgate_api::validate::Violation;
use hookgate_api::version_path;

use crate::facts::{Change, ClusterFacts};

/// What is refused, and what is said.
pub(super) fn judge(change: &Change<ClusterFacts>) -> (Vec<Violation>, Vec<String>) {
    let (mut refused, mut warnings) = (Vec::new(), Vec::new());
    let Some(old) = &change.old else { return (refused, warnings) };
    let named = change.new.annotation(IMAGE_VERSION).unwrap_or_default();
    let versions = ImageVersions::new(named, old.known_versions());
    for (component, image) in change.new.images() {
        let before = old.images().find(|(other, _)| *other == component).map(|(_, image)| image);
        let Some(before) = before.filter(|before| *before != image) else { continue };
        // Of tags that aren't StarRocks' versions only the operator knows more.
        let Some(VersionPair { from, to, certain: true }) = versions.pair(before, image) else { continue };
        match version_path::check(from, to) {
            Ok(words) => {
                warnings.extend(words.into_iter().map(|words| format!("{component}: {words}")));
            }
            Err(_) if allows_version_path(&change.new.annotations(), to) => {}
            // What the wave in flight began with may have no pod of another version yet: the operator knows.
            Err(refusal) if old.is_what_a_wave_began_with(image) => {
                warnings.push(format!("{component}: {refusal}; the operator decides by what runs"));
            }
            Err(refusal) => refused.push(Violation {
                path: format!("spec.{}.image", component.spec_field()),
                message: format!(
                    "{refusal}. To take this path nevertheless, annotate {ALLOW_VERSION_PATH}={to}; if the tags aren't \
                     StarRocks versions, {IMAGE_VERSION}={before}=VERSION,{image}=VERSION"
                ),
            }),
        }
    }
    (refused, warnings)
}
