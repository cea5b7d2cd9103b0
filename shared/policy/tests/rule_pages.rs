//! The rules' pages in the documentation are those of the code.
//!
//! `HOOKGATE_WRITE_PAGES=1 cargo test -p hookgate-policy --test rule_pages` writes them anew.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may stop at the first surprise

use hookgate_policy::rules;
use std::collections::BTreeMap;
use std::path::Path;

fn pages() -> BTreeMap<String, String> {
    let mut pages = BTreeMap::new();
    let mut index = String::from(
        "# Rules\n\nWhat `hookgate lint`, the webhook and the operator find. `hookgate explain HG201` prints a page.\n\n\
         | Rule | Name | What it finds | Profiles |\n|---|---|---|---|\n",
    );
    for rule in rules() {
        let profiles: Vec<&str> = rule.profiles.iter().map(|profile| profile.as_str()).collect();
        let (id, name, title) = (rule.id, rule.name, rule.title());
        index.push_str(&format!("| [{id}]({id}.md) | {name} | {title} | {} |\n", profiles.join(", ")));
        pages.insert(format!("{id}.md"), format!("{}\nProfiles: {}.\n", rule.page(), profiles.join(", ")));
    }
    pages.insert("README.md".to_owned(), index);
    pages
}

#[test]
fn the_pages_are_current() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/rules");
    let write = std::env::var_os("HOOKGATE_WRITE_PAGES").is_some();
    if write {
        std::fs::create_dir_all(&folder).unwrap();
    }
    let mut pages = pages();
    for (name, text) in &pages {
        let file = folder.join(name);
        if write {
            std::fs::write(&file, text).unwrap();
        }
        let found = std::fs::read_to_string(&file).unwrap_or_default();
        assert_eq!(&found, text, "{name} is not current: write it with HOOKGATE_WRITE_PAGES=1");
    }
    for entry in std::fs::read_dir(&folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(pages.remove(&name).is_some(), "docs/rules/{name} is the page of no rule");
    }
}
