//! Calls of programs, by a table of the page's own words.

use super::Writer;

/// Each program with each of its options; `_` stands for a value.
const TABLE: &[(&str, &[&str])] = &[
    (
        "grep",
        &[
            "-c",
            "-v",
            "-i",
            "-w",
            "-x",
            "-q",
            "-o",
            "-n",
            "-h",
            "-s",
            "-E",
            "-F",
            "-e _",
            "-m N",
            "-A N",
            "-B N",
            "-C N",
            "--count",
            "--invert-match",
            "--ignore-case",
            "--word-regexp",
            "--line-regexp",
            "--quiet",
            "--only-matching",
            "--line-number",
            "--no-filename",
            "--no-messages",
            "--extended-regexp",
            "--fixed-strings",
            "--regexp=_",
            "--max-count=N",
            "--after-context=N",
            "--before-context=N",
            "--context=N",
        ],
    ),
    (
        "cut",
        &[
            "-d , -f 1",
            "-f 1,2",
            "-c 1-3",
            "-b 2",
            "-f 1 -s",
            "-f 1 --complement",
            "-f 1 --output-delimiter=_",
            "-f1",
        ],
    ),
    ("tr", &["-d _", "-s _", "-c a b", "-cd '[:alnum:]'", "a-z A-Z", "_ x"]),
    ("head", &["-n N", "-c N", "-3", "-nN"]),
    ("tail", &["-n N", "-c N", "-3", "-n +2"]),
    ("wc", &["-l", "-w", "-c", "-m"]),
    ("sort", &["-r", "-n", "-u", "-f", "-b", "-h", "-V", "-g", "-s", "-k 1,2", "-t , -k 2", "-rn", "-t '|'"]),
    ("uniq", &["-c", "-d", "-u", "-i", "-f N", "-s N", "-w N"]),
    ("sed", &["-n SED", "-E SED", "-r SED", "-e SED", "-n -e SED -e SED", "SED"]),
    ("awk", &["AWK", "-F , AWK", "-F: AWK", "-v x=_ AWK", "-F '\\t' -v y=_ AWK"]),
    ("cat", &["-n", "-s", "-A", "", "-", "--number"]),
];

/// Programs that read no input.
const SOURCES: &[(&str, &[&str])] = &[
    ("seq", &["1 N", "-w N", "-s _ 1 3", "-f '%03g' 2", "2 2 6", "3"]),
    (
        "date",
        &["-u", "+%s", "+FORMAT", "-d '1 day ago' +%F", "--date='2024-01-01' +%s", "-u +%FT%TZ", "-d @0 +%Y"],
    ),
    ("expr", &["_ : _", "N + N", "length _", "_ = _", "substr _ 1 2", "index _ x", "N '*' N", "_ '|' _"]),
    ("basename", &["_", "/tmp/a/b.sh .sh", "-- _"]),
    ("dirname", &["_", "/tmp/a/b", "-- _"]),
    ("sleep", &["0", "0.01", "0s"]),
    ("timeout", &["5 cat -n", "-k 1 5 head -n 1", "5s grep x", "N date +%s"]),
];

const SED: &[&str] = &[
    "s/a/b/",
    "s/[[:space:]]*$//g",
    "s|/etc/shadow|$(canary)|p",
    "s/x/$(canary)/2",
    "1d",
    "$p",
    "2,$d",
    "/^a/p",
    "/x/,/y/d",
    "$!d",
    "2q",
    "n;d",
    "s/\\(a\\)/\\1;canary/",
    "s/.*/canary/I",
    "s,a,w /etc/x,",
    "/x/s/y/e canary/",
    "1~2p",
    "s/a/&&/;s/b/c/",
    "s/;w /etc/x//",
    "s/a/r \\/etc\\/shadow/",
    "1!p",
    "p;p;p",
    "s/'/\"/g",
];

const AWK: &[&str] = &[
    "{ print $1 }",
    "NR > 1 { print $2, $3 }",
    "{ s += $2 } END { print s + 0 }",
    "BEGIN { x = \"$(canary)\"; print x }",
    "/system\\(/ { print \"| canary\" }",
    "$1 == \"/*\" { n++ } END { print n + 0 }",
    "{ gsub(/a/, \"`canary`\"); print }",
    "{ a[$1]++ } END { for (k in a) print k, a[k] }",
    "{ printf \"%s\\n\", $NF }",
    "BEGIN { FS = \"[|]\" } { print length($2) }",
    "{ print (($1 > $2) ? $1 : $2) }",
    "{ if ($1 ~ /^[0-9]+$/) print $1; else next }",
    "END { print NR }",
    "!seen[$0]++",
    "BEGIN { while (i < 3) { i++; print substr(\"canary\", i, 1) } }",
    "{ print toupper($0) }",
    "NF && $1 != \"> /etc/x\"",
    "{ x = x \" \" $1 } END { print x }",
    "BEGIN { for (i = 0; i < 2; i++) printf(\"%d,\", i) ; print \"\" }",
    "{ n = split($0, p, \";\"); print n, p[1] }",
    "BEGIN { print index(\"| canary\", \"|\"), match(\"x\", /x|canary/) }",
    "{ print int($1), sqrt(4), sprintf(\"%s\", \"@canary\") }",
    "$2 > 3 || $1 < 4 { print; exit 0 }",
    "{ delete a[1]; print $1 / 2 }",
    "BEGIN { print x, y, \"getline\" }",
    "{ do { n++ } while (n < 2); print n } # | canary",
];

