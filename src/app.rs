//! The whole program, put together: the only list of all capabilities.

use axum::{Extension, Router};

use crate::absences;
use crate::access;
use crate::accountability;
use crate::audit;
use crate::backup;
use crate::booking;
use crate::capacity;
use crate::clinic::Clinic;
use crate::consents;
use crate::conversations;
use crate::dialogue;
use crate::disposals;
use crate::duplicates;
use crate::emergency;
use crate::enquiries;
use crate::feeds;
use crate::followups;
use crate::inbox;
use crate::incidents;
use crate::interop;
use crate::jobs::Jobs;
use crate::mail;
use crate::messaging::text::Purpose;
use crate::messaging::{self, Hooks};
use crate::online;
use crate::patients::{self, CardSection, CardSections, Place};
use crate::reminders;
use crate::replies;
use crate::retention;
use crate::schedule;
use crate::subject_requests;
use crate::system;
use crate::vault::permission::{
    Attend, Book, EditRetention, EditTexts, FindPatients, ImportRecords, MergePatients, OwnAccount,
    PairTablet, Permission, ReadInbox, ReviewEmergency, ReviewLog, SetUpClinic, SetUpGateways,
    VerifyLog, ViewBackups, ViewCapacity, ViewConsents, ViewFollowUps, ViewMessages, ViewOnline,
    ViewRequests, ViewRetention, ViewSchedule, ViewStaff, ViewSystem, ViewWaitlist,
};
use crate::waitlist;
use crate::web::{self, Gate, NavEntry, Navigation, Routes};
use crate::workdays;

/// The rail, top to bottom.
pub const NAVIGATION: Navigation = Navigation(&[
    NavEntry {
        id: "today",
        href: "/",
        icon: "home",
        label: "booking-today",
        right: ViewSchedule::RIGHT,
        unless: None,
        foot: false,
    },
    NavEntry {
        id: booking::MY_DAY,
        href: "/my-day",
        icon: "stethoscope",
        label: "booking-my-day",
        right: Attend::RIGHT,
        unless: Some(Book::RIGHT),
        foot: false,
    },
    NavEntry {
        id: "schedule",
        href: "/schedule",
        icon: "calendar",
        label: "booking-schedule",
        right: ViewSchedule::RIGHT,
        unless: None,
        foot: false,
    },
    NavEntry {
        id: waitlist::WAITING,
        href: "/waitlist",
        icon: "hourglass",
        label: "waitlist-nav",
        right: ViewWaitlist::RIGHT,
        unless: None,
        foot: false,
    },
    NavEntry {
        id: "patients",
        href: "/patients",
        icon: "users",
        label: "patients-title",
        right: FindPatients::RIGHT,
        unless: None,
        foot: false,
    },
    NavEntry {
        id: followups::WAITING,
        href: "/follow-ups",
        icon: "calendar-repeat",
        label: "followups-nav",
        right: Book::RIGHT,
        unless: None,
        foot: false,
    },
    NavEntry {
        id: online::desk::WAITING,
        href: "/online",
        icon: "world",
        label: "online-nav",
        right: ViewOnline::RIGHT,
        unless: None,
        foot: false,
    },
    NavEntry {
        id: inbox::WAITING,
        href: "/inbox",
        icon: "inbox",
        label: "inbox-nav",
        right: ReadInbox::RIGHT,
        unless: None,
        foot: false,
    },
    NavEntry {
        id: "capacity",
        href: "/capacity",
        icon: "chart-bar",
        label: "capacity-nav",
        right: ViewCapacity::RIGHT,
        unless: None,
        foot: false,
    },
    NavEntry {
        id: "consents",
        href: "/consents",
        icon: "signature",
        label: "consents-title",
        right: ViewConsents::RIGHT,
        unless: None,
        foot: false,
    },
    NavEntry {
        id: "import",
        href: "/import",
        icon: "database-export",
        label: "interop-title",
        right: ImportRecords::RIGHT,
        unless: None,
        foot: true,
    },
    NavEntry {
        id: "audit",
        href: "/audit",
        icon: "shield-check",
        label: "audit-nav",
        right: ReviewLog::RIGHT,
        unless: None,
        foot: true,
    },
    NavEntry {
        id: emergency::WAITING,
        href: "/emergencies",
        icon: "alert-octagon",
        label: "emergency-nav",
        right: ReviewEmergency::RIGHT,
        unless: None,
        foot: true,
    },
    NavEntry {
        id: "ledger",
        href: "/audit/ledger",
        icon: "shield-lock",
        label: "ledger-nav",
        right: VerifyLog::RIGHT,
        unless: Some(ReviewLog::RIGHT),
        foot: true,
    },
    NavEntry {
        id: "staff",
        href: "/staff",
        icon: "users-group",
        label: "access-staff-nav",
        right: ViewStaff::RIGHT,
        unless: None,
        foot: true,
    },
    NavEntry {
        id: "messages",
        href: "/messages/texts",
        icon: "message-2",
        label: "messaging-nav",
        right: EditTexts::RIGHT,
        unless: None,
        foot: true,
    },
    NavEntry {
        id: "settings",
        href: "/settings",
        icon: "settings",
        label: "schedule-settings",
        right: SetUpClinic::RIGHT,
        unless: None,
        foot: true,
    },
    NavEntry {
        id: "gateway",
        href: "/messages/gateway",
        icon: "send",
        label: "messaging-gateway",
        right: SetUpGateways::RIGHT,
        unless: Some(EditTexts::RIGHT),
        foot: true,
    },
    NavEntry {
        id: "personal-data",
        href: "/personal-data",
        icon: "user-check",
        label: "workdays-nav",
        right: ViewRequests::RIGHT,
        unless: None,
        foot: true,
    },
    NavEntry {
        id: "retention",
        href: "/retention",
        icon: "archive",
        label: "retention-title",
        right: EditRetention::RIGHT,
        unless: None,
        foot: true,
    },
    NavEntry {
        id: "backup",
        href: "/backups",
        icon: "device-floppy",
        label: "backup-nav",
        right: ViewBackups::RIGHT,
        unless: None,
        foot: true,
    },
    NavEntry {
        id: system::WAITING,
        href: "/system",
        icon: "server",
        label: "system-nav",
        right: ViewSystem::RIGHT,
        unless: None,
        foot: true,
    },
    NavEntry {
        id: "tablets",
        href: "/tablets",
        icon: "device-tablet",
        label: "consents-tablets",
        right: PairTablet::RIGHT,
        unless: Some(ViewConsents::RIGHT),
        foot: true,
    },
    // Whoever has few sections or none still has an account.
    NavEntry {
        id: "account",
        href: "/account",
        icon: "user",
        label: "access-account",
        right: OwnAccount::RIGHT,
        unless: Some(FindPatients::RIGHT),
        foot: true,
    },
]);

