//! What holds in one namespace.
//!
//! Each policy that selects the namespace judges by itself, in its own mode, and the strictest verdict wins: a hook
//! is admitted when every one of them admits it. So a further policy never admits more, the order doesn't matter,
//! and a stricter policy can be tried in mode Audit beside the one that is enforced. Where no policy selects the
//! namespace the default one holds.

use super::{Authors, Effect, InvalidPolicy, LoadedPolicy, Mode, NamespaceLabels, PolicyId, Terms};
use crate::defaults::MAX_TIMEOUT_SECONDS;
use hookgate_policy::{Policy, Profile, RuleId, Severity, SqlRules, program_names};
use std::collections::{BTreeMap, BTreeSet};

/// The policies that hold in a namespace, at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EffectivePolicy {
    members: BTreeMap<PolicyId, Result<Terms, String>>,
}

impl EffectivePolicy {
    /// What holds where no policy selects the namespace: this profile, Enforce, 3,600 seconds.
    #[must_use]
    pub fn default_of(profile: Profile) -> Self {
        Self::from(Policy::from(profile))
    }

    /// What holds in a namespace with these labels; `default` is the profile where no policy selects it.
    pub fn of<'a>(
        policies: impl IntoIterator<Item = &'a LoadedPolicy>,
        namespace: &NamespaceLabels,
        default: Profile,
    ) -> Self {
        let selected = policies.into_iter().filter(|policy| policy.selects(namespace));
        selected.map(Self::from).reduce(Self::strictest).unwrap_or_else(|| Self::default_of(default))
    }

    /// What holds where both do: it admits what both admit.
    #[must_use]
    pub fn strictest(mut self, other: Self) -> Self {
        self.members.extend(other.members);
        self
    }

    /// The policies.
    pub fn ids(&self) -> impl Iterator<Item = &PolicyId> {
        self.members.keys()
    }

    /// The policies in words, as `platform@3, trial@1`.
    #[must_use]
    pub fn names(&self) -> String {
        let names: Vec<String> = self.ids().map(ToString::to_string).collect();
        names.join(", ")
    }

    /// The strictest profile; `None` when no policy can be used.
    #[must_use]
    pub fn profile(&self) -> Option<Profile> {
        self.terms().map(|(_, terms)| terms.policy.profile).min()
    }

    /// The strictest mode.
    #[must_use]
    pub fn mode(&self) -> Mode {
        if self.invalid().is_empty() {
            self.terms().map(|(_, terms)| terms.mode).min().unwrap_or_default()
        } else {
            Mode::Enforce
        }
    }

    /// What a finding that is made outside of the engine means: the gravest of what the policies say, where what doesn't
    /// refuse is a warning; `None` when every policy has switched the rule off.
    #[must_use]
    pub fn severity(&self, rule: RuleId, own: Severity) -> Option<Severity> {
        let effects = self
            .terms()
            .filter_map(|(_, terms)| Some(Effect::of(terms.mode, terms.policy.severity(rule, own)?)));
        effects.max().map(Effect::severity)
    }

    /// What each policy says of SQL, and whether what it finds refuses: for whoever judges statements elsewhere.
    pub fn sql_rules(&self) -> impl Iterator<Item = (&PolicyId, bool, SqlRules)> {
        self.terms().map(|(id, terms)| (id, terms.mode == Mode::Enforce, SqlRules::from(&terms.policy)))
    }

    /// The programs that a script may start: those that every enforced policy with a list allows; `None` where no such
    /// policy has one.
    #[must_use]
    pub fn programs(&self) -> Option<BTreeSet<String>> {
        let lists = |(_, terms): (&PolicyId, &Terms)| {
            let has_list = terms.mode == Mode::Enforce && terms.policy.profile == Profile::Restricted;
            let added = terms.policy.programs.keys().cloned();
            has_list.then(|| program_names().map(str::to_owned).chain(added).collect::<BTreeSet<_>>())
        };
        self.terms().filter_map(lists).reduce(|both, other| both.intersection(&other).cloned().collect())
    }

    /// Whether a script runs only where the kernel can make its sandbox whole: when any policy that is enforced says so, and
    /// when one can't be used.
    #[must_use]
    pub fn requires_sandbox(&self) -> bool {
        let requires = |(_, terms): (&PolicyId, &Terms)| terms.mode == Mode::Enforce && terms.require_sandbox;
        !self.invalid().is_empty() || self.terms().any(requires)
    }

    /// The policies that can't be used.
    #[must_use]
    pub fn invalid(&self) -> Vec<InvalidPolicy> {
        let invalid = self.members.iter().filter_map(|(id, terms)| Some((id, terms.as_ref().err()?)));
        invalid.map(|(id, reason)| InvalidPolicy { id: id.clone(), reason: reason.clone() }).collect()
    }

    pub(super) fn terms(&self) -> impl Iterator<Item = (&PolicyId, &Terms)> {
        self.members.iter().filter_map(|(id, terms)| Some((id, terms.as_ref().ok()?)))
    }

    pub(super) fn terms_mut(&mut self) -> impl Iterator<Item = &mut Terms> {
        self.members.values_mut().filter_map(|terms| terms.as_mut().ok())
    }
}

