//! What each FE had in its memory at a moment, from what the FEs told.

use super::Timeline;
use crate::settings::{HELD, Held, Originals};
use hookgate_standin::event::{Component, Occurrence, Outcome};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// An FE that runs at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrontendAt {
    /// Its pod.
    pub pod: String,
    /// When its process began: what it held in memory before that is lost.
    pub since: Timestamp,
    /// Each held setting, by canonical name.
    pub settings: BTreeMap<&'static str, Value>,
}

/// A setting of one FE.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    /// What it is.
    pub value: String,
    /// When it was last set, or else when the FE started.
    pub changed: Timestamp,
    /// When this very FE was last asked for it.
    pub asked: Option<Timestamp>,
}

/// The FEs that run at a moment.
pub fn frontends_at(timeline: &Timeline, at: Timestamp, originals: &Originals) -> Vec<FrontendAt> {
    let mut running: BTreeMap<&str, FrontendAt> = BTreeMap::new();
    let events = timeline.database.iter().map(|recorded| &recorded.event);
    for event in events.filter(|event| event.component == Component::Fe && event.time <= at) {
        match &event.what {
            Occurrence::ProcessStarted { .. } => {
                running.insert(&event.pod, started(&event.pod, event.time, originals));
            }
            Occurrence::ProcessStopping { .. } => {
                running.remove(event.pod.as_str());
            }
            Occurrence::ConfigChanged { key, new, .. } => {
                let fe = running.get_mut(event.pod.as_str());
                if let Some(setting) = fe.and_then(|fe| fe.settings.get_mut(key.as_str())) {
                    setting.value.clone_from(new);
                    setting.changed = event.time;
                }
            }
            Occurrence::Statement(statement) if matches!(statement.outcome, Outcome::Ok { .. }) => {
                let Some(fe) = running.get_mut(event.pod.as_str()) else { continue };
                for held in HELD.iter().filter(|held| asks_for(&statement.statement, held)) {
                    if let Some(setting) = fe.settings.get_mut(held.name) {
                        setting.asked = Some(event.time);
                    }
                }
            }
            _ => {}
        }
    }
    running.into_values().collect()
}

fn started(pod: &str, at: Timestamp, originals: &Originals) -> FrontendAt {
    let settings = HELD.iter().map(|held| {
        let value = originals.value(held.name).unwrap_or(held.default).to_owned();
        (held.name, Value { value, changed: at, asked: None })
    });
    FrontendAt { pod: pod.to_owned(), since: at, settings: settings.collect() }
}

/// Whether a statement asks for this setting: by either of its names, or for all settings.
fn asks_for(statement: &str, held: &Held) -> bool {
    let statement = statement.trim().trim_end_matches(';').to_ascii_lowercase();
    let Some(rest) = statement.strip_prefix("admin show frontend config") else { return false };
    let Some(pattern) = rest.trim().strip_prefix("like") else { return rest.trim().is_empty() };
    let pattern = pattern.trim().trim_matches(['\'', '"']);
    pattern == held.name || pattern == held.alias
}

/// The FE that was the last to become the leader before a moment; `None` when none ever was.
///
/// That it has begun to stop takes nothing away from it: it does so because it was let go.
pub fn leader_at(timeline: &Timeline, at: Timestamp) -> Option<&str> {
    let events = timeline.database.iter().map(|recorded| &recorded.event).filter(|event| event.time <= at);
    let gained = events.filter_map(|event| match &event.what {
        Occurrence::LeadershipGained { term } => Some((*term, event.time, event.pod.as_str())),
        _ => None,
    });
    gained.max().map(|(_, _, pod)| pod)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proofs::example::{Story, at};

    const NAME: &str = "tablet_sched_max_scheduling_tablets";

    #[test]
    fn an_fe_that_restarts_has_its_files_values_again() {
        let originals = Originals::default().with(NAME, "4321");
        let mut story = Story::default();
        story.fe_started(1, "sr-fe-0").changed(2, "sr-fe-0", NAME, "0").asked(
            3,
            "sr-fe-0",
            "max_scheduling_tablets",
        );
        let timeline = story.timeline();
        let fe = &frontends_at(&timeline, at(3), &originals)[0];
        assert_eq!(fe.settings[NAME], Value { value: "0".into(), changed: at(2), asked: Some(at(3)) });
        story.fe_started(4, "sr-fe-0");
        let fe = &frontends_at(&story.timeline(), at(4), &originals)[0];
        assert_eq!(fe.settings[NAME], Value { value: "4321".into(), changed: at(4), asked: None });
    }

    #[test]
    fn an_fe_that_stops_is_no_more() {
        let mut story = Story::default();
        story.fe_started(1, "sr-fe-0").led(2, "sr-fe-0").fe_stopped(3, "sr-fe-0");
        let timeline = story.timeline();
        assert_eq!(leader_at(&timeline, at(2)), Some("sr-fe-0"));
        assert_eq!(leader_at(&timeline, at(3)), Some("sr-fe-0"));
        assert_eq!(leader_at(&timeline, at(1)), None);
        assert_eq!(frontends_at(&timeline, at(3), &Originals::default()), []);
    }

    #[test]
    fn which_statements_ask_for_a_setting() {
        let held = HELD.iter().find(|held| held.name == NAME).unwrap();
        for (statement, expected) in [
            ("ADMIN SHOW FRONTEND CONFIG LIKE 'max_scheduling_tablets'", true),
            ("admin show frontend config like \"tablet_sched_max_scheduling_tablets\";", true),
            ("ADMIN SHOW FRONTEND CONFIG", true),
            ("ADMIN SHOW FRONTEND CONFIG LIKE 'disable_balance'", false),
            ("ADMIN SET FRONTEND CONFIG (\"max_scheduling_tablets\" = \"0\")", false),
            ("SHOW FRONTENDS", false),
        ] {
            assert_eq!(asks_for(statement, held), expected, "{statement}");
        }
    }
}
