duplicates-title = Likely duplicates
duplicates-look = Look through all cards
duplicates-found = { $count ->
    [0] No new pairs found.
    [one] { $count } new pair found.
   *[other] { $count } new pairs found.
}
duplicates-none = No likely duplicates
duplicates-none-hint = They appear after an import, or when you look through all cards.
duplicates-score = { $percent } % alike
duplicates-births-differ = birth dates differ
duplicates-side-by-side = Two cards side by side
duplicates-visits = Visits
duplicates-last-visit = Last visit
duplicates-merge-open = Merge…
duplicates-apart = Not the same person
duplicates-merge = Merging cards
duplicates-question = Is this one person?
duplicates-choose = What the card will say
duplicates-kept = Which card stays
duplicates-kept-one = { $visits ->
    [one] No. { $number } · { $visits } visit
   *[other] No. { $number } · { $visits } visits
}
duplicates-kept-hint = The other card's number will lead here.
duplicates-first-phone = Main telephone (the others are kept too)
duplicates-both = Both
duplicates-empty = empty
duplicates-all-moves = Visits, messages, consents and destruction bans of both cards end on one. Signed consents do not change.
duplicates-merge-now = Merge the cards
duplicates-changed = Somebody has just changed one of the cards. Look again and press “Merge the cards”.
duplicates-two-people = The cards have different valid IINs: they are two people and cannot be merged.
duplicates-two-people-hint = If an IIN was written down wrongly, correct it on its card first.
duplicates-of-card = Cards like this one
duplicates-back = The patient's card
duplicates-card-none = No card is like it
duplicates-find-other = Find another card of this person
duplicates-on-card = { $count ->
    [one] There is a similar card: perhaps the same person.
   *[other] There are { $count } similar cards: perhaps the same person.
}
duplicates-look-at = Compare
