//! Every verdict of every gate that a wave's own numbers can bring about, as an operator reads it: verdict, cause by name, what to do,
//! and until when at the present pace.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use wavegate::{
    gates::{
        self, ArmCounts, Block, BlockArm, Calls, Counts, GateResult, Lately, Names, Pace,
        QueueCounts, Recent, Verdict,
        backlog::{Drained, Waiting},
        broken, explain,
        hybrid::Expected,
        kernel::Buckets,
        own::{self, Asked, End, Ran, Rows},
        place::{self, FoundStream, Headroom, SubjectOwner},
        plain::{self, Ambiguous},
        signoff::Signature,
        split,
        success::Trial,
        window::Window,
        workers::{Beat, Crew, Needed},
    },
    model::{Difference, Gate, GateLimits, Path, PublishMode, Webhook},
};

use crate::gates::lots;

/// Webhooks by numbers that nothing else here has.
const ORDERS: i32 = 7007;
const REFUNDS: i32 = 8008;

fn names() -> Names {
    [(ORDERS, "orders"), (REFUNDS, "refunds")]
        .map(|(id, name)| (id, name.to_string()))
        .into_iter()
        .collect()
}

fn now() -> DateTime<Utc> {
    "2026-11-21T04:00:00Z".parse().unwrap()
}

const PACE: Pace = Pace {
    events_per_second: 0.5,
};

/// Of one path of one webhook: events that count, and of these failed and still under way.
fn arm(webhook: i32, prefers: Path, [judged, failed, open]: [i64; 3]) -> ArmCounts {
    ArmCounts {
        ripe: judged,
        undelivered: open,
        delivered: judged - failed - open,
        ..lots::arm(webhook, prefers, judged, failed)
    }
}

/// Each webhook by NATS and by the queue, its failures among its last events, spread over so many blocks of a second.
fn wave(blocks: i64, webhooks: &[(i32, [i64; 3], [i64; 3])]) -> Counts {
    let mut counts = Counts {
        wave: "pilot".into(),
        block_ms: 1000,
        names: names(),
        lately: Lately {
            minutes: 5.0,
            ..Lately::default()
        },
        ..Counts::default()
    };
    for &(id, nats, queue) in webhooks {
        counts.add(arm(id, Path::Nats, nats));
        counts.add(arm(id, Path::Queue, queue));
        let part = |[judged, failed, _]: [i64; 3], n: i64| {
            let until = |n: i64| (n * judged / blocks, n * failed / blocks);
            let ((from, bad), (to, worse)) = (until(n), until(n + 1));
            BlockArm {
                judged: to - from,
                failed: worse - bad,
                undelivered: 0,
            }
        };
        for n in 0..blocks {
            let block = Block {
                nats: part(nats, n),
                queue: part(queue, n),
            };
            let at = i32::try_from(n).unwrap();
            counts.of_webhooks.entry(id).or_default().insert(at, block);
            let all = counts.blocks.entry(at).or_default();
            all.nats.add(block.nats);
            all.queue.add(block.queue);
        }
    }
    counts
}

/// A wave of 900 blocks. In 8 of them the last webhook has only so many events by each path, of which NATS fails all.
fn burst(webhooks: &[(i32, [i64; 3], [i64; 3])], events: i64) -> Counts {
    let mut counts = wave(900, webhooks);
    let (id, [nats, ..], [queue, ..]) = webhooks[webhooks.len() - 1];
    let mut arms = counts.arms.clone();
    arms.retain(|arm| arm.webhook_id != Some(id));
    arms.extend([
        arm(id, Path::Nats, [nats + events * 8, events * 8, 0]),
        arm(id, Path::Queue, [queue + events * 8, 0, 0]),
    ]);
    counts.set_arms(arms);
    let part = |failed| BlockArm {
        judged: events,
        failed,
        undelivered: 0,
    };
    let failing = Block {
        nats: part(events),
        queue: part(0),
    };
    for at in 0..8 {
        let own = counts.of_webhooks.get_mut(&id).unwrap();
        let before = own.insert(at, failing).unwrap();
        own.get_mut(&(at + 8)).unwrap().add(&before);
        let all = counts.blocks.get_mut(&at).unwrap();
        for (arm, was, is) in [
            (&mut all.nats, before.nats, failing.nats),
            (&mut all.queue, before.queue, failing.queue),
        ] {
            arm.judged += is.judged - was.judged;
            arm.failed += is.failed - was.failed;
        }
        counts.blocks.get_mut(&(at + 8)).unwrap().add(&before);
    }
    counts
}

