# Schedule, Today, appointments.
booking-schedule = Расписание
booking-today = Сегодня
booking-appointment = Запись
booking-new = Новая запись
booking-day = Дата
booking-time = Время
booking-service = Услуга
booking-doctor = Врач
booking-chair = Кресло или кабинет
booking-price = Цена
booking-length = Длительность
booking-minutes = { $minutes } мин
booking-note = Комментарий для врача
booking-reason = Причина
booking-history = Что менялось
booking-messages = Сообщения пациенту

booking-previous-day = Предыдущий день
booking-next-day = Следующий день
booking-jump = Перейти к дате
booking-show = Показать
booking-by = Вид
booking-by-doctor = Врачи
booking-by-chair = Кресла
booking-find-slot = Найти окно
booking-columns = Врачи и кресла
booking-grid = Сетка дня: { $columns ->
    [one] { $columns } колонка
    [few] { $columns } колонки
   *[other] { $columns } колонок
  }, { $from }–{ $to }
booking-load = Загрузка: { $name }, { $load } %
booking-legend = Обозначения
booking-keys = Клавиши
booking-no-shifts = Смен на этот день нет
booking-no-shifts-text = Записать можно, когда у врача есть смена.
booking-add-shift = Добавить смену
booking-panel = Запись пациента
booking-close-panel = Закрыть панель
booking-pick-entry = Выберите запись в расписании, чтобы увидеть её здесь.

booking-say-moved = Запись перенесена:
booking-say-conflict = Перенести не получилось. Открыто окно с причиной.
booking-say-fail = Не удалось сохранить. Запись вернулась на место.
booking-say-start = Режим переноса. Стрелки меняют время и колонку, Enter сохраняет, Escape отменяет.
booking-say-busy = занято:
booking-say-cancel = Перенос отменён.
booking-say-armed = Выберите свободное окно. Escape отменяет перенос.

booking-patient = Пациент: телефон или ФИО
booking-patient-short = Пациент
booking-new-patient = Новый пациент
booking-find-patient = Найти в картотеке
booking-other-patient = Выбрать другого пациента
booking-name = Фамилия, имя, отчество
booking-name-hint = Как в удостоверении
booking-phone = Телефон
booking-language = Язык сообщений
booking-alert-seen = Врач увидит отметку на записи и при открытии карты.
booking-choose = Выберите
booking-any-doctor = Любой
booking-any-chair = Любое
booking-time-form = 9:30
booking-show-slots = Показать окна
booking-slots = Ближайшие окна
booking-no-slots = Свободных окон на ближайшие дни нет. Выберите другого врача или укажите время сами.
booking-other-time = Другое время
booking-notify = Отправить подтверждение
booking-notify-hint = Дата, время и ссылка, по которой можно подтвердить, перенести или отменить.
booking-book = Записать

booking-confirm = Подтвердить
booking-arrive = Здесь
booking-start = На приём
booking-complete = Завершить
booking-no_show = Неявка
booking-cancel = Отменить запись
booking-undo = Вернуть статус
booking-again = Ещё приём
booking-move = Перенести
booking-move-to = Перенести на дату и время

booking-conflict-changed = Запись уже изменили
booking-conflict-refused = Сюда перенести нельзя
booking-conflict-field = Поле
booking-conflict-theirs = Сейчас в системе
booking-conflict-yours = Ваш вариант
booking-close = Закрыть
booking-open-now = Открыть, как сейчас
booking-not-performed = { $doctor } не выполняет эту услугу. Её выполняют:
booking-not-set-up-title = Клиника ещё не настроена
booking-not-set-up = Врачей, услуги и смены вносит владелец или администратор. Здесь появятся записи, как только это будет сделано.
booking-conflict-keep = Оставить как есть
booking-conflict-force = Перенести на { $time } всё равно
booking-alternatives = Свободно рядом:

