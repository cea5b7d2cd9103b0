//! Writes the CustomResourceDefinitions as YAML, one file each: those that every installation has into the first folder,
//! those of machine hooks into the second.
//!
//! `make generate` calls it for `charts/hookgate/crds` and `charts/hookgate/machine-crds`; `make lint` fails when the
//! files there are not current.

use serde_json::Value;
use std::{env, fs, path::Path, process::ExitCode};

const HEADER: &str = "# Generated from shared/api by `make generate`. Do not edit.\n";

fn run() -> Result<(), Box<dyn std::error::Error>> {
    let folders: Vec<_> = env::args_os().skip(1).collect();
    let [always, machine_hooks] = folders.as_slice() else {
        return Err("usage: generate-crds FOLDER FOLDER-FOR-MACHINE-HOOKS".into());
    };
    write(Path::new(always), hookgate_api::crd::all()?)?;
    write(Path::new(machine_hooks), hookgate_api::crd::machine_hooks()?)
}

fn write(folder: &Path, crds: Vec<(&str, Value)>) -> Result<(), Box<dyn std::error::Error>> {
    fs::create_dir_all(folder)?;
    for (name, crd) in crds {
        let path = folder.join(name);
        fs::write(&path, format!("{HEADER}{}", serde_saphyr::to_string(&crd)?))?;
        println!("{}", path.display());
    }
    Ok(())
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("generate-crds: {error}");
            ExitCode::FAILURE
        }
    }
}