fn timed(nats_ms: f64, queue_ms: f64, events: i64) -> Counts {
    let mut counts = wave(900, &[(ORDERS, [events, 0, 0], [events, 0, 0])]);
    let events = events.unsigned_abs();
    counts
        .nats_latency
        .delivered
        .add(Buckets::of(nats_ms), events);
    counts
        .queue_latency
        .delivered
        .add(Buckets::of(queue_ms), events);
    counts
}

fn before(counts: Counts, ended: i64, failed: i64) -> Counts {
    let mut counts = counts.of_nats_alone();
    counts
        .baseline
        .calls
        .insert(ORDERS, Calls { ended, failed });
    counts
}

fn compared() -> Vec<GateResult> {
    let limits = GateLimits::default();
    let trial = Trial {
        share: 0.5,
        attempt: 1,
        pace: PACE,
    };
    let one = |blocks, nats, queue| wave(blocks, &[(ORDERS, nats, queue)]);
    let success = |counts: &Counts| gates::success::verdict(counts, &trial, &limits);
    let baseline = |counts: &Counts| gates::baseline::verdict(counts, 1, PACE, &limits);
    let latency = |counts: &Counts| gates::latency::verdict(counts, 1, PACE, &limits);
    let lots = |counts: &Counts| split::verdict(counts, &trial, &limits);
    let arms = |counts: &Counts| broken::verdict(counts, 0.5, 1);
    let hidden = wave(
        900,
        &[
            (ORDERS, [2000, 0, 0], [2000, 0, 0]),
            (REFUNDS, [900, 400, 0], [900, 0, 0]),
        ],
    );
    // All together pass; refunds has enough events to pass by itself, and does not.
    let clean = (ORDERS, [40_000, 0, 0], [40_000, 0, 0]);
    let behind = wave(900, &[clean, (REFUNDS, [900, 5, 0], [900, 0, 0])]);
    // By events as well; but in some blocks, thin ones, NATS fails everything of refunds, and a block is one draw.
    let thin = burst(&[clean, (REFUNDS, [90_000, 0, 0], [90_000, 0, 0])], 3);
    // The events of such blocks are many: by events it fails, by blocks it does not yet.
    let thick = burst(&[clean, (REFUNDS, [9000, 0, 0], [9000, 0, 0])], 50);
    let all = burst(&[(REFUNDS, [9000, 0, 0], [9000, 0, 0])], 50);
    let mut slow_before = timed(400.0, 1.0, 2000).of_nats_alone();
    let mut buckets = Buckets::default();
    buckets.add(Buckets::of(60.0), 2000);
    slow_before.baseline.latency.insert(ORDERS, buckets);
    vec![
        success(&one(900, [2000, 2, 0], [2000, 2, 0])),
        success(&one(900, [4000, 300, 0], [4000, 20, 0])),
        success(&hidden),
        success(&behind),
        success(&thin),
        success(&thick),
        success(&all),
        success(&one(900, [200, 1, 0], [200, 1, 0])),
        success(&one(40, [4000, 8, 0], [4000, 8, 0])),
        success(&one(900, [5, 0, 0], [5, 0, 0])),
        success(&wave(900, &[])),
        baseline(&before(one(900, [20_000, 100, 0], [0; 3]), 50_000, 500)),
        baseline(&before(one(900, [20_000, 20, 0], [0; 3]), 50_000, 50)),
        baseline(&before(one(900, [20_000, 2000, 0], [0; 3]), 50_000, 500)),
        baseline(&before(one(900, [20_000, 300, 0], [0; 3]), 50_000, 500)),
        baseline(&before(one(900, [20_000, 20, 0], [0; 3]), 0, 0)),
        latency(&timed(100.0, 100.0, 2000)),
        latency(&timed(150.0, 100.0, 2000)),
        latency(&timed(126.0, 100.0, 2000)),
        latency(&timed(100.0, 100.0, 20)),
        latency(&timed(50.0, 1.0, 2000).of_nats_alone()),
        latency(&slow_before),
        lots(&one(1, [510, 9, 0], [490, 9, 0])),
        lots(&one(1, [100, 0, 0], [900, 0, 0])),
        lots(&one(1, [9, 0, 0], [8, 0, 0])),
        arms(&one(1, [250, 2, 0], [250, 3, 0])),
        arms(&one(1, [10, 10, 0], [10, 0, 0])),
        arms(&one(1, [60, 60, 0], [60, 0, 0])),
        arms(&one(1, [60, 0, 0], [60, 60, 0])),
        arms(&wave(1, &[])),
    ]
}

