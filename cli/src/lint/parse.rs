//! Reading an object, with the field that is wrong.

use hookgate_api::StarRocksCluster;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A field that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct WrongField {
    /// The field, as `spec.starRocksFeSpec.replicas`.
    pub(super) path: String,
    /// What is wrong with it.
    pub(super) message: String,
}

/// Reads a cluster.
///
/// # Errors
/// A field has the wrong type.
pub(super) fn cluster(json: &Value) -> Result<StarRocksCluster, WrongField> {
    object(json)
}

/// Reads an object.
///
/// # Errors
/// A field has the wrong type.
pub(super) fn object<K: DeserializeOwned>(json: &Value) -> Result<K, WrongField> {
    match serde_path_to_error::deserialize(json) {
        Ok(cluster) => Ok(cluster),
        Err(error) => {
            let path = error.path().to_string();
            let message = error.inner().to_string();
            let mut steps: Vec<String> =
                path.split('.').filter(|step| !step.is_empty()).map(str::to_owned).collect();
            // Of a type with flattened parts only the whole is named: the field is the one without which it is read.
            while let Some(key) = culprit::<K>(json, &steps, &message) {
                steps.push(key);
            }
            Err(WrongField { path: steps.join("."), message })
        }
    }
}

/// The key of the object at a path without which the error is another one, or none.
fn culprit<K: DeserializeOwned>(json: &Value, steps: &[String], message: &str) -> Option<String> {
    let pointer = steps.iter().fold(String::new(), |pointer, step| pointer + "/" + step);
    let object = json.pointer(&pointer)?.as_object()?;
    object
        .keys()
        .find(|key| {
            let mut without = json.clone();
            if let Some(object) = without.pointer_mut(&pointer).and_then(Value::as_object_mut) {
                object.remove(*key);
            }
            let result = serde_json::from_value::<K>(without);
            result.err().is_none_or(|error| error.to_string() != message)
        })
        .cloned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_wrong_field_is_named() {
        let read = |fe: &Value| {
            let cluster = json!({"apiVersion": "starrocks.com/v1", "kind": "StarRocksCluster", "metadata": {"name": "c"},
                "spec": {"starRocksFeSpec": fe}});
            super::cluster(&cluster).map(|_| ()).map_err(|wrong| wrong.path)
        };
        assert_eq!(read(&json!({"image": "fe:3.2.2"})), Ok(()));
        for (fe, field) in [
            (json!({"image": "fe:3.2.2", "replicas": "two"}), "replicas"),
            (json!({"image": ["fe"], "replicas": 2}), "image"),
            (
                json!({"image": "fe:3.2.2", "upgradeHooks": {"timeoutSeconds": "60"}}),
                "upgradeHooks.timeoutSeconds",
            ),
        ] {
            assert_eq!(read(&fe), Err(format!("spec.starRocksFeSpec.{field}")));
        }
    }
}
