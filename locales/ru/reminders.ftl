# Ответ пациента по ссылке из сообщения
reminders-title = Ваша запись
reminders-state-booked = Вы записаны
reminders-state-confirmed = Запись подтверждена
reminders-state-cancelled = Запись отменена
reminders-state-past = Время приёма прошло
reminders-state-settled = Приём
reminders-hint-cancelled = Если передумали, позвоните: подберём другое время.
reminders-hint-past = Если вы не пришли или опоздали, позвоните в клинику.
reminders-hint-settled = По этой ссылке больше ничего менять не нужно.
reminders-doctor = Врач
reminders-when = Когда
reminders-where = Где
reminders-confirm = Подтверждаю, приду
reminders-move = Перенести
reminders-cancel = Отменить
reminders-cancel-question = Отменить запись?
reminders-cancel-hint = Время сразу освободится для других пациентов.
reminders-cancel-yes = Да, отменить
reminders-cancel-no = Нет, я приду
reminders-move-instead = Лучше перенести
reminders-move-title = Когда вам удобно?
reminders-move-now = Сейчас:
reminders-move-hint = Нажмите на время, и запись сразу перенесётся.
reminders-back = К записи
reminders-taken = Это время только что заняли. Вот что свободно сейчас.
reminders-no-times = Свободного времени нет
reminders-no-times-hint = В ближайшие недели у врача всё занято. Позвоните в клинику.
reminders-call = Позвонить:
reminders-closed-title = Ссылка не работает
reminders-closed-expired = Ссылка больше не действует
reminders-closed-unknown = Такой ссылки нет
reminders-closed-hint-expired = Она работала до дня после приёма. Чтобы записаться снова, позвоните в клинику.
reminders-closed-hint-offer = Время, которое предлагала эта ссылка, прошло. Чтобы записаться, позвоните в клинику.
reminders-closed-hint-unknown = Проверьте, целиком ли скопирован адрес из сообщения, или позвоните в клинику.
reminders-state-away = Врач не сможет вас принять
reminders-hint-away = Время остаётся за вами, пока вы не выберете другое. Просим прощения за неудобство.
reminders-away-text = Врач не сможет принять вас в это время. Ниже — ближайшее время у него и у других врачей.
reminders-away-choose = Выбрать другое время
reminders-until = Перенести или отменить здесь можно до { $time }, { $day }.
reminders-too-late = До приёма осталось мало времени: чтобы перенести или отменить, позвоните.
reminders-late = Врач задерживается. Приём начнётся около { $time }.
# Цепочка напоминаний
reminders-chain = Напоминания
reminders-chain-all = Для всех услуг
reminders-chain-hint = Кому и когда клиника напоминает о приёме. Решается в ту минуту, когда пора писать: кто подтвердил, перенёс, отменил или уже пришёл, напоминания не получит. Приёмы одного телефона в один день идут одним сообщением.
reminders-saved = Сохранено.
reminders-stopped = Напоминания остановлены: пациентам пишут только при записи.
reminders-none = Напоминаний нет
reminders-none-hint = По этой цепочке пациентам ничего не пишут. Добавьте шаг.
reminders-as-clinic = У этой услуги такие же напоминания, как у всех. Чтобы изменить их только для неё, заведите свои.
reminders-make-own = Свои напоминания для услуги
reminders-drop-own = Вернуть общие напоминания
reminders-services = Услуги со своими напоминаниями
reminders-services-hint = Например, когда перед процедурой надо подготовиться. Диагноз и название услуги в SMS не пишите: сообщение могут увидеть другие.
reminders-service = Услуга
reminders-rule = Когда не писать
reminders-running = Напоминать о приёмах
reminders-quiet-from = Тихо с
reminders-quiet-until = до
reminders-quiet-hint = В эти часы и в праздники не пишем. Шаг, который пришёлся на тихие часы, уходит после них, если до приёма останется хотя бы половина срока; иначе за полчаса до их начала накануне. Праздничный шаг уходит в последний рабочий день перед праздником. После приёма — никогда.
reminders-may-be-late = Опоздание, минут
reminders-may-be-late-hint = Если канал не отвечал дольше, напоминание не отправляется. И никогда позже половины срока до приёма.
reminders-part = Цена одной SMS, ₸
reminders-part-hint = Пусто — по последнему ответу шлюза
reminders-before = За сколько до приёма
reminders-before-hint = От 30 минут до 14 дней
reminders-unit = Единица
reminders-unit-days = дней
reminders-unit-hours = часов
reminders-unit-minutes = минут
reminders-at-booking = При записи и переносе
reminders-at-booking-hint = Уходит сразу, и в тихие часы тоже: человек только что записался. При переносе — текст «Запись перенесена».
reminders-before-days = { $count ->
    [one] За { $count } день
    [few] За { $count } дня
   *[many] За { $count } дней
}
reminders-before-hours = { $count ->
    [one] За { $count } час
    [few] За { $count } часа
   *[many] За { $count } часов
}
reminders-before-minutes = { $count ->
    [one] За { $count } минуту
    [few] За { $count } минуты
   *[many] За { $count } минут
}
reminders-add = Добавить шаг
reminders-add-booking = Добавить «При записи»
reminders-remove = Убрать
reminders-step = Шаг напоминания
reminders-when-h = Когда
reminders-confirmed-too = Писать и тем, кто подтвердил
reminders-confirmed-too-short = и подтвердившим
reminders-channel = Каким каналом сначала
reminders-channel-any = как выбрал пациент, иначе как у клиники
reminders-channel-hint = Выбор самого пациента важнее. Если этим каналом не дойдёт, шаг уйдёт следующим: по SMS или письмом. В мессенджеры, чьи серверы за рубежом, лечение не пишется.
reminders-channel-lacks-gateway = { $channel } (не подключён)
reminders-channel-lacks-template = { $channel } (нет шаблона этого напоминания)
reminders-channel-first = сначала { $channel }
reminders-channel-without-gateway = канал не подключён: уйдёт другим
reminders-channel-without-template = нет шаблона WhatsApp: уйдёт другим
reminders-source-hint = Пусто — исходный текст. Подготовка, вход, что взять с собой — здесь.
reminders-variables = Что можно подставить
reminders-error-before = Укажите срок от 30 минут до 14 дней
reminders-error-twice = Шаг с таким сроком уже есть
reminders-twice = Шаг с таким сроком уже есть
reminders-twice-hint = Вернитесь и выберите другой срок.
reminders-error-time = Время в виде 21:00
reminders-error-quiet = Оставьте хотя бы два часа, когда писать можно
reminders-error-late = От 15 до 1440 минут
reminders-error-part = Цена числом, например 12,50
reminders-touches = Напоминания
reminders-touches-none = У услуги этой записи нет ни одного шага.
reminders-touches-hint = Каждый шаг решается, когда подойдёт его время, и здесь остаётся, ушёл он или нет и почему.
reminders-patient-none = Ближайших приёмов нет
reminders-planned = запланировано
reminders-waits = вот-вот
reminders-spared = не понадобится
reminders-together = вместе с другими
reminders-shifted = По сроку было бы { $day }, { $time }: тихие часы или праздник
reminders-moved-from = Для прежнего времени: { $day }, { $time }
reminders-reason-passed = Срок прошёл раньше, чем пациента записали
reminders-reason-confirmed = Пациент уже подтвердил
reminders-reason-cancelled = Запись отменена
reminders-reason-arrived = Пациент уже в клинике или приём прошёл
reminders-reason-not_wanted = Пациент просил не писать
reminders-reason-no_phone = В карте нет мобильного номера
reminders-reason-stale = Устарело: сервер или канал связи не работал
reminders-reason-just_told = О приёме писали меньше трёх часов назад
reminders-reason-off = Напоминания остановлены
reminders-reason-unsaid = При записи не писали: внесена задним числом или при импорте
reminders-reason-too_long = Текст не помещается в три SMS
reminders-reason-together = Вместе с другими приёмами на этот телефон
reminders-reason-regrouped = Один из приёмов изменился: решаем заново
reminders-family = Ваши записи
reminders-family-hint = На этот телефон записано несколько приёмов. Ответьте за каждый.
reminders-family-open = Открыть
