//! How a StatefulSet lets its pods go: by the operator's way while it's rolled, else by the user's own.

use k8s_openapi::{
    api::apps::v1::{RollingUpdateStatefulSetStrategy, StatefulSetUpdateStrategy},
    apimachinery::pkg::util::intstr::IntOrString,
};
use serde_json::{Value, json};

/// How a StatefulSet lets its pods go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rollout {
    /// `RollingUpdate`: pods with an ordinal of at least `partition` are replaced by Kubernetes, highest first.
    Partition(i32),
    /// `OnDelete`: a pod is replaced when it's deleted.
    OnDelete,
}

impl Rollout {
    /// Nothing is held back.
    pub const OPEN: Self = Self::Partition(0);
}

impl Default for Rollout {
    fn default() -> Self {
        Self::OPEN
    }
}

/// An update strategy with everything that it can say, defaults filled in as the API server fills them in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UpdateStrategy {
    /// How pods are let go.
    pub rollout: Rollout,
    /// `rollingUpdate.maxUnavailable`.
    pub max_unavailable: Option<IntOrString>,
}

impl UpdateStrategy {
    /// The same as JSON, as a patch or an annotation has it.
    pub fn to_json(&self) -> Value {
        let Rollout::Partition(partition) = self.rollout else { return json!({"type": "OnDelete"}) };
        match &self.max_unavailable {
            None => json!({"type": "RollingUpdate", "rollingUpdate": {"partition": partition}}),
            Some(IntOrString::Int(most)) => {
                json!({"type": "RollingUpdate", "rollingUpdate": {"partition": partition, "maxUnavailable": most}})
            }
            Some(IntOrString::String(most)) => {
                json!({"type": "RollingUpdate", "rollingUpdate": {"partition": partition, "maxUnavailable": most}})
            }
        }
    }

    /// Reads what [`UpdateStrategy::to_json`] wrote. What can't be read is the default: nothing is held back.
    pub fn from_json(text: &str) -> Self {
        serde_json::from_str::<StatefulSetUpdateStrategy>(text)
            .map(|strategy| Self::from(&strategy))
            .unwrap_or_default()
    }
}

impl From<&StatefulSetUpdateStrategy> for UpdateStrategy {
    fn from(strategy: &StatefulSetUpdateStrategy) -> Self {
        if strategy.type_.as_deref() == Some("OnDelete") {
            return Self { rollout: Rollout::OnDelete, max_unavailable: None };
        }
        let rolling = strategy.rolling_update.as_ref();
        Self {
            rollout: Rollout::Partition(rolling.and_then(|rolling| rolling.partition).unwrap_or_default()),
            max_unavailable: rolling.and_then(|rolling| rolling.max_unavailable.clone()),
        }
    }
}

impl From<&UpdateStrategy> for StatefulSetUpdateStrategy {
    fn from(strategy: &UpdateStrategy) -> Self {
        match strategy.rollout {
            Rollout::OnDelete => Self { type_: Some("OnDelete".to_owned()), rolling_update: None },
            Rollout::Partition(partition) => Self {
                type_: Some("RollingUpdate".to_owned()),
                rolling_update: Some(RollingUpdateStatefulSetStrategy {
                    partition: Some(partition),
                    max_unavailable: strategy.max_unavailable.clone(),
                }),
            },
        }
    }
}

/// The strategy that a StatefulSet is applied with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// The user's own, or the default.
    Own {
        /// What it is.
        own: UpdateStrategy,
        /// Whether the cluster's spec says so; when the spec no longer does, it's the default again.
        from_spec: bool,
    },
    /// The operator's, for the time of a roll. The user's own is kept beside it, to be given back exactly.
    Rolling {
        /// How pods are let go meanwhile.
        rollout: Rollout,
        /// What is given back.
        own: UpdateStrategy,
        /// Whether the cluster's spec says so.
        from_spec: bool,
    },
}

impl Strategy {
    /// Nothing is held back, and nobody asked for anything else.
    pub const OPEN: Self =
        Self::Own { own: UpdateStrategy { rollout: Rollout::OPEN, max_unavailable: None }, from_spec: false };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_user_has_is_what_the_user_gets_back() {
        for text in [
            r#"{"type":"OnDelete"}"#,
            r#"{"rollingUpdate":{"partition":2},"type":"RollingUpdate"}"#,
            r#"{"rollingUpdate":{"maxUnavailable":"25%","partition":0},"type":"RollingUpdate"}"#,
            r#"{"rollingUpdate":{"maxUnavailable":2,"partition":1},"type":"RollingUpdate"}"#,
        ] {
            let strategy = UpdateStrategy::from_json(text);
            assert_eq!(strategy.to_json().to_string(), text);
            let object = StatefulSetUpdateStrategy::from(&strategy);
            assert_eq!(serde_json::to_value(&object).unwrap().to_string(), text);
            assert_eq!(UpdateStrategy::from(&object), strategy);
        }
    }

    #[test]
    fn what_can_not_be_read_holds_nothing_back() {
        for text in ["", "{}", "[]", "no"] {
            assert_eq!(UpdateStrategy::from_json(text), UpdateStrategy::default(), "{text}");
        }
    }
}
