//! The worlds that are explored.

use crate::{
    choices::Choice,
    scenario::{Limits, Safeguards, Scenario},
};
use serde_json::{Value, json};

/// Both safeguards, as the operator has them.
pub const SAFE: Safeguards = Safeguards { fencing: true, conflicts: true };

/// The place of `tablet_sched_max_scheduling_tablets` among the settings.
const CLONE: usize = 0;

/// Every world that is explored exhaustively.
pub fn all() -> Vec<Scenario> {
    vec![
        fe(),
        be(),
        upgrade(),
        downgrade(),
        change(),
        broken(),
        script(),
        withdrawn(),
        own_changes(),
        always(),
        deleted(),
        preparation(),
        steered(),
        limit(),
    ]
}

/// Every component is upgraded, and two of three things happen in the same run, in all orders: a change of the spec, a pass that
/// is held up, a fault. All three in one run are more states than a machine of the present explores in minutes.
pub fn pairs() -> Vec<Scenario> {
    let limits = [(1, 1, 0), (1, 0, 1), (0, 1, 1)];
    let of = |(spec_changes, held_up, faults)| Limits { spec_changes, held_up, faults, ..Limits::NONE };
    limits.map(|limits| Scenario { limits: of(limits), ..upgrade() }).into()
}

/// Some of them, with one thing at a time that goes wrong: what every run of the tests explores.
pub fn small() -> Vec<Scenario> {
    let (spec, fault) = (Limits { spec_changes: 1, ..Limits::NONE }, Limits { faults: 1, ..Limits::NONE });
    let script = Limits { failing_jobs: 1, held_up: 1, ..Limits::NONE };
    let limited = |scenario: Scenario, limits| Scenario { limits, ..scenario };
    vec![
        limited(fe(), fault),
        limited(limit(), Limits::NONE),
        limited(be(), spec),
        limited(change(), spec),
        limited(downgrade(), Limits::NONE),
        limited(self::script(), script),
        withdrawn(),
        limited(own_changes(), script),
        limited(own_changes(), fault),
        limited(always(), Limits::NONE),
        limited(deleted(), Limits { choices: 1, ..Limits::NONE }),
        limited(steered(), Limits::NONE),
    ]
}

/// A component with that version, and hooks that hold one setting.
fn component(name: &str, version: &str, replicas: u8) -> Value {
    json!({
        "image": format!("{name}:{version}"), "replicas": replicas,
        "upgradeHooks": {"predefined": ["disable-tablet-clone"]},
    })
}

fn cluster(fe: &str, be: &str, cn: &str) -> Value {
    json!({
        "starRocksFeSpec": component("fe", fe, 2),
        "starRocksBeSpec": component("be", be, 1),
        "starRocksCnSpec": component("cn", cn, 1),
    })
}

fn same(version: &str) -> Value {
    cluster(version, version, version)
}

fn scenario(name: &'static str, about: &'static str, specs: Vec<Value>, limits: Limits) -> Scenario {
    let settings = vec![CLONE];
    let starts = specs.len() - 1;
    Scenario {
        starts,
        name,
        about,
        specs,
        settings,
        choices: vec![],
        scripts_set: false,
        deletes: false,
        late: true,
        hold_limit: false,
        limits,
        safeguards: SAFE,
    }
}

const ONE_OF_EACH: Limits = Limits { spec_changes: 1, held_up: 1, faults: 1, failing_jobs: 0, choices: 0 };

/// FE alone is upgraded.
pub fn fe() -> Scenario {
    let fe = |version| json!({"starRocksFeSpec": component("fe", version, 2)});
    let specs = vec![fe("3.2.1"), fe("3.2.2")];
    scenario("fe", "FE is all there is and is upgraded, and the user may go back", specs, ONE_OF_EACH)
}

