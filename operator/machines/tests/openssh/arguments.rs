//! Arguments arrive as they are, whatever they are and whichever shells are there.

use crate::machine::{Machine, command};
use hookgate_machines::{
    run::{Ending, drive},
    text::Masks,
};
use proptest::{
    collection::vec,
    prelude::{ProptestConfig, Strategy, any, prop_oneof},
    strategy::ValueTree,
    test_runner::{RngAlgorithm, TestRng, TestRunner},
};
use std::fs;

const HARD: &[&str] = &[
    "",
    " ",
    "a b",
    "'",
    "\"",
    "`reboot`",
    "$(touch pwned)",
    "; touch pwned",
    "&& touch pwned",
    "$HOME",
    "${IFS}",
    "*",
    "~",
    "!!",
    "-n",
    "--help",
    "\\",
    "\\\\n",
    "line one\nline two",
    "\n",
    "\r\n",
    "\t",
    "\u{1b}[2J",
    "größe 日本 🙂",
    "location=xa",
    "a=b=c",
    "{a,b}",
    "# no comment",
    "%s%n",
    "\u{7f}",
];

fn any_argument() -> impl Strategy<Value = String> {
    prop_oneof![
        // Whatever there is, without the one character that no argument can hold.
        any::<String>().prop_map(|text| text.replace('\0', "")),
        // Mostly what shells read in a special way.
        vec(proptest::sample::select(HARD), 0..8).prop_map(|parts| parts.concat()),
    ]
}

async fn arrive(machine: &Machine, shell: &str, arguments: &[&str], number: u32) {
    let seen = machine.home().join(format!("seen-{number}"));
    let text = format!("#!{shell}\nprintf '%s\\0' \"$#\" \"$@\" >'{}'\necho done\n", seen.display());
    let script = machine.script(&format!("hook {number} it's"), &text);
    let connection = machine.connect().await;
    let ended = drive(&connection, &command(&script, arguments, number), &Masks::default()).await.unwrap();
    assert_eq!((ended.ending, ended.output.as_str()), (Ending::Exited(0), "done\n"));
    let seen = fs::read(seen).unwrap();
    let seen: Vec<&[u8]> = seen.split(|byte| *byte == 0).collect();
    assert_eq!(seen[0], arguments.len().to_string().as_bytes());
    let seen: Vec<&[u8]> = seen[1..=arguments.len()].to_vec();
    assert_eq!(seen, arguments.iter().map(|argument| argument.as_bytes()).collect::<Vec<_>>());
    assert!(!machine.home().join("pwned").exists());
}

#[tokio::test]
async fn hard_arguments_arrive_whole_through_every_shell() {
    for (number, login) in ["/bin/bash", "/bin/dash"].into_iter().enumerate() {
        let machine = Machine::with_shell(login);
        for (place, shell) in ["/bin/sh", "/bin/bash"].into_iter().enumerate() {
            let number = u32::try_from(number * 10 + place).unwrap();
            arrive(&machine, shell, HARD, number).await;
            arrive(&machine, shell, &[], 100 + number).await;
        }
    }
}

#[tokio::test]
async fn any_arguments_arrive_whole() {
    let machine = Machine::start();
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(ProptestConfig::default(), rng);
    for number in 0..24 {
        let arguments = vec(any_argument(), 0..200).new_tree(&mut runner).unwrap().current();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let shell = if number % 2 == 0 { "/bin/sh" } else { "/bin/bash" };
        arrive(&machine, shell, &arguments, 1_000 + number).await;
    }
}

#[tokio::test]
async fn the_longest_arguments_that_there_can_be_arrive() {
    let machine = Machine::start();
    let longest = "x".repeat(32 * 4096 - 1);
    arrive(&machine, "/bin/sh", &[longest.as_str(); 7], 5_000).await;
}
