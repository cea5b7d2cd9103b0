//! What `baseline` denies by its list, in other places than where it is mostly written, and what it takes for nothing else.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may stop at the first surprise

use hookgate_policy::{Policy, Profile, check};

/// The rules that a script with this body breaks.
fn rules(body: &str) -> Vec<String> {
    let script = format!("pre_upgrade() {{\n{body}\n}}\npost_upgrade() {{ :; }}\n");
    let report = check(script.as_bytes(), &Policy::from(Profile::Baseline));
    let mut rules: Vec<String> = report.findings().iter().map(|found| found.rule.to_string()).collect();
    rules.dedup();
    rules
}

fn all_break(rule: &str, bodies: &[&str]) {
    for body in bodies {
        assert_eq!(rules(body), [rule], "{body}");
    }
}

#[test]
fn sql_with_variables_is_found_in_the_pipe() {
    all_break(
        "HG401",
        &[
            "echo \"SELECT $x\" | mysql",
            "printf 'SELECT %s' \"$x\" | mysql -h x",
            "echo \"SELECT $(date)\" | timeout 5 mysql",
            "cat <<E | mysql -h x\nSELECT $x\nE",
            "cat <<< \"SELECT $x\" | mysql",
            "echo \"SELECT $x\" | tr a b | tee /tmp/x | $MYSQL_CMD",
            "{ cat head.sql; echo \"SELECT $x\"; } | mysql",
            "(printf 'SELECT %s' \"$x\") | tr a b | mysql",
            "for t in a b; do echo \"DROP TABLE $t\"; done | mysql",
            "mysql < <(echo \"SELECT $x\")",
            "sed \"s/TABLE/$x/\" template.sql | mysql",
            "mysql \"-eSELECT $x\"",
            "mysql \"--execute=SELECT $x\"",
            "mysql --exec=\"SELECT $x\"",
            "mysql --execut \"SELECT $x\"",
            "mysql --init-command=\"SELECT $x\" -e 'SELECT 1'",
            "mysql --init-com \"SELECT $x\" -e 'SELECT 1'",
            "o=(--init-command=\"SELECT $x\"); mysql \"${o[@]}\"",
            "awk -v t=\"$x\" '{ print \"SELECT \" t }' /tmp/q | mysql",
            "awk -vt=$x '{ print \"SELECT \" t }' /tmp/q | mysql",
            "awk '{ print \"SELECT \" t }' t=\"$x\" /tmp/q | mysql",
            "awk \"{ print \\\"SELECT $x\\\" }\" /tmp/q | mysql",
            "echo \"SELECT $x\" > /tmp/q.sql; $MYSQL_CMD < /tmp/q.sql",
            "printf 'SELECT %s' \"$x\" >> '/tmp/q.sql'; cat /tmp/head.sql /tmp/q.sql | mysql -h x",
            "f=/tmp/q.sql; echo \"SELECT $x\" > \"$f\"; mysql < /tmp/q.sql",
            "f=$(mktemp); cat > \"$f\" <<E\nSELECT $x\nE\nmysql < \"$f\"",
            "sed \"s/TABLE/$x/\" template.sql > /tmp/q; cat < /tmp/q | mysql",
        ],
    );
}

#[test]
fn devices_and_credentials_are_found_in_variables() {
    all_break(
        "HG302",
        &[
            "d=/dev/tcp/x/80; echo > $d",
            "local d=\"/dev/udp/$host/80\"",
            "for d in /dev/tcp/x/80; do echo > $d; done",
            "d=(/dev/tcp/x/80)",
            "echo > \"$dev/tcp/x/80\"",
            "echo > \"/dev/$protocol/$host/80\"",
            "exec 3<>/dev/t$x/h/80",
        ],
    );
    all_break(
        "HG304",
        &[
            "f=/var/run/secrets/kubernetes.io/serviceaccount/token; cat \"$f\"",
            "readonly f=/run/secrets/kubernetes.io",
            "for f in /proc/1/environ; do cat $f; done",
            "f=(/proc/self/environ)",
            "cat \"$D/kubernetes.io/serviceaccount/token\"",
            "d=/var/run/secrets; cat $d/kubernetes.io/serviceaccount/token",
            "cat /var/run/secrets/*/*/token",
            "cat < /run/secrets/kube*/serviceaccount/token",
            "cat /run/secrets/[k]ubernetes.io/x",
            "cat \"/var/run/secrets/$x/serviceaccount/token\"",
            "cat /proc/[0-9]*/env*",
            "cat \"/proc/$pid/environ\"",
        ],
    );
}

