//! The service account of an operator that is run outside of a pod.

use hookgate_e2e::Problem;
use k8s_openapi::api::{
    authentication::v1::{TokenRequest, TokenRequestSpec},
    core::v1::ServiceAccount,
};
use kube::{Api, Client, api::PostParams};

/// The namespace of an installed operator.
pub const NAMESPACE: &str = "hookgate-system";
/// Its service account.
pub const ACCOUNT: &str = "hookgate-operator";

/// The user that requests of a service account come from.
pub fn user(namespace: &str, account: &str) -> String {
    format!("system:serviceaccount:{namespace}:{account}")
}

/// A token that lasts for a day.
///
/// # Errors
/// When there is no such account.
pub async fn token(admin: &Client, namespace: &str, account: &str) -> Result<String, Problem> {
    let accounts: Api<ServiceAccount> = Api::namespaced(admin.clone(), namespace);
    let spec = TokenRequestSpec { expiration_seconds: Some(24 * 3600), ..TokenRequestSpec::default() };
    let request = TokenRequest { spec, ..TokenRequest::default() };
    let token = accounts.create_token_request(account, &PostParams::default(), &request).await;
    let token = token.map_err(Problem::api(format!("a token of {account}: is the chart installed?")))?;
    token
        .status
        .map(|status| status.token)
        .ok_or_else(|| Problem::Unexpected(format!("the API server gave no token of {account}")))
}
