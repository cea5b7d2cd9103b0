//! HTTP to pods and Services through the API server's proxy, so that a scenario needs no way into the cluster but
//! KUBECONFIG.

use crate::problem::Problem;
use hookgate_standin::{
    event::{Occurrence, Recorded},
    fault::Faults,
};
use http::{Method, Request};
use kube::Client;

/// Something that can be spoken to.
#[derive(Clone, Debug)]
pub struct Target {
    path: String,
}

impl Target {
    /// A pod's port.
    pub fn pod(namespace: &str, pod: &str, port: u16) -> Self {
        Self { path: format!("/api/v1/namespaces/{namespace}/pods/{pod}:{port}/proxy") }
    }

    /// A Service's port.
    pub fn service(namespace: &str, service: &str, port: u16) -> Self {
        Self { path: format!("/api/v1/namespaces/{namespace}/services/{service}:{port}/proxy") }
    }

    /// A Service's port that speaks TLS. The API server doesn't verify its certificate.
    pub fn tls_service(namespace: &str, service: &str, port: u16) -> Self {
        Self { path: format!("/api/v1/namespaces/{namespace}/services/https:{service}:{port}/proxy") }
    }

    /// Sends a request and gives the body of the answer.
    ///
    /// # Errors
    /// When there is no answer, or one that isn't a success.
    pub async fn send(
        &self,
        client: &Client,
        method: Method,
        path: &str,
        body: Vec<u8>,
    ) -> Result<String, Problem> {
        let what = format!("{method} {}{path}", self.path);
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.path))
            .header("content-type", "application/json")
            .body(body)
            .map_err(|error| Problem::Unexpected(format!("{what}: {error}")))?;
        client.request_text(request).await.map_err(Problem::api(what))
    }
}

/// Everything that a recorder has.
///
/// # Errors
/// When it doesn't answer, or when it lacks events: then nothing can be concluded from what it has.
pub async fn recorded(client: &Client, recorder: &Target) -> Result<Vec<Recorded>, Problem> {
    let text = recorder.send(client, Method::GET, "/events", Vec::new()).await?;
    parse(&text)
}

fn parse(text: &str) -> Result<Vec<Recorded>, Problem> {
    let mut events = Vec::new();
    for line in text.lines() {
        let recorded: Recorded = serde_json::from_str(line)
            .map_err(|error| Problem::Unexpected(format!("the recorder answered {line:?}: {error}")))?;
        if let Occurrence::EventsLost { count } | Occurrence::RecorderFull { dropped: count } =
            recorded.event.what
        {
            return Err(Problem::Incomplete(format!("{count} events of {} are lost", recorded.event.pod)));
        }
        events.push(recorded);
    }
    Ok(events)
}

/// Replaces the faults of a stand-in's process.
///
/// # Errors
/// When it doesn't answer.
pub async fn set_faults(client: &Client, standin: &Target, faults: &Faults) -> Result<(), Problem> {
    let body = serde_json::to_vec(faults).map_err(|error| Problem::Unexpected(format!("faults: {error}")))?;
    standin.send(client, Method::PUT, "/standin/fault", body).await.map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lost_events_are_no_evidence() {
        let line = r#"{"sequence":1,"time":"2025-01-02T03:04:05Z","pod":"sr-fe-0","component":"fe","instance":"i","number":1,"type":"process_started","version":"3.2.1"}"#;
        assert_eq!(parse(line).unwrap().len(), 1);
        let lost = line.replace(r#""process_started","version":"3.2.1""#, r#""events_lost","count":7"#);
        assert!(parse(&lost).unwrap_err().to_string().contains("7 events of sr-fe-0 are lost"));
        assert!(parse("<html>").unwrap_err().to_string().contains("<html>"));
    }
}
