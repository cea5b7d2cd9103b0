//! The programs that `restricted` allows: their options as data, and the check of a call against them.

mod arguments;
mod extra;
mod numeric;
mod paths;
mod refused;
mod table;
mod values;

use arguments::check_call;
pub(crate) use arguments::{Complaint, ComplaintKind};
pub use extra::{ArgumentKind, ExtraProgram, ExtraProgramError};
pub(crate) use numeric::{
    keeps_numbers, makes_numbers, number_list_words, numeric_substitution, prints_only_output,
    redirects_only_errors, removes_blanks,
};
pub(crate) use paths::{is_allowed_path, is_allowed_place};
pub(crate) use refused::{DATABASE_CLIENTS, without_version};
#[cfg(test)]
pub(crate) use table::{Operands, Value};
pub(crate) use table::{PROGRAMS, Program};

use crate::Policy;
use crate::facts::Numbers;
use hookgate_shell::ast::Word;

/// The names of the programs that every `restricted` policy allows.
pub fn program_names() -> impl Iterator<Item = &'static str> {
    PROGRAMS.iter().map(|program| program.name)
}

/// The table of a program that every `restricted` policy allows.
pub(crate) fn program(name: &str) -> Option<&'static Program> {
    PROGRAMS.iter().find(|program| program.name == name)
}

/// A program that a policy allows.
#[derive(Clone, Copy)]
pub(crate) enum Allowed<'a> {
    /// One that every `restricted` policy allows.
    Known(&'static Program),
    /// One that the policy has added.
    Extra(&'a ExtraProgram),
}

impl<'a> Allowed<'a> {
    /// The program of that name, when the policy allows it.
    pub(crate) fn find(name: &str, policy: &'a Policy) -> Option<Self> {
        program(name).map(Self::Known).or_else(|| policy.programs.get(name).map(Self::Extra))
    }

    /// Checks the arguments of a call.
    pub(crate) fn check(self, arguments: &[Word], numbers: &Numbers<'_>, policy: &Policy) -> Vec<Complaint> {
        check_call(self, arguments, numbers, policy)
    }
}
