//! The reckoning: every healthy event once and in time, every bad one as its entry says, by name, and none nowhere.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    time::{Duration, Instant},
};

use wavegate::model::header_safe;

use super::{
    endpoint::Arrival,
    entry::{Outcome, Plant},
    plant::Case,
    scene::Scene,
    traffic::Book,
};

/// What a look found; what is open still is among the faults.
#[derive(Debug, Default)]
pub struct Found {
    pub faults: Vec<String>,
    /// Whether time may still mend some of them.
    pub open: bool,
    pub doubled: usize,
    /// Healthy ones that have not come.
    pub lost: usize,
    pub latest: Duration,
}

/// Where each event is.
const STATES: &str = "SELECT x.id, coalesce(
        {stuck}
        (SELECT e.state FROM rule_webhook_events e WHERE e.event_id = x.id),
        (SELECT CASE q.status WHEN 'success' THEN 'delivered' WHEN 'failed' THEN 'dead' ELSE q.status END
         FROM wavegate.queue q WHERE q.event_id = x.id),
        CASE WHEN x.id ~ '^call-[0-9]{1,18}$' THEN
            (SELECT CASE q.status WHEN 'success' THEN 'delivered' WHEN 'failed' THEN 'dead' ELSE q.status END
             FROM wavegate.queue q WHERE q.call_id = substr(x.id, 6)::bigint) END,
        'nothing') AS state
    FROM unnest($1::text[]) AS x(id)";
/// Versions before 2 set nothing aside. A row of the queue alone is known by its call.
const STUCK: &str = "(SELECT 'stuck' FROM wavegate.stuck s
         WHERE s.event_id = x.id OR 'call-' || s.call_id = x.id
            OR s.call_id IN (SELECT q.call_id FROM wavegate.queue q WHERE q.event_id = x.id) LIMIT 1),";

async fn states(scene: &mut Scene, ids: &[&String]) -> HashMap<String, String> {
    let stuck: bool = sqlx::query_scalar("SELECT to_regclass('wavegate.stuck') IS NOT NULL")
        .fetch_one(&mut scene.sql)
        .await
        .unwrap();
    let question = STATES.replace("{stuck}", if stuck { STUCK } else { "" });
    let rows: Vec<(String, String)> = sqlx::query_as(sqlx::AssertSqlSafe(question))
        .bind(ids)
        .fetch_all(&mut scene.sql)
        .await
        .unwrap();
    rows.into_iter().collect()
}

pub async fn look(
    scene: &mut Scene,
    cases: &[Case],
    book: &Book,
    excused: Option<Instant>,
    late: Duration,
) -> Found {
    let mut ids: Vec<&String> = book.keys().collect();
    ids.extend(cases.iter().flat_map(|case| &case.events));
    let states = states(scene, &ids).await;
    let arrivals = scene.endpoint.arrivals();
    let mut came: HashMap<&str, Vec<&Arrival>> = HashMap::new();
    for arrival in &arrivals {
        came.entry(&arrival.id).or_default().push(arrival);
    }
    let mut found = Found::default();
    healthy(&mut found, &states, &came, book, excused, late);
    for case in cases {
        let faults = bad(case, &states, &came);
        found.open |= faults.iter().any(|fault| fault.starts_with("is "));
        if !faults.is_empty() {
            found
                .faults
                .push(format!("{}: {}", case.name, faults.join("; ")));
        }
    }
    found.faults.extend(unknown(cases, book, &arrivals));
    found
}

fn healthy(
    found: &mut Found,
    states: &HashMap<String, String>,
    came: &HashMap<&str, Vec<&Arrival>>,
    book: &Book,
    excused: Option<Instant>,
    late: Duration,
) {
    let (mut lost, mut open, mut slow) = (0, 0, 0);
    for (id, committed) in book {
        let calls = came.get(id.as_str()).map(Vec::as_slice).unwrap_or_default();
        found.doubled += calls.len().saturating_sub(1);
        let Some(first) = calls.first() else {
            lost += 1;
            continue;
        };
        open += usize::from(states[id] != "delivered");
        // A locked table stops whoever needs it: until its end nobody is late.
        let due = excused.map_or(*committed, |end| end.max(*committed));
        let took = first.at.saturating_duration_since(due);
        found.latest = found.latest.max(took);
        slow += usize::from(took > late);
    }
    found.open |= lost + open > 0;
    found.lost = lost;
    let all = book.len();
    let mut fault = |count: usize, what: &str| {
        if count > 0 {
            found
                .faults
                .push(format!("healthy: {count} of {all} {what}"));
        }
    };
    fault(lost, "have not come");
    fault(open, "came and are not recorded as delivered");
    fault(slow, &format!("came later than {} s", late.as_secs_f64()));
    fault(found.doubled, "times too often");
}

