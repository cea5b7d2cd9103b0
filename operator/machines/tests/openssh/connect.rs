//! Who is let in, and which machine it is.

use crate::machine::{Machine, PASSWORD};
use hookgate_machines::ssh::{
    Connection, ConnectionError, Credentials, CredentialsError, Patience, Pool, Target,
};
use std::{sync::Arc, time::Duration};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
};

async fn open(target: &Target) -> Result<Connection, ConnectionError> {
    Connection::open(target, Patience::default()).await
}

#[tokio::test]
async fn a_password_a_key_and_a_key_with_a_passphrase_let_in() {
    let machine = Machine::start();
    for credentials in [
        Credentials::new(Some(PASSWORD), None, None),
        Credentials::new(None, Some(&machine.private_key("user")), None),
        Credentials::new(None, Some(&machine.private_key("user_locked")), Some("a passphrase")),
        // A key that the machine doesn't know, and a password that it does.
        Credentials::new(Some(PASSWORD), Some(&machine.private_key("host_ed25519")), None),
    ] {
        let connection = open(&machine.target_with(credentials.unwrap())).await.unwrap();
        let said = connection.execute("cat; echo $((6 * 7)) >&2; exit 3", b"a\0b").await.unwrap();
        assert_eq!((said.status, said.output.as_slice(), said.complaint().as_str()), (3, &b"a\0b"[..], "42"));
    }
}

#[tokio::test]
async fn a_wrong_password_a_wrong_key_and_a_wrong_passphrase_are_told_apart() {
    let machine = Machine::start();
    let wrong = Credentials::new(Some("letmein"), None, None).unwrap();
    let error = open(&machine.target_with(wrong)).await.unwrap_err().to_string();
    assert!(
        error.contains("root is refused with its password; the machine lets in by publickey, password"),
        "{error}"
    );
    let unknown = Credentials::new(None, Some(&machine.private_key("host_ed25519")), None).unwrap();
    let error = open(&machine.target_with(unknown)).await.unwrap_err().to_string();
    assert!(error.contains("root is refused with its private key"), "{error}");
    let locked = Credentials::new(None, Some(&machine.private_key("user_locked")), Some("wrong"));
    assert!(matches!(locked, Err(CredentialsError::Key(_))));
}

#[tokio::test]
async fn a_machine_has_the_key_that_it_had_or_nothing_is_sent_to_it() {
    let machine = Machine::start();
    let first = open(&machine.target()).await.unwrap();
    assert_eq!(*first.host_key(), machine.host_key("host_ed25519"));
    for pinned in ["host_ed25519", "host_rsa"] {
        let target = Target { host_keys: vec![machine.host_key(pinned)], ..machine.target() };
        assert_eq!(
            *open(&target).await.unwrap().host_key(),
            machine.host_key(pinned),
            "the pinned one is asked for"
        );
    }
    let other = Target { host_keys: vec![machine.host_key("user")], ..machine.target() };
    let error = open(&other).await.unwrap_err();
    assert!(matches!(&error, ConnectionError::HostKey { .. }), "{error}");
    let text = error.to_string();
    assert!(text.contains("SHA256:") && text.contains("write its key into hostKeys"), "{text}");
    // The machine has no key of the algorithm that it must have: that's another machine, too.
    let curve = "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBEmKSENjQEezOmxkZMy7opKgwFB9nkt5YRrYMjNuG5N87uRgg6CLrbo5wAdT/y6v0mKV0U2w0WZ2YB/++Tpockg=";
    let other = Target { host_keys: vec![curve.parse().unwrap()], ..machine.target() };
    assert!(matches!(open(&other).await, Err(ConnectionError::HostKey { .. })));
}

#[tokio::test]
async fn a_connection_is_used_again_until_it_breaks_or_the_key_must_be_another() {
    let machine = Machine::start();
    let pool = Pool::new(Patience::default());
    let first = pool.get(&machine.target()).await.unwrap();
    let again = pool.get(&machine.target()).await.unwrap();
    assert!(Arc::ptr_eq(&first, &again) && pool.len() == 1);
    let pinned = Target { host_keys: vec![machine.host_key("host_rsa")], ..machine.target() };
    let other = pool.get(&pinned).await.unwrap();
    assert!(!Arc::ptr_eq(&first, &other));
    machine.kill_server();
    machine.wait_for_server();
    assert!(other.execute("true", b"").await.is_err());
    let fresh = pool.get(&pinned).await.unwrap();
    assert_eq!(fresh.execute("true", b"").await.unwrap().status, 0);
    pool.forget(&fresh);
    assert!(pool.is_empty());
}

#[tokio::test]
async fn nobody_at_the_address_is_said_so() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let credentials = Credentials::new(Some("unused"), None, None).unwrap();
    let target = Target {
        host: "127.0.0.1".to_owned(),
        port: free,
        user: "root".to_owned(),
        credentials,
        host_keys: Vec::new(),
    };
    let error = open(&target).await.unwrap_err();
    assert!(matches!(error, ConnectionError::Unreachable { .. }) && error.to_string().contains("127.0.0.1:"));
}

/// A way to the machine on which nothing comes through for a while.
async fn slow_way(machine: &Machine, pause: Duration) -> u16 {
    let address = machine.address;
    let listener = TcpListener::bind((address.ip(), 0)).await.unwrap();
    let way = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut here, _)) = listener.accept().await {
            tokio::spawn(async move {
                tokio::time::sleep(pause).await;
                let mut there = TcpStream::connect(address).await.unwrap();
                let _until_either_ends = copy_bidirectional(&mut here, &mut there).await;
            });
        }
    });
    way
}

#[tokio::test]
async fn a_machine_that_answers_after_twenty_seconds_is_waited_for_and_one_that_never_answers_is_not() {
    let machine = Machine::start();
    let slow = Target { port: slow_way(&machine, Duration::from_secs(20)).await, ..machine.target() };
    let never = Target { port: slow_way(&machine, Duration::from_secs(3_600)).await, ..machine.target() };
    let short = Patience { connect: Duration::from_secs(2), ..Patience::default() };
    let (slow, never) = tokio::join!(open(&slow), Connection::open(&never, short));
    assert_eq!(slow.unwrap().execute("true", b"").await.unwrap().status, 0);
    let error = never.unwrap_err();
    assert!(
        matches!(error, ConnectionError::Slow { .. }) && error.to_string().contains("within 2 s"),
        "{error}"
    );
}
