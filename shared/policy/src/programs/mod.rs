//! The programs that `restricted` allows: their options as data, and the check of a call against them.

mod arguments;
mod numeric;
mod paths;
mod table;

pub(crate) use arguments::{Complaint, ComplaintKind, check_call};
pub(crate) use numeric::{keeps_numbers, numeric_substitution};
pub(crate) use paths::is_allowed_path;
pub(crate) use table::{PROGRAMS, Program};

/// The table of a program.
pub(crate) fn program(name: &str) -> Option<&'static Program> {
    PROGRAMS.iter().find(|program| program.name == name)
}
