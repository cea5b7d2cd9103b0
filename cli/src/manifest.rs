//! Manifests: the objects that matter in a stream of YAML or JSON documents.

use base64::Engine as _;
use hookgate_api::defaults::HOOK_LABEL;
use serde_json::Value;

/// An object that matters.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Object {
    /// A ConfigMap, which may hold hooks.
    ConfigMap(ConfigMap),
    /// A StarRocksCluster, as it stands in the manifest.
    Cluster(Meta, Value),
}

/// What identifies an object.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Meta {
    pub(crate) name: String,
    /// Empty when the manifest names none.
    pub(crate) namespace: String,
}

impl Meta {
    /// `namespace/name`, or the name alone.
    pub(crate) fn title(&self) -> String {
        if self.namespace.is_empty() {
            self.name.clone()
        } else {
            format!("{}/{}", self.namespace, self.name)
        }
    }
}

/// A ConfigMap's contents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ConfigMap {
    pub(crate) meta: Meta,
    /// Whether it carries the label that marks hooks, with whatever value.
    pub(crate) labelled: bool,
    /// The keys with their contents.
    pub(crate) entries: Vec<Entry>,
}

/// A key of a ConfigMap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) content: Vec<u8>,
    /// Whether it stands in `binaryData`.
    pub(crate) binary: bool,
}

/// Why a manifest cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ManifestError {
    /// The bytes are not UTF-8.
    #[error("not UTF-8 text: save the file as UTF-8")]
    NotText,
    /// The text is not YAML.
    #[error("not valid YAML or JSON: {0}")]
    NotYaml(String),
    /// A value of a ConfigMap is not a text.
    #[error("ConfigMap {object}: the value of `{key}` is not a text: put it in quotes or into a block")]
    NotString {
        /// The ConfigMap.
        object: String,
        /// The key.
        key: String,
    },
    /// A value of `binaryData` is not base64.
    #[error("ConfigMap {object}: the value of `{key}` in binaryData is not base64")]
    NotBase64 {
        /// The ConfigMap.
        object: String,
        /// The key.
        key: String,
    },
    /// Lists inside lists.
    #[error("lists nest deeper than {0} levels")]
    TooDeep(usize),
}

/// How deep lists may nest.
const MAX_LISTS: usize = 8;

/// Reads the objects of a stream of documents.
///
/// # Errors
/// It is not YAML, or a ConfigMap in it is not one.
pub(crate) fn read(bytes: &[u8]) -> Result<Vec<Object>, ManifestError> {
    let text = std::str::from_utf8(bytes).map_err(|_| ManifestError::NotText)?;
    let mut objects = Vec::new();
    for document in documents(text)? {
        collect(document, 0, &mut objects)?;
    }
    Ok(objects)
}

fn documents(text: &str) -> Result<Vec<Value>, ManifestError> {
    // JSON is read as such: it is faster, and not all of it is YAML.
    if text.trim_start().starts_with('{') {
        let stream = serde_json::Deserializer::from_str(text).into_iter::<Value>();
        if let Ok(values) = stream.collect::<Result<Vec<_>, _>>() {
            return Ok(values);
        }
    }
    // The file is the user's own; its size is bounded when it is read.
    let options = serde_saphyr::options! { budget: None };
    serde_saphyr::from_multiple_with_options(text, options)
        .map_err(|error| ManifestError::NotYaml(first_line(&error.to_string())))
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

fn collect(mut value: Value, depth: usize, objects: &mut Vec<Object>) -> Result<(), ManifestError> {
    if depth > MAX_LISTS {
        return Err(ManifestError::TooDeep(MAX_LISTS));
    }
    let text = |value: &Value, pointer: &str| {
        value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let kind = text(&value, "/kind");
    let version = text(&value, "/apiVersion");
    let meta = Meta { name: text(&value, "/metadata/name"), namespace: text(&value, "/metadata/namespace") };
    match kind.as_str() {
        "ConfigMap" if version == "v1" => objects.push(Object::ConfigMap(config_map(meta, &value)?)),
        "StarRocksCluster" if version.starts_with("starrocks.com/") => {
            objects.push(Object::Cluster(meta, value))
        }
        kind if kind.ends_with("List") => {
            if let Some(Value::Array(items)) = value.get_mut("items").map(Value::take) {
                for mut item in items {
                    // The items of a ConfigMapList need not say what they are.
                    if let (Value::Object(item), Some(kind)) = (&mut item, kind.strip_suffix("List"))
                        && !kind.is_empty()
                    {
                        item.entry("kind").or_insert_with(|| Value::from(kind));
                        item.entry("apiVersion").or_insert_with(|| Value::from(version.as_str()));
                    }
                    collect(item, depth + 1, objects)?;
                }
            }
        }
        _ => {}
    }
    Ok(())
}

fn config_map(meta: Meta, value: &Value) -> Result<ConfigMap, ManifestError> {
    let labelled = value.pointer("/metadata/labels").and_then(|labels| labels.get(HOOK_LABEL)).is_some();
    let mut entries = Vec::new();
    for (field, binary) in [("data", false), ("binaryData", true)] {
        let Some(Value::Object(data)) = value.get(field) else { continue };
        for (key, value) in data {
            let (object, name) = (meta.title(), key.clone());
            let Some(text) = value.as_str() else {
                return Err(ManifestError::NotString { object, key: name });
            };
            let content = if binary {
                let decoded = base64::engine::general_purpose::STANDARD
                    .decode(text.split_whitespace().collect::<String>());
                decoded.map_err(|_| ManifestError::NotBase64 { object, key: name })?
            } else {
                text.as_bytes().to_vec()
            };
            entries.push(Entry { key: key.clone(), content, binary });
        }
    }
    Ok(ConfigMap { meta, labelled, entries })
}
