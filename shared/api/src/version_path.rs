//! Which version may follow which, as StarRocks' documentation has it ("Upgrade StarRocks", "Downgrade StarRocks").
//!
//! One table for the webhook, which refuses the change of an image, and for the operator, which looks at what really
//! runs.

use crate::Version;
use std::fmt;

/// The minor versions of StarRocks in their order, as far as they are known: what comes between two of them is
/// skipped.
const MINORS: [(u32, u32); 14] = [
    (2, 0),
    (2, 1),
    (2, 2),
    (2, 3),
    (2, 4),
    (2, 5),
    (3, 0),
    (3, 1),
    (3, 2),
    (3, 3),
    (3, 4),
    (3, 5),
    (4, 0),
    (4, 1),
];

/// Why a version can't follow another, and by which way it can be reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What runs.
    pub from: Version,
    /// What was asked for.
    pub to: Version,
    reason: &'static str,
    way_out: &'static str,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} can't follow {}: {}; {}", self.to, self.from, self.reason, self.way_out)
    }
}

/// What is to be said of a change that may be made: an empty list, or warnings.
///
/// # Errors
/// When StarRocks doesn't support the change.
pub fn check(from: Version, to: Version) -> Result<Vec<String>, Refusal> {
    if let Some((reason, way_out)) = refusal(from, to) {
        return Err(Refusal { from, to, reason, way_out });
    }
    let mut warnings = Vec::new();
    if is_at_least(from, 3, 3) && to.parts() == (3, 2, None) {
        warnings.push(format!(
            "{from} may only be followed by 3.2.3 or later of 3.2: from 3.3 down to 3.2.0, 3.2.1 or 3.2.2 metadata is \
             lost, and the tag doesn't say which it is"
        ));
    }
    if is_at_least(from, 3, 0) && to.parts() == (2, 5, None) {
        warnings.push(format!(
            "{from} may only be followed by 2.5.3 or later of 2.5, and the tag doesn't say which it is"
        ));
    }
    let skipped = skipped(from, to);
    if !skipped.is_empty() {
        warnings.push(format!(
            "{from} to {to} skips {}: StarRocks strongly recommends to take one minor version after the other",
            skipped.join(", ")
        ));
    }
    Ok(warnings)
}

fn refusal(from: Version, to: Version) -> Option<(&'static str, &'static str)> {
    if is_at_least(to, 3, 0) && !is_at_least(from, 2, 5) {
        return Some(("3.0 and later can only be reached from 2.5", "upgrade to the latest 2.5 first"));
    }
    if is_at_least(from, 3, 0) && !is_at_least(to, 2, 5) {
        return Some((
            "3.0 and later can only be downgraded to 2.5",
            "downgrade to 2.5.3 or later of 2.5 first",
        ));
    }
    if is_at_least(from, 3, 0) && matches!(to.parts(), (2, 5, Some(0..=2))) {
        return Some((
            "a downgrade from 3.0 or later to 2.5 needs 2.5.3 or later",
            "take the latest patch of 2.5",
        ));
    }
    if is_at_least(from, 3, 3) && matches!(to.parts(), (3, 2, Some(0..=2))) {
        return Some((
            "a downgrade from 3.3 or later to 3.2.0, 3.2.1 or 3.2.2 loses metadata",
            "take 3.2.3 or later of 3.2",
        ));
    }
    None
}

fn is_at_least(version: Version, major: u32, minor: u32) -> bool {
    let (its_major, its_minor, _) = version.parts();
    (its_major, its_minor) >= (major, minor)
}

/// The known minor versions between two.
fn skipped(from: Version, to: Version) -> Vec<String> {
    let minor = |version: Version| {
        let (major, minor, _) = version.parts();
        (major, minor)
    };
    let (low, high) = (minor(from).min(minor(to)), minor(from).max(minor(to)));
    let between = MINORS.iter().filter(|known| low < **known && **known < high);
    between.map(|(major, minor)| format!("{major}.{minor}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(from: &str, to: &str) -> Result<Vec<String>, Refusal> {
        check(Version::parse(from).unwrap(), Version::parse(to).unwrap())
    }

    #[test]
    fn paths_that_are_supported_need_no_word() {
        for (from, to) in [
            ("3.2.1", "3.2.9"),
            ("3.2.9", "3.2.1"),
            ("3.2.1", "3.3.0"),
            ("3.3.0", "3.2.3"),
            ("2.5.0", "3.0.1"),
            ("3.0.1", "2.5.3"),
            ("3.5.2", "4.0.0"),
            ("2.4.0", "2.5.0"),
            ("4.1.0", "4.2.0"),
        ] {
            assert_eq!(path(from, to), Ok(vec![]), "{from} to {to}");
        }
    }

    #[test]
    fn paths_that_are_refused_name_the_way_out() {
        for (from, to, way_out) in [
            ("2.4.9", "3.0.0", "upgrade to the latest 2.5 first"),
            ("1.19.0", "4.0.0", "upgrade to the latest 2.5 first"),
            ("3.1.0", "2.4.0", "downgrade to 2.5.3 or later of 2.5 first"),
            ("3.0.0", "2.5.2", "take the latest patch of 2.5"),
            ("3.3.0", "3.2.0", "take 3.2.3 or later of 3.2"),
            ("3.3.9", "3.2.2", "take 3.2.3 or later of 3.2"),
            ("3.4.0", "3.2.1", "take 3.2.3 or later of 3.2"),
        ] {
            let refusal = path(from, to).unwrap_err().to_string();
            assert!(refusal.contains(way_out) && refusal.contains(from), "{from} to {to}: {refusal}");
        }
    }

    #[test]
    fn what_is_skipped_or_not_known_is_warned_about() {
        for (from, to, words) in [
            ("3.1.0", "3.3.0", "skips 3.2:"),
            ("3.3.0", "3.0.0", "skips 3.1, 3.2:"),
            ("2.5.0", "3.2.0", "skips 3.0, 3.1:"),
            ("3.4.0", "4.1.0", "skips 3.5, 4.0:"),
            ("3.3.1", "3.2", "3.2.3 or later"),
            ("3.0.1", "2.5", "2.5.3 or later"),
        ] {
            let warnings = path(from, to).unwrap();
            assert!(warnings.iter().any(|warning| warning.contains(words)), "{from} to {to}: {warnings:?}");
        }
    }
}
