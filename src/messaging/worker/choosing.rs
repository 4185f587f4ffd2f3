//! Which gateway gets a message, and whether it may have it now.

use super::{Full, Worker};
use crate::clock::Timestamp;
use crate::messaging::gateway::Outcome;
use crate::messaging::model::{Channel, Due};
use crate::messaging::setup::{GatewayKind, InUse};
use crate::messaging::text::Purpose;

/// Telegram asks for rests of seconds: so long is waited for it.
const PATIENCE_MS: i64 = 2 * 60 * 1000;

/// A letter waits for what is read sooner, if that rests for less than this.
const LETTER_WAITS_MS: i64 = 10 * 60 * 1000;

impl Worker<'_> {
    /// The gateways that may take it, in order: those that have not refused it,
    /// or the one that is being tried out.
    pub(super) fn takers(&self, due: &Due) -> Vec<&InUse> {
        if due.purpose == Purpose::Trial {
            let wanted = |one: &&InUse| one.id.to_string() == due.about.id;
            return self.gateways.iter().filter(wanted).collect();
        }
        let only = due.to.handle().map(|handle| handle.channel).or_else(|| due.only_by());
        if let Some(only) = only.filter(|only| *only != Channel::Sms) {
            // Whoever has only a mailbox may have asked to be left alone there.
            let may = only != Channel::Email || due.may_go_by(only);
            let all = self.gateways.iter().filter(|one| may && one.kind.channel() == only);
            return all.collect();
        }
        self.plan.takers(&self.gateways, due)
    }

    /// The first that is not in trouble, and whose limit has room. None when it has to
    /// wait: then somebody comes again.
    pub(super) fn choose(&self, due: &Due) -> Option<&InUse> {
        let now = self.now();
        let (mut is_waited_for, mut again) = (false, None::<Timestamp>);
        for one in self.takers(due) {
            if one.is_letters() && is_waited_for {
                break;
            }
            let rests = self.lines.rests_until(one.id, now);
            let Some(until) = rests.filter(|_| due.purpose != Purpose::Trial) else {
                match self.book(one, due, now) {
                    Ok(()) => return Some(one),
                    Err(until) => again = Some(again.map_or(until, |before| before.min(until))),
                }
                break;
            };
            self.fill(one, Full::Rest(until));
            again = Some(again.map_or(until, |before| before.min(until)));
            is_waited_for |= until < now.plus_ms(LETTER_WAITS_MS) && until < due.not_after;
            // A chat that has to wait a moment is no reason to pay for an SMS.
            if one.kind == GatewayKind::Telegram && until <= now.plus_ms(PATIENCE_MS) {
                break;
            }
        }
        if let Some(again) = again {
            self.come_again(again);
        }
        None
    }

    /// Nobody overtakes those that found it full in this pass.
    fn book(&self, one: &InUse, due: &Due, now: Timestamp) -> Result<(), Timestamp> {
        match self.full(one) {
            // It is tried out even then.
            Some(Full::Rest(_)) if due.purpose == Purpose::Trial => {}
            Some(Full::Rest(until) | Full::Limit(until)) => return Err(until),
            None => {}
        }
        let is_awaited = due.purpose.is_awaited();
        let booked = self.lines.book(one.id, one.terms.per_minute, is_awaited, now);
        booked.inspect_err(|until| self.fill(one, Full::Limit(*until)))
    }

    /// Whether its patient refused the channels by which it could go.
    pub(super) fn is_refused(&self, due: &Due) -> bool {
        let refused = Channel::ALL.into_iter().any(|channel| !due.may_go_by(channel));
        refused && self.takers(due).is_empty()
    }

    /// When what was certainly not taken may be tried again, by whom ever. None
    /// when it was refused and nobody else is left to ask.
    pub(super) fn elsewhere(
        &self,
        due: &Due,
        by: &InUse,
        outcome: &Outcome,
        now: Timestamp,
    ) -> Option<Timestamp> {
        let refused = matches!(outcome, Outcome::Rejected(_) | Outcome::PutOff { .. });
        // A number that does not exist leaves a letter, at most.
        let by_letter_only = is_nobodys(outcome);
        let free_at = |one: &InUse| self.lines.rests_until(one.id, now).unwrap_or(now);
        let takers = self.takers(due);
        let by_sms = by.is_sms();
        let left =
            takers.into_iter().filter(|one| !by_letter_only || one.is_letters()).filter(|one| {
                let is_next = !by_sms || by.rank < one.rank || one.is_letters();
                !refused || (one.id != by.id && is_next)
            });
        left.map(free_at).min()
    }
}

/// Refused because there is no such telephone.
pub fn is_nobodys(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Rejected(reason) if !reason.is_the_gateways_own())
}
