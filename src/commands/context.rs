//! What every command is given: the global options, the screens, and the way to the servers.

use std::time::Duration;

use super::{GlobalOptions, actor};
use crate::{
    bus::{self, Auth, Bus, BusOptions, Layer, Secret, Tls},
    error::{Context as _, Error, Result},
    model::Confirmed,
    store::{
        Db, DbOptions,
        journal::Actor,
        nats_config::{self, NatsConfig},
        rights::{self, Role},
    },
    ui::{Ask, Ui},
};

pub struct Context {
    pub global: GlobalOptions,
    pub ui: Ui,
}

impl Context {
    pub fn new(global: GlobalOptions, ui: Ui) -> Self {
        Context { global, ui }
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

    /// Connects to the rule engine's database.
    pub async fn db(&self) -> Result<Db> {
        Db::connect(&self.db_options()).await
    }

    /// The same with so many sessions at most, for a command that is over before more would have paid.
    pub async fn db_of(&self, sessions: u32) -> Result<Db> {
        Db::connect(&DbOptions {
            pool: Some(sessions),
            ..self.db_options()
        })
        .await
    }

    /// The same for a command whose steps build on each other: what a missing right would stop half way is not begun.
    pub async fn operator_db(&self) -> Result<Db> {
        let db = self.db().await?;
        rights::demand(&db, Role::Operator).await?;
        Ok(db)
    }

    /// The same for one that must not wait for anybody: missing rights are named, and it goes as far as it can.
    pub async fn urgent_db(&self) -> Result<Db> {
        let db = self.db().await?;
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
        let lack = async { rights::lacking(&self.db_of(1).await?, role).await };
        match lack.await {
            Ok(lack) if !lack.rights.is_empty() => {
                let error = error.detail(lack.sentence());
                lack.statements().into_iter().fold(error, Error::hint)
            }
            _ => error,
        }
    }

    /// The same for relay and workers; `forgetful` as in `DbOptions`.
    pub async fn data_plane(&self, forgetful: bool) -> Result<Db> {
        Db::connect(&DbOptions {
            pool: Some(12),
            batches: true,
            forgetful,
            ..self.db_options()
        })
        .await
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
            forgetful: false,
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
