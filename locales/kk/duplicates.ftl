duplicates-title = Ұқсас карталар
duplicates-look = Барлық картадан іздеу
duplicates-found = { $count ->
    [0] Жаңа ұқсас карталар табылмады.
   *[other] Ұқсас карталардың { $count } жаңа жұбы табылды.
}
duplicates-none = Ұқсас карта жоқ
duplicates-none-hint = Олар кестелер жүктелгеннен немесе барлық картадан іздегеннен кейін пайда болады.
duplicates-score = ұқсастығы { $percent } %
duplicates-births-differ = туған күндері әртүрлі
duplicates-side-by-side = Екі карта қатар
duplicates-visits = Келу саны
duplicates-last-visit = Соңғы келуі
duplicates-merge-open = Біріктіру…
duplicates-apart = Бұл әртүрлі адамдар
duplicates-merge = Карталарды біріктіру
duplicates-question = Бұл бір адам ба?
duplicates-choose = Картада не қалады
duplicates-kept = Қай карта қалады
duplicates-kept-one = { $visits ->
   *[other] № { $number } · { $visits } рет келген
}
duplicates-kept-hint = Екінші картаның нөмірі де осы картаны ашады.
duplicates-first-phone = Негізгі телефон (қалғандары да сақталады)
duplicates-both = Екеуі де
duplicates-empty = бос
duplicates-all-moves = Екі картадағы келулер, хабарламалар, келісімдер және жоюға тыйымдар бір картаға жиналады. Қол қойылған келісімдер өзгермейді.
duplicates-merge-now = Карталарды біріктіру
duplicates-changed = Карталардың бірі жаңа ғана өзгертілді. Қайта тексеріп, «Карталарды біріктіру» түймесін басыңыз.
duplicates-two-people = Карталардағы жарамды ЖСН әртүрлі: бұл екі адам, біріктіруге болмайды.
duplicates-two-people-hint = ЖСН қате жазылған болса, алдымен картада түзетіңіз.
duplicates-of-card = Осы картаға ұқсастар
duplicates-back = Пациент картасы
duplicates-card-none = Ұқсас карта табылмады
duplicates-find-other = Осы адамның басқа картасын табу
duplicates-on-card = { $count ->
    [one] Ұқсас карта бар: бұл сол адам болуы мүмкін.
   *[other] Ұқсас карталар бар ({ $count }): бұл сол адам болуы мүмкін.
}
duplicates-look-at = Салыстыру
