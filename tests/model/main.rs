//! The protocol of docs/protocol.md as a machine, explored in full within small bounds. It says what the SQL and the code do, statement
//! by statement, and uses nothing of the library. A statement for a batch is one statement for each of its events.
//!
//! Not in it: several webhooks and partitions, prepared transactions, callers that roll back, events that NATS alone gets in mode `queue`,
//! kept connections, trouble of a worker's own, what was passed over for want of room, payloads that cannot be read, a worker that stops
//! in order, queue rows that somebody deletes, stuck events that a person brings back, `rule_webhook_retry`, foreign NATS workers, level 3.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod action;
mod bounds;
mod call;
mod claim;
mod mistake;
mod operator;
mod properties;
mod protocol;
mod publish;
mod reach;
mod redrive;
mod runs;
mod story;
mod symmetry;
mod trouble;
mod world;

use std::time::Instant;

use stateright::{Checker, HasDiscoveries, Model};

use self::{bounds::Bounds, mistake::Mistake, protocol::Protocol};

/// No trace is longer than this.
const DEEPEST: usize = 60;

/// The shortest trace after which this property does not hold. The checker reports the last one that it found within a block of states,
/// so that it is asked for longer and longer ones.
fn shortest(bounds: &Bounds, broken: &'static str) -> Option<String> {
    (2..DEEPEST).find_map(|depth| {
        let protocol = Protocol {
            bounds: bounds.clone(),
            symmetry: false,
        };
        let checker = protocol
            .checker()
            .finish_when(HasDiscoveries::AnyOf([broken].into()))
            .target_max_depth(depth)
            .spawn_bfs()
            .join();
        let path = checker.discovery(broken)?;
        Some(story::tell(checker.model(), path, broken))
    })
}

/// With the mistake the property is broken, and without it nothing is.
fn is_found(mistake: Mistake) -> String {
    let (bounds, broken) = mistake.shows();
    explore(Bounds {
        mistake: None,
        ..bounds.clone()
    });
    shortest(&bounds, broken).unwrap()
}

macro_rules! mistakes_are_found {
    ($($test:ident: $mistake:ident,)*) => {$(
        #[test]
        fn $test() {
            insta::assert_snapshot!(is_found(Mistake::$mistake));
        }
    )*};
}

mistakes_are_found! {
    no_barrier: NoBarrier,
    an_xid_horizon_instead_of_virtual_ids: XidHorizon,
    acknowledged_before_the_ledger_knows: AckBeforeLedger,
    the_share_is_checked_outside_the_claim: ShareOutsideTheClaim,
    the_fence_comes_after_the_redrive: FenceAfterRedrive,
    the_recorder_waits_for_a_locked_row: RecorderWaits,
    a_lease_is_not_renewed: LeaseNotRenewed,
    what_waits_is_not_asked_again_at_the_call: NotAskedAtTheCall,
    the_payload_is_taken_from_the_message: PayloadFromTheMessage,
    a_requeue_forgets_the_death: RequeueForgetsTheDeath,
    a_takeover_while_the_circuit_is_open: TakeoverInOutage,
}

fn explore(bounds: Bounds) {
    let name = bounds.name;
    let begin = Instant::now();
    let protocol = Protocol {
        bounds,
        symmetry: true,
    };
    let checker = protocol.checker().spawn_bfs().join();
    println!(
        "model: {name}: {} states, depth {}, {:.1} s",
        checker.unique_state_count(),
        checker.max_depth(),
        begin.elapsed().as_secs_f64()
    );
    if let Some((broken, path)) = checker.discoveries().into_iter().next() {
        panic!("{name}\n{}", story::tell(checker.model(), path, broken));
    }
}

/// Can a quiet state be reached from every state?
fn comes_to_rest(bounds: Bounds) {
    let name = bounds.name;
    let begin = Instant::now();
    let symmetry = true;
    let graph = reach::walk(&Protocol { bounds, symmetry }, properties::quiet);
    println!(
        "model: {name}: {} of {} states are quiet, {} steps, {:.1} s",
        graph.quiet,
        graph.states,
        graph.steps,
        begin.elapsed().as_secs_f64()
    );
    assert_eq!(graph.trapped, None, "{name}");
}

/// `WAVEGATE_MODEL=all` explores the large bounds, which take minutes (scripts/model).
fn at_length() -> bool {
    std::env::var("WAVEGATE_MODEL").is_ok_and(|which| which == "all")
}

#[test]
fn all_properties_hold() {
    runs::everyday().into_iter().for_each(explore);
    if at_length() {
        runs::one_event().into_iter().for_each(explore);
        runs::two_events().into_iter().for_each(explore);
    }
}

#[test]
fn quiet_can_be_reached_from_everywhere() {
    runs::everyday().into_iter().for_each(comes_to_rest);
    if at_length() {
        runs::one_event().into_iter().for_each(comes_to_rest);
    }
}
