//! What a relay remembers of its partitions: how far each was read, what is on its way, which webhooks wait. Touches nothing.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    time::Instant,
};

use crate::{
    model::Backoff,
    store::outbox::{Behind, Copy, Cursors, PARTITIONS, partition},
};

/// How many webhooks in trouble are tried again at once. When more wait, the trouble was everybody's: the first that gets
/// through lets all go on.
const PROBES: usize = 8;
const BACKOFF: Backoff = Backoff::new(100, 5000);

#[derive(Debug, Default)]
pub struct PartitionCursors {
    /// Partitions that are served, and up to which `seq` each was read.
    places: Cursors,
    /// From where some are to be read again, at the next read.
    rewinds: Cursors,
    /// `seq` and partition of what is being published or marked; never read again meanwhile.
    flying: HashMap<i64, i32>,
    /// Webhooks that the stream refuses for now.
    waits: BTreeMap<i32, Wait>,
    /// Partitions that had more than was read, the last time.
    full: usize,
}

#[derive(Debug)]
struct Wait {
    /// The first event that was refused.
    first: i64,
    /// It is being tried again.
    probing: bool,
    failures: u32,
    retry_at: Instant,
}

impl PartitionCursors {
    /// These partitions are ours. A new one is read from its beginning.
    pub fn serve(&mut self, granted: &[i32]) {
        self.places.retain(|place, _| granted.contains(place));
        for place in granted {
            self.places.entry(*place).or_insert(0);
        }
        let places = &self.places;
        self.waits
            .retain(|webhook, _| places.contains_key(&partition(*webhook)));
    }

    /// Partitions that are served, or of which something is still on its way.
    pub fn in_use(&self) -> BTreeSet<i32> {
        self.places
            .keys()
            .chain(self.flying.values())
            .copied()
            .collect()
    }

    pub fn cursors(&self) -> Cursors {
        self.places.clone()
    }

    /// From where to read next.
    pub fn start_reading(&mut self) -> Cursors {
        for (place, seq) in std::mem::take(&mut self.rewinds) {
            if let Some(cursor) = self.places.get_mut(&place) {
                *cursor = seq.min(*cursor);
            }
        }
        self.places.clone()
    }

    /// Before these, everything is published: the cursors, but not past what flies or waits.
    pub fn settled(&self) -> Cursors {
        let mut cursors = self.places.clone();
        let open = self.flying.iter().map(|(seq, place)| (*place, *seq));
        let waiting = self
            .waits
            .iter()
            .map(|(w, wait)| (partition(*w), wait.first));
        let again = self.rewinds.iter().map(|(place, seq)| (*place, seq + 1));
        for (place, seq) in open.chain(waiting).chain(again) {
            if let Some(cursor) = cursors.get_mut(&place) {
                *cursor = (*cursor).min(seq - 1);
            }
        }
        cursors
    }

    pub fn flying(&self) -> usize {
        self.flying.len()
    }

    /// Webhooks whose events wait for another try.
    pub fn waiting(&self) -> Vec<i32> {
        self.waits.keys().copied().collect()
    }

    /// How many events to read of each partition, of so many altogether.
    pub fn share_of(&self, batch: usize) -> usize {
        (batch / self.full.max(1)).max(1)
    }

    /// After a read of `limit` events a partition, by `seq` and partition: moves the cursors, which a partition that gave less passes to
    /// what was its newest event before the read. `cut`: the first of a partition whose payload the read left out. Returns whether
    /// there is more, and those that have to be read alone, which count as read.
    pub fn was_read(
        &mut self,
        events: &[(i64, i32)],
        cut: &[(i64, i32)],
        limit: usize,
        newest: &Cursors,
    ) -> (bool, Vec<(i64, i32)>) {
        let mut read: BTreeMap<i32, (usize, i64)> = BTreeMap::new();
        for (seq, place) in events {
            let (count, last) = read.entry(*place).or_default();
            *count += 1;
            *last = (*seq).max(*last);
        }
        let mut alone = Vec::new();
        for (seq, place) in cut {
            let (count, last) = read.entry(*place).or_default();
            if *count == 0 {
                *last = *seq;
                alone.push((*seq, *place));
            }
            *count = limit;
        }
        self.full = read.values().filter(|(count, _)| *count >= limit).count();
        for (place, cursor) in &mut self.places {
            let (count, last) = read.get(place).copied().unwrap_or_default();
            *cursor = last.max(*cursor);
            if count < limit {
                *cursor = newest.get(place).copied().unwrap_or(0).max(*cursor);
            }
        }
        (self.full > 0, alone)
    }

