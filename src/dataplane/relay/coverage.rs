//! Which subjects the stream takes: asked once a copy was taken by nobody, so that it need not wait for ever.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use crate::{
    bus::{self, Bus},
    error::Result,
    model::StreamDefinition,
    plan,
};

/// An older answer is none: the stream may have been changed.
const HOLDS: Duration = Duration::from_secs(30);

#[derive(Debug, Default)]
pub struct Coverage(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// Somebody wants to know.
    asked: bool,
    taken: Option<(Instant, Vec<String>)>,
}

impl Coverage {
    /// Does this subject lie outside the stream, as it is and as it should be? A stream that only differs from what is wanted is
    /// mended, and what waits for it is published then.
    pub fn beyond(&self, subject: &str, wanted: &StreamDefinition) -> bool {
        let outside = |filters: &[String]| !filters.iter().any(|f| plan::covers(f, subject));
        let mut state = self.state();
        state.asked = true;
        let taken = state.taken.as_ref();
        taken.is_some_and(|(at, live)| at.elapsed() < HOLDS && outside(live))
            && outside(&wanted.subjects)
    }

    /// Asks the server, if anybody wanted to know since the last time. One to which nobody can publish says nothing.
    pub async fn look(&self, bus: &Bus, stream: &str) -> Result<()> {
        if !std::mem::take(&mut self.state().asked) {
            return Ok(());
        }
        let live = bus::live_stream(bus, stream).await?;
        let live = live.filter(|live| !live.read_only);
        self.state().taken = live.map(|live| (Instant::now(), live.definition.subjects));
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
