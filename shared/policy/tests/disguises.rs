//! Forbidden programs are found in every disguise, and nothing else is taken for them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may stop at the first surprise

use hookgate_policy::{Policy, Profile, Report, check};

fn report(body: &str, profile: Profile) -> Report {
    let script = format!("pre_upgrade() {{\n{body}\n}}\npost_upgrade() {{ :; }}\n");
    check(script.as_bytes(), &Policy::from(profile))
}

#[test]
fn disguises_of_curl_are_found() {
    for body in [
        "curl x",
        "cu\"\"rl x",
        "cu''rl x",
        "\\curl x",
        "c\\url x",
        "'curl' x",
        "\"curl\" x",
        "$'curl' x",
        "$'\\x63url' x",
        "cu\\\nrl x",
        "/usr/bin/curl x",
        "../curl x",
        "c=curl; $c x",
        "c='curl -s'; $c x",
        "command curl x",
        "command -p curl x",
        "builtin command curl x",
        "exec curl x",
        "env curl x",
        "env -i A=b curl x",
        "env A=\"$x\" curl x",
        "nice -n 5 curl x",
        "nohup curl x",
        "setsid curl x",
        "stdbuf -o L curl x",
        "timeout 5 curl x",
        "timeout -k 1 5 curl x",
        "echo x | xargs curl",
        "echo x | xargs -n 1 curl",
        "find /tmp -exec curl {} \\;",
        "flock /tmp/l curl x",
        "busybox wget x",
        "watch -n 1 curl x",
        "x=$(curl x)",
        "x=`curl x`",
        "echo \"$(curl x)\"",
        "echo \"${x:-$(curl x)}\"",
        "echo $((1 + $(curl x)))",
        "cat <<E\n$(curl x)\nE",
        "cat < <(curl x)",
        "if curl x; then :; fi",
        "true && curl x",
        "! curl x",
        "a[$(curl x)]=1",
        "[[ $(curl x) ]]",
        "f() { curl x; }; f",
        "(curl x)",
        "case $(curl x) in *) ;; esac",
        ">/tmp/x curl y",
        "A=b curl x",
    ] {
        for profile in [Profile::Restricted, Profile::Baseline] {
            let report = report(body, profile);
            let found = report.findings().iter().any(|finding| {
                finding.rule.to_string() == "HG301"
                    && finding.message.contains("hooks must not call external services")
            });
            assert!(found && report.is_denied(), "{profile}: {body}: {:?}", report.findings());
        }
    }
}

#[test]
fn kubectl_is_called_what_it_is() {
    let report = report("    kubectl get pods", Profile::Restricted);
    let finding = &report.findings()[0];
    assert_eq!(finding.rule.to_string(), "HG201");
    assert_eq!((finding.line, finding.column), (2, 5));
    assert_eq!(finding.excerpt, "    kubectl get pods");
    assert!(finding.message.contains("privilege escalation"), "{finding}");
    assert!(
        finding.to_string().starts_with("HG201 error at line 2, column 5: `kubectl` in a hook"),
        "{finding}"
    );
    assert!(!finding.to_string().contains('\n'));
}

#[test]
fn names_that_only_look_alike_are_left_alone() {
    for body in [
        "# curl and kubectl\n:",
        "echo 'do not use curl or kubectl'",
        "echo curl kubectl",
        "echo \"curl\"",
        "cat <<'E'\ncurl x\nkubectl y\nE",
        "local curl_count=1; echo \"$curl_count\"",
        "local kubectl=none; echo \"$kubectl\"",
        "$MYSQL_CMD -e 'SELECT 1 FROM kubectl.curl'",
        "$MYSQL_CMD -e \"SELECT 'eval $' FROM t\"",
        "printf '%s\\n' ssh",
        "case ssh in ssh) echo x;; esac",
        "[[ curl == kubectl ]]",
        "grep -c curl /tmp/log",
    ] {
        for profile in Profile::ALL {
            let report = report(body, profile);
            assert!(report.findings().is_empty(), "{profile}: {body}: {}", report.findings()[0]);
        }
    }
}

#[test]
fn missing_functions_are_named() {
    let text = |script: &[u8]| {
        let report = check(script, &Policy::default());
        report.findings().iter().map(|finding| finding.message.clone()).collect::<Vec<_>>()
    };
    assert_eq!(text(b"pre_upgrade() { :; }"), ["script must define post_upgrade() function"]);
    assert_eq!(text(b"post_upgrade() { :; }"), ["script must define pre_upgrade() function"]);
    assert_eq!(text(b"").len(), 2);
}

