//! Who may do what: the whole policy, on one page.
//!
//! Deny by default. The matrix follows SECURITY.md 5.1; a test prints it as the
//! owner reads it, and another walks every route as every role.

use Role::{
    Cashier, Compliance, Console, Doctor, Job, Marketer, Owner, Reception, Sysadmin, Tablet,
    Visitor,
};

/// What somebody acts as.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, sqlx::Type,
)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum Role {
    Owner,
    Reception,
    Doctor,
    Marketer,
    Cashier,
    /// Reviews who looked at what; sees behaviour, not charts.
    Compliance,
    /// Keeps the machine running; sees no patient.
    Sysadmin,
    /// Whoever runs `tirkeu` on the machine itself and holds its key.
    Console,
    /// The clock.
    Job,
    /// Somebody from outside, with a signed link or nothing.
    Visitor,
    /// A paired tablet in a patient's hands.
    Tablet,
}

impl Role {
    /// The roles a person can be employed in.
    pub const STAFF: [Self; 7] =
        [Owner, Reception, Doctor, Marketer, Cashier, Compliance, Sysadmin];

    pub fn name(self) -> &'static str {
        match self {
            Owner => "owner",
            Reception => "reception",
            Doctor => "doctor",
            Marketer => "marketer",
            Cashier => "cashier",
            Compliance => "compliance",
            Sysadmin => "sysadmin",
            Console => "console",
            Job => "job",
            Visitor => "visitor",
            Tablet => "tablet",
        }
    }

    /// Whether a password alone never opens this role's door: whoever gives
    /// rights, keeps the machine running or reads everybody's steps.
    pub fn always_two_factors(self) -> bool {
        matches!(self, Owner | Sysadmin | Compliance)
    }

    /// Reads a staff role by its name.
    pub fn staff(name: &str) -> Option<Self> {
        Self::STAFF.into_iter().find(|role| role.name() == name)
    }
}

/// Something that may be allowed. Declared only below.
pub trait Permission: sealed::Sealed + Send + Sync + 'static {
    const NAME: &'static str;
    const ROLES: &'static [Role];
    /// The same as a value.
    const RIGHT: Right;
}

/// A permission as a value, for lists of them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Right(u8);

/// A set of permissions: what somebody may do at this moment.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Rights(u128);

impl Right {
    pub fn name(self) -> &'static str {
        ALL[usize::from(self.0)].0
    }

    /// None when no permission is called that.
    pub fn named(name: &str) -> Option<Self> {
        Self::all().find(|right| right.name() == name)
    }

    pub fn all() -> impl Iterator<Item = Self> {
        (0..).take(ALL.len()).map(Self)
    }
}

impl Rights {
    /// What a role may do by the policy below.
    pub fn of(role: Role) -> Self {
        Right::all().filter(|right| ALL[usize::from(right.0)].1.contains(&role)).collect()
    }

    pub fn contains(self, right: Right) -> bool {
        self.0 & (1 << right.0) != 0
    }

    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Those of `self` that `other` has too.
    #[must_use]
    pub fn within(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    #[must_use]
    pub fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Those that show who is a patient here, or more of them.
    pub fn showing_patients() -> Self {
        SHOWING_PATIENTS.iter().copied().collect()
    }

    /// What of these somebody in that role may hold, whoever gave it: whoever
    /// keeps the machine running sees no patient (SECURITY.md 5.1).
    #[must_use]
    pub fn lawful_for(self, role: Role) -> Self {
        if role == Sysadmin { self.without(Self::showing_patients()) } else { self }
    }

    /// What never hangs on a password alone: giving rights, accounts, keys and
    /// backups, taking many people's data out, ending its time.
    pub fn guarded() -> Self {
        GUARDED.iter().copied().collect()
    }

    pub fn any_guarded(self) -> bool {
        !self.within(Self::guarded()).is_empty()
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub fn iter(self) -> impl Iterator<Item = Right> {
        Right::all().filter(move |right| self.contains(*right))
    }
}

impl FromIterator<Right> for Rights {
    fn from_iter<I: IntoIterator<Item = Right>>(rights: I) -> Self {
        rights.into_iter().fold(Self::default(), |set, right| Self(set.0 | 1 << right.0))
    }
}

impl std::fmt::Debug for Right {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl std::fmt::Debug for Rights {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident = $text:literal for [$($role:ident),*];)*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug)]
            pub enum $name {}
            impl sealed::Sealed for $name {}
            impl Permission for $name {
                const NAME: &'static str = $text;
                const ROLES: &'static [Role] = &[$($role),*];
                const RIGHT: Right = Right(Place::$name as u8);
            }
        )*

        /// Where each permission stands in [`ALL`].
        enum Place { $($name),* }

        /// Every permission by name, for the access page and its tests.
        pub const ALL: &[(&str, &[Role])] = &[$(($name::NAME, $name::ROLES)),*];
    };
}