impl Writer {
    /// A program that reads standard input.
    pub(super) fn filter(&mut self) -> String {
        let (name, options) = TABLE[self.random.below(TABLE.len())];
        let mut option = self.pick(options);
        self.tag(&format!("program {name} {option}"));
        if name == "grep" && !option.contains("-e ") && !option.contains("regexp=") {
            let pattern = self.literal_pattern();
            option = format!("{option} {pattern}");
        }
        let filled = self.fill(&option);
        let prefix = if self.random.chance(8) {
            self.choose("prefix", &["LC_ALL=C", "TZ=UTC"]) + " "
        } else {
            String::new()
        };
        let limit = if self.random.chance(4) { "timeout 5 " } else { "" };
        format!("{prefix}{limit}{name} {filled}").trim_end().to_owned()
    }

    /// Several filters, at least one, with their input.
    pub(super) fn filtered(&mut self) -> String {
        let source = match self.random.below(6) {
            0 | 1 => {
                let text = self.text_without_command();
                format!("echo {text}")
            }
            2 => {
                let text = self.text_without_command();
                format!("printf '%s\\n' {text}")
            }
            3 => self.source(),
            4 => self.query(),
            _ => {
                let text = self.text_without_command();
                let filter = self.filter();
                return format!("{filter} <<< {text}");
            }
        };
        let mut pipeline = source;
        for _ in 0..self.random.below(3) {
            self.tag("construct |");
            pipeline = format!("{pipeline} | {}", self.filter());
        }
        pipeline
    }

    /// A program that reads nothing.
    pub(super) fn source(&mut self) -> String {
        let (name, options) = SOURCES[self.random.below(SOURCES.len())];
        let option = self.pick(options);
        self.tag(&format!("program {name} {option}"));
        let filled = self.fill(&option);
        let input = if matches!(name, "timeout") { " < /dev/null" } else { "" };
        format!("{name} {filled}{input}")
    }

    fn fill(&mut self, option: &str) -> String {
        let mut filled = Vec::new();
        for word in split_words(option) {
            let new = match word.as_str() {
                "_" => self.text_without_command(),
                "N" => self.program_number(),
                "SED" => format!("'{}'", self.pick(SED).replace('\'', "'\\''")),
                "AWK" => format!("'{}'", self.pick(AWK)),
                "+FORMAT" => "'+%F $(canary) %T'".to_owned(),
                _ if word.ends_with('_') => format!("{}{}", &word[..word.len() - 1], self.attachable()),
                _ if word.ends_with('N') && word.starts_with('-') => {
                    format!("{}{}", &word[..word.len() - 1], self.random.below(9))
                }
                _ => word,
            };
            filled.push(new);
        }
        filled.join(" ")
    }

    fn attachable(&mut self) -> String {
        if self.random.chance(40) {
            "\"$v1\"".to_owned()
        } else {
            let raw = self.raw();
            crate::payloads::single_quoted(&raw)
        }
    }

    /// A number for an option.
    fn program_number(&mut self) -> String {
        self.pick(&["1", "2", "3", "\"$n1\"", "$n1", "$i"])
    }

    fn literal_pattern(&mut self) -> String {
        let raw = self.raw();
        let raw = if raw.starts_with('-') { format!("x{raw}") } else { raw };
        crate::payloads::single_quoted(&raw)
    }

    pub(super) fn text_without_command(&mut self) -> String {
        match self.random.below(6) {
            0 | 1 => self.literal(),
            2 => "\"$v1\"".to_owned(),
            3 => "\"$1\"".to_owned(),
            4 => "\"${a2[1]:-}\"".to_owned(),
            _ => "\"$s1 $v2\"".to_owned(),
        }
    }
}

/// Words split at spaces outside single quotes.
fn split_words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for character in text.chars() {
        match character {
            '\'' => {
                quoted = !quoted;
                words.last_mut().unwrap().push(character);
            }
            ' ' if !quoted => words.push(String::new()),
            other => words.last_mut().unwrap().push(other),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}
