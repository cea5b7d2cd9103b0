//! Finds uid and apiVersion in a body that can't be decoded, so that even this body is answered properly.
//!
//! The body is read as JSON for as long as it is JSON: what was found before the damage is kept. Memory and time are
//! bounded by the body; nothing but the two strings is stored.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};

use super::MAX_UID_BYTES;

/// What could be found.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Rescued {
    /// `request.uid`.
    pub uid: Option<String>,
    /// `apiVersion`.
    pub api_version: Option<String>,
}

/// Looks for uid and apiVersion.
#[must_use]
pub fn rescue(body: &[u8]) -> Rescued {
    let mut found = Rescued::default();
    let mut json = serde_json::Deserializer::from_slice(body);
    // The error, if any, has been met before: it's why we are here.
    let _ = Object { found: &mut found, depth: Depth::Review }.deserialize(&mut json);
    found
}

#[derive(Clone, Copy)]
enum Depth {
    Review,
    Request,
}

struct Object<'a> {
    found: &'a mut Rescued,
    depth: Depth,
}

impl<'de> DeserializeSeed<'de> for Object<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Object<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            match (self.depth, key.as_str()) {
                (Depth::Review, "apiVersion") => self.found.api_version = short(map.next_value()?),
                (Depth::Review, "request") => {
                    map.next_value_seed(Object { found: &mut *self.found, depth: Depth::Request })?;
                }
                (Depth::Request, "uid") => self.found.uid = short(map.next_value()?),
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

fn short(text: String) -> Option<String> {
    (!text.is_empty() && text.len() <= MAX_UID_BYTES).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_before_the_damage_is_found() {
        let whole = br#"{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"u-1","object":{"uid":"not this"}}}"#;
        let after_uid = whole.iter().position(|byte| *byte == b'o').unwrap().max(90);
        for length in [after_uid, whole.len() - 3, whole.len()] {
            let found = rescue(&whole[..length]);
            assert_eq!(found.uid.as_deref(), Some("u-1"), "{length} bytes");
            assert_eq!(found.api_version.as_deref(), Some("admission.k8s.io/v1"));
        }
    }

    #[test]
    fn only_the_requests_own_uid_counts() {
        assert_eq!(
            rescue(br#"{"uid":"a","response":{"uid":"b"},"request":{"object":{"uid":"c"}}}"#).uid,
            None
        );
    }

    #[test]
    fn nothing_is_found_in_nothing() {
        for body in
            [&b""[..], b"{", b"[]", b"null", b"\xff\xfe", br#"{"request":[]}"#, br#"{"request":{"uid":7}}"#]
        {
            assert_eq!(rescue(body), Rescued::default(), "{body:?}");
        }
    }

    #[test]
    fn an_overlong_uid_is_not_echoed() {
        let body = format!(r#"{{"request":{{"uid":"{}"}}}}"#, "a".repeat(MAX_UID_BYTES + 1));
        assert_eq!(rescue(body.as_bytes()).uid, None);
    }
}
