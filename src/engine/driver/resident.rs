//! Drives for weeks: looks, acts, waits, and does so alone. Others stand by, and take over where the one that drives is frozen or gone.

use std::time::Duration;

use chrono::Utc;
use tokio::time::sleep;

use super::{Driver, Host};
use crate::{
    error::{Error, Kind, Result},
    model::driven::{Driven, DriverNews, WaveWait},
    store::driver::{self, Lease},
};

/// A stand-by asks so often whether its turn has come.
const STAND_BY: Duration = Duration::from_secs(1);
/// Looks are never closer, however soon something is due.
const CLOSEST: Duration = Duration::from_millis(200);

/// What lasts when the right to drive is lost and comes back.
#[derive(Default)]
struct SoFar {
    /// All that was done, and what is waited for now.
    done: Driven,
    /// It went well once.
    looked: bool,
    /// What was told last.
    trouble: Option<String>,
}

impl<H: Host> Driver<'_, H> {
    /// Until the migration is over, or rests on a person after a rollback. `stopped` ends it between two statements, and hands over.
    pub async fn resident(&self, stopped: impl Future<Output = Error>) -> Result<Driven> {
        let mut stopped = std::pin::pin!(stopped);
        let mut so_far = SoFar::default();
        loop {
            let lease = tokio::select! {
                lease = self.turn(&mut so_far) => lease?,
                error = &mut stopped => return Err(error),
            };
            let ended = tokio::select! {
                ended = self.drive(&mut so_far) => Some(ended),
                error = &mut stopped => Some(Err(error)),
                () = lease.lost() => None,
            };
            if let Some(ended) = ended {
                // Without it another takes over some seconds later.
                let _ = lease.release(self.work.db).await;
                return ended.map(|()| so_far.done);
            }
            self.host.hear(&DriverNews::Notice(
                "another wavegate took over, or PostgreSQL was away: standing by",
            ));
        }
    }

    /// Waits until nobody else drives.
    async fn turn(&self, so_far: &mut SoFar) -> Result<Lease> {
        let mut seen = false;
        loop {
            match self.ask(&mut seen).await {
                Ok(Some(lease)) => return Ok(lease),
                Ok(None) => {}
                Err(error) => self.bear(error, so_far)?,
            }
            sleep(STAND_BY).await;
        }
    }

    /// May this one drive? Says once who does instead.
    async fn ask(&self, seen: &mut bool) -> Result<Option<Lease>> {
        let lease = driver::take(self.work.db, self.work.actor).await?;
        if lease.is_some() {
            self.host.hear(&DriverNews::Drives);
        } else if let (false, Some(driving)) = (*seen, driver::driving(self.work.db).await?) {
            self.host.hear(&DriverNews::StandsBy(&driving));
            *seen = true;
        }
        Ok(lease)
    }

    /// Looks and acts, again and again.
    async fn drive(&self, so_far: &mut SoFar) -> Result<()> {
        loop {
            let (look, ended) = self.look(&so_far.done.waiting).await;
            so_far.done.deeds.extend(look.deeds);
            match ended {
                Ok(()) => {
                    (so_far.looked, so_far.trouble) = (true, None);
                    if news(&so_far.done.waiting, &look.waiting).next().is_some() {
                        self.host.hear(&DriverNews::Waits(&look.waiting));
                    }
                    let done = &mut so_far.done;
                    (done.waiting, done.finished) = (look.waiting, look.finished);
                    if done.finished || (done.took_back() && done.rests()) {
                        return Ok(());
                    }
                }
                Err(error) => self.bear(error, so_far)?,
            }
            sleep(self.pause(&so_far.done.waiting)).await;
        }
    }

    /// A server that is away comes back; it is told of once. What else is wrong from the beginning is for whoever started this.
    fn bear(&self, error: Error, so_far: &mut SoFar) -> Result<()> {
        if error.kind() != Kind::Failed || !(so_far.looked || error.is_away()) {
            return Err(error);
        }
        let why = error.to_string();
        if so_far.trouble.as_ref() != Some(&why) {
            let told = format!("{why}; looks again");
            self.host.hear(&DriverNews::Notice(&told));
            so_far.trouble = Some(why);
        }
        Ok(())
    }

    fn pause(&self, waiting: &[WaveWait]) -> Duration {
        let now = Utc::now();
        let due = waiting.iter().filter_map(|waiting| waiting.until);
        let due = due.filter_map(|until| (until - now).to_std().ok()).min();
        due.map_or(self.every(), |due| due.clamp(CLOSEST, self.every()))
    }
}

/// What was not said before: another wave, or another reason of the same one.
pub(super) fn news<'w>(
    before: &'w [WaveWait],
    now: &'w [WaveWait],
) -> impl Iterator<Item = &'w WaveWait> {
    let known = |waiting: &&WaveWait| {
        before
            .iter()
            .any(|old| (&old.wave, &old.step, old.on) == (&waiting.wave, &waiting.step, waiting.on))
    };
    now.iter().filter(move |waiting| !known(waiting))
}
