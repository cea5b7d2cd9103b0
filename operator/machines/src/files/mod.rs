//! Files: which there are in the hooks folder, and their way to a machine.

mod copy;
mod manifest;

pub use copy::{Copied, CopyError, copy, has};
pub use manifest::{Entry, Folder, Manifest, SourceError, Wanted};
