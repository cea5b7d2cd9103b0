//! What is refused on purpose, by name, and where we are lax.

use hookgate_shell::{ErrorKind as Kind, parse};

/// Whether we accept on purpose what bash rejects.
pub fn is_lax(_script: &str) -> bool {
    false
}

/// The deliberate refusals: bash accepts these, at least in one version or with one option.
#[test]
fn refuses_by_name() {
    let table: &[(&str, Kind)] = &[
        ("(( a ) )", Kind::AmbiguousParentheses),
        ("((echo a); echo b)", Kind::AmbiguousParentheses),
        ("echo $((echo a); echo b)", Kind::AmbiguousParentheses),
        ("(( a )\\\n)", Kind::AmbiguousParentheses),
        ("cat <((echo a); echo b)", Kind::AmbiguousParentheses),
        ("shopt -s expand_aliases", Kind::AliasDependent),
        ("set -o posix", Kind::AliasDependent),
        ("set -eH", Kind::AliasDependent),
        ("set -o histexpand", Kind::AliasDependent),
        ("POSIXLY_CORRECT=1", Kind::AliasDependent),
        ("export POSIXLY_CORRECT=1", Kind::AliasDependent),
        ("declare -x POSIXLY_CORRECT", Kind::AliasDependent),
        ("cat <<$X\n$X\n", Kind::HereDocumentDelimiter),
        ("cat <<E$[\n\t\t", Kind::HereDocumentDelimiter),
        ("cat <<\\", Kind::AmbiguousQuote),
        ("echo a\\", Kind::AmbiguousQuote),
        ("cat <<-'\tE'\n\tE\n", Kind::HereDocumentDelimiter),
        ("echo $(cat <<E\nfoo\nE)", Kind::AmbiguousHereDocument),
        ("echo $(cat <<E\nfoo\nE bar)\n", Kind::AmbiguousHereDocument),
        ("echo $(cat <<E)\nfoo\nE\n", Kind::AmbiguousHereDocument),
        ("cat <<E $(echo a\necho b)\nbody\nE\n", Kind::AmbiguousHereDocument),
        ("echo $(cat <<A <<B\nA\nB\n)", Kind::AmbiguousHereDocument),
        ("echo $( (( 1 << 2 )) )", Kind::AmbiguousHereDocument),
        ("cat <<E\na\\\nE\nE\n", Kind::AmbiguousHereDocument),
        ("cat <<E\n${x:-\"a\"}\nE\n", Kind::AmbiguousQuote),
        ("echo \"${x/a/'b'}\"", Kind::AmbiguousQuote),
        ("echo \"`echo \\\"a\\\"`\"", Kind::AmbiguousQuote),
        ("echo \"${x:-'\"'}\"; echo evil; : # \"}\"}\"", Kind::AmbiguousQuote),
        ("echo \"${x:-$'a'}\"", Kind::AmbiguousQuote),
        ("echo $(x=(\\$y))", Kind::AmbiguousQuote),
        ("a[1 + 2]", Kind::AmbiguousSubscript),
        ("declare a[0]=1", Kind::AmbiguousSubscript),
        ("coproc c a[1]=x", Kind::AmbiguousSubscript),
        ("{a[0]}>f echo a", Kind::AmbiguousSubscript),
        ("(( a[)); echo evil # ]))", Kind::AmbiguousEnd),
        ("for ((a[;];;)) do :; done", Kind::AmbiguousEnd),
        ("for ((a=$$(b);;)) do :; done", Kind::AmbiguousEnd),
        ("for ((;;$${a)) do :; done; echo evil; : }", Kind::AmbiguousEnd),
        ("echo ${a[}; echo evil; : ]}", Kind::AmbiguousEnd),
        ("echo ${a:b[}; echo evil # ]}", Kind::AmbiguousEnd),
        ("echo $(( $(echo 1 # )\n) ))", Kind::AmbiguousEnd),
        ("echo $(( $(case x in x) echo 1;; esac) ))", Kind::AmbiguousEnd),
        ("echo $[ $(echo ]) ]", Kind::AmbiguousEnd),
        ("[[ a =~ ($(case x in x) echo b;; esac)) ]]", Kind::AmbiguousEnd),
        ("echo ${x:-<<(echo a)}", Kind::AmbiguousEnd),
        ("echo \"${x:-<(echo })}\"", Kind::AmbiguousEnd),
        ("a=(1)echo evil", Kind::AmbiguousEnd),
        ("declare a=(1)b", Kind::AmbiguousEnd),
        ("<&-echo evil", Kind::AmbiguousEnd),
        ("echo >& -evil", Kind::AmbiguousEnd),
        ("echo $(time a)", Kind::AmbiguousKeyword),
        ("cat <(time a)", Kind::AmbiguousKeyword),
        ("case x in }) a;; esac", Kind::AmbiguousKeyword),
        ("!(echo a)", Kind::ExtendedGlob),
        ("echo @(a|b)", Kind::ExtendedGlob),
        ("case x in +(a)) :;; esac", Kind::ExtendedGlob),
        ("echo ${ echo a; }", Kind::BraceSubstitution),
        ("echo ${| REPLY=a; }", Kind::BraceSubstitution),
        ("echo ${(a)}", Kind::BraceSubstitution),
        ("echo $'\\xff'", Kind::UndecodableText),
        ("echo $'a\\0b'", Kind::UndecodableText),
        ("echo a 12345>b", Kind::InvalidFileDescriptor),
        ("for 1a in b; do :; done", Kind::InvalidName { found: "1a".to_owned() }),
        ("echo ${a b}", Kind::InvalidExpansion),
    ];
    let many = format!("cat {}", "<<E ".repeat(17));
    for (script, kind) in table.iter().cloned().chain([(many.as_str(), Kind::AmbiguousHereDocument)]) {
        let error = parse(script.as_bytes()).expect_err(script);
        assert_eq!(error.kind, kind, "{script}");
        assert!(!error.help().is_empty());
    }
}

