//! What each FE has, and what it had before: every FE by itself, once for each time that it has started.

use crate::{
    observation::{Database, Frontend, FrontendAnswer, Member},
    plan::View,
};
use hookgate_api::status::{HeldFrontend, HeldSetting};

/// An FE that is alive, and what it answered in this pass.
pub(super) struct Alive<'a> {
    pub(super) frontend: &'a Frontend,
    pub(super) answer: &'a FrontendAnswer,
    /// When it started, in the database's words; `None` where they aren't known.
    pub(super) started_at: Option<&'a str>,
}

impl Alive<'_> {
    /// The value of a setting; `None` where this FE's version doesn't have it.
    pub(super) fn value(&self, setting: &str) -> Option<&str> {
        self.answer.settings.get(setting).map(|setting| setting.value.as_str())
    }

    /// Whether the original of a setting has been written down since this FE started.
    pub(super) fn is_noted(&self, held: &HeldSetting) -> bool {
        held.frontends.iter().any(|known| self.is_the_one(known))
    }

    /// Whether it's the FE that was written down, and has not restarted since.
    fn is_the_one(&self, known: &HeldFrontend) -> bool {
        let restarted =
            known.started_at.as_deref().zip(self.started_at).is_some_and(|(one, other)| one != other);
        is_incarnation(known, self.frontend) && !restarted
    }
}

/// Every FE that the database calls Alive, with its answer; else which of them didn't give one.
pub(super) fn alive<'a>(view: &View<'a>) -> Result<Vec<Alive<'a>>, String> {
    let Database::Asked(facts) = &view.observation.database else {
        return Err("the database has not been asked".to_owned());
    };
    let members = facts.members.as_ref().map_err(|error| format!("no FE answers: {error}"))?;
    let mut alive = Vec::new();
    for member in members.frontends.iter().filter(|member| member.alive) {
        let frontend = facts
            .frontends
            .iter()
            .find(|frontend| member.is_pod(&frontend.pod, Some(&frontend.ip)))
            .ok_or_else(|| format!("FE {} is Alive and is no pod of this cluster", member.host))?;
        let answer = frontend.answer.as_ref().map_err(|error| format!("FE {}: {error}", frontend.pod))?;
        alive.push(Alive { frontend, answer, started_at: started_at(member) });
    }
    if alive.is_empty() { Err("no FE is Alive".to_owned()) } else { Ok(alive) }
}

/// An FE that has had no heartbeat yet has no time there.
fn started_at(member: &Member) -> Option<&str> {
    Some(member.started_at.trim()).filter(|text| text.contains(|c: char| c.is_ascii_digit()))
}

/// Every FE pod that was asked.
pub(super) fn everyone<'a>(view: &View<'a>) -> &'a [Frontend] {
    match &view.observation.database {
        Database::NotAsked => &[],
        Database::Asked(facts) => &facts.frontends,
    }
}

/// Whether an FE that has just come back has another value than it, or its peers, had: while a script runs, that may be
/// what the script sets.
pub(super) fn is_doubtful(held: &HeldSetting, one: &Alive<'_>) -> bool {
    let earlier = earlier(held, one);
    let differs = |value: &str| earlier.is_some_and(|earlier| !same(value, &earlier.original));
    !one.is_noted(held) && one.value(&held.name).is_some_and(differs)
}

/// What is known of an FE from before it restarted, else of one of its peers.
fn earlier<'a>(held: &'a HeldSetting, one: &Alive<'_>) -> Option<&'a HeldFrontend> {
    let earlier = held.frontends.iter().find(|known| known.pod == one.frontend.pod);
    earlier.or_else(|| held.frontends.first())
}

/// Writes down what a setting was on an FE, once for each time that the FE has started. `ours` are the values that the
/// wave itself sets: any other that a setting has while it's held is somebody else's, and becomes what is given back.
/// `None` while it may be any.
pub(super) fn note_original(held: &mut HeldSetting, one: &Alive<'_>, ours: Option<&[String]>) {
    let Some(value) = one.value(&held.name) else { return };
    if let Some(known) = held.frontends.iter_mut().find(|known| one.is_the_one(known)) {
        if known.started_at.is_none() {
            known.started_at = one.started_at.map(str::to_owned);
        }
        if ours.is_some_and(|ours| !ours.iter().any(|ours| same(ours, value))) {
            value.clone_into(&mut known.original);
            known.changed_by_others = true;
        }
        return;
    }
    // A value of the wave's may already have been forwarded to an FE that has just come back. Then its file's value is
    // what it had the last time, or what its peers have.
    let (frontend, earlier) = (one.frontend, earlier(held, one).cloned());
    let is_ours = same(value, &held.value) || ours.unwrap_or_default().iter().any(|ours| same(ours, value));
    let (original, changed_by_others) = match earlier {
        Some(earlier) if is_ours => (earlier.original, earlier.changed_by_others),
        _ => (value.to_owned(), false),
    };
    held.frontends.retain(|known| known.pod != frontend.pod);
    held.frontends.push(HeldFrontend {
        pod: frontend.pod.clone(),
        uid: frontend.uid.clone(),
        restarts: frontend.restarts,
        started_at: one.started_at.map(str::to_owned),
        original,
        changed_by_others,
    });
    held.frontends.sort_by(|one, other| one.pod.cmp(&other.pod));
}

fn is_incarnation(known: &HeldFrontend, frontend: &Frontend) -> bool {
    known.pod == frontend.pod && known.uid == frontend.uid && known.restarts == frontend.restarts
}

/// Every FE that is alive has its original; and so has every FE that was told the held value and still runs, whether or
/// not its peers can see it.
pub(super) fn is_given_back(held: &HeldSetting, everyone: &[Frontend], alive: &[Alive<'_>]) -> bool {
    let Some(original) = held.original() else { return true };
    let has_it = |answer: &FrontendAnswer| {
        answer.settings.get(&held.name).is_none_or(|setting| same(&setting.value, original))
    };
    let was_told = |frontend: &&Frontend| held.frontends.iter().any(|known| is_incarnation(known, frontend));
    alive.iter().all(|one| has_it(one.answer))
        // A statement that was under way may have reached one that has only just started.
        && !everyone.iter().filter_map(|frontend| frontend.answer.as_ref().ok()).any(|answer| has_held_value(held, answer))
        && everyone.iter().filter(was_told).all(|frontend| frontend.answer.as_ref().is_ok_and(has_it))
}

/// Whether an FE has the held value, which isn't its own.
pub(super) fn has_held_value(held: &HeldSetting, answer: &FrontendAnswer) -> bool {
    let value = answer.settings.get(&held.name).map(|setting| setting.value.as_str());
    let is_foreign = held.original().is_some_and(|original| !same(original, &held.value));
    is_foreign && value.is_some_and(|value| same(value, &held.value))
}

/// Whether two values of a setting are the same; StarRocks writes booleans in lower case.
pub(super) fn same(one: &str, other: &str) -> bool {
    one.trim().eq_ignore_ascii_case(other.trim())
}