permissions! {
    // access
    /// Try to sign in.
    SignIn = "access.sign_in" for [Visitor, Console];
    /// One's own sessions, password, language.
    OwnAccount = "access.own_account" for
        [Owner, Reception, Doctor, Marketer, Cashier, Compliance, Sysadmin];
    /// See who works here and may do what.
    ViewStaff = "access.view_staff" for [Owner, Compliance, Sysadmin, Console];
    /// Add, change and end accounts.
    ManageStaff = "access.manage_staff" for [Owner, Sysadmin, Console];
    /// Give roles, positions and rights for a time; say whose cards doctors open;
    /// let in whom a system administrator entered.
    GiveRights = "access.give_rights" for [Owner, Console];

    // audit
    /// Read the access log.
    ReviewLog = "audit.review" for [Owner, Compliance];
    /// Check that the ledger is whole, and sign checkpoints.
    VerifyLog = "audit.verify" for [Owner, Compliance, Sysadmin, Console, Job];

    // audit: the compliance desk
    /// Say what a finding of the rules was. Nobody answers for themselves.
    AnswerFindings = "audit.answer" for [Owner, Compliance];
    /// Sign that the log of some days was looked through.
    SignReview = "audit.sign_review" for [Owner, Compliance];
    /// The limits of the rules.
    SetLimits = "audit.set_limits" for [Compliance];
    /// Watched cards, and what is known of the people who work here.
    MarkPeople = "audit.mark_people" for [Compliance];
    /// Who outside the clinic gets checkpoints of the ledger by mail.
    SetWitnesses = "audit.witnesses" for [Owner, Compliance];
    /// Judge what is new in the ledger.
    WatchLog = "audit.watch" for [Job, Console];

    // patients
    /// Look patients up and see lists of them.
    FindPatients = "patients.find" for [Owner, Reception, Doctor];
    /// Open a card.
    ViewPatient = "patients.view" for [Owner, Reception, Doctor];
    /// Reach every patient; who does not hold it sees their own
    /// (src/vault/reach.rs).
    ReachEverybody = "patients.everybody" for
        [Owner, Reception, Marketer, Cashier, Compliance, Sysadmin, Console, Job, Visitor, Tablet];
    /// Field class: phone numbers, other contacts, the day of birth.
    SeeContacts = "patients.contacts" for [Owner, Reception, Doctor];
    /// Field class: allergies and other warnings, and the note, in words. Others
    /// see that there is one.
    SeeWarnings = "patients.warnings" for [Reception, Doctor];
    /// Field class: the whole IIN; each time is in the ledger.
    SeeIin = "patients.iin" for [Owner, Reception];
    /// Open a card that is not one's own patient's, or what a card hides,
    /// for an hour, with a reason that others look at.
    OpenEmergency = "patients.emergency" for [Owner, Doctor];
    /// Look at each emergency access and say what one thinks of it.
    ReviewEmergency = "patients.emergency_review" for [Owner, Compliance];
    /// Enter a new patient.
    RegisterPatient = "patients.register" for [Owner, Reception, Console];
    /// Change what a card says.
    EditPatient = "patients.edit" for [Owner, Reception];

    /// Say that two cards are one person, or two. The desk speaks with the
    /// people and knows; a doctor reads cards, but who is who is not treatment.
    MergePatients = "patients.merge" for [Owner, Reception];

    /// See what is blocked, and open it. Jobs keep what must be kept.
    ViewBlocked = "patients.view_blocked" for [Owner, Compliance, Console, Job];
    /// Block a patient's data, and free it again.
    BlockPatients = "patients.block" for [Owner, Compliance];

    // schedule: what the clinic is made of
    /// Doctors, rooms, services, hours: nobody's personal data.
    ViewClinic = "schedule.view_clinic" for
        [Owner, Reception, Doctor, Marketer, Cashier, Compliance, Sysadmin,
         Console, Job, Visitor, Tablet];
    /// Set the clinic up: branch, doctors, rooms, services, shifts.
    SetUpClinic = "schedule.set_up" for [Owner, Reception, Console];

    // booking
    /// See who is booked when.
    ViewSchedule = "booking.view" for [Owner, Reception, Doctor];
    /// Book, move, cancel.
    Book = "booking.book" for [Owner, Reception, Console];
    /// Book over others or outside of shifts, with a reason.
    Overbook = "booking.overbook" for [Owner, Reception];
    /// Say that a patient arrived, is in treatment, is done, did not come.
    Attend = "booking.attend" for [Owner, Reception, Doctor, Console];
    /// Say how late a doctor is: a doctor of themselves alone.
    RunLate = "booking.run_late" for [Owner, Reception, Doctor];
    /// Answer for one's own appointment through a signed link, or do what somebody
    /// wrote back.
    AnswerAppointment = "booking.answer" for [Visitor, Job];

    // followups
    /// See who should come again, and when.
    ViewFollowUps = "followups.view" for [Owner, Reception, Doctor];
    /// Say that somebody should come again, and that there will be no visit.
    KeepFollowUps = "followups.keep" for [Owner, Reception, Doctor];
    /// Count those to be called.
    CountFollowUps = "followups.count" for [Job];

    // feeds
    /// Have one's own visits in one's phone's calendar.
    KeepFeed = "feeds.keep" for [Owner, Doctor];
    /// Whether those calendars name patients; end anybody's.
    SetFeeds = "feeds.set" for [Owner, Compliance];
    /// Take a calendar by its address.
    ReadFeed = "feeds.read" for [Visitor];

    // capacity
    /// See how much of everybody's time was used, and what the rest cost.
    ViewCapacity = "capacity.view" for [Owner];
    /// Say when a cancellation is late and what a chair's hour is worth.
    SetCapacity = "capacity.set" for [Owner];

    // waitlist
    /// See who waits for a time, and what is offered to them.
    ViewWaitlist = "waitlist.view" for [Owner, Reception];
    /// Put people on the list, offer times, take them off.
    KeepWaitlist = "waitlist.keep" for [Owner, Reception];
    /// Offer what became free.
    RunWaitlist = "waitlist.run" for [Job];
    /// Answer an offer through its link.
    TakeOffer = "waitlist.take" for [Visitor];

    // messaging
    /// See what was sent to a patient.
    ViewMessages = "messaging.view" for [Owner, Reception, Doctor];
    /// Write to patients.
    SendMessages = "messaging.send" for [Owner, Reception, Job];
    /// Gateways and their secrets.
    SetUpGateways = "messaging.set_up" for [Owner, Sysadmin, Console];
    /// Tell what became of a message, with its own token or a signature.
    ReportDelivery = "messaging.report" for [Visitor];
    /// Hand letters to the mail server, and note what became of them.
    CarryMail = "messaging.mail" for [Job];
    /// The wording of messages.
    EditTexts = "messaging.edit_texts" for [Owner, Reception];

    // replies
    /// Hand over what somebody wrote back.
    TakeReplies = "replies.take" for [Visitor, Job];
    /// See what people wrote back, and settle what the program did not.
    SettleReplies = "replies.settle" for [Owner, Reception];

    // inbox
    /// See conversations with patients and strangers, and leads.
    ReadInbox = "inbox.read" for [Owner, Reception];
    /// Write in them, say whose they are and who answers, make leads.
    WriteInbox = "inbox.write" for [Owner, Reception];
    /// Count what waits, forget what is long over.
    TendInbox = "inbox.tend" for [Job];

    // consents
    /// See what a patient agreed to, and the wordings.
    ViewConsents = "consents.view" for [Owner, Reception, Doctor, Compliance];
    /// Give a document to a patient to sign, watch, take back, write down a withdrawal.
    StartConsent = "consents.start" for [Owner, Reception, Doctor];
    /// Take a consent's PDF or evidence pack out.
    DownloadConsents = "consents.download" for [Owner, Reception, Doctor, Compliance];
    /// Read and sign on a tablet.
    SignConsent = "consents.sign" for [Tablet];
    /// Pair tablets and forget them.
    PairTablet = "consents.pair_tablet" for [Owner, Reception, Sysadmin];
    /// Type a pairing code on a tablet that is not paired yet.
    JoinTablet = "consents.join_tablet" for [Visitor];
    /// The wording of consents, and whose phones get no codes.
    EditConsents = "consents.edit_texts" for [Owner, Compliance, Job];
    /// End what ran out of time, make evidence packs.
    SealConsent = "consents.seal" for [Job];

    // interop
    /// Bring the clinic's spreadsheets in, and take a run back.
    ImportRecords = "interop.import" for [Owner, Reception, Console];

    // workdays
    /// See the working calendar and the terms of the law.
    ViewWorkdays = "workdays.view" for [Owner, Compliance];
    /// Say which days are worked, and how long terms are.
    EditWorkdays = "workdays.edit" for [Owner, Compliance];

    // incidents
    /// See the register of breaches and whose cards were touched, by number.
    ViewIncidents = "incidents.view" for [Owner, Compliance];
    /// Search the ledger, open a breach, write down what happened.
    HandleIncidents = "incidents.handle" for [Owner, Compliance];
    /// Make the papers that name those affected.
    NameAffected = "incidents.name_people" for [Owner, Compliance];

    // subject_requests
    /// Take in what somebody asks about their own data.
    TakeRequests = "requests.take" for [Owner, Reception, Compliance];
    /// The register of requests, and each of them.
    ViewRequests = "requests.view" for [Owner, Compliance];
    /// Check who asks, take on, answer, refuse.
    HandleRequests = "requests.handle" for [Owner, Compliance];
    /// Make the papers of an answer, which hold all of a person's data.
    AnswerRequests = "requests.answer" for [Owner, Compliance];

    /// On what law refusals rest.
    EditBases = "requests.edit_bases" for [Owner, Compliance];

    // disposals
    /// Propose to destroy what somebody asked to be destroyed.
    ProposeDisposal = "disposals.propose" for [Owner, Compliance];
    /// Destroy what another person proposed: it cannot be taken back.
    ApproveDisposal = "disposals.approve" for [Owner];
    /// Take the files of what was destroyed off the disk.
    RemoveFiles = "disposals.remove_files" for [Job];

    // accountability
    /// The registers of processing and their papers: nobody's data but the staff's.
    ViewRegisters = "accountability.view" for [Owner, Compliance];
    /// Keep the registers, approve the policy, sign the yearly review.
    KeepRegisters = "accountability.keep" for [Owner, Compliance, Console];
    /// The approved policy, as patients read it.
    ReadPolicy = "accountability.read" for [Visitor];
    // online
    /// Book by oneself from outside, with a code sent to one's phone.
    BookOnline = "online.book" for [Visitor, Job];
    /// What patients may book themselves, how far ahead, within which limits.
    SetUpOnline = "online.set_up" for [Owner, Console];
    /// See what was booked online, and what waits for an answer.
    ViewOnline = "online.view" for [Owner, Reception];
    /// End what nobody answered, forget what nobody proved.
    TendOnline = "online.tend" for [Job];

    // retention
    ViewRetention = "retention.view" for [Owner, Reception, Doctor, Compliance];
    EditRetention = "retention.edit" for [Owner, Compliance];

    // backup
    ViewBackups = "backup.view" for [Owner, Compliance, Sysadmin, Console, Job];
    /// Make a recovery kit: a key to everything.
    ManageKeys = "backup.keys" for [Owner];
    RunBackup = "backup.run" for [Owner, Sysadmin, Console, Job];

    // system
    ViewSystem = "system.view" for [Owner, Compliance, Sysadmin];
    RunChecks = "system.check" for [Owner, Sysadmin, Job];
}

