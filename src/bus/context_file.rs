//! The contexts of the NATS CLI: JSON files in `$XDG_CONFIG_HOME/nats/context`.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{Auth, Layer, Secret, Tls};
use crate::error::{Error, Result};

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    url: String,
    #[serde(default)]
    token: String,
    #[serde(default)]
    user: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    creds: String,
    #[serde(default)]
    nkey: String,
    #[serde(default)]
    cert: String,
    #[serde(default)]
    key: String,
    #[serde(default)]
    ca: String,
}

/// Reads the context `name`.
pub fn read(name: &str) -> Result<Layer> {
    if name.is_empty() || name.contains(['/', '\\']) || name.starts_with('.') {
        return Err(Error::usage(format!(
            "`{name}` is no name of a NATS context"
        )));
    }
    let Some(folder) = folder() else {
        return Err(Error::usage(
            "no folder for NATS contexts: neither XDG_CONFIG_HOME nor HOME is set",
        ));
    };
    let path = folder.join(format!("{name}.json"));
    let text = std::fs::read_to_string(&path).map_err(|cause| {
        Error::usage(format!(
            "there is no NATS context `{name}` ({})",
            path.display()
        ))
        .because(cause)
        .hint(match names(&folder).as_slice() {
            [] => "make one with `nats context save`, or use --nats-url".to_string(),
            names => format!("there is: {}", names.join(", ")),
        })
    })?;
    // The parser quotes no values, only places and kinds.
    let file: File = serde_json::from_str(&text).map_err(|cause| {
        Error::usage(format!("cannot read the NATS context {}", path.display())).because(cause)
    })?;
    Ok(layer(file))
}

fn layer(file: File) -> Layer {
    let auth = if !file.creds.is_empty() {
        Some(Auth::Credentials(home(&file.creds)))
    } else if !file.nkey.is_empty() {
        Some(Auth::Nkey(Secret::File(home(&file.nkey))))
    } else if !file.token.is_empty() {
        Some(Auth::Token(file.token.into()))
    } else if !file.user.is_empty() {
        Some(Auth::Password {
            user: file.user,
            password: file.password.into(),
        })
    } else {
        None
    };
    let path = |text: &str| (!text.is_empty()).then(|| home(text));
    Layer {
        servers: vec![file.url],
        auth,
        tls: Tls {
            required: false,
            ca: path(&file.ca),
            cert: path(&file.cert),
            key: path(&file.key),
        },
        ..Layer::default()
    }
}

fn folder() -> Option<PathBuf> {
    let config = std::env::var_os("XDG_CONFIG_HOME")
        .filter(|v| !v.is_empty())
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".config")))?;
    Some(config.join("nats").join("context"))
}

fn home(text: &str) -> PathBuf {
    match (text.strip_prefix("~/"), std::env::var_os("HOME")) {
        (Some(rest), Some(home)) => PathBuf::from(home).join(rest),
        _ => PathBuf::from(text),
    }
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            Some(
                entry
                    .file_name()
                    .to_str()?
                    .strip_suffix(".json")?
                    .to_string(),
            )
        })
        .collect();
    names.sort();
    names
}
