system-title = System
system-nav = System
system-machine = This server
system-version = Version
system-staff-url = Address for staff
system-public-url = Address for patients
system-database = Database
system-free = Free on the disk
system-mib = { $n } MB
system-work = Work in the queue
system-failing = Does not succeed
system-checks = Self-check
system-checks-hint = Every night after four; a night that was missed is made up for once the server is on.
system-check-now = Check now
system-checking = Checking…
system-what = What is looked at
system-when = When
system-result = Found
system-took = { $ms } ms
system-found = { $n ->
    [0] nothing
    [one] { $n } fault
   *[other] { $n } faults
}
system-stale = not checked for long
system-never = not checked yet
system-check-overlaps = Double bookings
system-check-overlaps-hint = One doctor, chair or device taken twice at one time; overbookings, made with a reason, do not count.
system-check-overlaps-todo = This cannot be: the database refuses it. Open the schedule, part the appointments and tell the developer.
system-check-pages = Database file
system-check-pages-hint = Every page of the file is as it was written.
system-check-pages-todo = The disk is failing: copy the data folder elsewhere and restore the last backup.
system-check-ledger = Ledger
system-check-ledger-hint = No entry was changed or lost; compared with the head kept outside.
system-check-ledger-todo = Do not work on: tell the compliance officer and compare the ledger with the last backup.
