//! Who we are to the server. What lies in files is read at each connection, so that renewed credentials are taken without a restart.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use nkeys::KeyPair;

use crate::error::{Error, Result};

/// A secret, or the file whose first line it is.
#[derive(Clone, PartialEq, Eq)]
pub enum Secret {
    Text(String),
    File(PathBuf),
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Secret::Text(text.to_string())
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Secret::Text(text)
    }
}

impl Secret {
    fn read(&self) -> Result<String> {
        match self {
            Secret::Text(text) => Ok(text.clone()),
            Secret::File(path) => {
                let text = read(path, "")?;
                Ok(text.lines().next().unwrap_or_default().trim().to_string())
            }
        }
    }

    /// An nkey seed: its file may hold comments around it.
    fn seed(&self) -> Result<String> {
        let Secret::File(path) = self else {
            return self.read();
        };
        read(path, "the nkey file ")?
            .lines()
            .map(str::trim)
            .find(|line| line.starts_with('S') && line.len() > 50)
            .map(ToString::to_string)
            .ok_or_else(|| {
                Error::usage(format!("{} holds no nkey seed", path.display()))
                    .hint("wanted a line that begins with S, as `nk -gen user` writes it")
            })
    }
}

fn read(path: &Path, what: &str) -> Result<String> {
    std::fs::read_to_string(path).map_err(|cause| {
        Error::usage(format!("cannot read {what}{}", path.display())).because(cause)
    })
}

#[derive(Clone, Default, PartialEq, Eq)]
pub enum Auth {
    #[default]
    None,
    Token(Secret),
    Password {
        user: String,
        password: Secret,
    },
    /// A `.creds` file.
    Credentials(PathBuf),
    /// An nkey seed.
    Nkey(Secret),
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

    /// User information of a URL: a user and a password, or a token.
    pub(super) fn of_url(login: &str) -> Auth {
        let decode = crate::model::address::decode;
        match login.split_once(':') {
            Some((user, password)) => Auth::Password {
                user: decode(user),
                password: decode(password).into(),
            },
            None => Auth::Token(decode(login).into()),
        }
    }

    /// What this connection is opened with; `nonce` is the server's, to be signed.
    pub(super) fn present(&self, nonce: &[u8]) -> Result<async_nats::Auth> {
        let mut auth = async_nats::Auth::new();
        match self {
            Auth::None => {}
            Auth::Token(token) => auth.token = Some(token.read()?),
            Auth::Password { user, password } => {
                auth.username = Some(user.clone());
                auth.password = Some(password.read()?);
            }
            Auth::Nkey(seed) => {
                let pair = pair(&seed.seed()?)?;
                auth.nkey = Some(pair.public_key());
                auth.signature = Some(sign(&pair, nonce)?);
            }
            Auth::Credentials(path) => {
                let text = read(path, "the NATS credentials file ").map_err(wanted_creds)?;
                let part = |name: &str| {
                    between(&text, name).ok_or_else(|| {
                        wanted_creds(Error::usage(format!(
                            "cannot read the NATS credentials file {}: it has no {name}",
                            path.display()
                        )))
                    })
                };
                let (jwt, seed) = (part("USER JWT")?, part("USER NKEY SEED")?);
                auth.signature = Some(sign(&pair(&seed)?, nonce)?);
                auth.jwt = Some(jwt);
            }
        }
        Ok(auth)
    }
}

fn wanted_creds(error: Error) -> Error {
    error.hint("wanted a .creds file with a user JWT and its nkey seed")
}

/// The line below `-----BEGIN ... NAME-----`.
fn between(text: &str, name: &str) -> Option<String> {
    let mut lines = text.lines().map(str::trim);
    lines.find(|line| line.starts_with("---") && line.contains("BEGIN") && line.contains(name))?;
    let inside = lines.take_while(|line| !line.starts_with("---"));
    let joined: String = inside.collect();
    (!joined.is_empty()).then_some(joined)
}

// The key's own errors are not passed on: none of it may be shown.
fn pair(seed: &str) -> Result<KeyPair> {
    KeyPair::from_seed(seed).map_err(|_| Error::usage("the nkey seed cannot be read"))
}

fn sign(pair: &KeyPair, nonce: &[u8]) -> Result<Vec<u8>> {
    pair.sign(nonce)
        .map_err(|_| Error::usage("the nkey cannot sign: is it a seed of a user?"))
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}
