//! Near misses: what looks like an allowed statement and is not, by the rule that refuses it.

use crate::payloads::{ARITHMETIC, PAYLOADS, single_quoted};
use crate::random::Random;

/// Statements, or whole scripts where `pre_upgrade` is defined in them, by their rule. `%` is an arithmetic
/// payload, `¤` any payload in single quotes.
pub const NEAR_MISSES: &[(u16, &[&str])] = &[
    (102, &["canary\npre_upgrade() { if; }", "cat /etc/passwd\npre_upgrade() { :; }\npost_upgrade() { ( }"]),
    (103, &["c\u{0}anary", "can\u{0}ary x", "cat /etc/\u{0}passwd"]),
    (104, &["cat <<E[\nx\nE[\ncanary", "((echo x); canary)", "case x in x) canary;; esac <<E"]),
    (
        105,
        &[
            "readonly x9=1\npre_upgrade() { canary; }\npost_upgrade() { :; }\nx9=2\ncanary() { :; }",
            "set -k\npre_upgrade() { basename LD_PRELOAD=/etc/x.so; }\npost_upgrade() { :; }",
            "set -o keyword\npre_upgrade() { echo x | cat LD_PRELOAD=/etc/x.so; }\npost_upgrade() { :; }",
            "set -ak\npre_upgrade() { grep -e x LD_AUDIT=/etc/x.so < /dev/null; }\npost_upgrade() { :; }",
        ],
    ),
    (
        106,
        &[
            "later() {\ngrep() { :; }\n}\npre_upgrade() { grep x /etc/passwd; }\npost_upgrade() { :; }",
            "later() {\ncanary() { :; }\n}\npre_upgrade() { canary; }\npost_upgrade() { :; }",
            "pre_upgrade() { kubectl get pods; }\npost_upgrade() { kubectl() { :; }; }",
            "if false; then\ncurl() { :; }\nfi\npre_upgrade() { curl x; }\npost_upgrade() { :; }",
        ],
    ),
    (107, &["coproc PATH { cat; }; sed p < /dev/null", "coproc LD_PRELOAD { :; }; date"]),
    (
        108,
        &[
            "trap 'canary' EXIT",
            "( trap 'cat /etc/passwd' EXIT )",
            "trap \"$s9\" EXIT",
            "trap 'canary' DEBUG; :",
            "( trap 'echo $(canary)' ERR; false )",
        ],
    ),
    (201, &["kubectl get pods", "'kube'ctl x", "sudo canary", "docker ps", "helm list"]),
    (
        202,
        &[
            "canary",
            "ls /",
            "\\canary x",
            "'canary'",
            "\"can\"ary",
            "can\\\nary",
            "rm /tmp/x",
            "cp /tmp/a /tmp/b",
            "cd /etc",
            "tee /etc/x",
        ],
    ),
    (
        203,
        &[
            "s9=canary; $s9",
            "\"$(echo canary)\"",
            "c${s9:-a}nary",
            "$1",
            "{canary,x}",
            "/usr/bin/can?ry",
            "${a9[0]:-canary}",
            "`echo canary`",
        ],
    ),
    (
        204,
        &[
            "eval 'canary'",
            "eval ¤",
            "source /etc/passwd",
            ". /etc/passwd",
            "x='$(canary)'; eval \"echo $x\"",
        ],
    ),
    (
        205,
        &["bash -c 'canary'", "sh -c canary", "python3 -c x", "perl -e x", "env canary", "bash /etc/passwd"],
    ),
    (
        206,
        &[
            "[ -v '%' ]",
            "set -- -v '%'; [ \"$@\" ]",
            "[ \"${x9:-$@}\" = y ]",
            "printf '%%(a%%n)X' PATH; date",
            "local x9; mapfile -t x9 <<< x; local x9=\"$5\"",
            "check() {\n[ \"$@\" ]\n}\npre_upgrade() { check -v '%'; }\npost_upgrade() { :; }",
            "printf -v '%' y",
            "read '%' <<< x",
            "mapfile -C canary -c 1 z <<< x",
            "declare -n z='%'; echo \"$z\"",
            "local -i z='%'",
            "unset -v '%'",
            "[ \"$1\" -eq 0 -a -v '%' ]",
            "test -v '%'",
            "local '%'",
            "readonly '%'",
            "[ $3 ]",
            "[ ! $3 ]",
            "declare -a z='($(canary))'",
            "type -p ../../etc/passwd",
            "getopts a '%'",
            "read -t 1 -r '%' <<< x",
            "exec canary",
            "printf '%%n' '%'",
        ],
    ),
    (
        207,
        &[
            "echo x | sort -o /etc/x",
            "echo x | sort --output=/etc/x",
            "sort --files0-from=/etc/passwd",
            "grep -f /etc/passwd x < /dev/null",
            "grep -r x",
            "date -r /etc/passwd",
            "date -f /etc/passwd",
            "timeout 5 canary",
            "timeout 5 bash -c canary",
            "wc --files0-from=/etc/passwd",
            "echo x | uniq - /etc/x",
            "grep $2 x",
            "date --file=/etc/passwd",
            "sort -T /etc -S 1 /tmp/log",
            "date -d 'TZ=\":/etc/passwd\" 12:00'",
            "echo x | sort --compress-program=canary -S 1k",
            "sort -k 1 --random-source=/etc/passwd -R < /dev/null",
            "head -n \"$1\" -- /tmp/x; cut $6 /etc/passwd",
            "sed -f /etc/passwd",
            "awk -f /etc/passwd",
            "cat --help $4",
        ],
    ),
    (
        208,
        &[
            "awk 'BEGIN { system(\"canary\") }'",
            "awk 'BEGIN { x++ / system(\"canary\") / 1 }'",
            "echo x | awk '{ $/\"/; system(\"canary\"); x = /\"/ }'",
            "echo x | awk '/x/ / system(\"canary\") / 1'",
            "echo x | awk '{ length /\"/; system(\"canary\"); x = /\"/ }'",
            "echo x | awk '/[[:alpha:]/\"]/ { system(\"canary\") } /\"/'",
            "awk 'BEGIN { print \"a\",\n\"b\" > \"/etc/x\" }'",
            "awk 'BEGIN { \"canary\" | getline x }'",
            "awk 'BEGIN { print \"x\" | \"canary\" }'",
            "awk 'BEGIN { print \"x\" > \"/etc/x\" }'",
            "awk 'BEGIN { getline x < \"/etc/passwd\" }'",
            "awk \"$5\"",
            "awk 'BEGIN { ARGV[1] = \"/etc/passwd\"; ARGC = 2 } { print }'",
            "awk 'BEGIN { printf \"x\" >> \"/etc/x\" }'",
        ],
    ),
    (
        209,
        &[
            "echo x | sed '1e canary'",
            "echo x | sed 's/x/canary/e'",
            "echo x | sed 'w /etc/x'",
            "echo x | sed 'r /etc/passwd'",
            "echo x | sed -n 's/x/y/w /etc/x'",
            "echo x | sed \"$1\" ; echo x | sed '1!e'",
            "echo x | sed -e p -e 'R /etc/passwd'",
        ],
    ),
    (
        210,
        &[
            "PATH=/etc; sed p",
            "local PATH=/etc; date",
            "for PATH in /etc; do date; done",
            "read -r PATH <<< /etc; date",
            "LD_PRELOAD=/etc/x.so date",
            ": \"${PATH:=x}\"; PATH+=/etc; date",
            "(( PATH = 1 )); date",
            "getopts a PATH; date",
            "mapfile PATH <<< /etc; date",
            "GCONV_PATH=/etc LC_ALL=x sed p < /dev/null",
            "TZ=/etc/passwd date",
            "HOME=/etc; cat ~/passwd",
            "LOCPATH=/etc LC_ALL=x date",
            "local BASH_XTRACEFD PS4='$(canary)'",
            "readonly PATH=/x; date",
            "SR_FE_HOST=evil; $MYSQL_CMD -e 'SELECT 1'; mysql -h$SR_FE_HOST -e 'SELECT 1'",
            "MYSQL_CMD=canary; $MYSQL_CMD -e 'SELECT 1'",
            "local MYSQL_CMD=canary; $MYSQL_CMD -e 'SELECT 1'",
            "TMPDIR=/etc; cat <<< x | sort",
        ],
    ),
    (
        211,
        &[
            "x9='%'; (( x9 ))",
            "grep='%'; n9=$(grep -c x /tmp/none 2>&1); (( n9 ))",
            "standard='%'; n9=$(grep -c -e x - /tmp/x < /dev/null); (( n9 ))",
            "x9='%'; [[ $x9 =~ ^[0-9]+$ ]] || break; (( x9 ))",
            "x9='%'; [[ $x9 =~ ^[0-9]+$ ]] || return 1 > /tmp/none/x; (( x9 ))",
            "x9=; [[ $x9 =~ ^[0-9]*$ ]] || return 1; : \"${x9:=$1}\" $(( x9 ))",
            "x9=1; [[ $x9 =~ ^[0-9]+$ ]] || return 1; x9=$1 y9=$(( x9 ))",
            "x9=; [[ $x9 =~ ^[0-9]*$ ]] || return 1; cat <<E; (( x9 ))\n${x9:=$1}\nE",
            "local -A m9=(\"$@\"); for k9 in \"${!m9[@]}\"; do (( m9[$k9]++ )); done",
            "other() {\nm['x']=1\n}\npre_upgrade() { local x=$1; other; }\npost_upgrade() { local -A m; }",
            "x9='%'; local -a b9=([x9]=1)",
            "local -A b9=([$1]=1); for k9 in \"${!b9[@]}\"; do (( b9[$k9]++ )); done",
            "x9=(7 '%'); [[ $x9 =~ ^[0-9]+$ ]] || return 1; (( x9[1] ))",
            "echo $(( $1 ))",
            "[[ $1 -eq 0 ]]",
            "a9[$1]=1",
            "echo \"${a1[$1]}\"",
            "x9='%'; echo $(( x9 ))",
            "x9='%'; [[ x9 -eq 1 ]]",
            "echo \"${v1:$1}\"",
            "for (( i9 = $1; i9 < 1; i9++ )); do :; done",
            "(( n9 = $1 ))",
            "x9='%'; y9=$x9; (( y9 ))",
            "read -r x9 <<< '%'; (( x9 ))",
            "mapfile -t x9 <<< '%'; (( x9[0] ))",
            "for x9 in '%'; do (( x9 )); done",
            "[[ -v $1 ]]",
            "x9=1; x9+='%'; (( x9 ))",
            "x9=$(echo '%'); echo $(( x9 + 1 ))",
            "a9=([$1]=x)",
            "unset -v a9; a9[x9]=1; x9='%'; a9[x9]=2",
            "x9='%'; [[ $x9 =~ ^[0-9]+$ ]] || :; (( x9 ))",
            "x9=7; helper9() { :; }; [[ -n $x9 ]] && x9=$1; (( x9 ))",
            "local n9=$1; [[ $n9 -gt 3 ]]",
            "s9='%'; : ${a1[$s9]}",
            "s9='%'; echo ${s1:0:s9}",
        ],
    ),
    (
        213,
        &[
            "x9='a[$(canary)]'; echo \"${!x9}\"",
            "x9='$(canary)'; echo \"${x9@P}\"",
            "cat <(cat /tmp/log) > >(cat)",
            "echo \"${!1}\"",
            "x9='a[$(canary)]'; : \"${!x9-}\"",
            "echo ${!1}",
            "echo ~root",
            "echo ~_apt",
            "x9=~root",
        ],
    ),
    (301, &["curl x", "wget x", "cu\"\"rl x", "nc x 80", "ssh x", "git clone x", "timeout 5 curl x"]),
    (302, &["exec 3<>/dev/tcp/127.0.0.1/9", "echo x > /dev/udp/127.0.0.1/9", "cat < /dev/'tcp'/127.0.0.1/9"]),
    (
        303,
        &[
            "cat /etc/passwd",
            "echo x > /etc/x",
            "cat < /tmp/../etc/passwd",
            "grep x \"$4\"",
            "head -n 1 /etc/shadow",
            "echo x > \"$4\"",
            "[ -e /etc/passwd ]",
            "[[ -f $4 ]]",
            "cat ~/x",
            "echo /*",
            "for v3 in /etc/*; do :; done",
            "exec 3< /etc/passwd",
            "cat x",
            "sort /tmp/log /etc/passwd",
            "[ /etc/passwd -nt /tmp/x ]",
            "awk '{ print }' /etc/passwd",
            "sed p /etc/passwd",
            "grep /etc/passwd -e root",
            "sed /etc/p -e p",
            "awk '{ print }' -v x=1",
            "local IFS=1; n9=212; head -n $n9 < /dev/null",
            "while getopts 'a:' o9; do echo $OPTARG; done; echo ${*}",
            "echo *",
            "read -r; echo $REPLY",
            "a9=(\"$@\"); echo ${a9[@]}",
            "a9=(/etc/*)",
            "echo x >& \"$4\"",
            "echo $2",
            "for v3 in $2; do :; done",
            "a9=($2)",
            "echo $(printf '/*')",
            "v9=$2; echo $v9",
            "echo ${a2[1]}",
            "echo $@",
            "printf '%%s' $*",
            "echo x$2",
            "x9='/*'; echo $x9",
            "echo ${x9:-/*}",
            "read -r x9 <<< '/*'; echo $x9",
            "echo ${v1/x/$2}",
            "echo $(< /etc/passwd)",
            "[ -e \"$4\" ]",
        ],
    ),
    (
        401,
        &[
            "$MYSQL_CMD -e \"SELECT $1\"",
            "$MYSQL_CMD <<< \"$1\"",
            "$MYSQL_CMD <<E\n$1\nE",
            "v9=$1; $MYSQL_CMD -e \"$v9\"",
            "$MYSQL_CMD -e \"$(echo canary)\"",
            "local -a q9=(-e \"$1\"); $MYSQL_CMD \"${q9[@]}\"",
        ],
    ),
    (
        402,
        &[
            "$MYSQL_CMD --defaults-file=/etc/x -e 'SELECT 1'",
            "mysql -hevil -e 'SELECT 1'",
            "$MYSQL_CMD -p -e 'SELECT 1'",
            "$MYSQL_CMD --init-command='x' -e 'SELECT 1'",
            "$MYSQL_CMD \"$1\" -e 'SELECT 1'",
            "mysql -h\"$SR_FE_HOST\" -h\"$1\" -e 'SELECT 1'",
            "$MYSQL_CMD --pager=canary -e 'SELECT 1'",
        ],
    ),
    (
        403,
        &[
            "$MYSQL_CMD -e 'DROP TABLE t'",
            "$MYSQL_CMD -e 'SELECT * FROM FILES(\"path\" = \"s3://x\")'",
            "$MYSQL_CMD -e 'system canary'",
            "$MYSQL_CMD -e 'source /etc/passwd'",
        ],
    ),
    (
        404,
        &[
            "$MYSQL_CMD -e '\\! canary'",
            "$MYSQL_CMD -e 'SELECT 1; \\. /etc/passwd'",
            "$MYSQL_CMD -e 'SELECT \"\\\\\"; system canary'",
        ],
    ),
    (
        405,
        &[
            "$MYSQL_CMD < /tmp/log",
            "echo 'system canary' | $MYSQL_CMD",
            "exec < /scripts/input; $MYSQL_CMD 3<<< 'SELECT 1'",
            "echo 'system canary' > /tmp/q; exec < /tmp/q; $MYSQL_CMD 3<<< 'SELECT 1'",
            "$MYSQL_CMD",
            "$MYSQL_CMD -N <&0",
        ],
    ),
];

