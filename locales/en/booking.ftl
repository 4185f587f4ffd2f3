# Schedule, Today, appointments.
booking-schedule = Schedule
booking-today = Today
booking-appointment = Appointment
booking-new = New appointment
booking-day = Date
booking-time = Time
booking-service = Service
booking-doctor = Doctor
booking-chair = Chair or room
booking-price = Price
booking-length = Length
booking-minutes = { $minutes } min
booking-note = Note for the doctor
booking-reason = Reason
booking-history = What changed
booking-messages = Messages to the patient

booking-previous-day = Previous day
booking-next-day = Next day
booking-jump = Go to a date
booking-show = Show
booking-by = View
booking-by-doctor = Doctors
booking-by-chair = Chairs
booking-find-slot = Find a slot
booking-columns = Doctors and chairs
booking-grid = Grid of the day: { $columns ->
    [one] { $columns } column
   *[other] { $columns } columns
  }, { $from }–{ $to }
booking-load = Utilisation: { $name }, { $load } %
booking-legend = Legend
booking-keys = Keys
booking-no-shifts = No shifts on this day
booking-no-shifts-text = Appointments can be made when a doctor has a shift.
booking-add-shift = Add a shift
booking-panel = Appointment panel
booking-close-panel = Close the panel
booking-pick-entry = Choose an appointment in the schedule to see it here.

booking-say-moved = Moved to:
booking-say-conflict = It could not be moved. A window says why.
booking-say-fail = It could not be saved. The appointment is back in its place.
booking-say-start = Moving. Arrows change the time and the column, Enter saves, Escape puts it back.
booking-say-busy = taken:
booking-say-cancel = Put back.
booking-say-armed = Choose a free slot. Escape gives up.

booking-patient = Patient: phone or name
booking-patient-short = Patient
booking-new-patient = New patient
booking-find-patient = Find an existing card
booking-other-patient = Choose another patient
booking-name = Surname, given name, patronymic
booking-name-hint = As in the identity card
booking-phone = Phone
booking-language = Language of messages
booking-alert-seen = The doctor sees this on the appointment and on the card.
booking-choose = Choose
booking-any-doctor = Any
booking-any-chair = Any
booking-time-form = 9:30
booking-show-slots = Show slots
booking-slots = Nearest free slots
booking-no-slots = No free slots in the coming days. Choose another doctor or give a time yourself.
booking-other-time = Another time
booking-notify = Send the confirmation
booking-notify-hint = Date, time and a link to confirm, move or cancel.
booking-book = Book

booking-confirm = Confirm
booking-arrive = Here
booking-start = Start
booking-complete = Complete
booking-no_show = No-show
booking-cancel = Cancel the appointment
booking-undo = Take the status back
booking-again = Again
booking-move = Move
booking-move-to = Move to a date and time

booking-conflict-changed = Somebody changed it first
booking-conflict-refused = It cannot be moved there
booking-conflict-field = Field
booking-conflict-theirs = In the system now
booking-conflict-yours = Yours
booking-close = Close
booking-open-now = Open as it is now
booking-not-performed = { $doctor } does not perform this service. These do:
booking-not-set-up-title = The clinic is not set up yet
booking-not-set-up = The owner or reception enters doctors, services and shifts. Appointments appear here once that is done.
booking-conflict-keep = Leave it as it is
booking-conflict-force = Move to { $time } anyway
booking-alternatives = Free nearby:

booking-day-summary = Appointments of the day by status
booking-free-slots = Free slots
booking-nothing-today = No appointments today.
booking-open-schedule = Open the schedule
booking-flow = Patients now
booking-flow-expected = Expected
booking-flow-arrived = Arrived
booking-flow-in_treatment = In treatment
booking-flow-completed = Completed
booking-flow-empty-expected = Nobody else is expected.
booking-flow-empty-arrived = Nobody is waiting.
booking-flow-empty-in_treatment = The chairs are free.
booking-flow-empty-completed = Nobody yet.
booking-late = { $minutes } min late
booking-waiting = waiting { $minutes } min
booking-more = { $count } more
booking-unconfirmed = Not confirmed
booking-unconfirmed-sub = today and tomorrow
booking-all-confirmed = Everybody has confirmed
booking-reminder = Message
booking-no-message = none sent
booking-actions = Actions
booking-call = Call
booking-no-free-slots = No free slots until the evening.
booking-doctors-today = Doctors today
booking-undelivered = Not delivered
booking-all-delivered = All messages arrived.

