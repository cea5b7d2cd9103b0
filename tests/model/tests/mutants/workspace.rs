//! The copy of what the operator decides, with every mutation in it, and the checker built against it.

use crate::mutant::{Edit, Mutant};
use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

/// The checker.
const PROGRAM: &str = "hookgate-model";

/// The operator's modules that decide, and what they know of the database's errors.
const MODULES: [&str; 5] = ["observation", "plan", "render", "run", "sql"];

/// Asked in the copy only.
const QUESTION: &str = r#"
/// Whether this process is that mutant.
pub fn mutant(name: &str) -> bool {
    static NAME: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    NAME.get_or_init(|| std::env::var("HOOKGATE_MUTANT").unwrap_or_default()) == name
}
"#;

/// Cargo runs it in the place of the compiler for the packages of this workspace. The operator's library is compiled from
/// the copy; and what is built more often than it runs, in less time.
const COMPILER: &str = r#"#!/usr/bin/env bash
set -euo pipefail
arguments=() level=()
for argument in "$@"; do
  case $argument in
    operator/src/lib.rs) argument=@COPY@ level=(-C opt-level=1) ;;
    shared/shell/src/lib.rs | shared/policy/src/lib.rs | database/src/lib.rs) level=(-C opt-level=0) ;;
  esac
  arguments+=("$argument")
done
exec "${arguments[@]}" ${level[@]+"${level[@]}"}
"#;

/// The texts of the copy, by their paths in it.
type Files = BTreeMap<PathBuf, String>;

/// Builds the checker against the mutated operator; gives the program.
///
/// It's built in this workspace with another compiler for its packages, so that everything else is built once for this
/// program and for all others, and the copy never takes the place of the operator.
pub fn build(mutants: &[Mutant]) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("mutants");
    let (mut files, copy) = (Files::new(), folder.join("src"));
    for module in MODULES {
        read_all(&root.join("operator/src").join(module), Path::new(module), &mut files);
    }
    let modules = MODULES.map(|module| format!("pub mod {module};\n"));
    let library =
        format!("//! What the operator decides, with every rule broken.\n\n{}{QUESTION}", modules.concat());
    files.insert("lib.rs".into(), library);
    let edits = mutants.iter().flat_map(|mutant| mutant.edits.iter().map(move |edit| (mutant, edit)));
    let lost: Vec<_> = edits.filter_map(|(mutant, edit)| apply(&mut files, mutant, edit).err()).collect();
    assert!(lost.is_empty(), "let these mutants follow the source:\n{}", lost.join("\n"));
    remove_others(&copy, &files);
    files.iter().for_each(|(path, text)| write(&copy.join(path), text));
    let compiler = folder.join("rustc");
    write(&compiler, &COMPILER.replace("@COPY@", &copy.join("lib.rs").display().to_string()));
    fs::set_permissions(&compiler, fs::Permissions::from_mode(0o755)).unwrap();
    let programs = folder.join("bin");
    let mut build = Command::new(root.join("scripts/build"));
    run(build.arg(&programs).arg(PROGRAM).env("RUSTC_WORKSPACE_WRAPPER", compiler));
    programs.join(PROGRAM)
}

fn run(command: &mut Command) {
    // What cargo says of this test to it would have dependencies built anew.
    for (name, _) in std::env::vars_os() {
        let said = name.to_string_lossy();
        if said.starts_with("CARGO_PKG_") || said.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "the mutated operator doesn't compile:\n{said}");
}

/// Puts one edit into the copy.
///
/// # Errors
/// When what it changes isn't there, or is there more than once.
fn apply(files: &mut Files, mutant: &Mutant, edit: &Edit) -> Result<(), String> {
    let path = Path::new("plan").join(edit.file);
    let text = files.get_mut(&path).ok_or_else(|| format!("{:?}: there is no {}", mutant.name, edit.file))?;
    let count = text.matches(edit.find).count();
    if count != 1 {
        return Err(format!("{:?}: {} has {:?} {count} times", mutant.name, edit.file, edit.find));
    }
    let question = format!("crate::mutant({:?})", mutant.name);
    *text = text.replace(edit.find, &edit.replace.replace("MUTANT", &question));
    Ok(())
}

fn read_all(from: &Path, to: &Path, files: &mut Files) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            read_all(&entry.path(), &target, files);
        } else {
            files.insert(target, read(&entry.path()));
        }
    }
}

/// Removes what an earlier copy had and the sources have no more.
fn remove_others(copy: &Path, files: &Files) {
    let mut before = Files::new();
    if copy.exists() {
        read_all(copy, Path::new(""), &mut before);
    }
    for path in before.keys().filter(|path| !files.contains_key(*path)) {
        fs::remove_file(copy.join(path)).unwrap();
    }
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Writes a file, unless it has that text: what hasn't changed isn't built again.
fn write(path: &Path, text: &str) {
    if fs::read_to_string(path).is_ok_and(|known| known == text) {
        return;
    }
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}
