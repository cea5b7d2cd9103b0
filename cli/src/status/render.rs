//! The picture: a pure function of the cluster, its pods and the time.

use super::moments::{clock, duration};
use hookgate_api::{
    Component, StarRocksCluster,
    status::{
        ComponentStatus, ConditionType, HoldState, HookResult, HookRun, UpgradePhase, UpgradeState, Wave,
        WaveComponent, condition,
    },
};
use jiff::Timestamp;
use k8s_openapi::api::apps::v1::StatefulSet;
use kube::ResourceExt;
use std::{collections::BTreeMap, fmt::Write};

/// The pods of a component, as its StatefulSet counts them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pods {
    /// How many there are to be.
    pub(crate) wanted: i32,
    /// How many are ready.
    pub(crate) ready: i32,
    /// How many come from the present template.
    pub(crate) updated: i32,
}

impl Pods {
    /// What a StatefulSet says.
    pub(crate) fn of(set: &StatefulSet) -> Self {
        let status = set.status.as_ref();
        Self {
            wanted: set.spec.as_ref().and_then(|spec| spec.replicas).unwrap_or(1),
            ready: status.and_then(|status| status.ready_replicas).unwrap_or_default(),
            updated: status.and_then(|status| status.updated_replicas).unwrap_or_default(),
        }
    }
}

/// Shows a cluster: its conditions, the upgrade in flight or the last one, and the settings that are held.
pub(crate) fn render(
    cluster: &StarRocksCluster,
    pods: &BTreeMap<Component, Pods>,
    now: Timestamp,
    color: bool,
) -> String {
    let paint = Paint(color);
    let mut text = String::new();
    let place = format!("{}/{}", cluster.namespace().unwrap_or_default(), cluster.name_any());
    let Some(status) = &cluster.status else {
        return format!("{}  no operator has looked at it yet\n", paint.bold(&place));
    };
    let mut line = |words: String| {
        text.push_str(words.trim_end());
        text.push('\n');
    };
    line(format!("{}  {}", paint.bold(&place), headline(cluster, &paint)));
    if cluster.metadata.generation != status.observed_generation {
        line("  the operator hasn't seen the present spec yet".to_owned());
    }
    match &status.wave {
        Some(wave) => {
            line(String::new());
            line(wave_title(wave, now));
            for component in &wave.components {
                line(step(component, pods.get(&component.component), now, &paint));
                component.hooks.iter().for_each(|hook| line(run(hook, now, &paint)));
            }
            line(String::new());
            if let Some(waiting) = &wave.waiting_for {
                let since = duration(waiting.since.0, now);
                line(format!(
                    "{} {} ({}, for {since})",
                    paint.bold("waits:"),
                    waiting.message,
                    waiting.reason
                ));
            }
            if !wave.next.is_empty() {
                line(format!("{}  {}", paint.bold("next:"), wave.next));
            }
        }
        None => {
            let last = Component::ALL.iter().filter_map(|component| {
                Some((*component, status.component(*component)?.upgrade_state.as_ref()?))
            });
            let last: Vec<_> = last.collect();
            if !last.is_empty() {
                line(String::new());
                line("The last upgrade:".to_owned());
            }
            for (component, state) in last {
                line(last_step(component, state, pods.get(&component), now, &paint));
                state.hooks.iter().for_each(|hook| line(run(hook, now, &paint)));
            }
        }
    }
    if let Some(proxy) = &status.star_rocks_fe_proxy_status {
        line(proxy_line(proxy, &paint));
    }
    for held in &status.held_settings {
        let doing = match held.state {
            HoldState::Watched => "watched:",
            HoldState::Held => "held:",
            HoldState::Releasing => "given back:",
            HoldState::GivenBack => continue,
        };
        let originals: Vec<_> =
            held.frontends.iter().map(|fe| format!("{} on {}", fe.original, fe.pod)).collect();
        if held.state == HoldState::Watched {
            line(format!("{} {} (is {})", paint.bold(doing), held.name, originals.join(", ")));
            continue;
        }
        line(format!("{} {} = {} (was {})", paint.bold(doing), held.name, held.value, originals.join(", ")));
    }
    text
}

/// Ready or not, and what stalls it.
fn headline(cluster: &StarRocksCluster, paint: &Paint) -> String {
    let conditions = cluster.status.as_ref().map(|status| status.conditions.as_slice()).unwrap_or_default();
    let of = |type_| condition(conditions, type_).filter(|one| one.status == "True");
    if let Some(stalled) = of(ConditionType::Stalled) {
        return format!("{}: {}", paint.red(&format!("stalled, {}", stalled.reason)), stalled.message);
    }
    if of(ConditionType::Ready).is_some() {
        return paint.green("ready");
    }
    let why = condition(conditions, ConditionType::Ready).map(|one| one.message.clone()).unwrap_or_default();
    format!("{}{}{why}", paint.yellow("not ready"), if why.is_empty() { "" } else { ": " })
}

/// The FE proxy, which has no part in a wave and follows it.
fn proxy_line(proxy: &ComponentStatus, paint: &Paint) -> String {
    let pods = proxy.running_instances.len();
    let away = proxy.creating_instances.len() + proxy.failed_instances.len();
    let of = if away == 0 { String::new() } else { format!(" of {}", pods + away) };
    let why = if proxy.reason.is_empty() { String::new() } else { format!(": {}", proxy.reason) };
    format!("{} {}, {pods}{of} pods ready{why}", paint.bold("FE proxy:"), proxy.phase)
}

