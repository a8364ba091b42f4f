//! Stopping in order: the first signal asks, the second one leaves at once.

use std::time::Duration;

use tokio::sync::watch;

use crate::{
    error::{Error, Kind, Result},
    signals::Endings,
};

/// Tells every part of the data plane that it should end.
#[derive(Debug, Clone)]
pub struct Stop {
    asked: watch::Receiver<bool>,
    hurry: watch::Receiver<bool>,
}

impl Stop {
    /// Listens to SIGTERM, SIGINT and SIGHUP from now on.
    pub fn on_signals() -> Result<Stop> {
        let (ask, asked) = watch::channel(false);
        let (push, hurry) = watch::channel(false);
        let mut endings = Endings::listen()?;
        tokio::spawn(async move {
            for sender in [ask, push] {
                let ending = endings.next().await;
                tracing::info!("asked to stop by {}", ending.name());
                let _ = sender.send(true);
                // The receivers keep what was sent; the sender may go.
            }
        });
        Ok(Stop { asked, hurry })
    }

    pub fn asked(&self) -> bool {
        *self.asked.borrow()
    }

    /// Ends when stopping is asked for.
    pub async fn wait(&self) {
        wait(self.asked.clone()).await;
    }

    /// Ends when somebody asks a second time: leave at once, leases and locks end by themselves.
    pub async fn hurry(&self) -> Error {
        wait(self.hurry.clone()).await;
        Error::new(Kind::Interrupted, "left at once, on the second signal")
            .hint("what was in flight is taken up again when its lease ends")
    }

    /// Sleeps, but not longer than until stopping is asked for.
    pub async fn pause(&self, time: Duration) {
        tokio::select! {
            () = tokio::time::sleep(time) => {}
            () = self.wait() => {}
        }
    }
}

async fn wait(mut flag: watch::Receiver<bool>) {
    // A closed channel without a `true`: nobody will ever ask.
    if flag.wait_for(|set| *set).await.is_err() {
        std::future::pending::<()>().await;
    }
}
