//! What would happen, in words: a pure function.

use super::Planned;
use hookgate_api::gate::Canary;
use hookgate_api::status::{Direction, Trigger};
use hookgate_operator::plan::{Preview, PreviewedProxy, PreviewedStep, PreviewedWave};
use std::fmt::Write as _;

/// Says what would happen.
pub(crate) fn render(planned: &Planned) -> String {
    let mut text = format!("{}\n", planned.cluster);
    let mut line = |words: &str| {
        text.push_str(words);
        text.push('\n');
    };
    if let Some(denied) = &planned.denied {
        line("  It would be refused:");
        denied.lines().for_each(|words| line(&format!("    {words}")));
        return text;
    }
    planned.machines.iter().for_each(|words| line(words));
    let Some(preview) = &planned.preview else { return text };
    for violation in &preview.violations {
        line(&format!("  It would be refused: {}: {}", violation.path, violation.message));
    }
    if let Some((reason, message)) = &preview.refused {
        line(&format!("  Nothing would be touched ({reason}): {message}"));
    }
    if preview.is_refused() {
        return text;
    }
    if preview.is_nothing() {
        line("  Nothing would change.");
    }
    if let Some(id) = &preview.in_flight {
        line(&format!("  The wave {id} is in flight: it would take this spec up from where it is."));
    }
    sizes(preview).iter().for_each(|words| line(words));
    if let Some(wave) = &preview.wave {
        self::wave(wave).iter().for_each(|words| line(words));
    }
    for component in &preview.left_alone {
        line(&format!(
            "  {component}: this version of Hookgate renders it differently; its pods stay as they are until its next \
             change"
        ));
    }
    preview.proxy.iter().for_each(|what| line(&format!("  FE proxy: {}", proxy(what))));
    text
}

/// What becomes of the FE proxy.
fn proxy(what: &PreviewedProxy) -> String {
    match what {
        PreviewedProxy::Created(replicas) => {
            format!("it would be created with {replicas} pods, once all other components are ready")
        }
        PreviewedProxy::Deleted => "it would be deleted with its Service".to_owned(),
        PreviewedProxy::Rolled(from, to) if from == to => {
            format!("{to} with another configuration, after all other components, without hooks")
        }
        PreviewedProxy::Rolled(from, to) => {
            format!("{from} → {to}, after all other components, without hooks")
        }
        PreviewedProxy::Scaled(from, to) => {
            format!("it would be scaled from {from} to {to} pods, at once, without hooks")
        }
        PreviewedProxy::LeftAlone => {
            "this version of Hookgate renders it differently; its pods stay as they are until \
                                      its next change"
                .to_owned()
        }
        PreviewedProxy::NotAdopted(message) => message.clone(),
    }
}

/// What comes, goes, and scales.
fn sizes(preview: &Preview) -> Vec<String> {
    let mut lines = Vec::new();
    let mut after = "";
    for (component, replicas) in &preview.created {
        lines.push(format!("  {component} would be created with {replicas} pods{after}"));
        after = ", once FE is ready";
    }
    for (component, from, to) in &preview.scaled {
        let rolled = preview
            .wave
            .as_ref()
            .is_some_and(|wave| wave.steps.iter().any(|step| step.component == *component));
        let when = if rolled { "after its roll" } else { "at once, without hooks" };
        lines.push(format!("  {component} would be scaled from {from} to {to} pods, {when}"));
    }
    for component in &preview.deleted {
        lines.push(format!("  {component} would be deleted with its Services; its volumes stay"));
    }
    lines
}

fn wave(wave: &PreviewedWave) -> Vec<String> {
    let order: Vec<_> = wave.steps.iter().map(|step| step.component.to_string()).collect();
    let what = match (wave.trigger, wave.direction) {
        (Trigger::Rollback | Trigger::Abort, _) => "The way back to what ran before",
        (_, Direction::Upgrade) => "An upgrade",
        (_, Direction::Downgrade) => "A downgrade",
        (_, Direction::Change) => "A change that restarts pods",
    };
    let has_hooks = !wave.preparation.is_empty()
        || wave.steps.iter().any(|step| !step.pre_hooks.is_empty() || !step.post_hooks.is_empty());
    let hooks = if has_hooks { "" } else { ", without hooks" };
    let mut lines = vec![format!("  {what}{hooks}: {}, one pod at a time", order.join(", then "))];
    lines.extend(wave.waits.iter().map(|wait| format!("  it would wait: {wait}")));
    for (name, statement) in &wave.preparation {
        lines.push(format!("  before: {name}: {statement}"));
    }
    if !wave.held.is_empty() {
        lines.push("  held on every FE from the first hook on, and given back at the end:".to_owned());
        for (setting, value, component) in &wave.held {
            lines.push(format!("    {setting} = {value} (from {component} on)"));
        }
    }
    for (number, step) in (1..).zip(&wave.steps) {
        lines.extend(self::step(number, step));
    }
    lines.extend(wave.warnings.iter().map(|warning| format!("  warning: {warning}")));
    lines
}

