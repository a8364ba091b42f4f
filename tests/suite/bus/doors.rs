//! Ways into NATS: TLS before anything secret, credentials that are renewed, passwords of any characters that nobody sees.

use std::{
    path::Path,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use wavegate::bus::{Auth, Bus, BusOptions, Layer, Secret, Tls};

use crate::{
    bus::tls::{Server, certificates},
    support::Shape,
    support::plane::Plane,
    support::terminal::run,
};

fn options(url: &str, auth: Option<Auth>, tls: Tls) -> BusOptions {
    let layer = Layer {
        servers: vec![url.to_string()],
        auth,
        tls,
        reconnect_delay: Some(Duration::from_millis(200)),
        ..Layer::default()
    };
    BusOptions::from_layers(&[layer], Duration::from_secs(3)).unwrap()
}

fn joe(password: Secret) -> Option<Auth> {
    Some(Auth::Password {
        user: "joe".into(),
        password,
    })
}

/// Stands before a server and remembers what clients send to it.
async fn overhear(port: u16) -> (u16, Arc<Mutex<Vec<u8>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let own = listener.local_addr().unwrap().port();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let memory = heard.clone();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let server = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
            let (mut from_client, mut to_client) = client.into_split();
            let (mut from_server, mut to_server) = server.into_split();
            let memory = memory.clone();
            tokio::spawn(async move { tokio::io::copy(&mut from_server, &mut to_client).await });
            tokio::spawn(async move {
                let mut buffer = [0; 4096];
                while let Ok(count @ 1..) = from_client.read(&mut buffer).await {
                    memory.lock().unwrap().extend(&buffer[..count]);
                    let _ = to_server.write_all(&buffer[..count]).await;
                }
            });
        }
    });
    (own, heard)
}

#[tokio::test]
async fn where_tls_is_asked_for_nothing_goes_out_in_clear() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let dir = tempfile::tempdir().unwrap();
    certificates(dir.path());
    let users = "authorization { users: [ { user: joe, password: hunter2 } ] }";
    let server = Server::start(dir.path(), users).await;
    let (port, heard) = overhear(server.port).await;
    let file = |name: &str| Some(dir.path().join(name));
    let ca = Tls {
        ca: file("ca.pem"),
        ..Tls::default()
    };
    let client = Tls {
        cert: file("client.pem"),
        key: file("client.key"),
        ..Tls::default()
    };
    let required = Tls {
        required: true,
        ..Tls::default()
    };
    let plain = format!("nats://127.0.0.1:{port}");
    for (url, tls) in [
        (plain.clone(), ca),
        (plain.clone(), client),
        (plain.clone(), required),
        (format!("tls://127.0.0.1:{port}"), Tls::default()),
    ] {
        let options = options(&url, joe("hunter2".into()), tls);
        for error in [
            Bus::connect(&options).await.err(),
            Bus::open(&options).await.err(),
        ] {
            let error = error.unwrap();
            assert!(error.message().contains("offers no TLS"), "{error}");
            assert!(!error.hints().is_empty());
        }
    }
    let sent = String::from_utf8_lossy(&heard.lock().unwrap()).into_owned();
    assert!(!sent.is_empty() && !sent.contains("CONNECT") && !sent.contains("hunter2"));
    // The listener hears what is said in clear.
    let clear = options(&plain, joe("hunter2".into()), Tls::default());
    Bus::connect(&clear).await.unwrap();
    let sent = String::from_utf8_lossy(&heard.lock().unwrap()).into_owned();
    assert!(sent.contains("hunter2"), "{sent}");
}

