//! A service over the Reporting API: `GET /sendings/{channel}` answers with JSON lines.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Router, routing::get};
use placewise_reporting::sendings::{self, Channel};
use placewise_reporting::{Client, Sendings};

/// The client is cheap to clone, so it is the state itself.
pub fn router(client: Client) -> Router {
    Router::new().route("/sendings/{channel}", get(by_channel)).with_state(client)
}

async fn by_channel(State(client): State<Client>, Path(channel): Path<String>) -> Result<String, (StatusCode, String)> {
    let query = Sendings::records().filter(sendings::CHANNEL.eq(Channel::from(&*channel)));
    let rows = client.collect_all(query).await.map_err(|failed| (StatusCode::BAD_GATEWAY, failed.to_string()))?;
    let lines: Result<String, _> = rows.iter().map(|row| serde_json::to_string(row).map(|line| line + "\n")).collect();
    lines.map_err(|error| (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))
}
