//! A run of a hook on a machine: begun once, found again after any interruption, and ended when it takes too long.

mod arguments;
mod drive;
mod identity;
mod output;

pub use arguments::{ArgumentError, check as check_arguments};
pub use drive::{Ended, Ending, HookCommand, RunError, drive};
pub use identity::{Identity, RunId};
pub use output::{KEPT_BYTES, LOGGED_BYTES};