#[test]
fn what_a_wrapper_starts_is_found_behind_its_options() {
    all_break(
        "HG301",
        &[
            "timeout -vk 5 10 curl x",
            "timeout -pk 5 10 curl x",
            "timeout -k5 10 curl x",
            "timeout --kill 5 10 curl x",
            "timeout --kill=5 10 curl x",
            "timeout --sig KILL 10 curl x",
            "xargs -0n 1 curl",
            "xargs -rn 1 curl",
            "xargs -rn1 curl",
            "xargs -tI {} curl {}",
            "xargs -rL 1 curl",
            "xargs -i curl {}",
            "xargs --replace curl {}",
            "xargs --max-a 1 curl",
            "env -iu HOME curl x",
            "env -iuHOME curl x",
            "env -0u X curl x",
            "env --uns HOME curl x",
            "flock -xw 5 /tmp/l curl x",
            "flock -nE 3 /tmp/l curl x",
            "flock --wait 3 /tmp/l curl x",
            "watch -dn 1 curl x",
            "exec -ca x curl y",
            "nice --adj 5 curl x",
            "ionice --class 3 curl x",
            "time -p curl x",
            "/usr/bin/time --format x curl x",
            "strace -fe trace=all curl x",
            "find / -exec echo {} \\; -exec curl {} \\;",
            "find / -exec echo {} ';' -ok env A=1 curl {} +",
            "find / -exec find {} -exec true \\; -exec curl x \\;",
        ],
    );
    all_break("HG201", &["find / -execdir true \\; -execdir kubectl {} +", "timeout -pk 5 10 kubectl x"]);
    all_break("HG204", &["watch -tn 5 'kubectl get pods'", "env -iS 'curl x'"]);
    all_break("HG203", &["find / -exec echo {} + -exec \"$x\" {} +", "timeout -vk 5 10 \"$x\""]);
}

#[test]
fn programs_inside_programs_are_found() {
    all_break(
        "HG209",
        &[
            "sed '1e curl x' /tmp/q",
            "sed 's/a/curl x/e' /tmp/q",
            "sed -n -e p -e 's/a/x/ge' /tmp/q",
            "sed -ne '1e curl' /tmp/q",
            "sed --expr='1e curl' /tmp/q",
            "sed \"1e curl $x\" /tmp/q",
            "xargs sed '1e curl x'",
        ],
    );
    all_break("HG204", &["split --filter='curl x'", "split -l 5 --filter 'curl x' /tmp/q"]);
    all_break(
        "HG204",
        &[
            "$MYSQL_CMD -e '\\! curl x'",
            "mysql -e 'system curl x'",
            "mysql \"-esystem curl x\"",
            "mysql <<'E'\nSELECT 1;\n\\! curl x\nE",
            "q='SELECT 1; \\! curl x'; mysql -e \"$q\"",
        ],
    );
    all_break("HG301", &["hash -p /usr/bin/curl c"]);
}

#[test]
fn search_paths_are_found_in_any_spelling() {
    all_break(
        "HG214",
        &[
            "printf -vPATH x",
            "printf -v 'PATH[0]' x",
            "printf -v PA\"TH\" x",
            "printf \"-vPA\"TH x",
            "read -raPATH < /tmp/x",
            "read -a PA'TH' < /tmp/x",
            "read 'PATH[0]' < /tmp/x",
            "mapfile P\\ATH < /tmp/x",
            "export PA\"TH\"=/tmp",
            "export \"PATH=$x\"",
            "export LD_PRE\"LOAD\"=/tmp/x.so",
            "unset PA\"TH\"",
            "declare -n p; for p in PATH; do p=/tmp; done",
            "declare -n p; p=PATH; p=/tmp",
            "declare -gn p; p=PA'TH'; p=/tmp",
            "declare -n PA\"TH\"=x",
        ],
    );
}

