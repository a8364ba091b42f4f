//! The gates that count, compare with a limit or look whether something is in place: no statistics in them.

use serde_json::Value;

use super::{Told, compared::trim, count, list, number};
use crate::{
    gates::{GateResult, Verdict, kernel, latency::duration, soak},
    model::{Gate, counted, grouped},
};

pub(super) fn told(result: &GateResult) -> Told {
    let inputs = &result.inputs;
    let (plainly, formula) = match &result.gate {
        Gate::Schema | Gate::Stream | Gate::Consumer | Gate::Subjects => place(inputs),
        Gate::HybridComplete => complete(inputs),
        Gate::Routed => routed(inputs),
        Gate::Parity => parity(inputs),
        Gate::Errors => errors(inputs),
        Gate::Workers => workers(inputs),
        Gate::Backlog => backlog(inputs),
        Gate::Headroom => headroom(inputs),
        Gate::Drain => drain(inputs),
        Gate::Soak => soak(inputs),
        Gate::MinRate => min_rate(inputs),
        Gate::Dead => dead(inputs),
        Gate::Duplicates => duplicates(inputs),
        Gate::Window => window(inputs),
        Gate::Signoff => signoff(inputs),
        // Others compare, or are the plan's own, whose reason says it all.
        Gate::Success | Gate::Baseline | Gate::Latency | Gate::Own(_) => {
            (String::new(), String::new())
        }
    };
    let mut told = Told::default();
    if !plainly.is_empty() {
        told.plainly.push(plainly);
    }
    told.plainly.push(standing(result.verdict).to_string());
    if !formula.is_empty() {
        told.formula.push(formula);
    }
    told
}

fn standing(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "That is as it should be: pass.",
        Verdict::Fail => {
            "That is not as it should be: fail. It stays so until somebody repairs it."
        }
        Verdict::Inconclusive => {
            "That is neither good nor bad yet, and what is not known to be good holds the wave."
        }
    }
}

fn min_rate(inputs: &Value) -> (String, String) {
    let (judged, failed) = (count(inputs, "/judged"), count(inputs, "/failed"));
    let least = number(inputs, "/least").unwrap_or_default();
    let best = number(inputs, "/at_best").unwrap_or_default();
    let worst = number(inputs, "/at_worst").unwrap_or_default();
    (
        format!(
            "{} of {} events that NATS was to deliver have failed, and {} have no end yet. What has none counts once as good and once as bad.",
            grouped(failed),
            grouped(judged),
            grouped(count(inputs, "/undelivered"))
        ),
        format!(
            "pass: at worst {} >= {}; fail: at best {} < it; fewer than {} events prove nothing",
            trim(worst),
            trim(least),
            trim(best),
            count(inputs, "/min_events")
        ),
    )
}

fn dead(inputs: &Value) -> (String, String) {
    let (found, limit) = (count(inputs, "/dead"), count(inputs, "/limit"));
    (
        format!(
            "Of {} events of this step {} have spent all their attempts, {} of them by NATS and {} by the queue.",
            grouped(count(inputs, "/events")),
            grouped(found),
            grouped(count(inputs, "/nats")),
            grouped(count(inputs, "/queue"))
        ),
        format!("pass: {found} <= {limit}, with at least one event"),
    )
}

fn duplicates(inputs: &Value) -> (String, String) {
    let (found, limit) = (count(inputs, "/attempts"), count(inputs, "/limit"));
    (
        format!(
            "{} attempts of this step ended without anybody knowing their result (a worker died, or a connection closed), and the event was \
             sent again: its endpoint may have had it twice, under the same webhook-id.",
            grouped(found)
        ),
        format!("pass: {found} <= {limit}, with at least one event"),
    )
}

