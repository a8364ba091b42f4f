//! Names become addresses that may be called. Tells a name that does not exist from a resolver that does not answer.

use std::{
    collections::BTreeSet,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use dns_lookup::{LookupError, LookupErrorKind, lookup_host};
use reqwest::{
    Url,
    dns::{Addrs, Name, Resolve, Resolving},
};

use super::{
    guard::{Guard, Refused},
    trace::Trace,
    trouble::{NotResolved, has_route},
};

pub struct GuardedResolver {
    pub guard: Arc<Guard>,
    /// Names of proxies: whoever sets one means it.
    pub proxies: BTreeSet<String>,
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let trace = Trace::current();
        trace.resolves();
        let name = name.as_str().to_ascii_lowercase();
        let guard = (!self.proxies.contains(&name)).then(|| self.guard.clone());
        Box::pin(async move {
            let looked = tokio::task::spawn_blocking(move || {
                lookup_host(&name).map(|found| found.collect::<Vec<IpAddr>>())
            });
            let found = looked.await?.map_err(not_resolved)?;
            let addresses = callable(found, guard.as_deref())?;
            trace.resolved(&addresses);
            let addresses = addresses.into_iter().map(|ip| SocketAddr::new(ip, 0));
            Ok(Box::new(addresses) as Addrs)
        })
    }
}

/// Those that may be called; those without a route only if none has one.
fn callable(found: Vec<IpAddr>, guard: Option<&Guard>) -> Result<Vec<IpAddr>, Refused> {
    let mut refused = None;
    let mut addresses = Vec::new();
    for address in found {
        match guard.map_or(Ok(()), |guard| guard.check(address)) {
            Ok(()) if addresses.contains(&address) => {}
            Ok(()) => addresses.push(address),
            Err(why) => refused = refused.or(Some(why)),
        }
    }
    let both = addresses.iter().any(IpAddr::is_ipv4) && addresses.iter().any(IpAddr::is_ipv6);
    if both {
        let (with, without): (Vec<IpAddr>, Vec<IpAddr>) =
            addresses.into_iter().partition(|ip| has_route(*ip));
        addresses = if with.is_empty() { without } else { with };
    }
    match refused {
        Some(refused) if addresses.is_empty() => Err(refused),
        _ => Ok(addresses),
    }
}

fn not_resolved(error: LookupError) -> NotResolved {
    let exists_not = matches!(
        error.kind(),
        LookupErrorKind::NoName | LookupErrorKind::NoData
    );
    // A name that is none at all, such as one with a NUL, is no trouble of ours.
    let no_name = matches!(error.kind(), LookupErrorKind::IO) && error.error_num() == 0;
    let text = std::io::Error::from(error).to_string();
    NotResolved {
        ours: !exists_not && !no_name,
        text,
    }
}

/// Hosts of the proxies that the environment names.
pub fn proxies_of_environment() -> BTreeSet<String> {
    ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"]
        .into_iter()
        .flat_map(|name| [name.to_string(), name.to_ascii_lowercase()])
        .filter_map(|name| std::env::var(name).ok())
        .filter_map(|text| {
            let url = Url::parse(&text).ok().filter(Url::has_host);
            let url = url.or_else(|| Url::parse(&format!("http://{text}")).ok())?;
            Some(url.host_str()?.to_ascii_lowercase())
        })
        .collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn gai(number: i32) -> NotResolved {
        not_resolved(LookupError::new(number))
    }

    // Numbers of glibc, musl and macOS differ; those of the first two are the same here.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_name_that_does_not_exist_is_the_endpoints() {
        for (number, ours) in [
            (-2, false),
            (-5, false),
            (-3, true),
            (-4, true),
            (-10, true),
        ] {
            assert_eq!(gai(number).ours, ours, "{number}");
        }
    }

    #[test]
    fn what_may_not_be_called_is_left_out() {
        let guard = Guard::default();
        let of = |list: &[&str]| {
            let found = list.iter().map(|text| text.parse().unwrap()).collect();
            callable(found, Some(&guard))
        };
        let one: IpAddr = "127.0.0.1".parse().unwrap();
        assert_eq!(
            of(&["169.254.169.254", "127.0.0.1", "127.0.0.1"]),
            Ok(vec![one])
        );
        assert!(of(&["169.254.169.254", "0.0.0.0"]).is_err());
        let metadata = "169.254.169.254".parse().unwrap();
        assert_eq!(callable(vec![metadata], None), Ok(vec![metadata]));
    }
}
