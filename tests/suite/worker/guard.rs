//! What a webhook's settings may not do: frame a message, reach a metadata service; and whose certificates count.

use std::{
    io::{Read, Write},
    path::Path,
    process::Command,
    sync::Arc,
};

use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};

use crate::{support::Shape, support::plane::Plane};

const OPEN: &str =
    "SELECT count(*) FROM rule_webhook_events WHERE state NOT IN ('delivered', 'dead')";

async fn errors(plane: &mut Plane, webhook: i32) -> Vec<String> {
    sqlx::query_scalar(
        "SELECT DISTINCT error FROM rule_webhook_events WHERE webhook_id = $1 AND state = 'dead'",
    )
    .bind(webhook)
    .fetch_all(&mut plane.sql)
    .await
    .unwrap()
}

async fn to(plane: &mut Plane, url: &str) -> i32 {
    let webhook = plane.webhook("ok", "both", 0).await;
    plane
        .run(&format!(
            "UPDATE rule_webhooks SET url = '{url}', max_retries = 0, timeout_ms = 5000 WHERE webhook_id = {webhook}"
        ))
        .await;
    webhook
}

#[tokio::test]
async fn a_webhooks_own_headers_do_not_frame_the_message() {
    let mut plane = Plane::new(Shape::A).await;
    let webhook = plane.webhook("ok", "both", 0).await;
    plane
        .run(
            "UPDATE rule_webhooks SET headers = '{\"Content-Length\": \"3\", \"Connection\": \"close, x-a\", \"Transfer-Encoding\": \"chunked\",
               \"Expect\": \"100-continue\", \"TE\": \"trailers\", \"Proxy-Authorization\": \"p\", \"webhook-id\": \"forged\", \"webhook-timestamp\": \"1\",
               \"webhook-signature\": \"v1,forged\", \"Host\": \"inside.example\", \"X-A\": \"b\"}'",
        )
        .await;
    let _worker = plane.worker("queue").await;
    let ids = plane.emit(webhook, 3).await;
    plane.until(20, OPEN, 0).await;
    plane.assert_once(&ids);
    for call in plane.receiver.calls() {
        assert!(
            call.body.starts_with("{\"n\": ") && call.body.ends_with('}'),
            "{call:?}"
        );
        let length = call.headers["content-length"].to_str().unwrap();
        assert_eq!(length, call.body.len().to_string());
        for name in [
            "transfer-encoding",
            "connection",
            "expect",
            "te",
            "proxy-authorization",
            "webhook-signature",
        ] {
            assert!(!call.headers.contains_key(name), "{name}: {call:?}");
        }
        assert_ne!(call.headers["webhook-timestamp"], "1");
        assert_eq!(call.headers["host"], "inside.example");
        assert_eq!(call.headers["x-a"], "b");
    }
}

#[tokio::test]
async fn metadata_services_are_not_called() {
    let mut plane = Plane::new(Shape::A).await;
    let mut webhooks = Vec::new();
    for host in ["169.254.169.254", "[::ffff:169.254.169.254]", "2852039166"] {
        webhooks.push(to(&mut plane, &format!("http://{host}/latest")).await);
    }
    let _worker = plane.worker("queue").await;
    for webhook in &webhooks {
        plane.emit(*webhook, 1).await;
    }
    plane.until(20, OPEN, 0).await;
    for webhook in webhooks {
        let errors = errors(&mut plane, webhook).await;
        assert!(
            matches!(&errors[..], [one] if one.contains("is link-local") && one.contains("--allow-address")),
            "{errors:?}"
        );
    }
}

#[tokio::test]
async fn public_only_leaves_private_addresses_alone_but_the_excepted() {
    let mut plane = Plane::new(Shape::A).await;
    let port = plane.receiver.url.rsplit_once(':').unwrap().1.to_string();
    let mut webhooks = Vec::new();
    for host in ["127.0.0.1", "localhost", "0x7f.1", "[::ffff:127.0.0.1]"] {
        webhooks.push(to(&mut plane, &format!("http://{host}:{port}/ok")).await);
    }
    // Nor does a proxy of the environment get it.
    let proxy = [("HTTP_PROXY", plane.receiver.url.clone())];
    let proxy = [(proxy[0].0, proxy[0].1.as_str())];
    let worker = ["worker", "--path", "queue", "--public-only"];
    let strict = plane.start_with(&worker, &proxy).await;
    for webhook in &webhooks {
        plane.emit(*webhook, 1).await;
    }
    plane.until(20, OPEN, 0).await;
    assert!(plane.receiver.calls().is_empty());
    for webhook in &webhooks {
        let errors = errors(&mut plane, *webhook).await;
        assert!(
            matches!(&errors[..], [one] if one.contains("is loopback")),
            "{errors:?}"
        );
    }
    assert!(strict.stop().await);
    let excepted = [
        &worker[..],
        &["--allow-address", "127.0.0.0/8", "--allow-address", "::1"],
    ]
    .concat();
    let _worker = plane.start(&excepted).await;
    for webhook in &webhooks {
        plane.emit(*webhook, 1).await;
    }
    plane
        .until(
            20,
            "SELECT count(*) FROM rule_webhook_events WHERE state = 'delivered'",
            4,
        )
        .await;
}

