//! A trace in plain English.

use stateright::Path;

use super::{
    action::Action,
    protocol::Protocol,
    world::{Arm, FIRST_OF_NATS, Lock, Mode, Route, Share, Since, Stage, Step, World},
};

/// The steps of a trace, one a line, and what does not hold after them.
pub fn tell(protocol: &Protocol, path: Path<World, Action>, broken: &str) -> String {
    let mut lines = Vec::new();
    for (world, action) in path.into_vec() {
        if let Some(action) = action {
            lines.push(format!(
                "{}. {}",
                lines.len() + 1,
                step(protocol, &world, action)
            ));
        }
    }
    lines.push(format!("Broken: {broken}."));
    lines.join("\n")
}

pub fn step(protocol: &Protocol, world: &World, action: Action) -> String {
    use Action::*;
    match action {
        Begin(one) => format!(
            "A caller begins the transaction that makes event {}. Its snapshot says {}.",
            name(one),
            mode(world.route)
        ),
        Commit(one, arm) => format!(
            "The caller of {0} publishes and commits. {0} prefers {1}.",
            name(one),
            if arm == Arm::Queue {
                "the queue"
            } else {
                "NATS"
            }
        ),
        Send(one) => format!("The relay sends a copy of {} to the stream.", name(one)),
        SendAgain(one) => format!("The sweeper sends another copy of {}.", name(one)),
        Mark(relay, one) => format!(
            "{} marks {} as published.",
            if relay == usize::from(world.serving) {
                "The relay"
            } else {
                "The former relay"
            },
            name(one)
        ),
        MarkVoid(one) => format!(
            "NATS refuses {} for ever. The relay says so in the ledger.",
            name(one)
        ),
        HandOver => "A successor takes the relay's partition over.".to_string(),
        ClaimQueue(who, one) => {
            format!("{} claims {}.", worker(who), name(one)) + unanswered(world, one)
        }
        Receive(who, one, forged) => format!(
            "{} receives a copy of {}{}, and {}",
            worker(who),
            name(one),
            if forged {
                " that holds other bytes"
            } else {
                ""
            },
            received(protocol, world, action)
        ),
        ClaimReceived(who, one) => format!("{} claims {}.", worker(who), name(one)),
        GiveUpBusy(who, one) => format!(
            "{} finds {} locked too often, and acknowledges its copy.",
            worker(who),
            name(one)
        ),
        Call(who, one, ok) => format!(
            "{} calls the endpoint with {}. The endpoint {}.",
            worker(who),
            name(one),
            says(ok)
        ),
        GiveBack(who, one) => format!(
            "{} may not call {} any more, and gives the claim back.",
            worker(who),
            name(one)
        ),
        DropClaim(who, one) => format!(
            "{} cannot give {} back, which is locked, and drops it.",
            worker(who),
            name(one)
        ),
        Renew(who, one) => format!(
            "{} renews its lease of {}, if it is its own still.",
            worker(who),
            name(one)
        ),
        Record(who, one) => format!("{} records its result of {}.", worker(who), name(one)),
        SetAside(who, one) => format!(
            "{} sets {} aside: PostgreSQL refuses the result.",
            worker(who),
            name(one)
        ),
        ApplyNote(one) => format!(
            "The sweeper applies what the foreign worker did to {}.",
            name(one)
        ),
        Release(one) => format!(
            "The sweeper frees the queue row of {}, whose claim has ended.",
            name(one)
        ),
        Enqueue(one) => format!("The sweeper gives {} a queue row.", name(one)),
        CloseFenced(one) => format!(
            "The sweeper closes the NATS route of {}, delivered behind a fence.",
            name(one)
        ),
        Flip => flipped("The operator flips", protocol.bounds.to),
        NoteBarrier => "The barrier notes who runs.".to_string(),
        PassBarrier if matches!(world.stage, Stage::TakenBack) => {
            "The command waits for nobody who began before.".to_string()
        }
        PassBarrier => "The barrier is passed.".to_string(),
        MoveWaiting(one) => format!(
            "The operator's command moves {} from the queue to NATS.",
            name(one)
        ),
        Redrive if world.rollback == Since::Never => {
            "The operator begins a rollback with a re-drive.".to_string()
        }
        Fence => "The operator begins a rollback. The fence is committed.".to_string(),
        Redrive => "The rollback re-drives.".to_string(),
        TakeBack => flipped("The rollback flips", protocol.bounds.back),
        Account => "The rollback re-drives, and looks for events without a queue row.".to_string(),
        Requeue(one) => format!(
            "A person gives the dead event {} another attempt.",
            name(one)
        ),
        LeaseEnds(one) => format!("The lease of {} ends.", name(one)),
        SecondPasses => "A second passes.".to_string(),
        CircuitIsDue => "The circuit may let one attempt through.".to_string(),
        OutageIsLongAgo => "A takeover time passes.".to_string(),
        CrashWorker(who) => format!("{} dies. Another one starts in its place.", worker(who)),
        CrashRelay(_) => "A relay dies before it has marked what it sent.".to_string(),
        CrashOperator => "The operator's command dies, and is run again.".to_string(),
        CrashForeign(one) => format!("The foreign queue worker dies with {} in hand.", name(one)),
        Freeze(who) => format!("{} stands still.", worker(who)),
        Thaw(who) => format!("{} goes on.", worker(who)),
        Lose(one) => format!("The broker loses a copy of {}.", name(one)),
        ComeAgain(one) => format!("A copy of {} comes once more.", name(one)),
        Forge(one) => format!(
            "Somebody writes a message for {} that holds other bytes.",
            name(one)
        ),
        LockRow(one, lock) => {
            let row = match lock {
                Lock::Ledger => "ledger",
                Lock::Queue => "queue",
                Lock::Outbox => "outbox",
            };
            format!("Somebody locks the {row} row of {}.", name(one))
        }
        Unlock(one) => format!("The lock on {} is gone.", name(one)),
        ForeignTake(one, ok) => format!(
            "The foreign queue worker takes {} and calls the endpoint, which {}.",
            name(one),
            says(ok)
        ),
        ForeignWrite(one) => format!(
            "The foreign queue worker writes its result of {}.",
            name(one)
        ),
        ForeignRequeue(one) => {
            format!("Somebody sets the failed queue row of {} back.", name(one))
        }
        Reap(one) => format!(
            "A queue worker of ours gives {} back, which the foreign worker left behind.",
            name(one)
        ),
    }
}

