# The doctor is away: what becomes of the patients
absences-title = Doctor away
absences-new = A doctor is away
absences-path = Path
absences-lead = The hours leave the schedule at once. Visits stay until the patient chooses another time or you move them.
absences-doctor = Who is away
absences-first-day = From
absences-last-day = Until
absences-last-day-hint = Empty: one day
absences-part = A part of the day
absences-part-hint = Empty: all day
absences-from = From
absences-until = Until
absences-reason = Reason
absences-reason-sick = Ill
absences-reason-personal = Personal
absences-reason-training = Training
absences-reason-other = Other
absences-save = Enter and show the visits
absences-cancel = Cancel
absences-error-doctor = Choose a doctor
absences-error-day = A day is written like this: 25.11.2026
absences-error-past = That day is over
absences-error-days = The last day is before the first, or the period is longer than 60 days
absences-error-hours = A time is written like this: 9:30, and the end is after the beginning
absences-all-day = all day
absences-open = Being worked on
absences-none = All is well
absences-none-text = When a doctor falls ill, enter it here: you see all their patients and offer each another time.
absences-closed = Done
absences-left = { $count ->
    [0] every visit is settled
    [one] { $count } visit without a doctor
   *[other] { $count } visits without a doctor
}
absences-unheld = Visits with doctors who are away
absences-unheld-text = The doctor is not there then, and visits are. Open it and offer the patients another time.
absences-take-on = Work on it
absences-look = Open
absences-visits = Patients
absences-no-visits = Nobody is booked then
absences-no-visits-text = The hours have left the schedule, there is nothing more to do.
absences-state-open = Nothing done yet
absences-state-told = Written to, no answer yet
absences-state-not_told = Not written to
absences-state-called = Called
absences-state-moved = Moved
absences-state-chose = Chose a time
absences-state-cancelled = Cancelled
absences-state-settled = Took place
absences-why-not-wanted = Asked not to be written to
absences-why-no-phone = Has no mobile number
absences-why-blocked = The patient's data is blocked
absences-blocked-hint = Whoever answers for personal data deals with this visit
absences-why-cancelled = The visit is no longer there
absences-why-moved = The visit was moved already
absences-why-answered = The visit has begun
absences-why-written = Was written to, or the visit has begun
absences-call = Call them
absences-was = Was
absences-now = Now
absences-nearest = Nearest equal times
absences-nothing-free = Nothing is free in the coming weeks: call and agree.
absences-move-here = Move
absences-mark-called = Called
absences-tell = Write to those ticked
absences-tell-hint = They get a link and choose a time with this or another doctor. Nothing is cancelled by itself.
absences-choose = Tick: { $name }
absences-told-done = { $told ->
    [0] Nobody was written to
   *[other] Written to: { $told }
}
absences-told-not = not written to: { $count }, call them
absences-close = Close
absences-close-hint = Left without a decision: { $count }. They stay on the page Today until you move them.
absences-closed-at = Closed { $at }
absences-taken = That time is taken already
absences-taken-hint = Choose another from the list as it is now.
absences-back = Is the doctor back? Take the absence back in their hours.
absences-hours = The doctor's hours
absences-already-closed = Closed already
absences-already-closed-hint = Somebody closed it before. Load the page again.
absences-today = { $count ->
    [one] { $count } visit with a doctor who is away
   *[other] { $count } visits with doctors who are away
}
absences-today-open = Work on it