/// BE is upgraded, with no CN.
pub fn be() -> Scenario {
    let without_cn = |version| {
        let mut spec = cluster("3.2.1", version, "3.2.1");
        spec.as_object_mut().unwrap().remove("starRocksCnSpec");
        spec
    };
    let specs = vec![without_cn("3.2.1"), without_cn("3.2.2")];
    scenario("be", "there is no CN, BE is upgraded, and the user may go back", specs, ONE_OF_EACH)
}

/// More pods, more settings, more faults than can be explored to the end: for random walks.
pub fn large() -> Scenario {
    let large = |version: &str| {
        json!({
            "starRocksFeSpec": {"image": format!("fe:{version}"), "replicas": 3},
            "starRocksBeSpec": {"image": format!("be:{version}"), "replicas": 3},
            "starRocksCnSpec": {"image": format!("cn:{version}"), "replicas": 2},
        })
    };
    let mut limits = large("3.2.2");
    limits["starRocksBeSpec"]["limits"] = json!({"memory": "4Gi"});
    let mut broken = large("3.2.2");
    broken["starRocksBeSpec"]["image"] = "be:3.2.3-broken".into();
    Scenario {
        name: "large",
        about: "FE 3, BE 3, CN 2, the default hooks, and more of everything that can happen",
        specs: vec![large("3.2.1"), large("3.2.2"), large("3.2.3"), limits, broken],
        starts: 4,
        settings: vec![0, 1, 2, 3],
        choices: Choice::ALL.to_vec(),
        scripts_set: false,
        deletes: true,
        late: true,
        hold_limit: true,
        limits: Limits { spec_changes: 3, held_up: 3, faults: 5, failing_jobs: 0, choices: 3 },
        safeguards: SAFE,
    }
}

/// Every component is upgraded; the user may go back, or on to another version.
pub fn upgrade() -> Scenario {
    let specs = vec![same("3.2.1"), same("3.2.2")];
    scenario("upgrade", "BE, CN and FE are upgraded, and the user may go back", specs, ONE_OF_EACH)
}

/// Every component is downgraded; the user may go back.
pub fn downgrade() -> Scenario {
    let specs = vec![same("3.2.2"), same("3.2.1")];
    scenario("downgrade", "FE, BE and CN are downgraded, and the user may go back", specs, ONE_OF_EACH)
}

/// Memory limits change; then the user may upgrade.
pub fn change() -> Scenario {
    let mut limits = same("3.2.1");
    for field in ["starRocksFeSpec", "starRocksBeSpec"] {
        limits[field]["limits"] = json!({"memory": "4Gi"});
    }
    let specs = vec![same("3.2.1"), limits];
    scenario("change", "limits of FE and BE change, and the user may go back", specs, ONE_OF_EACH)
}

/// Images whose pods never get ready; the user goes back, or on to one that works.
pub fn broken() -> Scenario {
    let specs = vec![
        same("3.2.1"),
        cluster("3.2.1", "3.2.2-broken", "3.2.1"),
        cluster("3.2.2-broken", "3.2.1", "3.2.1"),
    ];
    let limits = Limits { spec_changes: 1, held_up: 1, faults: 1, failing_jobs: 0, choices: 0 };
    scenario("broken", "the new image of BE or of FE doesn't start", specs, limits)
}

/// BE has a script of its own, whose runs may fail.
pub fn script() -> Scenario {
    let with_script = |version: &str| {
        let mut spec = cluster("3.2.1", version, "3.2.1");
        spec["starRocksBeSpec"]["upgradeHooks"]["custom"] = json!({"configMapName": "hooks"});
        spec
    };
    let limits = Limits { spec_changes: 1, held_up: 1, faults: 1, failing_jobs: 2, choices: 0 };
    let specs = vec![with_script("3.2.1"), with_script("3.2.2")];
    scenario("script", "BE is upgraded with a script that may fail", specs, limits)
}