fn wave_title(wave: &Wave, now: Timestamp) -> String {
    let names: Vec<_> = wave.components.iter().map(|one| one.component.as_str().to_uppercase()).collect();
    let done = wave.components.iter().filter(|one| one.phase == UpgradePhase::Completed).count();
    format!(
        "{:?} {}, for {}: {}; {done} of {} done",
        wave.direction,
        wave.id,
        duration(wave.started_at.0, now),
        names.join(", then "),
        names.len(),
    )
}

/// One line of a component: when it began, how far it is, its pods, and from what to what.
fn step(component: &WaveComponent, pods: Option<&Pods>, now: Timestamp, paint: &Paint) -> String {
    let began = component.started_at.as_ref().map_or_else(String::new, |at| clock(at.0, now));
    let took = match (&component.started_at, &component.completed_at) {
        (Some(from), Some(until)) => format!("in {}", duration(from.0, until.0)),
        (Some(from), None) => format!("for {}", duration(from.0, now)),
        (None, _) => String::new(),
    };
    let away = component.opened.as_ref().map_or_else(String::new, |pod| format!("; {} is away", pod.name));
    let (from, to) = (image(&component.from_image), image(&component.to_image));
    let images = if from == to { to.to_owned() } else { format!("{from} → {to}") };
    let message = if component.message.is_empty() {
        String::new()
    } else {
        format!("\n{:12}{}", "", component.message)
    };
    format!(
        "{began:>8}  {:<3} {} {}  {images} {took}{away}{message}",
        component.component.as_str().to_uppercase(),
        phase(component.phase, paint),
        progress(component.phase, pods),
    )
}

fn last_step(
    component: Component,
    state: &UpgradeState,
    pods: Option<&Pods>,
    now: Timestamp,
    paint: &Paint,
) -> String {
    let began = state.started_at.as_ref().map_or_else(String::new, |at| clock(at.0, now));
    let took = match (&state.started_at, &state.completed_at) {
        (Some(from), Some(until)) => format!("in {}", duration(from.0, until.0)),
        _ => String::new(),
    };
    format!(
        "{began:>8}  {:<3} {} {}  {} → {} {took}",
        component.as_str().to_uppercase(),
        phase(state.phase, paint),
        progress(state.phase, pods),
        image(&state.from_image),
        image(&state.to_image),
    )
}

/// A bar with a place for each pod: `#` is back from the new template, `.` is still to go.
fn progress(phase: UpgradePhase, pods: Option<&Pods>) -> String {
    let Some(pods) = pods else { return String::new() };
    let wanted = pods.wanted.max(0);
    let updated = match phase {
        UpgradePhase::Rolling => pods.updated.clamp(0, wanted),
        UpgradePhase::Finalizing | UpgradePhase::Completed => wanted,
        UpgradePhase::Detected | UpgradePhase::Preparing | UpgradePhase::Ready | UpgradePhase::Failed => 0,
    };
    // More places than fit a line are shown as a number only.
    let bar: String = match usize::try_from(wanted) {
        Ok(places @ 1..=24) => {
            let full = usize::try_from(updated).unwrap_or(0);
            format!("[{}{}] ", "#".repeat(full), ".".repeat(places.saturating_sub(full)))
        }
        _ => String::new(),
    };
    let mut text = format!("{bar}{updated}/{wanted}");
    if pods.ready < wanted {
        // Writing to a String does not fail.
        let _infallible = write!(text, ", {} ready", pods.ready);
    }
    text
}

/// The tag, or the end of the digest: what is before it is the same in every line.
fn image(reference: &str) -> &str {
    let name = reference.rsplit('/').next().unwrap_or(reference);
    match name.split_once('@') {
        Some((_, digest)) => digest.get(..19).unwrap_or(digest),
        None => name.split_once(':').map_or(name, |(_, tag)| tag),
    }
}

fn phase(phase: UpgradePhase, paint: &Paint) -> String {
    let word = format!("{:<10}", format!("{phase:?}").to_lowercase());
    match phase {
        UpgradePhase::Completed => paint.green(&word),
        UpgradePhase::Failed => paint.red(&word),
        UpgradePhase::Detected => word,
        UpgradePhase::Preparing | UpgradePhase::Ready | UpgradePhase::Rolling | UpgradePhase::Finalizing => {
            paint.yellow(&word)
        }
    }
}

fn run(hook: &HookRun, now: Timestamp, paint: &Paint) -> String {
    let result = match hook.result {
        HookResult::Succeeded => paint.green("succeeded"),
        HookResult::Failed => paint.red("failed"),
        HookResult::Running => paint.yellow("running"),
    };
    let until = hook.finished_at.as_ref().map_or(now, |at| at.0);
    let attempt = if hook.attempt > 1 { format!(", try {}", hook.attempt) } else { String::new() };
    let message = if hook.message.is_empty() { String::new() } else { format!(": {}", hook.message) };
    format!(
        "{:>8}      {}-hook {} {result} in {}{attempt}{message}",
        clock(hook.started_at.0, now),
        format!("{:?}", hook.phase).to_lowercase(),
        hook.name,
        duration(hook.started_at.0, until),
    )
}

/// Colours, where they are wanted.
struct Paint(bool);

impl Paint {
    fn with(&self, code: &str, text: &str) -> String {
        if self.0 { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    fn bold(&self, text: &str) -> String {
        self.with("1", text)
    }

    fn green(&self, text: &str) -> String {
        self.with("32", text)
    }

    fn yellow(&self, text: &str) -> String {
        self.with("33", text)
    }

    fn red(&self, text: &str) -> String {
        self.with("31", text)
    }
}

#[cfg(test)]
#[path = "render_tests.rs"]
mod tests;
