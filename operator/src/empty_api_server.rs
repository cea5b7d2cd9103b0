//! An API server that has nothing, for unit tests of what is asked of one.

use std::{
    convert::Infallible,
    future::{Ready, ready},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
};

/// It answers everything with 404, and writes down what it was asked.
#[derive(Clone, Default)]
pub(crate) struct Empty(Arc<Mutex<Vec<String>>>);

impl Empty {
    /// What it was asked since the last time: the method and the kind of object.
    pub(crate) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.log())
    }

    fn log(&self) -> MutexGuard<'_, Vec<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl tower::Service<http::Request<kube::client::Body>> for Empty {
    type Response = http::Response<kube::client::Body>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<kube::client::Body>) -> Self::Future {
        let kind = request.uri().path().rsplit('/').nth(1).unwrap_or_default().to_owned();
        self.log().push(format!("{} {kind}", request.method()));
        let status = br#"{"kind":"Status","apiVersion":"v1","status":"Failure","message":"","reason":"NotFound","code":404}"#;
        let mut response = http::Response::new(kube::client::Body::from(status.to_vec()));
        *response.status_mut() = http::StatusCode::NOT_FOUND;
        ready(Ok(response))
    }
}
