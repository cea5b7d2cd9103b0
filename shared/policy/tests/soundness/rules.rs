//! Each rule that guards the promise is needed: with it switched off, near misses of its family are accepted
//! and do what is not on the page.

use crate::campaign::is_accepted;
use crate::grammar::{NEAR_MISSES, fill};
use crate::judge::Judge;
use crate::random::Random;
use crate::say;
use crate::stage::Stage;
use hookgate_policy::{Policy, Profile, rules};
use std::collections::BTreeSet;

/// The rules that say something else than what a script may start, open or send.
const NOT_ABOUT_THE_PROMISE: &[(u16, &str)] = &[
    (101, "a script without a hook function runs nothing more than one with it"),
    (212, "a warning: the promise takes the answers of an honest FE for numbers"),
    (501, "a secret in a script is known to whoever reads the script; nothing is run by it"),
    (601, "a hidden failure runs nothing"),
    (602, "a warning: an unused status runs nothing"),
    (701, "about StarRocksClusters, not about scripts"),
    (702, "about StarRocksClusters, not about scripts"),
    (703, "about StarRocksClusters, not about scripts"),
    (704, "about StarRocksClusters, not about scripts"),
    (705, "about HookPolicies, not about scripts"),
    (801, "about TKEStack's Clusters and Machines, not about scripts"),
    (802, "about TKEStack's Clusters and Machines, not about scripts"),
    (803, "about TKEStack's Clusters and Machines, not about scripts"),
    (804, "about TKEStack's Clusters and Machines, not about scripts"),
    (805, "about TKEStack's Clusters and Machines, not about scripts"),
    (806, "about TKEStack's Clusters and Machines, not about scripts"),
    (807, "about TKEStack's Clusters and Machines, not about scripts"),
    (808, "about TKEStack's Clusters and Machines, not about scripts"),
    (809, "about the first line of a machine hook, which an upgrade hook doesn't need"),
];

/// How many near misses of a family are tried, each with other payloads.
const ROUNDS: usize = 3;

#[test]
fn each_rule_is_needed() {
    let families: BTreeSet<String> = NEAR_MISSES.iter().map(|(number, _)| format!("HG{number}")).collect();
    let others: BTreeSet<String> =
        NOT_ABOUT_THE_PROMISE.iter().map(|(number, _)| format!("HG{number}")).collect();
    for rule in rules().iter().filter(|rule| rule.profiles.contains(&Profile::Restricted)) {
        let name = rule.id.to_string();
        assert!(
            families.contains(&name) != others.contains(&name),
            "{name} must have near misses, or a reason why it needs none"
        );
    }
    let stage = Stage::new();
    let judge = Judge::new(&stage);
    let variants = stage.variants();
    let variant =
        variants.iter().find(|variant| variant.version.starts_with("5.2.15")).unwrap_or(&variants[0]);
    let mut random = Random::new(1, 1);
    let (mut silent, mut wrong) = (Vec::new(), Vec::new());
    for rule in rules().iter().filter(|rule| families.contains(&rule.id.to_string())) {
        let mut without = Policy::default();
        without.severities.insert(rule.id, None);
        let templates = NEAR_MISSES.iter().filter(|(number, _)| rule.id.to_string() == format!("HG{number}"));
        let templates: Vec<&str> = templates.flat_map(|(_, templates)| templates.iter().copied()).collect();
        let scripts = templates.iter().flat_map(|template| vec![*template; ROUNDS]);
        let scripts: Vec<String> = scripts.map(|template| script(&fill(template, &mut random))).collect();
        wrong.extend(scripts.iter().filter(|script| is_accepted(script, &Policy::default())).cloned());
        let accepted: BTreeSet<&str> =
            scripts.iter().filter(|script| is_accepted(script, &without)).map(String::as_str).collect();
        let accepted: Vec<&str> = accepted.into_iter().collect();
        let run = stage.run(&accepted, variant, 1);
        let verdict = judge.judge(&run, variant);
        say(&format!(
            "soundness: without {}: {} of {} near misses are accepted, {} do what is not on the page",
            rule.id,
            accepted.len(),
            scripts.len(),
            verdict.violations.len()
        ));
        if verdict.violations.is_empty() {
            silent.push(rule.id.to_string());
        }
    }
    assert!(wrong.is_empty(), "these near misses are accepted:\n{}", wrong.join("\n"));
    assert!(silent.is_empty(), "without these rules nothing happens: {}", silent.join(" "));
}

fn script(near_miss: &str) -> String {
    if near_miss.contains("pre_upgrade") {
        return format!("{near_miss}\n");
    }
    format!(
        "pre_upgrade() {{\nlocal s1=x v1=\"$1\" n1=1 i=0\nlocal -a a1=(x y) a2=(\"$@\")\n{near_miss}\n}}\npost_upgrade() {{ :; }}\n"
    )
}
