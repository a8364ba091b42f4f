//! A lab that stays: servers and receiver live on after `lab up`, until `lab down`.

use std::path::PathBuf;
use std::time::Duration;

use super::{
    backdrop::{self, DATABASE, LabShape},
    home::{self, Home, Resident},
    processes::{Process, Surroundings},
    servers::{Nats, Postgres, free_port},
    webhooks,
};
use crate::error::{Context, Result};

/// Starts everything in `dir` and leaves it running; on failure nothing is left.
pub async fn up(dir: PathBuf, shape: LabShape, seed: u64) -> Result<Home> {
    let fresh = !dir.exists();
    let dir = home::claim(&dir)?;
    let outcome = start(dir.clone(), shape, seed).await;
    if outcome.is_err() {
        let _ = std::fs::remove_dir_all(&dir);
        if !fresh {
            let _ = std::fs::create_dir(&dir);
        }
    }
    outcome
}

async fn start(dir: PathBuf, shape: LabShape, seed: u64) -> Result<Home> {
    let set = webhooks::set(seed);
    let port = free_port()?;
    let receiver_url = format!("http://localhost:{port}");
    let postgres = Postgres::start(&dir, &[])?;
    let nats = Nats::start(&dir, &[])?;
    let url = postgres.url(DATABASE);
    let admin = postgres.url("postgres");
    backdrop::build(&admin, &url, shape, &set, &receiver_url, 1.0).await?;
    let surroundings = Surroundings {
        program: std::env::current_exe().context("cannot find this binary")?,
        dir: dir.clone(),
        database_url: url.clone(),
        nats_url: nats.url(),
        width: 80,
    };
    let (port, seed_text) = (port.to_string(), seed.to_string());
    let place = dir.to_string_lossy().into_owned();
    let args = [
        "lab", "receiver", "--dir", &place, "--port", &port, "--seed", &seed_text,
    ];
    let mut receiver = Process::start(&surroundings, &dir, "receiver", &args, None)?;
    receiver.ready(Duration::from_secs(10)).await?;
    let home = Home {
        dir,
        shape: shape.as_str().to_string(),
        seed,
        database_url: url,
        nats_url: nats.url(),
        receiver_url: Some(receiver_url),
        residents: vec![Resident {
            name: "receiver".to_string(),
            pid: receiver.pid(),
        }],
    };
    let home = home.settle(postgres, nats)?;
    receiver.detach();
    Ok(home)
}