fn window(inputs: &Value) -> (String, String) {
    let now = inputs["now"].as_str().unwrap_or("?");
    let said = match (inputs["permitted"] == true, inputs["frozen"] == true) {
        (true, _) => "the plan's windows permit changes",
        (false, true) => "the plan has frozen all changes",
        (false, false) => "no window of the plan is open",
    };
    (
        format!("It is {now}, and {said}."),
        "pass: a window is open and no freeze covers it, or the plan has none".to_string(),
    )
}

fn signoff(inputs: &Value) -> (String, String) {
    let (roles, given) = (list(inputs, "/roles").len(), list(inputs, "/given").len());
    (
        format!(
            "The plan asks {}, and {} given so far. A refusal holds the wave until the same role signs.",
            counted(roles, "role"),
            counted(given, "word")
        ),
        "pass: the newest word of each role is a signature; fail: one is a refusal".to_string(),
    )
}

fn place(inputs: &Value) -> (String, String) {
    let differences = list(inputs, "/differences").len();
    let found = match differences {
        0 => "Everything was compared with its definition, and nothing differs.".to_string(),
        1 => "Everything was compared with its definition; one thing differs.".to_string(),
        many => format!("Everything was compared with its definition; {many} things differ."),
    };
    (found, format!("pass: no difference; found {differences}"))
}

fn complete(inputs: &Value) -> (String, String) {
    let (enabled, wrong) = (count(inputs, "/enabled"), list(inputs, "/wrong").len());
    (
        format!(
            "Of the wave's {} webhooks {} are enabled; {wrong} of these are not where they should be. Disabled ones deliver nothing and do not count.",
            grouped(count(inputs, "/members")),
            grouped(enabled)
        ),
        format!("pass: at least one enabled, none wrong; found {enabled} and {wrong}"),
    )
}

fn routed(inputs: &Value) -> (String, String) {
    let past = count(inputs, "/unrouted");
    let events = count(inputs, "/events");
    (
        format!(
            "Since the step began {} events came through the functions, and past them into the queue: {}. A row that comes past them is \
             never offered to NATS: those who write it would not notice the migration until the queue workers are gone.",
            grouped(events),
            grouped(past)
        ),
        format!(
            "pass: rows without event id = 0 and events > 0; found {} and {}",
            grouped(past),
            grouped(events)
        ),
    )
}

fn parity(inputs: &Value) -> (String, String) {
    let (events, missing) = (count(inputs, "/events"), count(inputs, "/missing"));
    let ruled_out = kernel::loss_rate_below(events.unsigned_abs(), kernel::ALPHA_PASS);
    let mut plainly = format!(
        "Every event of this step that should have come to its end by now was looked up, one by one: {} events, {} missing. Events that \
         are not due yet, and retries that wait their turn, are left in peace.",
        grouped(events),
        grouped(missing)
    );
    if events > 0 && missing == 0 {
        plainly.push_str(&format!(
            " So many without a loss rule out (95 %) that more than {} of 1,000,000 get lost.",
            grouped((ruled_out * 1e6).ceil() as i64)
        ));
    }
    let formula = format!(
        "a census, not a sample. pass: missing = 0 and events > 0; found {} and {}. Loss rate ruled out: 1 - 0.05^(1/{}) = {:.6}",
        grouped(missing),
        grouped(events),
        grouped(events),
        ruled_out
    );
    (plainly, formula)
}

fn errors(inputs: &Value) -> (String, String) {
    let per_minute = number(inputs, "/per_minute").unwrap_or_default();
    let explained = number(inputs, "/explained").unwrap_or_default();
    let limit = number(inputs, "/limit").unwrap_or_default();
    let minutes = number(inputs, "/minutes").unwrap_or_default();
    let plainly = format!(
        "In the last {} min, {} attempts of events that NATS should deliver failed: {per_minute:.1} a minute. If these endpoints fail for everybody, \
         the queue's own rate explains {explained:.1} of them. The rest is due to NATS; {} a minute are allowed.",
        trim(minutes.round()),
        grouped(count(inputs, "/nats/failures")),
        trim(limit)
    );
    let formula = format!(
        "failures(NATS) / minutes - failures(queue) / events(queue) * events(NATS) / minutes = {} / {minutes:.1} - {} / {} * {} / {minutes:.1} = {:.1}; fail above {}",
        count(inputs, "/nats/failures"),
        count(inputs, "/queue/failures"),
        count(inputs, "/queue/events"),
        count(inputs, "/nats/events"),
        per_minute - explained,
        trim(limit)
    );
    (plainly, formula)
}

