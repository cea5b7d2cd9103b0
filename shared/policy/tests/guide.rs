//! The scripts of the user's guide, as they stand there, are accepted without an error or a warning.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may stop at the first surprise

use hookgate_policy::{Policy, Profile, check};

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

/// The guide's advice on explicit error checking, with a statement in the place of its placeholder.
#[test]
fn explicit_error_checking_is_accepted() {
    let script = r#"pre_upgrade() {
    $MYSQL_CMD -e 'ALTER SYSTEM CREATE IMAGE' || {
        echo "ERROR: Command failed"
        return 1  # Must return non-zero on error!
    }
}
post_upgrade() { return 0; }
"#;
    let report = check(script.as_bytes(), &Policy::default());
    assert!(report.findings().is_empty(), "{}", report.findings()[0]);
}
