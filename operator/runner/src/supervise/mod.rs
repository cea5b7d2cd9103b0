//! The supervisor: outside of the sandbox, with the only connection to the database.

mod begin;
mod children;
mod folder;
mod greet;
mod output;
mod result;
mod run;
mod tree;

pub use folder::{FolderError, IMAGE_PATH, is_program};
pub use output::KEPT_BYTES;
pub use result::{Outcome, ResultFile, RunResult};
pub use run::{Order, supervise};
