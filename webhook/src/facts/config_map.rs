//! A ConfigMap: what is in it, and whether it's marked as a hook.

use std::collections::BTreeMap;

use base64::Engine as _;
use hookgate_api::defaults::HOOK_LABEL;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{FactsError, Metadata, shape};

/// What matters of a ConfigMap.
#[derive(Debug, Clone, Default)]
pub struct ConfigMapFacts {
    pub(crate) metadata: Metadata,
    /// Key and content of `data` and of `binaryData` (decoded), in this order and by key.
    pub entries: Vec<(String, Vec<u8>)>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Object {
    #[serde(default)]
    metadata: Metadata,
    #[serde(default)]
    data: Option<BTreeMap<String, String>>,
    #[serde(default)]
    binary_data: Option<BTreeMap<String, String>>,
}

impl ConfigMapFacts {
    pub(super) fn read(object: &RawValue) -> Result<Self, FactsError> {
        let object: Object = shape(object, "ConfigMap")?;
        let mut entries: Vec<(String, Vec<u8>)> =
            object.data.into_iter().flatten().map(|(key, text)| (key, text.into_bytes())).collect();
        for (key, text) in object.binary_data.into_iter().flatten() {
            match base64::engine::general_purpose::STANDARD.decode(&text) {
                Ok(content) => entries.push((key, content)),
                Err(_) => return Err(FactsError::NotBase64(crate::text::one_line(&key, 253))),
            }
        }
        Ok(Self { metadata: object.metadata, entries })
    }

    /// From a ConfigMap that was read from the API server.
    #[must_use]
    pub fn of(object: k8s_openapi::api::core::v1::ConfigMap) -> Self {
        let metadata =
            Metadata { name: object.metadata.name, labels: object.metadata.labels, ..Metadata::default() };
        let mut entries: Vec<(String, Vec<u8>)> =
            object.data.into_iter().flatten().map(|(key, text)| (key, text.into_bytes())).collect();
        entries.extend(object.binary_data.into_iter().flatten().map(|(key, content)| (key, content.0)));
        Self { metadata, entries }
    }

    /// Whether it carries the label that marks a hook, with whatever value.
    #[must_use]
    pub fn is_labelled(&self) -> bool {
        self.metadata.labels.as_ref().is_some_and(|labels| labels.contains_key(HOOK_LABEL))
    }

    /// Whether it's being deleted.
    #[must_use]
    pub fn is_deleted(&self) -> bool {
        self.metadata.deletion_timestamp.is_some()
    }

    /// The contents under a key: one, or none; two when `data` and `binaryData` both have it.
    pub fn contents<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.entries.iter().filter(move |(name, _)| name == key).map(|(_, content)| content.as_slice())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<ConfigMapFacts, FactsError> {
        ConfigMapFacts::read(&RawValue::from_string(text.to_owned()).unwrap())
    }

    #[test]
    fn text_and_bytes_are_read() {
        let facts = read(
            r#"{"metadata":{"name":"m","labels":{"hookgate.dev/hook":"false"}},"data":{"a":"1"},"binaryData":{"b":"Mg=="}}"#,
        )
        .unwrap();
        assert_eq!(facts.entries, [("a".into(), b"1".to_vec()), ("b".into(), b"2".to_vec())]);
        assert!(facts.is_labelled(), "the label's value doesn't switch it off");
        assert_eq!(facts.contents("b").next(), Some(&b"2"[..]));
    }

    #[test]
    fn an_empty_config_map_is_one() {
        assert!(read(r#"{"data":null}"#).unwrap().entries.is_empty());
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        assert_eq!(read(r#"{"binaryData":{"k":"?"}}"#).unwrap_err(), FactsError::NotBase64("k".into()));
        assert!(matches!(read(r#"{"data":{"k":1}}"#), Err(FactsError::Shape { kind: "ConfigMap", .. })));
        assert!(matches!(read("7"), Err(FactsError::Shape { .. })));
    }
}
