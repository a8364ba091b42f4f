//! What `--help` teaches: commands as operators type them.

pub const INIT: &str = "Examples:
  wavegate init                       shows the plan that the database suggests
  wavegate init --out plan.yaml       writes it; edit it before anything else";

pub const PLAN: &str = "Examples:
  wavegate plan plan.yaml             members of the waves, hazards, next steps
  wavegate plan plan.yaml -o json     for programs";

pub const PREFLIGHT: &str = "Examples:
  wavegate preflight plan.yaml --i-have-a-backup
  wavegate preflight plan.yaml --no-probe           before relay and workers run
  wavegate preflight plan.yaml -o junit             for a pipeline";

pub const SCHEMA: &str = "Examples:
  wavegate schema status
  wavegate schema apply --dry-run     the statements, in order
  wavegate schema verify              code 5 if anything differs";

pub const SCHEMA_STATUS: &str = "Examples:
  wavegate schema status
  wavegate schema status -o json";

pub const SCHEMA_APPLY: &str = "Examples:
  wavegate schema apply --dry-run
  wavegate schema apply --backup-command 'pg_basebackup -D /backup/shop'
  wavegate schema apply --i-have-a-backup --take-over-functions --yes";

pub const SCHEMA_VERIFY: &str = "Examples:
  wavegate schema verify
  wavegate schema verify -o junit";

pub const SCHEMA_ROLES: &str = "Examples:
  wavegate schema roles | psql shop           before `init`, and again after `schema apply`
  wavegate schema roles --operator ops --carrier relay --reader watch";

pub const SCHEMA_REVERT: &str = "Examples:
  wavegate schema revert              refused while an event is undelivered
  wavegate rollback --all --level 3   takes the webhooks back first";

pub const STREAM: &str = "Examples:
  wavegate stream status
  wavegate stream ensure --dry-run";

pub const STREAM_STATUS: &str = "Examples:
  wavegate stream status
  wavegate stream status --config eu -o json";

pub const STREAM_ENSURE: &str = "Examples:
  wavegate stream ensure --dry-run
  wavegate stream ensure --yes
  wavegate stream ensure --consumer webhook-worker-1   the durable of the engine's example worker";

pub const APPLY: &str = "Examples:
  wavegate apply plan.yaml --dry-run
  wavegate apply plan.yaml --wave pilot
  wavegate apply plan.yaml --wave pilot --to share=10
  wavegate apply plan.yaml --wave pilot --to nats --confirm pilot
  wavegate apply plan.yaml --wave pilot --resume          what was taken back goes forward again
  wavegate apply plan.yaml --wave old --pass-unjudged 'no calls since May' --confirm old";

pub const GATE: &str = "Examples:
  wavegate gate plan.yaml                                 every wave's next step; code 0, 3 or 4
  wavegate gate plan.yaml --wave pilot --explain success  one gate in plain words
  wavegate gate plan.yaml --wave pilot --watch            until it passes (0) or fails (3)
  wavegate gate plan.yaml -o junit                        for a pipeline
  wavegate gate history plan.yaml --since 7d";

pub const GATE_HISTORY: &str = "Examples:
  wavegate gate history plan.yaml
  wavegate gate history plan.yaml --wave pilot --gate success --every
  wavegate gate history plan.yaml --since 7d -o json";

pub const GATE_CALIBRATE: &str = "Examples:
  wavegate gate calibrate plan.yaml
  wavegate gate calibrate plan.yaml --wave volume --runs 1000
  wavegate gate calibrate plan.yaml -o json";

pub const SIGNOFF: &str = "Examples:
  wavegate signoff plan.yaml          who has signed, who is wanted
  wavegate signoff plan.yaml --wave critical --role operations --note 'dashboards looked at'
  wavegate signoff plan.yaml --wave critical --role product --refuse --note 'sale until Monday'";

pub const STATUS: &str = "Examples:
  wavegate status
  wavegate status --wave pilot        each of its webhooks
  wavegate status -o json";

pub const AUDIT: &str = "Examples:
  wavegate audit                      every event there is; code 3 if one is nowhere
  wavegate audit --wave pilot --since 2h
  wavegate audit --webhook payment_events --since '2026-11-21 14:00' -o json
  wavegate audit --strangers          and what is in the stream that PostgreSQL never knew";

pub const DEAD: &str = "Examples:
  wavegate dead list
  wavegate dead requeue --webhook payment_events";