fn step(number: usize, step: &PreviewedStep) -> Vec<String> {
    let change = if step.from_image == step.to_image {
        format!("{} with another configuration", step.to_image)
    } else {
        format!("{} → {}", step.from_image, step.to_image)
    };
    let mut lines = vec![format!("  {number}. {}: {change}", step.component)];
    if !step.pre_hooks.is_empty() {
        lines.push(format!("     hooks before: {}", step.pre_hooks.join(", ")));
    }
    if let Some(why) = &step.script_refused {
        lines.push("     its script would not run, and the upgrade would stop there:".to_owned());
        lines.extend(why.lines().map(|words| format!("       {words}")));
    }
    let pods = if step.pods.is_empty() { "none is left to go".to_owned() } else { step.pods.join(", ") };
    let mut pods = format!("     pods: {pods}");
    if !step.leader_known {
        // Writing to a String does not fail.
        let _infallible = write!(pods, "; the FE that leads goes last (no FE could be asked which that is)");
    }
    lines.push(pods);
    match step.canary {
        Canary::No => {}
        Canary::Stop => lines.push("     after the first pod it stops until you say `continue` (canary)".to_owned()),
        Canary::Rollback => lines.push(
            "     after the first pod it stops until you say `continue`, and goes back by itself when that pod fails its \
             gate (canary)"
                .to_owned(),
        ),
    }
    if !step.post_hooks.is_empty() {
        lines.push(format!("     hooks after: {}", step.post_hooks.join(", ")));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use hookgate_api::Component;

    fn nothing() -> Preview {
        Preview {
            violations: Vec::new(),
            refused: None,
            created: Vec::new(),
            deleted: Vec::new(),
            scaled: Vec::new(),
            wave: None,
            in_flight: None,
            left_alone: Vec::new(),
            proxy: Vec::new(),
        }
    }

    fn planned(preview: Preview) -> Planned {
        Planned::of("n/sr".to_owned(), Some(preview))
    }

    #[test]
    fn an_upgrade_says_order_hooks_settings_and_pods() {
        let step = PreviewedStep {
            component: Component::Fe,
            from_image: "fe:3.2.1".to_owned(),
            to_image: "fe:3.2.2".to_owned(),
            pre_hooks: vec!["disable-balancer", "custom"],
            pods: vec!["sr-fe-1".to_owned(), "sr-fe-0".to_owned()],
            leader_known: false,
            canary: Canary::Stop,
            post_hooks: vec!["custom"],
            script_refused: Some("HG201: line 3: kubectl".to_owned()),
        };
        let wave = PreviewedWave {
            direction: Direction::Upgrade,
            trigger: Trigger::SpecChange,
            preparation: vec![("check".to_owned(), "SHOW BACKENDS".to_owned())],
            held: vec![("tablet_sched_disable_balance".to_owned(), "true".to_owned(), Component::Fe)],
            steps: vec![step],
            waits: vec!["the upgrade window is closed".to_owned()],
            warnings: vec!["FE: a minor version is skipped".to_owned()],
        };
        let scaled = vec![(Component::Fe, 2, 3), (Component::Be, 3, 4)];
        let text = render(&planned(Preview { wave: Some(wave), scaled, ..nothing() }));
        let expected = "\
n/sr
  FE would be scaled from 2 to 3 pods, after its roll
  BE would be scaled from 3 to 4 pods, at once, without hooks
  An upgrade: FE, one pod at a time
  it would wait: the upgrade window is closed
  before: check: SHOW BACKENDS
  held on every FE from the first hook on, and given back at the end:
    tablet_sched_disable_balance = true (from FE on)
  1. FE: fe:3.2.1 → fe:3.2.2
     hooks before: disable-balancer, custom
     its script would not run, and the upgrade would stop there:
       HG201: line 3: kubectl
     pods: sr-fe-1, sr-fe-0; the FE that leads goes last (no FE could be asked which that is)
     after the first pod it stops until you say `continue` (canary)
     hooks after: custom
  warning: FE: a minor version is skipped
";
        assert_eq!(text, expected);
    }

    #[test]
    fn what_is_refused_says_why_and_nothing_else() {
        let denied = Planned { denied: Some("HG701: no such hook".to_owned()), ..planned(nothing()) };
        assert_eq!(render(&denied), "n/sr\n  It would be refused:\n    HG701: no such hook\n");
        let refused = Preview { refused: Some(("NotAdopted", "another operator".to_owned())), ..nothing() };
        assert_eq!(
            render(&planned(refused)),
            "n/sr\n  Nothing would be touched (NotAdopted): another operator\n"
        );
        assert_eq!(render(&planned(nothing())), "n/sr\n  Nothing would change.\n");
    }

    #[test]
    fn what_becomes_of_the_proxy_is_told_last() {
        let said = |proxy: PreviewedProxy| render(&planned(Preview { proxy: vec![proxy], ..nothing() }));
        let image = |tag: &str| format!("nginx:{tag}");
        assert_eq!(
            said(PreviewedProxy::Rolled(image("1"), image("2"))),
            "n/sr\n  FE proxy: nginx:1 → nginx:2, after all other components, without hooks\n"
        );
        let same = said(PreviewedProxy::Rolled(image("1"), image("1")));
        assert!(same.contains("nginx:1 with another configuration, after all other components"), "{same}");
        let created = said(PreviewedProxy::Created(2));
        assert!(created.contains("created with 2 pods, once all other components are ready"), "{created}");
        let left = said(PreviewedProxy::LeftAlone);
        assert!(left.contains("Nothing would change.\n  FE proxy: this version of Hookgate"), "{left}");
    }
}
