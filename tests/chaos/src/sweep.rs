//! Strikes at every request of an upgrade.

use crate::strike::{Kind, Side, Strikes};
use std::collections::{BTreeMap, BTreeSet};

/// The operator dies at everything that it asks for: before and after each request that changes something (of the records in
/// the status: each different one), at each different question to an FE between two effects, and at each different read of
/// the API server once.
///
/// It ends: a setting has its effect at the second try, an object at the third at the latest. A statement whose answer is
/// lost counts as failed, and is sent again a few times only: its third try is let through, with the record of its answer,
/// and questions aren't struck anew because of it.
#[derive(Clone, Debug, Default)]
pub struct Sweep {
    tries: BTreeMap<String, u32>,
    questions: BTreeSet<String>,
    reads: BTreeSet<String>,
    /// An answer is on its way to its record.
    is_let_through: bool,
}

impl Strikes for Sweep {
    fn strike(&mut self, kind: Kind, what: &str) -> Option<Side> {
        if self.is_let_through {
            self.is_let_through = kind != Kind::Status;
            return None;
        }
        match kind {
            Kind::Read => return first(&mut self.reads, what),
            Kind::Query => return first(&mut self.questions, what),
            Kind::Status | Kind::Effect | Kind::Change => {}
        }
        let tries = self.tries.entry(what.to_owned()).or_default();
        *tries += 1;
        // A setting and an object can be looked at afterwards, so that no answer matters.
        let is_statement = kind == Kind::Change && !what.to_ascii_uppercase().starts_with("ADMIN SET");
        let turn = match kind {
            Kind::Status => *tries,
            // What belongs to it may be the next request of the same pass, as the Job of a NetworkPolicy.
            _ if is_statement || kind == Kind::Effect => (*tries - 1) % 3 + 1,
            _ => (*tries - 1) % 2 + 1,
        };
        self.is_let_through = is_statement && turn == 3;
        if turn == 2 && kind != Kind::Status && !is_statement {
            self.questions.clear();
        }
        match turn {
            1 => Some(Side::Before),
            2 => Some(Side::After),
            _ => None,
        }
    }

    fn left(&self) -> usize {
        0
    }
}

fn first(struck: &mut BTreeSet<String>, what: &str) -> Option<Side> {
    struck.insert(what.to_owned()).then_some(Side::Before)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_struck_on_both_sides_and_questions_anew_after_each_effect() {
        let mut sweep = Sweep::default();
        let mut at = |kind, what| sweep.strike(kind, what);
        let set = "ADMIN SET FRONTEND CONFIG (\"a\" = \"0\") at 10.0.0.1";
        assert_eq!(at(Kind::Query, "SHOW FRONTENDS"), Some(Side::Before));
        assert_eq!(at(Kind::Query, "SHOW FRONTENDS"), None);
        assert_eq!(at(Kind::Change, set), Some(Side::Before));
        assert_eq!(at(Kind::Query, "SHOW FRONTENDS"), None, "nothing has changed");
        assert_eq!(at(Kind::Status, "PUT status"), Some(Side::Before));
        assert_eq!(at(Kind::Status, "PUT status"), Some(Side::After));
        assert_eq!(at(Kind::Query, "SHOW FRONTENDS"), None, "it is only written down");
        assert_eq!(at(Kind::Change, set), Some(Side::After));
        assert_eq!(at(Kind::Query, "SHOW FRONTENDS"), Some(Side::Before));
        assert_eq!(at(Kind::Change, set), Some(Side::Before), "it is sent for another reason");
        assert_eq!((at(Kind::Read, "GET a"), at(Kind::Read, "GET a")), (Some(Side::Before), None));
    }

    #[test]
    fn a_statement_that_is_sent_a_few_times_only_succeeds_in_the_end() {
        let mut sweep = Sweep::default();
        let sides = [(); 3].map(|()| sweep.strike(Kind::Change, "ALTER SYSTEM CREATE IMAGE at 10.0.0.1"));
        assert_eq!(sides, [Some(Side::Before), Some(Side::After), None]);
        assert_eq!(sweep.strike(Kind::Query, "SHOW FRONTENDS"), None);
        assert_eq!(sweep.strike(Kind::Status, "record 1"), None, "the answer is written down");
        let sides = [(); 4].map(|()| sweep.strike(Kind::Status, "record 1"));
        assert_eq!(sides, [Some(Side::Before), Some(Side::After), None, None]);
    }
}
