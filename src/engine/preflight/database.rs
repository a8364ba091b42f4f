//! PostgreSQL: version, schema, the functions on which routing rests, and what would hold up a barrier.

use crate::model::duration::words;
use std::time::Duration;

use super::{Scene, bytes, census, in_order, some};
use crate::{
    error::Result,
    gates::Finding,
    store::{QueueShape, inventory, inventory::Server, rights, schema},
};

/// A barrier waits for older transactions; from this age on one is worth a look.
const LONG: Duration = Duration::from_secs(300);

pub(super) async fn check(scene: &Scene<'_>) -> Vec<Finding> {
    let mut findings = match inventory::server(scene.db()).await {
        Ok(server) => vec![
            version(&server),
            primary(&server),
            engine(scene, &server),
            statistics(&server),
            room(&server),
        ],
        Err(error) => vec![Finding::unknown("postgresql", error)],
    };
    findings.extend([
        in_place(scene),
        scene.guard("rights of this role", rights(scene).await),
        scene.guard("unified call", unified(scene).await),
        scene.guard("owned by extension", owned(scene).await),
        drifted(scene),
        scene.guard("connection pooler", pooler(scene).await),
        scene.guard("long transactions", transactions(scene).await),
        scene.guard("prepared transactions", prepared(scene).await),
        backup(scene),
    ]);
    match schema::exposure(scene.db()).await {
        Ok(checks) => findings.extend(checks.into_iter().map(exposed)),
        Err(error) => findings.push(Finding::unknown("rights of others", error)),
    }
    match schema::surroundings(scene.db()).await {
        // Steps that are done meet no row type any more.
        Ok(checks) => findings.extend(
            checks
                .into_iter()
                .filter(|check| check.check != schema::ROW_TYPES || !scene.installed())
                .map(exposed),
        ),
        Err(error) => findings.push(Finding::unknown("surroundings", error)),
    }
    findings
}

fn exposed(check: schema::Check) -> Finding {
    match check.finding {
        schema::Finding::Good => Finding::ok(check.check, check.found, check.wanted),
        schema::Finding::Warning => {
            Finding::warn(check.check, check.found, check.wanted, check.remedy)
        }
        schema::Finding::Bad => {
            Finding::block(check.check, check.found, check.wanted, check.remedy)
        }
    }
}

fn version(server: &Server) -> Finding {
    let wanted = "12 or later";
    if server.version_num >= 120_000 {
        Finding::ok("postgresql", &server.version, wanted)
    } else {
        Finding::block("postgresql", &server.version, wanted, "upgrade the server")
    }
}

fn primary(server: &Server) -> Finding {
    let wanted = "the primary server";
    if server.standby {
        Finding::block(
            "primary",
            "a standby, which takes no writes",
            wanted,
            "let --database-url name the primary",
        )
    } else {
        Finding::ok("primary", "it takes writes", wanted)
    }
}

/// `Db::connect` refuses a database without the engine, so it is there.
fn engine(scene: &Scene<'_>, server: &Server) -> Finding {
    let shape = scene.db().shape();
    let layout = match shape.queue {
        QueueShape::A => "the engine's own tables",
        QueueShape::B => "the guides' tables",
    };
    let extension = server
        .engine_extension
        .as_deref()
        .map_or("no extension with its functions".to_string(), |e| {
            format!("extension {e}")
        });
    Finding::ok(
        "rule engine",
        format!("{layout} in schema {}; {extension}", shape.schema),
        "its webhook tables",
    )
}

fn statistics(server: &Server) -> Finding {
    let wanted = "pg_read_all_stats";
    if server.reads_stats {
        Finding::ok(
            "rights",
            format!("{} sees other sessions", server.role),
            wanted,
        )
    } else {
        Finding::block(
            "rights",
            format!(
                "{} does not see what other sessions do: no barrier",
                server.role
            ),
            wanted,
            format!("GRANT pg_read_all_stats TO {}", server.role),
        )
    }
}

/// What the operator's commands need, and this role has not got.
async fn rights(scene: &Scene<'_>) -> Result<Finding> {
    let (check, wanted) = ("rights of this role", "those of the operator");
    let lack = rights::lacking(scene.db(), rights::Role::Operator).await?;
    Ok(match lack.rights.as_slice() {
        [] => Finding::ok(check, format!("{} has them", lack.role), wanted),
        _ => Finding::block(check, lack.sentence(), wanted, lack.statements().join("; ")),
    })
}

/// SQL cannot see the disk, so this never says ok.
fn room(server: &Server) -> Finding {
    Finding::warn(
        "disk of PostgreSQL",
        format!(
            "the database holds {}; its disk cannot be seen from SQL",
            bytes(server.database_bytes)
        ),
        "room for ledger, outbox and logs",
        format!(
            "check by hand: at least {} free is a start",
            bytes(server.database_bytes / 5 + (1 << 30))
        ),
    )
}

fn in_place(scene: &Scene<'_>) -> Finding {
    let wanted = "migration 007, no difference";
    match &scene.differences {
        Err(why) => Finding::unknown("schema", why),
        Ok(list) => {
            let named: Vec<String> = list
                .iter()
                .map(|d| format!("{}: {}", d.object, d.found))
                .collect();
            in_order(
                census("schema", &named, wanted, |found| {
                    Finding::block(
                        "schema",
                        format!("{} differences: {found}", named.len()),
                        wanted,
                        "run `wavegate schema status`, then `wavegate schema apply`",
                    )
                }),
                "no difference",
            )
        }
    }
}

