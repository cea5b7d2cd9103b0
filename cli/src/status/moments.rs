//! Times as people read them.

use jiff::{Timestamp, Unit};

/// How long it lasted, or has lasted: `48 s`, `3 min 20 s`, `2 h 5 min`. Nothing is negative: clocks differ a little.
pub(crate) fn duration(from: Timestamp, until: Timestamp) -> String {
    let seconds = (until - from).total(Unit::Second).map_or(0, |seconds| seconds.max(0.0) as u64);
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// The time of day in UTC; with the date when it isn't that of `now`.
pub(crate) fn clock(at: Timestamp, now: Timestamp) -> String {
    let format = if at.strftime("%F").to_string() == now.strftime("%F").to_string() { "%T" } else { "%F %T" };
    at.strftime(format).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_and_moments_read_well() {
        let at = |second: i64| Timestamp::from_second(1_800_000_000 + second).unwrap();
        for (seconds, text) in [
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min 0 s"),
            (200, "3 min 20 s"),
            (7500, "2 h 5 min"),
            (-3, "0 s"),
        ] {
            assert_eq!(duration(at(0), at(seconds)), text);
        }
        assert_eq!(clock(at(0), at(60)), "08:00:00");
        assert_eq!(clock(at(0), at(86_400)), "2027-01-15 08:00:00");
    }
}
