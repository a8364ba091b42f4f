//! TLS with a CA and a client certificate, nkeys, and the contexts of the NATS CLI.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use wavegate::{
    bus::{Auth, Bus, BusOptions, Layer, Tls},
    lab::servers::free_port,
};

use crate::support::{Schema, Shape, TestDb, TestNats};

/// A nats-server with a configuration of the test's own.
pub struct Server {
    child: Child,
    pub port: u16,
}

impl Server {
    pub async fn start(dir: &Path, more: &str) -> Server {
        Server::on(free_port().unwrap(), dir, more).await
    }

    /// The same server started anew with another configuration.
    pub async fn again(&mut self, dir: &Path, more: &str) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        *self = Server::on(self.port, dir, more).await;
    }

    async fn on(port: u16, dir: &Path, more: &str) -> Server {
        let conf = dir.join("nats.conf");
        let text = format!(
            "listen: \"127.0.0.1:{port}\"\njetstream {{ store_dir: \"{}\" }}\n{more}\n",
            dir.join("store").display()
        );
        std::fs::write(&conf, text).unwrap();
        let binary = std::env::var_os("WAVEGATE_NATS_SERVER").unwrap_or("nats-server".into());
        let child = Command::new(binary)
            .arg("-c")
            .arg(&conf)
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let end = Instant::now() + Duration::from_secs(10);
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < end);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Server { child, port }
    }

    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn options(server: &Server, auth: Option<Auth>, tls: Tls) -> BusOptions {
    let layer = Layer {
        servers: vec![server.url()],
        auth,
        tls,
        ..Layer::default()
    };
    BusOptions::from_layers(&[layer], Duration::from_secs(3)).unwrap()
}

fn openssl(dir: &Path, arguments: &str) {
    let output = Command::new("openssl")
        .args(arguments.split(' '))
        .current_dir(dir)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "openssl {arguments}: {text}");
}

/// A CA, and certificates for server and client that it signed.
pub fn certificates(dir: &Path) {
    std::fs::write(
        dir.join("ext"),
        "subjectAltName=IP:127.0.0.1,DNS:localhost\nextendedKeyUsage=serverAuth,clientAuth\nbasicConstraints=CA:FALSE\n",
    )
    .unwrap();
    openssl(dir, "ecparam -genkey -name prime256v1 -noout -out ca.key");
    openssl(
        dir,
        "req -x509 -new -key ca.key -subj /CN=test-ca -days 2 -out ca.pem",
    );
    for name in ["server", "client"] {
        openssl(
            dir,
            &format!("ecparam -genkey -name prime256v1 -noout -out {name}.ec"),
        );
        openssl(
            dir,
            &format!("pkcs8 -topk8 -nocrypt -in {name}.ec -out {name}.key"),
        );
        openssl(
            dir,
            &format!("req -new -key {name}.key -subj /CN={name} -out {name}.csr"),
        );
        openssl(
            dir,
            &format!(
                "x509 -req -in {name}.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile ext -out {name}.pem"
            ),
        );
    }
}

#[tokio::test]
async fn a_server_that_wants_certificates_gets_them() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let dir = tempfile::tempdir().unwrap();
    certificates(dir.path());
    let file = |name: &str| dir.path().join(name);
    let more = format!(
        "tls {{ cert_file: \"{}\", key_file: \"{}\", ca_file: \"{}\", verify: true }}",
        file("server.pem").display(),
        file("server.key").display(),
        file("ca.pem").display()
    );
    let server = Server::start(dir.path(), &more).await;
    let tls = |ca: Option<PathBuf>, name: Option<&str>| Tls {
        required: true,
        ca,
        cert: name.map(|n| file(&format!("{n}.pem"))),
        key: name.map(|n| file(&format!("{n}.key"))),
    };
    let good = tls(Some(file("ca.pem")), Some("client"));
    Bus::connect(&options(&server, None, good)).await.unwrap();
    for wrong in [tls(None, Some("client")), tls(Some(file("ca.pem")), None)] {
        let begin = Instant::now();
        let error = Bus::connect(&options(&server, None, wrong))
            .await
            .err()
            .unwrap();
        assert!(begin.elapsed() < Duration::from_secs(15));
        assert!(!error.hints().is_empty(), "{error}");
    }
    let half = Layer {
        tls: Tls {
            cert: Some(file("client.pem")),
            ..Tls::default()
        },
        ..Layer::default()
    };
    let error = BusOptions::from_layers(&[half], Duration::from_secs(1)).unwrap_err();
    assert!(error.message().contains("needs its key"), "{error}");
}

// The pair of the NATS documentation.
const SEED: &str = "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY";
const PUBLIC: &str = "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4";

