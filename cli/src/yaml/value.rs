//! What scalars mean, and a tree as JSON.

use super::{Content, Node, Scalar};
use granit_parser::ScalarStyle;
use serde_json::{Number, Value};

impl Scalar {
    /// Whether it is a text, and not a number, a truth value or nothing.
    pub(crate) fn is_text(&self) -> bool {
        matches!(self.meaning(), Value::String(_))
    }

    /// The value that the API server sees.
    pub(super) fn meaning(&self) -> Value {
        let text = || Value::String(self.text.clone());
        match self.tag.as_deref() {
            None if self.style == ScalarStyle::Plain => plain(&self.text),
            Some("int" | "float" | "bool" | "null") => plain(&self.text),
            _ => text(),
        }
    }
}

/// What a scalar without quotes means: by YAML 1.1, as the API server's reader has it.
fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => return Value::Bool(true),
        "false" | "False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => {
            return Value::Bool(false);
        }
        _ => {}
    }
    number(text).map_or_else(|| Value::String(text.to_owned()), Value::Number)
}

fn number(text: &str) -> Option<Number> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !digits.starts_with(|first: char| first.is_ascii_digit() || first == '.') {
        return None;
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] {
        if let Some(rest) = digits.strip_prefix(prefix) {
            return i64::from_str_radix(rest, radix).ok().map(|value| Number::from(sign * value));
        }
    }
    if digits.len() > 1 && digits.bytes().all(|byte| (b'0'..=b'7').contains(&byte)) && digits.starts_with('0')
    {
        return i64::from_str_radix(digits, 8).ok().map(|value| Number::from(sign * value));
    }
    let unsigned = text.strip_prefix('+').unwrap_or(text);
    if let Ok(value) = unsigned.parse::<i64>() {
        return Some(Number::from(value));
    }
    let is_float = digits.bytes().all(|byte| byte.is_ascii_digit() || b".eE+-".contains(&byte));
    is_float.then(|| unsigned.parse::<f64>().ok()).flatten().and_then(Number::from_f64)
}

/// The most nodes that become JSON: aliases of aliases must not grow without bound.
const MAX_NODES: usize = 1_000_000;

impl Node {
    /// The tree as JSON; `None` when its aliases make it too large.
    pub(crate) fn to_json(&self) -> Option<Value> {
        let mut left = MAX_NODES;
        self.json(&mut left)
    }

    fn json(&self, left: &mut usize) -> Option<Value> {
        *left = left.checked_sub(1)?;
        Some(match &self.content {
            Content::Scalar(scalar) => scalar.meaning(),
            Content::Sequence { items, .. } => {
                Value::Array(items.iter().map(|item| item.json(left)).collect::<Option<_>>()?)
            }
            Content::Mapping(mapping) => {
                let mut object = serde_json::Map::new();
                for entry in &mapping.entries {
                    let key = entry.key.scalar().map(|scalar| scalar.text.clone()).unwrap_or_default();
                    object.insert(key, entry.value.json(left)?);
                }
                Value::Object(object)
            }
        })
    }
}
