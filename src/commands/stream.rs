//! `wavegate stream`: the JetStream stream and consumer: status, ensure.

use super::{Context, options::stream_name};
use crate::{
    bus::{self, Bus, Hazard, LiveConsumer, LiveStream},
    error::{Error, Result},
    model::{Ask, ConsumerDefinition, StreamDefinition},
    store::nats_config,
    ui::StreamScreen,
};

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Sub,
}

#[derive(Debug, clap::Subcommand)]
enum Sub {
    /// Compares stream and consumer with what is wanted; a difference ends with code 5
    #[command(after_help = super::examples::STREAM_STATUS)]
    Status(Which),
    /// Makes or changes stream and consumer; refuses what cannot change in place and what is someone else's
    #[command(after_help = super::examples::STREAM_ENSURE)]
    Ensure(Which),
}

#[derive(Debug, clap::Args)]
struct Which {
    /// Row of rule_nats_config
    #[arg(long, value_name = "NAME", default_value = "default")]
    config: String,
    /// Stream; without it, the one of the config
    #[arg(long, value_name = "NAME", value_parser = stream_name)]
    stream: Option<String>,
    /// Durable consumer that all NATS workers share
    #[arg(long, value_name = "NAME", default_value = ConsumerDefinition::NAME, value_parser = stream_name)]
    consumer: String,
}

pub async fn run(args: Args, context: &Context) -> Result<()> {
    let (which, change) = match args.command {
        Sub::Status(which) => (which, false),
        Sub::Ensure(which) => (which, true),
    };
    let db = match change {
        true => context.db_to_write().await?,
        false => context.db_to_read().await?,
    };
    let config = nats_config::load(&db, &which.config).await?;
    let wanted = nats_config::wanted_stream(&db, &config, which.stream.as_deref()).await?;
    let wanted_consumer = ConsumerDefinition::new(&which.consumer);
    let bus = context.bus(&db, &which.config).await?;
    let mut screen = look(&bus, &wanted, &wanted_consumer).await?;
    if !change {
        context.ui.show(&screen);
        return as_wanted(&screen).map_err(|error| error.hint("wavegate stream ensure"));
    }
    if let Some(refusal) = screen
        .live
        .as_ref()
        .and_then(|live| bus::stream_refusal(&wanted, live))
    {
        return Err(refusal);
    }
    if screen.is_as_wanted() || context.global.dry_run {
        context.ui.show(&screen);
        return Ok(());
    }
    context.ui.note(&format!(
        "{} the stream {} ({}) and its consumer {} at {}",
        if screen.live.is_some() {
            "Changes"
        } else {
            "Makes"
        },
        wanted.name,
        wanted.subjects.join(" "),
        wanted_consumer.name,
        bus.place()
    ));
    for difference in screen
        .differences
        .iter()
        .chain(&screen.consumer_differences)
    {
        let why = difference.why.as_ref();
        context.ui.note(&format!(
            "  {}: {} -> {}{}",
            difference.field,
            difference.found,
            difference.wanted,
            why.map(|why| format!(" ({why})")).unwrap_or_default()
        ));
    }
    for hazard in bus::hazards_of_definition(&wanted, bus.is_clustered()) {
        let field = hazard.field;
        context.ui.warn(&format!("{field}: {}", hazard.what));
    }
    context.confirm("Go on?", Ask::Yes).await?;
    let done = (
        bus::ensure_stream(&bus, &wanted).await?,
        bus::ensure_consumer(&bus, &wanted.name, &wanted_consumer).await?,
    );
    screen = look(&bus, &wanted, &wanted_consumer).await?;
    screen.done = Some(done);
    context.ui.show(&screen);
    as_wanted(&screen).map_err(|error| {
        error.hint("the server took the change, and has something else: its limits (`nats account info`) may be narrower")
    })
}

fn as_wanted(screen: &StreamScreen) -> Result<()> {
    if screen.is_as_wanted() {
        return Ok(());
    }
    Err(Error::refused(format!(
        "stream {} and its consumer are not as wanted",
        screen.wanted.name
    )))
}

/// Reads stream and consumer and compares them.
async fn look(
    bus: &Bus,
    wanted: &StreamDefinition,
    wanted_consumer: &ConsumerDefinition,
) -> Result<StreamScreen> {
    let live = bus::live_stream(bus, &wanted.name).await?;
    let live_consumer = match &live {
        Some(_) => bus::live_consumer(bus, &wanted.name, &wanted_consumer.name).await?,
        None => None,
    };
    Ok(StreamScreen {
        place: bus.place().to_string(),
        differences: live
            .as_ref()
            .map(|live| bus::stream_changes(wanted, live))
            .unwrap_or_default(),
        consumer_differences: live_consumer
            .as_ref()
            .map(|live| bus::compare_consumers(wanted_consumer, live))
            .unwrap_or_default(),
        hazards: found_hazards(bus, wanted, live.as_ref(), live_consumer.as_ref()),
        wanted: wanted.clone(),
        live,
        wanted_consumer: wanted_consumer.clone(),
        live_consumer,
        done: None,
    })
}

/// What can lose messages: of what is there, or of what would be made.
fn found_hazards(
    bus: &Bus,
    wanted: &StreamDefinition,
    live: Option<&LiveStream>,
    consumer: Option<&LiveConsumer>,
) -> Vec<Hazard> {
    let mut found = match live {
        Some(live) => bus::hazards_of_stream(live),
        None => bus::hazards_of_definition(wanted, bus.is_clustered()),
    };
    found.extend(
        consumer
            .iter()
            .flat_map(|live| bus::hazards_of_consumer(live)),
    );
    found
}
