//! `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, read so that no part of a password can be taken for a host and be shown.

use sqlx::postgres::PgConnectOptions;

use crate::{
    error::{Error, Result},
    model::address::is_place,
};

/// Reads a URL; no message quotes it.
pub fn read(url: &str) -> Result<PgConnectOptions> {
    let Some(("postgres" | "postgresql", rest)) = url.split_once("://") else {
        return Err(unreadable());
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at(end);
    let (path, query) = tail.split_once('?').unwrap_or((tail, ""));
    // An `@` further on: the password may hold one of these signs, and what stands before would be read as host or database.
    let login_further_on = path.contains('@') || query.split('&').any(login_in_parameter);
    if login_further_on || (tail.contains('@') && !authority.is_empty()) {
        return Err(unreadable());
    }
    let (login, place) = match authority.rsplit_once('@') {
        Some((login, place)) => (&authority[..=login.len()], place),
        None => ("", authority),
    };
    let several_asked = query.split('&').any(|part| {
        part.split_once('=').is_some_and(|(key, value)| {
            ["host", "hostaddr", "port"].contains(&key) && value.contains(',')
        })
    });
    if place.contains(',') || several_asked {
        return Err(several());
    }
    // The parser keeps the brackets of such a host, and nobody finds a name with brackets.
    let Some((host, port)) = place
        .strip_prefix('[')
        .and_then(|inside| inside.split_once(']'))
    else {
        return parse(url);
    };
    if !is_place(place) {
        return Err(unreadable());
    }
    parse(&format!(
        "postgres://{login}localhost{port}{path}?host={host}&{query}"
    ))
}

/// An `@` belongs into the value of these parameters alone.
fn login_in_parameter(part: &str) -> bool {
    const MAY_HOLD: [&str; 5] = ["user", "password", "application_name", "options", "host"];
    let key = part.split('=').next().unwrap_or_default();
    part.contains('@') && !MAY_HOLD.contains(&key)
}

fn parse(url: &str) -> Result<PgConnectOptions> {
    // The parser's own message may quote the URL, password and all: it is not passed on.
    url.parse().map_err(|_| unreadable())
}

fn several() -> Error {
    Error::usage("the database URL names several hosts; wavegate connects to one")
        .hint("name the server that takes writes, or an address that follows it")
}

fn unreadable() -> Error {
    Error::usage("the database URL cannot be read").hint(
        "wanted postgres://USER@HOST:PORT/DATABASE; in user and password write %2F for /, %3F for ?, %23 for #, %40 for @ and %25 for %, \
         and %40 for an @ behind the host",
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_version_six_loses_its_brackets() {
        for url in [
            "postgres://u:p@[::1]:5433/db?sslmode=disable",
            "postgres://u:p@[::1]:5433/db",
        ] {
            let options = read(url).unwrap();
            assert_eq!((options.get_host(), options.get_port()), ("::1", 5433));
            assert_eq!(
                (options.get_username(), options.get_database()),
                ("u", Some("db"))
            );
        }
        assert_eq!(read("postgres://[fe80::1]").unwrap().get_host(), "fe80::1");
        assert!(read("postgres://u@[::1/db").is_err());
    }

    #[test]
    fn what_may_be_a_password_is_not_read_as_a_host() {
        for url in [
            "postgres://u:12/ss@h/db",
            "postgres://u:12#ss@h/db",
            "postgres://u:12?ss@h/db",
            "postgres://u:1@2/ss@h/db",
            "postgres:///u:ss@h/db",
            "postgres:///12?ss@h/db",
            "postgres:///12?ss=@h/db",
        ] {
            assert!(read(url).is_err(), "{url}");
        }
        for url in [
            "postgres://u@a:1,b:2/db",
            "postgres://u:p@a,b:2/db?target_session_attrs=read-write",
            "postgres://a,b/db",
            "postgres:///db?host=a,b&port=1,2",
            "postgresql://u:p%40@[::1],b/db",
        ] {
            let several = read(url).unwrap_err();
            assert!(several.message().contains("several hosts"), "{url}");
        }
        for good in [
            "postgres:///db?host=/run&user=a@b",
            "postgresql://u:p@ss@h/db",
            "postgres://u:p%2F@h",
        ] {
            assert!(read(good).is_ok(), "{good}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_part_of_a_password_becomes_a_place(secret in "[ !-~é]{0,6}SECRET[ !-~é]{0,6}", user in "(u:)?") {
            if let Ok(options) = read(&format!("postgres://{user}{secret}@host:5432/db")) {
                for shown in [options.get_host(), options.get_database().unwrap_or_default()] {
                    proptest::prop_assert!(!shown.contains("SECRET"), "{}", shown);
                }
            }
        }
    }
}