    /// Is the partition of this webhook served?
    pub fn serves(&self, webhook: i32) -> bool {
        self.places.contains_key(&partition(webhook))
    }

    /// What was found behind the cursors and is not on its way: by `seq` and partition, and the newest event of each partition.
    pub fn behind(&self, found: &[Behind]) -> (Vec<(i64, i32)>, Cursors) {
        let missing = found.iter().flat_map(|place| {
            let unknown = place
                .behind
                .iter()
                .filter(|seq| !self.flying.contains_key(seq));
            unknown.map(|seq| (*seq, place.partition))
        });
        let newest = found
            .iter()
            .filter_map(|place| Some((place.partition, place.newest?)));
        (missing.collect(), newest.collect())
    }

    /// Goes back, so that everything from this event on is read again.
    pub fn rewind(&mut self, place: i32, seq: i64) {
        // Not at once: a read that is under way would move the cursor on.
        let from = self.rewinds.entry(place).or_insert(seq - 1);
        *from = (*from).min(seq - 1);
    }

    /// Of these, what may leave now: served, not on its way already, and not of a webhook that waits, but for its probe.
    pub fn take_off(&mut self, copies: Vec<Copy>) -> Vec<Copy> {
        let mut leaving = copies;
        leaving.retain(|copy| {
            let place = partition(copy.webhook_id);
            let held_back = self
                .waits
                .get(&copy.webhook_id)
                .is_some_and(|wait| !(wait.probing && wait.first == copy.seq));
            if held_back || !self.places.contains_key(&place) || self.flying.contains_key(&copy.seq)
            {
                return false;
            }
            self.flying.insert(copy.seq, place);
            true
        });
        leaving
    }

    /// These are read elsewhere, and are not to be read again meanwhile; returns those that are not in flight already.
    pub fn hold(&mut self, mut events: Vec<(i64, i32)>) -> Vec<(i64, i32)> {
        events.retain(|(seq, place)| self.flying.insert(*seq, *place).is_none());
        events
    }

    /// This event is marked, or need not be published any more.
    pub fn landed(&mut self, seq: i64, webhook: i32) {
        self.flying.remove(&seq);
        let probed = self
            .waits
            .get(&webhook)
            .is_some_and(|wait| wait.probing && wait.first == seq);
        if !probed {
            return;
        }
        if self.waits.len() > PROBES {
            self.release_all();
        } else {
            self.release(webhook);
        }
    }

    /// This copy is not in the stream, and will be tried again; its webhook waits longer with each failure.
    pub fn refused(&mut self, seq: i64, webhook: i32, now: Instant) {
        self.flying.remove(&seq);
        if !self.places.contains_key(&partition(webhook)) {
            return;
        }
        let wait = self.waits.entry(webhook).or_insert(Wait {
            first: seq,
            probing: false,
            failures: 1,
            retry_at: now + BACKOFF.jittered(1),
        });
        if wait.probing && wait.first == seq {
            wait.failures = wait.failures.saturating_add(1);
            wait.retry_at = now + BACKOFF.jittered(wait.failures);
            wait.probing = false;
        }
        if seq < wait.first {
            (wait.first, wait.probing) = (seq, false);
        }
    }

