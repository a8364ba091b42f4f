# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_wavegate_global_optspecs
    string join \n database-url= database-ca= database-cert= database-key= nats-url= nats-context= nats-token-file= nats-user= nats-password-file= nats-creds= nats-nkey= nats-ca= nats-cert= nats-key= connect-timeout= o/output= log-format= y/yes confirm= dry-run q/quiet v/verbose h/help V/version
end

function __fish_wavegate_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_wavegate_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_wavegate_using_subcommand
    set -l cmd (__fish_wavegate_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c wavegate -n "__fish_wavegate_needs_command" -l database-url -d 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile' -r
complete -c wavegate -n "__fish_wavegate_needs_command" -l database-ca -d 'CA certificate that PostgreSQL\'s certificate must chain to (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_needs_command" -l database-cert -d 'Client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_needs_command" -l database-key -d 'Key of the client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_needs_command" -l nats-url -d 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config' -r
complete -c wavegate -n "__fish_wavegate_needs_command" -l nats-context -d 'A context of the NATS CLI, by name' -r
complete -c wavegate -n "__fish_wavegate_needs_command" -l nats-token-file -d 'File that holds the NATS token, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_needs_command" -l nats-user -d 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file' -r
complete -c wavegate -n "__fish_wavegate_needs_command" -l nats-password-file -d 'File that holds the NATS password, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_needs_command" -l nats-creds -d 'NATS credentials file (.creds), read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_needs_command" -l nats-nkey -d 'File that holds the NATS nkey seed, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_needs_command" -l nats-ca -d 'CA certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_needs_command" -l nats-cert -d 'Client certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_needs_command" -l nats-key -d 'Key of the client certificate for NATS (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_needs_command" -l connect-timeout -d 'How long to wait for a connection, seconds' -r
complete -c wavegate -n "__fish_wavegate_needs_command" -s o -l output -d 'Format of the result on stdout' -r -f -a "table\t''
json\t''
markdown\t''
junit\t''"
complete -c wavegate -n "__fish_wavegate_needs_command" -l log-format -d 'Form of the log lines on stderr: text for people, json for a collector' -r -f -a "text\t''
json\t''"
complete -c wavegate -n "__fish_wavegate_needs_command" -l confirm -d 'Answer the question that wants NAME typed' -r
complete -c wavegate -n "__fish_wavegate_needs_command" -s y -l yes -d 'Answer plain questions with yes'
complete -c wavegate -n "__fish_wavegate_needs_command" -l dry-run -d 'Show what would change, and change nothing'
complete -c wavegate -n "__fish_wavegate_needs_command" -s q -l quiet -d 'Only results and warnings'
complete -c wavegate -n "__fish_wavegate_needs_command" -s v -l verbose -d 'More detail on stderr; twice for debugging'
complete -c wavegate -n "__fish_wavegate_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wavegate -n "__fish_wavegate_needs_command" -s V -l version -d 'Print version'
complete -c wavegate -n "__fish_wavegate_needs_command" -f -a "init" -d 'Reads the database and writes a commented wave plan'
complete -c wavegate -n "__fish_wavegate_needs_command" -f -a "plan" -d 'Checks a plan against the database and shows the next steps'
complete -c wavegate -n "__fish_wavegate_needs_command" -f -a "schema" -d 'Migration 007: status, apply, verify, revert'
complete -c wavegate -n "__fish_wavegate_needs_command" -f -a "stream" -d 'The JetStream stream and consumer: status, ensure'
complete -c wavegate -n "__fish_wavegate_needs_command" -f -a "relay" -d 'Carries events from the outbox to JetStream'
complete -c wavegate -n "__fish_wavegate_needs_command" -f -a "worker" -d 'Delivers webhooks from the queue, from NATS, or both'
complete -c wavegate -n "__fish_wavegate_needs_command" -f -a "preflight" -d 'Checks that everything is ready, each finding with its remedy'
complete -c wavegate -n "__fish_wavegate_needs_command" -f -a "apply" -d 'Carries out the next step of a wave if its gates pass'
complete -c wavegate -n "__fish_wavegate_needs_command" -f -a "run" -d 'Drives the migration by its plan: steps, soaks, windows, automatic rollback'
complete -c wavegate -n "__fish_wavegate_needs_command" -f -a "approve" -d 'Approves the next step of a wave, for `run`'
complete -c wavegate -n "__fish_wavegate_needs_command" -f -a "hold" -d 'A wave, a webhook or everything stands still; without a reason: what does'
complete -c wavegate -n "__fish_wavegate_needs_command" -f -a "release" -d 'Ends a hold'
complete -c wavegate -n "__fish_wavegate_needs_command" -f -a "gate" -d 'Evaluates and explains gates; changes no webhook, and keeps what they said (not with --dry-run)'
complete -c wavegate -n "__fish_wavegate_needs_command" -f -a "rollback" -d 'Takes back one webhook, a wave or everything'
complete -c wavegate -n "__fish_wavegate_needs_command" -f -a "restore" -d 'Puts back what somebody changed by hand'
complete -c wavegate -n "__fish_wavegate_needs_command" -f -a "adopt" -d 'Lets stand what somebody changed by hand'
complete -c wavegate -n "__fish_wavegate_needs_command" -f -a "close" -d 'Ends a migration whose webhooks are all finished or back in the queue; its history stays'
complete -c wavegate -n "__fish_wavegate_needs_command" -f -a "status" -d 'Where every wave stands'
complete -c wavegate -n "__fish_wavegate_needs_command" -f -a "signoff" -d 'A role signs a wave\'s present step, or refuses it; shows who has'
complete -c wavegate -n "__fish_wavegate_needs_command" -f -a "history" -d 'The journal: who did what, when'
complete -c wavegate -n "__fish_wavegate_needs_command" -f -a "audit" -d 'How many events were committed, and where each of them is'
complete -c wavegate -n "__fish_wavegate_needs_command" -f -a "dead" -d 'Events that are out of attempts: list, inspect, requeue, discard'
complete -c wavegate -n "__fish_wavegate_needs_command" -f -a "redrive" -d 'Gives every undelivered event its queue row, so that the queue delivers it'
complete -c wavegate -n "__fish_wavegate_needs_command" -f -a "drain" -d 'What is left on each path, and whether queue workers may be stopped'
complete -c wavegate -n "__fish_wavegate_needs_command" -f -a "lab" -d 'A disposable rehearsal on real servers'
complete -c wavegate -n "__fish_wavegate_needs_command" -f -a "completions" -d 'Prints a completion script'
complete -c wavegate -n "__fish_wavegate_needs_command" -f -a "man" -d 'Writes the man pages'
complete -c wavegate -n "__fish_wavegate_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c wavegate -n "__fish_wavegate_using_subcommand init" -l out -d 'Write the plan to this file instead of standard output' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand init" -l name -d 'Name of the migration; `migration-` and the date unless given' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand init" -l database-url -d 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand init" -l database-ca -d 'CA certificate that PostgreSQL\'s certificate must chain to (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand init" -l database-cert -d 'Client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand init" -l database-key -d 'Key of the client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand init" -l nats-url -d 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand init" -l nats-context -d 'A context of the NATS CLI, by name' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand init" -l nats-token-file -d 'File that holds the NATS token, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand init" -l nats-user -d 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand init" -l nats-password-file -d 'File that holds the NATS password, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand init" -l nats-creds -d 'NATS credentials file (.creds), read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand init" -l nats-nkey -d 'File that holds the NATS nkey seed, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand init" -l nats-ca -d 'CA certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand init" -l nats-cert -d 'Client certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand init" -l nats-key -d 'Key of the client certificate for NATS (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand init" -l connect-timeout -d 'How long to wait for a connection, seconds' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand init" -s o -l output -d 'Format of the result on stdout' -r -f -a "table\t''
json\t''
markdown\t''
junit\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand init" -l log-format -d 'Form of the log lines on stderr: text for people, json for a collector' -r -f -a "text\t''
json\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand init" -l confirm -d 'Answer the question that wants NAME typed' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand init" -l force -d 'Overwrite the file'
complete -c wavegate -n "__fish_wavegate_using_subcommand init" -s y -l yes -d 'Answer plain questions with yes'
complete -c wavegate -n "__fish_wavegate_using_subcommand init" -l dry-run -d 'Show what would change, and change nothing'
complete -c wavegate -n "__fish_wavegate_using_subcommand init" -s q -l quiet -d 'Only results and warnings'
complete -c wavegate -n "__fish_wavegate_using_subcommand init" -s v -l verbose -d 'More detail on stderr; twice for debugging'
complete -c wavegate -n "__fish_wavegate_using_subcommand init" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wavegate -n "__fish_wavegate_using_subcommand plan" -l reason -d 'Why, for the journal' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand plan" -l database-url -d 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand plan" -l database-ca -d 'CA certificate that PostgreSQL\'s certificate must chain to (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand plan" -l database-cert -d 'Client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand plan" -l database-key -d 'Key of the client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand plan" -l nats-url -d 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand plan" -l nats-context -d 'A context of the NATS CLI, by name' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand plan" -l nats-token-file -d 'File that holds the NATS token, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand plan" -l nats-user -d 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand plan" -l nats-password-file -d 'File that holds the NATS password, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand plan" -l nats-creds -d 'NATS credentials file (.creds), read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand plan" -l nats-nkey -d 'File that holds the NATS nkey seed, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand plan" -l nats-ca -d 'CA certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand plan" -l nats-cert -d 'Client certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand plan" -l nats-key -d 'Key of the client certificate for NATS (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand plan" -l connect-timeout -d 'How long to wait for a connection, seconds' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand plan" -s o -l output -d 'Format of the result on stdout' -r -f -a "table\t''
json\t''
markdown\t''
junit\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand plan" -l log-format -d 'Form of the log lines on stderr: text for people, json for a collector' -r -f -a "text\t''
json\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand plan" -l confirm -d 'Answer the question that wants NAME typed' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand plan" -l amend -d 'Make this text the plan of the migration under way; what has moved stays as it is'
complete -c wavegate -n "__fish_wavegate_using_subcommand plan" -s y -l yes -d 'Answer plain questions with yes'
complete -c wavegate -n "__fish_wavegate_using_subcommand plan" -l dry-run -d 'Show what would change, and change nothing'
complete -c wavegate -n "__fish_wavegate_using_subcommand plan" -s q -l quiet -d 'Only results and warnings'
complete -c wavegate -n "__fish_wavegate_using_subcommand plan" -s v -l verbose -d 'More detail on stderr; twice for debugging'
complete -c wavegate -n "__fish_wavegate_using_subcommand plan" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and not __fish_seen_subcommand_from status apply verify revert roles help" -l database-url -d 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and not __fish_seen_subcommand_from status apply verify revert roles help" -l database-ca -d 'CA certificate that PostgreSQL\'s certificate must chain to (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and not __fish_seen_subcommand_from status apply verify revert roles help" -l database-cert -d 'Client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and not __fish_seen_subcommand_from status apply verify revert roles help" -l database-key -d 'Key of the client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and not __fish_seen_subcommand_from status apply verify revert roles help" -l nats-url -d 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and not __fish_seen_subcommand_from status apply verify revert roles help" -l nats-context -d 'A context of the NATS CLI, by name' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and not __fish_seen_subcommand_from status apply verify revert roles help" -l nats-token-file -d 'File that holds the NATS token, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and not __fish_seen_subcommand_from status apply verify revert roles help" -l nats-user -d 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and not __fish_seen_subcommand_from status apply verify revert roles help" -l nats-password-file -d 'File that holds the NATS password, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and not __fish_seen_subcommand_from status apply verify revert roles help" -l nats-creds -d 'NATS credentials file (.creds), read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and not __fish_seen_subcommand_from status apply verify revert roles help" -l nats-nkey -d 'File that holds the NATS nkey seed, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and not __fish_seen_subcommand_from status apply verify revert roles help" -l nats-ca -d 'CA certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and not __fish_seen_subcommand_from status apply verify revert roles help" -l nats-cert -d 'Client certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and not __fish_seen_subcommand_from status apply verify revert roles help" -l nats-key -d 'Key of the client certificate for NATS (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and not __fish_seen_subcommand_from status apply verify revert roles help" -l connect-timeout -d 'How long to wait for a connection, seconds' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and not __fish_seen_subcommand_from status apply verify revert roles help" -s o -l output -d 'Format of the result on stdout' -r -f -a "table\t''
json\t''
markdown\t''
junit\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and not __fish_seen_subcommand_from status apply verify revert roles help" -l log-format -d 'Form of the log lines on stderr: text for people, json for a collector' -r -f -a "text\t''
json\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and not __fish_seen_subcommand_from status apply verify revert roles help" -l confirm -d 'Answer the question that wants NAME typed' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and not __fish_seen_subcommand_from status apply verify revert roles help" -s y -l yes -d 'Answer plain questions with yes'
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and not __fish_seen_subcommand_from status apply verify revert roles help" -l dry-run -d 'Show what would change, and change nothing'
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and not __fish_seen_subcommand_from status apply verify revert roles help" -s q -l quiet -d 'Only results and warnings'
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and not __fish_seen_subcommand_from status apply verify revert roles help" -s v -l verbose -d 'More detail on stderr; twice for debugging'
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and not __fish_seen_subcommand_from status apply verify revert roles help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and not __fish_seen_subcommand_from status apply verify revert roles help" -f -a "status" -d 'How far each step is'
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and not __fish_seen_subcommand_from status apply verify revert roles help" -f -a "apply" -d 'Carries out what is missing, step by step; run again, it continues'
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and not __fish_seen_subcommand_from status apply verify revert roles help" -f -a "verify" -d 'Compares the live catalogue with what is wanted; any difference ends with code 5'
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and not __fish_seen_subcommand_from status apply verify revert roles help" -f -a "revert" -d 'Takes everything back that apply made, and puts back what it replaced'
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and not __fish_seen_subcommand_from status apply verify revert roles help" -f -a "roles" -d 'Prints the statements that make the roles of docs/privileges.md, for this database'
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and not __fish_seen_subcommand_from status apply verify revert roles help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from status" -l database-url -d 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from status" -l database-ca -d 'CA certificate that PostgreSQL\'s certificate must chain to (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from status" -l database-cert -d 'Client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from status" -l database-key -d 'Key of the client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from status" -l nats-url -d 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from status" -l nats-context -d 'A context of the NATS CLI, by name' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from status" -l nats-token-file -d 'File that holds the NATS token, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from status" -l nats-user -d 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from status" -l nats-password-file -d 'File that holds the NATS password, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from status" -l nats-creds -d 'NATS credentials file (.creds), read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from status" -l nats-nkey -d 'File that holds the NATS nkey seed, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from status" -l nats-ca -d 'CA certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from status" -l nats-cert -d 'Client certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from status" -l nats-key -d 'Key of the client certificate for NATS (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from status" -l connect-timeout -d 'How long to wait for a connection, seconds' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from status" -s o -l output -d 'Format of the result on stdout' -r -f -a "table\t''
json\t''
markdown\t''
junit\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from status" -l log-format -d 'Form of the log lines on stderr: text for people, json for a collector' -r -f -a "text\t''
json\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from status" -l confirm -d 'Answer the question that wants NAME typed' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from status" -s y -l yes -d 'Answer plain questions with yes'
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from status" -l dry-run -d 'Show what would change, and change nothing'
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from status" -s q -l quiet -d 'Only results and warnings'
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from status" -s v -l verbose -d 'More detail on stderr; twice for debugging'
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from apply" -l backup-command -d 'Makes a backup: run by the shell, must end with code 0' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from apply" -l lock-wait -d 'How long one step goes on trying to get its locks, half a second at a time' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from apply" -l database-url -d 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from apply" -l database-ca -d 'CA certificate that PostgreSQL\'s certificate must chain to (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from apply" -l database-cert -d 'Client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from apply" -l database-key -d 'Key of the client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from apply" -l nats-url -d 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from apply" -l nats-context -d 'A context of the NATS CLI, by name' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from apply" -l nats-token-file -d 'File that holds the NATS token, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from apply" -l nats-user -d 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from apply" -l nats-password-file -d 'File that holds the NATS password, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from apply" -l nats-creds -d 'NATS credentials file (.creds), read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from apply" -l nats-nkey -d 'File that holds the NATS nkey seed, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from apply" -l nats-ca -d 'CA certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from apply" -l nats-cert -d 'Client certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from apply" -l nats-key -d 'Key of the client certificate for NATS (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from apply" -l connect-timeout -d 'How long to wait for a connection, seconds' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from apply" -s o -l output -d 'Format of the result on stdout' -r -f -a "table\t''
json\t''
markdown\t''
junit\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from apply" -l log-format -d 'Form of the log lines on stderr: text for people, json for a collector' -r -f -a "text\t''
json\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from apply" -l confirm -d 'Answer the question that wants NAME typed' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from apply" -l i-have-a-backup -d 'There is a current backup already'
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from apply" -l take-over-functions -d 'Replace the engine\'s own functions that are named in the effect; revert puts them back'
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from apply" -s y -l yes -d 'Answer plain questions with yes'
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from apply" -l dry-run -d 'Show what would change, and change nothing'
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from apply" -s q -l quiet -d 'Only results and warnings'
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from apply" -s v -l verbose -d 'More detail on stderr; twice for debugging'
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from apply" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from verify" -l database-url -d 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from verify" -l database-ca -d 'CA certificate that PostgreSQL\'s certificate must chain to (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from verify" -l database-cert -d 'Client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from verify" -l database-key -d 'Key of the client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from verify" -l nats-url -d 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from verify" -l nats-context -d 'A context of the NATS CLI, by name' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from verify" -l nats-token-file -d 'File that holds the NATS token, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from verify" -l nats-user -d 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from verify" -l nats-password-file -d 'File that holds the NATS password, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from verify" -l nats-creds -d 'NATS credentials file (.creds), read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from verify" -l nats-nkey -d 'File that holds the NATS nkey seed, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from verify" -l nats-ca -d 'CA certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from verify" -l nats-cert -d 'Client certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from verify" -l nats-key -d 'Key of the client certificate for NATS (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from verify" -l connect-timeout -d 'How long to wait for a connection, seconds' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from verify" -s o -l output -d 'Format of the result on stdout' -r -f -a "table\t''
json\t''
markdown\t''
junit\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from verify" -l log-format -d 'Form of the log lines on stderr: text for people, json for a collector' -r -f -a "text\t''
json\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from verify" -l confirm -d 'Answer the question that wants NAME typed' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from verify" -s y -l yes -d 'Answer plain questions with yes'
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from verify" -l dry-run -d 'Show what would change, and change nothing'
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from verify" -s q -l quiet -d 'Only results and warnings'
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from verify" -s v -l verbose -d 'More detail on stderr; twice for debugging'
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from revert" -l lock-wait -d 'How long one step goes on trying to get its locks, half a second at a time' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from revert" -l database-url -d 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from revert" -l database-ca -d 'CA certificate that PostgreSQL\'s certificate must chain to (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from revert" -l database-cert -d 'Client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from revert" -l database-key -d 'Key of the client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from revert" -l nats-url -d 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from revert" -l nats-context -d 'A context of the NATS CLI, by name' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from revert" -l nats-token-file -d 'File that holds the NATS token, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from revert" -l nats-user -d 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from revert" -l nats-password-file -d 'File that holds the NATS password, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from revert" -l nats-creds -d 'NATS credentials file (.creds), read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from revert" -l nats-nkey -d 'File that holds the NATS nkey seed, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from revert" -l nats-ca -d 'CA certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from revert" -l nats-cert -d 'Client certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from revert" -l nats-key -d 'Key of the client certificate for NATS (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from revert" -l connect-timeout -d 'How long to wait for a connection, seconds' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from revert" -s o -l output -d 'Format of the result on stdout' -r -f -a "table\t''
json\t''
markdown\t''
junit\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from revert" -l log-format -d 'Form of the log lines on stderr: text for people, json for a collector' -r -f -a "text\t''
json\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from revert" -l confirm -d 'Answer the question that wants NAME typed' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from revert" -s y -l yes -d 'Answer plain questions with yes'
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from revert" -l dry-run -d 'Show what would change, and change nothing'
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from revert" -s q -l quiet -d 'Only results and warnings'
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from revert" -s v -l verbose -d 'More detail on stderr; twice for debugging'
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from revert" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from roles" -l operator -d 'Role of the people who run the migration' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from roles" -l carrier -d 'Role of relay and workers' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from roles" -l reader -d 'Role that only looks' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from roles" -l application -d 'Role of an application that was made after `schema apply`; repeatable' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from roles" -l database-url -d 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from roles" -l database-ca -d 'CA certificate that PostgreSQL\'s certificate must chain to (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from roles" -l database-cert -d 'Client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from roles" -l database-key -d 'Key of the client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from roles" -l nats-url -d 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from roles" -l nats-context -d 'A context of the NATS CLI, by name' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from roles" -l nats-token-file -d 'File that holds the NATS token, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from roles" -l nats-user -d 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from roles" -l nats-password-file -d 'File that holds the NATS password, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from roles" -l nats-creds -d 'NATS credentials file (.creds), read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from roles" -l nats-nkey -d 'File that holds the NATS nkey seed, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from roles" -l nats-ca -d 'CA certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from roles" -l nats-cert -d 'Client certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from roles" -l nats-key -d 'Key of the client certificate for NATS (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from roles" -l connect-timeout -d 'How long to wait for a connection, seconds' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from roles" -s o -l output -d 'Format of the result on stdout' -r -f -a "table\t''
json\t''
markdown\t''
junit\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from roles" -l log-format -d 'Form of the log lines on stderr: text for people, json for a collector' -r -f -a "text\t''
json\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from roles" -l confirm -d 'Answer the question that wants NAME typed' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from roles" -s y -l yes -d 'Answer plain questions with yes'
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from roles" -l dry-run -d 'Show what would change, and change nothing'
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from roles" -s q -l quiet -d 'Only results and warnings'
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from roles" -s v -l verbose -d 'More detail on stderr; twice for debugging'
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from roles" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from help" -f -a "status" -d 'How far each step is'
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from help" -f -a "apply" -d 'Carries out what is missing, step by step; run again, it continues'
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from help" -f -a "verify" -d 'Compares the live catalogue with what is wanted; any difference ends with code 5'
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from help" -f -a "revert" -d 'Takes everything back that apply made, and puts back what it replaced'
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from help" -f -a "roles" -d 'Prints the statements that make the roles of docs/privileges.md, for this database'
complete -c wavegate -n "__fish_wavegate_using_subcommand schema; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and not __fish_seen_subcommand_from status ensure help" -l database-url -d 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and not __fish_seen_subcommand_from status ensure help" -l database-ca -d 'CA certificate that PostgreSQL\'s certificate must chain to (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and not __fish_seen_subcommand_from status ensure help" -l database-cert -d 'Client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and not __fish_seen_subcommand_from status ensure help" -l database-key -d 'Key of the client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and not __fish_seen_subcommand_from status ensure help" -l nats-url -d 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and not __fish_seen_subcommand_from status ensure help" -l nats-context -d 'A context of the NATS CLI, by name' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and not __fish_seen_subcommand_from status ensure help" -l nats-token-file -d 'File that holds the NATS token, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and not __fish_seen_subcommand_from status ensure help" -l nats-user -d 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and not __fish_seen_subcommand_from status ensure help" -l nats-password-file -d 'File that holds the NATS password, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and not __fish_seen_subcommand_from status ensure help" -l nats-creds -d 'NATS credentials file (.creds), read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and not __fish_seen_subcommand_from status ensure help" -l nats-nkey -d 'File that holds the NATS nkey seed, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and not __fish_seen_subcommand_from status ensure help" -l nats-ca -d 'CA certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and not __fish_seen_subcommand_from status ensure help" -l nats-cert -d 'Client certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and not __fish_seen_subcommand_from status ensure help" -l nats-key -d 'Key of the client certificate for NATS (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and not __fish_seen_subcommand_from status ensure help" -l connect-timeout -d 'How long to wait for a connection, seconds' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and not __fish_seen_subcommand_from status ensure help" -s o -l output -d 'Format of the result on stdout' -r -f -a "table\t''
json\t''
markdown\t''
junit\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and not __fish_seen_subcommand_from status ensure help" -l log-format -d 'Form of the log lines on stderr: text for people, json for a collector' -r -f -a "text\t''
json\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and not __fish_seen_subcommand_from status ensure help" -l confirm -d 'Answer the question that wants NAME typed' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and not __fish_seen_subcommand_from status ensure help" -s y -l yes -d 'Answer plain questions with yes'
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and not __fish_seen_subcommand_from status ensure help" -l dry-run -d 'Show what would change, and change nothing'
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and not __fish_seen_subcommand_from status ensure help" -s q -l quiet -d 'Only results and warnings'
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and not __fish_seen_subcommand_from status ensure help" -s v -l verbose -d 'More detail on stderr; twice for debugging'
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and not __fish_seen_subcommand_from status ensure help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and not __fish_seen_subcommand_from status ensure help" -f -a "status" -d 'Compares stream and consumer with what is wanted; a difference ends with code 5'
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and not __fish_seen_subcommand_from status ensure help" -f -a "ensure" -d 'Makes or changes stream and consumer; refuses what cannot change in place and what is someone else\'s'
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and not __fish_seen_subcommand_from status ensure help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and __fish_seen_subcommand_from status" -l config -d 'Row of rule_nats_config' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and __fish_seen_subcommand_from status" -l stream -d 'Stream; without it, the one of the config' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and __fish_seen_subcommand_from status" -l consumer -d 'Durable consumer that all NATS workers share' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and __fish_seen_subcommand_from status" -l database-url -d 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and __fish_seen_subcommand_from status" -l database-ca -d 'CA certificate that PostgreSQL\'s certificate must chain to (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and __fish_seen_subcommand_from status" -l database-cert -d 'Client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and __fish_seen_subcommand_from status" -l database-key -d 'Key of the client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and __fish_seen_subcommand_from status" -l nats-url -d 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and __fish_seen_subcommand_from status" -l nats-context -d 'A context of the NATS CLI, by name' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and __fish_seen_subcommand_from status" -l nats-token-file -d 'File that holds the NATS token, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and __fish_seen_subcommand_from status" -l nats-user -d 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and __fish_seen_subcommand_from status" -l nats-password-file -d 'File that holds the NATS password, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and __fish_seen_subcommand_from status" -l nats-creds -d 'NATS credentials file (.creds), read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and __fish_seen_subcommand_from status" -l nats-nkey -d 'File that holds the NATS nkey seed, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and __fish_seen_subcommand_from status" -l nats-ca -d 'CA certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and __fish_seen_subcommand_from status" -l nats-cert -d 'Client certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and __fish_seen_subcommand_from status" -l nats-key -d 'Key of the client certificate for NATS (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and __fish_seen_subcommand_from status" -l connect-timeout -d 'How long to wait for a connection, seconds' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and __fish_seen_subcommand_from status" -s o -l output -d 'Format of the result on stdout' -r -f -a "table\t''
json\t''
markdown\t''
junit\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and __fish_seen_subcommand_from status" -l log-format -d 'Form of the log lines on stderr: text for people, json for a collector' -r -f -a "text\t''
json\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and __fish_seen_subcommand_from status" -l confirm -d 'Answer the question that wants NAME typed' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and __fish_seen_subcommand_from status" -s y -l yes -d 'Answer plain questions with yes'
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and __fish_seen_subcommand_from status" -l dry-run -d 'Show what would change, and change nothing'
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and __fish_seen_subcommand_from status" -s q -l quiet -d 'Only results and warnings'
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and __fish_seen_subcommand_from status" -s v -l verbose -d 'More detail on stderr; twice for debugging'
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and __fish_seen_subcommand_from ensure" -l config -d 'Row of rule_nats_config' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and __fish_seen_subcommand_from ensure" -l stream -d 'Stream; without it, the one of the config' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and __fish_seen_subcommand_from ensure" -l consumer -d 'Durable consumer that all NATS workers share' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and __fish_seen_subcommand_from ensure" -l database-url -d 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and __fish_seen_subcommand_from ensure" -l database-ca -d 'CA certificate that PostgreSQL\'s certificate must chain to (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and __fish_seen_subcommand_from ensure" -l database-cert -d 'Client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and __fish_seen_subcommand_from ensure" -l database-key -d 'Key of the client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and __fish_seen_subcommand_from ensure" -l nats-url -d 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and __fish_seen_subcommand_from ensure" -l nats-context -d 'A context of the NATS CLI, by name' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and __fish_seen_subcommand_from ensure" -l nats-token-file -d 'File that holds the NATS token, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and __fish_seen_subcommand_from ensure" -l nats-user -d 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and __fish_seen_subcommand_from ensure" -l nats-password-file -d 'File that holds the NATS password, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and __fish_seen_subcommand_from ensure" -l nats-creds -d 'NATS credentials file (.creds), read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and __fish_seen_subcommand_from ensure" -l nats-nkey -d 'File that holds the NATS nkey seed, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and __fish_seen_subcommand_from ensure" -l nats-ca -d 'CA certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and __fish_seen_subcommand_from ensure" -l nats-cert -d 'Client certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and __fish_seen_subcommand_from ensure" -l nats-key -d 'Key of the client certificate for NATS (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and __fish_seen_subcommand_from ensure" -l connect-timeout -d 'How long to wait for a connection, seconds' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and __fish_seen_subcommand_from ensure" -s o -l output -d 'Format of the result on stdout' -r -f -a "table\t''
json\t''
markdown\t''
junit\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and __fish_seen_subcommand_from ensure" -l log-format -d 'Form of the log lines on stderr: text for people, json for a collector' -r -f -a "text\t''
json\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and __fish_seen_subcommand_from ensure" -l confirm -d 'Answer the question that wants NAME typed' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and __fish_seen_subcommand_from ensure" -s y -l yes -d 'Answer plain questions with yes'
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and __fish_seen_subcommand_from ensure" -l dry-run -d 'Show what would change, and change nothing'
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and __fish_seen_subcommand_from ensure" -s q -l quiet -d 'Only results and warnings'
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and __fish_seen_subcommand_from ensure" -s v -l verbose -d 'More detail on stderr; twice for debugging'
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and __fish_seen_subcommand_from ensure" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and __fish_seen_subcommand_from help" -f -a "status" -d 'Compares stream and consumer with what is wanted; a difference ends with code 5'
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and __fish_seen_subcommand_from help" -f -a "ensure" -d 'Makes or changes stream and consumer; refuses what cannot change in place and what is someone else\'s'
complete -c wavegate -n "__fish_wavegate_using_subcommand stream; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c wavegate -n "__fish_wavegate_using_subcommand relay" -l config -d 'Row of rule_nats_config whose events are carried' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand relay" -l stream -d 'Stream; without it, the one of the config' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand relay" -l consumer -d 'Durable consumer of the workers' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand relay" -l delivery -d 'Who delivers: ledger, our workers; independent, foreign ones, whose durable is named by --consumer' -r -f -a "ledger\t''
independent\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand relay" -l republish-after -d 'Publish an undelivered event again after this many seconds, doubling, if its last copy cannot come any more' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand relay" -l keep-history -d 'How long publish history is kept; 0s for ever' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand relay" -l keep-ledger -d 'How long delivered and discarded events stay in the ledger, at least until no copy can come any more; 0s for ever' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand relay" -l listen -d 'Answer /health, /ready and /metrics (Prometheus) here, for example 127.0.0.1:9464; without it nothing listens' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand relay" -l database-url -d 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand relay" -l database-ca -d 'CA certificate that PostgreSQL\'s certificate must chain to (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand relay" -l database-cert -d 'Client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand relay" -l database-key -d 'Key of the client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand relay" -l nats-url -d 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand relay" -l nats-context -d 'A context of the NATS CLI, by name' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand relay" -l nats-token-file -d 'File that holds the NATS token, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand relay" -l nats-user -d 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand relay" -l nats-password-file -d 'File that holds the NATS password, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand relay" -l nats-creds -d 'NATS credentials file (.creds), read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand relay" -l nats-nkey -d 'File that holds the NATS nkey seed, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand relay" -l nats-ca -d 'CA certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand relay" -l nats-cert -d 'Client certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand relay" -l nats-key -d 'Key of the client certificate for NATS (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand relay" -l connect-timeout -d 'How long to wait for a connection, seconds' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand relay" -s o -l output -d 'Format of the result on stdout' -r -f -a "table\t''
json\t''
markdown\t''
junit\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand relay" -l log-format -d 'Form of the log lines on stderr: text for people, json for a collector' -r -f -a "text\t''
json\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand relay" -l confirm -d 'Answer the question that wants NAME typed' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand relay" -l envelope -d 'Publish in the envelope of the engine\'s example workers; always so with --delivery independent'
complete -c wavegate -n "__fish_wavegate_using_subcommand relay" -s y -l yes -d 'Answer plain questions with yes'
complete -c wavegate -n "__fish_wavegate_using_subcommand relay" -l dry-run -d 'Show what would change, and change nothing'
complete -c wavegate -n "__fish_wavegate_using_subcommand relay" -s q -l quiet -d 'Only results and warnings'
complete -c wavegate -n "__fish_wavegate_using_subcommand relay" -s v -l verbose -d 'More detail on stderr; twice for debugging'
complete -c wavegate -n "__fish_wavegate_using_subcommand relay" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wavegate -n "__fish_wavegate_using_subcommand worker" -l path -d 'Which path it serves' -r -f -a "queue\t''
nats\t''
both\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand worker" -l wave -d 'Deliver the events of this wave\'s webhooks and no others: a dedicated worker. Ordinary workers go on serving all; repeatable' -r -f
complete -c wavegate -n "__fish_wavegate_using_subcommand worker" -l webhook -d 'Deliver the events of this webhook and of no other, by name or id (name:7 or id:7 where both could be meant); repeatable, also beside --wave' -r -f
complete -c wavegate -n "__fish_wavegate_using_subcommand worker" -l concurrency -d 'Calls in flight at most, for each path' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand worker" -l per-host -d 'Calls in flight at most to one host; 0: any number. Without it, half of --concurrency, so that a slow host leaves half to the others' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand worker" -l circuit-after -d 'Failed calls in a row, on both paths together, after which an endpoint is left alone for 5 s to 5 min; 0: never' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand worker" -l reap-after -d 'A queue row that another worker has been processing for this long goes back to the queue; 0: never' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand worker" -l config -d 'Row of rule_nats_config' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand worker" -l stream -d 'Stream; without it, the one of the config' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand worker" -l consumer -d 'Durable consumer that all NATS workers share' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand worker" -l lease-slack -d 'How much longer than a webhook\'s deadline a claim lasts; what a dead worker held is free after that' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand worker" -l allow-address -d 'Call addresses of this network all the same; repeatable' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand worker" -l endpoint-ca -d 'Certificates (PEM) that endpoints may be signed by, beside the system\'s; repeatable. In the environment: one file' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand worker" -l listen -d 'Answer /health, /ready and /metrics (Prometheus) here, for example 127.0.0.1:9464; without it nothing listens' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand worker" -l database-url -d 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand worker" -l database-ca -d 'CA certificate that PostgreSQL\'s certificate must chain to (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand worker" -l database-cert -d 'Client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand worker" -l database-key -d 'Key of the client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand worker" -l nats-url -d 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand worker" -l nats-context -d 'A context of the NATS CLI, by name' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand worker" -l nats-token-file -d 'File that holds the NATS token, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand worker" -l nats-user -d 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand worker" -l nats-password-file -d 'File that holds the NATS password, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand worker" -l nats-creds -d 'NATS credentials file (.creds), read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand worker" -l nats-nkey -d 'File that holds the NATS nkey seed, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand worker" -l nats-ca -d 'CA certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand worker" -l nats-cert -d 'Client certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand worker" -l nats-key -d 'Key of the client certificate for NATS (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand worker" -l connect-timeout -d 'How long to wait for a connection, seconds' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand worker" -s o -l output -d 'Format of the result on stdout' -r -f -a "table\t''
json\t''
markdown\t''
junit\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand worker" -l log-format -d 'Form of the log lines on stderr: text for people, json for a collector' -r -f -a "text\t''
json\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand worker" -l confirm -d 'Answer the question that wants NAME typed' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand worker" -l public-only -d 'Call no private address (RFC 1918, fc00::/7, 100.64.0.0/10) and no loopback. Link-local, metadata, unspecified, multicast and broadcast addresses are never called'
complete -c wavegate -n "__fish_wavegate_using_subcommand worker" -l env-proxy -d 'Call through the proxies that HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY name. What a proxy resolves is not checked'
complete -c wavegate -n "__fish_wavegate_using_subcommand worker" -s y -l yes -d 'Answer plain questions with yes'
complete -c wavegate -n "__fish_wavegate_using_subcommand worker" -l dry-run -d 'Show what would change, and change nothing'
complete -c wavegate -n "__fish_wavegate_using_subcommand worker" -s q -l quiet -d 'Only results and warnings'
complete -c wavegate -n "__fish_wavegate_using_subcommand worker" -s v -l verbose -d 'More detail on stderr; twice for debugging'
complete -c wavegate -n "__fish_wavegate_using_subcommand worker" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wavegate -n "__fish_wavegate_using_subcommand preflight" -l probe-address -d 'Where the probe\'s receiver listens, as the workers reach it' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand preflight" -l probe-timeout -d 'How long the probe event may take, seconds' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand preflight" -l database-url -d 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand preflight" -l database-ca -d 'CA certificate that PostgreSQL\'s certificate must chain to (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand preflight" -l database-cert -d 'Client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand preflight" -l database-key -d 'Key of the client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand preflight" -l nats-url -d 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand preflight" -l nats-context -d 'A context of the NATS CLI, by name' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand preflight" -l nats-token-file -d 'File that holds the NATS token, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand preflight" -l nats-user -d 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand preflight" -l nats-password-file -d 'File that holds the NATS password, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand preflight" -l nats-creds -d 'NATS credentials file (.creds), read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand preflight" -l nats-nkey -d 'File that holds the NATS nkey seed, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand preflight" -l nats-ca -d 'CA certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand preflight" -l nats-cert -d 'Client certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand preflight" -l nats-key -d 'Key of the client certificate for NATS (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand preflight" -l connect-timeout -d 'How long to wait for a connection, seconds' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand preflight" -s o -l output -d 'Format of the result on stdout' -r -f -a "table\t''
json\t''
markdown\t''
junit\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand preflight" -l log-format -d 'Form of the log lines on stderr: text for people, json for a collector' -r -f -a "text\t''
json\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand preflight" -l confirm -d 'Answer the question that wants NAME typed' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand preflight" -l i-have-a-backup -d 'There is a current backup of the database'
complete -c wavegate -n "__fish_wavegate_using_subcommand preflight" -l no-probe -d 'Do not send the probe event'
complete -c wavegate -n "__fish_wavegate_using_subcommand preflight" -s y -l yes -d 'Answer plain questions with yes'
complete -c wavegate -n "__fish_wavegate_using_subcommand preflight" -l dry-run -d 'Show what would change, and change nothing'
complete -c wavegate -n "__fish_wavegate_using_subcommand preflight" -s q -l quiet -d 'Only results and warnings'
complete -c wavegate -n "__fish_wavegate_using_subcommand preflight" -s v -l verbose -d 'More detail on stderr; twice for debugging'
complete -c wavegate -n "__fish_wavegate_using_subcommand preflight" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wavegate -n "__fish_wavegate_using_subcommand apply" -l wave -d 'Only this wave; without it, the first that has a next step' -r -f
complete -c wavegate -n "__fish_wavegate_using_subcommand apply" -l to -d 'The state that the wave should take: both, nats or share=N; no step is skipped' -r -f
complete -c wavegate -n "__fish_wavegate_using_subcommand apply" -l wait -d 'After the flip to nats, wait this long for the queue to be drained (for example 10m)' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand apply" -l pass-unjudged -d 'Pass gates that lack nothing but evidence, once the soak is over; WHY goes into the journal. Wants the wave\'s name typed' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand apply" -l barrier-timeout -d 'How long to wait for transactions that began before the change' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand apply" -l barrier-ignore -d 'Do not wait for this session, since it cannot publish (a dump, say); journalled' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand apply" -l database-url -d 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand apply" -l database-ca -d 'CA certificate that PostgreSQL\'s certificate must chain to (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand apply" -l database-cert -d 'Client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand apply" -l database-key -d 'Key of the client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand apply" -l nats-url -d 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand apply" -l nats-context -d 'A context of the NATS CLI, by name' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand apply" -l nats-token-file -d 'File that holds the NATS token, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand apply" -l nats-user -d 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand apply" -l nats-password-file -d 'File that holds the NATS password, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand apply" -l nats-creds -d 'NATS credentials file (.creds), read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand apply" -l nats-nkey -d 'File that holds the NATS nkey seed, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand apply" -l nats-ca -d 'CA certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand apply" -l nats-cert -d 'Client certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand apply" -l nats-key -d 'Key of the client certificate for NATS (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand apply" -l connect-timeout -d 'How long to wait for a connection, seconds' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand apply" -s o -l output -d 'Format of the result on stdout' -r -f -a "table\t''
json\t''
markdown\t''
junit\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand apply" -l log-format -d 'Form of the log lines on stderr: text for people, json for a collector' -r -f -a "text\t''
json\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand apply" -l confirm -d 'Answer the question that wants NAME typed' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand apply" -l resume -d 'Go forward again with what was rolled back'
complete -c wavegate -n "__fish_wavegate_using_subcommand apply" -l move-waiting -d 'In the step to nats: what waits in the queue, due or not, goes to NATS too; what is in flight is left to finish'
complete -c wavegate -n "__fish_wavegate_using_subcommand apply" -s y -l yes -d 'Answer plain questions with yes'
complete -c wavegate -n "__fish_wavegate_using_subcommand apply" -l dry-run -d 'Show what would change, and change nothing'
complete -c wavegate -n "__fish_wavegate_using_subcommand apply" -s q -l quiet -d 'Only results and warnings'
complete -c wavegate -n "__fish_wavegate_using_subcommand apply" -s v -l verbose -d 'More detail on stderr; twice for debugging'
complete -c wavegate -n "__fish_wavegate_using_subcommand apply" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wavegate -n "__fish_wavegate_using_subcommand run" -l barrier-timeout -d 'How long to wait for transactions that began before the change' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand run" -l barrier-ignore -d 'Do not wait for this session, since it cannot publish (a dump, say); journalled' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand run" -l database-url -d 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand run" -l database-ca -d 'CA certificate that PostgreSQL\'s certificate must chain to (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand run" -l database-cert -d 'Client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand run" -l database-key -d 'Key of the client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand run" -l nats-url -d 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand run" -l nats-context -d 'A context of the NATS CLI, by name' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand run" -l nats-token-file -d 'File that holds the NATS token, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand run" -l nats-user -d 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand run" -l nats-password-file -d 'File that holds the NATS password, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand run" -l nats-creds -d 'NATS credentials file (.creds), read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand run" -l nats-nkey -d 'File that holds the NATS nkey seed, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand run" -l nats-ca -d 'CA certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand run" -l nats-cert -d 'Client certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand run" -l nats-key -d 'Key of the client certificate for NATS (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand run" -l connect-timeout -d 'How long to wait for a connection, seconds' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand run" -s o -l output -d 'Format of the result on stdout' -r -f -a "table\t''
json\t''
markdown\t''
junit\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand run" -l log-format -d 'Form of the log lines on stderr: text for people, json for a collector' -r -f -a "text\t''
json\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand run" -l confirm -d 'Answer the question that wants NAME typed' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand run" -l once -d 'Do what is due now and say what it waits for, instead of going on until the migration is over'
complete -c wavegate -n "__fish_wavegate_using_subcommand run" -s y -l yes -d 'Answer plain questions with yes'
complete -c wavegate -n "__fish_wavegate_using_subcommand run" -l dry-run -d 'Show what would change, and change nothing'
complete -c wavegate -n "__fish_wavegate_using_subcommand run" -s q -l quiet -d 'Only results and warnings'
complete -c wavegate -n "__fish_wavegate_using_subcommand run" -s v -l verbose -d 'More detail on stderr; twice for debugging'
complete -c wavegate -n "__fish_wavegate_using_subcommand run" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wavegate -n "__fish_wavegate_using_subcommand approve" -l wave -d 'The wave whose next step is approved' -r -f
complete -c wavegate -n "__fish_wavegate_using_subcommand approve" -l note -d 'Why, for the journal' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand approve" -l database-url -d 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand approve" -l database-ca -d 'CA certificate that PostgreSQL\'s certificate must chain to (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand approve" -l database-cert -d 'Client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand approve" -l database-key -d 'Key of the client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand approve" -l nats-url -d 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand approve" -l nats-context -d 'A context of the NATS CLI, by name' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand approve" -l nats-token-file -d 'File that holds the NATS token, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand approve" -l nats-user -d 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand approve" -l nats-password-file -d 'File that holds the NATS password, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand approve" -l nats-creds -d 'NATS credentials file (.creds), read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand approve" -l nats-nkey -d 'File that holds the NATS nkey seed, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand approve" -l nats-ca -d 'CA certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand approve" -l nats-cert -d 'Client certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand approve" -l nats-key -d 'Key of the client certificate for NATS (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand approve" -l connect-timeout -d 'How long to wait for a connection, seconds' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand approve" -s o -l output -d 'Format of the result on stdout' -r -f -a "table\t''
json\t''
markdown\t''
junit\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand approve" -l log-format -d 'Form of the log lines on stderr: text for people, json for a collector' -r -f -a "text\t''
json\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand approve" -l confirm -d 'Answer the question that wants NAME typed' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand approve" -s y -l yes -d 'Answer plain questions with yes'
complete -c wavegate -n "__fish_wavegate_using_subcommand approve" -l dry-run -d 'Show what would change, and change nothing'
complete -c wavegate -n "__fish_wavegate_using_subcommand approve" -s q -l quiet -d 'Only results and warnings'
complete -c wavegate -n "__fish_wavegate_using_subcommand approve" -s v -l verbose -d 'More detail on stderr; twice for debugging'
complete -c wavegate -n "__fish_wavegate_using_subcommand approve" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wavegate -n "__fish_wavegate_using_subcommand hold" -l webhook -d 'One webhook, by name or id (name:7 or id:7 where both could be meant)' -r -f
complete -c wavegate -n "__fish_wavegate_using_subcommand hold" -l wave -d 'Every webhook of one wave' -r -f
complete -c wavegate -n "__fish_wavegate_using_subcommand hold" -l reason -d 'Why; without a reason the holds that stand are listed' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand hold" -l for -d 'It ends by itself after this long (2h, 3d)' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand hold" -l until -d 'It ends by itself at this time (2026-12-01 08:00 in UTC, or RFC 3339)' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand hold" -l database-url -d 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand hold" -l database-ca -d 'CA certificate that PostgreSQL\'s certificate must chain to (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand hold" -l database-cert -d 'Client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand hold" -l database-key -d 'Key of the client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand hold" -l nats-url -d 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand hold" -l nats-context -d 'A context of the NATS CLI, by name' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand hold" -l nats-token-file -d 'File that holds the NATS token, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand hold" -l nats-user -d 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand hold" -l nats-password-file -d 'File that holds the NATS password, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand hold" -l nats-creds -d 'NATS credentials file (.creds), read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand hold" -l nats-nkey -d 'File that holds the NATS nkey seed, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand hold" -l nats-ca -d 'CA certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand hold" -l nats-cert -d 'Client certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand hold" -l nats-key -d 'Key of the client certificate for NATS (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand hold" -l connect-timeout -d 'How long to wait for a connection, seconds' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand hold" -s o -l output -d 'Format of the result on stdout' -r -f -a "table\t''
json\t''
markdown\t''
junit\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand hold" -l log-format -d 'Form of the log lines on stderr: text for people, json for a collector' -r -f -a "text\t''
json\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand hold" -l confirm -d 'Answer the question that wants NAME typed' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand hold" -l all -d 'Every webhook that NATS has to do with'
complete -c wavegate -n "__fish_wavegate_using_subcommand hold" -s y -l yes -d 'Answer plain questions with yes'
complete -c wavegate -n "__fish_wavegate_using_subcommand hold" -l dry-run -d 'Show what would change, and change nothing'
complete -c wavegate -n "__fish_wavegate_using_subcommand hold" -s q -l quiet -d 'Only results and warnings'
complete -c wavegate -n "__fish_wavegate_using_subcommand hold" -s v -l verbose -d 'More detail on stderr; twice for debugging'
complete -c wavegate -n "__fish_wavegate_using_subcommand hold" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wavegate -n "__fish_wavegate_using_subcommand release" -l database-url -d 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand release" -l database-ca -d 'CA certificate that PostgreSQL\'s certificate must chain to (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand release" -l database-cert -d 'Client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand release" -l database-key -d 'Key of the client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand release" -l nats-url -d 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand release" -l nats-context -d 'A context of the NATS CLI, by name' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand release" -l nats-token-file -d 'File that holds the NATS token, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand release" -l nats-user -d 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand release" -l nats-password-file -d 'File that holds the NATS password, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand release" -l nats-creds -d 'NATS credentials file (.creds), read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand release" -l nats-nkey -d 'File that holds the NATS nkey seed, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand release" -l nats-ca -d 'CA certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand release" -l nats-cert -d 'Client certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand release" -l nats-key -d 'Key of the client certificate for NATS (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand release" -l connect-timeout -d 'How long to wait for a connection, seconds' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand release" -s o -l output -d 'Format of the result on stdout' -r -f -a "table\t''
json\t''
markdown\t''
junit\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand release" -l log-format -d 'Form of the log lines on stderr: text for people, json for a collector' -r -f -a "text\t''
json\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand release" -l confirm -d 'Answer the question that wants NAME typed' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand release" -s y -l yes -d 'Answer plain questions with yes'
complete -c wavegate -n "__fish_wavegate_using_subcommand release" -l dry-run -d 'Show what would change, and change nothing'
complete -c wavegate -n "__fish_wavegate_using_subcommand release" -s q -l quiet -d 'Only results and warnings'
complete -c wavegate -n "__fish_wavegate_using_subcommand release" -s v -l verbose -d 'More detail on stderr; twice for debugging'
complete -c wavegate -n "__fish_wavegate_using_subcommand release" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and not __fish_seen_subcommand_from history calibrate help" -l wave -d 'Only this wave' -r -f
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and not __fish_seen_subcommand_from history calibrate help" -l explain -d 'One gate in plain words, with all its numbers, its formula and how it moved; the exit code is this gate\'s' -r -f
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and not __fish_seen_subcommand_from history calibrate help" -l every -d 'Between two looks: 10s, 5m' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and not __fish_seen_subcommand_from history calibrate help" -l until -d 'When watching ends by itself' -r -f -a "decided\t'When every gate passes (exit code 0) or one fails (3)'
pass\t'When every gate passes; a failure may be repaired meanwhile'
never\t'With Ctrl-C, SIGTERM or SIGHUP only'"
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and not __fish_seen_subcommand_from history calibrate help" -l database-url -d 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and not __fish_seen_subcommand_from history calibrate help" -l database-ca -d 'CA certificate that PostgreSQL\'s certificate must chain to (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and not __fish_seen_subcommand_from history calibrate help" -l database-cert -d 'Client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and not __fish_seen_subcommand_from history calibrate help" -l database-key -d 'Key of the client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and not __fish_seen_subcommand_from history calibrate help" -l nats-url -d 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and not __fish_seen_subcommand_from history calibrate help" -l nats-context -d 'A context of the NATS CLI, by name' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and not __fish_seen_subcommand_from history calibrate help" -l nats-token-file -d 'File that holds the NATS token, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and not __fish_seen_subcommand_from history calibrate help" -l nats-user -d 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and not __fish_seen_subcommand_from history calibrate help" -l nats-password-file -d 'File that holds the NATS password, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and not __fish_seen_subcommand_from history calibrate help" -l nats-creds -d 'NATS credentials file (.creds), read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and not __fish_seen_subcommand_from history calibrate help" -l nats-nkey -d 'File that holds the NATS nkey seed, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and not __fish_seen_subcommand_from history calibrate help" -l nats-ca -d 'CA certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and not __fish_seen_subcommand_from history calibrate help" -l nats-cert -d 'Client certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and not __fish_seen_subcommand_from history calibrate help" -l nats-key -d 'Key of the client certificate for NATS (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and not __fish_seen_subcommand_from history calibrate help" -l connect-timeout -d 'How long to wait for a connection, seconds' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and not __fish_seen_subcommand_from history calibrate help" -s o -l output -d 'Format of the result on stdout' -r -f -a "table\t''
json\t''
markdown\t''
junit\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and not __fish_seen_subcommand_from history calibrate help" -l log-format -d 'Form of the log lines on stderr: text for people, json for a collector' -r -f -a "text\t''
json\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and not __fish_seen_subcommand_from history calibrate help" -l confirm -d 'Answer the question that wants NAME typed' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and not __fish_seen_subcommand_from history calibrate help" -l resume -d 'The step by which what was taken back goes forward again, as `apply --resume` would take it'
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and not __fish_seen_subcommand_from history calibrate help" -l watch -d 'Look again and again: in place at a terminal, line by line elsewhere'
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and not __fish_seen_subcommand_from history calibrate help" -s y -l yes -d 'Answer plain questions with yes'
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and not __fish_seen_subcommand_from history calibrate help" -l dry-run -d 'Show what would change, and change nothing'
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and not __fish_seen_subcommand_from history calibrate help" -s q -l quiet -d 'Only results and warnings'
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and not __fish_seen_subcommand_from history calibrate help" -s v -l verbose -d 'More detail on stderr; twice for debugging'
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and not __fish_seen_subcommand_from history calibrate help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and not __fish_seen_subcommand_from history calibrate help" -a "history" -d 'What the gates said, when, for how long, and by what evidence'
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and not __fish_seen_subcommand_from history calibrate help" -a "calibrate" -d 'What the past advises for blocks, shares, soak and margin: measured bursts, played again with equal paths'
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and not __fish_seen_subcommand_from history calibrate help" -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and __fish_seen_subcommand_from history" -l wave -d 'Only this wave' -r -f
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and __fish_seen_subcommand_from history" -l gate -d 'Only this gate' -r -f
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and __fish_seen_subcommand_from history" -l since -d 'Only what was said since then: 2h, 7d, 2026-11-21, "2026-11-21 14:00" (UTC), RFC 3339' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and __fish_seen_subcommand_from history" -l limit -d 'The newest lines, at most so many' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and __fish_seen_subcommand_from history" -l database-url -d 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and __fish_seen_subcommand_from history" -l database-ca -d 'CA certificate that PostgreSQL\'s certificate must chain to (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and __fish_seen_subcommand_from history" -l database-cert -d 'Client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and __fish_seen_subcommand_from history" -l database-key -d 'Key of the client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and __fish_seen_subcommand_from history" -l nats-url -d 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and __fish_seen_subcommand_from history" -l nats-context -d 'A context of the NATS CLI, by name' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and __fish_seen_subcommand_from history" -l nats-token-file -d 'File that holds the NATS token, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and __fish_seen_subcommand_from history" -l nats-user -d 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and __fish_seen_subcommand_from history" -l nats-password-file -d 'File that holds the NATS password, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and __fish_seen_subcommand_from history" -l nats-creds -d 'NATS credentials file (.creds), read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and __fish_seen_subcommand_from history" -l nats-nkey -d 'File that holds the NATS nkey seed, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and __fish_seen_subcommand_from history" -l nats-ca -d 'CA certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and __fish_seen_subcommand_from history" -l nats-cert -d 'Client certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and __fish_seen_subcommand_from history" -l nats-key -d 'Key of the client certificate for NATS (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and __fish_seen_subcommand_from history" -l connect-timeout -d 'How long to wait for a connection, seconds' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and __fish_seen_subcommand_from history" -s o -l output -d 'Format of the result on stdout' -r -f -a "table\t''
json\t''
markdown\t''
junit\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and __fish_seen_subcommand_from history" -l log-format -d 'Form of the log lines on stderr: text for people, json for a collector' -r -f -a "text\t''
json\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and __fish_seen_subcommand_from history" -l confirm -d 'Answer the question that wants NAME typed' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and __fish_seen_subcommand_from history" -l every -d 'Every line that was kept, not only where a verdict changed'
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and __fish_seen_subcommand_from history" -s y -l yes -d 'Answer plain questions with yes'
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and __fish_seen_subcommand_from history" -l dry-run -d 'Show what would change, and change nothing'
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and __fish_seen_subcommand_from history" -s q -l quiet -d 'Only results and warnings'
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and __fish_seen_subcommand_from history" -s v -l verbose -d 'More detail on stderr; twice for debugging'
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and __fish_seen_subcommand_from history" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and __fish_seen_subcommand_from calibrate" -l wave -d 'Only this wave' -r -f
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and __fish_seen_subcommand_from calibrate" -l runs -d 'How often a step is played, for each truth' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and __fish_seen_subcommand_from calibrate" -l seed -d 'Of the chance with which steps are played: the same one plays the same steps' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and __fish_seen_subcommand_from calibrate" -l database-url -d 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and __fish_seen_subcommand_from calibrate" -l database-ca -d 'CA certificate that PostgreSQL\'s certificate must chain to (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and __fish_seen_subcommand_from calibrate" -l database-cert -d 'Client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and __fish_seen_subcommand_from calibrate" -l database-key -d 'Key of the client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and __fish_seen_subcommand_from calibrate" -l nats-url -d 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and __fish_seen_subcommand_from calibrate" -l nats-context -d 'A context of the NATS CLI, by name' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and __fish_seen_subcommand_from calibrate" -l nats-token-file -d 'File that holds the NATS token, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and __fish_seen_subcommand_from calibrate" -l nats-user -d 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and __fish_seen_subcommand_from calibrate" -l nats-password-file -d 'File that holds the NATS password, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and __fish_seen_subcommand_from calibrate" -l nats-creds -d 'NATS credentials file (.creds), read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and __fish_seen_subcommand_from calibrate" -l nats-nkey -d 'File that holds the NATS nkey seed, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and __fish_seen_subcommand_from calibrate" -l nats-ca -d 'CA certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and __fish_seen_subcommand_from calibrate" -l nats-cert -d 'Client certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and __fish_seen_subcommand_from calibrate" -l nats-key -d 'Key of the client certificate for NATS (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and __fish_seen_subcommand_from calibrate" -l connect-timeout -d 'How long to wait for a connection, seconds' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and __fish_seen_subcommand_from calibrate" -s o -l output -d 'Format of the result on stdout' -r -f -a "table\t''
json\t''
markdown\t''
junit\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and __fish_seen_subcommand_from calibrate" -l log-format -d 'Form of the log lines on stderr: text for people, json for a collector' -r -f -a "text\t''
json\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and __fish_seen_subcommand_from calibrate" -l confirm -d 'Answer the question that wants NAME typed' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and __fish_seen_subcommand_from calibrate" -s y -l yes -d 'Answer plain questions with yes'
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and __fish_seen_subcommand_from calibrate" -l dry-run -d 'Show what would change, and change nothing'
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and __fish_seen_subcommand_from calibrate" -s q -l quiet -d 'Only results and warnings'
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and __fish_seen_subcommand_from calibrate" -s v -l verbose -d 'More detail on stderr; twice for debugging'
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and __fish_seen_subcommand_from calibrate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and __fish_seen_subcommand_from help" -f -a "history" -d 'What the gates said, when, for how long, and by what evidence'
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and __fish_seen_subcommand_from help" -f -a "calibrate" -d 'What the past advises for blocks, shares, soak and margin: measured bursts, played again with equal paths'
complete -c wavegate -n "__fish_wavegate_using_subcommand gate; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c wavegate -n "__fish_wavegate_using_subcommand rollback" -l webhook -d 'One webhook, by name or id (name:7 or id:7 where both could be meant)' -r -f
complete -c wavegate -n "__fish_wavegate_using_subcommand rollback" -l wave -d 'Every webhook of one wave' -r -f
complete -c wavegate -n "__fish_wavegate_using_subcommand rollback" -l to -d 'both: the queue delivers all, callers go on to write both routes; queue: as before the migration' -r -f -a "both\t''
queue\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand rollback" -l level -d '1: to both with share 0 (default); 2: to queue; 3: to queue, and take migration 007 back' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand rollback" -l barrier-timeout -d 'How long to wait for transactions that began before the change' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand rollback" -l barrier-ignore -d 'Do not wait for this session, since it cannot publish (a dump, say); journalled' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand rollback" -l database-url -d 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand rollback" -l database-ca -d 'CA certificate that PostgreSQL\'s certificate must chain to (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand rollback" -l database-cert -d 'Client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand rollback" -l database-key -d 'Key of the client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand rollback" -l nats-url -d 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand rollback" -l nats-context -d 'A context of the NATS CLI, by name' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand rollback" -l nats-token-file -d 'File that holds the NATS token, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand rollback" -l nats-user -d 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand rollback" -l nats-password-file -d 'File that holds the NATS password, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand rollback" -l nats-creds -d 'NATS credentials file (.creds), read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand rollback" -l nats-nkey -d 'File that holds the NATS nkey seed, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand rollback" -l nats-ca -d 'CA certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand rollback" -l nats-cert -d 'Client certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand rollback" -l nats-key -d 'Key of the client certificate for NATS (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand rollback" -l connect-timeout -d 'How long to wait for a connection, seconds' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand rollback" -s o -l output -d 'Format of the result on stdout' -r -f -a "table\t''
json\t''
markdown\t''
junit\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand rollback" -l log-format -d 'Form of the log lines on stderr: text for people, json for a collector' -r -f -a "text\t''
json\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand rollback" -l confirm -d 'Answer the question that wants NAME typed' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand rollback" -l all -d 'Every webhook that NATS has to do with'
complete -c wavegate -n "__fish_wavegate_using_subcommand rollback" -l drain -d 'Set no fence: NATS workers finish what they have. For when no queue worker can be started'
complete -c wavegate -n "__fish_wavegate_using_subcommand rollback" -s y -l yes -d 'Answer plain questions with yes'
complete -c wavegate -n "__fish_wavegate_using_subcommand rollback" -l dry-run -d 'Show what would change, and change nothing'
complete -c wavegate -n "__fish_wavegate_using_subcommand rollback" -s q -l quiet -d 'Only results and warnings'
complete -c wavegate -n "__fish_wavegate_using_subcommand rollback" -s v -l verbose -d 'More detail on stderr; twice for debugging'
complete -c wavegate -n "__fish_wavegate_using_subcommand rollback" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wavegate -n "__fish_wavegate_using_subcommand restore" -l webhook -d 'One webhook, by name or id (name:7 or id:7 where both could be meant)' -r -f
complete -c wavegate -n "__fish_wavegate_using_subcommand restore" -l wave -d 'Every webhook of one wave' -r -f
complete -c wavegate -n "__fish_wavegate_using_subcommand restore" -l barrier-timeout -d 'How long to wait for transactions that began before the change' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand restore" -l barrier-ignore -d 'Do not wait for this session, since it cannot publish (a dump, say); journalled' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand restore" -l database-url -d 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand restore" -l database-ca -d 'CA certificate that PostgreSQL\'s certificate must chain to (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand restore" -l database-cert -d 'Client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand restore" -l database-key -d 'Key of the client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand restore" -l nats-url -d 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand restore" -l nats-context -d 'A context of the NATS CLI, by name' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand restore" -l nats-token-file -d 'File that holds the NATS token, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand restore" -l nats-user -d 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand restore" -l nats-password-file -d 'File that holds the NATS password, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand restore" -l nats-creds -d 'NATS credentials file (.creds), read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand restore" -l nats-nkey -d 'File that holds the NATS nkey seed, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand restore" -l nats-ca -d 'CA certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand restore" -l nats-cert -d 'Client certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand restore" -l nats-key -d 'Key of the client certificate for NATS (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand restore" -l connect-timeout -d 'How long to wait for a connection, seconds' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand restore" -s o -l output -d 'Format of the result on stdout' -r -f -a "table\t''
json\t''
markdown\t''
junit\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand restore" -l log-format -d 'Form of the log lines on stderr: text for people, json for a collector' -r -f -a "text\t''
json\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand restore" -l confirm -d 'Answer the question that wants NAME typed' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand restore" -l all -d 'Every webhook that NATS has to do with'
complete -c wavegate -n "__fish_wavegate_using_subcommand restore" -s y -l yes -d 'Answer plain questions with yes'
complete -c wavegate -n "__fish_wavegate_using_subcommand restore" -l dry-run -d 'Show what would change, and change nothing'
complete -c wavegate -n "__fish_wavegate_using_subcommand restore" -s q -l quiet -d 'Only results and warnings'
complete -c wavegate -n "__fish_wavegate_using_subcommand restore" -s v -l verbose -d 'More detail on stderr; twice for debugging'
complete -c wavegate -n "__fish_wavegate_using_subcommand restore" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wavegate -n "__fish_wavegate_using_subcommand adopt" -l webhook -d 'One webhook, by name or id (name:7 or id:7 where both could be meant)' -r -f
complete -c wavegate -n "__fish_wavegate_using_subcommand adopt" -l wave -d 'Every webhook of one wave' -r -f
complete -c wavegate -n "__fish_wavegate_using_subcommand adopt" -l barrier-timeout -d 'How long to wait for transactions that began before the change' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand adopt" -l barrier-ignore -d 'Do not wait for this session, since it cannot publish (a dump, say); journalled' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand adopt" -l database-url -d 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand adopt" -l database-ca -d 'CA certificate that PostgreSQL\'s certificate must chain to (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand adopt" -l database-cert -d 'Client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand adopt" -l database-key -d 'Key of the client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand adopt" -l nats-url -d 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand adopt" -l nats-context -d 'A context of the NATS CLI, by name' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand adopt" -l nats-token-file -d 'File that holds the NATS token, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand adopt" -l nats-user -d 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand adopt" -l nats-password-file -d 'File that holds the NATS password, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand adopt" -l nats-creds -d 'NATS credentials file (.creds), read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand adopt" -l nats-nkey -d 'File that holds the NATS nkey seed, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand adopt" -l nats-ca -d 'CA certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand adopt" -l nats-cert -d 'Client certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand adopt" -l nats-key -d 'Key of the client certificate for NATS (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand adopt" -l connect-timeout -d 'How long to wait for a connection, seconds' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand adopt" -s o -l output -d 'Format of the result on stdout' -r -f -a "table\t''
json\t''
markdown\t''
junit\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand adopt" -l log-format -d 'Form of the log lines on stderr: text for people, json for a collector' -r -f -a "text\t''
json\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand adopt" -l confirm -d 'Answer the question that wants NAME typed' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand adopt" -l all -d 'Every webhook that NATS has to do with'
complete -c wavegate -n "__fish_wavegate_using_subcommand adopt" -s y -l yes -d 'Answer plain questions with yes'
complete -c wavegate -n "__fish_wavegate_using_subcommand adopt" -l dry-run -d 'Show what would change, and change nothing'
complete -c wavegate -n "__fish_wavegate_using_subcommand adopt" -s q -l quiet -d 'Only results and warnings'
complete -c wavegate -n "__fish_wavegate_using_subcommand adopt" -s v -l verbose -d 'More detail on stderr; twice for debugging'
complete -c wavegate -n "__fish_wavegate_using_subcommand adopt" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wavegate -n "__fish_wavegate_using_subcommand close" -l reason -d 'Why it ends here; goes into the journal' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand close" -l database-url -d 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand close" -l database-ca -d 'CA certificate that PostgreSQL\'s certificate must chain to (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand close" -l database-cert -d 'Client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand close" -l database-key -d 'Key of the client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand close" -l nats-url -d 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand close" -l nats-context -d 'A context of the NATS CLI, by name' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand close" -l nats-token-file -d 'File that holds the NATS token, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand close" -l nats-user -d 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand close" -l nats-password-file -d 'File that holds the NATS password, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand close" -l nats-creds -d 'NATS credentials file (.creds), read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand close" -l nats-nkey -d 'File that holds the NATS nkey seed, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand close" -l nats-ca -d 'CA certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand close" -l nats-cert -d 'Client certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand close" -l nats-key -d 'Key of the client certificate for NATS (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand close" -l connect-timeout -d 'How long to wait for a connection, seconds' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand close" -s o -l output -d 'Format of the result on stdout' -r -f -a "table\t''
json\t''
markdown\t''
junit\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand close" -l log-format -d 'Form of the log lines on stderr: text for people, json for a collector' -r -f -a "text\t''
json\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand close" -l confirm -d 'Answer the question that wants NAME typed' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand close" -s y -l yes -d 'Answer plain questions with yes'
complete -c wavegate -n "__fish_wavegate_using_subcommand close" -l dry-run -d 'Show what would change, and change nothing'
complete -c wavegate -n "__fish_wavegate_using_subcommand close" -s q -l quiet -d 'Only results and warnings'
complete -c wavegate -n "__fish_wavegate_using_subcommand close" -s v -l verbose -d 'More detail on stderr; twice for debugging'
complete -c wavegate -n "__fish_wavegate_using_subcommand close" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wavegate -n "__fish_wavegate_using_subcommand status" -l wave -d 'Only this wave, with each of its webhooks' -r -f
complete -c wavegate -n "__fish_wavegate_using_subcommand status" -l database-url -d 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand status" -l database-ca -d 'CA certificate that PostgreSQL\'s certificate must chain to (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand status" -l database-cert -d 'Client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand status" -l database-key -d 'Key of the client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand status" -l nats-url -d 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand status" -l nats-context -d 'A context of the NATS CLI, by name' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand status" -l nats-token-file -d 'File that holds the NATS token, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand status" -l nats-user -d 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand status" -l nats-password-file -d 'File that holds the NATS password, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand status" -l nats-creds -d 'NATS credentials file (.creds), read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand status" -l nats-nkey -d 'File that holds the NATS nkey seed, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand status" -l nats-ca -d 'CA certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand status" -l nats-cert -d 'Client certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand status" -l nats-key -d 'Key of the client certificate for NATS (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand status" -l connect-timeout -d 'How long to wait for a connection, seconds' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand status" -s o -l output -d 'Format of the result on stdout' -r -f -a "table\t''
json\t''
markdown\t''
junit\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand status" -l log-format -d 'Form of the log lines on stderr: text for people, json for a collector' -r -f -a "text\t''
json\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand status" -l confirm -d 'Answer the question that wants NAME typed' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand status" -s y -l yes -d 'Answer plain questions with yes'
complete -c wavegate -n "__fish_wavegate_using_subcommand status" -l dry-run -d 'Show what would change, and change nothing'
complete -c wavegate -n "__fish_wavegate_using_subcommand status" -s q -l quiet -d 'Only results and warnings'
complete -c wavegate -n "__fish_wavegate_using_subcommand status" -s v -l verbose -d 'More detail on stderr; twice for debugging'
complete -c wavegate -n "__fish_wavegate_using_subcommand status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wavegate -n "__fish_wavegate_using_subcommand signoff" -l wave -d 'The wave that is signed for; without --role, only this wave is shown' -r -f
complete -c wavegate -n "__fish_wavegate_using_subcommand signoff" -l role -d 'Sign for this role of the wave\'s `signoff`' -r -f
complete -c wavegate -n "__fish_wavegate_using_subcommand signoff" -l note -d 'Why, for the journal and for who reads the gate' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand signoff" -l database-url -d 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand signoff" -l database-ca -d 'CA certificate that PostgreSQL\'s certificate must chain to (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand signoff" -l database-cert -d 'Client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand signoff" -l database-key -d 'Key of the client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand signoff" -l nats-url -d 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand signoff" -l nats-context -d 'A context of the NATS CLI, by name' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand signoff" -l nats-token-file -d 'File that holds the NATS token, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand signoff" -l nats-user -d 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand signoff" -l nats-password-file -d 'File that holds the NATS password, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand signoff" -l nats-creds -d 'NATS credentials file (.creds), read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand signoff" -l nats-nkey -d 'File that holds the NATS nkey seed, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand signoff" -l nats-ca -d 'CA certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand signoff" -l nats-cert -d 'Client certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand signoff" -l nats-key -d 'Key of the client certificate for NATS (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand signoff" -l connect-timeout -d 'How long to wait for a connection, seconds' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand signoff" -s o -l output -d 'Format of the result on stdout' -r -f -a "table\t''
json\t''
markdown\t''
junit\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand signoff" -l log-format -d 'Form of the log lines on stderr: text for people, json for a collector' -r -f -a "text\t''
json\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand signoff" -l confirm -d 'Answer the question that wants NAME typed' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand signoff" -l refuse -d 'Refuse instead: the gate `signoff` fails until this role signs'
complete -c wavegate -n "__fish_wavegate_using_subcommand signoff" -s y -l yes -d 'Answer plain questions with yes'
complete -c wavegate -n "__fish_wavegate_using_subcommand signoff" -l dry-run -d 'Show what would change, and change nothing'
complete -c wavegate -n "__fish_wavegate_using_subcommand signoff" -s q -l quiet -d 'Only results and warnings'
complete -c wavegate -n "__fish_wavegate_using_subcommand signoff" -s v -l verbose -d 'More detail on stderr; twice for debugging'
complete -c wavegate -n "__fish_wavegate_using_subcommand signoff" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wavegate -n "__fish_wavegate_using_subcommand history" -l wave -d 'Only lines about this wave' -r -f
complete -c wavegate -n "__fish_wavegate_using_subcommand history" -l webhook -d 'Only what happened to this webhook, by name or id' -r -f
complete -c wavegate -n "__fish_wavegate_using_subcommand history" -l limit -d 'The newest lines, at most so many' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand history" -l database-url -d 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand history" -l database-ca -d 'CA certificate that PostgreSQL\'s certificate must chain to (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand history" -l database-cert -d 'Client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand history" -l database-key -d 'Key of the client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand history" -l nats-url -d 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand history" -l nats-context -d 'A context of the NATS CLI, by name' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand history" -l nats-token-file -d 'File that holds the NATS token, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand history" -l nats-user -d 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand history" -l nats-password-file -d 'File that holds the NATS password, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand history" -l nats-creds -d 'NATS credentials file (.creds), read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand history" -l nats-nkey -d 'File that holds the NATS nkey seed, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand history" -l nats-ca -d 'CA certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand history" -l nats-cert -d 'Client certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand history" -l nats-key -d 'Key of the client certificate for NATS (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand history" -l connect-timeout -d 'How long to wait for a connection, seconds' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand history" -s o -l output -d 'Format of the result on stdout' -r -f -a "table\t''
json\t''
markdown\t''
junit\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand history" -l log-format -d 'Form of the log lines on stderr: text for people, json for a collector' -r -f -a "text\t''
json\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand history" -l confirm -d 'Answer the question that wants NAME typed' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand history" -s y -l yes -d 'Answer plain questions with yes'
complete -c wavegate -n "__fish_wavegate_using_subcommand history" -l dry-run -d 'Show what would change, and change nothing'
complete -c wavegate -n "__fish_wavegate_using_subcommand history" -s q -l quiet -d 'Only results and warnings'
complete -c wavegate -n "__fish_wavegate_using_subcommand history" -s v -l verbose -d 'More detail on stderr; twice for debugging'
complete -c wavegate -n "__fish_wavegate_using_subcommand history" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wavegate -n "__fish_wavegate_using_subcommand audit" -l webhook -d 'Only this webhook, by name or id (name:7 or id:7 where both could be meant); may be repeated' -r -f
complete -c wavegate -n "__fish_wavegate_using_subcommand audit" -l wave -d 'Only the webhooks of this wave' -r -f
complete -c wavegate -n "__fish_wavegate_using_subcommand audit" -l since -d 'Only events committed since then: 2h, 7d, 2026-11-21, "2026-11-21 14:00" (UTC), RFC 3339' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand audit" -l until -d 'Only events committed before then' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand audit" -l retention -d 'Ids that callers chose are asked about for so long; set it lower where the queue is cleaned earlier' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand audit" -l limit -d 'With --strangers: look at so many messages, the newest' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand audit" -l config -d 'With --strangers: row of rule_nats_config' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand audit" -l stream -d 'With --strangers: the stream; without it, the one of the config' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand audit" -l database-url -d 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand audit" -l database-ca -d 'CA certificate that PostgreSQL\'s certificate must chain to (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand audit" -l database-cert -d 'Client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand audit" -l database-key -d 'Key of the client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand audit" -l nats-url -d 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand audit" -l nats-context -d 'A context of the NATS CLI, by name' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand audit" -l nats-token-file -d 'File that holds the NATS token, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand audit" -l nats-user -d 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand audit" -l nats-password-file -d 'File that holds the NATS password, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand audit" -l nats-creds -d 'NATS credentials file (.creds), read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand audit" -l nats-nkey -d 'File that holds the NATS nkey seed, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand audit" -l nats-ca -d 'CA certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand audit" -l nats-cert -d 'Client certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand audit" -l nats-key -d 'Key of the client certificate for NATS (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand audit" -l connect-timeout -d 'How long to wait for a connection, seconds' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand audit" -s o -l output -d 'Format of the result on stdout' -r -f -a "table\t''
json\t''
markdown\t''
junit\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand audit" -l log-format -d 'Form of the log lines on stderr: text for people, json for a collector' -r -f -a "text\t''
json\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand audit" -l confirm -d 'Answer the question that wants NAME typed' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand audit" -l all -d 'Every webhook'
complete -c wavegate -n "__fish_wavegate_using_subcommand audit" -l strangers -d 'Look for messages in the stream that PostgreSQL never knew, too; reads their headers, touches none'
complete -c wavegate -n "__fish_wavegate_using_subcommand audit" -s y -l yes -d 'Answer plain questions with yes'
complete -c wavegate -n "__fish_wavegate_using_subcommand audit" -l dry-run -d 'Show what would change, and change nothing'
complete -c wavegate -n "__fish_wavegate_using_subcommand audit" -s q -l quiet -d 'Only results and warnings'
complete -c wavegate -n "__fish_wavegate_using_subcommand audit" -s v -l verbose -d 'More detail on stderr; twice for debugging'
complete -c wavegate -n "__fish_wavegate_using_subcommand audit" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and not __fish_seen_subcommand_from list inspect requeue discard help" -l database-url -d 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and not __fish_seen_subcommand_from list inspect requeue discard help" -l database-ca -d 'CA certificate that PostgreSQL\'s certificate must chain to (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and not __fish_seen_subcommand_from list inspect requeue discard help" -l database-cert -d 'Client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and not __fish_seen_subcommand_from list inspect requeue discard help" -l database-key -d 'Key of the client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and not __fish_seen_subcommand_from list inspect requeue discard help" -l nats-url -d 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and not __fish_seen_subcommand_from list inspect requeue discard help" -l nats-context -d 'A context of the NATS CLI, by name' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and not __fish_seen_subcommand_from list inspect requeue discard help" -l nats-token-file -d 'File that holds the NATS token, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and not __fish_seen_subcommand_from list inspect requeue discard help" -l nats-user -d 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and not __fish_seen_subcommand_from list inspect requeue discard help" -l nats-password-file -d 'File that holds the NATS password, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and not __fish_seen_subcommand_from list inspect requeue discard help" -l nats-creds -d 'NATS credentials file (.creds), read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and not __fish_seen_subcommand_from list inspect requeue discard help" -l nats-nkey -d 'File that holds the NATS nkey seed, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and not __fish_seen_subcommand_from list inspect requeue discard help" -l nats-ca -d 'CA certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and not __fish_seen_subcommand_from list inspect requeue discard help" -l nats-cert -d 'Client certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and not __fish_seen_subcommand_from list inspect requeue discard help" -l nats-key -d 'Key of the client certificate for NATS (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and not __fish_seen_subcommand_from list inspect requeue discard help" -l connect-timeout -d 'How long to wait for a connection, seconds' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and not __fish_seen_subcommand_from list inspect requeue discard help" -s o -l output -d 'Format of the result on stdout' -r -f -a "table\t''
json\t''
markdown\t''
junit\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and not __fish_seen_subcommand_from list inspect requeue discard help" -l log-format -d 'Form of the log lines on stderr: text for people, json for a collector' -r -f -a "text\t''
json\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and not __fish_seen_subcommand_from list inspect requeue discard help" -l confirm -d 'Answer the question that wants NAME typed' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and not __fish_seen_subcommand_from list inspect requeue discard help" -s y -l yes -d 'Answer plain questions with yes'
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and not __fish_seen_subcommand_from list inspect requeue discard help" -l dry-run -d 'Show what would change, and change nothing'
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and not __fish_seen_subcommand_from list inspect requeue discard help" -s q -l quiet -d 'Only results and warnings'
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and not __fish_seen_subcommand_from list inspect requeue discard help" -s v -l verbose -d 'More detail on stderr; twice for debugging'
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and not __fish_seen_subcommand_from list inspect requeue discard help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and not __fish_seen_subcommand_from list inspect requeue discard help" -f -a "list" -d 'What is dead, by webhook and error'
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and not __fish_seen_subcommand_from list inspect requeue discard help" -f -a "inspect" -d 'Everything that is known of one event, dead or not'
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and not __fish_seen_subcommand_from list inspect requeue discard help" -f -a "requeue" -d 'One more attempt, due now'
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and not __fish_seen_subcommand_from list inspect requeue discard help" -f -a "discard" -d 'Gives dead events up: their payloads go, the ledger keeps that they were'
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and not __fish_seen_subcommand_from list inspect requeue discard help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from list" -l webhook -d 'Only this webhook, by name or id (name:7 or id:7 where both could be meant); may be repeated' -r -f
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from list" -l wave -d 'Only the webhooks of this wave' -r -f
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from list" -l event -d 'Only this event, by event id, call-N or call id; may be repeated' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from list" -l since -d 'Only events committed since then: 2h, 7d, 2026-11-21, "2026-11-21 14:00" (UTC), RFC 3339' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from list" -l until -d 'Only events committed before then' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from list" -l limit -d 'So many lines at most, the newest' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from list" -l database-url -d 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from list" -l database-ca -d 'CA certificate that PostgreSQL\'s certificate must chain to (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from list" -l database-cert -d 'Client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from list" -l database-key -d 'Key of the client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from list" -l nats-url -d 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from list" -l nats-context -d 'A context of the NATS CLI, by name' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from list" -l nats-token-file -d 'File that holds the NATS token, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from list" -l nats-user -d 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from list" -l nats-password-file -d 'File that holds the NATS password, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from list" -l nats-creds -d 'NATS credentials file (.creds), read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from list" -l nats-nkey -d 'File that holds the NATS nkey seed, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from list" -l nats-ca -d 'CA certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from list" -l nats-cert -d 'Client certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from list" -l nats-key -d 'Key of the client certificate for NATS (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from list" -l connect-timeout -d 'How long to wait for a connection, seconds' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from list" -s o -l output -d 'Format of the result on stdout' -r -f -a "table\t''
json\t''
markdown\t''
junit\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from list" -l log-format -d 'Form of the log lines on stderr: text for people, json for a collector' -r -f -a "text\t''
json\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from list" -l confirm -d 'Answer the question that wants NAME typed' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from list" -l all -d 'Every webhook'
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from list" -l events -d 'One by one'
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from list" -s y -l yes -d 'Answer plain questions with yes'
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from list" -l dry-run -d 'Show what would change, and change nothing'
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Only results and warnings'
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from list" -s v -l verbose -d 'More detail on stderr; twice for debugging'
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from inspect" -l database-url -d 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from inspect" -l database-ca -d 'CA certificate that PostgreSQL\'s certificate must chain to (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from inspect" -l database-cert -d 'Client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from inspect" -l database-key -d 'Key of the client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from inspect" -l nats-url -d 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from inspect" -l nats-context -d 'A context of the NATS CLI, by name' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from inspect" -l nats-token-file -d 'File that holds the NATS token, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from inspect" -l nats-user -d 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from inspect" -l nats-password-file -d 'File that holds the NATS password, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from inspect" -l nats-creds -d 'NATS credentials file (.creds), read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from inspect" -l nats-nkey -d 'File that holds the NATS nkey seed, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from inspect" -l nats-ca -d 'CA certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from inspect" -l nats-cert -d 'Client certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from inspect" -l nats-key -d 'Key of the client certificate for NATS (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from inspect" -l connect-timeout -d 'How long to wait for a connection, seconds' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from inspect" -s o -l output -d 'Format of the result on stdout' -r -f -a "table\t''
json\t''
markdown\t''
junit\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from inspect" -l log-format -d 'Form of the log lines on stderr: text for people, json for a collector' -r -f -a "text\t''
json\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from inspect" -l confirm -d 'Answer the question that wants NAME typed' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from inspect" -l payload -d 'Show the payload, too'
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from inspect" -s y -l yes -d 'Answer plain questions with yes'
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from inspect" -l dry-run -d 'Show what would change, and change nothing'
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from inspect" -s q -l quiet -d 'Only results and warnings'
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from inspect" -s v -l verbose -d 'More detail on stderr; twice for debugging'
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from inspect" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from requeue" -l webhook -d 'Only this webhook, by name or id (name:7 or id:7 where both could be meant); may be repeated' -r -f
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from requeue" -l wave -d 'Only the webhooks of this wave' -r -f
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from requeue" -l event -d 'Only this event, by event id, call-N or call id; may be repeated' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from requeue" -l since -d 'Only events committed since then: 2h, 7d, 2026-11-21, "2026-11-21 14:00" (UTC), RFC 3339' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from requeue" -l until -d 'Only events committed before then' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from requeue" -l database-url -d 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from requeue" -l database-ca -d 'CA certificate that PostgreSQL\'s certificate must chain to (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from requeue" -l database-cert -d 'Client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from requeue" -l database-key -d 'Key of the client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from requeue" -l nats-url -d 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from requeue" -l nats-context -d 'A context of the NATS CLI, by name' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from requeue" -l nats-token-file -d 'File that holds the NATS token, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from requeue" -l nats-user -d 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from requeue" -l nats-password-file -d 'File that holds the NATS password, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from requeue" -l nats-creds -d 'NATS credentials file (.creds), read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from requeue" -l nats-nkey -d 'File that holds the NATS nkey seed, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from requeue" -l nats-ca -d 'CA certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from requeue" -l nats-cert -d 'Client certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from requeue" -l nats-key -d 'Key of the client certificate for NATS (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from requeue" -l connect-timeout -d 'How long to wait for a connection, seconds' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from requeue" -s o -l output -d 'Format of the result on stdout' -r -f -a "table\t''
json\t''
markdown\t''
junit\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from requeue" -l log-format -d 'Form of the log lines on stderr: text for people, json for a collector' -r -f -a "text\t''
json\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from requeue" -l confirm -d 'Answer the question that wants NAME typed' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from requeue" -l all -d 'Every webhook'
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from requeue" -s y -l yes -d 'Answer plain questions with yes'
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from requeue" -l dry-run -d 'Show what would change, and change nothing'
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from requeue" -s q -l quiet -d 'Only results and warnings'
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from requeue" -s v -l verbose -d 'More detail on stderr; twice for debugging'
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from requeue" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from discard" -l webhook -d 'Only this webhook, by name or id (name:7 or id:7 where both could be meant); may be repeated' -r -f
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from discard" -l wave -d 'Only the webhooks of this wave' -r -f
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from discard" -l event -d 'Only this event, by event id, call-N or call id; may be repeated' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from discard" -l since -d 'Only events committed since then: 2h, 7d, 2026-11-21, "2026-11-21 14:00" (UTC), RFC 3339' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from discard" -l until -d 'Only events committed before then' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from discard" -l database-url -d 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from discard" -l database-ca -d 'CA certificate that PostgreSQL\'s certificate must chain to (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from discard" -l database-cert -d 'Client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from discard" -l database-key -d 'Key of the client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from discard" -l nats-url -d 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from discard" -l nats-context -d 'A context of the NATS CLI, by name' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from discard" -l nats-token-file -d 'File that holds the NATS token, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from discard" -l nats-user -d 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from discard" -l nats-password-file -d 'File that holds the NATS password, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from discard" -l nats-creds -d 'NATS credentials file (.creds), read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from discard" -l nats-nkey -d 'File that holds the NATS nkey seed, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from discard" -l nats-ca -d 'CA certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from discard" -l nats-cert -d 'Client certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from discard" -l nats-key -d 'Key of the client certificate for NATS (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from discard" -l connect-timeout -d 'How long to wait for a connection, seconds' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from discard" -s o -l output -d 'Format of the result on stdout' -r -f -a "table\t''
json\t''
markdown\t''
junit\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from discard" -l log-format -d 'Form of the log lines on stderr: text for people, json for a collector' -r -f -a "text\t''
json\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from discard" -l confirm -d 'Answer the question that wants NAME typed' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from discard" -l all -d 'Every webhook'
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from discard" -s y -l yes -d 'Answer plain questions with yes'
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from discard" -l dry-run -d 'Show what would change, and change nothing'
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from discard" -s q -l quiet -d 'Only results and warnings'
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from discard" -s v -l verbose -d 'More detail on stderr; twice for debugging'
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from discard" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from help" -f -a "list" -d 'What is dead, by webhook and error'
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from help" -f -a "inspect" -d 'Everything that is known of one event, dead or not'
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from help" -f -a "requeue" -d 'One more attempt, due now'
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from help" -f -a "discard" -d 'Gives dead events up: their payloads go, the ledger keeps that they were'
complete -c wavegate -n "__fish_wavegate_using_subcommand dead; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c wavegate -n "__fish_wavegate_using_subcommand redrive" -l webhook -d 'One webhook, by name or id (name:7 or id:7 where both could be meant)' -r -f
complete -c wavegate -n "__fish_wavegate_using_subcommand redrive" -l wave -d 'Every webhook of one wave' -r -f
complete -c wavegate -n "__fish_wavegate_using_subcommand redrive" -l wait -d 'How long to wait for what NATS workers hold' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand redrive" -l database-url -d 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand redrive" -l database-ca -d 'CA certificate that PostgreSQL\'s certificate must chain to (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand redrive" -l database-cert -d 'Client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand redrive" -l database-key -d 'Key of the client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand redrive" -l nats-url -d 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand redrive" -l nats-context -d 'A context of the NATS CLI, by name' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand redrive" -l nats-token-file -d 'File that holds the NATS token, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand redrive" -l nats-user -d 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand redrive" -l nats-password-file -d 'File that holds the NATS password, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand redrive" -l nats-creds -d 'NATS credentials file (.creds), read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand redrive" -l nats-nkey -d 'File that holds the NATS nkey seed, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand redrive" -l nats-ca -d 'CA certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand redrive" -l nats-cert -d 'Client certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand redrive" -l nats-key -d 'Key of the client certificate for NATS (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand redrive" -l connect-timeout -d 'How long to wait for a connection, seconds' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand redrive" -s o -l output -d 'Format of the result on stdout' -r -f -a "table\t''
json\t''
markdown\t''
junit\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand redrive" -l log-format -d 'Form of the log lines on stderr: text for people, json for a collector' -r -f -a "text\t''
json\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand redrive" -l confirm -d 'Answer the question that wants NAME typed' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand redrive" -l all -d 'Every webhook that NATS has to do with'
complete -c wavegate -n "__fish_wavegate_using_subcommand redrive" -s y -l yes -d 'Answer plain questions with yes'
complete -c wavegate -n "__fish_wavegate_using_subcommand redrive" -l dry-run -d 'Show what would change, and change nothing'
complete -c wavegate -n "__fish_wavegate_using_subcommand redrive" -s q -l quiet -d 'Only results and warnings'
complete -c wavegate -n "__fish_wavegate_using_subcommand redrive" -s v -l verbose -d 'More detail on stderr; twice for debugging'
complete -c wavegate -n "__fish_wavegate_using_subcommand redrive" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wavegate -n "__fish_wavegate_using_subcommand drain" -l webhook -d 'One webhook, by name or id (name:7 or id:7 where both could be meant)' -r -f
complete -c wavegate -n "__fish_wavegate_using_subcommand drain" -l wave -d 'Every webhook of one wave' -r -f
complete -c wavegate -n "__fish_wavegate_using_subcommand drain" -l path -d 'Whose workers are to be stopped: queue, or nats after a rollback with --drain' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand drain" -l wait -d 'Wait this long for the path to be empty (for example 10m)' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand drain" -l config -d 'Row of rule_nats_config whose stream is looked at' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand drain" -l database-url -d 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand drain" -l database-ca -d 'CA certificate that PostgreSQL\'s certificate must chain to (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand drain" -l database-cert -d 'Client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand drain" -l database-key -d 'Key of the client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand drain" -l nats-url -d 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand drain" -l nats-context -d 'A context of the NATS CLI, by name' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand drain" -l nats-token-file -d 'File that holds the NATS token, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand drain" -l nats-user -d 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand drain" -l nats-password-file -d 'File that holds the NATS password, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand drain" -l nats-creds -d 'NATS credentials file (.creds), read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand drain" -l nats-nkey -d 'File that holds the NATS nkey seed, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand drain" -l nats-ca -d 'CA certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand drain" -l nats-cert -d 'Client certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand drain" -l nats-key -d 'Key of the client certificate for NATS (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand drain" -l connect-timeout -d 'How long to wait for a connection, seconds' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand drain" -s o -l output -d 'Format of the result on stdout' -r -f -a "table\t''
json\t''
markdown\t''
junit\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand drain" -l log-format -d 'Form of the log lines on stderr: text for people, json for a collector' -r -f -a "text\t''
json\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand drain" -l confirm -d 'Answer the question that wants NAME typed' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand drain" -l all -d 'Every webhook that NATS has to do with'
complete -c wavegate -n "__fish_wavegate_using_subcommand drain" -s y -l yes -d 'Answer plain questions with yes'
complete -c wavegate -n "__fish_wavegate_using_subcommand drain" -l dry-run -d 'Show what would change, and change nothing'
complete -c wavegate -n "__fish_wavegate_using_subcommand drain" -s q -l quiet -d 'Only results and warnings'
complete -c wavegate -n "__fish_wavegate_using_subcommand drain" -s v -l verbose -d 'More detail on stderr; twice for debugging'
complete -c wavegate -n "__fish_wavegate_using_subcommand drain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and not __fish_seen_subcommand_from demo up traffic down receiver servers help" -l database-url -d 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and not __fish_seen_subcommand_from demo up traffic down receiver servers help" -l database-ca -d 'CA certificate that PostgreSQL\'s certificate must chain to (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and not __fish_seen_subcommand_from demo up traffic down receiver servers help" -l database-cert -d 'Client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and not __fish_seen_subcommand_from demo up traffic down receiver servers help" -l database-key -d 'Key of the client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and not __fish_seen_subcommand_from demo up traffic down receiver servers help" -l nats-url -d 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and not __fish_seen_subcommand_from demo up traffic down receiver servers help" -l nats-context -d 'A context of the NATS CLI, by name' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and not __fish_seen_subcommand_from demo up traffic down receiver servers help" -l nats-token-file -d 'File that holds the NATS token, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and not __fish_seen_subcommand_from demo up traffic down receiver servers help" -l nats-user -d 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and not __fish_seen_subcommand_from demo up traffic down receiver servers help" -l nats-password-file -d 'File that holds the NATS password, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and not __fish_seen_subcommand_from demo up traffic down receiver servers help" -l nats-creds -d 'NATS credentials file (.creds), read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and not __fish_seen_subcommand_from demo up traffic down receiver servers help" -l nats-nkey -d 'File that holds the NATS nkey seed, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and not __fish_seen_subcommand_from demo up traffic down receiver servers help" -l nats-ca -d 'CA certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and not __fish_seen_subcommand_from demo up traffic down receiver servers help" -l nats-cert -d 'Client certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and not __fish_seen_subcommand_from demo up traffic down receiver servers help" -l nats-key -d 'Key of the client certificate for NATS (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and not __fish_seen_subcommand_from demo up traffic down receiver servers help" -l connect-timeout -d 'How long to wait for a connection, seconds' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and not __fish_seen_subcommand_from demo up traffic down receiver servers help" -s o -l output -d 'Format of the result on stdout' -r -f -a "table\t''
json\t''
markdown\t''
junit\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and not __fish_seen_subcommand_from demo up traffic down receiver servers help" -l log-format -d 'Form of the log lines on stderr: text for people, json for a collector' -r -f -a "text\t''
json\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and not __fish_seen_subcommand_from demo up traffic down receiver servers help" -l confirm -d 'Answer the question that wants NAME typed' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and not __fish_seen_subcommand_from demo up traffic down receiver servers help" -s y -l yes -d 'Answer plain questions with yes'
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and not __fish_seen_subcommand_from demo up traffic down receiver servers help" -l dry-run -d 'Show what would change, and change nothing'
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and not __fish_seen_subcommand_from demo up traffic down receiver servers help" -s q -l quiet -d 'Only results and warnings'
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and not __fish_seen_subcommand_from demo up traffic down receiver servers help" -s v -l verbose -d 'More detail on stderr; twice for debugging'
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and not __fish_seen_subcommand_from demo up traffic down receiver servers help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and not __fish_seen_subcommand_from demo up traffic down receiver servers help" -f -a "demo" -d 'A whole migration on servers of its own, with kills, one rollback and an audit'
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and not __fish_seen_subcommand_from demo up traffic down receiver servers help" -f -a "up" -d 'PostgreSQL, NATS and a receiver that stay up, with the rule engine and its webhooks'
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and not __fish_seen_subcommand_from demo up traffic down receiver servers help" -f -a "traffic" -d 'Makes calls in a lab that is up'
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and not __fish_seen_subcommand_from demo up traffic down receiver servers help" -f -a "down" -d 'Takes down a lab that is up, and removes it'
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and not __fish_seen_subcommand_from demo up traffic down receiver servers help" -f -a "receiver" -d 'The endpoints of a lab that is up'
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and not __fish_seen_subcommand_from demo up traffic down receiver servers help" -f -a "servers" -d 'A PostgreSQL and a nats-server for many tests: prints their ports, and ends them when its input ends'
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and not __fish_seen_subcommand_from demo up traffic down receiver servers help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from demo" -l seed -d 'The same number makes the same webhooks and the same calls' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from demo" -l scale -d 'Multiplies the traffic and, below 1, the waiting times' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from demo" -l shape -d 'Which layout of the rule engine' -r -f -a "a\t'rule_webhook_calls, as the engine\'s own migration makes it'
b\t'rule_webhook_queue, as the engine\'s guides write it'"
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from demo" -l database-url -d 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from demo" -l database-ca -d 'CA certificate that PostgreSQL\'s certificate must chain to (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from demo" -l database-cert -d 'Client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from demo" -l database-key -d 'Key of the client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from demo" -l nats-url -d 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from demo" -l nats-context -d 'A context of the NATS CLI, by name' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from demo" -l nats-token-file -d 'File that holds the NATS token, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from demo" -l nats-user -d 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from demo" -l nats-password-file -d 'File that holds the NATS password, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from demo" -l nats-creds -d 'NATS credentials file (.creds), read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from demo" -l nats-nkey -d 'File that holds the NATS nkey seed, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from demo" -l nats-ca -d 'CA certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from demo" -l nats-cert -d 'Client certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from demo" -l nats-key -d 'Key of the client certificate for NATS (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from demo" -l connect-timeout -d 'How long to wait for a connection, seconds' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from demo" -s o -l output -d 'Format of the result on stdout' -r -f -a "table\t''
json\t''
markdown\t''
junit\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from demo" -l log-format -d 'Form of the log lines on stderr: text for people, json for a collector' -r -f -a "text\t''
json\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from demo" -l confirm -d 'Answer the question that wants NAME typed' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from demo" -l keep -d 'Leave the servers and their folder when it is over'
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from demo" -l pause-at-prompts -d 'Wait before each command, so that the operator types'
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from demo" -s y -l yes -d 'Answer plain questions with yes'
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from demo" -l dry-run -d 'Show what would change, and change nothing'
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from demo" -s q -l quiet -d 'Only results and warnings'
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from demo" -s v -l verbose -d 'More detail on stderr; twice for debugging'
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from demo" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from up" -l dir -d 'The folder of the lab; one for each user below the temporary folder unless given' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from up" -l shape -d 'Which layout of the rule engine' -r -f -a "a\t'rule_webhook_calls, as the engine\'s own migration makes it'
b\t'rule_webhook_queue, as the engine\'s guides write it'"
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from up" -l seed -d 'The same number makes the same webhooks' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from up" -l database-url -d 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from up" -l database-ca -d 'CA certificate that PostgreSQL\'s certificate must chain to (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from up" -l database-cert -d 'Client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from up" -l database-key -d 'Key of the client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from up" -l nats-url -d 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from up" -l nats-context -d 'A context of the NATS CLI, by name' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from up" -l nats-token-file -d 'File that holds the NATS token, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from up" -l nats-user -d 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from up" -l nats-password-file -d 'File that holds the NATS password, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from up" -l nats-creds -d 'NATS credentials file (.creds), read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from up" -l nats-nkey -d 'File that holds the NATS nkey seed, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from up" -l nats-ca -d 'CA certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from up" -l nats-cert -d 'Client certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from up" -l nats-key -d 'Key of the client certificate for NATS (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from up" -l connect-timeout -d 'How long to wait for a connection, seconds' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from up" -s o -l output -d 'Format of the result on stdout' -r -f -a "table\t''
json\t''
markdown\t''
junit\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from up" -l log-format -d 'Form of the log lines on stderr: text for people, json for a collector' -r -f -a "text\t''
json\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from up" -l confirm -d 'Answer the question that wants NAME typed' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from up" -s y -l yes -d 'Answer plain questions with yes'
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from up" -l dry-run -d 'Show what would change, and change nothing'
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from up" -s q -l quiet -d 'Only results and warnings'
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from up" -s v -l verbose -d 'More detail on stderr; twice for debugging'
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from up" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from traffic" -l dir -d 'The folder of the lab; one for each user below the temporary folder unless given' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from traffic" -l rate -d 'Calls a second' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from traffic" -l seconds -d 'How long, in seconds; until Ctrl-C unless given' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from traffic" -l seed -d 'The same number makes the same calls' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from traffic" -l database-url -d 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from traffic" -l database-ca -d 'CA certificate that PostgreSQL\'s certificate must chain to (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from traffic" -l database-cert -d 'Client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from traffic" -l database-key -d 'Key of the client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from traffic" -l nats-url -d 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from traffic" -l nats-context -d 'A context of the NATS CLI, by name' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from traffic" -l nats-token-file -d 'File that holds the NATS token, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from traffic" -l nats-user -d 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from traffic" -l nats-password-file -d 'File that holds the NATS password, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from traffic" -l nats-creds -d 'NATS credentials file (.creds), read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from traffic" -l nats-nkey -d 'File that holds the NATS nkey seed, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from traffic" -l nats-ca -d 'CA certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from traffic" -l nats-cert -d 'Client certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from traffic" -l nats-key -d 'Key of the client certificate for NATS (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from traffic" -l connect-timeout -d 'How long to wait for a connection, seconds' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from traffic" -s o -l output -d 'Format of the result on stdout' -r -f -a "table\t''
json\t''
markdown\t''
junit\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from traffic" -l log-format -d 'Form of the log lines on stderr: text for people, json for a collector' -r -f -a "text\t''
json\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from traffic" -l confirm -d 'Answer the question that wants NAME typed' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from traffic" -s y -l yes -d 'Answer plain questions with yes'
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from traffic" -l dry-run -d 'Show what would change, and change nothing'
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from traffic" -s q -l quiet -d 'Only results and warnings'
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from traffic" -s v -l verbose -d 'More detail on stderr; twice for debugging'
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from traffic" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from down" -l dir -d 'The folder of the lab; one for each user below the temporary folder unless given' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from down" -l database-url -d 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from down" -l database-ca -d 'CA certificate that PostgreSQL\'s certificate must chain to (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from down" -l database-cert -d 'Client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from down" -l database-key -d 'Key of the client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from down" -l nats-url -d 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from down" -l nats-context -d 'A context of the NATS CLI, by name' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from down" -l nats-token-file -d 'File that holds the NATS token, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from down" -l nats-user -d 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from down" -l nats-password-file -d 'File that holds the NATS password, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from down" -l nats-creds -d 'NATS credentials file (.creds), read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from down" -l nats-nkey -d 'File that holds the NATS nkey seed, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from down" -l nats-ca -d 'CA certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from down" -l nats-cert -d 'Client certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from down" -l nats-key -d 'Key of the client certificate for NATS (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from down" -l connect-timeout -d 'How long to wait for a connection, seconds' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from down" -s o -l output -d 'Format of the result on stdout' -r -f -a "table\t''
json\t''
markdown\t''
junit\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from down" -l log-format -d 'Form of the log lines on stderr: text for people, json for a collector' -r -f -a "text\t''
json\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from down" -l confirm -d 'Answer the question that wants NAME typed' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from down" -s y -l yes -d 'Answer plain questions with yes'
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from down" -l dry-run -d 'Show what would change, and change nothing'
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from down" -s q -l quiet -d 'Only results and warnings'
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from down" -s v -l verbose -d 'More detail on stderr; twice for debugging'
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from down" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from receiver" -l dir -d 'The folder of the lab; one for each user below the temporary folder unless given' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from receiver" -l port -r
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from receiver" -l seed -r
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from receiver" -l database-url -d 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from receiver" -l database-ca -d 'CA certificate that PostgreSQL\'s certificate must chain to (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from receiver" -l database-cert -d 'Client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from receiver" -l database-key -d 'Key of the client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from receiver" -l nats-url -d 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from receiver" -l nats-context -d 'A context of the NATS CLI, by name' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from receiver" -l nats-token-file -d 'File that holds the NATS token, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from receiver" -l nats-user -d 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from receiver" -l nats-password-file -d 'File that holds the NATS password, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from receiver" -l nats-creds -d 'NATS credentials file (.creds), read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from receiver" -l nats-nkey -d 'File that holds the NATS nkey seed, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from receiver" -l nats-ca -d 'CA certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from receiver" -l nats-cert -d 'Client certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from receiver" -l nats-key -d 'Key of the client certificate for NATS (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from receiver" -l connect-timeout -d 'How long to wait for a connection, seconds' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from receiver" -s o -l output -d 'Format of the result on stdout' -r -f -a "table\t''
json\t''
markdown\t''
junit\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from receiver" -l log-format -d 'Form of the log lines on stderr: text for people, json for a collector' -r -f -a "text\t''
json\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from receiver" -l confirm -d 'Answer the question that wants NAME typed' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from receiver" -s y -l yes -d 'Answer plain questions with yes'
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from receiver" -l dry-run -d 'Show what would change, and change nothing'
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from receiver" -s q -l quiet -d 'Only results and warnings'
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from receiver" -s v -l verbose -d 'More detail on stderr; twice for debugging'
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from receiver" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from servers" -l database-url -d 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from servers" -l database-ca -d 'CA certificate that PostgreSQL\'s certificate must chain to (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from servers" -l database-cert -d 'Client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from servers" -l database-key -d 'Key of the client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from servers" -l nats-url -d 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from servers" -l nats-context -d 'A context of the NATS CLI, by name' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from servers" -l nats-token-file -d 'File that holds the NATS token, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from servers" -l nats-user -d 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from servers" -l nats-password-file -d 'File that holds the NATS password, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from servers" -l nats-creds -d 'NATS credentials file (.creds), read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from servers" -l nats-nkey -d 'File that holds the NATS nkey seed, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from servers" -l nats-ca -d 'CA certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from servers" -l nats-cert -d 'Client certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from servers" -l nats-key -d 'Key of the client certificate for NATS (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from servers" -l connect-timeout -d 'How long to wait for a connection, seconds' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from servers" -s o -l output -d 'Format of the result on stdout' -r -f -a "table\t''
json\t''
markdown\t''
junit\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from servers" -l log-format -d 'Form of the log lines on stderr: text for people, json for a collector' -r -f -a "text\t''
json\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from servers" -l confirm -d 'Answer the question that wants NAME typed' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from servers" -s y -l yes -d 'Answer plain questions with yes'
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from servers" -l dry-run -d 'Show what would change, and change nothing'
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from servers" -s q -l quiet -d 'Only results and warnings'
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from servers" -s v -l verbose -d 'More detail on stderr; twice for debugging'
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from servers" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from help" -f -a "demo" -d 'A whole migration on servers of its own, with kills, one rollback and an audit'
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from help" -f -a "up" -d 'PostgreSQL, NATS and a receiver that stay up, with the rule engine and its webhooks'
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from help" -f -a "traffic" -d 'Makes calls in a lab that is up'
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from help" -f -a "down" -d 'Takes down a lab that is up, and removes it'
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from help" -f -a "receiver" -d 'The endpoints of a lab that is up'
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from help" -f -a "servers" -d 'A PostgreSQL and a nats-server for many tests: prints their ports, and ends them when its input ends'
complete -c wavegate -n "__fish_wavegate_using_subcommand lab; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c wavegate -n "__fish_wavegate_using_subcommand completions" -l dir -d 'Writes the scripts of all shells into this folder instead' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand completions" -l database-url -d 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand completions" -l database-ca -d 'CA certificate that PostgreSQL\'s certificate must chain to (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand completions" -l database-cert -d 'Client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand completions" -l database-key -d 'Key of the client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand completions" -l nats-url -d 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand completions" -l nats-context -d 'A context of the NATS CLI, by name' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand completions" -l nats-token-file -d 'File that holds the NATS token, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand completions" -l nats-user -d 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand completions" -l nats-password-file -d 'File that holds the NATS password, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand completions" -l nats-creds -d 'NATS credentials file (.creds), read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand completions" -l nats-nkey -d 'File that holds the NATS nkey seed, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand completions" -l nats-ca -d 'CA certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand completions" -l nats-cert -d 'Client certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand completions" -l nats-key -d 'Key of the client certificate for NATS (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand completions" -l connect-timeout -d 'How long to wait for a connection, seconds' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand completions" -s o -l output -d 'Format of the result on stdout' -r -f -a "table\t''
json\t''
markdown\t''
junit\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand completions" -l log-format -d 'Form of the log lines on stderr: text for people, json for a collector' -r -f -a "text\t''
json\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand completions" -l confirm -d 'Answer the question that wants NAME typed' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand completions" -s y -l yes -d 'Answer plain questions with yes'
complete -c wavegate -n "__fish_wavegate_using_subcommand completions" -l dry-run -d 'Show what would change, and change nothing'
complete -c wavegate -n "__fish_wavegate_using_subcommand completions" -s q -l quiet -d 'Only results and warnings'
complete -c wavegate -n "__fish_wavegate_using_subcommand completions" -s v -l verbose -d 'More detail on stderr; twice for debugging'
complete -c wavegate -n "__fish_wavegate_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wavegate -n "__fish_wavegate_using_subcommand man" -l dir -d 'Writes the page of every command into this folder; without it, the main page goes to stdout' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand man" -l database-url -d 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand man" -l database-ca -d 'CA certificate that PostgreSQL\'s certificate must chain to (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand man" -l database-cert -d 'Client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand man" -l database-key -d 'Key of the client certificate for PostgreSQL (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand man" -l nats-url -d 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand man" -l nats-context -d 'A context of the NATS CLI, by name' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand man" -l nats-token-file -d 'File that holds the NATS token, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand man" -l nats-user -d 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand man" -l nats-password-file -d 'File that holds the NATS password, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand man" -l nats-creds -d 'NATS credentials file (.creds), read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand man" -l nats-nkey -d 'File that holds the NATS nkey seed, read at each connection' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand man" -l nats-ca -d 'CA certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand man" -l nats-cert -d 'Client certificate for NATS (PEM file); requires TLS' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand man" -l nats-key -d 'Key of the client certificate for NATS (PEM file)' -r -F
complete -c wavegate -n "__fish_wavegate_using_subcommand man" -l connect-timeout -d 'How long to wait for a connection, seconds' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand man" -s o -l output -d 'Format of the result on stdout' -r -f -a "table\t''
json\t''
markdown\t''
junit\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand man" -l log-format -d 'Form of the log lines on stderr: text for people, json for a collector' -r -f -a "text\t''
json\t''"
complete -c wavegate -n "__fish_wavegate_using_subcommand man" -l confirm -d 'Answer the question that wants NAME typed' -r
complete -c wavegate -n "__fish_wavegate_using_subcommand man" -s y -l yes -d 'Answer plain questions with yes'
complete -c wavegate -n "__fish_wavegate_using_subcommand man" -l dry-run -d 'Show what would change, and change nothing'
complete -c wavegate -n "__fish_wavegate_using_subcommand man" -s q -l quiet -d 'Only results and warnings'
complete -c wavegate -n "__fish_wavegate_using_subcommand man" -s v -l verbose -d 'More detail on stderr; twice for debugging'
complete -c wavegate -n "__fish_wavegate_using_subcommand man" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c wavegate -n "__fish_wavegate_using_subcommand help; and not __fish_seen_subcommand_from init plan schema stream relay worker preflight apply run approve hold release gate rollback restore adopt close status signoff history audit dead redrive drain lab completions man help" -f -a "init" -d 'Reads the database and writes a commented wave plan'
complete -c wavegate -n "__fish_wavegate_using_subcommand help; and not __fish_seen_subcommand_from init plan schema stream relay worker preflight apply run approve hold release gate rollback restore adopt close status signoff history audit dead redrive drain lab completions man help" -f -a "plan" -d 'Checks a plan against the database and shows the next steps'
complete -c wavegate -n "__fish_wavegate_using_subcommand help; and not __fish_seen_subcommand_from init plan schema stream relay worker preflight apply run approve hold release gate rollback restore adopt close status signoff history audit dead redrive drain lab completions man help" -f -a "schema" -d 'Migration 007: status, apply, verify, revert'
complete -c wavegate -n "__fish_wavegate_using_subcommand help; and not __fish_seen_subcommand_from init plan schema stream relay worker preflight apply run approve hold release gate rollback restore adopt close status signoff history audit dead redrive drain lab completions man help" -f -a "stream" -d 'The JetStream stream and consumer: status, ensure'
complete -c wavegate -n "__fish_wavegate_using_subcommand help; and not __fish_seen_subcommand_from init plan schema stream relay worker preflight apply run approve hold release gate rollback restore adopt close status signoff history audit dead redrive drain lab completions man help" -f -a "relay" -d 'Carries events from the outbox to JetStream'
complete -c wavegate -n "__fish_wavegate_using_subcommand help; and not __fish_seen_subcommand_from init plan schema stream relay worker preflight apply run approve hold release gate rollback restore adopt close status signoff history audit dead redrive drain lab completions man help" -f -a "worker" -d 'Delivers webhooks from the queue, from NATS, or both'
complete -c wavegate -n "__fish_wavegate_using_subcommand help; and not __fish_seen_subcommand_from init plan schema stream relay worker preflight apply run approve hold release gate rollback restore adopt close status signoff history audit dead redrive drain lab completions man help" -f -a "preflight" -d 'Checks that everything is ready, each finding with its remedy'
complete -c wavegate -n "__fish_wavegate_using_subcommand help; and not __fish_seen_subcommand_from init plan schema stream relay worker preflight apply run approve hold release gate rollback restore adopt close status signoff history audit dead redrive drain lab completions man help" -f -a "apply" -d 'Carries out the next step of a wave if its gates pass'
complete -c wavegate -n "__fish_wavegate_using_subcommand help; and not __fish_seen_subcommand_from init plan schema stream relay worker preflight apply run approve hold release gate rollback restore adopt close status signoff history audit dead redrive drain lab completions man help" -f -a "run" -d 'Drives the migration by its plan: steps, soaks, windows, automatic rollback'
complete -c wavegate -n "__fish_wavegate_using_subcommand help; and not __fish_seen_subcommand_from init plan schema stream relay worker preflight apply run approve hold release gate rollback restore adopt close status signoff history audit dead redrive drain lab completions man help" -f -a "approve" -d 'Approves the next step of a wave, for `run`'
complete -c wavegate -n "__fish_wavegate_using_subcommand help; and not __fish_seen_subcommand_from init plan schema stream relay worker preflight apply run approve hold release gate rollback restore adopt close status signoff history audit dead redrive drain lab completions man help" -f -a "hold" -d 'A wave, a webhook or everything stands still; without a reason: what does'
complete -c wavegate -n "__fish_wavegate_using_subcommand help; and not __fish_seen_subcommand_from init plan schema stream relay worker preflight apply run approve hold release gate rollback restore adopt close status signoff history audit dead redrive drain lab completions man help" -f -a "release" -d 'Ends a hold'
complete -c wavegate -n "__fish_wavegate_using_subcommand help; and not __fish_seen_subcommand_from init plan schema stream relay worker preflight apply run approve hold release gate rollback restore adopt close status signoff history audit dead redrive drain lab completions man help" -f -a "gate" -d 'Evaluates and explains gates; changes no webhook, and keeps what they said (not with --dry-run)'
complete -c wavegate -n "__fish_wavegate_using_subcommand help; and not __fish_seen_subcommand_from init plan schema stream relay worker preflight apply run approve hold release gate rollback restore adopt close status signoff history audit dead redrive drain lab completions man help" -f -a "rollback" -d 'Takes back one webhook, a wave or everything'
complete -c wavegate -n "__fish_wavegate_using_subcommand help; and not __fish_seen_subcommand_from init plan schema stream relay worker preflight apply run approve hold release gate rollback restore adopt close status signoff history audit dead redrive drain lab completions man help" -f -a "restore" -d 'Puts back what somebody changed by hand'
complete -c wavegate -n "__fish_wavegate_using_subcommand help; and not __fish_seen_subcommand_from init plan schema stream relay worker preflight apply run approve hold release gate rollback restore adopt close status signoff history audit dead redrive drain lab completions man help" -f -a "adopt" -d 'Lets stand what somebody changed by hand'
complete -c wavegate -n "__fish_wavegate_using_subcommand help; and not __fish_seen_subcommand_from init plan schema stream relay worker preflight apply run approve hold release gate rollback restore adopt close status signoff history audit dead redrive drain lab completions man help" -f -a "close" -d 'Ends a migration whose webhooks are all finished or back in the queue; its history stays'
complete -c wavegate -n "__fish_wavegate_using_subcommand help; and not __fish_seen_subcommand_from init plan schema stream relay worker preflight apply run approve hold release gate rollback restore adopt close status signoff history audit dead redrive drain lab completions man help" -f -a "status" -d 'Where every wave stands'
complete -c wavegate -n "__fish_wavegate_using_subcommand help; and not __fish_seen_subcommand_from init plan schema stream relay worker preflight apply run approve hold release gate rollback restore adopt close status signoff history audit dead redrive drain lab completions man help" -f -a "signoff" -d 'A role signs a wave\'s present step, or refuses it; shows who has'
complete -c wavegate -n "__fish_wavegate_using_subcommand help; and not __fish_seen_subcommand_from init plan schema stream relay worker preflight apply run approve hold release gate rollback restore adopt close status signoff history audit dead redrive drain lab completions man help" -f -a "history" -d 'The journal: who did what, when'
complete -c wavegate -n "__fish_wavegate_using_subcommand help; and not __fish_seen_subcommand_from init plan schema stream relay worker preflight apply run approve hold release gate rollback restore adopt close status signoff history audit dead redrive drain lab completions man help" -f -a "audit" -d 'How many events were committed, and where each of them is'
complete -c wavegate -n "__fish_wavegate_using_subcommand help; and not __fish_seen_subcommand_from init plan schema stream relay worker preflight apply run approve hold release gate rollback restore adopt close status signoff history audit dead redrive drain lab completions man help" -f -a "dead" -d 'Events that are out of attempts: list, inspect, requeue, discard'
complete -c wavegate -n "__fish_wavegate_using_subcommand help; and not __fish_seen_subcommand_from init plan schema stream relay worker preflight apply run approve hold release gate rollback restore adopt close status signoff history audit dead redrive drain lab completions man help" -f -a "redrive" -d 'Gives every undelivered event its queue row, so that the queue delivers it'
complete -c wavegate -n "__fish_wavegate_using_subcommand help; and not __fish_seen_subcommand_from init plan schema stream relay worker preflight apply run approve hold release gate rollback restore adopt close status signoff history audit dead redrive drain lab completions man help" -f -a "drain" -d 'What is left on each path, and whether queue workers may be stopped'
complete -c wavegate -n "__fish_wavegate_using_subcommand help; and not __fish_seen_subcommand_from init plan schema stream relay worker preflight apply run approve hold release gate rollback restore adopt close status signoff history audit dead redrive drain lab completions man help" -f -a "lab" -d 'A disposable rehearsal on real servers'
complete -c wavegate -n "__fish_wavegate_using_subcommand help; and not __fish_seen_subcommand_from init plan schema stream relay worker preflight apply run approve hold release gate rollback restore adopt close status signoff history audit dead redrive drain lab completions man help" -f -a "completions" -d 'Prints a completion script'
complete -c wavegate -n "__fish_wavegate_using_subcommand help; and not __fish_seen_subcommand_from init plan schema stream relay worker preflight apply run approve hold release gate rollback restore adopt close status signoff history audit dead redrive drain lab completions man help" -f -a "man" -d 'Writes the man pages'
complete -c wavegate -n "__fish_wavegate_using_subcommand help; and not __fish_seen_subcommand_from init plan schema stream relay worker preflight apply run approve hold release gate rollback restore adopt close status signoff history audit dead redrive drain lab completions man help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c wavegate -n "__fish_wavegate_using_subcommand help; and __fish_seen_subcommand_from schema" -f -a "status" -d 'How far each step is'
complete -c wavegate -n "__fish_wavegate_using_subcommand help; and __fish_seen_subcommand_from schema" -f -a "apply" -d 'Carries out what is missing, step by step; run again, it continues'
complete -c wavegate -n "__fish_wavegate_using_subcommand help; and __fish_seen_subcommand_from schema" -f -a "verify" -d 'Compares the live catalogue with what is wanted; any difference ends with code 5'
complete -c wavegate -n "__fish_wavegate_using_subcommand help; and __fish_seen_subcommand_from schema" -f -a "revert" -d 'Takes everything back that apply made, and puts back what it replaced'
complete -c wavegate -n "__fish_wavegate_using_subcommand help; and __fish_seen_subcommand_from schema" -f -a "roles" -d 'Prints the statements that make the roles of docs/privileges.md, for this database'
complete -c wavegate -n "__fish_wavegate_using_subcommand help; and __fish_seen_subcommand_from stream" -f -a "status" -d 'Compares stream and consumer with what is wanted; a difference ends with code 5'
complete -c wavegate -n "__fish_wavegate_using_subcommand help; and __fish_seen_subcommand_from stream" -f -a "ensure" -d 'Makes or changes stream and consumer; refuses what cannot change in place and what is someone else\'s'
complete -c wavegate -n "__fish_wavegate_using_subcommand help; and __fish_seen_subcommand_from gate" -f -a "history" -d 'What the gates said, when, for how long, and by what evidence'
complete -c wavegate -n "__fish_wavegate_using_subcommand help; and __fish_seen_subcommand_from gate" -f -a "calibrate" -d 'What the past advises for blocks, shares, soak and margin: measured bursts, played again with equal paths'
complete -c wavegate -n "__fish_wavegate_using_subcommand help; and __fish_seen_subcommand_from dead" -f -a "list" -d 'What is dead, by webhook and error'
complete -c wavegate -n "__fish_wavegate_using_subcommand help; and __fish_seen_subcommand_from dead" -f -a "inspect" -d 'Everything that is known of one event, dead or not'
complete -c wavegate -n "__fish_wavegate_using_subcommand help; and __fish_seen_subcommand_from dead" -f -a "requeue" -d 'One more attempt, due now'
complete -c wavegate -n "__fish_wavegate_using_subcommand help; and __fish_seen_subcommand_from dead" -f -a "discard" -d 'Gives dead events up: their payloads go, the ledger keeps that they were'
complete -c wavegate -n "__fish_wavegate_using_subcommand help; and __fish_seen_subcommand_from lab" -f -a "demo" -d 'A whole migration on servers of its own, with kills, one rollback and an audit'
complete -c wavegate -n "__fish_wavegate_using_subcommand help; and __fish_seen_subcommand_from lab" -f -a "up" -d 'PostgreSQL, NATS and a receiver that stay up, with the rule engine and its webhooks'
complete -c wavegate -n "__fish_wavegate_using_subcommand help; and __fish_seen_subcommand_from lab" -f -a "traffic" -d 'Makes calls in a lab that is up'
complete -c wavegate -n "__fish_wavegate_using_subcommand help; and __fish_seen_subcommand_from lab" -f -a "down" -d 'Takes down a lab that is up, and removes it'
complete -c wavegate -n "__fish_wavegate_using_subcommand help; and __fish_seen_subcommand_from lab" -f -a "receiver" -d 'The endpoints of a lab that is up'
complete -c wavegate -n "__fish_wavegate_using_subcommand help; and __fish_seen_subcommand_from lab" -f -a "servers" -d 'A PostgreSQL and a nats-server for many tests: prints their ports, and ends them when its input ends'
