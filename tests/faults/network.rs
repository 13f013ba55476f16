//! The way to the broker is bad: toxiproxy stands between (`deploy/toxiproxy.sh`).

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::Extent;
use super::harness::{Stream, Tally};
use crate::support::kafka::{Broker, eventually};

/// A running toxiproxy with one proxy, which stands before a broker. Killed when dropped, by its own process id.
struct Proxy {
    server: Child,
    api: String,
}

impl Proxy {
    fn start(listen: &str, upstream: &str) -> Self {
        let script = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/toxiproxy.sh");
        let found = Command::new("bash").arg(script).stdin(Stdio::null()).output().unwrap();
        assert!(found.status.success(), "{}", String::from_utf8_lossy(&found.stderr));
        let program = String::from_utf8(found.stdout).unwrap();
        let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let server = Command::new(program.trim())
            .args(["-host", "127.0.0.1", "-port", &port.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let proxy = Self { server, api: format!("http://127.0.0.1:{port}/proxies") };
        let description = serde_json::json!({"name": "broker", "listen": listen, "upstream": upstream});
        eventually("the proxy stands", || proxy.post("", &description).then_some(()));
        proxy
    }

    /// Does this to what the broker sends from now on.
    fn add(&self, toxic: &str, attributes: serde_json::Value) {
        let toxic = serde_json::json!({"name": toxic, "type": toxic, "attributes": attributes});
        assert!(self.post("/broker/toxics", &toxic), "{toxic}");
    }

    fn remove(&self, toxic: &str) {
        let client = reqwest::blocking::Client::new();
        let answer = client.delete(format!("{}/broker/toxics/{toxic}", self.api)).send().unwrap();
        assert!(answer.status().is_success(), "{answer:?}");
    }

    fn post(&self, path: &str, body: &serde_json::Value) -> bool {
        let client = reqwest::blocking::Client::new();
        let sent = client.post(format!("{}{path}", self.api)).body(body.to_string()).send();
        sent.is_ok_and(|answer| answer.status().is_success())
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.server.kill().unwrap();
        self.server.wait().unwrap();
    }
}

/// Runs a stream through a proxy that does this for a while under load, and then no more.
fn through(
    toxic: &str,
    attributes: serde_json::Value,
    settings: &[(&str, &str)],
    disturb: impl Fn(&mut Stream<'_>),
) -> Tally {
    let broker = Broker::start_proxied();
    let (listen, upstream) = broker.behind_proxy();
    let proxy = Proxy::start(&listen, &upstream);
    let mut stream = Stream::new(&broker, &[&[("kafka.bootstrap_servers", listen.as_str())], settings].concat());
    let mut service = stream.desk.start("one");
    stream.put_under_load(&mut [&mut service], 600);
    proxy.add(toxic, attributes);
    disturb(&mut stream);
    proxy.remove(toxic);
    stream.feed(200);
    stream.finish(service)
}

/// Three times the session timeout of these streams: the member is given up.
fn outlast_the_session(_: &mut Stream<'_>) {
    std::thread::sleep(Duration::from_secs(9));
}

/// Every connection is reset as soon as the broker answers.
pub fn connections_reset(_: &Broker, _: Extent) -> Tally {
    through("reset_peer", serde_json::json!({"timeout": 0}), &[], outlast_the_session)
}

/// Connections stay open, and no answer comes, for longer than the session timeout.
pub fn black_hole(_: &Broker, _: Extent) -> Tally {
    through("timeout", serde_json::json!({"timeout": 0}), &[], outlast_the_session)
}

/// Each answer takes 400 ms, and a transaction five of them: slower, and nothing else.
pub fn slow(_: &Broker, _: Extent) -> Tally {
    let settings = [("delivery.transaction_timeout", "15s"), ("batch.max_records", "100")];
    through("latency", serde_json::json!({"latency": 400}), &settings, |stream| {
        let before = stream.desk.committed();
        stream.feed(300);
        eventually("it works on", || (stream.desk.committed() > before + 100).then_some(()));
    })
}
