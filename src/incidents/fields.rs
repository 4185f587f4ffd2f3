//! Which classes of fields an action of the ledger showed, and in what way.
//!
//! The ledger names actions, not fields (it must stay free of values that have
//! to be erasable); what each screen shows is known here. Where one action can
//! show more or less, the larger answer is given: a notice that says too much
//! harms nobody, one that says too little does.

use serde::{Deserialize, Serialize};

/// A class of fields, as a notice names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// Name and telephone.
    Contact,
    /// Date of birth and sex.
    Birth,
    /// The IIN.
    Identity,
    /// Visits: when, with whom, for what.
    Visits,
    /// Allergy and notes.
    Health,
    Consents,
    Messages,
    /// Documents and scans.
    Files,
    /// An action that this table does not know: look at the program.
    Unknown,
}

/// What was done with the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    Seen,
    /// Left as a file or on paper.
    Exported,
    Changed,
    /// Sent to somebody.
    Sent,
}

use Field::{Birth, Consents, Contact, Files, Health, Identity, Messages, Unknown, Visits};
use Way::{Changed, Exported, Seen, Sent};

/// Everything a card shows, its sections included: they are one entry of the
/// ledger within an hour.
const CARD: &[Field] = &[Contact, Birth, Visits, Health, Consents, Messages];
/// And the IIN, which whoever fills the form of a card in has seen.
const CARD_AND_FORM: &[Field] = &[Contact, Birth, Identity, Visits, Health, Consents, Messages];

/// Actions by their whole name; those that show nothing of anybody, with nothing.
const ACTIONS: &[(&str, Way, &[Field])] = &[
    ("appointment.followed", Seen, &[Visits]),
    ("appointment.story_read", Seen, &[Contact, Visits, Messages]),
    ("appointment.viewed", Seen, &[Contact, Birth, Visits, Health]),
    ("consent.downloaded", Exported, &[Contact, Birth, Consents, Files]),
    ("consents.listed", Seen, &[Contact, Consents]),
    ("inbox.listed", Seen, &[Contact, Messages]),
    ("leads.listed", Seen, &[Contact]),
    ("conversation.opened", Seen, &[Contact, Birth, Visits, Messages]),
    ("replies.listed", Seen, &[Contact, Visits, Messages]),
    ("reply.weighed", Seen, &[Contact, Visits, Messages]),
    ("feed.read", Exported, &[Contact, Visits]),
    ("duplicates.compared", Seen, &[Contact, Birth, Visits, Health]),
    ("duplicates.listed", Seen, &[Contact, Birth, Visits]),
    ("duplicates.looked", Seen, &[Contact, Birth, Visits]),
    ("import.matched", Seen, &[Contact, Birth, Identity]),
    ("import.reported", Seen, &[Contact, Birth, Identity, Visits]),
    ("incident.notices_made", Exported, &[Contact, Identity]),
    ("online.viewed", Seen, &[Contact, Birth, Visits]),
    ("message.channel_chosen", Changed, &[]),
    ("writing.chosen", Changed, &[]),
    ("messages.tended", Seen, &[Contact, Messages]),
    ("transfers.listed", Seen, &[Messages]),
    ("transfers.exported", Exported, &[Messages]),
    // An act names counts and numbers: nothing of what was destroyed.
    ("disposal.act_printed", Exported, &[]),
    ("emergencies.listed", Seen, &[Health]),
    ("emergency.closed", Changed, &[]),
    ("emergency.opened", Changed, &[]),
    ("emergency.reviewed", Changed, &[]),
    ("patient.blocked", Changed, &[]),
    ("patient.edited", Changed, CARD_AND_FORM),
    ("patient.iin_shown", Seen, &[Identity]),
    ("patient.merged", Changed, CARD_AND_FORM),
    ("patient.registered", Changed, &[Contact, Birth, Identity, Health]),
    ("patient.told_apart", Changed, &[Contact, Birth]),
    ("patient.unblocked", Changed, &[]),
    ("patient.viewed", Seen, CARD),
    ("patients.found", Seen, &[Contact, Birth, Health]),
    ("patients.listed", Seen, &[Contact, Birth, Health]),
    // Refused: nothing was shown.
    ("permission.denied", Seen, &[]),
    ("reminder.read", Seen, &[Visits, Messages]),
    ("retention.listed", Seen, &[Visits]),
    ("schedule.viewed", Seen, &[Contact, Birth, Visits, Health]),
    ("absence.listed", Seen, &[Contact, Visits]),
    ("lateness.listed", Seen, &[Contact, Visits]),
    ("follow_up.listed", Seen, &[Contact, Visits]),
    ("subject_request.answer_printed", Exported, CARD_AND_FORM),
    ("subject_request.viewed", Seen, &[Contact]),
    ("waitlist.followed", Seen, &[Visits]),
    ("waitlist.listed", Seen, &[Contact, Visits]),
];

