//! `/metrics`, `/livez`, `/readyz`, `/startupz`, `/version`.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;

use super::build::Build;
use super::health::Health;
use super::metrics::Metrics;

/// What `/` says.
const PAGES: &str = "/metrics   for Prometheus\n\
                     /livez     200 while the threads go round; brokers that are away do not count\n\
                     /readyz    200 while payloads are read, else 503 and why not\n\
                     /startupz  200 once it has been ready\n\
                     /version   what this program is made of\n";

/// Serves until the runtime ends. Returns the address in use, for port 0.
///
/// # Errors
/// Where the address cannot be bound.
pub async fn serve(
    listen: SocketAddr,
    metrics: Arc<Metrics>,
    health: Health,
    build: &Build,
) -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind(listen).await?;
    let address = listener.local_addr()?;
    let (alive, ready, started) = (health.clone(), health.clone(), health);
    let version = serde_json::to_string(build)? + "\n";
    let app = Router::new()
        .route("/", get(|| async { PAGES }))
        .route("/metrics", get(move || async move { encode(&metrics) }))
        .route("/livez", get(move || async move { answer(alive.alive()) }))
        .route("/readyz", get(move || async move { answer(ready.ready()) }))
        .route("/startupz", get(move || async move { answer(started.started()) }))
        .route("/version", get(move || async move { ([(header::CONTENT_TYPE, "application/json")], version) }));
    tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, app).await {
            tracing::error!(%error, "the metrics server ended");
        }
    });
    Ok(address)
}

fn encode(metrics: &Metrics) -> Response {
    match metrics.encode() {
        Ok(text) => ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

fn answer(health: Result<&'static str, String>) -> Response {
    match health {
        Ok(yes) => (StatusCode::OK, format!("{yes}\n")).into_response(),
        Err(no) => (StatusCode::SERVICE_UNAVAILABLE, format!("{no}\n")).into_response(),
    }
}
