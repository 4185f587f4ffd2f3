//! Which way a message takes, decided as it leaves.

use super::app::App;
use super::template::{Template, may_go};
use crate::messaging::Channel;
use crate::messaging::model::Due;
use crate::messaging::setup::{GatewayKind, InUse};

/// What the clinic decided about WhatsApp, for one pass over the outbox.
pub struct Plan {
    app: Option<App>,
    templates: Vec<Template>,
}

const MINUTE_MS: i64 = 60 * 1000;

impl Plan {
    pub fn new(app: Option<App>, templates: Vec<Template>) -> Self {
        Self { app, templates }
    }

    pub fn template(&self, due: &Due) -> Option<&Template> {
        let fits = |one: &&Template| one.purpose == due.purpose && one.language == due.language;
        self.templates.iter().find(fits)
    }

    /// How long a message may be on its way by WhatsApp, in milliseconds.
    pub fn wait_ms(&self) -> i64 {
        self.app.as_ref().map_or(30, |app| app.wait_minutes) * MINUTE_MS
    }

    /// Whether WhatsApp may carry this one.
    fn takes(&self, due: &Due) -> bool {
        let is_wanted = match due.choice {
            Some(Channel::Whatsapp) => true,
            Some(Channel::Sms) => false,
            None => self.app.as_ref().is_some_and(|app| app.to_all),
        };
        is_wanted
            && due.patient_id.is_some()
            && !due.whatsapp_over
            && due.may_go_by(Channel::Whatsapp)
            && may_go(due.purpose)
            && self.template(due).is_some()
    }

    /// The gateways that may take a message, in the order they are tried in:
    /// WhatsApp first for those who chose it, else where the clinic ranked it.
    pub fn takers<'a>(&self, gateways: &'a [InUse], due: &Due) -> Vec<&'a InUse> {
        let is_whatsapp = |one: &InUse| one.kind == GatewayKind::Whatsapp;
        let takes = self.takes(due);
        let by_sms = gateways.iter().filter(|one| !is_whatsapp(one) && due.may_go_by(Channel::Sms));
        let is_left = by_sms.clone().any(|one| due.past_rank < one.rank);
        let mut all: Vec<_> = gateways
            .iter()
            .filter(|one| {
                if is_whatsapp(one) {
                    takes
                } else {
                    due.may_go_by(Channel::Sms) && (!is_left || due.past_rank < one.rank)
                }
            })
            .collect();
        if due.choice == Some(Channel::Whatsapp) {
            all.sort_by_key(|one| !is_whatsapp(one));
        }
        all
    }
}
