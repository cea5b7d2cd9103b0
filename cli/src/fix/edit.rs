//! Edits of mappings that leave the lines around them alone.

use crate::yaml::{Entry, Mapping};
use hookgate_policy::Edit;
use std::ops::Range;

/// Where the line of a byte begins.
fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |before| before + 1)
}

/// Where the line after that of a byte begins; that of a line that has just ended is the place itself.
fn next_line(text: &str, at: usize) -> usize {
    if text[..at].ends_with('\n') {
        return at;
    }
    text[at..].find('\n').map_or(text.len(), |length| at + length + 1)
}

/// The indentation of a key that stands first in its line, or behind `- `.
fn indentation(text: &str, key: &Range<usize>) -> Option<String> {
    let before = text.get(line_start(text, key.start)..key.start)?;
    before.chars().all(|character| character == ' ' || character == '-').then(|| " ".repeat(before.len()))
}

fn removal(range: Range<usize>) -> Edit {
    Edit { range, replacement: String::new() }
}

/// The lines of an entry of a block.
fn lines(text: &str, entry: &Entry) -> Option<Range<usize>> {
    let start = line_start(text, entry.key.span.start);
    let is_first = text.get(start..entry.key.span.start)?.bytes().all(|byte| byte == b' ');
    let end = if entry.elsewhere { entry.key.span.end } else { entry.value.span.end.max(entry.key.span.end) };
    is_first.then(|| start..next_line(text, end))
}

/// Removes the entries with these keys; `None` when they cannot be told from what is around them.
pub(super) fn remove(text: &str, mapping: &Mapping, keys: &[&str]) -> Option<Vec<Edit>> {
    let is_removed = |entry: &Entry| entry.key.scalar().is_some_and(|key| keys.contains(&key.text.as_str()));
    let entries = &mapping.entries;
    if entries.iter().any(|entry| entry.elsewhere) {
        return None;
    }
    let mut edits = Vec::new();
    for (index, entry) in entries.iter().enumerate().filter(|(_, entry)| is_removed(entry)) {
        if !mapping.flow {
            edits.push(removal(lines(text, entry)?));
            continue;
        }
        let stays_after = entries[index + 1..].iter().any(|entry| !is_removed(entry));
        let range = if stays_after {
            entry.key.span.start..entries.get(index + 1)?.key.span.start
        } else {
            entries.get(index.checked_sub(1)?)?.value.span.end..entry.value.span.end
        };
        edits.push(removal(range));
    }
    Some(edits)
}

/// Removes an entry of a block whose value is a block of which nothing stays, but for comments.
pub(super) fn remove_block(text: &str, entry: &Entry) -> Option<Vec<Edit>> {
    let inner = entry.value.mapping().filter(|mapping| !mapping.flow)?;
    let keys: Vec<&str> =
        inner.entries.iter().filter_map(|entry| Some(entry.key.scalar()?.text.as_str())).collect();
    let start = line_start(text, entry.key.span.start);
    text.get(start..entry.key.span.start)?.bytes().all(|byte| byte == b' ').then_some(())?;
    let mut edits = vec![removal(start..next_line(text, entry.key.span.end))];
    edits.extend(remove(text, inner, &keys)?);
    Some(edits)
}

/// Adds an entry to a mapping: as a block of lines at the end of one, or as JSON at the head of one in braces.
pub(super) fn add(text: &str, mapping: &Mapping, block: &[&str], json: &str) -> Option<Edit> {
    let first = mapping.entries.iter().find(|entry| !entry.elsewhere)?;
    let start = first.key.span.start;
    if mapping.flow {
        let blanks = text[..start].len() - text[..start].trim_end().len();
        let gap = &text[start - blanks..start];
        let gap = if gap.contains('\n') { gap } else { " " };
        return Some(Edit { range: start..start, replacement: format!("{json},{gap}") });
    }
    let indent = indentation(text, &first.key.span)?;
    let ends = mapping.entries.iter().filter_map(|entry| {
        // A merged entry stands elsewhere; of an alias the key stands here.
        let is_here = entry.key.span.start >= start;
        is_here.then(|| {
            if entry.elsewhere { entry.key.span.end } else { entry.value.span.end.max(entry.key.span.end) }
        })
    });
    let at = next_line(text, ends.max()?);
    let newline = if text[..next_line(text, start)].ends_with("\r\n") { "\r\n" } else { "\n" };
    let mut replacement = String::new();
    if !text[..at].ends_with('\n') {
        replacement.push_str(newline);
    }
    for line in block {
        replacement.push_str(&format!("{indent}{line}{newline}"));
    }
    Some(Edit { range: at..at, replacement })
}
