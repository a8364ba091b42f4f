//! One PostgreSQL and one nats-server for a whole run of `scripts/test`, which starts this "test" and reads the ports.

use std::io::Read;

use wavegate::lab::servers::{Nats, Postgres};

/// Where to write "POSTGRES-PORT NATS-PORT" once both servers answer.
const PORTS: &str = "WAVEGATE_TEST_PORTS";

#[test]
#[ignore = "scripts/test starts it"]
fn serve() {
    let ports = std::env::var(PORTS).expect("scripts/test sets WAVEGATE_TEST_PORTS");
    let dir = tempfile::tempdir().unwrap();
    let postgres = Postgres::start(dir.path(), &[]).unwrap();
    let nats = Nats::start(dir.path(), &[]).unwrap();
    let _watch = [
        super::support::Watch::over(postgres.pid(), dir.path()),
        super::support::Watch::over(nats.pid(), dir.path()),
    ];
    std::fs::write(&ports, format!("{} {}\n", postgres.port(), nats.port())).unwrap();
    // The script holds the other end open; whatever ends it ends the servers too.
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
}