/// The script is taken out of the spec while the upgrade goes on.
pub fn withdrawn() -> Scenario {
    let (scripts, mut without) = (script(), cluster("3.2.1", "3.2.2", "3.2.1"));
    without["starRocksBeSpec"]["upgradeHooks"] = json!({});
    let specs = scripts.specs.into_iter().chain([without]).collect();
    let limits = Limits { spec_changes: 1, ..Limits::NONE };
    let about = "BE is upgraded with a script that is taken out of the spec, or goes back";
    Scenario { starts: 1, ..scenario("withdrawn", about, specs, limits) }
}

/// BE's script switches something off by itself, and a literal on afterwards, as the guide's examples do.
pub fn own_changes() -> Scenario {
    let with_script = |version: &str| {
        let mut spec = cluster("3.2.1", version, "3.2.1");
        spec.as_object_mut().unwrap().remove("starRocksCnSpec");
        spec["starRocksBeSpec"]["upgradeHooks"] = json!({"custom": {"configMapName": "hooks"}});
        spec
    };
    let limits = Limits { failing_jobs: 1, ..ONE_OF_EACH };
    let specs = vec![with_script("3.2.1"), with_script("3.2.2")];
    let about = "BE is upgraded with a script that changes a setting by itself and restores a literal";
    // What a late statement undoes of what a script has set can't be known.
    Scenario { scripts_set: true, late: false, ..scenario("own-changes", about, specs, limits) }
}

/// The same change as in [`change`], with hooks that run for it.
pub fn always() -> Scenario {
    let mut specs = change().specs;
    for spec in &mut specs {
        for field in ["starRocksFeSpec", "starRocksBeSpec"] {
            spec[field]["upgradeHooks"]["when"] = "Always".into();
        }
    }
    scenario("always", "limits of FE and BE change, and hooks run for that as well", specs, ONE_OF_EACH)
}

/// FE is upgraded, and the cluster deleted meanwhile.
pub fn deleted() -> Scenario {
    let limits = Limits { choices: 1, ..ONE_OF_EACH };
    let about = "FE is all there is and is upgraded, and the cluster is deleted meanwhile";
    Scenario { name: "deleted", about, deletes: true, limits, ..fe() }
}

/// SQL hooks for the whole cluster.
pub fn preparation() -> Scenario {
    let prepared = |version: &str| {
        let mut spec = cluster("3.2.1", version, "3.2.1");
        spec["upgradePreparation"] = json!({"enabled": true, "hooks": [
            {"name": "clone", "command": "ADMIN SET FRONTEND CONFIG (\"max_scheduling_tablets\" = \"0\")", "critical": true},
            {"name": "image", "command": "ALTER SYSTEM CREATE IMAGE", "critical": true},
        ]});
        for field in ["starRocksFeSpec", "starRocksBeSpec", "starRocksCnSpec"] {
            spec[field]["upgradeHooks"] = json!({});
        }
        spec
    };
    let specs = vec![prepared("3.2.1"), prepared("3.2.2")];
    scenario("preparation", "BE is upgraded after SQL hooks for the whole cluster", specs, ONE_OF_EACH)
}

/// BE and FE are upgraded, FE with a stop after its first pod; people steer.
pub fn steered() -> Scenario {
    let gated = |version: &str| {
        let mut spec = cluster(version, version, version);
        spec.as_object_mut().unwrap().remove("starRocksCnSpec");
        spec["starRocksFeSpec"]["rolloutGate"] = json!({"canary": true});
        spec
    };
    let specs = vec![gated("3.2.1"), gated("3.2.2")];
    let limits = Limits { choices: 2, held_up: 1, ..Limits::NONE };
    let about =
        "BE and FE are upgraded, FE stops after its first pod, and people pause, let past, abort, give back";
    Scenario { choices: Choice::ALL.to_vec(), ..scenario("steered", about, specs, limits) }
}

/// FE alone is upgraded, and settings are held for longer than they may be.
pub fn limit() -> Scenario {
    let about = "FE is all there is and is upgraded, and settings are held for longer than they may be";
    Scenario { name: "limit", about, hold_limit: true, ..fe() }
}
