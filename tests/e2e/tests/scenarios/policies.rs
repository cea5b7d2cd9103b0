//! A HookPolicy for one scenario, and rights for users that scenarios act as.

use hookgate_api::HookPolicy;
use hookgate_e2e::{Problem, Scenario, client::client_as, wait::answered};
use k8s_openapi::api::rbac::v1::{Role, RoleBinding};
use kube::{
    Api, Client,
    api::{DeleteParams, Patch, PatchParams, PostParams},
};
use serde_json::{Value, json};
use std::time::Duration;

/// How long the webhook may take to see a change of a policy.
const SEEN: Duration = Duration::from_secs(30);

/// A policy that selects one label of namespaces.
pub struct Policy {
    /// Its name.
    pub name: &'static str,
    /// The label that it selects; its value doesn't matter.
    pub label: &'static str,
}

impl Policy {
    /// Writes it with a spec.
    pub async fn apply(&self, client: &Client, spec: &Value) -> Result<(), Problem> {
        let selector = json!({"matchExpressions": [{"key": self.label, "operator": "Exists"}]});
        let mut object = json!({
            "apiVersion": "hookgate.dev/v1alpha1", "kind": "HookPolicy", "metadata": {"name": self.name},
            "spec": {"namespaceSelector": selector},
        });
        json_patch::merge(&mut object, &json!({"spec": spec}));
        let api: Api<HookPolicy> = Api::all(client.clone());
        let parameters = PatchParams::apply("hookgate-e2e").force();
        let applied = api.patch(self.name, &parameters, &Patch::Apply(object)).await;
        applied.map(|_| ()).map_err(Problem::api("writing the policy"))
    }

    /// Deletes it, if it's there.
    pub async fn delete(&self, client: &Client) -> Result<(), Problem> {
        let api: Api<HookPolicy> = Api::all(client.clone());
        match api.delete(self.name, &DeleteParams::default()).await {
            Err(kube::Error::Api(status)) if status.code == 404 => Ok(()),
            deleted => deleted.map(|_| ()).map_err(Problem::api("deleting the policy")),
        }
    }
}

/// Asks again and again until the answer is the expected one: the webhook watches policies, and only its answers tell
/// what it has seen.
pub async fn until_seen(
    what: &str,
    asked: impl AsyncFnMut(u32) -> Result<bool, Problem>,
) -> Result<(), Problem> {
    let (mut asked, mut numbers) = (asked, 0..);
    let pause = Duration::from_millis(200);
    answered(what, SEEN, pause, "the webhook answers as before", async || {
        let number = numbers.next().unwrap_or_default();
        Ok(asked(number).await?.then_some(()))
    })
    .await
}

/// A user who has these rights in the scenario's namespace.
pub async fn user_with(scenario: &Scenario, name: &str, rules: &Value) -> Result<Client, Problem> {
    let roles: Api<Role> = Api::namespaced(scenario.client.clone(), &scenario.namespace);
    let role = object(&json!({"metadata": {"name": name}, "rules": rules}))?;
    roles.create(&PostParams::default(), &role).await.map_err(Problem::api("creating a Role"))?;
    bind(scenario, name, "Role", name).await?;
    client_as(name).await
}

/// Binds a role to a user in the scenario's namespace.
pub async fn bind(scenario: &Scenario, user: &str, kind: &str, role: &str) -> Result<(), Problem> {
    let bindings: Api<RoleBinding> = Api::namespaced(scenario.client.clone(), &scenario.namespace);
    let group = "rbac.authorization.k8s.io";
    let binding = object(&json!({
        "metadata": {"name": format!("{user}-{role}")},
        "roleRef": {"apiGroup": group, "kind": kind, "name": role},
        "subjects": [{"apiGroup": group, "kind": "User", "name": user}],
    }))?;
    let created = bindings.create(&PostParams::default(), &binding).await;
    created.map(|_| ()).map_err(Problem::api("creating a RoleBinding"))
}

/// A typed object from JSON.
pub fn object<T: serde::de::DeserializeOwned>(value: &Value) -> Result<T, Problem> {
    serde_json::from_value(value.clone()).map_err(|error| Problem::Unexpected(format!("{value}: {error}")))
}
