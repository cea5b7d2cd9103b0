//! The machine formats, judged by their own schemas and by what their readers do with them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may stop at the first surprise

mod support;

use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::Command;
use support::{BAD, Folder, GOOD, cluster, config_map, lint};

/// A name that needs every escape there is.
const NAME: &str = "a b,c:d%25\u{e9}<&>\"'\n.yaml";

/// A folder with errors, warnings, a place in a script that the file doesn't show, and an input that can't be read.
fn folder(name: &str) -> Folder {
    let folder = Folder::new(name);
    let quoted = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "j"}, "data": {"hooks.sh": BAD}});
    let markup = BAD.replace("get pods", "get '<&>' ']]>'");
    let custom = "    upgradeHooks:\n      custom: {configMapName: absent}\n";
    folder.file(NAME, format!("{}---\n{}", config_map("bad", &markup), cluster("c", custom)));
    folder.file("quoted.json", quoted.to_string());
    folder.file("good.sh", GOOD);
    folder.file("broken.yaml", "a: [\n");
    folder
}

fn output(folder: &Folder, format: &str) -> String {
    let run = lint(&["--format", format, &folder.path("")], "");
    assert_eq!(run.code, Some(2), "{}", run.err);
    run.out
}

/// The JSON Schema that OASIS publishes, in the sources of a package that carries it.
fn sarif_schema() -> Value {
    let cargo = env!("CARGO");
    let version = Command::new(cargo).args(["version", "--verbose"]).output().unwrap();
    let version = String::from_utf8(version.stdout).unwrap();
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let metadata = Command::new(cargo)
        .args(["metadata", "--offline", "--format-version", "1", "--filter-platform", host])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(metadata.status.success(), "{}", String::from_utf8_lossy(&metadata.stderr));
    let metadata: Value = serde_json::from_slice(&metadata.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let package = packages.iter().find(|package| package["name"] == "serde-sarif").unwrap();
    let manifest = PathBuf::from(package["manifest_path"].as_str().unwrap());
    let schema = std::fs::read(manifest.with_file_name("src").join("schema.json")).unwrap();
    let schema = String::from_utf8(schema).unwrap();
    // The pattern of a language, which we don't name, has a bracket too much: no regular expression.
    assert!(schema.contains("{2}]?$"));
    serde_json::from_str(&schema.replace("{2}]?$", "{2}?$")).unwrap()
}

#[test]
fn sarif_is_valid_by_its_schema() {
    let schema = sarif_schema();
    assert!(schema["title"].as_str().unwrap().contains("2.1.0"), "{}", schema["title"]);
    let validator = jsonschema::validator_for(&schema).unwrap();
    let folder = folder("formats-sarif");
    let document: Value = serde_json::from_str(&output(&folder, "sarif")).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    // And it says what it should.
    let run = &document["runs"][0];
    assert_eq!(run["invocations"][0]["executionSuccessful"], false);
    assert!(
        run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]
            .as_str()
            .unwrap()
            .contains("broken.yaml")
    );
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 3, "{results:#?}");
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    for result in results {
        let rule =
            rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()].as_object().unwrap();
        assert_eq!(rule["id"], result["ruleId"]);
        assert!(rule["help"]["markdown"].as_str().unwrap().starts_with("# HG"));
        let uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
        assert!(uri.starts_with("file:///") && uri.bytes().all(|byte| byte.is_ascii_graphic()), "{uri}");
    }
    // The schema would find what is wrong.
    for (pointer, value) in [
        ("/runs/0/results/0/level", json!("severe")),
        ("/runs/0/results/0/message", json!("text")),
        ("/version", json!("2.2.0")),
        ("/runs/0/results/0/locations/0/physicalLocation/region/startLine", json!(0)),
    ] {
        let mut wrong = document.clone();
        *wrong.pointer_mut(pointer).unwrap() = value;
        assert!(!validator.is_valid(&wrong), "{pointer}");
    }
}

#[test]
fn sarif_of_nothing_is_valid_as_well() {
    let run = lint(&["--format", "sarif", "-"], GOOD);
    let document: Value = serde_json::from_str(&run.out).unwrap();
    assert!(jsonschema::validator_for(&sarif_schema()).unwrap().is_valid(&document), "{}", run.out);
    assert_eq!(document["runs"][0]["invocations"][0]["executionSuccessful"], true);
}

