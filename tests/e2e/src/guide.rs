//! The commands of the upgrade guide, run as a user would: word for word, with the names filled in.

use crate::{
    kubectl::{Answer, kubectl},
    problem::Problem,
    scenario::Scenario,
};
use serde_json::{Value, json};
use std::{fs, path::PathBuf, process::Stdio};
use tokio::process::Command;

/// The page.
pub const PAGE: &str = include_str!("../../../docs/upgrades.md");

/// What begins a block of commands that is run.
const FENCE: &str = "```sh name=";

/// The named blocks of commands of a page: name and commands.
pub fn blocks(page: &str) -> Vec<(&str, &str)> {
    page.split("\n```sh name=")
        .skip(1)
        .filter_map(|rest| {
            let (name, rest) = rest.split_once('\n')?;
            let (commands, _) = rest.split_once("\n```")?;
            Some((name.trim(), commands))
        })
        .collect()
}

/// The lines of a page that begin a block of shell commands and have no name.
pub fn nameless(page: &str) -> Vec<&str> {
    let begins = |line: &&str| {
        let is_shell =
            ["```sh", "```bash", "```console", "```shell"].iter().any(|fence| line.starts_with(fence));
        is_shell && !line.starts_with(FENCE)
    };
    page.lines().filter(begins).collect()
}

/// Runs a block of the guide against the scenario's cluster. Each of `names` is put in the place of a word of the page.
///
/// # Errors
/// When the page has no such block, or a command fails.
pub async fn run(scenario: &Scenario, name: &str, names: &[(&str, &str)]) -> Result<String, Problem> {
    let found = blocks(PAGE).into_iter().find(|(known, _)| *known == name);
    let (_, commands) =
        found.ok_or_else(|| Problem::Unexpected(format!("docs/upgrades.md has no block name={name}")))?;
    let mut commands = commands.to_owned();
    for (word, put) in names {
        if !commands.contains(word) {
            return Err(Problem::Unexpected(format!("the block {name} has no word {word}")));
        }
        commands = commands.replace(word, put);
    }
    // Whole words only: OLD-NAME is another.
    commands = commands.replace(" NAME", " sr").replace("src/NAME", "src/sr");
    let folder = folder(scenario, name)?;
    let kubeconfig = kubeconfig(scenario, &folder).await?;
    let output = Command::new("bash")
        .args(["-euo", "pipefail", "-c", &commands])
        .current_dir(&folder)
        .env("KUBECONFIG", kubeconfig)
        .stdin(Stdio::null())
        .output()
        .await
        .map_err(Problem::io("bash"))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let said = text(&output.stdout) + &text(&output.stderr);
    if output.status.success() {
        Ok(said)
    } else {
        Err(Problem::Unexpected(format!("{name} of docs/upgrades.md ended with {}: {said}", output.status)))
    }
}

fn folder(scenario: &Scenario, name: &str) -> Result<PathBuf, Problem> {
    let folder = std::env::temp_dir().join(format!("{}-{name}", scenario.namespace));
    fs::create_dir_all(&folder).map_err(Problem::io("a folder for the guide's commands"))?;
    Ok(folder)
}

/// A kubeconfig whose namespace is the scenario's.
async fn kubeconfig(scenario: &Scenario, folder: &std::path::Path) -> Result<PathBuf, Problem> {
    let Answer { success, text } =
        kubectl(&["config", "view", "--minify", "--flatten", "--output", "json"], None).await?;
    let unexpected = |what: String| Problem::Unexpected(format!("kubectl config view: {what}"));
    if !success {
        return Err(unexpected(text));
    }
    let mut config: Value = serde_json::from_str(&text).map_err(|error| unexpected(error.to_string()))?;
    let context = config.pointer_mut("/contexts/0/context").ok_or_else(|| unexpected(text.clone()))?;
    json_patch::merge(context, &json!({"namespace": scenario.namespace}));
    let path = folder.join("kubeconfig");
    fs::write(&path, config.to_string()).map_err(Problem::io("a kubeconfig"))?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_block_of_shell_commands_of_the_guide_has_a_name_of_its_own() {
        assert_eq!(nameless(PAGE), [""; 0]);
        let names: Vec<_> = blocks(PAGE).into_iter().map(|(name, _)| name).collect();
        assert!(names.len() > 10, "{names:?}");
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "{names:?}");
    }

    #[test]
    fn blocks_are_found_with_their_commands() {
        let page = "a\n\n```sh name=one\nfirst\nsecond\n```\n\n```yaml\nx: 1\n```\n```sh\nlost\n```\n";
        assert_eq!(blocks(page), [("one", "first\nsecond")]);
        assert_eq!(nameless(page), ["```sh"]);
    }
}
