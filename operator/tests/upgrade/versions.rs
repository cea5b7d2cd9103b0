//! Versions of images, and the paths between them.

use crate::common::*;

fn stalled(world: &World) -> String {
    let (stalled, message) = is_true(world, ConditionType::Stalled).unwrap();
    assert!(stalled, "{:#?}", world.cluster.status);
    message
}

fn direction_of_the_last(world: &World, component: Component) -> Direction {
    let status = world.cluster.status.as_ref().unwrap();
    status.component(component).unwrap().upgrade_state.as_ref().unwrap().direction
}

/// In the world an image's name ends with what follows its last colon.
fn set_images(world: &mut World, tag: &str) {
    set_version(world, tag);
}

#[test]
fn images_by_digest_go_up_and_down_by_what_the_database_said_of_them() {
    let mut world = World::new(cluster("3.2.1"));
    world.versions = [("abc", "3.2.2-abc"), ("latest", "3.2.1-def")].into_iter().collect();
    set_images(&mut world, "latest");
    world.settle();
    let known = world.cluster.status.as_ref().unwrap().known_versions.clone();
    assert!(
        known.iter().any(|known| known.image == "be:latest" && known.version == "3.2.1-def"),
        "{known:?}"
    );
    set_images(&mut world, "abc");
    world.settle();
    assert!(all_at(&world, "abc"));
    assert_eq!(direction_of_the_last(&world, Component::Be), Direction::Upgrade);
    world.log.clear();
    set_images(&mut world, "latest");
    world.settle();
    assert_eq!(direction_of_the_last(&world, Component::Be), Direction::Downgrade);
    assert_eq!(let_go(&world)[0], "c-fe-2", "a downgrade is FE first");
}

#[test]
fn the_database_of_an_idle_cluster_is_asked_only_until_the_versions_are_known() {
    let mut world = World::new(cluster("3.2.1"));
    world.versions = [("latest", "3.2.1-def")].into_iter().collect();
    set_images(&mut world, "latest");
    world.settle();
    assert!(!hookgate_operator::plan::wants_versions(&world.observation()));
    assert!(!hookgate_operator::plan::wants_versions(&deployed("3.2.1").observation()));
}

#[test]
fn an_image_of_which_nothing_is_known_goes_back_as_a_rollback_without_hooks() {
    let mut world = deployed("3.2.1");
    set_images(&mut world, "nightly");
    world.versions = [("nightly", "main-abc")].into_iter().collect();
    until_let_go(&mut world, "c-be-1");
    set_images(&mut world, "3.2.1");
    world.pass();
    let wave = world.cluster.status.as_ref().unwrap().wave.clone().unwrap();
    assert_eq!(wave.direction, Direction::Downgrade);
    world.settle();
    assert!(all_at(&world, "3.2.1") && world.has_originals());
}

#[test]
fn the_annotation_says_which_version_an_image_is_and_only_for_the_image_that_it_names() {
    for (value, expected) in [
        ("be:older=3.1.9", Direction::Downgrade),
        ("fe:x=3.0.0, be:older=3.1.9", Direction::Downgrade),
        ("be:other=3.1.9", Direction::Upgrade),
        ("be:older", Direction::Upgrade),
    ] {
        let mut world = deployed("3.2.1");
        world.versions = [("older", "3.1.9")].into_iter().collect();
        annotate(&mut world, "hookgate.dev/image-version", value);
        set_spec(&mut world, |spec| spec["starRocksBeSpec"]["image"] = "be:older".into());
        world.pass();
        let wave = world.cluster.status.as_ref().unwrap().wave.clone().unwrap();
        assert_eq!(wave.direction, expected, "{value}");
    }
}

