//! The policy engine: a hook script and a profile to findings.
