//! Descriptors: every connection takes one, and the usual limit of 1024 is soon reached.

use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// Kept connections, at most, however many descriptors there are.
const MOST_KEPT: usize = 512;

/// Raises the soft limit to the hard one and says so; returns what the limit is now.
pub fn raise_limit() -> u64 {
    let (soft, hard) = match getrlimit(Resource::RLIMIT_NOFILE) {
        Ok(limits) => limits,
        Err(error) => {
            tracing::warn!(%error, "cannot read the limit of descriptors");
            return 1024;
        }
    };
    if soft >= hard {
        tracing::info!(soft, hard, "limit of descriptors");
        return soft;
    }
    match setrlimit(Resource::RLIMIT_NOFILE, hard, hard) {
        Ok(()) => {
            tracing::info!(
                soft = hard,
                hard,
                was = soft,
                "limit of descriptors, raised"
            );
            hard
        }
        Err(error) => {
            tracing::warn!(soft, hard, %error, "cannot raise the limit of descriptors");
            soft
        }
    }
}

/// How many connections may be kept: a quarter, the rest is for calls, servers, resolver and files.
pub fn kept(limit: u64) -> usize {
    usize::try_from(limit / 4).map_or(MOST_KEPT, |quarter| quarter.clamp(8, MOST_KEPT))
}
