//! The rules, and how each is broken.

use crate::mutant::{Edit, Mutant};

const NO_FAULTS: [u8; 5] = [0, 0, 0, 0, 0];
const ONE_FAULT: [u8; 5] = [0, 0, 1, 0, 0];
const ONE_FAILED_JOB: [u8; 5] = [0, 0, 0, 1, 0];
const ONE_CHANGE: [u8; 5] = [1, 0, 0, 0, 0];
const TWO_CHANGES: [u8; 5] = [2, 0, 0, 0, 0];
const ONE_CHOICE: [u8; 5] = [0, 0, 0, 0, 1];

/// Every mutant.
pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "does what it has not written down",
        edits: &[Edit {
            file: "mod.rs",
            find: "given back.\n        if intents(&before) == intents(&status) {",
            replace: "given back.\n        if MUTANT || intents(&before) == intents(&status) {",
        }],
        world: "upgrade",
        limits: NO_FAULTS,
    },
    Mutant {
        name: "FE before BE in an upgrade",
        edits: &[Edit {
            file: "wave/detect.rs",
            find: "(!repair::is_stuck(view, step), place(step.component))",
            replace: "(!repair::is_stuck(view, step), if MUTANT { Some(0) } else { place(step.component) })",
        }],
        world: "upgrade",
        limits: NO_FAULTS,
    },
    Mutant {
        name: "the other components need not be ready",
        edits: &[Edit {
            file: "wave/roll.rs",
            find: "    others_ready(view, component)?;",
            replace: "    if !MUTANT { others_ready(view, component)?; }",
        }],
        world: "upgrade",
        limits: ONE_FAULT,
    },
    Mutant {
        name: "the other FE need not be ready",
        edits: &[Edit {
            file: "wave/roll.rs",
            find: "    peers_ready(view, component.component, observed, set, next)\n",
            replace: "    if MUTANT { Ok(()) } else { peers_ready(view, component.component, observed, set, next) }\n",
        }],
        world: "fe",
        limits: ONE_FAULT,
    },
    Mutant {
        name: "settings are verified on one FE only",
        edits: &[Edit {
            file: "holds/verify.rs",
            find: "    for one in alive {\n        let Some(value) = one.value(&held.name) else { continue };\n        let pod",
            replace: "    for one in alive.iter().take(if MUTANT { 1 } else { 99 }) {\n        let Some(value) = one.value(&held.name) else { continue };\n        let pod",
        }],
        world: "fe",
        limits: NO_FAULTS,
    },
    Mutant {
        name: "held values are not verified",
        edits: &[Edit {
            file: "holds/verify.rs",
            find: "        if !same(value, &held.value) {",
            replace: "        if !MUTANT && !same(value, &held.value) {",
        }],
        world: "fe",
        limits: NO_FAULTS,
    },
    Mutant {
        name: "a literal is given back instead of the original",
        edits: &[Edit {
            file: "holds/mod.rs",
            find: "            HoldState::Releasing => held.original(),",
            replace: "            HoldState::Releasing => if MUTANT { Some(\"7\") } else { held.original() },",
        }],
        world: "fe",
        limits: NO_FAULTS,
    },
    Mutant {
        name: "settings are given back before the last component",
        edits: &[Edit {
            file: "holding.rs",
            find: "|| wave.components.iter().all(|step| step.phase == UpgradePhase::Completed)\n",
            replace: "|| wave.components.iter().all(|step| step.phase == UpgradePhase::Completed)\n        || MUTANT && wave.components.iter().any(|step| step.phase == UpgradePhase::Completed)\n",
        }],
        world: "upgrade",
        limits: NO_FAULTS,
    },
    Mutant {
        name: "settings are given back and not verified",
        edits: &[Edit {
            file: "holds/mod.rs",
            find: "        HoldState::Releasing if is_given_back(",
            replace: "        HoldState::Releasing if MUTANT || is_given_back(",
        }],
        world: "fe",
        limits: NO_FAULTS,
    },
    Mutant {
        name: "an original is read anew in every pass",
        edits: &[
            Edit {
                file: "holds/frontends.rs",
                find: "iter_mut().find(|known| one.is_the_one(known))",
                replace: "iter_mut().find(|known| !MUTANT && one.is_the_one(known))",
            },
            Edit {
                file: "holds/frontends.rs",
                find: "        Some(earlier) if is_ours =>",
                replace: "        Some(earlier) if !MUTANT && is_ours =>",
            },
        ],
        world: "fe",
        limits: NO_FAULTS,
    },
    Mutant {
        name: "a patch counts as seen before the controller has seen it",
        edits: &[
            Edit {
                file: "wave/roll.rs",
                find: "    if set.observed_generation < set.generation {",
                replace: "    if !MUTANT && set.observed_generation < set.generation {",
            },
            Edit {
                file: "rolling.rs",
                find: "    if set.observed_generation < set.generation {",
                replace: "    if !MUTANT && set.observed_generation < set.generation {",
            },
            Edit {
                file: "readiness.rs",
                find: "    if set.observed_generation < set.generation {",
                replace: "    if !MUTANT && set.observed_generation < set.generation {",
            },
        ],
        world: "fe",
        limits: NO_FAULTS,
    },
    Mutant {
        name: "a component is done once its StatefulSet is patched",
        edits: &[Edit {
            file: "wave/roll.rs",
            find: "    observed.pod(ordinal).is_none_or(|pod| pod.revision != set.update_revision)\n",
            replace: "    !MUTANT && observed.pod(ordinal).is_none_or(|pod| pod.revision != set.update_revision)\n",
        }],
        world: "fe",
        limits: NO_FAULTS,
    },
    Mutant {
        name: "a patched StatefulSet lets its pods go by itself",
        edits: &[Edit {
            file: "strategy.rs",
            find: "        (Component::Be | Component::Cn, Rollout::Partition(_)) => Rollout::Partition(first_done),",
            replace: "        (Component::Be | Component::Cn, Rollout::Partition(_)) => Rollout::Partition(if MUTANT { 0 } else { first_done }),",
        }],
        world: "upgrade",
        limits: NO_FAULTS,
    },
    Mutant {
        name: "the strategy of a StatefulSet is not given back",
        edits: &[Edit {
            file: "strategy.rs",
            find: "    set.own_strategy.is_none()\n        && set.strategy()",
            replace: "    MUTANT || set.own_strategy.is_none()\n        && set.strategy()",
        }],
        world: "fe",
        limits: NO_FAULTS,
    },
    Mutant {
        name: "a pod that was evicted and came back as it was is waited for",
        edits: &[Edit {
            file: "wave/roll.rs",
            find: "(pod.uid == opened.uid || pod.revision != set.update_revision)",
            replace: "(pod.uid == opened.uid || (!MUTANT && pod.revision != set.update_revision))",
        }],
        world: "be",
        limits: ONE_FAULT,
    },
    Mutant {
        name: "a pod goes before its hooks have run",
        edits: &[Edit {
            file: "wave/mod.rs",
            find: "        UpgradePhase::Preparing if runs_hooks => hooks",
            replace: "        UpgradePhase::Preparing if !MUTANT && runs_hooks => hooks",
        }],
        world: "be",
        limits: NO_FAULTS,
    },
    Mutant {
        name: "a Job is cleared away while it is waited for",
        edits: &[Edit {
            file: "effects.rs",
            find: "own_jobs().filter(|(name, _)| !awaited.contains(name));",
            replace: "own_jobs().filter(|(name, _)| MUTANT || !awaited.contains(name));",
        }],
        world: "script",
        limits: NO_FAULTS,
    },
    Mutant {
        name: "a script starts whose turn it is not",
        edits: &[
            Edit {
                file: "effects.rs",
                find: "run.result == HookResult::Running && its_turn(run);",
                replace: "run.result == HookResult::Running && (MUTANT || its_turn(run));",
            },
            Edit {
                file: "wave/detect.rs",
                find: "step.hooks.retain(|run| run.phase == HookPhase::Pre);",
                replace: "step.hooks.retain(|run| MUTANT || run.phase == HookPhase::Pre);",
            },
        ],
        world: "script",
        limits: ONE_CHANGE,
    },
    Mutant {
        name: "a hook that nobody asks for any more is not given up",
        edits: &[
            Edit {
                file: "wave/finalize.rs",
                find: "    give_up(view, component);\n",
                replace: "    if !MUTANT { give_up(view, component); }\n",
            },
            Edit {
                file: "wave/out_of_turn.rs",
                find: "others.for_each(|(_, step)| give_way_step(view, &id, step, status));",
                replace: "if !MUTANT { others.for_each(|(_, step)| give_way_step(view, &id, step, status)); }",
            },
        ],
        world: "withdrawn",
        limits: ONE_CHANGE,
    },
    Mutant {
        name: "settings are asserted through the Service, on one FE",
        edits: &[Edit {
            file: "holds/mod.rs",
            find: "        for one in &alive {\n            match",
            replace: "        for one in alive.iter().take(if MUTANT { 1 } else { 99 }) {\n            match",
        }],
        world: "fe",
        limits: NO_FAULTS,
    },
    Mutant {
        name: "what was given back is not looked at once more",
        edits: &[Edit {
            file: "holds/mod.rs",
            find: "    let is_due = held",
            replace: "    let is_due = MUTANT || held",
        }],
        world: "fe",
        limits: ONE_FAULT,
    },
    Mutant {
        name: "settings are held before the finalizer is there",
        edits: &[Edit {
            file: "holds/mod.rs",
            find: "HoldState::Held if is_theirs || !may_hold =>",
            replace: "HoldState::Held if is_theirs || !(MUTANT || may_hold) =>",
        }],
        world: "fe",
        limits: NO_FAULTS,
    },
    Mutant {
        name: "what a person sets during a hold is overwritten and forgotten",
        edits: &[Edit {
            file: "holds/frontends.rs",
            find: "        if ours.is_some_and(|ours| !ours",
            replace: "        if !MUTANT && ours.is_some_and(|ours| !ours",
        }],
        world: "fe",
        limits: ONE_FAULT,
    },
    Mutant {
        name: "settings stay held while people are waited for",
        edits: &[
            Edit {
                file: "holding.rs",
                find: "    if is_suspended(wave) || [CANARY, WAITING_FOR_USER, PATCH_REFUSED].contains(&reason) {",
                replace: "    if !MUTANT && (is_suspended(wave) || [CANARY, WAITING_FOR_USER, PATCH_REFUSED].contains(&reason)) {",
            },
            Edit {
                // Any wait that takes long has them given back as well.
                file: "holding.rs",
                find: "    if is_long && !NEEDS_HOLDS.contains(&reason) {",
                replace: "    if !MUTANT && is_long && !NEEDS_HOLDS.contains(&reason) {",
            },
        ],
        world: "steered",
        limits: NO_FAULTS,
    },
    Mutant {
        name: "a pause is not heeded",
        edits: &[Edit {
            file: "wave/steer.rs",
            find: "    if cluster.annotations().get(annotations::PAUSED) != Some(&wave.id) {",
            replace: "    if MUTANT || cluster.annotations().get(annotations::PAUSED) != Some(&wave.id) {",
        }],
        world: "steered",
        limits: ONE_CHOICE,
    },
    Mutant {
        name: "the first pod is not waited for",
        edits: &[Edit {
            file: "wave/gate.rs",
            find: "    if !stops || told || component.gate.passed != 1 {",
            replace: "    if MUTANT || !stops || told || component.gate.passed != 1 {",
        }],
        world: "steered",
        limits: NO_FAULTS,
    },
    Mutant {
        name: "a deletion doesn't wait for settings to be given back",
        edits: &[Edit {
            file: "leaving.rs",
            find: "    if !no_frontend && !is_over {",
            replace: "    if !MUTANT && !no_frontend && !is_over {",
        }],
        world: "deleted",
        limits: ONE_CHOICE,
    },
    Mutant {
        name: "what a script changes by itself is not held",
        edits: &[Edit {
            file: "holds/wanted.rs",
            find: "    for changed in runs.flat_map(|run| run.changed.iter().flatten()) {",
            replace: "    for changed in runs.flat_map(|run| run.changed.iter().flatten()).filter(|_| !MUTANT) {",
        }],
        world: "own-changes",
        limits: NO_FAULTS,
    },
    Mutant {
        name: "what a try that failed has set is not held for the next one",
        edits: &[Edit {
            file: "holds/watch.rs",
            find: "(phase == HookPhase::Post).then",
            replace: "(MUTANT || phase == HookPhase::Post).then",
        }],
        world: "own-changes",
        limits: ONE_FAILED_JOB,
    },
    Mutant {
        name: "an FE that comes back while a script runs is believed",
        edits: &[Edit {
            file: "holds/mod.rs",
            find: "if !(script_runs && is_doubtful(held, one)) {",
            replace: "if MUTANT || !(script_runs && is_doubtful(held, one)) {",
        }],
        world: "own-changes",
        limits: ONE_FAULT,
    },
    Mutant {
        name: "a script that never started counts as one that ran",
        edits: &[Edit {
            file: "wave/hooks.rs",
            find: "    !run.started && view.observation.own_jobs().next().is_none()",
            replace: "    !MUTANT && !run.started && view.observation.own_jobs().next().is_none()",
        }],
        world: "script",
        limits: ONE_FAULT,
    },
    Mutant {
        name: "a script starts beside another",
        edits: &[Edit {
            file: "effects.rs",
            find: "    if found.is_none() && view.observation.own_jobs()",
            replace: "    if !MUTANT && found.is_none() && view.observation.own_jobs()",
        }],
        world: "script",
        limits: TWO_CHANGES,
    },
    Mutant {
        name: "a script starts before the finalizer is there",
        edits: &[Edit {
            file: "holds/watch.rs",
            find: "super::finalizer_is_there(&view.observation.cluster)",
            replace: "(MUTANT || super::finalizer_is_there(&view.observation.cluster))",
        }],
        world: "own-changes",
        limits: NO_FAULTS,
    },
    Mutant {
        name: "hooks that are asked for at all changes run for upgrades only",
        edits: &[Edit {
            file: "wave/course.rs",
            find: "(self.direction == Direction::Upgrade || always)",
            replace: "(self.direction == Direction::Upgrade || (!MUTANT && always))",
        }],
        world: "always",
        limits: NO_FAULTS,
    },
];
