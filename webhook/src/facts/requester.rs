//! Who sends a request, as the API server knows them.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::{FactsError, shape};

/// `request.userInfo`, whole: what the API server is asked about a user has to name all of it
/// (<https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/subject-access-review-v1/>).
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Requester {
    /// Name of the user or service account.
    #[serde(deserialize_with = "null_as_default")]
    pub username: String,
    /// Tells users of one name apart; empty where the authenticator has none.
    #[serde(deserialize_with = "null_as_default")]
    pub uid: String,
    /// The groups that the user is in.
    #[serde(deserialize_with = "null_as_default")]
    pub groups: Vec<String>,
    /// What else the authenticator says.
    #[serde(deserialize_with = "null_as_default")]
    pub extra: BTreeMap<String, Vec<String>>,
}

impl Requester {
    pub(super) fn read(user_info: Option<&RawValue>) -> Result<Self, FactsError> {
        let read = user_info.map(|text| shape::<Option<Self>>(text, "userInfo")).transpose()?;
        Ok(read.flatten().unwrap_or_default())
    }
}

fn null_as_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Requester, FactsError> {
        Requester::read(Some(&RawValue::from_string(text.to_owned()).unwrap()))
    }

    #[test]
    fn everything_that_the_api_server_knows_is_kept() {
        let text = r#"{"username":"jane","uid":"7","groups":["a","b"],"extra":{"scopes":["x"]},"more":1}"#;
        let user = read(text).unwrap();
        assert_eq!((user.username.as_str(), user.uid.as_str()), ("jane", "7"));
        assert_eq!(user.groups, ["a", "b"]);
        assert_eq!(user.extra["scopes"], ["x"]);
    }

    #[test]
    fn what_is_absent_or_null_is_nobody() {
        assert_eq!(Requester::read(None).unwrap(), Requester::default());
        assert_eq!(read("null").unwrap(), Requester::default());
        assert_eq!(read(r#"{"groups":null,"uid":null,"extra":null}"#).unwrap(), Requester::default());
    }

    #[test]
    fn another_shape_is_named() {
        for text in ["7", r#"{"groups":"admins"}"#, r#"{"extra":7}"#, r#"{"username":["a"]}"#] {
            assert!(matches!(read(text), Err(FactsError::Shape { kind: "userInfo", .. })), "{text}");
        }
    }
}
