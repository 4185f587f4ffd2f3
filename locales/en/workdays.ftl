# The working calendar and the terms of the law.
workdays-desk = Personal data
workdays-nav = Personal data
workdays-title = Working calendar
workdays-terms = Terms of the law
workdays-months = Working days by month
workdays-month = Month
workdays-days = Working days
workdays-hours = Hours
workdays-year = The whole year
workdays-month-1 = January
workdays-month-2 = February
workdays-month-3 = March
workdays-month-4 = April
workdays-month-5 = May
workdays-month-6 = June
workdays-month-7 = July
workdays-month-8 = August
workdays-month-9 = September
workdays-month-10 = October
workdays-month-11 = November
workdays-month-12 = December
workdays-special = Holidays and moved days
workdays-special-none = No special days
workdays-day = Day
workdays-what = What
workdays-kind = Counts as
workdays-kind-working = working
workdays-kind-worked = working, by decree
workdays-kind-holiday = off
workdays-kind-weekend = off
workdays-estimated = estimated
workdays-week = Working week
workdays-week-12345 = Monday to Friday
workdays-week-123456 = Monday to Saturday
workdays-week-hint = Terms count down by these hours. When doctors see patients is in the clinic's settings.
workdays-starts = Starts
workdays-ends = Ends
workdays-break-starts = Break from
workdays-break-ends = Break until
workdays-saturday = Saturday is worked
workdays-from = In force from
workdays-from-hint = Today or later; what was before stays in the history
workdays-save-week = Save the week
workdays-words = Moved days and movable feasts
workdays-words-hint = Days moved by the government, and Kurban Ait as announced. Nothing is erased: the newer entry counts.
workdays-word-off = off
workdays-word-work = working
workdays-word-by_rule = as the rule says
workdays-why = Why
workdays-basis = Basis: law, order, decree
workdays-source = Where it was read
workdays-checked = checked { $date }
workdays-save-day = Add the day
workdays-unconfirmed = ask a lawyer
workdays-confirmed = confirmed by a lawyer
workdays-term = Term
workdays-actions = Actions
workdays-change = Change
workdays-open = Open
workdays-terms-none = No terms yet
workdays-terms-hint = A term begins on the next working day and ends with the working hours of its last day.
workdays-term-authority_notice = Notify the authority of a breach
workdays-term-subject_notice = Hand over who is to be notified
workdays-term-access = Answer a request for information
workdays-term-correction = Correct data
workdays-term-blocking = Block data
workdays-term-destruction = Destroy data
workdays-term-withdrawal = Stop processing after a withdrawal of consent
workdays-term-objection = Answer an objection to an automated decision
workdays-n-days = { $n ->
    [one] { $n } working day
   *[other] { $n } working days
}
workdays-history = History of the term
workdays-shipped = shipped with the system
workdays-new-version = New version
workdays-field-days = Working days
workdays-field-checked = Checked on
workdays-field-confirmed = Confirmed by the clinic's lawyer
workdays-proof = Prove that it is you
workdays-proof-hint = If you have a second factor
workdays-save = Put in force
workdays-left-time = { $hours } h { $minutes } min of working time left
workdays-left-late = late by { $hours } h { $minutes } min of working time
workdays-left-days = { $n ->
    [0] today is the last day
    [one] { $n } working day left
   *[other] { $n } working days left
}
workdays-late-days = { $n ->
    [0] the term ended today
    [one] { $n } working day late
   *[other] { $n } working days late
}
workdays-error-day = There is no such date. Example: 08.05.2027
workdays-error-from = Today's date or a later one
workdays-error-basis = Write the basis, at most 500 characters
workdays-error-source = At most 500 characters
workdays-error-hours = The end must be after the start. Example: 09:00 and 18:00
workdays-error-break = The break must lie within the working day; fill in both fields
workdays-error-days = Working days: 1 to 250
workdays-error-checked = The date of checking is today or earlier
workdays-error-proof = Password or code does not fit
workdays-error-proof-soon = Too many attempts. Wait a minute
workdays-changed = Somebody has changed this meanwhile.
workdays-changed-hint = Open the page again: it has the new version.
workdays-basis-ru = Basis in Russian
workdays-basis-kk = Basis in Kazakh
