//! A proxy that pools transactions, as small as can be, and what refuses to work behind it. Each transaction of a client has whatever
//! backend is idle; prepared statements follow the client, as they do in real ones.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    io::Result,
    sync::{Arc, Mutex},
    time::Duration,
};

use sqlx::{Connection, PgConnection};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::{
    support::plane::Plane,
    support::terminal::wavegate,
    support::{Shape, TestDb},
};

/// A session of the server, and which clients' statements it has prepared.
struct Backend {
    stream: TcpStream,
    prepared: BTreeSet<Vec<u8>>,
    /// Of each statement that was sent and not yet answered: does its client wait for the answer?
    asked: VecDeque<bool>,
}

struct Pool {
    server: String,
    database: String,
    greeting: Vec<u8>,
    idle: Mutex<VecDeque<Backend>>,
}

pub struct Pooler {
    pub url: String,
}

/// A message of the protocol: its kind, its length, the rest.
async fn read(stream: &mut TcpStream) -> Result<(u8, Vec<u8>)> {
    let kind = stream.read_u8().await?;
    let mut body = vec![0; usize::try_from(stream.read_u32().await?).unwrap() - 4];
    stream.read_exact(&mut body).await?;
    Ok((kind, body))
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).unwrap().to_be_bytes();
    [&[kind][..], &length, body].concat()
}

/// Up to the first zero byte, and what follows it.
fn name(body: &[u8]) -> (&[u8], &[u8]) {
    let end = body.iter().position(|byte| *byte == 0).unwrap();
    (&body[..end], &body[end + 1..])
}

impl Backend {
    async fn connect(server: &str, database: &str) -> Result<(Backend, Vec<u8>)> {
        let mut stream = TcpStream::connect(server).await?;
        let start = format!("user\0postgres\0database\0{database}\0\0");
        let length = u32::try_from(start.len() + 8).unwrap();
        let version = 196_608_u32;
        let head = [length.to_be_bytes(), version.to_be_bytes()].concat();
        stream
            .write_all(&[&head, start.as_bytes()].concat())
            .await?;
        let mut greeting = Vec::new();
        loop {
            let (kind, body) = read(&mut stream).await?;
            greeting.extend(message(kind, &body));
            if kind == b'Z' {
                let (prepared, asked) = Default::default();
                let backend = Backend {
                    stream,
                    prepared,
                    asked,
                };
                return Ok((backend, greeting));
            }
        }
    }

    /// Passes a client's message on; its statements have names of their own, and come with it to this session.
    async fn tell(
        &mut self,
        client: u16,
        statements: &mut BTreeMap<Vec<u8>, Vec<u8>>,
        kind: u8,
        body: &[u8],
    ) -> Result<()> {
        let known = |statement: &[u8]| [statement, format!("_{client}").as_bytes()].concat();
        let before = match kind {
            b'B' => name(body).0.len() + 1,
            b'D' | b'C' if body[0] == b'S' => 1,
            _ => 0,
        };
        let names = matches!(kind, b'P' | b'B') || before == 1;
        let (statement, rest) = if names {
            name(&body[before..])
        } else {
            (&[][..], &[][..])
        };
        if statement.is_empty() {
            self.asked.extend((kind == b'P').then_some(true));
            return self.stream.write_all(&message(kind, body)).await;
        }
        let own = known(statement);
        match kind {
            b'P' => {
                statements.insert(statement.to_vec(), rest.to_vec());
                self.prepared.insert(own.clone());
                self.asked.push_back(true);
            }
            b'C' => {
                self.prepared.remove(&own);
            }
            _ if self.prepared.insert(own.clone()) => {
                let prepare = [&own[..], &[0], &statements[statement]].concat();
                self.stream.write_all(&message(b'P', &prepare)).await?;
                self.asked.push_back(false);
            }
            _ => {}
        }
        let renamed = [&body[..before], &own, &[0], rest].concat();
        self.stream.write_all(&message(kind, &renamed)).await
    }

    /// Passes answers on until the server is ready again; is the transaction over?
    async fn answer(&mut self, client: &mut TcpStream) -> Result<bool> {
        loop {
            let (kind, body) = read(&mut self.stream).await?;
            if kind == b'1' && self.asked.pop_front() == Some(false) {
                continue;
            }
            client.write_all(&message(kind, &body)).await?;
            if kind == b'Z' {
                self.asked.clear();
                return Ok(body == b"I");
            }
        }
    }
}