booking-day-summary = Записи дня по статусам
booking-free-slots = Свободные окна
booking-nothing-today = Записей на сегодня нет.
booking-open-schedule = Открыть расписание
booking-flow = Пациенты сейчас
booking-flow-expected = Ждём
booking-flow-arrived = В клинике
booking-flow-in_treatment = На приёме
booking-flow-completed = Завершены
booking-flow-empty-expected = Больше никого не ждём.
booking-flow-empty-arrived = В холле никого.
booking-flow-empty-in_treatment = Кресла свободны.
booking-flow-empty-completed = Пока никого.
booking-late = опаздывает { $minutes } мин
booking-waiting = ждёт { $minutes } мин
booking-more = Ещё { $count }
booking-unconfirmed = Не подтвердили
booking-unconfirmed-sub = сегодня и завтра
booking-all-confirmed = Все подтвердили
booking-reminder = Сообщение
booking-no-message = не отправляли
booking-actions = Действия
booking-call = Позвонить
booking-no-free-slots = Свободных окон до вечера нет.
booking-doctors-today = Врачи сегодня
booking-undelivered = Не доставлены
booking-all-delivered = Все сообщения дошли.

booking-tomorrow = Завтра
booking-status = Статус
booking-source = Источник
booking-source-phone = Звонок
booking-source-desk = У стойки
booking-source-messenger = Мессенджер
booking-source-online = Онлайн
booking-source-recall = Возврат
booking-source-import = Журнал до Tirkeu
booking-save = Сохранить
booking-until = до { $time }
booking-past-day = День прошёл: только чтение
booking-off = Не работает
booking-closed = Не работает
booking-break = Обед
booking-shift-from = Смена с { $time }
booking-shift-until = Смена до { $time }
booking-overbook = Записать поверх
booking-overbook-hint = Причина останется в журнале.
booking-overbooked = Записано поверх другой записи.
booking-moved-from-here = Запись перенесена с этого времени.
booking-open-moved = Открыть, где она теперь

booking-taken = Это время только что заняли
booking-taken-hint = Выберите другое время: занятое второй раз не записывается.
booking-busy = { $name }: занято { $hours }
booking-off-shift = В это время никто не работает
booking-off-shift-hint = Выберите время внутри смены врача.
booking-off-shift-at = { $name }: в { $time } не работает
booking-past = Этот день прошёл
booking-past-hint = Прошедшие дни можно только смотреть.
booking-odd-time = Время и длительность должны быть кратны пяти минутам
booking-odd-time-hint = От 5 минут до 12 часов.
booking-impossible = Этот врач не выполняет эту услугу, или это не кресло
booking-impossible-hint = Выберите другого врача или услугу.
booking-changed = Запись уже изменили
booking-changed-hint = Посмотрите, как она записана теперь, и повторите.
booking-changed-by = { $who }, { $time }. Сейчас: { $what }
booking-not-allowed = Статус уже другой
booking-not-allowed-hint = Обновите страницу: запись успели изменить.
booking-settled = Приём уже начался или закончен
booking-settled-hint = Переносить можно только то, что ещё впереди.
booking-too-early = Ещё рано
booking-too-early-hint = Отметить приход можно в день приёма, неявку — после его начала.
booking-nothing-to-undo = Возвращать нечего
booking-nothing-to-undo-hint = Возвращается только последний статус или перенос, и один раз.
booking-reason-needed = Нужна причина
booking-reason-needed-hint = Откройте запись и укажите причину.

booking-error-patient = Выберите пациента или добавьте нового
booking-error-name = Укажите фамилию или имя
booking-error-phone = Номер не похож на телефон
booking-error-service = Выберите услугу
booking-error-starts = Выберите время
booking-error-time = Укажите дату и время
booking-error-minutes = От 5 до 720 минут, кратно пяти
booking-error-note = Не длиннее 500 знаков
booking-error-reason = Укажите причину

booking-toast-booked = Записано
booking-toast-moved = Запись перенесена
booking-toast-comment = Комментарий сохранён

