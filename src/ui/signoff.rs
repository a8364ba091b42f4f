//! The screen of `signoff`: who has signed the present step of each wave, and who is still wanted.

use serde_json::{Value, json};

use super::{
    Screen, Style, Tone,
    table::{Cell, Table, summary, title},
};
use crate::gates::signoff::{Signature, newest};

#[derive(Debug)]
pub struct SignoffScreen {
    pub plan: String,
    pub waves: Vec<SignoffWave>,
}

/// One wave, its present step, and what was said about leaving it.
#[derive(Debug)]
pub struct SignoffWave {
    pub wave: String,
    pub step: String,
    pub roles: Vec<String>,
    /// Oldest first.
    pub given: Vec<Signature>,
}

impl SignoffWave {
    fn words(&self) -> impl Iterator<Item = (&String, Option<&Signature>)> {
        self.roles
            .iter()
            .map(|role| (role, newest(role, &self.given)))
    }
}

fn state(word: Option<&Signature>) -> (&'static str, Tone) {
    match word {
        Some(word) if word.signed => ("signed", Tone::Good),
        Some(_) => ("refused", Tone::Bad),
        None => ("wanted", Tone::Warn),
    }
}

impl Screen for SignoffScreen {
    const KIND: &'static str = "signoff";

    fn draw(&self, style: &Style) -> String {
        let mut text = title(
            style,
            "Sign-offs",
            &format!("{}, of each wave's present step; times are UTC", self.plan),
        );
        let mut table = Table::new(["Wave", "Step", "Role", "Word", "Who", "When", "Note"])
            .keep(0)
            .keep(2)
            .keep(3);
        let mut wanted = 0;
        for wave in &self.waves {
            for (role, word) in wave.words() {
                let (said, tone) = state(word);
                wanted += usize::from(tone != Tone::Good);
                table.row([
                    Cell::new(&wave.wave),
                    Cell::new(&wave.step),
                    Cell::new(role),
                    Cell::toned(tone, said),
                    Cell::new(word.map_or("", |word| &word.who)),
                    Cell::new(word.map_or(String::new(), |word| {
                        word.at.format("%Y-%m-%d %H:%M").to_string()
                    })),
                    Cell::new(word.and_then(|word| word.note.as_deref()).unwrap_or("")),
                ]);
            }
        }
        text.push_str(&table.draw(style));
        text.push_str(&match wanted {
            0 => summary(style, Tone::Good, "All have signed."),
            n => summary(
                style,
                Tone::Warn,
                &format!("{n} wanted: wavegate signoff PLAN --wave WAVE --role ROLE"),
            ),
        });
        text
    }

    fn json(&self) -> Value {
        json!({
            "plan": self.plan,
            "waves": self.waves.iter().map(|wave| json!({
                "wave": wave.wave, "step": wave.step,
                "roles": wave.words().map(|(role, word)| json!({
                    "role": role, "word": state(word).0, "who": word.map(|w| &w.who), "host": word.map(|w| &w.host),
                    "at": word.map(|w| w.at), "note": word.and_then(|w| w.note.as_ref()),
                })).collect::<Vec<_>>(),
            })).collect::<Vec<_>>(),
        })
    }
}