pub const DEAD_LIST: &str = "Examples:
  wavegate dead list                  by webhook and error, the newest first
  wavegate dead list --webhook payment_events --events";

pub const DEAD_INSPECT: &str = "Examples:
  wavegate dead inspect 7:order-4711
  wavegate dead inspect call-90210 --payload";

pub const DEAD_REQUEUE: &str = "Examples:
  wavegate dead requeue --event 7:order-4711
  wavegate dead requeue --webhook payment_events --since 2h --yes
  wavegate dead requeue --all --dry-run";

pub const DEAD_DISCARD: &str = "Examples:
  wavegate dead discard --event 7:order-4711
  wavegate dead discard --webhook old_shop --confirm old_shop";

pub const HISTORY: &str = "Examples:
  wavegate history
  wavegate history -o json";

pub const ROLLBACK: &str = "Examples:
  wavegate rollback --webhook payment_events
  wavegate rollback --wave pilot
  wavegate rollback --all --yes                   the queue delivers everything again
  wavegate rollback --all --level 3               and takes migration 007 back";

pub const RESTORE: &str = "Examples:
  wavegate status                                 names what was changed by hand
  wavegate restore --webhook payment_events --dry-run
  wavegate restore --wave pilot                   asks; where it writes nats, the name is typed
  wavegate restore --all --confirm prod-2026q4    into nats: the migration's name

What was in the queue, and is not, is taken back: `wavegate rollback`.";

pub const ADOPT: &str = "Examples:
  wavegate adopt --webhook payment_events         in the queue by hand: taken back alone, its wave goes on
  wavegate adopt --wave pilot --yes               a subject, a config, a time: stands until the next step

Another mode or share than the wave's is refused: `wavegate restore` puts it back.";

pub const RUN: &str = "Examples:
  wavegate run plan.yaml --yes            drives until the migration is over; a second one stands by
  wavegate run --once --yes               for a scheduler: what is due now
  wavegate run --once --yes -o json

Exit codes: 0 something was done, or all is finished; 3 a gate fails; 4 nothing is due yet;
5 another run drives; 7 the guard took a wave back";

pub const APPROVE: &str = "Examples:
  wavegate approve --wave pilot           `run` may take its next step, once its gates pass
  wavegate approve --wave pilot --confirm pilot --note 'seen by Kim'";

pub const HOLD: &str = "Examples:
  wavegate hold                           what stands still
  wavegate hold --wave payments --reason 'a release is under way' --for 2h
  wavegate hold --all --reason 'month end' --until '2026-12-01 08:00'";

pub const RELEASE: &str = "Examples:
  wavegate release                        the only hold that stands
  wavegate release 4711";

pub const CLOSE: &str = "Examples:
  wavegate rollback --all --to queue      takes what was moved back first
  wavegate close --reason 'the provider goes away'   wants the migration's name typed";

pub const REDRIVE: &str = "Examples:
  wavegate redrive --wave pilot --dry-run
  wavegate redrive --all --yes";

pub const DRAIN: &str = "Examples:
  wavegate drain --wave pilot                     may its queue workers be stopped?
  wavegate drain --all --wait 10m
  wavegate drain --wave pilot --path nats         after `rollback --drain`";

pub const RELAY: &str = "Examples:
  wavegate relay                      two of them share the work
  wavegate relay --listen 127.0.0.1:9464
  wavegate relay --config eu -v
  wavegate relay --delivery independent --consumer webhook-worker-1   the engine's example workers deliver";

pub const WORKER: &str = "Examples:
  wavegate worker                     both paths
  wavegate worker --path nats --concurrency 64
  wavegate worker --wave critical     for these webhooks alone, beside the workers that serve all
  wavegate worker --listen 127.0.0.1:9465   /health, /ready and /metrics";

pub const LAB: &str = "Examples:
  wavegate lab demo                   a whole migration in two to five minutes
  wavegate lab up                     servers to try commands on
  wavegate lab down";

pub const LAB_UP: &str = "Examples:
  wavegate lab up
  wavegate lab up --shape b --seed 7";

pub const LAB_DEMO: &str = "Examples:
  wavegate lab demo
  wavegate lab demo --seed 7 --scale 0.5
  wavegate lab demo --pause-at-prompts --keep";

pub const LAB_DOWN: &str = "Examples:
  wavegate lab down";

pub const LAB_TRAFFIC: &str = "Examples:
  wavegate lab traffic";