booking-act-booked = Записано
booking-act-overbooked = Записано поверх
booking-act-recorded = Перенесено из журнала
booking-act-undone = Возвращено
booking-act-moved = Перенесено
booking-act-changed = Изменено
booking-reason-patient = пациент попросил
booking-reason-ill = болезнь
booking-reason-clinic = врач или клиника не может
booking-reason-no-answer = не отвечает
booking-reason-mistake = записано по ошибке
booking-reason-other = другое
booking-reason-link = по ссылке из сообщения
booking-reason-reply = ответом по SMS
booking-reason-comment = комментарий
booking-by-visitor = Пациент
booking-by-console = Импорт или консоль
booking-by-job = Tirkeu

booking-visits = Визиты и записи
booking-unmarked = Без отметки
booking-all-visits = Все
booking-to-card = К карте
booking-open-visit = Открыть запись
booking-no-visits = Визитов ещё не было
booking-no-visits-text = Запишите пациента на приём.
booking-count-visits = Визитов
booking-count-no-shows = Неявок
booking-last-visit = Последний визит
booking-next-visit = Следующий
booking-taken-time = Занято

# Why a time is not offered
booking-why = Почему нет этого времени?
booking-why-intro = Назовите услугу и время: страница скажет, какое правило его не пускает. О пациентах здесь ничего не спрашивается.
booking-why-ask = Спросить
booking-why-free = можно записать
booking-why-refused = нельзя записать
booking-why-past = Это время уже прошло.
booking-why-nobody = Эту услугу никто не оказывает. Отметьте врачей в настройках услуги.
booking-why-not-performed = Не оказывает эту услугу.
booking-why-holiday = Клиника отдыхает: { $name }.
booking-why-absent = Отсутствует: часы сняты с расписания.
booking-why-no-hours = В этот день не работает.
booking-why-outside = Не помещается в часы работы: { $hours }.
booking-why-break = Перерыв { $hours }.
booking-why-doctor-taken = Врач занят { $hours }.
booking-why-doctor-buffer = Мешает запись { $hours }: услуге нужно { $before } мин до и { $after } мин после неё.
booking-why-no-place = Выбранное место не кресло и не кабинет.
booking-why-place-taken = Кресло или кабинет занят { $hours }.
booking-why-place-buffer = Кресло или кабинет занят { $hours }, а услуге нужно { $before } мин до и { $after } мин после неё.
booking-why-place-closed = Кресло или кабинет не работает { $hours }.
booking-why-missing-chair = Услуге нужно кресло, а в филиале его нет.
booking-why-missing-room = Услуге нужен кабинет, а в филиале его нет.
booking-why-missing-device = Услуге нужен аппарат, а в филиале его нет.
booking-why-missing-assistant = Услуге нужен ассистент, а в филиале его нет.
booking-why-missing-doctor = Услуге нужен ещё один врач, а в филиале его нет.
booking-why-all-taken-chair = Все кресла заняты ({ $of }).
booking-why-all-taken-room = Все кабинеты заняты ({ $of }).
booking-why-all-taken-device = Все аппараты заняты ({ $of }).
booking-why-all-taken-assistant = Все ассистенты заняты ({ $of }).
booking-why-all-taken-doctor = Все врачи заняты ({ $of }).
booking-why-off-grid = Свободно. В списках время начинается с четверти часа, это можно набрать вручную.
booking-why-edge = Свободно, но { $before } мин до или { $after } мин после выходят за смену: в списках такого времени нет, набрать вручную можно.
booking-why-near = Ближайшее свободное время
booking-why-offered = Свободно и предлагается. В коротком списке стоят только ближайшие окна.

# A form whose answer was lost
booking-unsent = Связи с сервером нет. Ничего не закрывайте: запись отправится сама, как только связь вернётся, и ровно один раз.
booking-unsent-locked = За это время экран заблокировался.
booking-unsent-unlock = Разблокировать в новой вкладке

