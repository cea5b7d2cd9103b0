//! Waiting for nodes, with an API server that answers what it's told.

use super::Hooks;
use serde_json::{Value, json};
use std::{
    collections::VecDeque,
    fs,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
};

/// Serves these lists of nodes, one a request, the last one for ever; returns the kubeconfig.
///
/// Each connection is served by itself: a client may open one that it never uses, and it must keep nobody waiting.
fn api_server(lists: Vec<(u16, Value)>) -> Value {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let lists = Arc::new(Mutex::new(VecDeque::from(lists)));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let lists = Arc::clone(&lists);
            std::thread::spawn(move || answer(&stream.unwrap(), &lists));
        }
    });
    json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "c",
        "clusters": [{"name": "c", "cluster": {"server": format!("http://{address}")}}],
        "users": [{"name": "u", "user": {"token": "t"}}],
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
    })
}

fn answer(mut stream: &TcpStream, lists: &Mutex<VecDeque<(u16, Value)>>) {
    let mut lines = BufReader::new(stream).lines();
    let Some(Ok(request)) = lines.next() else { return };
    assert!(request.starts_with("GET /api/v1/nodes?"), "{request}");
    let _headers: Vec<String> = lines.map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
    let (code, list) = {
        let mut lists = lists.lock().unwrap();
        if lists.len() > 1 { lists.pop_front().unwrap() } else { lists[0].clone() }
    };
    let body = list.to_string();
    write!(
        stream,
        "HTTP/1.1 {code} Answer\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
}

fn nodes(ready: &[(&str, &str)]) -> Value {
    let items: Vec<Value> = ready
        .iter()
        .map(|(name, status)| {
            json!({"metadata": {"name": name}, "status": {"conditions": [
                {"type": "Ready", "status": status, "lastHeartbeatTime": null, "lastTransitionTime": null}]}})
        })
        .collect();
    json!({"apiVersion": "v1", "kind": "NodeList", "metadata": {}, "items": items})
}

/// Runs post-cluster-ready against this API server.
fn run(name: &str, lists: Vec<(u16, Value)>, more: &[&str]) -> super::Run {
    let hooks = Hooks::with(name, "post-cluster-ready", "echo nodes are ready\n");
    let kubeconfig = hooks.0.join("kubeconfig");
    let server = api_server(lists);
    fs::write(&kubeconfig, server.to_string()).unwrap();
    // One that is opened and never used.
    let address = server.pointer("/clusters/0/cluster/server").unwrap().as_str().unwrap();
    let _unused = TcpStream::connect(address.strip_prefix("http://").unwrap()).unwrap();
    let output =
        hooks.command("post-cluster-ready").args(more).env("KUBECONFIG", kubeconfig).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    super::Run { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

#[test]
fn the_hook_runs_when_all_nodes_are_ready_and_says_for_whom_it_waits() {
    let lists = vec![
        (200, nodes(&[])),
        (200, nodes(&[("a", "True"), ("b", "False")])),
        (200, nodes(&[("a", "True"), ("b", "True")])),
    ];
    let run = run("nodes", lists, &["--nodes-timeout", "60"]);
    assert_eq!((run.code, run.out.as_str()), (Some(0), "nodes are ready\n"), "{run:?}");
    let place = |part: &str| run.err.find(part).unwrap_or_else(|| panic!("{part} is not in {}", run.err));
    assert!(place("there is no node") < place("1 of 2 nodes are Ready; not yet: b"));
    assert!(place("not yet: b") < place("2 of 2 nodes are Ready"));
}

#[test]
fn nodes_that_do_not_come_stop_the_installation() {
    let run = run("nodes-late", vec![(200, nodes(&[("a", "Unknown")]))], &["--nodes-timeout", "1"]);
    assert_eq!((run.code, run.out.as_str()), (Some(125), ""), "{run:?}");
    assert!(run.err.contains("after 1 s, 0 of 1 nodes are Ready; not yet: a"), "{run:?}");
}

#[test]
fn who_may_not_list_nodes_is_told_at_once() {
    let status = json!({"apiVersion": "v1", "kind": "Status", "status": "Failure", "code": 403, "reason": "Forbidden",
        "message": "nodes is forbidden: User \"x\" cannot list resource \"nodes\""});
    let run = run("nodes-forbidden", vec![(403, status)], &["--nodes-timeout", "60"]);
    assert_eq!((run.code, run.out.as_str()), (Some(125), ""), "{run:?}");
    assert!(run.err.contains("cannot list resource"), "{run:?}");
}
