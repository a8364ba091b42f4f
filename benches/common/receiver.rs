//! The endpoint: a process of its own that answers `POST /MS` with 200 after so many milliseconds and marks the `"n"` of the body
//! in a bitmap. HTTP by hand and on one thread, so that it costs the measured as little as it can.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

pub const ROLE: &str = "receiver";

/// What arrived since the start or the last reset. Times are seconds on the receiver's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct Count {
    pub distinct: u64,
    pub doubles: u64,
    pub unnumbered: u64,
    pub first: f64,
    pub last: f64,
}

impl Count {
    /// Arrivals a second from the first to the last.
    pub fn rate(&self) -> f64 {
        (self.distinct + self.doubles) as f64 / (self.last - self.first).max(1e-9)
    }
}

/// A running receiver; dropped, it is killed.
pub struct Receiver {
    child: Child,
    pub url: String,
    http: reqwest::Client,
}

impl Receiver {
    pub fn start() -> Receiver {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .arg(ROLE)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut port = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut port)
            .unwrap();
        Receiver {
            child,
            url: format!("http://127.0.0.1:{}", port.trim()),
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
        }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub async fn count(&self) -> Count {
        self.get("count").await
    }

    /// Tells what arrived, and forgets it.
    pub async fn reset(&self) -> Count {
        self.get("reset").await
    }

    async fn get(&self, path: &str) -> Count {
        let url = format!("{}/{path}", self.url);
        let answer = self.http.get(url).send().await.unwrap();
        let text = answer.text().await.unwrap();
        let numbers: Vec<f64> = text.split(' ').map(|n| n.parse().unwrap()).collect();
        Count {
            distinct: numbers[0] as u64,
            doubles: numbers[1] as u64,
            unnumbered: numbers[2] as u64,
            first: numbers[3],
            last: numbers[4],
        }
    }

    /// Waits until so many different events arrived; panics when nothing has come for a minute.
    pub async fn until(&self, distinct: u64) -> Count {
        let mut before = (0, Instant::now());
        loop {
            let count = self.count().await;
            if count.distinct >= distinct {
                return count;
            }
            if count.distinct > before.0 {
                before = (count.distinct, Instant::now());
            }
            assert!(
                before.1.elapsed() < Duration::from_secs(60),
                "nothing arrives any more: {count:?}, wanted {distinct}"
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[derive(Default)]
struct Seen {
    bits: Vec<u64>,
    count: Count,
}

impl Seen {
    fn mark(&mut self, n: Option<usize>, at: f64) {
        if self.count.first == 0.0 {
            self.count.first = at;
        }
        self.count.last = at;
        let Some(n) = n else {
            self.count.unnumbered += 1;
            return;
        };
        if self.bits.len() <= n / 64 {
            self.bits.resize(n / 64 + 1024, 0);
        }
        let bit = 1 << (n % 64);
        if self.bits[n / 64] & bit == 0 {
            self.bits[n / 64] |= bit;
            self.count.distinct += 1;
        } else {
            self.count.doubles += 1;
        }
    }
}

/// The receiver's process: prints its port, then answers until it is killed.
pub fn serve() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        println!("{}", listener.local_addr().unwrap().port());
        let seen = Arc::new(Mutex::new(Seen::default()));
        let start = Instant::now();
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            stream.set_nodelay(true).unwrap();
            tokio::spawn(answer(stream, seen.clone(), start));
        }
    });
}

async fn answer(mut stream: TcpStream, seen: Arc<Mutex<Seen>>, start: Instant) {
    let mut buffer: Vec<u8> = Vec::with_capacity(4096);
    loop {
        let Some(head) = find(&buffer, b"\r\n\r\n") else {
            match stream.read_buf(&mut buffer).await {
                Ok(read) if read > 0 => continue,
                _ => return,
            }
        };
        let text = String::from_utf8_lossy(&buffer[..head]).into_owned();
        let length = text
            .lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            .map_or(0, |(_, value)| value.trim().parse().unwrap());
        let body = head + 4;
        while buffer.len() < body + length {
            match stream.read_buf(&mut buffer).await {
                Ok(read) if read > 0 => {}
                _ => return,
            }
        }
        let path = text.split(' ').nth(1).unwrap_or("/")[1..].to_string();
        let mut said = String::new();
        match path.parse::<u64>() {
            Ok(delay) => {
                let n = number(&buffer[body..body + length]);
                seen.lock().unwrap().mark(n, start.elapsed().as_secs_f64());
                if delay > 0 {
                    tokio::time::sleep(Duration::from_millis(delay)).await;
                }
            }
            Err(_) => {
                let mut seen = seen.lock().unwrap();
                let c = seen.count;
                said = format!(
                    "{} {} {} {} {}",
                    c.distinct, c.doubles, c.unnumbered, c.first, c.last
                );
                if path == "reset" {
                    *seen = Seen::default();
                }
            }
        }
        buffer.drain(..body + length);
        let answer = format!(
            "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{said}",
            said.len()
        );
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}

/// The digits after `"n":`.
fn number(body: &[u8]) -> Option<usize> {
    let at = find(body, b"\"n\":")? + 4;
    let digits: String = body[at..]
        .iter()
        .map(|byte| char::from(*byte))
        .skip_while(|c| *c == ' ')
        .take_while(char::is_ascii_digit)
        .collect();
    digits.parse().ok()
}
