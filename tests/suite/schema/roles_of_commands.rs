//! The README's ten commands on a fresh database, each under the role that docs/privileges.md names for it, and the others in
//! mid-migration; relay and workers start again while it is under way.

use sqlx::{AssertSqlSafe, Executor};

use crate::{
    schema::roles::Roles,
    support::plane::{Plane, Process},
    support::terminal::Said,
    support::{Schema, Shape, TestDb},
};

struct Stage {
    plane: Plane,
    roles: Roles,
}

impl Stage {
    async fn run_as(&self, role: &str, args: &[&str]) -> Said {
        let url = Roles::url(&self.plane.db, role);
        self.plane
            .command_with(args, &[("DATABASE_URL", &url)])
            .await
    }

    async fn ok(&self, role: &str, args: &[&str]) -> Said {
        let said = self.run_as(role, args).await;
        assert_eq!(
            said.code,
            0,
            "{args:?}: {said:?}\n{}",
            self.plane.log_text()
        );
        assert!(
            !said.err.contains("permission denied"),
            "{args:?}: {said:?}"
        );
        said
    }

    async fn service(&self, args: &[&str]) -> Process {
        let url = Roles::url(&self.plane.db, &self.roles.carrier);
        self.plane.start_with(args, &[("DATABASE_URL", &url)]).await
    }
}

#[tokio::test]
async fn the_ten_commands_and_all_others_run_under_the_roles_on_a_fresh_database() {
    for shape in [Shape::A, Shape::B] {
        let db = TestDb::new(shape, Schema::Engine).await;
        let mut c = db.connect().await;
        let url = if shape == Shape::A {
            "url"
        } else {
            "webhook_url"
        };
        for name in ["analytics_events", "mail", "payment"] {
            let insert = format!(
                "INSERT INTO rule_webhooks (webhook_name, {url}) VALUES ('{name}', 'http://127.0.0.1:1/{name}')"
            );
            c.execute(AssertSqlSafe(insert)).await.unwrap();
        }
        let before = Roles::create(&db).await;
        let plane = Plane::bare(db, shape).await;
        let mut stage = Stage {
            plane,
            roles: before,
        };
        let (operator, reader) = (stage.roles.operator.clone(), stage.roles.reader.clone());
        let (operator, reader) = (&operator, &reader);
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("plan.yaml");
        let plan = path.to_str().unwrap();

        stage.ok(operator, &["init", "--out", plan]).await;
        stage.ok(operator, &["plan", plan]).await;
        let denied = stage
            .run_as(
                operator,
                &[
                    "schema",
                    "apply",
                    "--yes",
                    "--i-have-a-backup",
                    "--take-over-functions",
                ],
            )
            .await;
        assert_eq!(denied.code, 5, "the owner's: {denied:?}");
        let applied = stage
            .plane
            .command(&[
                "schema",
                "apply",
                "--yes",
                "--i-have-a-backup",
                "--take-over-functions",
            ])
            .await;
        assert_eq!(applied.code, 0, "{applied:?}");
        let said = stage.roles.grant(&stage.plane.db).await;
        assert!(!said.err.contains("not in place"), "{said:?}");
        stage.ok(operator, &["stream", "ensure", "--yes"]).await;
        let _crew = (
            stage.service(&["relay"]).await,
            stage.service(&["worker"]).await,
            stage.service(&["worker"]).await,
        );
        let ready = stage
            .ok(operator, &["preflight", plan, "--i-have-a-backup"])
            .await;
        assert!(
            ready.out.contains("READY") && !ready.out.contains("NOT READY"),
            "{ready:?}"
        );
        assert!(ready.out.contains("round trip"), "{ready:?}");
        let text = std::fs::read_to_string(&path).unwrap();
        // The first wave of the draft.
        let wave = text
            .lines()
            .find_map(|line| line.trim().strip_prefix("- name: "))
            .unwrap_or_else(|| panic!("{text}"));
        stage
            .ok(operator, &["apply", plan, "--wave", wave, "--yes"])
            .await;
        let gate = stage
            .run_as(operator, &["gate", plan, "--wave", wave])
            .await;
        assert!([0, 3, 4].contains(&gate.code), "{gate:?}");
        assert!(
            !gate.out.contains("permission denied") && !gate.err.contains("permission denied"),
            "{gate:?}"
        );

        // In mid-migration: who restarts finds all it needs, and every other command runs.
        let _second = (
            stage.service(&["relay"]).await,
            stage.service(&["worker", "--path", "queue"]).await,
        );
        for args in [
            &["status"][..],
            &["history"],
            &["audit"],
            &["schema", "status"],
            &["schema", "verify"],
        ] {
            stage.ok(reader, args).await;
        }
        for args in [
            &["status"][..],
            &["history"],
            &["audit"],
            &["plan", plan],
            &["stream", "status"],
            &["dead", "list"],
            &["gate", "history", plan],
            &["preflight", plan, "--i-have-a-backup"],
        ] {
            stage.ok(operator, args).await;
        }
        let text = std::fs::read_to_string(plan).unwrap();
        let name = text.lines().find_map(|line| line.strip_prefix("name: "));
        std::fs::write(plan, format!("{text}contacts: {{ nats: somebody }}\n")).unwrap();
        let amend = ["plan", plan, "--amend", "--confirm", name.unwrap()];
        stage.ok(operator, &amend).await;
        // Answers of their own, and never a denial.
        for args in [
            &["signoff", plan][..],
            &["drain"],
            &["redrive", "--all", "--yes"],
            &["dead", "requeue", "--all", "--yes"],
            &["apply", plan, "--wave", wave, "--yes"],
        ] {
            let said = stage.run_as(operator, args).await;
            assert!(
                !said.err.contains("permission denied") && !said.err.contains("lacks"),
                "{args:?}: {said:?}"
            );
        }
        let member =
            "SELECT min(webhook_id)::bigint FROM wavegate.webhooks WHERE publish_mode = 'both'";
        let member = stage.plane.number(member).await;
        for (act, column) in [
            ("restore", "nats_share"),
            ("adopt", "nats_takeover_after_ms"),
        ] {
            let hand =
                format!("UPDATE rule_webhooks SET {column} = 77 WHERE webhook_id = {member}");
            stage.plane.run(&hand).await;
            stage.ok(operator, &[act, "--wave", wave, "--yes"]).await;
        }
        let hand = format!("SELECT rule_webhook_disable_nats({member})");
        stage.plane.run(&hand).await;
        stage.ok(operator, &["adopt", "--all", "--yes"]).await;
        stage
            .ok(operator, &["rollback", "--wave", wave, "--yes"])
            .await;
    }
}