/// Words that spoil a statement.
const MUTANTS: &[&str] = &[
    "'a[$(canary)]'",
    "\"$1\"",
    "$1",
    "$2",
    "/etc/passwd",
    "-o",
    "-f",
    "$v1",
    "\"$v1\"",
    "'$(canary)'",
    "`canary`",
    "$(canary)",
    "x",
    "/tmp/y",
    "-e",
    "--",
    "-v",
    "'-v'",
    "|",
    "||",
    "&&",
    ";",
    ">",
    "<",
    "/dev/null",
    "!",
    "((",
    "))",
    "[[",
    "]]",
    "$((v1))",
    "${s1[$1]}",
    "IFS=$1",
    "eval",
    "local",
    "-n",
    "'x[$(canary)]=1'",
    "~",
    "*",
    "{a,b}",
    "2>&1",
    "v9=$1",
    "n1",
    "$n1",
    "$(( v1 ))",
    "n1=$1",
    "'BEGIN{system(\"canary\")}'",
    "'1e canary'",
    "-s",
    "%n",
    "printf",
    "v1",
    "-a",
    "a1",
    "m1",
    "$@",
    "${a2[@]}",
    "<<<",
    "/*",
    "-eq",
    "=~",
    "in",
    "do",
    "}",
    "{",
    "(",
    ")",
    "&",
    "read",
    "unset",
    "declare",
    "-A",
    "n1=$v1",
    "[",
    "]",
];