fn bad(
    case: &Case,
    states: &HashMap<String, String>,
    came: &HashMap<&str, Vec<&Arrival>>,
) -> Vec<String> {
    let mut faults = Vec::new();
    let expect = case.entry.expect;
    if let Some(error) = &case.refused {
        if !expect.contains(&Outcome::Refused) {
            faults.push(format!("refused: {error}"));
        }
    } else if case.events.is_empty() || expect == [Outcome::Refused] {
        faults.push("was not refused".to_string());
    }
    for id in &case.events {
        // As the header has it.
        let header = header_safe(id);
        let calls = came
            .get(header.as_ref())
            .map(Vec::as_slice)
            .unwrap_or_default();
        let state = states[id].as_str();
        let outcome = match state {
            "delivered" if calls.is_empty() => Outcome::Elsewhere,
            "delivered" => Outcome::Delivered,
            "dead" => Outcome::Dead,
            "stuck" => Outcome::Stuck,
            "nothing" => Outcome::Nothing,
            _ if expect.contains(&Outcome::Nowhere) => Outcome::Nowhere,
            _ => Outcome::Waits,
        };
        if !expect.contains(&outcome) {
            faults.push(format!(
                "is {state} after {} calls, wanted {expect:?}",
                calls.len()
            ));
        }
        // Two attempts where it is answered badly or given up, one where all is well.
        let well = match case.entry.plant {
            Plant::Answer(_) | Plant::FailingSetting(_) => false,
            Plant::Setting(_) => !expect.contains(&Outcome::Dead),
            _ => outcome != Outcome::Dead,
        };
        if calls.len() > if well { 1 } else { 2 } {
            faults.push(format!("came {} times", calls.len()));
        }
        if calls.iter().any(|call| {
            case.digest
                .as_ref()
                .is_some_and(|digest| digest[..] != call.digest)
        }) {
            faults.push("came with another body than PostgreSQL's".to_string());
        }
    }
    faults.sort();
    faults.dedup();
    faults
}

/// What came and nobody has published.
fn unknown(cases: &[Case], book: &Book, arrivals: &[Arrival]) -> Option<String> {
    let known: HashSet<Cow<str>> = cases
        .iter()
        .flat_map(|case| &case.events)
        .map(|id| header_safe(id))
        .collect();
    let paths: HashMap<&str, &str> = cases
        .iter()
        .map(|c| (c.path.as_str(), c.name.as_str()))
        .collect();
    let stranger = arrivals
        .iter()
        .find(|a| !book.contains_key(&a.id) && !known.contains(a.id.as_str()))?;
    let path = paths
        .get(stranger.path.as_str())
        .unwrap_or(&stranger.path.as_str())
        .to_string();
    Some(format!(
        "{path}: `{}` came, and nobody has published it",
        stranger.id
    ))
}

/// What was given up is named: the dead by `dead list`, the stuck there or in `status`, with event or webhook.
pub async fn named(scene: &mut Scene, cases: &[Case]) -> Vec<String> {
    let ids: Vec<&String> = cases.iter().flat_map(|case| &case.events).collect();
    let states = states(scene, &ids).await;
    let calls: Vec<(String, i64)> = sqlx::query_as(
        "SELECT event_id, call_id::bigint FROM wavegate.queue WHERE event_id = ANY ($1)",
    )
    .bind(&ids)
    .fetch_all(&mut scene.sql)
    .await
    .unwrap();
    let calls: HashMap<String, i64> = calls.into_iter().collect();
    let dead = [
        "--output", "json", "dead", "list", "--all", "--events", "--limit", "100000",
    ];
    let dead = scene.command(&dead).await.stdout;
    let status = scene.command(&["--output", "json", "status"]).await.stdout;
    let mut faults = Vec::new();
    for case in cases {
        for id in &case.events {
            let quoted = format!("\"{id}\"");
            let call = calls
                .get(id)
                .map_or(quoted.clone(), |call| format!("\"call-{call}\""));
            let ok = match states[id].as_str() {
                "dead" => dead.contains(&quoted),
                "stuck" => {
                    dead.contains(&quoted)
                        || dead.contains(&call)
                        || status.contains(&quoted)
                        || status.contains(&format!("\"{}\"", case.name))
                }
                _ => true,
            };
            if !ok {
                faults.push(format!("{}: {} and named nowhere", case.name, states[id]));
                break;
            }
        }
    }
    faults
}

/// Every committed event is somewhere, except those that nobody may deliver: they are named.
pub async fn audit(scene: &mut Scene, cases: &[Case]) -> Option<String> {
    let said = scene.command(&["--output", "json", "audit", "--all"]).await;
    let json: serde_json::Value = serde_json::from_str(&said.stdout).unwrap_or_default();
    let Some(events) = json["data"]["events"].as_array() else {
        return Some(format!("audit: {} {}", said.stdout, said.stderr));
    };
    let nowhere: Vec<&str> = events
        .iter()
        .filter_map(|event| event["event_id"].as_str())
        .collect();
    let mut excused = Vec::new();
    for case in cases {
        if case.entry.expect.contains(&Outcome::Nowhere) {
            excused.extend(&case.events);
        }
    }
    for (id, state) in states(scene, &excused).await {
        if !matches!(state.as_str(), "delivered" | "dead" | "stuck")
            && !nowhere.contains(&id.as_str())
        {
            return Some(format!(
                "audit: nobody delivers `{id}`, and it is not named"
            ));
        }
    }
    let unexcused =
        |event: &&serde_json::Value| !excused.iter().any(|id| event["event_id"] == id.as_str());
    let rest: Vec<String> = events
        .iter()
        .filter(unexcused)
        .map(|event| event.to_string())
        .collect();
    let few: Vec<&str> = rest.iter().take(4).map(String::as_str).collect();
    (!rest.is_empty()).then(|| format!("audit: {} nowhere: {}", rest.len(), few.join(" ")))
}
