//! Which addresses may be called. A name is resolved once, and the connection goes to an address that was asked for here.

use std::{
    error::Error,
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use ipnet::IpNet;

#[derive(Debug, Clone, Default)]
pub struct Guard {
    /// Nothing but addresses of the open internet.
    pub public_only: bool,
    /// Called all the same.
    pub allowed: Vec<IpNet>,
}

/// An address that is not called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    address: IpAddr,
    kind: &'static str,
}

impl Error for Refused {}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Refused { address, kind } = self;
        write!(
            f,
            "not called: {address} is {kind} (`worker --allow-address {address}` would allow it)"
        )
    }
}

impl Guard {
    pub fn check(&self, address: IpAddr) -> Result<(), Refused> {
        let plain = address.to_canonical();
        // `::` is no IPv4 address in disguise.
        let kind = match plain {
            IpAddr::V4(v4) => self.of_v4(v4),
            IpAddr::V6(v6) => self
                .of_v6(v6)
                .or_else(|| embedded(v6).and_then(|v4| self.of_v4(v4))),
        };
        let excepted = || {
            let listed = |net: &IpNet| net.contains(&plain) || net.contains(&address);
            self.allowed.iter().any(listed)
        };
        match kind {
            Some(kind) if !excepted() => Err(Refused { address, kind }),
            _ => Ok(()),
        }
    }

    fn of_v4(&self, v4: Ipv4Addr) -> Option<&'static str> {
        let [a, b, c, _] = v4.octets();
        let always = match (a, b) {
            (169, 254) => Some("link-local, where clouds keep their metadata services"),
            (0, _) => Some("unspecified"),
            (224..=239, _) => Some("multicast"),
            _ if v4.is_broadcast() => Some("broadcast"),
            _ if v4.octets() == [100, 100, 100, 200] => Some("a cloud's metadata service"),
            _ => None,
        };
        let public_only = || match (a, b, c) {
            (127, ..) => Some("loopback, and --public-only is on"),
            _ if v4.is_private() => Some("private, and --public-only is on"),
            (100, 64..=127, _) => Some("shared by a carrier's customers, and --public-only is on"),
            (192, 0, 0 | 2) | (198, 18..=19, _) | (198, 51, 100) | (203, 0, 113) | (240.., ..) => {
                Some("reserved, and --public-only is on")
            }
            _ => None,
        };
        always.or_else(|| self.public_only.then(public_only).flatten())
    }

    fn of_v6(&self, v6: Ipv6Addr) -> Option<&'static str> {
        let first = v6.segments()[0];
        let always = if v6.is_unspecified() {
            Some("unspecified")
        } else if v6.is_multicast() {
            Some("multicast")
        } else if first & 0xffc0 == 0xfe80 {
            Some("link-local")
        } else if v6 == Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254) {
            Some("a cloud's metadata service")
        } else {
            None
        };
        let public_only = || {
            if v6.is_loopback() {
                Some("loopback, and --public-only is on")
            } else if first & 0xfe00 == 0xfc00 || first & 0xffc0 == 0xfec0 {
                Some("private, and --public-only is on")
            } else if v6.segments()[..2] == [0x2001, 0xdb8] {
                Some("reserved, and --public-only is on")
            } else {
                None
            }
        };
        always.or_else(|| self.public_only.then(public_only).flatten())
    }
}

/// The IPv4 address that a gateway would make of this one: NAT64 (RFC 6052), 6to4, and the old compatible form.
fn embedded(v6: Ipv6Addr) -> Option<Ipv4Addr> {
    let s = v6.segments();
    let of = |high: u16, low: u16| Some(Ipv4Addr::from(u32::from(high) << 16 | u32::from(low)));
    match s {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => of(high, low),
        [0x2002, high, low, ..] => of(high, low),
        [0, 0, 0, 0, 0, 0, high, low] if high != 0 => of(high, low),
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::model::callable;

    fn literal(url: &str) -> IpAddr {
        crate::dataplane::worker::caller::literal(&callable(url).unwrap()).unwrap()
    }

    #[test]
    fn what_is_never_called_however_it_is_written() {
        let guard = Guard::default();
        for host in [
            "169.254.169.254",
            "169.254.1.1",
            "[::ffff:169.254.169.254]",
            "[::ffff:a9fe:a9fe]",
            "[64:ff9b::a9fe:a9fe]",
            "[2002:a9fe:a9fe::1]",
            "[::169.254.169.254]",
            "2852039166",
            "0xa9fea9fe",
            "0251.0376.0251.0376",
            "169.254.43518",
            "100.100.100.200",
            "[fd00:ec2::254]",
            "[fe80::1]",
            "0.0.0.0",
            "0",
            "[::]",
            "224.0.0.1",
            "[ff02::1]",
            "255.255.255.255",
        ] {
            let address = literal(&format!("http://{host}/x"));
            assert!(guard.check(address).is_err(), "{host}");
        }
        for host in [
            "127.0.0.1",
            "[::1]",
            "10.1.2.3",
            "192.168.0.1",
            "172.16.0.1",
            "[fd00::1]",
            "8.8.8.8",
            "[2606:4700::1]",
            "100.64.0.1",
        ] {
            let address = literal(&format!("http://{host}/x"));
            assert_eq!(guard.check(address), Ok(()), "{host}");
        }
    }

    #[test]
    fn public_only_and_its_exceptions() {
        let mut guard = Guard {
            public_only: true,
            ..Guard::default()
        };
        for host in [
            "127.0.0.1",
            "127.1",
            "2130706433",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "10.1.2.3",
            "172.31.0.1",
            "192.168.1.1",
            "100.64.0.1",
            "[fc00::1]",
            "[fdff::1]",
            "198.18.0.1",
            "240.0.0.1",
        ] {
            let address = literal(&format!("http://{host}/x"));
            assert!(guard.check(address).is_err(), "{host}");
        }
        for host in ["8.8.8.8", "172.32.0.1", "100.128.0.1", "[2606:4700::1]"] {
            assert_eq!(guard.check(literal(&format!("http://{host}"))), Ok(()));
        }
        guard.allowed = vec!["10.1.0.0/16".parse().unwrap(), "::1/128".parse().unwrap()];
        for (host, ok) in [
            ("10.1.2.3", true),
            ("[::ffff:10.1.2.3]", true),
            ("10.2.0.1", false),
            ("[::1]", true),
        ] {
            let checked = guard.check(literal(&format!("http://{host}/")));
            assert_eq!(checked.is_ok(), ok, "{host}");
        }
    }

    #[test]
    fn it_names_address_and_option() {
        let refused = Guard::default().check("169.254.169.254".parse().unwrap());
        let text = refused.unwrap_err().to_string();
        assert!(text.contains("169.254.169.254 is link-local") && text.contains("--allow-address"));
    }
}
