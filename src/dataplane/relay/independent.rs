//! Delivery by foreign NATS workers: their durable's acknowledgements are the deliveries. What was acknowledged lies below the
//! durable's floor and is still in the stream; what left the stream cannot be told from what was purged, and is published again.

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};

use crate::{
    bus::{self, Bus, Extent, LiveConsumer},
    error::Result,
    model::ConsumerDefinition,
    store::{
        Db,
        independent::{self, Acknowledged},
        outbox::{Copy, Part, StreamEnds, republishable},
    },
};

const BATCH: i64 = 512;
/// How often the rarer cases are looked for.
const SELDOM: Duration = Duration::from_secs(10);

/// What the relay keeps in mind of the foreign durable and its stream.
#[derive(Debug, Default)]
pub struct Foreign {
    life: Option<(DateTime<Utc>, DateTime<Utc>)>,
    holes: Option<(Extent, Vec<i64>)>,
    settled: Option<Instant>,
}

/// What one look found.
#[derive(Debug, Default)]
pub struct ConsumerLook {
    pub delivered: i64,
    /// To be published again.
    pub again: Vec<Copy>,
    /// Why acknowledgements are not believed.
    pub trouble: Option<String>,
}

impl Foreign {
    /// Takes over acknowledgements and finds copies that left the stream without one.
    pub async fn look(
        &mut self,
        db: &Db,
        bus: &Bus,
        part: &Part,
        (stream, name): (&str, &str),
        after: Duration,
    ) -> Result<ConsumerLook> {
        let mut look = ConsumerLook::default();
        // The floor first: a purge moves it too, and what is there afterwards was no part of the purge.
        let live = bus::live_consumer(bus, stream, name).await?;
        let Some(extent) = bus::stream_extent(bus, stream).await? else {
            return Ok(look);
        };
        let since = self.since(db, part, stream, extent.created).await?;
        look.trouble = trouble(name, live.as_ref(), &extent);
        if look.trouble.is_none()
            && let Some(live) = live
        {
            let acked = Acknowledged {
                consumer: name.to_string(),
                first_seq: number(extent.first_seq),
                ack_floor: number(live.ack_floor),
                holes: self.holes(bus, stream, &extent).await?,
                since,
            };
            look.delivered = independent::acknowledged(db, part, &acked).await?;
            if self.settled.is_none_or(|at| at.elapsed() >= SELDOM) {
                independent::seen_alone(db, name).await?;
                self.settled = Some(Instant::now());
            }
        }
        if extent.keeps {
            look.again = lost(db, part, &extent, since, after).await?;
        }
        if !look.again.is_empty() {
            // What was published and marked after we had asked for the end of the stream only seems to lie beyond it.
            let Some(extent) = bus::stream_extent(bus, stream).await? else {
                return Ok(ConsumerLook::default());
            };
            let still = lost(db, part, &extent, since, after).await?;
            let still: HashSet<&str> = still.iter().map(|copy| copy.event_id.as_str()).collect();
            look.again
                .retain(|copy| still.contains(copy.event_id.as_str()));
        }
        Ok(look)
    }

    async fn since(
        &mut self,
        db: &Db,
        part: &Part,
        stream: &str,
        made_at: DateTime<Utc>,
    ) -> Result<DateTime<Utc>> {
        if let Some((known, since)) = self.life
            && known == made_at
        {
            return Ok(since);
        }
        let since = independent::stream_life(db, part.config_id, stream, made_at).await?;
        self.life = Some((made_at, since));
        Ok(since)
    }

    /// Asked again only when there are others: the list may be long.
    async fn holes(&mut self, bus: &Bus, stream: &str, now: &Extent) -> Result<Vec<i64>> {
        if now.gone == 0 {
            return Ok(Vec::new());
        }
        if let Some((known, holes)) = &self.holes
            && (known.created, known.first_seq, known.gone)
                == (now.created, now.first_seq, now.gone)
        {
            return Ok(holes.clone());
        }
        let holes: Vec<i64> = bus::stream_holes(bus, stream)
            .await?
            .into_iter()
            .map(number)
            .collect();
        self.holes = Some((now.clone(), holes.clone()));
        Ok(holes)
    }
}

/// Undelivered events whose last copy is not in the stream any more.
async fn lost(
    db: &Db,
    part: &Part,
    extent: &Extent,
    since: DateTime<Utc>,
    after: Duration,
) -> Result<Vec<Copy>> {
    let ends = StreamEnds {
        first_seq: number(extent.first_seq),
        last_seq: number(extent.last_seq),
        // What lies below the floor was delivered, so it is no reason to publish anything again.
        ack_floor: -1,
        created: since,
    };
    republishable(db, part, ends, after.as_secs_f64() * 1000.0, BATCH).await
}

/// Why what this durable acknowledges proves nothing.
fn trouble(name: &str, live: Option<&LiveConsumer>, extent: &Extent) -> Option<String> {
    if !extent.keeps {
        return Some(
            "the stream forgets what is acknowledged, so that an acknowledgement cannot be told from a purge; \
             independent delivery wants retention `limits`"
                .to_string(),
        );
    }
    let Some(live) = live else {
        return Some(format!(
            "there is no consumer {name}; `wavegate stream ensure --consumer {name}` makes it"
        ));
    };
    let wanted = ConsumerDefinition::new(name);
    let unfit = bus::compare_consumers(&wanted, live)
        .into_iter()
        .find(|d| !d.in_place || d.field == "max_deliver")?;
    Some(format!(
        "the consumer {name} has {} = {}; wanted {}, or what it gives up on would count as delivered: \
         `wavegate stream ensure --consumer {name}`",
        unfit.field, unfit.found, unfit.wanted
    ))
}

fn number(sequence: u64) -> i64 {
    i64::try_from(sequence).unwrap_or(i64::MAX)
}
