system-title = Жүйе
system-nav = Жүйе
system-machine = Осы сервер
system-version = Нұсқасы
system-staff-url = Қызметкерлерге арналған мекенжай
system-public-url = Пациенттерге арналған мекенжай
system-database = Дерекқор
system-free = Дискіде бос орын
system-mib = { $n } МБ
system-work = Кезекте тұрған жұмыс
system-failing = Орындалмай жатқаны
system-checks = Өзін-өзі тексеру
system-checks-hint = Күн сайын таңғы төрттен кейін; сервер өшіп тұрған түн қосылғанда толықтырылады.
system-check-now = Қазір тексеру
system-checking = Тексеріліп жатыр…
system-what = Не тексеріледі
system-when = Қашан
system-result = Табылғаны
system-took = { $ms } мс
system-found = { $n ->
    [0] ештеңе жоқ
   *[other] { $n } бұзушылық
}
system-stale = көптен тексерілмеген
system-never = әлі тексерілмеген
system-check-overlaps = Қосарланған жазылулар
system-check-overlaps-hint = Бір дәрігер, кресло немесе аппарат бір уақытта екі рет бос емес; себебі көрсетілген артық жазылулар есепке кірмейді.
system-check-overlaps-todo = Мұндай болмауы керек: дерекқор оны өткізбейді. Кестені ашып, жазылуларды ажыратыңыз және әзірлеушіге хабарлаңыз.
system-check-pages = Дерекқор файлы
system-check-pages-hint = Файлдың әр беті қалай жазылса, сол қалпында.
system-check-pages-todo = Диск бүлініп жатыр: деректер қалтасын басқа жерге көшіріп, соңғы көшірмеден қалпына келтіріңіз.
system-check-ledger = Әрекеттер журналы
system-check-ledger-hint = Бірде-бір жазба өзгертілмеген және жоғалмаған; дерекқордан тыс белгімен салыстырылды.
system-check-ledger-todo = Жұмысты тоқтатыңыз: деректерге жауапты адамға хабарлап, журналды соңғы көшірмемен салыстырыңыз.