booking-tomorrow = Tomorrow
booking-status = Status
booking-source = Source
booking-source-phone = Call
booking-source-desk = At the desk
booking-source-messenger = Messenger
booking-source-online = Online
booking-source-recall = Recall
booking-source-import = Journal before Tirkeu
booking-save = Save
booking-until = until { $time }
booking-past-day = This day is over: read only
booking-off = Does not work
booking-closed = Out of order
booking-break = Lunch
booking-shift-from = Shift from { $time }
booking-shift-until = Shift until { $time }
booking-overbook = Book over it
booking-overbook-hint = The reason stays in the log.
booking-overbooked = Booked over another appointment.
booking-moved-from-here = The appointment was moved away from this time.
booking-open-moved = Open where it is now

booking-taken = That time has just been taken
booking-taken-hint = Choose another time: nothing is booked twice.
booking-busy = { $name }: taken { $hours }
booking-off-shift = Nobody works then
booking-off-shift-hint = Choose a time within the doctor's shift.
booking-off-shift-at = { $name }: does not work at { $time }
booking-past = That day is over
booking-past-hint = Past days can only be looked at.
booking-odd-time = Time and length must be whole multiples of five minutes
booking-odd-time-hint = From 5 minutes to 12 hours.
booking-impossible = This doctor does not do this service, or that is no chair
booking-impossible-hint = Choose another doctor or service.
booking-changed = The appointment was changed meanwhile
booking-changed-hint = See how it stands now, and try again.
booking-changed-by = { $who }, { $time }. Now: { $what }
booking-not-allowed = The status is another one already
booking-not-allowed-hint = Reload the page: the appointment was changed meanwhile.
booking-settled = The visit has begun or is over
booking-settled-hint = Only what is still ahead can be moved.
booking-too-early = It is too early for that
booking-too-early-hint = An arrival is noted on the day itself, a no-show once it has begun.
booking-nothing-to-undo = There is nothing to take back
booking-nothing-to-undo-hint = Only the last status or move is taken back, and only once.
booking-reason-needed = A reason is needed
booking-reason-needed-hint = Open the appointment and say why.

booking-error-patient = Choose a patient or add a new one
booking-error-name = Enter a surname or a given name
booking-error-phone = This does not look like a phone number
booking-error-service = Choose a service
booking-error-starts = Choose a time
booking-error-time = Enter date and time
booking-error-minutes = 5 to 720 minutes, a multiple of five
booking-error-note = No longer than 500 characters
booking-error-reason = Say why

booking-toast-booked = Booked
booking-toast-moved = Appointment moved
booking-toast-comment = Note saved

booking-act-booked = Booked
booking-act-overbooked = Booked over another
booking-act-recorded = Taken over from the journal
booking-act-undone = Taken back
booking-act-moved = Moved
booking-act-changed = Changed
booking-reason-patient = the patient asked
booking-reason-ill = illness
booking-reason-clinic = the doctor or the clinic cannot
booking-reason-no-answer = does not answer
booking-reason-mistake = booked by mistake
booking-reason-other = other
booking-reason-link = by the link in the message
booking-reason-reply = by an SMS reply
booking-reason-comment = note
booking-by-visitor = Patient
booking-by-console = Import or console
booking-by-job = Tirkeu

booking-visits = Visits and appointments
booking-unmarked = Not marked
booking-all-visits = All
booking-to-card = To the card
booking-open-visit = Open the appointment
booking-no-visits = No visits yet
booking-no-visits-text = Book an appointment for this patient.
booking-count-visits = Visits
booking-count-no-shows = No-shows
booking-last-visit = Last visit
booking-next-visit = Next
booking-taken-time = Busy

