//! What may not count as an attempt: trouble of this machine. The one list of it.
//!
//! | what failed | whose | why |
//! | --- | --- | --- |
//! | descriptors (EMFILE, ENFILE), buffers (ENOBUFS, ENOMEM) | ours | nothing left this process |
//! | ports (EADDRNOTAVAIL, EADDRINUSE) | ours | no socket, so no packet; the kernel counts ports by destination, so only that host pauses |
//! | the kernel forbids it (EPERM, EACCES) | ours | a local firewall or policy |
//! | ENETDOWN; ENETUNREACH, EHOSTUNREACH, time-out where the kernel has no route now | ours | asked with a socket that sends nothing |
//! | ENETUNREACH, EHOSTUNREACH, time-out where it has one | the endpoint's | a packet left, and somebody out there, or nobody, answered |
//! | resolver: EAI_AGAIN, EAI_FAIL, EAI_MEMORY, EAI_SYSTEM, no answer within the deadline | ours | nobody said that the name does not exist |
//! | resolver: no such name, no address | the endpoint's | somebody said so |
//! | TLS: no clock, no random numbers | ours | the rest of TLS is between two |
//! | a signing secret that does not decode | the webhook's, but unsigned is never sent and nothing dies of it | it is mended by one UPDATE |

use std::{
    error::Error,
    fmt, io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, UdpSocket},
};

use nix::errno::Errno;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    Descriptors,
    Buffers,
    Ports,
    Route,
    Resolver,
    Tls,
    Secret,
}

/// Who has to wait while it lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TroubleScope {
    Process,
    Host,
    Webhook,
}

impl Reason {
    pub const ALL: [Reason; 7] = [
        Reason::Descriptors,
        Reason::Buffers,
        Reason::Ports,
        Reason::Route,
        Reason::Resolver,
        Reason::Tls,
        Reason::Secret,
    ];

    /// Its name in `/metrics`.
    pub fn as_str(self) -> &'static str {
        match self {
            Reason::Descriptors => "descriptors",
            Reason::Buffers => "buffers",
            Reason::Ports => "ports",
            Reason::Route => "route",
            Reason::Resolver => "resolver",
            Reason::Tls => "tls",
            Reason::Secret => "secret",
        }
    }

    pub fn scope(self) -> TroubleScope {
        match self {
            Reason::Descriptors | Reason::Buffers | Reason::Tls => TroubleScope::Process,
            Reason::Ports | Reason::Route | Reason::Resolver => TroubleScope::Host,
            Reason::Secret => TroubleScope::Webhook,
        }
    }
}

/// Why an event was not called, through no fault of its endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalTrouble {
    pub reason: Reason,
    pub text: String,
}

impl fmt::Display for LocalTrouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The resolver's own failure, as it travels in a chain of errors.
#[derive(Debug)]
pub struct NotResolved {
    pub ours: bool,
    pub text: String,
}

impl Error for NotResolved {}

impl fmt::Display for NotResolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Every error of a chain, those that an I/O error holds too.
pub fn causes<'a>(
    error: &'a (dyn Error + 'static),
) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| {
        let error: &'a (dyn Error + 'static) = *error;
        let held = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        match held {
            Some(held) => Some(held),
            None => error.source(),
        }
    })
}

