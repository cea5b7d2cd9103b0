//! Runs one scenario, and cleans up whatever comes of it.

use futures::FutureExt;
use hookgate_api::{
    Component, StarRocksCluster,
    status::{ConditionType, UpgradePhase, UpgradeState},
};
use hookgate_e2e::{Manifest, Place, Problem, Scenario, program::STACK_BYTES, wait};
use std::panic::{AssertUnwindSafe, resume_unwind};

/// Runs a scenario in a namespace of its own.
pub fn run(name: &str, test: impl AsyncFnOnce(&Scenario) -> Result<(), Problem> + Send) {
    run_in(name, &Place::default(), test);
}

/// The same, in a place of a certain kind.
pub fn run_in(name: &str, place: &Place, test: impl AsyncFnOnce(&Scenario) -> Result<(), Problem> + Send) {
    on_a_large_stack(async || {
        let begun = Box::pin(Scenario::begin(name, place)).await;
        let scenario = begun.unwrap_or_else(|problem| panic!("{name}: {problem}"));
        let result = Box::pin(AssertUnwindSafe(test(&scenario)).catch_unwind()).await;
        match &result {
            Ok(Ok(())) => {}
            Ok(Err(problem)) => Box::pin(scenario.explain(problem)).await,
            Err(_) => {
                Box::pin(scenario.explain(&Problem::Unexpected("an assertion failed".to_owned()))).await
            }
        }
        scenario.end().await.unwrap_or_else(|problem| panic!("{name}: {problem}"));
        match result {
            Ok(Ok(())) => {}
            Ok(Err(problem)) => panic!("{name}: {problem}"),
            Err(panic) => resume_unwind(panic),
        }
    });
}

/// Runs a test in a thread and a runtime of its own.
pub fn on_a_large_stack(test: impl AsyncFnOnce() + Send) {
    let body = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(Box::pin(test()));
    };
    std::thread::scope(|scope| {
        let thread =
            std::thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, body).expect("a thread");
        if let Err(panic) = thread.join() {
            resume_unwind(panic);
        }
    });
}

/// How a component's last upgrade went.
pub fn upgrade_state(cluster: &StarRocksCluster, component: Component) -> &UpgradeState {
    let status = cluster.status.as_ref().expect("a status");
    status.component(component).and_then(|of| of.upgrade_state.as_ref()).expect("an upgrade state")
}

/// The status says that every component has been upgraded, and nothing more is to be done.
pub fn assert_completed(cluster: &StarRocksCluster, manifest: &Manifest, version: &str) {
    for (component, _) in &manifest.pods {
        let state = upgrade_state(cluster, *component);
        assert_eq!(state.phase, UpgradePhase::Completed, "{component}: {state:?}");
        assert!(state.to_image.ends_with(&format!(":{version}")), "{component}: {state:?}");
        assert!(
            state.completed_at >= state.started_at && state.started_at.is_some(),
            "{component}: {state:?}"
        );
    }
    let reason = |type_| {
        let status = cluster.status.as_ref().expect("a status");
        let one = hookgate_api::status::condition(&status.conditions, type_).expect("a condition");
        (one.status.clone(), one.reason.clone())
    };
    let expected = |status: &str, reason: &str| (status.to_owned(), reason.to_owned());
    assert_eq!(reason(ConditionType::Ready), expected("True", "Ready"));
    assert_eq!(reason(ConditionType::Stalled), expected("False", "NotStalled"));
    assert_eq!(reason(ConditionType::Upgrading), expected("False", "Completed"));
    assert!(!wait::holds(cluster, ConditionType::Reconciling));
}
