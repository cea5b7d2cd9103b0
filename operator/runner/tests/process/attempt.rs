//! The program of the attempts that need system calls of their own: C, built once.

use std::{path::PathBuf, process::Command, sync::OnceLock};

/// Where it is.
pub fn program() -> &'static str {
    static PROGRAM: OnceLock<String> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/corpus/escape/attempt.c");
        let target =
            PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("attempt-{}", std::process::id()));
        let built =
            Command::new("gcc").args(["-O1", "-Wall", "-Werror", "-o"]).arg(&target).arg(source).status();
        assert!(built.expect("gcc is there: tests/cluster/install-packages installs it").success());
        target.display().to_string()
    })
}
