//! Checks of the way to the server: proxy, name and connection. They send no request, so they cost nothing.

use std::net::SocketAddr;
use std::time::Duration;

use placewise_model::exit::Outcome;
use placewise_reporting::reqwest::Url;
use placewise_reporting::{AnyApi, ApiClient};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

use super::findings::Findings;
use crate::connection::Connection;

/// How long a name or a connection is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// Whether the server, or the proxy before it, can be reached.
pub(super) async fn check(connection: &Connection, client: &ApiClient<AnyApi>, findings: &mut Findings) -> Outcome {
    let proxy = client.proxy();
    match &proxy {
        None => findings.ok("proxy", "none for this URL")?,
        Some(proxy) => findings.ok("proxy", format!("{proxy}, from the environment (HTTPS_PROXY, HTTP_PROXY or ALL_PROXY)"))?,
    }
    certificates(connection, findings)?;
    let target = proxy.as_deref().or(connection.profile.url.as_deref());
    let Some(url) = target.and_then(|text| Url::parse(text).ok()) else { return Ok(()) };
    let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else { return Ok(()) };
    let (who, where_from) = if proxy.is_some() { ("the proxy", "the proxy's URL") } else { ("the server", "--url") };
    let name = host.trim_start_matches('[').trim_end_matches(']');
    let addresses: Vec<SocketAddr> = match timeout(PATIENCE, lookup_host((name, port))).await {
        Ok(Ok(addresses)) => addresses.collect(),
        Ok(Err(error)) => {
            return findings.wrong(
                "host",
                format!("the name `{host}` of {who} is not found: {error}"),
                format!("check {where_from} and DNS"),
            );
        }
        Err(_) => return findings.wrong("host", format!("DNS does not answer for `{host}`"), "check the network and DNS"),
    };
    findings.ok(
        "host",
        format!("`{host}` of {who} has {} address{}", addresses.len(), if addresses.len() == 1 { "" } else { "es" }),
    )?;
    match timeout(PATIENCE, TcpStream::connect(&*addresses)).await {
        Ok(Ok(_)) => findings.ok("connection", format!("{who} takes connections on port {port}")),
        Ok(Err(error)) => findings.wrong(
            "connection",
            format!("no connection to port {port} of {who}: {error}"),
            format!("check {where_from} and firewalls"),
        ),
        Err(_) => {
            let seconds = PATIENCE.as_secs();
            findings.wrong(
                "connection",
                format!("{who} does not take a connection on port {port} within {seconds} s"),
                "check firewalls and proxies",
            )
        }
    }
}

/// Which certificates count. Whether the server's is among them, only a request shows.
fn certificates(connection: &Connection, findings: &mut Findings) -> Outcome {
    if connection.profile.url.as_deref().is_some_and(|url| url.starts_with("http://")) {
        return findings.ok("CA store", "not needed for http://");
    }
    let elsewhere = cfg!(any(windows, target_vendor = "apple"));
    let named = ["SSL_CERT_FILE", "SSL_CERT_DIR"].into_iter().filter(|name| !elsewhere && std::env::var_os(name).is_some());
    let named: Vec<&str> = named.collect();
    match &*named {
        [] => findings.ok("CA store", "that of this machine"),
        names => {
            let missing =
                names.iter().find(|name| std::env::var_os(name).is_some_and(|path| !std::path::Path::new(&path).exists()));
            match missing {
                Some(name) => {
                    findings.wrong("CA store", format!("the path in {name} does not exist"), format!("correct or unset {name}"))
                }
                None => findings.ok("CA store", format!("the environment names it in {}", names.join(" and "))),
            }
        }
    }
}
