//! What one FE knows at one moment, and the tables that it shows of it. Columns are those of StarRocks'
//! `FrontendsProcNode.java`, `BackendsProcDir.java`, `ComputeNodeProcDir.java`, `StatisticProcDir.java` and
//! `ClusterBalanceProcDir.java`.

use jiff::Timestamp;

use super::health::{Health, NodePulse, Pulse};
use super::settings::Settings;
use super::state::{Node, State};
use super::tablets::{TabletCounts, TabletRules, count};
use crate::event::NodeKind;
use crate::fault::TabletFaults;

/// Rows and the names of their columns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    /// The columns' names.
    pub columns: Vec<String>,
    /// The rows; None is NULL.
    pub rows: Vec<Vec<Option<String>>>,
}

impl Table {
    /// An empty table with these columns.
    pub fn new(columns: &[&str]) -> Self {
        Self { columns: columns.iter().map(|name| (*name).to_owned()).collect(), rows: Vec::new() }
    }

    /// Adds a row without NULLs.
    pub fn push<T: Into<String>>(&mut self, row: impl IntoIterator<Item = T>) {
        self.rows.push(row.into_iter().map(|value| Some(value.into())).collect());
    }
}

/// What one FE knows at one moment.
#[derive(Debug, Clone)]
pub struct View {
    /// Its own id.
    pub me: String,
    /// The leader's id, if it knows one.
    pub leader: Option<String>,
    /// The metadata.
    pub state: State,
    /// The leader's heartbeats, as this FE last heard of them.
    pub health: Health,
    /// How tablets are counted.
    pub rules: TabletRules,
    /// What a test wants to see of tablets.
    pub tablet_faults: TabletFaults,
    /// Tables with one replica, as `db.table`.
    pub single_replica_tables: Vec<String>,
    /// The moment.
    pub now: Timestamp,
}

/// A time as StarRocks shows it, here in UTC.
pub fn show_time(time: Option<Timestamp>) -> String {
    time.map_or_else(|| "NULL".to_owned(), |time| time.strftime("%Y-%m-%d %H:%M:%S").to_string())
}

impl View {
    /// `SHOW FRONTENDS`.
    pub fn frontends(&self) -> Table {
        let mut table = Table::new(&[
            "Name",
            "IP",
            "EditLogPort",
            "HttpPort",
            "QueryPort",
            "RpcPort",
            "Role",
            "ClusterId",
            "Join",
            "Alive",
            "ReplayedJournalId",
            "LastHeartbeat",
            "IsHelper",
            "ErrMsg",
            "StartTime",
            "Version",
        ]);
        let unknown = Pulse::default();
        for frontend in &self.state.frontends {
            let id = frontend.id();
            let pulse = self.health.frontends.get(&id).unwrap_or(&unknown);
            let is_leader = self.leader.as_ref() == Some(&id);
            // The answering FE always calls itself alive.
            let alive = pulse.alive || id == self.me;
            let journal = if id == self.me { self.state.position.journal } else { pulse.journal };
            table.push([
                frontend.name.clone(),
                frontend.host.clone(),
                frontend.edit_log_port.to_string(),
                frontend.http_port.to_string(),
                frontend.query_port.to_string(),
                frontend.rpc_port.to_string(),
                if is_leader { "LEADER" } else { "FOLLOWER" }.to_owned(),
                self.state.cluster_id.to_string(),
                "true".to_owned(),
                alive.to_string(),
                journal.to_string(),
                show_time(pulse.last_heartbeat),
                (frontend == &self.state.frontends[0]).to_string(),
                pulse.error.clone(),
                show_time(pulse.started.filter(|_| alive)),
                pulse.version.clone().unwrap_or_else(|| "NULL".to_owned()),
            ]);
        }
        table
    }

