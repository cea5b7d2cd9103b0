//! Manifests: the objects that matter in a stream of YAML or JSON documents.

use crate::yaml::{self, Mapping, Node};
use base64::Engine as _;
use hookgate_api::defaults::HOOK_LABEL;
use hookgate_api::policy::is_meant;
use std::collections::BTreeMap;
use std::rc::Rc;

/// An object that matters.
#[derive(Debug, Clone)]
pub(crate) struct Object {
    pub(crate) meta: Meta,
    /// The template that Helm names as its source.
    pub(crate) template: Option<String>,
    pub(crate) kind: Kind,
    pub(crate) node: Rc<Node>,
}

/// What an object is.
#[derive(Debug, Clone)]
pub(crate) enum Kind {
    /// A ConfigMap, which may hold hooks.
    ConfigMap {
        /// Whether it carries the label that marks hooks, with whatever value.
        labelled: bool,
        /// The keys with their contents.
        entries: Vec<Entry>,
    },
    /// A StarRocksCluster.
    Cluster,
    /// TKEStack's Cluster.
    PlatformCluster,
    /// TKEStack's Machine.
    Machine,
    /// A HookPolicy, or what is meant to be one.
    Policy {
        /// Its kind, as it stands there or as the list around it says.
        kind: String,
        /// Its version likewise.
        version: String,
    },
    /// A Namespace, by whose labels policies select.
    Namespace {
        /// Its labels.
        labels: BTreeMap<String, String>,
    },
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

/// A key of a ConfigMap.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) content: Vec<u8>,
    /// Whether the content was decoded from base64, and so does not stand in the file.
    pub(crate) encoded: bool,
    /// The value.
    pub(crate) node: Rc<Node>,
}

/// Why a manifest, or a part of it, cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ManifestError {
    /// The bytes are not UTF-8.
    #[error("line {line}: not UTF-8 text: save the file as UTF-8{hint}")]
    NotText {
        /// The first line that is not.
        line: usize,
        /// What it seems to be.
        hint: &'static str,
    },
    /// The text is not YAML.
    #[error("not valid YAML or JSON: {error}{hint}")]
    NotYaml {
        /// Where and what.
        error: yaml::YamlError,
        /// What it seems to be.
        hint: &'static str,
    },
    /// A value of a ConfigMap is not a text.
    #[error("ConfigMap {object}: the value of `{key}` is not a text: put it in quotes or into a block")]
    NotString {
        /// The ConfigMap.
        object: String,
        /// The key.
        key: String,
    },
    /// A field of a ConfigMap is not a mapping.
    #[error("ConfigMap {object}: `{field}` must hold keys with their values")]
    NotMapping {
        /// The ConfigMap.
        object: String,
        /// `data` or `binaryData`.
        field: &'static str,
    },
    /// A value of `binaryData` is not base64.
    #[error("ConfigMap {object}: the value of `{key}` is not base64")]
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

/// The text of a file.
///
/// # Errors
/// It is not UTF-8.
pub(crate) fn text(bytes: &[u8]) -> Result<&str, ManifestError> {
    std::str::from_utf8(bytes).map_err(|error| {
        let line = 1 + bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count();
        let is_utf16 = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
        ManifestError::NotText { line, hint: if is_utf16 { " (it seems to be UTF-16)" } else { "" } }
    })
}

/// Reads the objects of a stream of documents. What cannot be used does not hide the rest.
pub(crate) fn read(text: &str) -> (Vec<Object>, Vec<ManifestError>) {
    let mut reader = Reader { objects: Vec::new(), errors: Vec::new() };
    let (documents, error) = yaml::read(text);
    for document in &documents {
        reader.collect(&document.root, None, document.source.as_deref(), 0);
    }
    if let Some(error) = error {
        let is_template = text.contains("{{");
        let hint =
            if is_template { " (a Helm template has to be rendered first: helm template)" } else { "" };
        reader.errors.push(ManifestError::NotYaml { error, hint });
    }
    (reader.objects, reader.errors)
}

struct Reader {
    objects: Vec<Object>,
    errors: Vec<ManifestError>,
}