# Why a time is not offered
booking-why = Why is this time not offered?
booking-why-intro = Name a service and a time: the page says which rule refuses it. Nothing about patients is asked here.
booking-why-ask = Ask
booking-why-free = can be booked
booking-why-refused = cannot be booked
booking-why-past = That time is over.
booking-why-nobody = Nobody does this service. Tick its doctors in the service's settings.
booking-why-not-performed = Does not do this service.
booking-why-holiday = The clinic rests: { $name }.
booking-why-absent = Away: the hours were taken out of the schedule.
booking-why-no-hours = Does not work on that day.
booking-why-outside = Does not fit the hours: { $hours }.
booking-why-break = Break { $hours }.
booking-why-doctor-taken = The doctor is taken { $hours }.
booking-why-doctor-buffer = The visit { $hours } is in the way: the service needs { $before } min before and { $after } min after itself.
booking-why-no-place = What was chosen is neither a chair nor a room.
booking-why-place-taken = The chair or room is taken { $hours }.
booking-why-place-buffer = The chair or room is taken { $hours }, and the service needs { $before } min before and { $after } min after itself.
booking-why-place-closed = The chair or room is out of order { $hours }.
booking-why-missing-chair = The service needs a chair, and the branch has none.
booking-why-missing-room = The service needs a room, and the branch has none.
booking-why-missing-device = The service needs a device, and the branch has none.
booking-why-missing-assistant = The service needs an assistant, and the branch has none.
booking-why-missing-doctor = The service needs one more doctor, and the branch has none.
booking-why-all-taken-chair = All chairs are taken ({ $of }).
booking-why-all-taken-room = All rooms are taken ({ $of }).
booking-why-all-taken-device = All devices are taken ({ $of }).
booking-why-all-taken-assistant = All assistants are taken ({ $of }).
booking-why-all-taken-doctor = All doctors are taken ({ $of }).
booking-why-off-grid = Free. Lists begin at quarters of an hour; this one can be typed.
booking-why-edge = Free, but { $before } min before or { $after } min after reach out of the shift: lists leave it out, it can be typed.
booking-why-near = The nearest free times
booking-why-offered = Free and offered. The short list names the nearest times only.

# A form whose answer was lost
booking-unsent = No link to the server. Leave this open: the booking sends itself when the link is back, exactly once.
booking-unsent-locked = The screen locked itself meanwhile.
booking-unsent-unlock = Unlock it in a new tab

# The dispute sheet
booking-story = Story of the appointment
booking-story-print = Print
booking-story-made = Made
booking-story-written = Written to the patient
booking-story-message = Message
booking-story-none = Nothing happened
booking-story-note = Everything in order: who booked, moved or cancelled, what the patient was told word for word, when the operator delivered it, what the patient answered. Codes and links are taken out of messages. Looking at this sheet is in the log.
booking-reason-waitlist = from the waiting list
booking-wait = To the waiting list
booking-to-waitlist = Say hours and urgency
booking-doctor-away = The doctor is away
booking-my-day = My day
booking-my-day-done = Visits: { $done } of { $all }
booking-my-day-next = next
booking-my-day-free = No visits today
booking-my-day-free-text = Whoever is booked appears here.
booking-my-day-nobody = You are no doctor of the schedule
booking-my-day-nobody-text = A doctor sees their day here. An account is linked to a doctor in the settings.

# Series: several visits booked at once
booking-repeat = Series of visits
booking-repeat-open = Series
booking-repeat-intro = The open appointment is the first one. The others stand at the same time and last as long. Where a date is refused, choose another time here or leave it out.
booking-repeat-count = Visits in all
booking-repeat-count-hint = the first included, 2 to 52
booking-repeat-every = Every
booking-repeat-unit = Unit
booking-repeat-weeks = weeks
booking-repeat-days = days
booking-repeat-same = the same doctor
booking-repeat-show = Show the dates
booking-repeat-dates = Dates
booking-repeat-free = free
booking-repeat-refused = refused
booking-repeat-then = At this time · { $doctor }
booking-repeat-leave-out = Leave out
booking-repeat-book = { $count ->
    [one] Book { $count } visit
   *[other] Book { $count } visits
 }
booking-repeat-all = All at once or none. No message about each visit is sent now: reminders leave in their time.
booking-repeat-undecided = Nothing was booked: for the marked dates, choose another time or leave them out.
booking-repeat-nothing = Nothing was booked: every date is left out.
booking-repeat-lost = Nothing was booked: one of the times has just been taken. Choose another for it; all else is kept.
booking-repeat-row-lost = This time is no longer free. Choose another.
booking-repeat-row-same-day = One visit of a series a day. Choose another.
booking-repeat-row-open = Choose one of these.
booking-repeat-error-count = Give a number of visits from 2 to 52
booking-repeat-error-every = Say after how many weeks (up to 52) or days (up to 366)
booking-repeat-error-too-long = The last visit is more than two years away: fewer visits or shorter gaps
booking-reason-series = in a series
booking-series = Series of visits
booking-series-mark = Visit { $position } of { $visits } in a series
booking-series-scope = What to cancel
booking-series-one = this visit only
booking-series-after = { $count ->
    [one] this one and { $count } after it
   *[other] this one and { $count } after it
 }
