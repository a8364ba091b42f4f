//! The whole rehearsal: build, emit, migrate, drain, compare.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use super::{
    audit::{self, Audit, Emitted},
    backdrop::LabShape,
    home::Home,
    scenario::{Operator, PLAN, Pause},
    stage::Stage,
    traffic::{Rate, Traffic},
};
use crate::{
    error::{Context, Error, Result},
    model::{Listener, Progress, Rehearsal, WaveAudit},
    plan::Plan,
};

/// Calls a second at scale 1; the promise is 300.
const PER_SECOND: f64 = 360.0;
/// Below this a wave would wait long for enough events to judge by.
const LEAST_PER_SECOND: f64 = 120.0;
const SESSIONS: usize = 8;
/// How long the rest may take to arrive once traffic has stopped.
const DRAIN: Duration = Duration::from_secs(120);

/// What to play.
pub struct Options<'a> {
    pub seed: u64,
    /// Of traffic and of the plan's waiting times.
    pub scale: f64,
    pub shape: LabShape,
    /// Leave servers and files behind.
    pub keep: bool,
    pub pause: Option<Pause>,
    pub width: u16,
    pub say: Listener<'a>,
}

/// Plays it in a temporary folder. The audit is returned whether it holds or not; with `keep`, also the lab that was left up.
pub async fn play(options: Options<'_>) -> Result<(Rehearsal, Option<Home>)> {
    if !(0.05..=20.0).contains(&options.scale) {
        return Err(Error::usage(format!(
            "--scale is {}; wanted 0.05 to 20",
            options.scale
        )));
    }
    let folder = tempfile::Builder::new()
        .prefix("wavegate-lab-")
        .tempdir()
        .context("cannot make a temporary folder")?;
    let dir = folder
        .path()
        .canonicalize()
        .context("no temporary folder")?;
    let (say, keep) = (options.say, options.keep);
    note(say, format!("The lab is in {}", dir.display()));
    let mut stage = Stage::build(dir.clone(), options.shape, options.seed, options.width).await?;
    let outcome = rehearse(&mut stage, &dir, &options).await;
    if !keep {
        return Ok((outcome?, None));
    }
    let _ = folder.keep();
    let home = Home {
        dir,
        shape: options.shape.as_str().to_string(),
        seed: options.seed,
        database_url: stage.surroundings.database_url.clone(),
        nats_url: stage.surroundings.nats_url.clone(),
        receiver_url: None,
        residents: Vec::new(),
    };
    let Stage { postgres, nats, .. } = stage;
    let home = home.settle(postgres, nats)?;
    if outcome.is_err() {
        note(say, left_behind(&home));
    }
    Ok((outcome?, Some(home)))
}

/// Where a lab that was kept can be looked at.
pub fn left_behind(home: &Home) -> String {
    let dir = home.dir.display();
    format!(
        "The lab was kept; look around with\n  export DATABASE_URL={} NATS_URL={}\nand take it down with\n  wavegate lab down --dir {dir}",
        home.database_url, home.nats_url
    )
}

async fn rehearse(stage: &mut Stage, dir: &Path, options: &Options<'_>) -> Result<Rehearsal> {
    let say = options.say;
    let text = scaled(include_str!("../../plans/lab.yaml"), options.scale)?;
    let plan = Plan::parse(&text)
        .map_err(|faults| Error::failed(format!("plans/lab.yaml has {} faults", faults.len())))?;
    std::fs::write(dir.join(PLAN), &text).context("cannot write the plan")?;
    let rate = Rate {
        seed: options.seed,
        sessions: SESSIONS,
        per_second: (PER_SECOND * options.scale).max(LEAST_PER_SECOND),
    };
    note(
        say,
        format!(
            "{} webhooks, {SESSIONS} callers, {:.0} events/s, seed {}",
            stage.webhooks.len(),
            rate.per_second,
            rate.seed
        ),
    );
    let traffic = Traffic::start(&stage.surroundings.database_url, &stage.webhooks, rate).await?;
    let waves: Vec<String> = plan.waves().iter().map(|wave| wave.name.clone()).collect();
    let mut operator = Operator::new(stage, say, options.pause.clone(), waves);
    operator.migrate(&traffic).await?;
    note(
        say,
        "\nThe callers stop; what is on its way arrives".to_string(),
    );
    let (callers, rolled_back) = traffic.stop().await?;
    drain(operator.stage, say).await?;
    operator.finish().await?;
    stage.stop_all().await?;
    let Audit { waves, examples } = compare(stage, &rolled_back).await?;
    let mut total = WaveAudit {
        wave: "total".to_string(),
        ..WaveAudit::default()
    };
    for wave in &waves {
        total.add(wave);
    }
    Ok(Rehearsal {
        seed: options.seed,
        scale: options.scale,
        shape: options.shape.as_str().to_string(),
        elapsed: stage.start.elapsed(),
        waves,
        total,
        injuries: std::mem::take(&mut stage.injuries),
        callers,
        examples,
    })
}