/// For these `bash -n` says nothing and exits with 0; running them fails.
#[test]
fn rejects_conditions_that_are_none() {
    for script in ["[[ ]]", "[[ a && ]]"] {
        assert!(parse(script.as_bytes()).is_err(), "accepted: {script}");
    }
}

/// Bash reads these otherwise than they look; the tree says what bash does.
#[test]
fn reads_as_bash_does() {
    use hookgate_shell::ast::{CommandKind, Condition, RedirectionKind};
    let first = |script: &str| {
        let tree = parse(script.as_bytes()).unwrap_or_else(|error| panic!("{error}: {script}"));
        tree.body.items[0].command.first.commands[0].clone()
    };
    // In a regular expression `||` is text when no blank stands before it.
    let CommandKind::Condition(condition) = first("[[ a =~ b||c ]]").kind else { panic!("a condition") };
    let Condition::Binary(_, _, regex) = *condition else { panic!("one comparison") };
    assert_eq!(regex.text().as_deref(), Some("b||c"));
    // Tabs at the beginning of a continued line stay.
    let RedirectionKind::HereDocument(document) = &first("cat <<-E\n\ta\\\n\tb\n\tE\n").redirections[0].kind
    else {
        panic!("a here-document")
    };
    assert_eq!(document.body().text().as_deref(), Some("a\tb\n"));
    // After `|`, `time` is a program.
    let tree = parse(b"a | time b").unwrap();
    let CommandKind::Simple(simple) = &tree.body.items[0].command.first.commands[1].kind else {
        panic!("a simple command")
    };
    assert_eq!(simple.words[0].text().as_deref(), Some("time"));
    // Backquotes lose a continued line even inside single quotes.
    let mut found = Vec::new();
    struct Texts<'t>(&'t mut Vec<String>);
    impl<'a> hookgate_shell::visit::Visit<'a> for Texts<'_> {
        fn word(&mut self, word: &'a hookgate_shell::ast::Word) {
            self.0.extend(word.text().map(|text| text.into_owned()));
            word.parts.iter().for_each(|part| self.part(part));
        }
    }
    let tree = parse(b"echo `echo 'a\\\nb'`").unwrap();
    hookgate_shell::visit::Visit::list(&mut Texts(&mut found), &tree.body);
    assert!(found.contains(&"ab".to_owned()), "{found:?}");
}

/// Every kind that is refused on purpose is on the page, and every kind on the page exists.
#[test]
fn the_page_names_every_refusal() {
    let page = include_str!("../../REFUSALS.md");
    let source = include_str!("../../src/error.rs");
    let declared = source.lines().filter_map(|line| line.strip_prefix("    ")?.split([',', ' ']).next());
    let kinds: Vec<_> = declared
        .filter(|name| name.starts_with(char::is_uppercase) && name.chars().all(char::is_alphanumeric))
        .collect();
    assert!(kinds.contains(&"AmbiguousEnd") && kinds.len() > 20, "{kinds:?}");
    for kind in kinds {
        assert!(
            kind == "InvalidCondition" || page.contains(&format!("`{kind}`")),
            "{kind} is not on the page"
        );
    }
}