    /// This copy is on its way no longer, and nothing follows from it.
    pub fn forget(&mut self, seq: i64) {
        self.flying.remove(&seq);
    }

    /// These were not tried after all.
    pub fn unprobed(&mut self, probes: &[(i64, i32)]) {
        for wait in self.waits.values_mut() {
            if probes.iter().any(|(seq, _)| *seq == wait.first) {
                wait.probing = false;
            }
        }
    }

    /// Events to be tried again now, one of each webhook.
    pub fn probes(&mut self, now: Instant) -> Vec<(i64, i32)> {
        let under_way = self.waits.values().filter(|wait| wait.probing).count();
        let mut due: Vec<(&i32, &mut Wait)> = self
            .waits
            .iter_mut()
            .filter(|(_, wait)| !wait.probing && wait.retry_at <= now)
            .collect();
        due.sort_by_key(|(_, wait)| wait.retry_at);
        due.truncate(PROBES.saturating_sub(under_way));
        due.into_iter()
            .map(|(webhook, wait)| {
                wait.probing = true;
                (wait.first, partition(*webhook))
            })
            .collect()
    }

    /// Probes whose event is not there any more (published, void, fenced): their webhooks go on.
    pub fn not_found(&mut self, probes: &[(i64, i32)], found: &[i64]) {
        let gone = |wait: &Wait| {
            let seq = wait.first;
            wait.probing && probes.iter().any(|(probe, _)| *probe == seq) && !found.contains(&seq)
        };
        let free: Vec<i32> = self
            .waits
            .iter()
            .filter(|(_, wait)| gone(wait))
            .map(|(webhook, _)| *webhook)
            .collect();
        for webhook in free {
            self.release(webhook);
        }
    }

    /// Nobody waits any more.
    pub fn release_all(&mut self) {
        for webhook in self.waiting() {
            self.release(webhook);
        }
    }

    fn release(&mut self, webhook: i32) {
        if let Some(wait) = self.waits.remove(&webhook) {
            self.rewind(partition(webhook), wait.first);
        }
    }
}

