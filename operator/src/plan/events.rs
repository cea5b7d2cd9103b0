//! What the user is told as Kubernetes Events: the difference that a pass made to the status.

use super::{ending::ending, request};
use hookgate_api::{
    StarRocksClusterStatus, annotations,
    hooks::may_be_held,
    status::{
        ConditionType, HeldSetting, HoldState, HookResult, HookRun, UpgradePhase, Wave, WaveComponent, cap,
        condition,
    },
};

/// How grave an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// As it should be.
    Normal,
    /// Somebody should look.
    Warning,
}

/// An event to publish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedEvent {
    /// How grave it is.
    pub severity: Severity,
    /// One word, for machines.
    pub reason: &'static str,
    /// A sentence, for people.
    pub note: String,
}

pub(super) fn events(before: &StarRocksClusterStatus, after: &StarRocksClusterStatus) -> Vec<PlannedEvent> {
    let mut events = Vec::new();
    held_events(before, after, &mut events);
    wave_events(before.wave.as_ref(), after.wave.as_ref(), &mut events);
    stalled_event(before, after, &mut events);
    overdue_event(before, after, &mut events);
    ignored_event(before, after, &mut events);
    if let Some(aborted) = after.aborted.as_ref().filter(|_| before.aborted.is_none()) {
        let why = if aborted.message.is_empty() {
            "is aborted by the user".to_owned()
        } else {
            format!("goes back by itself, for {}", aborted.message)
        };
        let note = cap(&format!("wave {} {why}: what it changed goes back", aborted.wave));
        events.push(warning("UpgradeAborting", note));
    }
    events
}

fn normal(reason: &'static str, note: String) -> PlannedEvent {
    PlannedEvent { severity: Severity::Normal, reason, note }
}

fn warning(reason: &'static str, note: String) -> PlannedEvent {
    PlannedEvent { severity: Severity::Warning, reason, note }
}

fn wave_events(before: Option<&Wave>, after: Option<&Wave>, events: &mut Vec<PlannedEvent>) {
    let Some(wave) = after else {
        if let Some(wave) = before {
            let ended = ending(wave);
            events.push(normal(ended.event, format!("wave {} is {}", wave.id, ended.words)));
        }
        return;
    };
    let same = before.filter(|before| before.id == wave.id);
    if same.is_none() {
        let components: Vec<_> = wave
            .components
            .iter()
            .map(|step| format!("{} {} to {}", step.component, step.from_image, step.to_image))
            .collect();
        let note = format!("{:?} in wave {}: {}", wave.direction, wave.id, components.join(", "));
        events.push(normal("UpgradeDetected", note));
        events.extend(wave.warnings.iter().map(|words| warning("VersionPathWarning", words.clone())));
        events.extend(request::words(wave).map(|words| warning("DeprecatedAnnotation", words)));
    }
    let known = same.map_or(&[][..], |before| before.skipped_gates.as_slice());
    for skipped in wave.skipped_gates.iter().filter(|skipped| !known.contains(skipped)) {
        let note = format!(
            "SECURITY AUDIT: wave {} is let past the gate {} by the annotation {}; it waited for this: {}",
            wave.id,
            skipped.gate,
            annotations::SKIP_GATE,
            skipped.message
        );
        events.push(warning("GateSkipped", note));
    }
    let warned = same.map_or(&[][..], |before| before.preflight.warnings.as_slice());
    for words in wave.preflight.warnings.iter().filter(|words| !warned.contains(words)) {
        events.push(warning("PreflightWarning", words.clone()));
    }
    for step in &wave.components {
        let earlier =
            same.and_then(|before| before.components.iter().find(|other| other.component == step.component));
        component_events(wave, earlier, step, events);
    }
}

fn component_events(
    wave: &Wave,
    before: Option<&WaveComponent>,
    step: &WaveComponent,
    events: &mut Vec<PlannedEvent>,
) {
    for (index, run) in step.hooks.iter().enumerate() {
        let earlier = before.and_then(|before| before.hooks.get(index));
        hook_event(step, earlier, run, events);
    }
    let without_image = |step: &WaveComponent| {
        let run = step.image.as_ref().filter(|run| run.done && !run.message.is_empty())?;
        Some(format!("no image of the metadata was written before FE: {}", run.message))
    };
    if let Some(words) = without_image(step)
        && before.and_then(without_image).is_none()
    {
        events.push(warning("PreflightWarning", words));
    }
    if before.map(|before| before.phase) != Some(step.phase) {
        let note = |text: &str| format!("{} {text} (wave {})", step.component, wave.id);
        match step.phase {
            UpgradePhase::Detected | UpgradePhase::Ready | UpgradePhase::Finalizing => {}
            UpgradePhase::Preparing => events.push(normal("Preparing", note("is prepared"))),
            UpgradePhase::Rolling => events.push(normal("Rolling", note("is rolled, one pod at a time"))),
            UpgradePhase::Completed => events.push(normal("ComponentCompleted", note("is complete"))),
            UpgradePhase::Failed => {
                let text = format!("{} (wave {}): {}", step.component, wave.id, step.message);
                events.push(warning("UpgradeFailed", text));
            }
        }
    }
    if let Some(opened) = &step.opened
        && before.and_then(|before| before.opened.as_ref()) != Some(opened)
    {
        events.push(normal("PodOpened", format!("{} is replaced", opened.name)));
    }
}

