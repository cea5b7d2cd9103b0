//! Without an FE that answers no hook can succeed, and so nothing is touched.

use crate::run::{assert_completed, run};
use hookgate_api::{Component, StarRocksCluster};
use hookgate_e2e::{
    Manifest,
    proofs::{safe_upgrade, untouched},
};
use hookgate_standin::fault::Faults;
use jiff::Timestamp;

#[test]
fn makes_the_upgrade_wait() {
    run("unreachable-frontend", async |scenario| {
        let manifest = Manifest::new("3.2.1", 1, 1, 1);
        scenario.deploy(&manifest).await?;
        let refusing = Faults { refuse_connections: true, ..Faults::default() };
        scenario.set_faults(Component::Fe, 0, &refusing).await?;
        let from = scenario.change(&manifest.images("3.2.2")).await?;
        let says_so = |cluster: &StarRocksCluster| {
            let waiting =
                cluster.status.as_ref().and_then(|status| status.wave.as_ref()?.waiting_for.as_ref());
            waiting.is_some_and(|waiting| waiting.message.contains("no FE answers"))
        };
        scenario.until("the status to say that no FE answers", says_so).await?;
        untouched(&scenario.timeline().await?, from, Timestamp::now())?;

        scenario.set_faults(Component::Fe, 0, &Faults::default()).await?;
        let cluster = scenario.upgraded().await?;
        assert_completed(&cluster, &manifest, "3.2.2");
        safe_upgrade(&scenario.timeline().await?, from, Timestamp::now(), &manifest)?;
        Ok(())
    });
}