/// How many partitions a relay should hold among so many.
pub fn fair_share(relays: i64) -> usize {
    let relays = usize::try_from(relays.max(1)).unwrap_or(1);
    (PARTITIONS as usize).div_ceil(relays)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn copy(seq: i64, webhook_id: i32) -> Copy {
        Copy {
            seq,
            event_id: seq.to_string(),
            webhook_id,
            copy: 1,
            subject: "s".into(),
            payload: "{}".into(),
            read_at: chrono::Utc::now(),
        }
    }

    fn board() -> PartitionCursors {
        let mut board = PartitionCursors::default();
        board.serve(&[1, 2]);
        board
    }

    fn seqs(copies: &[Copy]) -> Vec<i64> {
        copies.iter().map(|copy| copy.seq).collect()
    }

    #[test]
    fn what_is_on_its_way_is_not_sent_twice_and_keeps_its_partition_in_use() {
        let mut board = board();
        let sent = board.take_off(vec![copy(10, 1), copy(11, 2), copy(12, 3)]);
        assert_eq!(seqs(&sent), [10, 11], "partition 3 is not ours");
        assert!(board.take_off(vec![copy(10, 1)]).is_empty());
        board.serve(&[2]);
        assert_eq!(board.in_use(), BTreeSet::from([1, 2]));
        board.landed(10, 1);
        assert_eq!(board.in_use(), BTreeSet::from([2]));
        // Whoever gets the partition back reads it from the beginning.
        board.serve(&[1, 2]);
        assert_eq!(board.start_reading()[&1], 0);
    }

    #[test]
    fn a_refused_webhook_waits_alone_and_goes_on_from_its_first_event() {
        let mut board = board();
        let read = [copy(10, 1), copy(11, 9), copy(12, 1)];
        board.start_reading();
        board.was_read(&[(10, 1), (11, 1), (12, 1)], &[], 512, &Cursors::new());
        board.take_off(read.to_vec());
        let now = Instant::now();
        for seq in [12, 10] {
            board.refused(seq, 1, now);
        }
        board.landed(11, 9);
        assert_eq!(board.waiting(), [1]);
        assert_eq!(
            board.settled()[&1],
            9,
            "the lag is measured from the one that waits"
        );
        // Its other events stay; another webhook of the partition goes on.
        assert_eq!(seqs(&board.take_off(vec![copy(13, 1), copy(14, 9)])), [14]);
        assert!(board.probes(now).is_empty(), "not at once");
        let later = now + Duration::from_secs(1);
        assert_eq!(board.probes(later), [(10, 1)]);
        assert!(board.probes(later).is_empty(), "one at a time");
        assert_eq!(seqs(&board.take_off(vec![copy(10, 1)])), [10]);
        board.refused(10, 1, later);
        assert!(
            board.probes(later + Duration::from_millis(140)).is_empty(),
            "twice as long"
        );
        assert_eq!(board.probes(later + Duration::from_secs(1)), [(10, 1)]);
        board.take_off(vec![copy(10, 1)]);
        board.landed(10, 1);
        assert!(board.waiting().is_empty());
        assert_eq!(board.start_reading()[&1], 9);
    }

    #[test]
    fn a_rewind_during_a_read_is_not_overtaken_by_it() {
        let mut board = board();
        board.start_reading();
        board.rewind(1, 5);
        board.was_read(&[(20, 1)], &[], 512, &Cursors::from([(1, 30)]));
        assert_eq!(board.cursors()[&1], 30);
        assert_eq!(board.start_reading()[&1], 4);
    }

    #[test]
    fn a_short_read_passes_what_was_not_for_us_and_a_full_one_does_not() {
        let mut board = board();
        let newest = Cursors::from([(1, 100), (2, 200)]);
        let (more, alone) = board.was_read(&[(7, 1), (8, 1), (9, 2)], &[], 2, &newest);
        assert!(more && alone.is_empty());
        assert_eq!(board.cursors(), Cursors::from([(1, 8), (2, 200)]));
        assert_eq!(board.share_of(512), 512, "one partition is full");
    }

    #[test]
    fn what_was_cut_off_is_read_next_and_what_fits_into_no_read_is_read_alone() {
        let mut board = board();
        let newest = Cursors::from([(1, 100), (2, 200)]);
        let (more, alone) = board.was_read(&[(7, 1)], &[(8, 1), (9, 2)], 512, &newest);
        assert!(more);
        assert_eq!(alone, [(9, 2)]);
        assert_eq!(board.cursors(), Cursors::from([(1, 7), (2, 9)]));
    }

    #[test]
    fn when_everybody_waited_the_first_that_gets_through_lets_all_go_on() {
        let mut board = PartitionCursors::default();
        let now = Instant::now();
        board.serve(&[0, 1, 2, 3, 4, 5, 6, 7]);
        for webhook in 1..=20 {
            board.take_off(vec![copy(webhook.into(), webhook)]);
            board.refused(webhook.into(), webhook, now);
        }
        let probes = board.probes(now + Duration::from_secs(1));
        assert_eq!(probes.len(), PROBES);
        let first = probes[0].0;
        board.landed(first, i32::try_from(first).unwrap());
        assert!(board.waiting().is_empty());
    }

    #[test]
    fn a_probe_that_is_gone_frees_its_webhook() {
        let mut board = board();
        let now = Instant::now();
        board.take_off(vec![copy(10, 1)]);
        board.refused(10, 1, now);
        let probes = board.probes(now + Duration::from_secs(1));
        board.not_found(&probes, &[]);
        assert!(board.waiting().is_empty());
    }

    #[test]
    fn shares_are_fair_and_leave_nothing_out() {
        let shares: Vec<usize> = (0..10).map(fair_share).collect();
        assert_eq!(shares, [8, 8, 4, 3, 2, 2, 2, 2, 1, 1]);
    }
}