fn counted() -> Vec<GateResult> {
    let limits = GateLimits::default();
    let some = wave(900, &[(ORDERS, [400, 2, 0], [400, 1, 0])]);
    let none = Counts::default();
    let changed = |change: fn(&mut ArmCounts)| {
        let mut arm = arm(ORDERS, Path::Nats, [1000, 0, 0]);
        change(&mut arm);
        let mut counts = Counts::default();
        counts.add(arm);
        counts
    };
    let fresh = |ages: &[Option<i64>]| Counts {
        newest: [ORDERS, REFUNDS]
            .into_iter()
            .zip(
                ages.iter()
                    .map(|age| age.map(|age| now() - TimeDelta::minutes(age))),
            )
            .collect(),
        ..some.clone()
    };
    let traffic =
        |counts: &Counts| gates::traffic::verdict(counts, Duration::from_secs(3_600), now());
    let recent = |events, failures| Recent {
        events,
        failures,
        newest_error: Some("HTTP 503".into()),
    };
    let errors = |nats, queue| {
        let mut counts = some.clone();
        (counts.lately.nats, counts.lately.queue) = (nats, queue);
        gates::errors::verdict(&counts, &limits)
    };
    let unrouted = [QueueCounts {
        webhook_id: ORDERS,
        unrouted: 3,
        ..QueueCounts::default()
    }];
    let doubled = |nats| plain::duplicates(&some, Ambiguous { nats, queue: 1 }, 3, false);
    vec![
        gates::hybrid::routed(&some, &[]),
        gates::hybrid::routed(&some, &unrouted),
        gates::hybrid::routed(&none, &[]),
        traffic(&fresh(&[Some(5), Some(90)])),
        traffic(&fresh(&[Some(5), None])),
        traffic(&fresh(&[Some(90), None])),
        traffic(&fresh(&[None, None])),
        gates::parity::verdict(&some),
        gates::parity::verdict(&changed(|arm| (arm.missing, arm.unseen) = (1, 1))),
        gates::parity::verdict(&changed(|arm| {
            (arm.missing, arm.unseen, arm.lost) = (1, 1, 1)
        })),
        gates::parity::verdict(&none),
        gates::same_bytes::verdict(&changed(|arm| arm.compared = 900)),
        gates::same_bytes::verdict(&changed(|arm| (arm.compared, arm.altered) = (900, 2))),
        gates::same_bytes::verdict(&none),
        plain::min_rate(&some, 0.95, 100, PACE),
        plain::min_rate(&some, 0.999, 100, PACE),
        plain::min_rate(&some, 0.95, 1000, PACE),
        plain::dead(&some, 3),
        plain::dead(&some, 2),
        plain::dead(&none, 3),
        doubled(1),
        doubled(9),
        plain::duplicates(&none, Ambiguous::default(), 3, false),
        errors(recent(100, 2), recent(100, 2)),
        errors(recent(400, 300), recent(400, 2)),
        errors(recent(400, 300), recent(400, 300)),
        gates::errors::verdict(&none, &limits),
    ]
}

fn webhook(id: i32, name: &str) -> Webhook {
    Webhook {
        id,
        name: name.into(),
        enabled: true,
        tags: Vec::new(),
        mode: PublishMode::Both,
        share: 50,
        epoch: 1,
        subject: None,
        fenced: false,
        calls_7d: 0,
        failed_7d: 0,
        mean_latency_ms: None,
    }
}

