//! What the policies say of a script, and whether it's approved.

use super::{
    super::{ObserveError, Observer, approval, namespace, policy::names},
    Remarks,
};
use crate::observation::{Judgement, ObservedApproval, ObservedScript};
use hookgate_api::{
    StarRocksCluster,
    hooks::HookPhase,
    policy::{ApprovalDemand, Effect, EffectivePolicy, Ruling},
};
use hookgate_policy::RuleId;
use hookgate_runner::gate::NamedRules;
use jiff::Timestamp;
use kube::ResourceExt;
use std::collections::BTreeSet;

/// What the policies say of a script, and of the time that it is given.
pub(super) fn judge(
    policy: &EffectivePolicy,
    script: &[u8],
    seconds: i64,
    what: &str,
    remarks: &mut Remarks,
) -> Judged {
    let verdict = policy.check(script);
    let found = verdict
        .rulings
        .iter()
        .filter(|ruling| ruling.effect != Effect::Deny)
        .map(|ruling| format!("{} {}", ruling.finding.rule, ruling.finding.severity))
        .collect();
    let overridden = verdict.with(Effect::NeedApproval).map(|ruling| ruling.finding.rule).collect();
    let mut refusals: Vec<String> = verdict.invalid.iter().map(ToString::to_string).collect();
    let timeouts =
        policy.check_timeout(seconds).into_iter().map(|Ruling { finding: most, effect, policies }| {
            let message = format!("timeoutSeconds is {seconds}, and at most {most} are allowed");
            (effect, message, policies)
        });
    let findings = verdict
        .rulings
        .into_iter()
        .map(|Ruling { finding, effect, policies }| (effect, finding.to_string(), policies));
    let mut lifted = Vec::new();
    for (effect, message, policies) in timeouts.chain(findings) {
        let message = format!("{message} ({})", names(&policies));
        match effect {
            Effect::Deny => refusals.push(message),
            Effect::NeedApproval => lifted.push(message),
            Effect::Warn => remarks.warnings.push(format!("{what}: {message}")),
            Effect::Record => remarks.records.push(format!("{what}: {message}")),
        }
    }
    let (sha256, functions) = (verdict.sha256, verdict.functions);
    if !refusals.is_empty() {
        return Judged::Refused { sha256, findings: refusals.join("; ") };
    }
    Judged::Passed { sha256, functions, findings: found, lifted, overridden }
}

/// What the policies say of a script, before anybody has looked for an approval.
pub(super) enum Judged {
    Refused {
        sha256: String,
        findings: String,
    },
    Passed {
        sha256: String,
        functions: Vec<String>,
        findings: Vec<String>,
        lifted: Vec<String>,
        /// The rules whose findings an approval lifts.
        overridden: BTreeSet<RuleId>,
    },
}

/// Adds whether a script is approved, where a policy wants that.
pub(super) async fn with_approval(
    observer: &Observer,
    cluster: &StarRocksCluster,
    policy: &EffectivePolicy,
    judged: Judged,
    text: &[u8],
    what: &str,
    remarks: &mut Remarks,
) -> Result<ObservedScript, ObserveError> {
    let (sha256, functions, findings, lifted, overridden) = match judged {
        Judged::Refused { sha256, findings } => return Ok(ObservedScript::Refused { sha256, findings }),
        Judged::Passed { sha256, functions, findings, lifted, overridden } => {
            (sha256, functions, findings, lifted, overridden)
        }
    };
    let demands: Vec<ApprovalDemand> = policy.approval_demands().collect();
    let approval = match policy.approval_terms() {
        Some(terms) if !(demands.is_empty() && lifted.is_empty()) => {
            let namespace = namespace(cluster);
            let evidence = approval::evidence(observer, &namespace, &sha256).await?;
            let now = Timestamp::now();
            let observed = approval::judge(&sha256, &namespace, &cluster.name_any(), terms, &evidence, now);
            demanded(observed, &demands, &lifted, what, remarks)
        }
        _ => ObservedApproval::NotNeeded,
    };
    let sql_policies = sql_policies(&policy.clone().lifting(&overridden))?;
    let policies = policy.names();
    let text = text.into();
    let judgement = Judgement { policies, functions, findings, approval, sql_policies, text };
    Ok(ObservedScript::Accepted { sha256, judgement })
}

