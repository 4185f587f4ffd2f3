//! The kinds of actions, by which people look for entries.

use serde::Serialize;

/// What sort of thing an action is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Somebody saw somebody's data.
    Look,
    Change,
    /// Data left the program: a file, a paper.
    Export,
    SignIn,
    Denial,
    Message,
    /// What runs by the clock, and the machine.
    Job,
}

/// Verbs that show data and change nothing.
const LOOKS: [&str; 8] =
    ["viewed", "listed", "found", "looked", "compared", "iin_shown", "reviewed", "reported"];

/// Verbs that take data out.
const EXPORTS: [&str; 4] = ["downloaded", "exported", "printed", "kit_added"];

impl Kind {
    pub const ALL: [Self; 7] = [
        Self::Look,
        Self::Change,
        Self::Export,
        Self::SignIn,
        Self::Denial,
        Self::Message,
        Self::Job,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Look => "look",
            Self::Change => "change",
            Self::Export => "export",
            Self::SignIn => "sign_in",
            Self::Denial => "denial",
            Self::Message => "message",
            Self::Job => "job",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// The kind of an action, by its `noun.verb`; what nobody has thought of is a change.
pub fn kind_of(act: &str) -> Kind {
    let (noun, verb) = act.split_once('.').unwrap_or((act, ""));
    match noun {
        _ if EXPORTS.contains(&verb) => Kind::Export,
        "permission" => Kind::Denial,
        "session" | "sign_in" | "password" => Kind::SignIn,
        "message" | "messages" | "message_text" | "gateway" | "letter" | "mail_server" => {
            Kind::Message
        }
        "backup" | "job" | "time" | "checkpoint" => Kind::Job,
        "audit" if matches!(verb, "watched" | "verified" | "anchored" | "checkpoint_signed") => {
            Kind::Job
        }
        _ if LOOKS.contains(&verb) || verb.ends_with("_found") || verb.ends_with("_viewed") => {
            Kind::Look
        }
        _ => Kind::Change,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_has_one_kind() {
        for (act, kind) in [
            ("patient.viewed", Kind::Look),
            ("patients.found", Kind::Look),
            ("patient.iin_shown", Kind::Look),
            ("patient.edited", Kind::Change),
            ("emergency.opened", Kind::Change),
            ("consent.downloaded", Kind::Export),
            ("audit.exported", Kind::Export),
            ("permission.denied", Kind::Denial),
            ("sign_in.failed", Kind::SignIn),
            ("message.queued", Kind::Message),
            ("backup.made", Kind::Job),
            ("audit.watched", Kind::Job),
        ] {
            assert_eq!(kind_of(act), kind, "{act}");
        }
    }
}
