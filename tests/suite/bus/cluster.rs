//! A cluster of three nats-servers: a stream with three replicas outlives the server that leads it.

use std::{
    collections::BTreeMap,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use sqlx::PgConnection;
use wavegate::{
    bus::{Bus, BusOptions, Layer},
    lab::{
        servers::{Nats, free_port},
        watch::Watch,
    },
};

use crate::{
    support::Shape,
    support::exposition::scrape,
    support::plane::{Plane, Process, STREAM},
};

struct Cluster {
    _watches: Vec<Watch>,
    nodes: Vec<Nats>,
    _dirs: Vec<tempfile::TempDir>,
}

impl Cluster {
    /// The first `running` of three servers that know each other.
    fn start(running: usize) -> Cluster {
        let ports: Vec<u16> = (0..3).map(|_| free_port().unwrap()).collect();
        let route = |port: &u16| format!("nats://127.0.0.1:{port}");
        let routes = ports.iter().map(route).collect::<Vec<_>>().join(",");
        let mut cluster = Cluster {
            _watches: Vec::new(),
            nodes: Vec::new(),
            _dirs: Vec::new(),
        };
        for (number, port) in ports.iter().enumerate().take(running) {
            let dir = tempfile::tempdir().unwrap();
            let (name, own) = (format!("n{number}"), route(port));
            let arguments = ["-n", &name, "--cluster_name", "test", "--cluster", &own];
            let arguments = [&arguments[..], &["--routes", &routes]].concat();
            let node = Nats::start(dir.path(), &arguments).unwrap();
            cluster
                ._watches
                .push(Watch::over(node.pid(), dir.path()).unwrap());
            cluster.nodes.push(node);
            cluster._dirs.push(dir);
        }
        cluster
    }

    fn urls(&self) -> String {
        let urls: Vec<String> = self.nodes.iter().map(Nats::url).collect();
        urls.join(",")
    }

    /// A connection once JetStream has a leader.
    async fn bus(&self) -> Bus {
        let layer = Layer {
            servers: vec![self.urls()],
            ..Layer::default()
        };
        let options = BusOptions::from_layers(&[layer], Duration::from_secs(2)).unwrap();
        let end = Instant::now() + Duration::from_secs(60);
        loop {
            match Bus::connect(&options).await {
                Ok(bus) => return bus,
                Err(error) => assert!(Instant::now() < end, "no leader: {error}"),
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// Waits until the stream has a leader and every other replica is up with it; returns the number of the leader.
    async fn whole(&self) -> usize {
        let bus = self.bus().await;
        let end = Instant::now() + Duration::from_secs(60);
        loop {
            if let Ok(stream) = bus.jetstream().get_stream(STREAM).await
                && let Some(cluster) = &stream.cached_info().cluster
                && let Some(leader) = &cluster.leader
                && cluster.replicas.len() == 2
                && cluster.replicas.iter().all(|r| r.current && !r.offline)
            {
                return leader.strip_prefix('n').unwrap().parse().unwrap();
            }
            assert!(Instant::now() < end, "the stream did not get whole");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Kills the server that leads the stream, and starts it again after a while.
    async fn lose_the_leader(&mut self) {
        let leader = self.whole().await;
        self.nodes[leader].kill();
        tokio::time::sleep(Duration::from_secs(3)).await;
        self.nodes[leader].resume().unwrap();
        let again = Watch::over(self.nodes[leader].pid(), self._dirs[leader].path()).unwrap();
        self._watches.push(again);
    }
}

fn ensure(plane: &Plane, cluster: &Cluster) -> (i32, String, Duration) {
    let begin = Instant::now();
    let output = Command::new(env!("CARGO_BIN_EXE_wavegate"))
        .args(["stream", "ensure", "--yes"])
        .args(["--nats-url", &cluster.urls()])
        .env("DATABASE_URL", &plane.db.url)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code().unwrap(), told, begin.elapsed())
}

/// So many events at least, however slow this machine is.
const EVENTS: usize = 100;

/// Emits an event every few milliseconds until told to stop.
async fn traffic(mut sql: PgConnection, webhook: i32, stop: Arc<AtomicBool>) -> Vec<String> {
    let mut ids = Vec::new();
    while !stop.load(Ordering::Relaxed) || ids.len() < EVENTS {
        let id = sqlx::query_scalar("SELECT rule_webhook_call_unified($1, '{}') ->> 'event_id'")
            .bind(webhook)
            .fetch_one(&mut sql)
            .await
            .unwrap();
        ids.push(id);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    ids
}

#[tokio::test]
async fn three_replicas_outlive_the_server_that_leads_them() {
    let mut plane = Plane::new(Shape::A).await;
    // The plane's own server has no part in this.
    plane.nats.kill();
    let mut cluster = Cluster::start(3);
    cluster.bus().await;
    plane
        .run(&format!(
            "INSERT INTO rule_nats_streams (config_id, stream_name, subjects, max_messages, max_bytes, discard_policy, replicas)
             SELECT config_id, '{STREAM}', ARRAY['webhooks.>'], NULL, NULL, 'new', 3 FROM rule_nats_config"
        ))
        .await;
    let (code, told, _) = ensure(&plane, &cluster);
    assert_eq!(code, 0, "{told}");
    assert!(!told.contains("warning"), "{told}");
    cluster.whole().await;

    let webhook = plane.webhook("ok", "nats", 0).await;
    let urls = cluster.urls();
    let start = async |arguments: &[&str]| -> Process {
        let arguments = [arguments, &["--nats-url", &urls]].concat();
        plane.start(&arguments).await
    };
    let relay = start(&["relay", "--republish-after", "1"]).await;
    let worker = start(&["worker", "--path", "nats", "--listen", "127.0.0.1:0"]).await;
    let _second = start(&["worker", "--path", "nats"]).await;
    let stop = Arc::new(AtomicBool::new(false));
    let traffic = tokio::spawn(traffic(plane.db.connect().await, webhook, stop.clone()));
    tokio::time::sleep(Duration::from_secs(1)).await;
    cluster.lose_the_leader().await;
    cluster.lose_the_leader().await;
    cluster.whole().await;
    stop.store(true, Ordering::Relaxed);
    let ids = traffic.await.unwrap();
    // A message that was on its way from the server that died comes again after the ack wait, two minutes.
    plane.until_delivered(180).await;

    let ambiguous: Vec<String> =
        sqlx::query_scalar("SELECT event_id FROM wavegate.ambiguous_attempt")
            .fetch_all(&mut plane.sql)
            .await
            .unwrap();
    let successes = plane.receiver.successes();
    let came: BTreeMap<&String, usize> = ids
        .iter()
        .map(|id| (id, successes.get(id).copied().unwrap_or(0)))
        .filter(|(_, count)| *count != 1)
        .collect();
    assert!(
        came.iter()
            .all(|(id, count)| *count > 1 && ambiguous.contains(id)),
        "lost or doubled: {came:?}"
    );
    assert_eq!(successes.len(), ids.len());
    let at = crate::relay::metrics::address(&worker);
    assert_eq!(scrape(&at).value("wavegate_nats_connected", &[]), 1.0);
    assert!(relay.stop().await);
}

#[tokio::test]
async fn without_a_majority_nothing_is_made_and_that_is_told() {
    let plane = Plane::new(Shape::B).await;
    let cluster = Cluster::start(1);
    let (code, told, took) = ensure(&plane, &cluster);
    assert_eq!(code, 1, "{told}");
    assert!(
        told.contains("no leader") && told.contains("majority"),
        "{told}"
    );
    assert!(took < Duration::from_secs(30), "{took:?}");
}