    /// `SHOW BACKENDS`.
    pub fn backends(&self) -> Table {
        let mut table = Table::new(&[
            "BackendId",
            "IP",
            "HeartbeatPort",
            "BePort",
            "HttpPort",
            "BrpcPort",
            "LastStartTime",
            "LastHeartbeat",
            "Alive",
            "SystemDecommissioned",
            "ClusterDecommissioned",
            "TabletNum",
            "DataUsedCapacity",
            "AvailCapacity",
            "TotalCapacity",
            "UsedPct",
            "MaxDiskUsedPct",
            "ErrMsg",
            "Version",
            "Status",
            "DataTotalCapacity",
            "DataUsedPct",
            "CpuCores",
            "NumRunningQueries",
            "MemUsedPct",
            "CpuUsedPct",
        ]);
        let tablets = self.tablets();
        for (node, pulse) in self.nodes(NodeKind::Backend) {
            let pulse = pulse.cloned().unwrap_or_default();
            let mut row = node_columns(node, &pulse);
            row.extend([node.decommissioned.to_string(), "false".to_owned()]);
            let number = if pulse.pulse.started.is_some() { tablets.per_backend } else { 0 };
            row.push(number.to_string());
            row.extend(["1.000 GB", "9.000 GB", "10.000 GB", "10.00 %", "10.00 %"].map(str::to_owned));
            row.extend([pulse.pulse.error.clone(), pulse.pulse.version.clone().unwrap_or_default()]);
            let report = show_time(pulse.pulse.last_heartbeat);
            row.push(format!("{{\"lastSuccessReportTabletsTime\":\"{report}\"}}"));
            row.extend(["10.000 GB", "10.00 %", "2", "0", "5.00 %", "1.0 %"].map(str::to_owned));
            table.push(row);
        }
        table
    }

    /// `SHOW COMPUTE NODES`.
    pub fn compute_nodes(&self) -> Table {
        let mut table = Table::new(&[
            "ComputeNodeId",
            "IP",
            "HeartbeatPort",
            "BePort",
            "HttpPort",
            "BrpcPort",
            "LastStartTime",
            "LastHeartbeat",
            "Alive",
            "SystemDecommissioned",
            "ClusterDecommissioned",
            "ErrMsg",
            "Version",
            "CpuCores",
            "NumRunningQueries",
            "MemUsedPct",
            "CpuUsedPct",
            "HasStoragePath",
        ]);
        for (node, pulse) in self.nodes(NodeKind::ComputeNode) {
            let pulse = pulse.cloned().unwrap_or_default();
            let mut row = node_columns(node, &pulse);
            row.extend([node.decommissioned.to_string(), "false".to_owned()]);
            row.extend([pulse.pulse.error.clone(), pulse.pulse.version.clone().unwrap_or_default()]);
            row.extend(["2", "0", "5.00 %", "1.0 %", "false"].map(str::to_owned));
            table.push(row);
        }
        table
    }

    /// `SHOW PROC '/statistic'`.
    pub fn statistic(&self) -> Table {
        let mut table = Table::new(&[
            "DbId",
            "DbName",
            "TableNum",
            "PartitionNum",
            "IndexNum",
            "TabletNum",
            "ReplicaNum",
            "UnhealthyTabletNum",
            "InconsistentTabletNum",
            "CloningTabletNum",
            "ErrorStateTabletNum",
        ]);
        let counts = self.tablets();
        let numbers = [
            counts.tables,
            counts.partitions,
            counts.partitions,
            counts.tablets,
            counts.replicas,
            counts.unhealthy,
            counts.inconsistent,
            counts.running,
            counts.error_state,
        ];
        // The total's DbName is the number of databases.
        for (id, name) in [("10100", "shop"), ("Total", "1")] {
            let numbers = numbers.iter().map(u64::to_string);
            table.push([id.to_owned(), name.to_owned()].into_iter().chain(numbers));
        }
        table
    }