/// The engine's C function raises in `queue` and `both`, and publishes before commit in `nats`.
async fn unified(scene: &Scene<'_>) -> Result<Finding> {
    let check = "unified call";
    let wanted = "wavegate's SQL function";
    let functions = inventory::routed_functions(scene.db()).await?;
    let remedy = "run `wavegate schema apply`: it replaces the function, with consent";
    let c: Vec<String> = functions
        .iter()
        .filter(|f| f.language.as_deref() == Some("c"))
        .map(|f| f.name.clone())
        .collect();
    let missing: Vec<String> = functions
        .iter()
        .filter(|f| f.language.is_none())
        .map(|f| f.name.clone())
        .collect();
    Ok(match (c.as_slice(), missing.as_slice()) {
        ([], []) => Finding::ok(check, "in SQL, one transaction with the caller", wanted),
        ([], missing) => {
            Finding::block(check, format!("missing: {}", some(missing)), wanted, remedy)
        }
        (c, _) => Finding::block(
            check,
            format!("still the engine's C function: {}", some(c)),
            wanted,
            remedy,
        ),
    })
}

/// An update of the extension would put its own functions back.
async fn owned(scene: &Scene<'_>) -> Result<Finding> {
    let owned: Vec<String> = inventory::routed_functions(scene.db())
        .await?
        .into_iter()
        .filter_map(|f| f.extension.map(|e| format!("{} by {e}", f.name)))
        .collect();
    let wanted = "functions that no extension owns";
    Ok(census("owned by extension", &owned, wanted, |found| {
        Finding::block(
            "owned by extension",
            found,
            wanted,
            "run `wavegate schema apply`: it detaches them; ALTER EXTENSION UPDATE would bring the broken ones back",
        )
    }))
}

/// Functions of ours that somebody wrote anew since.
fn drifted(scene: &Scene<'_>) -> Finding {
    let (check, wanted) = ("functions", "the text of migration 007");
    match &scene.differences {
        Err(why) => Finding::unknown(check, why),
        Ok(_) if !scene.installed() => scene.unknown(check, ""),
        Ok(list) => {
            let drifted: Vec<String> = list
                .iter()
                .filter(|d| d.found != schema::MISSING)
                .filter_map(|d| d.object.strip_prefix("function ").map(str::to_string))
                .collect();
            in_order(
                census(check, &drifted, wanted, |found| {
                    Finding::block(
                        check,
                        format!("somebody changed {found}"),
                        wanted,
                        "find out who and why, then `wavegate schema apply` writes them anew",
                    )
                }),
                "as written",
            )
        }
    }
}

/// Two connections that we hold at the same time have two backends, unless a proxy lends one to both.
async fn pooler(scene: &Scene<'_>) -> Result<Finding> {
    let (one, two) = inventory::two_backends(scene.db()).await?;
    Ok(shared(one, two))
}

fn shared(one: i32, two: i32) -> Finding {
    let (check, wanted) = ("connection pooler", "a session of our own");
    if one == two {
        return Finding::block(
            check,
            format!("two connections share backend {one}: a transaction-pooling proxy"),
            wanted,
            "connect relay, workers and this command to PostgreSQL itself, or to a session pool",
        );
    }
    Finding::ok(check, "two connections, two backends", wanted)
}

async fn transactions(scene: &Scene<'_>) -> Result<Finding> {
    let list: Vec<String> = inventory::long_transactions(scene.db(), LONG.as_secs_f64())
        .await?
        .into_iter()
        .map(|t| {
            let age = words(Duration::from_secs_f64(t.seconds.max(0.0)));
            let who = [t.usename, t.application].join(" ");
            format!("pid {} ({}) {} for {age}", t.pid, who.trim(), t.state)
        })
        .collect();
    let wanted = format!("none older than {}", words(LONG));
    Ok(census("long transactions", &list, &wanted, |found| {
        Finding::warn(
            "long transactions",
            found,
            &wanted,
            "end them before a flip: its barrier waits for each; a dump may be named with --barrier-ignore",
        )
    }))
}

async fn prepared(scene: &Scene<'_>) -> Result<Finding> {
    let list: Vec<String> = inventory::prepared_transactions(scene.db())
        .await?
        .into_iter()
        .map(|p| {
            let age = words(Duration::from_secs_f64(p.seconds.max(0.0)));
            format!("`{}` of {} for {age}", p.gid, p.owner)
        })
        .collect();
    let wanted = "none";
    Ok(census("prepared transactions", &list, wanted, |found| {
        Finding::warn(
            "prepared transactions",
            found,
            wanted,
            "COMMIT PREPARED or ROLLBACK PREPARED: a barrier waits for them",
        )
    }))
}

fn backup(scene: &Scene<'_>) -> Finding {
    let wanted = "a current backup";
    if scene.inputs.backup {
        return Finding::ok("backup", "the operator says there is one", wanted);
    }
    Finding::warn(
        "backup",
        "unknown",
        wanted,
        "take one, try to restore it, and say --i-have-a-backup",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gates::Status;

    #[test]
    fn a_backend_for_two_connections_is_a_proxy() {
        assert_eq!(shared(7, 7).status, Status::Block);
        assert!(shared(7, 7).found.contains("transaction-pooling"));
        assert_eq!(shared(7, 8).status, Status::Ok);
    }
}