#[test]
fn other_refusals_have_their_rules() {
    for (body, rule) in [
        ("$1 x", "HG203"),
        ("\"$(echo curl)\" x", "HG203"),
        ("{curl,x}", "HG203"),
        ("/bin/ec?o x", "HG203"),
        ("eval 'x'", "HG204"),
        ("command eval 'x'", "HG204"),
        (". /tmp/x", "HG204"),
        ("source /tmp/x", "HG204"),
        ("bash -c 'x'", "HG205"),
        ("env python3 -c 'x'", "HG205"),
        ("exec 3<>/dev/tcp/192.0.2.1/80", "HG302"),
        ("echo x > /dev/udp/$SR_FE_HOST/80", "HG302"),
        ("echo x > /dev/\"tcp\"/192.0.2.1/80", "HG302"),
        ("$MYSQL_CMD -e \"SELECT $1\"", "HG401"),
        ("mysql -h$SR_FE_HOST -e \"$SQL\"", "HG401"),
        ("$MYSQL_CMD <<E\nSELECT $x\nE", "HG401"),
        ("$MYSQL_CMD -NBe \"SELECT $x\"", "HG401"),
        ("$MYSQL_CMD <<< \"SELECT $x\"", "HG401"),
    ] {
        for profile in [Profile::Restricted, Profile::Baseline] {
            let report = report(body, profile);
            let found = report.findings().iter().any(|finding| finding.rule.to_string() == rule);
            assert!(found && report.is_denied(), "{profile}: {body}: {:?}", report.findings());
        }
    }
    for body in ["foo x", "cd /tmp", "shopt -s nullglob", "/usr/bin/mysql x", "cürl x"] {
        assert!(
            report(body, Profile::Restricted).findings().iter().any(|f| f.rule.to_string() == "HG202"),
            "{body}"
        );
        assert!(!report(body, Profile::Baseline).is_denied(), "{body}");
    }
}

#[test]
fn baseline_finds_text_that_is_run_as_code() {
    for body in [
        "flock /tmp/l -c 'curl x'",
        "flock --command='curl x' /tmp/l",
        "env -S 'curl x'",
        "env -iS 'curl x'",
        "env --split-string='curl x'",
        "nice env -S 'curl x'",
        "watch -n 1 'curl x'",
        "watch \"$x\"",
        "trap 'curl x' EXIT",
        "trap \"$code\" EXIT",
        "trap 'trap \"curl x\" TERM' EXIT",
        "alias ls=curl",
        "alias ls='curl x'",
        "alias ls=\"$x\"",
        "cat /run/secrets/../secrets//./kubernetes.io/token",
        "awk 'BEGIN { system(\"curl x\") }'",
        "echo x | xargs gawk -F: -v a=b '{ print | \"sh\" }'",
        "mawk -- 'BEGIN { \"curl x\" | getline y }' /tmp/x",
        "awk \"BEGIN { system(\\\"$x\\\") }\"",
        "awk \"$program\" /tmp/x",
        "gawk -f /tmp/x -e 'BEGIN { system(\"curl x\") }'",
    ] {
        assert!(report(body, Profile::Baseline).is_denied(), "{body}");
    }
}

#[test]
fn baseline_lets_pass_what_only_asks_or_sets_up_the_machine() {
    for body in [
        "awk -F'|' '{ print $2 }' /tmp/a",
        "awk -v x='a|b' '/a|b/ { print x > \"/tmp/x\" }'",
        "gawk -f /tmp/program 'system(1)|getline'",
        "awk \"{ print \\$$n }\"",
        "command -v curl",
        "command -V kubectl >/dev/null",
        "trap 'rm -f /tmp/x' EXIT",
        "trap cleanup EXIT; cleanup() { rm -f /tmp/x; }",
        "trap - EXIT",
        "alias ll='ls -l'",
        "flock /tmp/l ls -c",
        "env A=1 sort -S 1M /tmp/x",
        "watch -n 1 ls",
        "systemctl restart chronyd",
        "yum install -y nfs-utils",
        "modprobe br_netfilter",
    ] {
        let report = report(body, Profile::Baseline);
        assert!(!report.is_denied(), "{body}: {}", report.findings()[0]);
    }
}

#[test]
fn nothing_but_a_time_limit_may_stand_before_mysql() {
    let report = |before: &str, mysql: &str| {
        let limits = "local word=$1 words=(\"$@\")";
        report(&format!("{limits}\n{before} {mysql} -e 'SELECT 1'"), Profile::Restricted)
    };
    for mysql in ["$MYSQL_CMD", "\"$MYSQL_CMD\"", "${MYSQL_CMD}"] {
        for before in ["", "timeout 5", "timeout -k 1 5", "timeout 5 timeout 3"] {
            let found = report(before, mysql);
            assert!(!found.is_denied(), "{before} {mysql}: {:?}", found.findings());
        }
        for before in [
            "env",
            "env PATH=/tmp/bin",
            "env LD_PRELOAD=/tmp/x.so",
            "nice",
            "nohup",
            "setsid",
            "stdbuf -o L",
            "xargs",
            "strace",
            "find / -exec",
            "flock /tmp/l",
            "command",
            "command -p",
            "builtin",
            "exec",
            "exec -a x",
            "exec env",
            "eval",
            "watch",
            "timeout -s KILL 5",
            "timeout --foreground 5",
            "timeout soon",
            "timeout $word",
            "timeout \"$word\"",
            "timeout \"$@\"",
            "timeout ${words[@]}",
            "timeout -k $word 5",
            "timeout /etc/*",
            "timeout \"$word\" timeout 5",
            "timeout 5 timeout $word",
            "timeout 5 env",
        ] {
            assert!(report(before, mysql).is_denied(), "{before} {mysql}");
        }
    }
}
