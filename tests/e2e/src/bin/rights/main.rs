//! Whether Hookgate's programs have exactly the rights that they use: after all scenarios, from the API server's audit log.
//!
//! It exits with 1 when the operator asked for what it isn't granted, or is granted what no scenario made it ask for.

use hookgate_e2e::{
    Problem, client, program,
    rights::{Faults, UNSEEN, granted, judge, requests},
};
use jiff::Timestamp;
use std::{path::PathBuf, process::ExitCode};

const NAMESPACE: &str = "hookgate-system";
const ACCOUNT: &str = "hookgate-operator";
const USAGE: &str = "usage: rights AUDIT-LOG SINCE [--some]\n\
    AUDIT-LOG  the API server's audit log; those that it was rotated to are found beside it\n\
    SINCE      when the scenarios began, as 2026-01-02T03:04:05Z\n\
    --some     not all scenarios have run: only what was refused is a fault";

fn main() -> ExitCode {
    program::run("rights", rights())
}

async fn rights() -> Result<(), Problem> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (log, since, all) = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [log, since] => (PathBuf::from(log), since, true),
        [log, since, "--some"] => (PathBuf::from(log), since, false),
        _ => return Err(Problem::Unexpected(USAGE.to_owned())),
    };
    let since: Timestamp = since
        .parse()
        .map_err(|error| Problem::Unexpected(format!("SINCE is {since:?}: {error}\n{USAGE}")))?;
    let grants = granted(&client::client().await?, NAMESPACE, ACCOUNT).await?;
    let user = format!("system:serviceaccount:{NAMESPACE}:{ACCOUNT}");
    let asked = requests(&log, &user, since).map_err(|error| Problem::Unexpected(error.to_string()))?;
    if asked.is_empty() {
        let message = format!("the audit log {} has nothing of {user} since {since}", log.display());
        return Err(Problem::Unexpected(message));
    }
    let found = judge(&grants, &asked, &UNSEEN);
    let faults = if all { found } else { Faults { unused: Default::default(), ..found } };
    if !faults.is_empty() {
        let message = format!(
            "{ACCOUNT} has other rights than it uses; correct charts/hookgate/templates/operator-rbac.yaml, or add a \
             scenario:\n{faults}"
        );
        return Err(Problem::Unexpected(message));
    }
    let compared = if all { "each used and none lacking" } else { "none lacking; not whether each is used" };
    println!("rights: {ACCOUNT} made {} requests with {} rights, {compared}", asked.len(), grants.len());
    Ok(())
}