# The dispute sheet
booking-story = История записи
booking-story-print = Напечатать
booking-story-made = Составлено
booking-story-written = Пациенту написано
booking-story-message = Сообщение
booking-story-none = Ничего не происходило
booking-story-note = Всё по порядку: кто записал, перенёс или отменил, что дословно написано пациенту, когда оператор доставил, что пациент ответил. Коды и ссылки из сообщений вынуты. Просмотр этого листа внесён в журнал.
booking-reason-waitlist = из листа ожидания
booking-wait = В лист ожидания
booking-to-waitlist = Указать часы и срочность
booking-doctor-away = Врача не будет
booking-my-day = Мой день
booking-my-day-done = Приёмы: { $done } из { $all }
booking-my-day-next = следующий
booking-my-day-free = Сегодня приёмов нет
booking-my-day-free-text = Как только кого-то запишут, он появится здесь.
booking-my-day-nobody = Вы не врач в расписании
booking-my-day-nobody-text = Здесь врач видит свой день. Связать вход с врачом можно в настройках.

# Series: several visits booked at once
booking-repeat = Серия приёмов
booking-repeat-open = Серия
booking-repeat-intro = Открытая запись будет первой. Остальные встанут на то же время и на ту же длительность. Занятую дату замените здесь же или пропустите.
booking-repeat-count = Всего приёмов
booking-repeat-count-hint = вместе с первым, от 2 до 52
booking-repeat-every = Каждые
booking-repeat-unit = Единица
booking-repeat-weeks = недели
booking-repeat-days = дни
booking-repeat-same = тот же врач
booking-repeat-show = Показать даты
booking-repeat-dates = Даты
booking-repeat-free = свободно
booking-repeat-refused = не подходит
booking-repeat-then = В это время · { $doctor }
booking-repeat-leave-out = Пропустить
booking-repeat-book = { $count ->
    [one] Записать на { $count } приём
    [few] Записать на { $count } приёма
   *[other] Записать на { $count } приёмов
 }
booking-repeat-all = Все сразу или ни одного. Сообщение о каждом приёме сейчас не отправляется: напоминания уйдут в свой срок.
booking-repeat-undecided = Ничего не записано: для отмеченных дат выберите другое время или пропустите их.
booking-repeat-nothing = Ничего не записано: пропущены все даты.
booking-repeat-lost = Ничего не записано: одно из времён только что заняли. Выберите для него другое, остальное сохранено.
booking-repeat-row-lost = Это время больше не свободно. Выберите другой вариант.
booking-repeat-row-same-day = В один день один приём серии. Выберите другой вариант.
booking-repeat-row-open = Выберите один из вариантов.
booking-repeat-error-count = Укажите число приёмов от 2 до 52
booking-repeat-error-every = Укажите, через сколько недель (до 52) или дней (до 366)
booking-repeat-error-too-long = Последний приём получается позже чем через два года: уменьшите число приёмов или промежуток
booking-reason-series = в серии
booking-series = Серия приёмов
booking-series-mark = Приём { $position } из { $visits } в серии
booking-series-scope = Что отменить
booking-series-one = только этот приём
booking-series-after = { $count ->
    [one] этот и { $count } следующий
    [few] этот и { $count } следующих
   *[other] этот и { $count } следующих
 }
booking-toast-series-cancelled = Отменено приёмов: { $count }
booking-series-told = Пациенту уйдёт сообщение только об этом приёме.
booking-series-card = Карта пациента
booking-series-ahead = Впереди: { $count }
booking-series-when = Когда
booking-series-state = Состояние
booking-series-cancel-hint = Чтобы отменить или перенести приём (один или со всеми следующими), откройте его в расписании.
booking-series-number = №

# The rest of a series goes elsewhere
booking-rest = Перенос серии
booking-rest-open = Перенести этот приём и следующие
booking-rest-intro = Задайте новое время этого приёма. Приёмы после него (их { $count }) сдвинутся на столько же дней и встанут на тот же час. Любой можно оставить на месте.
booking-rest-new-day = Новый день
booking-rest-stays = Оставить: { $when }
booking-rest-move = { $count ->
    [one] Перенести { $count } приём
    [few] Перенести { $count } приёма
   *[other] Перенести { $count } приёмов
 }