/// What becomes of a copy that a worker receives.
fn received(protocol: &Protocol, world: &World, action: Action) -> String {
    let Action::Receive(who, one, _) = action else {
        return String::new();
    };
    let after = protocol.after(world, action);
    match after.and_then(|after| after.events[one].jobs[who]) {
        None => "acknowledges it: it may not have the event.".to_string(),
        Some(job) if job.step == Step::Claimed => "claims it.".to_string() + unanswered(world, one),
        Some(job) if job.message => "asks whether the share leaves the event to NATS.".to_string(),
        Some(_) => "acknowledges it before it asks the ledger.".to_string(),
    }
}

/// Who claims after a claim that ended without a result names that attempt.
fn unanswered(world: &World, event: usize) -> &'static str {
    match world.events[event].claim() {
        Some(_) => " The attempt before it had no result, and is named.",
        None => "",
    }
}

fn flipped(who: &str, to: Option<Route>) -> String {
    let to = to.map_or(String::new(), mode);
    format!("{who} the webhook to {to}, and that is committed.")
}

fn says(ok: bool) -> &'static str {
    if ok { "takes it" } else { "refuses it" }
}

fn name(event: usize) -> char {
    if event == 0 { 'A' } else { 'B' }
}

fn worker(worker: usize) -> String {
    let path = if worker < FIRST_OF_NATS {
        "queue"
    } else {
        "NATS"
    };
    format!("The {path} worker {}", worker % FIRST_OF_NATS + 1)
}

fn mode(route: Route) -> String {
    let share = match route.share {
        Share::Zero => 0,
        Share::Half => 50,
        Share::Full => 100,
    };
    match route.mode {
        Mode::Queue => "queue".to_string(),
        Mode::Both => format!("both, share {share}"),
        Mode::Nats => "nats".to_string(),
    }
}
