//! One way of splitting a batch that PostgreSQL refuses: halves of halves, down to the row that is refused. Touches nothing.
//!
//! The caller asks for the next part, carries it out and says what failed:
//! ```text
//! let mut halves = Halves::of(&items);
//! while let Some(part) = halves.next_part() {
//!     if let Err(error) = carry_out(part).await {
//!         halves.failed(part, error);
//!     }
//! }
//! let Failed { refused, waiting } = halves.end();
//! ```

use crate::error::Error;

/// What is left to do of a batch, and what failed so far.
#[derive(Debug)]
pub struct Halves<'a, I> {
    /// The next part is the last one.
    parts: Vec<&'a [I]>,
    failed: Failed<'a, I>,
}

/// What could not be done.
#[derive(Debug)]
pub struct Failed<'a, I> {
    /// Refused though each was alone, and why.
    pub refused: Vec<(&'a I, Error)>,
    /// Not done because of something that passes (a lock, a lost connection), and what that was.
    pub waiting: Option<(Vec<&'a I>, Error)>,
}

impl<'a, I> Halves<'a, I> {
    pub fn of(items: &'a [I]) -> Self {
        Halves {
            parts: vec![items],
            failed: Failed {
                refused: Vec::new(),
                waiting: None,
            },
        }
    }

    /// What to carry out next, in the order of the items; never nothing.
    pub fn next_part(&mut self) -> Option<&'a [I]> {
        self.parts.pop().filter(|part| !part.is_empty())
    }

    /// This part, which `next_part` gave, was not carried out, nothing of it. After a failure that passes nothing more is tried.
    pub fn failed(&mut self, part: &'a [I], error: Error) {
        match part {
            _ if error.is_temporary() => {
                let rest = self.parts.drain(..).rev().flatten();
                self.failed.waiting = Some((part.iter().chain(rest).collect(), error));
            }
            [one] => self.failed.refused.push((one, error)),
            many => {
                let (first, second) = many.split_at(many.len() / 2);
                self.parts.extend([second, first]);
            }
        }
    }

    pub fn end(self) -> Failed<'a, I> {
        self.failed
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn refused() -> Error {
        Error::from(sqlx::Error::Decode("unreadable".into()))
    }

    #[test]
    fn the_bad_ones_are_found_and_all_others_are_done_once() {
        let items: Vec<i32> = (0..1000).collect();
        let bad = [0, 17, 18, 999];
        let (mut halves, mut done, mut tries) = (Halves::of(&items), Vec::<i32>::new(), 0);
        while let Some(part) = halves.next_part() {
            tries += 1;
            if part.iter().any(|item| bad.contains(item)) {
                halves.failed(part, refused());
            } else {
                done.extend(part);
            }
        }
        let failed = halves.end();
        let found: Vec<i32> = failed.refused.iter().map(|(item, _)| **item).collect();
        assert_eq!(found, bad);
        assert!(failed.waiting.is_none());
        let good: Vec<i32> = (0..1000).filter(|item| !bad.contains(item)).collect();
        assert_eq!(done, good);
        assert!(tries < 80, "{tries} tries");
    }

    #[test]
    fn what_passes_is_not_split_and_the_rest_waits_with_it() {
        let items = [1, 2, 3, 4];
        let mut halves = Halves::of(&items);
        let all = halves.next_part().unwrap();
        halves.failed(all, refused());
        let first = halves.next_part().unwrap();
        halves.failed(first, Error::failed("locked"));
        assert!(halves.next_part().is_none());
        let (waiting, why) = halves.end().waiting.unwrap();
        assert_eq!(waiting, [&1, &2, &3, &4]);
        assert_eq!(why.message(), "locked");
    }

    #[test]
    fn nothing_is_no_part() {
        assert!(Halves::<i32>::of(&[]).next_part().is_none());
    }
}
