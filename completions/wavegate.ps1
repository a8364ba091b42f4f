
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'wavegate' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'wavegate'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'wavegate' {
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile')
            [CompletionResult]::new('--database-ca', '--database-ca', [CompletionResultType]::ParameterName, 'CA certificate that PostgreSQL''s certificate must chain to (PEM file)')
            [CompletionResult]::new('--database-cert', '--database-cert', [CompletionResultType]::ParameterName, 'Client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--database-key', '--database-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--nats-url', '--nats-url', [CompletionResultType]::ParameterName, 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config')
            [CompletionResult]::new('--nats-context', '--nats-context', [CompletionResultType]::ParameterName, 'A context of the NATS CLI, by name')
            [CompletionResult]::new('--nats-token-file', '--nats-token-file', [CompletionResultType]::ParameterName, 'File that holds the NATS token, read at each connection')
            [CompletionResult]::new('--nats-user', '--nats-user', [CompletionResultType]::ParameterName, 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file')
            [CompletionResult]::new('--nats-password-file', '--nats-password-file', [CompletionResultType]::ParameterName, 'File that holds the NATS password, read at each connection')
            [CompletionResult]::new('--nats-creds', '--nats-creds', [CompletionResultType]::ParameterName, 'NATS credentials file (.creds), read at each connection')
            [CompletionResult]::new('--nats-nkey', '--nats-nkey', [CompletionResultType]::ParameterName, 'File that holds the NATS nkey seed, read at each connection')
            [CompletionResult]::new('--nats-ca', '--nats-ca', [CompletionResultType]::ParameterName, 'CA certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-cert', '--nats-cert', [CompletionResultType]::ParameterName, 'Client certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-key', '--nats-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for NATS (PEM file)')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection, seconds')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Form of the log lines on stderr: text for people, json for a collector')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'Answer the question that wants NAME typed')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would change, and change nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Reads the database and writes a commented wave plan')
            [CompletionResult]::new('plan', 'plan', [CompletionResultType]::ParameterValue, 'Checks a plan against the database and shows the next steps')
            [CompletionResult]::new('schema', 'schema', [CompletionResultType]::ParameterValue, 'Migration 007: status, apply, verify, revert')
            [CompletionResult]::new('stream', 'stream', [CompletionResultType]::ParameterValue, 'The JetStream stream and consumer: status, ensure')
            [CompletionResult]::new('relay', 'relay', [CompletionResultType]::ParameterValue, 'Carries events from the outbox to JetStream')
            [CompletionResult]::new('worker', 'worker', [CompletionResultType]::ParameterValue, 'Delivers webhooks from the queue, from NATS, or both')
            [CompletionResult]::new('preflight', 'preflight', [CompletionResultType]::ParameterValue, 'Checks that everything is ready, each finding with its remedy')
            [CompletionResult]::new('apply', 'apply', [CompletionResultType]::ParameterValue, 'Carries out the next step of a wave if its gates pass')
            [CompletionResult]::new('run', 'run', [CompletionResultType]::ParameterValue, 'Drives the migration by its plan: steps, soaks, windows, automatic rollback')
            [CompletionResult]::new('approve', 'approve', [CompletionResultType]::ParameterValue, 'Approves the next step of a wave, for `run`')
            [CompletionResult]::new('hold', 'hold', [CompletionResultType]::ParameterValue, 'A wave, a webhook or everything stands still; without a reason: what does')
            [CompletionResult]::new('release', 'release', [CompletionResultType]::ParameterValue, 'Ends a hold')
            [CompletionResult]::new('gate', 'gate', [CompletionResultType]::ParameterValue, 'Evaluates and explains gates; changes no webhook, and keeps what they said (not with --dry-run)')
            [CompletionResult]::new('rollback', 'rollback', [CompletionResultType]::ParameterValue, 'Takes back one webhook, a wave or everything')
            [CompletionResult]::new('close', 'close', [CompletionResultType]::ParameterValue, 'Ends a migration whose webhooks are all finished or back in the queue; its history stays')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Where every wave stands')
            [CompletionResult]::new('signoff', 'signoff', [CompletionResultType]::ParameterValue, 'A role signs a wave''s present step, or refuses it; shows who has')
            [CompletionResult]::new('history', 'history', [CompletionResultType]::ParameterValue, 'The journal: who did what, when')
            [CompletionResult]::new('audit', 'audit', [CompletionResultType]::ParameterValue, 'How many events were committed, and where each of them is')
            [CompletionResult]::new('dead', 'dead', [CompletionResultType]::ParameterValue, 'Events that are out of attempts: list, inspect, requeue, discard')
            [CompletionResult]::new('redrive', 'redrive', [CompletionResultType]::ParameterValue, 'Gives every undelivered event its queue row, so that the queue delivers it')
            [CompletionResult]::new('drain', 'drain', [CompletionResultType]::ParameterValue, 'What is left on each path, and whether queue workers may be stopped')
            [CompletionResult]::new('lab', 'lab', [CompletionResultType]::ParameterValue, 'A disposable rehearsal on real servers')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Prints a completion script')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Writes the man pages')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'wavegate;init' {
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'Write the plan to this file instead of standard output')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Name of the migration; `migration-` and the date unless given')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile')
            [CompletionResult]::new('--database-ca', '--database-ca', [CompletionResultType]::ParameterName, 'CA certificate that PostgreSQL''s certificate must chain to (PEM file)')
            [CompletionResult]::new('--database-cert', '--database-cert', [CompletionResultType]::ParameterName, 'Client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--database-key', '--database-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--nats-url', '--nats-url', [CompletionResultType]::ParameterName, 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config')
            [CompletionResult]::new('--nats-context', '--nats-context', [CompletionResultType]::ParameterName, 'A context of the NATS CLI, by name')
            [CompletionResult]::new('--nats-token-file', '--nats-token-file', [CompletionResultType]::ParameterName, 'File that holds the NATS token, read at each connection')
            [CompletionResult]::new('--nats-user', '--nats-user', [CompletionResultType]::ParameterName, 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file')
            [CompletionResult]::new('--nats-password-file', '--nats-password-file', [CompletionResultType]::ParameterName, 'File that holds the NATS password, read at each connection')
            [CompletionResult]::new('--nats-creds', '--nats-creds', [CompletionResultType]::ParameterName, 'NATS credentials file (.creds), read at each connection')
            [CompletionResult]::new('--nats-nkey', '--nats-nkey', [CompletionResultType]::ParameterName, 'File that holds the NATS nkey seed, read at each connection')
            [CompletionResult]::new('--nats-ca', '--nats-ca', [CompletionResultType]::ParameterName, 'CA certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-cert', '--nats-cert', [CompletionResultType]::ParameterName, 'Client certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-key', '--nats-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for NATS (PEM file)')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection, seconds')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Form of the log lines on stderr: text for people, json for a collector')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'Answer the question that wants NAME typed')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Overwrite the file')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would change, and change nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wavegate;plan' {
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'Why, for the journal')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile')
            [CompletionResult]::new('--database-ca', '--database-ca', [CompletionResultType]::ParameterName, 'CA certificate that PostgreSQL''s certificate must chain to (PEM file)')
            [CompletionResult]::new('--database-cert', '--database-cert', [CompletionResultType]::ParameterName, 'Client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--database-key', '--database-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--nats-url', '--nats-url', [CompletionResultType]::ParameterName, 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config')
            [CompletionResult]::new('--nats-context', '--nats-context', [CompletionResultType]::ParameterName, 'A context of the NATS CLI, by name')
            [CompletionResult]::new('--nats-token-file', '--nats-token-file', [CompletionResultType]::ParameterName, 'File that holds the NATS token, read at each connection')
            [CompletionResult]::new('--nats-user', '--nats-user', [CompletionResultType]::ParameterName, 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file')
            [CompletionResult]::new('--nats-password-file', '--nats-password-file', [CompletionResultType]::ParameterName, 'File that holds the NATS password, read at each connection')
            [CompletionResult]::new('--nats-creds', '--nats-creds', [CompletionResultType]::ParameterName, 'NATS credentials file (.creds), read at each connection')
            [CompletionResult]::new('--nats-nkey', '--nats-nkey', [CompletionResultType]::ParameterName, 'File that holds the NATS nkey seed, read at each connection')
            [CompletionResult]::new('--nats-ca', '--nats-ca', [CompletionResultType]::ParameterName, 'CA certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-cert', '--nats-cert', [CompletionResultType]::ParameterName, 'Client certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-key', '--nats-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for NATS (PEM file)')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection, seconds')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Form of the log lines on stderr: text for people, json for a collector')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'Answer the question that wants NAME typed')
            [CompletionResult]::new('--amend', '--amend', [CompletionResultType]::ParameterName, 'Make this text the plan of the migration under way; what has moved stays as it is')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would change, and change nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wavegate;schema' {
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile')
            [CompletionResult]::new('--database-ca', '--database-ca', [CompletionResultType]::ParameterName, 'CA certificate that PostgreSQL''s certificate must chain to (PEM file)')
            [CompletionResult]::new('--database-cert', '--database-cert', [CompletionResultType]::ParameterName, 'Client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--database-key', '--database-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--nats-url', '--nats-url', [CompletionResultType]::ParameterName, 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config')
            [CompletionResult]::new('--nats-context', '--nats-context', [CompletionResultType]::ParameterName, 'A context of the NATS CLI, by name')
            [CompletionResult]::new('--nats-token-file', '--nats-token-file', [CompletionResultType]::ParameterName, 'File that holds the NATS token, read at each connection')
            [CompletionResult]::new('--nats-user', '--nats-user', [CompletionResultType]::ParameterName, 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file')
            [CompletionResult]::new('--nats-password-file', '--nats-password-file', [CompletionResultType]::ParameterName, 'File that holds the NATS password, read at each connection')
            [CompletionResult]::new('--nats-creds', '--nats-creds', [CompletionResultType]::ParameterName, 'NATS credentials file (.creds), read at each connection')
            [CompletionResult]::new('--nats-nkey', '--nats-nkey', [CompletionResultType]::ParameterName, 'File that holds the NATS nkey seed, read at each connection')
            [CompletionResult]::new('--nats-ca', '--nats-ca', [CompletionResultType]::ParameterName, 'CA certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-cert', '--nats-cert', [CompletionResultType]::ParameterName, 'Client certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-key', '--nats-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for NATS (PEM file)')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection, seconds')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Form of the log lines on stderr: text for people, json for a collector')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'Answer the question that wants NAME typed')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would change, and change nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'How far each step is')
            [CompletionResult]::new('apply', 'apply', [CompletionResultType]::ParameterValue, 'Carries out what is missing, step by step; run again, it continues')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Compares the live catalogue with what is wanted; any difference ends with code 5')
            [CompletionResult]::new('revert', 'revert', [CompletionResultType]::ParameterValue, 'Takes everything back that apply made, and puts back what it replaced')
            [CompletionResult]::new('roles', 'roles', [CompletionResultType]::ParameterValue, 'Prints the statements that make the roles of docs/privileges.md, for this database')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'wavegate;schema;status' {
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile')
            [CompletionResult]::new('--database-ca', '--database-ca', [CompletionResultType]::ParameterName, 'CA certificate that PostgreSQL''s certificate must chain to (PEM file)')
            [CompletionResult]::new('--database-cert', '--database-cert', [CompletionResultType]::ParameterName, 'Client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--database-key', '--database-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--nats-url', '--nats-url', [CompletionResultType]::ParameterName, 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config')
            [CompletionResult]::new('--nats-context', '--nats-context', [CompletionResultType]::ParameterName, 'A context of the NATS CLI, by name')
            [CompletionResult]::new('--nats-token-file', '--nats-token-file', [CompletionResultType]::ParameterName, 'File that holds the NATS token, read at each connection')
            [CompletionResult]::new('--nats-user', '--nats-user', [CompletionResultType]::ParameterName, 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file')
            [CompletionResult]::new('--nats-password-file', '--nats-password-file', [CompletionResultType]::ParameterName, 'File that holds the NATS password, read at each connection')
            [CompletionResult]::new('--nats-creds', '--nats-creds', [CompletionResultType]::ParameterName, 'NATS credentials file (.creds), read at each connection')
            [CompletionResult]::new('--nats-nkey', '--nats-nkey', [CompletionResultType]::ParameterName, 'File that holds the NATS nkey seed, read at each connection')
            [CompletionResult]::new('--nats-ca', '--nats-ca', [CompletionResultType]::ParameterName, 'CA certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-cert', '--nats-cert', [CompletionResultType]::ParameterName, 'Client certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-key', '--nats-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for NATS (PEM file)')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection, seconds')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Form of the log lines on stderr: text for people, json for a collector')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'Answer the question that wants NAME typed')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would change, and change nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wavegate;schema;apply' {
            [CompletionResult]::new('--backup-command', '--backup-command', [CompletionResultType]::ParameterName, 'Makes a backup: run by the shell, must end with code 0')
            [CompletionResult]::new('--lock-wait', '--lock-wait', [CompletionResultType]::ParameterName, 'How long one step goes on trying to get its locks, half a second at a time')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile')
            [CompletionResult]::new('--database-ca', '--database-ca', [CompletionResultType]::ParameterName, 'CA certificate that PostgreSQL''s certificate must chain to (PEM file)')
            [CompletionResult]::new('--database-cert', '--database-cert', [CompletionResultType]::ParameterName, 'Client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--database-key', '--database-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--nats-url', '--nats-url', [CompletionResultType]::ParameterName, 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config')
            [CompletionResult]::new('--nats-context', '--nats-context', [CompletionResultType]::ParameterName, 'A context of the NATS CLI, by name')
            [CompletionResult]::new('--nats-token-file', '--nats-token-file', [CompletionResultType]::ParameterName, 'File that holds the NATS token, read at each connection')
            [CompletionResult]::new('--nats-user', '--nats-user', [CompletionResultType]::ParameterName, 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file')
            [CompletionResult]::new('--nats-password-file', '--nats-password-file', [CompletionResultType]::ParameterName, 'File that holds the NATS password, read at each connection')
            [CompletionResult]::new('--nats-creds', '--nats-creds', [CompletionResultType]::ParameterName, 'NATS credentials file (.creds), read at each connection')
            [CompletionResult]::new('--nats-nkey', '--nats-nkey', [CompletionResultType]::ParameterName, 'File that holds the NATS nkey seed, read at each connection')
            [CompletionResult]::new('--nats-ca', '--nats-ca', [CompletionResultType]::ParameterName, 'CA certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-cert', '--nats-cert', [CompletionResultType]::ParameterName, 'Client certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-key', '--nats-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for NATS (PEM file)')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection, seconds')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Form of the log lines on stderr: text for people, json for a collector')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'Answer the question that wants NAME typed')
            [CompletionResult]::new('--i-have-a-backup', '--i-have-a-backup', [CompletionResultType]::ParameterName, 'There is a current backup already')
            [CompletionResult]::new('--take-over-functions', '--take-over-functions', [CompletionResultType]::ParameterName, 'Replace the engine''s own functions that are named in the effect; revert puts them back')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would change, and change nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wavegate;schema;verify' {
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile')
            [CompletionResult]::new('--database-ca', '--database-ca', [CompletionResultType]::ParameterName, 'CA certificate that PostgreSQL''s certificate must chain to (PEM file)')
            [CompletionResult]::new('--database-cert', '--database-cert', [CompletionResultType]::ParameterName, 'Client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--database-key', '--database-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--nats-url', '--nats-url', [CompletionResultType]::ParameterName, 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config')
            [CompletionResult]::new('--nats-context', '--nats-context', [CompletionResultType]::ParameterName, 'A context of the NATS CLI, by name')
            [CompletionResult]::new('--nats-token-file', '--nats-token-file', [CompletionResultType]::ParameterName, 'File that holds the NATS token, read at each connection')
            [CompletionResult]::new('--nats-user', '--nats-user', [CompletionResultType]::ParameterName, 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file')
            [CompletionResult]::new('--nats-password-file', '--nats-password-file', [CompletionResultType]::ParameterName, 'File that holds the NATS password, read at each connection')
            [CompletionResult]::new('--nats-creds', '--nats-creds', [CompletionResultType]::ParameterName, 'NATS credentials file (.creds), read at each connection')
            [CompletionResult]::new('--nats-nkey', '--nats-nkey', [CompletionResultType]::ParameterName, 'File that holds the NATS nkey seed, read at each connection')
            [CompletionResult]::new('--nats-ca', '--nats-ca', [CompletionResultType]::ParameterName, 'CA certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-cert', '--nats-cert', [CompletionResultType]::ParameterName, 'Client certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-key', '--nats-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for NATS (PEM file)')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection, seconds')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Form of the log lines on stderr: text for people, json for a collector')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'Answer the question that wants NAME typed')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would change, and change nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wavegate;schema;revert' {
            [CompletionResult]::new('--lock-wait', '--lock-wait', [CompletionResultType]::ParameterName, 'How long one step goes on trying to get its locks, half a second at a time')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile')
            [CompletionResult]::new('--database-ca', '--database-ca', [CompletionResultType]::ParameterName, 'CA certificate that PostgreSQL''s certificate must chain to (PEM file)')
            [CompletionResult]::new('--database-cert', '--database-cert', [CompletionResultType]::ParameterName, 'Client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--database-key', '--database-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--nats-url', '--nats-url', [CompletionResultType]::ParameterName, 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config')
            [CompletionResult]::new('--nats-context', '--nats-context', [CompletionResultType]::ParameterName, 'A context of the NATS CLI, by name')
            [CompletionResult]::new('--nats-token-file', '--nats-token-file', [CompletionResultType]::ParameterName, 'File that holds the NATS token, read at each connection')
            [CompletionResult]::new('--nats-user', '--nats-user', [CompletionResultType]::ParameterName, 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file')
            [CompletionResult]::new('--nats-password-file', '--nats-password-file', [CompletionResultType]::ParameterName, 'File that holds the NATS password, read at each connection')
            [CompletionResult]::new('--nats-creds', '--nats-creds', [CompletionResultType]::ParameterName, 'NATS credentials file (.creds), read at each connection')
            [CompletionResult]::new('--nats-nkey', '--nats-nkey', [CompletionResultType]::ParameterName, 'File that holds the NATS nkey seed, read at each connection')
            [CompletionResult]::new('--nats-ca', '--nats-ca', [CompletionResultType]::ParameterName, 'CA certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-cert', '--nats-cert', [CompletionResultType]::ParameterName, 'Client certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-key', '--nats-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for NATS (PEM file)')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection, seconds')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Form of the log lines on stderr: text for people, json for a collector')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'Answer the question that wants NAME typed')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would change, and change nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wavegate;schema;roles' {
            [CompletionResult]::new('--operator', '--operator', [CompletionResultType]::ParameterName, 'Role of the people who run the migration')
            [CompletionResult]::new('--carrier', '--carrier', [CompletionResultType]::ParameterName, 'Role of relay and workers')
            [CompletionResult]::new('--reader', '--reader', [CompletionResultType]::ParameterName, 'Role that only looks')
            [CompletionResult]::new('--application', '--application', [CompletionResultType]::ParameterName, 'Role of an application that was made after `schema apply`; repeatable')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile')
            [CompletionResult]::new('--database-ca', '--database-ca', [CompletionResultType]::ParameterName, 'CA certificate that PostgreSQL''s certificate must chain to (PEM file)')
            [CompletionResult]::new('--database-cert', '--database-cert', [CompletionResultType]::ParameterName, 'Client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--database-key', '--database-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--nats-url', '--nats-url', [CompletionResultType]::ParameterName, 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config')
            [CompletionResult]::new('--nats-context', '--nats-context', [CompletionResultType]::ParameterName, 'A context of the NATS CLI, by name')
            [CompletionResult]::new('--nats-token-file', '--nats-token-file', [CompletionResultType]::ParameterName, 'File that holds the NATS token, read at each connection')
            [CompletionResult]::new('--nats-user', '--nats-user', [CompletionResultType]::ParameterName, 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file')
            [CompletionResult]::new('--nats-password-file', '--nats-password-file', [CompletionResultType]::ParameterName, 'File that holds the NATS password, read at each connection')
            [CompletionResult]::new('--nats-creds', '--nats-creds', [CompletionResultType]::ParameterName, 'NATS credentials file (.creds), read at each connection')
            [CompletionResult]::new('--nats-nkey', '--nats-nkey', [CompletionResultType]::ParameterName, 'File that holds the NATS nkey seed, read at each connection')
            [CompletionResult]::new('--nats-ca', '--nats-ca', [CompletionResultType]::ParameterName, 'CA certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-cert', '--nats-cert', [CompletionResultType]::ParameterName, 'Client certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-key', '--nats-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for NATS (PEM file)')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection, seconds')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Form of the log lines on stderr: text for people, json for a collector')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'Answer the question that wants NAME typed')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would change, and change nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wavegate;schema;help' {
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'How far each step is')
            [CompletionResult]::new('apply', 'apply', [CompletionResultType]::ParameterValue, 'Carries out what is missing, step by step; run again, it continues')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Compares the live catalogue with what is wanted; any difference ends with code 5')
            [CompletionResult]::new('revert', 'revert', [CompletionResultType]::ParameterValue, 'Takes everything back that apply made, and puts back what it replaced')
            [CompletionResult]::new('roles', 'roles', [CompletionResultType]::ParameterValue, 'Prints the statements that make the roles of docs/privileges.md, for this database')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'wavegate;schema;help;status' {
            break
        }
        'wavegate;schema;help;apply' {
            break
        }
        'wavegate;schema;help;verify' {
            break
        }
        'wavegate;schema;help;revert' {
            break
        }
        'wavegate;schema;help;roles' {
            break
        }
        'wavegate;schema;help;help' {
            break
        }
        'wavegate;stream' {
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile')
            [CompletionResult]::new('--database-ca', '--database-ca', [CompletionResultType]::ParameterName, 'CA certificate that PostgreSQL''s certificate must chain to (PEM file)')
            [CompletionResult]::new('--database-cert', '--database-cert', [CompletionResultType]::ParameterName, 'Client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--database-key', '--database-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--nats-url', '--nats-url', [CompletionResultType]::ParameterName, 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config')
            [CompletionResult]::new('--nats-context', '--nats-context', [CompletionResultType]::ParameterName, 'A context of the NATS CLI, by name')
            [CompletionResult]::new('--nats-token-file', '--nats-token-file', [CompletionResultType]::ParameterName, 'File that holds the NATS token, read at each connection')
            [CompletionResult]::new('--nats-user', '--nats-user', [CompletionResultType]::ParameterName, 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file')
            [CompletionResult]::new('--nats-password-file', '--nats-password-file', [CompletionResultType]::ParameterName, 'File that holds the NATS password, read at each connection')
            [CompletionResult]::new('--nats-creds', '--nats-creds', [CompletionResultType]::ParameterName, 'NATS credentials file (.creds), read at each connection')
            [CompletionResult]::new('--nats-nkey', '--nats-nkey', [CompletionResultType]::ParameterName, 'File that holds the NATS nkey seed, read at each connection')
            [CompletionResult]::new('--nats-ca', '--nats-ca', [CompletionResultType]::ParameterName, 'CA certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-cert', '--nats-cert', [CompletionResultType]::ParameterName, 'Client certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-key', '--nats-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for NATS (PEM file)')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection, seconds')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Form of the log lines on stderr: text for people, json for a collector')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'Answer the question that wants NAME typed')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would change, and change nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Compares stream and consumer with what is wanted; a difference ends with code 5')
            [CompletionResult]::new('ensure', 'ensure', [CompletionResultType]::ParameterValue, 'Makes or changes stream and consumer; refuses what cannot change in place and what is someone else''s')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'wavegate;stream;status' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Row of rule_nats_config')
            [CompletionResult]::new('--stream', '--stream', [CompletionResultType]::ParameterName, 'Stream; without it, the one of the config')
            [CompletionResult]::new('--consumer', '--consumer', [CompletionResultType]::ParameterName, 'Durable consumer that all NATS workers share')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile')
            [CompletionResult]::new('--database-ca', '--database-ca', [CompletionResultType]::ParameterName, 'CA certificate that PostgreSQL''s certificate must chain to (PEM file)')
            [CompletionResult]::new('--database-cert', '--database-cert', [CompletionResultType]::ParameterName, 'Client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--database-key', '--database-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--nats-url', '--nats-url', [CompletionResultType]::ParameterName, 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config')
            [CompletionResult]::new('--nats-context', '--nats-context', [CompletionResultType]::ParameterName, 'A context of the NATS CLI, by name')
            [CompletionResult]::new('--nats-token-file', '--nats-token-file', [CompletionResultType]::ParameterName, 'File that holds the NATS token, read at each connection')
            [CompletionResult]::new('--nats-user', '--nats-user', [CompletionResultType]::ParameterName, 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file')
            [CompletionResult]::new('--nats-password-file', '--nats-password-file', [CompletionResultType]::ParameterName, 'File that holds the NATS password, read at each connection')
            [CompletionResult]::new('--nats-creds', '--nats-creds', [CompletionResultType]::ParameterName, 'NATS credentials file (.creds), read at each connection')
            [CompletionResult]::new('--nats-nkey', '--nats-nkey', [CompletionResultType]::ParameterName, 'File that holds the NATS nkey seed, read at each connection')
            [CompletionResult]::new('--nats-ca', '--nats-ca', [CompletionResultType]::ParameterName, 'CA certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-cert', '--nats-cert', [CompletionResultType]::ParameterName, 'Client certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-key', '--nats-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for NATS (PEM file)')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection, seconds')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Form of the log lines on stderr: text for people, json for a collector')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'Answer the question that wants NAME typed')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would change, and change nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wavegate;stream;ensure' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Row of rule_nats_config')
            [CompletionResult]::new('--stream', '--stream', [CompletionResultType]::ParameterName, 'Stream; without it, the one of the config')
            [CompletionResult]::new('--consumer', '--consumer', [CompletionResultType]::ParameterName, 'Durable consumer that all NATS workers share')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile')
            [CompletionResult]::new('--database-ca', '--database-ca', [CompletionResultType]::ParameterName, 'CA certificate that PostgreSQL''s certificate must chain to (PEM file)')
            [CompletionResult]::new('--database-cert', '--database-cert', [CompletionResultType]::ParameterName, 'Client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--database-key', '--database-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--nats-url', '--nats-url', [CompletionResultType]::ParameterName, 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config')
            [CompletionResult]::new('--nats-context', '--nats-context', [CompletionResultType]::ParameterName, 'A context of the NATS CLI, by name')
            [CompletionResult]::new('--nats-token-file', '--nats-token-file', [CompletionResultType]::ParameterName, 'File that holds the NATS token, read at each connection')
            [CompletionResult]::new('--nats-user', '--nats-user', [CompletionResultType]::ParameterName, 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file')
            [CompletionResult]::new('--nats-password-file', '--nats-password-file', [CompletionResultType]::ParameterName, 'File that holds the NATS password, read at each connection')
            [CompletionResult]::new('--nats-creds', '--nats-creds', [CompletionResultType]::ParameterName, 'NATS credentials file (.creds), read at each connection')
            [CompletionResult]::new('--nats-nkey', '--nats-nkey', [CompletionResultType]::ParameterName, 'File that holds the NATS nkey seed, read at each connection')
            [CompletionResult]::new('--nats-ca', '--nats-ca', [CompletionResultType]::ParameterName, 'CA certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-cert', '--nats-cert', [CompletionResultType]::ParameterName, 'Client certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-key', '--nats-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for NATS (PEM file)')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection, seconds')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Form of the log lines on stderr: text for people, json for a collector')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'Answer the question that wants NAME typed')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would change, and change nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wavegate;stream;help' {
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Compares stream and consumer with what is wanted; a difference ends with code 5')
            [CompletionResult]::new('ensure', 'ensure', [CompletionResultType]::ParameterValue, 'Makes or changes stream and consumer; refuses what cannot change in place and what is someone else''s')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'wavegate;stream;help;status' {
            break
        }
        'wavegate;stream;help;ensure' {
            break
        }
        'wavegate;stream;help;help' {
            break
        }
        'wavegate;relay' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Row of rule_nats_config whose events are carried')
            [CompletionResult]::new('--stream', '--stream', [CompletionResultType]::ParameterName, 'Stream; without it, the one of the config')
            [CompletionResult]::new('--consumer', '--consumer', [CompletionResultType]::ParameterName, 'Durable consumer of the workers')
            [CompletionResult]::new('--delivery', '--delivery', [CompletionResultType]::ParameterName, 'Who delivers: ledger, our workers; independent, foreign ones, whose durable is named by --consumer')
            [CompletionResult]::new('--republish-after', '--republish-after', [CompletionResultType]::ParameterName, 'Publish an undelivered event again after this many seconds, doubling, if its last copy cannot come any more')
            [CompletionResult]::new('--keep-history', '--keep-history', [CompletionResultType]::ParameterName, 'How long publish history is kept; 0s for ever')
            [CompletionResult]::new('--keep-ledger', '--keep-ledger', [CompletionResultType]::ParameterName, 'How long delivered and discarded events stay in the ledger, at least until no copy can come any more; 0s for ever')
            [CompletionResult]::new('--listen', '--listen', [CompletionResultType]::ParameterName, 'Answer /health, /ready and /metrics (Prometheus) here, for example 127.0.0.1:9464; without it nothing listens')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile')
            [CompletionResult]::new('--database-ca', '--database-ca', [CompletionResultType]::ParameterName, 'CA certificate that PostgreSQL''s certificate must chain to (PEM file)')
            [CompletionResult]::new('--database-cert', '--database-cert', [CompletionResultType]::ParameterName, 'Client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--database-key', '--database-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--nats-url', '--nats-url', [CompletionResultType]::ParameterName, 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config')
            [CompletionResult]::new('--nats-context', '--nats-context', [CompletionResultType]::ParameterName, 'A context of the NATS CLI, by name')
            [CompletionResult]::new('--nats-token-file', '--nats-token-file', [CompletionResultType]::ParameterName, 'File that holds the NATS token, read at each connection')
            [CompletionResult]::new('--nats-user', '--nats-user', [CompletionResultType]::ParameterName, 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file')
            [CompletionResult]::new('--nats-password-file', '--nats-password-file', [CompletionResultType]::ParameterName, 'File that holds the NATS password, read at each connection')
            [CompletionResult]::new('--nats-creds', '--nats-creds', [CompletionResultType]::ParameterName, 'NATS credentials file (.creds), read at each connection')
            [CompletionResult]::new('--nats-nkey', '--nats-nkey', [CompletionResultType]::ParameterName, 'File that holds the NATS nkey seed, read at each connection')
            [CompletionResult]::new('--nats-ca', '--nats-ca', [CompletionResultType]::ParameterName, 'CA certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-cert', '--nats-cert', [CompletionResultType]::ParameterName, 'Client certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-key', '--nats-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for NATS (PEM file)')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection, seconds')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Form of the log lines on stderr: text for people, json for a collector')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'Answer the question that wants NAME typed')
            [CompletionResult]::new('--envelope', '--envelope', [CompletionResultType]::ParameterName, 'Publish in the envelope of the engine''s example workers; always so with --delivery independent')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would change, and change nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wavegate;worker' {
            [CompletionResult]::new('--path', '--path', [CompletionResultType]::ParameterName, 'Which path it serves')
            [CompletionResult]::new('--wave', '--wave', [CompletionResultType]::ParameterName, 'Deliver the events of this wave''s webhooks and no others: a dedicated worker. Ordinary workers go on serving all; repeatable')
            [CompletionResult]::new('--webhook', '--webhook', [CompletionResultType]::ParameterName, 'Deliver the events of this webhook and of no other, by name or id (name:7 or id:7 where both could be meant); repeatable, also beside --wave')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'Calls in flight at most, for each path')
            [CompletionResult]::new('--per-host', '--per-host', [CompletionResultType]::ParameterName, 'Calls in flight at most to one host; 0: any number. Without it, half of --concurrency, so that a slow host leaves half to the others')
            [CompletionResult]::new('--circuit-after', '--circuit-after', [CompletionResultType]::ParameterName, 'Failed calls in a row, on both paths together, after which an endpoint is left alone for 5 s to 5 min; 0: never')
            [CompletionResult]::new('--reap-after', '--reap-after', [CompletionResultType]::ParameterName, 'A queue row that another worker has been processing for this long goes back to the queue; 0: never')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Row of rule_nats_config')
            [CompletionResult]::new('--stream', '--stream', [CompletionResultType]::ParameterName, 'Stream; without it, the one of the config')
            [CompletionResult]::new('--consumer', '--consumer', [CompletionResultType]::ParameterName, 'Durable consumer that all NATS workers share')
            [CompletionResult]::new('--lease-slack', '--lease-slack', [CompletionResultType]::ParameterName, 'How much longer than a webhook''s deadline a claim lasts; what a dead worker held is free after that')
            [CompletionResult]::new('--allow-address', '--allow-address', [CompletionResultType]::ParameterName, 'Call addresses of this network all the same; repeatable')
            [CompletionResult]::new('--endpoint-ca', '--endpoint-ca', [CompletionResultType]::ParameterName, 'Certificates (PEM) that endpoints may be signed by, beside the system''s; repeatable. In the environment: one file')
            [CompletionResult]::new('--listen', '--listen', [CompletionResultType]::ParameterName, 'Answer /health, /ready and /metrics (Prometheus) here, for example 127.0.0.1:9464; without it nothing listens')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile')
            [CompletionResult]::new('--database-ca', '--database-ca', [CompletionResultType]::ParameterName, 'CA certificate that PostgreSQL''s certificate must chain to (PEM file)')
            [CompletionResult]::new('--database-cert', '--database-cert', [CompletionResultType]::ParameterName, 'Client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--database-key', '--database-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--nats-url', '--nats-url', [CompletionResultType]::ParameterName, 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config')
            [CompletionResult]::new('--nats-context', '--nats-context', [CompletionResultType]::ParameterName, 'A context of the NATS CLI, by name')
            [CompletionResult]::new('--nats-token-file', '--nats-token-file', [CompletionResultType]::ParameterName, 'File that holds the NATS token, read at each connection')
            [CompletionResult]::new('--nats-user', '--nats-user', [CompletionResultType]::ParameterName, 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file')
            [CompletionResult]::new('--nats-password-file', '--nats-password-file', [CompletionResultType]::ParameterName, 'File that holds the NATS password, read at each connection')
            [CompletionResult]::new('--nats-creds', '--nats-creds', [CompletionResultType]::ParameterName, 'NATS credentials file (.creds), read at each connection')
            [CompletionResult]::new('--nats-nkey', '--nats-nkey', [CompletionResultType]::ParameterName, 'File that holds the NATS nkey seed, read at each connection')
            [CompletionResult]::new('--nats-ca', '--nats-ca', [CompletionResultType]::ParameterName, 'CA certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-cert', '--nats-cert', [CompletionResultType]::ParameterName, 'Client certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-key', '--nats-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for NATS (PEM file)')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection, seconds')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Form of the log lines on stderr: text for people, json for a collector')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'Answer the question that wants NAME typed')
            [CompletionResult]::new('--public-only', '--public-only', [CompletionResultType]::ParameterName, 'Call no private address (RFC 1918, fc00::/7, 100.64.0.0/10) and no loopback. Link-local, metadata, unspecified, multicast and broadcast addresses are never called')
            [CompletionResult]::new('--env-proxy', '--env-proxy', [CompletionResultType]::ParameterName, 'Call through the proxies that HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY name. What a proxy resolves is not checked')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would change, and change nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wavegate;preflight' {
            [CompletionResult]::new('--probe-address', '--probe-address', [CompletionResultType]::ParameterName, 'Where the probe''s receiver listens, as the workers reach it')
            [CompletionResult]::new('--probe-timeout', '--probe-timeout', [CompletionResultType]::ParameterName, 'How long the probe event may take, seconds')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile')
            [CompletionResult]::new('--database-ca', '--database-ca', [CompletionResultType]::ParameterName, 'CA certificate that PostgreSQL''s certificate must chain to (PEM file)')
            [CompletionResult]::new('--database-cert', '--database-cert', [CompletionResultType]::ParameterName, 'Client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--database-key', '--database-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--nats-url', '--nats-url', [CompletionResultType]::ParameterName, 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config')
            [CompletionResult]::new('--nats-context', '--nats-context', [CompletionResultType]::ParameterName, 'A context of the NATS CLI, by name')
            [CompletionResult]::new('--nats-token-file', '--nats-token-file', [CompletionResultType]::ParameterName, 'File that holds the NATS token, read at each connection')
            [CompletionResult]::new('--nats-user', '--nats-user', [CompletionResultType]::ParameterName, 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file')
            [CompletionResult]::new('--nats-password-file', '--nats-password-file', [CompletionResultType]::ParameterName, 'File that holds the NATS password, read at each connection')
            [CompletionResult]::new('--nats-creds', '--nats-creds', [CompletionResultType]::ParameterName, 'NATS credentials file (.creds), read at each connection')
            [CompletionResult]::new('--nats-nkey', '--nats-nkey', [CompletionResultType]::ParameterName, 'File that holds the NATS nkey seed, read at each connection')
            [CompletionResult]::new('--nats-ca', '--nats-ca', [CompletionResultType]::ParameterName, 'CA certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-cert', '--nats-cert', [CompletionResultType]::ParameterName, 'Client certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-key', '--nats-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for NATS (PEM file)')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection, seconds')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Form of the log lines on stderr: text for people, json for a collector')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'Answer the question that wants NAME typed')
            [CompletionResult]::new('--i-have-a-backup', '--i-have-a-backup', [CompletionResultType]::ParameterName, 'There is a current backup of the database')
            [CompletionResult]::new('--no-probe', '--no-probe', [CompletionResultType]::ParameterName, 'Do not send the probe event')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would change, and change nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wavegate;apply' {
            [CompletionResult]::new('--wave', '--wave', [CompletionResultType]::ParameterName, 'Only this wave; without it, the first that has a next step')
            [CompletionResult]::new('--to', '--to', [CompletionResultType]::ParameterName, 'The state that the wave should take: both, nats or share=N; no step is skipped')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'After the flip to nats, wait this long for the queue to be drained (for example 10m)')
            [CompletionResult]::new('--pass-unjudged', '--pass-unjudged', [CompletionResultType]::ParameterName, 'Pass gates that lack nothing but evidence, once the soak is over; WHY goes into the journal. Wants the wave''s name typed')
            [CompletionResult]::new('--barrier-timeout', '--barrier-timeout', [CompletionResultType]::ParameterName, 'How long to wait for transactions that began before the change')
            [CompletionResult]::new('--barrier-ignore', '--barrier-ignore', [CompletionResultType]::ParameterName, 'Do not wait for this session, since it cannot publish (a dump, say); journalled')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile')
            [CompletionResult]::new('--database-ca', '--database-ca', [CompletionResultType]::ParameterName, 'CA certificate that PostgreSQL''s certificate must chain to (PEM file)')
            [CompletionResult]::new('--database-cert', '--database-cert', [CompletionResultType]::ParameterName, 'Client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--database-key', '--database-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--nats-url', '--nats-url', [CompletionResultType]::ParameterName, 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config')
            [CompletionResult]::new('--nats-context', '--nats-context', [CompletionResultType]::ParameterName, 'A context of the NATS CLI, by name')
            [CompletionResult]::new('--nats-token-file', '--nats-token-file', [CompletionResultType]::ParameterName, 'File that holds the NATS token, read at each connection')
            [CompletionResult]::new('--nats-user', '--nats-user', [CompletionResultType]::ParameterName, 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file')
            [CompletionResult]::new('--nats-password-file', '--nats-password-file', [CompletionResultType]::ParameterName, 'File that holds the NATS password, read at each connection')
            [CompletionResult]::new('--nats-creds', '--nats-creds', [CompletionResultType]::ParameterName, 'NATS credentials file (.creds), read at each connection')
            [CompletionResult]::new('--nats-nkey', '--nats-nkey', [CompletionResultType]::ParameterName, 'File that holds the NATS nkey seed, read at each connection')
            [CompletionResult]::new('--nats-ca', '--nats-ca', [CompletionResultType]::ParameterName, 'CA certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-cert', '--nats-cert', [CompletionResultType]::ParameterName, 'Client certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-key', '--nats-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for NATS (PEM file)')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection, seconds')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Form of the log lines on stderr: text for people, json for a collector')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'Answer the question that wants NAME typed')
            [CompletionResult]::new('--resume', '--resume', [CompletionResultType]::ParameterName, 'Go forward again with what was rolled back')
            [CompletionResult]::new('--move-waiting', '--move-waiting', [CompletionResultType]::ParameterName, 'In the step to nats: what waits in the queue, due or not, goes to NATS too; what is in flight is left to finish')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would change, and change nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wavegate;run' {
            [CompletionResult]::new('--barrier-timeout', '--barrier-timeout', [CompletionResultType]::ParameterName, 'How long to wait for transactions that began before the change')
            [CompletionResult]::new('--barrier-ignore', '--barrier-ignore', [CompletionResultType]::ParameterName, 'Do not wait for this session, since it cannot publish (a dump, say); journalled')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile')
            [CompletionResult]::new('--database-ca', '--database-ca', [CompletionResultType]::ParameterName, 'CA certificate that PostgreSQL''s certificate must chain to (PEM file)')
            [CompletionResult]::new('--database-cert', '--database-cert', [CompletionResultType]::ParameterName, 'Client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--database-key', '--database-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--nats-url', '--nats-url', [CompletionResultType]::ParameterName, 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config')
            [CompletionResult]::new('--nats-context', '--nats-context', [CompletionResultType]::ParameterName, 'A context of the NATS CLI, by name')
            [CompletionResult]::new('--nats-token-file', '--nats-token-file', [CompletionResultType]::ParameterName, 'File that holds the NATS token, read at each connection')
            [CompletionResult]::new('--nats-user', '--nats-user', [CompletionResultType]::ParameterName, 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file')
            [CompletionResult]::new('--nats-password-file', '--nats-password-file', [CompletionResultType]::ParameterName, 'File that holds the NATS password, read at each connection')
            [CompletionResult]::new('--nats-creds', '--nats-creds', [CompletionResultType]::ParameterName, 'NATS credentials file (.creds), read at each connection')
            [CompletionResult]::new('--nats-nkey', '--nats-nkey', [CompletionResultType]::ParameterName, 'File that holds the NATS nkey seed, read at each connection')
            [CompletionResult]::new('--nats-ca', '--nats-ca', [CompletionResultType]::ParameterName, 'CA certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-cert', '--nats-cert', [CompletionResultType]::ParameterName, 'Client certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-key', '--nats-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for NATS (PEM file)')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection, seconds')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Form of the log lines on stderr: text for people, json for a collector')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'Answer the question that wants NAME typed')
            [CompletionResult]::new('--once', '--once', [CompletionResultType]::ParameterName, 'Do what is due now and say what it waits for, instead of going on until the migration is over')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would change, and change nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wavegate;approve' {
            [CompletionResult]::new('--wave', '--wave', [CompletionResultType]::ParameterName, 'The wave whose next step is approved')
            [CompletionResult]::new('--note', '--note', [CompletionResultType]::ParameterName, 'Why, for the journal')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile')
            [CompletionResult]::new('--database-ca', '--database-ca', [CompletionResultType]::ParameterName, 'CA certificate that PostgreSQL''s certificate must chain to (PEM file)')
            [CompletionResult]::new('--database-cert', '--database-cert', [CompletionResultType]::ParameterName, 'Client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--database-key', '--database-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--nats-url', '--nats-url', [CompletionResultType]::ParameterName, 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config')
            [CompletionResult]::new('--nats-context', '--nats-context', [CompletionResultType]::ParameterName, 'A context of the NATS CLI, by name')
            [CompletionResult]::new('--nats-token-file', '--nats-token-file', [CompletionResultType]::ParameterName, 'File that holds the NATS token, read at each connection')
            [CompletionResult]::new('--nats-user', '--nats-user', [CompletionResultType]::ParameterName, 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file')
            [CompletionResult]::new('--nats-password-file', '--nats-password-file', [CompletionResultType]::ParameterName, 'File that holds the NATS password, read at each connection')
            [CompletionResult]::new('--nats-creds', '--nats-creds', [CompletionResultType]::ParameterName, 'NATS credentials file (.creds), read at each connection')
            [CompletionResult]::new('--nats-nkey', '--nats-nkey', [CompletionResultType]::ParameterName, 'File that holds the NATS nkey seed, read at each connection')
            [CompletionResult]::new('--nats-ca', '--nats-ca', [CompletionResultType]::ParameterName, 'CA certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-cert', '--nats-cert', [CompletionResultType]::ParameterName, 'Client certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-key', '--nats-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for NATS (PEM file)')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection, seconds')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Form of the log lines on stderr: text for people, json for a collector')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'Answer the question that wants NAME typed')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would change, and change nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wavegate;hold' {
            [CompletionResult]::new('--webhook', '--webhook', [CompletionResultType]::ParameterName, 'One webhook, by name or id (name:7 or id:7 where both could be meant)')
            [CompletionResult]::new('--wave', '--wave', [CompletionResultType]::ParameterName, 'Every webhook of one wave')
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'Why; without a reason the holds that stand are listed')
            [CompletionResult]::new('--for', '--for', [CompletionResultType]::ParameterName, 'It ends by itself after this long (2h, 3d)')
            [CompletionResult]::new('--until', '--until', [CompletionResultType]::ParameterName, 'It ends by itself at this time (2026-12-01 08:00 in UTC, or RFC 3339)')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile')
            [CompletionResult]::new('--database-ca', '--database-ca', [CompletionResultType]::ParameterName, 'CA certificate that PostgreSQL''s certificate must chain to (PEM file)')
            [CompletionResult]::new('--database-cert', '--database-cert', [CompletionResultType]::ParameterName, 'Client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--database-key', '--database-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--nats-url', '--nats-url', [CompletionResultType]::ParameterName, 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config')
            [CompletionResult]::new('--nats-context', '--nats-context', [CompletionResultType]::ParameterName, 'A context of the NATS CLI, by name')
            [CompletionResult]::new('--nats-token-file', '--nats-token-file', [CompletionResultType]::ParameterName, 'File that holds the NATS token, read at each connection')
            [CompletionResult]::new('--nats-user', '--nats-user', [CompletionResultType]::ParameterName, 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file')
            [CompletionResult]::new('--nats-password-file', '--nats-password-file', [CompletionResultType]::ParameterName, 'File that holds the NATS password, read at each connection')
            [CompletionResult]::new('--nats-creds', '--nats-creds', [CompletionResultType]::ParameterName, 'NATS credentials file (.creds), read at each connection')
            [CompletionResult]::new('--nats-nkey', '--nats-nkey', [CompletionResultType]::ParameterName, 'File that holds the NATS nkey seed, read at each connection')
            [CompletionResult]::new('--nats-ca', '--nats-ca', [CompletionResultType]::ParameterName, 'CA certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-cert', '--nats-cert', [CompletionResultType]::ParameterName, 'Client certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-key', '--nats-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for NATS (PEM file)')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection, seconds')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Form of the log lines on stderr: text for people, json for a collector')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'Answer the question that wants NAME typed')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Every webhook that NATS has to do with')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would change, and change nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wavegate;release' {
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile')
            [CompletionResult]::new('--database-ca', '--database-ca', [CompletionResultType]::ParameterName, 'CA certificate that PostgreSQL''s certificate must chain to (PEM file)')
            [CompletionResult]::new('--database-cert', '--database-cert', [CompletionResultType]::ParameterName, 'Client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--database-key', '--database-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--nats-url', '--nats-url', [CompletionResultType]::ParameterName, 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config')
            [CompletionResult]::new('--nats-context', '--nats-context', [CompletionResultType]::ParameterName, 'A context of the NATS CLI, by name')
            [CompletionResult]::new('--nats-token-file', '--nats-token-file', [CompletionResultType]::ParameterName, 'File that holds the NATS token, read at each connection')
            [CompletionResult]::new('--nats-user', '--nats-user', [CompletionResultType]::ParameterName, 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file')
            [CompletionResult]::new('--nats-password-file', '--nats-password-file', [CompletionResultType]::ParameterName, 'File that holds the NATS password, read at each connection')
            [CompletionResult]::new('--nats-creds', '--nats-creds', [CompletionResultType]::ParameterName, 'NATS credentials file (.creds), read at each connection')
            [CompletionResult]::new('--nats-nkey', '--nats-nkey', [CompletionResultType]::ParameterName, 'File that holds the NATS nkey seed, read at each connection')
            [CompletionResult]::new('--nats-ca', '--nats-ca', [CompletionResultType]::ParameterName, 'CA certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-cert', '--nats-cert', [CompletionResultType]::ParameterName, 'Client certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-key', '--nats-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for NATS (PEM file)')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection, seconds')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Form of the log lines on stderr: text for people, json for a collector')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'Answer the question that wants NAME typed')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would change, and change nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wavegate;gate' {
            [CompletionResult]::new('--wave', '--wave', [CompletionResultType]::ParameterName, 'Only this wave')
            [CompletionResult]::new('--explain', '--explain', [CompletionResultType]::ParameterName, 'One gate in plain words, with all its numbers, its formula and how it moved; the exit code is this gate''s')
            [CompletionResult]::new('--every', '--every', [CompletionResultType]::ParameterName, 'Between two looks: 10s, 5m')
            [CompletionResult]::new('--until', '--until', [CompletionResultType]::ParameterName, 'When watching ends by itself')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile')
            [CompletionResult]::new('--database-ca', '--database-ca', [CompletionResultType]::ParameterName, 'CA certificate that PostgreSQL''s certificate must chain to (PEM file)')
            [CompletionResult]::new('--database-cert', '--database-cert', [CompletionResultType]::ParameterName, 'Client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--database-key', '--database-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--nats-url', '--nats-url', [CompletionResultType]::ParameterName, 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config')
            [CompletionResult]::new('--nats-context', '--nats-context', [CompletionResultType]::ParameterName, 'A context of the NATS CLI, by name')
            [CompletionResult]::new('--nats-token-file', '--nats-token-file', [CompletionResultType]::ParameterName, 'File that holds the NATS token, read at each connection')
            [CompletionResult]::new('--nats-user', '--nats-user', [CompletionResultType]::ParameterName, 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file')
            [CompletionResult]::new('--nats-password-file', '--nats-password-file', [CompletionResultType]::ParameterName, 'File that holds the NATS password, read at each connection')
            [CompletionResult]::new('--nats-creds', '--nats-creds', [CompletionResultType]::ParameterName, 'NATS credentials file (.creds), read at each connection')
            [CompletionResult]::new('--nats-nkey', '--nats-nkey', [CompletionResultType]::ParameterName, 'File that holds the NATS nkey seed, read at each connection')
            [CompletionResult]::new('--nats-ca', '--nats-ca', [CompletionResultType]::ParameterName, 'CA certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-cert', '--nats-cert', [CompletionResultType]::ParameterName, 'Client certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-key', '--nats-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for NATS (PEM file)')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection, seconds')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Form of the log lines on stderr: text for people, json for a collector')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'Answer the question that wants NAME typed')
            [CompletionResult]::new('--resume', '--resume', [CompletionResultType]::ParameterName, 'The step by which what was taken back goes forward again, as `apply --resume` would take it')
            [CompletionResult]::new('--watch', '--watch', [CompletionResultType]::ParameterName, 'Look again and again: in place at a terminal, line by line elsewhere')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would change, and change nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('history', 'history', [CompletionResultType]::ParameterValue, 'What the gates said, when, for how long, and by what evidence')
            [CompletionResult]::new('calibrate', 'calibrate', [CompletionResultType]::ParameterValue, 'What the past advises for blocks, shares, soak and margin: measured bursts, played again with equal paths')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'wavegate;gate;history' {
            [CompletionResult]::new('--wave', '--wave', [CompletionResultType]::ParameterName, 'Only this wave')
            [CompletionResult]::new('--gate', '--gate', [CompletionResultType]::ParameterName, 'Only this gate')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Only what was said since then: 2h, 7d, 2026-11-21, "2026-11-21 14:00" (UTC), RFC 3339')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'The newest lines, at most so many')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile')
            [CompletionResult]::new('--database-ca', '--database-ca', [CompletionResultType]::ParameterName, 'CA certificate that PostgreSQL''s certificate must chain to (PEM file)')
            [CompletionResult]::new('--database-cert', '--database-cert', [CompletionResultType]::ParameterName, 'Client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--database-key', '--database-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--nats-url', '--nats-url', [CompletionResultType]::ParameterName, 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config')
            [CompletionResult]::new('--nats-context', '--nats-context', [CompletionResultType]::ParameterName, 'A context of the NATS CLI, by name')
            [CompletionResult]::new('--nats-token-file', '--nats-token-file', [CompletionResultType]::ParameterName, 'File that holds the NATS token, read at each connection')
            [CompletionResult]::new('--nats-user', '--nats-user', [CompletionResultType]::ParameterName, 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file')
            [CompletionResult]::new('--nats-password-file', '--nats-password-file', [CompletionResultType]::ParameterName, 'File that holds the NATS password, read at each connection')
            [CompletionResult]::new('--nats-creds', '--nats-creds', [CompletionResultType]::ParameterName, 'NATS credentials file (.creds), read at each connection')
            [CompletionResult]::new('--nats-nkey', '--nats-nkey', [CompletionResultType]::ParameterName, 'File that holds the NATS nkey seed, read at each connection')
            [CompletionResult]::new('--nats-ca', '--nats-ca', [CompletionResultType]::ParameterName, 'CA certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-cert', '--nats-cert', [CompletionResultType]::ParameterName, 'Client certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-key', '--nats-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for NATS (PEM file)')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection, seconds')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Form of the log lines on stderr: text for people, json for a collector')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'Answer the question that wants NAME typed')
            [CompletionResult]::new('--every', '--every', [CompletionResultType]::ParameterName, 'Every line that was kept, not only where a verdict changed')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would change, and change nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wavegate;gate;calibrate' {
            [CompletionResult]::new('--wave', '--wave', [CompletionResultType]::ParameterName, 'Only this wave')
            [CompletionResult]::new('--runs', '--runs', [CompletionResultType]::ParameterName, 'How often a step is played, for each truth')
            [CompletionResult]::new('--seed', '--seed', [CompletionResultType]::ParameterName, 'Of the chance with which steps are played: the same one plays the same steps')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile')
            [CompletionResult]::new('--database-ca', '--database-ca', [CompletionResultType]::ParameterName, 'CA certificate that PostgreSQL''s certificate must chain to (PEM file)')
            [CompletionResult]::new('--database-cert', '--database-cert', [CompletionResultType]::ParameterName, 'Client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--database-key', '--database-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--nats-url', '--nats-url', [CompletionResultType]::ParameterName, 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config')
            [CompletionResult]::new('--nats-context', '--nats-context', [CompletionResultType]::ParameterName, 'A context of the NATS CLI, by name')
            [CompletionResult]::new('--nats-token-file', '--nats-token-file', [CompletionResultType]::ParameterName, 'File that holds the NATS token, read at each connection')
            [CompletionResult]::new('--nats-user', '--nats-user', [CompletionResultType]::ParameterName, 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file')
            [CompletionResult]::new('--nats-password-file', '--nats-password-file', [CompletionResultType]::ParameterName, 'File that holds the NATS password, read at each connection')
            [CompletionResult]::new('--nats-creds', '--nats-creds', [CompletionResultType]::ParameterName, 'NATS credentials file (.creds), read at each connection')
            [CompletionResult]::new('--nats-nkey', '--nats-nkey', [CompletionResultType]::ParameterName, 'File that holds the NATS nkey seed, read at each connection')
            [CompletionResult]::new('--nats-ca', '--nats-ca', [CompletionResultType]::ParameterName, 'CA certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-cert', '--nats-cert', [CompletionResultType]::ParameterName, 'Client certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-key', '--nats-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for NATS (PEM file)')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection, seconds')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Form of the log lines on stderr: text for people, json for a collector')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'Answer the question that wants NAME typed')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would change, and change nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wavegate;gate;help' {
            [CompletionResult]::new('history', 'history', [CompletionResultType]::ParameterValue, 'What the gates said, when, for how long, and by what evidence')
            [CompletionResult]::new('calibrate', 'calibrate', [CompletionResultType]::ParameterValue, 'What the past advises for blocks, shares, soak and margin: measured bursts, played again with equal paths')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'wavegate;gate;help;history' {
            break
        }
        'wavegate;gate;help;calibrate' {
            break
        }
        'wavegate;gate;help;help' {
            break
        }
        'wavegate;rollback' {
            [CompletionResult]::new('--webhook', '--webhook', [CompletionResultType]::ParameterName, 'One webhook, by name or id (name:7 or id:7 where both could be meant)')
            [CompletionResult]::new('--wave', '--wave', [CompletionResultType]::ParameterName, 'Every webhook of one wave')
            [CompletionResult]::new('--to', '--to', [CompletionResultType]::ParameterName, 'both: the queue delivers all, callers go on to write both routes; queue: as before the migration')
            [CompletionResult]::new('--level', '--level', [CompletionResultType]::ParameterName, '1: to both with share 0 (default); 2: to queue; 3: to queue, and take migration 007 back')
            [CompletionResult]::new('--barrier-timeout', '--barrier-timeout', [CompletionResultType]::ParameterName, 'How long to wait for transactions that began before the change')
            [CompletionResult]::new('--barrier-ignore', '--barrier-ignore', [CompletionResultType]::ParameterName, 'Do not wait for this session, since it cannot publish (a dump, say); journalled')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile')
            [CompletionResult]::new('--database-ca', '--database-ca', [CompletionResultType]::ParameterName, 'CA certificate that PostgreSQL''s certificate must chain to (PEM file)')
            [CompletionResult]::new('--database-cert', '--database-cert', [CompletionResultType]::ParameterName, 'Client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--database-key', '--database-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--nats-url', '--nats-url', [CompletionResultType]::ParameterName, 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config')
            [CompletionResult]::new('--nats-context', '--nats-context', [CompletionResultType]::ParameterName, 'A context of the NATS CLI, by name')
            [CompletionResult]::new('--nats-token-file', '--nats-token-file', [CompletionResultType]::ParameterName, 'File that holds the NATS token, read at each connection')
            [CompletionResult]::new('--nats-user', '--nats-user', [CompletionResultType]::ParameterName, 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file')
            [CompletionResult]::new('--nats-password-file', '--nats-password-file', [CompletionResultType]::ParameterName, 'File that holds the NATS password, read at each connection')
            [CompletionResult]::new('--nats-creds', '--nats-creds', [CompletionResultType]::ParameterName, 'NATS credentials file (.creds), read at each connection')
            [CompletionResult]::new('--nats-nkey', '--nats-nkey', [CompletionResultType]::ParameterName, 'File that holds the NATS nkey seed, read at each connection')
            [CompletionResult]::new('--nats-ca', '--nats-ca', [CompletionResultType]::ParameterName, 'CA certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-cert', '--nats-cert', [CompletionResultType]::ParameterName, 'Client certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-key', '--nats-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for NATS (PEM file)')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection, seconds')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Form of the log lines on stderr: text for people, json for a collector')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'Answer the question that wants NAME typed')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Every webhook that NATS has to do with')
            [CompletionResult]::new('--drain', '--drain', [CompletionResultType]::ParameterName, 'Set no fence: NATS workers finish what they have. For when no queue worker can be started')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would change, and change nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wavegate;close' {
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'Why it ends here; goes into the journal')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile')
            [CompletionResult]::new('--database-ca', '--database-ca', [CompletionResultType]::ParameterName, 'CA certificate that PostgreSQL''s certificate must chain to (PEM file)')
            [CompletionResult]::new('--database-cert', '--database-cert', [CompletionResultType]::ParameterName, 'Client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--database-key', '--database-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--nats-url', '--nats-url', [CompletionResultType]::ParameterName, 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config')
            [CompletionResult]::new('--nats-context', '--nats-context', [CompletionResultType]::ParameterName, 'A context of the NATS CLI, by name')
            [CompletionResult]::new('--nats-token-file', '--nats-token-file', [CompletionResultType]::ParameterName, 'File that holds the NATS token, read at each connection')
            [CompletionResult]::new('--nats-user', '--nats-user', [CompletionResultType]::ParameterName, 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file')
            [CompletionResult]::new('--nats-password-file', '--nats-password-file', [CompletionResultType]::ParameterName, 'File that holds the NATS password, read at each connection')
            [CompletionResult]::new('--nats-creds', '--nats-creds', [CompletionResultType]::ParameterName, 'NATS credentials file (.creds), read at each connection')
            [CompletionResult]::new('--nats-nkey', '--nats-nkey', [CompletionResultType]::ParameterName, 'File that holds the NATS nkey seed, read at each connection')
            [CompletionResult]::new('--nats-ca', '--nats-ca', [CompletionResultType]::ParameterName, 'CA certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-cert', '--nats-cert', [CompletionResultType]::ParameterName, 'Client certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-key', '--nats-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for NATS (PEM file)')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection, seconds')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Form of the log lines on stderr: text for people, json for a collector')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'Answer the question that wants NAME typed')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would change, and change nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wavegate;status' {
            [CompletionResult]::new('--wave', '--wave', [CompletionResultType]::ParameterName, 'Only this wave, with each of its webhooks')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile')
            [CompletionResult]::new('--database-ca', '--database-ca', [CompletionResultType]::ParameterName, 'CA certificate that PostgreSQL''s certificate must chain to (PEM file)')
            [CompletionResult]::new('--database-cert', '--database-cert', [CompletionResultType]::ParameterName, 'Client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--database-key', '--database-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--nats-url', '--nats-url', [CompletionResultType]::ParameterName, 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config')
            [CompletionResult]::new('--nats-context', '--nats-context', [CompletionResultType]::ParameterName, 'A context of the NATS CLI, by name')
            [CompletionResult]::new('--nats-token-file', '--nats-token-file', [CompletionResultType]::ParameterName, 'File that holds the NATS token, read at each connection')
            [CompletionResult]::new('--nats-user', '--nats-user', [CompletionResultType]::ParameterName, 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file')
            [CompletionResult]::new('--nats-password-file', '--nats-password-file', [CompletionResultType]::ParameterName, 'File that holds the NATS password, read at each connection')
            [CompletionResult]::new('--nats-creds', '--nats-creds', [CompletionResultType]::ParameterName, 'NATS credentials file (.creds), read at each connection')
            [CompletionResult]::new('--nats-nkey', '--nats-nkey', [CompletionResultType]::ParameterName, 'File that holds the NATS nkey seed, read at each connection')
            [CompletionResult]::new('--nats-ca', '--nats-ca', [CompletionResultType]::ParameterName, 'CA certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-cert', '--nats-cert', [CompletionResultType]::ParameterName, 'Client certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-key', '--nats-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for NATS (PEM file)')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection, seconds')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Form of the log lines on stderr: text for people, json for a collector')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'Answer the question that wants NAME typed')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would change, and change nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wavegate;signoff' {
            [CompletionResult]::new('--wave', '--wave', [CompletionResultType]::ParameterName, 'The wave that is signed for; without --role, only this wave is shown')
            [CompletionResult]::new('--role', '--role', [CompletionResultType]::ParameterName, 'Sign for this role of the wave''s `signoff`')
            [CompletionResult]::new('--note', '--note', [CompletionResultType]::ParameterName, 'Why, for the journal and for who reads the gate')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile')
            [CompletionResult]::new('--database-ca', '--database-ca', [CompletionResultType]::ParameterName, 'CA certificate that PostgreSQL''s certificate must chain to (PEM file)')
            [CompletionResult]::new('--database-cert', '--database-cert', [CompletionResultType]::ParameterName, 'Client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--database-key', '--database-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--nats-url', '--nats-url', [CompletionResultType]::ParameterName, 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config')
            [CompletionResult]::new('--nats-context', '--nats-context', [CompletionResultType]::ParameterName, 'A context of the NATS CLI, by name')
            [CompletionResult]::new('--nats-token-file', '--nats-token-file', [CompletionResultType]::ParameterName, 'File that holds the NATS token, read at each connection')
            [CompletionResult]::new('--nats-user', '--nats-user', [CompletionResultType]::ParameterName, 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file')
            [CompletionResult]::new('--nats-password-file', '--nats-password-file', [CompletionResultType]::ParameterName, 'File that holds the NATS password, read at each connection')
            [CompletionResult]::new('--nats-creds', '--nats-creds', [CompletionResultType]::ParameterName, 'NATS credentials file (.creds), read at each connection')
            [CompletionResult]::new('--nats-nkey', '--nats-nkey', [CompletionResultType]::ParameterName, 'File that holds the NATS nkey seed, read at each connection')
            [CompletionResult]::new('--nats-ca', '--nats-ca', [CompletionResultType]::ParameterName, 'CA certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-cert', '--nats-cert', [CompletionResultType]::ParameterName, 'Client certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-key', '--nats-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for NATS (PEM file)')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection, seconds')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Form of the log lines on stderr: text for people, json for a collector')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'Answer the question that wants NAME typed')
            [CompletionResult]::new('--refuse', '--refuse', [CompletionResultType]::ParameterName, 'Refuse instead: the gate `signoff` fails until this role signs')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would change, and change nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wavegate;history' {
            [CompletionResult]::new('--wave', '--wave', [CompletionResultType]::ParameterName, 'Only lines about this wave')
            [CompletionResult]::new('--webhook', '--webhook', [CompletionResultType]::ParameterName, 'Only what happened to this webhook, by name or id')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'The newest lines, at most so many')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile')
            [CompletionResult]::new('--database-ca', '--database-ca', [CompletionResultType]::ParameterName, 'CA certificate that PostgreSQL''s certificate must chain to (PEM file)')
            [CompletionResult]::new('--database-cert', '--database-cert', [CompletionResultType]::ParameterName, 'Client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--database-key', '--database-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--nats-url', '--nats-url', [CompletionResultType]::ParameterName, 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config')
            [CompletionResult]::new('--nats-context', '--nats-context', [CompletionResultType]::ParameterName, 'A context of the NATS CLI, by name')
            [CompletionResult]::new('--nats-token-file', '--nats-token-file', [CompletionResultType]::ParameterName, 'File that holds the NATS token, read at each connection')
            [CompletionResult]::new('--nats-user', '--nats-user', [CompletionResultType]::ParameterName, 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file')
            [CompletionResult]::new('--nats-password-file', '--nats-password-file', [CompletionResultType]::ParameterName, 'File that holds the NATS password, read at each connection')
            [CompletionResult]::new('--nats-creds', '--nats-creds', [CompletionResultType]::ParameterName, 'NATS credentials file (.creds), read at each connection')
            [CompletionResult]::new('--nats-nkey', '--nats-nkey', [CompletionResultType]::ParameterName, 'File that holds the NATS nkey seed, read at each connection')
            [CompletionResult]::new('--nats-ca', '--nats-ca', [CompletionResultType]::ParameterName, 'CA certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-cert', '--nats-cert', [CompletionResultType]::ParameterName, 'Client certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-key', '--nats-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for NATS (PEM file)')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection, seconds')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Form of the log lines on stderr: text for people, json for a collector')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'Answer the question that wants NAME typed')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would change, and change nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wavegate;audit' {
            [CompletionResult]::new('--webhook', '--webhook', [CompletionResultType]::ParameterName, 'Only this webhook, by name or id (name:7 or id:7 where both could be meant); may be repeated')
            [CompletionResult]::new('--wave', '--wave', [CompletionResultType]::ParameterName, 'Only the webhooks of this wave')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Only events committed since then: 2h, 7d, 2026-11-21, "2026-11-21 14:00" (UTC), RFC 3339')
            [CompletionResult]::new('--until', '--until', [CompletionResultType]::ParameterName, 'Only events committed before then')
            [CompletionResult]::new('--retention', '--retention', [CompletionResultType]::ParameterName, 'Ids that callers chose are asked about for so long; set it lower where the queue is cleaned earlier')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'With --strangers: look at so many messages, the newest')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'With --strangers: row of rule_nats_config')
            [CompletionResult]::new('--stream', '--stream', [CompletionResultType]::ParameterName, 'With --strangers: the stream; without it, the one of the config')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile')
            [CompletionResult]::new('--database-ca', '--database-ca', [CompletionResultType]::ParameterName, 'CA certificate that PostgreSQL''s certificate must chain to (PEM file)')
            [CompletionResult]::new('--database-cert', '--database-cert', [CompletionResultType]::ParameterName, 'Client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--database-key', '--database-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--nats-url', '--nats-url', [CompletionResultType]::ParameterName, 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config')
            [CompletionResult]::new('--nats-context', '--nats-context', [CompletionResultType]::ParameterName, 'A context of the NATS CLI, by name')
            [CompletionResult]::new('--nats-token-file', '--nats-token-file', [CompletionResultType]::ParameterName, 'File that holds the NATS token, read at each connection')
            [CompletionResult]::new('--nats-user', '--nats-user', [CompletionResultType]::ParameterName, 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file')
            [CompletionResult]::new('--nats-password-file', '--nats-password-file', [CompletionResultType]::ParameterName, 'File that holds the NATS password, read at each connection')
            [CompletionResult]::new('--nats-creds', '--nats-creds', [CompletionResultType]::ParameterName, 'NATS credentials file (.creds), read at each connection')
            [CompletionResult]::new('--nats-nkey', '--nats-nkey', [CompletionResultType]::ParameterName, 'File that holds the NATS nkey seed, read at each connection')
            [CompletionResult]::new('--nats-ca', '--nats-ca', [CompletionResultType]::ParameterName, 'CA certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-cert', '--nats-cert', [CompletionResultType]::ParameterName, 'Client certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-key', '--nats-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for NATS (PEM file)')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection, seconds')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Form of the log lines on stderr: text for people, json for a collector')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'Answer the question that wants NAME typed')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Every webhook')
            [CompletionResult]::new('--strangers', '--strangers', [CompletionResultType]::ParameterName, 'Look for messages in the stream that PostgreSQL never knew, too; reads their headers, touches none')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would change, and change nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wavegate;dead' {
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile')
            [CompletionResult]::new('--database-ca', '--database-ca', [CompletionResultType]::ParameterName, 'CA certificate that PostgreSQL''s certificate must chain to (PEM file)')
            [CompletionResult]::new('--database-cert', '--database-cert', [CompletionResultType]::ParameterName, 'Client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--database-key', '--database-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--nats-url', '--nats-url', [CompletionResultType]::ParameterName, 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config')
            [CompletionResult]::new('--nats-context', '--nats-context', [CompletionResultType]::ParameterName, 'A context of the NATS CLI, by name')
            [CompletionResult]::new('--nats-token-file', '--nats-token-file', [CompletionResultType]::ParameterName, 'File that holds the NATS token, read at each connection')
            [CompletionResult]::new('--nats-user', '--nats-user', [CompletionResultType]::ParameterName, 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file')
            [CompletionResult]::new('--nats-password-file', '--nats-password-file', [CompletionResultType]::ParameterName, 'File that holds the NATS password, read at each connection')
            [CompletionResult]::new('--nats-creds', '--nats-creds', [CompletionResultType]::ParameterName, 'NATS credentials file (.creds), read at each connection')
            [CompletionResult]::new('--nats-nkey', '--nats-nkey', [CompletionResultType]::ParameterName, 'File that holds the NATS nkey seed, read at each connection')
            [CompletionResult]::new('--nats-ca', '--nats-ca', [CompletionResultType]::ParameterName, 'CA certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-cert', '--nats-cert', [CompletionResultType]::ParameterName, 'Client certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-key', '--nats-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for NATS (PEM file)')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection, seconds')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Form of the log lines on stderr: text for people, json for a collector')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'Answer the question that wants NAME typed')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would change, and change nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'What is dead, by webhook and error')
            [CompletionResult]::new('inspect', 'inspect', [CompletionResultType]::ParameterValue, 'Everything that is known of one event, dead or not')
            [CompletionResult]::new('requeue', 'requeue', [CompletionResultType]::ParameterValue, 'One more attempt, due now')
            [CompletionResult]::new('discard', 'discard', [CompletionResultType]::ParameterValue, 'Gives dead events up: their payloads go, the ledger keeps that they were')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'wavegate;dead;list' {
            [CompletionResult]::new('--webhook', '--webhook', [CompletionResultType]::ParameterName, 'Only this webhook, by name or id (name:7 or id:7 where both could be meant); may be repeated')
            [CompletionResult]::new('--wave', '--wave', [CompletionResultType]::ParameterName, 'Only the webhooks of this wave')
            [CompletionResult]::new('--event', '--event', [CompletionResultType]::ParameterName, 'Only this event, by event id, call-N or call id; may be repeated')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Only events committed since then: 2h, 7d, 2026-11-21, "2026-11-21 14:00" (UTC), RFC 3339')
            [CompletionResult]::new('--until', '--until', [CompletionResultType]::ParameterName, 'Only events committed before then')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'So many lines at most, the newest')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile')
            [CompletionResult]::new('--database-ca', '--database-ca', [CompletionResultType]::ParameterName, 'CA certificate that PostgreSQL''s certificate must chain to (PEM file)')
            [CompletionResult]::new('--database-cert', '--database-cert', [CompletionResultType]::ParameterName, 'Client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--database-key', '--database-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--nats-url', '--nats-url', [CompletionResultType]::ParameterName, 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config')
            [CompletionResult]::new('--nats-context', '--nats-context', [CompletionResultType]::ParameterName, 'A context of the NATS CLI, by name')
            [CompletionResult]::new('--nats-token-file', '--nats-token-file', [CompletionResultType]::ParameterName, 'File that holds the NATS token, read at each connection')
            [CompletionResult]::new('--nats-user', '--nats-user', [CompletionResultType]::ParameterName, 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file')
            [CompletionResult]::new('--nats-password-file', '--nats-password-file', [CompletionResultType]::ParameterName, 'File that holds the NATS password, read at each connection')
            [CompletionResult]::new('--nats-creds', '--nats-creds', [CompletionResultType]::ParameterName, 'NATS credentials file (.creds), read at each connection')
            [CompletionResult]::new('--nats-nkey', '--nats-nkey', [CompletionResultType]::ParameterName, 'File that holds the NATS nkey seed, read at each connection')
            [CompletionResult]::new('--nats-ca', '--nats-ca', [CompletionResultType]::ParameterName, 'CA certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-cert', '--nats-cert', [CompletionResultType]::ParameterName, 'Client certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-key', '--nats-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for NATS (PEM file)')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection, seconds')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Form of the log lines on stderr: text for people, json for a collector')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'Answer the question that wants NAME typed')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Every webhook')
            [CompletionResult]::new('--events', '--events', [CompletionResultType]::ParameterName, 'One by one')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would change, and change nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wavegate;dead;inspect' {
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile')
            [CompletionResult]::new('--database-ca', '--database-ca', [CompletionResultType]::ParameterName, 'CA certificate that PostgreSQL''s certificate must chain to (PEM file)')
            [CompletionResult]::new('--database-cert', '--database-cert', [CompletionResultType]::ParameterName, 'Client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--database-key', '--database-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--nats-url', '--nats-url', [CompletionResultType]::ParameterName, 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config')
            [CompletionResult]::new('--nats-context', '--nats-context', [CompletionResultType]::ParameterName, 'A context of the NATS CLI, by name')
            [CompletionResult]::new('--nats-token-file', '--nats-token-file', [CompletionResultType]::ParameterName, 'File that holds the NATS token, read at each connection')
            [CompletionResult]::new('--nats-user', '--nats-user', [CompletionResultType]::ParameterName, 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file')
            [CompletionResult]::new('--nats-password-file', '--nats-password-file', [CompletionResultType]::ParameterName, 'File that holds the NATS password, read at each connection')
            [CompletionResult]::new('--nats-creds', '--nats-creds', [CompletionResultType]::ParameterName, 'NATS credentials file (.creds), read at each connection')
            [CompletionResult]::new('--nats-nkey', '--nats-nkey', [CompletionResultType]::ParameterName, 'File that holds the NATS nkey seed, read at each connection')
            [CompletionResult]::new('--nats-ca', '--nats-ca', [CompletionResultType]::ParameterName, 'CA certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-cert', '--nats-cert', [CompletionResultType]::ParameterName, 'Client certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-key', '--nats-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for NATS (PEM file)')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection, seconds')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Form of the log lines on stderr: text for people, json for a collector')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'Answer the question that wants NAME typed')
            [CompletionResult]::new('--payload', '--payload', [CompletionResultType]::ParameterName, 'Show the payload, too')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would change, and change nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wavegate;dead;requeue' {
            [CompletionResult]::new('--webhook', '--webhook', [CompletionResultType]::ParameterName, 'Only this webhook, by name or id (name:7 or id:7 where both could be meant); may be repeated')
            [CompletionResult]::new('--wave', '--wave', [CompletionResultType]::ParameterName, 'Only the webhooks of this wave')
            [CompletionResult]::new('--event', '--event', [CompletionResultType]::ParameterName, 'Only this event, by event id, call-N or call id; may be repeated')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Only events committed since then: 2h, 7d, 2026-11-21, "2026-11-21 14:00" (UTC), RFC 3339')
            [CompletionResult]::new('--until', '--until', [CompletionResultType]::ParameterName, 'Only events committed before then')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile')
            [CompletionResult]::new('--database-ca', '--database-ca', [CompletionResultType]::ParameterName, 'CA certificate that PostgreSQL''s certificate must chain to (PEM file)')
            [CompletionResult]::new('--database-cert', '--database-cert', [CompletionResultType]::ParameterName, 'Client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--database-key', '--database-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--nats-url', '--nats-url', [CompletionResultType]::ParameterName, 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config')
            [CompletionResult]::new('--nats-context', '--nats-context', [CompletionResultType]::ParameterName, 'A context of the NATS CLI, by name')
            [CompletionResult]::new('--nats-token-file', '--nats-token-file', [CompletionResultType]::ParameterName, 'File that holds the NATS token, read at each connection')
            [CompletionResult]::new('--nats-user', '--nats-user', [CompletionResultType]::ParameterName, 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file')
            [CompletionResult]::new('--nats-password-file', '--nats-password-file', [CompletionResultType]::ParameterName, 'File that holds the NATS password, read at each connection')
            [CompletionResult]::new('--nats-creds', '--nats-creds', [CompletionResultType]::ParameterName, 'NATS credentials file (.creds), read at each connection')
            [CompletionResult]::new('--nats-nkey', '--nats-nkey', [CompletionResultType]::ParameterName, 'File that holds the NATS nkey seed, read at each connection')
            [CompletionResult]::new('--nats-ca', '--nats-ca', [CompletionResultType]::ParameterName, 'CA certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-cert', '--nats-cert', [CompletionResultType]::ParameterName, 'Client certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-key', '--nats-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for NATS (PEM file)')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection, seconds')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Form of the log lines on stderr: text for people, json for a collector')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'Answer the question that wants NAME typed')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Every webhook')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would change, and change nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wavegate;dead;discard' {
            [CompletionResult]::new('--webhook', '--webhook', [CompletionResultType]::ParameterName, 'Only this webhook, by name or id (name:7 or id:7 where both could be meant); may be repeated')
            [CompletionResult]::new('--wave', '--wave', [CompletionResultType]::ParameterName, 'Only the webhooks of this wave')
            [CompletionResult]::new('--event', '--event', [CompletionResultType]::ParameterName, 'Only this event, by event id, call-N or call id; may be repeated')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Only events committed since then: 2h, 7d, 2026-11-21, "2026-11-21 14:00" (UTC), RFC 3339')
            [CompletionResult]::new('--until', '--until', [CompletionResultType]::ParameterName, 'Only events committed before then')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile')
            [CompletionResult]::new('--database-ca', '--database-ca', [CompletionResultType]::ParameterName, 'CA certificate that PostgreSQL''s certificate must chain to (PEM file)')
            [CompletionResult]::new('--database-cert', '--database-cert', [CompletionResultType]::ParameterName, 'Client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--database-key', '--database-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--nats-url', '--nats-url', [CompletionResultType]::ParameterName, 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config')
            [CompletionResult]::new('--nats-context', '--nats-context', [CompletionResultType]::ParameterName, 'A context of the NATS CLI, by name')
            [CompletionResult]::new('--nats-token-file', '--nats-token-file', [CompletionResultType]::ParameterName, 'File that holds the NATS token, read at each connection')
            [CompletionResult]::new('--nats-user', '--nats-user', [CompletionResultType]::ParameterName, 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file')
            [CompletionResult]::new('--nats-password-file', '--nats-password-file', [CompletionResultType]::ParameterName, 'File that holds the NATS password, read at each connection')
            [CompletionResult]::new('--nats-creds', '--nats-creds', [CompletionResultType]::ParameterName, 'NATS credentials file (.creds), read at each connection')
            [CompletionResult]::new('--nats-nkey', '--nats-nkey', [CompletionResultType]::ParameterName, 'File that holds the NATS nkey seed, read at each connection')
            [CompletionResult]::new('--nats-ca', '--nats-ca', [CompletionResultType]::ParameterName, 'CA certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-cert', '--nats-cert', [CompletionResultType]::ParameterName, 'Client certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-key', '--nats-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for NATS (PEM file)')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection, seconds')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Form of the log lines on stderr: text for people, json for a collector')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'Answer the question that wants NAME typed')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Every webhook')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would change, and change nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wavegate;dead;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'What is dead, by webhook and error')
            [CompletionResult]::new('inspect', 'inspect', [CompletionResultType]::ParameterValue, 'Everything that is known of one event, dead or not')
            [CompletionResult]::new('requeue', 'requeue', [CompletionResultType]::ParameterValue, 'One more attempt, due now')
            [CompletionResult]::new('discard', 'discard', [CompletionResultType]::ParameterValue, 'Gives dead events up: their payloads go, the ledger keeps that they were')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'wavegate;dead;help;list' {
            break
        }
        'wavegate;dead;help;inspect' {
            break
        }
        'wavegate;dead;help;requeue' {
            break
        }
        'wavegate;dead;help;discard' {
            break
        }
        'wavegate;dead;help;help' {
            break
        }
        'wavegate;redrive' {
            [CompletionResult]::new('--webhook', '--webhook', [CompletionResultType]::ParameterName, 'One webhook, by name or id (name:7 or id:7 where both could be meant)')
            [CompletionResult]::new('--wave', '--wave', [CompletionResultType]::ParameterName, 'Every webhook of one wave')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'How long to wait for what NATS workers hold')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile')
            [CompletionResult]::new('--database-ca', '--database-ca', [CompletionResultType]::ParameterName, 'CA certificate that PostgreSQL''s certificate must chain to (PEM file)')
            [CompletionResult]::new('--database-cert', '--database-cert', [CompletionResultType]::ParameterName, 'Client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--database-key', '--database-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--nats-url', '--nats-url', [CompletionResultType]::ParameterName, 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config')
            [CompletionResult]::new('--nats-context', '--nats-context', [CompletionResultType]::ParameterName, 'A context of the NATS CLI, by name')
            [CompletionResult]::new('--nats-token-file', '--nats-token-file', [CompletionResultType]::ParameterName, 'File that holds the NATS token, read at each connection')
            [CompletionResult]::new('--nats-user', '--nats-user', [CompletionResultType]::ParameterName, 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file')
            [CompletionResult]::new('--nats-password-file', '--nats-password-file', [CompletionResultType]::ParameterName, 'File that holds the NATS password, read at each connection')
            [CompletionResult]::new('--nats-creds', '--nats-creds', [CompletionResultType]::ParameterName, 'NATS credentials file (.creds), read at each connection')
            [CompletionResult]::new('--nats-nkey', '--nats-nkey', [CompletionResultType]::ParameterName, 'File that holds the NATS nkey seed, read at each connection')
            [CompletionResult]::new('--nats-ca', '--nats-ca', [CompletionResultType]::ParameterName, 'CA certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-cert', '--nats-cert', [CompletionResultType]::ParameterName, 'Client certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-key', '--nats-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for NATS (PEM file)')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection, seconds')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Form of the log lines on stderr: text for people, json for a collector')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'Answer the question that wants NAME typed')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Every webhook that NATS has to do with')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would change, and change nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wavegate;drain' {
            [CompletionResult]::new('--webhook', '--webhook', [CompletionResultType]::ParameterName, 'One webhook, by name or id (name:7 or id:7 where both could be meant)')
            [CompletionResult]::new('--wave', '--wave', [CompletionResultType]::ParameterName, 'Every webhook of one wave')
            [CompletionResult]::new('--path', '--path', [CompletionResultType]::ParameterName, 'Whose workers are to be stopped: queue, or nats after a rollback with --drain')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait this long for the path to be empty (for example 10m)')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Row of rule_nats_config whose stream is looked at')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile')
            [CompletionResult]::new('--database-ca', '--database-ca', [CompletionResultType]::ParameterName, 'CA certificate that PostgreSQL''s certificate must chain to (PEM file)')
            [CompletionResult]::new('--database-cert', '--database-cert', [CompletionResultType]::ParameterName, 'Client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--database-key', '--database-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--nats-url', '--nats-url', [CompletionResultType]::ParameterName, 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config')
            [CompletionResult]::new('--nats-context', '--nats-context', [CompletionResultType]::ParameterName, 'A context of the NATS CLI, by name')
            [CompletionResult]::new('--nats-token-file', '--nats-token-file', [CompletionResultType]::ParameterName, 'File that holds the NATS token, read at each connection')
            [CompletionResult]::new('--nats-user', '--nats-user', [CompletionResultType]::ParameterName, 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file')
            [CompletionResult]::new('--nats-password-file', '--nats-password-file', [CompletionResultType]::ParameterName, 'File that holds the NATS password, read at each connection')
            [CompletionResult]::new('--nats-creds', '--nats-creds', [CompletionResultType]::ParameterName, 'NATS credentials file (.creds), read at each connection')
            [CompletionResult]::new('--nats-nkey', '--nats-nkey', [CompletionResultType]::ParameterName, 'File that holds the NATS nkey seed, read at each connection')
            [CompletionResult]::new('--nats-ca', '--nats-ca', [CompletionResultType]::ParameterName, 'CA certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-cert', '--nats-cert', [CompletionResultType]::ParameterName, 'Client certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-key', '--nats-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for NATS (PEM file)')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection, seconds')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Form of the log lines on stderr: text for people, json for a collector')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'Answer the question that wants NAME typed')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Every webhook that NATS has to do with')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would change, and change nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wavegate;lab' {
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile')
            [CompletionResult]::new('--database-ca', '--database-ca', [CompletionResultType]::ParameterName, 'CA certificate that PostgreSQL''s certificate must chain to (PEM file)')
            [CompletionResult]::new('--database-cert', '--database-cert', [CompletionResultType]::ParameterName, 'Client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--database-key', '--database-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--nats-url', '--nats-url', [CompletionResultType]::ParameterName, 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config')
            [CompletionResult]::new('--nats-context', '--nats-context', [CompletionResultType]::ParameterName, 'A context of the NATS CLI, by name')
            [CompletionResult]::new('--nats-token-file', '--nats-token-file', [CompletionResultType]::ParameterName, 'File that holds the NATS token, read at each connection')
            [CompletionResult]::new('--nats-user', '--nats-user', [CompletionResultType]::ParameterName, 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file')
            [CompletionResult]::new('--nats-password-file', '--nats-password-file', [CompletionResultType]::ParameterName, 'File that holds the NATS password, read at each connection')
            [CompletionResult]::new('--nats-creds', '--nats-creds', [CompletionResultType]::ParameterName, 'NATS credentials file (.creds), read at each connection')
            [CompletionResult]::new('--nats-nkey', '--nats-nkey', [CompletionResultType]::ParameterName, 'File that holds the NATS nkey seed, read at each connection')
            [CompletionResult]::new('--nats-ca', '--nats-ca', [CompletionResultType]::ParameterName, 'CA certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-cert', '--nats-cert', [CompletionResultType]::ParameterName, 'Client certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-key', '--nats-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for NATS (PEM file)')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection, seconds')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Form of the log lines on stderr: text for people, json for a collector')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'Answer the question that wants NAME typed')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would change, and change nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('demo', 'demo', [CompletionResultType]::ParameterValue, 'A whole migration on servers of its own, with kills, one rollback and an audit')
            [CompletionResult]::new('up', 'up', [CompletionResultType]::ParameterValue, 'PostgreSQL, NATS and a receiver that stay up, with the rule engine and its webhooks')
            [CompletionResult]::new('traffic', 'traffic', [CompletionResultType]::ParameterValue, 'Makes calls in a lab that is up')
            [CompletionResult]::new('down', 'down', [CompletionResultType]::ParameterValue, 'Takes down a lab that is up, and removes it')
            [CompletionResult]::new('receiver', 'receiver', [CompletionResultType]::ParameterValue, 'The endpoints of a lab that is up')
            [CompletionResult]::new('servers', 'servers', [CompletionResultType]::ParameterValue, 'A PostgreSQL and a nats-server for many tests: prints their ports, and ends them when its input ends')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'wavegate;lab;demo' {
            [CompletionResult]::new('--seed', '--seed', [CompletionResultType]::ParameterName, 'The same number makes the same webhooks and the same calls')
            [CompletionResult]::new('--scale', '--scale', [CompletionResultType]::ParameterName, 'Multiplies the traffic and, below 1, the waiting times')
            [CompletionResult]::new('--shape', '--shape', [CompletionResultType]::ParameterName, 'Which layout of the rule engine')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile')
            [CompletionResult]::new('--database-ca', '--database-ca', [CompletionResultType]::ParameterName, 'CA certificate that PostgreSQL''s certificate must chain to (PEM file)')
            [CompletionResult]::new('--database-cert', '--database-cert', [CompletionResultType]::ParameterName, 'Client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--database-key', '--database-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--nats-url', '--nats-url', [CompletionResultType]::ParameterName, 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config')
            [CompletionResult]::new('--nats-context', '--nats-context', [CompletionResultType]::ParameterName, 'A context of the NATS CLI, by name')
            [CompletionResult]::new('--nats-token-file', '--nats-token-file', [CompletionResultType]::ParameterName, 'File that holds the NATS token, read at each connection')
            [CompletionResult]::new('--nats-user', '--nats-user', [CompletionResultType]::ParameterName, 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file')
            [CompletionResult]::new('--nats-password-file', '--nats-password-file', [CompletionResultType]::ParameterName, 'File that holds the NATS password, read at each connection')
            [CompletionResult]::new('--nats-creds', '--nats-creds', [CompletionResultType]::ParameterName, 'NATS credentials file (.creds), read at each connection')
            [CompletionResult]::new('--nats-nkey', '--nats-nkey', [CompletionResultType]::ParameterName, 'File that holds the NATS nkey seed, read at each connection')
            [CompletionResult]::new('--nats-ca', '--nats-ca', [CompletionResultType]::ParameterName, 'CA certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-cert', '--nats-cert', [CompletionResultType]::ParameterName, 'Client certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-key', '--nats-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for NATS (PEM file)')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection, seconds')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Form of the log lines on stderr: text for people, json for a collector')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'Answer the question that wants NAME typed')
            [CompletionResult]::new('--keep', '--keep', [CompletionResultType]::ParameterName, 'Leave the servers and their folder when it is over')
            [CompletionResult]::new('--pause-at-prompts', '--pause-at-prompts', [CompletionResultType]::ParameterName, 'Wait before each command, so that the operator types')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would change, and change nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wavegate;lab;up' {
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'The folder of the lab; one for each user below the temporary folder unless given')
            [CompletionResult]::new('--shape', '--shape', [CompletionResultType]::ParameterName, 'Which layout of the rule engine')
            [CompletionResult]::new('--seed', '--seed', [CompletionResultType]::ParameterName, 'The same number makes the same webhooks')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile')
            [CompletionResult]::new('--database-ca', '--database-ca', [CompletionResultType]::ParameterName, 'CA certificate that PostgreSQL''s certificate must chain to (PEM file)')
            [CompletionResult]::new('--database-cert', '--database-cert', [CompletionResultType]::ParameterName, 'Client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--database-key', '--database-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--nats-url', '--nats-url', [CompletionResultType]::ParameterName, 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config')
            [CompletionResult]::new('--nats-context', '--nats-context', [CompletionResultType]::ParameterName, 'A context of the NATS CLI, by name')
            [CompletionResult]::new('--nats-token-file', '--nats-token-file', [CompletionResultType]::ParameterName, 'File that holds the NATS token, read at each connection')
            [CompletionResult]::new('--nats-user', '--nats-user', [CompletionResultType]::ParameterName, 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file')
            [CompletionResult]::new('--nats-password-file', '--nats-password-file', [CompletionResultType]::ParameterName, 'File that holds the NATS password, read at each connection')
            [CompletionResult]::new('--nats-creds', '--nats-creds', [CompletionResultType]::ParameterName, 'NATS credentials file (.creds), read at each connection')
            [CompletionResult]::new('--nats-nkey', '--nats-nkey', [CompletionResultType]::ParameterName, 'File that holds the NATS nkey seed, read at each connection')
            [CompletionResult]::new('--nats-ca', '--nats-ca', [CompletionResultType]::ParameterName, 'CA certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-cert', '--nats-cert', [CompletionResultType]::ParameterName, 'Client certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-key', '--nats-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for NATS (PEM file)')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection, seconds')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Form of the log lines on stderr: text for people, json for a collector')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'Answer the question that wants NAME typed')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would change, and change nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wavegate;lab;traffic' {
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'The folder of the lab; one for each user below the temporary folder unless given')
            [CompletionResult]::new('--rate', '--rate', [CompletionResultType]::ParameterName, 'Calls a second')
            [CompletionResult]::new('--seconds', '--seconds', [CompletionResultType]::ParameterName, 'How long, in seconds; until Ctrl-C unless given')
            [CompletionResult]::new('--seed', '--seed', [CompletionResultType]::ParameterName, 'The same number makes the same calls')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile')
            [CompletionResult]::new('--database-ca', '--database-ca', [CompletionResultType]::ParameterName, 'CA certificate that PostgreSQL''s certificate must chain to (PEM file)')
            [CompletionResult]::new('--database-cert', '--database-cert', [CompletionResultType]::ParameterName, 'Client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--database-key', '--database-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--nats-url', '--nats-url', [CompletionResultType]::ParameterName, 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config')
            [CompletionResult]::new('--nats-context', '--nats-context', [CompletionResultType]::ParameterName, 'A context of the NATS CLI, by name')
            [CompletionResult]::new('--nats-token-file', '--nats-token-file', [CompletionResultType]::ParameterName, 'File that holds the NATS token, read at each connection')
            [CompletionResult]::new('--nats-user', '--nats-user', [CompletionResultType]::ParameterName, 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file')
            [CompletionResult]::new('--nats-password-file', '--nats-password-file', [CompletionResultType]::ParameterName, 'File that holds the NATS password, read at each connection')
            [CompletionResult]::new('--nats-creds', '--nats-creds', [CompletionResultType]::ParameterName, 'NATS credentials file (.creds), read at each connection')
            [CompletionResult]::new('--nats-nkey', '--nats-nkey', [CompletionResultType]::ParameterName, 'File that holds the NATS nkey seed, read at each connection')
            [CompletionResult]::new('--nats-ca', '--nats-ca', [CompletionResultType]::ParameterName, 'CA certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-cert', '--nats-cert', [CompletionResultType]::ParameterName, 'Client certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-key', '--nats-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for NATS (PEM file)')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection, seconds')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Form of the log lines on stderr: text for people, json for a collector')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'Answer the question that wants NAME typed')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would change, and change nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wavegate;lab;down' {
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'The folder of the lab; one for each user below the temporary folder unless given')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile')
            [CompletionResult]::new('--database-ca', '--database-ca', [CompletionResultType]::ParameterName, 'CA certificate that PostgreSQL''s certificate must chain to (PEM file)')
            [CompletionResult]::new('--database-cert', '--database-cert', [CompletionResultType]::ParameterName, 'Client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--database-key', '--database-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--nats-url', '--nats-url', [CompletionResultType]::ParameterName, 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config')
            [CompletionResult]::new('--nats-context', '--nats-context', [CompletionResultType]::ParameterName, 'A context of the NATS CLI, by name')
            [CompletionResult]::new('--nats-token-file', '--nats-token-file', [CompletionResultType]::ParameterName, 'File that holds the NATS token, read at each connection')
            [CompletionResult]::new('--nats-user', '--nats-user', [CompletionResultType]::ParameterName, 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file')
            [CompletionResult]::new('--nats-password-file', '--nats-password-file', [CompletionResultType]::ParameterName, 'File that holds the NATS password, read at each connection')
            [CompletionResult]::new('--nats-creds', '--nats-creds', [CompletionResultType]::ParameterName, 'NATS credentials file (.creds), read at each connection')
            [CompletionResult]::new('--nats-nkey', '--nats-nkey', [CompletionResultType]::ParameterName, 'File that holds the NATS nkey seed, read at each connection')
            [CompletionResult]::new('--nats-ca', '--nats-ca', [CompletionResultType]::ParameterName, 'CA certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-cert', '--nats-cert', [CompletionResultType]::ParameterName, 'Client certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-key', '--nats-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for NATS (PEM file)')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection, seconds')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Form of the log lines on stderr: text for people, json for a collector')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'Answer the question that wants NAME typed')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would change, and change nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wavegate;lab;receiver' {
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'The folder of the lab; one for each user below the temporary folder unless given')
            [CompletionResult]::new('--port', '--port', [CompletionResultType]::ParameterName, 'port')
            [CompletionResult]::new('--seed', '--seed', [CompletionResultType]::ParameterName, 'seed')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile')
            [CompletionResult]::new('--database-ca', '--database-ca', [CompletionResultType]::ParameterName, 'CA certificate that PostgreSQL''s certificate must chain to (PEM file)')
            [CompletionResult]::new('--database-cert', '--database-cert', [CompletionResultType]::ParameterName, 'Client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--database-key', '--database-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--nats-url', '--nats-url', [CompletionResultType]::ParameterName, 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config')
            [CompletionResult]::new('--nats-context', '--nats-context', [CompletionResultType]::ParameterName, 'A context of the NATS CLI, by name')
            [CompletionResult]::new('--nats-token-file', '--nats-token-file', [CompletionResultType]::ParameterName, 'File that holds the NATS token, read at each connection')
            [CompletionResult]::new('--nats-user', '--nats-user', [CompletionResultType]::ParameterName, 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file')
            [CompletionResult]::new('--nats-password-file', '--nats-password-file', [CompletionResultType]::ParameterName, 'File that holds the NATS password, read at each connection')
            [CompletionResult]::new('--nats-creds', '--nats-creds', [CompletionResultType]::ParameterName, 'NATS credentials file (.creds), read at each connection')
            [CompletionResult]::new('--nats-nkey', '--nats-nkey', [CompletionResultType]::ParameterName, 'File that holds the NATS nkey seed, read at each connection')
            [CompletionResult]::new('--nats-ca', '--nats-ca', [CompletionResultType]::ParameterName, 'CA certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-cert', '--nats-cert', [CompletionResultType]::ParameterName, 'Client certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-key', '--nats-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for NATS (PEM file)')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection, seconds')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Form of the log lines on stderr: text for people, json for a collector')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'Answer the question that wants NAME typed')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would change, and change nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wavegate;lab;servers' {
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile')
            [CompletionResult]::new('--database-ca', '--database-ca', [CompletionResultType]::ParameterName, 'CA certificate that PostgreSQL''s certificate must chain to (PEM file)')
            [CompletionResult]::new('--database-cert', '--database-cert', [CompletionResultType]::ParameterName, 'Client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--database-key', '--database-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--nats-url', '--nats-url', [CompletionResultType]::ParameterName, 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config')
            [CompletionResult]::new('--nats-context', '--nats-context', [CompletionResultType]::ParameterName, 'A context of the NATS CLI, by name')
            [CompletionResult]::new('--nats-token-file', '--nats-token-file', [CompletionResultType]::ParameterName, 'File that holds the NATS token, read at each connection')
            [CompletionResult]::new('--nats-user', '--nats-user', [CompletionResultType]::ParameterName, 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file')
            [CompletionResult]::new('--nats-password-file', '--nats-password-file', [CompletionResultType]::ParameterName, 'File that holds the NATS password, read at each connection')
            [CompletionResult]::new('--nats-creds', '--nats-creds', [CompletionResultType]::ParameterName, 'NATS credentials file (.creds), read at each connection')
            [CompletionResult]::new('--nats-nkey', '--nats-nkey', [CompletionResultType]::ParameterName, 'File that holds the NATS nkey seed, read at each connection')
            [CompletionResult]::new('--nats-ca', '--nats-ca', [CompletionResultType]::ParameterName, 'CA certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-cert', '--nats-cert', [CompletionResultType]::ParameterName, 'Client certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-key', '--nats-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for NATS (PEM file)')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection, seconds')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Form of the log lines on stderr: text for people, json for a collector')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'Answer the question that wants NAME typed')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would change, and change nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wavegate;lab;help' {
            [CompletionResult]::new('demo', 'demo', [CompletionResultType]::ParameterValue, 'A whole migration on servers of its own, with kills, one rollback and an audit')
            [CompletionResult]::new('up', 'up', [CompletionResultType]::ParameterValue, 'PostgreSQL, NATS and a receiver that stay up, with the rule engine and its webhooks')
            [CompletionResult]::new('traffic', 'traffic', [CompletionResultType]::ParameterValue, 'Makes calls in a lab that is up')
            [CompletionResult]::new('down', 'down', [CompletionResultType]::ParameterValue, 'Takes down a lab that is up, and removes it')
            [CompletionResult]::new('receiver', 'receiver', [CompletionResultType]::ParameterValue, 'The endpoints of a lab that is up')
            [CompletionResult]::new('servers', 'servers', [CompletionResultType]::ParameterValue, 'A PostgreSQL and a nats-server for many tests: prints their ports, and ends them when its input ends')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'wavegate;lab;help;demo' {
            break
        }
        'wavegate;lab;help;up' {
            break
        }
        'wavegate;lab;help;traffic' {
            break
        }
        'wavegate;lab;help;down' {
            break
        }
        'wavegate;lab;help;receiver' {
            break
        }
        'wavegate;lab;help;servers' {
            break
        }
        'wavegate;lab;help;help' {
            break
        }
        'wavegate;completions' {
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'Writes the scripts of all shells into this folder instead')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile')
            [CompletionResult]::new('--database-ca', '--database-ca', [CompletionResultType]::ParameterName, 'CA certificate that PostgreSQL''s certificate must chain to (PEM file)')
            [CompletionResult]::new('--database-cert', '--database-cert', [CompletionResultType]::ParameterName, 'Client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--database-key', '--database-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--nats-url', '--nats-url', [CompletionResultType]::ParameterName, 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config')
            [CompletionResult]::new('--nats-context', '--nats-context', [CompletionResultType]::ParameterName, 'A context of the NATS CLI, by name')
            [CompletionResult]::new('--nats-token-file', '--nats-token-file', [CompletionResultType]::ParameterName, 'File that holds the NATS token, read at each connection')
            [CompletionResult]::new('--nats-user', '--nats-user', [CompletionResultType]::ParameterName, 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file')
            [CompletionResult]::new('--nats-password-file', '--nats-password-file', [CompletionResultType]::ParameterName, 'File that holds the NATS password, read at each connection')
            [CompletionResult]::new('--nats-creds', '--nats-creds', [CompletionResultType]::ParameterName, 'NATS credentials file (.creds), read at each connection')
            [CompletionResult]::new('--nats-nkey', '--nats-nkey', [CompletionResultType]::ParameterName, 'File that holds the NATS nkey seed, read at each connection')
            [CompletionResult]::new('--nats-ca', '--nats-ca', [CompletionResultType]::ParameterName, 'CA certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-cert', '--nats-cert', [CompletionResultType]::ParameterName, 'Client certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-key', '--nats-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for NATS (PEM file)')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection, seconds')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Form of the log lines on stderr: text for people, json for a collector')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'Answer the question that wants NAME typed')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would change, and change nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wavegate;man' {
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'Writes the page of every command into this folder; without it, the main page goes to stdout')
            [CompletionResult]::new('--database-url', '--database-url', [CompletionResultType]::ParameterName, 'PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile')
            [CompletionResult]::new('--database-ca', '--database-ca', [CompletionResultType]::ParameterName, 'CA certificate that PostgreSQL''s certificate must chain to (PEM file)')
            [CompletionResult]::new('--database-cert', '--database-cert', [CompletionResultType]::ParameterName, 'Client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--database-key', '--database-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for PostgreSQL (PEM file)')
            [CompletionResult]::new('--nats-url', '--nats-url', [CompletionResultType]::ParameterName, 'NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config')
            [CompletionResult]::new('--nats-context', '--nats-context', [CompletionResultType]::ParameterName, 'A context of the NATS CLI, by name')
            [CompletionResult]::new('--nats-token-file', '--nats-token-file', [CompletionResultType]::ParameterName, 'File that holds the NATS token, read at each connection')
            [CompletionResult]::new('--nats-user', '--nats-user', [CompletionResultType]::ParameterName, 'NATS user; the password comes from NATS_PASSWORD or --nats-password-file')
            [CompletionResult]::new('--nats-password-file', '--nats-password-file', [CompletionResultType]::ParameterName, 'File that holds the NATS password, read at each connection')
            [CompletionResult]::new('--nats-creds', '--nats-creds', [CompletionResultType]::ParameterName, 'NATS credentials file (.creds), read at each connection')
            [CompletionResult]::new('--nats-nkey', '--nats-nkey', [CompletionResultType]::ParameterName, 'File that holds the NATS nkey seed, read at each connection')
            [CompletionResult]::new('--nats-ca', '--nats-ca', [CompletionResultType]::ParameterName, 'CA certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-cert', '--nats-cert', [CompletionResultType]::ParameterName, 'Client certificate for NATS (PEM file); requires TLS')
            [CompletionResult]::new('--nats-key', '--nats-key', [CompletionResultType]::ParameterName, 'Key of the client certificate for NATS (PEM file)')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection, seconds')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of the result on stdout')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Form of the log lines on stderr: text for people, json for a collector')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'Answer the question that wants NAME typed')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer plain questions with yes')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would change, and change nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only results and warnings')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More detail on stderr; twice for debugging')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'wavegate;help' {
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Reads the database and writes a commented wave plan')
            [CompletionResult]::new('plan', 'plan', [CompletionResultType]::ParameterValue, 'Checks a plan against the database and shows the next steps')
            [CompletionResult]::new('schema', 'schema', [CompletionResultType]::ParameterValue, 'Migration 007: status, apply, verify, revert')
            [CompletionResult]::new('stream', 'stream', [CompletionResultType]::ParameterValue, 'The JetStream stream and consumer: status, ensure')
            [CompletionResult]::new('relay', 'relay', [CompletionResultType]::ParameterValue, 'Carries events from the outbox to JetStream')
            [CompletionResult]::new('worker', 'worker', [CompletionResultType]::ParameterValue, 'Delivers webhooks from the queue, from NATS, or both')
            [CompletionResult]::new('preflight', 'preflight', [CompletionResultType]::ParameterValue, 'Checks that everything is ready, each finding with its remedy')
            [CompletionResult]::new('apply', 'apply', [CompletionResultType]::ParameterValue, 'Carries out the next step of a wave if its gates pass')
            [CompletionResult]::new('run', 'run', [CompletionResultType]::ParameterValue, 'Drives the migration by its plan: steps, soaks, windows, automatic rollback')
            [CompletionResult]::new('approve', 'approve', [CompletionResultType]::ParameterValue, 'Approves the next step of a wave, for `run`')
            [CompletionResult]::new('hold', 'hold', [CompletionResultType]::ParameterValue, 'A wave, a webhook or everything stands still; without a reason: what does')
            [CompletionResult]::new('release', 'release', [CompletionResultType]::ParameterValue, 'Ends a hold')
            [CompletionResult]::new('gate', 'gate', [CompletionResultType]::ParameterValue, 'Evaluates and explains gates; changes no webhook, and keeps what they said (not with --dry-run)')
            [CompletionResult]::new('rollback', 'rollback', [CompletionResultType]::ParameterValue, 'Takes back one webhook, a wave or everything')
            [CompletionResult]::new('close', 'close', [CompletionResultType]::ParameterValue, 'Ends a migration whose webhooks are all finished or back in the queue; its history stays')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Where every wave stands')
            [CompletionResult]::new('signoff', 'signoff', [CompletionResultType]::ParameterValue, 'A role signs a wave''s present step, or refuses it; shows who has')
            [CompletionResult]::new('history', 'history', [CompletionResultType]::ParameterValue, 'The journal: who did what, when')
            [CompletionResult]::new('audit', 'audit', [CompletionResultType]::ParameterValue, 'How many events were committed, and where each of them is')
            [CompletionResult]::new('dead', 'dead', [CompletionResultType]::ParameterValue, 'Events that are out of attempts: list, inspect, requeue, discard')
            [CompletionResult]::new('redrive', 'redrive', [CompletionResultType]::ParameterValue, 'Gives every undelivered event its queue row, so that the queue delivers it')
            [CompletionResult]::new('drain', 'drain', [CompletionResultType]::ParameterValue, 'What is left on each path, and whether queue workers may be stopped')
            [CompletionResult]::new('lab', 'lab', [CompletionResultType]::ParameterValue, 'A disposable rehearsal on real servers')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Prints a completion script')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Writes the man pages')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'wavegate;help;init' {
            break
        }
        'wavegate;help;plan' {
            break
        }
        'wavegate;help;schema' {
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'How far each step is')
            [CompletionResult]::new('apply', 'apply', [CompletionResultType]::ParameterValue, 'Carries out what is missing, step by step; run again, it continues')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Compares the live catalogue with what is wanted; any difference ends with code 5')
            [CompletionResult]::new('revert', 'revert', [CompletionResultType]::ParameterValue, 'Takes everything back that apply made, and puts back what it replaced')
            [CompletionResult]::new('roles', 'roles', [CompletionResultType]::ParameterValue, 'Prints the statements that make the roles of docs/privileges.md, for this database')
            break
        }
        'wavegate;help;schema;status' {
            break
        }
        'wavegate;help;schema;apply' {
            break
        }
        'wavegate;help;schema;verify' {
            break
        }
        'wavegate;help;schema;revert' {
            break
        }
        'wavegate;help;schema;roles' {
            break
        }
        'wavegate;help;stream' {
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Compares stream and consumer with what is wanted; a difference ends with code 5')
            [CompletionResult]::new('ensure', 'ensure', [CompletionResultType]::ParameterValue, 'Makes or changes stream and consumer; refuses what cannot change in place and what is someone else''s')
            break
        }
        'wavegate;help;stream;status' {
            break
        }
        'wavegate;help;stream;ensure' {
            break
        }
        'wavegate;help;relay' {
            break
        }
        'wavegate;help;worker' {
            break
        }
        'wavegate;help;preflight' {
            break
        }
        'wavegate;help;apply' {
            break
        }
        'wavegate;help;run' {
            break
        }
        'wavegate;help;approve' {
            break
        }
        'wavegate;help;hold' {
            break
        }
        'wavegate;help;release' {
            break
        }
        'wavegate;help;gate' {
            [CompletionResult]::new('history', 'history', [CompletionResultType]::ParameterValue, 'What the gates said, when, for how long, and by what evidence')
            [CompletionResult]::new('calibrate', 'calibrate', [CompletionResultType]::ParameterValue, 'What the past advises for blocks, shares, soak and margin: measured bursts, played again with equal paths')
            break
        }
        'wavegate;help;gate;history' {
            break
        }
        'wavegate;help;gate;calibrate' {
            break
        }
        'wavegate;help;rollback' {
            break
        }
        'wavegate;help;close' {
            break
        }
        'wavegate;help;status' {
            break
        }
        'wavegate;help;signoff' {
            break
        }
        'wavegate;help;history' {
            break
        }
        'wavegate;help;audit' {
            break
        }
        'wavegate;help;dead' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'What is dead, by webhook and error')
            [CompletionResult]::new('inspect', 'inspect', [CompletionResultType]::ParameterValue, 'Everything that is known of one event, dead or not')
            [CompletionResult]::new('requeue', 'requeue', [CompletionResultType]::ParameterValue, 'One more attempt, due now')
            [CompletionResult]::new('discard', 'discard', [CompletionResultType]::ParameterValue, 'Gives dead events up: their payloads go, the ledger keeps that they were')
            break
        }
        'wavegate;help;dead;list' {
            break
        }
        'wavegate;help;dead;inspect' {
            break
        }
        'wavegate;help;dead;requeue' {
            break
        }
        'wavegate;help;dead;discard' {
            break
        }
        'wavegate;help;redrive' {
            break
        }
        'wavegate;help;drain' {
            break
        }
        'wavegate;help;lab' {
            [CompletionResult]::new('demo', 'demo', [CompletionResultType]::ParameterValue, 'A whole migration on servers of its own, with kills, one rollback and an audit')
            [CompletionResult]::new('up', 'up', [CompletionResultType]::ParameterValue, 'PostgreSQL, NATS and a receiver that stay up, with the rule engine and its webhooks')
            [CompletionResult]::new('traffic', 'traffic', [CompletionResultType]::ParameterValue, 'Makes calls in a lab that is up')
            [CompletionResult]::new('down', 'down', [CompletionResultType]::ParameterValue, 'Takes down a lab that is up, and removes it')
            [CompletionResult]::new('receiver', 'receiver', [CompletionResultType]::ParameterValue, 'The endpoints of a lab that is up')
            [CompletionResult]::new('servers', 'servers', [CompletionResultType]::ParameterValue, 'A PostgreSQL and a nats-server for many tests: prints their ports, and ends them when its input ends')
            break
        }
        'wavegate;help;lab;demo' {
            break
        }
        'wavegate;help;lab;up' {
            break
        }
        'wavegate;help;lab;traffic' {
            break
        }
        'wavegate;help;lab;down' {
            break
        }
        'wavegate;help;lab;receiver' {
            break
        }
        'wavegate;help;lab;servers' {
            break
        }
        'wavegate;help;completions' {
            break
        }
        'wavegate;help;man' {
            break
        }
        'wavegate;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
