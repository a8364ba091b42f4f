//! One state of the world: the rows of PostgreSQL, the copies in the stream, what each process remembers, and what troubles are left.
//! There is no clock. A due time may have come at any moment, so that neither `due_at` nor `scheduled_at` is a part of it.

pub const EVENTS: usize = 2;
/// Two of the queue path, then two of the NATS path.
pub const WORKERS: usize = 4;
pub const FIRST_OF_NATS: usize = 2;
/// One relay and its successor.
pub const RELAYS: usize = 2;
/// Copies of one event that may lie in the stream at a time.
pub const COPIES: u8 = 2;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    Queue,
    Both,
    Nats,
}

/// Half: an event may prefer either arm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Share {
    Zero,
    Half,
    Full,
}

/// The columns of the webhook that say where its events go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Route {
    pub mode: Mode,
    pub share: Share,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Arm {
    Queue,
    Nats,
}

/// The transaction that makes the event. Its snapshot is as old as the transaction (REPEATABLE READ); READ COMMITTED is the case in
/// which it commits at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Caller {
    Idle,
    Began(Route),
    Committed,
}

/// `rule_webhook_events.state`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    Open,
    Claimed,
    Retrying,
    Delivered,
    Dead,
    Stuck,
}

/// Who holds an event or a plain queue row: `claimed_by`, and whether `lease_until` is over. A lease that `wavegate.held` prolongs
/// is not over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Claim {
    pub by: u8,
    pub ended: bool,
}

/// `rule_webhook_events`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ledger {
    pub state: State,
    pub two_route: bool,
    pub has_queue_row: bool,
    pub prefers: Arm,
    pub attempt: u8,
    pub claim: Option<Claim>,
    /// `published_at` is set.
    pub published: bool,
    /// `void_reason` is set.
    pub void: bool,
    /// `seen_count >= publish_count`: a worker saw the newest copy.
    pub seen: bool,
    /// `died_at` is set.
    pub died_at: bool,
}

/// `status` of the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    Pending,
    Retrying,
    Processing,
    Success,
    Failed,
}

/// The queue row. `claim` is ours; a foreign worker leaves none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Row {
    pub status: Status,
    pub claim: Option<Claim>,
    pub retry_count: u8,
}

/// What a worker has in hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// Only where a mistake is seeded: it has the message and has not asked the ledger yet.
    Received,
    Claimed,
    /// The call was sent, and this is what the endpoint says to it.
    Called(bool),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Job {
    pub step: Step,
    pub attempt: u8,
    /// It has a message that is not acknowledged.
    pub message: bool,
    /// The message holds other bytes than the event was born with.
    pub forged: bool,
}

/// `wavegate.foreign_results`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Note {
    Success,
    Failed,
    /// `failed` was set back to `pending`.
    Requeued,
}

/// A row of the event that somebody else's transaction has locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lock {
    Ledger,
    Queue,
    Outbox,
}

/// What one event has that makes a server refuse it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Poison {
    /// PostgreSQL refuses to hold its result, in whatever form.
    Result,
    /// NATS can never carry it.
    TooLarge,
}

/// All that there is of one event, with what each process has of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Event {
    pub caller: Caller,
    pub ledger: Option<Ledger>,
    pub row: Option<Row>,
    pub outbox: bool,
    /// It stands in `wavegate.unpublished`.
    pub listed: bool,
    /// By relay: a copy was sent and is not marked yet.
    pub sent: [bool; RELAYS],
    /// In the stream, to be given to a worker.
    pub copies: u8,
    pub forged: bool,
    pub jobs: [Option<Job>; WORKERS],
    /// A foreign queue worker calls; what the endpoint says to it.
    pub foreign: Option<bool>,
    pub note: Option<Note>,
    /// A plain row in `wavegate.stuck`.
    pub plain_stuck: bool,
    pub locked: Option<Lock>,
    pub poison: Option<Poison>,
    /// What only the model knows: successes that the endpoint saw, attempts in `wavegate.ambiguous_attempt`, attempts that may stand there,
    /// that it was
    /// delivered, that it died, that a copy is gone without anybody's fault.
    pub taken: u8,
    pub noted: u8,
    pub excused: u8,
    pub delivered: bool,
    pub died: bool,
    pub copy_gone: bool,
}

/// `wavegate.circuit`. Due: one attempt may go through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Circuit {
    Closed,
    Open { probe: Option<u8> },
    Due,
}

/// How long ago a rollback did its first act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Since {
    Never,
    Now,
    /// More than a second.
    Long,
}