fn workers(inputs: &Value) -> (String, String) {
    let silent = number(inputs, "/silent_after_ms").unwrap_or_default() / 1000.0;
    let row = |role: &str, key: &str| {
        format!(
            "{role}: {} known, {} wanted",
            list(inputs, &format!("/crew/{key}")).len(),
            count(inputs, &format!("/needed/{key}"))
        )
    };
    (
        format!(
            "Every relay and worker says by a sign of life every few seconds that it is there; one that is silent for {} s counts as gone. {}; {}; {}.",
            trim(silent),
            row("Relays", "relays"),
            row("NATS workers", "nats"),
            row("queue workers", "queue")
        ),
        format!(
            "pass: in each role, those heard from within {} s are at least those wanted",
            trim(silent)
        ),
    )
}

fn backlog(inputs: &Value) -> (String, String) {
    let in_stream = number(inputs, "/stream/pending")
        .zip(number(inputs, "/stream/unacked"))
        .map(|(waiting, handed_out)| waiting + handed_out);
    let lag = number(inputs, "/stream/lag_ms");
    let unknown = || "an unknown number of".to_string();
    (
        format!(
            "{} rows wait in the queue although their time has come (allowed {}), {} messages wait in the stream (allowed {}), and the relay is {} behind \
             (allowed {}).",
            grouped(count(inputs, "/queue_due")),
            grouped(count(inputs, "/limits/queue")),
            in_stream.map_or_else(unknown, |n| grouped(n as i64)),
            grouped(count(inputs, "/limits/stream")),
            lag.map_or_else(|| "nobody knows how far".to_string(), duration),
            duration(number(inputs, "/limits/lag_ms").unwrap_or_default())
        ),
        "pass: each known and at most its limit".to_string(),
    )
}

fn headroom(inputs: &Value) -> (String, String) {
    (
        format!(
            "The stream takes {} messages and {} bytes (0 or less: no limit); {} wait to be read, and {} events come in an hour.",
            grouped(count(inputs, "/max_messages")),
            grouped(count(inputs, "/max_bytes")),
            grouped(count(inputs, "/pending")),
            trim(
                number(inputs, "/events_per_hour")
                    .unwrap_or_default()
                    .round()
            )
        ),
        "pass: (limit - waiting) / events per hour is at least 1 h, by messages and by bytes"
            .to_string(),
    )
}

fn drain(inputs: &Value) -> (String, String) {
    (
        format!(
            "The queue still holds {} rows of this wave that wait, {} that somebody works on, {} that will be tried again. It must be seen empty \
             twice, since a transaction may just be adding a row.",
            grouped(count(inputs, "/pending")),
            grouped(count(inputs, "/processing")),
            grouped(count(inputs, "/retrying"))
        ),
        "pass: pending + processing + retrying = 0, at two looks one after the other".to_string(),
    )
}

fn soak(inputs: &Value) -> (String, String) {
    let words = |at: &str| {
        let seconds = number(inputs, at).unwrap_or_default();
        std::time::Duration::try_from_secs_f64(seconds).map_or_else(|_| trim(seconds), soak::words)
    };
    (
        format!(
            "Some faults show only with time: at night, at the end of the month, when a token runs out. So each step lasts at least as long as the plan says: {}. \
             {} have passed; nothing need run for it but relay and workers.",
            words("/wanted_s"),
            words("/passed_s")
        ),
        format!(
            "pass: {} at least {}",
            words("/passed_s"),
            words("/wanted_s")
        ),
    )
}