#[test]
fn tags_that_are_no_starrocks_versions_do_not_hold_a_wave_up() {
    let mut world = World::new(cluster("1.0.4"));
    world.versions = [("1.0.4", "3.2.1-a"), ("1.0.5", "3.2.1-a"), ("1.0.6", "3.2.2-b")].into_iter().collect();
    world.settle();
    for tag in ["1.0.5", "1.0.6"] {
        set_images(&mut world, tag);
        world.settle();
        assert!(all_at(&world, tag) && world.cluster.status.as_ref().unwrap().wave.is_none(), "{tag}");
    }
}

#[test]
fn a_server_that_is_another_version_than_its_tag_says_is_believed_and_an_old_one_is_waited_for() {
    let mut world = deployed("3.2.1");
    world.versions = [("3.2.2", "3.2.3-b")].into_iter().collect();
    set_images(&mut world, "3.2.2");
    world.settle();
    assert!(all_at(&world, "3.2.2") && world.cluster.status.as_ref().unwrap().wave.is_none());

    let mut world = deployed("3.2.1");
    world.versions = [("3.2.2", "3.2.1")].into_iter().collect();
    set_images(&mut world, "3.2.2");
    world.settle();
    assert_eq!(let_go(&world), ["c-be-2"]);
    let waiting = world.cluster.status.as_ref().unwrap().wave.clone().unwrap().waiting_for.unwrap();
    assert!(waiting.message.contains("hookgate.dev/image-version=be:3.2.2=3.2.1"), "{}", waiting.message);
    annotate(&mut world, "hookgate.dev/image-version", "be:3.2.2=3.2.1,cn:3.2.2=3.2.1,fe:3.2.2=3.2.1");
    world.settle();
    assert!(all_at(&world, "3.2.2"));
}

#[test]
fn a_path_that_starrocks_does_not_support_is_refused_until_its_target_is_allowed() {
    let mut world = deployed("3.3.0");
    set_images(&mut world, "3.2.1");
    world.settle();
    assert_eq!(world.log, []);
    let message = stalled(&world);
    assert!(
        message.contains("take 3.2.3 or later") && message.contains("allow-version-path=3.2.1"),
        "{message}"
    );
    annotate(&mut world, "hookgate.dev/allow-version-path", "3.2.2");
    world.settle();
    assert_eq!(world.log, [], "it counts only for the version that it names");
    annotate(&mut world, "hookgate.dev/allow-version-path", "3.2.1");
    world.settle();
    assert!(all_at(&world, "3.2.1"));
}

#[test]
fn a_refused_target_in_the_middle_lets_nothing_go_and_the_one_before_goes_on() {
    let mut world = deployed("3.2.1");
    set_images(&mut world, "3.3.0");
    until_let_go(&mut world, "c-be-1");
    let gone = let_go(&world).len();
    // c-be-2 has run 3.3.0, from which 3.2.2 loses metadata.
    set_images(&mut world, "3.2.2");
    for _ in 0..60 {
        world.pass();
        world.kubernetes();
        world.now += jiff::SignedDuration::from_secs(1);
    }
    assert_eq!(let_go(&world).len(), gone);
    assert!(stalled(&world).contains("3.2.3 or later"));
    set_images(&mut world, "3.3.0");
    world.settle();
    assert!(all_at(&world, "3.3.0") && world.has_originals());
}

#[test]
fn a_skipped_minor_version_is_warned_about_and_goes_on() {
    let mut world = deployed("3.1.2");
    set_images(&mut world, "3.3.0");
    world.settle();
    assert!(all_at(&world, "3.3.0"));
    let warned: Vec<_> = world.events.iter().filter(|(reason, _)| *reason == "VersionPathWarning").collect();
    assert!(warned.len() == 1 && warned[0].1.contains("skips 3.2"), "{warned:?}");
}

