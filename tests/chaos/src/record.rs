//! What a record in the status is about, whenever it is written.

use hookgate_api::annotations::is_wave_id;
use serde_json::Value;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Fields of a status that differ each time that the same thing is written down.
const OF_THE_MOMENT: [&str; 5] = ["message", "attempt", "nonce", "jobUid", "since"];

/// A name for what is written down: the same for the next try of it. A body that isn't JSON has the name of its bytes.
pub fn name(body: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    match serde_json::from_slice::<Value>(body) {
        Ok(mut object) => {
            let mut status = object.get_mut("status").map(Value::take).unwrap_or_default();
            forget_the_moment(&mut status);
            status.to_string().hash(&mut hasher);
        }
        Err(_) => body.hash(&mut hasher),
    }
    format!("record {:016x}", hasher.finish())
}

fn forget_the_moment(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            let is_time = |name: &str| name.ends_with("At") || name.ends_with("Time");
            fields.retain(|name, _| !is_time(name) && !OF_THE_MOMENT.contains(&name.as_str()));
            fields.values_mut().for_each(forget_the_moment);
        }
        Value::Array(items) => items.iter_mut().for_each(forget_the_moment),
        // It has the moment at which the wave began.
        Value::String(text) if is_wave_id(text) => text.clear(),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn another_try_of_the_same_has_the_same_name_and_anything_else_another() {
        let status = |attempt: u32, at: &str, result: &str| {
            let wave = format!("g2-17953144781{attempt}");
            let run =
                json!({"attempt": attempt, "startedAt": at, "result": result, "message": at, "wave": wave});
            name(
                json!({"metadata": {"resourceVersion": at}, "status": {"hooks": [run]}})
                    .to_string()
                    .as_bytes(),
            )
        };
        let first = status(1, "2026-01-01T00:00:00Z", "Running");
        assert_eq!(first, status(2, "2026-01-01T00:00:09Z", "Running"));
        assert_ne!(first, status(1, "2026-01-01T00:00:00Z", "Failed"));
        assert_ne!(name(b"{"), name(b"["));
    }
}