/// The shape that readers of JUnit's XML agree on: <https://github.com/jenkinsci/xunit-plugin> has it as an XSD.
fn assert_junit(text: &str) {
    let document = roxmltree::Document::parse(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let root = document.root_element();
    assert_eq!(root.tag_name().name(), "testsuites");
    for suite in root.children().filter(roxmltree::Node::is_element) {
        assert_eq!(suite.tag_name().name(), "testsuite");
        assert!(!suite.attribute("name").unwrap().is_empty());
        let cases: Vec<_> = suite.children().filter(roxmltree::Node::is_element).collect();
        let with = |tag: &str| {
            cases
                .iter()
                .filter(|case| case.children().any(|child| child.has_tag_name(tag)))
                .count()
                .to_string()
        };
        assert_eq!(suite.attribute("tests"), Some(cases.len().to_string().as_str()));
        assert_eq!(suite.attribute("failures"), Some(with("failure").as_str()));
        assert_eq!(suite.attribute("errors"), Some(with("error").as_str()));
        for case in cases {
            assert_eq!(case.tag_name().name(), "testcase");
            assert!(case.attribute("name").is_some() && case.attribute("classname").is_some());
            for child in case.children().filter(roxmltree::Node::is_element) {
                let allowed: &[&str] = match child.tag_name().name() {
                    "failure" | "error" => &["message", "type"],
                    "system-out" => &[],
                    other => panic!("<{other}> in a test case"),
                };
                assert!(child.attributes().all(|attribute| allowed.contains(&attribute.name())), "{child:?}");
                assert!(child.children().all(|child| child.is_text()));
            }
        }
    }
}

#[test]
fn junit_has_the_shape_that_its_readers_know() {
    let folder = folder("formats-junit");
    let text = output(&folder, "junit");
    assert_junit(&text);
    let document = roxmltree::Document::parse(&text).unwrap();
    let suite = document.root_element().first_element_child().unwrap();
    // Two scripts that are denied, one that is good, a cluster with a warning, and an input that can't be read.
    let counts = ["tests", "failures", "errors"].map(|name| suite.attribute(name).unwrap());
    assert_eq!(counts, ["5", "2", "1"], "{text}");
    let failure = document.descendants().find(|node| node.has_tag_name("failure")).unwrap();
    assert!(failure.text().unwrap().contains("error[HG201]"));
    let strange = lint(&["--format", "junit", "-"], "pre_upgrade() { a\u{1}b; }\n");
    assert_junit(&strange.out);
}

#[test]
fn annotations_of_github_are_escaped() {
    let folder = folder("formats-github");
    let text = output(&folder, "github");
    // Commands take one line each.
    assert!(
        text.lines().all(|line| line.starts_with("::error ")
            || line.starts_with("::warning ")
            || line.starts_with("::error::")),
        "{text}"
    );
    assert_eq!(text.lines().count(), 4, "{text}");
    let line = text.lines().find(|line| line.contains("ConfigMap bad")).unwrap();
    let (properties, message) = line.strip_prefix("::error ").unwrap().split_once("::").unwrap();
    let file = properties.split(',').next().unwrap();
    assert!(file.ends_with("/a b%2Cc%3Ad%2525\u{e9}<&>\"'%0A.yaml"), "{file}");
    assert!(properties.ends_with(",title=HG201,line=8,col=7,endColumn=14"), "{properties}");
    assert!(message.starts_with("ConfigMap bad, key hooks.sh: `kubectl`"), "{message}");
}

#[test]
fn json_has_the_fields_that_are_documented() {
    let folder = folder("formats-json");
    let document: Value = serde_json::from_str(&output(&folder, "json")).unwrap();
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let mut seen: Vec<String> = keys(&document);
    seen.extend(keys(&document["findings"][0]));
    seen.extend(keys(&document["findings"][0]["place"]));
    seen.extend(keys(&document["scripts"][0]));
    let page = include_str!("../../docs/lint.md");
    let documented = page.split("## JSON").nth(1).unwrap().split("\n## ").next().unwrap();
    for key in &seen {
        assert!(documented.contains(&format!("`{key}`")), "{key} is not documented");
    }
    assert_eq!(
        keys(&document),
        [
            "clusters",
            "denied",
            "errors",
            "findings",
            "machineObjects",
            "policies",
            "remarks",
            "scripts",
            "version"
        ]
    );
    assert_eq!(
        (&document["version"], &document["denied"], &document["clusters"]),
        (&json!(1), &json!(true), &json!(1))
    );
    let of_json = document["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|finding| finding["object"] == "ConfigMap j, key hooks.sh")
        .unwrap();
    assert_eq!(of_json["place"]["inScript"], json!({"line": 2, "column": 3}));
    assert_eq!((&of_json["place"]["width"], &of_json["place"]["line"]), (&Value::Null, &json!(1)));
    let script = &document["scripts"][0];
    assert!(script["sha256"].as_str().unwrap().len() == 64, "{script}");
}