/// Neither of two images of one version is above the other: going back is a rollback all the same.
#[test]
fn going_back_between_images_of_one_version_is_a_rollback_without_hooks() {
    for (from, to) in [("3.2.1-rc01", "3.2.1"), ("3.2.1-ubuntu", "3.2.1-centos")] {
        let mut world = World::new(cluster(from));
        world.versions = [(from, "3.2.1"), (to, "3.2.1")].into_iter().collect();
        world.settle();
        world.log.clear();
        set_images(&mut world, to);
        until_let_go(&mut world, "c-be-1");
        let hooks = |world: &World| {
            let components = world.cluster.status.as_ref().unwrap().wave.clone().unwrap().components;
            components.iter().map(|step| step.hooks.len()).sum::<usize>()
        };
        assert!(hooks(&world) > 0);
        set_images(&mut world, from);
        world.pass();
        let wave = world.cluster.status.as_ref().unwrap().wave.clone().unwrap();
        assert_eq!((wave.direction, wave.trigger), (Direction::Downgrade, Trigger::Rollback), "{from}");
        world.settle();
        assert!(all_at(&world, from) && world.has_originals(), "{from}");
    }
}

#[test]
fn an_image_of_the_same_version_goes_with_the_others_whichever_way_they_go() {
    for (be, expected) in [("be:3.2.0", Direction::Downgrade), ("be:3.2.2", Direction::Upgrade)] {
        let mut world = deployed("3.2.1");
        set_spec(&mut world, |spec| {
            spec["starRocksBeSpec"]["image"] = be.into();
            spec["starRocksFeSpec"]["image"] = "fe:3.2.1-ubuntu".into();
        });
        world.pass();
        let wave = world.cluster.status.as_ref().unwrap().wave.clone().unwrap();
        assert_eq!((wave.direction, wave.components.len()), (expected, 2), "{be}");
    }
}

#[test]
fn a_change_that_goes_back_in_the_middle_is_held_up_by_no_window_and_forward_again_it_is() {
    let mut world = deployed("3.2.1");
    let limits = |world: &mut World, memory: &str| {
        set_spec(world, |spec| {
            for name in ["Be", "Cn"] {
                spec[format!("starRocks{name}Spec")]["limits"] = json!({"memory": memory});
            }
        });
    };
    limits(&mut world, "8Gi");
    until_let_go(&mut world, "c-be-2");
    // It opens for a minute at the end of a year.
    set_spec(&mut world, |spec| {
        spec["upgradeWindow"] = json!({"schedule": "59 23 31 12 *", "duration": "1m"});
        for name in ["Be", "Cn"] {
            spec[format!("starRocks{name}Spec")].as_object_mut().unwrap().remove("limits");
        }
    });
    world.pass();
    let wave = |world: &World| world.cluster.status.as_ref().unwrap().wave.clone();
    assert_eq!(wave(&world).unwrap().trigger, Trigger::Rollback);
    limits(&mut world, "9Gi");
    world.pass();
    assert_eq!(wave(&world).unwrap().trigger, Trigger::SpecChange);
    set_spec(&mut world, |spec| {
        for name in ["Be", "Cn"] {
            spec[format!("starRocks{name}Spec")].as_object_mut().unwrap().remove("limits");
        }
    });
    world.settle();
    assert_eq!(wave(&world), None, "{:#?}", wave(&world));
    assert!(all_at(&world, "3.2.1"));
}

/// Metadata is lost from 3.3 to 3.2.0: but an image that never started has written none.
#[test]
fn a_version_from_which_there_is_no_way_back_is_warned_of_and_one_that_never_started_has_one() {
    let mut world = deployed("3.2.0");
    set_images(&mut world, "3.3.0");
    world.pass();
    let wave = world.cluster.status.as_ref().unwrap().wave.clone().unwrap();
    let warned = |warning: &&String| warning.contains("no way back once a server has run 3.3.0");
    let warning = wave.warnings.iter().find(warned).unwrap();
    assert!(warning.ends_with("hookgate.dev/allow-version-path=3.2.0"), "{warning}");
    for (image, started) in [("be:3.3.0-broken", false), ("be:3.3.0", true)] {
        let mut world = deployed("3.2.0");
        set_spec(&mut world, |spec| spec["starRocksBeSpec"]["image"] = image.into());
        until_let_go(&mut world, "c-be-2");
        passes(&mut world, 5);
        set_spec(&mut world, |spec| spec["starRocksBeSpec"]["image"] = "be:3.2.0".into());
        world.settle();
        assert_eq!(all_at(&world, "3.2.0"), !started, "{:#?}", world.cluster.status);
    }
}