#[test]
fn callbacks_handlers_and_references_are_followed() {
    all_break(
        "HG301",
        &[
            "mapfile -t -C 'curl x' -c 1 a",
            "readarray -tC 'curl x' a",
            "compgen -C 'curl x'",
            "trap 'A=1 curl x' EXIT",
            "alias x='A=1 curl y'",
            "ltrace curl x",
            "env - curl x",
            "env - A=1 curl x",
            "sshpass -p x ssh host",
            "systemd-run --unit=x curl y",
        ],
    );
    all_break("HG204", &["mapfile -C\"curl x\" a", "mapfile -C \"$x\" a", "script -c 'curl x' /dev/null"]);
    all_break("HG205", &["python3.11 -c 'x'", "env perl5.36 -e 'x'"]);
    all_break("HG214", &["declare -n p=PATH", "local PATH", "unset PATH"]);
}

#[test]
fn secrets_are_found_wherever_the_database_is_given_them() {
    all_break(
        "HG501",
        &[
            "echo \"ALTER USER a IDENTIFIED BY 'b'\" | mysql",
            "cat <<'E' | mysql\nALTER USER a IDENTIFIED BY 'b';\nE",
            "q=\"ALTER USER a IDENTIFIED BY 'b'\"; mysql -e \"$q\"",
            "env MYSQL_PWD=secret mysql -e 'SELECT 1'",
            "mysqldump -h x -psecret db",
            "mysqladmin --password=secret status",
            "k=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        ],
    );
}

#[test]
fn near_misses_pass() {
    for body in [
        "echo \"starting $x\"; echo 'SELECT 1' | mysql",
        "echo \"starting $x\" | cat; mysql -e 'SELECT 1'",
        "q='SELECT 1'; echo \"$q\" | mysql",
        "cat \"$f\" | mysql -h x",
        "if a; then echo \"$x\"; fi; { cat a.sql; cat \"$x/b.sql\"; } | mysql -h x",
        "sed 's/a/b/' \"$f\" | mysql -h x",
        "mysql -h x < <(cat \"$f\"); echo \"$x\"",
        "mysql -e 'SELECT 1' | grep \"$x\"",
        "note='/dev/tcp/ is a device of bash'",
        "echo > \"$dir/tcp/log\"; echo > \"/dev/$disk\"",
        "trap 'rc=$?; rm -f /tmp/x; exit $rc' EXIT",
        "alias ll='ls -l'; alias; alias ll",
        "mapfile -t -C : -c 1 a; compgen -A function",
        "export PATH; readonly PATH",
        "gcc-12 -v; make4 all; x264 -i a",
        "mysqldump -h x -P 9030 -p db",
        "echo \"IDENTIFIED BY\"",
        "find / -exec echo curl {} \\; -exec grep -q kubectl {} +",
        "find / -exec echo -exec curl {} \\;",
        "echo \"starting $x\" > /tmp/log; echo 'SELECT 1' > /tmp/q.sql; mysql < /tmp/q.sql",
        "echo \"starting $x\" 2> /tmp/q.sql; mysql < /tmp/q.sql; mysql < \"$f\"",
        "echo \"starting $x\" > \"$log\"; mysql < \"$f\"; cat \"$g\" | mysql",
        "awk -v n=\"$n\" 'NR > n' /tmp/q | mysql; awk -F, '{ print \"SELECT \" $1 }' \"$f\" | mysql",
        "mysql --init-command='SET query_timeout = 5' -e 'SELECT 1' --default-character-set \"$c\"",
        "sed -e 's/e/e/' -e '/e/d' /tmp/e; sed -i s/a/b/ e; sed -f e.sed e; sed -n 1p e",
        "sed 's/a/b/' 1e; sed \"s/TABLE/$x/\" e; split -l 5 /tmp/q curl; hash -r; hash -d curl",
        "mysql -e \"SELECT '\\! curl' FROM system\" -h x; mysql -h x -e '-- system curl\nSELECT system.a'",
        "find / -name curl -newer kubectl -print",
        "xargs -I curl echo curl; timeout -k 5 10 echo curl; env -u kubectl ls",
        "flock -nE 3 /tmp/curl ls",
        "printf '%s' PATH; printf -- '-vPATH'; printf '%s -vPATH\\n' x; read -p PATH x; read -d PATH x",
        "read -rp 'PATH: ' answer; read -rt 5 x; mapfile -t lines",
        "for p in PATH HOME; do echo $p; done; declare -n q=HOME",
        "export MY\"PATH\"=/tmp; x=PATH; echo \"$PATH\"",
        "echo /var/run/secrets/*/*/token; ls /run/secrets; cat /run/secrets/mine/password",
        "grep -r x /proc/*/status; ls kubernetes.io",
    ] {
        assert_eq!(rules(body), Vec::<String>::new(), "{body}");
    }
}