#[tokio::test]
async fn passwords_of_any_characters_open_the_door_and_are_never_shown() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(
        dir.path(),
        "authorization { users: [ { user: joe, password: \"p/w@#?%: x\" } ] }",
    )
    .await;
    let place = server.url();
    for written in ["p/w@#?%: x", "p%2Fw%40%23%3F%25%3A%20x"] {
        let url = place.replace("//", &format!("//joe:{written}@"));
        Bus::connect(&options(&url, None, Tls::default()))
            .await
            .unwrap();
        let list = format!("{url}, nats://localhost:{}", server.port);
        Bus::connect(&options(&list, None, Tls::default()))
            .await
            .unwrap();
    }
    let wrong = place.replace("//", "//joe:S3cr/et@#?@");
    let error = Bus::connect(&options(&wrong, None, Tls::default()))
        .await
        .err()
        .unwrap();
    assert!(
        error
            .message()
            .contains(&format!("NATS at {place} refused the login")),
        "{error}"
    );
    assert!(!format!("{error:?}").contains("S3cr"), "{error:?}");
    // By every door: option, variable, context and table.
    let plane = Plane::new(Shape::A).await;
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(home.path().join("nats/context")).unwrap();
    let database = plane.db.url.clone();
    let say = move |variables: &[(&str, &str)], arguments: &[&str]| {
        let mut command = crate::support::terminal::wavegate(arguments);
        command
            .env("DATABASE_URL", &database)
            .env_remove("NATS_URL");
        let said = run(command.envs(variables.iter().copied()));
        assert_ne!(said.code, 0, "{said:?}");
        assert!(!format!("{said:?}").contains("S3cr"), "{said:?}");
    };
    for secret in [
        "S3cr/et",
        "S3cr@et",
        "a:S3cr#et",
        "a:S3cr?et",
        "a:S3cr%et",
        "a:S3cr et",
        "a:S3cr,et",
        "a:x@y,S3cret",
    ] {
        for url in [
            place.replace("//", &format!("//{secret}@")),
            format!("nats://{secret}@127.0.0.1:x/y"),
        ] {
            let list = format!("nats://127.0.0.1:1,{url}");
            for output in ["json", "table"] {
                say(&[("NATS_URL", &url)], &["stream", "status", "-o", output]);
            }
            say(&[], &["stream", "status", "-vv", "--nats-url", &list]);
            let context = home.path().join("nats/context/c.json");
            std::fs::write(context, serde_json::json!({ "url": list }).to_string()).unwrap();
            let folder = home.path().to_str().unwrap();
            say(
                &[("XDG_CONFIG_HOME", folder)],
                &["stream", "status", "--nats-context", "c"],
            );
            let table = format!("UPDATE rule_nats_config SET nats_url = '{list}'");
            sqlx::query(sqlx::AssertSqlSafe(table))
                .execute(&mut plane.db.connect().await)
                .await
                .unwrap();
            say(&[], &["stream", "status"]);
            let database = url.replace("nats://", "postgres://");
            say(
                &[("DATABASE_URL", &database)],
                &["schema", "status", "--connect-timeout", "1"],
            );
        }
    }
    plane.close().await;
}

