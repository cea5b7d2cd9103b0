//! The probes of a server's container.

use hookgate_api::cluster::CommonSpec;
use k8s_openapi::{
    api::core::v1::{HTTPGetAction, Probe},
    apimachinery::pkg::util::intstr::IntOrString,
};

const PERIOD_SECONDS: i32 = 5;
const STARTUP_FAILURES: i32 = 60;
const FAILURES: i32 = 3;

/// The three probes; a field of 0 seconds removes its probe.
pub(super) struct Probes {
    pub startup: Option<Probe>,
    pub liveness: Option<Probe>,
    pub readiness: Option<Probe>,
}

pub(super) fn probes(spec: &CommonSpec, port: i32) -> Probes {
    probes_at(spec, "/api/health", port)
}

/// The same, asking there.
pub(super) fn probes_at(spec: &CommonSpec, path: &str, port: i32) -> Probes {
    let probe = |seconds: Option<i32>, default_failures: i32| {
        let failures = seconds
            .map_or(default_failures, |seconds| (seconds.max(0) + PERIOD_SECONDS - 1) / PERIOD_SECONDS);
        (failures > 0).then(|| Probe {
            http_get: Some(HTTPGetAction {
                path: Some(path.to_owned()),
                port: IntOrString::Int(port),
                ..HTTPGetAction::default()
            }),
            period_seconds: Some(PERIOD_SECONDS),
            failure_threshold: Some(failures),
            ..Probe::default()
        })
    };
    Probes {
        startup: probe(spec.startup_probe_failure_seconds, STARTUP_FAILURES),
        liveness: probe(spec.liveness_probe_failure_seconds, FAILURES),
        readiness: probe(spec.readiness_probe_failure_seconds, FAILURES),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_become_failures_and_zero_removes_the_probe() {
        let spec = CommonSpec {
            startup_probe_failure_seconds: Some(61),
            liveness_probe_failure_seconds: Some(0),
            ..CommonSpec::default()
        };
        let probes = probes(&spec, 8030);
        assert_eq!(probes.startup.unwrap().failure_threshold, Some(13));
        assert!(probes.liveness.is_none());
        assert_eq!(probes.readiness.unwrap().failure_threshold, Some(3));
    }
}
