//! What a status says is input: whoever may write it must not get SQL of their own sent.

use crate::common::*;
use hookgate_operator::plan::settings_to_read;

/// A setting that is to be given back, as somebody has written it into the status.
fn written(name: &str, original: &str) -> Value {
    json!({"name": name, "value": "true", "state": "Releasing", "holders": [], "since": "2026-01-01T00:00:00Z",
        "frontends": [{"pod": "c-fe-0", "uid": "u", "restarts": 0, "original": original}]})
}

fn tamper(world: &mut World, held: Value) {
    let status = world.cluster.status.as_mut().unwrap();
    status.held_settings.push(serde_json::from_value(held).unwrap());
}

#[test]
fn a_held_setting_that_no_hook_may_change_is_neither_asked_for_nor_set() {
    for name in [
        "x' OR '1' = '1",
        "a\") ; DROP DATABASE x; -- ",
        "enable_auth_check",
        "authentication_ldap_simple_server_host",
        "metadata_enable_recovery_mode",
        "",
    ] {
        let mut world = deployed("3.2.1");
        tamper(&mut world, written(name, "false"));
        assert!(!settings_to_read(&world.observation()).contains(name), "{name:?} is asked for");
        let before = world.log.len();
        world.settle();
        let set = |one: &Happening| matches!(one, Happening::Set { .. } | Happening::Sql(_));
        assert!(!world.log[before..].iter().any(set), "{name:?}: {:?}", &world.log[before..]);
        assert!(world.cluster.status.as_ref().unwrap().held_settings.is_empty(), "{name:?} is left out");
        let told = world
            .events
            .iter()
            .any(|(reason, note)| *reason == "HeldSettingRefused" && note.contains("SECURITY AUDIT"));
        assert!(told, "{name:?}: {:?}", world.events);
    }
}
