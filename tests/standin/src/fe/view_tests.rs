use super::*;
use crate::event::NodeKind;
use crate::fe::state::{Change, Frontend};

fn frontend(host: &str) -> Frontend {
    Frontend {
        name: format!("{host}_9010_1"),
        host: host.into(),
        edit_log_port: 9010,
        http_port: 8030,
        query_port: 9030,
        rpc_port: 9020,
    }
}

/// Two FEs, the first of which leads, and one BE that has died; seen by `me`.
fn view(me: &str) -> View {
    let now = Timestamp::from_second(1_700_000_000).unwrap();
    let mut state = State::first(7, frontend("a"), String::new());
    for change in [
        Change::AddFrontend { frontend: frontend("b") },
        Change::AddNode { kind: NodeKind::Backend, host: "be-0".into(), heartbeat_port: 9050 },
    ] {
        state = state.apply(&change, 1).unwrap();
    }
    let mut health = Health::default();
    let dead = health.nodes.entry(state.nodes[0].id).or_default();
    dead.pulse.beat(now, "3.2.2-0000000", now);
    dead.pulse.miss(now, "refused".into());
    dead.pulse.miss(now, "refused".into());
    let rules = TabletRules {
        unhealthy_seconds: 1,
        repair_delay_seconds: 0,
        single_replica_tables: 0,
        shared_data: false,
        max_scheduling: 10_000,
    };
    View {
        me: format!("{me}:9010"),
        leader: Some("a:9010".into()),
        state,
        health,
        rules,
        tablet_faults: TabletFaults::default(),
        single_replica_tables: Vec::new(),
        now,
    }
}

fn column(table: &Table, name: &str) -> Vec<String> {
    let at = table.columns.iter().position(|column| column == name).unwrap();
    table.rows.iter().map(|row| row[at].clone().unwrap()).collect()
}

#[test]
fn the_answering_fe_always_calls_itself_alive() {
    for (me, alive) in [("a", ["true", "false"]), ("b", ["false", "true"])] {
        let table = view(me).frontends();
        assert_eq!(column(&table, "Alive"), alive);
        assert_eq!(column(&table, "Role"), ["LEADER", "FOLLOWER"]);
        assert_eq!(column(&table, "IsHelper"), ["true", "false"], "the helper needn't be the leader");
    }
    let leaderless = View { leader: None, ..view("a") };
    assert_eq!(column(&leaderless.frontends(), "Role"), ["FOLLOWER", "FOLLOWER"]);
}

#[test]
fn a_dead_backend_keeps_its_version_and_says_why() {
    let table = view("a").backends();
    let row =
        ["Alive", "Version", "ErrMsg", "SystemDecommissioned"].map(|name| column(&table, name).remove(0));
    assert_eq!(row, ["false", "3.2.2-0000000", "refused", "false"]);
    assert_eq!(column(&table, "LastStartTime"), ["2023-11-14 22:13:20"]);
}

#[test]
fn every_row_has_all_columns() {
    let view = view("a");
    for path in ["/frontends", "backends", "/compute_nodes/", "/statistic", "/cluster_balance"] {
        let table = view.proc(path).unwrap();
        assert!(table.rows.iter().all(|row| row.len() == table.columns.len()), "{path}");
    }
    assert_eq!(view.proc("/nowhere"), None);
}

#[test]
fn statistic_ends_with_the_total_and_scheduling_is_the_leaders() {
    let table = view("b").statistic();
    assert_eq!(column(&table, "DbId"), ["10100", "Total"]);
    assert_eq!(column(&table, "UnhealthyTabletNum"), ["12", "12"], "every FE counts");
    let pending = |me| column(&view(me).cluster_balance(), "Number")[4].clone();
    assert_eq!((pending("a").as_str(), pending("b").as_str()), ("12", "0"));
}
