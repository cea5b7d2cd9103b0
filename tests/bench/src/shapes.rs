//! Shapes of scripts that grow, among them the costliest that are known.

/// A script of about a number of bytes.
type Shape = fn(usize) -> String;

/// The shapes by name.
pub const SHAPES: &[(&str, Shape)] = &[
    ("a hook's functions", |size| {
        let unit = |number: usize| {
            format!(
                "wait_{number}() {{\n    local deadline=$((SECONDS + 300))\n    local bad\n    while (( SECONDS < deadline )); do\n        bad=$($MYSQL_CMD -N -e \"SHOW PROC '/statistic'\" | awk '{{ print $8 + 0 }}')\n        if [ \"$bad\" -eq 0 ]; then\n            return 0\n        fi\n        sleep 5\n    done\n    return 1\n}}\n"
            )
        };
        format!("pre_upgrade() {{ :; }}\npost_upgrade() {{ :; }}\n{}", repeat(size, unit))
    }),
    ("commands", |size| hook(&repeat(size, |number| format!("echo {number}\n")))),
    ("words", |size| hook(&format!("echo {}\n", repeat(size, |_| "a ".to_owned())))),
    ("variables written from each other", |size| {
        hook(&repeat(size, |number| format!("v{}=$v{number}\n", number + 1)))
    }),
    ("one variable written often", |size| hook(&repeat(size, |_| "v=$w\nlocal v=$w\n".to_owned()))),
    ("tested numbers", |size| {
        hook(&repeat(size, |number| format!("[[ $v{number} =~ ^[0-9]+$ ]] || return\necho $((v{number}))\n")))
    }),
    ("a pipeline", |size| hook(&format!("echo{}\n", repeat(size, |_| " | cat".to_owned())))),
    ("SQL statements", |size| {
        hook(&format!("$MYSQL_CMD -e '{}'\n", repeat(size, |_| "SHOW BACKENDS; ".to_owned())))
    }),
    ("SQL in a variable that is used often", |size| {
        let text = repeat(size / 2, |_| "SHOW BACKENDS; ".to_owned());
        format!("readonly Q=\"{text}\"\n{}", hook(&repeat(size / 2, |_| "$MYSQL_CMD -e \"$Q\"\n".to_owned())))
    }),
    ("here-documents", |size| hook(&repeat(size, |_| "cat <<'EOF'\nx\nEOF\n".to_owned()))),
    ("an awk program", |size| {
        hook(&format!("awk '{}'\n", repeat(size, |_| "{ print $1 + 0 }\n".to_owned())))
    }),
    ("findings", |size| hook(&repeat(size, |_| "$x\n".to_owned()))),
];

fn repeat(size: usize, unit: impl Fn(usize) -> String) -> String {
    let mut text = String::with_capacity(size + 256);
    let mut number = 0;
    while text.len() < size {
        text.push_str(&unit(number));
        number += 1;
    }
    text
}

fn hook(body: &str) -> String {
    format!("pre_upgrade() {{\n{body}}}\npost_upgrade() {{ :; }}\n")
}
