//! How fast Hookgate reads and judges scripts, side by side with other programs. `make bench` builds what is needed
//! and runs this; see README.md.

/// The allocator that Hookgate's programs have.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

mod measure;
mod parsers;
mod programs;
mod shapes;

use hookgate_policy::{Policy, check};
use measure::{Contender, Measured, measure};
use programs::{Opa, Tools, run, write_inputs};
use std::path::PathBuf;
use std::process::Command;

/// A hook as people write them, about 3 KB; `restricted` accepts it without a finding.
const SCRIPT: &str = include_str!("../hook.sh");

/// How many scripts one call of ShellCheck is given, so that starting it hardly counts.
const TOGETHER: u32 = 20;

/// How many ConfigMaps are linted in one call.
const MAPS: usize = 1_000;

/// A part of the report.
#[derive(serde::Serialize)]
struct Section {
    title: String,
    rows: Vec<Measured>,
    targets: Vec<Target>,
}

/// What is aimed at, and whether this run has it.
#[derive(serde::Serialize)]
struct Target {
    text: String,
    met: bool,
}

fn target(text: String, met: bool) -> Target {
    Target { text, met }
}

fn main() {
    let argument = |index: usize| std::env::args().nth(index).map(PathBuf::from);
    let (Some(folder), Some(hookgate)) = (argument(1), argument(2)) else {
        eprintln!("usage: hookgate-bench FOLDER HOOKGATE [SECTION...]: run make bench, which builds both");
        std::process::exit(2);
    };
    let tools = Tools { folder, hookgate };
    let report = check(SCRIPT.as_bytes(), &Policy::default());
    assert!(report.findings().is_empty(), "the script has findings: {:?}", report.findings());

    let mut sections = Vec::new();
    let all: [(&str, fn(&Tools) -> Section); 4] = [
        ("parsing", parsing),
        ("the full check", checking),
        ("1,000 ConfigMaps, which takes ShellCheck minutes", linting),
        ("growth", growth),
    ];
    let asked: Vec<String> = std::env::args().skip(3).collect();
    for (what, section) in all {
        if !asked.is_empty() && !asked.iter().any(|word| what.contains(word.as_str())) {
            continue;
        }
        eprintln!("bench: measuring {what}");
        let section = section(&tools);
        print(&section);
        sections.push(section);
    }
    let path = tools.folder.join("report.json");
    let json = serde_json::to_vec_pretty(&sections).expect("a report");
    std::fs::write(&path, json).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    println!("\nwritten to {}", path.display());
}

fn parsing(_: &Tools) -> Section {
    let mut tree_sitter = parsers::tree_sitter_parser();
    let rows = measure(
        400,
        vec![
            Contender::computed("hookgate-shell: statements and words", 10, || {
                drop(std::hint::black_box(hookgate_shell::parse(SCRIPT.as_bytes())));
            }),
            Contender::computed("brush-parser 0.4: statements and words", 2, || parsers::brush_words(SCRIPT)),
            Contender::computed("brush-parser 0.4: statements, words raw", 2, || {
                parsers::brush_statements(SCRIPT)
            }),
            Contender::computed("tree-sitter-bash 0.25: with a visit of its nodes", 2, || {
                parsers::tree_sitter(&mut tree_sitter, SCRIPT);
            }),
        ],
    );
    let ratio = rows[1].ratio;
    let targets = vec![target(
        format!("at least 5 times as fast as brush-parser with words: {ratio:.1} times"),
        ratio >= 5.0,
    )];
    Section { title: format!("Parsing a script of {} bytes", SCRIPT.len()), rows, targets }
}