/// See [`Rights::showing_patients`].
const SHOWING_PATIENTS: &[Right] = &[
    FindPatients::RIGHT,
    ViewPatient::RIGHT,
    RegisterPatient::RIGHT,
    EditPatient::RIGHT,
    MergePatients::RIGHT,
    SeeContacts::RIGHT,
    SeeWarnings::RIGHT,
    SeeIin::RIGHT,
    OpenEmergency::RIGHT,
    ViewSchedule::RIGHT,
    Book::RIGHT,
    Overbook::RIGHT,
    Attend::RIGHT,
    ViewFollowUps::RIGHT,
    KeepFollowUps::RIGHT,
    ViewWaitlist::RIGHT,
    KeepWaitlist::RIGHT,
    ViewMessages::RIGHT,
    SendMessages::RIGHT,
    SettleReplies::RIGHT,
    ReadInbox::RIGHT,
    WriteInbox::RIGHT,
    ViewConsents::RIGHT,
    StartConsent::RIGHT,
    DownloadConsents::RIGHT,
    ImportRecords::RIGHT,
    ViewRetention::RIGHT,
    ViewOnline::RIGHT,
    NameAffected::RIGHT,
    TakeRequests::RIGHT,
    ViewRequests::RIGHT,
    HandleRequests::RIGHT,
    AnswerRequests::RIGHT,
];

/// See [`Rights::guarded`].
const GUARDED: &[Right] = &[
    ManageStaff::RIGHT,
    GiveRights::RIGHT,
    SetUpGateways::RIGHT,
    NameAffected::RIGHT,
    AnswerRequests::RIGHT,
    EditRetention::RIGHT,
    ProposeDisposal::RIGHT,
    ApproveDisposal::RIGHT,
    ManageKeys::RIGHT,
    RunBackup::RIGHT,
];

const _: () = assert!(ALL.len() <= 128, "a set of rights has room for 128");