booking-toast-series-cancelled = Visits cancelled: { $count }
booking-series-told = The patient is written to about this visit only.
booking-series-card = Patient's card
booking-series-ahead = Still to come: { $count }
booking-series-when = When
booking-series-state = State
booking-series-cancel-hint = To cancel or move a visit, alone or with all after it, open it in the schedule.
booking-series-number = No.

# The rest of a series goes elsewhere
booking-rest = Move the series
booking-rest-open = Move this visit and those after it
booking-rest-intro = Give this visit a new time. The visits after it ({ $count }) go as many days further, at the same hour. Any of them may stay where it is.
booking-rest-new-day = New day
booking-rest-stays = Leave: { $when }
booking-rest-move = { $count ->
    [one] Move { $count } visit
   *[other] Move { $count } visits
 }
booking-rest-all = All at once or none. The patient is written to about the first of them only.
booking-rest-undecided = Nothing was moved: for the marked dates, choose another time or leave the visit where it is.
booking-rest-lost = Nothing was moved: one of the times has just been taken. Choose another for it; all else is kept.
booking-rest-nothing = Nothing was moved: every visit stays where it is. Give another day or time.
booking-rest-day = Give the day: DD.MM.YYYY
booking-rest-time = Give the time, such as 9:30

# Visits together on one day
booking-together = Visits together
booking-together-open = Together
booking-together-intro = Visits of the same day are added to the open one: other services in order, as a route through rooms, or relatives at the same time with another doctor or in turn with one. Nobody is in two places at one time.
booking-together-query = Who else comes
booking-together-query-hint = Name, phone or card number. Whoever has the same phone is listed already.
booking-together-find = Find
booking-together-line = Visit { $number }
booking-together-no-service = — none —
booking-together-person = Who
booking-together-placing = When
booking-together-after = right after the one before
booking-together-beside = at the same time as the open one
booking-together-show = Show the times
booking-together-times = Times
booking-together-none = Nothing was booked: choose a service for one visit at least.
booking-together-who = Nothing was booked: choose somebody from the list for each visit. Whoever is not there must be found first.
booking-together-taken = The patient, the doctor or the room has another visit of this list at that time.
booking-together-all = All at once or none. Everybody but the open patient is written to about the first of their visits.
booking-together-mark = Together: { $position } of { $visits }
booking-together-whose = Who and what
booking-together-rest = this one and { $count } together with it

# Running late
booking-late-title = Doctor running late
booking-late-path = Path
booking-late-set = How late the doctor is
booking-late-min = min
booking-late-caught-up = Back on schedule
booking-late-none = On schedule
booking-late-me = You are { $minutes } min late
booking-late-by = { $minutes } min late
booking-late-short = +{ $minutes } min
booking-late-alert = { $name } is { $minutes } min late
booking-late-open = Who was told
booking-late-expected = ≈ { $time }
booking-held-until = An online booking awaits your answer until { $at }
booking-held-answer = Answer
booking-late-expected-long = The doctor is late: it will begin at about { $time }
booking-late-hint = Booked times do not change. Half a minute after the last tap, everybody still to come gets one message with the new hour. If the delay grows they are written to again; if it shrinks they are not.
booking-late-visits = Still to come
booking-late-nobody = Nobody is still to come
booking-late-nobody-text = There is nobody to write to: the doctor has no more visits today.
booking-late-told-late = Knows: about { $time }
booking-late-told-on_time = Knows: on time, at { $time }
booking-late-told-not_told = Not told
booking-late-told-nothing = Not written to
booking-late-why-no_phone = No mobile number
booking-late-why-not_wanted = Asked not to be written to
booking-late-why-blocked = The patient's data is blocked
booking-late-changed = Somebody has changed the delay meanwhile. See what it is now and tap again.

# Who else has the same appointment, or the same patient's booking form, open. $names: staff, by commas.
booking-beside = Who else has it open
booking-beside-open = Also open now at: { $names }
booking-beside-books = Also booking for this patient now: { $names }
booking-beside-nobody = Nobody else has it open now.

# The other of two services fits a patient's next visit better.
booking-advised-repeated = The patient saw { $doctor } on { $day }. A repeated visit fits:
booking-advised-repeated-here = The patient was here on { $day }. A repeated visit fits:
booking-advised-first = The patient had no such visit in the last { $days } days. A first visit fits:
