//! Secrets that stand in a manifest, as base64.

use base64::{Engine, engine::general_purpose::STANDARD};
use schemars::JsonSchema;
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{Error as _, IgnoredAny},
};
use std::fmt;

/// A password, key or passphrase in base64, as Kubernetes writes bytes. What it holds is never printed.
#[derive(Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct Base64Text(String);

/// An error in reading one says nothing of the value: a password of digits without quotes is a number in YAML.
impl<'de> Deserialize<'de> for Base64Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Value {
            Text(String),
            Other(IgnoredAny),
        }
        match Value::deserialize(deserializer)? {
            Value::Text(text) => Ok(Self(text)),
            Value::Other(_) => Err(D::Error::custom("it is not a text: put it in quotes")),
        }
    }
}

/// A text that isn't base64. The text is left out: it may be the secret itself, written without encoding it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not base64: write what `printf %s 'the secret' | base64 -w0` prints")]
pub struct NotBase64;

impl Base64Text {
    /// The text in base64 that holds these bytes.
    pub fn encode(bytes: &[u8]) -> Self {
        Self(STANDARD.encode(bytes))
    }

    /// The bytes. Line breaks in the text count for nothing, as for Kubernetes' own reader.
    ///
    /// # Errors
    /// When the text isn't base64 in the standard alphabet with its padding.
    pub fn decode(&self) -> Result<Vec<u8>, NotBase64> {
        let text: String = self.0.chars().filter(|character| !matches!(character, '\r' | '\n')).collect();
        STANDARD.decode(text).map_err(|_| NotBase64)
    }

    /// Whether nothing is in it, which is as if it were absent.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Base64Text {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Base64Text(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Base64Text {
        serde_json::from_value(text.into()).unwrap()
    }

    #[test]
    fn what_is_written_is_read_and_kept_as_it_was() {
        assert_eq!(text("MTIzNDU2").decode().unwrap(), b"123456");
        assert_eq!(text("MTIz\nNDU2\n").decode().unwrap(), b"123456");
        assert_eq!(Base64Text::encode(b"123456"), text("MTIzNDU2"));
        assert_eq!(serde_json::to_value(text("MTIz\nNDU2\n")).unwrap(), "MTIz\nNDU2\n");
    }

    #[test]
    fn neither_debug_nor_an_error_repeats_it() {
        for wrong in ["p@ssw0rd", "MTIzNDU", "MTIz NDU2", "MTI_NDU-"] {
            let error = text(wrong).decode().unwrap_err().to_string();
            assert!(error.contains("base64") && !error.contains(wrong), "{error}");
            assert!(!format!("{:?}", text(wrong)).contains(wrong));
        }
        for wrong in [serde_json::json!(123_456), serde_json::json!(["123456"])] {
            let error = serde_json::from_value::<Base64Text>(wrong).unwrap_err().to_string();
            assert!(error.contains("quotes") && !error.contains("123"), "{error}");
        }
    }
}
