//! What was sent and is not yet acknowledged: by token, in the order of sending. Touches nothing.

use std::{collections::VecDeque, time::Instant};

/// Tokens count up, so that a flight is found by its place in the queue.
#[derive(Debug)]
pub struct ByToken<V> {
    /// Token of the first in the queue.
    first: u64,
    queue: VecDeque<Option<(Instant, V)>>,
    open: usize,
}

impl<V> Default for ByToken<V> {
    fn default() -> Self {
        ByToken {
            first: 0,
            queue: VecDeque::new(),
            open: 0,
        }
    }
}

impl<V> ByToken<V> {
    /// Leaves now. Returns its token.
    pub fn leave(&mut self, what: V, now: Instant) -> u64 {
        self.queue.push_back(Some((now, what)));
        self.open += 1;
        self.first + self.queue.len() as u64 - 1
    }

    /// Has arrived: what it is, and when it left. `None`: a token that is not ours, or not any more.
    pub fn arrive(&mut self, token: u64) -> Option<(Instant, V)> {
        let place = usize::try_from(token.checked_sub(self.first)?).ok()?;
        let flight = self.queue.get_mut(place)?.take()?;
        self.open -= 1;
        while let Some(None) = self.queue.front() {
            self.queue.pop_front();
            self.first += 1;
        }
        Some(flight)
    }

    /// Those that left at this moment or before are given up.
    pub fn overdue(&mut self, since: Instant) -> Vec<(Instant, V)> {
        let late = |flight: &&Option<(Instant, V)>| flight.as_ref().is_none_or(|f| f.0 <= since);
        let count = self.queue.iter().take_while(late).count();
        self.first += count as u64;
        let given_up: Vec<_> = self.queue.drain(..count).flatten().collect();
        self.open -= given_up.len();
        given_up
    }

    pub fn is_empty(&self) -> bool {
        self.open == 0
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn flights_arrive_in_any_order_and_once() {
        let mut flights = ByToken::default();
        let now = Instant::now();
        let tokens: Vec<u64> = ["a", "b", "c"].map(|v| flights.leave(v, now)).to_vec();
        assert_eq!(tokens, [0, 1, 2]);
        assert_eq!(flights.arrive(1), Some((now, "b")));
        assert_eq!(flights.arrive(1), None);
        assert_eq!(flights.arrive(0), Some((now, "a")));
        assert_eq!(flights.arrive(0), None, "the queue has moved on");
        assert_eq!(flights.leave("d", now), 3);
        assert_eq!(flights.arrive(2), Some((now, "c")));
        assert_eq!(flights.arrive(u64::MAX), None);
        assert!(!flights.is_empty());
        assert_eq!(flights.arrive(3), Some((now, "d")));
        assert!(flights.is_empty());
    }

    #[test]
    fn what_is_overdue_is_given_up_and_arrives_no_more() {
        let mut flights = ByToken::default();
        let begin = Instant::now();
        let at = |seconds| begin + Duration::from_secs(seconds);
        for n in 0..4 {
            flights.leave(n, at(n));
        }
        flights.arrive(0);
        assert_eq!(flights.overdue(at(2)), [(at(1), 1), (at(2), 2)]);
        assert_eq!(flights.arrive(2), None);
        assert_eq!(flights.arrive(3), Some((at(3), 3)));
        assert!(flights.is_empty() && flights.overdue(at(9)).is_empty());
    }
}
