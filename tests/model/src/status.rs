//! Statuses, made finite: only what `plan` reads, with uids, wave ids and times that are counted anew.

use hookgate_api::StarRocksClusterStatus;
use hookgate_api::status::{HookResult, UpgradePhase};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};
use std::{
    collections::{HashMap, hash_map::DefaultHasher},
    hash::{Hash, Hasher},
    sync::{Arc, PoisonError, RwLock},
};

/// Names a status: the digest of its JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StatusId(u64);

/// A status that some state has.
#[derive(Debug)]
pub struct Known {
    /// The status.
    pub status: StarRocksClusterStatus,
    /// For each pod, the uids that it remembers, as bits.
    uids: HashMap<String, u32>,
    /// The number of its wave.
    pub wave: Option<u8>,
    /// The number of the wave that is aborted, or was.
    pub aborted: Option<u8>,
    /// Whether its wave waits at a gate that the user may let it past.
    pub waits_at_gate: bool,
    /// Whether its wave has failed.
    pub failed: bool,
    /// Whether a script was started and isn't known to have ended.
    pub script_runs: bool,
    /// The same status when all its deadlines are over.
    pub later: Later,
}

/// What becomes of a status when time goes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Later {
    /// It has no deadline that isn't over.
    Same,
    /// It becomes that one.
    Other(StatusId),
}

/// The moment at which every pass happens. What a pass writes down as past or future is moved instead.
pub const NOW: Timestamp = Timestamp::constant(1_767_225_600, 0);

/// So long ago that every deadline is over.
pub fn long_ago() -> Timestamp {
    NOW - SignedDuration::from_hours(24 * 30)
}

/// Every wave of a state has a number; its id is what `plan` makes of a moment that is so many milliseconds later.
pub fn wave_id(number: u8) -> String {
    format!("g1-{}", NOW.as_millisecond() + i64::from(number))
}

fn wave_number(id: &str) -> Option<u8> {
    let (_, milliseconds) = id.split_once('-')?;
    let number = milliseconds.parse::<i64>().ok()? - NOW.as_millisecond();
    u8::try_from(number).ok()
}

/// The uid of a pod.
pub fn uid(pod: &str, number: u8) -> String {
    format!("{pod}-u{number}")
}

/// The number in a uid of that pod.
pub fn uid_number(pod: &str, uid: &str) -> Option<u8> {
    uid.strip_prefix(pod)?.strip_prefix("-u")?.parse().ok()
}

/// Every status that was seen.
#[derive(Default)]
pub struct Statuses {
    known: RwLock<HashMap<StatusId, Arc<Known>>>,
    /// What was made of the statuses that `plan` wrote, by digests of their JSON: most are written many times.
    added: RwLock<HashMap<Digest, StatusId>>,
    /// Whether the gate that a wave waits at is kept, because the user may let it past.
    gates: bool,
    /// Whether time goes by until settings have been held for too long.
    limited: bool,
    /// Whether it decides anything how many pods of a component have passed their gate: the wave stops after the first.
    canary: bool,
}

impl Statuses {
    /// None yet. `gates`: whether the gate that a wave waits at decides anything, because the user may let it past.
    /// `limited`: whether time goes by until settings have been held for too long. `canary`: whether a wave stops after
    /// the first pod of a component.
    pub fn new(gates: bool, limited: bool, canary: bool) -> Self {
        Self { gates, limited, canary, ..Self::default() }
    }

    /// The status of that name.
    pub fn get(&self, id: StatusId) -> Arc<Known> {
        Arc::clone(&self.known.read().unwrap_or_else(PoisonError::into_inner)[&id])
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.known.read().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Makes a status finite and names it.
    pub fn add(&self, status: &StarRocksClusterStatus) -> StatusId {
        let written = digest(&serde_json::to_vec(status).unwrap());
        let added = self.added.read().unwrap_or_else(PoisonError::into_inner).get(&written).copied();
        added.unwrap_or_else(|| {
            let mut value = serde_json::to_value(status).unwrap();
            project(&mut value, self.gates);
            if !self.canary {
                each_object(&mut value, &mut forget_passed);
            }
            let id = self.add_projected(value);
            self.added.write().unwrap_or_else(PoisonError::into_inner).insert(written, id);
            id
        })
    }

    fn add_projected(&self, value: Value) -> StatusId {
        let text = value.to_string();
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        let id = StatusId(hasher.finish());
        if self.known.read().unwrap_or_else(PoisonError::into_inner).contains_key(&id) {
            return id;
        }
        let mut moved = value.clone();
        each_time(&mut moved, &mut |_| long_ago());
        if !self.limited {
            keep_limits(&value, &mut moved);
        }
        let later = if moved == value { Later::Same } else { Later::Other(self.add_projected(moved)) };
        let status: StarRocksClusterStatus = serde_json::from_value(value).unwrap();
        let mut uids = HashMap::new();
        remember_uids(&text, &mut uids);
        let failed = status
            .wave
            .as_ref()
            .is_some_and(|wave| wave.components.iter().any(|step| step.phase == UpgradePhase::Failed));
        let runs = status.wave.iter().flat_map(|wave| &wave.components).flat_map(|step| &step.hooks);
        let script_runs = runs.clone().any(|run| run.started && run.result == HookResult::Running);
        let known = Known {
            script_runs,
            uids,
            wave: status.wave.as_ref().and_then(|wave| wave_number(&wave.id)),
            aborted: status.aborted.as_ref().and_then(|aborted| wave_number(&aborted.wave)),
            waits_at_gate: waits_at_gate(&status),
            failed,
            later,
            status,
        };
        self.known.write().unwrap_or_else(PoisonError::into_inner).insert(id, Arc::new(known));
        id
    }
}

impl Known {
    /// Whether the status remembers that uid of a pod.
    pub fn remembers(&self, pod: &str, number: u8) -> bool {
        self.uids.get(pod).is_some_and(|bits| bits & (1 << number) != 0)
    }
}

/// Names something. Of that many bits no two things of an exploration are the same by chance.
pub(crate) type Digest = (u64, u64);

/// The name of something.
pub(crate) fn digest(named: &impl Hash) -> Digest {
    let half = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        salt.hash(&mut hasher);
        named.hash(&mut hasher);
        hasher.finish()
    };
    (half(0), half(1))
}

