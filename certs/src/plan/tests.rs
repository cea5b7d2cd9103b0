//! The plan against a simulated Secret and webhook configurations: what a client sees at every step.

use super::*;
use crate::bundle::{Configuration, ConfigurationKind, ConfigurationView, OurWebhook, is_trusted};
use crate::names::{CA_BUNDLE, CA_KEY, TLS_CERTIFICATE, TLS_KEY};
use crate::pem;
use crate::secret::{after, observe};
use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::Secret;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

fn service() -> ServiceName {
    ServiceName { namespace: "hookgate-system".into(), name: "hookgate-webhook".into() }
}

/// A cluster with one webhook configuration, one Secret, and one replica which loads whatever is trusted.
struct Simulation {
    now: Timestamp,
    settings: Settings,
    secret: Option<Secret>,
    configuration: Configuration,
    served: Vec<CertificateDer<'static>>,
    steps: Vec<Step>,
}

impl Simulation {
    fn new() -> Self {
        let webhook = OurWebhook { index: 0, name: "validate.hookgate.dev".into(), ca_bundle: vec![] };
        let view = ConfigurationView { resource_version: "1".into(), webhooks: vec![webhook] };
        Self {
            now: "2026-01-01T00:00:00Z".parse().unwrap(),
            settings: Settings::new(service()),
            secret: None,
            configuration: Configuration {
                kind: ConfigurationKind::Validating,
                name: "hookgate".into(),
                view: Some(view),
            },
            served: vec![],
            steps: vec![],
        }
    }

    /// A simulation that has come to rest.
    fn settled() -> Self {
        let mut simulation = Self::new();
        simulation.run();
        simulation.steps.clear();
        simulation
    }

    fn observation(&self) -> Observation {
        observe(self.secret.as_ref(), std::slice::from_ref(&self.configuration), self.now)
    }

    fn next(&self) -> Plan {
        plan(&self.observation(), &self.settings)
    }

    /// Takes steps until there's nothing to do at this moment.
    fn run(&mut self) -> Plan {
        for _ in 0..20 {
            let next = self.next();
            if next.step == Step::Wait {
                return next;
            }
            self.take(&next.step);
            self.load();
        }
        panic!("no rest after {:?}", self.steps);
    }

    fn take(&mut self, step: &Step) {
        let observation = self.observation();
        if let Some(secret) = after(step, self.secret.as_ref(), &observation, &self.settings).unwrap() {
            self.secret = Some(secret);
        } else if let (Step::Publish, SecretState::Ours(contents)) = (step, &observation.secret) {
            assert!(self.configuration.patch(&contents.bundle).is_some());
            let bundle = pem::encode_certificates(&contents.bundle).into_bytes();
            self.configuration.view.as_mut().unwrap().webhooks[0].ca_bundle = bundle;
        }
        self.steps.push(step.clone());
    }

    /// What a replica does: serves the Secret's certificate.
    fn load(&mut self) {
        if let SecretState::Ours(contents) = self.observation().secret
            && let Ok(serving) = contents.serving
        {
            self.served = serving.chain;
        }
    }

    fn trusted(&self) -> Result<(), String> {
        is_trusted(&self.served, std::slice::from_ref(&self.configuration), &service(), self.now)
    }

    fn advance(&mut self, by: SignedDuration) {
        self.now = self.now.checked_add(by).unwrap();
    }

    fn damage(&mut self, key: &str, value: &str) {
        let data = self.secret.as_mut().unwrap().data.as_mut().unwrap();
        data.insert(key.to_owned(), ByteString(value.as_bytes().to_vec()));
    }

    fn bundle_size(&self) -> usize {
        match self.observation().secret {
            SecretState::Ours(contents) => contents.bundle.len(),
            _ => 0,
        }
    }
}

#[test]
fn from_nothing_to_trusted() {
    let mut simulation = Simulation::new();
    let rest = simulation.run();
    assert_eq!(simulation.steps, [Step::Bootstrap, Step::Publish, Step::RecordPublication]);
    simulation.trusted().unwrap();
    assert_eq!(rest.problem, None);
    // Two thirds of ninety days, and five minutes of backdating.
    let due: Timestamp = "2026-03-01T23:58:20Z".parse().unwrap();
    assert_eq!(rest.look_again, Some(due));
}

#[test]
fn a_serving_certificate_is_renewed_in_time_without_touching_the_bundle() {
    let mut simulation = Simulation::settled();
    simulation.advance(SignedDuration::from_hours(59 * 24));
    simulation.run();
    assert_eq!(simulation.steps, []);
    simulation.advance(SignedDuration::from_hours(24));
    simulation.run();
    assert_eq!(simulation.steps, [Step::Reissue(Reason::Due)]);
    simulation.trusted().unwrap();
}

