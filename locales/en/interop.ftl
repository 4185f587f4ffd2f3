interop-title = Import
interop-new = Bring the clinic's spreadsheets
interop-hint = XLSX, XLS, ODS and CSV in any encoding will do. You see first what was understood: nothing is written before you agree.
interop-look = Take a look
interop-runs = Imports
interop-no-runs = No imports yet
interop-no-runs-hint = Begin with the journal or the list of patients.
interop-when = When
interop-files = Files
interop-state = State
interop-rows = Rows
interop-draft = Check what was understood
interop-would = What would be taken
interop-start = Import
interop-go-on = Go on
interop-stop = Stop
interop-undo = Take the whole import back
interop-report = Import report
interop-download = Download the report, XLSX
interop-is = What it is
interop-header-row = Header row
interop-columns = Columns
interop-column = Column
interop-column-title = Title
interop-meaning = Meaning
interop-samples = Samples
interop-alike = Also for sheets with the same titles
interop-apply = Apply
interop-filter = Show rows
interop-all = All
interop-no-rows = No such rows
interop-card = Card
interop-duplicates-open = Compare and merge
interop-duplicates-sheet = Likely duplicates
interop-not-now = The import is in another state now
interop-not-now-hint = Reload the page and look again.
interop-count-taken = { $count ->
    [one] { $count } taken
   *[other] { $count } taken
}
interop-count-flagged = { $count ->
    [one] { $count } flagged
   *[other] { $count } flagged
}
interop-count-refused = { $count ->
    [one] { $count } refused
   *[other] { $count } refused
}
interop-count-skipped = { $count ->
    [one] { $count } skipped
   *[other] { $count } skipped
}
interop-new-cards = { $count ->
    [one] { $count } new card.
   *[other] { $count } new cards.
}
interop-duplicates = { $count ->
    [one] { $count } pair of cards may be one person.
   *[other] { $count } pairs of cards may be one person.
}
interop-kept = { $count ->
    [one] { $count } record stays: it was used, corrected or merged.
   *[other] { $count } records stay: they were used, corrected or merged.
}
interop-state-draft = draft
interop-state-running = importing
interop-state-stopping = stopping
interop-state-stopped = stopped
interop-state-done = done
interop-state-undone = taken back
interop-kind-journal = Journal of visits
interop-kind-people = List of patients
interop-kind-prices = Price list
interop-kind-other = Do not import
interop-verdict-taken = taken
interop-verdict-flagged = flagged
interop-verdict-refused = refused
interop-verdict-skipped = skipped
interop-reason-no-patient = no patient
interop-reason-no-date = no date
interop-reason-impossible-date = impossible date
interop-reason-no-time = no time
interop-reason-impossible-time = impossible time
interop-reason-no-service = no service
interop-reason-repeated = repeated row
interop-reason-short-phone = phone too short
interop-reason-long-phone = phone too long
interop-reason-rounded-phone = phone rounded by the spreadsheet
interop-reason-unknown-phone = phone not understood
interop-reason-two-phones = two phones
interop-reason-no-phone = no phone
interop-reason-bad-iin = wrong IIN
interop-reason-bad-birth-date = wrong birth date
interop-reason-birth-date-differs = birth date differs from the IIN
interop-reason-uncertain-date = uncertain date
interop-reason-unclear-doctor = unclear doctor
interop-reason-no-doctor = no doctor
interop-reason-unknown-service = service not in the price list
interop-reason-unclear-service = unclear service
interop-reason-no-price = no price
interop-reason-bad-price = price not understood
interop-reason-bad-duration = length not understood
interop-reason-partial-name = partial name
interop-reason-header = header
interop-reason-title = title
interop-reason-day-line = line of a day
interop-reason-doctor-line = line of a doctor
interop-reason-section-line = section
interop-reason-total = total
interop-reason-empty-slot = empty slot
interop-reason-not-a-visit = not a visit
interop-reason-unknown-table = table not recognised
interop-reason-time-taken = time already taken
interop-reason-status-differs = the journal tells another end of the visit than the schedule
interop-likely-same-iin = same IIN
interop-likely-same-phone = same phone
interop-likely-partial-phone = part of the phone
interop-likely-same-name = same name
interop-likely-similar-name = similar name
interop-likely-initials = initials
interop-likely-same-birth-date = same birth date
interop-likely-no-phone = without a phone
interop-field-date = date
interop-field-date-time = date and time
interop-field-time = time
interop-field-end-time = end
interop-field-patient = patient
interop-field-surname = surname
interop-field-given = given name
interop-field-patronymic = patronymic
interop-field-phone = phone
interop-field-doctor = doctor
interop-field-service = service
interop-field-sum = sum
interop-field-payment = payment
interop-field-status = status
interop-field-comment = comment
interop-field-iin = IIN
interop-field-birth-date = birth date
interop-field-sex = sex
interop-field-allergy = allergy
interop-field-source = source
interop-field-duration = length
interop-field-card-no = card number
interop-field-room = room
interop-field-email = e-mail
interop-field-address = address
interop-field-section = section
interop-field-ignored = not needed
interop-field-none = not understood
interop-col-file = File
interop-col-sheet = Sheet
interop-col-row = Row
interop-col-verdict = Verdict
interop-col-reasons = Reasons
interop-col-patient = Patient
interop-col-day = Date
interop-col-time = Time
interop-col-doctor = Doctor
interop-col-service = Service
interop-dup-a = Card 1
interop-dup-b = Card 2
interop-dup-score = Likeness
interop-dup-reasons = Why
interop-error-no-file = Choose a file
interop-error-form = The form was not understood
interop-error-empty-file = the file is empty
interop-error-file-too-big = the file is larger than 64 MB
interop-error-too-many-rows = more than 500,000 rows
interop-error-zip-bomb = the file unpacks to something huge
interop-error-password-protected = the file has a password: remove it in Excel
interop-error-pdf = this is a PDF: save the table as XLSX or CSV
interop-error-picture = this is a picture, a table is needed
interop-error-text-document = this is a text document: save the table as XLSX
interop-error-web-page = this is a web page: open it and save as XLSX
interop-error-archive = this is an archive: unpack it first
interop-error-not-a-table = this is not a table
interop-error-damaged = the file is damaged
