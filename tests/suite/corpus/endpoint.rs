//! The endpoint of the corpus: HTTP by hand, because what it answers need not be HTTP. Notes each arrival with its time.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use sha2::{Digest, Sha256};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// One call as it arrived, whole.
#[derive(Debug, Clone)]
pub struct Arrival {
    pub path: String,
    /// The `webhook-id` header.
    pub id: String,
    /// When its head was here: the call has begun.
    pub at: Instant,
    /// sha256 of the body.
    pub digest: [u8; 32],
}

/// What a path answers.
#[derive(Debug, Clone)]
pub enum Answer {
    /// These bytes, whatever they are.
    Raw(Vec<u8>),
    /// A head, and a body without end.
    Endless(&'static str),
    /// 200 after a while.
    Slow(Duration),
}

#[derive(Clone)]
pub struct Endpoint {
    port: u16,
    arrivals: Arc<Mutex<Vec<Arrival>>>,
    answers: Arc<Mutex<HashMap<String, Answer>>>,
}

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
/// An endless body ends here at last: whoever reads as far has no bound.
const ENDLESS: usize = 64 * 1024 * 1024;

impl Endpoint {
    /// Listens on every address of this machine: each 127.x.y.z is a host of its own.
    pub async fn start() -> Endpoint {
        let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
        let endpoint = Endpoint {
            port: listener.local_addr().unwrap().port(),
            arrivals: Arc::default(),
            answers: Arc::default(),
        };
        let own = endpoint.clone();
        tokio::spawn(async move {
            // Out of descriptors, for example: the next one may come.
            loop {
                match listener.accept().await {
                    Ok((stream, _)) => {
                        let own = own.clone();
                        tokio::spawn(async move { own.serve(stream).await });
                    }
                    Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
                }
            }
        });
        endpoint
    }

    pub fn url(&self, host: &str, path: &str) -> String {
        format!("http://{host}:{}{path}", self.port)
    }

    /// From now on this path answers so; all others answer 200.
    pub fn answers(&self, path: &str, answer: Answer) {
        let mut answers = self.answers.lock().unwrap();
        answers.insert(path.to_string(), answer);
    }

    pub fn arrivals(&self) -> Vec<Arrival> {
        self.arrivals.lock().unwrap().clone()
    }

    async fn serve(&self, mut stream: TcpStream) {
        let mut buffer = Vec::new();
        // What it says may be of no interest to whoever has hung up.
        while let Some(arrival) = read(&mut stream, &mut buffer).await {
            let answer = {
                let answers = self.answers.lock().unwrap();
                answers.get(&arrival.path).cloned()
            };
            self.arrivals.lock().unwrap().push(arrival);
            let kept = match answer {
                None => stream.write_all(OK).await.is_ok(),
                Some(Answer::Slow(pause)) => {
                    tokio::time::sleep(pause).await;
                    stream.write_all(OK).await.is_ok()
                }
                Some(Answer::Raw(bytes)) => {
                    let _ = stream.write_all(&bytes).await;
                    false
                }
                Some(Answer::Endless(head)) => {
                    endless(&mut stream, head).await;
                    false
                }
            };
            if !kept {
                return;
            }
        }
    }
}

async fn endless(stream: &mut TcpStream, head: &str) {
    let chunk = vec![b'x'; 64 * 1024];
    let mut sent = stream.write_all(head.as_bytes()).await;
    for _ in 0..ENDLESS / chunk.len() {
        if sent.is_err() {
            return;
        }
        sent = stream.write_all(&chunk).await;
    }
}

/// The next call of this connection, body and all; `None` where none comes whole.
async fn read(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<Arrival> {
    let mut seen = 0;
    let end = loop {
        let from = seen - seen.min(3);
        if let Some(at) = buffer[from..]
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
        {
            break from + at + 4;
        }
        seen = buffer.len();
        more(stream, buffer).await?;
    };
    let at = Instant::now();
    let head = String::from_utf8_lossy(&buffer[..end]).into_owned();
    let header = |name: &str| {
        head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name)
                .then(|| value.trim().to_string())
        })
    };
    let length: usize = header("content-length").map_or(0, |text| text.parse().unwrap_or(0));
    while buffer.len() < end + length {
        more(stream, buffer).await?;
    }
    let arrival = Arrival {
        path: head.split(' ').nth(1)?.to_string(),
        id: header("webhook-id").unwrap_or_default(),
        at,
        digest: Sha256::digest(&buffer[end..end + length]).into(),
    };
    buffer.drain(..end + length);
    Some(arrival)
}

async fn more(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<()> {
    match stream.read_buf(buffer).await {
        Ok(0) | Err(_) => None,
        Ok(_) => Some(()),
    }
}
