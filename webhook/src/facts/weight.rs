//! How much memory it takes to read the objects of a request, estimated from their text.

use serde_json::value::RawValue;

use crate::review::decode::Request;

/// An entry of a ConfigMap, with its share of the map, besides the bytes of its text.
const CONFIG_MAP_VALUE_BYTES: usize = 192;
/// The most that an empty value of a StarRocksCluster becomes: a container of a sidecar, while its list grows.
const CLUSTER_VALUE_BYTES: usize = 4096;
/// The most that an empty value of a HookPolicy becomes: an option of a program, while its list grows.
const POLICY_VALUE_BYTES: usize = 512;
/// The most that an empty value of TKEStack's Cluster or Machine becomes: a machine, while its list grows.
const PLATFORM_VALUE_BYTES: usize = 1024;
/// A group of a user, or an entry of what else is known of them, while its list grows.
const USER_VALUE_BYTES: usize = 192;
/// Text is copied, decoded from base64, and split into the syntax tree of a script.
const COPIES: usize = 3;

/// Bytes that [`Facts::read`](super::Facts::read) and a decision may take for this request, at most.
#[must_use]
pub fn weigh(request: &Request<'_>) -> usize {
    let for_each_value = match (request.kind.group.as_str(), request.kind.kind.as_str()) {
        ("", "ConfigMap") => CONFIG_MAP_VALUE_BYTES,
        ("starrocks.com", "StarRocksCluster") => CLUSTER_VALUE_BYTES,
        ("hookgate.dev", "HookPolicy") => POLICY_VALUE_BYTES,
        ("platform.tkestack.io", "Cluster" | "Machine") => PLATFORM_VALUE_BYTES,
        _ => 0,
    };
    let text = |text: &RawValue, for_each_value: usize| {
        text.get().len() * COPIES + values(text.get().as_bytes()) * for_each_value
    };
    // Objects of other kinds stay text.
    let objects = [request.object, request.old_object].into_iter().flatten().filter(|_| for_each_value > 0);
    let objects: usize = objects.map(|object| text(object, for_each_value)).sum();
    objects + request.user_info.map_or(0, |user| text(user, USER_VALUE_BYTES))
}

/// An upper bound of the values in a JSON text: what begins with a bracket, a brace, or after a comma.
fn values(json: &[u8]) -> usize {
    let (mut count, mut in_string, mut escaped) = (1, false, false);
    for byte in json {
        match (in_string, escaped, byte) {
            (true, true, _) => escaped = false,
            (true, false, b'\\') => escaped = true,
            (_, false, b'"') => in_string = !in_string,
            (false, _, b',' | b'[' | b'{') => count += 1,
            _ => {}
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::review::decode::decode;
    use proptest::prelude::*;
    use serde_json::Value;

    #[test]
    fn text_inside_strings_does_not_count() {
        assert_eq!(values(br#""a,b,[{,\",""#), 1);
        assert_eq!(values(br#"{"a\\":"x","b":"\\\",{"}"#), 3);
        assert_eq!(values(b"[{},{}]"), 5);
    }

    #[test]
    fn a_usual_cluster_is_light_and_a_strange_one_heavy() {
        let weight = |object: &str| {
            let body = format!(
                r#"{{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{{"uid":"u","operation":"CREATE",
                "kind":{{"group":"starrocks.com","version":"v1","kind":"StarRocksCluster"}},"object":{object}}}}}"#
            );
            weigh(&decode(body.as_bytes()).unwrap())
        };
        assert!(weight(r#"{"spec":{"starRocksFeSpec":{"image":"fe:1","replicas":3}}}"#) < 32 * 1024);
        assert!(weight(&format!("[{}{{}}]", "{},".repeat(100_000))) > 400 << 20);
    }

    #[test]
    fn a_user_of_many_groups_is_weighed_whatever_the_kind() {
        let groups = r#""","#.repeat(100_000);
        let body = format!(
            r#"{{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{{"uid":"u","operation":"CREATE",
            "kind":{{"group":"","version":"v1","kind":"Pod"}},"userInfo":{{"groups":[{groups}""]}},"object":{{}}}}}}"#
        );
        assert!(weigh(&decode(body.as_bytes()).unwrap()) > 100_000 * USER_VALUE_BYTES);
    }

    fn count(value: &Value) -> usize {
        1 + match value {
            Value::Array(items) => items.iter().map(count).sum(),
            Value::Object(items) => items.values().map(count).sum::<usize>(),
            _ => 0,
        }
    }

    proptest! {
        #[test]
        fn no_value_is_overlooked(text in "[\\[\\]{}\",:a\\\\0]{0,60}") {
            if let Ok(value) = serde_json::from_str::<Value>(&text) {
                prop_assert!(values(text.as_bytes()) >= count(&value));
            }
        }

        #[test]
        fn no_value_of_an_object_is_overlooked(keys in prop::collection::vec(".{0,4}", 0..6), text in ".{0,8}") {
            let value: Value = keys.into_iter().map(|key| (key, serde_json::json!([text, {}, []]))).collect();
            prop_assert!(values(value.to_string().as_bytes()) >= count(&value));
        }
    }
}
