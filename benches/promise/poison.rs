//! P2 to P4: each table of poisons beside a minute of healthy traffic.

use crate::{
    COPIES, LATE, Plan,
    entries::{answers, messages, payloads, rows, settings},
    entry::Entry,
    lines,
    locks::course,
    scene::Course,
    servers,
};

const LATIN1: &str = "ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0";

pub async fn prove(plan: Plan) {
    let tables: [(&str, &str, &'static [Entry]); 10] = [
        ("payloads", "", payloads::ENTRIES),
        ("200 payloads of 900 kB", "", payloads::LARGE),
        ("a payload over 1 GB", "", payloads::GIANT),
        ("answers", "", answers::ENTRIES),
        ("answers in LATIN1", LATIN1, answers::LATIN1),
        ("settings of webhooks", "", settings::ENTRIES),
        ("headers over 1 GB", "", settings::GIANT),
        ("messages", "", messages::ENTRIES),
        ("rows", "", rows::ROW_ENTRIES),
        ("triggers and checks", "", rows::TRIGGER_ENTRIES),
    ];
    for (what, database, entries) in tables {
        let course = Course {
            seconds: plan.seconds,
            ..course(plan, entries.iter().collect(), &["--circuit-after", "0"])
        };
        let (scene, _servers) = servers::stage(database, COPIES).await;
        let report = scene.play(&course).await;
        lines("poison", what, &report, LATE, None);
    }
}
