//! Runs as the planner describes them.

use crate::{Place, Try};
use hookgate_api::{Component, StarRocksCluster, hooks::HookPhase, status::HookClearance};
use hookgate_operator::{
    plan::names::hook_job,
    run::{Run, RunFrontend, RunPod, RunScript},
};
use sha2::{Digest, Sha256};

/// What a run is to be; its other parts are the place's.
#[derive(Clone, Copy, Debug)]
pub struct Described<'a> {
    /// The wave, which no other run of a test has.
    pub wave: &'a str,
    /// Which try it is.
    pub attempt: u32,
    /// The script that was checked.
    pub script: &'a str,
    /// The script that is found when it runs, when it's another.
    pub found: Option<&'a str>,
    /// Its time, in seconds.
    pub timeout_seconds: i64,
}

/// A script whose `pre_upgrade` does that.
pub fn script(body: &str) -> String {
    format!("pre_upgrade() {{\n{body}\n}}\npost_upgrade() {{ :; }}\n")
}

/// By which SQL is judged: nothing is refused, so that the sandbox is what is tested.
const POLICIES: &str =
    r#"[{"name":"test@1","enforced":true,"rules":{"profile":"privileged","severities":{}}}]"#;

impl Described<'_> {
    /// The name that the run has.
    pub fn name(&self, place: &dyn Place) -> String {
        let metadata = place.cluster().metadata;
        let (name, uid) =
            (metadata.name.expect("the cluster's name"), metadata.uid.expect("the cluster's uid"));
        hook_job(&name, &uid, self.wave, Component::Be, HookPhase::Pre, self.attempt)
    }

    /// The run, with its nonce written into the cluster's status.
    pub async fn in_place<'a>(&self, place: &'a dyn Place) -> Try<'a> {
        let mut cluster = place.cluster();
        let nonce = format!("{}-{}", self.wave, self.attempt);
        let sha256: String = Sha256::digest(self.script).iter().map(|byte| format!("{byte:02x}")).collect();
        let mut run = Run {
            name: self.name(place),
            nonce: nonce.clone(),
            component: Component::Be,
            phase: HookPhase::Pre,
            wave: self.wave.to_owned(),
            script: RunScript {
                config_map: format!("hooks-{}", self.wave),
                key: "hooks.sh".to_owned(),
                sha256: sha256.clone(),
                text: self.found.unwrap_or(self.script).as_bytes().into(),
            },
            functions: vec!["post_upgrade".to_owned(), "pre_upgrade".to_owned()],
            clearance: Some(HookClearance { policies: "test@1".to_owned(), ..HookClearance::default() }),
            sql_policies: POLICIES.to_owned(),
            requires_sandbox: false,
            programs: None,
            timeout_seconds: self.timeout_seconds,
            frontend: RunFrontend { address: String::new(), query_port: 0, user: "root".to_owned() },
            pod: RunPod::default(),
        };
        place.prepare(&mut run, self.found.unwrap_or(self.script)).await;
        await_run(&mut cluster, self, &nonce, &sha256);
        Try { place, run, cluster }
    }
}

/// Writes the run into the cluster's status, as the planner does before it's started.
fn await_run(cluster: &mut StarRocksCluster, described: &Described<'_>, nonce: &str, sha256: &str) {
    let status = serde_json::json!({"wave": {"id": described.wave, "direction": "Upgrade",
        "startedAt": "2026-01-01T00:00:00Z", "components": [{"component": "be", "phase": "Preparing",
            "fromImage": "a", "toImage": "b", "target": "t", "hooks": [{"name": "custom", "phase": "Pre",
                "result": "Running", "attempt": described.attempt, "nonce": nonce, "scriptSha256": sha256,
                "startedAt": "2026-01-01T00:00:00Z"}]}]}});
    cluster.status = Some(serde_json::from_value(status).expect("a status"));
}
