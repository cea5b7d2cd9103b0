//! From the parser's events to the tree.

use super::{Content, Document, Entry, Mapping, Node, Scalar};
use granit_parser::{Event, Options, Parser, ScalarStyle, Span, StructureStyle, Tag};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::rc::Rc;

/// Why a text is not YAML.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub(crate) struct YamlError {
    line: usize,
    column: usize,
    message: String,
}

/// Reads the documents of a text. Those before an error are returned as well.
pub(crate) fn read(text: &str) -> (Vec<Document>, Option<YamlError>) {
    let mut builder =
        Builder { text, documents: Vec::new(), open: Vec::new(), anchors: HashMap::new(), begin: 0 };
    let mut options = Options::default();
    // A long run of comments is no reason to refuse a file.
    options.set_emit_comments(false);
    // JSON knows no bound on the length of a key.
    options.simple_key_max_lookahead = 1 << 16;
    for event in Parser::new_from_str_with_options(text, options) {
        let result = match event {
            Ok((event, span)) => builder.event(event, span),
            Err(error) => {
                let marker = error.marker();
                Err(YamlError {
                    line: marker.line(),
                    column: marker.col() + 1,
                    message: error.info().to_string(),
                })
            }
        };
        if let Err(error) = result {
            return (builder.documents, Some(error));
        }
    }
    (builder.documents, None)
}

/// A collection that is not closed yet.
struct Open {
    begin: usize,
    anchor: usize,
    flow: bool,
    kind: Kind,
}

enum Kind {
    Sequence(Vec<Rc<Node>>),
    Mapping { entries: Vec<Entry>, keys: HashSet<String>, key: Option<Rc<Node>>, merged: Vec<Entry> },
}

struct Builder<'a> {
    text: &'a str,
    documents: Vec<Document>,
    open: Vec<Open>,
    anchors: HashMap<usize, Rc<Node>>,
    /// Where the document begins.
    begin: usize,
}

fn bytes(span: Span) -> Range<usize> {
    span.byte_range().unwrap_or_default()
}

fn fail(span: Span, message: impl Into<String>) -> Result<(), YamlError> {
    Err(YamlError { line: span.start.line(), column: span.start.col() + 1, message: message.into() })
}

impl Builder<'_> {
    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), YamlError> {
        match event {
            Event::DocumentStart(..) => {
                self.begin = bytes(span).start;
                self.anchors.clear();
                Ok(())
            }
            Event::Alias(anchor) => match self.anchors.get(&anchor).cloned() {
                Some(node) => self.add(node, 0, span, true),
                None => fail(span, "this alias refers to a node that contains it"),
            },
            Event::Scalar(text, style, anchor, tag) => {
                // An absent value is told from a tilde by its place.
                let text = if bytes(span).is_empty() && style == ScalarStyle::Plain {
                    Cow::Borrowed("")
                } else {
                    text
                };
                let scalar =
                    Scalar { text: text.into_owned(), style, tag: tag.as_deref().and_then(core_tag) };
                let node = Node { span: bytes(span), content: Content::Scalar(scalar) };
                self.add(Rc::new(node), anchor, span, false)
            }
            Event::SequenceStart(style, anchor, _) => {
                self.begin_collection(Kind::Sequence(Vec::new()), style, anchor, span);
                Ok(())
            }
            Event::MappingStart(style, anchor, _) => {
                let kind = Kind::Mapping {
                    entries: Vec::new(),
                    keys: HashSet::new(),
                    key: None,
                    merged: Vec::new(),
                };
                self.begin_collection(kind, style, anchor, span);
                Ok(())
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
            _ => Ok(()),
        }
    }

    fn begin_collection(&mut self, kind: Kind, style: StructureStyle, anchor: usize, span: Span) {
        let flow = style == StructureStyle::Flow;
        self.open.push(Open { begin: bytes(span).start, anchor, flow, kind });
    }

    fn close(&mut self, span: Span) -> Result<(), YamlError> {
        let Some(Open { begin, anchor, flow, kind }) = self.open.pop() else { return Ok(()) };
        let (content, last) = match kind {
            Kind::Sequence(items) => {
                let last = items.last().map(|item| item.span.end);
                (Content::Sequence { items, flow }, last)
            }
            Kind::Mapping { mut entries, keys, merged, .. } => {
                let last = entries.last().map(|entry| entry.value.span.end.max(entry.key.span.end));
                let is_new = |entry: &Entry| entry.key.scalar().is_some_and(|key| !keys.contains(&key.text));
                entries.extend(merged.into_iter().filter(is_new));
                (Content::Mapping(Mapping { entries, flow }), last)
            }
        };
        // A block ends with its last line, not where the next one begins.
        let end = if flow { bytes(span).end } else { last.unwrap_or(begin).max(begin) };
        self.add(Rc::new(Node { span: begin..end, content }), anchor, span, false)
    }

    fn add(&mut self, node: Rc<Node>, anchor: usize, span: Span, alias: bool) -> Result<(), YamlError> {
        if anchor > 0 {
            self.anchors.insert(anchor, Rc::clone(&node));
        }
        let Some(open) = self.open.last_mut() else {
            let source = self.text.get(self.begin..node.span.start.max(self.begin)).and_then(source);
            self.documents.push(Document { root: node, source });
            return Ok(());
        };
        match &mut open.kind {
            Kind::Sequence(items) => items.push(node),
            Kind::Mapping { entries, keys, key: slot, merged } => match slot.take() {
                None => {
                    let Some(name) = node.scalar() else {
                        return fail(span, "a key must be a text");
                    };
                    if !is_merge(name) && !keys.insert(name.text.clone()) {
                        return fail(span, format!("the key `{}` stands here twice", name.text));
                    }
                    *slot = Some(node);
                }
                Some(key) if key.scalar().is_some_and(is_merge) => merge(&node, merged),
                Some(key) => entries.push(Entry { key, value: node, elsewhere: alias }),
            },
        }
        Ok(())
    }
}

fn is_merge(key: &Scalar) -> bool {
    key.text == "<<" && key.style == ScalarStyle::Plain
}

/// The entries of a mapping, or of several, that `<<` adds; the first has precedence.
fn merge(node: &Node, merged: &mut Vec<Entry>) {
    let all = match &node.content {
        Content::Mapping(mapping) => vec![mapping],
        _ => node.items().iter().filter_map(|item| item.mapping()).collect(),
    };
    for entry in all.iter().flat_map(|mapping| &mapping.entries) {
        let name = entry.key.scalar().map(|key| &key.text);
        if !merged.iter().any(|known| known.key.scalar().map(|key| &key.text) == name) {
            merged.push(Entry { elsewhere: true, ..entry.clone() });
        }
    }
}

fn core_tag(tag: &Tag) -> Option<String> {
    tag.suffix_in_namespace("tag:yaml.org,2002:").map(Cow::into_owned)
}

/// `# Source: chart/templates/hooks.yaml`, which Helm writes at the head of a document.
fn source(head: &str) -> Option<String> {
    head.lines()
        .filter_map(|line| line.trim().strip_prefix("# Source:"))
        .next_back()
        .map(|path| path.trim().to_owned())
}
