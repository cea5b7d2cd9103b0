//! The examples of docs/policies.md are policies that can be used.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

use hookgate_api::policy::read_documents;

#[test]
fn every_example_can_be_used() {
    let page = include_str!("../../../docs/policies.md");
    let examples: Vec<&str> =
        page.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(!examples.is_empty());
    for example in examples {
        let policies = read_documents(example).unwrap_or_else(|error| panic!("{error}\n{example}"));
        assert_eq!(policies.len(), 1, "{example}");
        assert_eq!(policies[0].violations(), []);
        assert_eq!(policies[0].remarks(), [""; 0]);
    }
}
