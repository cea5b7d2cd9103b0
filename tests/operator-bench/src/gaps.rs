//! The time between a pod that is back and the next that goes.

use hookgate_e2e::timeline::Replacement;
use serde::Serialize;

/// From the moment when the last thing was true that a pod's return takes, to the moment when the next pod went.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Gap {
    /// The pod that was back.
    pub after: String,
    /// The pod that went.
    pub next: String,
    /// Whether both are of one component. From one component to the next, settings are given back and held in between.
    pub within_component: bool,
    /// Seconds.
    pub seconds: f64,
}

/// The gaps of an upgrade. A pod that never came back has none after it.
pub fn gaps(replacements: &[Replacement]) -> Vec<Gap> {
    let pairs = replacements.windows(2).filter_map(|pair| match pair {
        [last, next] => Some((last, last.back?, next)),
        _ => None,
    });
    pairs
        .map(|(last, back, next)| Gap {
            after: last.pod.clone(),
            next: next.pod.clone(),
            within_component: last.component == next.component,
            seconds: next.gone.duration_since(back).as_secs_f64(),
        })
        .collect()
}

/// The value that this part of all are not above (nearest rank); `None` when there is none.
pub fn quantile(values: impl IntoIterator<Item = f64>, part: f64) -> Option<f64> {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    let least = (1..=values.len()).find(|rank| to_f64(*rank) >= part * to_f64(values.len()))?;
    values.get(least - 1).copied()
}

fn to_f64(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
    use super::*;
    use hookgate_api::Component;
    use jiff::Timestamp;

    fn replaced(component: Component, pod: &str, gone: i64, back: Option<i64>) -> Replacement {
        let at = |millis| Timestamp::from_millisecond(millis).unwrap();
        let pod = pod.to_owned();
        Replacement { component, pod, gone: at(gone), back: back.map(at), image: String::new() }
    }

    #[test]
    fn a_gap_is_from_back_to_gone_within_a_component_and_across() {
        let found = gaps(&[
            replaced(Component::Be, "be-1", 0, Some(1000)),
            replaced(Component::Be, "be-0", 1500, Some(3000)),
            replaced(Component::Fe, "fe-0", 5000, None),
            replaced(Component::Fe, "fe-1", 9000, Some(9500)),
        ]);
        let found: Vec<_> =
            found.iter().map(|gap| (gap.next.as_str(), gap.within_component, gap.seconds)).collect();
        assert_eq!(found, [("be-0", true, 0.5), ("fe-0", false, 2.0)]);
    }

    #[test]
    fn quantiles_are_values_that_occurred() {
        let values = [4.0, 1.0, 3.0, 2.0];
        assert_eq!(quantile(values, 0.5), Some(2.0));
        assert_eq!(quantile(values, 0.95), Some(4.0));
        assert_eq!(quantile([], 0.5), None);
    }
}
