//! Files for the machines: where they come from and where they go.

use super::super::{DestinationPath, File};
use super::{FolderAnswers, Found, MAX_FILES, Problem};
use hookgate_policy::machine_rules::{DESTINATION, SOURCE};
use std::collections::{BTreeMap, BTreeSet};

const SOURCE_HELP: &str = "put the file into the hooks folder, and name it by its path there";
const DESTINATION_HELP: &str = "give every file an absolute path of its own on the machines";

/// Whether the files can be copied.
pub(super) fn check(files: &[File], folder: Option<&FolderAnswers>) -> Vec<Problem> {
    let mut problems = Vec::new();
    if files.len() > MAX_FILES {
        let message = format!("there are {}, and at most {MAX_FILES} are copied", files.len());
        let help = "put the files into folders, and name the folders";
        problems.push(Problem::error(SOURCE, "spec.features.files", message, help));
        return problems;
    }
    let mut destinations = BTreeMap::new();
    for (index, file) in files.iter().enumerate() {
        let path = format!("spec.features.files[{index}].src");
        match file.source() {
            Err(error) => {
                problems.push(Problem::error(
                    SOURCE,
                    path,
                    format!("`{}` {error}", shown(&file.src)),
                    SOURCE_HELP,
                ));
            }
            Ok(source) => {
                let found = folder.and_then(|folder| folder.places.get(&source));
                if let Some(found) = found.filter(|found| !found.is_copied()) {
                    problems.push(Problem::error(SOURCE, path, format!("{source} {found}"), help(found)));
                }
            }
        }
        let path = format!("spec.features.files[{index}].dst");
        match file.destination() {
            Err(error) => {
                let message = format!("`{}` {error}", shown(&file.dst));
                problems.push(Problem::error(DESTINATION, path, message, DESTINATION_HELP));
            }
            Ok(destination) => {
                if let Some(first) = destinations.insert(destination.clone(), index) {
                    let message = format!("{destination} is where spec.features.files[{first}] goes already");
                    problems.push(Problem::error(DESTINATION, path, message, DESTINATION_HELP));
                }
            }
        }
    }
    problems.extend(below_files(files, folder));
    problems
}

/// Files that are to be below a place where a file is.
fn below_files(files: &[File], folder: Option<&FolderAnswers>) -> Vec<Problem> {
    let is_file = |file: &File| {
        let found = folder.zip(file.source().ok()).and_then(|(folder, place)| folder.places.get(&place));
        found == Some(&Found::File)
    };
    let destinations: Vec<_> = files.iter().map(|file| file.destination().ok()).collect();
    let of_files: BTreeSet<&DestinationPath> = files
        .iter()
        .zip(&destinations)
        .filter(|(file, _)| is_file(file))
        .filter_map(|(_, place)| place.as_ref())
        .collect();
    let problem = |(index, destination): (usize, &DestinationPath)| {
        let above = destination.above().find(|place| of_files.contains(place))?;
        let message = format!("{destination} is below {above}, where a file goes");
        let path = format!("spec.features.files[{index}].dst");
        Some(Problem::error(DESTINATION, path, message, DESTINATION_HELP))
    };
    let named = destinations.iter().enumerate();
    named.filter_map(|(index, place)| Some((index, place.as_ref()?))).filter_map(problem).collect()
}

fn help(found: &Found) -> &'static str {
    match found {
        Found::Unreadable(_) => "let the user that Hookgate runs as read it",
        Found::TooMuch(_) => "copy less, or in several parts",
        Found::FolderWith(_, inner) => help(inner),
        _ => SOURCE_HELP,
    }
}

/// A text of the manifest on one line, shortened.
pub(super) fn shown(text: &str) -> String {
    const MAX: usize = 100;
    let mut characters =
        text.chars().map(|character| if character.is_control() { '\u{fffd}' } else { character });
    let mut short: String = characters.by_ref().take(MAX).collect();
    if characters.next().is_some() {
        short.push('…');
    }
    short
}
