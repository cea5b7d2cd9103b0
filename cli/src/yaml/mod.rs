//! YAML, of which JSON is a part, as a tree that knows where in the text everything stands.
//!
//! Values mean what the API server takes them for: `yes` is a truth value, `<<` merges, and a key that stands
//! twice is an error.

mod align;
mod build;
mod value;

pub(crate) use align::Alignment;
pub(crate) use build::{YamlError, read};
pub(crate) use granit_parser::ScalarStyle;

use std::ops::Range;
use std::rc::Rc;

/// A node of the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Node {
    /// Where its text stands, in bytes; for a block of lines where the first of them begins.
    pub(crate) span: Range<usize>,
    pub(crate) content: Content,
}

/// What a node holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Content {
    Scalar(Scalar),
    Sequence { items: Vec<Rc<Node>>, flow: bool },
    Mapping(Mapping),
}

/// A text, a number, a truth value or nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scalar {
    /// What is meant, without quotes and escapes.
    pub(crate) text: String,
    pub(crate) style: ScalarStyle,
    /// `str`, `binary` and so on, when a tag says so.
    pub(crate) tag: Option<String>,
}

/// Keys with their values, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mapping {
    pub(crate) entries: Vec<Entry>,
    /// Whether it is written in braces.
    pub(crate) flow: bool,
}

/// A key with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) key: Rc<Node>,
    pub(crate) value: Rc<Node>,
    /// Whether the value is an alias, or comes from a merged mapping, and so stands elsewhere.
    pub(crate) elsewhere: bool,
}

/// A document of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Document {
    pub(crate) root: Rc<Node>,
    /// The template that Helm names as its source.
    pub(crate) source: Option<String>,
}

impl Node {
    pub(crate) fn mapping(&self) -> Option<&Mapping> {
        match &self.content {
            Content::Mapping(mapping) => Some(mapping),
            _ => None,
        }
    }

    pub(crate) fn items(&self) -> &[Rc<Node>] {
        match &self.content {
            Content::Sequence { items, .. } => items,
            _ => &[],
        }
    }

    pub(crate) fn scalar(&self) -> Option<&Scalar> {
        match &self.content {
            Content::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// The text of a value that is one.
    pub(crate) fn text(&self) -> Option<&str> {
        self.scalar().filter(|scalar| scalar.is_text()).map(|scalar| scalar.text.as_str())
    }

    /// The entry under a key.
    pub(crate) fn entry(&self, key: &str) -> Option<&Entry> {
        self.mapping()?.entry(key)
    }

    /// The value under a sequence of keys.
    pub(crate) fn at(&self, path: &[&str]) -> Option<&Node> {
        path.iter().try_fold(self, |node, key| Some(&*node.entry(key)?.value))
    }

    /// The text under a sequence of keys; empty when there is none.
    pub(crate) fn text_at(&self, path: &[&str]) -> String {
        self.at(path).and_then(Self::text).unwrap_or_default().to_owned()
    }
}

impl Mapping {
    pub(crate) fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key.scalar().is_some_and(|scalar| scalar.text == key))
    }
}

#[cfg(test)]
mod tests;
