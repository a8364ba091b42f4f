//! A database with webhooks and a small plan, and `apply` and `rollback` as the commands do them, without gates and prompts.

use std::sync::atomic::{AtomicUsize, Ordering};

use sqlx::{Executor, PgConnection};
use wavegate::{
    engine::{
        Checkpoint, Work, back,
        back::survey::Scope,
        back::undo::{Manner, Undone},
        barrier::Patience,
        forward::choice::{Target, Wish},
        forward::executor::Outcome,
        forward::{self, Done, Judge, Request},
        gatekeeper::Candidate,
        no_checkpoint,
        operator::{Operator, Scene},
    },
    error::{Error, Result},
    gates::Report,
    model::{Ask as Question, Confirmed, Consent, Goal, Progress},
    plan::Plan,
    store::{Db, journal::Actor, state::Migration},
};

use crate::support::{Schema, Shape, TestDb};

pub const PLAN: &str = "\
version: 1
name: bench
nats: { stream: WEBHOOKS, subject: \"webhooks.{id}\" }
defaults: { soak: 10s, watch: 10s, shares: [0, 100], takeover_after: 5s }
waves:
  - { name: first, match: { names: [\"a_*\"] } }
  - { name: second, match: { names: [\"b_*\"] } }
";

pub struct Bench {
    pub test: TestDb,
    pub db: Db,
    pub plan: Plan,
    pub sql: PgConnection,
}

/// `first`: a_1 .. a_n, the last of them disabled; `second`: b_1.
pub async fn bench(shape: Shape, webhooks: i32) -> Bench {
    let test = TestDb::new(shape, Schema::Migrated).await;
    let mut sql = test.connect().await;
    let url = match shape {
        Shape::A => "url",
        Shape::B => "webhook_url",
    };
    let insert = format!(
        "INSERT INTO rule_webhooks (webhook_name, {url}, enabled)
         SELECT 'a_' || n, 'http://127.0.0.1:9/' || n, n < {webhooks} OR n = 1 FROM generate_series(1, {webhooks}) n
         UNION ALL SELECT 'b_1', 'http://127.0.0.1:9/b', true"
    );
    sql.execute(sqlx::AssertSqlSafe(insert)).await.unwrap();
    let db = crate::support::open(&test.url).await;
    let plan = Plan::parse(PLAN).unwrap();
    Bench {
        test,
        db,
        plan,
        sql,
    }
}

pub fn actor(command: &str) -> Actor {
    Actor {
        who: "tester".to_string(),
        host: "here".to_string(),
        command: command.to_string(),
    }
}

pub fn quiet(_: Progress) {}

/// How `apply` is asked.
#[derive(Clone, Copy)]
pub struct Ask<'a> {
    pub wave: &'a str,
    pub to: Option<Target>,
    pub resume: bool,
    pub move_waiting: bool,
    pub checkpoint: Checkpoint<'a>,
}

pub fn next(wave: &str) -> Ask<'_> {
    Ask {
        wave,
        to: None,
        resume: false,
        move_waiting: false,
        checkpoint: &no_checkpoint,
    }
}

/// Asks no gates and agrees to everything.
pub struct Agreeable;

impl Judge for Agreeable {
    async fn judge(&self, _: Option<&Migration>, _: &Candidate<'_>) -> Result<Option<Report>> {
        Ok(None)
    }
}

impl Operator for Agreeable {
    fn see(&self, _: &Scene<'_>) {}

    async fn agree(&self, _: &str, _: Question) -> Result<Confirmed> {
        Ok(Confirmed::by(Consent::Flag))
    }
}

/// `apply` without gates and prompts.
pub async fn apply_on(db: &Db, plan: &Plan, ask: Ask<'_>, patience: &Patience) -> Result<Outcome> {
    let actor = actor("wavegate apply plan.yaml");
    let work = Work {
        db,
        actor: &actor,
        listener: &quiet,
        checkpoint: ask.checkpoint,
    };
    let request = Request {
        plan,
        wish: Wish {
            wave: Some(ask.wave),
            to: ask.to,
            resume: ask.resume,
        },
        pass_unjudged: None,
        move_waiting: ask.move_waiting,
        patience: patience.clone(),
        drain_within: None,
        dry_run: false,
    };
    match forward::step(&work, &request, &Agreeable, &Agreeable).await? {
        Done::Flipped(outcome) => Ok(outcome),
        other => Err(Error::failed(format!("not a flip: {other:?}"))),
    }
}

impl Bench {
    pub async fn apply(&self, wave: &str) -> Result<Outcome> {
        self.apply_as(next(wave), &Patience::default()).await
    }

    pub async fn apply_as(&self, ask: Ask<'_>, patience: &Patience) -> Result<Outcome> {
        apply_on(&self.db, &self.plan, ask, patience).await
    }

    pub async fn rollback(&self, scope: Scope, goal: Goal) -> Result<Undone> {
        self.rollback_as(scope, goal, &no_checkpoint, false).await
    }

    pub async fn rollback_as(
        &self,
        scope: Scope,
        goal: Goal,
        checkpoint: Checkpoint<'_>,
        drain: bool,
    ) -> Result<Undone> {
        let actor = actor("wavegate rollback");
        let work = Work {
            db: &self.db,
            actor: &actor,
            listener: &quiet,
            checkpoint,
        };
        let request = back::Request {
            scope,
            goal,
            with_schema: false,
            manner: Manner {
                patience: Patience {
                    timeout: std::time::Duration::from_secs(10),
                    ignore: Vec::new(),
                },
                drain,
                lock_patience: std::time::Duration::from_secs(10),
            },
            dry_run: false,
        };
        match back::rollback(&work, &request, &Agreeable).await? {
            back::Done::Undone(undone) => Ok(*undone),
            other => Err(Error::failed(format!("nothing undone: {other:?}"))),
        }
    }

    /// Runs a statement.
    pub async fn run(&mut self, sql: &str) {
        self.sql
            .execute(sqlx::AssertSqlSafe(sql.to_string()))
            .await
            .unwrap();
    }

    /// One text from the database.
    pub async fn text(&mut self, sql: &str) -> String {
        sqlx::query_scalar::<_, Option<String>>(sqlx::AssertSqlSafe(sql.to_string()))
            .fetch_one(&mut self.sql)
            .await
            .unwrap()
            .unwrap_or_default()
    }

    /// Modes, shares, fences, wave steps and whether anything is undelivered without a queue row: one line.
    pub async fn standing(&mut self) -> String {
        self.text(
            "SELECT concat_ws(' | ',
                (SELECT string_agg(concat_ws(':', webhook_name, publish_mode, nats_enabled, nats_share, coalesce(nats_subject, '-'),
                                             coalesce(nats_config_id::text, '-'), nats_takeover_after_ms, mode_epoch), ' ' ORDER BY webhook_id)
                 FROM wavegate.webhooks),
                'fenced ' || (SELECT coalesce(string_agg(webhook_id::text, ',' ORDER BY webhook_id), 'none') FROM rule_nats_fences),
                (SELECT string_agg(concat_ws(':', name, step, share, attempt), ' ' ORDER BY position) FROM wavegate.wave),
                'lacking ' || (SELECT count(*) FROM rule_webhook_events e WHERE e.state IN ('open', 'claimed', 'retrying')
                               AND NOT EXISTS (SELECT FROM wavegate.queue q WHERE q.event_id = e.event_id)))",
        )
        .await
    }

    /// Calls every enabled webhook once through the unified function; answers with how many.
    pub async fn call_all(&mut self) -> i64 {
        sqlx::query_scalar(
            "SELECT count(rule_webhook_call_unified(webhook_id, '{\"n\": 1}')) FROM rule_webhooks WHERE enabled",
        )
        .fetch_one(&mut self.sql)
        .await
        .unwrap()
    }
}

/// Aborts at the n-th checkpoint.
pub fn abort_at(n: usize) -> impl Fn(&str) -> Result<()> + Send + Sync {
    let seen = AtomicUsize::new(0);
    move |step| {
        if seen.fetch_add(1, Ordering::SeqCst) == n {
            Err(Error::failed(format!("killed after {step}")))
        } else {
            Ok(())
        }
    }
}