#[test]
fn an_authority_is_rotated_in_the_right_order_and_is_trusted_throughout() {
    let mut simulation = Simulation::settled();
    simulation.advance(SignedDuration::from_hours(2 * 365 * 24));
    simulation.run();
    simulation.steps.clear();
    // A day before the authority is due, then on: each hour a client is served, also one that has yet to see the
    // latest bundle.
    simulation.now = "2029-05-01T00:00:00Z".parse().unwrap();
    simulation.run();
    simulation.steps.clear();
    let before = simulation.configuration.clone();
    simulation.advance(SignedDuration::from_hours(24));
    let waiting = simulation.run();
    assert_eq!(
        simulation.steps,
        [
            Step::ReplaceAuthority { reason: Reason::Due, reissue: false },
            Step::Publish,
            Step::RecordPublication
        ]
    );
    simulation.trusted().unwrap();
    is_trusted(&simulation.served, &[before], &service(), simulation.now).unwrap();
    assert_eq!(waiting.look_again, Some(later(simulation.now, simulation.settings.settle)));

    simulation.steps.clear();
    simulation.now = waiting.look_again.unwrap();
    let old_certificate = simulation.served.clone();
    let waiting = simulation.run();
    assert_eq!(simulation.steps, [Step::Reissue(Reason::AuthorityReplaced)]);
    assert_eq!(simulation.bundle_size(), 2);
    simulation.trusted().unwrap();
    is_trusted(&old_certificate, std::slice::from_ref(&simulation.configuration), &service(), simulation.now)
        .expect("a replica that hasn't loaded the new certificate yet is trusted");

    simulation.steps.clear();
    simulation.now = waiting.look_again.unwrap();
    simulation.run();
    assert_eq!(simulation.steps, [Step::DropReplaced, Step::Publish, Step::RecordPublication]);
    assert_eq!(simulation.bundle_size(), 1);
    simulation.trusted().unwrap();
}

#[test]
fn a_rotation_survives_nine_years_of_irregular_looks() {
    let mut simulation = Simulation::settled();
    let end: Timestamp = "2035-01-01T00:00:00Z".parse().unwrap();
    // A fixed sequence of odd pauses: between half an hour and twenty days.
    let mut pause = 7_i64;
    while simulation.now < end {
        pause = (pause * 1103 + 12_345) % 960;
        simulation.advance(SignedDuration::from_mins(30 + pause * 30));
        let next = simulation.next();
        simulation.take(&next.step);
        simulation.load();
        simulation.trusted().unwrap_or_else(|cause| panic!("at {}: {cause}", simulation.now));
    }
    let rotations =
        simulation.steps.iter().filter(|step| matches!(step, Step::ReplaceAuthority { .. })).count();
    assert_eq!(rotations, 2);
}

#[test]
fn damage_is_repaired_without_losing_trust_where_that_is_possible() {
    for (key, first) in [(TLS_CERTIFICATE, "Reissue"), (TLS_KEY, "Reissue"), (CA_KEY, "ReplaceAuthority")] {
        let mut simulation = Simulation::settled();
        simulation.damage(key, "damaged");
        let step = simulation.next().step;
        assert!(format!("{step:?}").starts_with(first), "{key}: {step:?}");
        simulation.take(&step);
        simulation.load();
        simulation.trusted().unwrap_or_else(|cause| panic!("{key}: {cause}"));
        simulation.run();
        simulation.trusted().unwrap();
    }
    // Without its bundle nothing says which authority to keep: everything is made anew and published.
    let mut simulation = Simulation::settled();
    simulation.damage(CA_BUNDLE, "damaged");
    simulation.run();
    simulation.trusted().unwrap();
    assert_eq!(simulation.bundle_size(), 1);
}

#[test]
fn the_reason_of_a_repair_names_what_is_damaged() {
    let mut simulation = Simulation::settled();
    simulation.damage(CA_KEY, "damaged");
    let Step::ReplaceAuthority { reason, reissue: false } = simulation.next().step else { panic!() };
    assert!(reason.to_string().contains("ca.key"), "{reason}");
}

#[test]
fn a_secret_of_somebody_else_is_never_overwritten() {
    let mut simulation = Simulation::settled();
    simulation.secret.as_mut().unwrap().metadata.labels = None;
    let rest = simulation.run();
    assert_eq!(simulation.steps, []);
    assert!(rest.problem.unwrap().contains("delete it"));
}

