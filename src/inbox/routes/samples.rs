//! Every state of the inbox's pages, for the suite.

use sqlx::types::Json;

use crate::booking::Status;
use crate::clock::Timestamp;
use crate::contact::Phone;
use crate::conversations::{ConversationId, ConversationState};
use crate::i18n::Language;
use crate::ids::{AppointmentId, MessageId, PatientId, StaffId};
use crate::inbox::model::{
    Candidate, Colleague, Conversation, Counts, Filter, Lead, LeadId, LeadState, QuickReply,
};
use crate::inbox::routes::desk::{
    EntryView, InboxPage, Row, SegmentsView, TalkView, Waits, WayView,
};
use crate::inbox::routes::leads::LeadsPage;
use crate::inbox::routes::people::PeoplePage;
use crate::inbox::routes::quick::QuickPage;
use crate::inbox::{Entry, QuickForm, Sent};
use crate::messaging::speaking::{BotLine, SpokenFate};
use crate::messaging::text::{Land, Purpose};
use crate::messaging::{Channel, Message, State};
use crate::money::Money;
use crate::pages::View;
use crate::replies::{Line, Meaning, Outcome, ReplyId, ReplyState, Visit, Why};

fn now() -> Timestamp {
    Timestamp::from_unix_ms(1_795_402_800_000)
}

impl Conversation {
    /// One that waits, of a known patient.
    pub(in crate::inbox) fn sample(now: Timestamp) -> Self {
        Self {
            id: ConversationId::new(now),
            channel: Channel::Whatsapp,
            address: "+77012345678".to_owned(),
            patient_id: Some(PatientId::new(now)),
            patient: "Ким Вера".to_owned(),
            name: String::new(),
            lead: String::new(),
            language: Language::Ru,
            assigned_to: None,
            assignee: String::new(),
            state: ConversationState::Open,
            unread: 2,
            waiting_since: Some(now),
            last_in_at: Some(now),
            last_at: now,
            silent_until: None,
            words: "А можно позже?".to_owned(),
            by_us: false,
            by_bot: false,
            undelivered: false,
            hidden: false,
        }
    }
}

fn stranger() -> Conversation {
    Conversation {
        channel: Channel::Sms,
        patient_id: None,
        patient: String::new(),
        lead: "Асель".to_owned(),
        unread: 0,
        waiting_since: None,
        undelivered: true,
        by_us: true,
        assigned_to: Some(StaffId::new(now())),
        assignee: "Reception".to_owned(),
        ..Conversation::sample(now())
    }
}

fn row(talk: Conversation, minutes: i64, level: &'static str) -> Row {
    let waits = talk.waiting_since.map(|_| Waits { minutes, level });
    Row { talk, at: "14:30".to_owned(), waits }
}

fn line(state: ReplyState, reason: Option<Why>, outcome: Option<Outcome>) -> Line {
    let visit = |status| Visit {
        id: AppointmentId::new(now()),
        patient_id: PatientId::new(now()),
        patient: "Вера".to_owned(),
        starts: "2026-12-01T09:30".parse().expect("a civil time"),
        status,
        doctor: "Сейтова А. Н.".to_owned(),
    };
    Line {
        id: ReplyId::new(now()),
        phone: "+77012345678".to_owned(),
        text: "да, но можно позже?".to_owned(),
        came_at: now(),
        meaning: Meaning::Unclear,
        state,
        outcome,
        reason,
        patient_id: Some(PatientId::new(now())),
        patient: "Ким Вера".to_owned(),
        visits: vec![visit(Status::Booked), visit(Status::Confirmed)],
        settled_by: if state == ReplyState::Settled { "Reception" } else { "" }.to_owned(),
        settled_at: None,
        hidden: false,
    }
}

fn sent(purpose: Purpose, state: State, reason: Option<&str>) -> Sent {
    let lost = matches!(state, State::Failed | State::Expired | State::Withheld);
    let by_hand = purpose == Purpose::StaffText;
    let message = Message {
        id: MessageId::new(now()),
        purpose,
        channel: Channel::Whatsapp,
        language: Language::Ru,
        to: Phone::parse("+77012345678").expect("a number").into(),
        text: "Да, в 15:00 свободно".to_owned(),
        state,
        reason: reason.map(str::to_owned),
        created_at: now(),
        since: now(),
        parts: Some(1),
        cost: Some(Money::from_tenge(31)),
        newest: false,
        land: Land::Abroad,
    };
    Sent {
        message,
        author: if by_hand { "Reception" } else { "" }.to_owned(),
        delivery: state.shown(),
        why: reason.unwrap_or_default().to_owned(),
        lost,
        again: lost && by_hand,
    }
}

