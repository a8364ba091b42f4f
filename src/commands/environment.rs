//! Options that come from the environment: a variable that is empty says nothing.

/// The command without the variables that are set to nothing: `NATS_CONTEXT=''` names no context, and contradicts no option.
pub fn heeded(command: clap::Command) -> clap::Command {
    let command = command.mut_args(|arg| {
        let empty = arg
            .get_env()
            .and_then(std::env::var_os)
            .is_some_and(|value| value.is_empty());
        match empty {
            true => arg.env(None),
            false => arg,
        }
    });
    command.mut_subcommands(heeded)
}
