//! Maintenance windows: when pods may be let go.

use croner::{
    Cron,
    parser::{CronParser, Seconds, Year},
};
use jiff::{
    SignedDuration, Timestamp,
    tz::{TimeZone, TimeZoneDatabase},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// When an upgrade may let pods go. One that is in flight when the window closes finishes its pod and waits.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct UpgradeWindow {
    /// When the window opens: a cron expression of five fields, as `0 2 * * SAT`. Required.
    pub schedule: String,
    /// How long it stays open, as `4h` or `90m`: 1 minute to 7 days. Required.
    pub duration: String,
    /// The time zone of the schedule, as `Europe/Berlin`; `Etc/UTC` when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
}

/// A field of a window that can't be understood, and what is allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidWindow {
    /// The field: `schedule`, `duration` or `timeZone`.
    pub field: &'static str,
    /// What is wrong with it.
    pub message: String,
}

/// A window that has been understood.
#[derive(Clone, Debug)]
pub struct Schedule {
    cron: Cron,
    duration: SignedDuration,
    time_zone: TimeZone,
}

/// How a window stands at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WindowState {
    /// Pods may go, until then.
    Open(Timestamp),
    /// They may not. When the window opens next, if ever.
    Closed(Option<Timestamp>),
}

const MINIMUM: SignedDuration = SignedDuration::from_mins(1);
const MAXIMUM: SignedDuration = SignedDuration::from_hours(7 * 24);

impl UpgradeWindow {
    /// Understands the window.
    ///
    /// # Errors
    /// Every field that can't be understood.
    pub fn understand(&self) -> Result<Schedule, Vec<InvalidWindow>> {
        match (self.cron(), self.length(), self.zone()) {
            (Ok(cron), Ok(duration), Ok(time_zone)) => {
                let schedule = Schedule { cron, duration, time_zone };
                // A day that no month has is only found by looking for it.
                if schedule.next_after(Timestamp::UNIX_EPOCH).is_none() {
                    return Err(vec![invalid(
                        "schedule",
                        format!("invalid value {:?}: it never comes", self.schedule),
                    )]);
                }
                Ok(schedule)
            }
            (cron, duration, time_zone) => {
                Err([cron.err(), duration.err(), time_zone.err()].into_iter().flatten().collect())
            }
        }
    }

    fn cron(&self) -> Result<Cron, InvalidWindow> {
        if self.schedule.trim().is_empty() {
            let message = "required: when the window opens, a cron expression as `0 2 * * SAT`";
            return Err(invalid("schedule", message.to_owned()));
        }
        let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
        parser.parse(&self.schedule).map_err(|error| {
            let message = format!(
                "invalid value {:?}: must be a cron expression of five fields (minute, hour, day of the month, \
                 month, day of the week), as `0 2 * * SAT`: {error}",
                self.schedule
            );
            invalid("schedule", message)
        })
    }

    fn length(&self) -> Result<SignedDuration, InvalidWindow> {
        let text = self.duration.trim();
        if text.is_empty() {
            let message = "required: how long the window stays open, as `4h` or `90m`";
            return Err(invalid("duration", message.to_owned()));
        }
        let length = text.parse::<SignedDuration>().ok();
        length.filter(|length| (MINIMUM..=MAXIMUM).contains(length)).ok_or_else(|| {
            let message = format!(
                "invalid value {text:?}: must be between 1m and 168h, as `4h` or `90m`; a day is `24h`"
            );
            invalid("duration", message)
        })
    }

    /// From the time zones that are compiled in: the same on every machine, and read from no file.
    fn zone(&self) -> Result<TimeZone, InvalidWindow> {
        let Some(name) = &self.time_zone else { return Ok(TimeZone::UTC) };
        TimeZoneDatabase::bundled().get(name).map_err(|_| {
            let message = format!(
                "invalid value {name:?}: must be a name of the IANA time zone database, as `Europe/Berlin`"
            );
            invalid("timeZone", message)
        })
    }
}

fn invalid(field: &'static str, message: String) -> InvalidWindow {
    InvalidWindow { field, message }
}

