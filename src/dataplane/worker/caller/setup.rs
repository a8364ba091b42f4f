//! How HTTP clients are set up: certificates, proxies, redirects, what is kept.

use std::{collections::BTreeSet, path::PathBuf, sync::Arc};

use reqwest::{Certificate, Client, redirect::Policy};

use super::{
    guard::Guard,
    kept::IDLE,
    resolver::{GuardedResolver, proxies_of_environment},
    trace::Watch,
};
use crate::error::{Context, Error, Result};

#[derive(Debug, Clone, Default)]
pub struct CallOptions {
    pub guard: Guard,
    /// Follow HTTP_PROXY and its kin.
    pub env_proxy: bool,
    /// Trusted beside the system's own.
    pub roots: Vec<Certificate>,
}

/// A client; follows no redirects. `keeping`: keeps connections.
pub fn client(options: &CallOptions, guard: &Arc<Guard>, keeping: bool) -> Result<Client> {
    let proxies = if options.env_proxy {
        proxies_of_environment()
    } else {
        BTreeSet::new()
    };
    let mut builder = Client::builder()
        .redirect(Policy::none())
        .user_agent(concat!("wavegate/", env!("CARGO_PKG_VERSION")))
        .tcp_nodelay(true)
        .pool_idle_timeout(IDLE)
        .dns_resolver(GuardedResolver {
            guard: guard.clone(),
            proxies,
        })
        .connector_layer(Watch);
    if !keeping {
        builder = builder.pool_max_idle_per_host(0);
    }
    if !options.env_proxy {
        builder = builder.no_proxy();
    }
    if !options.roots.is_empty() {
        builder = builder.tls_certs_merge(options.roots.iter().cloned());
    }
    builder.build().context("cannot set up the HTTP client")
}

/// The certificates in these files. A file without any is an error.
pub fn roots(files: &[PathBuf]) -> Result<Vec<Certificate>> {
    let mut roots = Vec::new();
    for file in files {
        let shown = file.display();
        let failed =
            |why: String| Error::failed(format!("cannot use {shown} as endpoint CA: {why}"));
        let bytes = std::fs::read(file).map_err(|error| failed(error.to_string()))?;
        let found = Certificate::from_pem_bundle(&bytes)
            .map_err(|error| failed(format!("it is not PEM: {error}")))?;
        if found.is_empty() {
            return Err(failed("it holds no certificate in PEM".to_string()));
        }
        roots.extend(found);
    }
    Ok(roots)
}
