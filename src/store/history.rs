//! The publish history as the relay writes it: `rule_nats_publish_history`, for people and the guides' views.

use super::{Db, outbox::Copy};
use crate::error::{Error, Result};

/// Of COPY's binary format: a signature, flags, no extension; and the end.
const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
const TRAILER: [u8; 2] = (-1_i16).to_be_bytes();
/// Columns of copy_history.sql.
const COLUMNS: i16 = 9;
/// The largest that `latency_ms` takes, in hundredths of a millisecond.
const LONGEST: f64 = 9_999_999_999.0;

/// One line of the publish history.
#[derive(Debug, Clone)]
pub struct Published<'a> {
    pub copy: &'a Copy,
    /// The stream sequence, or why it failed.
    pub outcome: Result<i64, &'a str>,
    pub latency_ms: f64,
}

/// Writes `rule_nats_publish_history`, success and failure. Waits for nobody's lock; all or nothing.
pub async fn log(db: &Db, lines: &[Published<'_>]) -> Result<()> {
    match copy(db, lines).await.map_err(Error::from) {
        // Refused, so nothing is written: a webhook that is gone, a table that cannot be copied into.
        Err(error) if !error.is_temporary() => insert(db, lines).await,
        copied => copied,
    }
}

/// COPY is cheaper than a statement with arrays: rows go to a page together. It takes all or nothing.
async fn copy(db: &Db, lines: &[Published<'_>]) -> sqlx::Result<()> {
    let payloads: usize = lines.iter().map(|line| line.copy.payload.len()).sum();
    let mut rows = Vec::with_capacity(payloads + lines.len() * 256);
    rows.extend(HEADER);
    for line in lines {
        line.write(&mut rows);
    }
    rows.extend(TRAILER);
    let mut connection = db.in_order().acquire().await?;
    let mut copy = connection
        .copy_in_raw(include_str!("../../sql/relay/copy_history.sql"))
        .await?;
    copy.send(rows).await?;
    copy.finish().await?;
    Ok(())
}

/// The same by a statement with arrays, without the lines of webhooks that are gone.
async fn insert(db: &Db, lines: &[Published<'_>]) -> Result<()> {
    fn column<'a, V>(lines: &'a [Published<'a>], pick: impl Fn(&'a Published<'a>) -> V) -> Vec<V> {
        lines.iter().map(pick).collect()
    }
    sqlx::query(include_str!("../../sql/relay/log_history.sql"))
        .bind(column(lines, |l| l.copy.webhook_id))
        .bind(column(lines, |l| l.copy.subject.as_str()))
        .bind(column(lines, |l| l.copy.payload.as_str()))
        .bind(column(lines, |l| l.copy.event_id.as_str()))
        .bind(column(lines, |l| l.outcome.ok()))
        .bind(column(lines, |l| l.outcome.is_ok()))
        .bind(column(lines, |l| l.outcome.err()))
        .bind(column(lines, |l| l.latency_ms))
        .execute(db.in_order())
        .await?;
    Ok(())
}

impl Published<'_> {
    /// One row in COPY's binary format, columns as in copy_history.sql.
    fn write(&self, out: &mut Vec<u8>) {
        let copy = self.copy;
        out.extend(COLUMNS.to_be_bytes());
        field(out, &copy.webhook_id.to_be_bytes());
        field(out, copy.subject.as_bytes());
        // jsonb: its version, then its text.
        length(out, 1 + copy.payload.len());
        out.push(1);
        out.extend(copy.payload.as_bytes());
        field(out, copy.event_id.as_bytes());
        match self.outcome {
            Ok(sequence) => field(out, &sequence.to_be_bytes()),
            Err(_) => null(out),
        }
        field(out, &[u8::from(self.outcome.is_ok())]);
        match self.outcome {
            Ok(_) => null(out),
            Err(why) => field(out, why.as_bytes()),
        }
        let hundredths = (self.latency_ms * 100.0).round().clamp(0.0, LONGEST);
        field(out, &numeric(hundredths as u64));
        field(out, b"wavegate");
    }
}

fn length(out: &mut Vec<u8>, bytes: usize) {
    // PostgreSQL takes no field of more than 1 GiB, and refuses a length that is none.
    out.extend(i32::try_from(bytes).unwrap_or(i32::MAX).to_be_bytes());
}

fn field(out: &mut Vec<u8>, bytes: &[u8]) {
    length(out, bytes.len());
    out.extend(bytes);
}

fn null(out: &mut Vec<u8>) {
    out.extend((-1_i32).to_be_bytes());
}

/// So many hundredths as `numeric` with two decimals: digits to the base of 10,000, the last one after the point.
fn numeric(hundredths: u64) -> Vec<u8> {
    let (mut whole, fraction) = (hundredths / 100, hundredths % 100 * 100);
    let mut digits = vec![fraction];
    while whole > 0 {
        digits.push(whole % 10_000);
        whole /= 10_000;
    }
    let weight = digits.len() as u64;
    // Count, weight of the first digit, sign, decimals.
    let head = [weight, weight.wrapping_sub(2), 0, 2];
    let all = head.into_iter().chain(digits.into_iter().rev());
    all.flat_map(|part| (part as u16).to_be_bytes()).collect()
}