#[test]
fn fes_without_a_quorum_while_one_restarts_are_warned_of() {
    for (replicas, expected) in [(1, Some("FE has 1 pod:")), (2, Some("FE has 2 pods:")), (3, None)] {
        let mut object = cluster("3.2.1");
        object["spec"]["starRocksFeSpec"]["replicas"] = replicas.into();
        let mut world = World::new(object);
        world.settle();
        set_version(&mut world, "3.2.2");
        world.pass();
        let wave = world.cluster.status.as_ref().unwrap().wave.clone().unwrap();
        let warning = wave.warnings.iter().find(|warning| warning.starts_with("FE has "));
        match expected {
            Some(expected) => assert!(warning.unwrap().starts_with(expected), "{warning:?}"),
            None => assert_eq!(warning, None),
        }
    }
}

#[test]
fn the_override_is_read_as_versions_are() {
    for value in ["v3.2.1", "3.2.1-ubuntu"] {
        let mut world = deployed("3.3.0");
        annotate(&mut world, "hookgate.dev/allow-version-path", value);
        set_images(&mut world, "3.2.1");
        world.settle();
        assert!(all_at(&world, "3.2.1"), "{value}");
    }
}

/// No server ever ran the image that was mistyped: what is asked for instead is judged by what runs.
#[test]
fn a_mistyped_tag_is_corrected_with_all_that_belongs_to_an_upgrade() {
    for fields in [&["starRocksBeSpec"][..], &["starRocksBeSpec", "starRocksCnSpec", "starRocksFeSpec"]] {
        for begins_with in ["3.9.9-broken", "3.1.0-broken"] {
            let mut world = deployed("3.2.1");
            let set = |world: &mut World, tag: &str| {
                set_spec(world, |spec| {
                    for field in fields {
                        let name = field[9..11].to_lowercase();
                        spec[*field]["image"] = format!("{name}:{tag}").into();
                    }
                });
            };
            set(&mut world, begins_with);
            passes(&mut world, 60);
            let gone = let_go(&world).len();
            assert_eq!(gone, 1, "{:?}", let_go(&world));
            world.log.clear();
            set(&mut world, "3.2.2");
            passes(&mut world, 1);
            let case = format!("{begins_with} {fields:?}: {:#?}", world.cluster.status);
            assert_eq!(wave(&world).direction, Direction::Upgrade, "{case}");
            // The pod that was broken may come back at once: it carries nothing.
            roll_with_settings_held(&mut world);
            let expected = if fields.len() == 1 { 3 } else { 7 };
            assert_eq!(let_go(&world).len(), expected, "{case}");
            assert!(world.has_originals() && is_true(&world, ConditionType::Ready).unwrap().0, "{case}");
        }
    }
}

#[test]
fn a_component_that_is_taken_back_from_a_mistyped_tag_goes_with_the_others() {
    let mut world = deployed("3.2.1");
    set_spec(&mut world, |spec| spec["starRocksBeSpec"]["image"] = "be:3.9.9-broken".into());
    passes(&mut world, 30);
    set_spec(&mut world, |spec| {
        spec["starRocksBeSpec"]["image"] = "be:3.2.1".into();
        spec["starRocksFeSpec"]["image"] = "fe:3.2.2".into();
    });
    world.log.clear();
    roll_with_settings_held(&mut world);
    assert!(is_true(&world, ConditionType::Ready).unwrap().0, "{:#?}", world.cluster.status);
    assert_eq!(let_go(&world).last(), Some(&"c-fe-0"));
}