/// What other capabilities put on a patient's card: each is a fragment at
/// `/patients/{id}/{path}`.
pub const CARD_SECTIONS: CardSections = CardSections(&[
    CardSection {
        path: "consents",
        label: "consents-title",
        place: Place::Side,
        right: ViewConsents::RIGHT,
    },
    CardSection {
        path: "retention",
        label: "retention-of-patient",
        place: Place::Side,
        right: ViewRetention::RIGHT,
    },
    CardSection {
        path: "likely-duplicates",
        label: "duplicates-title",
        place: Place::Facts,
        right: MergePatients::RIGHT,
    },
    CardSection {
        path: "visit-facts",
        label: "booking-visits",
        place: Place::Facts,
        right: ViewSchedule::RIGHT,
    },
    CardSection {
        path: "appointments",
        label: "booking-visits",
        place: Place::Main,
        right: ViewSchedule::RIGHT,
    },
    CardSection {
        path: "follow-ups",
        label: "followups-title",
        place: Place::Side,
        right: ViewFollowUps::RIGHT,
    },
    CardSection {
        path: "waitlist",
        label: "waitlist-title",
        place: Place::Side,
        right: ViewWaitlist::RIGHT,
    },
    CardSection {
        path: "accesses",
        label: "audit-card-accesses",
        place: Place::Side,
        right: ReviewLog::RIGHT,
    },
    CardSection {
        path: "reminders",
        label: "reminders-touches",
        place: Place::Side,
        right: ViewMessages::RIGHT,
    },
    CardSection {
        path: "messages",
        label: "messaging-title",
        place: Place::Side,
        right: ViewMessages::RIGHT,
    },
]);

