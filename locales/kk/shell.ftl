# The frame of every page, and words shared by all of them.
shell-skip = Мазмұнға өту
shell-nav = Бөлімдер
shell-more = Тағы
shell-new-items = жаңа
shell-find = Телефон, аты-жөні, ЖСН немесе карта №
shell-found = Табылған пациенттер
shell-language = Тіл
shell-lang-ru = РУС
shell-lang-kk = ҚАЗ
shell-lang-en = ENG
shell-lang-ru-full = Русский
shell-lang-kk-full = Қазақша
shell-lang-en-full = English
shell-theme = Ашық немесе қараңғы көрініс
shell-profile = Профиль
shell-role-owner = иесі
shell-role-reception = әкімші
shell-role-doctor = дәрігер
shell-role-marketer = маркетолог
shell-role-cashier = кассир
shell-role-compliance = комплаенс
shell-role-sysadmin = жүйе әкімшісі
shell-account = Менің кіруім және құпиясөз
shell-lock = Экранды құлыптау
shell-sign-out = Шығу
shell-tagline = Клиника тіркеуі
shell-help = Кіре алмай тұрсыз ба? Клиника иесіне немесе жүйе әкімшісіне хабарласыңыз.
shell-understood = Түсінікті
shell-close = Жабу
shell-undo = Қайтару
shell-optional = міндетті емес
shell-calendar = Күнтізбе
shell-file-choose = Файлды таңдау
shell-files-choose = Файлдарды таңдау
shell-file-none = Файл таңдалмаған
shell-errors = { $count ->
    [one] { $count } өрісті түзетіңіз:
   *[other] { $count } өрісті түзетіңіз:
  }
shell-pages = Беттер
shell-previous = Артқа
shell-next = Әрі қарай
shell-page-of = { $page } / { $pages }
shell-steps = Қадамдар
shell-step-done = дайын
shell-support-code = Қолдау қызметіне арналған код:

shell-live-on = Байланыс бар
shell-live-off = Байланыс жоқ — деректер уақыты: { $time }
shell-lost = Клиника серверімен байланыс жоқ.
shell-lost-since = Деректер уақыты:
shell-lost-hint = Оқуға болады, өзгерістер әзірге сақталмайды.
shell-not-saved = Клиника серверімен байланыс жоқ. Өзгеріс сақталмады.
shell-timeout = Сервер 15 секундта жауап бермеді. Тексеріп, қайталаңыз.
shell-failed = Орындалмады. Бетті жаңартып, қайталаңыз.

shell-status-booked = Расталмаған
shell-status-confirmed = Расталған
shell-status-arrived = Клиникада
shell-status-in_treatment = Қабылдауда
shell-status-completed = Аяқталды
shell-status-no_show = Келмеді
shell-status-cancelled = Бас тартылды
shell-status-moved = Ауыстырылды
shell-status-held = Жауап күтуде

shell-flag-allergy = Аллергия
shell-flag-new = Алғашқы
shell-flag-debt = Қарыз
shell-flag-no_shows = Келмеген
shell-flag-no_consent = Келісім жоқ
shell-flag-child = Бала

shell-delivery-queued = Кезекте
shell-delivery-sent = Жіберілді
shell-delivery-delivered = Жеткізілді
shell-delivery-failed = Жеткізілмеді
shell-delivery-uncertain = Жеткені белгісіз

shell-keys = Жылдам пернелер
shell-keys-hint = Кез келген пернетақта тілінде жұмыс істейді. Өріске жазып жатқанда жеке пернелер әрекет етпейді.
shell-key-find = Пациентті іздеу
shell-key-new = Жаңа жазылу
shell-key-today = Бүгін
shell-key-schedule = Кесте
shell-key-patients = Пациенттер
shell-key-walk = Кестедегі жазылулар арасында жүру
shell-key-move = Жазылуды ауыстыру: көрсеткілер — 15 минут немесе басқа дәрігер, Shift пен көрсеткілер — ұзақтығы, Enter — сақтау, Esc — қайтару
shell-key-again = Осы дәрігерге тағы қабылдау: ең жақын уақыт
shell-key-wait = Таңдалғанмен бірге күту тізіміне
shell-key-open = Жазылуды ашу
shell-key-send = Форманы жіберу
shell-key-back = Панельді немесе терезені жабу
shell-key-help = Осы көмек
