//! The guide's examples, with a name added and the comments of the first removed.

use serde_json::{Value, json};

/// The first: single files.
pub fn first(cluster: &str, test: &str, address: &str) -> Value {
    json!({
        "apiVersion": "platform.tkestack.io/v1",
        "kind": "Cluster",
        "metadata": {"name": cluster, "labels": {"test": test}},
        "spec": {
            "clusterCIDR": "10.244.0.0/16",
            "type": "Baremetal",
            "version": "1.14.10",
            "machines": [{"ip": address, "port": 22, "username": "root", "password": "MTIzNDU2"}],
            "features": {
                "files": [
                    {"src": "hooks/pre-install", "dst": "/tmp/hooks/pre-install"},
                    {"src": "hooks/post-install", "dst": "/tmp/hooks/post-install"},
                ],
                "hooks": {"PreInstall": "/tmp/hooks/pre-install", "PostInstall": "/tmp/hooks/post-install"},
            },
        },
    })
}

/// The second: folders, and hooks for the cluster, which get its labels and annotations.
pub fn second(cluster: &str, test: &str, address: &str) -> Value {
    json!({
        "apiVersion": "platform.tkestack.io/v1",
        "kind": "Cluster",
        "metadata": {
            "name": cluster,
            "labels": {"location": "xa", "test": test},
            "annotations": {"node.alpha.kubernetes.io/test": "hello"},
        },
        "spec": {
            "clusterCIDR": "10.244.0.0/16",
            "tenantID": "default",
            "type": "Baremetal",
            "version": "1.18.3",
            "machines": [
                {"ip": address, "port": 22, "username": "root", "password": "TGV0bWVpbjEyMywuMQ=="},
            ],
            "features": {
                "files": [{"src": "hooks/pre", "dst": "/tmp/hooks/pre"}, {"src": "hooks/post", "dst": "/tmp/hooks/post"}],
                "hooks": {
                    "PreInstall": "/tmp/hooks/pre/pre-install",
                    "PostInstall": "/tmp/hooks/post/post-install",
                    "PreClusterInstall": "/tmp/hooks/pre/cluster-pre-install",
                    "PostClusterInstall": "/tmp/hooks/post/cluster-post-install",
                },
            },
        },
    })
}
