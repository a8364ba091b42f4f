//! How to reach NATS, gathered from several places: each layer fills in what the layers before it left open.

use std::{fmt, path::PathBuf, time::Duration};

use crate::error::{Error, Result};

/// Who we are to the server.
#[derive(Clone, Default, PartialEq, Eq)]
pub enum Auth {
    #[default]
    None,
    Token(String),
    Password {
        user: String,
        password: String,
    },
    /// A `.creds` file.
    Credentials(PathBuf),
    /// An nkey seed.
    Nkey(String),
}

impl Auth {
    /// The kind, without the secret.
    pub fn kind(&self) -> &'static str {
        match self {
            Auth::None => "no credentials",
            Auth::Token(_) => "a token",
            Auth::Password { .. } => "user and password",
            Auth::Credentials(_) => "a credentials file",
            Auth::Nkey(_) => "an nkey",
        }
    }
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind())
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tls {
    pub required: bool,
    pub ca: Option<PathBuf>,
    pub cert: Option<PathBuf>,
    pub key: Option<PathBuf>,
}

/// What one place says: the command line, a context of the NATS CLI, a row of `rule_nats_config`.
#[derive(Clone, Default)]
pub struct Layer {
    /// URLs; a comma separates several in one text.
    pub servers: Vec<String>,
    pub auth: Option<Auth>,
    pub tls: Tls,
    pub reconnect_delay: Option<Duration>,
    /// `None`: says nothing. `Some(None)`: for ever.
    pub max_reconnects: Option<Option<usize>>,
}

#[derive(Clone)]
pub struct BusOptions {
    pub servers: Vec<String>,
    pub auth: Auth,
    pub tls: Tls,
    pub timeout: Duration,
    pub reconnect_delay: Duration,
    pub max_reconnects: Option<usize>,
}

impl fmt::Debug for BusOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BusOptions")
            .field("servers", &self.place())
            .field("auth", &self.auth)
            .field("tls", &self.tls)
            .finish_non_exhaustive()
    }
}

impl BusOptions {
    /// The strongest layer first. Servers, credentials and TLS files are each taken from the first layer that has any.
    pub fn from_layers(layers: &[Layer], timeout: Duration) -> Result<Self> {
        let servers = layers
            .iter()
            .map(|layer| split(&layer.servers))
            .find(|servers| !servers.is_empty())
            .unwrap_or_else(|| vec!["nats://localhost:4222".into()]);
        let auth = layers.iter().find_map(|layer| layer.auth.clone());
        let file = |pick: fn(&Tls) -> &Option<PathBuf>| {
            layers.iter().find_map(|layer| pick(&layer.tls).clone())
        };
        let tls = Tls {
            required: layers.iter().any(|layer| layer.tls.required),
            ca: file(|tls| &tls.ca),
            cert: file(|tls| &tls.cert),
            key: file(|tls| &tls.key),
        };
        if tls.cert.is_some() != tls.key.is_some() {
            return Err(Error::usage(
                "a client certificate for NATS needs its key, and the key its certificate",
            )
            .hint("give both --nats-cert and --nats-key"));
        }
        for path in [&tls.ca, &tls.cert, &tls.key].into_iter().flatten() {
            if let Err(cause) = std::fs::File::open(path) {
                return Err(Error::usage(format!(
                    "cannot read the TLS file {} for NATS",
                    path.display()
                ))
                .because(&cause)
                .hint(
                    "check --nats-ca, --nats-cert and --nats-key, the context, or rule_nats_config",
                ));
            }
        }
        Ok(BusOptions {
            servers,
            auth: auth.unwrap_or_default(),
            tls,
            timeout,
            reconnect_delay: layers
                .iter()
                .find_map(|layer| layer.reconnect_delay)
                .unwrap_or(Duration::from_secs(2)),
            max_reconnects: layers
                .iter()
                .find_map(|layer| layer.max_reconnects)
                .flatten(),
        })
    }

    /// The servers without user and password.
    pub fn place(&self) -> String {
        let shown: Vec<String> = self.servers.iter().map(|url| bare(url)).collect();
        shown.join(", ")
    }
}

fn split(urls: &[String]) -> Vec<String> {
    urls.iter()
        .flat_map(|text| text.split(','))
        .map(str::trim)
        .filter(|url| !url.is_empty())
        .map(ToString::to_string)
        .collect()
}

/// A URL without its user information.
fn bare(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("nats", url));
    let authority = rest.split('/').next().unwrap_or(rest);
    let host = authority.rsplit('@').next().unwrap_or(authority);
    format!("{scheme}://{host}")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn layer(url: &str, auth: Option<Auth>) -> Layer {
        Layer {
            servers: vec![url.into()],
            auth,
            ..Layer::default()
        }
    }

    #[test]
    fn the_first_layer_that_speaks_is_heard() {
        let table = layer(
            "nats://a:4222, nats://b:4222",
            Some(Auth::Token("t".into())),
        );
        let options =
            BusOptions::from_layers(&[Layer::default(), table], Duration::from_secs(1)).unwrap();
        assert_eq!(options.servers, ["nats://a:4222", "nats://b:4222"]);
        assert_eq!(options.auth, Auth::Token("t".into()));
    }

    #[test]
    fn no_secret_is_shown() {
        let url = layer(
            "nats://joe:hunter2@db:4222",
            Some(Auth::Token("hunter2".into())),
        );
        let options = BusOptions::from_layers(&[url], Duration::from_secs(1)).unwrap();
        assert_eq!(options.place(), "nats://db:4222");
        assert!(!format!("{options:?}").contains("hunter2"));
    }
}
