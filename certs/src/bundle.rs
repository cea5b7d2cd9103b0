//! Which webhooks of a webhook configuration are ours, what they trust, and the patch that makes them trust a
//! bundle. Pure: reads objects, returns facts and patches.

use std::collections::BTreeSet;

use base64::Engine as _;
use jiff::Timestamp;
use json_patch::jsonptr::PointerBuf;
use json_patch::{AddOperation, Patch, PatchOperation, TestOperation};
use k8s_openapi::api::admissionregistration::v1::{
    MutatingWebhookConfiguration, ValidatingWebhookConfiguration, WebhookClientConfig,
};
use rustls_pki_types::CertificateDer;
use serde_json::Value;

use crate::names::ServiceName;
use crate::pem;
use crate::verify::verify_chain;

/// The two kinds of webhook configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConfigurationKind {
    /// `ValidatingWebhookConfiguration`.
    Validating,
    /// `MutatingWebhookConfiguration`.
    Mutating,
}

impl ConfigurationKind {
    /// The Kubernetes kind.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Validating => "ValidatingWebhookConfiguration",
            Self::Mutating => "MutatingWebhookConfiguration",
        }
    }
}

/// A webhook whose `clientConfig.service` is ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OurWebhook {
    /// Position in the configuration's list.
    pub index: usize,
    /// Its name.
    pub name: String,
    /// Its `caBundle`; empty when it has none.
    pub ca_bundle: Vec<u8>,
}

/// What matters of a webhook configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigurationView {
    /// Its resourceVersion, a condition of the patch.
    pub resource_version: String,
    /// Those of its webhooks that are ours.
    pub webhooks: Vec<OurWebhook>,
}

/// A webhook configuration that we're told to keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Configuration {
    /// Its kind.
    pub kind: ConfigurationKind,
    /// Its name.
    pub name: String,
    /// What it says; `None` when it doesn't exist.
    pub view: Option<ConfigurationView>,
}

impl Configuration {
    /// Kind and name, for messages.
    #[must_use]
    pub fn title(&self) -> String {
        format!("{} \"{}\"", self.kind.as_str(), self.name)
    }

    /// Whether each of its webhooks that are ours trusts exactly this bundle.
    #[must_use]
    pub fn publishes(&self, bundle: &[CertificateDer<'_>]) -> bool {
        let wanted: BTreeSet<&[u8]> = bundle.iter().map(AsRef::as_ref).collect();
        self.view.as_ref().is_some_and(|view| {
            !view.webhooks.is_empty()
                && view.webhooks.iter().all(|webhook| {
                    pem::certificates(&webhook.ca_bundle)
                        .is_ok_and(|found| found.iter().map(AsRef::as_ref).collect::<BTreeSet<_>>() == wanted)
                })
        })
    }

    /// Why this configuration can't be given a bundle, if so.
    #[must_use]
    pub fn obstacle(&self, service: &ServiceName) -> Option<String> {
        match &self.view {
            None => Some(format!("{} not found; install it or name another one", self.title())),
            Some(view) if view.webhooks.is_empty() => Some(format!(
                "{} has no webhook whose clientConfig.service is {}/{}",
                self.title(),
                service.namespace,
                service.name
            )),
            Some(_) => None,
        }
    }

    /// The JSON Patch that makes every webhook of ours trust `bundle`; `None` when there's nothing to do. It holds
    /// only for the resourceVersion that was seen, and touches no webhook of anybody else.
    #[must_use]
    pub fn patch(&self, bundle: &[CertificateDer<'_>]) -> Option<Patch> {
        let view = self.view.as_ref()?;
        if view.webhooks.is_empty() || self.publishes(bundle) {
            return None;
        }
        let text = base64::engine::general_purpose::STANDARD.encode(pem::encode_certificates(bundle));
        let mut operations = vec![PatchOperation::Test(TestOperation {
            path: PointerBuf::from_tokens(["metadata", "resourceVersion"]),
            value: Value::String(view.resource_version.clone()),
        })];
        for webhook in &view.webhooks {
            let index = webhook.index.to_string();
            operations.push(PatchOperation::Test(TestOperation {
                path: PointerBuf::from_tokens(["webhooks", index.as_str(), "name"]),
                value: Value::String(webhook.name.clone()),
            }));
            operations.push(PatchOperation::Add(AddOperation {
                path: PointerBuf::from_tokens(["webhooks", index.as_str(), "clientConfig", "caBundle"]),
                value: Value::String(text.clone()),
            }));
        }
        Some(Patch(operations))
    }
}

/// Whether the API server, by what these configurations say, accepts the served chain at `now`.
///
/// # Errors
/// With the first reason why not.
pub fn is_trusted(
    chain: &[CertificateDer<'_>],
    configurations: &[Configuration],
    service: &ServiceName,
    now: Timestamp,
) -> Result<(), String> {
    for configuration in configurations {
        if let Some(obstacle) = configuration.obstacle(service) {
            return Err(obstacle);
        }
        for webhook in configuration.view.iter().flat_map(|view| &view.webhooks) {
            let where_ = || format!("{}, webhook \"{}\"", configuration.title(), webhook.name);
            let bundle = pem::certificates(&webhook.ca_bundle)
                .map_err(|cause| format!("{}: caBundle: {cause}", where_()))?;
            verify_chain(chain, &bundle, &service.server_name(), now)
                .map_err(|cause| format!("{}: {cause}", where_()))?;
        }
    }
    Ok(())
}

/// What matters of a ValidatingWebhookConfiguration.
#[must_use]
pub fn view_validating(object: &ValidatingWebhookConfiguration, service: &ServiceName) -> ConfigurationView {
    let webhooks =
        object.webhooks.iter().flatten().map(|webhook| (webhook.name.as_str(), &webhook.client_config));
    view(object.metadata.resource_version.as_deref(), webhooks, service)
}

/// What matters of a MutatingWebhookConfiguration.
#[must_use]
pub fn view_mutating(object: &MutatingWebhookConfiguration, service: &ServiceName) -> ConfigurationView {
    let webhooks =
        object.webhooks.iter().flatten().map(|webhook| (webhook.name.as_str(), &webhook.client_config));
    view(object.metadata.resource_version.as_deref(), webhooks, service)
}

fn view<'a>(
    resource_version: Option<&str>,
    webhooks: impl Iterator<Item = (&'a str, &'a WebhookClientConfig)>,
    service: &ServiceName,
) -> ConfigurationView {
    let ours = |client: &WebhookClientConfig| {
        client
            .service
            .as_ref()
            .is_some_and(|found| found.name == service.name && found.namespace == service.namespace)
    };
    ConfigurationView {
        resource_version: resource_version.unwrap_or_default().to_owned(),
        webhooks: webhooks
            .enumerate()
            .filter(|(_, (_, client))| ours(client))
            .map(|(index, (name, client))| OurWebhook {
                index,
                name: name.to_owned(),
                ca_bundle: client.ca_bundle.as_ref().map(|bundle| bundle.0.clone()).unwrap_or_default(),
            })
            .collect(),
    }
}
