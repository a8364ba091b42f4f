//! Which partitions this relay publishes: its fair share, handed over between relays that come and go. One that cannot publish
//! takes none while another one can.

use std::time::Duration;

use super::{Relay, cursors::fair_share};
use crate::{
    error::{Error, Kind, Result},
    store::lead::{Session, Standing},
};

/// A partition that changes hands waits for one or two of these.
const LOOK: Duration = Duration::from_millis(200);
/// A session that does not answer for so long is lost.
const ANSWER: Duration = Duration::from_secs(5);

/// Holds partitions until everything that was on its way has arrived; an orderly end frees them at once.
pub async fn hold(relay: &Relay) -> Result<()> {
    let mut session = None;
    loop {
        relay.holding.turned();
        match tokio::time::timeout(ANSWER, share_out(relay, &mut session)).await {
            Ok(Ok(())) => {
                relay.holding.beat(&Ok(()));
                match relay.why_not() {
                    Some(why) => relay.holding.fails(&why),
                    None => relay.holding.works(),
                }
            }
            Ok(Err(error)) if error.kind() == Kind::Refused => return Err(error),
            failed => {
                session = None;
                relay.lose();
                let why = failed.map_or_else(
                    |_| "no answer".to_string(),
                    |outcome| outcome.map_or_else(|error| error.to_string(), |()| String::new()),
                );
                let lost = Error::failed(format!("no session for the partitions: {why}"));
                relay.holding.beat(&Err(lost));
                relay.vitals.trouble(format!(
                    "the session that holds the partitions was lost: {why}"
                ));
            }
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            () = relay.ended() => break,
        }
    }
    match session {
        Some(session) => session.close().await,
        None => Ok(()),
    }
}

/// One look at who holds what: gives back what is too much, takes what is missing.
async fn share_out(relay: &Relay, session: &mut Option<Session>) -> Result<()> {
    let session = match session {
        Some(session) => session,
        None => session.insert(Session::open(&relay.db, relay.options.part.config_id).await?),
    };
    let why_not = relay.why_not();
    session.tell(why_not.is_none()).await?;
    let Standing {
        mut held,
        mut free,
        relays,
        able,
        ..
    } = session.look().await?;
    let share = match &why_not {
        None => fair_share(able),
        // Nobody can: then somebody holds them all the same, and whoever is able first takes over.
        Some(_) if able == 0 => fair_share(relays),
        Some(_) => 0,
    };
    if let Some(why) = why_not {
        let does = if share == 0 {
            "stands by"
        } else {
            "publishes nothing, nor does another relay"
        };
        relay.vitals.trouble(format!("{does}: {why}"));
    }
    if held.len() < share && !free.is_empty() {
        fastrand::shuffle(&mut free);
        free.truncate(share - held.len());
        held.extend(session.take(&free).await?);
        held.sort_unstable();
    }
    let kept = held[..held.len().min(share)].to_vec();
    relay.grant(kept.clone());
    // What is too much goes once nothing of it is on its way any more.
    let used = relay.board(|board| board.in_use());
    held.retain(|partition| !kept.contains(partition) && !used.contains(partition));
    if !held.is_empty() {
        session.give(&held).await?;
    }
    Ok(())
}
