//! What every command is given: the global options, the screens, and the way to the servers.

use std::time::Duration;

use super::GlobalOptions;
use crate::{
    error::Result,
    store::{Db, DbOptions},
    ui::Ui,
};

pub struct Context {
    pub global: GlobalOptions,
    pub ui: Ui,
}

impl Context {
    pub fn new(global: GlobalOptions, ui: Ui) -> Self {
        Context { global, ui }
    }

    /// Connects to the rule engine's database.
    pub async fn db(&self) -> Result<Db> {
        Db::connect(&self.db_options()).await
    }

    pub fn db_options(&self) -> DbOptions {
        DbOptions {
            url: self.global.database_url.clone(),
            tls_ca: self.global.database_ca.clone(),
            tls_cert: self.global.database_cert.clone(),
            tls_key: self.global.database_key.clone(),
            timeout: Some(Duration::from_secs(self.global.connect_timeout)),
            pool: None,
        }
    }
}
