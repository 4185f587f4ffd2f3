interop-title = Импорт
interop-new = Загрузить таблицы клиники
interop-hint = Подойдут XLSX, XLS, ODS и CSV в любой кодировке. Сначала покажем, что поняли: ничего не запишется, пока вы не согласитесь.
interop-look = Посмотреть
interop-runs = Загрузки
interop-no-runs = Загрузок ещё не было
interop-no-runs-hint = Начните с журнала записи или списка пациентов.
interop-when = Когда
interop-files = Файлы
interop-state = Состояние
interop-rows = Строки
interop-draft = Проверьте, что мы поняли
interop-would = Что будет загружено
interop-start = Загрузить
interop-go-on = Продолжить
interop-stop = Остановить
interop-undo = Отменить всю загрузку
interop-report = Отчёт о загрузке
interop-download = Скачать отчёт XLSX
interop-is = Что это
interop-header-row = Строка заголовка
interop-columns = Столбцы
interop-column = Столбец
interop-column-title = Заголовок
interop-meaning = Значение
interop-samples = Примеры
interop-alike = И для листов с такими же заголовками
interop-apply = Применить
interop-filter = Показать строки
interop-all = Все
interop-no-rows = Таких строк нет
interop-card = Карта
interop-duplicates-open = Сравнить и объединить
interop-duplicates-sheet = Похожие карты
interop-not-now = Загрузка сейчас в другом состоянии
interop-not-now-hint = Обновите страницу и посмотрите ещё раз.
interop-count-taken = { $count ->
    [one] { $count } принята
    [few] { $count } приняты
   *[other] { $count } принято
}
interop-count-flagged = { $count ->
    [one] { $count } с отметкой
    [few] { $count } с отметкой
   *[other] { $count } с отметкой
}
interop-count-refused = { $count ->
    [one] { $count } отклонена
    [few] { $count } отклонены
   *[other] { $count } отклонено
}
interop-count-skipped = { $count ->
    [one] { $count } пропущена
    [few] { $count } пропущены
   *[other] { $count } пропущено
}
interop-new-cards = { $count ->
    [one] { $count } новая карта.
    [few] { $count } новые карты.
   *[other] { $count } новых карт.
}
interop-duplicates = { $count ->
    [one] { $count } пара карт похожа на одного человека.
    [few] { $count } пары карт похожи на одного человека.
   *[other] { $count } пар карт похожи на одного человека.
}
interop-kept = { $count ->
    [one] { $count } запись оставлена: ею уже пользуются, её исправили или объединили.
    [few] { $count } записи оставлены: ими уже пользуются, их исправили или объединили.
   *[other] { $count } записей оставлено: ими уже пользуются, их исправили или объединили.
}
interop-state-draft = черновик
interop-state-running = идёт загрузка
interop-state-stopping = останавливается
interop-state-stopped = остановлена
interop-state-done = готово
interop-state-undone = отменена
interop-kind-journal = Журнал записи
interop-kind-people = Список пациентов
interop-kind-prices = Прайс-лист
interop-kind-other = Не загружать
interop-verdict-taken = принята
interop-verdict-flagged = с отметкой
interop-verdict-refused = отклонена
interop-verdict-skipped = пропущена
interop-reason-no-patient = нет пациента
interop-reason-no-date = нет даты
interop-reason-impossible-date = невозможная дата
interop-reason-no-time = нет времени
interop-reason-impossible-time = невозможное время
interop-reason-no-service = нет услуги
interop-reason-repeated = повтор строки
interop-reason-short-phone = неполный телефон
interop-reason-long-phone = лишние цифры в телефоне
interop-reason-rounded-phone = телефон округлён таблицей
interop-reason-unknown-phone = непонятный телефон
interop-reason-two-phones = два телефона
interop-reason-no-phone = нет телефона
interop-reason-bad-iin = неверный ИИН
interop-reason-bad-birth-date = неверная дата рождения
interop-reason-birth-date-differs = дата рождения не та, что в ИИН
interop-reason-uncertain-date = дата под вопросом
interop-reason-unclear-doctor = неясно, какой врач
interop-reason-no-doctor = нет врача
interop-reason-unknown-service = услуги нет в прайсе
interop-reason-unclear-service = неясно, какая услуга
interop-reason-no-price = нет цены
interop-reason-bad-price = непонятная цена
interop-reason-bad-duration = непонятная длительность
interop-reason-partial-name = имя не полностью
interop-reason-header = заголовок
interop-reason-title = название
interop-reason-day-line = строка с датой
interop-reason-doctor-line = строка с врачом
interop-reason-section-line = раздел
interop-reason-total = итог
interop-reason-empty-slot = пустая строка
interop-reason-not-a-visit = не приём
interop-reason-unknown-table = таблица не распознана
interop-reason-time-taken = время уже занято
interop-reason-status-differs = в журнале другой итог визита, чем в расписании
interop-likely-same-iin = один ИИН
interop-likely-same-phone = один телефон
interop-likely-partial-phone = часть телефона
interop-likely-same-name = одно имя
interop-likely-similar-name = похожее имя
interop-likely-initials = инициалы
interop-likely-same-birth-date = одна дата рождения
interop-likely-no-phone = без телефона
interop-field-date = дата
interop-field-date-time = дата и время
interop-field-time = время
interop-field-end-time = конец
interop-field-patient = пациент
interop-field-surname = фамилия
interop-field-given = имя
interop-field-patronymic = отчество
interop-field-phone = телефон
interop-field-doctor = врач
interop-field-service = услуга
interop-field-sum = сумма
interop-field-payment = оплата
interop-field-status = статус
interop-field-comment = примечание
interop-field-iin = ИИН
interop-field-birth-date = дата рождения
interop-field-sex = пол
interop-field-allergy = аллергия
interop-field-source = откуда узнал
interop-field-duration = длительность
interop-field-card-no = № карты
interop-field-room = кабинет
interop-field-email = почта
interop-field-address = адрес
interop-field-section = раздел
interop-field-ignored = не нужен
interop-field-none = не понятно
interop-col-file = Файл
interop-col-sheet = Лист
interop-col-row = Строка
interop-col-verdict = Итог
interop-col-reasons = Причины
interop-col-patient = Пациент
interop-col-day = Дата
interop-col-time = Время
interop-col-doctor = Врач
interop-col-service = Услуга
interop-dup-a = Карта 1
interop-dup-b = Карта 2
interop-dup-score = Сходство
interop-dup-reasons = Почему
interop-error-no-file = Выберите файл
interop-error-form = Форма не понята
interop-error-empty-file = файл пуст
interop-error-file-too-big = файл больше 64 МБ
interop-error-too-many-rows = больше 500 000 строк
interop-error-zip-bomb = файл распаковывается в нечто огромное
interop-error-password-protected = файл защищён паролем: снимите пароль в Excel
interop-error-pdf = это PDF: сохраните таблицу как XLSX или CSV
interop-error-picture = это картинка, нужна таблица
interop-error-text-document = это текстовый документ: сохраните таблицу как XLSX
interop-error-web-page = это веб-страница: откройте и сохраните как XLSX
interop-error-archive = это архив: сначала распакуйте
interop-error-not-a-table = это не таблица
interop-error-damaged = файл повреждён
