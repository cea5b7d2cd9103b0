//! Writes the CustomResourceDefinitions as YAML into the folder given, one file each.
//!
//! `make generate` calls it for `charts/hookgate/crds`; `make lint` fails when the files there are not current.

use std::{env, fs, path::PathBuf, process::ExitCode};

const HEADER: &str = "# Generated from shared/api by `make generate`. Do not edit.\n";

fn run() -> Result<(), Box<dyn std::error::Error>> {
    let folder = env::args_os().nth(1).map(PathBuf::from).ok_or("usage: generate-crds FOLDER")?;
    fs::create_dir_all(&folder)?;
    for (name, crd) in hookgate_api::crd::all()? {
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
