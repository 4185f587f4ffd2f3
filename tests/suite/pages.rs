//! Every page renders in every state it can be in, in every language.

use tirkeu::absences;
use tirkeu::access;
use tirkeu::accountability as papers;
use tirkeu::audit;
use tirkeu::backup;
use tirkeu::booking;
use tirkeu::consents;
use tirkeu::disposals;
use tirkeu::duplicates;
use tirkeu::followups;
use tirkeu::i18n::Language;
use tirkeu::incidents;
use tirkeu::interop::run::routes as interop;
use tirkeu::mail;
use tirkeu::messaging;
use tirkeu::online;
use tirkeu::pages::{Chrome, Pages, View};
use tirkeu::patients;
use tirkeu::reminders;
use tirkeu::retention;
use tirkeu::schedule;
use tirkeu::subject_requests;
use tirkeu::waitlist;
use tirkeu::web;
use tirkeu::workdays;

fn render_samples<V: View>() {
    let pages = Pages::load();
    for (index, sample) in V::samples().iter().enumerate() {
        for language in Language::ALL {
            if let Err(error) = pages.render(&Chrome::plain(language), sample) {
                panic!("{} sample {index} in {language}: {error}: {error:#?}", V::TEMPLATE);
            }
        }
    }
}

#[test]
fn every_sample_of_every_view_renders() {
    every_sample_of_the_desk();
    every_sample_of_the_rest();
}

fn every_sample_of_the_desk() {
    render_samples::<web::ProblemPage>();
    render_samples::<reminders::AnswerPage>();
    render_samples::<reminders::CancelPage>();
    render_samples::<reminders::ClosedPage>();
    render_samples::<reminders::MovePage>();
    render_samples::<consents::routes::ConsentListPage>();
    render_samples::<consents::routes::ConsentPage>();
    render_samples::<consents::routes::ConsentPrint>();
    render_samples::<consents::routes::HandoutPage>();
    render_samples::<consents::routes::KioskPage>();
    render_samples::<consents::routes::LockPage>();
    render_samples::<consents::routes::PatientConsents>();
    render_samples::<consents::routes::SealPage>();
    render_samples::<consents::routes::StaffPhonesPage>();
    render_samples::<consents::routes::WordingPage>();
    render_samples::<consents::routes::WordingsPage>();
    render_samples::<consents::tablets::JoinPage>();
    render_samples::<consents::tablets::TabletsPage>();
    render_samples::<messaging::GatewayHealthPage>();
    render_samples::<messaging::GatewayPage>();
    render_samples::<messaging::MessagesPage>();
    render_samples::<messaging::PreviewPage>();
    render_samples::<messaging::TextPage>();
    render_samples::<messaging::TextsPage>();
    render_samples::<messaging::inbox::InboxPage>();
    render_samples::<mail::LettersView>();
    render_samples::<mail::MailHealthPage>();
    render_samples::<mail::MailPage>();
    render_samples::<mail::OwnAddressPage>();
    render_samples::<mail::WitnessesPage>();
    render_samples::<access::SignInPage>();
    render_samples::<access::EnrolPage>();
    render_samples::<access::PasswordPage>();
    render_samples::<access::UnlockPage>();
    render_samples::<access::AccessList>();
    render_samples::<access::AccountPage>();
    render_samples::<access::CodesPage>();
    render_samples::<access::OwnFactorPage>();
    render_samples::<access::PersonPage>();
    render_samples::<access::ProvePage>();
    render_samples::<access::RolePage>();
    render_samples::<access::RolesPage>();
    render_samples::<access::RulesPage>();
    render_samples::<access::StaffPage>();
    render_samples::<access::TrustPage>();
    render_samples::<papers::papers::PapersPage>();
    render_samples::<papers::policy::PolicyPage>();
    render_samples::<papers::policy::PublicPolicyPage>();
    render_samples::<papers::purposes::PurposePage>();
    render_samples::<papers::purposes::PurposesPage>();
    render_samples::<papers::recipients::RecipientPage>();
    render_samples::<papers::recipients::RecipientsPage>();
    render_samples::<papers::responsible::ResponsiblePage>();
    render_samples::<papers::size::LimitPage>();
    render_samples::<papers::size::SizeBar>();
    render_samples::<papers::size::SizePage>();
    render_samples::<papers::training::MyRulesCard>();
    render_samples::<papers::training::MyRulesPage>();
    render_samples::<papers::training::TrainingPage>();
    render_samples::<papers::yearly::NewReviewPage>();
    render_samples::<papers::yearly::ReviewPage>();
    render_samples::<papers::yearly::ReviewsPage>();
    render_samples::<audit::AuditPage>();
    render_samples::<audit::AccessesFragment>();
    render_samples::<audit::AccessesPage>();
    render_samples::<audit::AccountPage>();
    render_samples::<audit::FindingPage>();
    render_samples::<audit::FindingsPage>();
    render_samples::<audit::LimitsPage>();
    render_samples::<audit::PeoplePage>();
    render_samples::<audit::PersonPage>();
    render_samples::<tirkeu::system::SystemPage>();
    render_samples::<tirkeu::capacity::CapacityPage>();
    render_samples::<tirkeu::capacity::CapacityRulePage>();
    render_samples::<audit::ReviewsPage>();
    render_samples::<audit::checkpoints::LedgerPage>();
    render_samples::<audit::checkpoints::SheetPage>();
    render_samples::<audit::checkpoints::WalkView>();
    render_samples::<interop::ImportPage>();
}

