//! Whose status is meant: `NAME`, or `KIND/NAME` as kubectl has it.

use std::str::FromStr;

/// Whose status is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    /// A StarRocksCluster.
    StarRocksCluster(String),
    /// TKEStack's Cluster.
    Cluster(String),
}

impl FromStr for Subject {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let Some((kind, name)) = text.split_once('/') else {
            return Ok(Self::StarRocksCluster(text.to_owned()));
        };
        if name.is_empty() || name.contains('/') {
            return Err("write KIND/NAME, as cluster/production".to_owned());
        }
        let (kind, group) = kind.split_once('.').unwrap_or((kind, ""));
        match (kind.to_ascii_lowercase().as_str(), group) {
            ("starrockscluster" | "starrocksclusters" | "src", "" | "starrocks.com" | "v1.starrocks.com") => {
                Ok(Self::StarRocksCluster(name.to_owned()))
            }
            ("cluster" | "clusters" | "cls", "" | "platform.tkestack.io" | "v1.platform.tkestack.io") => {
                Ok(Self::Cluster(name.to_owned()))
            }
            _ => Err(format!(
                "there is no status of `{kind}`: name a StarRocksCluster, as src/{name}, or a TKEStack Cluster, as \
                 cluster/{name}"
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_alone_is_a_starrocks_cluster_and_kinds_are_named_as_for_kubectl() {
        let starrocks =
            |text: &str| assert_eq!(text.parse(), Ok(Subject::StarRocksCluster("a".to_owned())), "{text}");
        ["a", "src/a", "StarRocksCluster/a", "starrocksclusters.starrocks.com/a"]
            .into_iter()
            .for_each(starrocks);
        let platform = |text: &str| assert_eq!(text.parse(), Ok(Subject::Cluster("a".to_owned())), "{text}");
        ["cluster/a", "cls/a", "clusters.platform.tkestack.io/a"].into_iter().for_each(platform);
        for (text, part) in
            [("pod/a", "src/a"), ("cluster/", "KIND/NAME"), ("cluster.x-k8s.io/a", "cluster/a")]
        {
            let error = text.parse::<Subject>().unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