impl Reader {
    /// Collects a node's objects. The items of a ConfigMapList need not say what they are: the list does.
    fn collect(
        &mut self,
        node: &Rc<Node>,
        listed: Option<(&str, &str)>,
        template: Option<&str>,
        depth: usize,
    ) {
        if depth > MAX_LISTS {
            self.errors.push(ManifestError::TooDeep(MAX_LISTS));
            return;
        }
        // Not a document that kubectl takes, and still not one to pass over in silence.
        for item in node.items() {
            self.collect(item, None, template, depth + 1);
        }
        let of_list = |field: &str, own: Option<&str>| match node.entry(field) {
            Some(_) => node.text_at(&[field]),
            None => own.unwrap_or_default().to_owned(),
        };
        let kind = of_list("kind", listed.map(|listed| listed.0));
        let version = of_list("apiVersion", listed.map(|listed| listed.1));
        let meta = Meta {
            name: node.text_at(&["metadata", "name"]),
            namespace: node.text_at(&["metadata", "namespace"]),
        };
        let kind = match kind.as_str() {
            "ConfigMap" if version == "v1" => {
                let labelled = node.at(&["metadata", "labels", HOOK_LABEL]).is_some();
                Kind::ConfigMap { labelled, entries: self.entries(&meta, node) }
            }
            "StarRocksCluster" if version.starts_with("starrocks.com/") => Kind::Cluster,
            "Cluster" if version.starts_with("platform.tkestack.io/") => Kind::PlatformCluster,
            "Machine" if version.starts_with("platform.tkestack.io/") => Kind::Machine,
            "Namespace" if version == "v1" => {
                let labels = node.at(&["metadata", "labels"]).and_then(Node::to_json);
                let labels = labels.and_then(|labels| serde_json::from_value(labels).ok());
                Kind::Namespace { labels: labels.unwrap_or_default() }
            }
            kind if kind.ends_with("List") => {
                let item = kind.strip_suffix("List").filter(|kind| !kind.is_empty());
                for node in node.at(&["items"]).map(Node::items).unwrap_or_default() {
                    self.collect(node, item.map(|kind| (kind, version.as_str())), template, depth + 1);
                }
                return;
            }
            kind if is_meant(kind, &version) => Kind::Policy { kind: kind.to_owned(), version },
            _ => return,
        };
        let template = template.map(str::to_owned);
        self.objects.push(Object { meta, template, kind, node: Rc::clone(node) });
    }

    fn entries(&mut self, meta: &Meta, node: &Node) -> Vec<Entry> {
        let mut entries = Vec::new();
        for (field, binary) in [("data", false), ("binaryData", true)] {
            let Some(value) = node.at(&[field]) else { continue };
            match value.mapping() {
                Some(mapping) => self.values(meta, mapping, binary, &mut entries),
                None if value.to_json().is_some_and(|value| value.is_null()) => {}
                None => self.errors.push(ManifestError::NotMapping { object: meta.title(), field }),
            }
        }
        entries
    }

    fn values(&mut self, meta: &Meta, mapping: &Mapping, binary: bool, entries: &mut Vec<Entry>) {
        for entry in &mapping.entries {
            let key = entry.key.scalar().map(|key| key.text.clone()).unwrap_or_default();
            let object = meta.title();
            let Some(text) = content(&entry.value) else {
                self.errors.push(ManifestError::NotString { object, key });
                continue;
            };
            let tagged = entry.value.scalar().is_some_and(|scalar| scalar.tag.as_deref() == Some("binary"));
            let encoded = binary || tagged;
            let content = if encoded {
                let text: String = text.split_whitespace().collect();
                match base64::engine::general_purpose::STANDARD.decode(text) {
                    Ok(content) => content,
                    Err(_) => {
                        self.errors.push(ManifestError::NotBase64 { object, key });
                        continue;
                    }
                }
            } else {
                text.as_bytes().to_vec()
            };
            entries.push(Entry { key, content, encoded, node: Rc::clone(&entry.value) });
        }
    }
}

/// The text of a value; that of nothing is empty, as the API server has it.
fn content(node: &Node) -> Option<&str> {
    node.text()
        .or_else(|| node.scalar().filter(|_| node.to_json().is_some_and(|value| value.is_null())).map(|_| ""))
}