fn in_place() -> Vec<GateResult> {
    let differs = |field, found: &str, wanted: &str| Difference {
        field,
        found: found.into(),
        wanted: wanted.into(),
        in_place: true,
        why: None,
    };
    let stream = |differences: &[Difference], read_only| {
        let differences = differences.to_vec();
        let live = FoundStream {
            differences,
            read_only,
        };
        place::stream("WEBHOOKS", Some(&live))
    };
    let age = differs("max_age", "1h", "unlimited");
    let wait = differs("ack_wait", "30s", "2m");
    let (orders, refunds) = (webhook(ORDERS, "orders"), webhook(REFUNDS, "refunds"));
    let subjects = |subject: Result<&str, &str>| {
        let subject = subject.map(String::from).map_err(String::from);
        let of = |webhook, own, subject| SubjectOwner {
            webhook,
            own,
            subject,
        };
        let other = of(&refunds, false, Ok("webhooks.refunds".into()));
        let taken = |subject: &str| subject.starts_with("webhooks.");
        place::subjects(&[of(&orders, true, subject), other], taken)
    };
    vec![
        place::schema([].into_iter()),
        place::schema([("function wavegate.publish", "missing", "as installed")].into_iter()),
        stream(&[], false),
        stream(&[age], true),
        place::stream("WEBHOOKS", None),
        place::consumer("wavegate", Some(&[]), false),
        place::consumer("wavegate", Some(std::slice::from_ref(&wait)), false),
        place::consumer("theirs", Some(&[wait]), true),
        place::consumer("wavegate", None, false),
        place::consumer("theirs", None, true),
        subjects(Ok("webhooks.orders")),
        subjects(Ok("orders")),
        subjects(Ok("webhooks.refunds")),
        subjects(Err("`orders..new` is no subject")),
        GateResult::unmeasured(&Gate::Stream, "NATS does not answer"),
    ]
}

/// The plan's own query and program.
fn custom() -> Vec<GateResult> {
    let (query, program) = (Gate::Own("open-orders".into()), Gate::Own("smoke".into()));
    let asked = || Asked {
        gate: &query,
        query: "SELECT id FROM orders WHERE stuck",
        min: None,
        max: None,
    };
    let found = |rows: &[&str]| {
        let rows = rows.iter().map(ToString::to_string).collect();
        Ok(Rows {
            rows,
            ..Rows::default()
        })
    };
    let ran = |code| {
        let ran = Ran {
            end: End::Code(code),
            stdout: b"12 of 12 orders".to_vec(),
            took: Duration::from_secs(2),
            stderr: Vec::new(),
        };
        own::command(&program, &["bin/smoke".to_string()], &ran)
    };
    vec![
        own::sql(asked(), &found(&[])),
        own::sql(asked(), &found(&["(4711)"])),
        own::sql(
            asked(),
            &Err("canceling statement due to statement timeout".into()),
        ),
        ran(0),
        ran(1),
        ran(2),
    ]
}

fn around() -> Vec<GateResult> {
    let limits = GateLimits::default();
    let webhook = |mode, fenced| Webhook {
        mode,
        fenced,
        ..webhook(ORDERS, "orders")
    };
    let expected = Expected {
        mode: PublishMode::Both,
        share: Some(50),
    };
    let complete = |webhooks: &[Webhook]| gates::hybrid::complete(expected, &[ORDERS], webhooks);
    let room = |max_messages, events_per_hour| {
        place::headroom(&Headroom {
            max_messages,
            max_bytes: -1,
            messages: 600,
            bytes: 60_000,
            pending: 600,
            events_per_hour,
        })
    };
    let beat = |id: &str, age| Beat {
        id: id.into(),
        seen_at: now() - TimeDelta::seconds(age),
        last_error: Some("connection refused".into()),
        steady: None,
    };
    let workers = |age, queue: Vec<Beat>| {
        let crew = Crew {
            relays: vec![beat("relay-1", 1)],
            nats: vec![beat("nats-1", age), beat("nats-2", 1)],
            queue,
            foreign_queue: 0,
            foreign_nats: None,
            unanswered: None,
        };
        gates::workers::verdict(&crew, Needed::forward(&limits, true), &limits, now())
    };
    let backlog = |due, pending| {
        let rows = [QueueCounts {
            due,
            ..QueueCounts::default()
        }];
        let waiting = Waiting {
            pending,
            unacked: Some(4),
            redelivered: Some(0),
            lag_ms: Some(40),
        };
        gates::backlog::verdict(&rows, &waiting, &limits, &[], now())
    };
    let left = [QueueCounts {
        pending: 2,
        processing: 1,
        orphaned: 1,
        ..QueueCounts::default()
    }];
    let empty = Some(Drained {
        empty: true,
        at: now() - TimeDelta::seconds(60),
        pending: 0,
        processing: 0,
        retrying: 0,
        orphaned: 0,
    });
    let drain = |rows: &[QueueCounts], before| gates::backlog::drain(rows, before, now());
    let soak = |hours| {
        let day = Duration::from_secs(86_400);
        gates::soak::verdict(Some(now() - TimeDelta::hours(hours)), day, now())
    };
    let window = |permitted, frozen, changes: Option<&str>| {
        gates::window::verdict(&Window {
            now: now(),
            permitted,
            frozen,
            changes_at: changes.map(|_| now() + TimeDelta::hours(3)),
            now_shown: "Sat 05:00 CET".into(),
            changes_shown: changes.map(ToString::to_string),
        })
    };
    let roles = ["operations".to_string()];
    let word = |signed| Signature {
        role: "operations".into(),
        signed,
        who: "ann".into(),
        host: "desk".into(),
        at: now(),
        note: (!signed).then(|| "sale until Monday".into()),
    };
    let signoff = |given: &[Signature]| {
        gates::signoff::verdict(
            &roles,
            given,
            "wavegate signoff --wave pilot --role operations",
        )
    };
    vec![
        complete(&[webhook(PublishMode::Both, false)]),
        complete(&[webhook(PublishMode::Queue, false)]),
        complete(&[webhook(PublishMode::Both, true)]),
        complete(&[]),
        room(-1, 500.0),
        room(1_000, 500.0),
        room(1_000, 0.0),
        workers(1, vec![beat("queue-1", 1)]),
        workers(90, vec![beat("queue-1", 1)]),
        workers(1, vec![]),
        backlog(10, Some(20)),
        backlog(10_001, Some(20)),
        backlog(10, None),
        drain(&[], empty),
        drain(&[], None),
        drain(&left, empty),
        soak(24),
        soak(5),
        window(true, false, Some("Sat 07:00 CET")),
        window(false, false, Some("Mon 07:00 CET")),
        window(false, true, None),
        signoff(&[word(true)]),
        signoff(&[]),
        signoff(&[word(false)]),
    ]
}

