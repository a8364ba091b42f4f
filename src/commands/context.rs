//! What every command is given: the global options, the screens, and the way to the servers.

use std::time::{Duration, Instant};

use super::{GlobalOptions, actor};
use crate::{
    bus::{self, Auth, Bus, BusOptions, Layer, Secret, Tls},
    dataplane::Stop,
    error::{Context as _, Error, Result},
    model::{Ask, Backoff, Confirmed},
    store::{
        Db, DbOptions,
        journal::Actor,
        lead,
        nats_config::{self, NatsConfig},
        rights::{self, Role},
        version,
    },
    ui::Ui,
};

pub struct Context {
    pub global: GlobalOptions,
    pub ui: Ui,
    /// The command's word, by which PostgreSQL knows our sessions.
    does: &'static str,
}

impl Context {
    pub fn new(global: GlobalOptions, ui: Ui, does: &'static str) -> Self {
        Context { global, ui, does }
    }

    /// Who acts, for the journal and the lock.
    pub fn actor(&self) -> Actor {
        actor::actor()
    }

    /// Asks off the main thread, so that Ctrl-C is heard at every prompt.
    pub async fn confirm(&self, question: &str, ask: Ask) -> Result<Confirmed> {
        let (ui, question) = (self.ui.clone(), question.to_string());
        tokio::task::spawn_blocking(move || ui.confirm(&question, &ask))
            .await
            .context("the prompt ended early")?
    }

    /// Connects to the rule engine's database, to look. What a newer wavegate made may mean something else by now: that is said.
    pub async fn db_to_read(&self) -> Result<Db> {
        self.db_of(None).await
    }

    /// The same with so many sessions at most, for a command that is over before more would have paid.
    pub async fn db_of(&self, sessions: Option<u32>) -> Result<Db> {
        let db = self.connect(sessions).await?;
        if let Some(newer) = version::newer(version::found(&db).await?) {
            self.ui
                .warn(&format!("{}; what is shown may be wrong", newer.message()));
        }
        Ok(db)
    }

    /// The same for a command that changes something: refused where a newer wavegate has been at work.
    pub async fn db_to_write(&self) -> Result<Db> {
        not_newer(self.connect(None).await?).await
    }

    async fn connect(&self, sessions: Option<u32>) -> Result<Db> {
        Db::connect(&DbOptions {
            pool: sessions,
            ..self.db_options()
        })
        .await
    }

    /// The same for a command whose steps build on each other: what a missing right would stop half way is not begun.
    pub async fn operator_db(&self) -> Result<Db> {
        let db = self.db_to_write().await?;
        rights::demand(&db, Role::Operator).await?;
        Ok(db)
    }

    /// The same for `run`, beside which others stand by.
    pub async fn driver_db(&self) -> Result<Db> {
        let options = DbOptions {
            unattended: true,
            ..self.db_options()
        };
        let db = not_newer(Db::connect(&options).await?).await?;
        rights::demand(&db, Role::Operator).await?;
        Ok(db)
    }

    /// The same for one that must not wait for anybody: missing rights are named, and it goes as far as it can.
    pub async fn urgent_db(&self) -> Result<Db> {
        let db = self.db_to_write().await?;
        if let Err(lack) = rights::demand(&db, Role::Operator).await {
            self.ui.warn(&format!(
                "{}; it may stop half way: {}",
                lack.message(),
                lack.hints().join("; ")
            ));
        }
        Ok(db)
    }

    /// PostgreSQL denied something: which right of `role` is missing, and what gives it.
    pub async fn explain_denial(&self, role: Role, error: Error) -> Error {
        let lack = async { rights::lacking(&self.connect(Some(1)).await?, role).await };
        match lack.await {
            Ok(lack) if !lack.rights.is_empty() => {
                let error = error.detail(lack.sentence());
                lack.statements().into_iter().fold(error, Error::hint)
            }
            _ => error,
        }
    }

    /// The same for relay and workers; `forgetful` as in `DbOptions`.
    ///
    /// Waits for a server that is away or takes no writes, as for NATS: at a common boot it comes a moment later. `None` when asked to
    /// stop meanwhile.
    pub async fn data_plane(&self, forgetful: bool, stop: &Stop) -> Result<Option<Db>> {
        let options = DbOptions {
            pool: Some(12),
            batches: true,
            forgetful,
            ..self.db_options()
        };
        let open = async || {
            let db = Db::connect(&options).await?;
            lead::ready(&db).await?;
            Ok(db)
        };
        let mut told: Option<(String, Instant)> = None;
        let mut failures = 0;
        while !stop.asked() {
            let outcome: Result<Db> = tokio::select! {
                outcome = open() => outcome,
                () = stop.wait() => break,
            };
            match outcome {
                Ok(db) => return Ok(Some(db)),
                Err(error) if error.is_away() => {
                    let why = error.to_string();
                    let known = told
                        .as_ref()
                        .is_some_and(|(before, at)| *before == why && at.elapsed() < TELL_EVERY);
                    if !known {
                        tracing::warn!("waits for PostgreSQL: {why}");
                        told = Some((why, Instant::now()));
                    }
                }
                Err(error) => return Err(error),
            }
            failures += 1;
            stop.pause(RECONNECT.after(failures)).await;
        }
        Ok(None)
    }

