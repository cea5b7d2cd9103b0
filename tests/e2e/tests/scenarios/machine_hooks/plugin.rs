//! What `kubectl hookgate` says of clusters and their machines, asked of the live API server.

use super::kubectl_ok;
use hookgate_api::platform::{HookType, Scope};
use hookgate_e2e::{Problem, kubectl::kubectl};
use serde_json::Value;

async fn plan(manifest: &Value) -> Result<String, Problem> {
    // The scenarios' own hooks folder.
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/machine-hooks");
    kubectl_ok(&["hookgate", "plan", "-f", "-", "--hooks-dir", folder], Some(&manifest.to_string())).await
}

/// The lines of the table below its head, by machine: its cells.
fn cells(text: &str) -> Vec<Vec<String>> {
    let rows =
        text.lines().skip_while(|line| !line.starts_with("MACHINE")).take_while(|line| !line.is_empty());
    let words = |row: &str| {
        row.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).map(str::to_owned).collect()
    };
    rows.map(words).collect()
}

/// The second example, before it is there.
pub async fn plans_an_installation(manifest: &Value, address: &str) -> Result<(), Problem> {
    let text = plan(manifest).await?;
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let name = manifest["metadata"]["name"].as_str().unwrap();
    let expected = [
        format!("Cluster {name}"),
        "It would be installed with version 1.18.3.".to_owned(),
        format!("file: hooks/pre to /tmp/hooks/pre on {address}"),
        format!("file: hooks/post to /tmp/hooks/post on {address}"),
        format!("1. PreClusterInstall: /tmp/hooks/pre/cluster-pre-install on {address}"),
        format!("2. PreInstall: /tmp/hooks/pre/pre-install on {address}"),
        format!("3. PostInstall: /tmp/hooks/post/post-install on {address}"),
        format!("4. PostClusterInstall: /tmp/hooks/post/cluster-post-install on {address}"),
    ];
    assert_eq!(lines[..expected.len()], expected, "{text}");
    assert!(text.contains("HG807"), "a password in the manifest is warned of: {text}");
    Ok(())
}

/// A worker of a Cluster that is there, before the worker is.
pub async fn plans_a_worker(manifest: &Value, address: &str) -> Result<(), Problem> {
    let text = plan(manifest).await?;
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let name = manifest["metadata"]["name"].as_str().unwrap();
    let expected = [
        format!("Machine {name}"),
        format!("It belongs to the Cluster {name}."),
        "It would be installed with version 1.18.3.".to_owned(),
        format!("file: all to /opt/all on {address}"),
        format!("1. PreInstall: /opt/all/PreInstall on {address}"),
        format!("2. PostInstall: /opt/all/PostInstall on {address}"),
    ];
    assert_eq!(lines[..expected.len()], expected, "{text}");
    let mut wrong = manifest.clone();
    wrong["spec"]["port"] = 65_536.into();
    let answer = kubectl(&["hookgate", "plan", "-f", "-"], Some(&wrong.to_string())).await?;
    assert!(!answer.success, "{answer:?}");
    for part in ["It would be refused", "HG806", "65536 is no port"] {
        assert!(answer.text.contains(part), "{part}: {answer:?}");
    }
    Ok(())
}

/// The gate is asked: a manifest with a hook type that there isn't.
pub async fn tells_what_would_be_refused(manifest: &Value) -> Result<(), Problem> {
    let mut wrong = manifest.clone();
    wrong["spec"]["features"]["hooks"]["BeforeInstall"] = "/tmp/hooks/pre-install".into();
    let answer = kubectl(&["hookgate", "plan", "-f", "-"], Some(&wrong.to_string())).await?;
    assert!(!answer.success, "{answer:?}");
    for part in ["It would be refused", "HG801", "BeforeInstall", "PreClusterInstall"] {
        assert!(answer.text.contains(part), "{part}: {answer:?}");
    }
    Ok(())
}

/// The second example, installed.
pub async fn shows_what_ran(name: &str, address: &str) -> Result<(), Problem> {
    let text = kubectl_ok(&["hookgate", "status", &format!("cluster/{name}")], None).await?;
    assert!(text.starts_with(&format!("Cluster {name}  Running, 1.18.3\n")), "{text}");
    let master = format!("{address} (master)");
    let head = ["MACHINE", "PreClusterInstall", "PreInstall", "PostInstall", "PostClusterInstall"];
    assert_eq!(cells(&text), [head, [&master, "done", "done", "done", "done"]], "{text}");
    Ok(())
}

/// The second example, which has no hooks for an upgrade.
pub async fn plans_an_upgrade_without_hooks(manifest: &Value) -> Result<(), Problem> {
    let mut wanted = manifest.clone();
    wanted["spec"]["version"] = "1.19.7".into();
    let text = plan(&wanted).await?;
    assert!(
        text.contains("It would be upgraded from version 1.18.3 to 1.19.7.") && !text.contains("1. "),
        "{text}"
    );
    Ok(())
}

/// Three masters and a worker, installed and upgraded, with all ten hooks.
pub async fn shows_masters_and_worker(name: &str, masters: [&str; 3], worker: &str) -> Result<(), Problem> {
    let text = kubectl_ok(&["hookgate", "status", &format!("cls/{name}")], None).await?;
    let head =
        ["MACHINE".to_owned()].into_iter().chain(HookType::ALL.iter().map(ToString::to_string)).collect();
    let mut expected: Vec<Vec<String>> = vec![head];
    let titles =
        masters.iter().map(|address| format!("{address} (master)")).chain([format!("{worker} ({name})")]);
    for (number, title) in titles.enumerate() {
        let cell = |hook: &HookType| match hook.scope() {
            Scope::Cluster if number > 0 => "-",
            _ if hook.as_str().ends_with("Delete") => "not yet",
            // The hooks of the installation ran for the version that was installed.
            _ if hook.as_str().ends_with("Install") => "done (1.18.3)",
            _ => "done",
        };
        expected.push(
            [title].into_iter().chain(HookType::ALL.iter().map(|hook| cell(hook).to_owned())).collect(),
        );
    }
    assert_eq!(cells(&text), expected, "{text}");
    Ok(())
}
