//! The numbers of the queue's key: every event takes one, also in `nats`, and callers fail when there are none left.

use super::Scene;
use crate::{
    error::Result,
    gates::Finding,
    model::grouped,
    store::inventory::{self, Numbers},
};

const CHECK: &str = "numbers of the queue";
/// Days that are worth a word, and days in which nobody changes a key's type in peace.
const WORTH_A_WORD: f64 = 180.0;
const TOO_FEW: f64 = 14.0;

pub(super) async fn check(scene: &Scene<'_>) -> Finding {
    let outcome = look(scene).await;
    scene.guard(CHECK, outcome)
}

async fn look(scene: &Scene<'_>) -> Result<Finding> {
    let numbers = inventory::numbers(scene.db(), scene.inputs.now).await?;
    let (table, key) = scene.db().shape().queue_key();
    Ok(match numbers {
        Some(numbers) => judge(&numbers, table, key),
        None => Finding::ok(CHECK, format!("{key} has no sequence"), "numbers that last"),
    })
}

fn judge(numbers: &Numbers, table: &str, key: &str) -> Finding {
    let wanted = format!("numbers for {WORTH_A_WORD:.0} days at today's rate");
    let left = (numbers.most - numbers.last.unwrap_or(0)).max(0);
    let days = numbers
        .per_day
        .filter(|rate| *rate > 0.0)
        .map(|rate| left as f64 / rate);
    let found = match days {
        // Ten years are as good as for ever here.
        Some(days) if days < 3_650.0 => {
            format!("{} left, {days:.1} days at today's rate", grouped(left))
        }
        _ => format!("{} left", grouped(left)),
    };
    let remedy = format!(
        "callers fail when they are used up, in mode `nats` too. Do not let the sequence of {table}.{key} begin again where old numbers are: ALTER \
         SEQUENCE ... MINVALUE -2147483648 RESTART WITH -2147483648 gives as many again, if your own readers bear negative ids"
    );
    match days {
        Some(days) if days < TOO_FEW => Finding::block(CHECK, found, wanted, remedy),
        Some(days) if days < WORTH_A_WORD => Finding::warn(CHECK, found, wanted, remedy),
        // Nobody knows the rate.
        None if left < numbers.most / 10 => Finding::warn(CHECK, found, wanted, remedy),
        _ => Finding::ok(CHECK, found, wanted),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gates::Status;

    #[test]
    fn numbers_are_held_against_days() {
        let judged = |left: i64, per_day: Option<f64>| {
            let numbers = Numbers {
                last: Some(i64::from(i32::MAX) - left),
                most: i32::MAX.into(),
                per_day,
            };
            judge(&numbers, "rule_webhook_calls", "call_id")
        };
        assert_eq!(judged(2_000_000_000, Some(1e6)).status, Status::Ok);
        assert_eq!(judged(100_000_000, Some(1e6)).status, Status::Warn);
        assert_eq!(judged(10_000_000, Some(1e6)).status, Status::Block);
        assert_eq!(judged(1_000, Some(10.0)).status, Status::Warn);
        assert_eq!(judged(1_000, None).status, Status::Warn);
        assert_eq!(
            judged(10_000_000, Some(1e6)).found,
            "10,000,000 left, 10.0 days at today's rate"
        );
    }
}