    fn db_options(&self) -> DbOptions {
        DbOptions {
            url: self.global.database_url.clone(),
            tls_ca: self.global.database_ca.clone(),
            tls_cert: self.global.database_cert.clone(),
            tls_key: self.global.database_key.clone(),
            timeout: Some(Duration::from_secs(self.global.connect_timeout)),
            pool: None,
            batches: false,
            unattended: false,
            forgetful: false,
            does: Some(self.does),
        }
    }

    /// Connects to NATS by the row `config_name` of `rule_nats_config`; the command line, the environment and a NATS
    /// context are stronger.
    pub async fn bus(&self, db: &Db, config_name: &str) -> Result<Bus> {
        let config = nats_config::load(db, config_name).await?;
        Bus::connect(&self.bus_options(&config)?).await
    }

    /// How to reach NATS, all layers together.
    pub fn bus_options(&self, config: &NatsConfig) -> Result<BusOptions> {
        if !config.jetstream_enabled || !config.enabled {
            return Err(Error::refused(format!(
                "rule_nats_config `{}` is switched off (enabled or jetstream_enabled is false)",
                config.config_name
            ))
            .hint("switch it on, or name another with --config"));
        }
        let mut layers = vec![self.flags()];
        let context = self
            .global
            .nats_context
            .as_deref()
            .filter(|_| layers[0].servers.is_empty());
        if let Some(name) = context {
            layers.push(bus::read_context(name)?);
        }
        let mut table = table(config);
        if context.is_some() {
            // A context is complete: credentials of the table belong to another server.
            table.auth = None;
            table.tls = Tls::default();
        }
        let timeout = if self.global.connect_timeout == DEFAULT_TIMEOUT {
            Duration::from_millis(
                config
                    .connection_timeout_ms
                    .clamp(100, 600_000)
                    .unsigned_abs()
                    .into(),
            )
        } else {
            Duration::from_secs(self.global.connect_timeout)
        };
        layers.push(table);
        BusOptions::from_layers(&layers, timeout)
    }

    /// The command line and the environment.
    fn flags(&self) -> Layer {
        let global = &self.global;
        let variable = |name| {
            std::env::var(name)
                .ok()
                .filter(|text: &String| !text.is_empty())
        };
        let auth = if let Some(path) = &global.nats_creds {
            Some(Auth::Credentials(path.clone()))
        } else if let Some(path) = &global.nats_nkey {
            Some(Auth::Nkey(Secret::File(path.clone())))
        } else if let Some(path) = &global.nats_token_file {
            Some(Auth::Token(Secret::File(path.clone())))
        } else if let Some(user) = &global.nats_user {
            let password = match &global.nats_password_file {
                Some(path) => Secret::File(path.clone()),
                None => variable("NATS_PASSWORD").unwrap_or_default().into(),
            };
            Some(Auth::Password {
                user: user.clone(),
                password,
            })
        } else {
            variable("NATS_TOKEN").map(|token| Auth::Token(token.into()))
        };
        Layer {
            servers: global.nats_url.iter().cloned().collect(),
            auth,
            tls: Tls {
                required: false,
                ca: global.nats_ca.clone(),
                cert: global.nats_cert.clone(),
                key: global.nats_key.clone(),
            },
            ..Layer::default()
        }
    }
}

const RECONNECT: Backoff = Backoff::new(100, 2000);
/// A server that stays away is told of so often.
const TELL_EVERY: Duration = Duration::from_secs(30);

/// What `--connect-timeout` is when nobody says otherwise; then the table decides.
const DEFAULT_TIMEOUT: u64 = 5;

fn table(config: &NatsConfig) -> Layer {
    let mut servers = vec![config.nats_url.clone()];
    servers.extend(config.nats_cluster_urls.iter().flatten().cloned());
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let file = |value: &Option<String>| value.as_ref().filter(|v| !v.is_empty()).map(Into::into);
    Layer {
        servers,
        auth: match config.auth_type.as_str() {
            "token" => Some(Auth::Token(text(&config.auth_token).into())),
            "credentials" => file(&config.auth_credentials_file).map(Auth::Credentials),
            "nkey" => Some(Auth::Nkey(text(&config.auth_nkey_seed).into())),
            _ => None,
        },
        tls: if config.tls_enabled {
            Tls {
                required: true,
                ca: file(&config.tls_ca_file),
                cert: file(&config.tls_cert_file),
                key: file(&config.tls_key_file),
            }
        } else {
            Tls::default()
        },
        reconnect_delay: Some(Duration::from_millis(
            config.reconnect_delay_ms.max(10).unsigned_abs().into(),
        )),
        max_reconnects: Some(usize::try_from(config.max_reconnect_attempts).ok()),
    }
}

/// Who does not know a newer schema writes nothing to it.
async fn not_newer(db: Db) -> Result<Db> {
    match version::newer(version::found(&db).await?) {
        Some(newer) => Err(newer),
        None => Ok(db),
    }
}