fn all() -> Vec<GateResult> {
    [compared(), counted(), around(), in_place(), custom()].concat()
}

fn shown(result: &GateResult) -> String {
    let mut text = format!("{} {}: {}\n", result.gate, result.verdict, result.reason);
    if !result.remedy.is_empty() {
        text += &format!("    -> {}\n", result.remedy);
    }
    if let Some(wait) = result.wait {
        text += &format!("    until {}\n", now() + wait);
    }
    text
}

#[test]
fn every_verdict_names_its_cause_and_the_way_on() {
    let all = all();
    let text: String = all.iter().map(shown).collect();
    insta::assert_snapshot!(text);
    for result in &all {
        let passes = result.verdict == Verdict::Pass;
        // Who reads it at night types what it says.
        assert!(!result.remedy.contains("WAVE"), "{}", shown(result));
        assert_eq!(result.remedy.is_empty(), passes, "{}", shown(result));
        assert!(passes || result.wait.is_none() || result.verdict == Verdict::Inconclusive);
    }
    let said = |gate: &Gate, passes: bool| {
        let one = |result: &&GateResult| result.gate == *gate;
        (all.iter().filter(one)).any(|result| (result.verdict == Verdict::Pass) == passes)
    };
    let missing: Vec<&Gate> = (Gate::ALL.iter())
        .filter(|gate| !said(gate, true) || !said(gate, false))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// Of webhooks that were measured before, and of one that was not.
fn partly_measured() -> Vec<GateResult> {
    let counts = wave(
        900,
        &[
            (ORDERS, [900, 0, 0], [0; 3]),
            (REFUNDS, [900, 0, 0], [0; 3]),
        ],
    );
    let mut counts = before(counts, 50_000, 50);
    let mut buckets = Buckets::default();
    buckets.add(Buckets::of(60.0), 2000);
    counts.nats_latency.delivered.add(Buckets::of(60.0), 1800);
    counts.baseline.latency.insert(ORDERS, buckets);
    let limits = GateLimits::default();
    vec![
        gates::baseline::verdict(&counts, 1, PACE, &limits),
        gates::latency::verdict(&counts, 1, PACE, &limits),
    ]
}

#[test]
fn every_explanation_names_webhooks_as_its_verdict_does() {
    for result in all().into_iter().chain(partly_measured()) {
        let one = explain::explain("pilot", "", &result, &[], &names());
        let facts = one
            .facts
            .iter()
            .map(|(name, found)| format!("{name}: {found}"));
        let texts = one.plainly.iter().chain(&one.formula).cloned();
        for text in texts.chain(facts).chain([one.reason.clone()]) {
            let others = text
                .replace("orders (7007)", "")
                .replace("refunds (8008)", "");
            assert!(
                !["7007", "7,007", "8008", "8,008"]
                    .iter()
                    .any(|id| others.contains(id)),
                "{}: {text}",
                result.gate
            );
        }
    }
}
