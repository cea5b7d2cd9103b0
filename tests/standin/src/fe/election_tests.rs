use super::*;

const PATIENCE: u64 = 1000;

fn members(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("fe-{n}:9010")).collect()
}

fn at(term: u64, journal: u64) -> Position {
    Position { term, journal }
}

fn election(me: usize) -> Election {
    Election::new(members(9)[me].clone(), 3, None, PATIENCE, 0)
}

/// Ticks as the shell does until there's something to do, or the time is over.
fn tick_until(election: &mut Election, from: u64, to: u64, all: &[String]) -> Option<(u64, Action)> {
    (from..=to).step_by(50).find_map(|now| Some((now, election.tick(now, all, at(3, 5))?)))
}

fn ballot(term: u64, preliminary: bool, candidate: usize, position: Position) -> Ballot {
    Ballot { term, preliminary, candidate: members(9)[candidate].clone(), position }
}

fn leader(me: usize, count: usize) -> Election {
    let mut election = election(me);
    let all = members(count);
    let first = ballot(4, true, me, at(3, 5));
    let granted: Vec<_> = all.iter().filter(|id| **id != all[me]).cloned().collect();
    let Counted::Campaign(second) = election.count(0, &first, &granted, &all, 3) else { panic!("not won") };
    assert_eq!(election.count(0, &second, &granted, &all, 4), Counted::Won);
    election
}

#[test]
fn a_follower_campaigns_when_its_leader_is_silent_for_long_and_not_before() {
    let all = members(3);
    let mut election = election(1);
    election.follow(500, 3, &all[0]);
    let (now, action) = tick_until(&mut election, 500, 5000, &all).unwrap();
    assert!((1500..2550).contains(&now), "{now}");
    assert!(matches!(action, Action::Campaign(Ballot { term: 4, preliminary: true, .. })), "{action:?}");
    assert_eq!(election.leader(), None);
    assert_eq!(election.term(), 3, "a preliminary vote leaves the term as it is");
}

#[test]
fn an_fe_alone_leads_at_once() {
    let all = members(1);
    let mut election = election(0);
    let Some(Action::Campaign(first)) = election.tick(0, &all, at(1, 1)) else { panic!("no campaign") };
    let Counted::Campaign(second) = election.count(0, &first, &[], &all, 0) else { panic!("not won") };
    assert_eq!(election.count(0, &second, &[], &all, 0), Counted::Won);
    assert_eq!(election.leader(), Some(all[0].as_str()));
}

#[test]
fn who_hears_a_leader_votes_for_nobody() {
    let all = members(3);
    let mut election = election(1);
    election.follow(0, 3, &all[0]);
    for preliminary in [true, false] {
        assert!(!election.vote(900, &ballot(9, preliminary, 2, at(9, 9)), at(3, 5)));
    }
    assert_eq!(election.term(), 3, "a disturber doesn't raise the term");
    assert!(election.vote(1100, &ballot(4, true, 2, at(3, 5)), at(3, 5)));
}

#[test]
fn one_vote_a_term_and_none_for_an_older_journal() {
    let mut election = election(1);
    assert!(!election.vote(0, &ballot(4, false, 2, at(3, 4)), at(3, 5)), "an older journal");
    assert!(election.vote(0, &ballot(4, false, 2, at(3, 5)), at(3, 5)));
    assert!(election.vote(0, &ballot(4, false, 2, at(3, 5)), at(3, 5)), "the same again");
    assert!(!election.vote(0, &ballot(4, false, 0, at(3, 9)), at(3, 5)), "another one");
    assert!(!election.vote(0, &ballot(3, false, 0, at(3, 9)), at(3, 5)), "an older term");
}

#[test]
fn votes_of_strangers_and_of_a_minority_are_not_enough() {
    let all = members(3);
    let first = ballot(4, true, 0, at(3, 5));
    assert_eq!(election(0).count(0, &first, &[], &all, 3), Counted::Lost);
    assert_eq!(election(0).count(0, &first, &["x:1".to_owned()], &all, 3), Counted::Lost);
    assert_eq!(election(0).count(0, &first, &all[..1], &all, 3), Counted::Lost, "its own vote counts once");
    let mut behind = election(0);
    assert_eq!(behind.count(0, &first, &all[1..], &all, 8), Counted::Lost, "others are further");
    assert_eq!(behind.term(), 8);
}

#[test]
fn a_leader_without_a_majority_steps_down() {
    let all = members(3);
    let mut election = leader(0, 3);
    let acknowledged = |election: &mut Election, now| election.acknowledge(now, &all[1]);
    for now in (0..5000).step_by(50) {
        acknowledged(&mut election, now);
        assert_eq!(election.tick(now, &all, at(4, 5)), None, "one follower of two is enough");
    }
    let (now, action) = tick_until(&mut election, 5000, 9000, &all).unwrap();
    assert!((5950..=6050).contains(&now), "{now}");
    assert_eq!(action, Action::SteppedDown { term: 4, reason: "only 1 of 3 FEs answer".into() });
    assert!(!election.leads() && election.leader().is_none());
}

#[test]
fn a_leader_that_comes_back_to_a_newer_term_follows() {
    let all = members(3);
    let mut election = leader(0, 3);
    let (accepted, stepped) = election.follow(100, 5, &all[2]);
    assert!(accepted && matches!(stepped, Some(Action::SteppedDown { term: 4, .. })));
    assert_eq!((election.leader(), election.leads()), (Some(all[2].as_str()), false));
    assert!(!election.follow(200, 4, &all[1]).0, "the older leader is refused");
}

#[test]
fn a_refusal_from_a_newer_term_ends_leadership() {
    let mut election = leader(0, 3);
    assert_eq!(election.refused(100, 4, None), None, "a follower that couldn't store it");
    assert!(election.refused(100, 6, None).is_some());
    assert_eq!((election.leads(), election.term()), (false, 6));
}

#[test]
fn of_two_leaders_of_one_term_one_gives_way() {
    let all = members(3);
    let (mut small, mut great) = (leader(0, 3), leader(2, 3));
    assert!(!great.follow(100, 4, &all[0]).0, "the greater id stays");
    assert!(small.follow(100, 4, &all[2]).0);
    let mut small = leader(0, 3);
    assert!(small.refused(100, 4, Some(&all[2])).is_some(), "or learns it from the refusal");
}

#[test]
fn a_process_that_stood_still_blames_itself_first() {
    let all = members(3);
    let mut paused = leader(0, 3);
    assert_eq!(paused.tick(50, &all, at(4, 5)), None);
    assert_eq!(paused.tick(30_000, &all, at(4, 5)), None, "the others had no chance to answer");
    let mut follower = election(1);
    follower.follow(0, 3, &all[0]);
    assert_eq!(follower.tick(30_000, &all, at(3, 5)), None);
    assert_eq!(follower.leader(), Some(all[0].as_str()));
}

#[test]
fn who_is_no_member_stays_quiet() {
    let mut dropped = election(5);
    assert_eq!(tick_until(&mut dropped, 0, 20_000, &members(3)), None);
}

#[test]
fn majorities() {
    assert_eq!([1, 2, 3, 4, 5].map(majority), [1, 2, 2, 3, 3]);
}
