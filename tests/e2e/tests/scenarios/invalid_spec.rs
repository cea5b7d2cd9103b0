//! A spec that never met the webhook: the operator says the same words, and does nothing.

use crate::run::run_in;
use hookgate_api::{StarRocksCluster, status::ConditionType, validate::validate};
use hookgate_e2e::{Manifest, Place, Problem, manifest::RECORDER, wait};
use k8s_openapi::api::core::v1::Service;
use kube::{Api, ResourceExt, api::ListParams};
use serde_json::json;

#[test]
fn is_stalled_with_the_same_words() {
    let place = Place { namespace: Some("hookgate-unguarded-spec"), ..Place::default() };
    run_in("invalid-spec", &place, async |scenario| {
        let manifest = Manifest::new("3.2.1", 1, 1, 0).with(&json!({"spec": {
            "starRocksFeSpec": {"upgradeHooks": {"timeoutSeconds": 0, "predefined": ["disable-everything"]}},
            "starRocksBeSpec": {"upgradeHooks": {"timeoutSeconds": 3601, "custom": {}}},
        }}));
        let cluster: StarRocksCluster = serde_json::from_value(manifest.object.clone()).unwrap();
        let words: Vec<_> = validate(&cluster.spec).iter().map(ToString::to_string).collect();
        assert_eq!(words.len(), 4);
        scenario.create(&manifest.object).await?;
        let says_so = |cluster: &StarRocksCluster| {
            let message = wait::message_of(cluster, ConditionType::Stalled, "InvalidSpec");
            message.is_some_and(|message| words.iter().all(|word| message.contains(word)))
        };
        scenario.until("the operator to say what is wrong", says_so).await?;
        assert_eq!(scenario.timeline().await?.sets, []);
        let services: Api<Service> = Api::namespaced(scenario.client.clone(), &scenario.namespace);
        let services =
            services.list(&ListParams::default()).await.map_err(Problem::api("listing Services"))?;
        assert_eq!(services.iter().map(ResourceExt::name_any).collect::<Vec<_>>(), [RECORDER]);

        let repaired = json!({"spec": {
            "starRocksFeSpec": {"upgradeHooks": null}, "starRocksBeSpec": {"upgradeHooks": null},
        }});
        scenario.change(&repaired).await?;
        scenario.upgraded().await?;
        Ok(())
    });
}
