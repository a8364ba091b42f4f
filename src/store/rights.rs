//! What each documented role may do, in one list (`sql/roles/rights.tsv`): printed as GRANT statements for the database at hand, and
//! asked before anything is begun that a missing right would stop half way.

use sqlx::{FromRow, PgConnection};

use super::{Db, Shape};
use crate::error::{Error, Result};

const RIGHTS: &str = include_str!("../../sql/roles/rights.tsv");

/// The roles of docs/privileges.md beside the owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Operator,
    Carrier,
    Reader,
    Application,
}

impl Role {
    /// The word of the list.
    pub fn word(self) -> &'static str {
        match self {
            Role::Operator => "operator",
            Role::Carrier => "carrier",
            Role::Reader => "reader",
            Role::Application => "application",
        }
    }
}

/// One right, or several on one object, as the database at hand has it.
#[derive(Debug, Clone, FromRow)]
pub struct Right {
    /// ROLE, SCHEMA, TABLE, SEQUENCE or FUNCTION.
    what: String,
    /// Quoted where it has to be.
    target: String,
    columns: Option<String>,
    privileges: String,
    /// Those of `privileges` that the role asked about has not got.
    missing: Option<String>,
}

impl Right {
    /// The statement that gives `privileges` to `role`.
    fn grant(&self, privileges: &str, role: &str) -> String {
        let columns = |text: &str| match &self.columns {
            Some(columns) => format!("{text} ({columns})"),
            None => text.to_string(),
        };
        match self.what.as_str() {
            "ROLE" => format!("GRANT {} TO {role}", self.target),
            "TABLE" => format!("GRANT {} ON {} TO {role}", columns(privileges), self.target),
            what => format!("GRANT {privileges} ON {what} {} TO {role}", self.target),
        }
    }

    /// What is missing, in words.
    fn lack(&self, missing: &str) -> String {
        match self.what.as_str() {
            "ROLE" => format!("membership in {}", self.target),
            "TABLE" => format!("{missing} on {}", self.target),
            what => format!("{missing} on {} {}", what.to_lowercase(), self.target),
        }
    }
}

/// Makes the role where it is not there; without a password it cannot log in from elsewhere until it gets one.
pub fn create(name: &str) -> String {
    let literal = name.replace('\'', "''");
    let quoted = super::schema::functions::quoted(name);
    // The tag keeps a name with dollar signs inside of the block.
    format!(
        "DO $wavegate_role$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{literal}') THEN \
         CREATE ROLE {quoted} LOGIN; END IF; END $wavegate_role$"
    )
}

/// The GRANT statements for `name` in this role. Of what migration 007 makes, only what is here already.
pub async fn grants(db: &Db, role: Role, name: &str) -> Result<Vec<String>> {
    let mut connection = db.pool().acquire().await?;
    let quoted = super::schema::functions::quoted(name);
    let rights = ask(&mut connection, db.shape(), role, None).await?;
    Ok(rights
        .iter()
        .map(|right| right.grant(&right.privileges, &quoted))
        .collect())
}

/// What the session's own role lacks.
#[derive(Debug, Clone)]
pub struct Lack {
    pub role: String,
    /// Each with what gives it: `SELECT on wavegate.wave`, `GRANT SELECT ON wavegate.wave TO ...`.
    pub rights: Vec<(String, String)>,
}

/// How many are named in a sentence, and given as statements.
const NAMED: usize = 3;
const GIVEN: usize = 6;

impl Lack {
    /// `role lacks SELECT on wavegate.wave, and 3 more`; empty where nothing is missing.
    pub fn sentence(&self) -> String {
        let named: Vec<&str> = self
            .rights
            .iter()
            .take(NAMED)
            .map(|(lack, _)| lack.as_str())
            .collect();
        match self.rights.len().saturating_sub(NAMED) {
            _ if named.is_empty() => String::new(),
            0 => format!("{} lacks {}", self.role, named.join(", ")),
            more => format!("{} lacks {}, and {more} more", self.role, named.join(", ")),
        }
    }

    /// The statements that the owner of the tables is to run.
    pub fn statements(&self) -> Vec<String> {
        let mut statements: Vec<String> = self
            .rights
            .iter()
            .take(GIVEN)
            .map(|(_, grant)| grant.clone())
            .collect();
        if self.rights.len() > 1 {
            statements.push(ALL.to_string());
        }
        statements
    }
}