/// Every route of the staff listener.
pub fn staff_routes() -> Routes {
    // One line each, in the order of lib.rs.
    Routes::new()
        .merge(web::routes()) //
        .merge(access::routes()) //
        .merge(emergency::routes()) //
        .merge(patients::routes()) //
        .merge(schedule::routes()) //
        .merge(audit::routes()) //
        .merge(workdays::routes()) //
        .merge(interop::run::routes::routes()) //
        .merge(messaging::routes()) //
        .merge(mail::routes()) //
        .merge(consents::routes()) //
        .merge(retention::routes()) //
        .merge(incidents::routes()) //
        .merge(subject_requests::routes()) //
        .merge(disposals::routes()) //
        .merge(accountability::routes()) //
        .merge(duplicates::routes()) //
        .merge(backup::routes()) //
        .merge(system::routes()) //
        .merge(followups::routes()) //
        .merge(booking::routes()) //
        .merge(capacity::routes()) //
        .merge(reminders::routes()) //
        .merge(waitlist::routes()) //
        .merge(replies::routes()) //
        .merge(inbox::routes()) //
        .merge(absences::routes()) //
        .merge(online::routes()) //
        .merge(feeds::routes()) //
}

/// Every route of the public listener.
pub fn public_routes() -> Routes {
    // One line each, in the order of lib.rs.
    Routes::new()
        .merge(access::public_routes()) //
        .merge(messaging::public_routes()) //
        .merge(reminders::public_routes()) //
        .merge(accountability::public_routes()) //
        .merge(waitlist::public_routes()) //
        .merge(replies::public_routes()) //
        .merge(online::public_routes()) //
        .merge(enquiries::public_routes()) //
        .merge(feeds::public_routes()) //
}

/// What is done by whom when a change asks for more work.
pub fn jobs() -> Jobs<Clinic> {
    // One line each, in the order of lib.rs.
    Jobs::new()
        .merge(messaging::whatsapp::jobs(message_hooks())) //
        .merge(mail::jobs()) //
        .merge(consents::jobs()) //
        .merge(disposals::jobs()) //
        .merge(backup::jobs()) //
        .merge(followups::jobs()) //
        .merge(reminders::jobs()) //
        .merge(waitlist::jobs()) //
        .merge(replies::jobs()) //
        .merge(inbox::jobs()) //
        .merge(online::jobs()) //
        .merge(dialogue::jobs()) //
        .merge(system::jobs()) //
}

/// Who is asked, before a message leaves, whether it is still true.
pub fn message_hooks() -> Hooks {
    online::hooks(inbox::hooks(replies::hooks(reminders::hooks())))
        .before(Purpose::ConsentCode, |tx, consent| {
            Box::pin(consents::kiosk::is_code_wanted(tx, consent))
        })
        .before(Purpose::WaitlistOffer, waitlist::still_open)
        .to(subject_requests::may_be_written)
        .on_inbound(|clinic, said| {
            Box::pin(async move {
                replies::from_gateway(clinic, said).await?;
                online::greet(clinic, said).await
            })
        })
        .on_taken_back(|clinic, said| Box::pin(replies::taken_back(clinic, said)))
        .on_introduced(|clinic, known| Box::pin(conversations::introduced(clinic, known)))
        .on_answered(|clinic, said| Box::pin(inbox::answered(clinic, said)))
        .each_minute(|clinic| Box::pin(conversations::count_waiting(clinic)))
        .on_spoken(|clinic, spoken| Box::pin(dialogue::spoken(clinic, spoken)))
        .on_press(|clinic, pressed| Box::pin(replies::pressed(clinic, pressed)))
}

/// What follows once a mail server has taken a letter.
pub fn mail_hooks() -> mail::Hooks {
    mail::Hooks::new().after(mail::Kind::Checkpoint, audit::checkpoints::carried)
}

pub fn staff_router(clinic: Clinic) -> Router {
    staff_router_within(clinic, &Gate::staff())
}

pub fn public_router(clinic: Clinic) -> Router {
    public_router_within(clinic, &Gate::public())
}

/// With other limits, so that tests need not wait for them.
pub fn staff_router_within(clinic: Clinic, gate: &Gate) -> Router {
    web::layers(staff_routes(), NAVIGATION, clinic, gate).layer(Extension(CARD_SECTIONS))
}

pub fn public_router_within(clinic: Clinic, gate: &Gate) -> Router {
    web::public_layers(public_routes(), clinic, gate)
}
