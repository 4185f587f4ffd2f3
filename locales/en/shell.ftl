# The frame of every page, and words shared by all of them.
shell-skip = Skip to content
shell-nav = Sections
shell-more = More
shell-new-items = new
shell-find = Phone, name, IIN or card no.
shell-found = Patients found
shell-language = Language
shell-lang-ru = РУС
shell-lang-kk = ҚАЗ
shell-lang-en = ENG
shell-lang-ru-full = Русский
shell-lang-kk-full = Қазақша
shell-lang-en-full = English
shell-theme = Light or dark theme
shell-profile = Profile
shell-role-owner = owner
shell-role-reception = receptionist
shell-role-doctor = doctor
shell-role-marketer = marketer
shell-role-cashier = cashier
shell-role-compliance = compliance officer
shell-role-sysadmin = system administrator
shell-account = My sign-in and password
shell-lock = Lock the screen
shell-sign-out = Sign out
shell-tagline = The clinic's front desk
shell-help = Cannot sign in? Ask the owner or the system administrator of the clinic.
shell-understood = Got it
shell-close = Close
shell-undo = Undo
shell-optional = optional
shell-calendar = Calendar
shell-file-choose = Choose a file
shell-files-choose = Choose files
shell-file-none = No file chosen
shell-errors = { $count ->
    [one] Correct { $count } field:
   *[other] Correct { $count } fields:
  }
shell-pages = Pages
shell-previous = Back
shell-next = Next
shell-page-of = { $page } of { $pages }
shell-steps = Steps
shell-step-done = done
shell-support-code = Code for support:

shell-live-on = Online
shell-live-off = No connection — as of { $time }
shell-lost = No connection to the clinic's server.
shell-lost-since = What you see is as of
shell-lost-hint = You can read; changes are not saved for now.
shell-not-saved = No connection to the clinic's server. The change was not saved.
shell-timeout = The server did not answer within 15 seconds. Check and try again.
shell-failed = That did not work. Reload the page and try again.

shell-status-booked = Unconfirmed
shell-status-confirmed = Confirmed
shell-status-arrived = Arrived
shell-status-in_treatment = In treatment
shell-status-completed = Completed
shell-status-no_show = No-show
shell-status-cancelled = Cancelled
shell-status-moved = Moved
shell-status-held = Awaits an answer

shell-flag-allergy = Allergy
shell-flag-new = New
shell-flag-debt = Balance due
shell-flag-no_shows = No-shows
shell-flag-no_consent = No consent
shell-flag-child = Child

shell-delivery-queued = Queued
shell-delivery-sent = Sent
shell-delivery-delivered = Delivered
shell-delivery-failed = Not delivered
shell-delivery-uncertain = Not known whether it arrived

shell-keys = Keyboard shortcuts
shell-keys-hint = They work in any keyboard layout. Single keys do nothing while you type in a field.
shell-key-find = Find a patient
shell-key-new = New appointment
shell-key-today = Today
shell-key-schedule = Schedule
shell-key-patients = Patients
shell-key-walk = Walk through the appointments of the schedule
shell-key-move = Move an appointment: arrows for 15 minutes or another doctor, Shift and arrows for its length, Enter to save, Esc to put it back
shell-key-again = Another visit to the same doctor: the nearest time
shell-key-wait = To the waiting list with what is chosen
shell-key-open = Open the appointment
shell-key-send = Send the form
shell-key-back = Close the panel or window
shell-key-help = This help
