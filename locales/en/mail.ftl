# Letters: to the clinic's own people and to those who keep checkpoints
mail-title = E-mail
mail-none = No mail server is set up.
mail-none-hint = Letters wait in the queue and leave once there is a server, if they are still needed.
mail-saved = The mail settings are saved.
mail-server = The server that sends
mail-host = Server
mail-host-hint = For example smtp.mail.ru, smtp.yandex.ru or the clinic's own
mail-tls = Encryption
mail-tls-implicit = TLS at once
mail-tls-starttls = STARTTLS
mail-tls-none = None
mail-tls-hint = None only for a server on this very machine.
mail-port = Port
mail-port-hint = Usually 465 for TLS at once, 587 for STARTTLS
mail-username = Login
mail-username-hint = Usually the address itself. Empty when the server does not ask.
mail-password = Password
mail-password-hint = mail.ru, Yandex and Google want a separate app password.
mail-password-kept = Kept and not shown. Empty leaves it as it is; for another server, port, encryption or login type it again.
mail-sender = Sender's address
mail-sender-hint = Letters come from here; the clinic's name is added.
mail-ca = Certificate of your own authority
mail-ca-hint = PEM text, when the clinic's mail server has an authority of its own. Then only that one is trusted.
mail-health = State
mail-health-asking = Asking the server…
mail-health-again = Check again
mail-health-well = Answers and takes letters
mail-trial = Trial letter
mail-trial-address = Address
mail-trial-hint = Your own address: it gets one short letter.
mail-trial-send = Send a trial
mail-trial-sent = The letter is queued. The server's answer appears below.
mail-letters = Latest letters
mail-letters-none = No letters yet
mail-letters-none-hint = Here you see what left, to whom, and what the server said. They are kept for a year.
mail-when = When
mail-what = What
mail-to = To
mail-became = What became of it
mail-actions = Actions
mail-next = next attempt { $at }
mail-again = Send again
mail-again-unsure = Send again (may arrive twice)
mail-kind-trial = Trial letter
mail-kind-code = Code for an address
mail-kind-moved = Address changed
mail-kind-emergency = Emergency access
mail-kind-checkpoint = Checkpoint of the log
mail-kind-farewell = Letters ended
mail-state-queued = Queued
mail-state-sending = Being sent
mail-state-accepted = Taken by the server
mail-state-failed = Refused
mail-state-uncertain = Unknown
mail-state-expired = Too late
mail-state-withheld = Not sent on purpose
mail-why-unreachable = The server does not answer. Check its name, port and the internet.
mail-why-nobodys = No mail server can have this address. Without encryption only this very machine.
mail-why-not-smtp = What answers there is no mail server. Check port and encryption.
mail-why-no-tls = Encryption could not be switched on. Check the port: 465 for TLS at once, 587 for STARTTLS.
mail-why-certificate = The server's certificate is not to be trusted: another name, out of date or an unknown authority.
mail-why-credentials = The server did not accept login or password.
mail-why-no-auth = The server offers no sign-in by login and password.
mail-why-unwelcome = The server refused to talk.
mail-why-sender = The server takes no letters from this sender.
mail-why-recipient = The server knows no such recipient or takes no letters for it.
mail-why-content = The server refused the letter.
mail-why-busy = The server asked to wait; it is tried again.
mail-why-put-off = The server asked for the letter later; we will try again.
mail-why-silent = The server fell silent before it took the letter.
mail-why-no-answer = The letter left and no answer came: it may have arrived or not. It is not sent again by itself.
mail-why-worker-died = The program stopped while sending: the letter may have arrived. It is not sent again by itself.
mail-why-too-late = It did not leave while it was needed.
mail-why-reviewed = The access was reviewed already.
mail-why-replaced = Another code was asked for.
mail-why-not-wanted = The recipient gets no such letters any more, or has no address.
mail-error-needed = Fill this in
mail-error-host = This is no server's name. For example smtp.mail.ru, without https:// and port
mail-error-port = A port is a number from 1 to 65535, usually 465 or 587
mail-error-tls = Without encryption only to this very machine (localhost)
mail-error-address = This does not look like an e-mail address. For example aigul@clinic.kz
mail-error-ca = This is no authority's certificate. Paste all of it, from BEGIN to END CERTIFICATE
mail-error-password = Type the password of this login
mail-error-name = Write a name, up to 80 characters
mail-error-known = This address gets checkpoints already
mail-error-known-hint = Open the list again.
mail-error-server = The mail settings do not fit
mail-error-server-hint = Check each field.
mail-error-too-soon = A code was sent a moment ago. Ask for another in a minute.
mail-error-code-wrong = The code does not fit. Check the digits in the letter.
mail-error-code = This code is no longer good. Ask for a new one.
mail-error-code-hint = A code is good for 30 minutes and five tries.
mail-own = E-mail for notices
mail-own-text = Important notices come here: of emergency access to cards, and checkpoints of the log. Letters hold no data of patients.
mail-own-open = Enter your address
mail-own-address = Your address
mail-own-none = No address yet.
mail-own-since = confirmed { $at }
mail-own-forget = Remove
mail-own-new = New address
mail-own-new-hint = It gets a code. The address before holds until the new one is confirmed, and is told of the change.
mail-own-send-code = Send a code
mail-own-code-title = Confirmation
mail-own-waits = The code was sent to
mail-own-code = Code from the letter
mail-own-code-hint = Six digits, good for 30 minutes
mail-own-confirm = Confirm
mail-own-asked = The code was sent. If there is no letter, look into the spam folder.
mail-own-confirmed = The address is confirmed.
mail-own-forgotten = The address is removed; no notices come by mail.
mail-own-no-server = There is nothing to send a code with: ask the owner or the administrator to set up mail.
mail-witnesses = Who gets checkpoints
mail-witnesses-text = Each such letter is a signed hash of the access log without data of patients. Whoever keeps it outside the clinic can prove that the log was changed later.
mail-witnesses-no-server = Until mail is set up, checkpoints go to nobody.
mail-outside = Outside the clinic
mail-outside-none = Nobody outside the clinic gets them
mail-outside-none-hint = Add an auditor, a lawyer or another company's address that this server's administrator cannot reach.
mail-outside-name = Name
mail-outside-name-hint = For example auditor, lawyer, parent company
mail-outside-address = Address
mail-outside-address-hint = Mail on somebody else's server: an administrator can clean out their own
mail-outside-every = How often
mail-outside-language = Language of letters
mail-outside-last = Last one taken
mail-outside-not-yet = none yet
mail-outside-end = End
mail-outside-before = Got them before
mail-outside-add = Add a recipient
mail-outside-add-do = Add
mail-outside-added = Added. The first checkpoint leaves within a minute.
mail-outside-ended = Nothing is sent any more. The recipient learns it from a letter.
mail-every-day = daily
mail-every-week = weekly
mail-officers = In the clinic
mail-officers-hint = The owner and the compliance officer get them daily once they have confirmed their address.
mail-officer-none = no confirmed address
mail-officer-missing = no address
mail-letter-trial-subject = Mail check: { $clinic }
mail-letter-trial-body =
    This is a trial letter: the clinic's mail is set up and works.
    There is no need to answer.
mail-letter-code-subject = Code to confirm an address: { $clinic }
mail-letter-code-body =
    Your code: { $code }

    Type it on the page "E-mail for notices". It is good for 30 minutes.
    If you did not ask for it, do nothing and tell the compliance officer.
mail-letter-moved-subject = Address for notices changed: { $clinic }
mail-letter-moved-body =
    Notices no longer come to this address: the account names another one, or it was removed.

    If this was not you, change your password at once and tell the compliance officer.
mail-letter-emergency-subject = Emergency access to a card: { $clinic }
mail-letter-emergency-body =
    On { $day } at { $time } a member of staff in the role "{ $role }" opened a patient's card by emergency access.
    Cause: { $cause }.

    Who, whose card and why is seen in the program only. Look at it and say what you think:
    { $link }

    The access has to be reviewed within three days, not by whoever opened it.
mail-letter-farewell-subject = No more checkpoints: { $clinic }
mail-letter-farewell-body =
    The clinic "{ $clinic }" has ended sending checkpoints of its access log to this address.

    Keep those you got: they go on proving what the log was.
    If this is unexpected, ask the clinic's owner.