fn hook_event(step: &WaveComponent, before: Option<&HookRun>, run: &HookRun, events: &mut Vec<PlannedEvent>) {
    if before.is_some_and(|before| (before.attempt, before.result) == (run.attempt, run.result)) {
        return;
    }
    let hook = format!("{} {} of {}", run.phase.function(), run.name, step.component);
    match run.result {
        HookResult::Running => {}
        HookResult::Succeeded if run.message.is_empty() => events.push(normal("HookSucceeded", hook)),
        HookResult::Succeeded => events.push(normal("HookSucceeded", format!("{hook}: {}", run.message))),
        HookResult::Failed => {
            events.push(warning("HookFailed", format!("{hook}, try {}: {}", run.attempt, run.message)));
        }
    }
}

fn held_events(
    before: &StarRocksClusterStatus,
    after: &StarRocksClusterStatus,
    events: &mut Vec<PlannedEvent>,
) {
    for held in &after.held_settings {
        let earlier = before.held_settings.iter().find(|other| other.name == held.name);
        let taken = |held: &HeldSetting| held.state == HoldState::Held;
        if !earlier.is_some_and(taken) && taken(held) {
            let originals: Vec<_> =
                held.frontends.iter().map(|fe| format!("{} had {}", fe.pod, fe.original)).collect();
            let note = format!("{} is held at {}; {}", held.name, held.value, originals.join(", "));
            events.push(normal("SettingHeld", note));
        }
    }
    for held in &before.held_settings {
        let later = after.held_settings.iter().find(|other| other.name == held.name);
        match later.map(|later| later.state) {
            None if !may_be_held(&held.name) => {
                let note = format!(
                    "SECURITY AUDIT: status.heldSettings had {:?}, which no hook may change: somebody else wrote it, and it \
                     is left out",
                    held.name
                );
                events.push(warning("HeldSettingRefused", note));
            }
            Some(HoldState::GivenBack) | None if held.is_in_force() => {
                events.push(normal("SettingRestored", format!("{} is what it was on every FE", held.name)));
            }
            Some(HoldState::Releasing) if !held.is_in_force() => {
                let note = format!(
                    "{} was {} again after it had been given back: a statement was still under way, or somebody set \
                     it. It is given back once more",
                    held.name, held.value
                );
                events.push(warning("SettingChangedAgain", note));
            }
            _ => {}
        }
    }
    let theirs = |status: &StarRocksClusterStatus| -> Vec<(String, String, String)> {
        let frontends =
            status.held_settings.iter().flat_map(|held| held.frontends.iter().map(move |fe| (held, fe)));
        let changed = frontends.filter(|(_, fe)| fe.changed_by_others);
        changed.map(|(held, fe)| (held.name.clone(), fe.pod.clone(), fe.original.clone())).collect()
    };
    let known = theirs(before);
    for one in theirs(after).into_iter().filter(|one| !known.contains(one)) {
        let (name, pod, value) = one;
        let note = format!(
            "somebody else has set {name} to {value} on {pod} while an upgrade holds it: {value} is what is given back; \
             it is held again before the next pod goes"
        );
        events.push(warning("SettingChangedByOthers", note));
    }
}

fn overdue_event(
    before: &StarRocksClusterStatus,
    after: &StarRocksClusterStatus,
    events: &mut Vec<PlannedEvent>,
) {
    let overdue = |status: &StarRocksClusterStatus| {
        let condition = condition(&status.conditions, ConditionType::HeldTooLong)?;
        (condition.status == "True").then(|| condition.message.clone())
    };
    if let (Some(message), None) = (overdue(after), overdue(before)) {
        events.push(warning("SettingsHeldTooLong", message));
    }
}

fn ignored_event(
    before: &StarRocksClusterStatus,
    after: &StarRocksClusterStatus,
    events: &mut Vec<PlannedEvent>,
) {
    let ignored = |status: &StarRocksClusterStatus| {
        let condition = condition(&status.conditions, ConditionType::IgnoredAnnotations)?;
        (condition.status == "True").then(|| condition.message.clone())
    };
    if let Some(message) = ignored(after).filter(|message| ignored(before).as_ref() != Some(message)) {
        events.push(warning("AnnotationIgnored", message));
    }
}

fn stalled_event(
    before: &StarRocksClusterStatus,
    after: &StarRocksClusterStatus,
    events: &mut Vec<PlannedEvent>,
) {
    let stalled = |status: &StarRocksClusterStatus| {
        let condition = condition(&status.conditions, ConditionType::Stalled)?;
        (condition.status == "True").then(|| (condition.reason.clone(), condition.message.clone()))
    };
    if let Some((reason, message)) = stalled(after)
        && stalled(before).is_none_or(|(earlier, _)| earlier != reason)
    {
        events.push(warning("Stalled", format!("{reason}: {message}")));
    }
}