    /// `SHOW PROC '/cluster_balance'`. Only the leader's scheduler works; a follower's numbers are 0.
    pub fn cluster_balance(&self) -> Table {
        let mut table = Table::new(&["Item", "Number"]);
        let leads = self.leader.as_ref() == Some(&self.me);
        let counts = if leads { self.tablets() } else { TabletCounts::default() };
        let slots = if leads { self.nodes(NodeKind::Backend).count() } else { 0 };
        for (item, number) in [
            ("cluster_load_stat", 1),
            ("working_slots", slots as u64),
            ("sched_stat", u64::from(leads)),
            ("priority_repair", 0),
            ("pending_tablets", counts.pending),
            ("running_tablets", counts.running),
            ("history_tablets", 0),
        ] {
            table.push([item.to_owned(), number.to_string()]);
        }
        table
    }

    /// `information_schema.partitions_meta`, with those of its columns that have a meaning here.
    pub fn partitions_meta(&self) -> Table {
        let mut table = Table::new(&[
            "DB_NAME",
            "TABLE_NAME",
            "PARTITION_NAME",
            "PARTITION_ID",
            "BUCKETS",
            "REPLICATION_NUM",
        ]);
        let copies = self.nodes(NodeKind::Backend).count().clamp(1, 3);
        let singles = self.single_replica_tables.iter().map(|table| {
            let (database, table) = table.split_once('.').unwrap_or(("shop", table));
            (database, table, 1)
        });
        for (number, (database, name, replicas)) in
            std::iter::once(("shop", "orders", copies)).chain(singles).enumerate()
        {
            table.push([
                database.to_owned(),
                name.to_owned(),
                name.to_owned(),
                (10_200 + number).to_string(),
                super::tablets::TABLETS_PER_PARTITION.to_string(),
                replicas.to_string(),
            ]);
        }
        table
    }

    /// The tables that `SHOW PROC` knows by path.
    pub fn proc(&self, path: &str) -> Option<Table> {
        match path.trim_matches('/') {
            "frontends" => Some(self.frontends()),
            "backends" => Some(self.backends()),
            "compute_nodes" => Some(self.compute_nodes()),
            "statistic" => Some(self.statistic()),
            "cluster_balance" => Some(self.cluster_balance()),
            _ => None,
        }
    }

    /// The counts of tablets.
    pub fn tablets(&self) -> TabletCounts {
        let backends: Vec<_> = self.nodes(NodeKind::Backend).collect();
        count(&backends, &self.rules, &self.tablet_faults, self.now)
    }

    /// BEs alive, and all.
    pub fn backends_online(&self) -> (usize, usize) {
        let alive = self.nodes(NodeKind::Backend).filter(|(_, p)| p.is_some_and(|p| p.pulse.alive)).count();
        (alive, self.nodes(NodeKind::Backend).count())
    }

    fn nodes(&self, kind: NodeKind) -> impl Iterator<Item = (&Node, Option<&NodePulse>)> {
        let nodes = self.state.nodes.iter().filter(move |node| node.kind == kind);
        nodes.map(|node| (node, self.health.nodes.get(&node.id)))
    }
}

/// `ADMIN SHOW FRONTEND CONFIG`.
pub fn settings(settings: &Settings, pattern: Option<&str>) -> Table {
    let mut table = Table::new(&["Key", "AliasNames", "Value", "Type", "IsMutable", "Comment"]);
    for (setting, value) in settings.matching(pattern) {
        table.push([
            setting.key.to_owned(),
            format!("[{}]", setting.alias.unwrap_or_default()),
            value.to_owned(),
            setting.kind.name().to_owned(),
            setting.mutable.to_string(),
            String::new(),
        ]);
    }
    table
}

/// The columns that BEs and CNs begin with, up to `Alive`.
fn node_columns(node: &Node, pulse: &NodePulse) -> Vec<String> {
    vec![
        node.id.to_string(),
        node.host.clone(),
        node.heartbeat_port.to_string(),
        pulse.be_port.to_string(),
        pulse.http_port.to_string(),
        pulse.brpc_port.to_string(),
        show_time(pulse.pulse.started),
        show_time(pulse.pulse.last_heartbeat),
        pulse.pulse.alive.to_string(),
    ]
}

#[cfg(test)]
#[path = "view_tests.rs"]
mod tests;