/// Fields of the status that only people and tools read: `plan` writes them anew in every pass.
const FOR_PEOPLE: [&str; 8] = [
    "phase",
    "reason",
    "observedGeneration",
    "conditions",
    "starRocksFeStatus",
    "starRocksBeStatus",
    "starRocksCnStatus",
    "starRocksFeProxyStatus",
];

/// Time goes by, and not until settings have been held for too long.
fn keep_limits(before: &Value, after: &mut Value) {
    let held = before.get("heldSettings").and_then(Value::as_array);
    let later = after.get_mut("heldSettings").and_then(Value::as_array_mut);
    for (held, later) in held.into_iter().flatten().zip(later.into_iter().flatten()) {
        if let Some(until) = held.get("until") {
            later["until"] = until.clone();
        }
    }
}

fn waits_at_gate(status: &StarRocksClusterStatus) -> bool {
    let waiting = status.wave.as_ref().and_then(|wave| wave.waiting_for.as_ref());
    waiting.is_some_and(|waiting| waiting.gate.is_some())
}

/// Waits of which it decides nothing how long they have lasted. Of all others it does: after a minute what is held is given
/// back.
const NOT_WEIGHED: [&str; 8] = [
    "Canary",
    "GivingBackSettings",
    "HookFailed",
    "HookRetry",
    "HookRunning",
    "Paused",
    "Recording",
    "SettingsNotHeld",
];

/// What decides something of what a wave waits for; `None` when nothing does.
fn waiting(wave: &Map<String, Value>, gates: bool) -> Option<Value> {
    let mut waiting = wave.get("waitingFor")?.clone();
    let holds = wave.get("direction").and_then(Value::as_str) == Some("Upgrade");
    let reason = waiting.get("reason").and_then(Value::as_str).unwrap_or_default();
    let weighed = holds && !NOT_WEIGHED.contains(&reason);
    let known = waiting.as_object_mut()?;
    known.insert("message".to_owned(), "words".into());
    if !gates {
        known.remove("gate");
    }
    if !weighed {
        known.insert("since".to_owned(), long_ago().to_string().into());
    }
    (weighed || known.contains_key("gate")).then_some(waiting)
}

fn project(value: &mut Value, gates: bool) {
    each_time(value, &mut |time| match time.duration_since(NOW).as_millis() {
        -1000..=1000 => NOW,
        ..-1000 => long_ago(),
        // The number of a wave is in the milliseconds.
        _ => Timestamp::from_second(time.as_second()).unwrap(),
    });
    let Some(status) = value.as_object_mut() else { return };
    for field in FOR_PEOPLE {
        status.remove(field);
    }
    let wave = status.get("wave").and_then(|wave| wave.get("id")).cloned();
    if status.get("upgradePreparationStatus").is_some_and(|known| known.get("wave") != wave.as_ref()) {
        // That of a wave which is over is never looked at again.
        status.remove("upgradePreparationStatus");
    }
    if let Some(wave) = status.get_mut("wave").and_then(Value::as_object_mut) {
        for field in ["step", "next", "nextOpening"] {
            wave.remove(field);
        }
    }
    let waiting = value.get("wave").and_then(Value::as_object).and_then(|wave| waiting(wave, gates));
    each_object(value, &mut |object| {
        if object.get("message").and_then(Value::as_str).is_some_and(|message| !message.is_empty()) {
            object.insert("message".to_owned(), "words".into());
        }
        set_idle_times(object, long_ago());
        if tries_decide_nothing(object) {
            object.insert("attempt".to_owned(), 1.into());
        }
    });
    if let Some(wave) = value.get_mut("wave").and_then(Value::as_object_mut) {
        if is_forward(wave) {
            wave.insert("trigger".to_owned(), "SpecChange".into());
        }
        wave.remove("waitingFor");
        wave.extend(waiting.map(|waiting| ("waitingFor".to_owned(), waiting)));
    }
}

