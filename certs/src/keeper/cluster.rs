//! The API server, as far as certificates need it. Nothing is decided here.

use std::fmt::Debug;

use futures::StreamExt as _;
use futures::stream::{BoxStream, SelectAll};
use k8s_openapi::api::admissionregistration::v1::{
    MutatingWebhookConfiguration, ValidatingWebhookConfiguration,
};
use k8s_openapi::api::core::v1::Secret;
use kube::api::{Api, Patch, PatchParams, PostParams};
use kube::runtime::WatchStreamExt as _;
use kube::runtime::watcher::{self, watch_object};
use kube::{Client, Resource};
use serde_json::Value;

use super::{ConfigurationNames, KeeperError};
use crate::bundle::{Configuration, ConfigurationKind, ConfigurationView, view_mutating, view_validating};
use crate::names::{FIELD_MANAGER, ServiceName};

/// Something that the watches tell.
#[derive(Debug)]
pub(super) enum Event {
    Secret(Option<Box<Secret>>),
    Validating(Option<ConfigurationView>),
    Mutating(Option<ConfigurationView>),
    Failed { what: &'static str, cause: String },
}

#[derive(Clone)]
pub(super) struct Cluster {
    client: Client,
    service: ServiceName,
}

impl Cluster {
    pub(super) fn new(client: Client, service: ServiceName) -> Self {
        Self { client, service }
    }

    fn secrets(&self) -> Api<Secret> {
        Api::namespaced(self.client.clone(), &self.service.namespace)
    }

    /// Watches each object by its name, so that RBAC can be limited to these names.
    pub(super) fn watch(
        &self,
        secret: Option<&str>,
        names: &ConfigurationNames,
    ) -> SelectAll<BoxStream<'static, Event>> {
        let mut all = SelectAll::new();
        if let Some(secret) = secret {
            all.push(watch_one(self.secrets(), secret, "the Secret", |found| {
                Event::Secret(found.map(Box::new))
            }));
        }
        if let Some(name) = &names.validating {
            let service = self.service.clone();
            let api = Api::<ValidatingWebhookConfiguration>::all(self.client.clone());
            all.push(watch_one(api, name, "the ValidatingWebhookConfiguration", move |found| {
                Event::Validating(found.map(|object| view_validating(&object, &service)))
            }));
        }
        if let Some(name) = &names.mutating {
            let service = self.service.clone();
            let api = Api::<MutatingWebhookConfiguration>::all(self.client.clone());
            all.push(watch_one(api, name, "the MutatingWebhookConfiguration", move |found| {
                Event::Mutating(found.map(|object| view_mutating(&object, &service)))
            }));
        }
        all
    }

    /// Whether the Secret is still the one that was seen.
    pub(super) async fn is_current(&self, name: &str, seen: Option<&Secret>) -> Result<bool, KeeperError> {
        let live = self.secrets().get_opt(name).await.map_err(failed(format!("get Secret \"{name}\"")))?;
        let version = |secret: Option<&Secret>| secret.and_then(|one| one.metadata.resource_version.clone());
        Ok(live.is_some() == seen.is_some() && version(live.as_ref()) == version(seen))
    }

    /// Creates the Secret, or replaces the one whose resourceVersion it carries. `false` when somebody else was
    /// faster.
    pub(super) async fn write(&self, name: &str, secret: &Secret) -> Result<bool, KeeperError> {
        let parameters =
            PostParams { field_manager: Some(FIELD_MANAGER.to_owned()), ..PostParams::default() };
        let written = if secret.metadata.resource_version.is_some() {
            self.secrets().replace(name, &parameters, secret).await
        } else {
            let mut secret = secret.clone();
            secret.metadata.name = Some(name.to_owned());
            self.secrets().create(&parameters, &secret).await
        };
        match written {
            Ok(_) => Ok(true),
            // 409: Conflict on a replace, AlreadyExists on a create.
            Err(kube::Error::Api(status)) if status.code == 409 => Ok(false),
            Err(cause) => Err(failed(format!("write Secret \"{name}\""))(cause)),
        }
    }

    /// Patches one webhook configuration. `false` when somebody else was faster: then the patch's tests fail, which the
    /// API server answers with 422.
    pub(super) async fn patch(
        &self,
        configuration: &Configuration,
        patch: json_patch::Patch,
    ) -> Result<bool, KeeperError> {
        let parameters =
            PatchParams { field_manager: Some(FIELD_MANAGER.to_owned()), ..PatchParams::default() };
        let name = &configuration.name;
        let patch: Patch<Value> = Patch::Json(patch);
        let done = match configuration.kind {
            ConfigurationKind::Validating => {
                let api = Api::<ValidatingWebhookConfiguration>::all(self.client.clone());
                api.patch(name, &parameters, &patch).await.map(|_| ())
            }
            ConfigurationKind::Mutating => {
                let api = Api::<MutatingWebhookConfiguration>::all(self.client.clone());
                api.patch(name, &parameters, &patch).await.map(|_| ())
            }
        };
        match done {
            Ok(()) => Ok(true),
            Err(kube::Error::Api(status)) if matches!(status.code, 409 | 422) => Ok(false),
            Err(cause) => Err(failed(format!("patch {}", configuration.title()))(cause)),
        }
    }
}

fn failed(action: String) -> impl FnOnce(kube::Error) -> KeeperError {
    move |cause| KeeperError::Api { action, cause: Box::new(cause) }
}

fn watch_one<K>(
    api: Api<K>,
    name: &str,
    what: &'static str,
    event: impl Fn(Option<K>) -> Event + Send + 'static,
) -> BoxStream<'static, Event>
where
    K: Resource + Clone + serde::de::DeserializeOwned + Debug + Send + 'static,
{
    watch_object(api, name)
        .backoff(watcher::DefaultBackoff::default())
        .map(move |found| match found {
            Ok(found) => event(found),
            Err(cause) => Event::Failed { what, cause: cause.to_string() },
        })
        .boxed()
}
