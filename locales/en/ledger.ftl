ledger-title = State of the ledger
ledger-nav = Ledger
ledger-path = Where you are
ledger-more = checkpoints and anchors
ledger-sheet = Day-close sheet
ledger-never = No checkpoint has left this machine
ledger-never-hint = Whoever has the machine could rewrite the log unseen. Print a day-close sheet, sign it and file it, or send the note to somebody.
ledger-overdue = The newest checkpoint outside is older than 26 hours
ledger-overdue-hint = What was written since is protected by this machine alone. Print a day-close sheet or take the note out.
ledger-stuck = The ledger has not been signed for over an hour
ledger-stuck-hint = The server was off, or its entries no longer lead to its head. Press “Verify”; if it is whole, press “Sign now”.
ledger-walking = Verifying the ledger
ledger-walked = { $done } of { $total } entries
ledger-stop = Stop
ledger-look-again = Look again
ledger-took = { $ms } ms
ledger-was-whole = the chain was intact
ledger-was-broken = the chain was broken
ledger-never-checked = not yet
ledger-proven = Covered by a checkpoint
ledger-proven-rows = { $count ->
    [one] the first entry
   *[other] the first { $count } entries
}
ledger-proven-none = nothing yet
ledger-redacted = Erased by an act
ledger-jumps = The clock went back and nothing says why, before entries: { $rows }
ledger-fault-reordered = Entries { $seq } and { $with } have changed places.
ledger-fault-swapped = Entry { $seq } stands in another one's place.
ledger-fault-inserted = An entry was put in at number { $seq }.
ledger-fault-unlogged = There are records that the log knows nothing of: they were written past the program.
ledger-anchors = Kept outside
ledger-anchor-sheet = Day-close sheet
ledger-anchor-mail = Letter
ledger-anchor-file = Note taken as a file
ledger-anchor-folder = Folder or USB stick
ledger-anchor-backup = Backup
ledger-anchor-none = none yet
ledger-up-to = up to entry { $size }
ledger-age-minutes = { $n } min
ledger-age-hours = { $n } h
ledger-age-days = { $n } d
ledger-folder = Folder for checkpoints
ledger-folder-path = Folder on the server
ledger-folder-hint = A USB stick or a network share that is mounted, such as /srv/clinic-checkpoints. Once a day the newest checkpoint is added to a file there. Empty: none.
ledger-folder-set = Save
ledger-folder-bad = There is no such folder, or nothing can be written there. Connect the stick and give its full path.
ledger-folder-same-disk = This folder is on the disk of the clinic's records: it protects against nothing.
ledger-folder-write = Write now
ledger-checkpoints = Checkpoints
ledger-checkpoints-hint = each is a signed hash: no names, no numbers of patients
ledger-keys = Keys for checking
ledger-seal = Sign now
ledger-rows = Entries
ledger-cause = Why
ledger-take = Take out
ledger-note = Note
ledger-letter = Letter
ledger-proof = Proof
ledger-no-checkpoints = No checkpoint yet
ledger-no-checkpoints-hint = The first one is signed within a minute after something happened.
ledger-cause-clock = by the clock
ledger-cause-growth = a thousand entries
ledger-cause-day = end of the day
ledger-cause-backup = backup
ledger-cause-restore = restore
ledger-cause-keys = change of keys
ledger-cause-consent = signed consent
ledger-cause-asked = asked for
ledger-print = Print
ledger-sheet-title = Day-close sheet of the access log
ledger-sheet-text = At the time above the access log had { $size } entries and the root hash below. If an entry up to this one is later changed, removed or put in, the log no longer leads to this hash, and this sheet proves it.
ledger-key = Fingerprint of the key
ledger-sheet-check = How to check without this program: /usr/share/doc/tirkeu/verify-checkpoint.md. The code holds the same note as the text. Sign the sheet and file it outside of the server room.
ledger-sheet-name = Printed by
ledger-sheet-signature = Signature and date
ledger-letter-subject = Checkpoint of the access log, entries:
ledger-letter-text = Keep this letter: it holds a signed hash of the clinic's access log and nobody's data. With it a later change of the log can be proven.
audit-actor-job-audit = Checkpoints
audit-actor-job-clock = Clock
audit-act-audit-checkpoint-signed = Checkpoint signed
audit-act-audit-anchored = Checkpoint taken out
audit-act-audit-anchor-folder-set = Folder for checkpoints set
audit-act-time-jump = The clock went back
ledger-mail-subject = Checkpoint of the access log, entries: { $size } · { $clinic }
ledger-mail-text =
    Keep this letter: it holds a signed hash of the access log of the clinic "{ $clinic }" and no personal data.
    If the log is changed later, even by the server's administrator, this proves it.

    To check, save the attached file and run
      tirkeu audit verify --checkpoint FILE
    or, without the clinic's program, openssl alone: docs/verify-checkpoint.md.
    Fingerprint of the key (SHA-256): { $fingerprint }
    If these letters stop coming, ask the clinic why.