impl Pooler {
    /// With so many idle sessions to begin with.
    pub async fn start(db: &TestDb, sessions: usize) -> Pooler {
        let (server, database) = db.url.rsplit_once('/').unwrap();
        let server = server.rsplit_once('@').unwrap().1;
        let mut pool = Pool {
            server: server.to_string(),
            database: database.to_string(),
            greeting: Vec::new(),
            idle: Mutex::default(),
        };
        for _ in 0..sessions {
            let (backend, greeting) = Backend::connect(server, database).await.unwrap();
            pool.idle.lock().unwrap().push_back(backend);
            pool.greeting = greeting;
        }
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let pool = Arc::new(pool);
        tokio::spawn(async move {
            while let Ok((client, from)) = listener.accept().await {
                // A client that goes away ends its task.
                tokio::spawn(serve(pool.clone(), client, from.port()));
            }
        });
        Pooler {
            url: format!("postgres://postgres@127.0.0.1:{port}/{database}"),
        }
    }
}

async fn serve(pool: Arc<Pool>, mut client: TcpStream, id: u16) -> Result<()> {
    loop {
        let mut rest = vec![0; usize::try_from(client.read_u32().await?).unwrap() - 4];
        client.read_exact(&mut rest).await?;
        if rest.starts_with(&80_877_103_u32.to_be_bytes()) {
            client.write_all(b"N").await?;
            continue;
        }
        break client.write_all(&pool.greeting).await?;
    }
    let mut statements = BTreeMap::new();
    let mut held: Option<Backend> = None;
    loop {
        let (kind, body) = read(&mut client).await?;
        if kind == b'X' {
            return Ok(());
        }
        let mut backend = match held.take() {
            Some(backend) => backend,
            None => {
                let idle = pool.idle.lock().unwrap().pop_front();
                match idle {
                    Some(backend) => backend,
                    None => Backend::connect(&pool.server, &pool.database).await?.0,
                }
            }
        };
        backend.tell(id, &mut statements, kind, &body).await?;
        let over = matches!(kind, b'S' | b'Q') && backend.answer(&mut client).await?;
        if over {
            pool.idle.lock().unwrap().push_back(backend);
        } else {
            held = Some(backend);
        }
    }
}

async fn backend(connection: &mut PgConnection, plus: i32) -> i32 {
    sqlx::query_scalar("SELECT pg_backend_pid() + $1 - $1")
        .bind(plus)
        .fetch_one(connection)
        .await
        .unwrap()
}

#[tokio::test]
async fn behind_a_proxy_that_pools_transactions_nobody_works() {
    let plane = Plane::new(Shape::A).await;
    for sessions in [1, 2, 3] {
        let pooler = Pooler::start(&plane.db, sessions).await;
        // It serves well whoever needs no session.
        let mut one = PgConnection::connect(&pooler.url).await.unwrap();
        let mut two = PgConnection::connect(&pooler.url).await.unwrap();
        let mut seen = BTreeSet::new();
        for plus in 0..4 {
            let mut transaction = one.begin().await.unwrap();
            let inside = backend(&mut transaction, plus).await;
            assert_eq!(backend(&mut transaction, plus).await, inside);
            let beside = backend(&mut two, plus).await;
            assert_ne!(inside, beside);
            transaction.commit().await.unwrap();
            seen.extend([inside, beside]);
        }
        assert!(seen.len() >= 2, "{seen:?}");
        for command in [
            &["relay"][..],
            &["worker", "--path", "queue"],
            &["worker", "--path", "nats"],
            &["schema", "status"],
            &["schema", "apply", "--yes"],
            &["schema", "revert", "--yes"],
            &["rollback", "--all", "--yes"],
            &["redrive", "--all", "--yes"],
            &["drain", "--all"],
            &["dead", "list"],
            &["status"],
            &["audit"],
            &["stream", "status"],
            &["init"],
        ] {
            let mut command = wavegate(command);
            command
                .env("DATABASE_URL", &pooler.url)
                .env("NATS_URL", plane.nats.url());
            let mut command = tokio::process::Command::from(command);
            let said = command.kill_on_drop(true).output();
            let said = tokio::time::timeout(Duration::from_secs(30), said)
                .await
                .unwrap_or_else(|_| panic!("{sessions} sessions: {command:?} works"))
                .unwrap();
            let text = String::from_utf8(said.stderr).unwrap();
            assert_eq!(said.status.code(), Some(5), "{text}");
            assert!(
                text.contains("pools transactions") && text.contains("session mode"),
                "{text}"
            );
        }
    }
}