/// What follows from whether a script is approved, by the modes of the policies that want it.
fn demanded(
    observed: ObservedApproval,
    demands: &[ApprovalDemand],
    lifted: &[String],
    what: &str,
    remarks: &mut Remarks,
) -> ObservedApproval {
    let missing = [HookPhase::Pre, HookPhase::Post].into_iter().find_map(|phase| observed.of(phase).err());
    if let Some(missing) = missing {
        for ApprovalDemand { policy, effect } in demands {
            match effect {
                Effect::Warn => remarks.warnings.push(format!("{what}: HookPolicy {policy}: {missing}")),
                Effect::Record => remarks.records.push(format!("{what}: HookPolicy {policy}: {missing}")),
                Effect::NeedApproval | Effect::Deny => {}
            }
        }
    }
    let is_needed = !lifted.is_empty() || demands.iter().any(|demand| demand.effect >= Effect::NeedApproval);
    match observed {
        _ if !is_needed => ObservedApproval::NotNeeded,
        ObservedApproval::Needed { pre, post } if !lifted.is_empty() => {
            let with_findings =
                |unapproved: String| format!("{unapproved}; it would lift: {}", lifted.join("; "));
            ObservedApproval::Needed { pre: pre.map_err(with_findings), post: post.map_err(with_findings) }
        }
        observed => observed,
    }
}

/// What the policies say of SQL, as the runner reads it.
pub(super) fn sql_policies(policy: &EffectivePolicy) -> Result<String, serde_json::Error> {
    let rules =
        policy.sql_rules().map(|(id, enforced, rules)| NamedRules { name: id.to_string(), enforced, rules });
    serde_json::to_string(&rules.collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use hookgate_api::policy::LoadedPolicy;
    use serde_json::{Value, json};

    const SYNC: &[u8] = b"pre_upgrade() { sync; }\npost_upgrade() { :; }\n";

    fn judged(spec: &Value, seconds: i64) -> (Judged, Remarks) {
        let policy = EffectivePolicy::from(&LoadedPolicy::read("platform", 3, spec));
        let mut remarks = Remarks::default();
        (judge(&policy, SYNC, seconds, "hook script hooks/hooks.sh of BE", &mut remarks), remarks)
    }

    #[test]
    fn the_mode_decides_what_becomes_of_a_script_that_is_not_allowed() {
        let (script, _) = judged(&json!({}), 300);
        let Judged::Refused { findings, .. } = script else { panic!("it is not refused") };
        assert!(findings.contains("HG202 error at line 1"), "{findings}");
        assert!(findings.ends_with("(HookPolicy platform@3)"), "{findings}");
        let (script, remarks) = judged(&json!({"mode": "Warn"}), 300);
        assert!(matches!(script, Judged::Passed { .. }));
        assert!(remarks.warnings[0].starts_with("hook script hooks/hooks.sh of BE: HG202"));
        let (script, remarks) = judged(&json!({"mode": "Audit"}), 300);
        assert!(matches!(script, Judged::Passed { .. }));
        assert_eq!((remarks.warnings.len(), remarks.records.len()), (0, 1));
    }

    #[test]
    fn a_script_that_is_given_more_time_than_allowed_is_refused() {
        let spec = json!({"programs": [{"name": "sync"}], "maxTimeoutSeconds": 60});
        assert!(matches!(judged(&spec, 60).0, Judged::Passed { .. }));
        let (script, _) = judged(&spec, 61);
        let Judged::Refused { findings, .. } = script else { panic!("it is not refused") };
        assert_eq!(findings, "timeoutSeconds is 61, and at most 60 are allowed (HookPolicy platform@3)");
    }

    fn demand(effect: Effect) -> ApprovalDemand {
        ApprovalDemand { policy: hookgate_api::policy::PolicyId::default(), effect }
    }

    fn unapproved() -> ObservedApproval {
        ObservedApproval::Needed { pre: Err("nobody has".to_owned()), post: Err("nobody has".to_owned()) }
    }

    #[test]
    fn without_an_approval_the_mode_decides() {
        let mut remarks = Remarks::default();
        let observed = demanded(unapproved(), &[demand(Effect::NeedApproval)], &[], "s", &mut remarks);
        assert_eq!(observed.of(HookPhase::Pre), Err("nobody has"));
        assert_eq!((remarks.warnings.len(), remarks.records.len()), (0, 0));
        let lenient = [demand(Effect::Warn), demand(Effect::Record)];
        assert_eq!(demanded(unapproved(), &lenient, &[], "s", &mut remarks), ObservedApproval::NotNeeded);
        assert_eq!(remarks.warnings, ["s: HookPolicy default: nobody has"]);
        assert_eq!(remarks.records, ["s: HookPolicy default: nobody has"]);
    }

    #[test]
    fn a_finding_that_an_approval_lifts_needs_one_and_is_named() {
        let (script, _) = judged(&json!({"overridableRules": ["HG202"]}), 300);
        let Judged::Passed { findings, lifted, .. } = script else { panic!("it is refused") };
        assert_eq!(findings, ["HG202 error"]);
        let observed = demanded(unapproved(), &[], &lifted, "s", &mut Remarks::default());
        let message = observed.of(HookPhase::Pre).unwrap_err();
        assert!(message.starts_with("nobody has; it would lift: HG202"), "{message}");
    }
}
