# Дәрігер болмайды: оның пациенттері не болады
absences-title = Дәрігер жоқ
absences-new = Дәрігер болмайды
absences-path = Жол
absences-lead = Сағаттар кестеден бірден алынады. Пациент басқа уақыт таңдағанша немесе өзіңіз ауыстырғанша жазылулар сақталады.
absences-doctor = Кім болмайды
absences-first-day = Қай күннен
absences-last-day = Қай күнге дейін
absences-last-day-hint = Бос болса — бір күн
absences-part = Күннің бөлігі
absences-part-hint = Бос болса — күні бойы
absences-from = Бастап
absences-until = Дейін
absences-reason = Себебі
absences-reason-sick = Ауырып қалды
absences-reason-personal = Жеке шаруамен
absences-reason-training = Оқу
absences-reason-other = Басқа
absences-save = Белгілеп, жазылуларды көрсету
absences-cancel = Бас тарту
absences-error-doctor = Дәрігерді таңдаңыз
absences-error-day = Күн былай жазылады: 25.11.2026
absences-error-past = Бұл күн өтіп кетті
absences-error-days = Соңғы күн біріншісінен бұрын, немесе кезең 60 күннен ұзақ
absences-error-hours = Уақыт былай жазылады: 9:30, соңы басынан кейін
absences-all-day = күні бойы
absences-open = Жұмыста
absences-none = Бәрі тыныш
absences-none-text = Дәрігер ауырса, осында белгілеңіз: барлық пациенттерін көріп, әрқайсысына басқа уақыт ұсынасыз.
absences-closed = Аяқталғандар
absences-left = { $count ->
    [0] барлық жазылу шешілді
   *[other] дәрігерсіз жазылу: { $count }
}
absences-unheld = Болмайтын дәрігерлердегі жазылулар
absences-unheld-text = Бұл уақытта дәрігер жоқ, ал жазылулар қалған. Ашып, пациенттерге басқа уақыт ұсыныңыз.
absences-take-on = Шешу
absences-look = Ашу
absences-visits = Пациенттер
absences-no-visits = Бұл уақытқа ешкім жазылмаған
absences-no-visits-text = Сағаттар кестеден алынды, басқа ештеңе істеудің қажеті жоқ.
absences-state-open = Ештеңе істелмеді
absences-state-told = Жаздық, жауап күтудеміз
absences-state-not_told = Жазылмады
absences-state-called = Қоңырау шалынды
absences-state-moved = Ауыстырылды
absences-state-chose = Уақытты өзі таңдады
absences-state-cancelled = Тоқтатылды
absences-state-settled = Қабылдау өтті
absences-why-not-wanted = Жазбауды сұраған
absences-why-no-phone = Ұялы нөмірі жоқ
absences-why-blocked = Пациенттің деректері бұғатталған
absences-blocked-hint = Бұл қабылдаумен дербес деректерге жауапты адам айналысады
absences-why-cancelled = Жазылу енді жоқ
absences-why-moved = Жазылу ауыстырылған
absences-why-answered = Қабылдау басталып кетті
absences-why-written = Бұрын жазылған немесе қабылдау басталған
absences-call = Қоңырау шалыңыз
absences-was = Болған
absences-now = Болды
absences-nearest = Ең жақын осындай уақыт
absences-nothing-free = Жақын апталарда бос уақыт жоқ: қоңырау шалып келісіңіз.
absences-move-here = Ауыстыру
absences-mark-called = Қоңырау шалынды
absences-tell = Белгіленгендерге жазу
absences-tell-hint = Сілтеме барады: пациент осы немесе басқа дәрігерден уақытты өзі таңдайды. Ештеңе өздігінен тоқтатылмайды.
absences-choose = Белгілеу: { $name }
absences-told-done = { $told ->
    [0] Ешкімге жазылмады
   *[other] Жазылды: { $told }
}
absences-told-not = жазылмады: { $count }, оларға қоңырау шалыңыз
absences-close = Аяқтау
absences-close-hint = Шешілмей қалады: { $count }. Ауыстырғанша олар «Бүгін» бетінде көрініп тұрады.
absences-closed-at = Аяқталды { $at }
absences-taken = Бұл уақытты алып қойған
absences-taken-hint = Жаңартылған тізімнен басқасын таңдаңыз.
absences-back = Дәрігер қайта келді ме? Оның сағаттарында болмауын қайтарып алыңыз.
absences-hours = Дәрігердің сағаттары
absences-already-closed = Аяқталып қойған
absences-already-closed-hint = Мұны біреу бұрын аяқтаған. Бетті жаңартыңыз.
absences-today = { $count ->
   *[other] Болмайтын дәрігерлердегі жазылу: { $count }
}
absences-today-open = Шешу