/// Until ledger and queue hold nothing undelivered; what remains after a while shows in the audit.
async fn drain(stage: &mut Stage, say: Listener<'_>) -> Result<()> {
    let end = Instant::now() + DRAIN;
    let mut told = Instant::now();
    loop {
        stage.check()?;
        let (ledger, queue): (i64, i64) =
            sqlx::query_as(include_str!("../../sql/lab/undelivered.sql"))
                .fetch_one(&mut stage.admin)
                .await?;
        if ledger + queue == 0 {
            return Ok(());
        }
        let rest = format!("{ledger} in the ledger, {queue} in the queue");
        if Instant::now() > end {
            let text = format!("after {} s still undelivered: {rest}", DRAIN.as_secs());
            say(Progress::Warning { text });
            return Ok(());
        }
        if told.elapsed() > Duration::from_secs(5) {
            told = Instant::now();
            note(say, format!("  still on the way: {rest}"));
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

async fn compare(
    stage: &mut Stage,
    rolled_back: &std::collections::HashSet<String>,
) -> Result<Audit> {
    let emitted: Vec<Emitted> = sqlx::query_as(include_str!("../../sql/lab/emitted.sql"))
        .fetch_all(&mut stage.admin)
        .await?;
    let members: Vec<(String, i64)> = sqlx::query_as(include_str!("../../sql/lab/members.sql"))
        .fetch_all(&mut stage.admin)
        .await?;
    let mut audit = audit::compare(&emitted, &stage.receiver.record(), &stage.held, rolled_back);
    for wave in &mut audit.waves {
        let found = members.iter().find(|(name, _)| *name == wave.wave);
        wave.webhooks = found.map_or(0, |(_, count)| count.cast_unsigned());
    }
    let nameless = stage.receiver.nameless();
    if nameless > 0 {
        audit
            .examples
            .push(format!("{nameless} calls came without webhook-id"));
    }
    Ok(audit)
}

/// The plan with its waiting times and its least number of events multiplied; a second and five events at least, and never more
/// than written.
fn scaled(text: &str, scale: f64) -> Result<String> {
    if scale >= 1.0 {
        return Ok(text.to_string());
    }
    let mut plan: serde_yaml::Value =
        serde_yaml::from_str(text).context("plans/lab.yaml cannot be read")?;
    shorten(&mut plan, scale);
    serde_yaml::to_string(&plan).context("plans/lab.yaml cannot be written")
}

fn shorten(value: &mut serde_yaml::Value, scale: f64) {
    match value {
        serde_yaml::Value::Mapping(mapping) => {
            for (key, value) in mapping.iter_mut() {
                let seconds = value
                    .as_str()
                    .and_then(|text| text.strip_suffix('s'))
                    .and_then(|text| text.parse::<f64>().ok());
                match (key.as_str(), seconds, value.as_f64()) {
                    (Some("soak" | "watch" | "horizon"), Some(seconds), _) => {
                        let short = (seconds * scale).round().max(1.0);
                        *value = serde_yaml::Value::String(format!("{short}s"));
                    }
                    (Some("min_events"), _, Some(events)) => {
                        let few = (events * scale).round().max(5.0) as u64;
                        *value = serde_yaml::Value::Number(few.into());
                    }
                    _ => shorten(value, scale),
                }
            }
        }
        serde_yaml::Value::Sequence(values) => {
            for value in values {
                shorten(value, scale);
            }
        }
        _ => {}
    }
}

fn note(say: Listener<'_>, text: String) {
    say(Progress::Note { text });
}
