//! What a hook prints is in the log while it runs: with machine and run, without secrets.
//!
//! By itself in a program: whether an event is wanted is remembered for all threads, and another test that comes upon
//! the place of this one's events while the subscriber is set would make it `never`.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise, in its helpers as well")]

#[allow(dead_code, reason = "the other program uses the rest of it")]
#[path = "../openssh/machine.rs"]
mod machine;

use crate::machine::{LIMIT, Machine, command};
use hookgate_machines::{run::drive, text::Masks};
use std::{
    fs,
    io::Write,
    sync::{Arc, Mutex},
    time::Duration,
};

#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Kept {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

#[tokio::test]
async fn lines_are_logged_while_the_hook_runs() {
    let kept = Kept::default();
    let writer = kept.clone();
    let subscriber = tracing_subscriber::fmt().json().with_writer(move || writer.clone()).finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let machine = Machine::start();
    let script = machine.script(
        "hook",
        "#!/bin/sh\necho first\nwhile [ ! -e go ]; do sleep 0.1; done\nprintf 'SECURITY \\033[2Jhunter22\\nwithout end'\n",
    );
    let go = async {
        let begun = tokio::time::Instant::now();
        while !kept.text().contains("first") {
            assert!(begun.elapsed() < LIMIT, "{}", kept.text());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        fs::write(machine.home().join("go"), "").unwrap();
    };
    let (ask, masks) = (command(&script, &[], 1), Masks::new(["hunter22"]));
    let connection = machine.connect().await;
    let (ended, ()) = tokio::join!(drive(&connection, &ask, &masks), go);
    ended.unwrap();
    let lines: Vec<serde_json::Value> = kept
        .text()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|line: &serde_json::Value| line["target"] == "MachineHook")
        .collect();
    let said: Vec<&str> = lines.iter().map(|line| line["fields"]["line"].as_str().unwrap()).collect();
    assert_eq!(said, ["first", "SECURITY \\u{1b}[2J********", "without end"]);
    for line in &lines {
        let fields = &line["fields"];
        assert_eq!((&fields["machine"], &fields["hook"]), (&"127.0.0.1".into(), &"PreInstall".into()));
        assert_eq!(fields["run"], ask.id.as_str());
    }
}
