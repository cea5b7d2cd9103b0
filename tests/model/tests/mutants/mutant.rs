//! How a rule is broken.

/// A rule that is broken on purpose.
pub struct Mutant {
    /// What is broken.
    pub name: &'static str,
    /// Where.
    pub edits: &'static [Edit],
    /// The world in which it shows.
    pub world: &'static str,
    /// With how many changes of the spec, passes held up, faults, failing Jobs and choices of people.
    pub limits: [u8; 5],
}

/// A change of the source. `MUTANT` is the question whether the process is the mutant.
pub struct Edit {
    /// The file below `operator/src/plan`.
    pub file: &'static str,
    /// What is there, exactly once.
    pub find: &'static str,
    /// What takes its place.
    pub replace: &'static str,
}
