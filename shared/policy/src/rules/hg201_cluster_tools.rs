//! # HG201: a hook must not steer the cluster
//!
//! ## What it finds
//! `kubectl`, `helm`, `docker`, `crictl`, `nsenter`, `sudo` and other programs that act on the cluster or on
//! containers, in `restricted` those that set up the machine as well: called by any path, with quotes inside the name, through a constant variable,
//! or through another program such as `env`, `command` or `xargs`.
//!
//! ## Why it is bad
//! A hook is there to prepare the database. With `kubectl` it acts with the rights of the service account that
//! it runs under, which is privilege escalation: who may edit a ConfigMap could change the cluster.
//!
//! ## Example
//! ```bash
//! pre_upgrade() {
//!     kubectl scale statefulset kube-starrocks-be --replicas=0
//! }
//! post_upgrade() { :; }
//! ```
//!
//! ## Use instead
//! ```bash
//! pre_upgrade() {
//!     mysql -h"$SR_FE_HOST" -P"$SR_FE_PORT" -u"$SR_FE_USER" -e 'SHOW BACKENDS'
//! }
//! post_upgrade() {
//!     echo "done"
//! }
//! ```
//!
//! ## Exceptions
//! None in `restricted` and `baseline`. Names in comments, in quoted text that is printed and in SQL do not
//! count.

use crate::context::Context;
use crate::finding::Findings;
use crate::rules::named::named_invocations;
use crate::tables::Class;
use crate::{Profile, RuleId, RuleInfo};

pub(super) const RULE: RuleInfo = RuleInfo {
    id: RuleId(201),
    name: "cluster-tools",
    profiles: &[Profile::Restricted, Profile::Baseline],
    fragments: true,
    check,
    source: include_str!("hg201_cluster_tools.rs"),
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for found in named_invocations(context) {
        let machine = found.class == Class::Machine && context.policy.profile == Profile::Restricted;
        if found.class != Class::Cluster && !machine {
            continue;
        }
        let (message, help) = explain(&found.name);
        findings.error(RULE.id, found.span, format!("{}{message}", found.how()), help);
    }
}

fn explain(name: &str) -> (String, &'static str) {
    match name {
        "kubectl" | "oc" | "helm" => (
            format!(
                "`{name}` in a hook is privilege escalation: it acts on the cluster with rights that are not the hook's"
            ),
            "use SQL through mysql for what the database knows (`SHOW BACKENDS`, `ADMIN SET FRONTEND CONFIG`), and the StarRocksCluster's spec for the rest",
        ),
        _ => (
            format!(
                "`{name}` in a hook acts on the machine or its containers, which is privilege escalation"
            ),
            "a hook talks to the database only: use SQL through mysql",
        ),
    }
}