fn bot(fate: SpokenFate, choices: &[&str]) -> Entry {
    let choices = choices.iter().map(|&one| one.to_owned()).collect();
    let text = "На что записать?".to_owned();
    Entry::Bot(Box::new(BotLine { id: 1, text, choices: Json(choices), said_at: now(), fate }))
}

fn entries() -> Vec<EntryView> {
    let mut hidden = line(ReplyState::Open, Some(Why::Blocked), None);
    hidden.hide();
    let ins = [
        line(ReplyState::Done, None, Some(Outcome::Confirmed)),
        line(ReplyState::Open, Some(Why::Unclear), None),
        line(ReplyState::Settled, Some(Why::Move), Some(Outcome::Nothing)),
        line(ReplyState::Taken, None, None),
        hidden,
    ];
    let outs = [
        sent(Purpose::VisitReminder, State::Delivered, None),
        sent(Purpose::StaffText, State::Queued, None),
        sent(Purpose::StaffText, State::Uncertain, Some("no_answer")),
        sent(Purpose::StaffText, State::Failed, Some("unreachable")),
        sent(Purpose::StaffText, State::Withheld, Some("window_shut")),
    ];
    let all = ins.into_iter().map(|one| Entry::In(Box::new(one)));
    let all = all.chain(outs.into_iter().map(|one| Entry::Out(Box::new(one))));
    let bots = [
        bot(SpokenFate::Said, &["Лечение", "Осмотр"]),
        bot(SpokenFate::Uncertain, &[]),
        bot(SpokenFate::Lost, &[]),
        bot(SpokenFate::Waiting, &[]),
    ];
    let all = all.chain(bots);
    let at = || "14:30".to_owned();
    let day = |index| (index == 0).then(|| "понедельник, 23 ноября".to_owned());
    all.enumerate().map(|(index, entry)| EntryView { entry, day: day(index), at: at() }).collect()
}

fn lead(state: LeadState) -> Lead {
    Lead {
        id: LeadId::new(now()),
        conversation_id: Some(ConversationId::new(now())),
        patient_id: (state == LeadState::Booked).then(|| PatientId::new(now())),
        name: "Асель".to_owned(),
        phone: "+77012345678".to_owned(),
        source: "sms".to_owned(),
        note: "Хочет на чистку".to_owned(),
        state,
        made_at: now(),
        made_by: "Reception".to_owned(),
    }
}

fn quick() -> QuickReply {
    let name = "Ждём вас".to_owned();
    QuickReply {
        id: 1, name, ru: "Ждём вас!".to_owned(), kk: "Сізді күтеміз!".to_owned()
    }
}

fn candidate() -> Candidate {
    let birth_date = "1985-01-01".parse().ok();
    Candidate {
        id: PatientId::new(now()), number: 7, name: "Мусин Ержан".to_owned(), birth_date
    }
}

fn talk_of(row: Row) -> TalkView {
    TalkView {
        entries: entries(),
        candidates: Vec::new(),
        made_lead: None,
        ways: vec![
            WayView { channel: Channel::Whatsapp, until: "14:32".to_owned(), abroad: true },
            WayView { channel: Channel::Sms, until: String::new(), abroad: false },
        ],
        shut: false,
        invites: false,
        colleagues: vec![Colleague { id: StaffId::new(now()), name: "Reception".to_owned() }],
        me: Some(StaffId::new(now())),
        quick: vec![quick()],
        silent: true,
        is_phone: true,
        is_handle: false,
        draft: String::new(),
        error: "",
        row,
    }
}

impl View for InboxPage {
    const TEMPLATE: &'static str = "inbox/desk.html";

