audit-title = Access log
audit-subtitle = who opened what, when and from where
audit-export = Export
audit-ledger = The ledger
audit-whole = The chain is intact
audit-broken = The chain is broken
audit-broken-hint = Change nothing on the server: keep the latest backup and tell the owner.
audit-size = { $count ->
    [one] { $count } entry in a row
   *[other] { $count } entries in a row
}
audit-verify = Verify
audit-last-check = Last check
audit-just-now = just now, { $ms } ms
audit-not-yet = press “Verify”
audit-root = Root hash
audit-looks = Looks at data
audit-today = today
audit-looks-total = { $count ->
    [0] No patient data has been opened today
    [one] { $count } look today
   *[other] { $count } looks today
}
audit-filters = Filters
audit-from = From
audit-until = Until
audit-person = Person
audit-anybody = Everybody
audit-card = Card no.
audit-action = Action
audit-anything = Any
audit-show = Show
audit-entries = Entries
audit-newest-first = newest first
audit-unchangeable = The log cannot be changed or deleted
audit-when = Time
audit-object = Object
audit-where = From where
audit-number = No. / hash
audit-system = System
audit-card-number = Card no. { $number }
audit-people = { $count ->
    [one] { $count } person on a list
   *[other] { $count } people on a list
}
audit-older = Older
audit-none = Nothing found
audit-none-hint = Take some filters off or widen the period.
audit-reset = Reset filters
audit-error-day = There is no such date. Example: 23.11.2026
audit-error-card = A card number has digits only
audit-fault-altered = Entry { $seq } was changed after it was written.
audit-fault-missing = Entry { $seq } is missing, or another stands in its place.
audit-fault-rewritten = Entries and their hashes were rewritten together.
audit-fault-rolled-back = The end was cut off, or an older database was put back.
audit-fault-history = The head kept outside saw other entries.
audit-act-patient-viewed = Card opened
audit-act-patient-iin-shown = IIN shown
audit-act-patient-registered = Card made
audit-act-patient-edited = Card changed
audit-act-patients-found = Patients searched
audit-act-patients-listed = Patients listed
audit-act-permission-denied = Access denied
audit-act-session-started = Session started
audit-act-session-ended = Signed out
audit-act-session-all-ended = Signed out everywhere
audit-act-session-locked = Screen locked
audit-act-session-unlocked = Screen unlocked
audit-act-sign-in-succeeded = Signed in
audit-act-sign-in-failed = Sign-in failed
audit-act-password-changed = Password changed
audit-act-staff-added = Member of staff added
audit-act-staff-reset = Sign-in reset
audit-act-staff-left = Access ended
audit-act-audit-reviewed = Log read
audit-act-audit-exported = Log exported
audit-act-audit-verified = Ledger verified
audit-concerns = Ask about first
audit-last-day = in 24 hours
audit-no-concerns = No denials, failed sign-ins or exports
audit-nav = Control