impl From<Policy> for EffectivePolicy {
    /// The default policy with other terms.
    fn from(policy: Policy) -> Self {
        let terms = Terms {
            mode: Mode::Enforce,
            max_timeout_seconds: i64::from(MAX_TIMEOUT_SECONDS),
            require_sandbox: true,
            authors: Authors::default(),
            requires_approval: false,
            allows_self_approval: false,
            overridable: std::collections::BTreeSet::new(),
            policy,
        };
        Self { members: BTreeMap::from([(PolicyId::default(), Ok(terms))]) }
    }
}

impl From<&LoadedPolicy> for EffectivePolicy {
    fn from(policy: &LoadedPolicy) -> Self {
        let reason = |violations: &Vec<crate::validate::Violation>| {
            violations.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
        };
        Self {
            members: BTreeMap::from([(policy.id.clone(), policy.terms.clone().map_err(|all| reason(&all)))]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::NamespaceLabels;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn policy(name: &str, spec: &Value) -> EffectivePolicy {
        EffectivePolicy::from(&LoadedPolicy::read(name, 1, spec))
    }

    fn script(line: &str) -> String {
        format!("pre_upgrade() {{\n    {line}\n}}\npost_upgrade() {{ :; }}\n")
    }

    fn denied(policy: &EffectivePolicy, line: &str) -> bool {
        policy.check(script(line).as_bytes()).is_denied()
    }

    #[test]
    fn no_policy_is_the_default_one_and_any_policy_replaces_it() {
        let namespace = NamespaceLabels::of("sr", BTreeMap::new());
        let loaded = [LoadedPolicy::read(
            "lenient",
            2,
            &json!({"profile": "baseline", "namespaceSelector": {"matchLabels": {"stage": "test"}}}),
        )];
        let default = EffectivePolicy::of(&loaded, &namespace, Profile::Restricted);
        assert_eq!((default.names().as_str(), default.mode()), ("default", Mode::Enforce));
        assert_eq!(default.check_timeout(3600), []);
        assert!(denied(&default, "tar -c x"));
        let labelled = NamespaceLabels::of("sr", [("stage".to_owned(), "test".to_owned())].into());
        let lenient = EffectivePolicy::of(&loaded, &labelled, Profile::Restricted);
        assert_eq!(lenient.names(), "lenient@2");
        assert!(!denied(&lenient, "tar -c x"));
    }

    #[test]
    fn the_strictest_verdict_wins_and_says_whose_it_is() {
        let sync = json!({"programs": [{"name": "sync"}]});
        let both = policy("a", &sync).strictest(policy("b", &json!({"maxTimeoutSeconds": 60})));
        let verdict = both.check(script("sync").as_bytes());
        let refused_by: Vec<String> = verdict.refused_by().iter().map(ToString::to_string).collect();
        assert_eq!(refused_by, ["b@1"]);
        assert!(!denied(&policy("a", &sync).strictest(policy("c", &json!({"profile": "baseline"}))), "sync"));
        assert_eq!(both.check_timeout(60), []);
        let rulings = both.check_timeout(61);
        assert_eq!((rulings[0].finding, rulings[0].effect), (60, Effect::Deny));
    }

    #[test]
    fn programs_are_those_that_every_enforced_list_has() {
        let sync = policy("a", &json!({"programs": [{"name": "sync"}, {"name": "comm"}]}));
        let has = |policy: &EffectivePolicy, name: &str| policy.programs().unwrap().contains(name);
        assert!(has(&sync, "sync") && has(&sync, "grep") && !has(&sync, "tar"));
        let both = sync.clone().strictest(policy("b", &json!({"programs": [{"name": "comm"}]})));
        assert!(!has(&both, "sync") && has(&both, "comm"));
        let trial = policy("t", &json!({"mode": "Audit"}));
        assert!(has(&sync.strictest(trial), "sync"), "what isn't enforced takes nothing away");
        assert_eq!(policy("c", &json!({"profile": "baseline"})).programs(), None);
        let rules: Vec<_> = both.sql_rules().map(|(id, enforced, _)| (id.to_string(), enforced)).collect();
        assert_eq!(rules, [("a@1".to_owned(), true), ("b@1".to_owned(), true)]);
    }

    #[test]
    fn a_whole_sandbox_is_required_unless_every_enforced_policy_does_without() {
        assert!(EffectivePolicy::default_of(Profile::Privileged).requires_sandbox());
        let lenient = policy("a", &json!({"requireSandbox": false}));
        assert!(policy("b", &json!({})).requires_sandbox() && !lenient.requires_sandbox());
        assert!(lenient.clone().strictest(policy("b", &json!({}))).requires_sandbox());
        assert!(!lenient.clone().strictest(policy("t", &json!({"mode": "Warn"}))).requires_sandbox());
        assert!(lenient.strictest(policy("x", &json!({"maxTimeoutSeconds": 0}))).requires_sandbox());
    }

    #[test]
    fn each_policy_judges_in_its_own_mode() {
        let lenient = json!({"profile": "baseline"});
        for (mode, effect) in [("Warn", Effect::Warn), ("Audit", Effect::Record), ("Enforce", Effect::Deny)] {
            let trial = policy("trial", &json!({"mode": mode, "maxTimeoutSeconds": 60}));
            let both = policy("enforced", &lenient).strictest(trial);
            let verdict = both.check(script("tar -c x").as_bytes());
            assert_eq!(verdict.rulings[0].effect, effect);
            assert_eq!(verdict.rulings[0].policies[0].to_string(), "trial@1");
            assert_eq!(verdict.is_denied(), effect == Effect::Deny);
            assert_eq!(both.check_sql("DROP TABLE a")[0].effect, effect);
            assert_eq!(both.check_timeout(61)[0].effect, effect);
            assert!(both.check(script("kubectl get pods").as_bytes()).is_denied(), "baseline is enforced");
        }
    }

    #[test]
    fn an_invalid_policy_refuses_everything_that_it_selects() {
        let invalid = policy("broken", &json!({"severities": {"HG999": "error"}, "mode": "Audit"}));
        let both = policy("a", &json!({"profile": "privileged"})).strictest(invalid);
        let verdict = both.check(script(":").as_bytes());
        assert!(verdict.is_denied());
        assert_eq!(both.mode(), Mode::Enforce);
        assert_eq!(
            verdict.invalid[0].to_string(),
            "HookPolicy broken@1 is invalid, and so no hook passes in the namespaces that it selects \
             (spec.severities[HG999]: there is no rule `HG999`: rules are named HG101 and so on; `hookgate explain` \
             lists them); put it right or delete it"
        );
    }

    fn any_policy() -> impl Strategy<Value = EffectivePolicy> {
        let profile = prop::sample::select(vec!["restricted", "baseline", "privileged"]);
        let mode = prop::sample::select(vec!["Enforce", "Enforce", "Warn", "Audit"]);
        let programs = prop::sample::subsequence(vec!["sync", "numfmt", "comm"], 0..=3);
        let severity = prop::sample::select(vec!["error", "warning", "disabled"]);
        let severities = prop::collection::btree_map(
            prop::sample::select(vec!["HG202", "HG301", "HG403", "HG601"]),
            severity,
            0..3,
        );
        let statements = prop::sample::subsequence(vec!["DROP TABLE <table>", "CANCEL DECOMMISSION"], 0..=2);
        let name = prop::sample::select(vec!["a", "b", "c", "d"]);
        let invalid = prop::bool::weighted(0.05);
        (profile, mode, programs, severities, statements, name, invalid, 1..=3600_i64).prop_map(
            |(profile, mode, programs, severities, statements, name, invalid, seconds)| {
                let programs: Vec<Value> = programs.iter().map(|name| json!({"name": name})).collect();
                let seconds = if invalid { 0 } else { seconds };
                let spec = json!({"profile": profile, "mode": mode, "programs": programs, "severities": severities,
                    "sqlStatements": statements, "maxTimeoutSeconds": seconds});
                // A name stands for one spec, as in the API server.
                let generation = i64::try_from(spec.to_string().bytes().map(u64::from).sum::<u64>()).unwrap();
                EffectivePolicy::from(&LoadedPolicy::read(&format!("{name}-{spec}"), generation, &spec))
            },
        )
    }

    fn any_script() -> impl Strategy<Value = String> {
        let line = prop::sample::select(vec![
            ":",
            "sync",
            "numfmt",
            "comm -1",
            "curl example.com",
            "kubectl get pods",
            "$MYSQL_CMD -e 'DROP TABLE a'",
            "$MYSQL_CMD -e 'ALTER SYSTEM CREATE IMAGE' || true",
            "$MYSQL_CMD -e 'SHOW BACKENDS'",
            "if",
        ]);
        prop::collection::vec(line, 1..4).prop_map(|lines| script(&lines.join("\n    ")))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn order_and_repetition_do_not_matter(a in any_policy(), b in any_policy(), c in any_policy()) {
            let join = |left: &EffectivePolicy, right: &EffectivePolicy| left.clone().strictest(right.clone());
            prop_assert_eq!(join(&a, &b), join(&b, &a));
            prop_assert_eq!(join(&join(&a, &b), &c), join(&a, &join(&b, &c)));
            prop_assert_eq!(join(&a, &a), a);
        }

        #[test]
        fn together_they_admit_exactly_what_each_admits(
            policies in prop::collection::vec(any_policy(), 1..4),
            script in any_script(),
            seconds in 0..4000_i64,
        ) {
            let all = policies.iter().cloned().reduce(EffectivePolicy::strictest).unwrap();
            let script = script.as_bytes();
            let each = policies.iter().any(|policy| policy.check(script).is_denied());
            prop_assert_eq!(all.check(script).is_denied(), each);
            let gravest = |policy: &EffectivePolicy, sql: &str| {
                policy.check_sql(sql).into_iter().map(|ruling| ruling.effect).max()
            };
            let sql = "DROP TABLE a";
            prop_assert_eq!(gravest(&all, sql), policies.iter().map(|policy| gravest(policy, sql)).max().unwrap());
            let timeout = |policy: &EffectivePolicy| {
                policy.check_timeout(seconds).into_iter().map(|ruling| ruling.effect).max()
            };
            prop_assert_eq!(timeout(&all), policies.iter().map(timeout).max().unwrap());
        }
    }
}