fn checking(tools: &Tools) -> Section {
    let (scripts, _) = write_inputs(&tools.folder.join("input"), SCRIPT, TOGETHER as usize);
    let input = tools.folder.join("input.json");
    let map = serde_json::json!({ "kind": "ConfigMap", "data": { "hooks.sh": SCRIPT } });
    std::fs::write(&input, map.to_string()).expect("a ConfigMap");
    let policy_file = tools.folder.join("policy.rego");
    let mut opa = Opa::start(&tools.folder.join("opa-bench"), &policy_file, &input);
    let policy = Policy::default();
    let shellcheck = |paths: &[PathBuf]| {
        let mut command = Command::new("shellcheck");
        command.args(paths);
        run(command, &[0, 1]);
    };
    let rows = measure(
        15,
        vec![
            Contender::computed("hookgate-policy: restricted", 40, || {
                drop(std::hint::black_box(check(SCRIPT.as_bytes(), &policy)));
            }),
            Contender {
                name: "OPA as a library, prepared query, regular expressions".to_owned(),
                run: Box::new(|| opa.evaluate(50)),
            },
            Contender::timed("opa eval, regular expressions, one call each", 1, || {
                let mut command = Command::new(tools.folder.join("opa"));
                command.arg("eval").arg("-d").arg(&policy_file).arg("-i").arg(&input).arg("data.hooks.deny");
                run(command, &[0]);
            }),
            Contender::shared(&format!("ShellCheck, {TOGETHER} scripts in one call"), TOGETHER, || {
                shellcheck(&scripts);
            }),
            Contender::timed("ShellCheck, one call each", 1, || shellcheck(&scripts[..1])),
        ],
    );
    let micros = rows[0].median / 1e3;
    let targets = vec![target(format!("under 100 µs at the median: {micros:.1} µs"), micros < 100.0)];
    Section { title: format!("The full check of a script of {} bytes", SCRIPT.len()), rows, targets }
}

fn linting(tools: &Tools) -> Section {
    let (scripts, maps) = write_inputs(&tools.folder.join("input"), SCRIPT, MAPS);
    let rows = measure(
        3,
        vec![
            Contender::timed("hookgate lint, all in one call", 1, || {
                let mut command = Command::new(&tools.hookgate);
                command.arg("lint").arg(&maps);
                run(command, &[0]);
            }),
            Contender::timed("ShellCheck, all scripts in one call", 1, || {
                let mut command = Command::new("shellcheck");
                command.args(&scripts);
                run(command, &[0, 1]);
            }),
        ],
    );
    let ratio = rows[1].ratio;
    let targets = vec![target(format!("less than a tenth of ShellCheck's time: 1/{ratio:.0}"), ratio > 10.0)];
    Section { title: format!("{MAPS} ConfigMaps"), rows, targets }
}

/// The sizes that are compared: `restricted` refuses more than 256 KiB, so that 1 MiB is what the growth up to there
/// says of it.
fn growth(_: &Tools) -> Section {
    const SMALL: usize = 3 * 1024;
    const LARGE: usize = 252 * 1024;
    let policy = Policy::default();
    let mut rows = Vec::new();
    let mut worst = (0.0, "");
    for (name, shape) in shapes::SHAPES {
        let (small, large) = (shape(SMALL), shape(LARGE));
        let contender = |text: &str, batch| {
            let text = text.to_owned();
            let policy = &policy;
            Contender::computed(&format!("{name}: {} bytes", text.len()), batch, move || {
                drop(std::hint::black_box(check(text.as_bytes(), policy)));
            })
        };
        let contenders = vec![contender(&small, 20), contender(&large, 1)];
        let measured = measure(25, contenders);
        // Linear beyond the limit on size: so many times as long for 1 MiB as for 3 KB.
        let growth =
            measured[1].ratio * (1024.0 * 1024.0 / large.len() as f64) * (small.len() as f64 / SMALL as f64);
        if growth > worst.0 {
            worst = (growth, name);
        }
        rows.extend(measured);
    }
    let text = format!(
        "1 MiB in no more than 400 times the time of 3 KB: {:.0} times for the worst shape, {} (from 252 KiB, as a script may have 256 KiB)",
        worst.0, worst.1
    );
    Section {
        title: "Growth of the full check with the size".to_owned(),
        rows,
        targets: vec![target(text, worst.0 <= 400.0)],
    }
}

fn print(section: &Section) {
    println!("\n{}", section.title);
    println!("{:>12} {:>10} {:>12} {:>12} {:>9}", "median", "MAD", "5 %", "95 %", "ratio");
    for row in &section.rows {
        let Measured { name, median, mad, p5, p95, ratio } = row;
        println!(
            "{:>12} {:>10} {:>12} {:>12} {ratio:>9.2}  {name}",
            time(*median),
            time(*mad),
            time(*p5),
            time(*p95)
        );
    }
    for Target { text, met } in &section.targets {
        println!("  {} {text}", if *met { "met:   " } else { "MISSED:" });
    }
}

fn time(nanoseconds: f64) -> String {
    match nanoseconds {
        n if n < 1e6 => format!("{:.1} µs", n / 1e3),
        n if n < 1e9 => format!("{:.2} ms", n / 1e6),
        n => format!("{:.2} s", n / 1e9),
    }
}