/// Is this trouble of our own? `routed`: has the kernel a route to the endpoint now?
pub fn ours(error: &(dyn Error + 'static), routed: &dyn Fn() -> bool) -> Option<Reason> {
    causes(error).find_map(|cause| {
        if let Some(failed) = cause.downcast_ref::<NotResolved>() {
            return failed.ours.then_some(Reason::Resolver);
        }
        if let Some(error) = cause.downcast_ref::<rustls::Error>() {
            let own = matches!(
                error,
                rustls::Error::FailedToGetCurrentTime | rustls::Error::FailedToGetRandomBytes
            );
            return own.then_some(Reason::Tls);
        }
        let number = cause.downcast_ref::<io::Error>()?.raw_os_error()?;
        of_number(Errno::from_raw(number), routed)
    })
}

fn of_number(number: Errno, routed: &dyn Fn() -> bool) -> Option<Reason> {
    match number {
        Errno::EMFILE | Errno::ENFILE => Some(Reason::Descriptors),
        Errno::ENOBUFS | Errno::ENOMEM => Some(Reason::Buffers),
        Errno::EADDRNOTAVAIL | Errno::EADDRINUSE => Some(Reason::Ports),
        Errno::ENETDOWN | Errno::EPERM | Errno::EACCES => Some(Reason::Route),
        Errno::ENETUNREACH | Errno::EHOSTUNREACH | Errno::EHOSTDOWN | Errno::ETIMEDOUT => {
            (!routed()).then_some(Reason::Route)
        }
        _ => None,
    }
}

/// Has the kernel a route to one of these addresses? None known: it is not to blame.
pub fn routed(addresses: &[IpAddr]) -> bool {
    addresses.is_empty() || addresses.iter().any(|address| has_route(*address))
}

/// Connecting such a socket looks the route up and sends nothing.
pub fn has_route(address: IpAddr) -> bool {
    let own: IpAddr = match address {
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind((own, 0));
    let asked = socket.and_then(|socket| socket.connect((address, 9)));
    let Err(error) = asked else { return true };
    let number = error.raw_os_error().map(Errno::from_raw);
    // Any other error says nothing of routes.
    !matches!(
        number,
        Some(
            Errno::ENETUNREACH
                | Errno::EHOSTUNREACH
                | Errno::ENETDOWN
                | Errno::EADDRNOTAVAIL
                | Errno::EAFNOSUPPORT
        )
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn os(number: Errno) -> io::Error {
        io::Error::from_raw_os_error(number as i32)
    }

    #[test]
    fn the_list() {
        use Errno::*;
        for (number, reason) in [
            (EMFILE, Some(Reason::Descriptors)),
            (ENFILE, Some(Reason::Descriptors)),
            (ENOBUFS, Some(Reason::Buffers)),
            (ENOMEM, Some(Reason::Buffers)),
            (EADDRNOTAVAIL, Some(Reason::Ports)),
            (EADDRINUSE, Some(Reason::Ports)),
            (ENETDOWN, Some(Reason::Route)),
            (EPERM, Some(Reason::Route)),
            (ECONNREFUSED, None),
            (ECONNRESET, None),
            (EPIPE, None),
        ] {
            for routed in [true, false] {
                assert_eq!(ours(&os(number), &|| routed), reason, "{number}");
            }
        }
        for number in [ENETUNREACH, EHOSTUNREACH, ETIMEDOUT] {
            assert_eq!(ours(&os(number), &|| true), None);
            assert_eq!(ours(&os(number), &|| false), Some(Reason::Route));
        }
    }

    #[test]
    fn it_is_found_however_deep() {
        let deep = io::Error::other(io::Error::other(os(Errno::EMFILE)));
        assert_eq!(ours(&deep, &|| true), Some(Reason::Descriptors));
        let tls = io::Error::other(rustls::Error::FailedToGetRandomBytes);
        assert_eq!(ours(&tls, &|| true), Some(Reason::Tls));
        let theirs = io::Error::other(rustls::Error::NoCertificatesPresented);
        assert_eq!(ours(&theirs, &|| true), None);
        for ours_too in [true, false] {
            let failed = io::Error::other(NotResolved {
                ours: ours_too,
                text: String::new(),
            });
            assert_eq!(
                ours(&failed, &|| true),
                ours_too.then_some(Reason::Resolver)
            );
        }
    }

    #[test]
    fn loopback_has_a_route() {
        assert!(has_route(Ipv4Addr::LOCALHOST.into()));
        assert!(routed(&[]));
    }
}
