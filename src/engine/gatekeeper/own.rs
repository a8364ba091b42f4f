//! Asks the plan's own gates, one after the other: its queries, then its programs.

use serde_json::json;

use super::Scope;
use crate::{
    engine::program,
    gates::{
        GateResult,
        own::{self, Asked},
    },
    model::Gate,
    store::{Db, own_query},
};

/// What they say of the step to `to`; on the way back to the queue nobody asks them.
pub(super) async fn ask(db: &Db, scope: &Scope<'_>, to: &str) -> Vec<GateResult> {
    let mut results = Vec::new();
    if !scope.guarded.is_forward() {
        return results;
    }
    for gate in &scope.wave.gates.sql {
        let answer = own_query::ask(db, &gate.query, gate.timeout).await;
        let name = Gate::Own(gate.name.clone());
        let asked = Asked {
            gate: &name,
            query: &gate.query,
            min: gate.min.clone(),
            max: gate.max.clone(),
        };
        results.push(own::sql(asked, &answer));
    }
    for gate in &scope.wave.gates.command {
        let ran = program::run(&gate.run, told(scope, &gate.name, to), gate.timeout).await;
        results.push(own::command(&Gate::Own(gate.name.clone()), &gate.run, &ran));
    }
    results
}

/// What a program is told of the step, as JSON.
fn told(scope: &Scope<'_>, gate: &str, to: &str) -> String {
    let webhooks: Vec<_> = scope
        .own()
        .iter()
        .map(|w| json!({ "id": w.id, "name": w.name, "enabled": w.enabled }))
        .collect();
    json!({
        "version": 1, "gate": gate, "plan": scope.plan.name(), "wave": scope.wave.name,
        "from": scope.status.step.to_string(), "to": to, "attempt": scope.attempt(),
        "since": scope.status.entered_at, "now": scope.now, "webhooks": webhooks,
    })
    .to_string()
}
