//! In what two manifests differ, as the API server sees them.

use crate::yaml;
use serde_json::Value;

/// A difference that is wanted. Paths are those inside an object.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Expected {
    /// A text becomes another one.
    Text(String, String),
    /// A field is gone.
    Gone(Vec<String>),
    /// A field is there with this value.
    Added(Vec<String>, Value),
}

/// A difference that is there.
#[derive(Debug)]
struct Difference {
    path: Vec<String>,
    before: Option<Value>,
    after: Option<Value>,
}

/// Whether two texts differ in exactly this.
pub(super) fn is_exactly(before: &str, after: &str, expected: &[&Expected]) -> bool {
    let (Some(before), Some(after)) = (values(before), values(after)) else { return false };
    let mut found = Vec::new();
    if before.len() != after.len() {
        return false;
    }
    for (before, after) in before.iter().zip(&after) {
        compare(&mut Vec::new(), before, after, &mut found);
    }
    let mut open: Vec<&Expected> = expected.to_vec();
    found.iter().all(|difference| {
        let position = open.iter().position(|expected| is_wanted(difference, expected));
        position.map(|position| open.swap_remove(position)).is_some()
    }) && open.is_empty()
}

fn values(text: &str) -> Option<Vec<Value>> {
    let (documents, error) = yaml::read(text);
    if error.is_some() {
        return None;
    }
    documents.iter().map(|document| document.root.to_json()).collect()
}

fn is_wanted(difference: &Difference, expected: &Expected) -> bool {
    let Difference { path, before, after } = difference;
    match expected {
        Expected::Text(old, new) => {
            before.as_ref().and_then(Value::as_str) == Some(old)
                && after.as_ref().and_then(Value::as_str) == Some(new)
        }
        Expected::Gone(field) => after.is_none() && path.ends_with(field),
        Expected::Added(field, value) => {
            before.is_none() && after.as_ref() == Some(value) && path.ends_with(field)
        }
    }
}

fn compare(path: &mut Vec<String>, before: &Value, after: &Value, found: &mut Vec<Difference>) {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => {
            let keys = before.keys().chain(after.keys().filter(|key| !before.contains_key(*key)));
            for key in keys {
                path.push(key.clone());
                match (before.get(key), after.get(key)) {
                    (Some(before), Some(after)) => compare(path, before, after, found),
                    (before, after) => {
                        found.push(Difference {
                            path: path.clone(),
                            before: before.cloned(),
                            after: after.cloned(),
                        });
                    }
                }
                path.pop();
            }
        }
        (Value::Array(before), Value::Array(after)) if before.len() == after.len() => {
            for (index, (before, after)) in before.iter().zip(after).enumerate() {
                path.push(index.to_string());
                compare(path, before, after, found);
                path.pop();
            }
        }
        _ if before == after => {}
        _ => found.push(Difference {
            path: path.clone(),
            before: Some(before.clone()),
            after: Some(after.clone()),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_wanted_may_differ() {
        let gone = Expected::Gone(vec!["b".to_owned()]);
        let text = Expected::Text("1".to_owned(), "2".to_owned());
        let is = |after: &str, expected: &[&Expected]| is_exactly("a: {b: '1', c: x}\n", after, expected);
        assert!(is("a: {c: x}\n", &[&gone]) && is("a: {b: '2', c: x}\n", &[&text]));
        assert!(is("a:\n  c: x # said otherwise\n", &[&gone]));
        for (after, expected) in [
            ("a: {c: x}\n", &[][..]),
            ("a: {b: '1', c: x}\n", &[&gone]),
            ("a: {c: y}\n", &[&gone]),
            ("a: {c: x}\n---\nb: 1\n", &[&gone]),
            ("a: {c: x}\n", &[&gone, &text]),
            ("a: {b: '3', c: x}\n", &[&text]),
            ("a: [\n", &[&gone]),
        ] {
            assert!(!is(after, expected), "{after}");
        }
        assert!(
            !is_exactly("a: &x '1'\nb: *x\n", "a: &x '2'\nb: *x\n", &[&text]),
            "an alias changes as well"
        );
    }
}
