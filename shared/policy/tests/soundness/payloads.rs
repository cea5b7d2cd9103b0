//! Texts that do something when they are evaluated once more.

/// Hostile texts; each leaves a trace when it is run, opened or looked up.
pub const PAYLOADS: &[&str] = &[
    "$(canary)",
    "`canary`",
    "a[$(canary)]",
    "x[$(canary)]=1",
    "m1[$(canary)]",
    ";canary",
    "; canary #",
    "|canary",
    "&& canary",
    "\ncanary\n",
    "/tmp/../etc/shadow",
    "/etc/shadow",
    "/*",
    "/etc/*",
    "/*/*",
    "x'; canary; '",
    "\"; canary; \"",
    "-v a[$(canary)]",
    "-v",
    "-f /etc/shadow",
    "-f",
    "--help",
    "$((a[$(canary)]))",
    "${x:-$(canary)}",
    "PATH=0",
    "PATH",
    "n1=a[$(canary)]",
    "BEGIN{system(\"canary\")}",
    "1e canary",
    "w /etc/x",
    "@/etc/shadow",
    "%n",
    "%(%s)T",
    "%s%s%s",
    "\\! canary",
    "\\$(canary)",
    "system canary",
    "~root",
    "~/x",
    "{canary,}",
    "/dev/tcp/127.0.0.1/9",
    "<(canary)",
    "& canary",
    "1 -a -v a[$(canary)]",
    "() { :;}; canary",
    "([$(canary)]=1)",
    "($(canary))",
    "-o/etc/x",
    "--compress-program=canary",
    "x==x?a[$(canary)]:1",
    "a[`canary`]+1",
    "!",
    "(",
    ")",
    "]",
    "=",
    "0 -o -v a[$(canary)]",
    "*",
    "[!x]*",
    "?",
    "",
    " ",
    "TZ=\":/etc/shadow\" 1970-01-01",
    "LD_PRELOAD=/etc/x.so",
    "${!PATH}",
    "1,canary",
    "@(x|$(canary))",
    "E\n$(canary)\nE",
];

/// Texts that mean nothing.
pub const PLAIN: &[&str] = &[
    "x",
    "done",
    "INFO: balancer is off",
    "3",
    "007",
    "a b  c",
    "prod_db",
    "a.b",
    "tablet=1",
    "100%",
    "ok?",
    "it's",
    "say \"hi\"",
    "tab\there",
    "two\nlines",
    "ä€",
    "a,b;c",
    "kubectl",
    "eval",
    "/tmp/log",
    "-1",
    "1e3",
];

/// What stands where a number would be.
pub const ARITHMETIC: &[&str] =
    &["a[$(canary)]", "x==x?a[$(canary)]:1", "n1=a[$(canary)]", "PATH=0", "a[`canary`]+1"];

/// Puts a text into single quotes.
pub fn single_quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// Puts a text into double quotes.
pub fn double_quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        if matches!(character, '"' | '\\' | '$' | '`') {
            quoted.push('\\');
        }
        quoted.push(character);
    }
    quoted + "\""
}

/// Writes a text as `$'…'`.
pub fn ansi_quoted(text: &str) -> String {
    let mut quoted = String::from("$'");
    for (index, character) in text.chars().enumerate() {
        match character {
            '\'' | '\\' => quoted.extend(['\\', character]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '(' if index % 2 == 0 => quoted.push_str("\\x28"),
            other => quoted.push(other),
        }
    }
    quoted + "'"
}

/// Puts a backslash before each character that is not plain.
pub fn escaped(text: &str) -> Option<String> {
    if text.is_empty() || text.contains('\n') {
        return None;
    }
    let mut quoted = String::new();
    for character in text.chars() {
        if !character.is_ascii_alphanumeric() && !"_./-=,+%".contains(character) {
            quoted.push('\\');
        }
        quoted.push(character);
    }
    Some(quoted)
}
