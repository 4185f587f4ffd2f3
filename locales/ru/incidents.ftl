# Breaches of personal data: the register, the list of people, the notices.
incidents-title = Нарушения безопасности
incidents-register = Реестр нарушений безопасности персональных данных
incidents-open-new = Новое нарушение
incidents-none = Нарушений не было
incidents-none-hint = Если данные увидел или унёс тот, кто не должен был, откройте здесь нарушение: система найдёт по журналу, чьи это данные.
incidents-detected = Обнаружено
incidents-detected-hint = С этой минуты идёт срок
incidents-people = Людей
incidents-authority = Уполномоченный орган
incidents-subjects = Субъекты данных
incidents-state = Состояние
incidents-running = в работе
incidents-closed = закрыто
incidents-until = до { $date }, { $time }
incidents-done = уведомлён в срок
incidents-done-late = уведомлён с опозданием
incidents-not-yet = ещё нет
incidents-new = Чьи данные увидели?
incidents-scope = Кто, откуда и когда
incidents-scope-hint = Выберите учётную запись или оставьте всех сотрудников и сузьте по адресу, сеансу или устройству. Система соберёт по журналу доступа всех, чьи данные за это время открывали, находили, меняли или выгружали.
incidents-account = Учётная запись
incidents-everybody = Все сотрудники
incidents-from = С
incidents-to = До
incidents-interval = Время
incidents-moment-hint = Например: 27.11.2026 09:00
incidents-ip = IP-адрес
incidents-session = Сеанс
incidents-device = Устройство
incidents-nature = Что произошло
incidents-nature-access = незаконный доступ к данным
incidents-nature-distribution = незаконное распространение
incidents-nature-change = незаконное изменение
incidents-nature-destruction = незаконное уничтожение
incidents-look = Найти людей
incidents-open = Открыть нарушение
incidents-open-hint = Список людей будет зафиксирован, нарушение получит номер, срок уведомления пойдёт с часа обнаружения.
incidents-found = Что говорит журнал
incidents-found-nothing-yet = Здесь появится число людей, какие данные показаны и откуда. Имён здесь нет — только номера карт.
incidents-n-people = { $n ->
    [0] Ничьи данные за это время не открывали
    [one] Данные { $n } человека
   *[other] Данные { $n } человек
}
incidents-n-doubtful = { $n ->
    [one] Ещё { $n } человек под вопросом.
    [few] Ещё { $n } человека под вопросом.
   *[other] Ещё { $n } человек под вопросом.
}
incidents-doubtful-hint = Их смотрели в течение часа до начала; повторный взгляд из того же сеанса журнал отдельно не пишет. Они включены в список с пометкой.
incidents-redacted = { $n ->
    [one] Содержание { $n } записи журнала за это время уничтожено по акту: список может быть неполным.
   *[other] Содержание { $n } записей журнала за это время уничтожено по акту: список может быть неполным.
}
incidents-origins = Откуда
incidents-entries = Записей
incidents-field-contact = имя и телефон
incidents-field-birth = дата рождения и пол
incidents-field-identity = ИИН
incidents-field-visits = приёмы
incidents-field-health = аллергия и заметки
incidents-field-consents = согласия
incidents-field-messages = сообщения
incidents-field-files = документы
incidents-field-unknown = неизвестно какие
incidents-way-seen = просмотр
incidents-way-exported = выгрузка
incidents-way-changed = изменение
incidents-way-sent = отправка
incidents-number = Нарушение № { $number }
incidents-whose = Чьи данные
incidents-card = Карта
incidents-fields = Какие данные
incidents-ways = Как
incidents-times = Раз
incidents-first-last = Первый и последний раз
incidents-doubtful = под вопросом
incidents-by-hand = добавлен вручную
incidents-nobody = Ничьи данные не затронуты
incidents-more = Показаны первые сто; все — в файле CSV.
incidents-events = Ход событий
incidents-recorded = записано { $at }
incidents-what = Что сделано
incidents-when = Когда
incidents-note = Пояснение
incidents-add-event = Добавить
incidents-kind-detected = Обнаружено
incidents-kind-contained = Доступ пресечён
incidents-kind-authority_notified = Уведомлён уполномоченный орган
incidents-kind-subjects_notified = Уведомлены субъекты данных
incidents-kind-noted = Заметка
incidents-kind-closed = Закрыто
incidents-list = Список
incidents-list-version = { $n ->
    [one] редакция { $version }, { $n } человек
    [few] редакция { $version }, { $n } человека
   *[other] редакция { $version }, { $n } человек
}
incidents-frozen = Зафиксирован
incidents-reason = Причина
incidents-earlier = Прежние редакции списка
incidents-correct = Исправить список
incidents-correct-hint = Например, врач открывал карты своих пациентов. Прежний список останется в истории.
incidents-without = Убрать карты №
incidents-with = Добавить карты №
incidents-correct-save = Зафиксировать новую редакцию
incidents-papers = Уведомления
incidents-authority-hint = Уведомление уполномоченному органу имён не содержит.
incidents-authority-ru = Уведомление, рус
incidents-authority-kk = Уведомление, қаз
incidents-named-hint = Список для извещения и письма называют людей по имени. Кто и когда их получил, останется в журнале.
incidents-paper = Документ
incidents-paper-kind-list = список: ФИО, ИИН, телефон
incidents-paper-kind-letters = письма всем, архивом
incidents-paper-kind-letter = письмо одному
incidents-language = Язык документа
incidents-one-card = № карты, если письмо одному
incidents-make = Получить документ
incidents-story = Что сказать в уведомлениях
incidents-story-hint = Текст войдёт в документы на обоих языках. Проверьте и уточните заготовки.
incidents-consequences = Возможные последствия
incidents-measures = Принятые меры
incidents-advice = Что делать человеку
incidents-story-save = Сохранить
incidents-story-consequences = Посторонний мог узнать, что человек обращался в клинику, и его контактные данные. Возможны нежелательные звонки и попытки обмана от имени клиники.
incidents-story-measures = Доступ прекращён, сеансы завершены, учётная запись заблокирована, пароли сменены. Проводится служебная проверка.
incidents-story-advice = Не сообщайте по телефону коды из SMS и данные карт, даже если звонящий знает о вашем приёме. О подозрительных звонках сообщите клинике. Вы вправе узнать, кто открывал вашу карту, и потребовать заблокировать данные.
incidents-error-moment = Напишите день и время. Пример: 27.11.2026 09:00
incidents-error-future = Это время ещё не наступило
incidents-error-backwards = Конец должен быть позже начала
incidents-error-kind = Выберите, что сделано
incidents-error-note = Напишите, что отметить
incidents-error-long = Не длиннее 2000 знаков
incidents-error-cards = Назовите номера карт, которые убрать или добавить
incidents-error-many = Не больше 1000 карт за раз
incidents-error-reason = Напишите причину, не длиннее 2000 знаков
incidents-error-story = Напишите текст, не длиннее 2000 знаков
incidents-error-card = Напишите номер карты из списка
incidents-error-not-listed = Этой карты нет в списке
incidents-error-letters = Больше 500 писем за раз не собрать: передайте список уполномоченному органу или печатайте письма по одному
incidents-is-closed = Это нарушение закрыто.
incidents-is-closed-hint = Откройте новое, если нашлось что-то ещё.
incidents-not-notified = Закрыть рано: уполномоченный орган ещё не уведомлён.
incidents-not-notified-hint = Отправьте уведомление и отметьте это в ходе событий.
incidents-bad-time = Не раньше обнаружения и не позже этой минуты
incidents-bad-time-hint = Проверьте день и время.
incidents-changed = Список уже исправил кто-то другой.
incidents-changed-hint = Откройте нарушение заново: там новая редакция.
incidents-paper-authority = Уведомление о нарушении безопасности персональных данных
incidents-paper-authority-basis = В соответствии со статьёй 25 Закона Республики Казахстан от 21 мая 2013 года № 94-V «О персональных данных и их защите» и приказом от 9 августа 2024 года № 481/НҚ уведомляем о нарушении безопасности персональных данных.
incidents-paper-to = В уполномоченный орган в сфере защиты персональных данных
incidents-paper-number = Нарушение № { $number }
incidents-paper-operator = Оператор
incidents-paper-bin = БИН (ИИН) { $bin }
incidents-paper-responsible = Ответственный за организацию обработки персональных данных
incidents-paper-not-given = не указано в настройках клиники
incidents-paper-detected = Обнаружено
incidents-paper-period = Период
incidents-paper-nature = Характер нарушения
incidents-paper-categories = Категории персональных данных
incidents-paper-consequences = Возможные последствия
incidents-paper-measures = Принятые меры
incidents-paper-people = Число субъектов
incidents-paper-list-hash = Контрольная сумма списка (SHA-256)
incidents-paper-annex = { $people ->
    [one] Приложение: данные { $people } субъекта для извещения.
   *[other] Приложение: данные { $people } субъектов для извещения.
}
incidents-paper-signature = Ответственный, подпись, дата
incidents-paper-list = Субъекты персональных данных для извещения
incidents-paper-list-basis = Приложение к уведомлению. Фамилия, имя, отчество (при его наличии), индивидуальный идентификационный номер, абонентский номер сотовой связи — приказ от 9 августа 2024 года № 481/НҚ.
incidents-paper-list-secret = Сведения ограниченного доступа. Передавать только уполномоченному органу.
incidents-paper-person = ИИН { $iin }, телефон { $phone }
incidents-paper-none = не указан
incidents-paper-subject = Уведомление о нарушении безопасности ваших персональных данных
incidents-paper-dear = { $name }, здравствуйте!
incidents-paper-subject-basis = Сообщаем, что безопасность ваших персональных данных в нашей клинике была нарушена. Ниже — что произошло, какие данные затронуты и что вы можете сделать.
incidents-paper-seen = Ваши данные открывали
incidents-paper-advice = Что вы можете сделать
incidents-paper-contacts = К кому обратиться
incidents-paper-empty = Записей нет.
incidents-paper-row = Людей: { $people }; орган уведомлён: { $authority }; субъекты уведомлены: { $subjects }; закрыто: { $closed }