/// Actions by their noun, where no whole name fits.
const NOUNS: &[(&str, Way, &[Field])] = &[
    // Registers and rules of the clinic: no patient's data.
    ("accountability", Changed, &[]),
    ("absence", Changed, &[Contact, Visits]),
    ("lateness", Changed, &[Contact, Visits]),
    ("appointment", Changed, &[Contact, Visits]),
    // Whose card is watched or was looked at by whom: nothing of what it says.
    ("audit", Changed, &[]),
    ("consent", Changed, &[Contact, Birth, Consents]),
    ("follow_up", Changed, &[Contact, Visits]),
    // Rows of the clinic's spreadsheets, whatever they held.
    ("disposal", Changed, &[]),
    ("import", Changed, &[Contact, Birth, Identity, Visits, Health]),
    ("message", Sent, &[Contact, Messages]),
    ("conversation", Changed, &[Contact, Messages]),
    ("lead", Changed, &[Contact]),
    ("online", Changed, &[Contact, Birth, Visits]),
    ("enquiry", Changed, &[Contact, Messages]),
    ("reminder", Changed, &[Visits, Messages]),
    ("retention", Changed, &[Visits]),
    ("subject_request", Changed, &[Contact]),
    ("waitlist", Changed, &[Contact, Visits]),
    // Kept as it came: what it tells of somebody is an event of its own.
    ("webhook", Changed, &[]),
    // What was chosen and typed: the booking is an event of its own.
    ("dialogue", Changed, &[]),
    // Kept as it came; a linked number is the person's own doing.
    ("telegram", Changed, &[]),
    ("whatsapp", Changed, &[]),
];

/// What an action showed, and how.
pub fn shown(action: &str) -> (Way, &'static [Field]) {
    if let Some((_, way, fields)) = ACTIONS.iter().find(|(known, ..)| *known == action) {
        return (*way, fields);
    }
    let noun = action.split('.').next().unwrap_or_default();
    match NOUNS.iter().find(|(known, ..)| *known == noun) {
        Some((_, way, fields)) => (*way, fields),
        None => (Seen, &[Unknown]),
    }
}

/// Whether repeated looks of this kind within an hour are one entry of the
/// ledger: what `vault.disclose` and `vault.list` write.
pub fn is_grouped(action: &str) -> bool {
    ACTIONS
        .iter()
        .any(|(known, way, _)| *known == action && *way != Changed && *known != "patient.iin_shown")
}

impl Field {
    pub const ALL: [Self; 9] =
        [Contact, Birth, Identity, Visits, Health, Consents, Messages, Files, Unknown];

    /// The end of its Fluent key.
    pub fn name(self) -> &'static str {
        match self {
            Contact => "contact",
            Birth => "birth",
            Identity => "identity",
            Visits => "visits",
            Health => "health",
            Consents => "consents",
            Messages => "messages",
            Files => "files",
            Unknown => "unknown",
        }
    }
}

impl Way {
    /// The end of its Fluent key.
    pub fn name(self) -> &'static str {
        match self {
            Seen => "seen",
            Exported => "exported",
            Changed => "changed",
            Sent => "sent",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_shows_no_whole_iin_until_somebody_asks_for_it() {
        assert!(!shown("patient.viewed").1.contains(&Identity));
        assert_eq!(shown("patient.iin_shown"), (Seen, &[Identity][..]));
    }

    #[test]
    fn an_action_nobody_classified_is_said_to_be_unknown_and_not_left_out() {
        assert_eq!(shown("chart.opened"), (Seen, &[Unknown][..]));
        assert_eq!(shown("appointment.booked").0, Changed);
    }

    #[test]
    fn looks_are_grouped_and_changes_are_not() {
        assert!(is_grouped("patient.viewed") && is_grouped("patients.found"));
        assert!(!is_grouped("patient.edited") && !is_grouped("appointment.booked"));
    }
}
