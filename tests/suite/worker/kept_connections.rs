//! A kept connection that its endpoint has closed costs no attempt; a new one that is closed without an answer does.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::timeout,
};

use crate::{
    relay::metrics::address, support::Shape, support::exposition::get, support::plane::Plane,
};

/// How a server of the test's own ends its connections.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Ends {
    /// Reads a second request and answers nothing.
    AtTheSecond,
    /// After this pause without a request.
    AfterPause(Duration),
    /// Reads a first request and answers nothing.
    AtOnce,
}

#[derive(Debug, Default)]
struct Seen {
    requests: usize,
    answered: BTreeMap<String, usize>,
}

/// Its port, and what it saw.
async fn serve(ends: Ends) -> (u16, Arc<Mutex<Seen>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let seen = Arc::new(Mutex::new(Seen::default()));
    let shared = seen.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(connection(stream, ends, shared.clone()));
        }
    });
    (port, seen)
}

async fn connection(mut stream: TcpStream, ends: Ends, seen: Arc<Mutex<Seen>>) {
    for nth in 1.. {
        let pause = match ends {
            // A new connection is given time: a busy machine is no idle endpoint.
            Ends::AfterPause(pause) if nth > 1 => pause,
            _ => Duration::from_secs(60),
        };
        let Ok(Some(id)) = timeout(pause, request(&mut stream)).await else {
            return;
        };
        seen.lock().unwrap().requests += 1;
        if ends == Ends::AtOnce || ends == Ends::AtTheSecond && nth == 2 {
            return;
        }
        *seen.lock().unwrap().answered.entry(id).or_default() += 1;
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
        if stream.write_all(answer).await.is_err() {
            return;
        }
    }
}

/// Reads one request; its `webhook-id`.
async fn request(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8_lossy(&head).to_ascii_lowercase();
    let header = |name: &str| {
        let line = head.lines().find(|line| line.starts_with(name))?;
        Some(line.split_once(": ")?.1.to_string())
    };
    let length: usize = header("content-length:")?.parse().ok()?;
    stream.read_exact(&mut vec![0; length]).await.ok()?;
    header("webhook-id:")
}

async fn webhook(plane: &mut Plane, port: u16) -> i32 {
    let webhook = plane.webhook("ok", "both", 0).await;
    let sql = format!(
        "UPDATE rule_webhooks SET url = 'http://127.0.0.1:{port}/', max_retries = 0 WHERE webhook_id = {webhook}"
    );
    plane.run(&sql).await;
    webhook
}

const OPEN: &str =
    "SELECT count(*) FROM rule_webhook_events WHERE state NOT IN ('delivered', 'dead')";
const DEAD: &str = "SELECT count(*) FROM rule_webhook_events WHERE state = 'dead'";

#[tokio::test]
async fn a_kept_connection_that_closes_costs_no_attempt() {
    let mut plane = Plane::new(Shape::A).await;
    let (port, seen) = serve(Ends::AtTheSecond).await;
    let webhook = webhook(&mut plane, port).await;
    let worker = plane
        .start(&["worker", "--path", "queue", "--listen", "127.0.0.1:0"])
        .await;
    for _ in 0..30 {
        plane.emit(webhook, 1).await;
        plane.until(20, OPEN, 0).await;
    }
    assert_eq!(plane.number(DEAD).await, 0);
    {
        let seen = seen.lock().unwrap();
        assert_eq!(seen.answered.len(), 30);
        assert!(seen.answered.values().all(|count| *count == 1));
        assert!(seen.requests > 30, "no connection was used again");
    }
    let page = get(&address(&worker), "/metrics").body;
    let line = page
        .lines()
        .find(|line| line.starts_with("wavegate_worker_retried_connections_total "));
    assert!(line.is_some_and(|line| !line.ends_with(" 0")), "{page}");
    assert!(worker.stop().await);
}

#[tokio::test]
async fn nor_does_it_where_calls_run_side_by_side() {
    let mut plane = Plane::new(Shape::A).await;
    let (port, seen) = serve(Ends::AtTheSecond).await;
    let webhook = webhook(&mut plane, port).await;
    let _worker = plane.worker("queue").await;
    let many = format!(
        "SELECT rule_webhook_call_unified({webhook}, '{{\"n\": 1}}') FROM generate_series(1, 40)"
    );
    for _ in 0..25 {
        plane.run(&many).await;
        plane.until(20, OPEN, 0).await;
    }
    assert_eq!(plane.number(DEAD).await, 0);
    let seen = seen.lock().unwrap();
    assert_eq!(seen.answered.len(), 1000);
    assert!(seen.answered.values().all(|count| *count == 1));
}

#[tokio::test]
async fn an_endpoint_that_closes_idle_connections_gets_every_event() {
    let mut plane = Plane::new(Shape::A).await;
    let (port, seen) = serve(Ends::AfterPause(Duration::from_millis(20))).await;
    let webhook = webhook(&mut plane, port).await;
    let _worker = plane.worker("queue").await;
    for _ in 0..300 {
        plane.emit(webhook, 1).await;
        tokio::time::sleep(Duration::from_millis(15)).await;
    }
    plane.until(20, OPEN, 0).await;
    assert_eq!(plane.number(DEAD).await, 0);
    assert_eq!(seen.lock().unwrap().answered.len(), 300);
}

#[tokio::test]
async fn a_new_connection_that_closes_is_the_endpoints_failure() {
    let mut plane = Plane::new(Shape::A).await;
    let (port, seen) = serve(Ends::AtOnce).await;
    let webhook = webhook(&mut plane, port).await;
    let _worker = plane.worker("queue").await;
    plane.emit(webhook, 3).await;
    plane.until(20, OPEN, 0).await;
    assert_eq!(plane.number(DEAD).await, 3);
    assert_eq!(seen.lock().unwrap().requests, 3);
}
