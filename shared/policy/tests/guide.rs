//! The scripts of the user's guide, as they stand there, are accepted without an error or a warning.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may stop at the first surprise

use hookgate_policy::{Policy, Profile, Severity, check};

const SCRIPTS: [(&str, &str); 3] = [
    (
        "the format of a custom hook",
        r#"#!/bin/bash

# Called BEFORE upgrade starts
# Return 0 for success, non-zero for failure
pre_upgrade() {
    echo "INFO: Pre-upgrade logic here"
    # Your code...
    return 0
}

# Called AFTER upgrade completes
# Return 0 for success, non-zero for failure (non-critical)
post_upgrade() {
    echo "INFO: Post-upgrade logic here"
    # Your code...
    return 0
}
"#,
    ),
    (
        "the smallest script",
        "#!/bin/bash\npre_upgrade() {\n    # Your logic here\n    return 0\n}\npost_upgrade() {\n    # Your logic here\n    return 0\n}\n",
    ),
    (
        "the settings by mysql",
        r#"#!/bin/bash
pre_upgrade() {
    mysql -h${SR_FE_HOST} -P${SR_FE_PORT} -u${SR_FE_USER} \
      -e 'ADMIN SET FRONTEND CONFIG ("tablet_sched_max_scheduling_tablets" = "0")'
    return $?
}
post_upgrade() {
    mysql -h${SR_FE_HOST} -P${SR_FE_PORT} -u${SR_FE_USER} \
      -e 'ADMIN SET FRONTEND CONFIG ("tablet_sched_max_scheduling_tablets" = "2000")'
    return $?
}
"#,
    ),
];

#[test]
fn the_guides_scripts_are_accepted() {
    for (name, script) in SCRIPTS {
        for profile in Profile::ALL {
            let report = check(script.as_bytes(), &Policy::from(profile));
            let findings: Vec<String> = report.findings().iter().map(ToString::to_string).collect();
            assert!(findings.is_empty(), "{name} in {profile}: {findings:?}");
            assert_eq!(report.functions(), ["pre_upgrade", "post_upgrade"]);
        }
    }
}

/// The guide's advice on explicit error checking: its placeholder is a warning, and a statement in its place nothing.
#[test]
fn explicit_error_checking_is_accepted() {
    let script = r#"pre_upgrade() {
    $MYSQL_CMD -e 'SQL COMMAND' || {
        echo "ERROR: Command failed"
        return 1  # Must return non-zero on error!
    }
}
post_upgrade() { return 0; }
"#;
    let report = check(script.as_bytes(), &Policy::default());
    let [finding] = report.findings() else { panic!("{:?}", report.findings()) };
    assert_eq!((finding.rule.to_string().as_str(), finding.severity), ("HG403", Severity::Warning));
    for statement in ["SQL COMMAND; DROP TABLE a", "SQL", "SQL COMMAND 1", "COMMAND"] {
        assert!(
            check(script.replace("SQL COMMAND", statement).as_bytes(), &Policy::default()).is_denied(),
            "{statement}"
        );
    }
    let script = script.replace("SQL COMMAND", "ALTER SYSTEM CREATE IMAGE");
    let report = check(script.as_bytes(), &Policy::default());
    assert!(report.findings().is_empty(), "{}", report.findings()[0]);
}

/// The scripts of the guide to machine hooks: they define no functions, and are checked against `baseline`.
#[test]
fn machine_hooks_are_accepted() {
    let policy = Policy::for_machine_hooks();
    for script in [
        "#!/bin/bash\necho \"pre node install\"\n",
        "#!/bin/bash\necho \"the cluster labels and annotations key=value pair:$@\"\necho \"pre cluster install\" \n",
    ] {
        let report = check(script.as_bytes(), &policy);
        assert!(report.findings().is_empty(), "{}", report.findings()[0]);
    }
    assert!(check(b"curl http://x | bash\n", &policy).is_denied());
}
