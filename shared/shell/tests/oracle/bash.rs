//! `bash -n`: what it accepts we accept, and what it rejects we reject, apart from what is written down.

use crate::complaint::complaint;
use crate::random::seeds;
use crate::shrink::shrink;
use crate::{corpus, generate, soup};
use hookgate_shell::{ErrorKind, parse};

/// Refusals of what bash accepts, in some version or with some option: see `REFUSALS.md`.
fn deliberate(kind: &ErrorKind) -> bool {
    !matches!(
        kind,
        ErrorKind::Unterminated { .. } | ErrorKind::Unexpected { .. } | ErrorKind::InvalidCondition
    )
}

/// How the verdicts about a script compare.
enum Verdict {
    BothAccept,
    BothReject,
    Wrong(String),
}

fn verdict(script: &str) -> Verdict {
    match (complaint(script), parse(script.as_bytes())) {
        (None, Ok(_)) => Verdict::BothAccept,
        (None, Err(error)) if !deliberate(&error.kind) && !later(script) => {
            Verdict::Wrong(format!("bash accepts, we say {error}"))
        }
        (Some(said), Ok(_)) if !crate::refusals::is_lax(script) => {
            Verdict::Wrong(format!("we accept, bash says {said}"))
        }
        _ => Verdict::BothReject,
    }
}

/// Compares the verdicts about a script, and says whether both accept; what is wrong goes to `wrong`.
fn compare(script: &str, wrong: &mut Vec<String>) -> bool {
    match verdict(script) {
        Verdict::BothAccept => true,
        Verdict::BothReject => false,
        Verdict::Wrong(how) => {
            let direction = how.starts_with("bash");
            let same = |script: &str| matches!(verdict(script), Verdict::Wrong(how) if how.starts_with("bash") == direction);
            // The first ones are enough to look at.
            let script = if wrong.len() < 6 { shrink(script, same) } else { script.to_owned() };
            if let Verdict::Wrong(how) = verdict(&script) {
                wrong.push(format!("{how}:\n{script}"));
            }
            false
        }
    }
}

/// Bash reads the inside of these only when it runs them; here they are read with the rest.
fn later(script: &str) -> bool {
    ["`", "<<", "((", "$[", "${", "["].iter().any(|opening| script.contains(opening))
}

fn report(mut wrong: Vec<String>, what: &str) {
    wrong.sort_by_key(String::len);
    let shown = wrong.iter().take(8).cloned().collect::<Vec<_>>().join("\n----\n");
    assert!(wrong.is_empty(), "{} of {what} are read in another way:\n{shown}", wrong.len());
}

#[test]
fn written_cases_are_accepted_and_rejected() {
    let mut wrong = Vec::new();
    for case in corpus::accepted() {
        if !compare(case, &mut wrong) {
            wrong.push(format!(
                "not accepted by both: {:?} {:?}\n{case}",
                complaint(case),
                parse(case.as_bytes()).err()
            ));
        }
    }
    for case in corpus::rejected() {
        if complaint(case).is_none() || parse(case.as_bytes()).is_ok() {
            wrong.push(format!("not rejected by both:\n{case}"));
        }
    }
    assert!(corpus::accepted().count() > 100 && corpus::rejected().count() > 40);
    report(wrong, "the cases");
}

#[test]
fn the_corpora_are_accepted() {
    let mut wrong = Vec::new();
    let files = corpus::files();
    let accepted = files.iter().filter(|(_, text)| compare(text, &mut wrong)).count();
    assert!(accepted * 10 > files.len() * 9, "{accepted} of {} are accepted by both", files.len());
    report(wrong, "the corpora");
}

#[test]
fn generated_scripts_are_accepted() {
    let mut wrong = Vec::new();
    let seeds = seeds(700);
    let count = seeds.end - seeds.start;
    let accepted = seeds.filter(|seed| compare(&generate::script(*seed), &mut wrong)).count();
    println!("{accepted} of {count} generated scripts are accepted by both");
    assert!(accepted as u64 * 10 > count * 8, "only {accepted} of {count} are accepted by both");
    report(wrong, "the generated scripts");
}

#[test]
fn damaged_scripts_are_judged_alike() {
    let mut wrong = Vec::new();
    let seeds = seeds(700);
    let count = seeds.end - seeds.start;
    let accepted = seeds.filter(|seed| compare(&soup::script(*seed), &mut wrong)).count();
    println!("{accepted} of {count} damaged scripts are accepted by both");
    report(wrong, "the damaged scripts");
    assert!(accepted as u64 * 20 > count, "only {accepted} of {count} are accepted by both");
}
