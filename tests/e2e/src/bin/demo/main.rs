//! The demo: the main job step by step on a real Kubernetes, judged by the same proofs as the scenarios.
//!
//! It exits with 1 and a clear message when anything isn't as it should be.

mod admission;
mod install;
mod report;
mod stage;
mod upgrade;

use hookgate_e2e::{Place, Problem, Scenario, program};
use stage::Stage;
use std::process::ExitCode;

fn main() -> ExitCode {
    program::run("demo", demo())
}

async fn demo() -> Result<(), Problem> {
    let stage = Stage::open();
    stage.title("Hookgate: unsafe hooks are refused, and a StarRocks cluster is upgraded in the right order");
    Box::pin(install::install(&stage)).await?;
    let place = Place { namespace: Some("hookgate-demo"), ..Place::default() };
    let scenario = Box::pin(Scenario::begin("demo", &place)).await?;
    let shown = Box::pin(acts(&stage, &scenario)).await;
    if let Err(problem) = &shown {
        Box::pin(scenario.explain(problem)).await;
    }
    scenario.end().await?;
    shown
}

async fn acts(stage: &Stage, scenario: &Scenario) -> Result<(), Problem> {
    Box::pin(admission::show(stage, scenario)).await?;
    Box::pin(upgrade::show(stage, scenario)).await?;
    stage.title("Everything was as it should be");
    Ok(())
}
