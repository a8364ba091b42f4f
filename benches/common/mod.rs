//! What the benches share: servers of their own, a receiver, processes and what they cost, and how figures are shown.
#![allow(
    dead_code,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used
)]

pub mod cost;
pub mod lab;
pub mod past;
pub mod receiver;
pub mod show;
pub mod statements;
pub mod traffic;

/// The value of `--name VALUE` on the command line (cargo's own `--bench` is passed over).
pub fn option<T: std::str::FromStr>(name: &str, default: T) -> T {
    let mut arguments = std::env::args();
    while let Some(argument) = arguments.next() {
        if argument == format!("--{name}") {
            let Some(Ok(value)) = arguments.next().map(|text| text.parse()) else {
                eprintln!("--{name} wants a value");
                std::process::exit(2);
            };
            return value;
        }
    }
    default
}

/// Runs a bench; the receiver is another process of the same program.
pub fn run(bench: impl Future<Output = ()>) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    if std::env::args().nth(1).as_deref() == Some(receiver::ROLE) {
        return receiver::serve();
    }
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
        .block_on(bench);
}
