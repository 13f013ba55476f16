//! `/metrics`, `/livez`, `/readyz`.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;

use super::health::Health;
use super::metrics::Metrics;

/// Serves until the runtime ends. Returns the address in use, for port 0.
///
/// # Errors
/// Where the address cannot be bound.
pub async fn serve(listen: SocketAddr, metrics: Arc<Metrics>, health: Health) -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind(listen).await?;
    let address = listener.local_addr()?;
    let (alive, ready) = (health.clone(), health);
    let app = Router::new()
        .route("/metrics", get(move || async move { encode(&metrics) }))
        .route("/livez", get(move || async move { answer(alive.is_alive(), "alive", "the desk makes no progress") }))
        .route("/readyz", get(move || async move { answer(ready.is_ready(), "ready", "not reading payloads") }));
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

fn answer(ok: bool, yes: &'static str, no: &'static str) -> Response {
    if ok { (StatusCode::OK, yes).into_response() } else { (StatusCode::SERVICE_UNAVAILABLE, no).into_response() }
}
