//! How the webhooks are called: addresses that can never work, headers that are left out, secrets that sign nothing, and more
//! hosts than a worker has descriptors for.

use std::collections::BTreeSet;

use nix::sys::resource::{Resource, getrlimit};

use super::{Scene, census, in_order};
use crate::{
    error::Result,
    gates::Finding,
    model::{callable, grouped, header_is_ours, signing_key},
    store::inventory::{self, CallSettings},
};

/// What a worker needs beside its connections to endpoints: servers, resolver, files.
const BESIDE: u64 = 64;

pub(super) async fn check(scene: &Scene<'_>) -> Vec<Finding> {
    let settings = inventory::call_settings(scene.db()).await;
    let with = |check: &str, look: &dyn Fn(&[CallSettings]) -> Finding| match &settings {
        Ok(settings) => look(settings),
        Err(error) => scene.unknown(check, &error.to_string()),
    };
    vec![
        with("webhook URLs", &urls),
        with("webhook headers", &headers),
        scene.guard("signing secrets", secrets(scene).await),
        with(
            "descriptors",
            &|settings| match getrlimit(Resource::RLIMIT_NOFILE) {
                Ok((_, hard)) => descriptors(settings, hard),
                Err(error) => scene.unknown("descriptors", error.desc()),
            },
        ),
    ]
}

fn urls(settings: &[CallSettings]) -> Finding {
    let check = "webhook URLs";
    let wanted = "http or https, a host, a port that there is";
    let bad: Vec<String> = settings
        .iter()
        .filter_map(|w| {
            let why = callable(&w.url).err()?;
            let why = why.rsplit_once(": ").map_or(why.as_str(), |(_, why)| why);
            Some(format!("{} ({}): {why}", w.webhook_name, w.webhook_id))
        })
        .collect();
    let finding = census(check, &bad, wanted, |found| {
        let remedy = "mend the URL: every event of such a webhook spends its attempts and dies";
        Finding::warn(check, found, wanted, remedy)
    });
    in_order(finding, "each can be called")
}

fn headers(settings: &[CallSettings]) -> Finding {
    let check = "webhook headers";
    let wanted = "none that frame or sign a message";
    let bad: Vec<String> = settings
        .iter()
        .filter_map(|w| {
            let names = w.header_names.iter();
            let ours: Vec<&str> = names
                .map(String::as_str)
                .filter(|n| header_is_ours(n))
                .collect();
            let named = || format!("{} ({}): {}", w.webhook_name, w.webhook_id, ours.join(" "));
            (!ours.is_empty()).then(named)
        })
        .collect();
    let finding = census(check, &bad, wanted, |found| {
        let remedy = "remove them from the webhook's headers: workers leave them out";
        Finding::warn(check, found, wanted, remedy)
    });
    in_order(finding, "each is sent")
}

/// The secrets themselves are shown nowhere.
async fn secrets(scene: &Scene<'_>) -> Result<Finding> {
    let check = "signing secrets";
    let wanted = "`whsec_` and base64, or plain text";
    let secrets = match inventory::signing_secrets(scene.db()).await {
        // The operator has no right on them, and should have none.
        Err(error) if error.sqlstate() == Some("42501") => {
            return Ok(Finding::warn(
                check,
                "not looked at: this role may not read rule_webhook_secrets",
                wanted,
                "nothing here: workers name a webhook whose secret cannot sign, and send nothing of it",
            ));
        }
        secrets => secrets?,
    };
    let bad: Vec<String> = secrets
        .into_iter()
        .filter_map(|s| {
            let why = signing_key(s.secret_value.as_deref()?).err()?;
            Some(format!("{} ({}): {why}", s.webhook_name, s.webhook_id))
        })
        .collect();
    let finding = census(check, &bad, wanted, |found| {
        let remedy = "mend the secret in rule_webhook_secrets: until then nothing of such a webhook is sent, and nothing of it dies";
        Finding::warn(check, found, wanted, remedy)
    });
    Ok(in_order(finding, "each signs"))
}

fn descriptors(settings: &[CallSettings], hard: u64) -> Finding {
    let check = "descriptors";
    let hosts: BTreeSet<String> = settings
        .iter()
        .filter_map(|w| {
            let url = callable(&w.url).ok()?;
            Some(format!(
                "{}:{:?}",
                url.host_str()?,
                url.port_or_known_default()
            ))
        })
        .collect();
    let hosts = hosts.len() as u64;
    let found = format!(
        "{} hosts, at most {} descriptors a process here",
        grouped(i64::try_from(hosts).unwrap_or(i64::MAX)),
        if hard > 1 << 40 {
            "unlimited".to_string()
        } else {
            grouped(i64::try_from(hard).unwrap_or(i64::MAX))
        },
    );
    let wanted = "more descriptors than hosts";
    if hosts + BESIDE <= hard {
        return Finding::ok(check, found, wanted);
    }
    Finding::warn(
        check,
        found,
        wanted,
        "raise the hard limit where workers run (LimitNOFILE=, ulimit -Hn): below it connections are not kept, and calls take turns",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gates::Status;

    #[test]
    fn hosts_are_counted_once_and_compared() {
        let settings: Vec<CallSettings> = ["a/1", "A/2", "b", "b:8080", "b:99999"]
            .iter()
            .map(|host| CallSettings {
                webhook_id: 1,
                webhook_name: String::new(),
                url: format!("http://{host}"),
                header_names: Vec::new(),
            })
            .collect();
        let enough = descriptors(&settings, BESIDE + 3);
        assert_eq!(enough.status, Status::Ok, "{enough:?}");
        assert!(enough.found.starts_with("3 hosts, "), "{enough:?}");
        assert_eq!(descriptors(&settings, BESIDE + 2).status, Status::Warn);
        assert!(descriptors(&[], u64::MAX).found.contains("unlimited"));
    }
}