#[tokio::test]
async fn an_nkey_and_a_password_open_the_door() {
    let dir = tempfile::tempdir().unwrap();
    let more = format!(
        "authorization {{ users: [ {{ nkey: {PUBLIC} }}, {{ user: joe, password: \"p w\" }} ] }}"
    );
    let server = Server::start(dir.path(), &more).await;
    let password = |text: &str| Auth::Password {
        user: "joe".into(),
        password: text.into(),
    };
    for auth in [Auth::Nkey(SEED.into()), password("p w")] {
        Bus::connect(&options(&server, Some(auth), Tls::default()))
            .await
            .unwrap();
    }
    let unreadable = options(
        &server,
        Some(Auth::Nkey("SUnonsense".into())),
        Tls::default(),
    );
    let error = Bus::connect(&unreadable).await.err().unwrap();
    assert_eq!(error.message(), "the nkey seed cannot be read");
    for auth in [None, Some(password("guess"))] {
        let error = Bus::connect(&options(&server, auth.clone(), Tls::default()))
            .await
            .err()
            .unwrap();
        assert!(
            error.message().contains("refused the login"),
            "{auth:?}: {error}"
        );
        assert!(!format!("{error:?}").contains("guess"));
    }
    // The data plane does not go on trying with wrong credentials.
    let error = Bus::open(&options(&server, Some(password("guess")), Tls::default()))
        .await
        .err()
        .unwrap();
    assert!(error.message().contains("refused the login"), "{error}");
}

fn wavegate(db: &TestDb, home: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_wavegate"))
        .args(arguments)
        .env("DATABASE_URL", &db.url)
        .env("XDG_CONFIG_HOME", home)
        .env_remove("NATS_URL")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (
        output.status.code(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

#[tokio::test]
async fn stream_ensure_asks_works_by_a_nats_context_and_repeats() {
    let db = TestDb::new(Shape::B, Schema::Migrated).await;
    let nats = TestNats::new();
    let home = tempfile::tempdir().unwrap();
    let contexts = home.path().join("nats/context");
    std::fs::create_dir_all(&contexts).unwrap();
    let context = serde_json::json!({ "description": "", "url": nats.url, "token": "", "user": "", "creds": "" });
    std::fs::write(contexts.join("lab.json"), context.to_string()).unwrap();
    // A stream of its own: the server may be shared.
    let mut c = db.connect().await;
    sqlx::query("UPDATE rule_nats_config SET stream_name = $1, subject_prefix = lower($1)")
        .bind(&nats.prefix)
        .execute(&mut c)
        .await
        .unwrap();
    let run = |arguments: &[&str]| wavegate(&db, home.path(), arguments);
    let (code, out, err) = run(&["stream", "status", "--nats-context", "lab"]);
    assert_eq!(code, Some(5), "{out}{err}");
    assert!(out.contains("the stream is missing"), "{out}");
    let (code, _, err) = run(&["stream", "ensure", "--nats-context", "lab"]);
    assert_eq!(code, Some(6), "nobody to ask: {err}");
    let (code, out, err) = run(&["stream", "ensure", "--nats-context", "lab", "--dry-run"]);
    assert_eq!(code, Some(0), "{out}{err}");
    for made in ["stream made, consumer made", "as wanted"] {
        let (code, out, err) = run(&["stream", "ensure", "--nats-context", "lab", "--yes"]);
        assert_eq!(code, Some(0), "{out}{err}");
        assert!(out.contains(made), "{out}");
    }
    let (code, out, _) = run(&["stream", "status", "--nats-context", "lab", "-o", "json"]);
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &json["kind"]), (Some(0), &"stream_status".into()));
    assert_eq!(json["data"]["as_wanted"], true);

    let (code, _, err) = run(&["stream", "status", "--nats-context", "nowhere"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("there is: lab"), "{err}");
    let (code, _, err) = run(&[
        "stream",
        "status",
        "--nats-context",
        "lab",
        "--config",
        "other",
    ]);
    assert_eq!(code, Some(2));
    assert!(err.contains("there is: default"), "{err}");

    // The operator's own words in rule_nats_streams count, and what cannot change is refused.
    sqlx::query("SELECT rule_nats_stream_create($1, ARRAY[lower($1) || '.>'])")
        .bind(&nats.prefix)
        .execute(&mut c)
        .await
        .unwrap();
    sqlx::query("UPDATE rule_nats_streams SET storage_type = 'memory'")
        .execute(&mut c)
        .await
        .unwrap();
    let (code, _, err) = run(&["stream", "ensure", "--nats-context", "lab", "--yes"]);
    assert_eq!(code, Some(5), "{err}");
    assert!(err.contains("storage = file; wanted memory"), "{err}");
}