/// Fills the slots of a template.
pub fn fill(template: &str, random: &mut Random) -> String {
    let arithmetic = random.pick(ARITHMETIC);
    let any = single_quoted(random.pick(PAYLOADS));
    template.replace("%%", "\u{1}").replace('%', arithmetic).replace('\u{1}', "%").replace('¤', &any)
}

/// Makes a near miss of a script: one or two changes.
pub fn spoil(script: &str, random: &mut Random) -> String {
    let mut lines: Vec<String> = script.lines().map(str::to_owned).collect();
    for _ in 0..=random.below(2) {
        let at = random.below(lines.len());
        match random.below(5) {
            0 | 1 => {
                let (_, family) = NEAR_MISSES[random.below(NEAR_MISSES.len())];
                let template = random.pick(family);
                if !template.contains("pre_upgrade") {
                    lines.insert(at, fill(template, random));
                }
            }
            2 | 3 => {
                let mut words: Vec<&str> = lines[at].split(' ').collect();
                let place = random.below(words.len());
                let mutant = random.pick(MUTANTS);
                if random.chance(50) {
                    words[place] = mutant
                } else {
                    words.insert(place, mutant)
                }
                lines[at] = words.join(" ");
            }
            _ => {
                let mut characters: Vec<char> = lines[at].chars().collect();
                if !characters.is_empty() {
                    let place = random.below(characters.len());
                    if random.chance(50) {
                        characters.remove(place);
                    } else {
                        let marks: Vec<char> = "'\"$`\\;|&<>(){}[]*?~#!= \n".chars().collect();
                        characters.insert(place, marks[random.below(marks.len())]);
                    }
                    lines[at] = characters.into_iter().collect();
                }
            }
        }
    }
    lines.join("\n") + "\n"
}