impl Schedule {
    /// How the window stands.
    pub fn at(&self, now: Timestamp) -> WindowState {
        let zoned = now.to_zoned(self.time_zone.clone());
        let opened = self.cron.find_previous_occurrence(&zoned, true).ok();
        let closes = opened.and_then(|opened| opened.timestamp().checked_add(self.duration).ok());
        match closes.filter(|closes| now < *closes) {
            Some(closes) => WindowState::Open(closes),
            None => WindowState::Closed(self.next_after(now)),
        }
    }

    fn next_after(&self, now: Timestamp) -> Option<Timestamp> {
        let zoned = now.to_zoned(self.time_zone.clone());
        self.cron.find_next_occurrence(&zoned, false).ok().map(|next| next.timestamp())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(schedule: &str, duration: &str, time_zone: Option<&str>) -> UpgradeWindow {
        UpgradeWindow {
            schedule: schedule.to_owned(),
            duration: duration.to_owned(),
            time_zone: time_zone.map(str::to_owned),
        }
    }

    fn at(window: &UpgradeWindow, now: &str) -> WindowState {
        window.understand().unwrap().at(now.parse().unwrap())
    }

    #[test]
    fn open_from_the_minute_of_the_schedule_until_the_duration_is_over() {
        let nightly = window("0 2 * * *", "90m", None);
        let closed = WindowState::Closed(Some("2026-01-01T02:00:00Z".parse().unwrap()));
        let open = WindowState::Open("2026-01-01T03:30:00Z".parse().unwrap());
        assert_eq!(at(&nightly, "2026-01-01T01:59:59Z"), closed);
        assert_eq!(at(&nightly, "2026-01-01T02:00:00Z"), open);
        assert_eq!(at(&nightly, "2026-01-01T03:29:59Z"), open);
        let next = WindowState::Closed(Some("2026-01-02T02:00:00Z".parse().unwrap()));
        assert_eq!(at(&nightly, "2026-01-01T03:30:00Z"), next);
    }

    #[test]
    fn a_window_over_midnight_in_a_time_zone_of_its_own() {
        let weekly = window("0 23 * * SAT", "4h", Some("Europe/Berlin"));
        // 2026-07-04 is a Saturday; Berlin is two hours ahead of UTC in summer, one in winter.
        let open = WindowState::Open("2026-07-05T01:00:00Z".parse().unwrap());
        assert_eq!(at(&weekly, "2026-07-04T21:00:00Z"), open);
        assert_eq!(at(&weekly, "2026-07-05T00:59:59Z"), open);
        let winter = WindowState::Closed(Some("2026-01-03T22:00:00Z".parse().unwrap()));
        assert_eq!(at(&weekly, "2026-01-03T21:59:59Z"), winter);
    }

    #[test]
    fn what_can_not_be_understood_is_named_with_what_is_allowed() {
        for (window, field, words) in [
            (window("", "4h", None), "schedule", "required"),
            (window("0 2 * *", "4h", None), "schedule", "five fields"),
            (window("0 0 2 * * SAT", "4h", None), "schedule", "five fields"),
            (window("61 2 * * *", "4h", None), "schedule", "five fields"),
            (window("0 2 30 2 *", "4h", None), "schedule", "never comes"),
            (window("0 2 * * *", "", None), "duration", "required"),
            (window("0 2 * * *", "soon", None), "duration", "between 1m and 168h"),
            (window("0 2 * * *", "0s", None), "duration", "between 1m and 168h"),
            (window("0 2 * * *", "-4h", None), "duration", "between 1m and 168h"),
            (window("0 2 * * *", "200h", None), "duration", "between 1m and 168h"),
            (window("0 2 * * *", "4h", Some("Europe/Atlantis")), "timeZone", "IANA"),
        ] {
            let problems = window.understand().unwrap_err();
            assert!(
                problems.len() == 1 && problems[0].field == field && problems[0].message.contains(words),
                "{window:?}: {problems:?}"
            );
        }
    }
}