    fn samples() -> Vec<Self> {
        let page = |show, rows, talk, is_all| Self {
            show,
            counts: Counts { mine: 1, unassigned: 2, waiting: 3, all: 5 },
            rows,
            query: String::new(),
            talk,
            may_write: is_all,
            may_edit: is_all,
            may_book: is_all,
            may_register: is_all,
        };
        let mut hidden = Conversation::sample(now());
        hidden.hide();
        let rows = || {
            vec![
                row(Conversation::sample(now()), 75, "bad"),
                row(Conversation::sample(now()), 3000, "bad"),
                row(Conversation::sample(now()), 16, "warn"),
                row(stranger(), 0, ""),
                row(Conversation { address: "Beeline".to_owned(), ..stranger() }, 0, ""),
                row(Conversation { by_bot: true, ..Conversation::sample(now()) }, 16, "warn"),
            ]
        };
        let known = talk_of(row(Conversation::sample(now()), 1, ""));
        let unknown = TalkView {
            candidates: vec![candidate(), candidate()],
            made_lead: Some(lead(LeadState::New)),
            ways: vec![WayView { channel: Channel::Sms, until: String::new(), abroad: true }],
            shut: true,
            invites: true,
            draft: "Добрый".to_owned(),
            error: "messaging-staff-long",
            ..talk_of(row(Conversation { channel: Channel::Whatsapp, ..stranger() }, 0, ""))
        };
        let nameless = Conversation {
            address: "Beeline".to_owned(),
            lead: String::new(),
            state: ConversationState::Closed,
            ..stranger()
        };
        let mute = TalkView {
            entries: Vec::new(),
            ways: Vec::new(),
            is_phone: false,
            silent: false,
            ..talk_of(row(nameless, 0, ""))
        };
        let hides = |name: &str| Conversation {
            channel: Channel::Whatsapp,
            address: "KZ.13491208655302741918".to_owned(),
            lead: String::new(),
            name: name.to_owned(),
            ..stranger()
        };
        let handle = |shut, name| TalkView {
            is_phone: false,
            is_handle: true,
            shut,
            ways: if shut {
                Vec::new()
            } else {
                talk_of(row(stranger(), 0, "")).ways[..1].to_vec()
            },
            ..talk_of(row(hides(name), 0, ""))
        };
        let mut with_hidden = rows();
        with_hidden.push(row(hidden, 5, ""));
        let searched = page(Filter::All, Vec::new(), None, true);
        let searched = Self { query: "701".to_owned(), ..searched };
        vec![
            page(Filter::All, with_hidden, None, true),
            page(Filter::Mine, rows(), Some(known), true),
            page(Filter::Waiting, rows(), Some(unknown), true),
            page(Filter::Closed, Vec::new(), Some(mute), true),
            page(Filter::Unassigned, Vec::new(), None, false),
            page(Filter::All, rows(), Some(talk_of(row(stranger(), 0, ""))), false),
            searched,
            page(Filter::All, vec![row(hides(""), 5, "")], Some(handle(false, "Дана")), true),
            page(Filter::All, rows(), Some(handle(true, "")), true),
        ]
    }
}

impl View for SegmentsView {
    const TEMPLATE: &'static str = "inbox/segments.html";

    fn samples() -> Vec<Self> {
        let tells = "кариес".to_owned();
        let view = |price, error, is_sms| {
            let tells = if is_sms { String::new() } else { tells.clone() };
            Self { parts: 2, room: 10, price, error, is_sms, tells }
        };
        vec![
            view(Some(Money::from_tenge(62)), "", true),
            view(None, "messaging-staff-long", true),
            view(None, "", false),
        ]
    }
}

impl View for PeoplePage {
    const TEMPLATE: &'static str = "inbox/people.html";

    fn samples() -> Vec<Self> {
        let page = |candidates, found, book| Self {
            talk: stranger(),
            is_handle: book,
            candidates,
            found,
            query: String::new(),
            name: "Асель".to_owned(),
            book,
            may_register: book,
        };
        vec![
            page(vec![candidate(), candidate()], None, true),
            page(Vec::new(), Some(vec![candidate()]), false),
            page(Vec::new(), Some(Vec::new()), true),
        ]
    }
}

impl View for LeadsPage {
    const TEMPLATE: &'static str = "inbox/leads.html";

    fn samples() -> Vec<Self> {
        let mut all: Vec<Lead> = LeadState::ALL.iter().map(|state| lead(*state)).collect();
        all.push(Lead {
            conversation_id: None,
            phone: String::new(),
            note: String::new(),
            ..lead(LeadState::New)
        });
        vec![Self { leads: all, may_write: true }, Self { leads: Vec::new(), may_write: false }]
    }
}

impl View for QuickPage {
    const TEMPLATE: &'static str = "inbox/quick.html";

    fn samples() -> Vec<Self> {
        let form = QuickForm { name: "A".to_owned(), ..QuickForm::default() };
        vec![
            Self { replies: vec![quick()], form: QuickForm::default(), error: "" },
            Self { replies: Vec::new(), form, error: "inbox-quick-missing" },
        ]
    }
}
