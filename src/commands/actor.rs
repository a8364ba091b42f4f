//! Who runs this process: for the journal and the lock. Never holds a secret.

use crate::store::journal::Actor;

/// Options whose value may hold a password.
const HIDDEN: [&str; 3] = ["--database-url", "--nats-url", "--backup-command"];

/// The operating system user, the host, and the command as typed.
pub fn actor() -> Actor {
    Actor {
        who: who(),
        host: host(),
        command: command(std::env::args().skip(1)),
    }
}

fn who() -> String {
    let user = nix::unistd::User::from_uid(nix::unistd::getuid())
        .ok()
        .flatten()
        .map(|user| user.name)
        .unwrap_or_else(|| nix::unistd::getuid().to_string());
    match std::env::var("SUDO_USER") {
        Ok(person) if !person.is_empty() && person != user => format!("{person} as {user}"),
        _ => user,
    }
}

fn host() -> String {
    std::fs::read_to_string("/proc/sys/kernel/hostname")
        .or_else(|_| std::fs::read_to_string("/etc/hostname"))
        .map(|text| text.trim().to_string())
        .ok()
        .filter(|text| !text.is_empty())
        .or_else(|| std::env::var("HOSTNAME").ok())
        .unwrap_or_else(|| "unknown".to_string())
}

fn command(args: impl Iterator<Item = String>) -> String {
    let mut words = vec!["wavegate".to_string()];
    let mut hide_next = false;
    for arg in args {
        let option = arg.split_once('=').map_or(arg.as_str(), |(name, _)| name);
        if hide_next {
            words.push("***".to_string());
            hide_next = false;
        } else if HIDDEN.contains(&option) {
            hide_next = !arg.contains('=');
            words.push(if hide_next {
                arg
            } else {
                format!("{option}=***")
            });
        } else if arg.contains("://") && arg.contains('@') {
            words.push("***".to_string());
        } else {
            words.push(arg);
        }
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::command;

    #[test]
    fn secrets_stay_out_of_the_command() {
        let typed = [
            "--database-url",
            "postgres://u:secret@h/d",
            "apply",
            "plan.yaml",
            "--nats-url=nats://u:secret@h",
            "--wave",
            "pilot",
        ];
        assert_eq!(
            command(typed.into_iter().map(str::to_string)),
            "wavegate --database-url *** apply plan.yaml --nats-url=*** --wave pilot"
        );
    }
}
