//! Statuses, made finite: only what `plan` reads, with uids, wave ids and times that are counted anew.

use hookgate_api::StarRocksClusterStatus;
use hookgate_api::status::UpgradePhase;
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
    /// Whether its wave has failed.
    pub failed: bool,
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
fn long_ago() -> Timestamp {
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
}

impl Statuses {
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
        let mut value = serde_json::to_value(status).unwrap();
        project(&mut value);
        self.add_projected(value)
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
        let later = if moved == value { Later::Same } else { Later::Other(self.add_projected(moved)) };
        let status: StarRocksClusterStatus = serde_json::from_value(value).unwrap();
        let mut uids = HashMap::new();
        remember_uids(&text, &mut uids);
        let failed = status
            .wave
            .as_ref()
            .is_some_and(|wave| wave.components.iter().any(|step| step.phase == UpgradePhase::Failed));
        let known = Known {
            uids,
            wave: status.wave.as_ref().and_then(|wave| wave_number(&wave.id)),
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

fn project(value: &mut Value) {
    each_time(value, &mut |time| match time.duration_since(NOW).as_millis() {
        -1000..=1000 => NOW,
        ..-1000 => long_ago(),
        _ => time,
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
        for field in ["waitingFor", "step", "next", "nextOpening"] {
            wave.remove(field);
        }
    }
    each_object(value, &mut |object| {
        if object.get("message").and_then(Value::as_str).is_some_and(|message| !message.is_empty()) {
            object.insert("message".to_owned(), "words".into());
        }
        // Of times only those of hooks decide anything.
        let hook = object.contains_key("result");
        for field in ["since", "startedAt", "completedAt", "nextRetryAt"] {
            if !hook && object.contains_key(field) {
                object.insert(field.to_owned(), long_ago().to_string().into());
            }
        }
    });
}

/// Other words in everything that [`project`] leaves away: what `plan` makes of it must be the same.
pub fn disguise(status: &StarRocksClusterStatus) -> StarRocksClusterStatus {
    let mut value = serde_json::to_value(status).unwrap();
    each_object(&mut value, &mut |object| {
        if object.contains_key("message") {
            object.insert("message".to_owned(), "other words".into());
        }
        let hook = object.contains_key("result");
        for field in ["since", "startedAt", "completedAt", "nextRetryAt"] {
            if !hook && object.contains_key(field) {
                object.insert(field.to_owned(), NOW.to_string().into());
            }
        }
    });
    if let Some(wave) = value.get_mut("wave").and_then(Value::as_object_mut) {
        let waiting = serde_json::json!({"reason": "Other", "message": "other", "since": long_ago()});
        wave.insert("waitingFor".to_owned(), waiting);
        wave.insert("next".to_owned(), "other".into());
        wave.insert("step".to_owned(), serde_json::json!({"since": long_ago()}));
    }
    let mut status: StarRocksClusterStatus = serde_json::from_value(value).unwrap();
    status.phase = "other".to_owned();
    status.reason = "other".to_owned();
    status.observed_generation = Some(77);
    status
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
