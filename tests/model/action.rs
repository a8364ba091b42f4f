//! What may happen next. Each is one statement, one message, one call, or one trouble.

use super::world::{Arm, Lock};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Begin(usize),
    /// With the arm that the hash of the event's id draws, where the share leaves a choice.
    Commit(usize, Arm),

    Send(usize),
    SendAgain(usize),
    Mark(usize, usize),
    MarkVoid(usize),
    HandOver,

    ClaimQueue(usize, usize),
    /// Worker, event, whether the message is the forged one.
    Receive(usize, usize, bool),
    /// Only where a mistake is seeded: the ledger is asked for a message that was received.
    ClaimReceived(usize, usize),
    /// A worker has met a locked row too often, and acknowledges.
    GiveUpBusy(usize, usize),
    Call(usize, usize, bool),
    GiveBack(usize, usize),
    /// The row is locked: the claim cannot be given back, and is dropped.
    DropClaim(usize, usize),
    Renew(usize, usize),
    Record(usize, usize),
    SetAside(usize, usize),

    ApplyNote(usize),
    Release(usize),
    Enqueue(usize),
    CloseFenced(usize),

    Flip,
    NoteBarrier,
    PassBarrier,
    MoveWaiting(usize),
    Fence,
    Redrive,
    TakeBack,
    Account,
    Requeue(usize),

    LeaseEnds(usize),
    SecondPasses,
    CircuitIsDue,
    OutageIsLongAgo,

    CrashWorker(usize),
    CrashRelay(usize),
    CrashOperator,
    CrashForeign(usize),
    Freeze(usize),
    Thaw(usize),
    Lose(usize),
    ComeAgain(usize),
    Forge(usize),
    LockRow(usize, Lock),
    Unlock(usize),

    ForeignTake(usize, bool),
    ForeignWrite(usize),
    ForeignRequeue(usize),
    Reap(usize),
}

impl Action {
    /// The one event that a data plane's statement is about; `None` for operators, troubles and time.
    pub fn carries(self) -> Option<usize> {
        use Action::*;
        match self {
            Begin(event)
            | Commit(event, _)
            | Send(event)
            | SendAgain(event)
            | Mark(_, event)
            | MarkVoid(event)
            | ClaimQueue(_, event)
            | Receive(_, event, _)
            | ClaimReceived(_, event)
            | GiveUpBusy(_, event)
            | Call(_, event, _)
            | GiveBack(_, event)
            | DropClaim(_, event)
            | Renew(_, event)
            | Record(_, event)
            | SetAside(_, event)
            | ApplyNote(event)
            | Release(event)
            | Enqueue(event)
            | CloseFenced(event)
            | ForeignTake(event, _)
            | ForeignWrite(event)
            | ForeignRequeue(event)
            | Reap(event) => Some(event),
            HandOver | Flip | NoteBarrier | PassBarrier | MoveWaiting(_) | Fence | Redrive
            | TakeBack | Account | Requeue(_) | LeaseEnds(_) | SecondPasses | CircuitIsDue
            | OutageIsLongAgo | CrashWorker(_) | CrashRelay(_) | CrashOperator
            | CrashForeign(_) | Freeze(_) | Thaw(_) | Lose(_) | ComeAgain(_) | Forge(_)
            | LockRow(..) | Unlock(_) => None,
        }
    }
}
