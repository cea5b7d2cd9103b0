//! The Secret object: what is seen in it, and the object that a step writes. No I/O here; only keys are random.

use std::collections::BTreeMap;

use jiff::Timestamp;
use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::Secret;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use rustls_pki_types::CertificateDer;
use sha2::{Digest as _, Sha256};

use crate::authority::{Authority, AuthorityError, Validity};
use crate::bundle::Configuration;
use crate::contents::{Contents, Material};
use crate::names::{OWNED_LABEL, OWNED_VALUE, PUBLISHED_AT_ANNOTATION, PUBLISHED_BUNDLE_ANNOTATION};
use crate::pem;
use crate::plan::{Observation, Publication, SecretState, Settings, Step, kept};

/// A step that can't be prepared.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    /// The certificate can't be made.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// The step needs a signing authority, and the Secret's can't be used.
    #[error("the Secret holds no usable authority: {0}")]
    NoAuthority(String),
    /// The step needs a Secret that is ours.
    #[error("there is no Secret to work on")]
    NoSecret,
}

/// Everything that the plan needs to know, from the objects.
#[must_use]
pub fn observe(secret: Option<&Secret>, configurations: &[Configuration], now: Timestamp) -> Observation {
    let state = state_of(secret);
    let publication = match &state {
        SecretState::Ours(contents) => publication(secret, &contents.bundle, configurations),
        SecretState::Vacant | SecretState::Foreign => Publication::Differs,
    };
    Observation { now, server_time: secret.and_then(last_write), secret: state, publication }
}

fn state_of(secret: Option<&Secret>) -> SecretState {
    let Some(secret) = secret else { return SecretState::Vacant };
    let nothing = BTreeMap::new();
    let data = secret.data.as_ref().unwrap_or(&nothing);
    let owned =
        secret.metadata.labels.as_ref().and_then(|labels| labels.get(OWNED_LABEL)).map(String::as_str)
            == Some(OWNED_VALUE);
    match (Contents::is_empty(data), owned) {
        (true, _) => SecretState::Vacant,
        (false, true) => SecretState::Ours(Box::new(Contents::read(data))),
        (false, false) => SecretState::Foreign,
    }
}

fn publication(
    secret: Option<&Secret>,
    bundle: &[CertificateDer<'static>],
    configurations: &[Configuration],
) -> Publication {
    if configurations.iter().any(|one| one.view.as_ref().is_none_or(|view| view.webhooks.is_empty())) {
        return Publication::Impossible;
    }
    if !configurations.iter().all(|one| one.publishes(bundle)) {
        return Publication::Differs;
    }
    let annotation = |name: &str| {
        secret.and_then(|secret| secret.metadata.annotations.as_ref()?.get(name)).map(String::as_str)
    };
    let recorded = annotation(PUBLISHED_BUNDLE_ANNOTATION) == Some(&bundle_digest(bundle));
    // A time that can't be read counts as not recorded: it's then recorded anew, which only makes us wait.
    let since = annotation(PUBLISHED_AT_ANNOTATION).and_then(|text| text.parse().ok()).filter(|_| recorded);
    Publication::Complete { since }
}

/// The API server's clock at the Secret's last write that it tells of.
fn last_write(secret: &Secret) -> Option<Timestamp> {
    let managed = secret.metadata.managed_fields.iter().flatten().filter_map(|entry| entry.time.as_ref());
    managed.chain(secret.metadata.creation_timestamp.as_ref()).map(|time| time.0).max()
}

fn bundle_digest(bundle: &[CertificateDer<'_>]) -> String {
    Sha256::digest(pem::encode_certificates(bundle)).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The Secret after a step: the one that was seen, with resourceVersion and everything that isn't ours left as it
/// was. `None` when the step doesn't write the Secret.
///
/// # Errors
/// When a certificate can't be made, or the Secret lacks what the step builds on.
pub fn after(
    step: &Step,
    seen: Option<&Secret>,
    observation: &Observation,
    settings: &Settings,
) -> Result<Option<Secret>, StepError> {
    let now = observation.now;
    let contents = match &observation.secret {
        SecretState::Ours(contents) => Ok(contents),
        SecretState::Vacant | SecretState::Foreign => Err(StepError::NoSecret),
    };
    let material = match step {
        Step::Bootstrap => {
            let authority = new_authority(now, settings)?;
            material(&authority, Vec::new(), None, now, settings)?
        }
        Step::ReplaceAuthority { reissue, .. } => {
            let contents = contents?;
            let authority = new_authority(now, settings)?;
            let serving = if *reissue { None } else { contents.serving.as_ref().ok().cloned() };
            material(&authority, kept(&contents.bundle, now), serving, now, settings)?
        }
        Step::Reissue(_) => {
            let contents = contents?;
            let authority = signing(contents)?;
            material(authority, others(contents, authority), None, now, settings)?
        }
        Step::DropReplaced => {
            let contents = contents?;
            let serving = contents.serving.as_ref().ok().cloned();
            material(signing(contents)?, Vec::new(), serving, now, settings)?
        }
        Step::RecordPublication => {
            let mut secret = seen.cloned().ok_or(StepError::NoSecret)?;
            let annotations = secret.metadata.annotations.get_or_insert_default();
            annotations.insert(PUBLISHED_BUNDLE_ANNOTATION.to_owned(), bundle_digest(&contents?.bundle));
            annotations.insert(PUBLISHED_AT_ANNOTATION.to_owned(), now.to_string());
            return Ok(Some(secret));
        }
        Step::Publish | Step::Wait => return Ok(None),
    };
    Ok(Some(with_data(seen, material.to_data())))
}

fn new_authority(now: Timestamp, settings: &Settings) -> Result<Authority, AuthorityError> {
    Authority::generate(Validity::starting(now, settings.authority_lifetime, None)?)
}

fn signing(contents: &Contents) -> Result<&Authority, StepError> {
    contents.authority.as_ref().map_err(|cause| StepError::NoAuthority(cause.to_string()))
}

fn others(contents: &Contents, authority: &Authority) -> Vec<CertificateDer<'static>> {
    contents.bundle.iter().filter(|one| *one != authority.certificate()).cloned().collect()
}

fn material(
    authority: &Authority,
    others: Vec<CertificateDer<'static>>,
    serving: Option<crate::authority::Serving>,
    now: Timestamp,
    settings: &Settings,
) -> Result<Material, AuthorityError> {
    let serving = match serving {
        Some(serving) => serving,
        None => {
            let limit = Some(authority.facts().not_after);
            let validity = Validity::starting(now, settings.serving_lifetime, limit)?;
            authority.issue(&settings.service.dns_names(), validity)?
        }
    };
    let mut bundle = vec![authority.certificate().clone()];
    bundle.extend(others);
    Ok(Material { bundle, authority_key: authority.key_pem(), serving })
}

fn with_data(seen: Option<&Secret>, data: BTreeMap<String, ByteString>) -> Secret {
    let mut secret = seen.cloned().unwrap_or_else(|| Secret {
        type_: Some("kubernetes.io/tls".to_owned()),
        metadata: ObjectMeta::default(),
        ..Secret::default()
    });
    secret.metadata.labels.get_or_insert_default().insert(OWNED_LABEL.to_owned(), OWNED_VALUE.to_owned());
    secret.data.get_or_insert_default().extend(data);
    secret
}
