//! Plants an entry in one mode: a webhook of its own, what is bad about it, and its events.

use std::time::{Duration, Instant};

use async_nats::HeaderMap;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tokio::task::JoinHandle;
use wavegate::bus::Bus;

use super::{
    endpoint::{Answer, Endpoint},
    entry::{Entry, Message, Mode, Plant, Target},
    scene::Names,
};

/// One entry in one mode.
pub struct Case {
    pub entry: &'static Entry,
    pub webhook: i32,
    pub name: String,
    pub path: String,
    /// `webhook-id` of its events.
    pub events: Vec<String>,
    /// sha256 of what its events say; `None`: PostgreSQL itself cannot tell.
    pub digest: Option<Vec<u8>>,
    /// What raised.
    pub refused: Option<String>,
}

/// A lock; joined, it says when it ended, and on how many rows it was.
pub type Held = JoinHandle<(Instant, usize)>;

pub struct Planter<'a> {
    pub sql: &'a mut PgConnection,
    pub url: &'a str,
    pub names: Names,
    pub endpoint: &'a Endpoint,
    pub bus: &'a Bus,
}

/// How long the endpoint holds the calls of an entry whose rows are locked meanwhile.
const HOLD: Duration = Duration::from_millis(800);
const PAYLOAD: &str = "'{\"bad\": 1}'";

impl Planter<'_> {
    /// `number` keeps hosts and names apart.
    pub async fn plant(
        &mut self,
        entry: &'static Entry,
        mode: Mode,
        number: usize,
    ) -> (Case, Option<Held>) {
        let host = format!("127.1.{}.{}", number / 250, number % 250 + 1);
        let path = format!("/bad-{number}");
        match entry.plant {
            Plant::Answer(answer) => self.endpoint.answers(&path, answer()),
            Plant::FailingSetting(_) => {
                let bad = b"HTTP/1.1 500 Bad\r\ncontent-length: 0\r\n\r\n";
                self.endpoint.answers(&path, Answer::Raw(bad.to_vec()));
            }
            Plant::Lock(..) => self.endpoint.answers(&path, Answer::Slow(HOLD)),
            _ => {}
        }
        let name = format!("{} / {mode:?} ({number})", entry.name);
        let url = self.endpoint.url(&host, &path);
        let mut case = Case {
            entry,
            webhook: webhook(self.sql, self.names, &name, &url, mode, true).await,
            name,
            path,
            events: Vec::new(),
            digest: None,
            refused: None,
        };
        let held = match self.fill(&mut case, number).await {
            Ok(held) => held,
            Err(error) => {
                case.refused = Some(error.to_string());
                None
            }
        };
        (case, held)
    }

    fn text(&self, sql: &str, case: &Case, number: usize) -> String {
        sql.replace("{id}", &case.webhook.to_string())
            .replace("{queue}", self.names.queue)
            .replace("{key}", self.names.key)
            .replace("{url}", self.names.url)
            .replace("{method}", self.names.method)
            .replace("{name}", &format!("corpus_{number}"))
    }

    async fn fill(&mut self, case: &mut Case, number: usize) -> sqlx::Result<Option<Held>> {
        let payload = match case.entry.plant {
            Plant::Payload(payload) => payload,
            _ => PAYLOAD,
        };
        let digest = format!("SELECT sha256(convert_to(({payload})::jsonb::text, 'UTF8'))");
        case.digest = sqlx::query_scalar(AssertSqlSafe(digest))
            .fetch_one(&mut *self.sql)
            .await
            .ok();
        let mut target = Target {
            webhook: case.webhook,
            event: format!("{}:guess", case.webhook),
        };
        match case.entry.plant {
            Plant::Setting(set) | Plant::FailingSetting(set) => {
                let update = format!("UPDATE rule_webhooks SET {set} WHERE webhook_id = {{id}}");
                self.run(&update, case, number).await?;
            }
            Plant::Ddl(sql) => self.run(sql, case, number).await?,
            Plant::Row(insert) => {
                let insert = self.text(insert, case, number);
                let call: i64 = sqlx::query_scalar(AssertSqlSafe(format!(
                    "WITH row AS ({insert}) SELECT x::bigint FROM row AS r(x)"
                )))
                .fetch_one(&mut *self.sql)
                .await?;
                let id = sqlx::query_scalar("SELECT coalesce(event_id, 'call-' || call_id) FROM wavegate.queue WHERE call_id = $1")
                    .bind(call)
                    .fetch_one(&mut *self.sql)
                    .await?;
                case.events.push(id);
                return Ok(None);
            }
            Plant::Before(message) => {
                self.send(case.webhook, message(&target)).await;
                // It is there long before its event.
                tokio::time::sleep(Duration::from_millis(100)).await;
                let publish = format!("SELECT rule_webhook_publish_nats($1, {PAYLOAD}, 'guess')");
                sqlx::query(AssertSqlSafe(publish))
                    .bind(case.webhook)
                    .execute(&mut *self.sql)
                    .await?;
                case.events.push(target.event);
                return Ok(None);
            }
            _ => {}
        }
        for _ in 0..case.entry.events {
            self.emit(case, payload, number).await?;
        }
        if let Plant::After(message) = case.entry.plant {
            target.event = case.events[0].clone();
            self.send(case.webhook, message(&target)).await;
        }
        let Plant::Lock(sql, long) = case.entry.plant else {
            return Ok(None);
        };
        let session = PgConnection::connect(self.url).await?;
        Ok(Some(tokio::spawn(hold(
            session,
            self.text(sql, case, number),
            long,
        ))))
    }

    /// Statements one by one, as a script has them: `;` at the end of a line ends one.
    async fn run(&mut self, sql: &str, case: &Case, number: usize) -> sqlx::Result<()> {
        let text = self.text(sql, case, number);
        sqlx::raw_sql(AssertSqlSafe(text))
            .execute(&mut *self.sql)
            .await
            .map(|_| ())
    }

    /// One event in a transaction of its own.
    async fn emit(&mut self, case: &mut Case, payload: &str, number: usize) -> sqlx::Result<()> {
        let call = format!(
            "SELECT rule_webhook_call_unified({}, {payload}) ->> 'event_id'",
            case.webhook
        );
        let mut transaction = self.sql.begin().await?;
        let id: String = sqlx::query_scalar(AssertSqlSafe(call))
            .fetch_one(&mut *transaction)
            .await?;
        if let Plant::Beside(sql) = case.entry.plant {
            let text = sql
                .replace("{event}", &id)
                .replace("{id}", &case.webhook.to_string())
                .replace("{queue}", self.names.queue)
                .replace("{key}", self.names.key)
                .replace("{name}", &format!("corpus_{number}"));
            sqlx::raw_sql(AssertSqlSafe(text))
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        case.events.push(id);
        Ok(())
    }

    async fn send(&self, webhook: i32, message: Message) {
        let mut headers = HeaderMap::new();
        for (name, value) in message.headers {
            headers.insert(name, value.as_str());
        }
        let subject = format!("webhooks.{webhook}");
        let client = self.bus.client();
        client
            .publish_with_headers(subject, headers, message.body.into())
            .await
            .unwrap();
        client.flush().await.unwrap();
    }
}