const ALL: &str = "`wavegate schema roles` prints every role's rights; the owner of the tables runs what it prints";

/// What the role of this session lacks of the rights of `role`. Only objects that are there are asked about.
pub async fn lacking(db: &Db, role: Role) -> Result<Lack> {
    let mut connection = db.pool().acquire().await?;
    let name: String = sqlx::query_scalar(include_str!("../../sql/roles/who.sql"))
        .fetch_one(&mut *connection)
        .await?;
    let quoted = super::schema::functions::quoted(&name);
    let rights = ask(&mut connection, db.shape(), role, Some(&name)).await?;
    let rights = rights
        .iter()
        .filter_map(|right| {
            let missing = right.missing.as_deref()?;
            Some((right.lack(missing), right.grant(missing, &quoted)))
        })
        .collect();
    Ok(Lack { role: name, rights })
}

/// Refuses with one sentence and its GRANT statements, before anything is begun. Membership in a role of the server's own is for
/// preflight to say: much can be done without.
pub async fn demand(db: &Db, role: Role) -> Result<()> {
    let mut lack = lacking(db, role).await?;
    lack.rights
        .retain(|(lack, _)| !lack.starts_with("membership"));
    if lack.rights.is_empty() {
        return Ok(());
    }
    let error = Error::refused(format!("the role {}", lack.sentence()));
    Err(lack.statements().into_iter().fold(error, Error::hint))
}

async fn ask(
    connection: &mut PgConnection,
    shape: &Shape,
    role: Role,
    name: Option<&str>,
) -> Result<Vec<Right>> {
    let (queue, queue_id) = shape.queue_key();
    let mut columns: [Vec<String>; 5] = Default::default();
    for line in RIGHTS.lines() {
        let mut words = line.split('\t');
        if words.next() != Some(role.word()) {
            continue;
        }
        for column in &mut columns {
            let word = words.next().unwrap_or_default();
            column.push(
                word.replace("{queue}", queue)
                    .replace("{queue_id}", queue_id),
            );
        }
    }
    let [kinds, mut schemas, objects, privileges, of] = columns;
    for schema in &mut schemas {
        if schema == "engine" {
            schema.clone_from(&shape.schema);
        }
    }
    Ok(sqlx::query_as(include_str!("../../sql/roles/rights.sql"))
        .bind(name)
        .bind(kinds)
        .bind(schemas)
        .bind(objects)
        .bind(privileges)
        .bind(of)
        .fetch_all(connection)
        .await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_of_the_list_has_six_words_that_are_known() {
        for line in RIGHTS.lines() {
            let words: Vec<&str> = line.split('\t').collect();
            assert_eq!(words.len(), 6, "{line}");
            assert!(
                ["operator", "carrier", "reader", "application"].contains(&words[0]),
                "{line}"
            );
            assert!(
                [
                    "member",
                    "schema",
                    "all",
                    "sequences",
                    "table",
                    "columns",
                    "serial",
                    "function"
                ]
                .contains(&words[1]),
                "{line}"
            );
            assert!(["", "wavegate", "engine"].contains(&words[2]), "{line}");
            assert!(!words[4].is_empty(), "{line}");
        }
    }

    #[test]
    fn a_lack_is_one_sentence_with_its_statements() {
        let right = |what: &str, target: &str, columns: Option<&str>| Right {
            what: what.into(),
            target: target.into(),
            columns: columns.map(Into::into),
            privileges: "SELECT".into(),
            missing: None,
        };
        let table = right("TABLE", "wavegate.queue", Some("call_id, status"));
        assert_eq!(
            table.grant("SELECT", "\"x\""),
            "GRANT SELECT (call_id, status) ON wavegate.queue TO \"x\""
        );
        let sequence = right("SEQUENCE", "public.s", None);
        assert_eq!(
            sequence.grant("USAGE", "\"x\""),
            "GRANT USAGE ON SEQUENCE public.s TO \"x\""
        );
        let lack = |n: usize| Lack {
            role: "x".into(),
            rights: (0..n).map(|i| (format!("l{i}"), format!("G{i}"))).collect(),
        };
        assert_eq!(lack(0).sentence(), "");
        assert_eq!(lack(1).sentence(), "x lacks l0");
        assert_eq!(lack(1).statements(), ["G0"]);
        assert_eq!(lack(5).sentence(), "x lacks l0, l1, l2, and 2 more");
        assert_eq!(lack(9).statements().len(), GIVEN + 1);
    }
}