/// How many pods have passed their gate, and when, in a world without canaries and pauses.
fn forget_passed(object: &mut Map<String, Value>) {
    if let Some(passed) = object.get_mut("passed") {
        *passed = 0.into();
        object.remove("passedAt");
    }
}

/// Whether it decides nothing of an object how often it was tried: a component says so to people, an image is tried
/// without end, and a predefined hook has succeeded.
fn tries_decide_nothing(object: &Map<String, Value>) -> bool {
    let has = |field: &str, text: &str| object.get(field).and_then(Value::as_str) == Some(text);
    let is_hook = object.contains_key("result");
    object.contains_key("attempt") && (!is_hook || (has("result", "Succeeded") && !has("name", "custom")))
}

/// Whether a wave doesn't go back: then it decides nothing why it began.
fn is_forward(wave: &Map<String, Value>) -> bool {
    let trigger = wave.get("trigger").and_then(Value::as_str);
    trigger.is_some_and(|trigger| ["SpecChange", "CauseChanged", "Retry"].contains(&trigger))
}

/// Other words in everything that [`project`] leaves away: what `plan` makes of it must be the same.
pub fn disguise(status: &StarRocksClusterStatus) -> StarRocksClusterStatus {
    let mut value = serde_json::to_value(status).unwrap();
    let waiting = value.pointer("/wave/waitingFor").cloned();
    let mut hasher = DefaultHasher::new();
    value.to_string().hash(&mut hasher);
    let other = NOT_WEIGHED[usize::try_from(hasher.finish() % NOT_WEIGHED.len() as u64).unwrap()];
    each_object(&mut value, &mut |object| {
        if object.contains_key("message") {
            object.insert("message".to_owned(), "other words".into());
        }
        set_idle_times(object, NOW);
        if tries_decide_nothing(object) {
            object.insert("attempt".to_owned(), 5.into());
        }
    });
    if let Some(wave) = value.get_mut("wave").and_then(Value::as_object_mut) {
        if is_forward(wave) {
            wave.insert("trigger".to_owned(), "Retry".into());
        }
        let other = serde_json::json!({"reason": other, "message": "other", "since": long_ago()});
        wave.insert("waitingFor".to_owned(), waiting.unwrap_or(other));
        wave.insert("next".to_owned(), "other".into());
        wave.insert("step".to_owned(), serde_json::json!({"since": long_ago()}));
    }
    let mut status: StarRocksClusterStatus = serde_json::from_value(value).unwrap();
    status.phase = "other".to_owned();
    status.reason = "other".to_owned();
    status.observed_generation = Some(77);
    status
}

/// Sets the times that decide nothing.
fn set_idle_times(object: &mut Map<String, Value>, time: Timestamp) {
    let idle: &[&str] = match object.get("result").and_then(Value::as_str) {
        // Of hooks: a try may be overdue, and a failed one is due again.
        Some("Running") => &[],
        Some("Failed") => &["startedAt"],
        Some(_) => &["startedAt", "finishedAt"],
        // A patch that was refused is tried again.
        None if object.contains_key("refused") => &[],
        None => &["at", "completedAt", "nextRetryAt", "passedAt", "since", "startedAt"],
    };
    for field in idle {
        if let Some(known) = object.get_mut(*field) {
            *known = time.to_string().into();
        }
    }
}

fn each_object(value: &mut Value, change: &mut impl FnMut(&mut Map<String, Value>)) {
    match value {
        Value::Object(object) => {
            change(object);
            object.values_mut().for_each(|value| each_object(value, change));
        }
        Value::Array(items) => items.iter_mut().for_each(|value| each_object(value, change)),
        _ => {}
    }
}

fn each_time(value: &mut Value, change: &mut impl FnMut(Timestamp) -> Timestamp) {
    match value {
        Value::String(text) if text.as_bytes().get(10) == Some(&b'T') => {
            if let Ok(time) = text.parse::<Timestamp>() {
                *text = change(time).to_string();
            }
        }
        Value::Object(object) => object.values_mut().for_each(|value| each_time(value, change)),
        Value::Array(items) => items.iter_mut().for_each(|value| each_time(value, change)),
        _ => {}
    }
}

/// Notes every uid in a status's JSON.
fn remember_uids(text: &str, uids: &mut HashMap<String, u32>) {
    for word in text.split('"') {
        if let Some((pod, number)) = word.rsplit_once("-u")
            && let Ok(number) = number.parse::<u8>()
        {
            *uids.entry(pod.to_owned()).or_default() |= 1 << number;
        }
    }
}
