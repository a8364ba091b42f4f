//! The barrier: transactions that began before a change may still publish by the old mode. Wait until each has gone,
//! then for the transactions that were prepared meanwhile, since a noted one may have become one of them.

use std::time::Duration;

use chrono::Utc;
use tokio::time::{Instant, sleep};

use crate::{
    error::{Error, Result},
    model::{
        Backoff, Listener, Passed, PreparedTransaction, Progress, Running, counted, milliseconds,
    },
    store::{Db, barrier},
};

const BETWEEN_LOOKS: Backoff = Backoff::new(10, 500);

/// How long to wait, and for whom not.
#[derive(Debug, Clone)]
pub struct Patience {
    pub timeout: Duration,
    /// Sessions that cannot publish, for example a dump; journalled by the caller.
    pub ignore: Vec<i32>,
}

impl Default for Patience {
    fn default() -> Self {
        Patience {
            timeout: Duration::from_secs(60),
            ignore: Vec::new(),
        }
    }
}

/// Waits until no transaction that runs now, or is prepared by then, is left. A time-out names who is in the way; the
/// barrier may be begun again at any time.
pub async fn pass(db: &Db, patience: &Patience, listener: Listener<'_>) -> Result<Passed> {
    let start = Instant::now();
    let until = Utc::now() + patience.timeout;
    let all = barrier::note(db).await?;
    if all.iter().any(|running| running.hidden) {
        listener(Progress::Warning {
            text: "this role may not see how old other people's transactions are; \
                   GRANT pg_read_all_stats to it to have them named in full"
                .to_string(),
        });
    }
    let (ignored, mut left): (Vec<Running>, Vec<Running>) = all
        .into_iter()
        .partition(|running| patience.ignore.contains(&running.pid));
    let noted = left.len();
    let mut looks = 0;
    while !left.is_empty() {
        if start.elapsed() > patience.timeout {
            return Err(timed_out(&left, patience.timeout));
        }
        listener(Progress::Waiting {
            on: format!(
                "{} from before the change, until {} at most: {}",
                counted(left.len(), "transaction"),
                until.format("%H:%M:%S UTC"),
                running(&left[0], since(left[0].since))
            ),
        });
        looks += 1;
        sleep(BETWEEN_LOOKS.after(looks)).await;
        left = barrier::remaining(db, &left).await?;
    }
    let mut left = barrier::prepared(db).await?;
    let prepared = left.len();
    let mut looks = 0;
    while !left.is_empty() {
        if start.elapsed() > patience.timeout {
            return Err(prepared_left(&left, patience.timeout));
        }
        listener(Progress::Waiting {
            on: format!(
                "the prepared transaction {} of {}, {}, at most until {}",
                left[0].gid,
                left[0].user_name.as_deref().unwrap_or("?"),
                since(left[0].since),
                until.format("%H:%M:%S UTC")
            ),
        });
        looks += 1;
        sleep(BETWEEN_LOOKS.after(looks)).await;
        let now = barrier::prepared(db).await?;
        left.retain(|one| now.contains(one));
    }
    Ok(Passed {
        noted,
        prepared,
        ignored,
        waited_ms: milliseconds(start.elapsed()),
    })
}

fn running(one: &Running, age: String) -> String {
    let name = |value: &Option<String>| {
        value
            .as_deref()
            .filter(|text| !text.is_empty())
            .unwrap_or("?")
            .to_string()
    };
    format!(
        "pid {}, user {}, application {}, {}",
        one.pid,
        name(&one.user_name),
        name(&one.application_name),
        age
    )
}

fn age(since: Option<chrono::DateTime<Utc>>) -> String {
    since.map_or_else(
        || "of unknown age".to_string(),
        |at| format!("{} s old", (Utc::now() - at).num_seconds().max(0)),
    )
}

/// For what is told while it lasts: the same words as long as the same is waited for.
fn since(since: Option<chrono::DateTime<Utc>>) -> String {
    since.map_or_else(
        || "of unknown age".to_string(),
        |at| format!("since {}", at.format("%H:%M:%S UTC")),
    )
}

fn timed_out(left: &[Running], timeout: Duration) -> Error {
    let mut error = Error::not_yet(format!(
        "the change is made, but after {} s {} that began before it still {}: {}",
        timeout.as_secs(),
        counted(left.len(), "transaction"),
        if left.len() == 1 { "runs" } else { "run" },
        left.iter().take(5).map(|one| running(one, age(one.since))).collect::<Vec<_>>().join("; ")
    ))
    .hint("nothing is at risk: every path keeps working. Run the same command again: it goes on from here");
    if let Some(one) = left.first() {
        error = error.hint(format!(
            "if pid {0} cannot publish (a dump, say), leave it out with --barrier-ignore {0}",
            one.pid
        ));
    }
    error
}

fn prepared_left(left: &[PreparedTransaction], timeout: Duration) -> Error {
    let one = |prepared: &PreparedTransaction| {
        format!(
            "`{}` of {}, {}",
            prepared.gid,
            prepared.user_name.as_deref().unwrap_or("?"),
            age(prepared.since)
        )
    };
    Error::not_yet(format!(
        "the change is made, but after {} s {} left: {}",
        timeout.as_secs(),
        match left.len() {
            1 => "a prepared transaction is".to_string(),
            many => format!("{many} prepared transactions are"),
        },
        left.iter().take(5).map(one).collect::<Vec<_>>().join("; ")
    ))
    .hint("COMMIT PREPARED or ROLLBACK PREPARED it, then run the same command again: it goes on from here")
}