/// How far the operator's commands are. The barrier has noted the transactions of these events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    Idle,
    Flipped,
    FlipWaits([bool; EVENTS]),
    FlipDone,
    Fenced,
    Redriven,
    TakenBack,
    BackWaits([bool; EVENTS]),
    /// So many looks found nothing without a queue row.
    Accounts(u8),
    BackDone,
}

/// How many troubles of each kind may still come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Left {
    /// Of workers, relays, the operator's command, and a foreign worker, together.
    pub crashes: u8,
    pub freezes: u8,
    pub failures: u8,
    pub losses: u8,
    /// Copies that come once more: a duplicate, or a consumer that was set back.
    pub again: u8,
    pub forged: u8,
    pub locks: u8,
    pub requeues: u8,
    pub handovers: u8,
}

/// What must never happen, noted when it does. The property that is named after it fails then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Broken {
    LateCall,
    OtherBytes,
    AgainstShare,
    TakeoverInOutage,
    LatePublish,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct World {
    pub route: Route,
    pub fence: bool,
    pub circuit: Circuit,
    /// The circuit was open less than a takeover time ago.
    pub outage_lately: bool,
    pub rollback: Since,
    pub frozen: [bool; WORKERS],
    /// The relay that holds the partition.
    pub serving: u8,
    pub stage: Stage,
    pub left: Left,
    pub events: [Event; EVENTS],
    pub broken: Option<Broken>,
}

impl Ledger {
    pub fn ended(&self) -> bool {
        matches!(self.state, State::Delivered | State::Dead)
    }

    /// Nobody's claim keeps others away.
    pub fn free(&self) -> bool {
        match self.state {
            State::Open | State::Retrying => true,
            State::Claimed => self.claim.is_some_and(|claim| claim.ended),
            State::Delivered | State::Dead | State::Stuck => false,
        }
    }
}

impl Row {
    pub fn waits(&self) -> bool {
        matches!(self.status, Status::Pending | Status::Retrying)
    }

    /// `processing` by a claim of ours that has ended.
    pub fn left_behind(&self) -> bool {
        self.status == Status::Processing && self.claim.is_some_and(|claim| claim.ended)
    }
}

impl Event {
    pub const fn new() -> Self {
        Event {
            caller: Caller::Idle,
            ledger: None,
            row: None,
            outbox: false,
            listed: false,
            sent: [false; RELAYS],
            copies: 0,
            forged: false,
            jobs: [None; WORKERS],
            foreign: None,
            note: None,
            plain_stuck: false,
            locked: None,
            poison: None,
            taken: 0,
            noted: 0,
            excused: 0,
            delivered: false,
            died: false,
            copy_gone: false,
        }
    }

    /// Does this worker hold it still, by this attempt? (`claimed_by` and `attempt`, compared by each statement that writes.)
    pub fn held_by(&self, worker: usize, attempt: u8) -> bool {
        match (&self.ledger, &self.row) {
            (Some(ledger), _) => {
                ledger.state == State::Claimed
                    && ledger.attempt == attempt
                    && ledger
                        .claim
                        .is_some_and(|claim| usize::from(claim.by) == worker)
            }
            (None, Some(row)) => {
                row.status == Status::Processing
                    && row.retry_count + 1 == attempt
                    && row
                        .claim
                        .is_some_and(|claim| usize::from(claim.by) == worker)
            }
            (None, None) => false,
        }
    }

    /// The claim that keeps others away: the ledger's, or that of a plain row.
    pub fn claim_mut(&mut self) -> Option<&mut Claim> {
        match (&mut self.ledger, &mut self.row) {
            (Some(ledger), _) => ledger.claim.as_mut(),
            (None, Some(row)) => row.claim.as_mut(),
            (None, None) => None,
        }
    }

    pub fn claim(&self) -> Option<Claim> {
        let mut one = *self;
        one.claim_mut().copied()
    }

    pub fn copy_comes(&mut self) {
        self.copies = (self.copies + 1).min(COPIES);
    }
}

impl World {
    /// The time of takeover stands still (view `wavegate.outage`).
    pub fn takeover_stands(&self) -> bool {
        matches!(self.circuit, Circuit::Open { .. }) || self.outage_lately
    }

    /// `wavegate.nats_may_deliver` (sql/007/40_publish.sql). What is overdue and whether the queue was silent are times.
    pub fn nats_may_deliver(&self, ledger: &Ledger) -> bool {
        !ledger.has_queue_row
            || self.route.share != Share::Zero
                && (ledger.prefers == Arm::Nats || !self.takeover_stands())
    }
}

/// Events and workers are numbered in a byte.
pub fn number(index: usize) -> u8 {
    u8::try_from(index).unwrap_or(u8::MAX)
}