/// Waits until it holds.
async fn until(what: &str, holds: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !holds() {
        assert!(Instant::now() < end, "{what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The server refuses the old credentials and tells; then the file is renewed.
async fn renews(dir: &Path, before: String, after: String, auth: Auth, renew: impl FnOnce()) {
    let mut server = Server::start(dir, &before).await;
    let bus = Bus::open(&options(&server.url(), Some(auth), Tls::default()))
        .await
        .unwrap();
    server.again(dir, &after).await;
    until("the cause", || {
        bus.not_connected().ends_with(": authorization violation")
    })
    .await;
    assert!(!bus.is_up());
    renew();
    until("the connection", || bus.is_up()).await;
    bus.check().await.unwrap();
}

#[tokio::test]
async fn credentials_are_read_again_at_each_connection() {
    let dir = || tempfile::tempdir().unwrap();
    let write = |path: &Path, text: &str| std::fs::write(path, text).unwrap();
    let password = |text: &str| {
        format!("authorization {{ users: [ {{ user: joe, password: \"{text}\" }} ] }}")
    };
    let token = |text: &str| format!("authorization {{ token: \"{text}\" }}");
    let nkey = |public: &str| format!("authorization {{ users: [ {{ nkey: {public} }} ] }}");
    let (one, two, three) = (dir(), dir(), dir());
    let file = |dir: &tempfile::TempDir| dir.path().join("secret");
    let (first, other) = (nkeys::KeyPair::new_user(), nkeys::KeyPair::new_user());
    write(&file(&one), "old\n");
    write(&file(&two), "old\n");
    write(
        &file(&three),
        &format!("# a key\n{}\n", first.seed().unwrap()),
    );
    let auth = joe(Secret::File(file(&one))).unwrap();
    tokio::join!(
        renews(one.path(), password("old"), password("new"), auth, || {
            write(&file(&one), "new\n")
        }),
        renews(
            two.path(),
            token("old"),
            token("new"),
            Auth::Token(Secret::File(file(&two))),
            || write(&file(&two), "new")
        ),
        renews(
            three.path(),
            nkey(&first.public_key()),
            nkey(&other.public_key()),
            Auth::Nkey(Secret::File(file(&three))),
            || write(&file(&three), &other.seed().unwrap())
        ),
    );
}

/// A JWT of NATS: `signer` says it of `subject`.
fn jwt(signer: &nkeys::KeyPair, subject: &nkeys::KeyPair, nats: &serde_json::Value) -> String {
    let part = |json: serde_json::Value| URL_SAFE_NO_PAD.encode(json.to_string());
    let claims = serde_json::json!({
        "jti": subject.public_key(), "iat": 1_700_000_000, "iss": signer.public_key(), "name": "test",
        "sub": subject.public_key(), "nats": nats,
    });
    let head = serde_json::json!({ "typ": "JWT", "alg": "ed25519-nkey" });
    let text = format!("{}.{}", part(head), part(claims));
    let signature = signer.sign(text.as_bytes()).unwrap();
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// An operator's configuration with one account for users, and a credentials file of a user of it.
fn operator() -> (String, String) {
    use nkeys::KeyPair;
    let (operator, system, account) = (
        KeyPair::new_operator(),
        KeyPair::new_account(),
        KeyPair::new_account(),
    );
    let user = KeyPair::new_user();
    let limits = serde_json::json!({
        "subs": -1, "conn": -1, "leaf": -1, "imports": -1, "exports": -1, "data": -1, "payload": -1, "wildcards": true,
        "mem_storage": -1, "disk_storage": -1, "streams": -1, "consumer": -1,
    });
    let of_account = |pair: &KeyPair, limits: &serde_json::Value| {
        let nats = serde_json::json!({ "type": "account", "version": 2, "limits": limits });
        jwt(&operator, pair, &nats)
    };
    let no_jetstream = serde_json::json!({
        "subs": -1, "conn": -1, "leaf": -1, "imports": -1, "exports": -1, "data": -1, "payload": -1, "wildcards": true,
    });
    let config = format!(
        "operator: {}\nsystem_account: {}\nresolver: MEMORY\nresolver_preload: {{ {}: {}, {}: {} }}",
        jwt(
            &operator,
            &operator,
            &serde_json::json!({ "type": "operator", "version": 2 })
        ),
        system.public_key(),
        system.public_key(),
        of_account(&system, &no_jetstream),
        account.public_key(),
        of_account(&account, &limits),
    );
    let of_user =
        serde_json::json!({ "type": "user", "version": 2, "subs": -1, "data": -1, "payload": -1 });
    let credentials = format!(
        "-----BEGIN NATS USER JWT-----\n{}\n------END NATS USER JWT------\n\n\
         -----BEGIN USER NKEY SEED-----\n{}\n------END USER NKEY SEED------\n",
        jwt(&account, &user, &of_user),
        user.seed().unwrap()
    );
    (config, credentials)
}

#[tokio::test]
async fn a_credentials_file_is_read_again_at_each_connection() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("user.creds");
    let ((old, first), (new, other)) = (operator(), operator());
    std::fs::write(&file, first).unwrap();
    renews(
        dir.path(),
        old,
        new,
        Auth::Credentials(file.clone()),
        || std::fs::write(&file, other).unwrap(),
    )
    .await;
}

/// CA, server and client certificates are all renewed: the server first, and until the files are there the cause is told.
#[tokio::test]
async fn certificates_are_read_again_at_each_connection() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let (dir, new) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    certificates(dir.path());
    certificates(new.path());
    let config = |from: &Path| {
        let file = |name: &str| from.join(name).display().to_string();
        format!(
            "tls {{ cert_file: \"{}\", key_file: \"{}\", ca_file: \"{}\", verify: true }}",
            file("server.pem"),
            file("server.key"),
            file("ca.pem")
        )
    };
    let file = |name: &str| Some(dir.path().join(name));
    let tls = Tls {
        required: true,
        ca: file("ca.pem"),
        cert: file("client.pem"),
        key: file("client.key"),
    };
    let mut server = Server::start(dir.path(), &config(dir.path())).await;
    let bus = Bus::open(&options(&server.url(), None, tls)).await.unwrap();
    server.again(dir.path(), &config(new.path())).await;
    until("the cause", || {
        bus.not_connected().to_lowercase().contains("certificate")
    })
    .await;
    assert!(!bus.is_up());
    for name in ["ca.pem", "client.pem", "client.key"] {
        std::fs::copy(new.path().join(name), dir.path().join(name)).unwrap();
    }
    until("the connection", || bus.is_up()).await;
    bus.check().await.unwrap();
}