fn every_sample_of_the_rest() {
    render_samples::<interop::DraftPage>();
    render_samples::<interop::RunPage>();
    render_samples::<interop::ProgressView>();
    render_samples::<backup::BackupPage>();
    render_samples::<backup::KitPage>();
    render_samples::<backup::ProgressView>();
    render_samples::<duplicates::LikelyPage>();
    render_samples::<duplicates::PairPage>();
    render_samples::<duplicates::LikelyOfPatient>();
    render_samples::<duplicates::LikelyFact>();
    render_samples::<incidents::IncidentPage>();
    render_samples::<incidents::IncidentsPage>();
    render_samples::<incidents::NewIncidentPage>();
    render_samples::<disposals::ActPage>();
    render_samples::<disposals::ActsPage>();
    render_samples::<disposals::PreviewPage>();
    render_samples::<retention::RetentionPage>();
    render_samples::<retention::RulePage>();
    render_samples::<retention::PatientRetention>();
    render_samples::<booking::AppointmentView>();
    render_samples::<booking::BesideView>();
    render_samples::<booking::BoardView>();
    render_samples::<booking::ColumnView>();
    render_samples::<booking::ConflictView>();
    render_samples::<booking::FoundView>();
    render_samples::<booking::PanelView>();
    render_samples::<booking::ScheduleView>();
    render_samples::<booking::StoryView>();
    render_samples::<booking::LateView>();
    render_samples::<booking::MyDayView>();
    render_samples::<booking::RepeatView>();
    render_samples::<booking::RestView>();
    render_samples::<booking::SeriesView>();
    render_samples::<booking::TodayView>();
    render_samples::<booking::TogetherView>();
    render_samples::<booking::VisitFactsView>();
    render_samples::<booking::VisitsView>();
    render_samples::<booking::WhyView>();
    render_samples::<online::AlarmView>();
    render_samples::<online::ContactPage>();
    render_samples::<online::DoctorsPage>();
    render_samples::<online::OffPage>();
    render_samples::<online::OnlineDeskPage>();
    render_samples::<online::OnlineSettingsPage>();
    render_samples::<online::ServicesPage>();
    render_samples::<online::TimesPage>();
    render_samples::<online::VisitPage>();
    render_samples::<patients::FoundList>();
    render_samples::<patients::PatientsPage>();
    render_samples::<patients::PatientCard>();
    render_samples::<patients::PatientEdit>();
    render_samples::<schedule::ClinicPage>();
    render_samples::<schedule::BranchesPage>();
    render_samples::<schedule::BranchEditPage>();
    render_samples::<schedule::ResourcesPage>();
    render_samples::<schedule::ResourceEditPage>();
    render_samples::<schedule::ServicesPage>();
    render_samples::<schedule::ServiceEditPage>();
    render_samples::<schedule::HoursPage>();
    render_samples::<schedule::DoctorHoursPage>();
    render_samples::<schedule::RepeatPage>();
    render_samples::<schedule::HolidaysPage>();
    render_samples::<schedule::KitPage>();
    render_samples::<schedule::WizardClinicPage>();
    render_samples::<schedule::WizardDonePage>();
    render_samples::<schedule::WizardHoursPage>();
    render_samples::<schedule::WizardResourcesPage>();
    render_samples::<schedule::WizardServicesPage>();
    render_samples::<subject_requests::BlockedPage>();
    render_samples::<subject_requests::bases::BasesPage>();
    render_samples::<subject_requests::bases::BasisPage>();
    render_samples::<subject_requests::RequestPage>();
    render_samples::<subject_requests::RequestsPage>();
    render_samples::<subject_requests::TakePage>();
    render_samples::<absences::AbsencePage>();
    render_samples::<absences::AbsencesPage>();
    render_samples::<absences::NewAbsencePage>();
    render_samples::<followups::CardFollowUpsView>();
    render_samples::<followups::FollowUpPage>();
    render_samples::<followups::FollowUpsPage>();
    render_samples::<waitlist::CardWishesView>();
    render_samples::<waitlist::ListPage>();
    render_samples::<waitlist::NewWishPage>();
    render_samples::<waitlist::OfferPage>();
    render_samples::<waitlist::RulePage>();
    render_samples::<waitlist::WishPage>();
    render_samples::<workdays::CalendarPage>();
    render_samples::<workdays::TermPage>();
    render_samples::<workdays::TermsPage>();
}