/// A webhook; a bad one gives up soon, a healthy one is as webhooks are.
/// Their leases in tests (time-out and 3 s) are shorter than the locks, and no busy machine is as slow as the time-outs.
pub async fn webhook(
    sql: &mut PgConnection,
    names: Names,
    name: &str,
    url: &str,
    mode: Mode,
    bad: bool,
) -> i32 {
    let (publish, share) = mode.columns();
    let insert = format!(
        "INSERT INTO rule_webhooks (webhook_name, {}, publish_mode, nats_enabled, nats_share, retry_delay_ms, timeout_ms, max_retries,
                                    nats_takeover_after_ms)
         VALUES ($1, $2, $3, $3 <> 'queue', $4, 50, $5, $6, $7) RETURNING webhook_id",
        names.url
    );
    let (timeout, retries, takeover) = if bad {
        (4000, 1, 1000)
    } else {
        (5000, 3, 30_000)
    };
    sqlx::query_scalar(AssertSqlSafe(insert))
        .bind(name)
        .bind(url)
        .bind(publish)
        .bind(share)
        .bind(timeout)
        .bind(retries)
        .bind(takeover)
        .fetch_one(sql)
        .await
        .unwrap()
}

/// A transaction that locks and then does nothing for a while.
async fn hold(mut session: PgConnection, sql: String, long: Duration) -> (Instant, usize) {
    let patience = Instant::now() + Duration::from_secs(20);
    let mut transaction = session.begin().await.unwrap();
    let table = sql.starts_with("LOCK TABLE");
    let mut rows = 0;
    // What is to be locked may not be there yet: a call that is being made, for example.
    while rows == 0 && Instant::now() < patience {
        let locked = sqlx::query(AssertSqlSafe(sql.clone()))
            .fetch_all(&mut *transaction)
            .await;
        rows = if table { 1 } else { locked.unwrap().len() };
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    tokio::time::sleep(long).await;
    transaction.commit().await.unwrap();
    (Instant::now(), rows)
}
