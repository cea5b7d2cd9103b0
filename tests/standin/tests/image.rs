//! The scripts of the image: they start the program as the operator's containers do, and end it.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod support;

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use support::{Folder, eventually, health, http};

fn image(script: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("image/opt/starrocks").join(script)
}

/// Ends the process with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// A port that was free a moment ago.
fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Starts a component by its entrypoint, with the environment that the operator gives.
fn start(component: &str, fe_port: u16, environment: &[(&str, String)]) -> Running {
    let folder = Path::new(env!("CARGO_BIN_EXE_standin")).parent().unwrap();
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    let child = Command::new(image(&format!("{component}_entrypoint.sh")))
        .arg("127.0.0.1")
        .env_clear()
        .envs([("PATH", path.as_str()), ("POD_NAME", &format!("c-{component}-0")), ("POD_IP", "127.0.0.1")])
        .envs([("HOST_TYPE", "FQDN"), ("COMPONENT_NAME", component), ("STARROCKS_VERSION", "3.2.2")])
        .envs([("STANDIN_LISTEN", "127.0.0.1"), ("MYSQL_PWD", "s3cret")])
        .env("FE_SERVICE_NAME", "127.0.0.1")
        .env("FE_QUERY_PORT", fe_port.to_string())
        .envs(environment.iter().map(|(name, value)| (*name, value)))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    Running(child)
}

/// Runs the preStop script as if the child were alone in its container.
fn stop(component: &str, arguments: &[&str], child: u32) -> std::process::Output {
    let processes = Folder::new(&format!("proc-{component}-{child}"));
    symlink(format!("/proc/{child}"), processes.0.join(child.to_string())).unwrap();
    Command::new(image(&format!("{component}/bin/stop_{component}.sh")))
        .args(arguments)
        .env("STANDIN_PROC", &processes.0)
        .output()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_containers_start_find_each_other_and_stop_at_once() {
    let (fe_http, fe_query, be_http, be_heartbeat) = (free_port(), free_port(), free_port(), free_port());
    let mut fe = start(
        "fe",
        fe_query,
        &[("STANDIN_FE_HTTP_PORT", fe_http.to_string()), ("STANDIN_FE_QUERY_PORT", fe_query.to_string())],
    );
    let mut be = start(
        "be",
        fe_query,
        &[
            ("STANDIN_WEBSERVER_PORT", be_http.to_string()),
            ("STANDIN_HEARTBEAT_PORT", be_heartbeat.to_string()),
        ],
    );
    eventually("the FE sees its BE", async || {
        let (_, text) = http(fe_http, hyper::Method::GET, "/api/health", "").await?;
        text.contains("\"online_backend_num\":1").then_some(())
    })
    .await;
    assert_eq!(health(be_http).await, 200);
    for (component, running, arguments) in [("be", &mut be, &["-g"][..]), ("fe", &mut fe, &[])] {
        let began = Instant::now();
        let stopped = stop(component, arguments, running.0.id());
        assert!(stopped.status.success(), "{}", String::from_utf8_lossy(&stopped.stderr));
        let status = running.0.wait().unwrap();
        assert!(status.success(), "{component} ends by itself: {status}");
        // Whoever isn't heard is killed after 20 s and more.
        assert!(began.elapsed() < Duration::from_secs(15), "{component} took {:?}", began.elapsed());
        let mut said = String::new();
        std::io::Read::read_to_string(running.0.stdout.as_mut().unwrap(), &mut said).unwrap();
        assert!(said.contains("\"type\":\"process_started\",\"version\":\"3.2.2-0000000\""), "{said}");
        assert!(said.trim_end().ends_with("\"type\":\"process_stopping\",\"reason\":\"SIGTERM\"}"), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stop_scripts_touch_nothing_else() {
    let mut bystander = Running(Command::new("sleep").arg("60").spawn().unwrap());
    for component in ["fe", "be", "cn"] {
        let stopped = stop(component, &["-g"], bystander.0.id());
        assert!(!stopped.status.success());
        assert_eq!(String::from_utf8_lossy(&stopped.stderr), format!("no {component} is running\n"));
        assert_eq!(stop(component, &["-x"], bystander.0.id()).status.code(), Some(2));
    }
    assert!(bystander.0.try_wait().unwrap().is_none());
}

#[test]
fn bad_options_are_refused_with_the_way_out() {
    let run = |arguments: &[&str], environment: &[(&str, &str)]| {
        let output = Command::new(env!("CARGO_BIN_EXE_standin"))
            .args(arguments)
            .env_clear()
            .envs(environment.iter().copied())
            .output()
            .unwrap();
        assert!(!output.status.success(), "{arguments:?}");
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let ports = ["fe", "--listen", "127.0.0.1", "--http-port", "0", "--query-port", "0"];
    let message = run(&ports, &[("STARROCKS_VERSION", "latest")]);
    assert!(message.contains("\"latest\" is not a version to play: write it like 3.2.2"), "{message}");
    let message = run(&ports, &[]);
    assert!(
        message.contains("set STARROCKS_VERSION=3.2.2 or write it into /opt/starrocks/VERSION"),
        "{message}"
    );
    let message = run(&ports, &[("STARROCKS_VERSION", "3.2.2"), ("STANDIN_FE_CONFIG", "disable_balance")]);
    assert!(message.contains("\"disable_balance\" is not a setting: write k=v,k=v"), "{message}");
    let message =
        run(&ports, &[("STARROCKS_VERSION", "3.2.2"), ("STANDIN_FE_CONFIG", "max_balancing_tablets=x")]);
    assert!(message.contains("Failed to set config 'max_balancing_tablets'"), "{message}");
    let message = run(&ports, &[("STARROCKS_VERSION", "3.2.2"), ("STANDIN_FAULTS", "{")]);
    assert!(message.contains("faults must be JSON like"), "{message}");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let message =
        run(&["fe", "--listen", "127.0.0.1", "--http-port", &port], &[("STARROCKS_VERSION", "3.2.2")]);
    assert!(message.contains(&format!("can't listen on 127.0.0.1:{port}")), "{message}");
    let message = run(&["be"], &[]);
    assert!(message.contains("FE_SERVICE"), "{message}");
}
