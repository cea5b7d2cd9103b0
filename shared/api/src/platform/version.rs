//! Versions, which some write with a leading `v`.

/// A version without the `v` that some write before it.
pub fn bare_version(version: &str) -> &str {
    version.strip_prefix('v').unwrap_or(version)
}

/// Whether two versions are the same, with or without a leading `v`.
pub fn same_version(one: &str, other: &str) -> bool {
    bare_version(one) == bare_version(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leading_v_makes_no_other_version() {
        assert!(same_version("v1.18.3", "1.18.3") && same_version("v1.18.3", "v1.18.3"));
        assert!(!same_version("v1.18.3", "1.18.31") && !same_version("", "1"));
    }
}