booking-rest-all = Все сразу или ни одного. Пациенту уйдёт сообщение только о первом из них.
booking-rest-undecided = Ничего не перенесено: для отмеченных дат выберите другое время или оставьте приём на месте.
booking-rest-lost = Ничего не перенесено: одно из времён только что заняли. Выберите для него другое, остальное сохранено.
booking-rest-nothing = Ничего не перенесено: все приёмы остаются на своих местах. Укажите другой день или время.
booking-rest-day = Укажите день: ДД.ММ.ГГГГ
booking-rest-time = Укажите время, например 9:30

# Visits together on one day
booking-together = Приёмы вместе
booking-together-open = Вместе
booking-together-intro = К открытой записи добавляются приёмы того же дня: другие услуги по порядку, как маршрут по кабинетам, или родные в то же время у другого врача либо друг за другом у одного. Один человек не бывает в двух местах сразу.
booking-together-query = Кто ещё придёт
booking-together-query-hint = Имя, телефон или номер карты. Кто записан на тот же телефон, уже в списке.
booking-together-find = Найти
booking-together-line = Приём { $number }
booking-together-no-service = — нет —
booking-together-person = Кто
booking-together-placing = Когда
booking-together-after = сразу после предыдущего
booking-together-beside = в то же время, что и открытый
booking-together-show = Показать время
booking-together-times = Время
booking-together-none = Ничего не записано: выберите услугу хотя бы для одного приёма.
booking-together-who = Ничего не записано: выберите для каждого приёма человека из списка. Кого в нём нет, того сначала найдите.
booking-together-taken = В это время занят сам пациент, врач или кабинет другим приёмом из этого списка.
booking-together-all = Все сразу или ни одного. Каждому, кроме открытого пациента, уйдёт сообщение о первом из его приёмов.
booking-together-mark = Вместе: { $position } из { $visits }
booking-together-whose = Кто и что
booking-together-rest = { $count ->
    [one] этот и ещё { $count } вместе с ним
   *[other] этот и ещё { $count } вместе с ним
 }

# Running late
booking-late-title = Задержка врача
booking-late-path = Путь
booking-late-set = На сколько задерживается врач
booking-late-min = мин
booking-late-caught-up = Снова по расписанию
booking-late-none = По расписанию
booking-late-me = Вы задерживаетесь на { $minutes } мин
booking-late-by = Задерживается на { $minutes } мин
booking-late-short = +{ $minutes } мин
booking-late-alert = { $name }: задержка { $minutes } мин
booking-late-open = Кому написали
booking-late-expected = ≈ { $time }
booking-held-until = Онлайн-запись ждёт вашего ответа до { $at }
booking-held-answer = Ответить
booking-late-expected-long = Врач задерживается: приём начнётся около { $time }
booking-late-hint = Время записей не меняется. Через полминуты после последнего нажатия каждому, кто ещё не пришёл, уйдёт одно сообщение с новым часом. Если задержка вырастет, напишем ещё раз; если станет меньше, не напишем.
booking-late-visits = Кто ещё придёт
booking-late-nobody = Больше никто не придёт
booking-late-nobody-text = Писать некому: на сегодня приёмов у врача больше нет.
booking-late-told-late = Знает: около { $time }
booking-late-told-on_time = Знает: вовремя, в { $time }
booking-late-told-not_told = Не предупреждён
booking-late-told-nothing = Не писали
booking-late-why-no_phone = Нет мобильного номера
booking-late-why-not_wanted = Просил не писать
booking-late-why-blocked = Данные пациента заблокированы
booking-late-changed = Задержку уже изменил кто-то другой. Посмотрите, какая она теперь, и нажмите ещё раз.

# Who else has the same appointment, or the same patient's booking form, open. $names: staff, by commas.
booking-beside = Кто ещё открыл
booking-beside-open = Сейчас открыто также у: { $names }
booking-beside-books = Этого пациента сейчас записывают ещё: { $names }
booking-beside-nobody = Кроме вас, это сейчас никто не открыл.

# The other of two services fits a patient's next visit better.
booking-advised-repeated = Пациент уже был { $day } (врач { $doctor }), подходит повторный приём:
booking-advised-repeated-here = Пациент был { $day }. Подходит повторный приём:
booking-advised-first = За последние { $days } дн. такого приёма у пациента не было. Подходит первичный:
