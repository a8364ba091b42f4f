//! An endpoint behind a bad network: plain TCP, so that a connection can end at any point of a call.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use chrono::{DateTime, Utc};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
    time::sleep,
};

/// What becomes of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Fault {
    None,
    Slow,
    /// No answer, for as long as the caller waits; then one that nobody reads.
    BlackHole,
    Status(u16),
    /// Reset after the request was read.
    Reset,
    /// Reset in the midst of the status line.
    ResetInHead,
    /// Reset in the midst of a body whose status said success.
    ResetInBody,
    /// Our half of the connection is closed without an answer.
    HalfClosed,
    Garbage,
    /// Success, and a body that does not end.
    Endless,
}

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// Chances in a thousand; the rest goes well.
const CHANCES: [(u32, Fault); 11] = [
    (60, Fault::Slow),
    (8, Fault::BlackHole),
    (40, Fault::Status(500)),
    (2, Fault::Status(429)),
    (10, Fault::Status(302)),
    (40, Fault::Reset),
    (20, Fault::ResetInHead),
    (20, Fault::ResetInBody),
    (20, Fault::HalfClosed),
    (20, Fault::Garbage),
    (10, Fault::Endless),
];

impl Fault {
    fn draw(rng: &mut fastrand::Rng) -> Fault {
        let mut dice = rng.u32(..1000);
        for (chance, fault) in CHANCES {
            if dice < chance {
                return fault;
            }
            dice -= chance;
        }
        Fault::None
    }
}

/// One call that was read to its end.
#[derive(Debug, Clone)]
pub struct Call {
    pub id: String,
    pub at: DateTime<Utc>,
    pub fault: Fault,
    /// The caller was sent the head of an answer that says success.
    pub told: bool,
}

type Calls = Arc<Mutex<HashMap<String, Vec<Call>>>>;

pub struct Faulty {
    pub url: String,
    address: SocketAddr,
    calls: Calls,
    rng: Arc<Mutex<fastrand::Rng>>,
    serving: Option<JoinHandle<()>>,
}

impl Faulty {
    pub async fn start(seed: u64) -> Faulty {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut endpoint = Faulty {
            url: format!("http://{address}/hook"),
            address,
            calls: Arc::default(),
            rng: Arc::new(Mutex::new(fastrand::Rng::with_seed(seed))),
            serving: None,
        };
        endpoint.serve(listener);
        endpoint
    }

    fn serve(&mut self, listener: TcpListener) {
        let (calls, rng) = (self.calls.clone(), self.rng.clone());
        self.serving = Some(tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(serve(stream, calls.clone(), rng.clone()));
                while connections.try_join_next().is_some() {}
            }
        }));
    }

    /// Connections are refused for so long, and those that stand are cut.
    pub async fn refuse(&mut self, ms: u64) {
        if let Some(serving) = self.serving.take() {
            serving.abort();
            let _ = serving.await;
        }
        sleep(Duration::from_millis(ms)).await;
        self.serve(TcpListener::bind(self.address).await.unwrap());
    }

    /// Every call that was read to its end, by the caller's key.
    pub fn calls(&self) -> HashMap<String, Vec<Call>> {
        self.calls.lock().unwrap().clone()
    }
}

/// Serves one connection until a fault ends it.
async fn serve(mut stream: TcpStream, calls: Calls, rng: Arc<Mutex<fastrand::Rng>>) {
    let mut buffer = Vec::new();
    while let Some((id, key)) = read_call(&mut stream, &mut buffer).await {
        let fault = Fault::draw(&mut rng.lock().unwrap());
        let at = Utc::now();
        let call = Call {
            id,
            at,
            fault,
            told: false,
        };
        let place = {
            let mut calls = calls.lock().unwrap();
            let calls = calls.entry(key.clone()).or_default();
            calls.push(call);
            calls.len() - 1
        };
        let told = || calls.lock().unwrap().get_mut(&key).unwrap()[place].told = true;
        if answer(&mut stream, fault, told).await.is_err() {
            return;
        }
    }
}

/// Reads one request: webhook id and the caller's key. `None` at the end of the connection.
async fn read_call(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<(String, String)> {
    loop {
        if let Some(end) = find(buffer, b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&buffer[..end]).into_owned();
            let header = |name: &str| {
                head.lines().find_map(|line| {
                    let (found, value) = line.split_once(':')?;
                    found
                        .eq_ignore_ascii_case(name)
                        .then(|| value.trim().to_string())
                })
            };
            let length: usize = header("content-length")?.parse().ok()?;
            if buffer.len() >= end + 4 + length {
                let body: serde_json::Value =
                    serde_json::from_slice(&buffer[end + 4..end + 4 + length]).unwrap();
                buffer.drain(..end + 4 + length);
                return Some((
                    header("webhook-id").unwrap(),
                    body["key"].as_str().unwrap().into(),
                ));
            }
        }
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    }
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}

/// An error, or a fault that leaves nothing to say, ends the connection.
async fn answer(stream: &mut TcpStream, fault: Fault, told: impl Fn()) -> std::io::Result<()> {
    let over = || Err(std::io::Error::other("over"));
    match fault {
        Fault::None => {
            sleep(Duration::from_millis(10)).await;
            stream.write_all(OK.as_bytes()).await?;
            told();
            Ok(())
        }
        Fault::Slow => {
            sleep(Duration::from_millis(700)).await;
            stream.write_all(OK.as_bytes()).await?;
            told();
            Ok(())
        }
        Fault::BlackHole => {
            let mut rest = [0; 64];
            while stream.read(&mut rest).await? > 0 {}
            stream.write_all(OK.as_bytes()).await?;
            over()
        }
        Fault::Status(status) => {
            let more = match status {
                429 => "Retry-After: 1\r\n",
                302 => "Location: /elsewhere\r\n",
                _ => "",
            };
            let text = format!("HTTP/1.1 {status} No\r\n{more}Content-Length: 0\r\n\r\n");
            stream.write_all(text.as_bytes()).await
        }
        Fault::Reset => reset(stream),
        Fault::ResetInHead => {
            stream.write_all(b"HTTP/1.1 20").await?;
            sleep(Duration::from_millis(20)).await;
            reset(stream)
        }
        Fault::ResetInBody => {
            let head = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf of";
            stream.write_all(head.as_bytes()).await?;
            told();
            // What was sent is read before the reset takes it away.
            sleep(Duration::from_millis(300)).await;
            reset(stream)
        }
        Fault::HalfClosed => {
            stream.shutdown().await?;
            let mut rest = [0; 64];
            while stream.read(&mut rest).await? > 0 {}
            over()
        }
        Fault::Garbage => {
            stream.write_all(b"\x16\x03nonsense\r\n\r\n").await?;
            over()
        }
        Fault::Endless => {
            let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
            stream.write_all(head.as_bytes()).await?;
            told();
            loop {
                let chunk = format!("2000\r\n{}\r\n", "x".repeat(0x2000));
                stream.write_all(chunk.as_bytes()).await?;
            }
        }
    }
}

/// The connection ends with a reset, whatever was still under way.
fn reset(stream: &mut TcpStream) -> std::io::Result<()> {
    stream.set_zero_linger()?;
    Err(std::io::Error::other("over"))
}
