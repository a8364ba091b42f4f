//! How to reach NATS, gathered from several places: each layer fills in what the layers before it left open.

use std::{fmt, path::PathBuf, time::Duration};

use super::Auth;
use crate::{
    error::{Error, Result},
    model::address::{self, cut},
};

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tls {
    /// A server without TLS is refused. A CA or a client certificate asks for it as well.
    pub required: bool,
    pub ca: Option<PathBuf>,
    pub cert: Option<PathBuf>,
    pub key: Option<PathBuf>,
}

/// What one place says: the command line, a context of the NATS CLI, a row of `rule_nats_config`.
#[derive(Clone, Default)]
pub struct Layer {
    /// URLs; a comma separates several in one text. User and password in them count where `auth` says nothing.
    pub servers: Vec<String>,
    pub auth: Option<Auth>,
    pub tls: Tls,
    pub reconnect_delay: Option<Duration>,
    /// `None`: says nothing. `Some(None)`: for ever.
    pub max_reconnects: Option<Option<usize>>,
}

#[derive(Clone)]
pub struct BusOptions {
    /// URLs without user and password.
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
        let mut servers = None;
        let mut auth = None;
        for layer in layers {
            let here = Servers::read(&layer.servers)?;
            // Credentials in a URL are for its server, and for no other.
            let mut login = layer.auth.clone();
            if servers.is_none() && !here.urls.is_empty() {
                login = login.or(here.login.as_deref().map(Auth::of_url));
                servers = Some(here.urls);
            }
            auth = auth.or(login);
        }
        let servers = servers.unwrap_or_else(|| vec!["nats://localhost:4222".into()]);
        let file = |pick: fn(&Tls) -> &Option<PathBuf>| {
            layers.iter().find_map(|layer| pick(&layer.tls).clone())
        };
        let mut tls = Tls {
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
        // Servers that a cluster names later come without a scheme: what one URL asks for holds for all.
        tls.required |= tls.ca.is_some()
            || tls.cert.is_some()
            || servers.iter().any(|url| url.starts_with("tls://"));
        for path in [&tls.ca, &tls.cert, &tls.key].into_iter().flatten() {
            if let Err(cause) = std::fs::File::open(path) {
                return Err(Error::usage(format!(
                    "cannot read the TLS file {} for NATS",
                    path.display()
                ))
                .because(cause)
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

    /// The servers, as they may be shown.
    pub fn place(&self) -> String {
        self.servers.join(", ")
    }
}

/// The URLs of one layer, checked; no message shows any part of them.
struct Servers {
    urls: Vec<String>,
    login: Option<String>,
}

impl Servers {
    fn read(texts: &[String]) -> Result<Servers> {
        let unreadable = |what: &str| {
            Error::usage(what)
                .hint("wanted nats://HOST:PORT or tls://HOST:PORT, several separated by commas")
                .hint("in user, password and token, write %40 for @, %2C for a comma, %3A for a colon, %25 for a percent sign")
        };
        let mut servers = Servers {
            urls: Vec::new(),
            login: None,
        };
        for text in texts {
            let urls = address::split_list(text).ok_or_else(|| {
                unreadable("the NATS URLs have more than one reading: a password seems to hold a comma or an @")
            })?;
            for url in urls {
                let url = cut(&url);
                let scheme = url.scheme.unwrap_or("nats").to_ascii_lowercase();
                let place = url.rest.strip_suffix('/').unwrap_or(url.rest);
                if !["nats", "tls"].contains(&scheme.as_str()) || !address::is_place(place) {
                    return Err(unreadable("a NATS URL cannot be read"));
                }
                servers.urls.push(format!("{scheme}://{place}"));
                let Some(login) = url.login.filter(|login| !login.is_empty()) else {
                    continue;
                };
                if servers
                    .login
                    .replace(login.to_string())
                    .is_some_and(|other| other != login)
                {
                    return Err(Error::usage("the NATS URLs name different users")
                        .hint("servers of one cluster know the same users: name one, or use --nats-creds, --nats-nkey or --nats-user"));
                }
            }
        }
        Ok(servers)
    }
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
    fn credentials_of_a_url_are_for_its_servers() {
        let read = |layers: &[Layer]| {
            BusOptions::from_layers(layers, Duration::from_secs(1)).map(|options| options.auth)
        };
        let password = |text: &str| Auth::Password {
            user: "u".into(),
            password: text.into(),
        };
        let in_url = layer("nats://u:p/w%40@a", None);
        assert_eq!(
            read(std::slice::from_ref(&in_url)).unwrap(),
            password("p/w@")
        );
        let token = layer("nats://to/ken@a, nats://to/ken@b, c", None);
        assert_eq!(read(&[token]).unwrap(), Auth::Token("to/ken".into()));
        let elsewhere = layer("nats://b", None);
        assert_eq!(read(&[elsewhere, in_url.clone()]).unwrap(), Auth::None);
        let option = layer("", Some(Auth::Token("t".into())));
        assert_eq!(read(&[option, in_url]).unwrap(), Auth::Token("t".into()));
        assert!(read(&[layer("nats://u:a@a,nats://u:b@b", None)]).is_err());
    }

    #[test]
    fn a_scheme_or_a_file_asks_for_tls() {
        let required = |url: &str, ca: Option<&str>| {
            let mut layer = layer(url, None);
            layer.tls.ca = ca.map(Into::into);
            let options = BusOptions::from_layers(&[layer], Duration::from_secs(1)).unwrap();
            options.tls.required
        };
        assert!(!required("nats://a", None));
        assert!(required("nats://a,tls://b", None));
        assert!(required("nats://a", Some("Cargo.toml")));
    }

    proptest::proptest! {
        /// Whatever a password holds, it is understood or refused, and no part of it is shown.
        #[test]
        fn no_secret_is_shown(
            parts in proptest::collection::vec("[ !-~é]{0,6}SECRET[ !-~é]{0,6}", 1..3),
            scheme in "(nats://|tls://|http://|NATS://)?",
            tail in "(:4222|:99999|/x|\\?a=b|#f)?",
        ) {
            let url = format!("{scheme}{}@host{tail}", parts.join(":"));
            for text in [url.clone(), format!("nats://one:4222,{url}"), format!("{url} , {url},nats://two")] {
                match BusOptions::from_layers(&[layer(&text, None)], Duration::from_secs(1)) {
                    Ok(options) => {
                        let shown = format!("{options:?} {}", options.place());
                        proptest::prop_assert!(!shown.contains("SECRET"), "{}", shown);
                    }
                    Err(error) => {
                        let shown = format!("{error:?}");
                        proptest::prop_assert!(!shown.contains("SECRET"), "{}", shown);
                    }
                }
            }
        }
    }
}
