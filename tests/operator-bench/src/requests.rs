//! Requests, counted by what they do to what.

use hookgate_chaos::audit::Request;
use std::collections::BTreeMap;

/// How often each verb met each resource.
pub type Counts = BTreeMap<String, u32>;

/// Counts requests; keeping the lease is left out, for it goes with the clock and not with what is done.
pub fn count(requests: &[Request]) -> Counts {
    let mut counts = Counts::new();
    for request in requests.iter().filter(|request| request.resource != "leases") {
        *counts.entry(format!("{} {}", request.verb, request.resource)).or_default() += 1;
    }
    counts
}

/// All of them.
pub fn total(counts: &Counts) -> u32 {
    counts.values().sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_counted_by_verb_and_resource_without_the_lease() {
        let request =
            |verb: &str, resource: &str| Request { verb: verb.to_owned(), resource: resource.to_owned() };
        let counts = count(&[
            request("list", "pods"),
            request("list", "pods"),
            request("update", "leases"),
            request("delete", "pods"),
        ]);
        assert_eq!(counts, BTreeMap::from([("delete pods".to_owned(), 1), ("list pods".to_owned(), 2)]));
        assert_eq!(total(&counts), 3);
    }
}
