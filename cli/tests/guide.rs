//! The commands of `docs/lint.md` do what the page says.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may stop at the first surprise

mod support;

use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use support::{BAD, Folder, GOOD, cluster, config_map};

const PAGE: &str = include_str!("../../docs/lint.md");

/// The commands in the fenced blocks of the page, wherever a CI system expects them.
fn commands() -> Vec<String> {
    let mut commands = Vec::new();
    let blocks = PAGE.split("```").skip(1).step_by(2);
    for line in blocks.flat_map(str::lines).map(str::trim) {
        let command =
            ["- run: ", "entry: ", "- "].iter().find_map(|mark| line.strip_prefix(mark)).unwrap_or(line);
        if command.starts_with("hookgate ") || command.starts_with("helm ") {
            commands.push(command.to_owned());
        }
    }
    commands
}

fn run(folder: &Folder, command: &str) -> (Option<i32>, String) {
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_hookgate")).parent().unwrap().to_owned();
    let path = format!("{}:{}:{}", folder.path("bin"), program.display(), std::env::var("PATH").unwrap());
    let output = Command::new("bash")
        .args(["-o", "pipefail", "-c", command])
        .current_dir(folder.path(""))
        .env("PATH", path)
        .env_remove("CLICOLOR_FORCE")
        .output()
        .unwrap();
    (
        output.status.code(),
        String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap(),
    )
}

/// A folder as the page has it, whose hooks are these.
fn folder(name: &str, script: &str) -> Folder {
    let folder = Folder::new(name);
    let reference = "    upgradeHooks:\n      custom: {configMapName: fe-upgrade-hooks}\n";
    for place in ["", "manifests/"] {
        folder.file(&format!("{place}hooks.yaml"), config_map("fe-upgrade-hooks", script));
        folder.file(&format!("{place}cluster.yaml"), cluster("sr", reference));
    }
    folder.file("hooks.sh", script);
    // What Helm prints is all that matters here.
    let helm = folder.file(
        "bin/helm",
        "#!/bin/sh\necho '# Source: starrocks/templates/hooks.yaml'\ncat manifests/hooks.yaml\n",
    );
    std::fs::set_permissions(helm, std::fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

#[test]
fn the_commands_of_the_page_accept_good_hooks_and_deny_bad_ones() {
    let commands = commands();
    assert!(commands.len() >= 11, "{commands:#?}");
    let (good, bad) = (folder("guide-good", GOOD), folder("guide-bad", BAD));
    for command in &commands {
        // pre-commit adds the names of files.
        let command = if command == "hookgate lint" { "hookgate lint manifests/hooks.yaml" } else { command };
        if command.starts_with("hookgate explain") {
            continue;
        }
        let (code, output) = run(&good, command);
        assert_eq!(code, Some(0), "{command}: {output}");
        let (code, output) = run(&bad, command);
        assert_eq!(code, Some(1), "{command}: {output}");
    }
}

#[test]
fn the_output_on_the_page_is_what_is_printed() {
    let folder = folder("guide-output", BAD);
    let (_, output) = run(&folder, "hookgate lint manifests/hooks.yaml");
    let shown = PAGE.split("```\n").find(|block| block.starts_with("error[HG201]")).unwrap();
    assert_eq!(output, shown);
}
