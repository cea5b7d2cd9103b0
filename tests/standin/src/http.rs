//! A small HTTP client for the stand-in's own messages: one request a connection, with a deadline.

use std::time::Duration;

use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Bytes;
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use serde::de::DeserializeOwned;
use thiserror::Error;
use tokio::net::TcpStream;

/// Answers longer than this are refused, in bytes.
const MAX_ANSWER: usize = 4 << 20;

/// Why there was no usable answer.
#[derive(Debug, Error)]
pub enum HttpError {
    /// Looking up or connecting failed.
    #[error("{address}: {source}")]
    Connect {
        /// Host and port.
        address: String,
        /// The cause.
        source: std::io::Error,
    },
    /// No answer in time.
    #[error("{address}: no answer in {} ms", deadline.as_millis())]
    Deadline {
        /// Host and port.
        address: String,
        /// The deadline that passed.
        deadline: Duration,
    },
    /// The exchange failed.
    #[error("HTTP exchange failed: {0}")]
    Exchange(#[from] hyper::Error),
    /// The request couldn't be formed.
    #[error("bad request: {0}")]
    Request(#[from] hyper::http::Error),
    /// The answer's body failed or was too long.
    #[error("bad answer: {0}")]
    Body(Box<dyn std::error::Error + Send + Sync>),
    /// The answer's status wasn't 200.
    #[error("answered {status}: {text}")]
    Status {
        /// The status.
        status: StatusCode,
        /// The body.
        text: String,
    },
    /// JSON couldn't be written or read.
    #[error("bad JSON: {0}")]
    Json(#[from] serde_json::Error),
}

/// Posts JSON to `http://address path` and reads the JSON answer, all before the deadline.
///
/// # Errors
/// When there's no answer in time, or not status 200, or not the expected JSON.
pub async fn post<Q: Serialize, A: DeserializeOwned>(
    address: &str,
    path: &str,
    question: &Q,
    deadline: Duration,
) -> Result<A, HttpError> {
    let body = serde_json::to_vec(question)?;
    let (status, answer) = request(address, Method::POST, path, body, deadline).await?;
    if status != StatusCode::OK {
        return Err(HttpError::Status { status, text: String::from_utf8_lossy(&answer).into_owned() });
    }
    Ok(serde_json::from_slice(&answer)?)
}

/// Sends one request and gives status and body, before the deadline.
///
/// # Errors
/// When there's no answer in time, or it can't be read.
pub async fn request(
    address: &str,
    method: Method,
    path: &str,
    body: Vec<u8>,
    deadline: Duration,
) -> Result<(StatusCode, Bytes), HttpError> {
    tokio::time::timeout(deadline, exchange(address, method, path, body))
        .await
        .map_err(|_| HttpError::Deadline { address: address.to_owned(), deadline })?
}

async fn exchange(
    address: &str,
    method: Method,
    path: &str,
    body: Vec<u8>,
) -> Result<(StatusCode, Bytes), HttpError> {
    let stream = TcpStream::connect(address)
        .await
        .map_err(|source| HttpError::Connect { address: address.to_owned(), source })?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let exchange = async {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", address)
            .header("content-type", "application/json")
            .header("connection", "close")
            .body(Full::new(Bytes::from(body)))?;
        let answer = sender.send_request(request).await?;
        let status = answer.status();
        let body = Limited::new(answer.into_body(), MAX_ANSWER).collect().await.map_err(body_error)?;
        Ok::<_, HttpError>((status, body.to_bytes()))
    };
    tokio::pin!(connection);
    tokio::pin!(exchange);
    // The connection only drives the exchange; when it ends first, the exchange knows and says why.
    tokio::select! {
        result = &mut exchange => result,
        _ = &mut connection => exchange.await,
    }
}

fn body_error(error: Box<dyn std::error::Error + Send + Sync>) -> HttpError {
    if error.is::<LengthLimitError>() {
        return HttpError::Body(format!("longer than {MAX_ANSWER} bytes").into());
    }
    HttpError::Body(error)
}
