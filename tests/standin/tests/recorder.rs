//! The recorder and the way of events to it.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod support;

use hookgate_standin::event::{Component, Occurrence, Recorded};
use hookgate_standin::record::{EventSink, SinkOptions};
use support::{Cluster, eventually, http, recorder, recorder_at, statements};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

fn event(number: u64) -> String {
    format!(
        "{{\"time\":\"2025-01-01T00:00:00Z\",\"pod\":\"p\",\"component\":\"be\",\"instance\":\"i\",\
         \"number\":{number},\"type\":\"process_started\",\"version\":\"3.2.2\"}}\n"
    )
}

async fn say(address: std::net::SocketAddr, text: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answers = String::new();
    let mut lines = BufReader::new(stream).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        answers.push_str(&line);
        answers.push('\n');
    }
    answers
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_is_with_the_recorder_before_it_is_answered() {
    let cluster = Cluster::start(2, &[]).await;
    // The connection to the recorder exists from here on.
    eventually("both FEs are known", async || {
        let events = cluster.events();
        let pods: std::collections::BTreeSet<_> = events.iter().map(|r| r.event.pod.clone()).collect();
        (pods.len() == 2).then_some(())
    })
    .await;
    for round in 0..50 {
        let sql = format!("SELECT {round}");
        cluster.query(round % 2, &sql).await;
        let recorded = statements(&cluster.events());
        assert_eq!(recorded.last().unwrap(), &(sql, true), "in the order in which they were answered");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_served_with_their_place() {
    let recorder = recorder(&[]).await;
    assert_eq!(say(recorder.address, &(event(1) + &event(2) + &event(2))).await, "ok 1\nok 2\nok 0\n");
    let port = recorder.http.port();
    let (status, text) = http(port, hyper::Method::GET, "/events", "").await.unwrap();
    assert_eq!(status, 200);
    let events: Vec<Recorded> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(events.iter().map(|r| (r.sequence, r.event.number)).collect::<Vec<_>>(), [(1, 1), (2, 2)]);
    let (_, text) = http(port, hyper::Method::GET, "/events?after=1", "").await.unwrap();
    assert!(text.starts_with("{\"sequence\":2,") && text.lines().count() == 1, "{text}");
    let (status, text) = http(port, hyper::Method::GET, "/events?after=x", "").await.unwrap();
    assert_eq!((status, text.contains("ask for /events")), (400, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_event_is_refused_with_a_reason() {
    let recorder = recorder(&[]).await;
    let answer = say(recorder.address, "hello\n").await;
    assert!(answer.starts_with("error not an event: "), "{answer}");
    let answer = say(recorder.address, &"x".repeat(300 << 10)).await;
    assert!(answer.is_empty() || answer.starts_with("error line too long; at most 262144"), "{answer}");
    assert!(say(recorder.address, event(1).trim_end()).await.starts_with("error line not ended"));
    assert_eq!(say(recorder.address, &event(1)).await, "ok 1\n", "and the recorder goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_recorder_says_so() {
    let recorder = recorder(&["--limit", "400"]).await;
    let all: String = (1..=5).map(event).collect();
    assert_eq!(say(recorder.address, &all).await, "ok 1\nok 2\nok 0\nok 0\nok 0\n");
    let (_, text) = http(recorder.http.port(), hyper::Method::GET, "/events", "").await.unwrap();
    let last: Recorded = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    assert_eq!(last.event.what, Occurrence::RecorderFull { dropped: 3 });
}

#[tokio::test(flavor = "multi_thread")]
async fn events_wait_while_the_recorder_is_away() {
    let free = || std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let (address, http_address) = (free(), free());
    let listen = ["--listen", address.as_str(), "--http", &http_address];
    let sink = EventSink::start(SinkOptions {
        pod: "p".into(),
        component: Component::Be,
        recorder: Some(address.clone()),
        print: false,
    });
    let started = |version: &str| Occurrence::ProcessStarted { version: version.into() };
    for version in ["1", "2", "3"] {
        sink.record(started(version)).await;
    }
    let first = recorder_at(&listen).await;
    let events = eventually("the waiting events", async || {
        let events = first.events();
        (events.len() == 3).then_some(events)
    })
    .await;
    assert_eq!(events.iter().map(|r| r.event.number).collect::<Vec<_>>(), [1, 2, 3]);
    drop(first);
    let second = recorder_at(&listen).await;
    // Some may still have reached the first one.
    eventually("events at the second recorder", async || {
        sink.note(started("4"));
        (!second.events().is_empty()).then_some(())
    })
    .await;
}
