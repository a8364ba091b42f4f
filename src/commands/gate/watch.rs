//! `wavegate gate --watch`: looks again and again, and ends by the exit code of `gate`.

use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::{Looker, outcome};
use crate::{
    commands::{
        Context,
        ending::{self, Told},
    },
    error::{Context as _, Kind, Result},
    gates::Verdict,
    ui::{GateScreen, GateWatch, Live, Output},
};

/// When watching ends by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Until {
    /// When every gate passes (exit code 0) or one fails (3)
    #[default]
    Decided,
    /// When every gate passes; a failure may be repaired meanwhile
    Pass,
    /// With Ctrl-C, SIGTERM or SIGHUP only
    Never,
}

impl Until {
    /// Also where no wave has a step left, there is nothing to wait for.
    fn reached(self, screen: &GateScreen) -> bool {
        screen.reports.is_empty()
            || match (self, screen.verdict()) {
                (Until::Never, _) | (_, Verdict::Inconclusive) => false,
                (Until::Pass, verdict) => verdict == Verdict::Pass,
                (Until::Decided, _) => true,
            }
    }
}

/// A server that is away is waited for, once it has been seen; every other error ends the watch.
pub async fn run(
    open: impl Future<Output = Result<Looker<'_>>>,
    every: Duration,
    until: Until,
    context: &Context,
) -> Result<()> {
    // Notes of -v would be written across the drawing.
    let drawn = context.ui.output() == Output::Table && context.global.verbose == 0;
    let mut signals = Signals::new(context)?;
    let mut looker = signals.beside(None, open).await??;
    let mut watch = GateWatch {
        screen: signals.beside(None, looker.look()).await??,
        at: chrono::Utc::now(),
        every,
        trouble: None,
    };
    let mut live = if drawn { context.ui.live() } else { None };
    let ended = loop {
        tell(&watch, live.as_mut(), context);
        // `| head` has seen enough.
        if context.ui.is_unread() {
            return Ok(());
        }
        if watch.trouble.is_none() && until.reached(&watch.screen) {
            break Ok(());
        }
        let pause = tokio::time::sleep(every);
        if let Err(ended) = signals.beside(live.as_mut(), pause).await {
            break Err(ended);
        }
        match signals.beside(live.as_mut(), looker.look()).await {
            Ok(Ok(screen)) => {
                watch.screen = screen;
                watch.at = chrono::Utc::now();
                watch.trouble = None;
            }
            Ok(Err(error)) if error.kind() == Kind::Failed => {
                watch.trouble = Some(error.to_string());
            }
            Ok(Err(error)) => return Err(error),
            Err(ended) => break Err(ended),
        }
    };
    // A pipeline that ends the wait wants to know how it stood.
    if matches!(context.ui.output(), Output::Markdown | Output::Junit) {
        context.ui.show(&watch.screen);
    }
    // Draws the last look where it stays.
    drop(live);
    ended.and_then(|()| outcome(&watch.screen))
}

/// At a terminal the whole screen; for programs an object a look; in a log a line a wave. A report for pipelines is one
/// document, so it waits for the end.
fn tell(watch: &GateWatch, live: Option<&mut Live>, context: &Context) {
    let ui = &context.ui;
    match (live, ui.output()) {
        (Some(live), _) => live.show(watch.clone()),
        (None, Output::Table) => ui.print(&watch.lines()),
        (None, Output::Json) if watch.trouble.is_none() => ui.show(&watch.screen),
        (None, Output::Json | Output::Markdown | Output::Junit) => ui.note(&watch.lines()),
    }
}

/// What may happen to a drawing from outside.
struct Signals {
    resized: Signal,
    stopped: Signal,
    ended: Told,
}

impl Signals {
    fn new(context: &Context) -> Result<Signals> {
        let hear = |kind| signal(kind).context("cannot listen to signals");
        Ok(Signals {
            resized: hear(SignalKind::window_change())?,
            stopped: hear(SignalKind::from_raw(nix::libc::SIGTSTP))?,
            ended: ending::listen(&context.ui)?,
        })
    }

    /// Waits for `work`, and keeps the drawing whole meanwhile.
    async fn beside<T>(
        &mut self,
        mut live: Option<&mut Live>,
        work: impl Future<Output = T>,
    ) -> Result<T> {
        let mut work = std::pin::pin!(work);
        loop {
            tokio::select! {
                done = &mut work => return Ok(done),
                _ = self.resized.recv() => if let Some(live) = &live { live.redraw() },
                _ = self.stopped.recv() => match &mut live {
                    Some(live) => live.suspend(),
                    None => { let _ = nix::sys::signal::raise(nix::sys::signal::Signal::SIGSTOP); }
                },
                Ok(ending) = &mut self.ended => return Err(ending.error("; it only looked")),
            }
        }
    }
}
