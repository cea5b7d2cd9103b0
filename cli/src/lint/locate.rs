//! Where the fields of an object stand.

use crate::yaml::{Content, Node};
use std::ops::Range;

/// Where a field stands: its value when that is on one line, else its key; of a field that is missing, the key of
/// the nearest one around it that is there.
pub(super) fn locate(root: &Node, path: &str) -> Range<usize> {
    find(root, path, true)
}

/// Where the key of a field stands.
pub(super) fn locate_key(root: &Node, path: &str) -> Range<usize> {
    find(root, path, false)
}

fn find(root: &Node, path: &str, wants_value: bool) -> Range<usize> {
    let mut range =
        root.entry("kind").map_or(root.span.start..root.span.start, |entry| entry.key.span.clone());
    let mut node = root;
    for step in path.split('.').flat_map(|part| part.split('[')).filter(|step| !step.is_empty()) {
        let step = step.strip_suffix(']').unwrap_or(step);
        if let (Ok(index), false) = (step.parse::<usize>(), node.items().is_empty()) {
            let Some(item) = node.items().get(index) else { return range };
            range = item.span.clone();
            node = item;
        } else {
            let Some(entry) = node.entry(step) else { return range };
            let is_scalar =
                matches!(&entry.value.content, Content::Scalar(scalar) if !scalar.text.is_empty());
            range = if is_scalar && wants_value { entry.value.span.clone() } else { entry.key.span.clone() };
            node = &entry.value;
        }
    }
    range
}
