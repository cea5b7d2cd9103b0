//! What would happen, asked without doing anything.

use crate::common::*;
use hookgate_api::approval::Approver;
use hookgate_api::gate::Canary;
use hookgate_operator::plan::{Preview, preview};

fn previewed(world: &World) -> Preview {
    preview(&world.observation(), &World::tuning(), world.now).unwrap()
}

#[test]
fn an_upgrade_is_told_as_it_then_happens() {
    let mut world = deployed("3.2.1");
    assert!(previewed(&world).is_nothing());
    set_version(&mut world, "3.2.2");
    set_spec(&mut world, |spec| spec["starRocksBeSpec"]["replicas"] = 4.into());
    let told = previewed(&world);
    assert_eq!(told.scaled, [(Component::Be, 3, 4)]);
    let wave = told.wave.unwrap();
    assert_eq!(wave.direction, Direction::Upgrade);
    assert_eq!(wave.held.len(), 4);
    let pods: Vec<_> = wave.steps.iter().flat_map(|step| &step.pods).map(String::as_str).collect();
    world.settle();
    // Which FE leads isn't known to who hasn't asked, and it may be any of them.
    assert_eq!(let_go(&world)[..4], pods[..4]);
    assert_eq!(wave.steps.iter().map(|step| step.component).collect::<Vec<_>>(), Direction::Upgrade.order());
    assert!(previewed(&world).is_nothing());
}

#[test]
fn what_an_aborted_wave_went_back_to_is_what_is_wanted() {
    let mut world = aborted_in_mid_roll();
    assert!(all_at(&world, "3.2.1"));
    let told = previewed(&world);
    assert!(told.is_nothing(), "{told:?}");
    set_version(&mut world, "3.2.3");
    assert_eq!(previewed(&world).wave.unwrap().steps.len(), 3);
}

#[test]
fn what_is_refused_is_told_in_the_words_of_the_status() {
    let mut world = deployed("3.2.1");
    set_spec(&mut world, |spec| {
        spec["starRocksBeSpec"]["image"] = "be:3.2.2".into();
        spec["starRocksFeSpec"]["image"] = "fe:3.1.9".into();
    });
    let told = previewed(&world);
    let (reason, message) = told.refused.clone().unwrap();
    assert!(reason == "ConflictingVersions" && told.is_refused() && told.wave.is_none(), "{told:?}");
    world.settle();
    assert_eq!(is_true(&world, ConditionType::Stalled).unwrap(), (true, message));
}

#[test]
fn what_an_upgrade_would_wait_for_and_where_it_would_stop_is_told() {
    let mut world = deployed("3.2.1");
    set_spec(&mut world, |spec| {
        spec["upgradeWindow"] = json!({"schedule": "59 23 31 12 *", "duration": "1m"});
        spec["starRocksBeSpec"]["rolloutGate"] = json!({"canary": true});
    });
    set_version(&mut world, "3.2.2");
    let wave = previewed(&world).wave.unwrap();
    assert!(wave.waits[0].contains("the upgrade window is closed; it opens next: "), "{:?}", wave.waits);
    let canaries: Vec<_> = wave.steps.iter().map(|step| step.canary).collect();
    assert_eq!(canaries, [Canary::Stop, Canary::No, Canary::No]);
    set_spec(&mut world, |spec| spec["upgradeWindow"] = Value::Null);
    assert_eq!(previewed(&world).wave.unwrap().waits, Vec::<String>::new());
}

#[test]
fn a_wave_in_flight_takes_the_spec_up_from_where_it_is() {
    let mut world = deployed("3.2.1");
    set_version(&mut world, "3.2.2");
    until_let_go(&mut world, "c-be-1");
    let told = previewed(&world).wave.unwrap();
    assert_eq!((told.direction, told.trigger), (Direction::Upgrade, Trigger::SpecChange));
    let be = &told.steps[0];
    assert_eq!((be.from_image.as_str(), be.to_image.as_str()), ("be:3.2.1", "be:3.2.2"));
    assert_eq!((be.pre_hooks.len(), be.pods.as_slice()), (0, &["c-be-0".to_owned()][..]));
    assert_eq!(told.steps.iter().map(|step| step.component).collect::<Vec<_>>(), Direction::Upgrade.order());
    assert!(!told.steps[1].pre_hooks.is_empty() && told.held.len() == 4);

    set_spec(&mut world, |spec| {
        spec["upgradeWindow"] = json!({"schedule": "59 23 31 12 *", "duration": "1m"});
    });
    set_version(&mut world, "3.2.1");
    let told = previewed(&world).wave.unwrap();
    assert_eq!((told.direction, told.trigger), (Direction::Downgrade, Trigger::Rollback));
    assert_eq!((told.waits.len(), told.held.len(), told.steps.len()), (0, 0, 1), "{told:?}");
    let be = &told.steps[0];
    assert_eq!((be.from_image.as_str(), be.to_image.as_str()), ("be:3.2.2", "be:3.2.1"));
    world.settle();
    assert!(previewed(&world).is_nothing());
}

#[test]
fn an_approval_that_is_missing_for_either_function_is_told() {
    let mut world = deployed("3.2.1");
    crate::hooks::with_script(&mut world, "starRocksBeSpec");
    let by = || Approver { approval: "one".to_owned(), user: "ann".to_owned() };
    for (pre, post) in [(Ok(by()), Err("no approval".to_owned())), (Err("no approval".to_owned()), Ok(by()))]
    {
        let judgement =
            Judgement { approval: ObservedApproval::Needed { pre, post }, ..Judgement::default() };
        world.scripts.insert(Component::Be, ObservedScript::Accepted { sha256: "one".to_owned(), judgement });
        set_version(&mut world, "3.2.2");
        let wave = previewed(&world).wave.unwrap();
        assert_eq!(wave.steps[0].script_refused.as_deref(), Some("no approval"));
    }
}