#[tokio::test]
async fn a_url_that_can_never_work_says_why() {
    let mut plane = Plane::new(Shape::A).await;
    let mut webhooks = Vec::new();
    for (url, why) in [
        ("ftp://a.example/x", "neither http nor https"),
        ("//a.example/x", "relative URL"),
        ("http://a.example:99999/", "port"),
    ] {
        webhooks.push((to(&mut plane, url).await, why));
    }
    let _worker = plane.worker("queue").await;
    for (webhook, _) in &webhooks {
        plane.emit(*webhook, 1).await;
    }
    plane.until(20, OPEN, 0).await;
    for (webhook, why) in webhooks {
        let errors = errors(&mut plane, webhook).await;
        assert!(
            matches!(&errors[..], [one] if one.starts_with("the URL cannot be called: ") && one.contains(why)),
            "{errors:?}"
        );
    }
}

fn openssl(dir: &Path, arguments: &str) {
    let output = Command::new("openssl")
        .args(arguments.split(' '))
        .current_dir(dir)
        .output()
        .unwrap();
    assert!(output.status.success(), "openssl {arguments}: {output:?}");
}

/// Answers 200 to everything, over TLS with a certificate of its own CA.
fn serve_tls(dir: &Path) -> u16 {
    std::fs::write(
        dir.join("san"),
        "subjectAltName=DNS:localhost,IP:127.0.0.1\n",
    )
    .unwrap();
    openssl(
        dir,
        "req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=own-ca",
    );
    openssl(
        dir,
        "req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj /CN=localhost",
    );
    openssl(
        dir,
        "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out server.pem -days 2 -extfile san",
    );
    let chain = CertificateDer::pem_file_iter(dir.join("server.pem")).unwrap();
    let chain = chain.map(Result::unwrap).collect();
    let key = PrivateKeyDer::from_pem_file(dir.join("server.key")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let config = Arc::new(config);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let connection = ServerConnection::new(config.clone()).unwrap();
            let mut tls = StreamOwned::new(connection, stream);
            let mut request = Vec::new();
            let mut buffer = [0; 4096];
            while !request.ends_with(b"}") {
                match tls.read(&mut buffer) {
                    Ok(0) | Err(_) => break,
                    Ok(count) => request.extend_from_slice(&buffer[..count]),
                }
            }
            let _ =
                tls.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            tls.conn.send_close_notify();
            let _ = tls.flush();
        }
    });
    port
}

#[tokio::test]
async fn endpoints_may_have_a_ca_of_their_own() {
    let mut plane = Plane::new(Shape::A).await;
    let dir = tempfile::tempdir().unwrap();
    let port = serve_tls(dir.path());
    let webhook = to(&mut plane, &format!("https://localhost:{port}/x")).await;
    let without = plane.worker("queue").await;
    plane.emit(webhook, 1).await;
    plane.until(20, OPEN, 0).await;
    let errors = errors(&mut plane, webhook).await;
    assert!(
        matches!(&errors[..], [one] if one.contains("certificate")),
        "{errors:?}"
    );
    assert!(without.stop().await);

    let ca = dir.path().join("ca.pem").display().to_string();
    let delivered = "SELECT count(*) FROM rule_webhook_events WHERE state = 'delivered'";
    let with = plane
        .start(&["worker", "--path", "queue", "--endpoint-ca", &ca])
        .await;
    plane.emit(webhook, 1).await;
    plane.until(20, delivered, 1).await;
    assert!(with.stop().await);
    let with = plane
        .start_with(
            &["worker", "--path", "queue"],
            &[("WAVEGATE_ENDPOINT_CA", &ca)],
        )
        .await;
    plane.emit(webhook, 1).await;
    plane.until(20, delivered, 2).await;
    assert!(with.stop().await);

    let empty = dir.path().join("empty.pem").display().to_string();
    std::fs::write(&empty, "").unwrap();
    for file in [empty.as_str(), "/there/is/none.pem"] {
        let said = plane
            .command(&["worker", "--path", "queue", "--endpoint-ca", file])
            .await;
        assert!(said.code == 1 && said.err.contains(file), "{said:?}");
    }
}