#[test]
fn a_vacant_secret_is_filled_and_keeps_what_the_chart_gave_it() {
    let mut simulation = Simulation::new();
    let mut vacant = Secret { type_: Some("Opaque".into()), ..Secret::default() };
    vacant.metadata.labels = Some([("app.kubernetes.io/managed-by".to_owned(), "Helm".to_owned())].into());
    vacant.metadata.resource_version = Some("7".into());
    simulation.secret = Some(vacant);
    simulation.run();
    let secret = simulation.secret.unwrap();
    assert_eq!(secret.type_.as_deref(), Some("Opaque"));
    assert_eq!(secret.metadata.resource_version.as_deref(), Some("7"));
    assert_eq!(secret.metadata.labels.unwrap()["app.kubernetes.io/managed-by"], "Helm");
}

#[test]
fn a_renamed_service_gets_a_certificate_with_its_name() {
    let mut simulation = Simulation::settled();
    simulation.settings.service.name = "gate".into();
    let Step::Reissue(reason) = simulation.next().step else { panic!() };
    assert!(reason.to_string().contains("gate.hookgate-system.svc"), "{reason}");
}

#[test]
fn without_a_configuration_nothing_is_rotated_and_the_obstacle_is_told() {
    let mut simulation = Simulation::new();
    simulation.configuration.view = None;
    let rest = simulation.run();
    assert_eq!(simulation.steps, [Step::Bootstrap]);
    assert!(rest.problem.is_some());
    assert!(simulation.trusted().unwrap_err().contains("not found"));
}

#[test]
fn everything_expired_is_made_anew_at_once() {
    let mut simulation = Simulation::settled();
    simulation.advance(SignedDuration::from_hours(6 * 365 * 24));
    assert!(simulation.trusted().is_err());
    simulation.run();
    assert_eq!(
        simulation.steps,
        [
            Step::ReplaceAuthority { reason: Reason::Expired, reissue: true },
            Step::Publish,
            Step::RecordPublication
        ]
    );
    simulation.trusted().unwrap();
}

#[test]
fn a_clock_behind_the_api_servers_changes_nothing() {
    let mut simulation = Simulation::settled();
    simulation.secret.as_mut().unwrap().metadata.creation_timestamp = Some(Time(simulation.now));
    simulation.advance(SignedDuration::from_hours(-24));
    let rest = simulation.run();
    assert_eq!(simulation.steps, []);
    assert!(rest.problem.unwrap().contains("clock"));
    // Within the tolerance nothing is said: the certificates are backdated for that.
    simulation.advance(SignedDuration::from_hours(24) - CLOCK_TOLERANCE);
    assert_eq!(simulation.run().problem, None);
}

#[test]
fn certificates_from_the_future_are_replaced_when_our_clock_is_right() {
    let mut simulation = Simulation::settled();
    simulation.advance(SignedDuration::from_hours(-24));
    assert_eq!(simulation.next().step, Step::ReplaceAuthority { reason: Reason::NotYetValid, reissue: true });
    simulation.run();
    simulation.trusted().unwrap();
}

#[test]
fn an_unreadable_record_of_the_publication_only_makes_us_wait() {
    let mut simulation = Simulation::settled();
    let annotations = simulation.secret.as_mut().unwrap().metadata.annotations.as_mut().unwrap();
    annotations.insert(crate::names::PUBLISHED_AT_ANNOTATION.to_owned(), "yesterday".to_owned());
    simulation.run();
    assert_eq!(simulation.steps, [Step::RecordPublication]);
}

#[test]
fn a_patch_touches_only_our_webhooks_and_only_the_version_seen() {
    let simulation = Simulation::settled();
    let SecretState::Ours(contents) = simulation.observation().secret else { panic!() };
    assert!(simulation.configuration.patch(&contents.bundle).is_none(), "already published");
    let mut configuration = simulation.configuration;
    configuration.view.as_mut().unwrap().webhooks[0].ca_bundle.clear();
    configuration.view.as_mut().unwrap().webhooks[0].index = 1;
    let patch = configuration.patch(&contents.bundle).unwrap();
    let mut document = serde_json::json!({
        "metadata": {"resourceVersion": "1"},
        "webhooks": [
            {"name": "else.example.com", "clientConfig": {}},
            {"name": "validate.hookgate.dev", "clientConfig": {}},
        ],
    });
    json_patch::patch(&mut document, &patch).unwrap();
    assert!(document["webhooks"][0]["clientConfig"].get("caBundle").is_none());
    assert!(document["webhooks"][1]["clientConfig"]["caBundle"].is_string());
    document["metadata"]["resourceVersion"] = "2".into();
    assert!(json_patch::patch(&mut document, &patch).is_err());
}
