//! `copydesk healthcheck`: asks a running copydesk whether it is ready, for images without a shell or an HTTP client.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use url::Url;

use super::overrides::ConfigArgs;
use super::{CliError, say};

/// Longest wait for an answer: shorter than what orchestrators give a check.
const PATIENCE: Duration = Duration::from_secs(3);
/// Answers are a line; more is not read.
const ANSWER_BYTES: usize = 4096;

/// Asks a running copydesk whether it is ready: exit code 0 for yes, 1 for no.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  copydesk healthcheck --config copydesk.toml\n  copydesk healthcheck --url http://127.0.0.1:9600/livez"
)]
pub(crate) struct Args {
    #[command(flatten)]
    config: ConfigArgs,
    /// What to ask; without it, /readyz at telemetry.listen.
    #[arg(long, value_name = "URL")]
    url: Option<Url>,
}

pub(super) fn run(args: &Args) -> Result<(), CliError> {
    let (address, host, path) = match &args.url {
        Some(url) => target(url)?,
        None => {
            let listen = args.config.load()?.telemetry.listen.ok_or_else(|| {
                CliError::Unhealthy("telemetry.listen is not set, so nothing can be asked; or give --url".to_owned())
            })?;
            let address = reachable(listen);
            (address, address.to_string(), "/readyz".to_owned())
        }
    };
    let asked = format!("http://{host}{path}");
    let unhealthy = |why: String| CliError::Unhealthy(format!("{asked}: {why}"));
    let answer = get(address, &host, &path).map_err(|error| unhealthy(error.to_string()))?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.split_ascii_whitespace().nth(1).unwrap_or("no HTTP");
    if status != "200" {
        return Err(unhealthy(format!("{status} {}", body.trim())));
    }
    say(format_args!("{}", body.trim()))
}

/// Address, host and path of a URL, which stays without its credentials.
fn target(url: &Url) -> Result<(SocketAddr, String, String), CliError> {
    let refused = |why: &str| CliError::Unhealthy(format!("--url: {why}, for example http://127.0.0.1:9600/readyz"));
    let host = url.host_str().filter(|_| url.scheme() == "http").ok_or_else(|| refused("expected an http address"))?;
    let addresses = url.socket_addrs(|| None).map_err(|error| refused(&format!("{host}: {error}")))?;
    let address = addresses.first().copied().ok_or_else(|| refused("expected a host that can be found"))?;
    let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    Ok((address, host, url.path().to_owned()))
}

/// An address that listens everywhere is asked on loopback.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

fn get(address: SocketAddr, host: &str, path: &str) -> std::io::Result<String> {
    let until = Instant::now() + PATIENCE;
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_write_timeout(Some(PATIENCE))?;
    write!(stream, "GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    let mut bytes = [0; 512];
    loop {
        // At least a millisecond: a timeout of none would be no timeout.
        let left = until.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
        stream.set_read_timeout(Some(left))?;
        let read = stream.read(&mut bytes)?;
        answer.extend_from_slice(bytes.get(..read).unwrap_or_default());
        if read == 0 || answer.len() > ANSWER_BYTES {
            return Ok(String::from_utf8_lossy(&answer).into_owned());
        }
        if Instant::now() >= until {
            return Err(std::io::ErrorKind::TimedOut.into());
        }
    }
}
